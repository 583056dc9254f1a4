"""The split that the data came with: taken as it is with its leak measured, or repaired at a price that is told."""

import pandas as pd

from overread.catalog import Catalog
from overread.errors import UserError
from overread.findings import Effect, Finding, Severity
from overread.partition.components import Links
from overread.partition.copies import known_pixels
from overread.partition.prepare import Placed, Prepared, given, prepare
from overread.partition.stratify import allot, allot_within, cut_val, require
from overread.recipe import Split

PARTS = ("train", "val", "test")

LEARNT = ("train", "val")

LATER = {"train": ("val", "test"), "val": ("test",)}
"""The parts that a part gives way to when components are dropped: figures come from test, thresholds from val."""


def published(catalog: Catalog, plan: Split, seed: int, links: Links = ()) -> Placed:
    """The published split: as it is, or repaired as `plan.repair` says; where it has no val, one is cut from its train by component.

    ``drop-from-train`` leaves test as published, comparable with other figures on it: what shares a component with test is put out of train
    and val, and what shares one with val out of train. ``move`` loses no image but makes another test: a component that stands in several
    parts goes as a whole to one of them, dealt so that the parts keep their sizes and classes.

    Raises
    ------
    UserError
        The split lacks train or test, names other parts, or leaves too few components of a class to train on.
    """
    came = given(catalog)
    _check(came, catalog.source)
    together = plan.repair == "move"  # then a copy counts once in all, since both sides become one
    prepared = prepare(catalog, links, side=came.mask(came != "", "in") if together else came)
    split, why = (_moved if together else _kept)(prepared, plan, seed)
    trained = prepared.counted[split == "train"]
    if (came == "val").any():
        require(trained, catalog.targets, 1, "the images of the published train", catalog.source)
        return _placed(prepared, split, why, plan)
    require(trained, catalog.targets, 2, "train, and the val that is cut from it,", catalog.source)
    part = allot(trained, catalog.targets, cut_val(plan), f"val/{seed}")
    split = trained["component"].map(part).reindex(split.index).fillna(split)
    return _placed(prepared, split, why.mask(split == "val", "published split, val cut from its train"), plan)


def on_published(catalog: Catalog, plan: Split) -> list[Finding]:
    """How much of the published test is also in its train or val, and of val in train, and what that means for this split."""
    leaked, n = _shared(catalog, "test", LEARNT)
    if not n:
        return []
    effect = Effect("share of published test images with a component-mate in train or val", leaked / n, n=n)
    alike = ", pixels or near-copies" if plan.near_copies else " or pixels"
    if not leaked:
        clean = f"No image of the published test shares a known patient, study, group{alike} with train or val."
        return [Finding("published-split", "data", Severity.INFO, True, clean, effect), *_on_val(catalog, plan, alike)]
    share = f"{leaked / n:.1%} of the published test ({leaked:,} of {n:,} images)"
    shared = f"{share} share a patient, study, group{alike} with"
    if plan.repair:
        mended = f"{shared} its train or val; this split is repaired ({plan.repair}), and is no longer the published one."
        return [Finding("published-split", "data", Severity.LOW, False, mended, effect)]
    if not plan.published:
        unused = f"{shared} its train or val; this run does not use that split."
        mend = "Read figures published on that split with this in mind."
        return [Finding("published-split", "data", Severity.LOW, False, unused, effect, remedy=mend)]
    sentence = f"{shared} train or val: scores on them measure memory."
    remedy = "Leave split.published out: the fresh split keeps together what belongs together. Or repair it: split.repair=drop-from-train."
    return [Finding("published-split", "data", Severity.LEAK, False, sentence, effect, remedy=remedy), *_on_val(catalog, plan, alike)]


def _on_val(catalog: Catalog, plan: Split, alike: str) -> list[Finding]:
    """That val is in train, where the split is taken as it is."""
    shared, n = _shared(catalog, "val", ("train",))
    if not shared or plan.repair or not plan.published:
        return []
    effect = Effect("share of published val images with a component-mate in train", shared / n, n=n)
    sentence = (
        f"{shared / n:.1%} of the published val ({shared:,} of {n:,} images) share a patient, study, group{alike} with train: "
        "when to stop, thresholds and calibration are chosen on what was learnt by heart."
    )
    return [Finding("published-val", "data", Severity.HIGH, False, sentence, effect, remedy="Repair it: split.repair=drop-from-train.")]


def _shared(catalog: Catalog, part: str, others: tuple[str, ...]) -> tuple[int, int]:
    """How many different images of a published part share a component with others, and how many there are."""
    usable = catalog.frame[_usable(catalog)]
    rows = usable[usable["published"] == part]
    pixels = known_pixels(rows)
    distinct = rows[~pixels.duplicated() | (pixels == "")]
    return int(distinct["component"].isin(usable.loc[usable["published"].isin(others), "component"]).sum()), len(distinct)


