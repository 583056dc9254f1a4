"""One right arm in millimetres, from the fingertips to the ribs: its bones and soft tissue as tables, and how each region frames it.

The wrist is the origin; x grows towards the body, y from the fingers (negative) up the arm, z towards the back of the hand. The arm
hangs straight with the palm forward, so that all bones of the forearm and hand lie beside one another in the frontal view.
"""

from dataclasses import dataclass

Vector = tuple[float, float, float]

SHAPES: dict[str, tuple[float, tuple[tuple[float, float], ...]]] = {
    "even": (2.0, ((0, 1), (1, 1))),
    "egg": (2.2, ((0, 0.9), (0.35, 1.05), (0.7, 0.98), (1, 0.85))),
    "block": (3.2, ((0, 1.0), (0.3, 0.9), (0.6, 1.0), (1, 1.05))),
    "metacarpal": (2.6, ((0, 1.3), (0.08, 1.3), (0.25, 0.86), (0.55, 0.78), (0.75, 0.95), (0.88, 1.28), (1, 1.15))),
    "phalanx": (3.0, ((0, 1.45), (0.08, 1.42), (0.28, 0.95), (0.6, 0.8), (0.8, 0.92), (0.92, 1.14), (1, 1.0))),
    "tuft": (2.4, ((0, 1.5), (0.1, 1.42), (0.35, 0.8), (0.65, 0.6), (0.85, 0.9), (0.95, 0.85), (1, 0.6))),
    "radius": (4.0, ((0, 1.3), (0.05, 1.3), (0.1, 0.88), (0.16, 1.12), (0.22, 1.0), (0.5, 0.98), (0.78, 1.06), (0.9, 1.62), (0.965, 2.15), (1, 2.2))),
    "ulna": (2.3, ((0, 1.35), (0.05, 1.65), (0.1, 1.45), (0.15, 1.5), (0.24, 1.1), (0.5, 0.92), (0.8, 0.72), (0.92, 0.8), (0.97, 1.15), (1, 1.1))),
    "humerus": (2.4, ((0, 1.6), (0.06, 2.05), (0.11, 1.75), (0.17, 1.25), (0.3, 1.02), (0.6, 0.95), (0.8, 1.1), (0.9, 1.55), (0.96, 2.05), (1, 2.0))),
    "clavicle": (2.4, ((0, 1.5), (0.15, 1.15), (0.5, 0.9), (0.8, 1.05), (1, 1.6))),
    "blade": (2.0, ((0, 1.0), (0.3, 0.95), (0.7, 0.55), (1, 0.22))),
    "club": (2.3, ((0, 0.8), (0.3, 1.0), (0.6, 1.05), (1, 0.95))),
    "forearm": (2.0, ((0, 1.05), (0.2, 1.12), (0.5, 0.95), (0.8, 0.68), (1, 0.62))),
    "arm": (2.0, ((0, 1.0), (0.25, 1.1), (0.55, 1.0), (0.85, 0.86), (1, 0.9))),
}
"""Half-width along a solid from start to end, as shares of its `width`, and the exponent of its ends: 2 round, larger is squarer."""


@dataclass(frozen=True)
class Solid:
    """A bone or a part of one, or a piece of soft tissue: elliptical cross-sections along a slightly bent line.

    Attributes
    ----------
    name : parts of one name are one body: where they overlap they do not add up
    start, end : millimetres
    width : half-width across, millimetres
    flat : depth over width
    cortex : thickness of the shell, millimetres: cortical bone, or fat under the skin
    bow : how far the middle lies to the left of the straight line, millimetres
    """

    name: str
    start: Vector
    end: Vector
    width: float
    shape: str = "egg"
    flat: float = 0.9
    cortex: float = 1.0
    bow: float = 0.0


