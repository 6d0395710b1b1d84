"""gRPC without sockets: a channel and a server that join generated stubs and servicers within one process.

A call is a task that runs the handler, and one bounded pipe each way. Messages are handed over, not copied: once
written they are frozen for both sides. What a caller or a handler can see (status, details, deadline, cancellation,
metadata, half-close, backpressure, size limit) behaves as with grpc.aio; tests/service/test_placement.py proves it.
"""

import asyncio
import contextvars
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable, Sequence
from typing import Any, NoReturn

import grpc
import grpc.aio
from google.protobuf.message import Message

from mesh.faults import INTERNAL_MESSAGE

MAX_MESSAGE_BYTES = 32 * 2**20
PIPE_BYTES = 16 * 2**10
MESSAGE_BYTES = 2**10  # What a message counts for besides its serialised bytes: so at most 16 small ones lie in a pipe.
EOF = grpc.aio.EOF

Metadata = Sequence[tuple[str, str | bytes]]
Listener = Callable[[Any], Awaitable[None] | None]


class Pipe:
    """Messages on their way from one writer to one reader, bounded in bytes; a full one takes more once it is empty.

    A reader that listens gets each message within the writer's own step, without a task switch; while it is busy with
    one, or has asked to wait, messages lie in the pipe.
    """

    __slots__ = (
        "_answer", "_context", "_copying", "_items", "_listener", "_loop", "_queued", "_reader", "_writer", "ended"
    )  # fmt: skip

    def __init__(self, loop: asyncio.AbstractEventLoop, copying: bool) -> None:
        self._loop = loop
        self._copying = copying
        self._items: deque[Any] = deque()
        self._queued = 0
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._listener: Listener | None = None
        self._context: contextvars.Context | None = None  # the listener's
        self._answer: Awaitable[None] | BaseException | None = None  # what the listener returned or raised
        self.ended = False

    def __len__(self) -> int:
        return len(self._items)

    async def read(self) -> Any:
        """The next message, or EOF when the pipe has ended and is empty."""
        while not self._items:
            if self.ended:
                return EOF
            await self._asleep()
        return self._next()

    async def listen(self, listener: "Listener") -> None:
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
        if self._listener is None or self._copying:
            self._queue(message)
        else:
            self._tell(message)
        return True

    async def write(self, message: Message) -> bool:
        """Hands a message over once there is room. False: the pipe has ended."""
        while not self.offer(message):
            if self.ended:
                return False
            if self._writer is not None:
                raise RuntimeError("a pipe has one writer")
            self._writer = self._loop.create_future()
            try:
                await self._writer
            finally:
                self._writer = None
        return True

    def end(self, *, drop: bool = False) -> None:
        """No more messages; `drop`: those that lie here are lost too."""
        self.ended = True
        if drop:
            self._items.clear()
        for sleeper in (self._reader, self._writer):
            if sleeper is not None:
                _wake(sleeper)

    async def _asleep(self) -> None:
        if self._reader is not None:
            raise RuntimeError("a pipe has one reader")
        self._reader = self._loop.create_future()
        try:
            await self._reader
        finally:
            self._reader = None

    def _next(self) -> Any:
        item = self._items.popleft()
        if not self._items:
            self._queued = 0
            if self._writer is not None:
                _wake(self._writer)
        return _checked(*item) if self._copying else item

    def _queue(self, message: Message) -> None:
        self._queued += message.ByteSize() + MESSAGE_BYTES
        self._items.append((message, message.SerializeToString(deterministic=True)) if self._copying else message)
        if self._reader is not None:
            _wake(self._reader)

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
        elif self._reader is not None:
            _wake(self._reader)


def _wake(sleeper: "asyncio.Future[None]") -> None:
    if not sleeper.done():
        sleeper.set_result(None)


def _checked(message: Message, written: bytes) -> Message:
    if message.SerializeToString(deterministic=True) != written:
        raise RuntimeError(f"a {type(message).__name__} was changed after it was written")
    return type(message).FromString(written)


