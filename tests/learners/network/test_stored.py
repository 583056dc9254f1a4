import json

import pytest

from overread.errors import UserError
from overread.learners.base import load
from overread.learners.network.stored import Base, origins, rebuild, tell


def test_what_a_model_tells_makes_the_same_base_again(fitted):
    model, _ = fitted()
    base = Base(model.classifier.trunk, model.task, model.fitting, model.runtime)

    again = rebuild(json.loads(json.dumps(tell(base))))

    assert (again.task, again.fitting) == (base.task, base.fitting)
    assert (again.trunk.name, again.trunk.preprocess, again.trunk.features) == (base.trunk.name, base.trunk.preprocess, base.trunk.features)
    assert again.runtime.precision == "fp32"
    assert origins(again.trunk) == {}


def test_notes_of_a_models_making_come_back(fitted, tmp_path):
    model, _ = fitted()
    model.notes = {"engine": {"networks": [], "largest_difference": 0.001}}
    model.save(tmp_path / "model")

    assert load(tmp_path / "model").notes == model.notes


@pytest.mark.parametrize("missing", ["preprocess", "targets", "backbone"])
def test_a_description_without_a_part_is_a_users_error(fitted, tmp_path, missing):
    model, _ = fitted()
    model.save(tmp_path / "model")
    path = tmp_path / "model" / "model.json"
    path.write_text(json.dumps({key: value for key, value in json.loads(path.read_text()).items() if key != missing}))

    with pytest.raises(UserError, match=f"cannot be put together.*{missing}"):
        load(tmp_path / "model")
