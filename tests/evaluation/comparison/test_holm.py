import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from overread.evaluation.comparison.holm import holm


@pytest.mark.parametrize("seed", range(5))
def test_adjusted_p_values_are_statsmodels(seed):
    p = (np.random.default_rng(seed).random(15) ** 3).round(3).tolist()
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1].tolist())


def test_what_was_not_tested_is_not_counted():
    assert holm([0.02, None, 0.03]) == pytest.approx([0.04, None, 0.04])
    assert holm([None]) == [None]
    assert holm([]) == []
