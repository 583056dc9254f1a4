import json

import pytest

from overread.errors import UserError
from overread.learners.base import load
from overread.learners.network.model import NetworkModel


def test_a_saved_model_is_loaded_by_the_learner_that_made_it(fitted, tmp_path):
    model, _ = fitted()
    model.save(tmp_path / "model")

    assert isinstance(load(tmp_path / "model"), NetworkModel)


def test_a_folder_without_a_model_is_a_users_error(tmp_path):
    with pytest.raises(UserError, match="no model is here"):
        load(tmp_path)


@pytest.mark.parametrize(("text", "said"), [("{", "not JSON"), ("{}", "which learner"), (json.dumps({"kind": "nope"}), "unknown name 'nope'")])
def test_a_damaged_description_is_a_users_error(tmp_path, text, said):
    (tmp_path / "model.json").write_text(text)

    with pytest.raises(UserError, match=said):
        load(tmp_path)
