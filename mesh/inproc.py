"""gRPC without sockets: a channel and a server that join generated stubs and servicers within one process.

A call is a task that runs the handler, and one bounded pipe each way. Messages are handed over, not copied: once
written they are frozen for both sides. What a caller or a handler can see (status, details, deadline, cancellation,
metadata, half-close, backpressure, size limit) behaves as with grpc.aio; tests/service/test_placement.py proves it.
"""

import asyncio
import contextvars
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Generator, Iterable, Sequence
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


class Pipe:
    """Messages on their way from one writer to one reader, bounded in bytes; a full one takes more once it is empty."""

    __slots__ = ("_copying", "_items", "_loop", "_queued", "_reader", "_writer", "ended")

    def __init__(self, loop: asyncio.AbstractEventLoop, copying: bool) -> None:
        self._loop = loop
        self._copying = copying
        self._items: deque[Any] = deque()
        self._queued = 0
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self.ended = False

    def __len__(self) -> int:
        return len(self._items)

    async def read(self) -> Any:
        """The next message, or EOF when the pipe has ended and is empty."""
        items = self._items
        while not items:
            if self.ended:
                return EOF
            if self._reader is not None:
                raise RuntimeError("a pipe has one reader")
            self._reader = self._loop.create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        item = items.popleft()
        if not items:
            self._queued = 0
            if self._writer is not None:
                _wake(self._writer)
        return _checked(*item) if self._copying else item

    async def write(self, message: Message, size: int) -> bool:
        """Hands a message of `size` bytes over once there is room. False: the pipe has ended."""
        while self._queued >= PIPE_BYTES and not self.ended:
            if self._writer is not None:
                raise RuntimeError("a pipe has one writer")
            self._writer = self._loop.create_future()
            try:
                await self._writer
            finally:
                self._writer = None
        if self.ended:
            return False
        self._queued += size + MESSAGE_BYTES
        self._items.append((message, message.SerializeToString(deterministic=True)) if self._copying else message)
        if self._reader is not None:
            _wake(self._reader)
        return True

    def end(self, *, drop: bool = False) -> None:
        """No more messages; `drop`: those that lie here are lost too."""
        self.ended = True
        if drop:
            self._items.clear()
        for sleeper in (self._reader, self._writer):
            if sleeper is not None:
                _wake(sleeper)


def _wake(sleeper: "asyncio.Future[None]") -> None:
    if not sleeper.done():
        sleeper.set_result(None)


def _checked(message: Message, written: bytes) -> Message:
    if message.SerializeToString(deterministic=True) != written:
        raise RuntimeError(f"a {type(message).__name__} was changed after it was written")
    return type(message).FromString(written)


