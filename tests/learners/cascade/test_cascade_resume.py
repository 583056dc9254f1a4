"""A cascade that is killed between its members, inside one, or while one is written, is the cascade that was left alone."""

import json
import shutil

import pytest

from overread.errors import UserError
from overread.learners.cascade import Cascade, kept
from overread.learners.finetune import checkpoint
from overread.learners.network.model import NetworkModel
from overread.run import Workspace

TWO = {"kind": "finetune", "augment": "none", "batch": 16, "phases": [{"trains": "all", "epochs": 2, "rate": 3e-3}]}


QUICK = {**TWO, "phases": [{"trains": "head", "epochs": 1, "rate": 1e-2}]}

SMALL = {"own": 5, "small": 8}


class Killed(BaseException):
    """Nothing catches it, as nothing does a kill."""


@pytest.fixture
def corner(tmp_path):
    def make(name):
        (tmp_path / name).mkdir()
        return Workspace(tmp_path / name, tmp_path / name / "log.jsonl", {})

    return make


@pytest.fixture
def killing(monkeypatch):
    """Break a training off at the n-th time that it is about to do something."""

    def run(n, place, name, *course):
        done, before = iter(range(n - 1)), getattr(place, name)

        def once(*given, **told):
            if next(done, None) is None:
                if name == "save":
                    given[1].mkdir(parents=True)
                    (given[1] / "model.safetensors").write_bytes(b"half of it")
                raise Killed
            return before(*given, **told)

        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(place, name, once)
            Cascade.fit(*course)

    return run


@pytest.fixture
def course(body, telling):
    """Films whose second part is small: its expert goes on from the pooled one."""
    return body(60, few=6), telling(expert=TWO, **SMALL)


def written(model, folder):
    """Every byte of a saved cascade."""
    model.save(folder)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def told(journal):
    """The log, but for the clock."""
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    return [{key: value for key, value in line.items() if key not in ("time", "seconds", "images_per_second")} for line in lines]


def finished(workspace):
    return {path.parent.name: path.stat().st_mtime_ns for path in workspace.folder.glob(f"*/{kept.FINISHED}")}


@pytest.fixture(scope="module")
def alone(making, tmp_path_factory):
    """What an undisturbed training writes and logs."""
    (make_body, make_recipe, quick), place = making, tmp_path_factory.mktemp("alone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OVERREAD_CACHE", str(place / "cache"))
        model = Cascade.fit(make_body(place, 60, few=6), make_recipe(quick, TWO, **SMALL), Workspace(place, place / "log.jsonl", {}), 0)
        return written(model, place / "model"), told(place / "log.jsonl")


@pytest.mark.parametrize(
    ("n", "place", "name", "over"),
    [
        (1, checkpoint, "write", 0),
        (5, checkpoint, "write", 1),
        (11, checkpoint, "write", 3),
        (2, kept, "write_json", 1),
        (4, kept, "write_json", 3),
        (4, NetworkModel, "save", 3),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_wherever_it_is_killed_every_byte_and_the_log_are_those_of_one_left_alone(
    alone, course, corner, killing, cascading, tmp_path, n, place, name, over
):
    broken = corner("broken")
    killing(n, place, name, *course, broken, 0)
    before = finished(broken)
    assert len(before) == over

    again = cascading(*course, workspace=broken)

    assert (written(again.model, tmp_path / "again"), told(broken.journal)) == alone
    assert {member: when for member, when in finished(broken).items() if member in before} == before


def test_a_finished_cascade_is_not_trained_again(course, corner, cascading):
    whole = corner("whole")
    model = cascading(*course, workspace=whole).model
    before = finished(whole)

    again = cascading(*course, workspace=whole).model

    assert finished(whole) == before and len(before) == 5
    assert again.predict(course[0]).equals(model.predict(course[0]))


@pytest.mark.parametrize("file", ["model/model.safetensors", "model/model.json", "finished.json"])
def test_a_finished_member_whose_files_have_changed_is_not_taken_but_made_again(alone, course, corner, cascading, tmp_path, file):
    workspace = corner("one")
    cascading(*course, workspace=workspace)
    path = workspace.folder / "expert-ELBOW" / file
    path.write_bytes(path.read_bytes()[:-2])

    again = cascading(*course, workspace=workspace).model

    assert written(again, tmp_path / "again") == alone[0]


@pytest.mark.parametrize("change", ["label", "option", "seed"])
def test_members_of_other_rows_options_or_seed_are_not_taken(course, corner, cascading, telling, change):
    data, recipe = course
    workspace = corner("one")
    cascading(data, recipe, workspace=workspace)
    if change == "label":
        frame = data.frame.copy()
        frame.loc[frame.index[frame["split"] == "train"][0], "abnormal"] = "positive"
        data = data.replace(frame)
    asked = telling(expert={**TWO, "batch": 12}, **SMALL) if change == "option" else recipe

    with pytest.raises(UserError, match="of another training"):
        cascading(data, asked, seed=int(change == "seed"), workspace=workspace)


def test_a_member_that_went_on_from_another_model_is_known_by_that_models_numbers_not_by_its_place(body, corner, cascading, telling, tmp_path):
    data, first = body(60), corner("first")
    cascading(data, telling(), workspace=first)
    models = {name: first.folder / name / kept.MODEL for name in ("pooled", "expert-WRIST")}
    start, workspace = tmp_path / "start", corner("second")
    shutil.copytree(models["pooled"], start)
    cascading(data, telling(expert={**QUICK, "start": str(start)}), workspace=workspace)
    before = finished(workspace)

    cascading(data, telling(expert={**QUICK, "start": str(models["pooled"])}), workspace=workspace)
    assert finished(workspace) == before
    shutil.copytree(models["expert-WRIST"], start, dirs_exist_ok=True)
    with pytest.raises(UserError, match="of another training"):
        cascading(data, telling(expert={**QUICK, "start": str(start)}), workspace=workspace)


def test_a_member_that_has_no_checkpoint_is_solved_anew_for_other_rows(body, corner, telling):
    data, workspace = body(60).asking("body_part"), corner("one").inside("router")
    plan = telling(router={"kind": "probe", "folds": 2, "strengths": [1]})
    recipe = plan.model_copy(update={"learner": plan.learner["router"]})
    kept.train(data, recipe, workspace, 0)
    before = (workspace.folder / kept.FINISHED).read_bytes()

    kept.train(data.only(data.frame["row"] != "3"), recipe, workspace, 0)

    assert (workspace.folder / kept.FINISHED).read_bytes() != before
    kept.train(data, recipe, workspace, 0)
    assert (workspace.folder / kept.FINISHED).read_bytes() == before
