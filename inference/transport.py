"""The one call that carries every token, behind an interface small enough to have two implementations."""

from __future__ import annotations

from typing import Protocol

from inference import triton_pb2
from mesh.faults import Fault


class Receiver(Protocol):
    """Gets what a call yields. Its methods run on the event loop and must not block."""

    def message(self, data: bytes) -> None:
        """One serialised ModelStreamInferResponse."""

    def closed(self, fault: Fault | None) -> None:
        """Exactly once, last; None is a clean end: the peer's status was OK."""


class Call(Protocol):
    """A call in flight."""

    def cancel(self) -> None:
        """Tells the peer at once. The receiver's methods are not called any more, `closed` neither."""


class Transport(Protocol):
    """Streams inferences from one engine."""

    def stream_infer(self, request: triton_pb2.ModelInferRequest, receiver: Receiver) -> Call:
        """Starts one inference: a stream of its own, half-closed after the request."""

    async def aclose(self) -> None:
        """Ends the calls in flight and closes the connections."""
