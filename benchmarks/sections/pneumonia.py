"""PneumoniaMNIST with frozen features, beside its published figures."""

from sections.real import BESIDE
from sections.text import Entry, figure, made, table

SAID = """## PneumoniaMNIST with frozen features, chosen on validation

Official split, 28 px enlarged to the size that is named, stages pooled; an ensemble is the mean of logits. The candidate with the least log loss on
the 524 validation images was chosen (**bold**); the rest shows what the choice was worth. Accuracy at one half, as the benchmark counts. The test
part has another share of pneumonia (62 %) than train (74 %), which no choice on validation can know.
"""


def section(told: Entry) -> str:
    """A row a candidate, then the figures of others."""
    ours = [(_name(row), f"{row['val_log_loss']:.4f}", figure(row["auroc"]), figure(row["accuracy"])) for row in told["rows"]]
    others = [(f"{who} ({source.partition(',')[0]})", "", auroc, accuracy) for who, auroc, accuracy, source in BESIDE["pneumonia"]]
    head = ("model", "log loss, validation", "AUROC, test", "accuracy, test")
    return "\n".join([SAID, table(head, [*ours, *others]), made(told, "python benchmarks/pneumonia.py")])


def _name(row: Entry) -> str:
    return f"**{row['candidate']}**" if row["chosen"] else str(row["candidate"])
