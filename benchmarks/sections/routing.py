"""Whether the interval for the loss by routing holds the loss that was planted."""

from typing import Any

from sections.text import Entry, made, table, words

SAID = """## How much of a cascade's loss is routing?

The loss by routing is how much better the known part's expert does than what the router chose, on the same rows. In {cascades:,} simulated
cascades a setting the router was made wrong on purpose, and the loss is known. The 95 % interval held it in {tenth} with a tenth of the images
or studies of 300 patients sent elsewhere, and in {all} over all settings and figures. Where fewer than 10 patients were answered by another
expert, AUROC and kappa get no interval; accuracy and sensitivity have Agresti and Min's.
"""


def section(told: Entry) -> str:
    """How often the interval holds the planted loss, a row a setting and figure."""
    rows = [row for row in told["rows"] if row["coverage"] is not None]
    tenth = [row["coverage"] for row in rows if row["wrong"] == 0.1 and row["patients"] == 300]
    said = SAID.format(cascades=max(row["cascades"] for row in rows), tenth=_range(tenth), all=_range([row["coverage"] for row in rows]))
    head = ("sent elsewhere", "scored by", "patients", "another expert sees", "figure", "planted loss", "held", "median width", "no interval")
    return "\n".join([said, table(head, [_row(row) for row in rows]), made(told, "python benchmarks/routing.py")])


def _row(row: Any) -> tuple[str, ...]:
    sent = f"{row['wrong']:.0%} of the {row['of']}"
    seen = "all" if row["sight"] == 1 else f"{row['sight']:.0%} of the illness"
    width = f"{row['median_width']:.3f}"
    held = (f"{row['truth']:.4f}", f"{row['coverage']:.1%}", width, f"{row['without'] / row['cascades']:.0%}")
    return (sent, row["unit"], str(row["patients"]), seen, words(row["metric"]), *held)


def _range(shares: list[float]) -> str:
    return f"{min(shares):.1%} to {max(shares):.1%}"
