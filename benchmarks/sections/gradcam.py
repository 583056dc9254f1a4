"""What a heat map costs."""

from sections.text import Entry, made, table

SAID = """## What does a heat map cost?

A batch of {batch} Grad-CAMs at {size} px, float32, one thread. *Needed* is one forward through the whole network and one backward from the
scores to the layer; pytorch-grad-cam is used as its readers use it. The three take turns; ratios are medians of {turns} turns. Aim: at most
{aim:g} times what is needed.
"""


def section(told: Entry) -> str:
    """Seconds a batch and ratios, a row a network."""
    rows = [
        (
            f"{row['network']}, `{row['layer']}`",
            *(f"{row[f'{what}_seconds']:.3f}" for what in ("needed", "overread", "reference")),
            f"{row['over_needed']:.2f} (worst turn {row['worst_over_needed']:.2f})",
            f"{row['over_reference']:.2f}",
        )
        for row in told["rows"]
    ]
    head = ("network, layer", "needed, s", "`overread`, s", "pytorch-grad-cam, s", "times needed", "times pytorch-grad-cam")
    return "\n".join([SAID.format(**told), table(head, rows), made(told, "python benchmarks/gradcam.py")])