@dataclass(frozen=True)
class Digit:
    """A ray of the hand: a metacarpal and its phalanges, each (length, half-width), bent to the side by `heading` degrees."""

    name: str
    start: Vector
    heading: float
    bones: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Region:
    """How a body part is framed.

    Attributes
    ----------
    centre : what lies in the film's middle, (x, y) millimetres
    extent : width and height of what the film shows, millimetres
    angles : degrees by which AP, lateral and oblique views turn the arm about its length
    bend : degrees that the elbow is bent in those views
    breaks : where a bone may break: its name, and from where to where along it
    upside : the shoulder is up in the film, not the hand
    """

    centre: tuple[float, float]
    extent: tuple[float, float]
    angles: tuple[float, float, float]
    breaks: tuple[tuple[str, float, float], ...]
    bend: tuple[float, float, float] = (0, 0, 0)
    upside: bool = False


DIGITS = (
    Digit("1", (-22, -17, 6), -38, ((44, 5.4), (31, 4.5), (23, 4.0))),
    Digit("2", (-12, -27, 1), -8, ((65, 4.7), (40, 4.3), (24, 3.7), (18, 3.3))),
    Digit("3", (-2, -30, 1), -1, ((63, 4.7), (44, 4.4), (28, 3.8), (19, 3.4))),
    Digit("4", (7, -28, 1), 6, ((56, 4.1), (41, 4.0), (26, 3.5), (19, 3.2))),
    Digit("5", (15, -24, 0), 15, ((52, 4.1), (33, 3.6), (19, 3.2), (17, 2.9))),
)

ELBOW: Vector = (0, 250, 0)
"""About this the forearm and hand bend."""

HAND = (
    Solid("scaphoid", (-9, 4, 0), (-21, -12, -2), 8.0, "club", 0.9, 0.65),
    Solid("lunate", (-7, -2, 0), (9, -2, 0), 8.2, "egg", 1.0, 0.65),
    Solid("triquetrum", (8, 2, 0), (18, -12, 0), 7.6, "egg", 1.0, 0.65),
    Solid("pisiform", (16, -3, -9), (16, -11, -9), 4.6, "egg", 1.0, 0.6),
    Solid("trapezium", (-25, -9, -2), (-18, -23, -2), 8.0, "block", 0.9, 0.65),
    Solid("trapezoid", (-13, -14, 1), (-11, -29, 1), 6.8, "block", 0.9, 0.65),
    Solid("capitate", (-1, -6, 1), (-2, -32, 1), 8.4, "club", 1.0, 0.65),
    Solid("hamate", (10, -9, 0), (10, -29, 0), 8.2, "block", 0.9, 0.65),
)

FOREARM = (
    Solid("radius", (-11, 240, 2), (-6, 5.5, 0), 7.0, "radius", 0.85, 2.4, -9),
    Solid("radius", (-15, 18, 0), (-18, 0, 0), 4.5, "egg", 1.0, 1.0),
    Solid("ulna", (6, 266, -9), (16, 12, 2), 7.6, "ulna", 1.0, 2.4, 4),
    Solid("ulna", (19, 16, 2), (20, 6, 2), 2.6, "egg", 1.0, 0.8),
    Solid("ulna", (4, 240, 4), (8, 226, 3), 7.0, "egg", 0.8, 1.0),
)

UPPER = (
    Solid("humerus", (4, 566, 0), (0, 249, 0), 11.0, "humerus", 0.8, 3.6),
    Solid("humerus", (8, 574, 0), (18, 540, 0), 23.0, "egg", 1.0, 1.2),
    Solid("humerus", (-14, 572, 3), (-13, 536, 3), 10.0, "egg", 1.0, 1.0),
    Solid("humerus", (-3, 249, 0), (9, 250, 0), 7.5, "egg", 1.1, 1.2),
    Solid("humerus", (9, 253, 0), (19, 243, 0), 8.5, "egg", 1.1, 1.2),
    Solid("humerus", (-20, 252, -3), (-4, 250, -3), 9.5, "egg", 1.1, 1.2),
    Solid("humerus", (16, 286, 0), (28, 257, 0), 6.5, "egg", 1.0, 1.2),
    Solid("humerus", (-14, 286, 0), (-21, 256, 0), 5.5, "egg", 1.0, 1.2),
)