class _Rpc:
    """What both ends of a call share: two pipes and, once it has ended, its status. The status is set once."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, metadata: Metadata, timeout: float | None, copying: bool
    ) -> None:
        self.loop = loop
        self.metadata = tuple(metadata)
        self.requests = Pipe(loop, copying)
        self.responses = Pipe(loop, copying)
        self.copying = copying
        self.response: Any = None  # Of a unary call.
        self.initial: Metadata | None = None
        self.code: grpc.StatusCode | None = None
        self.details = ""
        self.trailing: Metadata = ()
        self.locally_cancelled = False
        self.task: asyncio.Task[None] | None = None
        self.pump: asyncio.Task[None] | None = None
        self.deadline = None if timeout is None else loop.time() + timeout
        self._timer = None if timeout is None else loop.call_later(max(timeout, 0), self._expire)
        self._waiters: list[asyncio.Future[None]] = []
        self.callbacks: list[Callable[[], Any]] = []

    def start(self, initial: Metadata = ()) -> None:
        """The headers are out: by themselves, with the first message, or with the status."""
        if self.initial is None:
            self.initial = initial
            self._wake()

    def finish(self, code: grpc.StatusCode, details: str = "", trailing: Metadata = ()) -> None:
        """The call ends; what was written before is still read. Without effect when it has ended already."""
        if self.code is not None:
            return
        self.code, self.details, self.trailing = code, details, trailing
        self.start()
        if self._timer is not None:
            self._timer.cancel()
        self.requests.end()
        self.responses.end()
        if self.pump is not None:
            self.pump.cancel()
        self._wake()
        for callback in self.callbacks:
            self.loop.call_soon(callback)

    def kill(self, code: grpc.StatusCode, details: str) -> bool:
        """The call ends at once and the handler is cancelled. False when it had ended."""
        if self.code is not None:
            return False
        if self.task is not None:
            self.task.cancel()
        self.responses.end(drop=True)
        self.requests.end(drop=True)
        self.finish(code, details)
        return True

    def cancel(self) -> bool:
        self.locally_cancelled = self.locally_cancelled or self.code is None
        return self.kill(grpc.StatusCode.CANCELLED, "Locally cancelled by application!")

    def _expire(self) -> None:
        self.kill(grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded")

    def _wake(self) -> None:
        for waiter in self._waiters:
            _wake(waiter)
        self._waiters.clear()

    async def ended(self) -> None:
        while self.code is None:
            await self._sleep()

    async def started(self) -> None:
        while self.initial is None:
            await self._sleep()

    async def _sleep(self) -> None:
        waiter = self.loop.create_future()
        self._waiters.append(waiter)
        await waiter

    def raise_for_status(self) -> None:
        if self.locally_cancelled:
            raise asyncio.CancelledError
        if self.code is not grpc.StatusCode.OK:
            assert self.code is not None
            raise grpc.aio.AioRpcError(
                self.code,
                grpc.aio.Metadata(*(self.initial or ())),
                grpc.aio.Metadata(*self.trailing),
                details=self.details,
            )

    def time_remaining(self) -> float | None:
        return None if self.deadline is None else max(self.deadline - self.loop.time(), 0.0)


class Call:
    """The caller's end, as grpc.aio's call objects are. A call that is forgotten is cancelled, as there."""

    def __init__(self, rpc: _Rpc) -> None:
        self._rpc = rpc

    def __del__(self) -> None:
        # The collector may run in any thread.
        if self._rpc.code is None and not self._rpc.loop.is_closed():
            self._rpc.loop.call_soon_threadsafe(self._rpc.cancel)

    def cancel(self) -> bool:
        """Ends the call with CANCELLED; the handler sees CancelledError. False when it had ended."""
        return self._rpc.cancel()

    def cancelled(self) -> bool:
        return self._rpc.code is grpc.StatusCode.CANCELLED

    def done(self) -> bool:
        return self._rpc.code is not None and not self._rpc.responses

    def add_done_callback(self, callback: Callable[[Any], Any]) -> None:
        """`callback(call)` runs once the call has a status."""
        if self._rpc.code is not None:
            self._rpc.loop.call_soon(callback, self)
        else:
            self._rpc.callbacks.append(lambda: callback(self))

    def time_remaining(self) -> float | None:
        return self._rpc.time_remaining()

    async def initial_metadata(self) -> grpc.aio.Metadata:
        await self._rpc.started()
        return grpc.aio.Metadata(*(self._rpc.initial or ()))

    async def trailing_metadata(self) -> grpc.aio.Metadata:
        await self._rpc.ended()
        return grpc.aio.Metadata(*self._rpc.trailing)

    async def code(self) -> grpc.StatusCode:
        await self._rpc.ended()
        assert self._rpc.code is not None
        return self._rpc.code

    async def details(self) -> str:
        await self._rpc.ended()
        return self._rpc.details

    async def debug_error_string(self) -> str:
        return await self.details()

    async def wait_for_connection(self) -> None:
        """In process there is nothing to wait for."""


class UnaryCall(Call):
    """A call with one request and one response: await it."""

    def __await__(self) -> Generator[Any, None, Any]:
        rpc = self._rpc
        try:
            yield from rpc.ended().__await__()
        except asyncio.CancelledError:
            rpc.cancel()
            raise
        rpc.raise_for_status()
        return rpc.response


class StreamCall(Call):
    """A call with a stream each way. As with grpc.aio, cancelling a pending read or write cancels the call."""

    def __init__(self, rpc: _Rpc) -> None:
        super().__init__(rpc)
        self._half_closed = False

    async def read(self) -> Any:
        """The next response, or EOF after a good end. Raises AioRpcError after a bad, CancelledError after cancel()."""
        rpc = self._rpc
        try:
            message = await rpc.responses.read()
        except asyncio.CancelledError:
            rpc.cancel()
            raise
        if message is EOF:
            rpc.raise_for_status()
        return message

    async def write(self, request: Message) -> None:
        """Hands a request over, waiting for room. Raises InvalidStateError once the call or its sending has ended."""
        rpc = self._rpc
        if rpc.code is not None:
            raise asyncio.InvalidStateError("RPC already finished.")
        if self._half_closed:
            raise asyncio.InvalidStateError("RPC is half closed after calling 'done_writing'.")
        size = request.ByteSize()
        if size > MAX_MESSAGE_BYTES:
            rpc.kill(grpc.StatusCode.RESOURCE_EXHAUSTED, _too_large(size))
        try:
            written = await rpc.requests.write(request, size)
        except asyncio.CancelledError:
            rpc.cancel()
            raise
        if not written:
            rpc.raise_for_status()

    async def done_writing(self) -> None:
        """No more requests follow; the handler reads EOF. Idempotent."""
        self._half_closed = True
        self._rpc.requests.end()

    async def __aiter__(self) -> AsyncIterator[Any]:
        while (message := await self.read()) is not EOF:
            yield message

    async def pump(self, requests: AsyncIterable[Any] | Iterable[Any]) -> None:
        """Writes what an iterator gives; a failing one cancels the call, as in grpc.aio."""
        try:
            if isinstance(requests, AsyncIterable):
                async for request in requests:
                    await self.write(request)
            else:
                for request in requests:
                    await self.write(request)
            await self.done_writing()
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
            return  # The call ended first, and its reader knows.
        except BaseException:
            self.cancel()
            raise


class ServerContext:
    """The handler's end, as grpc.aio's ServicerContext is."""

    def __init__(self, rpc: _Rpc) -> None:
        self._rpc = rpc
        self._code: grpc.StatusCode = grpc.StatusCode.OK
        self._details = ""
        self._trailing: Metadata = ()

    async def read(self) -> Any:
        """The next request, or EOF after the caller's half-close."""
        return await self._rpc.requests.read()

    async def write(self, response: Message) -> None:
        """Hands a response over, waiting for room. Raises InvalidStateError once the call has ended."""
        rpc = self._rpc
        if rpc.initial is None:
            rpc.start()
        size = response.ByteSize()
        if size > MAX_MESSAGE_BYTES:
            rpc.kill(grpc.StatusCode.RESOURCE_EXHAUSTED, _too_large(size))
        if not await rpc.responses.write(response, size):
            raise asyncio.InvalidStateError("RPC already finished.")

    async def abort(self, code: grpc.StatusCode, details: str = "", trailing_metadata: Metadata = ()) -> NoReturn:
        """Ends the call with this status. Always raises AbortError."""
        self._rpc.finish(code, details, (*self._trailing, *trailing_metadata))
        raise grpc.aio.AbortError("Locally aborted.")

    async def send_initial_metadata(self, initial_metadata: Metadata) -> None:
        self._rpc.start(tuple(initial_metadata))

    def set_trailing_metadata(self, trailing_metadata: Metadata) -> None:
        self._trailing = tuple(trailing_metadata)

    def invocation_metadata(self) -> Metadata:
        return self._rpc.metadata

    def set_code(self, code: grpc.StatusCode) -> None:
        self._code = code

    def set_details(self, details: str) -> None:
        self._details = details

    def code(self) -> grpc.StatusCode:
        return self._rpc.code or self._code

    def details(self) -> str:
        return self._details

    def trailing_metadata(self) -> Metadata:
        return self._trailing

    def peer(self) -> str:
        return "inproc:"

    def time_remaining(self) -> float | None:
        return self._rpc.time_remaining()

    def cancelled(self) -> bool:
        return self._rpc.code is grpc.StatusCode.CANCELLED

    def done(self) -> bool:
        return self._rpc.code is not None

    def add_done_callback(self, callback: Callable[[Any], Any]) -> None:
        """`callback(ctx)` runs once the call has ended, however it did."""
        self._rpc.callbacks.append(lambda: callback(self))

    async def run(self, handler: Any, request: Any) -> None:
        """Runs the handler to its end; the call has a status afterwards, whatever the handler does."""
        rpc = self._rpc
        try:
            if handler.response_streaming:
                await handler.stream_stream(_requests(rpc.requests), self)
            else:
                rpc.response = _handed_over(await handler.unary_unary(_handed_over(request, rpc), self), rpc)
        except grpc.aio.AbortError:
            pass  # abort() or the size limit has set the status.
        except asyncio.CancelledError:
            rpc.finish(grpc.StatusCode.CANCELLED, "the handler was cancelled")
        except BaseException:
            rpc.finish(grpc.StatusCode.INTERNAL, INTERNAL_MESSAGE)
            raise
        else:
            rpc.finish(self._code, self._details, self._trailing)


