import subprocess
import sys

import pandas as pd
import pytest

import overread
from overread.catalog import Catalog


def test_the_verbs_are_functions_and_importing_the_package_loads_none_of_them():
    code = "import sys, overread; heavy = {'torch', 'pandas', 'numpy', 'pydantic'} & set(sys.modules); sys.exit(str(heavy) if heavy else 0)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0
    assert {"read", "split", "train", "evaluate", "load"} <= set(dir(overread))


def test_read_gives_a_catalog_and_load_a_model_that_predicts_it(trained, monkeypatch):
    monkeypatch.setenv("OVERREAD_CACHE", str(trained.folder.parent / "cache"))
    assert isinstance(overread.read([f"table:{trained.films / 'films.csv'}"]), Catalog)
    model = overread.load(trained.folder / "model")
    rows = Catalog.load(trained.folder / "catalog.parquet").part("test")
    predicted = model.predict(rows)
    assert isinstance(predicted, pd.DataFrame)
    assert predicted["row"].tolist() == rows.frame["row"].tolist()


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'tarin'"):
        overread.tarin  # noqa: B018
