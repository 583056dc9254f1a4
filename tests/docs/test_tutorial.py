import json
import os
import runpy
from pathlib import Path

import pandas as pd
import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def notebook():
    return runpy.run_path(str(DOCS / "notebook.py"))["notebook"]


def test_the_notebook_is_the_tutorial_without_outputs(notebook):
    told = json.loads((DOCS / "tutorial.ipynb").read_text(encoding="utf-8"))
    assert told == notebook((DOCS / "tutorial.md").read_text(encoding="utf-8")), "make it again: python docs/notebook.py"


def test_python_becomes_cells_and_everything_else_is_kept_in_order(notebook):
    cells = notebook("# A\n\n```sh\nls\n```\n\n```python\nx = 1\nx\n```\n\nend\n")["cells"]
    assert [(cell["cell_type"], "".join(cell["source"])) for cell in cells] == [
        ("markdown", "# A\n\n```sh\nls\n```"),
        ("code", "x = 1\nx"),
        ("markdown", "end"),
    ]


@pytest.mark.data
@pytest.mark.timeout(600)
def test_the_notebook_runs_on_a_small_part_of_the_real_images(tmp_path, monkeypatch):
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    if "OVERREAD_DATA" not in os.environ:
        pytest.skip("OVERREAD_DATA is not set")
    small(Path(os.environ["OVERREAD_DATA"]), tmp_path / "data")
    monkeypatch.setenv("OVERREAD_DATA", str(tmp_path / "data"))
    page = nbformat.read(DOCS / "tutorial.ipynb", as_version=4)
    nbclient.NotebookClient(page, timeout=500, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()

    said = "\n".join(output.get("text", "") for cell in page.cells if cell.cell_type == "code" for output in cell.outputs)
    assert "leak: " in said
    assert "fractures is not external to fracatlas" in said
    assert "label, external: auroc" in said
    assert "could not be read" in said
    reports = {str(path.relative_to(tmp_path / "tutorial").parts[0]) for path in (tmp_path / "tutorial").rglob("report.html")}
    assert reports == {"published", "honest", "folds", "forest"}


def small(given: Path, made: Path) -> None:
    """Tables of few groups, 80 images of the other set, torn files and shared ones, which name the images where they lie."""
    fractures, atlas = (pd.read_csv(given / name / "manifest.csv") for name in ("fracture_multiregion", "fracatlas"))
    whole = fractures[~fractures["image"].str.startswith("truncated/")]
    leaked = whole.loc[(whole["split"] == "test") & whole["group"].isin(whole.loc[whole["split"] == "train", "group"])]
    groups = [name for _, of_class in leaked.groupby("label") for name in of_class["group"].unique()[:30]]
    few = whole[whole["group"].isin(groups)].groupby(["group", "split"]).head(2)
    shared = atlas[atlas["orig_sha1"].isin(whole["orig_sha1"])].head(3)
    theirs = whole[whole["orig_sha1"].isin(shared["orig_sha1"])]
    tables = {
        "fracture_multiregion": pd.concat([few, theirs, fractures[fractures["image"].str.startswith("truncated/")].head(2)]).drop_duplicates(),
        "fracatlas": pd.concat([atlas.groupby("label").head(40), shared]).drop_duplicates("image"),
    }
    for name, table in tables.items():
        (made / name).mkdir(parents=True)
        table.assign(image=str(given / name) + "/" + table["image"]).to_csv(made / name / "manifest.csv", index=False)
