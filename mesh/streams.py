"""Hand-overs: how the messages of a stream leave a service and enter one, alike in both placements.

`Outlet` sends without waiting: what can't go at once lies in a pipe, where what follows may be merged into it. So the
cost of a message falls as load rises, and nothing waits when there is none. `feed` receives by a plain function.
In one process the two meet: the sender's step runs the receiver, without a task, a queue or a copy between them, which
is what makes a delta's way through the cell cost microseconds (docs/decisions/0002-hand-overs.md).
"""

import asyncio
import contextvars
import functools
import math
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeVar, cast

import grpc.aio
from google.protobuf.message import Message

from mesh.plain import protobuf

PIPE_BYTES = 16 * 2**10  # When more bytes or messages lie in a pipe, `write` waits.
PIPE_MESSAGES = 15
EOF = grpc.aio.EOF

M = TypeVar("M", bound=Message)
Listener = Callable[[Any], Awaitable[None] | None]
Merge = Callable[[Any, Any], bool]


class Pipe:
    """Messages on their way from one writer to one reader. What was queued counts until the pipe is empty again.

    A reader that listens gets each within the writer's own step; while it is busy, or waits, messages lie in the pipe.
    """

    __slots__ = ("_answer", "_context", "_items", "_listener", "_loop", "_queued_messages", "_reader", "_room", "ended",
        "max_bytes", "merge", "queued_bytes")  # fmt: skip

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.ended = False
        self.merge: Merge | None = None
        self.max_bytes = PIPE_BYTES  # When more lie here, `put` says so.
        self.queued_bytes = self._queued_messages = 0
        self._loop = loop  # Asking for it costs as much as all else here.
        self._items: list[Any] = []
        self._listener: Listener | None = None  # Ready for a message.
        self._context: contextvars.Context  # Of the listener.
        self._answer: Awaitable[None] | BaseException | None = None  # What the listener gave, when there is more to do.
        self._reader: asyncio.Future[None] | None = None  # Whoever reads or listens, asleep.
        self._room: asyncio.Future[None] | None = None  # Whoever waits for room.

    async def read(self) -> Any:
        """The next message, or EOF when the pipe has ended and is empty."""
        while not self._items:
            if self.ended:
                return EOF
            self._reader = self._loop.create_future()
            await self._reader
        return self._next()

    async def listen(self, listener: Listener) -> None:
        """Gives each message to `listener` as it is put in, until the pipe has ended. See `feed`."""
        self._context = contextvars.copy_context()
        while self._items or not self.ended:
            if self._items:
                self._answer = listener(self._next())
            else:
                self._listener, self._reader = listener, self._loop.create_future()
                try:
                    await self._reader
                finally:
                    self._listener = None
            answer, self._answer = self._answer, None
            if isinstance(answer, BaseException):
                raise answer
            if answer is not None:
                await answer

    def put(self, message: Message) -> bool:
        """Hands a message over, or leaves it here, maybe as a part of the last. Once the pipe has ended it is lost.

        Returns whether the reader is slow: more than `max_bytes` lie here.
        """
        if (listener := self._listener) is None:
            return self._queue(message)
        self._listener = None  # What is put in meanwhile waits its turn.
        answer: Awaitable[None] | BaseException | None
        try:
            answer = self._context.run(listener, message)
        except BaseException as error:
            answer = error
        if answer is None and not self._queued_messages and not self.ended:
            self._listener = listener
        else:
            self._answer = answer
            self._wake()
        return False

    async def room(self, max_bytes: int = PIPE_BYTES, max_messages: float = PIPE_MESSAGES) -> None:
        """Waits while more than that lies here."""
        while (self.queued_bytes > max_bytes or self._queued_messages > max_messages) and not self.ended:
            self._room = self._room or self._loop.create_future()
            await asyncio.shield(self._room)

    def end(self, *, drop: bool = False) -> None:
        """No more messages; `drop`: those that lie here are lost too."""
        self.ended = True
        if drop:
            self._items.clear()
        self._wake()
        self._made_room()

    def _queue(self, message: Message) -> bool:
        if self.ended:
            return False
        message = protobuf(message)  # Plain ones are for who takes them at once.
        self.queued_bytes += message.ByteSize()
        if not (self.merge is not None and self._items and self.merge(self._items[-1], message)):
            self._items.append(message)
            self._queued_messages += 1
        self._wake()
        return self.queued_bytes > self.max_bytes

    def _wake(self) -> None:
        self._listener = None
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)
        self._reader = None

    def _next(self) -> Message:
        message: Message = self._items.pop(0)
        if not self._items:
            self.queued_bytes = self._queued_messages = 0
            self._made_room()
        return message

    def _made_room(self) -> None:
        if self._room is not None:
            self._room.set_result(None)
            self._room = None