GIRDLE = (
    Solid("scapula", (58, 585, -20), (82, 440, -34), 40.0, "blade", 0.1, 1.4),
    Solid("scapula", (45, 553, -6), (80, 446, -34), 4.2, "even", 0.9, 1.4),
    Solid("scapula", (38, 579, -2), (41, 534, -4), 6.0, "egg", 2.0, 1.4),
    Solid("spine", (112, 586, -40), (20, 601, -28), 5.0, "club", 1.2, 1.4),
    Solid("spine", (30, 602, -24), (-14, 592, 0), 8.0, "egg", 0.8, 1.3),
    Solid("coracoid", (50, 588, 4), (27, 574, 26), 7.0, "club", 0.9, 1.3),
    Solid("clavicle", (4, 604, -6), (138, 622, 14), 6.4, "clavicle", 0.9, 1.8, 10),
    *(Solid(f"rib {i}", (168, 628 - 27 * i, -50), (84 - 5 * i, 596 - 29 * i, 0), 5.4, "even", 0.45, 1.1, 12) for i in range(7)),
    *(Solid(f"front {i}", (80 - 5 * i, 560 - 29 * i, 20), (165, 520 - 27 * i, 50), 5.0, "even", 0.4, 0.9, 9) for i in range(5)),
)

FOREARM_FLESH = (
    Solid("limb", (-2, 30, 0), (1, -84, 0), 35.0, "even", 0.46, 2.5),
    Solid("limb", (-14, -8, -4), (-34, -52, -6), 15.0, "egg", 1.0, 2.0),
    Solid("limb", (1, 280, 0), (2, -14, 0), 43.0, "forearm", 0.85, 5.0),
)

UPPER_FLESH = (
    Solid("limb", (2, 330, 0), (2, 205, 0), 42.0, "even", 0.85, 6.0),
    Solid("limb", (2, 600, 0), (2, 225, 0), 46.0, "arm", 0.95, 7.0),
    Solid("limb", (6, 622, 0), (-8, 460, 0), 50.0, "egg", 1.0, 8.0),
)

TRUNK_FLESH = (
    Solid("limb", (165, 690, 0), (165, 300, 0), 104.0, "even", 0.9, 6.0),
    Solid("limb", (0, 596, 0), (150, 655, 0), 36.0, "club", 1.0, 6.0),
    Solid("lung", (165, 655, 0), (165, 300, 0), 82.0, "even", 0.85, 3.0),
)

FINGERS = tuple((f"{digit}.{bone}", 0.25, 0.8) for digit in "234" for bone in (1, 2))
METACARPALS = tuple((f"{digit}.0", 0.3, 0.85) for digit in "2345")

REGIONS = {
    "elbow": Region((2, 246), (84, 106), (0, 90, 40), (("radius", 0.05, 0.16), ("ulna", 0.1, 0.25), ("humerus", 0.78, 0.88)), (8, 80, 20)),
    "finger": Region((-6, -122), (36, 54), (0, 82, 38), FINGERS),
    "forearm": Region((2, 118), (88, 168), (0, 88, 42), (("radius", 0.22, 0.85), ("ulna", 0.3, 0.85)), (6, 60, 15)),
    "hand": Region((-3, -64), (66, 86), (0, 55, 30), METACARPALS),
    "humerus": Region((6, 400), (116, 216), (0, 82, 40), (("humerus", 0.22, 0.8),), (10, 70, 25), upside=True),
    "shoulder": Region((30, 545), (136, 142), (0, 55, 28), (("humerus", 0.13, 0.28), ("clavicle", 0.15, 0.6)), upside=True),
    "wrist": Region((0, 10), (72, 88), (0, 88, 42), (("radius", 0.82, 0.94), ("ulna", 0.82, 0.94))),
}
"""The seven regions of MURA."""

VIEWS = ("AP", "lateral", "oblique")
