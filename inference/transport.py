"""The one hop that carries every token: ModelStreamInfer, one request a stream, callbacks for what comes back."""

from collections.abc import Sequence
from typing import Protocol

import grpc

from inference.triton_pb2 import ModelInferRequest
from mesh.faults import Fault


class Receiver(Protocol):
    """Who takes what a stream brings. Called on the event loop; must not block."""

    def take(self, batch: Sequence[bytes]) -> None:
        """Takes serialised ModelStreamInferResponses: all of the stream's that came at once, in order."""

    def closed(self, fault: Fault | None) -> None:
        """The stream is over: exactly once, last, and never within stream_infer(); None is a clean end."""


class Call(Protocol):
    """A stream in flight."""

    def cancel(self) -> object:
        """Ends it at once (RST_STREAM). The receiver hears nothing after that, not even closed()."""


class Transport(Protocol):
    """A way to one Triton server."""

    def stream_infer(self, request: ModelInferRequest, receiver: Receiver) -> Call:
        """Opens a stream, sends its one request and half-closes. What goes wrong, the receiver's closed() says."""

    async def aclose(self) -> None:
        """Ends all streams and connections."""


def failed(error: str) -> Fault:
    """The fault of an error that the engine reports."""
    if error.startswith("Stub process") and error.endswith("is not healthy."):
        return unavailable("the engine is gone")  # Triton's Python backend, of a process that died or was stopped
    return Fault(grpc.StatusCode.INTERNAL, "ENGINE_FAILED", f"the engine failed: {error}")


def lost(code: grpc.StatusCode, details: str) -> Fault:
    """The fault of a stream that its server ended with a status other than OK."""
    return unavailable() if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED) else failed(details)


def unavailable(message: str = "the engine is not there") -> Fault:
    """The fault of an engine that isn't there."""
    return Fault(grpc.StatusCode.UNAVAILABLE, "ENGINE_UNAVAILABLE", message, retry_after=3.0)
