"""The data directory: who owns it, what runs on it, and the end of what its last owner left running."""

import contextlib
import fcntl
import json
import os
import time
from pathlib import Path
from typing import Any

import psutil

RUN_ID = "TOKENLOOM_RUN_ID"  # The environment variable by which all processes of one run can be told from others.


class Refused(Exception):
    """The mesh, or a part of it, can't run as it was asked to. The text is one line that says why and what to do."""


def demand(condition: object, complaint: str) -> None:
    """Raises Refused with the complaint unless the condition holds."""
    if not condition:
        raise Refused(complaint)


class DataDir:
    """A directory that at most one mesh runs on."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.run, self.log = self.path / "run", self.path / "log"
        self.state_file = self.run / "state.json"

    def acquire(self) -> None:
        """Makes the directory and becomes its owner, until the process ends. Raises Refused when it has one already."""
        try:
            for directory in (self.path, self.run, self.log):
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(lock, 32).decode(errors="replace").strip()
            os.close(lock)
            raise Refused(f"{self.path} is in use by another mesh (pid {owner}): give --data-dir another one") from None
        except OSError as error:
            raise Refused(f"the data directory {self.path} can't be used: {error.strerror}") from error
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())

    def write_state(self, state: dict[str, Any]) -> None:
        """Replaces what readers of the directory see of the mesh, at once and as a whole."""
        draft = self.state_file.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(state, indent=1))
        draft.replace(self.state_file)

    def read_state(self) -> dict[str, Any]:
        """What the running mesh, or the last one, wrote. Empty when there was none."""
        try:
            state = json.loads(self.state_file.read_bytes())
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}


def ended(process: psutil.Process) -> bool:
    """Whether a process has ended, be it that its parent knows of it or not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    return True


def kill_run(run_id: str, wait_seconds: float = 5.0) -> int:
    """Kills every process of the run `run_id`, waits until they are gone, and returns how many there were."""
    killed = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get(RUN_ID) == run_id:
                process.kill()
                killed.append(process)
    deadline = time.monotonic() + wait_seconds
    while not all(map(ended, killed)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return len(killed)
