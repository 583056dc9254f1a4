"""How long a split of many rows takes, and what memory."""

from sections.text import Entry, made, table

SAID = """## How many rows can be split?

{images:,} rows of {patients:,} patients, with {links:,} links between rows: {components:,} components, the largest of {largest} rows. The catalog by
itself is {catalog_gb} GB of memory; the peak is that of the process up to the end of a step.
"""


def section(told: Entry) -> str:
    """Seconds and memory, a row a step."""
    rows = [(row["step"], f"{row['seconds']:.1f} s", f"{row['peak_gb']:.1f} GB") for row in told["rows"]]
    return "\n".join([SAID.format(**told), table(("step", "time", "peak memory"), rows), made(told, "python benchmarks/partition.py")])
