"""What a token costs on its way through the mesh, and where: `python -m bench.token_path [--peers] [--flame]`.

CPU a delivered token at rising load, for one cell and for the mesh split into processes: conversation turns, word
policies both ways, metrics, one trace in a hundred. The mesh has one core; the engine (bench/fake_triton) and the load
have another. Stages come from py-spy, which samples the cell after the measuring. With `--peers`, other gateways carry
the same load on the same core, from the same engine over HTTP. Prints tables and writes build/token_path.json.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import profile, stack
from bench.fake import ROOT
from bench.peers import PEERS, Peer
from bench.report import by_process, cheapest, conditions, table
from bench.stack import ENDLESS, OPEN_SECONDS, SHORT_TURNS, Bench, Cores

Result = dict[str, Any]
LOADS = {"cell": [(1, 25), (64, 25), (512, 25), (512, 100)], "split": [(1, 25), (64, 25), (512, 25)]}
"""Streams, and tokens a second of each, by placement; the last of each is more than a core takes."""
PEER_LOADS = [(16, 25), (64, 25), (512, 25)]


def cell_row(b: Bench, cores: Cores, placement: str, streams: int, rate: int, args: argparse.Namespace) -> Result:
    """One load on the mesh; where the CPU went, too, when it is one cell."""
    flags = ("--split",) if placement == "split" else ()
    opening = streams * OPEN_SECONDS
    with (
        b.sink(cores.rest) as traces,
        b.fake("--rate", str(rate), "--prefill", f"{1.5 * opening + 1}s", core=cores.rest) as engine,
        b.mesh(engine, *flags, core=cores.mesh, environ=traces) as mesh,
        b.loading(
            "conversation",
            mesh.address,
            streams=streams,
            tokens=ENDLESS,
            seconds=args.seconds if streams > 1 else 2 * args.seconds,
            warmup=1,
            stagger=opening,
            pids=mesh.pids,
            core=cores.rest,
            hold="true",
        ) as load,
    ):
        row = summary(load.result(), streams, rate)
        if placement == "cell" and streams > 1:
            stacks = profile.sample(mesh.pids["cell"], args.seconds, b.folder / "stacks")
            row["stages"] = profile.by_stage(stacks)
            row["functions"] = profile.by_function(stacks, 15)
            if args.flame and (streams, rate) == (512, 25):
                title = f"One cell, {streams} streams at {rate} tokens a second: {row['us']:.0f} us of CPU a token"
                say(f"drew {profile.write_flame(stacks, title).relative_to(ROOT)}")
    return {"name": placement, **row}


def turns_row(b: Bench, cores: Cores, seconds: float) -> Result:
    """Turns of 16 tokens on one cell, as fast as it takes them: what one costs, and where."""
    with (
        b.sink(cores.rest) as traces,
        b.fake("--rate", "0", core=cores.rest) as engine,
        b.mesh(engine, core=cores.mesh, environ=traces) as mesh,
        b.loading(
            "conversation", mesh.address, **SHORT_TURNS, seconds=seconds, pids=mesh.pids, core=cores.rest, hold="true"
        ) as load,
    ):
        seen = load.result()
        stacks = profile.sample(mesh.pids["cell"], seconds, b.folder / "stacks", every_thread=True)
    return {
        "turns_per_second": seen["turns"] / seen["seconds"],
        "us": 1e6 * sum(seen["cpu"].values()) / max(seen["turns"], 1),
        "stages": profile.by_stage(stacks),
        "functions": profile.by_function(stacks, 20),
        "errors": seen["errors"],
    }


def peer_row(
    b: Bench, cores: Cores, name: str, start: Callable[[str], Any], streams: int, rate: int, seconds: float
) -> Result:
    """One load on another gateway."""
    opening = streams * OPEN_SECONDS
    with (
        b.fake_http("--rate", str(rate), "--prefill", f"{1.5 * opening + 1}s", core=cores.rest) as engine,
        start(engine) as (address, pids),
    ):
        seen = b.load(
            "sse",
            address,
            streams=streams,
            tokens=ENDLESS,
            seconds=seconds,
            warmup=1,
            stagger=opening,
            pids={f"{name}{number}": pid for number, pid in enumerate(pids)},
            core=cores.rest,
        )
    return {"name": name, **summary(seen, streams, rate)}


def summary(seen: Result, streams: int, rate: int) -> Result:
    """A load's figures for a token."""
    tokens = max(seen["tokens"], 1)
    return {
        "streams": streams,
        "rate": rate,
        "tokens_per_second": seen["tokens"] / seen["seconds"],
        "events_per_token": seen["events"] / tokens,
        "us": 1e6 * sum(seen["cpu"].values()) / tokens,
        "by_process": {name: 1e6 * used / tokens for name, used in seen["cpu"].items()},
        "cores": sum(seen["cpu"].values()) / seen["seconds"],
        "load_cores": seen["client_cpu"] / seen["seconds"],
        "errors": seen["errors"],
    }


