import numpy as np
import pandas as pd
import pytest
from PIL import Image as Pillow

from overread.catalog import Catalog
from overread.datasets.base import read
from overread.errors import UserError
from overread.experiment.prepare import prepare
from overread.recipe import Image


def test_fitted_images_and_a_catalog_that_reads_back(films, tmp_path):
    table = films(n=12)
    Pillow.fromarray(np.full((30, 90), 200, np.uint8)).save(tmp_path / "films" / "film 0.png")
    (tmp_path / "films" / "film 5.png").write_text("not a picture")
    result = prepare(f"table:{tmp_path / 'films' / 'films.csv'}", tmp_path / "out", Image(size=48))

    assert (result.content["images"], result.content["rejected"]) == (11, 1)
    wide = np.asarray(Pillow.open(tmp_path / "out" / "images" / "0.png"))
    assert wide.shape == (48, 48)
    assert (wide[:15] == 0).all()
    assert (wide[20:28] == 200).all()
    again = read([f"table:{tmp_path / 'out' / 'catalog.csv'}"])
    assert again.frame["label"].tolist() == table["label"].drop(5).tolist()
    assert again.frame["patient"].tolist() == table["patient"].drop(5).tolist()
    assert Catalog.load(tmp_path / "out" / "catalog.parquet").targets == again.targets
    assert pd.read_csv(tmp_path / "out" / "rejected.csv")["image"].tolist() == ["film 5.png"]


def test_a_folder_that_holds_something_is_not_written_to(films, tmp_path):
    films(n=4)
    with pytest.raises(UserError, match="not empty"):
        prepare(f"table:{tmp_path / 'films' / 'films.csv'}", tmp_path / "films", Image())