def feed(stream: Any, listener: Listener) -> Coroutine[Any, Any, None]:
    """Gives each message that comes in on `stream`, a call or a handler's context, to `listener`, in order.

    The listener must not block. If it returns an awaitable, nothing more is delivered until that is done: so a receiver
    that can't keep up holds up its sender. Returns at a good end; raises what `read` raises at a bad, or the listener.
    """
    listen: Callable[..., Coroutine[Any, Any, None]] = getattr(stream, "listen", functools.partial(_listen, stream))
    return listen(listener)


async def _listen(stream: Any, listener: Listener) -> None:
    while (message := await stream.read()) is not EOF:
        if (wait := listener(message)) is not None:
            await wait


class Outlet(Generic[M]):
    """The sending side of a stream, within `async with`. A message that was sent is the receiver's: don't touch it."""

    __slots__ = ("_pipe", "_pump", "_stream", "_tasks", "send")

    def __init__(self, stream: Any, merge: Merge | None = None, max_bytes: int = 2**18) -> None:
        """`merge(last, message)` makes `message` part of `last`, which is still pending, or returns False.

        In process, messages pend in the stream's own pipe; else a task writes them, until it is `flushed` or detached.
        """
        own: Pipe | None = getattr(stream, "outgoing", None)
        self._pipe = own or Pipe(asyncio.get_running_loop())
        self._pipe.merge, self._pipe.max_bytes, self._stream = merge, max_bytes, stream
        self.send: Callable[[M], bool] = self._pipe.put  # Sends a message, now or as soon as those before it are gone.
        self._pump: asyncio.Task[None] | None = None
        self._tasks = None if own else asyncio.TaskGroup()

    async def __aenter__(self) -> None:
        if self._tasks is not None:
            await self._tasks.__aenter__()
            self._pump = self._tasks.create_task(_write(self._pipe, self._stream))

    async def __aexit__(self, *raised: Any) -> None:
        if self._tasks is not None:
            await self._tasks.__aexit__(*raised)

    @property
    def full(self) -> bool:
        """More than `max_bytes` are pending: the reader is slow."""
        return self._pipe.queued_bytes > self._pipe.max_bytes

    async def room(self) -> None:
        """Wait until the outlet isn't full."""
        await self._pipe.room(self._pipe.max_bytes, math.inf)

    async def flushed(self, seconds: float | None = None) -> bool:
        """Nothing more is sent: wait, at most so long, until nothing pending can be lost; whether that is so."""
        if self._pump is not None:
            self._pipe.end()
            await asyncio.wait([self._pump], timeout=seconds)
        return self._pump is None or self._pump.done()

    async def close(self) -> None:
        """Half-close the call: nothing follows what was sent."""
        await self.flushed()
        await self._stream.done_writing()

    def detach(self) -> None:
        """The reader is gone: drop what will be sent, and what is pending, but for what lies in a call's own pipe."""
        if self._pump is None:
            self._pipe, self.send = _NOWHERE, _NOWHERE.put
        else:
            self._pipe.end(drop=True)


_NOWHERE = Pipe(cast(asyncio.AbstractEventLoop, None))
_NOWHERE.end()


async def _write(pipe: Pipe, stream: Any) -> None:
    while (message := await pipe.read()) is not EOF:
        await stream.write(message)