def peers(b: Bench, cores: Cores, seconds: float, runs: int) -> tuple[list[Result], list[str]]:
    """The rows of the others, and a line for each that couldn't be had."""
    rows, skipped = [], []
    for peer in PEERS:
        say(f"installing {peer.package}")
        if wrong := peer.install():
            skipped.append(f"{peer.name} was skipped: it can't be installed ({wrong})")
            continue
        for streams, rate in PEER_LOADS:
            if streams > peer.most_streams:
                continue
            say(f"{peer.name}: {streams} x {rate}")
            try:
                start = starter(peer, b, cores)
                tried = [peer_row(b, cores, peer.name, start, streams, rate, seconds) for _ in range(runs)]
                rows.append(cheapest("by_process", tried))
            except (RuntimeError, SystemExit) as error:
                skipped.append(f"{peer.name} at {streams} x {rate} failed: {str(error).splitlines()[-1][:200]}")
    return rows, skipped


def starter(peer: Peer, b: Bench, cores: Cores) -> Callable[[str], Any]:
    """Starts a peer in front of an engine's address."""
    return lambda engine: peer.running(engine, Path(tempfile.mkdtemp(dir=b.folder)), cores.mesh)


def tables(results: Result) -> str:
    """The results as Markdown."""
    out = [
        *conditions(results),
        "",
        "CPU a delivered token, all of the mesh on one core; of several runs the cheapest:",
        "",
    ]
    head = ["", "load", "tok/s", "us a token", "dearest run", "by process", "SSE events a token", "cores"]

    def line(row: Result) -> list[object]:
        shares = row["by_process"] if row["name"] == "split" else {}
        load = f"{row['streams']} x {row['rate']} tok/s"
        speed, cost = f"{row['tokens_per_second']:,.0f}", f"{row['us']:.1f}"
        return [
            row["name"],
            load,
            speed,
            cost,
            f"{row['dearest']:.1f}",
            by_process(shares),
            f"{row['events_per_token']:.2f}",
            f"{row['cores']:.2f}",
        ]

    out += table(head, [line(row) for row in results["rows"]])
    staged = [row for row in results["rows"] if "stages" in row]
    out += ["", "One cell by stage, microseconds a token:", ""]
    names = list(staged[0]["stages"])
    out += table(
        ["load", *names],
        [
            [f"{row['streams']} x {row['rate']}", *(f"{row['us'] * row['stages'][name]:.1f}" for name in names)]
            for row in staged
        ],
    )
    middle = next(row for row in staged if (row["streams"], row["rate"]) == (512, 25))
    out += ["", "The functions that most of it is in, C code that they call included, at 512 x 25:", ""]
    out += table(
        ["function", "us a token"],
        [[f"`{name}`", f"{middle['us'] * share:.1f}"] for name, share in middle["functions"]],
    )
    turns = results["turns"]
    out += ["", f"Turns of 16 tokens: {turns['turns_per_second']:.0f} a second, {turns['us']:.0f} us of CPU each:", ""]
    out += table(names, [[f"{turns['us'] * turns['stages'][name]:.0f}" for name in names]])
    functions = [[f"`{name}`", f"{turns['us'] * share:.0f}"] for name, share in turns["functions"]]
    out += ["", *table(["function", "us a turn"], functions)]
    if results.get("peers") is not None:
        out += ["", "Others with the same load, on the same core, from the same engine over HTTP:", ""]
        out += table(head, [line(row) for row in results["peers"]])
        out += ["", *results["skipped"]]
    return "\n".join([*out, ""])


def say(line: str) -> None:
    """Progress, for who waits."""
    print(f"bench: {line}", file=sys.stderr, flush=True)


def main() -> None:
    """Measures, prints, writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measuring")
    parser.add_argument("--runs", type=int, default=3, help="of each load on the mesh, of which the cheapest counts")
    parser.add_argument("--peers", action="store_true", help="install and measure other gateways, too")
    parser.add_argument("--flame", action="store_true", help="draw docs/images/token-path.svg")
    args = parser.parse_args()
    cores = Cores.apart()
    results: Result = {"machine": stack.machine(), "busy_before": stack.busy(), "rows": []}
    with stack.bench() as b:
        for placement, loads in LOADS.items():
            for streams, rate in loads:
                say(f"{placement}: {streams} x {rate}")
                runs = [cell_row(b, cores, placement, streams, rate, args) for _ in range(args.runs)]
                results["rows"].append(cheapest("by_process", runs))
        say("turns")
        results["turns"] = min((turns_row(b, cores, args.seconds) for _ in range(args.runs)), key=lambda row: row["us"])
        if args.peers:
            results["peers"], results["skipped"] = peers(b, cores, args.seconds, args.runs)
    results["machine_after"], results["busy_after"] = stack.machine(), stack.busy()
    (ROOT / "build" / "token_path.json").write_text(json.dumps(results, indent=1))
    print(tables(results))


if __name__ == "__main__":
    main()
