"""Who owns a data directory, and the end of what the last owner left."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mesh.data_dir import RUN_ID, DataDir, Refused, kill_run

HOLD = (
    "import sys, time; from mesh.data_dir import *; "
    "DataDir(Path(sys.argv[1])).acquire(); print('held', flush=True); time.sleep(600)"
)


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_second_owner_is_refused_with_the_pid_of_the_first(tmp_path: Path, owner: subprocess.Popen[bytes]) -> None:
    with pytest.raises(Refused, match=rf"in use by another mesh \(pid {owner.pid}\)"):
        DataDir(tmp_path).acquire()


def test_a_killed_owner_owns_nothing(tmp_path: Path, owner: subprocess.Popen[bytes]) -> None:
    owner.kill()
    owner.wait()
    DataDir(tmp_path).acquire()


def test_a_path_that_is_no_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="can't be used"):
        DataDir(tmp_path / "file").acquire()


def test_the_state_is_private_and_read_back(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    assert data.read_state() == {}
    data.acquire()
    data.write_state({"pid": 1})
    assert data.read_state() == {"pid": 1}
    assert stat.S_IMODE(data.state_file.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "{", "[]", "\x00"])
def test_a_damaged_state_file_counts_as_none(tmp_path: Path, content: str) -> None:
    data = DataDir(tmp_path)
    data.acquire()
    data.state_file.write_text(content)
    assert data.read_state() == {}


def test_only_the_processes_of_the_run_are_killed() -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    with (
        subprocess.Popen(sleep, env=os.environ | {RUN_ID: "mine"}) as mine,
        subprocess.Popen(sleep, env=os.environ | {RUN_ID: "mine2"}) as other,
        subprocess.Popen(sleep) as bystander,
    ):
        try:
            assert kill_run("mine") == 1
            assert mine.wait() == -9
            assert other.poll() is None
            assert bystander.poll() is None
        finally:
            other.kill()
            bystander.kill()
