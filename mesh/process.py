"""One child process: kept running, and ended with all that it started; the kernel kills it when we die ourselves."""

import asyncio
import contextlib
import ctypes
import functools
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mesh.data_dir import Refused

FIRST_DELAY_SECONDS = 0.2
LAST_DELAY_SECONDS = 5.0
STEADY_SECONDS = 30.0  # A process that lived this long starts the next backoff from the beginning.

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)
# The end of a traceback, with the lines that its message goes on for.
_EXCEPTION = re.compile(r"^\w+(?:Error|Exception): .*(?:\n[^\W_].*){0,4}", re.MULTILINE)
_ERROR = re.compile(r"^.*\berror\b.*", re.MULTILINE | re.IGNORECASE)


def next_delay(previous: float, lived: float) -> float:
    """Seconds to wait before starting a process again that `lived` so long, after having waited `previous` before."""
    return FIRST_DELAY_SECONDS if previous == 0 or lived >= STEADY_SECONDS else min(previous * 2, LAST_DELAY_SECONDS)


@dataclass(eq=False)
class Child:
    """A process that is kept running. It leads a session of its own, so all it starts can be ended with it."""

    name: str
    argv: Sequence[str]
    environ: Mapping[str, str]
    changed: Callable[[], None]  # Called after each start and each end.
    say: Callable[[str], None]  # Takes lines for people.
    prepare: Callable[[], None] = lambda: None  # Called before each start.
    pass_fds: Sequence[int] = ()
    log: Path | None = None  # Where its output goes, anew at each start (`.1` is the one before); else our stderr.
    shown: Mapping[str, Any] = field(default_factory=dict)  # What `tokenloom status` tells besides what it finds out.
    pid: int | None = None  # None while it waits for its next start.
    restarts: int = 0
    settled: bool = False  # Seen working. Until then, an end with an exit code is final: it can't run at all.
    _task: Any = None  # The asyncio.Task that runs `run`.
    _stopping: bool = False

    async def run(self) -> None:
        """Keeps the process running until `stop`. Raises Refused when it can't run at all."""
        self._task, delay = asyncio.current_task(), 0.0
        while not self._stopping:
            born = time.monotonic()
            ending = await self._live()
            if not self._stopping:
                delay = next_delay(delay, time.monotonic() - born)
                self.restarts += 1
                self.say(f"{self.name} {ending}; starting it again in {delay:g} s")
                await asyncio.sleep(delay)

    def state(self) -> dict[str, Any]:
        """What others may know of it, for JSON."""
        return {"service": self.name, **self.shown, "pid": self.pid, "restarts": self.restarts}

    def kill(self) -> None:
        """Kills the process and all that it started; unless it is being stopped, it is then started again."""
        if self.pid is not None:
            os.killpg(self.pid, signal.SIGKILL)

    async def stop(self, grace_seconds: float) -> None:
        """Ends the process: SIGTERM, and SIGKILL for it and all that it started once the grace is over."""
        self._stopping = True
        if self.pid is not None and grace_seconds > 0:
            os.kill(self.pid, signal.SIGTERM)
            await asyncio.wait([self._task], timeout=grace_seconds)
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _live(self) -> str:
        """Starts the process and waits for its end. Returns how it ended, in words."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        try:
            self.prepare()
            process = self._spawn()
        except OSError as error:
            if not self.settled:
                raise Refused(f"{self.name} can't be started: {error}") from error
            return f"can't be started ({error})"
        pidfd = os.pidfd_open(process.pid)
        loop.add_reader(pidfd, ended.set)
        try:
            self.pid = process.pid
            self.changed()
            await ended.wait()
        finally:
            loop.remove_reader(pidfd)
            os.close(pidfd)
            # Not reaped yet, so the number is still its own. Ends what outlived it, and itself if we were cancelled.
            os.killpg(process.pid, signal.SIGKILL)
            code = process.wait()
            self.pid = None
            self.changed()
        if code < 0:
            return f"was killed by {signal.Signals(-code).name}"
        if not self.settled and not self._stopping:
            raise Refused(f"{self.name} ended with exit code {code} before it was ready{self._last_words()}")
        return f"ended with exit code {code}"

    def _spawn(self) -> subprocess.Popen[bytes]:
        if self.log and self.log.exists():
            self.log.replace(self.log.with_name(self.log.name + ".1"))
        with self.log.open("wb") if self.log else contextlib.nullcontext(sys.stderr) as output:
            return subprocess.Popen(  # noqa: S603 (the supervisor's own command lines)
                self.argv,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=self.pass_fds,
                start_new_session=True,
                preexec_fn=functools.partial(_die_with, os.getpid()),
            )

    def _last_words(self) -> str:
        text = self.log.read_text(errors="replace") if self.log else ""
        cause = _EXCEPTION.search(text) or _ERROR.search(text)
        return (f": {' '.join(cause[0].split())[:400]}" if cause else "") + (f" (see {self.log})" if self.log else "")


def _die_with(parent: int) -> None:
    """What a child runs before it becomes its program, so that the kernel kills it when `parent` dies."""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # It died before the call.
        os._exit(1)
