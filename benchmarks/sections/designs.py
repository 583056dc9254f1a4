"""One model, a cascade by region, or one trunk with two heads, on real films."""

from typing import Any

from sections.text import Entry, figure, made, table

SAID = """## One model, a cascade, or two heads?

FracAtlas's films of a single region ({regions}), fractured or not, in grouped 5-fold cross-validation; out-of-fold predictions pooled. On a
frozen trunk `single` and every member of the `cascade` are logistic regressions; `trained` is the single model, and `multitask` the heads of both
questions, as stochastic training leaves them, so that what two questions share is not taken for what solving is worth. On a fine-tuned trunk,
of which the last three stages learn with the heads, every network has as many epochs. Regions with fewer than {fewest} films of either class are
counted only. Differences are paired; their p are adjusted over the pairs of designs (Holm).
"""

ROUTER = """**{backbone}, {trunk}, {size} px.** The router names the right region of {accuracy} of the films (multitask's head {heads};
a forest on thumbnails 0.914). {sentence}
"""

ASKED = {
    "frozen": {("single", "cascade"), ("trained", "multitask")},
    "fine-tuned": {("single", "cascade"), ("single", "multitask"), ("cascade", "multitask")},
}
"""Pairs of designs that the question is about: on a frozen trunk those that are learnt alike."""


def section(told: Entry) -> str:
    """The router's accuracy, a table of AUROCs, and one of differences, a backbone after the other."""
    said = [SAID.format(regions=", ".join(told["regions"]), fewest=told["fewest"])]
    for row in told["rows"]:
        sure = {"accuracy": figure(row["router"]["accuracy"]), "heads": figure(row["multitask_body_part"])}
        said.append(ROUTER.format(**{**row, **sure}, sentence=_verdict(row["films"]["all"]["pairs"])))
    designs = list(dict.fromkeys(name for trunk in told["designs"].values() for name in trunk))
    head = ("backbone", "films", "fractured", *(f"{design}, AUROC" for design in designs))
    said.append(table(head, [_figures(row, name, one, designs) for row in told["rows"] for name, one in row["films"].items()]))
    pairs = [line for row in told["rows"] for name, one in row["films"].items() for line in _pairs(row, name, one)]
    said.append(table(("backbone", "films", "difference in AUROC", "95 % interval", "p", "p, adjusted"), pairs))
    return "\n".join([*said, made(told, "python benchmarks/designs.py")])


def _backbone(row: Entry) -> str:
    return f"{row['backbone']}, {row['trunk']}"


def _figures(row: Entry, films: str, entry: dict[str, Any], designs: list[str]) -> tuple[str, ...]:
    counts = (_backbone(row), f"{films}: {entry['films']:,}", f"{entry['fractured']:,}")
    if "figures" not in entry:
        return (*counts, *("counts only" for _ in designs))
    return (*counts, *(figure(entry["figures"][design]["auroc"]) if design in entry["figures"] else "" for design in designs))


def _pairs(row: Entry, films: str, entry: dict[str, Any]) -> list[tuple[str, ...]]:
    shown = [pair for pair in entry.get("pairs", []) if (pair["one"], pair["other"]) in ASKED[row["trunk"]]]
    return [(_backbone(row), films, *_difference(pair, pair["metrics"]["auroc"])) for pair in shown]


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
