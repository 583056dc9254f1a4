"""Tables whose patients, copies and chains are planted."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from overread.catalog import Catalog, Target

Make = Callable[..., Catalog]


@pytest.fixture
def catalog() -> Make:
    """A catalog of given columns; bytes and pixels differ from row to row unless given, labels are "sick" and "well"."""

    def make(label: list[str | None], classes: tuple[str, ...] = ("well", "sick"), source: str = "table:made.csv", **columns: list[str]) -> Catalog:
        rows = [str(i) for i in range(len(label))]
        table = {"row": rows, "image": rows, "label": label, "bytes_sha": [f"b{i}" for i in rows], "pixel_sha": [f"p{i}" for i in rows], **columns}
        target = Target("binary", classes, classes[1]) if len(classes) == 2 else Target("multiclass", classes)
        return Catalog(pd.DataFrame(table), {"label": target}, [], source)

    return make


@pytest.fixture
def clinic(catalog: Make) -> Callable[[int], Catalog]:
    """A random table: patients of 1 to 12 images in studies, blank keys, groups and copies across patients, some rows unlabelled."""

    def make(seed: int, patients: int = 120) -> Catalog:
        draw = np.random.default_rng(seed)
        patient = np.repeat(np.arange(patients), draw.integers(1, 13, patients))
        n = len(patient)
        pixels = np.arange(n)
        copied = draw.choice(n, n // 60, replace=False)
        pixels[copied] = draw.choice(n, n // 60)
        sick = draw.random(patients)[patient] < 0.3
        sick = sick ^ (draw.random(n) < 0.05)
        known = draw.random(n) < 0.95
        label = [("sick" if s else "well") if k else None for s, k in zip(sick[pixels], known, strict=True)]
        return catalog(
            label,
            patient=np.where(draw.random(n) < 0.1, "", np.char.add("p", patient.astype(str))).tolist(),
            study=np.where(draw.random(n) < 0.5, "", np.char.add("s", (np.arange(n) // 2).astype(str))).tolist(),
            group=np.where(draw.random(n) < 0.99, "", np.char.add("g", draw.integers(0, 8, n).astype(str))).tolist(),
            site=draw.choice(list("abc"), patients)[patient].tolist(),
            bytes_sha=[f"b{i}" for i in range(n)],
            pixel_sha=[f"p{i}" for i in pixels],
        )

    return make
