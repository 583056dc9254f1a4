"""Heat over a film: colour where the map is high, the film as it is where it is low, and a bar that says what the colours are worth."""

import cv2
import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Picture = NDArray[np.uint8]

COLOURS = colormaps["plasma"]
"""Perceptually uniform, and neither black nor white at its ends: a film has both."""

STRONGEST = 0.7
"""Opacity of the highest colour; the lowest has none."""

UNSEEN = 0.4
"""Grey levels of what the network did not see are multiplied by this."""

SHORTEST = 120
"""Height of the bar in pixels that leaves room for its words; a smaller film stands beside a longer bar."""


def overlay(film: Picture, heat: NDArray[np.float32], top: float) -> Picture:
    """Lay a heat map over a film at the film's own resolution.

    Parameters
    ----------
    film : (h, w) or (h, w, 3) uint8
        Shown in grey.
    heat : (h, w) float32
        As `Fitting.back` gives it; NaN where the network saw nothing, which is darkened.
    top : float
        The value at the upper end of the bar, in the map's own units; the map is 0 at its lower end. With one `top` for several
        pictures their colours compare. 0 says that the map is zero, and nothing is coloured.

    Returns
    -------
    (H, W, 3) uint8
        The film on the left, h by w, and the bar on its right; H is h, or the bar's least height.
    """
    grey = (cv2.cvtColor(film, cv2.COLOR_RGB2GRAY) if film.ndim == 3 else film).astype(np.float32)
    unseen = np.isnan(heat)
    painted = _paint(np.where(unseen, grey * UNSEEN, grey), np.where(unseen, 0, heat) / (top or 1))
    scale = _bar(max(len(painted), SHORTEST), top)
    whole = np.zeros((len(scale), painted.shape[1] + scale.shape[1], 3), np.uint8)
    whole[: len(painted), : painted.shape[1]] = painted
    whole[:, painted.shape[1] :] = scale
    return whole


def _paint(grey: NDArray[np.floating], share: NDArray[np.floating]) -> Picture:
    """Colour over grey, the more opaque the higher: (h, w) in 0 to 255 and (h, w) of the scale to (h, w, 3) uint8."""
    share = share.clip(0, 1)
    opacity = STRONGEST * share[..., None]
    blended = (1 - opacity) * grey[..., None] + opacity * COLOURS(share, bytes=True)[..., :3]  # a film may have 89 million pixels
    painted: Picture = blended.round().astype(np.uint8)
    return painted


def _bar(height: int, top: float) -> Picture:
    """The scale, painted on middle grey as the map is on the film, with the raw values at its ends and its middle."""
    size = max(11, height // 40)
    wide, gap, begin, end = 2 * size * (top > 0), size // 2, 2 * size, height - size
    words = {gap: "logit", **({begin: f"{top:.3g}", (begin + end) // 2: f"{top / 2:.3g}", end: "0"} if top > 0 else {height // 2: "all zero"})}
    font = ImageFont.load_default(size)
    canvas = Image.new("RGB", (wide + 3 * gap + int(max(map(font.getlength, words.values()))) + 1, height))
    if top > 0:
        ramp = np.linspace(1, 0, end - begin)[:, None].repeat(wide, axis=1)
        canvas.paste(Image.fromarray(_paint(np.full(ramp.shape, 128.0), ramp)), (gap, begin))
    pen = ImageDraw.Draw(canvas)
    for down, word in words.items():
        across, anchor = (gap, "lt") if down == gap else (wide + 2 * gap, "lm")
        pen.text((across, down), word, fill="white", font=font, anchor=anchor)
    return np.asarray(canvas)
