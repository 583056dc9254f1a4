"""Made-up radiographs of a long bone: a shaft in soft tissue, exposed as one of three sites would, broken or not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float64]

SITES = {"harbour": (1.0, 1.0, 0.025), "hill": (0.8, 1.35, 0.045), "north": (1.2, 0.8, 0.035)}
"""Gain, gamma and noise of each site's machine."""


@dataclass(frozen=True)
class Bone:
    """One patient's anatomy, lengths as shares of the picture's edge."""

    half_width: float
    cortex: float
    bow: float
    flare: float
    tissue: float
    neighbour: float
    """Where a thinner second bone lies beside the shaft; below the shaft's own width there is none."""

    @classmethod
    def drawn(cls, draw: np.random.Generator) -> "Bone":
        """A random patient's."""
        return cls(
            half_width=draw.uniform(0.07, 0.11),
            cortex=draw.uniform(0.018, 0.032),
            bow=draw.uniform(-0.25, 0.25),
            flare=draw.uniform(0.0, 1.2),
            tissue=draw.uniform(0.25, 0.36),
            neighbour=draw.choice([0.0, -0.2, 0.2]),
        )


def film(bone: Bone, broken: bool, site: str, size: int, draw: np.random.Generator) -> NDArray[np.uint8]:
    """One view of a patient.

    Parameters
    ----------
    broken : bool
        A dark gap crosses the shaft, with a step in its outline: from hairline to displaced. Whole and broken bones alike carry what
        resembles one: a vessel's canal in one cortex, and folds of skin that cross the whole film.

    Returns
    -------
    (size, size) uint8
    """
    across, along = _axes(size, draw)
    density = 0.35 * _band(across, bone.tissue, 0.03) + 0.05 * _clouds(size, draw)
    broken_at, slope = draw.uniform(-0.28, 0.28), np.tan(np.radians(draw.uniform(-40, 40)))
    beyond = along - broken_at - slope * across
    step = draw.uniform(0.0, 0.022) * draw.choice([-1, 1]) if broken else 0.0
    shaft = across - bone.bow * along**2 + step * (beyond > 0)
    bony = _shaft(shaft, bone.half_width * (1 + bone.flare * along**2), bone.cortex)
    if abs(bone.neighbour) > bone.half_width:
        bony += 0.7 * _shaft(across + bone.neighbour + 0.5 * bone.bow * along**2, 0.4 * bone.half_width, 0.6 * bone.cortex)
    if broken:
        gap, depth = draw.uniform(0.004, 0.012), draw.uniform(0.35, 0.85)
        jagged = beyond + 0.012 * np.interp(across, np.linspace(-0.2, 0.2, 12), draw.normal(size=12))
        partial = 1 / (1 + np.exp(-(shaft * draw.choice([-1, 1]) + draw.uniform(-0.02, 0.12)) / 0.01))
        bony *= 1 - depth * np.exp(-((jagged / gap) ** 2)) * partial * (np.abs(shaft) < 2 * bone.half_width)
    canal = along - draw.uniform(-0.4, 0.4) - draw.choice([-2.5, 2.5]) * across
    one_side = shaft * draw.choice([-1, 1]) > 0.3 * bone.half_width
    bony *= 1 - draw.uniform(0.1, 0.4) * np.exp(-((canal / 0.02) ** 2)) * one_side * (np.abs(shaft) < 1.3 * bone.half_width)
    density += 0.5 * bony
    for _ in range(draw.integers(0, 3)):
        fold = along - draw.uniform(-0.5, 0.5) - np.tan(np.radians(draw.uniform(-50, 50))) * across
        density += draw.uniform(-0.08, 0.08) * np.exp(-((fold / draw.uniform(0.006, 0.02)) ** 2))
    return _exposed(density, site, draw)


def _axes(size: int, draw: np.random.Generator) -> tuple[Field, Field]:
    """Coordinates across and along the shaft, in shares of the edge, 0 in the middle of the bone."""
    grid = (np.arange(size) + 0.5) / size - 0.5
    turn = np.radians(draw.uniform(-20, 20))
    x, y = grid[None, :] - draw.uniform(-0.1, 0.1), grid[:, None]
    return x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)


def _band(across: Field, half_width: Field | float, edge: float) -> Field:
    """1 inside a band, 0 outside, with a soft edge."""
    inside: Field = 1 / (1 + np.exp((np.abs(across) - half_width) / (edge / 4)))
    return inside


def _shaft(across: Field, half_width: Field | float, cortex: float) -> Field:
    """Bright cortex around darker marrow."""
    return _band(across, half_width, 0.012) - 0.55 * _band(across, half_width - cortex, 0.02)


def _clouds(size: int, draw: np.random.Generator) -> Field:
    """Smooth unevenness of soft tissue, about -1..1."""
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :]) * size
    waves = np.fft.rfft2(draw.normal(size=(size, size))) / (1 + (frequency / 2) ** 2)
    clouds: Field = np.fft.irfft2(waves, s=(size, size))
    clouds /= 3 * clouds.std()
    return clouds


def _exposed(density: Field, site: str, draw: np.random.Generator) -> NDArray[np.uint8]:
    """What the site's machine makes of it: gain and gamma with some spread, and noise."""
    gain, gamma, noise = SITES[site]
    shade = (gain * draw.uniform(0.85, 1.15) * density.clip(0)) ** (gamma * draw.uniform(0.9, 1.1))
    return np.asarray(np.rint(255 * (0.05 + 0.85 * shade + draw.normal(0, noise, density.shape)).clip(0, 1)), np.uint8)
