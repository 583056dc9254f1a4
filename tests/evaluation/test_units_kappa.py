"""Cohen's kappa of studies, overall and a part, against scikit-learn and against a bootstrap written out by hand."""

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t
from sklearn.metrics import cohen_kappa_score

from overread.catalog import Target
from overread.evaluation.evaluate import evaluate

ILL = Target("binary", ("negative", "positive"), "positive")
NORMAL = NormalDist()


@pytest.fixture(scope="module")
def studies():
    """180 studies of 110 patients who resemble themselves, of two parts; row, truth, decision, patient, part."""
    draw = np.random.default_rng(3)
    patient = np.concatenate([np.arange(110), draw.integers(0, 110, 70)])
    ill = draw.random(180) < 0.45
    score = 1.6 * (ill - 0.5) + 0.7 * draw.normal(size=110)[patient] + 0.7 * draw.normal(size=180)
    frame = pd.DataFrame({"row": np.arange(180).astype(str), "patient": patient, "part": np.array(["hand", "wrist"])[patient % 2]})
    p = 1 / (1 + np.exp(-score))
    return frame.assign(
        **{"truth:dx": ILL.decode(ill.astype(int)), "decision:dx": ILL.decode((p >= 0.5).astype(int))},
        **{"p:dx:negative": 1 - p, "p:dx:positive": p, "raw:dx:negative": 0.0, "raw:dx:positive": score},
    )


def told(studies: pd.DataFrame, draws: int) -> dict:
    of = studies.set_index("row")
    more = {"decision": None, "grade": "patient-safe", "covariates": of[["part"]], "prevalence": None}
    return evaluate(studies, "dx", ILL, of["patient"].astype(str), draws=draws, seed=0, unit="study", **more)


def by_hand(studies: pd.DataFrame, draws: int, seed: int) -> tuple[float, float]:
    """BCa (Efron 1987) with Student's quantiles: patients are drawn with replacement, one loop a draw."""
    draw = np.random.default_rng(seed)
    own = [rows[["truth:dx", "decision:dx"]].to_numpy() for _, rows in studies.groupby("patient")]

    def kappa(patients: list[int]) -> float:
        truth, decision = np.concatenate([own[i] for i in patients]).T
        return cohen_kappa_score(truth, decision)

    value, n = kappa(range(len(own))), len(own)
    drawn = np.array([kappa(draw.integers(0, n, n)) for _ in range(draws)])
    without = np.array([kappa([j for j in range(n) if j != i]) for i in range(n)])
    pull = without.mean() - without
    lean = (pull**3).sum() / (6 * (pull**2).sum() ** 1.5)
    bias = NORMAL.inv_cdf((drawn < value).mean() + 0.5 * (drawn == value).mean())
    rarest = studies.groupby("truth:dx")["patient"].nunique().min()
    z = np.sqrt(rarest / (rarest - 1)) * t.ppf(0.975, rarest - 1)
    low, high = (NORMAL.cdf(bias + (bias + side * z) / (1 - lean * (bias + side * z))) for side in (-1, 1))
    return tuple(np.quantile(drawn, [low, high]))


def test_kappa_is_scikit_learns_overall_and_in_every_part(studies):
    entry = told(studies, 200)

    assert entry["metrics"]["kappa"]["value"] == pytest.approx(cohen_kappa_score(studies["truth:dx"], studies["decision:dx"]), abs=1e-12)
    for part, rows in studies.groupby("part"):
        group = entry["subgroups"]["part"][part]
        assert group["n"] == len(rows)
        assert group["metrics"]["kappa"]["value"] == pytest.approx(cohen_kappa_score(rows["truth:dx"], rows["decision:dx"]), abs=1e-12)


def test_its_interval_is_that_of_a_bootstrap_over_patients_by_hand(studies):
    entry = told(studies, 4000)
    hand = studies[studies["part"] == "hand"]

    for figure, rows in ((entry["metrics"]["kappa"], studies), (entry["subgroups"]["part"]["hand"]["metrics"]["kappa"], hand)):
        assert (figure["low"], figure["high"]) == pytest.approx(by_hand(rows, 2500, seed=8), abs=0.02)
        assert figure["method"] == "BCa cluster bootstrap"
