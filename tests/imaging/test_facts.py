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
