"""The data directory: who owns it, what runs on it, and the end of what its last owner left running."""

import contextlib
import fcntl
import json
import os
import select
import signal
import time
from pathlib import Path
from typing import Any

RUN_ID = "TOKENLOOM_RUN_ID"
"""The environment variable by which every process of one run, and all they start, can be told from others."""


class Refused(Exception):
    """The mesh can't start as it was asked to. The text is one line that says why and what to do."""


class DataDir:
    """A directory that at most one mesh runs on."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.run = self.path / "run"
        self.log = self.path / "log"
        self.state_file = self.run / "state.json"
        self._lock: int | None = None

    def acquire(self) -> None:
        """Makes the directory and becomes its owner, until the process ends. Raises Refused when it has one already."""
        try:
            for directory in (self.path, self.run, self.log):
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Refused(f"the data directory {self.path} can't be used: {error.strerror}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(lock, 32).decode(errors="replace").strip()
            os.close(lock)
            raise Refused(f"{self.path} is in use by another mesh (pid {owner}): give --data-dir another one") from None
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())
        self._lock = lock

    def write_state(self, state: dict[str, Any]) -> None:
        """Replaces what readers of the directory see of the mesh, at once and as a whole."""
        draft = self.state_file.with_suffix(".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(state, file, indent=1)
        draft.replace(self.state_file)

    def read_state(self) -> dict[str, Any]:
        """What the running mesh, or the last one, wrote. Empty when there was none."""
        try:
            state = json.loads(self.state_file.read_bytes())
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}


def kill_run(run_id: str, wait_seconds: float = 5.0) -> int:
    """Kills every process of the run `run_id`, waits until they are gone, and returns how many there were.

    A process is found by its environment and killed through its pidfd, so a number that was given anew is never hit.
    """
    mark = f"{RUN_ID}={run_id}".encode()
    killed = select.poll()
    count = 0
    with contextlib.ExitStack() as stack:
        for entry in Path("/proc").glob("[0-9]*"):
            if int(entry.name) == os.getpid():
                continue
            with contextlib.suppress(OSError), contextlib.ExitStack() as this:
                pidfd = os.pidfd_open(int(entry.name))
                this.callback(os.close, pidfd)
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    signal.pidfd_send_signal(pidfd, signal.SIGKILL)
                    killed.register(pidfd, select.POLLIN)
                    stack.push(this.pop_all())
                    count += 1
        deadline = time.monotonic() + wait_seconds
        left = count
        while left and time.monotonic() < deadline:
            for pidfd, _ in killed.poll(100):
                killed.unregister(pidfd)
                left -= 1
    return count
