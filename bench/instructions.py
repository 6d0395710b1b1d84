"""What a token and a short turn cost one cell in instructions and cache misses: `python -m bench.instructions`.

The cell runs in Valgrind's cachegrind, which counts what the process itself executes, without the kernel, and simulates
the caches of one core. Neighbours on the machine change little of that, so a change of a few percent shows, where CPU
time swings by half. It runs some fifty times slower, so the loads are small; what a start costs is taken off by running
each for a short and for a long time. Needs `valgrind`, and an idle machine: what makes it late changes what is merged.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import sys
from typing import Any

from bench import stack
from bench.report import table
from bench.stack import ENDLESS, SHORT_TURNS, Bench

STREAMS, RATE = 38, 4
"""Streams that tick together: as many tokens as a read brings at 512 streams of 25 tokens a second."""
WARMUP, SHORT, LONG = 2.0, 5.0, 50.0
COUNTERS = {
    "instructions": ("Ir",),
    "32 KB instruction cache": ("I1mr",),
    "48 KB data cache": ("D1mr", "D1mw"),
    "2 MB of both": ("ILmr", "DLmr", "DLmw"),
}
CACHES = ("--cache-sim=yes", "--I1=32768,8,64", "--D1=49152,12,64", "--LL=2097152,16,64")


def count(b: Bench, kind: str, seconds: float) -> tuple[int, dict[str, int]]:
    """How many tokens or turns a cell made in that time, and what cachegrind counted of its whole life."""
    counts = b.folder / f"counts-{kind}-{seconds:g}"
    python = b.folder / f"python-{kind}-{seconds:g}"
    options = " ".join((*CACHES, f"--cachegrind-out-file={counts}"))
    python.write_text(f'#!/bin/sh\nexec valgrind --tool=cachegrind {options} {sys.executable} "$@" 2>/dev/null\n')
    python.chmod(0o755)
    endless = {"streams": STREAMS, "tokens": ENDLESS, "warmup": WARMUP, "stagger": STREAMS / 4}
    load: dict[str, Any] = endless if kind == "token" else SHORT_TURNS | {"streams": 8, "warmup": WARMUP}
    engine = ("--rate", str(RATE), "--jitter", "0", "--phase=false", "--prefill", f"{STREAMS / 4 + 5}s")
    slow = {"TOKENLOOM_INFERENCE_FIRST_TOKEN_SECONDS": "300", "TOKENLOOM_DRAIN_SECONDS": "30"}
    with contextlib.ExitStack() as on:
        traces = on.enter_context(b.sink())
        address = on.enter_context(b.fake(*(engine if kind == "token" else ("--rate", "0"))))
        mesh = on.enter_context(b.mesh(address, python=python, environ=traces | slow))
        seen = b.load("conversation", mesh.address, seconds=seconds, **load)
    text = counts.read_text()
    events, summary = (re.search(rf"^{name}: (.*)$", text, re.MULTILINE) for name in ("events", "summary"))
    assert events
    assert summary
    return seen[f"{kind}s"], dict(zip(events[1].split(), map(int, summary[1].split()), strict=True))


def main() -> None:
    """Counts and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", nargs="+", choices=("token", "turn"), default=("token", "turn"))
    rows = []
    with stack.bench() as b:
        for kind in parser.parse_args().kinds:
            (few, before), (many, after) = count(b, kind, SHORT), count(b, kind, LONG)
            each = {
                name: sum(after[one] - before[one] for one in ones) / (many - few) for name, ones in COUNTERS.items()
            }
            rows.append([kind, *(f"{value:,.0f}" for value in each.values()), f"{many - few:,}"])
    print("\n".join(table(["of a", *COUNTERS, "counted"], rows)))


if __name__ == "__main__":
    main()
