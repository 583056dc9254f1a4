import numpy as np
import pandas as pd
import pytest
import torch

import overread
from overread.backbones.create import create
from overread.errors import UserError
from overread.imaging.read import read as read_image
from overread.recipe import Backbone, Image, Runtime

EXACT = Runtime(precision="fp32", threads=1)


@pytest.fixture
def weights(tmp_path):
    """Files of a tiny network's tensors, each drawn from a seed."""
    from overread.backbones.torchvision import timm

    def make(seed):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            path = tmp_path / f"tensors{seed}.pth"
            torch.save(timm.create_model("test_resnet").state_dict(), path)
        return str(path)

    return make


def test_a_row_an_image_a_column_a_number_and_rejected_files_beside(films, weights, tmp_path):
    films(n=12)
    (tmp_path / "films" / "film 5.png").write_text("not a picture")
    backbone, image = Backbone(name="test_resnet", weights=weights(0)), Image(size=64)
    result = overread.embed(f"table:{tmp_path / 'films' / 'films.csv'}", tmp_path / "f.parquet", backbone, image, EXACT)

    table = pd.read_parquet(tmp_path / "f.parquet")
    trunk = create(backbone, image).eval()
    assert table.columns.tolist() == ["row", *(f"test_resnet:{i}" for i in range(trunk.features))]
    assert table["row"].tolist() == [str(i) for i in range(12) if i != 5]
    assert (table.dtypes.iloc[1:] == np.float32).all()
    film = np.repeat(read_image(str(tmp_path / "films" / "film 7.png"))[None, ..., None], 3, axis=3)
    with torch.inference_mode():
        direct = trunk(trunk.preprocess.normalise(torch.from_numpy(film)))[0].numpy()
    np.testing.assert_allclose(table.set_index("row").loc["7"].to_numpy(np.float32), direct, rtol=1e-4, atol=1e-5)
    assert pd.read_csv(tmp_path / "f.rejected.csv")["image"].tolist() == ["film 5.png"]
    assert result.content["rejected"] == 1
    assert [finding.check for finding in result.findings] == ["unreadable"]


def test_several_backbones_are_columns_side_by_side(films, weights, tmp_path):
    films(n=6)
    one, other = (Backbone(name="test_resnet", weights=weights(seed)) for seed in (0, 1))
    source, image = f"table:{tmp_path / 'films' / 'films.csv'}", Image(size=64)
    overread.embed(source, tmp_path / "one.parquet", one, image, EXACT)
    both = overread.embed(source, tmp_path / "both.csv", one.model_copy(update={"beside": (other,)}), image, EXACT)
    alone, joint = pd.read_parquet(tmp_path / "one.parquet"), pd.read_csv(tmp_path / "both.csv")

    assert [told["kept"] for told in both.content["backbones"]] == [6, 0]
    assert len(joint.columns) == 2 * (len(alone.columns) - 1) + 1
    np.testing.assert_allclose(joint.filter(like="test_resnet 1:"), alone.filter(like="test_resnet:"), rtol=1e-5)
    assert not np.allclose(joint.filter(like="test_resnet 2:"), alone.filter(like="test_resnet:"))


def test_features_that_are_all_the_same_are_a_finding(films, tmp_path):
    from overread.backbones.torchvision import timm

    films(n=6)
    path = tmp_path / "zeros.pth"
    torch.save({name: torch.zeros_like(tensor) for name, tensor in timm.create_model("test_resnet").state_dict().items()}, path)
    backbone = Backbone(name="test_resnet", weights=str(path))
    result = overread.embed(f"table:{tmp_path / 'films' / 'films.csv'}", tmp_path / "f.parquet", backbone, Image(size=64), EXACT)

    assert [finding.check for finding in result.findings] == ["constant-features"]


def test_a_table_that_is_there_is_not_written_over(films, tmp_path):
    films(n=4)
    (tmp_path / "f.parquet").write_text("mine")
    with pytest.raises(UserError, match="exists"):
        overread.embed(f"table:{tmp_path / 'films' / 'films.csv'}", tmp_path / "f.parquet")
