"""Images a second in training and inference."""

from sections.text import Entry, made, table

LOOPS = ("learner", "plain", "memory")

SAID = """## How fast does it train?

{network} at {size} px, batches of {batch}, torch {torch}. *Plain* is the float32 eager loop one writes first, on tensors in memory; *memory*
is the learner's own arithmetic on pictures already in memory: what is lost against it is reading and augmenting. The three take turns;
the ratios are medians of {turns} turns. Aims: {over_plain:g} times plain, {over_memory:g} times memory.
"""


def section(told: Entry) -> str:
    """Images a second, beside two plain loops of the same minutes."""
    said = SAID.format(**told, over_plain=told["aims"]["plain"], over_memory=told["aims"]["memory"])
    rows = [
        (
            row["what"],
            str(row["threads"]),
            *(f"{row[f'{loop}_images_per_second']:.1f}" for loop in LOOPS),
            *(f"{row[f'over_{x}']:.2f}" for x in LOOPS[1:]),
        )
        for row in told["rows"]
    ]
    head = ("", "threads", "`overread`, images/s", "plain", "memory", "times plain", "times memory")
    return "\n".join([said, table(head, rows), made(told, "python benchmarks/train.py")])
