import os
import signal
import sys

import pytest

from overread.errors import UserError
from overread.run.lock import LOCK, alone


def test_a_folder_is_one_processes_at_a_time_and_free_afterwards(tmp_path):
    with alone(tmp_path), pytest.raises(UserError, match=f"process {os.getpid()} on .* at work"), alone(tmp_path):
        pass
    with alone(tmp_path):
        pass
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="processes of POSIX")
def test_a_holder_that_is_killed_locks_nobody_out(tmp_path):
    ready, told = os.pipe()
    child = os.fork()
    if child == 0:
        with alone(tmp_path):
            os.write(told, b"x")
            signal.pause()
    os.read(ready, 1)
    try:
        with pytest.raises(UserError, match=f"process {child} on"), alone(tmp_path):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert (tmp_path / LOCK).exists()
    with alone(tmp_path):
        pass
