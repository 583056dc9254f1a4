from pathlib import Path
from typing import Annotated

import typer

from overread.cli.app import verb
from overread.cli.words import Seed, Source
from overread.experiment.result import Result


@verb
def split(
    source: Source,
    out: Annotated[Path, typer.Option("--out", help="The table to write: .csv or .parquet.")],
    seed: Seed = 0,
    fractions: Annotated[str | None, typer.Option("--fractions", help="Shares of train, val and test, e.g. 0.7,0.15,0.15.")] = None,
    folds: Annotated[
        int | None, typer.Option("--folds", min=2, help="Also add a column `fold`: grouped, stratified folds for cross-validation.")
    ] = None,
    repeats: Annotated[int | None, typer.Option("--repeats", min=1, help="Draw the folds so often, in columns `fold_0`, `fold_1`, ...")] = None,
    inner: Annotated[
        int | None, typer.Option("--inner", min=2, help="With folds: also folds within each fold's training part, in columns `inner_0`, ...")
    ] = None,
    leave_site_out: Annotated[bool, typer.Option("--leave-site-out", help="One fold a site.")] = False,
    hold_out: Annotated[
        list[str] | None, typer.Option("--hold-out", help="Test is these, e.g. site=A or 'date>=2021-01-01'; repeatable.", metavar="COLUMN=VALUE")
    ] = None,
    published: Annotated[bool, typer.Option("--published", help="Keep the split that the source came with, and say what it leaks.")] = False,
    repair: Annotated[
        str | None, typer.Option("--repair", help="Mend the published split: drop-from-train or move.", metavar="drop-from-train|move")
    ] = None,
    extend: Annotated[str | None, typer.Option("--extend", help="A table this verb wrote before: its rows stay put.", metavar="OLD")] = None,
    near_copies: Annotated[bool, typer.Option(help="Seek altered copies in the pixels and keep them together.")] = True,
) -> Result:
    """Write an honest split of a source, for any trainer.

    OUT holds the source's rows with the columns split, component and why added. Rows that share a patient, study, group, bytes or pixels,
    or are near-copies, are on one side; a file that cannot be read has a blank split and the reason.
    """
    from overread.experiment.split import split

    ways = {
        "fractions": fractions.split(",") if fractions is not None else None,
        "folds": folds,
        "repeats": repeats,
        "leave_site_out": leave_site_out or None,
        "hold_out": hold_out or None,
        "published": published or None,
        "repair": repair,
        "extend": extend,
        "near_copies": near_copies,
    }
    return split(source, out, seed=seed, inner=inner, **{key: value for key, value in ways.items() if value is not None})
