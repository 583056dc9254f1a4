"""One split into train, val and test: a fresh one by component, or the published one with its leak measured."""

import pandas as pd

from overread.catalog import Catalog
from overread.errors import UserError
from overread.findings import Effect, Finding, Severity
from overread.partition.components import Links
from overread.partition.copies import known_pixels
from overread.partition.prepare import Prepared, prepare
from overread.partition.stratify import allot, require
from overread.recipe import Split

PARTS = ("train", "val", "test")


def partition(catalog: Catalog, plan: Split, seed: int, links: Links = ()) -> tuple[Catalog, list[Finding]]:
    """Split a catalog once, as the plan says: fresh by its fractions, or as published.

    Parameters
    ----------
    catalog : as read and scanned; its `split`, if it has one, is the published split and moves to `published`
    links : pairs of row names that belong together beyond the keys

    Returns
    -------
    Catalog
        With `split`, `published`, `component`, `copy_of`, and a `why` for every row.
    list of Finding
        On copies, conflicting labels, and the published split where there is one.

    Raises
    ------
    UserError
        A class has fewer components than parts, or the published split is asked for and lacks train or test.
    """
    if plan.folds or plan.leave_site_out:
        raise ValueError("this plan asks for several splits; `folds` makes them")
    prepared = prepare(catalog, links, published=plan.published)
    parted = _published(prepared, plan, seed) if plan.published else _fresh(prepared, plan, seed)
    return parted, [*prepared.findings, *on_published(parted, plan)]


def check_disjoint(catalog: Catalog) -> Catalog:
    """The catalog itself, once no component is seen in two parts; anything else is a bug of this house."""
    placed = catalog.frame[catalog.frame["split"] != ""]
    sides = placed.groupby("component")["split"].nunique()
    if (sides > 1).any():
        raise RuntimeError(f"component {sides.idxmax()} was put in two parts; please report this")
    return catalog


def cut_val(plan: Split) -> dict[str, float]:
    """The shares of train and val once test is taken out."""
    train, val, _ = plan.fractions
    return {"train": train / (train + val), "val": val / (train + val)}


def _fresh(prepared: Prepared, plan: Split, seed: int) -> Catalog:
    counted, catalog = prepared.counted, prepared.catalog
    require(counted, catalog.targets, 3, "three parts", catalog.source)
    part = allot(counted, catalog.targets, dict(zip(PARTS, plan.fractions, strict=True)), f"split/{seed}")
    split = counted["component"].map(part)
    return check_disjoint(prepared.settle(split, split + ": " + prepared.joined[counted.index]))


def _published(prepared: Prepared, plan: Split, seed: int) -> Catalog:
    counted, catalog = prepared.counted, prepared.catalog
    split = counted["published"]
    _check_published(split, catalog.source)
    trained = counted[split == "train"]
    why = pd.Series("published split", index=split.index).mask(split == "", "not in the published split")
    if (split == "val").any():
        require(trained, catalog.targets, 1, "the images of the published train", catalog.source)
    else:
        require(trained, catalog.targets, 2, "train, and the val that is cut from it,", catalog.source)
        part = allot(trained, catalog.targets, cut_val(plan), f"val/{seed}")
        split = trained["component"].map(part).reindex(split.index).fillna(split)
        why = why.mask(split == "val", "published split, val cut from its train")
    beside = (split == "test") & counted["component"].isin(counted.loc[split.isin(["train", "val"]), "component"])
    return prepared.settle(split, why.mask(beside, "published split, though its component is in training too"))


def _check_published(split: pd.Series, source: str) -> None:
    strange = sorted(set(split) - {*PARTS, ""})
    if strange:
        raise UserError(f"the published split names a part {strange[0]!r}", f"{source}, column split", "rename its parts to train, val and test")
    for part in ("train", "test"):
        if not (split == part).any():
            raise UserError(
                f"the published split has no {part}",
                f"{source}, split.published",
                "name its column (?split=...), or leave split.published out for a fresh split",
            )


def on_published(catalog: Catalog, plan: Split) -> list[Finding]:
    """How much of the published test is also in its train or val, and which classes it cannot speak of."""
    usable = catalog.frame[catalog.frame["split"] != ""]
    test = usable[usable["published"] == "test"]
    pixels = known_pixels(test)
    scored = test[~pixels.duplicated() | (pixels == "")]
    if scored.empty:
        return []
    leaked = int(scored["component"].isin(usable.loc[usable["published"].isin(["train", "val"]), "component"]).sum())
    effect = Effect("share of published test images with a component-mate in train or val", leaked / len(scored), n=len(scored))
    if not leaked:
        clean = "No image of the published test shares a known patient, study, group or pixels with train or val."
        return [Finding("published-split", "data", Severity.INFO, True, clean, effect), *_absent(catalog, plan)]
    share = f"{leaked / len(scored):.1%} of the published test ({leaked:,} of {len(scored):,} images)"
    if not plan.published:
        unused = f"{share} share a patient, study, group or pixels with its train or val; this run does not use that split."
        mend = "Read figures published on that split with this in mind."
        return [Finding("published-split", "data", Severity.LOW, False, unused, effect, remedy=mend)]
    sentence = f"{share} share a patient, study, group or pixels with train or val: scores on them measure memory."
    remedy = "Leave split.published out: the fresh split keeps together what belongs together."
    return [Finding("published-split", "data", Severity.LEAK, False, sentence, effect, remedy=remedy), *_absent(catalog, plan)]


def _absent(catalog: Catalog, plan: Split) -> list[Finding]:
    """Classes that the published val or test lacks."""
    if not plan.published:
        return []
    gaps = [
        f"{label!r} in {part}"
        for part in ("val", "test")
        for name, target in catalog.targets.items()
        for label in sorted(set(target.classes) - set(catalog.part(part).frame[name].dropna()))
    ]
    sentence = f"The published split has no {', no '.join(gaps)}: no figure can be given for it."
    return [Finding("published-classes", "data", Severity.HIGH, False, sentence)] if gaps else []
