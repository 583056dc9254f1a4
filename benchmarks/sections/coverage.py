"""How often the intervals hold the truth."""

from typing import Any

from sections.text import Entry, made, table, words

METHODS = ("overread", "percentile", "naive")

SAID = """## Do the intervals hold?

A 95 % interval should hold the truth in 95 of 100 studies. In {studies:,} simulated studies a setting, of patients with 1 to 9 images each
that resemble one another (intra-class correlation), that of `overread` does in {overread}; one that draws images as if each were a
patient, in {naive}; plain percentiles over the same draws of patients, in {percentile}.
"""

OF_STUDIES = """Where the cases are radiological studies (patients of 1 to 3, each pooled from 1 to 4 images by their mean), `overread` holds the
truth in {overread}; drawing studies as if each were a patient, in {naive}; plain percentiles, in {percentile}.
"""


def section(told: Entry) -> str:
    """How often the interval holds the truth, a row a setting and figure."""
    images = [row for row in told["rows"] if row.get("unit", "image") == "image"]
    studies = [row for row in told["rows"] if row.get("unit") == "study"]
    parts = [_part(SAID, images), *([_part(OF_STUDIES, studies)] if studies else [])]
    return "\n".join([*parts, made(told, "python benchmarks/coverage.py")])


def _part(sentence: str, rows: list[Entry]) -> str:
    """What was found where images, or studies, are the cases: in words, and as a table."""
    settings: dict[tuple[Any, ...], dict[str, Entry]] = {}
    for row in rows:
        settings.setdefault((row["patients"], row["correlation"], row["metric"], row["truth"]), {})[row["method"].partition(",")[0]] = row
    held = {method: [by[method]["coverage"] for by in settings.values()] for method in METHODS}
    said = sentence.format(
        studies=max(row["studies"] for row in rows), **{method: f"{min(seen):.1%} to {max(seen):.1%}" for method, seen in held.items()}
    )
    lines = [
        (
            str(patients),
            str(correlation),
            words(metric),
            f"{truth:.3f}",
            *(f"{by[m]['coverage']:.1%}" for m in METHODS),
            f"{by['overread']['median_width']:.3f}",
        )
        for (patients, correlation, metric, truth), by in settings.items()
    ]
    head = ("patients", "correlation", "figure", "truth", "`overread`", "percentiles", "naive", "median width, `overread`")
    return "\n".join([said, table(head, lines)])
