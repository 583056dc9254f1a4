"""Components are dealt to parts so that each class comes out in the wished shares, of images and of components, and none is ever cut."""

from collections.abc import Callable
from hashlib import blake2b

import numpy as np
import pandas as pd

from overread.catalog import Target
from overread.errors import UserError
from overread.recipe import Split


def census(counted: pd.DataFrame, targets: dict[str, Target]) -> pd.DataFrame:
    """(components, classes) int: images of each class in each component; columns are (target, class)."""
    tables = {}
    for name, target in targets.items():
        codes = target.encode(counted[name])
        tables[name] = pd.DataFrame({label: codes == i for i, label in enumerate(target.classes)}, index=counted.index)
    return pd.concat(tables, axis=1).groupby(counted["component"]).sum()


def allot(counted: pd.DataFrame, targets: dict[str, Target], shares: dict[str, float], seed: str) -> pd.Series:
    """The part of every component, classes in the wished shares.

    Components are dealt those first that hold most (each class counted as a share of itself, so that rare ones come early; up to a factor
    of 1.4, and the seed draws the order within), each to the part where it least raises the chi-square against the wish: of images a class
    and of components a class, all weighing the same, since intervals go by components. For single images of one class that is Webster's
    apportionment; large components it spreads over the parts by share, where filling the largest gap would put them all in train. The
    result does not depend on the order of rows.

    Several targets, as of images that may show several diseases, are dealt at once: each class of each is one more term. Single images come
    out as evenly as by iterative stratification (Sechidis et al. 2011), and more so where labels are missing, of which that knows nothing.

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
    hand = _Hand(counted, targets, shares, seed)
    part, filled = hand.deal(np.ones((len(hand.table), len(shares)), dtype=bool))
    _cover(part, filled, hand.table, hand.order, hand.weight, hand.share)
    return hand.named(part)


def allot_within(counted: pd.DataFrame, targets: dict[str, Target], shares: dict[str, float], seed: str, allowed: pd.DataFrame) -> pd.Series:
    """The same where components are bound: some to one part, which they fill before the others are dealt, some to a choice of parts.

    Parameters
    ----------
    allowed : (components, parts) bool, indexed by component; at least one part each

    Returns
    -------
    (components,) str
        Indexed by component. Where the bonds leave no other way a part may lack a class.
    """
    hand = _Hand(counted, targets, shares, seed)
    part, _ = hand.deal(allowed.loc[hand.table.index, hand.parts].to_numpy(dtype=bool))
    return hand.named(part)


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
    if name != next(iter(targets)):
        ways = [f"find more of {label!r}", f"leave these rows or {name} out of the source"]
    else:
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


def cut_val(plan: Split) -> dict[str, float]:
    """The shares of train and val once test is taken out."""
    train, val, _ = plan.fractions
    return {"train": train / (train + val), "val": val / (train + val)}


class _Hand:
    """Components as they are dealt.

    Attributes
    ----------
    table : (components, classes) int, the census
    parts, share : names of the parts, in the order that ties are broken, and (parts,) float
    order : (components,) int, positions in which components are dealt
    weight : (components, terms) float, what each adds to each term of the chi-square, as a share of the whole
    """

    def __init__(self, counted: pd.DataFrame, targets: dict[str, Target], shares: dict[str, float], seed: str) -> None:
        self.table = census(counted, targets)
        lot = np.array([_draw(seed, component) for component in self.table.index], dtype=str)
        size = counted.groupby("component").size()
        self.parts = sorted(shares, key=lambda part: _draw(seed, part))
        self.share = np.array([shares[part] for part in self.parts])
        weight = pd.concat([self.table, self.table > 0, size], axis=1).to_numpy(dtype=float)
        self.weight = weight / np.maximum(weight.sum(axis=0), 1)
        self.order = np.lexsort((lot, -np.floor(2 * np.log2(self.weight.sum(axis=1)))))

    def deal(self, allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(components,) int part of each, and (parts, terms) float what is then in each part."""
        part = allowed.argmax(axis=1)
        bound = allowed.sum(axis=1) == 1
        filled = np.zeros((len(self.share), self.weight.shape[1]))
        np.add.at(filled, part[bound], self.weight[bound])
        barred = np.where(allowed, 0, np.inf)
        for i in self.order[~bound[self.order]]:
            gain = self.weight[i] * (self.weight[i] + 2 * filled)
            part[i] = (gain.sum(axis=1) / self.share + barred[i]).argmin()
            filled[part[i]] += self.weight[i]
        return part, filled

    def named(self, part: np.ndarray) -> pd.Series:
        return pd.Series(np.array(self.parts, dtype=object)[part], index=self.table.index, dtype="str")


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
