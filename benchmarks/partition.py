"""How long a split of 1,000,000 rows takes and what memory it needs: 300,000 patients, 100,000 links between rows.

Patients have 1 to 60 images, most of them one to three, in studies; 2 % of the rows have no patient, 1 % repeat the pixels of another. Half
of the links join two images of one patient, half those of two patients that stand near each other. Each step is timed by itself, in one
process; then the split is written and extended by a tenth more rows, and the same number of rows is split where nothing joins them.

    python benchmarks/partition.py [rows]
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from record import record

from overread.catalog import Catalog, Target
from overread.partition import folds, partition
from overread.partition.components import components
from overread.partition.splits import check_disjoint
from overread.recipe import Split

SEED = 0


def cohort(rows: int, seed: int = SEED) -> tuple[Catalog, list[tuple[str, str]]]:
    """A catalog of `rows` images of 0.3 patients each, and a link to every tenth row."""
    random = np.random.default_rng(seed)
    patients = 3 * rows // 10
    more = np.minimum(random.zipf(1.8, patients), 60) - 1
    patient = np.concatenate([np.arange(patients), np.repeat(np.arange(patients), more), random.integers(0, patients, rows)])[:rows]
    order = np.sort(patient)
    number = np.arange(rows)
    near = np.clip(number + random.integers(-9, 10, rows), 0, rows - 1)  # a row of the same patient, or of one beside him
    pixels = np.where(random.random(rows) < 0.01, near, number)
    sick = ((random.random(patients) < 0.3)[order] ^ (random.random(rows) < 0.05))[pixels]
    grade = random.choice(np.array([*"abcd", None], dtype=object), rows, p=[0.54, 0.27, 0.08, 0.01, 0.1])[pixels]
    names, who = number.astype(str), order.astype(str)
    frame = {
        "row": names,
        "image": np.char.add("films/", names),
        "label": np.where(sick, "sick", "well"),
        "grade": grade,
        "patient": np.where(random.random(rows) < 0.02, "", np.char.add("p", who)),
        "study": np.char.add(np.char.add(who, "/"), random.integers(0, 3, rows).astype(str)),
        "bytes_sha": np.char.add("b", names),
        "pixel_sha": np.char.add("x", pixels.astype(str)),
        "source": "made",
    }
    one = random.integers(0, rows, rows // 10)
    first = np.searchsorted(order, order[one])
    other = np.where(random.random(len(one)) < 0.5, near[one], first)
    targets = {"label": Target("binary", ("well", "sick"), "sick"), "grade": Target("multiclass", tuple("abcd"))}
    return Catalog(pd.DataFrame(frame), targets), list(zip(names[one], names[other], strict=True))


def timed(step: str, do: Callable[[], Any], rows: list[dict[str, Any]]) -> Any:
    begun = time.perf_counter()
    made = do()
    rows.append({"step": step, "seconds": round(time.perf_counter() - begun, 1), "peak_gb": peak()})
    print(rows[-1], flush=True)
    return made


def peak() -> float:
    """The most memory that this process has held so far, in GB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)


def main(rows: int = 1_000_000) -> None:
    catalog, links = cohort(rows)
    told: list[dict[str, Any]] = []
    before = peak()
    timed("components alone", lambda: components(catalog.frame, links), told)
    parted, _ = timed("the split: components, copies, dealing, findings", lambda: partition(catalog, Split(), SEED, links), told)
    check_disjoint(parted)
    size = parted.frame["component"].value_counts()
    timed("5 folds, each with a val of its own", lambda: sum(1 for _ in folds(catalog, Split(folds=5), SEED, links)), told)
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder) / "old.parquet"
        parted.frame.iloc[: rows * 10 // 11].drop(columns=["row", "file"]).to_parquet(old, index=False)
        grown, _ = timed(
            "a split of ten elevenths of the rows, extended by the rest", lambda: partition(catalog, Split(extend=str(old)), SEED, links), told
        )
    assert (grown.frame["split"] == parted.frame["split"]).iloc[: rows * 10 // 11].all()
    blank = catalog.replace(catalog.frame.assign(patient="", study="", pixel_sha=catalog.frame["bytes_sha"]))
    timed("the split of the same rows where nothing joins them", lambda: partition(blank, Split(), SEED), told)
    notes = {
        "images": rows,
        "patients": int(catalog.frame["patient"].nunique()),
        "links": len(links),
        "components": len(size),
        "largest": int(size.max()),
        "catalog_gb": before,
    }
    print(notes)
    print(record("partition", SEED, told, **notes))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
