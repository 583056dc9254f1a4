"""Everyday picture files: PNG, JPEG, TIFF, BMP, WebP and GIF (its first frame), told by content and not by extension."""

import io
import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from overread.imaging.unreadable import Unreadable
from overread.imaging.window import window

FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "GIF")

PIXEL_LIMIT = 89_000_000
"""A square of 9,400 px, three times the largest mammogram; a header that promises more is refused before anything is decoded."""

DAMAGE = (OSError, SyntaxError, ValueError, LookupError, ArithmeticError, TypeError, EOFError, struct.error, zlib.error)
"""What Pillow's decoders raise on damaged bytes (found by flipping and cutting bytes of every format)."""

ORIENTATION = 0x0112

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation to what turns the picture upright (`ImageOps.exif_transpose` also rewrites the EXIF, and fails where that is odd)."""


def header(data: bytes) -> Image.Image:
    """The picture with its header read and nothing decoded.

    Raises
    ------
    Unreadable
        No picture of these formats, or one over the pixel limit.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise Unreadable("its content is not a picture (PNG, JPEG, TIFF, BMP, WebP, GIF or DICOM)") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unreadable(_too_large()) from None
    except DAMAGE as fault:
        raise Unreadable("its header is damaged") from fault
    if image.width * image.height > PIXEL_LIMIT:
        raise Unreadable(_too_large())
    return image


def decode(data: bytes) -> NDArray[np.uint8]:
    """Upright pixels of a picture file's bytes, (h, w) uint8 where it is grey and (h, w, 3) RGB where it has colour channels.

    Transparent parts are black. 16- and 32-bit grey is windowed (see `window`).

    Raises
    ------
    Unreadable
        Not a picture, over the pixel limit, cut off or damaged.
    """
    image = header(data)
    try:
        image.load()
        image = _upright(image)
        if image.mode == "F" or image.mode.startswith("I"):
            return window(np.asarray(image))
        return np.asarray(_opaque(image))
    except DAMAGE as fault:
        words = str(fault).lower()
        cut = "truncated" in words or "broken data stream" in words
        raise Unreadable("the file is cut off" if cut else "the file is damaged") from fault


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 (upright) where there is none or it cannot be read."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except DAMAGE:
        return 1


def _upright(image: Image.Image) -> Image.Image:
    turn = UPRIGHT.get(orientation(image))
    return image if turn is None else image.transpose(turn)


def _opaque(image: Image.Image) -> Image.Image:
    """The picture in mode L or RGB, laid over black where it is transparent."""
    plain, seen_through = ("L", "LA") if image.mode in {"1", "L", "LA", "La"} else ("RGB", "RGBA")
    if not image.has_transparency_data:
        return image if image.mode == plain else image.convert(plain)
    image = image.convert(seen_through)
    black = Image.new(plain, image.size)
    black.paste(image.convert(plain), mask=image.getchannel("A"))
    return black


def _too_large() -> str:
    return f"its header promises more than {PIXEL_LIMIT // 1_000_000} megapixels"
