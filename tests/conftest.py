"""Shared fixtures: small made-up images whose truth is known."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test reads or fills the user's cache, and none inherits the user's folders of data and weights."""
    monkeypatch.setenv("OVERREAD_CACHE", str(tmp_path_factory.mktemp("cache")))
    yield


@pytest.fixture
def films(tmp_path: Path) -> Callable[..., pd.DataFrame]:
    """Write n grey 64 px images to a folder and give their table: image, label (sound / broken), patient, site.

    Broken ones carry a bright bar; two images a patient; labels go by patient.
    """

    def make(n: int = 60, seed: int = 0, folder: str = "films", size: int = 64) -> pd.DataFrame:
        draw = np.random.default_rng(seed)
        place = tmp_path / folder
        place.mkdir()
        rows = []
        for i in range(n):
            broken = (i // 2) % 2 == 1
            film = draw.normal(90, 20, (size, size))
            if broken:
                at = int(draw.integers(size // 8, size - size // 4))
                film[at : at + size // 8, size // 4 : -size // 4] += 90
            Image.fromarray(film.clip(0, 255).astype(np.uint8)).save(place / f"film {i}.png")
            rows.append({"image": f"film {i}.png", "label": "broken" if broken else "not broken", "patient": f"p{i // 2}", "site": "ab"[i % 3 == 0]})
        table = pd.DataFrame(rows)
        table.to_csv(place / "films.csv", index=False)
        return table

    return make
