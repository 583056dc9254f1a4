import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest

from overread.imaging import read as reading
from overread.imaging import zips
from overread.imaging.facts import extension
from overread.imaging.place import place
from overread.imaging.read import Unreadable, read


@pytest.fixture
def archive(tmp_path):
    """Write members into x.zip; a name may be a `ZipInfo`."""

    def write(members, **options):
        with zipfile.ZipFile(tmp_path / "x.zip", "w", **options) as file:
            for name, content in members.items():
                file.writestr(name, content)
        return str(tmp_path / "x.zip")

    return write


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_is_read_as_the_file_would_be(archive, dicom, store, grey, tmp_path, packing):
    store(grey, "a.png")
    frames = np.stack([grey, 255 - grey])
    path = archive({"s/a.png": (tmp_path / "a.png").read_bytes(), "s/b #1": dicom(grey), "c.dcm": dicom(frames)}, compression=packing)
    assert zips.members(tmp_path / "x.zip") == ["s/a.png", "s/b #1", "c.dcm"]
    for member in ("s/a.png", "s/b #1", "c.dcm#frame=1"):
        assert np.array_equal(read(f"{path}#{member}"), grey)
    assert np.array_equal(read(f"{path}#c.dcm#frame=2"), 255 - grey)


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize("name", ["../up.dcm", "a/../../up.dcm", "/etc/up.dcm", "C:\\up.dcm", "a\\..\\up.dcm", link("up.dcm")])
def test_a_member_that_escapes_its_folder_is_refused_and_its_neighbour_is_not(archive, dicom, grey, name):
    path = archive({name: dicom(grey), "b.dcm": dicom(grey)})
    told = getattr(name, "filename", name)
    with pytest.raises(Unreadable, match="points outside") as fault:
        read(f"{path}#{told}")
    assert "up.dcm" not in str(fault.value)
    assert np.array_equal(read(f"{path}#b.dcm"), grey)


def test_a_bomb_is_not_unpacked(archive, monkeypatch):
    path = archive({"bomb.dcm": bytes(10_000_000)}, compression=zipfile.ZIP_DEFLATED)
    assert Path(path).stat().st_size < 20_000
    monkeypatch.setattr(reading, "BYTES_LIMIT", 1_000_000)
    with pytest.raises(Unreadable, match="larger than"):
        read(f"{path}#bomb.dcm")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: data[:-30], "not a zip archive"),
        (lambda data: data.replace(b"\x7f\x7f\x7f\x7f", b"\x7f\x7f\x00\x7f", 1), "damaged"),
        (lambda data: data.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"), "locked with a password"),
    ],
)
def test_a_damaged_or_locked_archive_is_a_reason(archive, dicom, tmp_path, change, reason):
    path = archive({"a.dcm": dicom(np.full((8, 8), 127, np.uint8))})
    (tmp_path / "x.zip").write_bytes(change((tmp_path / "x.zip").read_bytes()))
    with pytest.raises(Unreadable, match=reason):
        read(f"{path}#a.dcm")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_not_taken_for_one(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as file:
        for content in ("one", "other"):
            file.writestr("a.png", content)
    with pytest.raises(Unreadable, match="two members of one name"):
        zips.members(tmp_path / "x.zip")


def test_a_member_or_archive_that_is_not_there_is_a_reason(archive, tmp_path):
    path = archive({"a.dcm": b""})
    for file, reason in ((f"{path}#b.dcm", "no such member"), (f"{path}#a.dcm", "is empty"), (f"{tmp_path / 'y.zip'}#a", "archive is missing")):
        with pytest.raises(Unreadable, match=reason):
            read(file)


@pytest.mark.parametrize(
    ("file", "parts", "ending"),
    [
        ("a/film #3.PNG", ("a/film #3.PNG", "", 0), "png"),
        ("set.npz#train_images/12", ("set.npz", "train_images/12", 0), "npz"),
        ("s.ZIP#a/b #1.dcm#frame=12", ("s.ZIP", "a/b #1.dcm", 12), "dcm"),
        ("film.dcm#frame=3", ("film.dcm", "", 3), "dcm"),
        ("film#frame=x", ("film#frame=x", "", 0), ""),
    ],
)
def test_a_file_is_taken_apart_into_path_member_and_frame(file, parts, ending):
    assert place(file) == parts
    assert extension(file) == ending
