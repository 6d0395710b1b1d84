"""The one hop that carries every token: ModelStreamInfer, one request a stream, callbacks for what comes back.

What a transport is, which faults it has, and the two: the lean one (lean_grpc), and the plain one by grpc.aio, which is
slower, and which the lean one is checked and measured against.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

import grpc.aio
import structlog

from inference.triton_pb2 import ModelInferRequest
from lean_grpc.client import BROKEN, FULL, Client
from lean_grpc.core import End
from mesh.faults import Fault, internal

METHOD = "/inference.GRPCInferenceService/ModelStreamInfer"
OPTIONS = (
    ("grpc.use_local_subchannel_pool", 1),
    *((f"grpc.{which}_reconnect_backoff_ms", ms) for which, ms in (("initial", 100), ("min", 100), ("max", 500))),
    *((f"grpc.max_{way}_message_length", 64 * 2**20) for way in ("receive", "send")),
)

# Ends a stream at once (RST_STREAM). Its receiver hears nothing after that, not even closed().
Cancel: TypeAlias = Callable[[], object]

log = structlog.get_logger(__name__)


class Receiver(Protocol):
    """Who takes what a stream brings. Called on the event loop; must not block."""

    def take(self, batch: Sequence[bytes]) -> None:
        """Takes serialised ModelStreamInferResponses: all of the stream's that came at once, in order."""

    def closed(self, fault: Fault | None) -> None:
        """The stream is over: exactly once, last, and never within stream_infer(); None is a clean end."""


class Transport(Protocol):
    """A way to one Triton server."""

    def stream_infer(self, request: ModelInferRequest, receiver: Receiver) -> Cancel:
        """Opens a stream, sends its one request and half-closes. What goes wrong, the receiver's closed() says."""

    async def aclose(self) -> None:
        """Ends all streams and connections."""


def failed(error: str) -> Fault:
    """The fault of an error that the engine reports."""
    if error.startswith("Stub process") and error.endswith("is not healthy."):
        return unavailable("the engine is gone")  # Triton's Python backend, of a process that died or was stopped
    return Fault("ENGINE_FAILED", f"the engine failed: {error}")


def lost(code: grpc.StatusCode, details: str) -> Fault:
    """The fault of a stream that its server ended with a status other than OK."""
    return unavailable() if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED) else failed(details)


def unavailable(message: str = "the engine is not there") -> Fault:
    """The fault of an engine that isn't there."""
    return Fault("ENGINE_UNAVAILABLE", message)


class H2Transport(Client):
    """The lean transport, over a few HTTP/2 connections. `address` is host:port; options are Client's."""

    def __init__(self, address: str, **options: Any) -> None:
        super().__init__(address, METHOD, **options)

    def stream_infer(self, request: ModelInferRequest, receiver: Receiver) -> Cancel:
        return self.call(request.SerializeToString(), receiver.take, lambda end: receiver.closed(_fault(end)))


def _fault(end: End) -> Fault | None:
    if end.code is grpc.StatusCode.OK:
        return None
    if end is FULL:
        return Fault("OVERLOADED", "too many calls wait for the engine")
    return internal() if end is BROKEN else lost(*end)


class GrpcTransport:
    """The transport that grpcio makes. `address` is host:port."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.aio.insecure_channel(address, options=OPTIONS)
        encode = ModelInferRequest.SerializeToString  # Nothing decodes: responses are bytes.
        self._infer: Any = self._channel.unary_stream(METHOD, request_serializer=encode)
        self._tasks: set[asyncio.Task[None]] = set()

    def stream_infer(self, request: ModelInferRequest, receiver: Receiver) -> Cancel:
        call = self._infer(request)
        task = asyncio.create_task(_run(call, receiver))
        self._tasks.add(task)  # Held until it ends; aclose awaits it.
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: call.cancel())
        return task.cancel

    async def aclose(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._channel.close()


async def _run(call: Any, receiver: Receiver) -> None:
    fault = None
    try:
        async for data in call:
            receiver.take((data,))
    except grpc.aio.AioRpcError as error:
        fault = lost(error.code(), error.details() or "")
    except asyncio.CancelledError:  # which is also how grpc.aio may say that the server cancelled
        if (task := asyncio.current_task()) is not None and task.cancelling():
            raise
        fault = unavailable()
    except Exception:
        log.exception("a token stream's receiver failed")
        fault = internal()
    receiver.closed(fault)