class Call:
    """What both ends of a call share, and the caller's end of it, as grpc.aio's call objects are.

    A call lives until it has a status: read it to its end, or cancel it.
    """

    def __init__(self, metadata: Metadata, timeout: float | None, copying: bool) -> None:
        self.loop = loop = asyncio.get_running_loop()
        self.metadata = tuple(metadata)
        self.copying = copying
        self.requests = Pipe(loop, copying)
        self.responses = Pipe(loop, copying)
        self.response: Any = None  # Of a unary call.
        self.initial: Metadata | None = None
        self.trailing: Metadata = ()
        self.status: grpc.StatusCode | None = None  # Set once.
        self.status_details = ""
        self.task: asyncio.Task[None] | None = None  # Runs the handler.
        self.callbacks: list[Callable[[], Any]] = []
        self._locally_cancelled = False
        self._waiters: list[asyncio.Future[None]] = []
        self._deadline = None if timeout is None else loop.time() + timeout
        self._timer = None if timeout is None else loop.call_later(max(timeout, 0), self._expire)

    def start(self, initial: Metadata = ()) -> None:
        """The headers are out: by themselves, with the first message, or with the status."""
        if self.initial is None:
            self.initial = initial
            self._notify()

    def finish(self, status: grpc.StatusCode, details: str = "", trailing: Metadata = ()) -> None:
        """The call ends; what was written before is still read. Without effect when it has ended already."""
        if self.status is not None:
            return
        self.status, self.status_details, self.trailing = status, details, trailing
        self.initial = self.initial or ()
        if self._timer is not None:
            self._timer.cancel()
        self.requests.end()
        self.responses.end()
        self._notify()
        for callback in self.callbacks:
            self.loop.call_soon(callback)

    def kill(self, status: grpc.StatusCode, details: str) -> bool:
        """The call ends at once, what lies in its pipes is lost, its handler is cancelled. False when it had ended."""
        if self.status is not None:
            return False
        if self.task is not None:
            self.task.cancel()
        self.requests.end(drop=True)
        self.responses.end(drop=True)
        self.finish(status, details)
        return True

    def cancel(self) -> bool:
        """Ends the call with CANCELLED; the handler sees CancelledError. False when it had ended."""
        self._locally_cancelled = self._locally_cancelled or self.status is None
        return self.kill(grpc.StatusCode.CANCELLED, "Locally cancelled by application!")

    def cancelled(self) -> bool:
        return self.status is grpc.StatusCode.CANCELLED

    def done(self) -> bool:
        return self.status is not None and not self.responses

    def add_done_callback(self, callback: Callable[[Any], Any]) -> None:
        """`callback(call)` runs once the call has a status."""
        if self.status is not None:
            self.loop.call_soon(callback, self)
        else:
            self.callbacks.append(lambda: callback(self))

    def time_remaining(self) -> float | None:
        """Seconds to the deadline, None without one."""
        return None if self._deadline is None else max(self._deadline - self.loop.time(), 0.0)

    async def initial_metadata(self) -> grpc.aio.Metadata:
        while self.initial is None:
            await self.changed()
        return grpc.aio.Metadata(*self.initial)

    async def trailing_metadata(self) -> grpc.aio.Metadata:
        await self.code()
        return grpc.aio.Metadata(*self.trailing)

    async def code(self) -> grpc.StatusCode:
        while self.status is None:
            await self.changed()
        return self.status

    async def details(self) -> str:
        await self.code()
        return self.status_details

    async def changed(self) -> None:
        """Waits for headers or status."""
        waiter = self.loop.create_future()
        self._waiters.append(waiter)
        await waiter

    def raise_for_status(self) -> None:
        if self._locally_cancelled:
            raise asyncio.CancelledError
        if self.status not in (None, grpc.StatusCode.OK):
            initial, trailing = grpc.aio.Metadata(*(self.initial or ())), grpc.aio.Metadata(*self.trailing)
            raise grpc.aio.AioRpcError(self.status, initial, trailing, details=self.status_details)

    def _expire(self) -> None:
        self.kill(grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded")

    def _notify(self) -> None:
        for waiter in self._waiters:
            _wake(waiter)
        self._waiters.clear()


class UnaryCall(Call):
    """A call with one request and one response: await it."""

    def __await__(self) -> Generator[Any, None, Any]:
        try:
            yield from self.code().__await__()
        except asyncio.CancelledError:
            self.cancel()
            raise
        self.raise_for_status()
        return self.response


class StreamCall(Call):
    """A call with a stream each way. As with grpc.aio, cancelling a pending read or write cancels the call."""

    _half_closed = False

    async def read(self) -> Any:
        """The next response, or EOF after a good end. Raises AioRpcError after a bad, CancelledError after cancel()."""
        try:
            message = await self.responses.read()
        except asyncio.CancelledError:
            self.cancel()
            raise
        if message is EOF:
            self.raise_for_status()
        return message

    async def listen(self, listener: Listener) -> None:
        """Gives each response to `listener` until a good end; otherwise as `read`."""
        try:
            await self.responses.listen(listener)
        except asyncio.CancelledError:
            self.cancel()
            raise
        self.raise_for_status()

    def offer(self, request: Message) -> bool:
        """Hands a request over if that is possible at once."""
        return not self._half_closed and self.requests.offer(request)

    async def write(self, request: Message) -> None:
        """Hands a request over, waiting for room. Raises InvalidStateError once the call or its sending has ended."""
        if self.status is not None:
            raise asyncio.InvalidStateError("RPC already finished.")
        if self._half_closed:
            raise asyncio.InvalidStateError("RPC is half closed after calling 'done_writing'.")
        if (size := request.ByteSize()) > MAX_MESSAGE_BYTES:
            self.kill(grpc.StatusCode.RESOURCE_EXHAUSTED, _too_large(size))
        try:
            written = await self.requests.write(request)
        except asyncio.CancelledError:
            self.cancel()
            raise
        if not written:
            self.raise_for_status()

    async def done_writing(self) -> None:
        """No more requests follow; the handler reads EOF. Idempotent."""
        self._half_closed = True
        self.requests.end()

    async def __aiter__(self) -> AsyncIterator[Any]:
        while (message := await self.read()) is not EOF:
            yield message


class ServerContext:
    """The handler's end, as grpc.aio's ServicerContext is."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._trailing: Metadata = ()
        self.cancelled = call.cancelled
        self.time_remaining = call.time_remaining
        self.read = call.requests.read
        self.listen = call.requests.listen

    def offer(self, response: Message) -> bool:
        """Hands a response over if that is possible at once."""
        if self._call.initial is None:
            self._call.start()
        return self._call.responses.offer(response)

    async def write(self, response: Message) -> None:
        """Hands a response over, waiting for room. Raises InvalidStateError once the call has ended."""
        call = self._call
        if call.initial is None:
            call.start()
        if (size := response.ByteSize()) > MAX_MESSAGE_BYTES:
            call.kill(grpc.StatusCode.RESOURCE_EXHAUSTED, _too_large(size))
        if not await call.responses.write(response):
            raise asyncio.InvalidStateError("RPC already finished.")

    async def abort(self, code: grpc.StatusCode, details: str = "", trailing_metadata: Metadata = ()) -> NoReturn:
        """Ends the call with this status. Always raises AbortError."""
        self._call.finish(code, details, (*self._trailing, *trailing_metadata))
        raise grpc.aio.AbortError("Locally aborted.")

    async def send_initial_metadata(self, initial_metadata: Metadata) -> None:
        self._call.start(tuple(initial_metadata))

    def set_trailing_metadata(self, trailing_metadata: Metadata) -> None:
        self._trailing = tuple(trailing_metadata)

    def invocation_metadata(self) -> Metadata:
        return self._call.metadata

    def code(self) -> grpc.StatusCode | None:
        return self._call.status

    def done(self) -> bool:
        return self._call.status is not None

    def add_done_callback(self, callback: Callable[[Any], Any]) -> None:
        """`callback(ctx)` runs once the call has ended, however it did."""
        self._call.callbacks.append(lambda: callback(self))

    async def run(self, handler: Any, request: Any) -> None:
        """Runs the handler to its end; the call has a status afterwards, whatever the handler does."""
        call = self._call
        try:
            if handler.response_streaming:
                await handler.stream_stream(_requests(call.requests), self)
            else:
                call.response = _handed_over(await handler.unary_unary(_handed_over(request, call), self), call)
        except grpc.aio.AbortError:
            pass  # The status is set.
        except asyncio.CancelledError:
            call.finish(grpc.StatusCode.CANCELLED, "the handler was cancelled")
        except BaseException:
            call.finish(grpc.StatusCode.INTERNAL, INTERNAL_MESSAGE)
            raise
        else:
            call.finish(grpc.StatusCode.OK, "", self._trailing)


async def _requests(pipe: Pipe) -> AsyncIterator[Any]:
    while (message := await pipe.read()) is not EOF:
        yield message


def _handed_over(message: Message, call: Call) -> Message:
    if (size := message.ByteSize()) > MAX_MESSAGE_BYTES:
        call.finish(grpc.StatusCode.RESOURCE_EXHAUSTED, _too_large(size))
        raise grpc.aio.AbortError
    return type(message).FromString(message.SerializeToString()) if call.copying else message


def _too_large(size: int) -> str:
    return f"message larger than max ({size} vs. {MAX_MESSAGE_BYTES})"


class Server:
    """Runs the handlers registered with it. `copying`: every message is copied, and a change after its write found."""

    def __init__(self, *, copying: bool = False) -> None:
        self.copying = copying
        self._stopped = False
        self._handlers: dict[str, Any] = {}
        self._calls: dict[asyncio.Task[None], Call] = {}

    def add_generic_rpc_handlers(self, handlers: Iterable[Any]) -> None:
        """Generated code registers each handler twice; the other way is enough."""

    def add_registered_method_handlers(self, service: str, handlers: dict[str, Any]) -> None:
        """What add_XServicer_to_server calls."""
        self._handlers.update({f"/{service}/{name}": handler for name, handler in handlers.items()})

    def start_call(self, call: Call, path: str, request: Any = None) -> None:
        """Starts a handler, in a fresh context: nothing of the caller's contextvars reaches it."""
        handler, remaining = self._handlers.get(path), call.time_remaining()
        if self._stopped:
            call.finish(grpc.StatusCode.UNAVAILABLE, "the server has stopped")
        elif handler is None:
            call.finish(grpc.StatusCode.UNIMPLEMENTED, "Method not found!")
        elif remaining is not None and remaining <= 0:
            call.finish(grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded")
        else:
            run = ServerContext(call).run(handler, request)
            call.task = call.loop.create_task(run, context=contextvars.Context())
            self._calls[call.task] = call
            call.task.add_done_callback(self._calls.pop)

    async def stop(self, grace: float | None) -> None:
        """Refuses new calls, waits `grace` seconds for live ones, then ends those with UNAVAILABLE."""
        self._stopped = True
        if self._calls and grace:
            await asyncio.wait(self._calls, timeout=grace)
        for call in list(self._calls.values()):
            call.kill(grpc.StatusCode.UNAVAILABLE, "the server has stopped")
        if self._calls:
            await asyncio.wait(self._calls)


class Channel:
    """What a generated stub needs of grpc.aio.Channel, joined to a Server of this process."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def unary_unary(self, method: str, *_: Any, **__: Any) -> Callable[..., UnaryCall]:
        def start(request: Any, *, timeout: float | None = None, metadata: Metadata = (), **_: Any) -> UnaryCall:
            call = UnaryCall(metadata, timeout, self._server.copying)
            self._server.start_call(call, method, request)
            return call

        return start

    def stream_stream(self, method: str, *_: Any, **__: Any) -> Callable[..., StreamCall]:
        def start(*, timeout: float | None = None, metadata: Metadata = (), **_: Any) -> StreamCall:
            call = StreamCall(metadata, timeout, self._server.copying)
            self._server.start_call(call, method)
            return call

        return start

    async def close(self, grace: float | None = None) -> None:
        """The calls belong to their callers; nothing to close."""
