"""A training that is interrupted between any two epochs and gone on with is the training that was left alone."""

import json

import pytest
import torch

from overread.errors import UserError
from overread.learners.finetune import Finetune, checkpoint
from overread.run import Workspace

HEAD = {"trains": "head", "epochs": 2, "rate": 1e-2}
WILD = {"trains": "head", "epochs": 9, "rate": 5.0, "schedule": "constant"}
UPPER = {"trains": "from layer3", "epochs": 1, "rate": 3e-3}
ALL = {"trains": "all", "epochs": 2, "rate": 3e-3, "warm_up": 1, "decay": 0.7}
RANDOM = {"augment": "strong", "balance": "sampler", "head": {"kind": "mlp", "hidden": 8, "dropout": [0.5, 0.3]}}


class Interrupted(BaseException):
    """What Ctrl-C is to the loop."""


@pytest.fixture
def corner(tmp_path):
    def make(name):
        (tmp_path / name).mkdir()
        return Workspace(tmp_path / name, tmp_path / name / "log.jsonl", {"fold": 1})

    return make


@pytest.fixture
def breaking(monkeypatch):
    """Break a training off when it is about to write its n-th checkpoint."""

    def run(n, *course):
        written, write = iter(range(n - 1)), checkpoint.write

        def once(*given):
            if next(written, None) is None:
                raise Interrupted
            write(*given)

        with monkeypatch.context() as patch, pytest.raises(Interrupted):
            patch.setattr(checkpoint, "write", once)
            Finetune.fit(*course)

    return run


def state(model):
    return model.classifier.state_dict()


def equal(one, other) -> bool:
    return all(torch.equal(tensor, state(other)[name]) for name, tensor in state(one).items())


def epochs(workspace):
    """What the log says of every epoch, but for the clock."""
    told = [json.loads(line) for line in workspace.journal.read_text().splitlines()]
    return [{key: value for key, value in event.items() if key not in ("time", "seconds", "images_per_second")} for event in told]


@pytest.mark.parametrize(
    ("phases", "options"),
    [((HEAD, ALL), RANDOM), ((WILD, UPPER), {"augment": "none", "stop": {"on": "loss", "patience": 3}})],
    ids=["random", "impatient"],
)
def test_wherever_it_is_interrupted_the_model_and_the_log_are_those_of_one_left_alone(catalog, recipe, corner, breaking, phases, options):
    data, told = catalog(n=40), recipe(phases=list(phases), **options)
    whole = corner("whole")
    alone = Finetune.fit(data, told, whole, 0)
    assert ("stop" in options) == (len(epochs(whole)) < sum(phase["epochs"] for phase in phases))

    for n in range(1, len(epochs(whole)) + len(phases) + 1):
        broken = corner(f"broken {n}")
        breaking(n, data, told, broken, 0)
        assert equal(alone, Finetune.fit(data, told, broken, 0)), n
        assert epochs(broken) == epochs(whole), n


def test_a_training_broken_off_again_and_again_is_the_same(catalog, recipe, corner, breaking):
    data, told = catalog(), recipe(phases=[ALL], **RANDOM)
    alone, broken = Finetune.fit(data, told, corner("whole"), 0), corner("broken")

    for _ in range(2):
        breaking(2, data, told, broken, 0)

    assert equal(alone, Finetune.fit(data, told, broken, 0))


def test_a_finished_training_is_not_trained_again(catalog, recipe, corner, breaking):
    data, told, workspace = catalog(), recipe(phases=[HEAD, ALL], **RANDOM), corner("one")
    model = Finetune.fit(data, told, workspace, 0)
    log, kept = workspace.journal.read_bytes(), (workspace.folder / "checkpoint.safetensors").stat().st_mtime_ns

    assert equal(model, Finetune.fit(data, told, workspace, 0))
    assert workspace.journal.read_bytes() == log
    assert (workspace.folder / "checkpoint.safetensors").stat().st_mtime_ns == kept


def test_one_file_is_kept_and_in_it_what_has_moved(catalog, recipe, corner, breaking):
    data, told = catalog(), recipe(phases=[HEAD, ALL])
    sizes = {}
    for n, when in ((2, "head"), (5, "all")):
        breaking(n, data, told, corner(when), 0)
    done = corner("done")
    model = Finetune.fit(data, told, done, 0)
    for when in ("head", "all", "done"):
        [path] = done.folder.parent.joinpath(when).glob("*.safetensors*")
        sizes[when] = path.stat().st_size
    network = sum(tensor.nbytes for tensor in state(model).values())

    assert sizes["head"] < 0.1 * network
    assert 2.9 * network < sizes["all"] < 4.1 * network
    assert network < sizes["done"] < 1.1 * network


@pytest.mark.parametrize(
    ("other", "seed", "said"),
    [
        ({"phases": [ALL | {"rate": 1e-3}]}, 0, "of another training"),
        ({"phases": [ALL]}, 1, "of another training"),
        ({"phases": [ALL], "head": {"kind": "mlp", "hidden": 4, "dropout": [0.1]}}, 0, "of another training"),
        ({"phases": [ALL], "backbone": "test_efficientnet"}, 0, r"of another network: it has \S+ of shape"),
    ],
)
def test_a_checkpoint_of_another_training_or_network_is_refused(catalog, recipe, corner, breaking, other, seed, said):
    data, workspace = catalog(), corner("one")
    breaking(2, data, recipe(phases=[ALL]), workspace, 0)

    with pytest.raises(UserError, match=said):
        Finetune.fit(data, recipe(**other), workspace, seed)


def test_a_checkpoint_over_other_rows_is_refused(catalog, recipe, corner, breaking):
    data, workspace = catalog(), corner("one")
    breaking(2, data, recipe(phases=[ALL]), workspace, 0)

    with pytest.raises(UserError, match="of another training"):
        Finetune.fit(data.only(data.frame["row"] != "3"), recipe(phases=[ALL]), workspace, 0)


def test_a_checkpoint_above_other_frozen_weights_is_refused(catalog, recipe, corner, breaking, monkeypatch):
    data, told, workspace = catalog(), recipe(phases=[HEAD]), corner("one")
    breaking(2, data, told, workspace, 0)
    zeros = torch.nn.init.zeros_
    monkeypatch.setattr(torch.nn.init, "zeros_", lambda tensor: zeros(tensor).data.add_(1e-6))  # as another version might draw them

    with pytest.raises(UserError, match="the weights that were not trained are others"):
        Finetune.fit(data, told, workspace, 0)


def test_a_damaged_checkpoint_is_refused_and_once_deleted_trained_from_the_beginning(catalog, recipe, corner, breaking):
    data, told, workspace = catalog(), recipe(phases=[ALL], **RANDOM), corner("one")
    alone = Finetune.fit(data, told, corner("whole"), 0)
    breaking(2, data, told, workspace, 0)
    path = workspace.folder / "checkpoint.safetensors"
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(UserError, match="damaged"):
        Finetune.fit(data, told, workspace, 0)
    path.unlink()
    assert equal(alone, Finetune.fit(data, told, workspace, 0))
    assert [event["epoch"] for event in epochs(workspace)] == [1, 2]
