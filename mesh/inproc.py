"""gRPC without sockets: a channel and a server that join generated stubs and servicers within one process.

A call is a task that runs the handler, and one bounded pipe each way. Messages are handed over, not copied: once
written they are frozen for both sides. What a caller or a handler can see (status, details, deadline, cancellation,
metadata, half-close, backpressure, size limit) behaves as with grpc.aio; tests/service/test_placement.py proves it.
There are no initial metadata, done callbacks, or iteration over a stream: the mesh reads and writes.
"""

import asyncio
import contextlib
import contextvars
import functools
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

import grpc.aio
from google.protobuf.message import Message

from mesh.faults import INTERNAL_MESSAGE

MAX_MESSAGE_BYTES = 32 * 2**20
PIPE_BYTES = 16 * 2**10
MESSAGE_BYTES = 2**10  # What a message counts for besides its serialised bytes: so at most 16 small ones lie in a pipe.
EOF = grpc.aio.EOF

T = TypeVar("T")
Metadata = Sequence[tuple[str, str | bytes]]
Listener = Callable[[Any], Awaitable[None] | None]


@dataclass(slots=True, eq=False)
class Pipe:
    """Messages on their way from one writer to one reader, bounded in bytes; a full one takes more once it is empty.

    A reader that listens gets each message within the writer's own step, without a task switch; while it is busy with
    one, or has asked to wait, messages lie in the pipe.
    """

    loop: asyncio.AbstractEventLoop
    copying: bool
    ended: bool = False
    _items: deque[Any] = field(default_factory=deque)
    _queued: int = 0
    _sleeper: asyncio.Future[None] | None = None  # The reader of an empty pipe, or the writer of a full one.
    _listener: Listener | None = None
    _context: contextvars.Context | None = None  # The listener's.
    _answer: Awaitable[None] | BaseException | None = None  # What the listener returned or raised.

    async def read(self) -> Any:
        """The next message, or EOF when the pipe has ended and is empty."""
        while not self._items:
            if self.ended:
                return EOF
            await self._asleep()
        return self._next()

    async def listen(self, listener: Listener) -> None:
        """Gives each message to `listener` as it is written, until the pipe has ended. See mesh.streams.feed."""
        self._context = contextvars.copy_context()
        while self._items or not self.ended:
            if self._items:
                self._answer = listener(self._next())
            else:
                self._listener = listener
                try:
                    await self._asleep()
                finally:
                    self._listener = None
            answer, self._answer = self._answer, None
            if isinstance(answer, BaseException):
                raise answer
            if answer is not None:
                await answer

    def offer(self, message: Message) -> bool:
        """Hands a message over if that is possible at once: there is room, and the pipe hasn't ended."""
        if self.ended or self._queued >= PIPE_BYTES:
            return False
        if self._listener is None or self.copying:
            self._queued += message.ByteSize() + MESSAGE_BYTES
            self._items.append((message, message.SerializeToString(deterministic=True)) if self.copying else message)
            self._wake()
        else:
            self._tell(message)
        return True

    async def write(self, message: Message) -> bool:
        """Hands a message over once there is room. False: the pipe has ended."""
        while not self.offer(message):
            if self.ended:
                return False
            await self._asleep()
        return True

    def end(self, *, drop: bool = False) -> None:
        """No more messages; `drop`: those that lie here are lost too."""
        self.ended = True
        if drop:
            self._items.clear()
        self._wake()

    async def _asleep(self) -> None:
        if self._sleeper is not None and not self._sleeper.done():
            raise RuntimeError("a pipe has one reader and one writer")
        self._sleeper = self.loop.create_future()
        await self._sleeper

    def _wake(self) -> None:
        if self._sleeper is not None:
            if not self._sleeper.done():
                self._sleeper.set_result(None)
            self._sleeper = None

    def _next(self) -> Any:
        item = self._items.popleft()
        if not self._items:
            self._queued = 0
            self._wake()
        return _checked(*item) if self.copying else item

    def _tell(self, message: Message) -> None:
        """Runs the listener here and now. What is written to this pipe meanwhile waits its turn."""
        listener, self._listener = self._listener, None
        assert listener is not None
        assert self._context is not None
        try:
            self._answer = self._context.run(listener, message)
        except BaseException as error:
            self._answer = error
        if self._answer is None and not self._items and not self.ended:
            self._listener = listener
        else:
            self._wake()


