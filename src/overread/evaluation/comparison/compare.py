"""What the same rows say of several models: every pair's difference in every figure, with the tests that its rows allow."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from overread.evaluation.comparison.classic import delong_paired, mcnemar
from overread.evaluation.comparison.differences import Scored, differences
from overread.evaluation.comparison.holm import holm
from overread.evaluation.metrics import metrics


def compare(models: Mapping[str, Scored], kind: str, *, draws: int, seed: int) -> dict[str, Any]:
    """Compare models on one target.

    Parameters
    ----------
    models : name to predictions of the same rows
    kind : of the target
    draws, seed : of the bootstrap over components

    Returns
    -------
    dict
        JSON-able: ``n`` rows, ``clusters`` components, ``classic`` (blank, or why DeLong's and McNemar's tests are left out) and ``pairs``,
        each ``{one, other, metrics: {name: {value, low, high, p, p_holm, method}}, delong, mcnemar}``: how far `one` lies above `other`.
        ``p_holm`` is adjusted over all pairs of that figure or test; None for what is left out.
    """
    names, scored = list(models), list(models.values())
    found = differences(scored, metrics(kind), draws=draws, seed=seed)
    left_out = why_not(scored)
    pairs: list[dict[str, Any]] = []
    for (i, j), figures in found.items():
        one, other = scored[i], scored[j]
        binary = kind == "binary" and not left_out
        pairs.append(
            {
                "one": names[i],
                "other": names[j],
                "metrics": {name: figure.to_dict() for name, figure in figures.items()},
                "delong": delong_paired(one.cases.truth, one.cases.score, other.cases.score).to_dict() if binary else None,
                "mcnemar": None if left_out else mcnemar(one.right, other.right),
            }
        )
    for name in metrics(kind):
        _adjust([pair["metrics"][name] for pair in pairs])
    for test in ("delong", "mcnemar"):
        _adjust([pair[test] for pair in pairs if pair[test]])
    return {"n": len(np.unique(scored[0].row)), "clusters": len(np.unique(scored[0].component)), "classic": left_out, "pairs": pairs}


def why_not(models: list[Scored]) -> str:
    """Why DeLong's and McNemar's tests may not be made, blank where they may: they take every case for independent of all others."""
    first = models[0]
    rows, components = len(np.unique(first.row)), len(np.unique(first.component))
    if any(len(model.row) > rows for model in models):
        return "rows were scored in several repeats of a cross-validation, and the tests take every score for a new case"
    if components < rows:
        return f"{rows:,} rows are in {components:,} components, and the tests take every row for independent"
    return ""


def _adjust(entries: list[dict[str, Any]]) -> None:
    """Write `p_holm` beside each `p`."""
    for entry, p in zip(entries, holm([entry["p"] for entry in entries]), strict=True):
        entry["p_holm"] = p
