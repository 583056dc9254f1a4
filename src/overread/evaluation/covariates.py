"""The baseline that sees no pixels: what the file's facts and the declared covariates tell of the label, and what the image adds."""

from typing import Any

import numpy as np
import pandas as pd

from overread.catalog import FACT, Catalog
from overread.evaluation.intervals import Interval
from overread.evaluation.out_of_fold import Question, area, as_levels, out_of_fold
from overread.findings import Effect, Finding, Severity

TELLING = 0.6
"""AUROC whose lower bound, reached without pixels, makes a finding of high severity; one above a half makes it low."""

WORDS = {"bytes": "size in bytes", "mode": "colour mode", "dpi": "resolution"}
"""Facts whose own name says too little."""

LEAST = 1e-12
"""A probability below this counts as this: its logarithm must be finite."""


def covariate_baseline(
    catalog: Catalog, name: str, predictions: pd.DataFrame | None, *, draws: int = 2000, seed: int = 0
) -> tuple[dict[str, Any], list[Finding]]:
    """How well the label is told without the image, and how much better with it (rule 5).

    Parameters
    ----------
    catalog : rows with `component`; all that are no copy and whose label is known count
    name : the target; a covariate of that name is not used
    predictions : the scored rows with `p:T:C`, or None where no model has scored any. Their logarithms are the model's logits (of
        repeats the mean): calibration has put the folds' networks, each with a scale of its own, on one.
    draws, seed : of the bootstrap over components; the seed also shuffles the folds

    Returns
    -------
    dict
        JSON-able. A figure is ``{value, low, high, method}``, an out-of-fold AUROC (several classes: the mean, each against the rest).

        - ``n``, ``components``, ``columns``, ``constant``: rows and components told apart, columns used, columns that do not vary
        - ``baseline``: figure of all columns together; ``each``: ``{covariate, value, low, high, method}`` of each alone
        - ``scored``: rows the model scored; ``without_image``, ``with_image``, ``added``: on these the figure of the columns, of the
          columns with the model's logits, and their paired difference; ``image``: of the logits alone
        - ``sentence``: what came of it; where a figure is None, why

    list of Finding
        `covariates` (data): whether they alone tell the label; `image-adds` (run): whether the image adds anything to them.
    """
    target = catalog.targets[name]
    rows = catalog.frame[(catalog.frame["copy_of"] == "") & (target.encode(catalog.frame[name]) >= 0)]
    wanted = [column for column in dict.fromkeys([*catalog.facts, *catalog.covariates]) if column != name]
    columns = [column for column in wanted if len(rows[column].drop_duplicates()) > 1]
    told: dict[str, Any] = {"n": len(rows), "components": int(rows["component"].nunique()), "columns": columns}
    told |= {"constant": [column for column in wanted if column not in columns], "baseline": None, "each": []}
    told |= {"scored": 0, "without_image": None, "with_image": None, "added": None, "image": None}
    if not columns:
        return told | {"sentence": "No covariate or file fact varies: there is nothing but the image to tell the label from."}, []
    ask = Question(target.encode(rows[name]), len(target.classes), rows["component"].to_numpy(), draws, seed)
    if not ask.answerable:
        return told | {"sentence": "A class has fewer than two components: covariates cannot be scored on cases they have not seen."}, []
    levels = rows[columns].apply(as_levels)
    told["each"] = [{"covariate": column, **area(ask, out_of_fold(ask, levels[[column]])).to_dict()} for column in columns]
    whole = area(ask, out_of_fold(ask, levels))
    told["baseline"] = whole.to_dict()
    findings = [_tells(whole, told, name)]
    if predictions is not None:
        shares = predictions.set_index("row")[[f"p:{name}:{label}" for label in target.classes]]
        logits = shares.clip(lower=LEAST).apply(np.log).groupby("row").mean().reindex(rows["row"])
        image, added = _image(ask, levels, logits, f" of {name}" if len(catalog.targets) > 1 else "")
        told |= image
        findings += added
    return told | {"sentence": " ".join(finding.sentence for finding in findings)}, findings


