import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from overread.errors import UserError
from overread.imaging.cache import Cache, default_folder
from overread.imaging.fit import Fitting

SHA = "ab" * 32
FITTING = Fitting(32)


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


def entry(cache):
    return next(path for path in cache.folder.rglob("*") if path.is_file())


def test_a_picture_comes_back_and_grey_takes_a_third_of_the_room(cache, colour, grey):
    for picture, room in ((colour, 3 * 32 * 32), (grey, 32 * 32)):
        square = FITTING.apply(picture)
        cache.keep_picture(SHA, FITTING, square)
        assert np.array_equal(cache.picture(SHA, FITTING), square)
        assert entry(cache).stat().st_size - room < 16


def test_another_content_or_fitting_is_another_entry(cache, grey):
    cache.keep_picture(SHA, FITTING, FITTING.apply(grey))
    assert cache.picture("cd" * 32, FITTING) is None
    assert cache.picture(SHA, Fitting(32, "crop")) is None
    assert cache.picture(SHA, Fitting(64)) is None


@pytest.mark.parametrize("harm", [lambda data: data[:-100], lambda data: b"", lambda data: data[:500] + bytes([data[500] ^ 1]) + data[501:]])
def test_a_cut_off_or_damaged_entry_is_absent(cache, colour, harm):
    cache.keep_picture(SHA, FITTING, FITTING.apply(colour))
    entry(cache).write_bytes(harm(entry(cache).read_bytes()))
    assert cache.picture(SHA, FITTING) is None


def test_facts_come_back_and_damaged_ones_do_not(cache):
    cache.keep_facts(SHA, {"mode": "L", "width": 3})
    assert cache.facts(SHA) == {"mode": "L", "width": 3}
    entry(cache).write_bytes(entry(cache).read_bytes()[:-2])
    assert cache.facts(SHA) is None


def test_nothing_but_entries_is_left_in_the_folder(cache, grey):
    for _ in range(3):
        cache.keep_picture(SHA, FITTING, FITTING.apply(grey))
    assert len([path for path in cache.folder.rglob("*") if path.is_file()]) == 1


def test_a_folder_that_cannot_be_written_is_the_users_to_mend(tmp_path, grey):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="OVERREAD_CACHE"):
        Cache(tmp_path / "file").keep_picture(SHA, FITTING, FITTING.apply(grey))


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limits")
def test_a_write_that_fails_half_way_leaves_no_entry(tmp_path):
    lines = [
        "import resource, sys, numpy as np",
        "from pathlib import Path",
        "from overread.errors import UserError",
        "from overread.imaging.cache import Cache",
        "from overread.imaging.fit import Fitting",
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))",
        "try: Cache(Path(sys.argv[1])).keep_picture('ab' * 32, Fitting(64), np.ones((64, 64, 3), np.uint8))",
        "except UserError: sys.exit(2)",
    ]
    assert subprocess.run([sys.executable, "-c", "\n".join(lines), str(tmp_path)]).returncode == 2
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_two_processes_filling_one_folder_leave_it_whole(cache):
    lines = [
        "import sys, numpy as np",
        "from pathlib import Path",
        "from overread.imaging.cache import Cache",
        "from overread.imaging.fit import Fitting",
        "cache = Cache(Path(sys.argv[1]))",
        "for turn in range(30):",
        "    for i in range(10):",
        "        square = np.full((64, 64, 3), i, np.uint8)",
        "        found = cache.picture(f'{i:064d}', Fitting(64))",
        "        assert turn == 0 or np.array_equal(found, square)",
        "        cache.keep_picture(f'{i:064d}', Fitting(64), square)",
    ]
    both = [subprocess.Popen([sys.executable, "-c", "\n".join(lines), str(cache.folder)]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert len([path for path in cache.folder.rglob("*") if path.is_file()]) == 10


def test_the_environment_names_the_folder(monkeypatch, tmp_path):
    assert Cache().folder == Path(os.environ["OVERREAD_CACHE"])
    monkeypatch.delenv("OVERREAD_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert default_folder() == tmp_path / "overread"
