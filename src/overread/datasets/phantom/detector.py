"""What a scanner makes of the beam that reaches it: scatter, noise, exposure and its maker's processing, as 12-bit numbers."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from overread.datasets.phantom.render import Picture
from overread.imaging.window import PERCENTILES

LEVELS = 4096


@dataclass(frozen=True)
class Scanner:
    """A machine and how it renders.

    Attributes
    ----------
    site : where it stands
    maker : its manufacturer
    photometric : MONOCHROME2, or MONOCHROME1 where it stores bone dark
    gain, gamma : brightness and contrast of its processing
    noise : of the detector, as a share of the open beam
    scatter : share of the beam that arrives astray
    edge : how much it sharpens
    floor : grey level of what the open beam hits, as a share
    kilovolt : of its tube
    """

    site: str
    maker: str
    photometric: str
    gain: float
    gamma: float
    noise: float
    scatter: float
    edge: float
    floor: float
    kilovolt: int


SCANNERS = {
    "harbour-1": Scanner("harbour", "Albatross", "MONOCHROME2", 1.0, 1.0, 0.006, 0.20, 0.5, 0.05, 55),
    "harbour-2": Scanner("harbour", "Albatross", "MONOCHROME1", 1.04, 0.94, 0.008, 0.25, 0.8, 0.07, 57),
    "hill-1": Scanner("hill", "Basalt", "MONOCHROME2", 0.95, 1.14, 0.011, 0.30, 0.4, 0.09, 60),
    "hill-2": Scanner("hill", "Corvid", "MONOCHROME1", 0.93, 1.2, 0.014, 0.30, 0.5, 0.02, 52),
    "north-1": Scanner("north", "Corvid", "MONOCHROME1", 1.08, 0.86, 0.008, 0.35, 0.7, 0.12, 62),
    "north-2": Scanner("north", "Dolerite", "MONOCHROME2", 1.05, 0.82, 0.012, 0.25, 1.0, 0.15, 65),
}

SITES = tuple(dict.fromkeys(scanner.site for scanner in SCANNERS.values()))


def expose(absorbed: Picture, scanner: Scanner, contrast: float, draw: np.random.Generator) -> Picture:
    """Grey levels of a film before lead and collimation are laid on.

    Parameters
    ----------
    absorbed : (h, w) line integrals of absorption
    contrast : exponent on top of the scanner's own

    Returns
    -------
    (h, w) float32, about 0..1, bone bright
    """
    height, width = absorbed.shape
    passed = np.exp(-absorbed)
    coarse = cv2.GaussianBlur(cv2.resize(passed, (32, 32), interpolation=cv2.INTER_AREA), (0, 0), 4)
    veil = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    heel = 1 + draw.uniform(-0.12, 0.12) * np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    heel = heel + draw.uniform(-0.08, 0.08) * np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    beam = (passed + scanner.scatter * 0.35 * veil) * heel
    speckle = draw.standard_normal((height, width), np.float32)
    beam += scanner.noise * draw.uniform(0.7, 1.4) * np.sqrt(beam) * speckle
    density = -np.log(beam.clip(0.004, 1.5) / (1 + 0.35 * scanner.scatter))
    spread = max(1.0, 0.012 * max(height, width))
    density += scanner.edge * 0.6 * (density - cv2.GaussianBlur(density, (0, 0), spread))
    most = max(0.3, float(np.percentile(density, 99.7)))
    share = (density / (most * draw.uniform(0.92, 1.15))).clip(0, 1.2)
    shade = scanner.gain * share ** (scanner.gamma * contrast * draw.uniform(0.92, 1.08))
    return np.asarray(scanner.floor + (1 - scanner.floor) * 0.92 * shade, np.float32)


def digitise(shade: Picture) -> NDArray[np.uint16]:
    """0..1 as 12-bit numbers, whose percentile window is an odd number of them wide.

    So no value falls half-way between two of 256 grey levels, where a film and its inverse would round apart.
    """
    values = np.asarray(np.rint((LEVELS - 2) * shade.clip(0, 1)), np.uint16)
    low, high = np.percentile(values, PERCENTILES)
    return values + (values >= high) if (high - low) % 2 == 0 else values
