"""What is found in the pixels of real sets, and what is left of a score once it is kept together."""

from sections.text import Entry, figure, made, table

SAID = """## What do splits by component hold back on real sets?

Patients, lesions and base names are taken out of every table before anything is looked for; they are the answer that is compared with.
A component is what is joined by bytes, pixels and near-copies; with patients read, also by these. One set of thresholds for all sets.
Logistic regression is on standardised features of a frozen ResNet-50, three times five folds, of distinct pictures; intervals go by what
near-copies and base names together join.
"""


def section(told: Entry) -> str:
    """A table for each set: what was asked, what was found, what was hoped for."""
    sets = dict.fromkeys(row["data"] for row in told["rows"])
    tables = [f"### {name}\n\n{_of([row for row in told['rows'] if row['data'] == name])}" for name in sets]
    return "\n".join([SAID, *tables, made(told, "python benchmarks/leaks.py")])


def _of(rows: list[Entry]) -> str:
    return table(("what", "found", "aim"), [(row["asked"], _found(row), row["aim"]) for row in rows])


def _found(row: Entry) -> str:
    """A count with its share, or a figure with its interval."""
    if not isinstance(row["found"], int):
        return figure({**row, "value": row["found"]})
    if row["of"] is None:
        return f"{row['found']:,}"
    share = f" ({row['found'] / row['of']:.1%})" if row["of"] >= 100 and row["found"] else ""
    return f"{row['found']:,} of {row['of']:,}{share}"
