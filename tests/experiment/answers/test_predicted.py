"""Units of unlabelled images, from planted answers: pooled by hand, decided by the unit's own calibration and threshold."""

import numpy as np
import pandas as pd
import pytest

from overread.catalog import Catalog, Target
from overread.evaluation.decision import Decision
from overread.experiment.answers.predicted import predict_units
from overread.experiment.answers.reading import Reading

ILL = Target("binary", ("well", "ill"), "ill")

ALONE, TOGETHER = Decision("none", 1.0, [0.0, 0.0], 0.5, "one half", 0), Decision("Platt scaling", 2.0, [0.0, 0.5], 0.9, "youden", 9)

FRAME = pd.DataFrame(
    {
        "row": list("abcdef"),
        "image": ["s/1", "t/1", "s/2", "t/2", "u/1", "s/3"],
        "file": ["/s/1", "/t/1", "/s/2", "/t/2", "/u/1", "/s/3"],
        "pixel_sha": ["1", "1", "2", "3", "", "2"],
        "dx": pd.Series([pd.NA] * 6, dtype="str"),
    }
)

ODDS = {"a": 2.0, "b": 2.0, "c": -1.0, "d": 1.0, "f": -1.0}


@pytest.mark.parametrize("order", [list("abcdef"), list("fdbeca")])
@pytest.mark.parametrize("unit", ["study", "patient"])
def test_units_are_pooled_by_the_units_reading_and_equal_pixels_count_once_within_one(order, unit):
    given = Catalog(FRAME.set_index("row").loc[order].reset_index(), {"dx": ILL})
    found = given.only(given.frame["row"] != "e")
    raw = pd.DataFrame({"row": found.frame["row"], "raw:dx:well": 0.0, "raw:dx:ill": found.frame["row"].map(ODDS)})
    names = given.frame["image"].str[0]

    predicted = predict_units(raw, given, found, names, Reading({"dx": ALONE}, unit, "mean", None, {"dx": TOGETHER}))

    units = predicted.judged.set_index(unit)
    p = 1 / (1 + np.exp(-np.array([[2.0, -1.0], [2.0, 1.0]])))
    odds = np.log(p.mean(axis=1) / (1 - p.mean(axis=1)))
    assert units.loc[["s", "t"], "p:dx:ill"].to_numpy() == pytest.approx(1 / (1 + np.exp(-(2 * odds + 0.5))))
    assert units.loc[["s", "t"], "decision:dx"].tolist() == ["well", "ill"]  # 0.86 and 0.97 of a threshold of 0.9
    assert units.loc[["s", "t", "u"], ["images", "copies", "unreadable"]].to_numpy().tolist() == [[2, 1, 0], [2, 0, 0], [0, 0, 1]]
    assert units.loc[["s", "t", "u"], "row"].tolist() == ["a", "b", "e"]
    assert units.index.tolist() == list(dict.fromkeys(names))
    assert predicted.names.to_dict() == dict(zip(given.frame["row"], names, strict=True))
    assert not [name for name in units if name.startswith("truth")]
    assert predicted.findings == []
