"""Components are dealt to parts so that each class comes out in the wished shares, of images and of components, and none is ever cut."""

from collections.abc import Callable
from hashlib import blake2b

import numpy as np
import pandas as pd

from overread.catalog import Target
from overread.errors import UserError


def census(counted: pd.DataFrame, targets: dict[str, Target]) -> pd.DataFrame:
    """(components, classes) int: images of each class in each component; columns are (target, class)."""
    tables = {}
    for name, target in targets.items():
        codes = target.encode(counted[name])
        tables[name] = pd.DataFrame({label: codes == i for i, label in enumerate(target.classes)}, index=counted.index)
    return pd.concat(tables, axis=1).groupby(counted["component"]).sum()


def allot(counted: pd.DataFrame, targets: dict[str, Target], shares: dict[str, float], seed: str) -> pd.Series:
    """The part of every component, classes in the wished shares.

    Components are dealt largest first (up to a factor of two; the seed draws the order within), each to the part where it least raises
    the chi-square against the wish: of images a class and of components a class, all weighing the same, since intervals go by components.
    For single images of one class that is Webster's apportionment; large components it spreads over the parts by share, where filling
    the largest gap would put them all in train. The result does not depend on the order of rows.

    Parameters
    ----------
    counted : rows with `component`, one an image
    shares : part to its wished share, summing to 1
    seed : drawn from for the order

    Returns
    -------
    (components,) str
        Indexed by component.

    Raises
    ------
    UserError
        A class cannot stand in every part without cutting a component. Call `require` first for the plain case: too few components.
    """
    table = census(counted, targets)
    lot = np.array([_draw(seed, component) for component in table.index], dtype=str)
    size = counted.groupby("component").size()
    order = np.lexsort((lot, -np.floor(np.log2(size.to_numpy()))))
    parts = sorted(shares, key=lambda part: _draw(seed, part))
    weight = pd.concat([table, table > 0, size], axis=1).to_numpy(dtype=float)
    weight /= weight.sum(axis=0)
    share = np.array([shares[part] for part in parts])
    part = np.zeros(len(table), dtype=int)
    filled = np.zeros((len(share), weight.shape[1]))
    for i in order:
        part[i] = ((weight[i] * (weight[i] + 2 * filled)).sum(axis=1) / share).argmin()
        filled[part[i]] += weight[i]
    _cover(part, filled, table, order, weight, share)
    return pd.Series(np.array(parts, dtype=object)[part], index=table.index, dtype="str")


def require(
    counted: pd.DataFrame, targets: dict[str, Target], need: int, of: str, where: str, instead: Callable[[int], str | None] = lambda _: None
) -> None:
    """Refuse a class with fewer than `need` components.

    Parameters
    ----------
    of : what needs them, e.g. "three parts"
    instead : gives, for the number of components there are, another way to split that would work, or None

    Raises
    ------
    UserError
        Names the rarest such class, and what to do about it.
    """
    held = (census(counted, targets) > 0).sum().sort_values(kind="stable")
    if held.iloc[0] >= need:
        return
    name, label = held.index[0]
    few = int(held.iloc[0])
    ways = [f"merge it (?merge=other:{label}|{held[name].index[1]})"] if len(targets[name].classes) > 2 else [f"find more of {label!r}"]
    ways += [f"use {way}" for way in [instead(few)] if way]
    raise UserError(f"class {label!r} has {few} {unit(counted, few)}; {of} need at least {need}", f"{where}, target {name}", ", or ".join(ways))


def unit(counted: pd.DataFrame, number: int = 2) -> str:
    """The user's word for a component of these rows: image, patient or component."""
    word = "component"
    if not counted["component"].duplicated().any():
        word = "image"
    if len(counted) and (counted["patient"] != "").all() and counted.groupby("component")["patient"].nunique().eq(1).all():
        word = "patient"
    return word if number == 1 else f"{word}s"


def _cover(part: np.ndarray, filled: np.ndarray, table: pd.DataFrame, order: np.ndarray, weight: np.ndarray, share: np.ndarray) -> None:
    """Move components, cheapest first, until every part has every class; no move takes a part's last component of a class."""
    has = table.to_numpy() > 0
    while True:
        held = np.stack([has[part == p].sum(axis=0) for p in range(len(share))])
        lacking = np.argwhere(held == 0)
        if not len(lacking):
            return
        to, kind = lacking[0]
        spare = np.array([i for i in order if has[i, kind] and (held[part[i]][has[i]] > 1).all()], dtype=int)
        if not len(spare):
            name, label = table.columns[kind]
            raise UserError(
                f"class {label!r} cannot stand in every part: the components that hold it are needed where they are",
                f"target {name}",
                "merge rare classes (?merge=new:old|old), or check that patient, study and group join only what belongs together",
            )
        gain = (weight[spare] * (weight[spare] + 2 * filled[to])).sum(axis=1) / share[to]
        relief = (weight[spare] * (2 * filled[part[spare]] - weight[spare])).sum(axis=1) / share[part[spare]]
        moved = spare[(gain - relief).argmin()]
        filled[part[moved]] -= weight[moved]
        filled[to] += weight[moved]
        part[moved] = to


def _draw(seed: str, name: str) -> str:
    """A pseudo-random word that depends on nothing but the seed and the name."""
    return blake2b(f"{seed}/{name}".encode(), digest_size=8).hexdigest()
