import re

import pytest

from overread.errors import UserError
from overread.learners.cascade.members import folder_names, inside


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
