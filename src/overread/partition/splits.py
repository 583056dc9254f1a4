"""One split into train, val and test: a fresh one by component, a hold-out, an old one extended, or the published one."""

from collections.abc import Callable

from overread.catalog import Catalog
from overread.findings import Finding
from overread.partition.components import Links
from overread.partition.deviation import on_shares
from overread.partition.frozen import extend, read_frozen, shares
from overread.partition.hold_out import hold_out, meets
from overread.partition.prepare import Placed, prepare
from overread.partition.published import PARTS, on_published, published
from overread.partition.stratify import allot, cut_val, require
from overread.recipe import Split


def partition(catalog: Catalog, plan: Split, seed: int, links: Links = ()) -> tuple[Catalog, list[Finding]]:
    """Split a catalog once, as the plan says: fresh by its fractions, held out, around an old split, or as published.

    Parameters
    ----------
    catalog : as read and scanned; its `split`, if it has one, is the published split and moves to `published`
    links : pairs of row names that belong together beyond the keys

    Returns
    -------
    Catalog
        With `split`, `published`, `component`, `copy_of`, and a `why` for every row.
    list of Finding
        On copies, conflicting labels, the shares that came out, the published split where there is one, and what the plan's way cost.

    Raises
    ------
    UserError
        A class has fewer components than parts, or what the plan names (a published split, an old table, a site, a day) is not there.
    """
    if plan.folds or plan.leave_site_out:
        raise ValueError("this plan asks for several splits; `folds` makes them")
    placed = _way(plan)(catalog, plan, seed, links)
    if placed.whole:
        check_disjoint(placed.catalog)
    asked = wished(plan)
    on_wish = on_shares(placed.catalog, asked) if asked else []
    return placed.catalog, [*placed.findings, *on_wish, *on_published(placed.catalog, plan)]


def wished(plan: Split) -> dict[str, float]:
    """Part to the share of components that are dealt which it is to have; nothing where none are."""
    if plan.published:
        return {}
    if plan.hold_out:
        return cut_val(plan)
    return shares(read_frozen(plan.extend)) if plan.extend else dict(zip(PARTS, plan.fractions, strict=True))


def check_plan(catalog: Catalog, plan: Split) -> None:
    """Refuse what can be seen to fail before any image is read: a column or value that is not there, an old table that is none.

    Raises
    ------
    UserError
        See `hold_out.meets` and `frozen.read_frozen`.
    """
    if plan.hold_out:
        meets(catalog, plan.hold_out)
    if plan.extend:
        read_frozen(plan.extend)


def check_disjoint(catalog: Catalog) -> Catalog:
    """The catalog itself, once no component is seen in two parts; anything else is a bug of this house."""
    placed = catalog.frame[catalog.frame["split"] != ""]
    sides = placed.groupby("component")["split"].nunique()
    if (sides > 1).any():
        raise RuntimeError(f"component {sides.idxmax()} was put in two parts; please report this")
    return catalog


def _way(plan: Split) -> Callable[[Catalog, Split, int, Links], Placed]:
    if plan.published:
        return published
    if plan.hold_out:
        return hold_out
    return extend if plan.extend else _fresh


def _fresh(catalog: Catalog, plan: Split, seed: int, links: Links) -> Placed:
    prepared = prepare(catalog, links)
    counted = prepared.counted
    require(counted, catalog.targets, 3, "three parts", catalog.source)
    part = allot(counted, catalog.targets, wished(plan), f"split/{seed}")
    split = counted["component"].map(part)
    return Placed(prepared.settle(split, split + ": " + prepared.joined[counted.index]), prepared.findings)
