"""One child process: started, watched, started again when it dies, and ended with everything that it started.

When we die ourselves, however that comes, the kernel kills the child (and what the child started watches the child).
"""

import asyncio
import contextlib
import ctypes
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FIRST_DELAY_SECONDS = 0.2
LAST_DELAY_SECONDS = 5.0
STEADY_SECONDS = 30.0
"""A process that lived this long starts the next backoff from the beginning."""

PR_SET_PDEATHSIG = 1
_EXCEPTION = re.compile(r"^\w+(?:Error|Exception): .*(?:\n[^\W_].*){0,4}", re.MULTILINE)
"""The end of a traceback, with the lines that its message goes on for."""
_ERROR = re.compile(r"^.*\berror\b.*", re.MULTILINE | re.IGNORECASE)


class StartFailed(Exception):
    """The child can't run at all, so that starting it again would be pointless. The text is one line."""


@dataclass(frozen=True)
class Command:
    """What a child runs."""

    name: str
    argv: Sequence[str]
    environ: Mapping[str, str]
    pass_fds: Sequence[int] = ()
    shown: Mapping[str, Any] = field(default_factory=dict)
    """What `tokenloom status` tells about it, besides what it finds out."""
    log: Path | None = None
    """Where its output goes, emptied at each start (the one before is kept as `.1`). Default: our standard error."""


def next_delay(previous: float, lived: float) -> float:
    """Seconds to wait before starting a process again that `lived` so long, after having waited `previous` before."""
    if previous == 0 or lived >= STEADY_SECONDS:
        return FIRST_DELAY_SECONDS
    return min(previous * 2, LAST_DELAY_SECONDS)


class Child:
    """A process that is kept running. It leads a session of its own, so all it starts can be ended with it."""

    def __init__(
        self, command: Command, *, prepare: Callable[[], None], changed: Callable[[], None], say: Callable[[str], None]
    ) -> None:
        """`prepare` runs before each start, `changed` after it and after each end; `say` takes lines for people."""
        self.command = command
        self.pid: int | None = None
        """None while it waits for its next start."""
        self.restarts = 0
        self.started_at = 0.0
        """Unix time of the last start."""
        self.settled = False
        """Whether it has been seen working. Until then, an end with an exit code is final: it can't run at all."""
        self._prepare = prepare
        self._changed = changed
        self._say = say
        self._stopping = asyncio.Event()
        self._gone = asyncio.Event()
        self._gone.set()

    async def run(self) -> None:
        """Keeps the process running until `stop`. Raises StartFailed when it can't run at all."""
        delay = 0.0
        while not self._stopping.is_set():
            born = time.monotonic()
            ending = await self._live()
            if self._stopping.is_set():
                break
            delay = next_delay(delay, time.monotonic() - born)
            self.restarts += 1
            self._say(f"{self.command.name} {ending}; starting it again in {delay:g} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)

    def state(self) -> dict[str, Any]:
        """What others may know of it, for JSON."""
        own = {"pid": self.pid, "restarts": self.restarts, "started_at": self.started_at}
        return {"service": self.command.name, **self.command.shown, **own}

    def kill(self) -> None:
        """Kills the process and all that it started; unless it is being stopped, it is then started again."""
        if self.pid is not None:
            os.killpg(self.pid, signal.SIGKILL)

    async def stop(self, grace_seconds: float) -> None:
        """Ends the process: SIGTERM, and SIGKILL for it and all that it started once the grace is over."""
        self._stopping.set()
        if self.pid is not None and grace_seconds > 0:
            os.kill(self.pid, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._gone.wait(), grace_seconds)
        self.kill()
        await self._gone.wait()

    async def _live(self) -> str:
        """Starts the process and waits for its end. Returns how it ended, in words."""
        try:
            self._prepare()
            process = self._spawn()
        except OSError as error:
            if not self.settled:
                raise StartFailed(f"{self.command.name} can't be started: {error}") from error
            return f"can't be started ({error})"
        pidfd = os.pidfd_open(process.pid)
        ended = asyncio.Event()
        self._gone.clear()
        asyncio.get_running_loop().add_reader(pidfd, ended.set)
        try:
            self.pid, self.started_at = process.pid, time.time()
            self._changed()
            await ended.wait()
        finally:
            asyncio.get_running_loop().remove_reader(pidfd)
            os.close(pidfd)
            # Not reaped yet, so the number is still its own. Ends what outlived it, and itself if we were cancelled.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self.pid = None
            self._gone.set()
            self._changed()
        code = process.returncode
        if code < 0:
            return f"was killed by {signal.Signals(-code).name}"
        if not self.settled and not self._stopping.is_set():
            raise StartFailed(
                f"{self.command.name} ended with exit code {code} before it was ready{self._last_words()}"
            )
        return f"ended with exit code {code}"

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = self.command
        with contextlib.ExitStack() as stack:
            output: int = 2
            if command.log:
                if command.log.exists():
                    command.log.replace(command.log.with_name(command.log.name + ".1"))
                output = stack.enter_context(command.log.open("wb")).fileno()
            return subprocess.Popen(  # noqa: S603 (the supervisor's own command lines)
                command.argv,
                env=command.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=command.pass_fds,
                start_new_session=True,
                preexec_fn=_die_with(os.getpid()),
            )

    def _last_words(self) -> str:
        if not self.command.log:
            return ""
        text = self.command.log.read_text(errors="replace")
        cause = _EXCEPTION.search(text) or _ERROR.search(text)
        return (
            f": {' '.join(cause[0].split())[:400]} (see {self.command.log})" if cause else f" (see {self.command.log})"
        )


def _die_with(parent: int) -> Callable[[], None]:
    """What a child runs before it becomes its program, so that the kernel kills it when `parent` dies."""
    libc = ctypes.CDLL(None)

    def arm() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # It died before the call.
            os._exit(1)

    return arm
