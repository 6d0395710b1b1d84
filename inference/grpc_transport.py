"""Token streams by grpc.aio, over a small pool of channels."""

import asyncio
import itertools
from typing import Any

import grpc
import grpc.aio
import structlog

from inference.transport import Call, Receiver
from inference.triton import failed, unavailable
from inference.triton_pb2 import ModelInferRequest
from mesh.faults import INTERNAL_MESSAGE, Fault

log = structlog.get_logger(__name__)

CHANNELS = 4
METHOD = "/inference.GRPCInferenceService/ModelStreamInfer"
OPTIONS = (
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.max_receive_message_length", 64 * 2**20),
    ("grpc.max_send_message_length", 64 * 2**20),
)


class GrpcTransport:
    """The transport that grpcio makes."""

    def __init__(self, address: str) -> None:
        """`address` is host:port."""
        self._channels = [grpc.aio.insecure_channel(address, options=OPTIONS) for _ in range(CHANNELS)]
        opened: list[Any] = [  # multicallables, whose calls give responses as bytes
            channel.stream_stream(METHOD, request_serializer=ModelInferRequest.SerializeToString)
            for channel in self._channels
        ]
        self._next = itertools.cycle(opened)
        self._streams: set[_Stream] = set()

    def stream_infer(self, request: ModelInferRequest, receiver: Receiver) -> Call:
        """Opens a stream with its one request."""
        stream = _Stream(next(self._next)(), request, receiver, self._streams)
        self._streams.add(stream)
        return stream

    async def aclose(self) -> None:
        """Ends all streams and connections."""
        streams = list(self._streams)
        for stream in streams:
            stream.cancel()
        await asyncio.gather(*(stream.task for stream in streams), return_exceptions=True)
        for channel in self._channels:
            await channel.close()


class _Stream:
    def __init__(self, call: Any, request: ModelInferRequest, receiver: Receiver, streams: "set[_Stream]") -> None:
        self._call, self._receiver, self._streams = call, receiver, streams
        self._cancelled = False
        self.task = asyncio.create_task(self._run(request))  # Held in `streams` until it ends; aclose awaits it.

    def cancel(self) -> None:
        self._cancelled = True
        self._call.cancel()
        self._streams.discard(self)

    async def _run(self, request: ModelInferRequest) -> None:
        fault = None
        try:
            await self._call.write(request)
            await self._call.done_writing()
            while (data := await self._call.read()) is not grpc.aio.EOF:
                if self._cancelled:
                    return
                self._receiver.message(data)
        except asyncio.CancelledError:
            if not self._cancelled:
                raise
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
            # A write on a stream that has ended says only that it has: the call's status says why.
            fault = lost(await self._call.code(), await self._call.details() or "")
        except Exception:
            log.exception("a token stream's receiver failed")
            self._call.cancel()
            fault = Fault(grpc.StatusCode.INTERNAL, "INTERNAL", INTERNAL_MESSAGE)
        if not self._cancelled:
            self._streams.discard(self)
            self._receiver.closed(fault)


def lost(code: grpc.StatusCode, details: str) -> Fault:
    """The fault of a stream that its server ended with a status other than OK."""
    if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
        return unavailable("the engine is not there")
    return failed(details)
