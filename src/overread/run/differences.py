"""What differs between a run as it was begun and as it is asked to go on: in the recipe, in the data, in what computes."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overread.catalog import KEYS, Catalog
from overread.recipe import Recipe

HARMLESS = ("data", "runtime.threads")
"""Keys that may differ: the data are compared by content, and the number of threads, which rounds sums otherwise, is noted."""


def in_recipe(before: Recipe, now: Recipe) -> list[str]:
    """Every key that was told otherwise, e.g. ``learner.batch: 32 was 16``."""
    old, new = (dict(_leaves(recipe.model_dump(mode="json"))) for recipe in (before, now))
    keys = [key for key in dict.fromkeys([*new, *old]) if key not in HARMLESS and old.get(key) != new.get(key)]
    return [f"{key}: {_told(new.get(key))} was {_told(old.get(key))}" for key in keys]


def in_environment(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Versions and hardware that changed, e.g. ``{"torch": ["2.12.0", "2.13.0"]}``."""
    old, new = ({**told.get("versions", {}), **told.get("hardware", {})} for told in (before, now))
    return {key: [old.get(key), new[key]] for key in new if old.get(key) != new[key]}


def in_catalog(before: Catalog, now: Catalog) -> list[str]:
    """What a training would notice, in words that name rows: images new, gone or changed, other labels, keys, classes or another order.

    Parameters
    ----------
    before, now : scanned catalogs; rows are matched by `bytes_sha`, whatever their files are called
    """
    words = [
        f"the target {name} is {'another' if name in before.targets else 'new'}"
        for name, target in now.targets.items()
        if target != before.targets.get(name)
    ]
    words += [f"the target {name} is gone" for name in before.targets if name not in now.targets]
    if before.covariates != now.covariates:
        words.append(f"covariates: {_told(now.covariates)} was {_told(before.covariates)}")
    old, new = _numbered(before), _numbered(now)
    gone, come = old[~old.index.isin(new.index)], new[~new.index.isin(old.index)]
    changed = come["row"].isin(gone["row"])
    words += _count("has another image", "have other images", come.loc[changed, "row"])
    words += _count("is new", "are new", come.loc[~changed, "row"])
    words += _count("is gone", "are gone", gone.loc[~gone["row"].isin(come["row"]), "row"])
    both = new.index.intersection(old.index)
    for name in dict.fromkeys([*now.targets, *KEYS, "site", "split", *now.covariates]):
        if name in old and name in new:
            one, other = (frame.loc[both, name].astype("str").fillna("") for frame in (old, new))
            words += _count(f"has another {name}", f"have another {name}", new.loc[both, "row"][one != other])
    if not words and list(before.frame["row"] + before.frame["bytes_sha"]) != list(now.frame["row"] + now.frame["bytes_sha"]):
        words.append("the rows stand in another order")
    return words


def _numbered(catalog: Catalog) -> pd.DataFrame:
    """The rows, indexed by their content and a number within it."""
    frame = catalog.frame.sort_values("row")
    return frame.set_index([frame["bytes_sha"], frame.groupby("bytes_sha").cumcount()], drop=False)


def _count(one: str, several: str, rows: pd.Series) -> list[str]:
    if rows.empty:
        return []
    return [f"{len(rows):,} row{'s' * (len(rows) > 1)} {several if len(rows) > 1 else one} ({'e.g. ' * (len(rows) > 1)}row {rows.iloc[0]})"]


def _leaves(tree: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted key and value of all that holds no mapping."""
    if isinstance(tree, Mapping):
        for key, below in tree.items():
            yield from _leaves(below, f"{place}.{key}" if place else key)
    elif isinstance(tree, list) and any(isinstance(below, Mapping) for below in tree):
        for number, below in enumerate(tree):
            yield from _leaves(below, f"{place}[{number}]")
    else:
        yield place, tree


def _told(value: Any) -> str:
    return "not given" if value is None else str(value)
