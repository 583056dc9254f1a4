"""Anyone's predictions: a table of truths and scores, evaluated as one of our own runs is."""

from pathlib import Path

import numpy as np
import pandas as pd

from overread.audit.data.source import faulty
from overread.catalog import KEYS, Catalog, Target
from overread.datasets.base import Options as Common
from overread.datasets.base import check_options, label, splits, text
from overread.datasets.source import parse
from overread.datasets.studies import told_apart
from overread.datasets.table import cells, declared, free, typed
from overread.errors import UserError, nearest
from overread.evaluation.pooling import Pool
from overread.evaluation.units import Unit
from overread.experiment.answers.judge import as_given
from overread.experiment.answers.reading import Reading, fit_reading
from overread.experiment.answers.units import check_unit
from overread.experiment.result import Result
from overread.experiment.scoring.score import score
from overread.findings import write as write_findings
from overread.partition import prepare
from overread.recipe import Evaluation
from overread.report.render import render
from overread.run import Run

UNKNOWN = "not known (what the model was trained on was not given)"
"""The grade of predictions whose training side nobody showed."""

UNFITTED = "no validation rows were given: neither calibrated nor thresholded"

TINY = 1e-12
"""Nearest to 0 or 1 that a probability is taken to be: a certain mistake has a large loss, not an infinite one."""


class Options(Common):
    """What may follow the ``?`` of a table of predictions."""

    label: str | None = None
    """Column of the truth; `label`, or the one ``truth:T`` there is, if not given."""
    score: str | None = None
    """Column of the positive class's probability; without it a column ``p:C`` (or ``p:T:C``) a class."""
    patient: str | None = None
    study: str | None = None
    group: str | None = None
    split: str | None = None
    """Column of train, val, test: threshold and calibration are fitted on val rows; without them the threshold is one half."""
    covariates: str | None = None
    """Columns, with commas between, for subgroup tables and the covariate baseline."""
    unit: Unit = "image"
    """What is counted; the probabilities of the images of a study or a patient are pooled."""
    pool: Pool = "mean"
    """How; `learned` needs val rows."""


def evaluate_predictions(table: str, out: Path) -> Result:
    """Evaluate a table of predictions into a folder of its own.

    Parameters
    ----------
    table : ``p.csv[?label=truth&score=p&positive=yes&patient=id&split=part&covariates=age,sex&study=id&unit=study&pool=max]``, a row an image
    out : the folder to make

    Raises
    ------
    UserError
        A column that is not there, a probability outside [0, 1] or missing, classes without a column, or a unit that no row names.
    """
    catalog, raw, plan = read_predictions(table)
    check_unit(catalog, plan, catalog.targets)
    reading = _reading(raw, catalog, plan)
    with Run.make(out) as run:
        judged = reading.judge(raw, catalog)
        judged.write(out)
        catalog.save(out / "catalog.parquet")
        scores = score(run.folder, judged, catalog, dict.fromkeys(("val", "test"), reading.decisions), plan, 0, grade=UNKNOWN, fitting=None)
        findings = [*([faulty(catalog.faults)] if catalog.faults else []), *scores.findings]
        write_findings(findings, out / "findings.json")
        report = render(out)
    return Result(
        content={"folder": str(out), "report": str(report), "metrics": scores.metrics},
        words=[*scores.words, f"report: {report}"],
        findings=findings,
    )


def _reading(raw: pd.DataFrame, catalog: Catalog, plan: Evaluation) -> Reading:
    """Fitted on val rows; without them probabilities are taken as they are, and nothing can be learnt."""
    if (raw["split"] == "val").any():
        return fit_reading(raw, catalog, plan)
    if plan.pool == "learned" and plan.unit != "image":
        raise UserError("a learned pool needs validation rows, and there are none", catalog.source, "mark some rows as val, or choose another ?pool=")
    decisions = as_given(catalog.targets, UNFITTED)
    return Reading(decisions, plan.unit, plan.pool, None, decisions)


