"""What finding near-copies costs."""

from sections.text import Entry, made, table

SAID = """## What does finding copies cost?

On {pictures:,} real pictures of six sets, all of them in the cache, with one thread: {ms:.1f} ms of a core each (aim: at most 25), from
{candidates:,} candidate pairs to {links:,} links. Proposals alone among made-up pictures of {points} descriptors each, one in ten of them a noisy,
turned copy: the last column is seconds for each n log n, in multiples of those of the first row, which stay at or below 1 if it grows no
faster.
"""


def section(told: Entry) -> str:
    """Seconds and memory, a row a stage or a number of pictures."""
    whole = next(row for row in told["rows"] if row["stage"] == "all of it")
    candidates = next(row["pairs"] for row in told["rows"] if row["stage"] == "propose")
    said = SAID.format(pictures=whole["pictures"], ms=whole["ms_a_picture"], candidates=candidates, links=whole["pairs"], points=told["points"])
    rows = [
        (
            row["stage"],
            f"{row['pictures']:,}",
            f"{row['cpu']:,.1f} s",
            f"{row['wall']:,.1f} s",
            f"{row['ms_a_picture']:.2f} ms",
            f"{row['peak_gb']:.1f} GB",
            f"{row['copies_proposed']:.1%}" if "copies_proposed" in row else "",
            f"{row['of_n_log_n']:.2f}" if "of_n_log_n" in row else "",
        )
        for row in told["rows"]
    ]
    head = ("stage", "pictures", "of a core", "of the clock", "a picture", "peak memory", "copies proposed", "by n log n")
    return "\n".join([said, table(head, rows), made(told, "python benchmarks/near_duplicates_cost.py")])
