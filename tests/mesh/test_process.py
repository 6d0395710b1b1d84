"""Children as real processes: restarts, ends, and what they leave behind."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from mesh.data_dir import Refused
from mesh.process import Child, next_delay

SLEEP = "import time; time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)
WITH_GRANDCHILD = (
    "import subprocess, sys, time; "
    "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid, flush=True); time.sleep(600)"
)


class Kept:
    """A child that runs in a task, and all that it said and went through."""

    def __init__(self, program: str, log: Path) -> None:
        self.log = log
        self.said: list[str] = []
        self.pids: list[int | None] = []
        argv = [sys.executable, "-c", program]
        self.child = Child("thing", argv, os.environ, changed=self._changed, say=self.said.append, log=log)
        self.task = asyncio.create_task(self.child.run())

    def _changed(self) -> None:
        self.pids.append(self.child.pid)

    async def pid(self, *, other_than: int | None = None) -> int:
        await until(lambda: self.child.pid not in (None, other_than))
        assert self.child.pid is not None
        return self.child.pid

    async def printed(self) -> str:
        await until(lambda: self.log.exists() and "\n" in self.log.read_text())
        return self.log.read_text().strip()


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came true"
        await asyncio.sleep(0.01)


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
async def keep(tmp_path: Path) -> AsyncIterator[Callable[[str], Kept]]:
    kept: list[Kept] = []

    def make(program: str) -> Kept:
        kept.append(Kept(program, tmp_path / f"{len(kept)}.log"))
        return kept[-1]

    yield make
    for it in kept:
        await it.child.stop(0)
        await asyncio.wait([it.task])


@pytest.mark.parametrize(
    ("previous", "lived", "delay"),
    [(0, 0.1, 0.2), (0.2, 0.1, 0.4), (0.4, 29.9, 0.8), (3.2, 1, 5), (5, 1, 5), (5, 30, 0.2)],
)
def test_backoff_doubles_to_a_limit_and_a_steady_life_resets_it(previous: float, lived: float, delay: float) -> None:
    assert next_delay(previous, lived) == delay


async def test_a_killed_child_is_started_again_and_says_so(keep: Callable[[str], Kept]) -> None:
    it = keep(SLEEP)
    first = await it.pid()
    os.kill(first, signal.SIGKILL)
    second = await it.pid(other_than=first)
    assert second != first
    assert it.child.restarts == 1
    assert it.said == ["thing was killed by SIGKILL; starting it again in 0.2 s"]
    assert it.pids == [first, None, second]


async def test_an_exit_before_it_ever_worked_is_final_and_gives_its_last_words(keep: Callable[[str], Kept]) -> None:
    it = keep("import sys; print('error: no such model'); print('bye'); sys.exit(3)")
    with pytest.raises(Refused, match=r"thing ended with exit code 3 before it was ready: error: no such model"):
        await it.task


async def test_an_exit_after_it_worked_is_not_final(keep: Callable[[str], Kept]) -> None:
    it = keep("import sys, time; time.sleep(0.5); sys.exit(3)")
    it.child.settled = True
    first = await it.pid()
    await it.pid(other_than=first)
    assert "ended with exit code 3" in it.said[0]


async def test_a_missing_program_is_final() -> None:
    child = Child("thing", ["/nonexistent"], {}, changed=lambda: None, say=lambda line: None)
    with pytest.raises(Refused, match="thing can't be started"):
        await child.run()


async def test_killing_it_takes_grandchildren_along(keep: Callable[[str], Kept]) -> None:
    it = keep(WITH_GRANDCHILD)
    first = await it.pid()
    grandchild = int(await it.printed())
    it.child.kill()
    await it.pid(other_than=first)
    assert gone(grandchild)


async def test_the_death_of_the_child_ends_its_orphans(keep: Callable[[str], Kept]) -> None:
    it = keep(WITH_GRANDCHILD)
    first = await it.pid()
    grandchild = int(await it.printed())
    os.kill(first, signal.SIGKILL)
    await it.pid(other_than=first)
    await until(lambda: gone(grandchild))


async def test_stop_waits_for_a_child_that_drains(keep: Callable[[str], Kept]) -> None:
    it = keep(
        "import signal, sys, time\n"
        "def drain(*_): time.sleep(0.3); print('drained', flush=True); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, drain); print('up', flush=True); time.sleep(600)"
    )
    await it.printed()
    await it.child.stop(20)
    assert (await it.printed()).endswith("drained")
    await it.task
    assert it.child.pid is None


async def test_stop_kills_a_child_that_will_not_go(keep: Callable[[str], Kept]) -> None:
    it = keep(STUBBORN)
    await it.printed()
    pid = await it.pid()
    await it.child.stop(0.3)
    assert gone(pid)


async def test_stop_ends_the_wait_for_the_next_start(keep: Callable[[str], Kept]) -> None:
    it = keep("import sys; sys.exit(1)")
    it.child.settled = True
    await until(lambda: it.child.restarts >= 3)
    async with asyncio.timeout(1):
        await it.child.stop(1)
    assert it.task.done()


async def test_cancelling_the_task_kills_the_child(keep: Callable[[str], Kept]) -> None:
    it = keep(STUBBORN)
    pid = await it.pid()
    it.task.cancel()
    await asyncio.wait([it.task])
    assert gone(pid)


async def test_the_child_dies_with_its_keeper(tmp_path: Path) -> None:
    keeper = (
        "import asyncio, os, sys\n"
        "from mesh.process import *\n"
        f"c = Child('x', [sys.executable, '-c', {STUBBORN!r}], os.environ,\n"
        "          changed=lambda: print(c.pid, flush=True), say=print)\n"
        "asyncio.run(c.run())\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", keeper, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert process.stdout
    pid = int(await process.stdout.readline())
    assert not gone(pid)
    process.kill()
    await process.wait()
    await until(lambda: gone(pid))


async def test_the_log_of_the_life_before_is_kept(keep: Callable[[str], Kept]) -> None:
    it = keep("import os, time; print(os.getpid(), flush=True); time.sleep(600)")
    first = await it.pid()
    assert await it.printed() == str(first)
    it.child.kill()
    second = await it.pid(other_than=first)
    assert await it.printed() == str(second)
    assert it.log.with_name(it.log.name + ".1").read_text().strip() == str(first)
