import numpy as np
import pytest

from overread.datasets.base import read
from overread.errors import UserError
from overread.imaging.read import read as read_image


@pytest.fixture
def archive(tmp_path):
    """Write an archive of 4, 2 and 2 images under a name; returns its source."""

    def make(name, labels=None, **more):
        draw = np.random.default_rng(0)
        arrays = {}
        for part, n in (("train", 4), ("val", 2), ("test", 2)):
            arrays[f"{part}_images"] = draw.integers(0, 256, (n, 28, 28), dtype=np.uint8)
            arrays[f"{part}_labels"] = np.resize(labels or [0, 1], (n, 1)).astype(np.uint8)
        np.savez_compressed(tmp_path / name, **(arrays | more))
        return [f"medmnist:{tmp_path / name}"]

    return make


def test_a_known_set_has_its_classes_names_and_the_official_split(archive):
    catalog = read(archive("pneumoniamnist_224.npz"))
    assert catalog.targets["label"].classes == ("normal", "pneumonia")
    assert catalog.frame["label"].tolist() == ["normal", "pneumonia"] * 4
    assert catalog.frame["split"].tolist() == ["train"] * 4 + ["val"] * 2 + ["test"] * 2
    assert catalog.frame["image"][5] == "val_images/1"
    assert read_image(catalog.frame["file"][5]).shape == (28, 28)


def test_kind_and_positive_class_are_those_of_the_set(archive):
    assert read(archive("retinamnist.npz", labels=[0, 4, 2])).targets["label"].kind == "ordinal"
    assert read(archive("breastmnist.npz")).targets["label"].positive == "malignant"
    assert read(archive("mine.npz", labels=[0, 1, 2])).targets["label"].classes == ("0", "1", "2")
    assert read([archive("breastmnist.npz")[0] + "?merge=cancer:malignant;none:normal, benign"]).targets["label"].positive == "cancer"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"train_labels": np.zeros((4, 14), int)}, "14 labels an image"),
        ({"val_labels": np.zeros((3, 1), int)}, "2 images and 3 labels"),
        ({"val_labels": np.full((2, 1), 7)}, "does not have"),
        ({"val_labels": np.zeros((2, 1))}, "float64"),
    ],
)
def test_labels_that_do_not_fit_are_refused(archive, more, words):
    with pytest.raises(UserError, match=words):
        read(archive("pneumoniamnist.npz", **more))


def test_another_archive_and_a_missing_one_are_errors(tmp_path):
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    (tmp_path / "text.npz").write_text("no archive")
    for name, words in (("other.npz", "no array train_images"), ("text.npz", "not a NumPy archive"), ("gone.npz", "no such file")):
        with pytest.raises(UserError, match=words):
            read([f"medmnist:{tmp_path / name}"])
