"""Logistic recalibration (Cox 1958): the slope and intercept that would put a model's log-odds right, for many weightings at once."""

import numpy as np

STEPS = 25
EXACT, NEAR = 1e-5, 1e-3
"""Size of the last step, whose square is the error left after it: for a point estimate, and for a draw that began at one."""

FAR = 50.0
"""A standardised coefficient beyond this is on its way to infinity: the cases are separable."""


def recalibrate(logit: np.ndarray, truth: np.ndarray, weight: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
    """Maximum-likelihood intercept and slope of truth on logit, one pair a weighting.

    Newton's method, vectorised over the weightings; log-odds are standardised inside so that its steps are of order one.

    Parameters
    ----------
    logit : (n,) float
    truth : (n,) 0 or 1
    weight : (draws, n) float
    start : (2,) float, intercept and slope to begin at; for bootstrap draws those of the whole sample (three or four steps then do)

    Returns
    -------
    (draws, 2) float
        NaN where there is no finite maximum: the classes are separable, one is absent, or the log-odds are constant.
    """
    centre, spread = float(logit.mean()), float(logit.std())
    if not spread or not np.isfinite(spread):
        return np.full((len(weight), 2), np.nan)
    z = (logit - centre) / spread
    begin = np.zeros(2) if start is None or not np.isfinite(start).all() else np.array([start[0] + start[1] * centre, start[1] * spread])
    at = np.tile(begin, (len(weight), 1))
    design = np.stack([np.ones_like(z), z, z * z], 1)
    step, small = np.full_like(at, np.inf), EXACT if start is None else NEAR
    for _ in range(STEPS):
        p = _sigmoid(at[:, :1] + at[:, 1:] * z)
        slack = weight * (truth - p)
        gradient = slack @ design[:, :2]
        hessian = (weight * (p * (1 - p))) @ design
        step = _solve(hessian, gradient)
        at = at + step.clip(-4, 4)
        moving = np.isfinite(step).all(1) & (np.abs(at) < FAR).all(1)
        if not (np.abs(step[moving]) > small).any():
            break
    settled = np.isfinite(step).all(1) & (np.abs(at) < FAR).all(1) & (np.abs(step) <= small).all(1)
    slope = at[:, 1] / spread
    return np.where(settled[:, None], np.stack([at[:, 0] - slope * centre, slope], 1), np.nan)


def in_the_large(logit: np.ndarray, truth: np.ndarray, weight: np.ndarray, start: float | None = None) -> np.ndarray:
    """(draws,) intercept that puts the mean right with the slope held at 1 (calibration-in-the-large); NaN if a class is absent."""
    at = np.full(len(weight), start if start is not None and np.isfinite(start) else 0.0)
    step, small = np.full_like(at, np.inf), EXACT if start is None else NEAR
    for _ in range(STEPS):
        p = _sigmoid(at[:, None] + logit)
        gradient = (weight * (truth - p)).sum(1)
        curvature = (weight * (p * (1 - p))).sum(1)
        step = np.divide(gradient, curvature, out=np.full_like(at, np.nan), where=curvature > 1e-12)
        at = at + step.clip(-4, 4)
        if not (np.abs(step[np.abs(at) < FAR]) > small).any():
            break
    return np.where((np.abs(at) < FAR) & (np.abs(step) <= small), at, np.nan)


def _sigmoid(eta: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-eta)), in place where it can: the arrays are large."""
    eta = np.clip(eta, -500, 500)
    np.negative(eta, out=eta)
    np.exp(eta, out=eta)
    eta += 1
    return np.asarray(np.reciprocal(eta, out=eta))


def _solve(hessian: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    """(draws, 2) Newton steps of 2 x 2 systems whose matrices are [[h0, h1], [h1, h2]]; NaN where one is singular."""
    h0, h1, h2 = hessian.T
    g0, g1 = gradient.T
    determinant = h0 * h2 - h1 * h1
    numerator = np.stack([h2 * g0 - h1 * g1, h0 * g1 - h1 * g0], 1)
    return np.asarray(np.divide(numerator, determinant[:, None], out=np.full_like(numerator, np.nan), where=determinant[:, None] > 1e-12))
