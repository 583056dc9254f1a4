"""Audit: a second reading of the data themselves, before anyone trains on them; a folder with one page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from overread.audit.base import Context
from overread.audit.overlap import overlap
from overread.audit.read import read_data
from overread.catalog import Catalog, join
from overread.datasets.base import read
from overread.errors import UserError
from overread.experiment.output import write_table
from overread.experiment.result import Result
from overread.experiment.rows.gather import cores, fingerprint, near_copies, pairs, scan_all
from overread.experiment.rows.unlabelled import unlabelled
from overread.findings import Finding, Severity
from overread.findings import write as write_findings
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.partition import prepare
from overread.partition.copies import known_pixels
from overread.recipe import Runtime
from overread.report.audit import render_audit, verdict
from overread.run import Run, environment, write_json

FITTING = Fitting(224)
"""The squares that are compared and looked at, the same for all data."""


def audit(source: str, out: Path, *, against: str | None = None, seed: int = 0) -> Result:
    """Read a source a second time and write what was found, with the pictures, as a folder with one page.

    Parameters
    ----------
    source : str
        ``reader:path[?key=value&...]``; the split it came with, if any, is the split that is audited.
    out : Path
        The folder to make: `audit.html`, `findings.json`, `catalog.parquet`, `links.csv` (near-copies, a row a pair), `rejected.csv`,
        `evidence/`, `audit.json`, `environment.json` and `status.json`.
    against : str, optional
        Another source, or a folder, an archive or a file of images without labels. Then only one thing is asked: which images are in both.
        Their labels are not compared, so they need not ask the same question.
    seed : int
        Of every bootstrap and every fold.

    Returns
    -------
    Result
        `content` is the folder, the page, how many findings of each severity were raised, and how many near-copies there are.

    Raises
    ------
    UserError
        A source or the output cannot be; an audit that fails leaves nothing behind.
    """
    with Run.make(out) as run:
        given = _both(source, against) if against else read([source])
        names = list(given.frame["source"].unique())
        found, rejected = scan_all(given, FITTING, Runtime())
        _check_read(found, names)
        pictures = Pictures(found.frame, FITTING, Cache())
        links = near_copies(found, Runtime())
        lost = rejected.merge(given.frame[["row", *given.targets]], on="row")  # a class that loses more files than another is a finding
        context = Context(_as_published(found, links), links, lost, pictures, run.folder, seed=seed)
        findings = overlap(context, *names) if against else read_data(context)
        _keep(run.folder, context, findings)
        write_json(run.folder / "audit.json", {"source": source, "against": against, "names": names})
        page = render_audit(run.folder)
    return Result(
        content={"folder": str(out), "page": str(page), **_counts(context, findings)},
        words=[verdict(findings, bool(against)).headline, f"page: {page}"],
        findings=findings,
    )


def _both(source: str, against: str) -> Catalog:
    """Two sources in one table; what their labels are called is carried, not united."""
    ours, theirs = read([source]), _plain(against) if Path(against).exists() else read([against])
    name = theirs.frame["source"].iloc[0]
    if ours.frame["source"].iloc[0] == name:
        raise UserError(f"two sources are both named {name!r}", "--against", "name them apart with ?name=NAME")
    return join([Catalog(one.frame, {}, [], one.source) for one in (ours, theirs)])


def _plain(images: str) -> Catalog:
    """The images of a folder, an archive or a file that nobody labelled, under its name."""
    found = unlabelled([images], {})
    return found.replace(found.frame.assign(source=Path(images).resolve().stem))


def _check_read(found: Catalog, names: Sequence[str]) -> None:
    """Refuse to compare with nothing."""
    for name in names:
        if not (found.frame["source"] == name).any():
            raise UserError(f"no image of {name!r} can be read", "--against", "check the files, and the folder that their names start from")


def _as_published(found: Catalog, links: pd.DataFrame) -> Catalog:
    """The catalog with its components, and what joins each row as its `why`; a copy counts once on each side of the split it came with."""
    prepared = prepare(found, pairs(links), side=found.frame["split"])
    frame = prepared.catalog.frame
    why = frame["why"].mask(frame["why"].isin(["", "no label"]), prepared.joined)
    return prepared.catalog.replace(frame.assign(split=frame["published"], why=why))


def _keep(folder: Path, context: Context, findings: list[Finding]) -> None:
    """Everything the page is made of."""
    write_findings(findings, folder / "findings.json")
    context.catalog.save(folder / "catalog.parquet")
    write_table(context.rejected[["row", "image", "reason"]], folder / "rejected.csv")
    write_table(context.links.round(4), folder / "links.csv")
    told = environment(context.seed, "cpu", cores(Runtime()), {"data": fingerprint(context.catalog)})
    write_json(folder / "environment.json", told)


def _counts(context: Context, findings: list[Finding]) -> dict[str, Any]:
    """How much was read and found, for a program."""
    raised = [finding.severity for finding in findings if finding.passed is False]
    sizes = context.rows["component"].value_counts()
    linked = pd.concat([context.links["row"], context.links["other"]])
    return {
        "images": len(context.rows),
        "rejected": len(context.rejected),
        "raised": {str(severity): raised.count(severity) for severity in reversed(Severity)},
        "undecided": sum(finding.passed is None for finding in findings),
        "copies": {
            "identical_pixels": int(known_pixels(context.rows).duplicated().sum()),
            "near_copy_pairs": len(context.links),
            "near_copy_rows": int(linked.nunique()),
            "components": len(sizes),
            "largest_component": int(sizes.max()),
        },
    }
