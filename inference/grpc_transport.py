"""Token streams by grpc.aio: slower than the lean transport, and what that is checked and measured against."""

import asyncio
from typing import Any

import grpc
import grpc.aio
import structlog

from inference.transport import Call, Receiver, lost, unavailable
from inference.triton_pb2 import ModelInferRequest
from mesh.faults import internal

METHOD = "/inference.GRPCInferenceService/ModelStreamInfer"
OPTIONS = (
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.max_receive_message_length", 64 * 2**20),
    ("grpc.max_send_message_length", 64 * 2**20),
)

log = structlog.get_logger(__name__)


class GrpcTransport:
    """The transport that grpcio makes. `address` is host:port."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.aio.insecure_channel(address, options=OPTIONS)
        encode = ModelInferRequest.SerializeToString  # Nothing decodes: responses are bytes.
        self._infer: Any = self._channel.unary_stream(METHOD, request_serializer=encode)
        self._tasks: set[asyncio.Task[None]] = set()

    def stream_infer(self, request: ModelInferRequest, receiver: Receiver) -> Call:
        """Opens a stream with its one request."""
        call = self._infer(request)
        task = asyncio.create_task(_run(call, receiver))
        self._tasks.add(task)  # Held until it ends; aclose awaits it.
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: call.cancel())
        return task

    async def aclose(self) -> None:
        """Ends all streams and connections."""
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
