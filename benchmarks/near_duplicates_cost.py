"""What finding near-copies costs: on 10,000 real pictures, stage by stage, and of proposals alone on 1,000, 10,000 and 100,000 made-up ones.

    python benchmarks/near_duplicates_cost.py [--pictures N ...]

The real ones are drawn from the sets in OVERREAD_DATA, one of each pixels, all in the cache before the clock starts; one thread, seconds of the
processor. Verifying is what `find` takes beyond describing and proposing, which are timed by themselves. A made-up picture is a set of
descriptors around common ones, as anatomy repeats itself; every tenth is a noisy, turned copy of the one before it. n log n stands for what
no search in a growing set can beat: seconds for each n log n are given as multiples of those at the smallest number.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from record import record

from overread.datasets.base import read
from overread.duplicates.describe import STEPS, Described, describe_all, shapes
from overread.duplicates.find import find
from overread.duplicates.propose import propose
from overread.duplicates.views import views
from overread.imaging.cache import Cache
from overread.imaging.fit import Fitting
from overread.imaging.pictures import Pictures
from overread.imaging.scan import scan

Made = TypeVar("Made")

SETS = ("fracture_multiregion", "fracatlas", "knee_kl", "brain_mri_4class", "ham10000_200x150", "fundus_4class")
REAL, SEED = 10_000, 0
FITTING = Fitting(224)

PICTURES = (1_000, 10_000, 100_000)
POINTS = 75
"""Points of a made-up picture, half of the most that are indexed of a real one: 100,000 pictures then stay within 8 GB."""

ENOUGH = 30
"""Seconds of the processor that a number of made-up pictures is searched for, again and again; the median turn counts."""

COMMON, APART, NOISE = 4_000, 0.029, 0.012
"""Descriptors that all are made from, and the spread around them and between a picture and its copy, each number of 128: nearest descriptors of
strangers are then as near as those of `fracatlas` (squared distance 0.13 in the median)."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--pictures", type=int, nargs="+", default=PICTURES, help="numbers of made-up pictures")
    given = asked.parse_args()
    if "OVERREAD_DATA" not in os.environ:
        asked.error("set OVERREAD_DATA to the folder of real images")
    rows = real()
    for n in sorted(given.pictures):
        rows.append(made_up(n))
        print(rows[-1], flush=True)
    first = rows[len(rows) - len(given.pictures)]
    for row in rows[-len(given.pictures) :]:
        unit = row["pictures"] * np.log(row["pictures"]) / (first["pictures"] * np.log(first["pictures"]))
        row["of_n_log_n"] = round(row["cpu"] / first["cpu"] / unit, 2)
    print(pd.DataFrame(rows).to_string(index=False))
    print(record("near_duplicates_cost", SEED, rows, points=POINTS))


def real() -> list[dict[str, Any]]:
    """The stages of `find` on real pictures."""
    folder = Path(os.environ["OVERREAD_DATA"]).resolve()
    files = [str(folder / name / image) for name in SETS for image in pd.read_csv(folder / name / "manifest.csv")["image"].unique()]
    with tempfile.TemporaryDirectory() as scratch:
        table = Path(scratch) / "table.csv"
        pd.DataFrame({"image": files, "label": ["copy" if i % 2 else "film" for i in range(len(files))]}).to_csv(table, index=False)
        every, _ = scan(read([f"table:{table}?positive=copy"]), FITTING, Cache(Path(scratch)), 1)
        distinct = np.flatnonzero(~every.frame["pixel_sha"].duplicated())
        drawn = np.sort(np.random.default_rng(SEED).permutation(distinct)[:REAL])
        catalog = every.replace(every.frame.iloc[drawn].reset_index(drop=True))
        pictures = Pictures(catalog.frame, FITTING, Cache(Path(scratch)))
        find(every.replace(catalog.frame.head(100)), Pictures(catalog.frame.head(100), FITTING, Cache(Path(scratch))), 1)  # warms up
        seen = views(pictures, shapes(catalog.frame))
        described, describing = timed("describe", len(catalog), lambda: describe_all(seen.look, len(seen), 1))
        pairs, proposing = timed("propose", len(catalog), lambda: propose(described, seen.square, 1))
        links, whole = timed("all of it", len(catalog), lambda: find(catalog, pictures, 1))
    rest = {key: round(whole[key] - describing[key] - proposing[key], 2) for key in ("cpu", "wall")}
    verifying = {**whole, "stage": "verify", **rest}
    for row in (describing, proposing, verifying, whole):
        row |= {"ms_a_picture": round(1000 * row["cpu"] / len(catalog), 2), "pairs": len(links) if row is whole else len(pairs)}
        print(row, flush=True)
    return [describing, proposing, verifying, whole]


