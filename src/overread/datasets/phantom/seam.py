"""Lines across a bone: a fracture, and what resembles one (a vessel's canal, a growth plate, a line where growth once paused)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overread.datasets.phantom.anatomy import Region
from overread.datasets.phantom.body import Body

KINDS = ("line", "gap", "step")
"""A line is a crack, a gap has its fragments pulled apart, a step has them shifted sideways."""

LONG = ("radius", "ulna", "humerus")

RAGGED = 13
"""Points across a bone between which a seam's raggedness is drawn."""


@dataclass(frozen=True)
class Seam:
    """A plane through a bone, along which there is less mineral, or more.

    Lengths are shares of the bone's half-width at rest, so that a finger and an upper arm break alike.

    Attributes
    ----------
    bone : its name
    at : where along the bone, 0 at its start and 1 at its end
    tilt : slope of the plane to the left and towards the beam: across the view it slants, along it it blurs
    half : half the width of the seam
    depth : share of the mineral that is missing in its middle; negative where it is denser
    reach : from where to where across the bone, -1 and 1 its edges
    ragged : (RAGGED,) how far it strays along the bone
    soft : how gradually it begins, as a share of `half`
    """

    bone: str
    at: float
    tilt: tuple[float, float]
    half: float
    depth: float
    reach: tuple[float, float] = (-1.5, 1.5)
    ragged: tuple[float, ...] = (0.0,) * RAGGED
    soft: float = 0.1

    def seen(self, turned: float) -> tuple[float, float, float]:
        """Slope, half-width and depth in a view turned by so many radians: a plane seen aslant is wide and faint."""
        slope = self.tilt[0] * np.cos(turned) + self.tilt[1] * np.sin(turned)
        blur = 0.3 * abs(self.tilt[1] * np.cos(turned) - self.tilt[0] * np.sin(turned))
        half = float(np.hypot(self.half, blur))
        return float(slope), half, float(self.depth * (self.half / half) ** 0.7)


@dataclass(frozen=True)
class Fracture:
    """A broken bone.

    Attributes
    ----------
    kind : line, gap or step
    seam : where it is broken
    shift : how far the fragment beyond the seam is out of line, to the left and towards the beam, in half-widths of the bone
    bend : how far both fragments' ends are
    """

    kind: str
    seam: Seam
    shift: tuple[float, float]
    bend: tuple[float, float]

    def off(self, turned: float) -> tuple[float, float]:
        """Shift and bend across the view."""
        shift, bend = (float(way[0] * np.cos(turned) + way[1] * np.sin(turned)) for way in (self.shift, self.bend))
        return shift, bend


def complaint(region: Region, draw: np.random.Generator) -> tuple[str, float]:
    """Where it hurts, broken or not: a bone of the region, and how far along it. Films are centred there."""
    bone, least, most = region.breaks[draw.integers(len(region.breaks))]
    return bone, float(draw.uniform(least, most))


def fracture(place: tuple[str, float], kind: str, subtlety: float, draw: np.random.Generator) -> Fracture:
    """A random fracture at a place along a bone; `subtlety` from 0, plain at a glance, to 1, a hairline."""
    plain = float(np.clip(1 - subtlety + draw.uniform(-0.15, 0.15), 0.03, 1))
    half, depth, shift, bend = {
        "line": (0.05 + 0.28 * plain, 0.25 + 0.70 * plain, 0.0, 0.0),
        "gap": (0.08 + 0.75 * plain, 0.35 + 0.65 * plain, 0.4 * plain, 0.6 * plain),
        "step": (0.05 + 0.25 * plain, 0.30 + 0.60 * plain, 0.08 + 1.6 * plain, 0.3 * plain),
    }[kind]
    reach = (-1.5, 1.5)
    if kind == "line" and draw.random() > plain:
        edge = draw.uniform(-0.3, 0.6)
        reach = (-1.5, edge) if draw.random() < 0.5 else (-edge, 1.5)
    tilt = draw.normal(0, 0.5), draw.normal(0, 0.25)
    if "." in place[0]:  # the slender bones of a hand come further apart
        half, shift = 1.4 * half, 1.4 * shift
    seam = Seam(*place, tilt, half, depth, reach, _rough(0.14 + 0.1 * plain, draw))
    return Fracture(kind, seam, _aside(shift, draw), _aside(bend, draw))


def _aside(far: float, draw: np.random.Generator) -> tuple[float, float]:
    """So far to the left or right, and some of it towards the beam or away."""
    way = draw.uniform(-0.6, 0.6) + np.pi * draw.integers(2)
    return float(far * np.cos(way)), float(far * np.sin(way))


def lookalikes(body: Body, region: Region, draw: np.random.Generator) -> list[Seam]:
    """What a sound bone may show as well: canals of vessels, growth plates in a child, lines of arrested growth."""
    bones = [solid.name for solid in (*body.distal, *body.proximal, *body.girdle)]
    tubes = [name for name in dict.fromkeys(bones) if name in LONG or "." in name]
    seams = [Seam(bone, at, (0, 0.1), 0.3, -0.22, ragged=_rough(0.03, draw), soft=0.5) for bone in LONG for at in body.arrests]
    if body.growing:
        for bone in tubes:
            for at in (0.04, 0.95) if bone in LONG else (0.09,):
                ragged = _rough(0.1, draw)
                seams += [
                    Seam(bone, at, (0, 0.1), 0.3, -0.25, ragged=ragged, soft=0.5),
                    Seam(bone, at, (0, 0.1), 0.08, 0.55, ragged=ragged, soft=0.4),
                ]
    broken = list(dict.fromkeys(bone for bone, _, _ in region.breaks))
    for bone in draw.choice(broken, min(len(broken), int(draw.integers(1, 4))), replace=False):
        slant, edge = draw.choice([-1, 1]) * draw.uniform(1.5, 3.5), draw.uniform(0.1, 0.5)
        reach = (-1.3, -edge) if draw.random() < 0.5 else (edge, 1.3)
        seams.append(Seam(str(bone), draw.uniform(0.25, 0.75), (slant, 0), draw.uniform(0.08, 0.16), draw.uniform(0.15, 0.45), reach))
    return seams


def _rough(amount: float, draw: np.random.Generator) -> tuple[float, ...]:
    """A zigzag of neighbouring points that differ by about `amount`."""
    steps: NDArray[np.float64] = draw.normal(0, amount, RAGGED)
    return tuple(np.convolve(steps, [0.25, 0.5, 0.25], mode="same") * 1.6)
