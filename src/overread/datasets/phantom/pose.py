"""How an arm lies before the film, bent and turned as a view asks, and the shadow that each of its solids casts."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from overread.datasets.phantom.anatomy import ELBOW, SHAPES, Region, Solid
from overread.datasets.phantom.body import Body

Line = NDArray[np.float32]
Onto = NDArray[np.float64]
"""(2, 3), maps (x, y, 1) in millimetres to pixels; it turns, mirrors and scales alike in all directions."""

STATIONS = 2048
"""Points along a solid at which its half-width is tabled."""

ALONG = np.linspace(0, 1, STATIONS)

SHAFTS = {"radius", "ulna", "humerus", "metacarpal", "phalanx", "clavicle"}
"""Shapes of long bones, whose cortex is thick in the middle."""


@dataclass(frozen=True)
class Pose:
    """How an arm lies.

    Attributes
    ----------
    turned : about its length, radians
    forearm, upper : how far each of these is bent at the elbow, radians
    centre : x about which it turns, millimetres
    elbow : where it bends, millimetres
    trunk : whether the body is behind it
    """

    turned: float
    forearm: float
    upper: float
    centre: float
    elbow: Onto
    trunk: bool

    def lay(self, solids: tuple[Solid, ...], bent: float) -> NDArray[np.float64]:
        """(n, 2, 3) starts and ends of solids once they are bent and turned."""
        points = np.array([(solid.start, solid.end) for solid in solids]).reshape(-1, 2, 3)
        x, y, z = np.moveaxis(points - self.elbow, -1, 0)
        y, z = y * np.cos(bent) - z * np.sin(bent) + self.elbow[1], y * np.sin(bent) + z * np.cos(bent) + self.elbow[2]
        x = x + self.elbow[0] - self.centre
        return np.stack(
            [self.centre + x * np.cos(self.turned) + z * np.sin(self.turned), y, z * np.cos(self.turned) - x * np.sin(self.turned)], axis=-1
        )


@dataclass(frozen=True)
class Shadow:
    """A solid as the beam sees it.

    Attributes
    ----------
    name : of the body it is a part of
    start, end : px, (x, y)
    outer, inner : (STATIONS,) half-width and half-width within the shell, px
    depth : chord through the middle over half-width, so that a chord is ``2 depth sqrt(outer^2 - u^2)`` px
    bow : px that the middle lies off the straight line, to the left
    hand : -1 where the picture is mirrored, so that left is right
    pixel : millimetres a pixel
    """

    name: str
    start: Line
    end: Line
    outer: Line
    inner: Line
    depth: float
    bow: float
    hand: float
    pixel: float

    @property
    def length(self) -> float:
        return float(np.hypot(*(self.end - self.start)))


def pose(body: Body, region: Region, view: int, draw: np.random.Generator) -> Pose:
    """The pose that a view asks for, a little off as patients are."""
    turned = float(np.radians(region.angles[view] + draw.normal(0, 4)))
    bent = float(np.radians(max(0.0, region.bend[view] + draw.normal(0, 5))))
    forearm, upper = (bent, 0.0) if region.centre[1] >= ELBOW[1] else (0.0, -bent)
    return Pose(turned, forearm, upper, body.grown * region.centre[0], body.grown * np.array(ELBOW), region.upside and region.angles[view] < 60)


def spot(body: Body, lying: Pose, bone: str, at: float) -> NDArray[np.float64]:
    """(2,) where a place on a bone lies, millimetres."""
    for solids, bent in ((body.distal, lying.forearm), (body.proximal, lying.upper), (body.girdle, 0.0)):
        found = tuple(solid for solid in solids if solid.name == bone)
        if found:
            start, end = lying.lay(found[:1], bent)[0, :, :2]
            return np.asarray(start + at * (end - start))
    raise ValueError(f"there is no bone {bone!r}")


def seen(body: Body, lying: Pose, onto: Onto, shape: tuple[int, int]) -> tuple[list[Shadow], list[Shadow]]:
    """Shadows of the bones and of the soft tissue that a film of so many pixels (height, width) shows."""
    bones = (body.distal, lying.forearm), (body.proximal, lying.upper), (body.girdle if lying.trunk else (), 0.0)
    flesh = (body.flesh_distal, lying.forearm), (body.flesh_proximal, lying.upper), (body.flesh_trunk if lying.trunk else (), 0.0)

    def shadows(parts: tuple[tuple[tuple[Solid, ...], float], ...]) -> list[Shadow]:
        return [shadow for solids, bent in parts for shadow in _cast(solids, lying.lay(solids, bent), onto, lying.turned, shape)]

    return shadows(bones), shadows(flesh)


def _cast(solids: tuple[Solid, ...], ends: NDArray[np.float64], onto: NDArray[np.float64], turned: float, shape: tuple[int, int]) -> list[Shadow]:
    """The shadows of those solids, lying before the film between their (n, 2, 3) `ends`, that do not fall beside it."""
    flat = ends[..., :2] @ onto[:, :2].T + onto[:, 2]
    area = float(np.linalg.det(onto[:, :2]))
    pixel, hand = abs(area) ** -0.5, float(np.sign(area))
    reach = np.array([1.4 * solid.width * max(1.0, solid.flat) + abs(solid.bow) for solid in solids]).reshape(-1, 1) / pixel
    low, high = flat.min(axis=1) - reach, flat.max(axis=1) + reach
    near = (high > 0).all(axis=1) & (low < (shape[1], shape[0])).all(axis=1)
    lean = np.hypot(*np.moveaxis(flat[:, 1] - flat[:, 0], -1, 0)) * pixel / np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1).clip(1e-6)
    return [_shadow(solids[i], flat[i].astype(np.float32), float(lean[i]), turned, hand, pixel) for i in np.flatnonzero(near)]


def _shadow(solid: Solid, ends: Line, lean: float, turned: float, hand: float, pixel: float) -> Shadow:
    """One shadow; `lean` is how much shorter it is than its solid."""
    start, end = ends
    flat = float(np.hypot(*(end - start))) * pixel
    if flat < solid.width:  # seen end-on it is as long as it is wide
        middle, along = (start + end) / 2, np.array([0.0, 1.0], np.float32) * solid.width / pixel
        start, end, flat = middle - along / 2, middle + along / 2, solid.width
    upright = abs(float(end[1] - start[1])) * pixel / flat
    squeeze = 1 + (np.hypot(np.cos(turned), solid.flat * np.sin(turned)) - 1) * upright
    outer = _profile(solid.shape, round(solid.width / flat, 2)) * np.float32(solid.width * squeeze / pixel)
    inset = min(0.3, 0.8 * solid.cortex / flat)
    inner = np.interp((ALONG - 0.5) / (1 - 2 * inset) + 0.5, ALONG, outer, left=0, right=0) - solid.cortex / pixel * _shaft(solid.shape in SHAFTS)
    depth, bow = solid.flat / squeeze**2 / max(0.5, lean), solid.bow / pixel * np.cos(turned)
    return Shadow(solid.name, start, end, outer, np.asarray(inner.clip(0), np.float32), float(depth), float(bow), hand, pixel)


@lru_cache(maxsize=4096)
def _profile(shape: str, stubby: float) -> Line:
    """(STATIONS,) half-width over width of a shape whose width is `stubby` of its length, its ends rounded."""
    power, knots = SHAPES[shape]
    share = PchipInterpolator(*zip(*knots, strict=True))(ALONG)
    cap = min(0.5, (1.0 if power < 2.5 else 0.7) * stubby)
    toward = (np.minimum(ALONG, 1 - ALONG) / cap).clip(0, 1)
    return np.asarray(share * (1 - (1 - toward) ** power) ** (1 / power), np.float32)


@lru_cache
def _shaft(long: bool) -> Line:
    """(STATIONS,) how thick the shell is along a solid: of a long bone most in the middle."""
    knots, share = ((0, 0.08, 0.3, 0.7, 0.92, 1), (0.25, 0.3, 1, 1, 0.3, 0.25)) if long else ((0, 1), (1, 1))
    return np.asarray(np.interp(ALONG, knots, share), np.float32)
