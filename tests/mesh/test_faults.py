"""What clients see when the engine dies, wedges, or just takes its time; and when a service dies."""

import asyncio
import os
import signal
import time
from collections.abc import Callable

import httpx
import psutil
import pytest

from tests.mesh.talk import PATIENCE, Answer, asks, paced, stream, until_active
from tests.whole_mesh import Mesh

STREAMS = 16
ENDED_WITHIN = 5.0
"""Seconds from the fault to every stream's end; a stopped process is found by its silence."""
BACK_WITHIN = 10.0
"""Seconds from the fault, or its detection, to the next answer."""


async def live_streams(client: httpx.AsyncClient, count: int) -> tuple[list[Answer], list["asyncio.Task[Answer]"]]:
    """Streams that are in the middle of their answers."""
    answers = [Answer() for _ in range(count)]
    body = paced("word ", repeat=1000, interval_ms=40)
    tasks = [asyncio.create_task(stream(client, body, answer=answer)) for answer in answers]
    async with asyncio.timeout(20):
        while not all(answer.text for answer in answers):
            await asyncio.sleep(0.02)
    return answers, tasks


async def until_answered(client: httpx.AsyncClient) -> float:
    """Asks until the model that was hit answers; the seconds that took."""
    began = time.monotonic()
    while True:
        answer = await stream(client, paced("back"))
        if answer.error is None:
            return time.monotonic() - began
        assert time.monotonic() - began < 60, answer.error
        await asyncio.sleep(0.1)


def server(mesh: Mesh) -> int:
    return mesh.pid("triton")


def stub(mesh: Mesh) -> int:
    """The process that runs the paced model."""
    pids = [it["pid"] for it in mesh.processes("triton-stub")]
    return next(pid for pid in pids if any("paced" in argument for argument in psutil.Process(pid).cmdline()))


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("victim", "number"),
    [(server, signal.SIGKILL), (stub, signal.SIGKILL), (stub, signal.SIGSTOP)],
    ids=["server-kill", "stub-kill", "stub-stop"],
)
async def test_a_fault_of_the_engine_ends_every_stream_once(
    start_mesh: Callable[..., Mesh], victim: Callable[[Mesh], int], number: signal.Signals
) -> None:
    mesh = start_mesh()
    async with httpx.AsyncClient(base_url=mesh.url, timeout=PATIENCE) as client:
        _, tasks = await live_streams(client, STREAMS)
        struck = time.monotonic()
        os.kill(victim(mesh), number)
        answers = await asyncio.gather(*tasks)
        ended = time.monotonic() - struck
        back = await until_answered(client) + (ended if number is not signal.SIGSTOP else 0)
    for answer in answers:
        assert answer.terminals == 1
        assert answer.error is not None
        assert answer.error["code"] == "engine_unavailable"
    print(f"streams ended after {ended:.2f} s, next answer after {back:.2f} s")
    assert ended < ENDED_WITHIN
    assert back < BACK_WITHIN


@pytest.mark.timeout(120)
async def test_patience_is_not_death(start_mesh: Callable[..., Mesh]) -> None:
    """A prefill of 20 s with nothing beside it, then 30 s of waiting beside one that progresses."""
    mesh = start_mesh()
    async with httpx.AsyncClient(base_url=mesh.url, timeout=PATIENCE) as client:
        answer = await stream(client, paced("at last", prefill_ms=20_000))
        assert (answer.text, answer.finish) == ("at last", "stop")
        waiting, _ = await asyncio.gather(
            stream(client, paced("at last", prefill_ms=30_000)),
            stream(client, paced("word ", repeat=300, interval_ms=100)),
        )
        assert (waiting.text, waiting.finish) == ("at last", "stop")
    assert all(process["restarts"] == 0 for process in mesh.processes("triton"))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("service", ["orchestrator", "context", "moderation", "inference"])
async def test_a_dead_service_ends_streams_and_comes_back(start_mesh: Callable[..., Mesh], service: str) -> None:
    mesh = start_mesh("--split")
    metrics = mesh.processes("triton")[0]["metrics"]
    async with httpx.AsyncClient(base_url=mesh.url, timeout=PATIENCE) as client:
        _, tasks = await live_streams(client, 4)
        os.kill(mesh.pid(service), signal.SIGKILL)
        if service != "context":  # which a turn without a conversation doesn't need
            async with asyncio.timeout(ENDED_WITHIN):
                for answer in await asyncio.gather(*tasks):
                    assert answer.terminals == 1
                    assert answer.error is not None
                    assert answer.error["code"] == "service_unavailable"
        for task in tasks:
            task.cancel()
        async with httpx.AsyncClient() as gauges:
            await until_active(gauges, metrics, "paced", 0)
        await until_answered(client)
        async with asyncio.timeout(BACK_WITHIN):
            while (made := await client.post("/chat", json={})).status_code != 200:
                await asyncio.sleep(0.1)
        path = f"/chat/{made.json()['id']}/completion"
        assert (await stream(client, asks("Hello!", max_tokens=4), path)).error is None


@pytest.mark.parametrize("placement", [(), ("--split",)], ids=["cell", "split"])
async def test_streams_that_outlast_a_drain_are_told(
    start_mesh: Callable[..., Mesh], placement: tuple[str, ...]
) -> None:
    mesh = start_mesh(*placement, TOKENLOOM_DRAIN_SECONDS="1.5")
    async with httpx.AsyncClient(base_url=mesh.url, timeout=PATIENCE) as client:
        _, tasks = await live_streams(client, 4)
        mesh.process.send_signal(signal.SIGTERM)
        for answer in await asyncio.gather(*tasks):
            assert answer.terminals == 1
            assert answer.error is not None
            assert answer.error["code"] == "service_unavailable"
    assert await asyncio.to_thread(mesh.process.wait, 20) == 0
