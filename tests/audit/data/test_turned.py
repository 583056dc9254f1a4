"""Turned pictures are told by the EXIF tag and by the corners that a turn cuts."""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image

from overread.audit.base import Context
from overread.audit.data.turned import turned

Make = Callable[..., Context]
Film = Callable[..., np.ndarray]


def tagged(film: np.ndarray) -> bytes:
    """A JPEG whose EXIF says that it is to be turned by a quarter."""
    exif, content = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    Image.fromarray(film).save(content, "JPEG", exif=exif)
    return content.getvalue()


def test_a_tag_and_a_cut_corner_are_found(context: Make, film: Film) -> None:
    turn = np.asarray(Image.fromarray(film(1, 128).clip(30)).rotate(20, Image.Resampling.BILINEAR))
    (finding,) = turned(context([film(0), tagged(film(2)), turn, film(3)], ["well", "sick"] * 2, size=128))

    assert finding.passed is False
    assert finding.sentence.startswith("2 of 4 pictures bear the mark of a turn (")
    assert "1 to be turned by an EXIF tag" in finding.sentence and "1 cut corners" in finding.sentence


def test_upright_pictures_pass(context: Make, film: Film) -> None:
    (finding,) = turned(context([film(0), film(1), np.rot90(film(2)).copy()], ["well", "sick", "well"]))

    assert finding.passed
