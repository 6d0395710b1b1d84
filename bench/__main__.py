"""What the mesh adds to a bare Triton stream: `python -m bench` prints tables and writes build/bench.json.

The load runs straight at the engine and through the edge, in turn, so that whatever else the machine does falls on
both. The engine is bench/fake_triton, but for the last table. Every answer is a turn of a stored conversation, with the
word policies of config/policies on both sides, metrics, and one trace in a hundred. For what it costs, the mesh has one
core to itself, and the engine and the load another; what a token takes is measured on all cores together.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import sys
import time
import urllib.request
from typing import Any

from bench import stack
from bench.fake import ROOT
from bench.report import cheapest, tables
from bench.stack import ENDLESS, OPEN_SECONDS, SHORT_TURNS, Bench, Cores, Mesh

RATE = 25
INTERVAL_NS = 1_000_000_000 // RATE
LATENCY = {1: 4, 16: 32, 64: 100}
"""Streams, and the tokens of a turn: few where few streams would else begin too few turns."""
PREFILL_MS = 20
OPEN = 2000
"""Idle streams whose memory is measured."""

Result = dict[str, Any]


def latency(b: Bench, meshes: dict[str, Mesh], engine: str, rounds: int, seconds: float) -> list[Result]:
    """What a token takes, straight and through each mesh, at each number of streams."""
    rows = []
    for streams, tokens in LATENCY.items():
        turn_seconds = PREFILL_MS / 1000 + tokens / RATE
        seen: dict[str, list[Result]] = {}
        for _ in range(rounds):
            for name, kind, address in (
                ("straight", "triton", engine),
                *((name, "conversation", mesh.address) for name, mesh in meshes.items()),
            ):
                seen.setdefault(name, []).append(
                    b.load(
                        kind,
                        address,
                        streams=streams,
                        tokens=tokens,
                        seconds=seconds,
                        warmup=0.3,
                        stagger=min(turn_seconds, 3),
                        clock=stack.CLOCK_NS,
                        interval=INTERVAL_NS,
                    )
                )
        row: Result = {"streams": streams, "turn_tokens": tokens}
        for measure in ("ttft_us", "lag_us", "gap_us"):
            for at in ("p50", "p99"):
                straight = [one[measure][at] for one in seen["straight"]]
                row[f"straight {measure} {at}"] = statistics.median(straight)
                for name in meshes:
                    there = [one[measure][at] for one in seen[name]]
                    row[f"{name} {measure} {at}"] = statistics.median(
                        through - bare for through, bare in zip(there, straight, strict=True)
                    )
            row[f"n {measure}"] = {name: sum(one[measure]["n"] for one in ones) for name, ones in seen.items()}
        row["errors"] = {name: sum(one["errors"] for one in ones) for name, ones in seen.items()}
        rows.append(row)
    return rows


def steady(b: Bench, cores: Cores, mesh: Mesh, streams: int, rate: int, seconds: float) -> Result:
    """CPU a token, and tokens a second, of answers that all go on for longer than the measuring.

    The engine is silent for a while first, so that all streams are open when the first token comes.
    """
    seen = b.load(
        "conversation",
        mesh.address,
        streams=streams,
        tokens=ENDLESS,
        seconds=seconds,
        warmup=1,
        stagger=streams * OPEN_SECONDS,
        pids=mesh.pids,
        core=cores.rest,
    )
    return {
        "streams": streams,
        "rate": rate,
        "tokens_per_second": seen["tokens"] / seen["seconds"],
        "events_per_token": seen["events"] / max(seen["tokens"], 1),
        "us_per_token": {name: 1e6 * used / max(seen["tokens"], 1) for name, used in seen["cpu"].items()},
        "cores": sum(seen["cpu"].values()) / seen["seconds"],
        "client_cores": seen["client_cpu"] / seen["seconds"],
        "errors": seen["errors"],
    }


def short_turns(b: Bench, cores: Cores, mesh: Mesh, seconds: float) -> Result:
    """Turns of 16 tokens, 32 at a time, each begun when the one before has ended, and what one costs."""
    seen = b.load("conversation", mesh.address, **SHORT_TURNS, seconds=seconds, pids=mesh.pids, core=cores.rest)
    used = sum(seen["cpu"].values())
    return {
        "turns_per_second": seen["turns"] / seen["seconds"],
        "us_per_turn": {name: 1e6 * one / max(seen["turns"], 1) for name, one in seen["cpu"].items()},
        "cores": used / seen["seconds"],
        "errors": seen["errors"],
    }


def idle_memory(b: Bench, cores: Cores, mesh: Mesh, streams: int) -> Result:
    """Resident memory that each of so many admitted and silent streams adds, by process."""
    before = mesh.memory()
    with b.loading(
        "conversation",
        mesh.address,
        streams=streams,
        tokens=1000,
        seconds=600,
        first="false",
        stagger=streams * OPEN_SECONDS,
        core=cores.rest,
    ):
        end = time.monotonic() + 60
        while (now := open_answers(mesh)) < streams and time.monotonic() < end:
            time.sleep(0.5)
        time.sleep(1)
        after = mesh.memory()
    return {
        "streams": now,
        "bytes_each": {name: (after[name] - before[name]) / max(now, 1) for name in before},
    }


def open_answers(mesh: Mesh) -> int:
    """How many answers the edge has open."""
    with urllib.request.urlopen(f"http://{mesh.address}/metrics", timeout=30) as response:
        for line in response.read().decode().splitlines():
            if line.startswith("tokenloom_edge_answers_open "):
                return int(float(line.split()[1]))
    return 0


def bundled(b: Bench, rounds: int, seconds: float) -> Result:
    """The bundled Triton and model at 16 streams, straight and through the edge."""
    seen: dict[str, list[Result]] = {"straight": [], "cell": []}
    with b.sink() as traces, b.mesh(None, environ=traces) as mesh:
        for name, kind, address in (
            ("straight", "triton", mesh.triton),
            ("cell", "conversation", mesh.address),
        ) * rounds:
            # Longer turns would let a conversation outgrow what the small model was made for.
            one = b.load(
                kind, address, streams=16, tokens=60, seconds=seconds, warmup=1, stagger=1, words=False, turns=1
            )
            seen[name].append(one)
    return {
        name: {
            "ttft_ms_p50": statistics.median(one["ttft_us"]["p50"] for one in ones) / 1000,
            "ttft_ms_p99": statistics.median(one["ttft_us"]["p99"] for one in ones) / 1000,
            "gap_ms_p50": statistics.median(one["gap_us"]["p50"] for one in ones) / 1000,
            "tokens_per_second": statistics.median(one["tokens"] / one["seconds"] for one in ones),
            "errors": sum(one["errors"] for one in ones),
        }
        for name, ones in seen.items()
    }


def measure(b: Bench, rounds: int, runs: int, seconds: float) -> Result:
    """Everything, in the order of the tables."""
    cores = Cores.apart()
    results: Result = {"machine": stack.machine(), "busy_before": stack.busy()}
    placements = {"cell": (), "split": ("--split",)}
    with contextlib.ExitStack() as on:
        traces = on.enter_context(b.sink(cores.rest))

        paced = ("--rate", str(RATE), "--jitter", "0", "--phase=false", "--prefill", f"{PREFILL_MS}ms")
        with contextlib.ExitStack() as running:
            engine = running.enter_context(b.fake(*paced))
            up = {
                name: running.enter_context(b.mesh(engine, *flags, environ=traces))
                for name, flags in placements.items()
            }
            say("time to tokens")
            results["latency"] = latency(b, up, engine, rounds, seconds)
        results["steady"], results["turns"], results["idle"] = {}, {}, {}
        loads = {"cell": [(64, RATE), (512, RATE), (512, 4 * RATE)], "split": [(64, RATE), (512, RATE)]}
        for name, flags in placements.items():
            say(f"CPU a token, turns, memory: {name}")
            results["steady"][name] = []
            for streams, rate in loads[name]:
                with (
                    b.fake(
                        "--rate", str(rate), "--prefill", f"{1.5 * streams * OPEN_SECONDS + 1}s", core=cores.rest
                    ) as engine,
                    b.mesh(engine, *flags, core=cores.mesh, environ=traces) as mesh,
                ):
                    row = cheapest(
                        "us_per_token", [steady(b, cores, mesh, streams, rate, seconds) for _ in range(runs)]
                    )
                    row["peak_bytes"] = mesh.peak_memory()
                    results["steady"][name].append(row)
            with (
                b.fake("--rate", "0", core=cores.rest) as engine,
                b.mesh(engine, *flags, core=cores.mesh, environ=traces) as mesh,
            ):
                turns = [short_turns(b, cores, mesh, seconds) for _ in range(runs)]
                results["turns"][name] = cheapest("us_per_turn", turns)
            with (
                b.fake("--prefill", "1h", core=cores.rest) as engine,
                b.mesh(engine, *flags, core=cores.mesh, environ=traces) as mesh,
            ):
                results["idle"][name] = idle_memory(b, cores, mesh, OPEN)
    say("the bundled model")
    results["bundled"] = bundled(b, rounds, seconds)
    results["machine_after"], results["busy_after"] = stack.machine(), stack.busy()
    return results


def say(line: str) -> None:
    """Progress, for who waits."""
    print(f"bench: {line}", file=sys.stderr, flush=True)


def main() -> None:
    """Measures, prints, writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measuring")
    parser.add_argument("--rounds", type=int, default=2, help="of what is compared, in turn")
    parser.add_argument("--runs", type=int, default=3, help="of each measuring of CPU, of which the cheapest counts")
    args = parser.parse_args()
    with stack.bench() as b:
        results = measure(b, args.rounds, args.runs, args.seconds)
    file = ROOT / "build" / "bench.json"
    file.write_text(json.dumps(results, indent=1))
    print(tables(results))


if __name__ == "__main__":
    main()
