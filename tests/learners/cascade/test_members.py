import re

import pytest

from overread.errors import UserError
from overread.learners.base import load
from overread.learners.cascade.members import Members, folder_names, inside
from overread.recipe import Runtime


@pytest.fixture
def cramped(planted):
    """The cascade, with room for two members and a half, and how many were in memory after each that it asked for."""
    model, counts = load(planted.folder), []

    class Counted(Members):
        def __getitem__(self, name):
            member = super().__getitem__(name)
            counts.append(len(self.read))
            return member

    sizes = [sum(path.stat().st_size for path in folder.iterdir()) for folder in model.members.folders.values()]
    model.members = Counted(model.members.folders, room=int(2.5 * max(sizes)))
    model.runtime = Runtime(threads=1, precision="fp32")
    return model, counts


def test_folders_are_called_as_their_parts_where_that_is_safe():
    names = folder_names(["router", "pooled", "expert-XR_WRIST", "expert-hand"])

    assert names == {name: name for name in names}


def test_whatever_a_part_is_called_its_folder_stays_inside_and_is_its_own(tmp_path):
    odd = ["../x", "..", "/etc", "a/b", "a\\b", "a-b", "A-B", "", "手", "腕", "C:", "NUL", "x" * 500, "new\nline", "router"]
    names = folder_names(["router", "pooled", *(f"expert-{name}" for name in odd)])

    assert len({name.casefold() for name in names.values()}) == len(odd) + 2
    for name in names.values():
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,63}", name)
        assert inside(tmp_path, name).parent == tmp_path


@pytest.mark.parametrize("name", ["..", "../x", "a/b", "", ".", "a\\b", None, 3, "x\n"])
def test_a_model_that_names_another_place_is_refused(tmp_path, name):
    with pytest.raises(UserError, match="no name of a part of the model"):
        inside(tmp_path, name)


def test_in_a_prediction_through_all_parts_no_more_networks_are_in_memory_than_have_room(planted, cramped):
    model, counts = cramped
    test, whole = planted.data.part("test"), load(planted.folder)
    whole.runtime = Runtime(threads=1, precision="fp32")

    assert model.predict(test).equals(whole.predict(test))
    assert max(counts) == 2 and len(counts) == 4
    assert whole.members.read == ["expert-ELBOW", "expert-HAND", "expert-WRIST", "router"]


def test_what_has_waited_longest_makes_room_and_is_read_again_as_it_was(cramped):
    members = cramped[0].members
    router, pooled = members["router"], members["pooled"]

    assert members["router"] is router
    members["expert-HAND"]
    assert members.read == ["expert-HAND", "router"]

    members.run_as(Runtime(threads=2, precision="fp32"))
    again = members["pooled"]
    assert again is not pooled and again.runtime == Runtime(threads=2, precision="fp32")
    assert all(pooled.classifier.state_dict()[name].equal(numbers) for name, numbers in again.classifier.state_dict().items())


def test_a_member_larger_than_the_room_is_read_all_the_same(planted):
    members = Members(load(planted.folder).members.folders, room=1)

    assert members["router"] and members.read == ["router"]
    assert members["pooled"] and members.read == ["pooled"]


def test_a_member_that_cannot_be_read_is_named(planted, tmp_path):
    with pytest.raises(UserError, match="the cascade's pooled cannot be read"):
        Members({"pooled": tmp_path / "gone"})["pooled"]
