"""Where a process' CPU goes: samples of its stacks by py-spy, grouped into the stages of a token, and drawn."""

from __future__ import annotations

import html
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bench.fake import ROOT

Stacks = Counter[tuple[str, ...]]
"""How often each stack of frames was seen, outermost first, as `function (file`."""

STAGES = {
    "transport": ("lean_grpc/", "inference/transport", "inference/triton.py", "h2/", "hpack/", "grpc/"),
    "detokenise": ("inference/",),
    "screen": ("moderation/",),
    "turn": ("orchestrator/",),
    "history, metrics, traces": ("context/", "prometheus_client/", "opentelemetry/", "structlog/", "mesh/telemetry"),
    "SSE": ("edge/", "uvicorn/"),
    "hand-over": ("mesh/",),
}
LOOP = "event loop"
BELOW = "(asyncio/runners.py"
"""Whatever runs in the event loop is within this frame."""
WAITING = ("epoll_", "PyThread_acquire_lock", "take_gil", "pthread_cond_", "sem_", "poll", "__select", "worker (lib")


def sample(pid: int, seconds: float, raw: Path, rate: int = 100, *, every_thread: bool = False) -> Stacks:
    """What the main thread of a process, or each, does while it doesn't wait. Its C frames are in it."""
    command = ["record", "--native", "-t", "-p", str(pid), "-d", f"{seconds:.0f}", "-r", str(rate)]
    subprocess.run(
        [Path(sys.executable).parent / "py-spy", *command, "--format", "raw", "-o", raw],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stacks: Stacks = Counter()
    for line in raw.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        thread, *frames = stack.split(";")
        if not frames or not (every_thread or "MainThread" in thread):
            continue
        if not any(frame.startswith(WAITING) for frame in frames[-4:]):
            start = 1 + max((i for i, frame in enumerate(frames) if BELOW in frame), default=-1)
            stacks[tuple(frame.rpartition(":")[0] or frame for frame in frames[start:])] += int(count)
    return stacks


def stage(stack: tuple[str, ...]) -> str:
    """The stage whose code is innermost."""
    for frame in reversed(stack):
        place = frame.rpartition("(")[2]
        for name, prefixes in STAGES.items():
            if place.startswith(prefixes):
                return name
    return LOOP


def by_stage(stacks: Stacks) -> dict[str, float]:
    """Each stage's share of what was seen."""
    shares: Counter[str] = Counter()
    for stack, count in stacks.items():
        shares[stage(stack)] += count
    total = max(shares.total(), 1)
    return {name: shares[name] / total for name in (*STAGES, LOOP)}


def by_function(stacks: Stacks, count: int) -> list[tuple[str, float]]:
    """The functions of ours that most was seen in, C code that they call included."""
    functions: Counter[str] = Counter()
    for stack, seen in stacks.items():
        functions[next((frame for frame in reversed(stack) if ".py" in frame), LOOP)] += seen
    total = max(functions.total(), 1)
    return [(_closed(name), seen / total) for name, seen in functions.most_common(count)]


def _closed(frame: str) -> str:
    """A frame as people write it: `function (file)`."""
    return f"{frame})" if "(" in frame and not frame.endswith(")") else frame


@dataclass
class _Box:
    count: int = 0
    inner: dict[str, _Box] = field(default_factory=dict)


_WIDTH, _ROW = 1200, 17
_COLOURS = {
    "transport": "#7fb3d5",
    "detokenise": "#76d7c4",
    "screen": "#f7dc6f",
    "turn": "#f0b27a",
    "history, metrics, traces": "#d7bde2",
    "SSE": "#f1948a",
    "hand-over": "#c5c9cc",
    LOOP: "#e5e7e9",
}


def flame(stacks: Stacks, title: str) -> str:
    """A flame graph as SVG, outermost at the top; frames of less than 0.3 % are left out."""
    total = max(stacks.total(), 1)
    root = _Box(total)
    for stack, count in stacks.items():
        box = root
        for frame in _interesting(stack):
            box = box.inner.setdefault(frame, _Box())
            box.count += count
    boxes: list[str] = []
    deepest = _draw(root, (), 0.0, 2, total, boxes)
    legend = "".join(
        f'<rect x="{148 * i + 4}" y="20" width="12" height="12" fill="{colour}"/>'
        f'<text x="{148 * i + 20}" y="30">{html.escape(name)}</text>'
        for i, (name, colour) in enumerate(_COLOURS.items())
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {(deepest + 1) * _ROW + 4}" '
        f'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="4" y="13" font-weight="bold">{html.escape(title)}</text>{legend}{"".join(boxes)}</svg>\n'
    )


def _interesting(stack: tuple[str, ...]) -> list[str]:
    """Python's frames, and the C function at the end."""
    frames = [frame for frame in stack if ".py" in frame]
    if stack and ".py" not in stack[-1]:
        frames.append(stack[-1])
    return frames


def _draw(box: _Box, path: tuple[str, ...], left: float, row: int, total: int, out: list[str]) -> int:
    deepest = row
    for name, inner in sorted(box.inner.items(), key=lambda item: -item[1].count):
        width = _WIDTH * inner.count / total
        if width < _WIDTH * 0.003:
            continue
        here = (*path, name)
        label = _closed(name)
        percent = 100 * inner.count / total
        fits = int((width - 4) / 5.6)
        text = f'<text x="{left + 2:.1f}" y="{row * _ROW + 13}">{html.escape(label[:fits])}</text>' if fits > 3 else ""
        out.append(
            f'<g><title>{html.escape(label)} {percent:.1f} %</title><rect x="{left:.1f}" y="{row * _ROW + 1}" '
            f'width="{width:.1f}" height="{_ROW - 1}" fill="{_COLOURS[stage(here)]}" stroke="#fff"/>{text}</g>'
        )
        deepest = max(deepest, _draw(inner, here, left, row + 1, total, out))
        left += width
    return deepest


def write_flame(stacks: Stacks, title: str) -> Path:
    """Draws the flame graph of docs/performance.md."""
    file = ROOT / "docs" / "images" / "token-path.svg"
    file.write_text(flame(stacks, title))
    return file
