"""What the beam loses on its way: chords through bones and soft tissue, times how much each absorbs."""

from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from overread.datasets.phantom.pose import STATIONS, Shadow
from overread.datasets.phantom.seam import RAGGED, Fracture, Seam

Picture = NDArray[np.float32]

SOFT, FAT, LUNG = 0.019, 0.0155, 0.0045
CORTEX, MARROW = 0.072, 0.017
"""Absorption a millimetre, that of bone beyond the soft tissue in its place (about 60 keV; chosen by eye within the textbook's range)."""

Box = tuple[slice, slice]


@dataclass(frozen=True)
class Place:
    """Where the pixels of a box lie within a solid.

    Attributes
    ----------
    box : of the picture
    along : (h, w) 0 at the solid's start, 1 at its end
    across : (h, w) px to the left of its middle
    station : (h, w) index into the solid's tables, STATIONS where the pixel is beyond its ends
    """

    box: Box
    along: Picture
    across: Picture
    station: NDArray[np.int16]


def bone(
    shadows: list[Shadow], seams: list[Seam], fracture: Fracture | None, turned: float, grain: Picture, shape: tuple[int, int]
) -> tuple[Picture, NDArray[np.bool_]]:
    """Absorption by bone beyond soft tissue, and where it is broken.

    Parameters
    ----------
    shadows : parts of one bone beside each other
    seams : what crosses sound bones
    turned : radians, the angle of the view
    grain : (g, g) texture of the marrow, about 0 with unit spread; it repeats
    shape : of the picture

    Returns
    -------
    (h, w) float32 absorption, (h, w) bool truth
    """
    total, truth = np.zeros(shape, np.float32), np.zeros(shape, bool)
    for name, parts in groupby(shadows, key=lambda shadow: shadow.name):
        shaft, *others = parts
        place = locate(shaft, shape)
        if place is None:
            continue
        broken = fracture if fracture is not None and fracture.seam.bone == name else None
        outer, inner, texture = _laid(shaft, place if broken is None else _shift(shaft, place, broken, turned), grain, shape)
        for other in others:
            beside = locate(other, shape)
            if beside is not None:
                for whole, part in zip((outer, inner), _chords(other, beside), strict=True):
                    np.maximum(whole[beside.box], part, out=whole[beside.box])
        mineral = CORTEX * (outer - inner) + MARROW * inner * texture
        crossed = mineral[place.box]
        for seam in seams:
            if seam.bone == name:
                crossed *= 1 - _gone(shaft, place, seam, turned)
        if broken is not None:
            truth[place.box] = (crossed > 0) & _truth(shaft, place, broken, turned)
            crossed *= 1 - _gone(shaft, place, broken.seam, turned)
        total += mineral
    return total, truth


def flesh(shadows: list[Shadow], shape: tuple[int, int]) -> Picture:
    """Absorption by soft tissue, whose parts flow into each other: muscle under fat, and air where there is a lung."""
    skin, muscle, air = (np.zeros(shape, np.float32) for _ in range(3))
    for shadow in shadows:
        place = locate(shadow, shape)
        if place is None:
            continue
        outer, inner = _chords(shadow, place)
        if shadow.name == "lung":
            air[place.box] += inner
        else:
            skin[place.box] += np.square(np.square(outer))
            muscle[place.box] += np.square(np.square(inner))
    skin, muscle = np.sqrt(np.sqrt(skin)), np.sqrt(np.sqrt(muscle))
    return np.asarray(FAT * (skin - muscle) + SOFT * muscle - (SOFT - LUNG) * air, np.float32)


def locate(shadow: Shadow, shape: tuple[int, int]) -> Place | None:
    """The pixels of a picture that a solid may cover; None where it lies outside."""
    reach = float(shadow.outer.max()) + abs(shadow.bow) + 1
    low = np.floor(np.minimum(shadow.start, shadow.end) - reach).astype(int).clip(0)
    high = np.ceil(np.maximum(shadow.start, shadow.end) + reach).astype(int) + 1
    right, bottom = min(int(high[0]), shape[1]), min(int(high[1]), shape[0])
    if low[0] >= right or low[1] >= bottom:
        return None
    x = np.arange(low[0], right, dtype=np.float32)[None, :] + np.float32(0.5) - shadow.start[0]
    y = np.arange(low[1], bottom, dtype=np.float32)[:, None] + np.float32(0.5) - shadow.start[1]
    length = np.float32(shadow.length)
    tx, ty = (shadow.end - shadow.start) / length
    along = x * (tx / length) + y * (ty / length)
    across = np.float32(shadow.hand) * (x * -ty + y * tx)
    if shadow.bow:
        bow, inside = np.float32(4 * shadow.bow), along.clip(0, 1)
        across = (across - bow * inside * (1 - inside)) / np.sqrt(1 + np.square(bow / length * (1 - 2 * inside)))
    station = (along * STATIONS).clip(-1, STATIONS).astype(np.int16)
    station[along < 0] = STATIONS
    return Place((slice(int(low[1]), bottom), slice(int(low[0]), right)), along, across, station)


