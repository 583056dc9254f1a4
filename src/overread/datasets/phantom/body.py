"""A patient's own arm: the anatomy with that patient's proportions, density and age."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from overread.datasets.phantom.anatomy import DIGITS, FOREARM, FOREARM_FLESH, GIRDLE, HAND, TRUNK_FLESH, UPPER, UPPER_FLESH, Digit, Solid, Vector


@dataclass(frozen=True)
class Body:
    """A patient's arm.

    Attributes
    ----------
    distal, proximal, girdle : bones that bend with the forearm, those of the upper arm, and those of the trunk
    flesh_distal, flesh_proximal, flesh_trunk : the same of soft tissue
    grown : size over the atlas's
    mineral : density of the bones, 1 on average
    growing : a child's long bones have growth plates
    arrests : lines across the ends of long bones where growth once paused, as shares of the length
    """

    distal: tuple[Solid, ...]
    proximal: tuple[Solid, ...]
    girdle: tuple[Solid, ...]
    flesh_distal: tuple[Solid, ...]
    flesh_proximal: tuple[Solid, ...]
    flesh_trunk: tuple[Solid, ...]
    grown: float
    mineral: float
    growing: bool
    arrests: tuple[float, ...]


def body(draw: np.random.Generator) -> Body:
    """A random patient's arm."""
    growing = bool(draw.random() < 0.25)
    grown = draw.uniform(0.76, 0.9) if growing else draw.uniform(0.93, 1.08)
    stout, shell, fat = draw.uniform(0.88, 1.12), draw.uniform(0.75, 1.2), draw.uniform(0.6, 1.5)
    plump = draw.uniform(0.9, 1.12)
    rays = [_ray(digit, draw) for digit in DIGITS]

    def bones(solids: tuple[Solid, ...]) -> tuple[Solid, ...]:
        return tuple(_own(solid, grown, grown * stout, shell, draw) for solid in solids)

    def flesh(solids: tuple[Solid, ...]) -> tuple[Solid, ...]:
        return tuple(_own(solid, grown, grown * plump, fat, draw) for solid in solids)

    return Body(
        distal=bones((*HAND, *FOREARM, *(bone for ray, _ in rays for bone in ray))),
        proximal=bones(UPPER),
        girdle=bones(GIRDLE),
        flesh_distal=flesh((*FOREARM_FLESH, *(sleeve for _, sleeves in rays for sleeve in sleeves))),
        flesh_proximal=flesh(UPPER_FLESH),
        flesh_trunk=flesh(TRUNK_FLESH),
        grown=grown,
        mineral=draw.uniform(0.8, 1.15),
        growing=growing,
        arrests=tuple(draw.uniform(0.06, 0.16, draw.integers(0, 3))),
    )


def _own(solid: Solid, long: float, wide: float, shell: float, draw: np.random.Generator) -> Solid:
    """A solid with a patient's proportions, its place and width a little their own."""
    off = draw.normal(0, 0.012 * solid.width + 0.25, 3)
    start, end = (_vector(np.asarray(point) * long + off) for point in (solid.start, solid.end))
    width, cortex = solid.width * wide * draw.uniform(0.95, 1.05), solid.cortex * wide * shell
    return replace(solid, start=start, end=end, width=width, cortex=cortex, bow=solid.bow * long * draw.uniform(0.6, 1.4))


def _ray(digit: Digit, draw: np.random.Generator) -> tuple[list[Solid], list[Solid]]:
    """Bones of a digit, jointed with this patient's bends, and the sleeves of soft tissue around them."""
    at, heading, lean = np.asarray(digit.start, float), digit.heading + draw.normal(0, 3), draw.uniform(0, 8)
    bones, sleeves = [], []
    for number, (length, width) in enumerate(digit.bones):
        aside, up = np.radians([heading, lean])
        along = np.array([np.sin(aside) * np.cos(up), -np.cos(aside) * np.cos(up), -np.sin(up)])
        tip = at + along * length
        last = number == len(digit.bones) - 1
        shape = "metacarpal" if number == 0 else "tuft" if last else "phalanx"
        bones.append(Solid(f"{digit.name}.{number}", _vector(at), _vector(tip), width, shape, 0.85, 0.34 * width))
        if number:
            sleeve = 1.55 * width + 2.2
            sleeves.append(Solid("limb", _vector(at - along * 12), _vector(tip + along * (5 if last else 6)), sleeve, "even", 0.92, 1.6))
        at, heading, lean = tip + along * 1.6, heading * 0.72 + draw.normal(0, 3), lean + draw.uniform(0, 9)
    return bones, sleeves


def _vector(values: NDArray[np.float64]) -> Vector:
    x, y, z = (float(value) for value in values)
    return x, y, z
