"""Hand-overs: how the messages of a stream leave a service and enter one, alike in both placements.

`Outlet` sends without waiting: at once when the stream takes the message, else it keeps it and merges what follows.
So the cost of a message falls as load rises, and nothing waits when there is none. `feed` receives by a plain function.
In one process the two meet: the sender's step runs the receiver, without a task, a queue or a copy between them, which
is what makes a delta's way through the cell cost microseconds (docs/decisions/0002-hand-overs.md).
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeVar

import grpc.aio
from google.protobuf.message import Message

M = TypeVar("M", bound=Message)


def feed(stream: Any, listener: Callable[[Any], Awaitable[None] | None]) -> Coroutine[Any, Any, None]:
    """Gives each message that comes in on `stream`, a call or a handler's context, to `listener`, in order.

    The listener must not block. If it returns an awaitable, nothing more is delivered until that is done: so a receiver
    that can't keep up holds up its sender. Returns at the good end of the stream, and raises what `read` raises at a
    bad one, or what the listener raises.
    """
    listen: Callable[..., Coroutine[Any, Any, None]] = getattr(stream, "listen", functools.partial(_listen, stream))
    return listen(listener)


async def _listen(stream: Any, listener: Callable[[Any], Awaitable[None] | None]) -> None:
    while (message := await stream.read()) is not grpc.aio.EOF:
        if (wait := listener(message)) is not None:
            await wait


class Outlet(Generic[M]):
    """The sending side of a stream. A message that was sent is the outlet's, then the receiver's: don't touch it."""

    def __init__(
        self,
        stream: Any,
        tasks: asyncio.TaskGroup,
        merge: Callable[[M, M], bool] = lambda last, message: False,
        max_bytes: int = 256 * 1024,
    ) -> None:
        """`merge(last, message)` makes `message` part of `last`, which is still pending, or returns False.

        Pending messages are written by a task in `tasks`, which fails when the stream does.
        """
        self._stream, self._tasks, self._merge, self._max_bytes = stream, tasks, merge, max_bytes
        self._offer: Callable[[M], bool] = getattr(stream, "offer", lambda message: False)
        self._pending: list[M] = []
        self._bytes = 0
        self._pump: asyncio.Task[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._detached = False

    @property
    def full(self) -> bool:
        """More than `max_bytes` are pending: the reader is slow."""
        return self._bytes > self._max_bytes

    def send(self, message: M) -> None:
        """Send a message, now or as soon as those before it are gone."""
        if self._detached or (self._pump is None and self._offer(message)):
            return
        if self._pump is None:
            self._pump = self._tasks.create_task(self._write())
        self._bytes += message.ByteSize()
        if not self._pending or not self._merge(self._pending[-1], message):
            self._pending.append(message)

    async def room(self) -> None:
        """Wait until the outlet isn't full."""
        while self.full and not self._detached:
            self._room = self._room or asyncio.get_running_loop().create_future()
            await asyncio.shield(self._room)

    async def flushed(self) -> None:
        """Wait until nothing is pending."""
        while self._pump is not None:
            await asyncio.wait([self._pump])

    def detach(self) -> None:
        """The reader is gone: drop what is pending and what will be sent."""
        self._detached = True
        self._pending.clear()
        self._made_room()

    async def _write(self) -> None:
        try:
            while self._pending:
                message = self._pending.pop(0)
                if not self._pending:
                    self._bytes = 0
                await self._stream.write(message)
                if not self.full:
                    self._made_room()
        finally:
            self._pump = None

    def _made_room(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        self._room = None
