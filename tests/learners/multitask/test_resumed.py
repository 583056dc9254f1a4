"""A training of several questions that is interrupted anywhere and gone on with is the one that was left alone, byte by byte."""

import json

import pytest

from overread.errors import UserError
from overread.learners.finetune import checkpoint
from overread.learners.multitask import Multitask
from overread.run import Workspace

HEAD = {"trains": "head", "epochs": 2, "rate": 1e-2}
ALL = {"trains": "all", "epochs": 2, "rate": 3e-3, "warm_up": 1, "decay": 0.7}
RANDOM = {"augment": "strong", "weights": "learned", "head": {"kind": "mlp", "hidden": 8, "dropout": [0.5, 0.3]}}


class Interrupted(BaseException):
    """What Ctrl-C is to the loop."""


@pytest.fixture
def corner(tmp_path):
    def make(name):
        (tmp_path / name).mkdir()
        return Workspace(tmp_path / name, tmp_path / name / "log.jsonl", {})

    return make


def epochs(workspace):
    told = [json.loads(line) for line in workspace.journal.read_text().splitlines()]
    return [{key: value for key, value in event.items() if key not in ("time", "seconds", "images_per_second")} for event in told]


def kept(model, folder):
    model.save(folder)
    return (folder / "model.safetensors").read_bytes(), (folder / "model.json").read_bytes()


def test_wherever_it_is_interrupted_the_model_and_the_log_are_the_same(two, both, corner, monkeypatch, tmp_path):
    data, told, whole = two(n=40), both(phases=[HEAD, ALL], **RANDOM), corner("whole")
    alone = kept(Multitask.fit(data, told, whole, 0), tmp_path / "alone")
    write = checkpoint.write
    for n in range(1, 7):
        broken, left = corner(f"broken {n}"), iter(range(n - 1))

        def once(*given, left=left):
            if next(left, None) is None:
                raise Interrupted
            write(*given)

        with monkeypatch.context() as patch, pytest.raises(Interrupted):
            patch.setattr(checkpoint, "write", once)
            Multitask.fit(data, told, broken, 0)

        assert kept(Multitask.fit(data, told, broken, 0), tmp_path / f"again {n}") == alone, n
        assert epochs(broken) == epochs(whole), n


def test_a_checkpoint_of_other_questions_or_labels_is_refused(two, both, corner):
    data, workspace = two(n=40), corner("one")
    Multitask.fit(data, both(), workspace, 0)
    other = data.frame.assign(region=data.frame["region"].mask(data.frame["row"] == "0"))

    for given, told in ((data, both(targets=["region", "label"])), (data.replace(other), both()), (data, both(weights={"region": 2}))):
        with pytest.raises(UserError, match="of another training"):
            Multitask.fit(given, told, workspace, 0)
