"""What a token costs on its way from Triton into the gateway, for each transport: `python -m bench.transport`.

The engine is bench/fake_triton on one core, the client here on another. A token is a serialised response handed to a
receiver that only counts; what the client's process used, in microseconds of CPU a token, is what is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import uvloop

from bench.fake import request, start_fake
from inference.transport import METHOD, OPTIONS, Transport
from lean_grpc.client import Client
from lean_grpc.plain import PlainClient
from mesh.faults import Fault


class Counter:
    """A receiver that counts tokens, and tells of the first and of the end."""

    def __init__(self) -> None:
        self.count = 0
        self.fault: Fault | None = None
        self.first, self.done = asyncio.Event(), asyncio.Event()

    def take(self, batch: Sequence[bytes]) -> None:
        if not self.count:
            self.first.set()
        self.count += len(batch)

    def closed(self, fault: Fault | None) -> None:
        self.fault = fault
        self.done.set()


async def measure(make: Callable[[str], Transport], address: str, streams: int, seconds: float) -> tuple[float, float]:
    """Keeps so many streams going; returns microseconds of CPU a token and tokens a second."""
    transport = make(address)
    counters = [Counter() for _ in range(streams)]
    cancels = [transport.stream_infer(request(1 << 30), counter) for counter in counters]
    for counter in counters:
        await counter.first.wait()
    before, cpu, start = sum(c.count for c in counters), time.process_time(), time.perf_counter()
    await asyncio.sleep(seconds)
    tokens, cpu, wall = sum(c.count for c in counters) - before, time.process_time() - cpu, time.perf_counter() - start
    for cancel in cancels:
        cancel()
    assert not any(counter.done.is_set() for counter in counters)
    await transport.aclose()
    return 1e6 * cpu / tokens, tokens / wall


async def measure_turns(
    make: Callable[[str], Transport], address: str, tokens: int, seconds: float
) -> tuple[float, float]:
    """Short calls one after the other, 32 at a time; returns microseconds of CPU a call and calls a second."""
    transport = make(address)
    finished = 0
    cpu, start = time.process_time(), time.perf_counter()

    async def worker() -> None:
        nonlocal finished
        while time.perf_counter() - start < seconds:
            counter = Counter()
            transport.stream_infer(request(tokens), counter)
            await counter.done.wait()
            assert counter.fault is None
            assert counter.count == tokens
            finished += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(32):
            group.create_task(worker())
    cpu, wall = time.process_time() - cpu, time.perf_counter() - start
    await transport.aclose()
    return 1e6 * cpu / finished, finished / wall


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3, help="each figure is the median of so many, interleaved")
    args = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[0]})
    transports: dict[str, Callable[[str], Transport]] = {
        "grpc.aio": lambda at: Transport(PlainClient(at, METHOD, OPTIONS)),
        "h2 lean": lambda at: Transport(Client(at, METHOD)),
    }
    rows: list[tuple[str, str, Any]] = [
        (f"{n} streams, 25 tok/s each", "25", lambda make, at, n=n: measure(make, at, n, args.seconds))
        for n in (1, 64, 512)
    ]
    rows += [
        (f"{n} streams, saturated", "0", lambda make, at, n=n: measure(make, at, n, args.seconds)) for n in (1, 64, 512)
    ]
    rows.append(("calls of 16 tokens", "0", lambda make, at: measure_turns(make, at, 16, args.seconds)))
    print("| load | " + " | ".join(f"{name}: CPU us | a second" for name in transports) + " |")
    print("| --- |" + " --- | --- |" * len(transports))
    for title, rate, run in rows:
        figures: dict[str, list[tuple[float, float]]] = {name: [] for name in transports}
        for _ in range(args.rounds):
            for name, make in transports.items():
                fake, address = start_fake("--rate", rate, core=cores[-1])
                try:
                    figures[name].append(uvloop.run(run(make, address)))
                finally:
                    fake.terminate()
                    fake.wait()
        cells = [[statistics.median(column) for column in zip(*figures[name], strict=True)] for name in transports]
        print(f"| {title} | " + " | ".join(f"{cost:.1f} | {speed:,.0f}" for cost, speed in cells) + " |", flush=True)


if __name__ == "__main__":
    main()
