"""One model, a cascade by region, or one trunk with two heads, on real films."""

from typing import Any

from sections.text import Entry, figure, made, table

SAID = """## One model, a cascade, or two heads?

FracAtlas's films of a single region ({regions}), fractured or not, in grouped 5-fold cross-validation on frozen features; out-of-fold predictions
pooled. `single` and every member of the `cascade` are logistic regressions; `trained` is the single model, and `multitask` the heads of both
questions, as stochastic training leaves them, so that what two questions share is not taken for what solving is worth. Regions with fewer than
{fewest} films of either class are counted only. Differences are paired; their p are adjusted over the six pairs of designs (Holm).
"""

ROUTER = """The router names the right region of {accuracy} of the films ({backbone}; a forest on thumbnails 0.914, multitask's head {heads}).
{sentence}
"""


def section(told: Entry) -> str:
    """The router's accuracy, a table of AUROCs, and one of differences, a backbone after the other."""
    said = [SAID.format(regions=", ".join(told["regions"]), fewest=told["fewest"])]
    for row in told["rows"]:
        accuracy, heads = figure(row["router"]["accuracy"]), figure(row["multitask_body_part"])
        said.append(ROUTER.format(accuracy=accuracy, backbone=row["backbone"], heads=heads, sentence=_verdict(row["films"]["all"]["pairs"])))
    head = ("backbone", "films", "fractured", *(f"{design}, AUROC" for design in told["designs"]))
    said.append(table(head, [_figures(row["backbone"], name, one, told) for row in told["rows"] for name, one in row["films"].items()]))
    pairs = [line for row in told["rows"] for name, one in row["films"].items() for line in _pairs(row["backbone"], name, one)]
    said.append(table(("backbone", "films", "difference in AUROC", "95 % interval", "p", "p, adjusted"), pairs))
    return "\n".join([*said, made(told, "python benchmarks/designs.py")])


def _figures(backbone: str, films: str, entry: dict[str, Any], told: Entry) -> tuple[str, ...]:
    counts = (backbone, f"{films}: {entry['films']:,}", f"{entry['fractured']:,}")
    return (*counts, *(figure(entry["figures"][design]["auroc"]) if "figures" in entry else "counts only" for design in told["designs"]))


def _pairs(backbone: str, films: str, entry: dict[str, Any]) -> list[tuple[str, ...]]:
    """The pairs that the question is about: the cascade against the single model, multitask against the one trained alike."""
    asked = {("single", "cascade"), ("trained", "multitask")}
    shown = [pair for pair in entry.get("pairs", []) if (pair["one"], pair["other"]) in asked]
    return [(backbone, films, *_difference(pair, pair["metrics"]["auroc"])) for pair in shown]


def _difference(pair: Entry, one: Entry) -> tuple[str, ...]:
    """How far the second design lies above the first."""
    what = f"{pair['other']} − {pair['one']}: {-one['value']:+.3f}"
    if one["low"] is None:
        return (what, "none", "", "")
    return (what, f"{-one['high']:+.3f} to {-one['low']:+.3f}", f"{one['p']:.3f}", f"{one['p_holm']:.3f}")


def _verdict(pairs: list[dict[str, Any]]) -> str:
    """Which design wins on all films, or that they cannot tell."""
    shown = [
        f"{pair['one' if one['value'] > 0 else 'other']} above {pair['other' if one['value'] > 0 else 'one']}"
        for pair in pairs
        for one in [pair["metrics"]["auroc"]]
        if one["p_holm"] is not None and one["p_holm"] < 0.05
    ]
    return (
        f"Of all films, differences in AUROC are shown: {'; '.join(shown)}."
        if shown
        else "On all films these data cannot tell the designs apart by AUROC."
    )
