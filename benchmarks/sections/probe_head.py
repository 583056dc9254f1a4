"""What solving a head costs."""

from sections.text import Entry, made, table

SAID = """## What does solving a head cost?

Choosing among {tried} strengths by {folds} grouped folds and solving a logistic regression on all rows, beside scikit-learn {sklearn}'s
`LogisticRegressionCV` (warm-started from strength to strength) on the same standardised, made-up features, folds and strengths, one thread.
They take turns; seconds are the processor's, ratios medians of {turns} turns. The loss is what both minimise, on all rows, at
scikit-learn's strength. Aim: at most {aim:g} times its time, with its loss.
"""


def section(told: Entry) -> str:
    """Seconds, ratio and losses, a row a size."""
    rows = [
        (
            f"{row['rows']:,} x {row['features']:,}",
            str(row["classes"]),
            *(f"{row[f'{whose}_seconds']:.2f}" for whose in ("overread", "sklearn")),
            f"{row['ratio']:.2f} (worst turn {row['worst_ratio']:.2f})",
            " and ".join(dict.fromkeys(f"{row[f'{whose}_strength']:g}" for whose in ("overread", "sklearn"))),
            *(f"{row[f'{whose}_loss']:.7f}" for whose in ("overread", "sklearn")),
        )
        for row in told["rows"]
    ]
    head = ("rows x features", "classes", "`overread`, s", "scikit-learn, s", "times scikit-learn", "C chosen", "loss", "scikit-learn's loss")
    said = SAID.format(**told, tried=len(told["strengths"]))
    return "\n".join([said, table(head, rows), made(told, "python benchmarks/probe_head.py")])
