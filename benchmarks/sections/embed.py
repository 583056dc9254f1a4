"""Features a second from files on disk."""

from sections.text import Entry, made, table

SAID = """## How fast are features?

From {pictures:,} grey JPEG files of {edge} px to features at {size} px that are kept; images a second. *Plain* is Pillow, torchvision's transforms, a
DataLoader with two workers, batches of 32 and torch {torch} in eager float32. *Ours* reads, hashes, decodes, fits, makes the network ready, checks it
against float32, computes and keeps; *second* does it again over the same files. *Alone* is what decoding ({decoding}) and the
engine on tensors in memory ({computing}) come to where they share the cores. Aims: {times_plain:g} times plain, {of_alone:g} of alone, the second run
{times_first:g} times the first.
"""


def section(told: Entry) -> str:
    """A row a network."""
    each = {key: ", ".join(f"{row[key]:,.0f}" for row in told["rows"]) for key in ("decoding", "computing")}
    said = SAID.format(**told, **told["aims"], **each)
    rows = [
        (
            row["network"],
            row["engine"],
            *(f"{row[key]:,.1f}" for key in ("plain", "ours", "second")),
            f"{row['times_plain']:.1f}",
            f"{row['of_alone']:.2f}",
            f"{row['times_first']:.0f}",
            f"{row['distance']:.1g}",
        )
        for row in told["rows"]
    ]
    head = ("network", "engine", "plain", "ours", "second", "times plain", "of alone", "second / first", "cosine distance")
    return "\n".join([said, table(head, rows), made(told, "python benchmarks/embed.py")])