async def _requests(pipe: Pipe) -> AsyncIterator[Any]:
    while (message := await pipe.read()) is not EOF:
        yield message


def _handed_over(message: Message, rpc: _Rpc) -> Message:
    size = message.ByteSize()
    if size > MAX_MESSAGE_BYTES:
        rpc.finish(grpc.StatusCode.RESOURCE_EXHAUSTED, _too_large(size))
        raise grpc.aio.AbortError
    return type(message).FromString(message.SerializeToString()) if rpc.copying else message


def _too_large(size: int) -> str:
    return f"message larger than max ({size} vs. {MAX_MESSAGE_BYTES})"


class Server:
    """Runs the handlers registered with it. `copying`: every message is copied, and a change after its write found."""

    def __init__(self, *, copying: bool = False) -> None:
        self.copying = copying
        self.stopped = False
        self._handlers: dict[str, Any] = {}
        self._calls: dict[asyncio.Task[None], _Rpc] = {}

    def add_generic_rpc_handlers(self, handlers: Iterable[Any]) -> None:
        """Generated code registers each handler twice; the other way is enough."""

    def add_registered_method_handlers(self, service: str, handlers: dict[str, Any]) -> None:
        """What add_XServicer_to_server calls."""
        self._handlers.update({f"/{service}/{name}": handler for name, handler in handlers.items()})

    def start_call(self, path: str, request: Any, metadata: Metadata, timeout: float | None) -> _Rpc:
        """Starts a handler, in a fresh context: nothing of the caller's contextvars reaches it."""
        rpc = _Rpc(asyncio.get_running_loop(), metadata, timeout, self.copying)
        handler = self._handlers.get(path)
        if self.stopped:
            rpc.finish(grpc.StatusCode.UNAVAILABLE, "the server has stopped")
        elif handler is None:
            rpc.finish(grpc.StatusCode.UNIMPLEMENTED, "Method not found!")
        elif timeout is not None and timeout <= 0:
            rpc.finish(grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded")
        else:
            run = ServerContext(rpc).run(handler, request)
            rpc.task = rpc.loop.create_task(run, context=contextvars.Context())
            self._calls[rpc.task] = rpc
            rpc.task.add_done_callback(self._calls.pop)
        return rpc

    async def stop(self, grace: float | None) -> None:
        """Refuses new calls, waits `grace` seconds for live ones, then ends those with UNAVAILABLE."""
        self.stopped = True
        if self._calls and grace:
            await asyncio.wait(self._calls, timeout=grace)
        for rpc in list(self._calls.values()):
            rpc.kill(grpc.StatusCode.UNAVAILABLE, "the server has stopped")
        if self._calls:
            await asyncio.wait(self._calls)


class Channel:
    """What a generated stub needs of grpc.aio.Channel, joined to a Server of this process."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def unary_unary(self, method: str, *_: Any, **__: Any) -> Callable[..., UnaryCall]:
        def call(
            request: Any, *, timeout: float | None = None, metadata: Metadata | None = None, **_: Any
        ) -> UnaryCall:
            return UnaryCall(self._server.start_call(method, request, metadata or (), timeout))

        return call

    def stream_stream(self, method: str, *_: Any, **__: Any) -> Callable[..., StreamCall]:
        def call(
            request_iterator: Any = None, *, timeout: float | None = None, metadata: Metadata | None = None, **_: Any
        ) -> StreamCall:
            rpc = self._server.start_call(method, None, metadata or (), timeout)
            stream = StreamCall(rpc)
            if request_iterator is not None:
                rpc.pump = rpc.loop.create_task(stream.pump(request_iterator))
            return stream

        return call

    async def close(self, grace: float | None = None) -> None:
        """The calls belong to their callers; nothing to close."""
