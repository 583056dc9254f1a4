import subprocess
import sys
from typing import get_args

import pytest

from overread.errors import UserError
from overread.imaging.augment import PRESETS
from overread.learners.finetune.options import Options
from overread.recipe import check


def learner(**options):
    return check({"learner": options}, "test").learner


def test_the_schema_loads_no_torch():
    code = "import sys; from overread.recipe import check; check({}, 'x'); print('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"


def test_what_was_resolved_is_read_back_equal():
    once = learner(head={"kind": "mlp", "dropout": [0.5, 0.3]}, stop={"on": "loss", "patience": 9})

    assert learner(**once) == once


def test_every_augmentation_preset_can_be_named():
    assert set(get_args(Options.model_fields["augment"].annotation)) == set(PRESETS)


def test_a_rate_may_be_written_as_yaml_reads_it():
    assert learner(phases=[{"trains": "head", "epochs": 1, "rate": "1e-3"}])["phases"][0]["rate"] == 1e-3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"phases": [{"trains": "layer3", "epochs": 1, "rate": 1}]}, "trains is 'head', 'all', 'from <stage>'"),
        ({"phases": [{"trains": "last 0", "epochs": 1, "rate": 1}]}, "trains is 'head'"),
        ({"phases": [{"trains": "all", "epochs": 2, "rate": 1, "warm_up": 2}]}, r"warm_up \(2\) must end"),
        ({"phases": []}, "phases"),
        ({"head": {"kind": "linear", "dropout": [0.1, 0.2]}}, "two need kind: mlp"),
        ({"head": {"kind": "mlp", "dropout": [1.0]}}, "dropout"),
        ({"batch": 1}, "batch"),
        ({"augment": "heavy"}, "augment"),
        ({"fases": []}, "unknown key 'learner.fases'.*'phases'"),
        ({"phases": [{"trains": "all", "epochs": 1, "rate": 1, "warmup": 1}]}, "unknown key.*warm_up"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_loaded(options, said):
    with pytest.raises(UserError, match=said):
        learner(**options)
