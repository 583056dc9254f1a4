import numpy as np
import pandas as pd
import pytest
from PIL import Image

from overread import explain
from overread.errors import UserError
from overread.experiment.predict import predict
from overread.imaging.fit import Fitting


@pytest.fixture
def dot(tmp_path):
    """A film of 128 x 64 px, black but for a bright square of 8 px about (104, 24)."""
    film = np.zeros((64, 128), np.uint8)
    film[20:28, 100:108] = 250
    Image.fromarray(film).save(tmp_path / "dot.png")
    return tmp_path / "dot.png"


@pytest.mark.parametrize("method", ["grad-cam", "grad-cam-plus-plus", "hires-cam"])
def test_the_heat_lies_on_the_planted_dot_in_the_films_own_pixels(bright, dot, tmp_path, method):
    explain(bright, [str(dot)], tmp_path / "heat", method=method, label="broken", layer="1")

    told = pd.read_csv(tmp_path / "heat" / "heat.csv", dtype={"layer": str}).iloc[0]
    assert (told["x"], told["y"]) == (104, 24)
    assert (told["class"], told["method"], told["layer"]) == ("broken", method, "1")
    assert told["score"] == pytest.approx(16 / 64 * 250 / 255, rel=1e-4)
    assert told["peak"] == pytest.approx(64 * told["mean"])
    assert told["padding"] < 0.1
    whole = np.asarray(Image.open(tmp_path / "heat" / "0.png")).astype(int)
    coloured = np.ptp(whole[:64, :128], axis=2)
    assert coloured[:, :80].max() == 0 < coloured[24, 104]
    if method == "hires-cam":
        assert told["peak"] == pytest.approx(told["score"], rel=1e-4)


def test_the_class_of_the_call_is_explained_unless_another_is_named(bright, dot, tmp_path):
    explain(bright, [str(dot)], tmp_path / "own")
    explain(bright, [str(dot)], tmp_path / "other", label="not broken")

    own, other = (pd.read_csv(tmp_path / place / "heat.csv").iloc[0] for place in ("own", "other"))
    assert own["class"] == own["decision"]
    assert (other["class"], other["score"], other["peak"]) == ("not broken", pytest.approx(-16 / 64 * 250 / 255, rel=1e-4), 0)
    assert other[["padding", "x", "y"]].isna().all()
    assert other["p"] == pytest.approx(own["p"] if own["class"] == "not broken" else 1 - own["p"])


def test_heat_on_padding_is_measured(bright, tmp_path):
    """The black above and below a white film of 128 x 64 px is half of its square, and what the map gives to it is interpolation."""
    Image.new("L", (128, 64), 255).save(tmp_path / "white.png")
    explain(bright, [str(tmp_path / "white.png")], tmp_path / "heat", label="broken")
    told = pd.read_csv(tmp_path / "heat" / "heat.csv").iloc[0]
    whole = Fitting(64, "squash").back(np.repeat([0, 0, 1, 1, 1, 1, 0, 0], 8).reshape(8, 8), (64, 64))
    assert told["padding"] == pytest.approx((whole[:16].sum() + whole[48:].sum()) / whole.sum(), rel=1e-3)


def test_a_folder_is_explained_with_the_calls_of_predict_and_what_cannot_be_read_is_listed(trained, tmp_path):
    result = explain(trained.folder, [str(trained.films)], tmp_path / "heat")
    predict(trained.folder, [str(trained.films)], tmp_path / "p.csv")

    heat, calls = pd.read_csv(tmp_path / "heat" / "heat.csv", dtype={"row": str}), pd.read_csv(tmp_path / "p.csv", dtype={"row": str})
    assert heat[["row", "image", "reason"]].equals(calls[["row", "image", "reason"]])
    read = heat["reason"].isna()
    assert (heat["decision"] == calls["decision:label"])[read].all()
    own = np.where(heat["class"] == "broken", calls["p:label:broken"], calls["p:label:not broken"])
    assert heat["p"][read].to_numpy() == pytest.approx(own[read], abs=1e-6)
    assert {path.name for path in (tmp_path / "heat").iterdir()} == {"heat.csv", *(f"{row}.png" for row in heat["row"][read])}
    assert (heat["layer"][read] == "layer4").all()
    assert result.content["explained"] == read.sum() == len(heat) - result.content["rejected"]
    assert result.content["all_zero"] == (heat["peak"] == 0).sum()
    assert [finding.check for finding in result.findings] == ["unreadable"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"label": "brokn"}, r"no class 'brokn'.*'broken'"),
        ({"layer": "layer9"}, r"no layer 'layer9'.*'layer4'"),
        ({"layer": "head"}, "not a map"),
        ({"method": "gradcam"}, r"unknown name 'gradcam'.*'grad-cam'"),
    ],
)
def test_what_is_not_there_is_answered_with_the_near_one_before_anything_is_read(trained, tmp_path, given, words):
    with pytest.raises(UserError, match=words):
        explain(trained.folder, ["nowhere"], tmp_path / "heat", **given)
    assert not (tmp_path / "heat").exists()


def test_a_folder_that_holds_something_is_not_written_to(trained, tmp_path):
    (tmp_path / "note.txt").write_text("precious")
    with pytest.raises(UserError, match="not empty"):
        explain(trained.folder, [str(trained.films)], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]
