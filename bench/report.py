"""The tables of `python -m bench`, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Result = dict[str, Any]


def tables(results: Result) -> str:
    """The results as Markdown."""
    out = [
        *conditions(results),
        "",
        "Added by the mesh, p50 / p99 in milliseconds (first token: from the request being written; token delay: from "
        "the engine's write to the client's read):",
        "",
    ]
    head = ["streams", "measure", "straight", "added by one cell", "added by split", "samples"]
    rows = [
        [
            row["streams"],
            title,
            pair(row, "straight", key),
            pair(row, "cell", key),
            pair(row, "split", key),
            row[f"n {key}"]["cell"],
        ]
        for row in results["latency"]
        for key, title in (("ttft_us", "first token"), ("lag_us", "token delay"), ("gap_us", "between tokens"))
    ]
    out += table(head, rows)
    out += ["", "CPU a delivered token, on one core for all of the mesh; of several runs the cheapest:", ""]
    head = ["placement", "load", "tok/s", "us a token", "dearest run", "by process", "SSE events a token", "cores"]
    head.append("peak memory MiB")
    rows = []
    for name, placed in results["steady"].items():
        for row in placed:
            shares, peak = row["us_per_token"], sum(row["peak_bytes"].values()) / 2**20
            rows.append(
                [
                    name,
                    f"{row['streams']} x {row['rate']} tok/s",
                    f"{row['tokens_per_second']:,.0f}",
                    f"{sum(shares.values()):.1f}",
                    f"{row['dearest']:.1f}",
                    by_process(shares),
                    f"{row['events_per_token']:.2f}",
                    f"{row['cores']:.2f}",
                    f"{peak:.0f}",
                ]
            )
    out += table(head, rows)
    out += ["", "Turns of 16 tokens, 32 at a time, on one core; and memory of an admitted, silent stream:", ""]
    head = ["placement", "turns/s", "ms of CPU a turn", "dearest run", "by process (us)", "cores"]
    head += ["KiB an idle stream", "open"]
    rows = []
    for name, turns in results["turns"].items():
        idle, shares = results["idle"][name], turns["us_per_turn"]
        rows.append(
            [
                name,
                f"{turns['turns_per_second']:.0f}",
                f"{sum(shares.values()) / 1000:.2f}",
                f"{turns['dearest'] / 1000:.2f}",
                by_process(shares),
                f"{turns['cores']:.2f}",
                f"{sum(idle['bytes_each'].values()) / 1024:.1f}",
                idle["streams"],
            ]
        )
    out += table(head, rows)
    out += ["", "The bundled Triton and model on all cores, 16 streams, turns of 60 tokens:", ""]
    head = ["", "first token p50 / p99 ms", "between tokens p50 ms", "tok/s"]
    rows = [
        [
            name,
            f"{row['ttft_ms_p50']:.0f} / {row['ttft_ms_p99']:.0f}",
            f"{row['gap_ms_p50']:.1f}",
            f"{row['tokens_per_second']:,.0f}",
        ]
        for name, row in results["bundled"].items()
    ]
    return "\n".join([*out, *table(head, rows), ""])


def cheapest(key: str, runs: list[Result]) -> Result:
    """Of runs of one measuring the one that cost least, with what the dearest cost.

    Neighbours on a shared machine (its caches, its other threads) only ever add to the CPU that something takes.
    """
    costs = [sum(run[key].values()) for run in runs]
    return {**runs[costs.index(min(costs))], "dearest": max(costs)}


def table(head: Sequence[object], rows: Iterable[Sequence[object]]) -> list[str]:
    """Lines of a Markdown table."""
    lines = (head, ["---"] * len(head), *rows)
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]


def pair(row: Result, name: str, key: str) -> str:
    """A row's p50 and p99 in milliseconds."""
    return f"{row[f'{name} {key} p50'] / 1000:.2f} / {row[f'{name} {key} p99'] / 1000:.2f}"


def by_process(shares: dict[str, float]) -> str:
    """Who used how much, where there are several."""
    return ", ".join(f"{name} {share:.0f}" for name, share in shares.items()) if len(shares) > 1 else ""


def conditions(results: Result) -> list[str]:
    """What the figures were taken on."""
    machine, after = results["machine"], results["machine_after"]
    before, then = ([f"{percent:.0f} %" for percent in results[f"busy_{at}"]] for at in ("before", "after"))
    return [
        f"{machine['cores']} cores of {machine['cpu']}, Python {machine['python']}, {machine['at']}. Load average "
        f"{machine['load_average'][0]:.1f} before and {after['load_average'][0]:.1f} after; the cores were busy with "
        f"other things by {', '.join(before)} before and {', '.join(then)} after.",
    ]
