"""One film: an arm laid before a scanner, exposed, collimated and marked."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from overread.datasets.phantom.anatomy import REGIONS, VIEWS, Region
from overread.datasets.phantom.body import Body
from overread.datasets.phantom.detector import Scanner, digitise, expose
from overread.datasets.phantom.lead import Marker, field, mark, shutter
from overread.datasets.phantom.pose import pose, seen, spot
from overread.datasets.phantom.render import Picture, bone, flesh
from overread.datasets.phantom.seam import Fracture, Seam

FINE = 320
"""Films up to this edge are rendered at twice their size and averaged, so that thin bones keep their edges."""

CENTRED = 0.7
"""How far a film's middle is moved from the region's to where it hurts."""

CONTRAST = {"high": 1.18, "low": 0.87}
"""Exponents of the two kinds of processing."""


@dataclass(frozen=True)
class Setting:
    """How one film is taken.

    Attributes
    ----------
    region, view, laterality : what of the body, from where, and which side (L or R)
    scanner : that takes it
    marker, border : whether a letter lies on it, whether it is collimated
    contrast : high or low
    """

    region: str
    view: str
    laterality: str
    scanner: Scanner
    marker: bool
    border: bool
    contrast: str


@dataclass(frozen=True)
class Film:
    """A film and the truth about it.

    Attributes
    ----------
    pixels : (h, w) uint16, 12 bits, bone bright
    mask : (h, w) bool, the fracture's pixels
    marker : the letter on it, if any
    spacing : millimetres a pixel
    """

    pixels: NDArray[np.uint16]
    mask: NDArray[np.bool_]
    marker: Marker | None
    spacing: float


def film(
    body: Body, place: tuple[str, float], fracture: Fracture | None, seams: list[Seam], setting: Setting, size: int, draw: np.random.Generator
) -> Film:
    """Take one film.

    Parameters
    ----------
    body : the patient's
    place : where it hurts, a bone and how far along it
    fracture : None where the bones are whole
    seams : what else crosses the bones
    size : the film's longer edge, px
    """
    region, view = REGIONS[setting.region], VIEWS.index(setting.view)
    lying = pose(body, region, view, draw)
    centre = (1 - CENTRED) * body.grown * np.array(region.centre) + CENTRED * spot(body, lying, *place)
    shape, onto, pixel = _frame(region, centre, body.grown, setting.laterality, size, draw)
    fine = 2 if size <= FINE else 1
    onto, wide = onto * fine, (shape[0] * fine, shape[1] * fine)
    bones, tissue = seen(body, lying, onto, wide)
    hard, truth = bone(bones, seams, fracture, lying.turned, grain(), wide)
    absorbed = _folded(_smaller(flesh(tissue, wide), fine), draw) + np.float32(body.mineral) * _smaller(hard, fine)
    mask = _smaller(truth.astype(np.float32), fine) >= 0.5
    shade = expose(absorbed, setting.scanner, CONTRAST[setting.contrast], draw)
    inside = field(shape, draw) if setting.border else np.ones(shape, bool)
    if setting.border:
        shade = shutter(shade, inside, draw)
    marker = mark(shade, setting.laterality, absorbed, inside, draw) if setting.marker else None
    return Film(digitise(shade), mask & inside, marker, pixel)


@lru_cache(maxsize=1)
def grain() -> Picture:
    """(512, 512) texture of trabeculae, longer than wide, zero mean and unit spread; its edges meet."""
    rough = np.random.default_rng(0).standard_normal((512, 512))
    up, across = np.fft.fftfreq(512)[:, None] * 512, np.fft.rfftfreq(512)[None, :] * 512
    pass_band = np.exp(-((up / 70) ** 2) - ((across / 150) ** 2)) - np.exp(-((up / 14) ** 2) - ((across / 24) ** 2))
    texture = np.fft.irfft2(np.fft.rfft2(rough) * pass_band, s=(512, 512))
    return np.asarray(texture / texture.std(), np.float32)


def _frame(
    region: Region, centre: NDArray[np.float64], grown: float, laterality: str, size: int, draw: np.random.Generator
) -> tuple[tuple[int, int], NDArray[np.float64], float]:
    """Height and width of the film, what maps millimetres to its pixels, and millimetres a pixel."""
    extent = np.array(region.extent) * draw.uniform(0.92, 1.12, 2) * (0.4 + 0.6 * grown) * draw.uniform(0.95, 1.1)
    pixel = float(extent.max() / size)
    width, height = (max(1, round(float(edge) / pixel)) for edge in extent)
    angle = np.radians(draw.normal(0, 7) + 180 * region.upside)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / pixel
    middle = np.array([width, height]) * (0.5 + draw.normal(0, 0.02, 2))
    onto = np.column_stack([turn, middle - turn @ centre])
    if laterality == "L":
        onto[0] = [0, 0, width] - onto[0]
    return (height, width), onto, pixel


def _folded(soft: Picture, draw: np.random.Generator) -> Picture:
    """Soft tissue with the unevenness of muscle and, in some, folds of skin that cross it."""
    height, width = soft.shape
    uneven = cv2.resize(draw.standard_normal((9, 9), np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    soft = soft * (1 + 0.035 * uneven)
    x, y = (np.arange(width, dtype=np.float32)[None, :] + 0.5) / width - 0.5, (np.arange(height, dtype=np.float32)[:, None] + 0.5) / height - 0.5
    for _ in range(draw.integers(0, 3)):
        slope, bend, thick = draw.normal(0, 0.5), draw.normal(0, 0.6), draw.uniform(0.004, 0.014)
        off = y - draw.uniform(-0.45, 0.45) - slope * x - bend * x**2
        soft = soft * (1 + draw.choice([-0.09, 0.12]) * draw.uniform(0.3, 1) * np.exp(-((off / thick) ** 2)))
    return np.asarray(soft, np.float32)


def _smaller(picture: Picture, times: int) -> Picture:
    """Blocks of so many pixels each way become their mean."""
    height, width = picture.shape
    return np.asarray(picture.reshape(height // times, times, width // times, times).mean(axis=(1, 3)), np.float32)
