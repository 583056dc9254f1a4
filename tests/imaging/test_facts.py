import math

import numpy as np
from PIL import Image

from overread.imaging.facts import extension, facts
from overread.imaging.read import decode, fetch


def said(file):
    data = fetch(file)
    return facts(data, decode(data))


def test_a_file_says_its_size_mode_format_and_device(store, grey):
    exif = Image.Exif()
    exif.update({0x010F: "Acme\0", 0x0110: "X 1", 0x0131: "PACS", 0x0112: 6})
    facts = said(store(grey, "a.jpg", exif=exif, dpi=(150, 150)))
    assert (facts["width"], facts["height"]) == (48, 64)
    assert [facts[name] for name in ("mode", "format", "make", "model", "software", "orientation", "dpi")] == [
        "L",
        "JPEG",
        "Acme",
        "X 1",
        "PACS",
        6,
        150,
    ]


def test_the_stored_mode_is_told_although_the_picture_is_8_bit(store, grey):
    facts = said(store(grey.astype(np.uint16) * 200, "a.png"))
    assert facts["mode"] == "I;16"
    assert facts["make"] == "" and math.isnan(facts["dpi"])


def test_a_gif_named_jpg_is_told_by_its_two_names(store, grey, tmp_path):
    store(grey, "a.gif")
    film = (tmp_path / "a.gif").rename(tmp_path / "film.JPG")
    assert (said(str(film))["format"], extension(str(film))) == ("GIF", "jpg")


def test_a_member_of_an_archive_has_the_archives_extension(tmp_path, colour):
    np.savez(tmp_path / "x.npz", images=colour[None])
    file = f"{tmp_path / 'x.npz'}#images/0"
    assert (said(file)["format"], said(file)["mode"], extension(file)) == ("NPY", "RGB", "npz")


def test_a_dicom_file_says_its_size_depth_device_and_spacing_and_not_whose_it_is(dicom):
    told = {"Manufacturer": "Acme", "SoftwareVersions": ["1.2", "b"], "ImagerPixelSpacing": [0.2, 0.1], "PatientName": "Doe^Jane"}
    data = dicom(np.arange(48, dtype=np.uint16).reshape(6, 8), bits=10, PhotometricInterpretation="MONOCHROME1", **told)
    known = facts(data, decode(data))
    assert known == {
        "width": 8,
        "height": 6,
        "bytes": len(data),
        "mode": "MONOCHROME1 10/16",
        "format": "DICOM",
        "make": "Acme",
        "model": "",
        "software": "1.2 b",
        "orientation": 1,
        "dpi": 127.0,
    }
    assert math.isnan(facts(dicom(np.zeros((4, 4), np.uint8)), np.zeros((4, 4), np.uint8))["dpi"])
