"""A legend stands above the axes, where it hides nothing that is drawn."""

import xml.etree.ElementTree as xml

import numpy as np
import pytest

from overread.evaluation.abstention import draw_curve
from overread.evaluation.comparison.curves import rocs
from overread.evaluation.counts import Cases


def abstention(path):
    entry = {"value": 0.9, "low": 0.8, "high": 1.0}
    draw_curve([{"share": share, "metrics": {"auroc": entry, "accuracy": entry}} for share in (1.0, 0.7, 0.5)], path)
    return ["AUROC", "accuracy"]


def comparison(path):
    truth, score = np.arange(40) % 2, np.random.default_rng(0).random(40)
    models = {name: Cases(truth, np.stack([1 - p, p], 1), truth) for name, p in (("worse than chance", 1 - truth * score), ("guessing", score))}
    rocs(models, path)
    return [*models, "AUROC"]


@pytest.mark.parametrize("paint", [abstention, comparison])
def test_every_name_of_the_legend_is_above_the_highest_tick(paint, tmp_path):
    names = paint(tmp_path / "drawn.svg")
    texts = list(xml.parse(tmp_path / "drawn.svg").iter("{http://www.w3.org/2000/svg}text"))
    ticks = [float(one.attrib["y"]) for one in texts if (one.text or "").replace(".", "").isdigit()]
    legend = [float(one.attrib["y"]) for one in texts if any((one.text or "").startswith(name) for name in names) and " and " not in one.text]

    assert len(legend) == len(names)
    assert max(legend) < min(ticks)