def _image(ask: Question, levels: pd.DataFrame, raw: pd.DataFrame, of: str) -> tuple[dict[str, Any], list[Finding]]:
    """What the image adds on the rows that were scored: covariates against covariates and the model's logits; `of` which question, if of several."""
    scored = raw.notna().all(axis=1).to_numpy()
    few, levels = ask.only(scored), levels[scored]
    if not scored.any() or not few.answerable:
        return {}, []
    logits = raw.to_numpy()[scored]
    logits = logits[:, 1:] - logits[:, :1]
    without, both = out_of_fold(few, levels), out_of_fold(few, levels, logits)
    added = area(few, without, both)
    figures = {
        "without_image": area(few, without).to_dict(),
        "with_image": area(few, both).to_dict(),
        "image": area(few, out_of_fold(few, levels[[]], logits)).to_dict(),
        "added": added.to_dict(),
    }
    return {"scored": int(scored.sum()), **figures}, [_adds(added, int(scored.sum()), of)]


def _tells(whole: Interval, told: dict[str, Any], name: str) -> Finding:
    """Whether covariates alone tell the label."""
    effect = Effect("AUROC without pixels", whole.value, whole.low, whole.high, told["n"]) if whole.value is not None else None
    if whole.value is None or whole.low is None or whole.high is None:
        few = f"Too few components to say whether covariates tell {name} without the image."
        return Finding("covariates", "data", Severity.INFO, None, few, effect)
    used = _words(told["columns"])
    shown = f"AUROC {whole.value:.2f}, 95% interval {whole.low:.2f} to {whole.high:.2f}"
    if whole.low <= 0.5:
        return Finding("covariates", "data", Severity.INFO, True, f"Without the image nothing is shown to tell {name}: {used} reach {shown}.", effect)
    best = max(told["each"], key=lambda figure: figure["value"] or 0.0)["covariate"]
    alone = f"; strongest alone: {plain(best)}" if len(told["columns"]) > 1 else ""
    loud = f"Without a look at the image {used} tell{'s' * (len(told['columns']) == 1)} {name} ({shown}{alone})."
    mend = "Balance the data, crop or resave away what gives the label, or report figures within levels of it."
    return Finding("covariates", "data", Severity.HIGH if whole.low > TELLING else Severity.LOW, False, loud, effect, remedy=mend)


def _adds(added: Interval, n: int, of: str) -> Finding:
    """Whether the image adds anything to covariates."""
    effect = Effect("AUROC gained by the image", added.value, added.low, added.high, n) if added.value is not None else None
    if added.value is None or added.low is None or added.high is None:
        few = f"What the image adds to covariates{of and f' in what is told{of}'} cannot be said ({added.method.removeprefix('none: ')})."
        return Finding("image-adds", "run", Severity.INFO, None, few, effect)
    shown = f"{added.value:+.3f} AUROC, 95% interval {added.low:+.3f} to {added.high:+.3f}".replace("-", "−")
    if added.low > 0:
        return Finding("image-adds", "run", Severity.INFO, True, f"The image tells more{of} than covariates do ({shown}).", effect)
    sentence = f"Nothing{of} beyond covariates is shown: the model's reading of the image adds {shown}."
    mend = "Score more cases, or cases whose covariates do not tell the label, before claiming that the image is read."
    return Finding("image-adds", "run", Severity.HIGH, False, sentence, effect, remedy=mend)


def _words(columns: list[str]) -> str:
    """Column names as one noun phrase."""
    names = [plain(column) for column in columns]
    if len(names) > 6:
        names = [*names[:5], f"{len(names) - 5} other columns"]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def plain(column: str) -> str:
    """A column in the owner's words."""
    fact = column.removeprefix(FACT)
    return f"the file's {WORDS.get(fact, fact)}" if column.startswith(FACT) else column
