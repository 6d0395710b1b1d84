"""A stand-in for Triton: a real gRPC server that speaks its protocol, with scripted answers."""

import asyncio
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio

from inference import triton_pb2 as pb
from inference import triton_pb2_grpc
from inference.transport import METHOD, OPTIONS, Transport
from lean_grpc.client import Client
from lean_grpc.plain import PlainClient

INPUTS = {
    "input_ids": ("INT32", -1),
    "input_lengths": ("INT32", 1),
    "request_output_len": ("INT32", 1),
    "end_id": ("INT32", 1),
    "temperature": ("FP32", 1),
    "runtime_top_k": ("INT32", 1),
    "runtime_top_p": ("FP32", 1),
    "repetition_penalty": ("FP32", 1),
    "presence_penalty": ("FP32", 1),
    "frequency_penalty": ("FP32", 1),
    "min_tokens": ("INT32", 1),
    "seed": ("UINT64", 1),
    "streaming": ("BOOL", 1),
    "exclude_input_in_output": ("BOOL", 1),
    "return_log_probs": ("BOOL", 1),
}
_FORMATS = {"INT32": "i", "FP32": "f", "UINT64": "Q", "BOOL": "?"}


def by_h2(address: str, **options: Any) -> Transport:
    """The lean transport to host:port; options are the client's."""
    return Transport(Client(address, METHOD, **options))


def by_grpc(address: str) -> Transport:
    """The plain transport to host:port."""
    return Transport(PlainClient(address, METHOD, OPTIONS))


@dataclass
class Ids:
    """Sends tokens, with a log probability of -(position + 1) / 4 each; `final`: and ends the answer."""

    ids: Sequence[int]
    final: bool = False


@dataclass
class Wait:
    """Does nothing until the event is set."""

    event: asyncio.Event


@dataclass
class Error:
    """Sends an error in band."""

    text: str


@dataclass
class Abort:
    """Ends the call with a status."""

    code: grpc.StatusCode


@dataclass
class Hang:
    """Sends nothing more, until the call is cancelled."""


HANG = Hang()
Step = Ids | Wait | Error | Abort | Hang
SONG = (Ids([65], final=True),)


@dataclass
class Request:
    """What a client asked for, its tensors unpacked."""

    id: str
    tensors: dict[str, Any]
    shapes: dict[str, tuple[int, ...]]
    outputs: list[str]
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Triton(triton_pb2_grpc.GRPCInferenceServiceServicer):
    """Answers each request by the steps that `script` gives for it, and canaries by `song`."""

    script: Callable[[Request], Sequence[Step]]
    inputs: dict[str, tuple[str, int]] = field(default_factory=lambda: dict(INPUTS))
    batched: bool = True
    song: Sequence[Step] = SONG
    requests: list[Request] = field(default_factory=list)
    canaries: int = 0
    port: int = 0
    _server: Any = None

    async def start(self) -> None:
        """Serves; the second time on the same port again."""
        self._server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        triton_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(self, self._server)
        self.port = self._server.add_insecure_port(f"127.0.0.1:{self.port}")
        await self._server.start()

    async def stop(self) -> None:
        """Drops every call, as a kill does."""
        await self._server.stop(0)

    async def ServerReady(self, request: Any, ctx: Any) -> pb.ServerReadyResponse:
        return pb.ServerReadyResponse(ready=True)

    async def ModelReady(self, request: Any, ctx: Any) -> pb.ModelReadyResponse:
        return pb.ModelReadyResponse(ready=True)

    async def ModelMetadata(self, request: Any, ctx: Any) -> pb.ModelMetadataResponse:
        batch = [-1] if self.batched else []
        tensor = pb.ModelMetadataResponse.TensorMetadata
        inputs = [tensor(name=n, datatype=kind, shape=[*batch, size]) for n, (kind, size) in self.inputs.items()]
        outputs = [tensor(name=n, datatype="INT32", shape=[*batch, -1, -1]) for n in ("output_ids", "output_log_probs")]
        return pb.ModelMetadataResponse(name=request.name, inputs=inputs, outputs=outputs)

    async def ModelStreamInfer(self, request_iterator: Any, ctx: Any) -> None:
        request = _unpack(await ctx.read())
        if request.id.startswith("canary-"):
            self.canaries += 1
            steps = self.song
        else:
            self.requests.append(request)
            steps = self.script(request)
        sent = 0
        try:
            for step in steps:
                match step:
                    case Ids():
                        await ctx.write(answer(request, step, sent))
                        sent += len(step.ids)
                    case Wait(event):
                        await event.wait()
                    case Hang():
                        await asyncio.Event().wait()
                    case Error(text):
                        await ctx.write(pb.ModelStreamInferResponse(error_message=text))
                    case Abort(code):
                        await ctx.abort(code, "told to")
        except asyncio.CancelledError:
            request.cancelled.set()
            raise


def _unpack(message: pb.ModelInferRequest) -> Request:
    tensors, shapes = {}, {}
    for tensor, raw in zip(message.inputs, message.raw_input_contents, strict=True):
        kind = _FORMATS[tensor.datatype]
        values = [value for (value,) in struct.iter_unpack(f"<{kind}", raw)]
        tensors[tensor.name] = values if tensor.name == "input_ids" else values[0]
        shapes[tensor.name] = tuple(tensor.shape)
    return Request(message.id, tensors, shapes, [output.name for output in message.outputs])


def answer(request: Request, step: Ids, sent: int) -> pb.ModelStreamInferResponse:
    """The message that carries a step after `sent` tokens."""
    ids = step.ids
    response = pb.ModelInferResponse(id=request.id)
    response.parameters["triton_final_response"].bool_param = step.final
    if ids:
        response.outputs.add(name="output_ids", datatype="INT32", shape=[1, 1, len(ids)])
        response.raw_output_contents.append(struct.pack(f"<{len(ids)}i", *ids))
    if ids and "output_log_probs" in request.outputs:
        response.outputs.add(name="output_log_probs", datatype="FP32", shape=[1, 1, len(ids)])
        probs = [-(sent + index + 1) / 4 for index in range(len(ids))]
        response.raw_output_contents.append(struct.pack(f"<{len(ids)}f", *probs))
    return pb.ModelStreamInferResponse(infer_response=response)
