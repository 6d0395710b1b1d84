"""Builds and starts bench/fake_triton, and makes requests for it."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

from inference import triton_pb2

ROOT = Path(__file__).resolve().parent.parent
BINARY = ROOT / "build" / "fake_triton"


def build_fake() -> Path:
    """Builds bench/fake_triton into build/, which Go does only when something changed."""
    BINARY.parent.mkdir(exist_ok=True)
    subprocess.run(["go", "build", "-o", str(BINARY), "."], cwd=ROOT / "bench" / "fake_triton", check=True)
    return BINARY


def start_fake(*flags: str, core: int | None = None) -> tuple[subprocess.Popen[str], str]:
    """Starts the fake engine, pinned to a core if one is given; returns the process and its address."""
    pin = ["taskset", "-c", str(core)] if core is not None else []
    command = [*pin, str(build_fake()), "--die-with-parent", *flags]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    return process, f"127.0.0.1:{int(process.stdout.readline())}"


def request(tokens: int, prompt: int = 64, request_id: str = "bench") -> triton_pb2.ModelInferRequest:
    """A streamed request of the `inflight_batcher_llm` dialect."""
    made = triton_pb2.ModelInferRequest(model_name="tensorrt_llm", id=request_id)
    for name, kind, shape, raw in (
        ("input_ids", "INT32", [1, prompt], struct.pack(f"<{prompt}i", *range(prompt))),
        ("input_lengths", "INT32", [1, 1], struct.pack("<i", prompt)),
        ("request_output_len", "INT32", [1, 1], struct.pack("<i", tokens)),
        ("streaming", "BOOL", [1, 1], b"\x01"),
    ):
        made.inputs.add(name=name, datatype=kind, shape=shape)
        made.raw_input_contents.append(raw)
    return made
