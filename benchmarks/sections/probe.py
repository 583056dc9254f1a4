"""What frozen features with a solved head reach on every image set."""

from sections.text import Entry, figure, made, table

SAID = """## What do frozen features reach?

The recipe `probe` (a logistic regression on frozen features of ImageNet weights; its strength chosen inside each training part) on splits that
cannot leak: grouped 5-fold, patients, groups and near-copies together, out-of-fold predictions pooled. AUROC of several classes is the mean of
each against the rest.
For scale, before `overread` was written: standardised features with C = 0.003, grouped 5-fold, had AUROC 0.78 (Lite0) and 0.80 (ResNet-50) on
`fracture_multiregion`, 0.897 and 0.931 on `fundus_4class`, 0.87 on `fracatlas` (Lite0).
"""


def section(told: Entry) -> str:
    """A row a run."""
    rows = [
        (
            row["set"],
            row["backbone"],
            f"{row['n']:,} in {row['clusters']:,}",
            row["grade"],
            *(figure(row[name]) for name in ("auroc", "accuracy", "balanced_accuracy")),
        )
        for row in told["rows"]
    ]
    head = ("set", "backbone", "images in components", "split", "AUROC", "accuracy", "balanced accuracy")
    return "\n".join([SAID, table(head, rows), made(told, "python benchmarks/probe.py")])