def absent(catalog: Catalog, check: str, whose: str) -> list[Finding]:
    """Classes that a split which was not dealt here lacks in val or test."""
    gaps = [
        f"{label!r} in {part}"
        for part in ("val", "test")
        for name, target in catalog.targets.items()
        for label in sorted(set(target.classes) - set(catalog.part(part).frame[name].dropna()))
    ]
    sentence = f"{whose} has no {', no '.join(gaps)}: no figure can be given for it."
    return [Finding(check, "data", Severity.HIGH, False, sentence)] if gaps else []


def repair_cost(catalog: Catalog) -> pd.DataFrame:
    """What a repair cost: one row a target, class and published part, with its `images`, and how many are `out` or `moved` elsewhere."""
    cells = _fate(catalog)
    by = [cells.assign(target=name, **{"class": catalog.frame[name]}).groupby(["target", "class", "part"]) for name in catalog.targets]
    return pd.concat([groups[["images", "out", "moved"]].sum().reset_index() for groups in by], ignore_index=True)


def _placed(prepared: Prepared, split: pd.Series, why: pd.Series, plan: Split) -> Placed:
    catalog = prepared.settle(split, why)
    cost = [_cost(catalog, plan.repair)] if plan.repair else []
    return Placed(catalog, [*prepared.findings, *cost, *absent(catalog, "published-classes", "The published split")], whole=bool(plan.repair))


def _check(split: pd.Series, source: str) -> None:
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


def _kept(prepared: Prepared, plan: Split, seed: int) -> tuple[pd.Series, pd.Series]:
    """As published; with a repair, without the rows whose component stands in a later part."""
    counted = prepared.counted
    split, component = counted["published"], counted["component"]
    why = pd.Series("published split", index=split.index, dtype="str").mask(split == "", "not in the published split")
    if plan.repair is None:
        beside = (split == "test") & component.isin(component[split.isin(LEARNT)])
        return split, why.mask(beside, "published split, though its component is in training too")
    for part, later in LATER.items():
        for other in later:
            put_out = (split == part) & component.isin(component[split == other])
            why = why.mask(put_out, f"excluded: its component is in the published {other} (drop-from-train)")
    return split.mask(why.str.startswith("excluded"), ""), why


def _moved(prepared: Prepared, plan: Split, seed: int) -> tuple[pd.Series, pd.Series]:
    """Every component in one of the parts that it was published in."""
    frame = prepared.catalog.frame
    rows = frame[_placeable(frame) & (frame["published"] != "")]
    counted = prepared.counted[prepared.counted["published"] != ""]
    stands = pd.crosstab(rows["component"], rows["published"]) > 0
    shares = {str(part): float(share) for part, share in rows["published"].value_counts(normalize=True).items()}
    part = counted["component"].map(allot_within(counted, prepared.catalog.targets, shares, f"move/{seed}", stands))
    several = counted["component"].map(stands.sum(axis=1)) > 1
    why = pd.Series("published split", index=part.index, dtype="str").mask(
        several, "its component stood in several parts; moved as a whole to " + part
    )
    everything = prepared.counted.index
    return part.reindex(everything, fill_value=""), why.reindex(everything, fill_value="not in the published split")


def _cost(catalog: Catalog, repair: str) -> Finding:
    dropped = repair == "drop-from-train"
    done, taken = ("out", "taken out of the published train and val") if dropped else ("moved", "moved to another part than they were published in")
    cells = _fate(catalog)
    cells = cells[cells["part"].isin(LEARNT)] if dropped else cells
    lost, whole = int(cells[done].sum()), len(cells)
    effect = Effect(f"share of images {taken}", lost / whole, n=whole)
    if not lost:
        return Finding("repaired-split", "data", Severity.INFO, True, "There was nothing to repair: no component stood in two parts.", effect)
    name = next(iter(catalog.targets))
    by_class = cells.groupby(catalog.frame[name])[[done, "images"]].sum()
    each = ", ".join(f"{row[done]:,} of {row['images']:,} {label!r} ({row[done] / row['images']:.1%})" for label, row in by_class.iterrows())
    sentence = f"The repair cost: {lost:,} of {whole:,} images ({lost / whole:.1%}) were {taken}: {each}."
    return Finding("repaired-split", "data", Severity.LOW, False, sentence, effect)


def _fate(catalog: Catalog) -> pd.DataFrame:
    """`part` that each usable row was published in, `images` (1), and whether it is `out` or `moved` now."""
    frame = catalog.frame[_usable(catalog) & (catalog.frame["published"] != "")]
    has_val = bool((catalog.frame["published"] == "val").any())
    cut = (frame["published"] == "train") & (frame["split"] == "val") & (not has_val)
    out = frame["split"] == ""
    return pd.DataFrame({"part": frame["published"], "images": 1, "out": out, "moved": ~out & ~cut & (frame["split"] != frame["published"])})


def _usable(catalog: Catalog) -> pd.Series:
    return (catalog.frame["split"] != "") | catalog.frame["why"].str.startswith("excluded")


def _placeable(frame: pd.DataFrame) -> pd.Series:
    """Rows that count, or repeat one that does."""
    return (frame["why"] == "") | (frame["copy_of"] != "")