def made_up(n: int) -> dict[str, Any]:
    """Proposals among made-up pictures, and the share of copies among them."""
    described, square = collection(n), np.ones(n, bool)
    turns: list[dict[str, Any]] = []
    while sum(turn["cpu"] for turn in turns) < ENOUGH:
        pairs, turn = timed("propose, made up", n, lambda: propose(described, square, 1))
        turns.append(turn)
    row = sorted(turns, key=lambda turn: turn["cpu"])[len(turns) // 2]
    proposed = set(map(tuple, pairs[:, :2].tolist()))
    copies = [(copy - 1, copy) for copy in range(9, n, 10)]
    found = sum(pair in proposed for pair in copies) / len(copies)
    return {**row, "ms_a_picture": round(1000 * row["cpu"] / n, 2), "pairs": len(pairs), "copies_proposed": round(found, 4), "turns": len(turns)}


def collection(n: int, seed: int = SEED) -> list[Described]:
    """Made-up pictures; every tenth is a copy of the one before it, turned by an angle of its own."""
    draw = np.random.default_rng(seed)
    common = np.sqrt(draw.gamma(0.4, size=(COMMON, 128)).astype(np.float32))
    common /= np.linalg.norm(common, axis=1, keepdims=True)
    made: list[Described] = []
    for number in range(n):
        if number % 10 == 9:
            made.append(_copy(made[-1], draw))
            continue
        exact = common[draw.integers(COMMON, size=POINTS)] + APART * draw.standard_normal((POINTS, 128), dtype=np.float32)
        size = np.sort(2 * 2 ** draw.exponential(1, POINTS))[::-1]
        points = np.stack([draw.uniform(0, 224, POINTS), draw.uniform(0, 224, POINTS), size, draw.uniform(0, 360, POINTS)], axis=1)
        made.append(Described(points.astype(np.float32), _codes(exact)))
    return made


def _copy(one: Described, draw: np.random.Generator) -> Described:
    points = one.points.copy()
    points[:, 3] = (points[:, 3] + draw.uniform(0, 360)) % 360
    return Described(points, _codes(one.descriptors() + NOISE * draw.standard_normal(one.codes.shape, dtype=np.float32)))


def _codes(exact: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(k, 128) as `describe` keeps them."""
    whole = exact.clip(0)
    codes: NDArray[np.uint8] = (whole / np.linalg.norm(whole, axis=1, keepdims=True) * STEPS).round().clip(0, 255).astype(np.uint8)
    return codes


def timed(stage: str, n: int, do: Callable[[], Made]) -> tuple[Made, dict[str, Any]]:
    """What it gives, and what it took: seconds of the processor, of the clock, and the most memory so far."""
    cpu, wall = time.process_time(), time.perf_counter()
    made = do()
    took = {"cpu": round(time.process_time() - cpu, 2), "wall": round(time.perf_counter() - wall, 2)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return made, {"stage": stage, "pictures": n, **took, "peak_gb": round(peak, 2)}


if __name__ == "__main__":
    main()
