import sys

import pytest

from overread.errors import UserError
from overread.registry import Registry


@pytest.fixture
def room(tmp_path, monkeypatch):
    """A package `zoo` with two members, one of which must not be imported to be listed."""
    folder = tmp_path / "zoo"
    folder.mkdir()
    (folder / "__init__.py").write_text("from overread.registry import Registry\nZOO = Registry('zoo')\n")
    (folder / "base.py").write_text("")
    (folder / "red_panda.py").write_text(
        '"""Eats bamboo.\n\nMore."""\nfrom zoo import ZOO\n@ZOO.register("red-panda")\ndef red_panda(): return "bamboo"\n'
    )
    (folder / "bomb.py").write_text('"""Goes off when imported."""\nraise RuntimeError\n')
    monkeypatch.syspath_prepend(tmp_path)
    yield __import__("zoo").ZOO
    for name in [name for name in sys.modules if name.partition(".")[0] == "zoo"]:
        del sys.modules[name]


def test_listing_reads_names_and_first_lines_without_importing(room):
    assert room.describe() == {"bomb": "Goes off when imported.", "red-panda": "Eats bamboo."}
    assert "zoo.red_panda" not in sys.modules


def test_a_member_is_imported_when_it_is_asked_for(room):
    assert room.get("red-panda")() == "bamboo"


def test_an_unknown_name_names_the_near_one(room):
    with pytest.raises(UserError, match="Did you mean 'red-panda'"):
        room.get("red-pander")


def test_a_name_is_given_once(room):
    room.register("guest")(len)
    with pytest.raises(ValueError, match="already"):
        room.register("guest")(max)


def test_a_member_is_named_like_its_file(room, tmp_path):
    (tmp_path / "zoo" / "lion.py").write_text("from zoo import ZOO\n@ZOO.register('tiger')\ndef lion(): ...\n")
    with pytest.raises(ValueError, match="named like its file"):
        Registry("zoo")
        __import__("zoo.lion")


def test_another_package_adds_a_member_by_entry_point(tmp_path, monkeypatch):
    info = tmp_path / "guest-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: guest\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[overread.recipes]\nvisitor = json:dumps\n")
    monkeypatch.syspath_prepend(tmp_path)

    room = Registry("overread.recipes")

    assert "visitor" in room.names()
    assert room.get("visitor") is __import__("json").dumps
