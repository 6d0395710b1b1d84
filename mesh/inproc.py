"""gRPC without sockets: a channel and a server that join generated stubs and servicers within one process.

A call is a task that runs the handler, and one bounded pipe each way. Messages are handed over, not copied: once
written they are frozen for both sides. What a caller or a handler can see (status, details, deadline, cancellation,
metadata, half-close, backpressure, size limit) behaves as with grpc.aio; tests/service/test_placement.py proves it.
There are no initial metadata, done callbacks, or iteration over a stream: the mesh reads and writes.
"""

import asyncio
import contextvars
import functools
from collections.abc import Awaitable, Callable, Generator, Iterable, Sequence
from typing import Any, NoReturn, TypeVar

import grpc.aio
from google.protobuf.message import Message

from mesh.faults import INTERNAL_MESSAGE
from mesh.streams import EOF, Listener, Pipe

MAX_MESSAGE_BYTES = 32 * 2**20

T = TypeVar("T")
Metadata = Sequence[tuple[str, str | bytes]]


class Call:
    """What both ends of a call share, and its caller's end: read it to its end, cancel it, or await a unary one."""

    __slots__ = ("_locally_cancelled", "_response", "_status", "_timer", "loop", "metadata", "outgoing", "requests",
        "responses", "task")  # fmt: skip

    def __init__(
        self, loop: asyncio.AbstractEventLoop, metadata: Metadata, timeout: float | None, pipe: type[Pipe]
    ) -> None:
        self.loop, self.metadata = loop, tuple(metadata)
        self.requests, self.responses = pipe(loop), pipe(loop)
        self.outgoing = self.requests
        self.task: asyncio.Task[None] | None = None  # Runs the handler.
        self._status: asyncio.Future[tuple[grpc.StatusCode, str, Metadata]] = loop.create_future()
        self._response: Any = None  # Of a unary call.
        self._locally_cancelled = False
        expired = (grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded", (), True)
        self._timer = None if timeout is None else loop.call_later(max(timeout, 0), self.finish, *expired)

    def finish(self, status: grpc.StatusCode, details: str = "", trailing: Metadata = (), kill: bool = False) -> bool:
        """The call ends; `kill`: what lies in its pipes is lost, its handler cancelled. False when it had ended."""
        if self.done():
            return False
        self._status.set_result((status, details, trailing))
        if self._timer is not None:
            self._timer.cancel()
        if kill and self.task is not None:
            self.task.cancel()
        self.requests.end(drop=kill)
        self.responses.end(drop=kill)
        return True

    def cancel(self) -> bool:
        """Ends the call with CANCELLED; the handler sees CancelledError. False when it had ended."""
        self._locally_cancelled = self._locally_cancelled or not self.done()
        return self.finish(grpc.StatusCode.CANCELLED, "Locally cancelled by application!", kill=True)

    def fits(self, message: Message) -> bool:
        """Whether a message is small enough; one that isn't ends the call."""
        if (size := message.ByteSize()) > MAX_MESSAGE_BYTES:
            details = f"message larger than max ({size} vs. {MAX_MESSAGE_BYTES})"
            self.finish(grpc.StatusCode.RESOURCE_EXHAUSTED, details, kill=True)
        return size <= MAX_MESSAGE_BYTES

    def done(self) -> bool:
        return self._status.done()

    def time_remaining(self) -> float | None:
        """Seconds to the deadline, None without one."""
        return None if self._timer is None else max(self._timer.when() - self.loop.time(), 0.0)

    async def code(self) -> grpc.StatusCode:
        return (await asyncio.shield(self._status))[0]

    async def details(self) -> str:
        return (await asyncio.shield(self._status))[1]

    def raise_for_status(self) -> None:
        if self._locally_cancelled:
            raise asyncio.CancelledError
        status, details, trailing = self._status.result()
        if status is not grpc.StatusCode.OK:
            raise grpc.aio.AioRpcError(status, grpc.aio.Metadata(), grpc.aio.Metadata(*trailing), details=details)

    async def waiting(self, operation: Awaitable[T]) -> T:
        """As with grpc.aio, cancelling a pending read or write cancels the call."""
        try:
            return await operation
        except asyncio.CancelledError:
            self.cancel()
            raise

    def __await__(self) -> Generator[Any, None, Any]:
        if self._response is None:
            self._response = yield from self.read().__await__()
        return self._response

    async def read(self) -> Any:
        """The next response, or EOF after a good end. Raises AioRpcError after a bad, CancelledError after cancel()."""
        message = await self.waiting(self.responses.read())
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

    async def write(self, request: Message) -> None:
        """Hands a request over, waiting for room. Raises InvalidStateError once the call or its sending has ended."""
        if self.requests.ended:
            raise asyncio.InvalidStateError("the call has ended, or done_writing() was called")
        await self.waiting(self.requests.room())
        if not self.fits(request) or self.done():
            self.raise_for_status()
        self.requests.put(request)

    async def done_writing(self) -> None:
        """No more requests follow; the handler reads EOF. Idempotent."""
        self.requests.end()


class ServerContext:
    """The handler's end, as grpc.aio's ServicerContext is."""

    __slots__ = ("_call", "outgoing")
    read = property(lambda self: self._call.requests.read)  # As methods here they would be one step more,
    listen = property(lambda self: self._call.requests.listen)  # kept bound they would be objects more for each call.
    time_remaining, done = property(lambda self: self._call.time_remaining), property(lambda self: self._call.done)

    def __init__(self, call: Call) -> None:
        self._call, self.outgoing = call, call.responses

    async def write(self, response: Message) -> None:
        """Hands a response over, waiting for room. Raises InvalidStateError once the call has ended."""
        await self.outgoing.room()
        if not self._call.fits(response) or self.done():
            raise asyncio.InvalidStateError("the call has ended")
        self.outgoing.put(response)

    async def abort(self, code: grpc.StatusCode, details: str = "", trailing_metadata: Metadata = ()) -> NoReturn:
        """Ends the call with this status. Always raises AbortError."""
        self._call.finish(code, details, trailing_metadata)
        raise grpc.aio.AbortError("Locally aborted.")

    def invocation_metadata(self) -> Metadata:
        return self._call.metadata

    async def run(self, handler: Any) -> None:
        """Runs the handler to its end; the call has a status afterwards, whatever the handler does."""
        call = self._call
        try:
            if handler.response_streaming:
                await handler.stream_stream(None, self)
            elif call.fits(response := await handler.unary_unary(await self.read(), self)):
                self.outgoing.put(response)
            call.finish(grpc.StatusCode.OK)
        except grpc.aio.AbortError:
            pass  # It has given the call its status.
        finally:
            call.finish(grpc.StatusCode.INTERNAL, INTERNAL_MESSAGE)  # Unless it has a status.


class Server:
    """Runs the handlers registered with it, and is the channel to them that a generated stub needs."""

    def __init__(self, pipe: type[Pipe] = Pipe) -> None:
        self._pipe, self._loop = pipe, asyncio.get_running_loop()  # Asking for it at each call is a system call.
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

    def _call(self, path: str, request: Any = None, *, timeout: float | None = None, metadata: Metadata = ()) -> Call:
        """Starts a call. Its handler runs in a fresh context: nothing of the caller's contextvars reaches it."""
        call = Call(self._loop, metadata, timeout, self._pipe)
        if self._stopped:
            call.finish(grpc.StatusCode.UNAVAILABLE, "the server has stopped")
        elif path not in self._handlers:
            call.finish(grpc.StatusCode.UNIMPLEMENTED, "Method not found!")
        elif request is None or call.fits(request):
            if request is not None:
                call.requests.put(request)
            run = ServerContext(call).run(self._handlers[path])
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
            call.finish(grpc.StatusCode.UNAVAILABLE, "the server has stopped", kill=True)
        if self._calls:
            await asyncio.wait(self._calls)
