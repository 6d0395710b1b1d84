"""Token streams by grpc.aio, over a small pool of channels: what the lean transport is measured against."""

import asyncio
import itertools
from typing import Any

import grpc
import grpc.aio
import structlog

from inference.transport import Call, Receiver, lost
from inference.triton_pb2 import ModelInferRequest
from mesh.faults import internal

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
    """The transport that grpcio makes. `address` is host:port."""

    def __init__(self, address: str) -> None:
        self._channels = [grpc.aio.insecure_channel(address, options=OPTIONS) for _ in range(CHANNELS)]
        encode = ModelInferRequest.SerializeToString  # Nothing decodes: responses are bytes.
        calls: list[Any] = [c.unary_stream(METHOD, request_serializer=encode) for c in self._channels]
        self._next = itertools.cycle(calls)
        self._tasks: set[asyncio.Task[None]] = set()

    def stream_infer(self, request: ModelInferRequest, receiver: Receiver) -> Call:
        """Opens a stream with its one request."""
        stream = _Stream(next(self._next)(request), receiver)
        task = asyncio.create_task(stream.run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return stream

    async def aclose(self) -> None:
        """Ends all streams and connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for channel in self._channels:
            await channel.close()


class _Stream:
    def __init__(self, call: Any, receiver: Receiver) -> None:
        self._call, self._receiver = call, receiver
        self._cancelled = False

    def cancel(self) -> None:
        self._cancelled = True
        self._call.cancel()

    async def run(self) -> None:
        fault = None
        try:
            async for data in self._call:
                if self._cancelled:
                    return
                self._receiver.message(data)
        except grpc.aio.AioRpcError as error:
            fault = lost(error.code(), error.details() or "")
        except asyncio.CancelledError:
            if not self._cancelled:
                raise
        except Exception:
            log.exception("a token stream's receiver failed")
            self._call.cancel()
            fault = internal()
        if not self._cancelled:
            self._receiver.closed(fault)
