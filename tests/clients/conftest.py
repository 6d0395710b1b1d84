"""Where the official clients are pointed: at a whole mesh, or at an edge over doubles, alike for every test."""

import asyncio
import os
import threading
from collections.abc import Iterator

import httpx
import pytest
from edge_double import running_edge


def serve(**settings: str) -> Iterator[str]:
    """An edge over doubles in a thread of its own; yields its URL."""
    ready = threading.Event()
    url = ""

    async def run() -> None:
        nonlocal url
        async with running_edge(**settings) as edge:
            stopped.append((asyncio.get_running_loop(), asyncio.Event()))
            url = edge.url
            ready.set()
            await stopped[0][1].wait()

    stopped: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    assert ready.wait(10)
    yield url
    loop, event = stopped[0]
    loop.call_soon_threadsafe(event.set)
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture(scope="session")
def double_url() -> Iterator[str]:
    """An edge over doubles: for what only a scripted mesh does."""
    yield from serve()


@pytest.fixture(scope="session")
def keyed_url() -> Iterator[str]:
    """An edge over doubles that demands the key `sesame`."""
    yield from serve(TOKENLOOM_API_KEY="sesame")


@pytest.fixture(scope="session")
def base_url(request: pytest.FixtureRequest) -> str:
    """A mesh that has the model `paced`: TOKENLOOM_TEST_URL's, else an edge over doubles."""
    return os.environ.get("TOKENLOOM_TEST_URL") or str(request.getfixturevalue("double_url"))


def answers_open(url: str) -> float:
    """How many answers the edge is making."""
    lines = httpx.get(f"{url}/metrics", trust_env=False).text.splitlines()
    return float(next(line for line in lines if line.startswith("tokenloom_edge_answers_open ")).split()[1])
