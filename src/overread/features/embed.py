"""Pictures as a frozen network's features: each computed once, by the fastest program that agrees with float32, and kept.

A picture is known by its pixels, a network by its tensors; what is kept is read, what is missing is computed and added.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overread.backbones.create import Trunk
from overread.backbones.machine import Machine, computing
from overread.features.compute import Job, compute, fill
from overread.features.engine import Distance, Engine, engines
from overread.features.key import depends
from overread.features.openvino import Unfit
from overread.features.segment import NAME
from overread.features.store import Store
from overread.imaging.pictures import Pictures
from overread.progress import note
from overread.recipe import Runtime

CHECKED = 16
"""Pictures of a call that are also computed by torch in float32 before another program's features are taken."""


@dataclass(frozen=True)
class Embedding:
    """Features, and how they came about.

    Attributes
    ----------
    features : (n, d) float32
        In the order of the pictures; those of several networks side by side, in the order of the trunk's members.
    told : dict
        What each of `titles(trunk)` was embedded by, and how: `engine`; `distance`, the largest cosine distance from torch in float32 of
        `checked` pictures, and `error`, the share of error in what tells them apart (None of fewer than 8); `kept` and `computed`, distinct
        pictures; `seconds`; `images_per_second` (None where nothing was computed); `constant`, whether all pictures have the same
        features; `refused`, why faster programs were not used, by name.
    checked : (k,) int
        Places of pictures, at most 16, whose features are also known in float32.
    exact : (k, d) float32
        Those, to compare what a head makes of both.
    """

    features: NDArray[np.float32]
    told: dict[str, dict[str, Any]]
    checked: NDArray[np.intp]
    exact: NDArray[np.float32]


def embed(trunk: Trunk, pictures: Pictures, runtime: Runtime, what: str = "features") -> Embedding:
    """The features of pictures at the size they were fitted to; only those that nobody computed before are computed.

    Parameters
    ----------
    trunk : Trunk
        Each of its members is embedded by itself, and its features kept by themselves.
    pictures : Pictures
    runtime : Runtime
        `precision`: fp32 keeps to float32, auto takes bfloat16 where the machine has instructions for it.
    what : str
        The name of the progress bar.

    Raises
    ------
    UserError
        Features that are not finite, a file that has gone, or a cache that cannot be written to.
    """
    codes, names = pd.factorize(np.array(pictures.pixels, NAME))
    first = np.flatnonzero(~pd.Series(codes).duplicated())
    with computing(runtime) as machine:
        distinct = Job(trunk, pictures.take(first), np.asarray(names, NAME), what)
        parts = [_embed(replace(distinct, trunk=member), machine) for member in trunk.members]
    both = np.logical_and.reduce([part.sure for part in parts])[codes]
    checked = np.flatnonzero(both)[:CHECKED]
    return Embedding(
        features=np.concatenate([part.features for part in parts], axis=1)[codes],
        told={title: part.told for title, part in zip(titles(trunk), parts, strict=True)},
        checked=checked,
        exact=np.concatenate([part.exact for part in parts], axis=1)[codes[checked]],
    )


@dataclass(frozen=True)
class _Part:
    """What one network gives: (n, d) features, (n, d) exact ones where `sure`."""

    features: NDArray[np.float32]
    exact: NDArray[np.float32]
    sure: NDArray[np.bool_]
    told: dict[str, Any]


def titles(trunk: Trunk) -> list[str]:
    """What each member of a trunk is called: its name, its pool if not its own, and a number where that is not enough."""
    names = [member.name if member.pool == "own" else f"{member.name} {member.pool}" for member in trunk.members]
    return [name if names.count(name) == 1 else f"{name} {names[:place].count(name) + 1}" for place, name in enumerate(names)]


def _embed(job: Job, machine: Machine) -> _Part:
    """Distinct pictures by one network, by the first engine that agrees."""
    began = perf_counter()
    name, told = job.trunk.name, depends(job.trunk, job.pictures.fitting)
    *faster, exact = [(engine, Store({**told, "engine": engine.name}, job.trunk.features)) for engine in engines(machine)]
    refused: dict[str, str] = {}
    part = None
    for engine, store in faster:
        said = bool(store.refused)
        try:
            part = _checked(job, engine, store, *exact)
            break
        except Unfit as why:
            refused[engine.name] = str(why)
            if not said:
                note(f"{name}: {engine.name} is not used, {why}")
    part = part or _exact(job, *exact)
    constant = len(job.names) > 1 and bool((part.features == part.features[0]).all())
    if constant:
        note(f"{name}: all {len(job.names):,} distinct pictures have the same features; check its weights, and what it is shown")
    seconds = perf_counter() - began
    speed = round(part.told["computed"] / seconds, 1) if part.told["computed"] else None
    part.told.update(seconds=round(seconds, 2), images_per_second=speed, constant=constant, refused=refused)
    return part


def _exact(job: Job, engine: Engine, store: Store) -> _Part:
    """By torch in float32; pictures by which another engine has just been found wanting were not kept from before."""
    before, (kept, features) = store.added, store.read(job.names)
    if not kept.all():
        fill(job, engine, job.ready(engine), store, np.flatnonzero(~kept), features)
    counts = {"kept": int(kept.sum()) - before, "computed": int((~kept).sum()) + before}
    told = {"engine": engine.name, "distance": 0.0, "error": 0.0, "checked": 0, **counts}
    return _Part(features, features, np.ones(len(kept), bool), told)


def _checked(job: Job, engine: Engine, store: Store, reference: Engine, reference_store: Store) -> _Part:
    """By a faster engine, once the first pictures that it has to compute were compared with torch in float32.

    Raises
    ------
    Unfit
        It cannot run the network, gives what is not finite, or differs by more than its tolerance; nothing that differs is kept.
    """
    if store.refused:
        raise Unfit(store.refused)
    kept, features = store.read(job.names)
    sure, exact = reference_store.read(job.names)
    missing = np.flatnonzero(~kept)
    if len(missing):
        first = missing[~sure[missing]][: max(0, CHECKED - int(sure.sum()))]
        with ThreadPoolExecutor(1) as aside:  # making ready takes one core, and seconds
            made = aside.submit(job.ready, engine)
            fill(replace(job, what=f"{job.what} in float32"), reference, job.ready(reference), reference_store, first, exact)
            forward = made.result()
        sure[first] = True
        known = missing[sure[missing]][:CHECKED]
        if len(known):
            features[known] = np.concatenate([*compute(job, engine, forward, known)])
        _agrees(engine, store, features[known], exact[known])
        store.append(job.names[known], features[known])
        fill(job, engine, forward, store, np.setdiff1d(missing, known), features)
    both = np.flatnonzero(sure)[:CHECKED]
    apart = Distance.between(features[both], exact[both])
    checked = {"distance": apart.cosine, "error": apart.error, "checked": len(both)}
    return _Part(features, exact, sure, {"engine": engine.name, **checked, "kept": int(kept.sum()), "computed": len(missing)})


def _agrees(engine: Engine, store: Store, features: NDArray[np.float32], exact: NDArray[np.float32]) -> None:
    apart = Distance.between(features, exact)
    if not apart.within(engine.tolerance):
        why = apart.words(engine.tolerance)
        store.refuse(why)
        raise Unfit(why)