def _checked(message: Message, written: bytes) -> Message:
    if message.SerializeToString(deterministic=True) != written:
        raise RuntimeError(f"a {type(message).__name__} was changed after it was written")
    return type(message).FromString(written)


class Call:
    """What both ends of a call share, and the caller's end of it, as grpc.aio's call objects are.

    A unary one is awaited. A call lives until it has a status: read it to its end, or cancel it.
    """

    def __init__(self, metadata: Metadata, timeout: float | None, copying: bool) -> None:
        self.loop = loop = asyncio.get_running_loop()
        self.metadata = tuple(metadata)
        self.requests = Pipe(loop, copying)
        self.responses = Pipe(loop, copying)
        self.offer = self.requests.offer
        self.response: Any = None  # Of a unary call.
        self.status: grpc.StatusCode | None = None  # Set once.
        self.task: asyncio.Task[None] | None = None  # Runs the handler.
        self._details = ""
        self._trailing: Metadata = ()
        self._ended = asyncio.Event()
        self._locally_cancelled = False
        self._deadline = None if timeout is None else loop.time() + timeout
        expired = (grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded")
        self._timer = None if timeout is None else loop.call_later(max(timeout, 0), self.kill, *expired)

    def finish(self, status: grpc.StatusCode, details: str = "", trailing: Metadata = (), drop: bool = False) -> bool:
        """The call ends; what was written before is still read, unless `drop`. False when it had ended already."""
        if self.status is not None:
            return False
        self.status, self._details, self._trailing = status, details, trailing
        if self._timer is not None:
            self._timer.cancel()
        self.requests.end(drop=drop)
        self.responses.end(drop=drop)
        self._ended.set()
        return True

    def kill(self, status: grpc.StatusCode, details: str) -> bool:
        """The call ends at once, what lies in its pipes is lost, its handler is cancelled. False when it had ended."""
        if self.status is None and self.task is not None:
            self.task.cancel()
        return self.finish(status, details, drop=True)

    def cancel(self) -> bool:
        """Ends the call with CANCELLED; the handler sees CancelledError. False when it had ended."""
        self._locally_cancelled = self._locally_cancelled or self.status is None
        return self.kill(grpc.StatusCode.CANCELLED, "Locally cancelled by application!")

    def fits(self, message: Message) -> bool:
        """Whether a message is small enough; one that isn't ends the call."""
        if (size := message.ByteSize()) > MAX_MESSAGE_BYTES:
            self.kill(grpc.StatusCode.RESOURCE_EXHAUSTED, f"message larger than max ({size} vs. {MAX_MESSAGE_BYTES})")
        return size <= MAX_MESSAGE_BYTES

    def done(self) -> bool:
        return self.status is not None

    def time_remaining(self) -> float | None:
        """Seconds to the deadline, None without one."""
        return None if self._deadline is None else max(self._deadline - self.loop.time(), 0.0)

    async def code(self) -> grpc.StatusCode | None:
        await self._ended.wait()
        return self.status

    async def details(self) -> str:
        await self._ended.wait()
        return self._details

    async def trailing_metadata(self) -> grpc.aio.Metadata:
        await self._ended.wait()
        return grpc.aio.Metadata(*self._trailing)

    def raise_for_status(self) -> None:
        if self._locally_cancelled:
            raise asyncio.CancelledError
        if self.status not in (None, grpc.StatusCode.OK):
            trailing = grpc.aio.Metadata(*self._trailing)
            raise grpc.aio.AioRpcError(self.status, grpc.aio.Metadata(), trailing, details=self._details)

    async def waiting(self, operation: Awaitable[T]) -> T:
        """As with grpc.aio, cancelling a pending read or write cancels the call."""
        try:
            return await operation
        except asyncio.CancelledError:
            self.cancel()
            raise

    def __await__(self) -> Generator[Any, None, Any]:
        yield from self.waiting(self._ended.wait()).__await__()
        self.raise_for_status()
        return self.response

    async def read(self) -> Any:
        """The next response, or EOF after a good end. Raises AioRpcError after a bad, CancelledError after cancel()."""
        message = await self.waiting(self.responses.read())
        if message is EOF:
            self.raise_for_status()
        return message

    async def listen(self, listener: Listener) -> None:
        """Gives each response to `listener` until a good end; otherwise as `read`."""
        await self.waiting(self.responses.listen(listener))
        self.raise_for_status()

    async def write(self, request: Message) -> None:
        """Hands a request over, waiting for room. Raises InvalidStateError once the call or its sending has ended."""
        if self.requests.ended:
            raise asyncio.InvalidStateError("the call has ended, or done_writing() was called")
        if not (self.fits(request) and await self.waiting(self.requests.write(request))):
            self.raise_for_status()

    async def done_writing(self) -> None:
        """No more requests follow; the handler reads EOF. Idempotent."""
        self.requests.end()


class ServerContext:
    """The handler's end, as grpc.aio's ServicerContext is."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._trailing: Metadata = ()
        self.read = call.requests.read
        self.listen = call.requests.listen
        self.offer = call.responses.offer
        self.time_remaining = call.time_remaining
        self.done = call.done

    async def write(self, response: Message) -> None:
        """Hands a response over, waiting for room. Raises InvalidStateError once the call has ended."""
        if not (self._call.fits(response) and await self._call.responses.write(response)):
            raise asyncio.InvalidStateError("the call has ended")

    async def abort(self, code: grpc.StatusCode, details: str = "", trailing_metadata: Metadata = ()) -> NoReturn:
        """Ends the call with this status. Always raises AbortError."""
        self._call.finish(code, details, (*self._trailing, *trailing_metadata))
        raise grpc.aio.AbortError("Locally aborted.")

    def set_trailing_metadata(self, trailing_metadata: Metadata) -> None:
        self._trailing = tuple(trailing_metadata)

    def invocation_metadata(self) -> Metadata:
        return self._call.metadata

    async def run(self, handler: Any, request: Message | None, copying: bool) -> None:
        """Runs the handler to its end; the call has a status afterwards, whatever the handler does."""
        call = self._call
        with contextlib.suppress(grpc.aio.AbortError):
            try:
                if request is None:
                    await handler.stream_stream(None, self)
                else:
                    response = await handler.unary_unary(_copied(request) if copying else request, self)
                    call.response = _copied(response) if copying else response
                    call.fits(response)
                call.finish(grpc.StatusCode.OK, "", self._trailing)
            finally:
                call.finish(grpc.StatusCode.INTERNAL, INTERNAL_MESSAGE)  # Unless it has a status.


def _copied(message: Message) -> Message:
    return type(message).FromString(message.SerializeToString())


class Server:
    """Runs the handlers registered with it, and is the channel to them that a generated stub needs.

    `copying`: every message is copied, and a change after its write found.
    """

    def __init__(self, *, copying: bool = False) -> None:
        self._copying = copying
        self._stopped = False
        self._handlers: dict[str, Any] = {}
        self._calls: dict[asyncio.Task[None], Call] = {}

    def add_generic_rpc_handlers(self, handlers: Iterable[Any]) -> None:
        """Generated code registers each handler twice; the other way is enough."""

    def add_registered_method_handlers(self, service: str, handlers: dict[str, Any]) -> None:
        """What add_XServicer_to_server calls."""
        self._handlers.update({f"/{service}/{name}": handler for name, handler in handlers.items()})

    def unary_unary(self, method: str, *_: Any, **__: Any) -> Callable[..., Call]:
        return functools.partial(self._call, method)

    stream_stream = unary_unary

    async def close(self) -> None:
        """As a channel: its calls belong to their callers, there is nothing to close."""

    def _call(self, path: str, request: Any = None, *, timeout: float | None = None, metadata: Metadata = ()) -> Call:
        """Starts a call. Its handler runs in a fresh context: nothing of the caller's contextvars reaches it."""
        call = Call(metadata, timeout, self._copying)
        if self._stopped:
            call.finish(grpc.StatusCode.UNAVAILABLE, "the server has stopped")
        elif path not in self._handlers:
            call.finish(grpc.StatusCode.UNIMPLEMENTED, "Method not found!")
        elif timeout is not None and timeout <= 0:
            call.finish(grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded")
        elif request is None or call.fits(request):
            run = ServerContext(call).run(self._handlers[path], request, self._copying)
            call.task = call.loop.create_task(run, context=contextvars.Context())
            self._calls[call.task] = call
            call.task.add_done_callback(self._calls.pop)
        return call

    async def stop(self, grace: float | None) -> None:
        """Refuses new calls, waits `grace` seconds for live ones, then ends those with UNAVAILABLE."""
        self._stopped = True
        if self._calls and grace:
            await asyncio.wait(self._calls, timeout=grace)
        for call in list(self._calls.values()):
            call.kill(grpc.StatusCode.UNAVAILABLE, "the server has stopped")
        if self._calls:
            await asyncio.wait(self._calls)
