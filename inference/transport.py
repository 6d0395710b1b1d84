"""The one hop that carries every token: ModelStreamInfer, one request a stream, callbacks for what comes back.

By the lean client (lean_grpc), or by the plain one, grpcio's, which that is checked and measured against.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

import grpc

from inference.triton_pb2 import ModelInferRequest
from lean_grpc.client import BROKEN, FULL, Client
from lean_grpc.core import End
from lean_grpc.plain import PlainClient
from mesh.faults import Fault, internal

METHOD = "/inference.GRPCInferenceService/ModelStreamInfer"
OPTIONS = (
    ("grpc.use_local_subchannel_pool", 1),
    *((f"grpc.{which}_reconnect_backoff_ms", ms) for which, ms in (("initial", 100), ("min", 100), ("max", 500))),
    *((f"grpc.max_{way}_message_length", 64 * 2**20) for way in ("receive", "send")),
)

# Ends a stream at once (RST_STREAM). Its receiver hears nothing after that, not even closed().
Cancel: TypeAlias = Callable[[], object]


class Receiver(Protocol):
    """Who takes what a stream brings. Called on the event loop; must not block."""

    def take(self, batch: Sequence[bytes]) -> None:
        """Takes serialised ModelStreamInferResponses: all of the stream's that came at once, in order."""

    def closed(self, fault: Fault | None) -> None:
        """The stream is over: exactly once, last, and never within stream_infer(); None is a clean end."""


class Transport:
    """A way to one Triton server, by a client of METHOD."""

    def __init__(self, client: Client | PlainClient) -> None:
        self.client = client
        self.aclose = client.aclose  # Ends all streams and connections.

    def stream_infer(self, request: ModelInferRequest, receiver: Receiver) -> Cancel:
        """Opens a stream, sends its one request and half-closes. What goes wrong, the receiver's closed() says."""
        return self.client.call(request.SerializeToString(), receiver.take, lambda end: receiver.closed(_fault(end)))


def failed(error: str) -> Fault:
    """The fault of an error that the engine reports."""
    if error.startswith("Stub process") and error.endswith("is not healthy."):
        return unavailable("the engine is gone")  # Triton's Python backend, of a process that died or was stopped
    return Fault("ENGINE_FAILED", f"the engine failed: {error}")


def unavailable(message: str = "the engine is not there") -> Fault:
    """The fault of an engine that isn't there."""
    return Fault("ENGINE_UNAVAILABLE", message)


def _fault(end: End) -> Fault | None:
    if end.code is grpc.StatusCode.OK:
        return None
    if end is FULL:
        return Fault("OVERLOADED", "too many calls wait for the engine")
    if end is BROKEN:
        return internal()
    gone = end.code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
    return unavailable() if gone else failed(end.detail)
