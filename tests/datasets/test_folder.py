import os
from pathlib import Path

import pytest

from overread.datasets.base import read
from overread.errors import UserError


def test_the_folders_are_the_classes_however_deep_the_file(place):
    folder = place("Röntgen & mehr/normal/a b.png", "Röntgen & mehr/pneumonia/p1/é.png")
    catalog = read([f"folder:{folder / 'Röntgen & mehr'}"])
    assert catalog.frame["image"].tolist() == ["normal/a b.png", "pneumonia/p1/é.png"]
    assert catalog.frame["label"].tolist() == ["normal", "pneumonia"]
    assert catalog.targets["label"].positive == "pneumonia"
    assert all(Path(file).is_file() for file in catalog.frame["file"])


def test_a_published_split_is_read_in_any_case(place):
    folder = place("x/Training/normal/a.png", "x/Valid/sick/b.png", "x/testing/sick/deep/c.png", "x/README.md")
    frame = read([f"folder:{folder / 'x'}"]).frame
    assert frame["split"].tolist() == ["train", "val", "test"]
    assert frame["label"].tolist() == ["normal", "sick", "sick"]


def test_a_split_beside_other_folders_is_refused(place):
    folder = place("x/train/normal/a.png", "x/train/sick/a.png", "x/sick/b.png")
    with pytest.raises(UserError, match="'sick' holds images beside 'train'"):
        read([f"folder:{folder / 'x'}"])


def test_litter_and_papers_are_left_out_and_other_names_are_not(place):
    folder = place("x/normal/a", "x/sick/b.gif", "x/sick/c.xyz", "x/sick/._c.png", "x/.git/d.png", "x/__MACOSX/e.png", "x/sick/Thumbs.db")
    (folder / "x" / "labels.CSV").write_text("image,label")
    assert read([f"folder:{folder / 'x'}"]).frame["image"].tolist() == ["normal/a", "sick/b.gif", "sick/c.xyz"]


def test_a_file_beside_the_classes_is_a_row_without_a_label(place):
    frame = read([f"folder:{place('x/a.png', 'x/normal/b.png', 'x/sick/c.png') / 'x'}"]).frame
    assert frame["label"].isna().tolist() == [True, False, False]


def test_one_name_in_two_spellings_of_unicode_is_one_class(place):
    folder = place("x/train/caf\u00e9/a.png", "x/test/cafe\u0301/b.png", "x/train/tea/c.png")
    assert len(read([f"folder:{folder / 'x'}?positive=tea"]).targets["label"].classes) == 2


def test_links_to_folders_are_followed_but_not_upwards(place):
    folder = place("x/normal/a.png", "elsewhere/b.png")
    (folder / "x" / "sick").symlink_to(folder / "elsewhere")
    (folder / "x" / "normal" / "up").symlink_to(folder / "x")
    assert read([f"folder:{folder / 'x'}"]).frame["label"].tolist() == ["normal", "sick"]


def test_missing_empty_and_one_class_folders_are_errors(place):
    folder = place("x/normal/a.png", "file")
    (folder / "empty" / "normal").mkdir(parents=True)
    for name, words in (("gone", "no such folder"), ("empty", "no image"), ("file", "a file, not a folder"), ("x", "only the class 'normal'")):
        with pytest.raises(UserError, match=words):
            read([f"folder:{folder / name}"])


def test_a_positive_class_that_cannot_be_told_must_be_declared(place):
    folder = place("x/cats/a.png", "x/dogs/b.png")
    with pytest.raises(UserError, match=r"\?positive=cats"):
        read([f"folder:{folder / 'x'}"])
    assert read([f"folder:{folder / 'x'}?positive=cats"]).targets["label"].classes == ("dogs", "cats")


def test_what_a_run_wrote_below_the_images_is_not_data(place):
    folder = place("x/normal/a.png", "x/sick/b.png", "x/sick/run/figures/mistakes/0.png", "x/sick/deeper/c.png")
    (folder / "x/sick/run/catalog.parquet").touch()
    assert read([f"folder:{folder / 'x'}"]).frame["image"].tolist() == ["normal/a.png", "sick/b.png", "sick/deeper/c.png"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_that_may_not_be_opened_is_an_error_and_not_an_empty_one(place):
    folder = place("x/normal/a.png", "x/sick/b.png", "x/sick/more/c.png")
    (folder / "x/sick/more").chmod(0)
    with pytest.raises(UserError, match="cannot be opened"):
        read([f"folder:{folder / 'x'}"])
