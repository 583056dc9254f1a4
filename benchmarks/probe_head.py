"""What it costs to choose among 8 strengths by grouped folds and to solve a logistic head, beside scikit-learn's LogisticRegressionCV.

    python benchmarks/probe_head.py

Features are made up: a spectrum that falls as that of pooled features does, a ReLU over it, two rows a patient, noise in the labels. Both
see the same standardised rows, the same folds and the same strengths, on one thread; scikit-learn warms its path from strength to strength
as it always does. They take turns; seconds are those of the processor, which what else runs on the machine does not change. The loss is
that of the penalised problem which both solve at the end, on all rows.
"""

import os
import warnings
from time import process_time

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import numpy as np
import sklearn
from record import record
from scipy.special import logsumexp
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegressionCV

from overread.learners.probe.choose import choose, divide, solve
from overread.learners.probe.logreg import LogReg
from overread.learners.probe.options import HALF_DECADES
from overread.learners.probe.rows import Rows
from overread.learners.probe.scaling import Scaling

SIZES = [(10_000, 768, 2), (10_000, 768, 4), (2_000, 768, 2), (800, 1280, 2)]
TURNS, FOLDS, AIM = 3, 5, 1.0


def made(n: int, d: int, classes: int, seed: int) -> Rows:
    """n rows, two a component, d features, noisy labels."""
    draw = np.random.default_rng(seed)
    spectrum = np.arange(1, d + 1) ** -0.5
    turn = np.linalg.qr(draw.normal(size=(d, d)))[0]
    hidden = np.repeat(draw.normal(size=(n // 2, d)), 2, axis=0) * spectrum
    logits = 3 * hidden @ draw.normal(size=(d, classes)) / np.linalg.norm(spectrum)
    codes = np.repeat((logits + draw.gumbel(size=logits.shape))[::2].argmax(1), 2)
    hidden += 0.3 * draw.normal(size=hidden.shape) * spectrum
    features = np.maximum(3 * hidden @ turn + 0.3 * draw.normal(size=d), 0).astype(np.float32)
    return Rows(features, codes, np.ones(n), (np.arange(n) // 2).astype(str).astype(object), classes)


def measure(n: int, d: int, classes: int, seed: int) -> dict[str, float | int | str]:
    """Seconds of each, in turns, and the losses they end in."""
    rows = made(n, d, classes, seed)
    scaling = Scaling.fit(rows.features, "standardise")
    scaled = rows.seen_as(scaling.apply(rows.features))
    folds = divide(rows, FOLDS, seed)
    exact = scaled.features.astype(np.float64)
    ours, theirs = [], []
    for _ in range(TURNS):
        begin = process_time()
        solver = LogReg(HALF_DECADES)
        choice = choose(scaled, solver, folds, "none")
        solved = solve(scaled, solver, choice, "none")
        middle = process_time()
        peer = LogisticRegressionCV(Cs=HALF_DECADES, cv=folds, scoring="neg_log_loss", l1_ratios=(0,), use_legacy_attributes=False)
        peer.fit(exact, rows.codes)
        ours.append(middle - begin)
        theirs.append(process_time() - middle)
    head = solved.head.folded(solved.scaling)
    strength = float(peer.C_)
    return {
        "rows": n,
        "features": d,
        "classes": classes,
        "overread_seconds": round(float(np.median(ours)), 3),
        "sklearn_seconds": round(float(np.median(theirs)), 3),
        "ratio": round(float(np.median(np.divide(ours, theirs))), 3),
        "worst_ratio": round(float(np.max(np.divide(ours, theirs))), 3),
        "overread_strength": choice.strength,
        "sklearn_strength": strength,
        "overread_loss": penalised(head.weights[0], head.biases[0], scaled, strength),
        "sklearn_loss": penalised(peer.coef_, peer.intercept_, scaled, strength),
    }


def penalised(weight: np.ndarray, bias: np.ndarray, rows: Rows, strength: float) -> float:
    """The mean of what scikit-learn minimises: cross-entropy plus half the squared length of the weights over C n."""
    logits = rows.features.astype(np.float64) @ weight.T + bias
    logits = np.hstack([np.zeros_like(logits), logits]) if rows.outputs == 1 else logits
    each = logsumexp(logits, axis=1) - logits[np.arange(len(rows)), rows.codes]
    return float(each.mean() + (weight**2).sum() / (2 * strength * len(rows)))


def main() -> None:
    seed = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        rows = [measure(*size, seed) for size in SIZES]
    notes = {"strengths": list(HALF_DECADES), "folds": FOLDS, "turns": TURNS, "aim": AIM, "sklearn": sklearn.__version__}
    print(record("probe_head", seed, rows, **notes))
    for row in rows:
        print(row)


if __name__ == "__main__":
    main()
