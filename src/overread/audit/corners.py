"""The mark that a turn leaves: triangles of one grey level in the corners, cut by straight edges at one angle."""

import numpy as np
from numpy.typing import NDArray

LONG, SHORT = 0.1, 0.04
"""Least legs of a triangle, as shares of the picture's longer side: a turn by a few degrees leaves a long and a short one."""

FLAT = 6
"""Grey levels within which a corner is of one level: JPEG makes a constant wave a little."""

STRAIGHT = 0.01
"""How far an edge may stray from a straight line on average, as a share of the picture's longer side (or a pixel)."""

SLIM = 0.15
"""The same as a share of the shorter leg, so that a dark rim is no triangle."""

ROUND = 0.25
"""Legs below this share at about 45 degrees are the corners that a round field of view leaves."""

AGREE = 4.0
"""Degrees within which the edges of two corners are parallel or at right angles."""


def turned_by(grey: NDArray[np.uint8]) -> float:
    """The angle at which a picture's corners are cut off.

    Parameters
    ----------
    grey : (h, w) uint8

    Returns
    -------
    float
        Degrees from 0 to 45, from the nearest quarter turn and to either side; 0 where fewer than two corners are triangles, or their
        edges do not fit one turn. Quarter turns leave no mark; a chain of turns leaves corners of several edges, which are not told.
    """
    corners = np.array([_corner(view) for view in (grey, grey[::-1, ::-1], grey[:, ::-1], grey[::-1])])
    corners[2:, 0] = 90 - corners[2:, 0]
    angles, legs = corners[np.isfinite(corners[:, 0])].T
    if len(angles) < 2:
        return 0.0
    turn = float(np.median(angles))
    together = np.abs(angles - turn) <= AGREE
    round_field = abs(turn - 45) <= 2 * AGREE and legs.max() < ROUND
    return min(turn, 90 - turn) if together.sum() >= 2 and not round_field else 0.0


def _corner(grey: NDArray[np.uint8]) -> tuple[float, float]:
    """The angle of the edge that cuts off the first corner, against the upper side, and its longer leg; NaN where it is no clean triangle."""
    side = max(grey.shape)
    filled = np.abs(grey.astype(int) - int(grey[0, 0])) <= FLAT
    filled = filled[~filled.all(axis=1)][:, ~filled.all(axis=0)]  # a rim is not part of a corner
    if not filled.size:
        return float("nan"), 0.0
    across, down = (0 if line.all() else int(line.argmin()) for line in (filled[0], filled[:, 0]))
    if min(across, down) < SHORT * side or max(across, down) < LONG * side:
        return float("nan"), 0.0
    run = filled[:down].argmin(axis=1)
    stray = np.abs(run - across * (1 - np.arange(down) / down)).mean() * min(1.0, down / across)
    straight = stray <= min(max(1.0, STRAIGHT * side), SLIM * min(across, down))
    return float(np.degrees(np.arctan2(down, across))) if straight else float("nan"), max(across, down) / side
