from pathlib import Path
from typing import Annotated

import typer

from overread.cli.app import verb
from overread.cli.words import Out, Seed, Source
from overread.experiment.result import Result


@verb
def audit(
    source: Source,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            help="Another source, or a folder of images: only look for images that are in both, before one is called external.",
            metavar="SOURCE",
        ),
    ] = None,
    out: Out = Path("runs/audit"),
    seed: Seed = 0,
) -> Result:
    """Read the data a second time, before anyone trains on them.

    Looks for copies across the published split, patients on both sides, what gives the label away without the anatomy, labels that
    contradict each other, and more (overread list checks). OUT gets audit.html, one page with the pictures, and what it is made of.
    """
    from overread.experiment.audit import audit

    return audit(source, out, against=against, seed=seed)