def _chords(shadow: Shadow, place: Place) -> tuple[Picture, Picture]:
    """Millimetres of the beam within the solid, and within its shell."""
    far = np.square(place.across)
    scale = np.float32(2 * shadow.depth * shadow.pixel)
    squares = (np.append(np.square(table), np.float32(0))[place.station] for table in (shadow.outer, shadow.inner))
    outer, inner = (scale * np.sqrt((square - far).clip(0)) for square in squares)
    return outer, inner


def _laid(shadow: Shadow, place: Place, grain: Picture, shape: tuple[int, int]) -> tuple[Picture, Picture, Picture]:
    """Chords of a bone and of its marrow on the whole picture, and how dense the marrow is: grained, and more so towards the ends."""
    outer, inner, texture = np.zeros(shape, np.float32), np.zeros(shape, np.float32), np.ones(shape, np.float32)
    outer[place.box], inner[place.box] = _chords(shadow, place)
    scale, edge = 3.0 * shadow.pixel, grain.shape[0] - 1
    pattern = grain[(place.along * (shadow.length * scale)).astype(np.int32) & edge, (place.across * scale).astype(np.int32) & edge]
    ends = 1.5 - 1.1 * np.sin(np.pi * place.along.clip(0, 1)) if shadow.length > 5 * float(shadow.outer.max()) else np.float32(1.0)
    texture[place.box] = (1 + 0.11 * pattern) * ends
    return outer, inner, texture


def _beyond(shadow: Shadow, place: Place, seam: Seam, turned: float) -> tuple[Picture, float, float, float]:
    """Pixels beyond a seam along the bone, the bone's half-width there, and the seam's half-width and depth in this view."""
    wide = float(shadow.outer[int(seam.at * (STATIONS - 1))])
    slope, half, depth = seam.seen(turned)
    stray = np.interp(place.across / wide, np.linspace(-1.5, 1.5, RAGGED), seam.ragged).astype(np.float32) * np.float32(wide)
    beyond = (place.along - np.float32(seam.at)) * np.float32(shadow.length) - np.float32(slope) * place.across - stray
    return beyond, wide, half * wide, depth


def _gone(shadow: Shadow, place: Place, seam: Seam, turned: float) -> Picture:
    """Share of the mineral that a seam takes from each pixel."""
    beyond, wide, half, depth = _beyond(shadow, place, seam, turned)
    soft = np.float32(seam.soft * half + 0.35)
    share = 1 / (1 + np.exp(((np.abs(beyond) - np.float32(half)) / soft).clip(-20, 20)))
    middle = 1 / (1 + np.exp(-np.float32(half) / soft))
    low, high = (np.float32(edge * wide) for edge in seam.reach)
    within = ((place.across - low) / (0.15 * wide)).clip(0, 1) * ((high - place.across) / (0.15 * wide)).clip(0, 1)
    return np.asarray(depth * share / middle * within, np.float32)


def _truth(shadow: Shadow, place: Place, fracture: Fracture, turned: float) -> NDArray[np.bool_]:
    """The seam's own width, and of a step also what is out of line."""
    beyond, wide, half, _ = _beyond(shadow, place, fracture.seam, turned)
    reach = max(half, 0.5 * abs(fracture.off(turned)[0]) * wide, 1.0)
    low, high = fracture.seam.reach
    inside: NDArray[np.bool_] = (np.abs(beyond) <= reach) & (place.across > low * wide) & (place.across < high * wide)
    return inside


def _shift(shadow: Shadow, place: Place, fracture: Fracture, turned: float) -> Place:
    """The bone with its fragments out of line at the seam, but still in their joints at the far ends."""
    beyond, wide, _, _ = _beyond(shadow, place, fracture.seam, turned)
    at, (shift, bend) = np.float32(fracture.seam.at), fracture.off(turned)
    bend *= min(1.0, 5 * float(min(at, 1 - at)))
    near, far = (place.along / at).clip(0, 1), ((1 - place.along) / (1 - at)).clip(0, 1)
    off = np.where(beyond > 0, np.float32(wide * (shift + bend)) * far, np.float32(wide * bend) * near)
    return Place(place.box, place.along, place.across - off, place.station)
