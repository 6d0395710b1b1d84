"""The same calls by grpcio: slower, and what the lean client is checked and measured against."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import grpc
import grpc.aio
import structlog

from lean_grpc.client import BROKEN, Closed, Take
from lean_grpc.core import End

_log = structlog.get_logger(__name__)


class PlainClient:
    """Calls the method `path` of the server at `address`, as `Client` does, over a channel with these options."""

    def __init__(self, address: str, path: str, options: Sequence[tuple[str, Any]] = ()) -> None:
        self._channel = grpc.aio.insecure_channel(address, options=options)
        self._method: Any = self._channel.unary_stream(path)  # Of bytes.
        self._tasks: set[asyncio.Task[None]] = set()

    def call(self, request: bytes, take: Take, closed: Closed) -> Callable[[], object]:
        """See `Client.call`."""
        call = self._method(request)
        task = asyncio.create_task(_run(call, take, closed))
        self._tasks.add(task)  # Held until it ends; aclose awaits it.
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: call.cancel())
        return task.cancel

    async def aclose(self) -> None:
        """Ends all calls, which hear nothing of it, and the connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._channel.close()


async def _run(call: Any, take: Take, closed: Closed) -> None:
    end = End(grpc.StatusCode.OK, "")
    try:
        async for message in call:
            take([message])
    except grpc.aio.AioRpcError as error:
        end = End(error.code(), error.details() or "")
    except asyncio.CancelledError:  # which is also how grpc.aio may say that the server cancelled
        if (task := asyncio.current_task()) is not None and task.cancelling():
            raise
        end = End(grpc.StatusCode.CANCELLED, "")
    except Exception:
        _log.exception("a stream's receiver failed")
        end = BROKEN
    closed(end)
