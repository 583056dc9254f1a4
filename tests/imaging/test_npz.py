import os

import numpy as np
import pytest

from overread.imaging.read import Unreadable, read


@pytest.fixture
def archive(tmp_path, grey):
    path = tmp_path / "set #1.npz"
    np.savez_compressed(
        path, grey_images=np.stack([grey, 255 - grey]), deep=np.stack([grey.astype(np.uint16) * 99]), flat=np.zeros((3, 5)), mask=grey[None] > 9
    )
    return path


def test_a_member_is_read_by_key_and_number(archive, grey):
    assert np.array_equal(read(f"{archive}#grey_images/1"), 255 - grey)
    assert read(f"{archive}#deep/0").dtype == np.uint8


@pytest.mark.parametrize("member", ["grey_images/2", "grey_images/-1", "grey_images", "other/0", "flat/0", "mask/0", ""])
def test_a_member_that_is_not_there_or_no_picture_is_unreadable(archive, member):
    with pytest.raises(Unreadable):
        read(f"{archive}#{member}")


def test_a_rewritten_archive_is_read_again(archive, grey):
    before = read(f"{archive}#grey_images/0")
    np.savez(archive, grey_images=np.stack([grey // 2]))
    os.utime(archive, ns=(1, 1))
    assert not np.array_equal(read(f"{archive}#grey_images/0"), before)


def test_an_archive_that_is_missing_cut_off_or_pickled_is_unreadable(archive, tmp_path):
    (tmp_path / "cut.npz").write_bytes(archive.read_bytes()[:300])
    np.savez(tmp_path / "pickled.npz", a=np.array([{"a": 1}], dtype=object))
    for name in ("gone.npz#a/0", "cut.npz#grey_images/0", "pickled.npz#a/0"):
        with pytest.raises(Unreadable):
            read(str(tmp_path / name))
