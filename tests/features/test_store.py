"""What was written is read, whatever happened to the folder in between."""

import subprocess
import sys
import threading

import numpy as np
import pytest

from overread.errors import UserError
from overread.features import store as room
from overread.features.segment import HEADER, NAME
from overread.features.store import Store
from overread.progress import shown

WIDTH = 5


def names(*places: int) -> np.ndarray:
    return np.array([f"{place:064x}" for place in places], NAME)


def rows(*places: int) -> np.ndarray:
    return np.array([np.arange(WIDTH) + 10 * place for place in places], np.float32)


@pytest.fixture
def store():
    return Store({"network": "a", "engine": "x"}, WIDTH)


def test_what_is_kept_is_found_and_what_is_not_is_told(store):
    store.append(names(1, 2, 3), rows(1, 2, 3))
    store.append(names(4), rows(4))
    found, given = Store(store.told, WIDTH).read(names(4, 9, 2))

    assert found.tolist() == [True, False, True]
    np.testing.assert_array_equal(given[found], rows(4, 2))
    assert not Store({"network": "b", "engine": "x"}, WIDTH).read(names(1, 2, 3))[0].any()


@pytest.mark.parametrize("length", [0, 100, HEADER, HEADER + 70, -4, -1])
def test_a_file_cut_off_anywhere_is_said_ignored_and_made_good(store, capsys, length):
    store.append(names(1, 2), rows(1, 2))
    [path] = store.folder.glob("*.features")
    path.write_bytes(path.read_bytes()[:length])
    store.append(names(3), rows(3))
    with shown():
        assert store.read(names(1, 2, 3))[0].tolist() == [False, False, True]
    assert f"is not used ({'it is cut off' if length else 'its header is damaged'})" in capsys.readouterr().err
    store.append(names(1, 2), rows(1, 2))
    store.compact()
    with shown():
        assert Store(store.told, WIDTH).read(names(1, 2, 3))[0].all()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("place", [3, HEADER + 5, HEADER + 2 * 64 + 1, -2])
def test_a_changed_byte_spoils_no_other_row(store, capsys, place):
    store.append(names(1, 2), rows(1, 2))
    [path] = store.folder.glob("*.features")
    content = bytearray(path.read_bytes())
    content[place] ^= 0x55
    path.write_bytes(content)
    with shown():
        found, given = store.read(names(1, 2))

    assert not found.all()
    np.testing.assert_array_equal(given[found], rows(1, 2)[found])
    assert "is computed again" in capsys.readouterr().err


def test_a_file_of_another_version_or_width_is_not_read(store):
    store.append(names(1), rows(1))
    [path] = store.folder.glob("*.features")
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"version": 1', b'"version": 2'))
    assert not store.read(names(1))[0].any()
    path.write_bytes(content)
    assert store.read(names(1))[0].all()
    assert f"/v{room.VERSION}/" in store.folder.as_posix()


def test_many_files_become_one_and_say_the_same(store):
    for place in range(room.MOST + 3):
        store.append(names(place, place + 1), rows(place, place + 1))
    store.compact()

    assert len(list(store.folder.glob("*.features"))) == 1
    found, given = store.read(names(*range(room.MOST + 4)))
    assert found.all()
    np.testing.assert_array_equal(given, rows(*range(room.MOST + 4)))


def test_readers_miss_nothing_while_files_are_put_together(store, monkeypatch):
    monkeypatch.setattr(room, "MOST", 1)
    store.append(names(0), rows(0))
    ended = threading.Event()

    def write():
        own = Store(store.told, WIDTH)
        for place in range(1, 60):
            own.append(names(place), rows(place))
            own.compact()
        ended.set()

    writer = threading.Thread(target=write)
    writer.start()
    looks = 0
    while not ended.is_set():
        assert Store(store.told, WIDTH).read(names(0))[0].all()
        looks += 1
    writer.join()
    assert looks > 5
    assert store.read(names(*range(60)))[0].all()


WRITER = """
import sys
import numpy as np
from overread.features.store import Store
store = Store({"network": "a", "engine": "x"}, 5)
for place in range(int(sys.argv[1]), 80, 2):
    name = np.array([f"{place:064x}"], "S64")
    store.append(name, (np.arange(5) + 10 * place)[None].astype(np.float32))
    store.compact()
"""


def test_two_processes_write_at_once_and_all_of_it_is_there(store):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(first)]) for first in (0, 1)]
    assert [writer.wait() for writer in writers] == [0, 0]
    found, given = store.read(names(*range(80)))
    assert found.all()
    np.testing.assert_array_equal(given, rows(*range(80)))


def test_a_folder_that_cannot_be_written_to_is_the_users_to_mend(store, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("OVERREAD_CACHE", str(tmp_path / "file"))
    with pytest.raises(UserError, match="features cannot be kept"):
        Store(store.told, WIDTH).append(names(1), rows(1))


def test_what_was_refused_is_remembered(store):
    assert Store(store.told, WIDTH).refused == ""
    store.refuse("too far")
    assert Store(store.told, WIDTH).refused == "too far"
