"""A plain client of Triton's stream, for tests of the models alone."""

import asyncio
import contextlib
import math
import re
import struct
import urllib.request
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import psutil

from inference import triton_pb2, triton_pb2_grpc
from mesh.triton_server import TritonServer, stubs

PATIENCE = 15.0
"""Seconds for what takes milliseconds on a machine that does nothing else."""

FORMATS = {"INT32": "i", "FP32": "f", "BOOL": "?", "UINT64": "Q"}
TYPES = {bool: "BOOL", int: "INT32", float: "FP32"}


class Failed(Exception):
    """The error that a stream ended with."""


@dataclass
class Delta:
    """One response: its tokens, and their log probabilities if they were asked for."""

    ids: list[int]
    final: bool
    length: int = 0
    log_probs: list[float] = field(default_factory=list)
    cumulative: float = math.nan


def request(
    model: str, ids: list[int], limit: int, request_id: str = "", **tensors: Any
) -> triton_pb2.ModelInferRequest:
    """An inference request; `tensors` are scalars by name."""
    message = triton_pb2.ModelInferRequest(model_name=model, id=request_id)

    def add(name: str, datatype: str, values: list[Any]) -> None:
        message.inputs.add(name=name, datatype=datatype, shape=[1, len(values)])
        message.raw_input_contents.append(struct.pack(f"<{len(values)}{FORMATS[datatype]}", *values))

    add("input_ids", "INT32", ids)
    add("input_lengths", "INT32", [len(ids)])
    add("request_output_len", "INT32", [limit])
    for name, value in {"streaming": True, **tensors}.items():
        add(name, "UINT64" if name == "seed" else TYPES[type(value)], [value])
    return message


def _delta(response: triton_pb2.ModelInferResponse) -> Delta:
    values = {}
    for output, raw in zip(response.outputs, response.raw_output_contents, strict=True):
        code = FORMATS[output.datatype]
        values[output.name] = list(struct.unpack(f"<{len(raw) // 4}{code}", raw))
        assert math.prod(output.shape) == len(values[output.name])
        assert len(output.shape) == (3 if output.name in ("output_ids", "output_log_probs") else 2)
    return Delta(
        ids=values.get("output_ids", []),
        final=response.parameters["triton_final_response"].bool_param,
        length=values.get("sequence_length", [0])[0],
        log_probs=values.get("output_log_probs", []),
        cumulative=values.get("cum_log_probs", [math.nan])[0],
    )


@dataclass
class Triton:
    """A running server and a connection to it."""

    server: TritonServer
    pid: int
    stub: triton_pb2_grpc.GRPCInferenceServiceStub

    def call(self, message: triton_pb2.ModelInferRequest) -> Any:
        """The bare gRPC call, for what cancels it."""

        async def once() -> AsyncIterator[triton_pb2.ModelInferRequest]:
            yield message

        return self.stub.ModelStreamInfer(once())

    async def stream(self, model: str, ids: list[int], limit: int, **tensors: Any) -> AsyncIterator[Delta]:
        """The responses to one request. Raises Failed with the error in band."""
        async for response in self.call(request(model, ids, limit, **tensors)):
            if response.error_message:
                raise Failed(response.error_message)
            yield _delta(response.infer_response)

    async def deltas(self, *arguments: Any, **tensors: Any) -> list[Delta]:
        """All of a stream, which must end with its only final response."""
        deltas = [delta async for delta in self.stream(*arguments, **tensors)]
        assert [delta.final for delta in deltas] == [False] * (len(deltas) - 1) + [True]
        assert all(delta.length == len(delta.ids) for delta in deltas)
        return deltas

    async def ids(self, *arguments: Any, **tensors: Any) -> list[int]:
        """All tokens of a stream."""
        return [token for delta in await self.deltas(*arguments, **tensors) for token in delta.ids]

    async def metrics(self) -> dict[tuple[str, str, str], float]:
        """The gauges under TensorRT-LLM's names: (family, kind, model) -> value."""

        def read() -> str:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.server.metrics_port}/metrics", timeout=5) as page:
                return page.read().decode()

        gauges = {}
        for line in (await asyncio.to_thread(read)).splitlines():
            if match := re.fullmatch(r"(nv_trt_llm_\w+)\{(.*)\} (\S+)", line):
                labels = dict(re.findall(r'(\w+)="(.*?)"', match[2]))
                (kind,) = (labels[label] for label in labels if label.endswith("_type"))
                gauges[match[1], kind, labels["model"]] = float(match[3])
        return gauges

    async def active(self, model: str) -> float:
        """The gauge of requests in flight."""
        return (await self.metrics())["nv_trt_llm_request_metrics", "active", model]

    async def until_active(self, model: str, count: int) -> None:
        """Waits for the gauge of requests in flight to reach a value."""
        async with asyncio.timeout(PATIENCE):
            while await self.active(model) != count:
                await asyncio.sleep(0.005)

    def stub_of(self, model: str) -> psutil.Process:
        """The process of a loaded model."""
        for process in stubs(self.pid):
            with contextlib.suppress(psutil.NoSuchProcess):
                if any(f"/{model}/" in argument for argument in process.cmdline()):
                    return process
        raise LookupError(model)


async def until(happened: Callable[[], bool]) -> None:
    """Waits for something outside to become true."""
    async with asyncio.timeout(PATIENCE):
        while not happened():
            await asyncio.sleep(0.01)
