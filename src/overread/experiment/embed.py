"""The features that frozen networks give a source's images, as a table."""

from pathlib import Path
from typing import Any

import pandas as pd

from overread.backbones.create import create
from overread.datasets.base import read
from overread.experiment.output import check_table, write_table
from overread.experiment.result import Result
from overread.experiment.rows.gather import rejections, scan_all
from overread.features.embed import embed as compute
from overread.features.embed import titles
from overread.findings import Finding, Severity
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.recipe import Backbone, Image, Runtime


def embed(source: str, out: Path, backbone: Backbone | None = None, image: Image | None = None, runtime: Runtime | None = None) -> Result:
    """Write the features of every readable image of a source.

    Parameters
    ----------
    source : str
        ``reader:path[?key=value&...]``
    out : Path
        A new .parquet or .csv: `row`, and a float32 column for each number, ``<backbone>:0``, ``<backbone>:1``, ... Files that cannot be
        read are listed beside it in ``<out's name>.rejected.csv``.
    backbone : Backbone, optional
        With others `beside` it, their columns follow. The house's default if not given.
    image : Image, optional
        Size (the first backbone's own if not given) and fit.
    runtime : Runtime, optional

    Raises
    ------
    UserError
        The source, the backbone or the output cannot be, or features are not finite.
    """
    image, runtime = image or Image(), runtime or Runtime()
    beside = out.with_name(f"{out.stem}.rejected.csv")
    check_table(out)
    check_table(beside)
    given = read([source])
    trunk = create(backbone or Backbone(), image)
    fitting = Fitting.of(image, trunk.preprocess.size)
    catalog, rejected = scan_all(given, fitting, runtime)
    found = compute(trunk, Pictures(catalog.frame, fitting, Cache()), runtime, "embedding images")
    columns = [f"{title}:{i}" for title, member in zip(titles(trunk), trunk.members, strict=True) for i in range(member.features)]
    table = pd.DataFrame(found.features, columns=columns)
    table.insert(0, "row", catalog.frame["row"].to_numpy())
    write_table(table, out)
    if len(rejected):
        write_table(rejected, beside)
    widths = {title: member.features for title, member in zip(titles(trunk), trunk.members, strict=True)}
    return Result(
        content={
            "table": str(out),
            "images": len(table),
            "rejected": len(rejected),
            "size": fitting.size,
            "backbones": [{"name": name, "features": widths[name], **told} for name, told in found.told.items()],
        },
        words=[
            *(line for name, told in found.told.items() for line in _words(name, widths[name], told)),
            f"{len(table):,} images, {len(rejected)} rejected: {out}",
        ],
        findings=[*(_constant(name) for name, told in found.told.items() if told["constant"]), *rejections(rejected, beside.name)],
    )


def _words(name: str, width: int, told: dict[str, Any]) -> list[str]:
    """How one network's features came about."""
    speed = f" at {told['images_per_second']:,.0f} a second" if told["computed"] else ""
    counts = f"{told['computed']:,} distinct pictures computed{speed}, {told['kept']:,} were kept from before"
    lines = [f"{name}: {width:,} numbers an image by {told['engine']}; {counts}"]
    if told["checked"]:
        lines.append(f"{name}: at most {told['distance']:.2g} in cosine distance from torch in float32, on {told['checked']} pictures")
    return lines


def _constant(name: str) -> Finding:
    return Finding(
        check="constant-features",
        subject="data",
        severity=Severity.HIGH,
        passed=False,
        sentence=f"{name} gives all distinct pictures the same features: nothing can be learnt from them.",
        remedy="Check its weights, and with `overread prepare` what it is shown.",
    )