def read_predictions(table: str) -> tuple[Catalog, pd.DataFrame, Evaluation]:
    """A table of predictions as a catalog (rows that are labelled, with components), raw predictions and how these are to be counted.

    Returns
    -------
    Catalog
        `split` is val or test (train rows are left out); no image is known.
    pandas.DataFrame
        `row`, `split`, ``truth:T``, ``raw:T:C``: log-probabilities, whose softmax are the probabilities given.
    Evaluation
        With the unit and the pool that the table's options ask for.
    """
    source = parse(f"table:{table}")
    assert source.path is not None, "a table has a path"
    options = check_options(Options, source)
    where = f"--predictions {source.path}"
    columns = cells(source.path)
    names = list(map(str, columns))
    truth = options.label or next((name for name in names if name == "label" or name.startswith("truth:")), "label")
    keys = {key: getattr(options, key) or key for key in (*KEYS, "split")}
    for asked in (truth, *(column for key, column in keys.items() if getattr(options, key)), *filter(None, [options.score])):
        if asked not in names:
            raise UserError(f"there is no column {asked!r}", where, nearest(asked, names))
    frame = pd.DataFrame({key: text(columns[column]).fillna("") for key, column in keys.items() if column in names}, index=columns.index)
    frame, faults = told_apart(frame)
    frame["split"] = splits(frame["split"], where).replace("", "test") if "split" in frame else "test"
    name = truth.removeprefix("truth:")
    told = {truth: "label", **{column: key for key, column in keys.items() if column in names}}
    told |= {column: "score" for column in names if column == options.score or (not options.score and column.startswith("p:"))}
    carried = {column: free(column, options.target or name, names) for column in names if column not in told}
    covariates = declared(options.covariates, columns, carried | told, where)
    frame = frame.join(columns[[column for column in carried if carried[column] in covariates]].apply(typed).rename(columns=carried))
    frame = frame.assign(image="", file="", **{name: text(columns[truth])})
    asked_for = label(frame, name, options, f"{where}, column {truth}")
    [(name, target)] = asked_for.targets.items()
    p = _probabilities(columns, name, target, options, where)
    prepared = prepare(Catalog(asked_for.frame, asked_for.targets, covariates, source.text, faults)).catalog
    part = prepared.frame["published"].where((prepared.frame["why"] == "") & (prepared.frame["published"] != "train"), "")
    catalog = prepared.replace(prepared.frame.assign(split=part))
    if not (part == "test").any():
        raise UserError("no labelled row is in test", where, "mark the rows to score as test, or leave the split column out")
    raw = pd.DataFrame({f"raw:{name}:{cls}": np.log(p[:, i].clip(TINY, 1)) for i, cls in enumerate(target.classes)})
    judged = catalog.frame[["row", "split"]].assign(**{f"truth:{name}": catalog.frame[name]}).join(raw)
    return catalog, judged[judged["split"] != ""].reset_index(drop=True), Evaluation(unit=options.unit, pool=options.pool)


def _probabilities(columns: pd.DataFrame, name: str, target: Target, options: Options, where: str) -> np.ndarray:
    """(n, C) float64, rows sum to 1."""
    if options.score:
        if target.kind != "binary":
            raise UserError(f"one score for {len(target.classes)} classes {target.classes}", where, "give a column p:CLASS for each class")
        positive = _numbers(columns, options.score, where)
        return np.stack([1 - positive, positive], axis=1)
    found = [next((n for n in (f"p:{name}:{cls}", f"p:{cls}") if n in columns), None) for cls in target.classes]
    if None in found:
        missing = target.classes[found.index(None)]
        raise UserError(f"there is no column 'p:{missing}'", where, "give a column p:CLASS for each class, or ?score=COLUMN for the positive one")
    p = np.stack([_numbers(columns, str(column), where) for column in found], axis=1)
    total = p.sum(axis=1, keepdims=True)
    if (abs(total - 1) > 0.01).any():
        row = int(abs(total[:, 0] - 1).argmax())
        raise UserError(f"the probabilities of row {row} sum to {total[row, 0]:.3f}", where, "give probabilities that sum to 1 over the classes")
    shares: np.ndarray = p / total
    return shares


def _numbers(columns: pd.DataFrame, column: str, where: str) -> np.ndarray:
    """(n,) float64 probabilities of one column."""
    values: np.ndarray = pd.to_numeric(columns[column], errors="coerce").to_numpy(dtype=float)
    wrong = ~((values >= 0) & (values <= 1))
    if wrong.any():
        row = int(wrong.argmax())
        raise UserError(f"row {row} has {columns[column].iloc[row]!r} for a probability", f"{where}, column {column}", "give a number from 0 to 1")
    return values
