"""Augmentation as plain data: how far a training picture may be moved, turned and re-exposed. The learner applies it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Augmentation:
    """Ranges of the random changes made to each training picture; the defaults change nothing.

    Attributes
    ----------
    flip_horizontal, flip_vertical : float
        Probability of a mirror image.
    rotate : float
        Largest turn to either side, degrees.
    zoom : (float, float)
        Range of the scale; above 1 is closer.
    shift : float
        Largest move along each axis, as a share of the edge.
    brightness, contrast : float
        Largest relative change up or down.
    gamma : float
        The exponent lies between 1 / (1 + gamma) and 1 + gamma: a film exposed more or less.
    erase : float
        Probability that one rectangle of 2-15 % of the picture is blanked.
    """

    flip_horizontal: float = 0.0
    flip_vertical: float = 0.0
    rotate: float = 0.0
    zoom: tuple[float, float] = (1.0, 1.0)
    shift: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    gamma: float = 0.0
    erase: float = 0.0


PRESETS: dict[str, Augmentation] = {
    "none": Augmentation(),
    "light": Augmentation(flip_horizontal=0.5, rotate=15, zoom=(0.9, 1.1)),
    "strong": Augmentation(
        flip_horizontal=0.5,
        flip_vertical=0.5,
        rotate=30,
        zoom=(0.8, 1.25),
        shift=0.1,
        brightness=0.2,
        contrast=0.25,
        gamma=0.3,
        erase=0.25,
    ),
    "radiograph": Augmentation(rotate=7, zoom=(0.9, 1.1), shift=0.05, brightness=0.1, contrast=0.15, gamma=0.25),
}
"""`radiograph` mirrors nothing, since a side may matter (heart, situs, markers); a recipe turns mirroring on where it does not."""
