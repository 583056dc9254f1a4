"""What a cascade of eight networks costs beside one of them."""

from sections.text import Entry, made, table

SAID = """## What does a cascade cost?

A router, a pooled expert and six experts of a part: {networks} networks on one backbone, {pictures:,} fitted squares of {size} px, {threads} threads,
torch {torch}. *Load* is until the model can be asked, *every* until all networks are in memory too. Images a second are of one network alone, of the
cascade by *hard* routing, which runs two networks on every picture, and by *soft* routing, which asked *experts* a picture beside the router.
*Beyond* is what a process holds after it predicted pictures of one part, in units of one network's weights, less what it holds with one network
alone; *freed* is what C's allocator keeps of layers' outputs for the next batch, *freed, one* with one network; *all* is what is held after
pictures of all parts. Aims: every network in {every:g} s, {share:g} of one network's images a second, {beyond:g} networks' weights beyond one.
"""


def section(told: Entry) -> str:
    """A row a backbone."""
    said = SAID.format(**told, **told["aims"])
    rows = [
        (
            row["network"],
            f"{row['load']:.4f}",
            f"{row['every']:.2f}",
            *(f"{row[key]:,.1f}" for key in ("one", "hard", "soft")),
            f"{row['share']:.2f}",
            f"{row['soft_share']:.2f}",
            f"{row['experts_asked']:.2f}",
            *(f"{row[key]:.2f}" for key in ("beyond", "freed", "freed_one", "memory_all")),
        )
        for row in told["rows"]
    ]
    head = ("network", "load, s", "every, s", "one", "hard", "soft", "hard / one", "soft / one", "experts", "beyond", "freed", "freed, one", "all")
    return "\n".join([said, table(head, rows), made(told, "python benchmarks/cascade.py")])
