"""gRPC without sockets: a channel and a server that join generated stubs and servicers within one process.

A stream is a task that runs the handler, and one bounded pipe each way; a unary call runs its handler where it is
awaited. Messages are handed over, not copied: once written they are frozen for both sides. What a caller or a handler
can see (status, details, deadline, cancellation, metadata, half-close, backpressure, size limit) behaves as with
grpc.aio; tests/service/test_placement.py proves it. There are no initial metadata, done callbacks, or iteration over a
stream: the mesh reads and writes. A unary call that nobody awaits never begins.
"""

import asyncio
import contextvars
import functools
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Generator, Iterable, Sequence
from typing import Any, NoReturn, TypeVar

import grpc.aio
from google.protobuf.message import Message

from mesh.faults import INTERNAL_MESSAGE
from mesh.streams import EOF, Listener, Pipe

MAX_MESSAGE_BYTES = 32 * 2**20

T = TypeVar("T")
Metadata = Sequence[tuple[str, str | bytes]]
_Status = tuple[grpc.StatusCode, str, Metadata]  # With its details and trailing metadata.
_EXPIRED = (grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded", (), True)


class _Call(ABC):
    """What streams and unary calls have in common."""

    __slots__ = ("_locally_cancelled", "loop", "metadata")

    def __init__(self, loop: asyncio.AbstractEventLoop, metadata: Metadata) -> None:
        self.loop, self.metadata, self._locally_cancelled = loop, metadata, False

    @abstractmethod
    def finish(self, status: grpc.StatusCode, details: str = "", trailing: Metadata = (), kill: bool = False) -> bool:
        """The call ends; `kill`: what lies in its pipes is lost, its handler cancelled. False when it had ended."""

    def fits(self, message: Message) -> bool:
        """Whether a message is small enough; one that isn't ends the call."""
        if (size := message.ByteSize()) > MAX_MESSAGE_BYTES:
            details = f"message larger than max ({size} vs. {MAX_MESSAGE_BYTES})"
            self.finish(grpc.StatusCode.RESOURCE_EXHAUSTED, details, kill=True)
        return size <= MAX_MESSAGE_BYTES

    async def abort(self, code: grpc.StatusCode, details: str = "", trailing_metadata: Metadata = ()) -> NoReturn:
        """Ends the call with this status. Always raises AbortError."""
        self.finish(code, details, trailing_metadata)
        raise grpc.aio.AbortError("Locally aborted.")

    def invocation_metadata(self) -> Metadata:
        return self.metadata

    def raise_for(self, status: _Status) -> None:
        """Raises what a caller gets in place of an answer, unless the status is OK."""
        code, details, trailing = status
        if self._locally_cancelled:
            raise asyncio.CancelledError
        if code is not grpc.StatusCode.OK:
            raise grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(*trailing), details=details)


class Call(_Call):
    """What both ends of a stream share, and its caller's end: read it to its end, or cancel it."""

    __slots__ = ("_status", "_timer", "outgoing", "requests", "responses", "task")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, metadata: Metadata, timeout: float | None, pipe: type[Pipe]
    ) -> None:
        super().__init__(loop, metadata)
        self.requests, self.responses = pipe(loop), pipe(loop)
        self.outgoing = self.requests
        self.task: asyncio.Task[None] | None = None  # Runs the handler.
        self._status: asyncio.Future[_Status] = loop.create_future()
        self._timer = None if timeout is None else loop.call_later(max(timeout, 0), self.finish, *_EXPIRED)

    def finish(self, status: grpc.StatusCode, details: str = "", trailing: Metadata = (), kill: bool = False) -> bool:
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

    def done(self) -> bool:
        return self._status.done()

    def time_remaining(self) -> float | None:
        """Seconds to the deadline, None without one."""
        return None if self._timer is None else max(self._timer.when() - self.loop.time(), 0.0)

    async def code(self) -> grpc.StatusCode:
        return (await asyncio.shield(self._status))[0]

    async def details(self) -> str:
        return (await asyncio.shield(self._status))[1]

    async def waiting(self, operation: Awaitable[T]) -> T:
        """As with grpc.aio, cancelling a pending read or write cancels the call."""
        try:
            return await operation
        except asyncio.CancelledError:
            self.cancel()
            raise

    async def read(self) -> Any:
        """The next response, or EOF after a good end. Raises AioRpcError after a bad, CancelledError after cancel()."""
        message = await self.waiting(self.responses.read())
        if message is EOF:
            self.raise_for(self._status.result())
        return message

    async def listen(self, listener: Listener) -> None:
        """Gives each response to `listener` until a good end; otherwise as `read`."""
        try:
            await self.responses.listen(listener)
        except asyncio.CancelledError:
            self.cancel()
            raise
        self.raise_for(self._status.result())

    async def write(self, request: Message) -> None:
        """Hands a request over, waiting for room. Raises InvalidStateError once the call or its sending has ended."""
        if self.requests.ended:
            raise asyncio.InvalidStateError("the call has ended, or done_writing() was called")
        await self.waiting(self.requests.room())
        if not self.fits(request) or self.done():
            self.raise_for(self._status.result())
        self.requests.put(request)

    async def done_writing(self) -> None:
        """No more requests follow; the handler reads EOF. Idempotent."""
        self.requests.end()


class ServerContext:
    """A stream's handler's end, as grpc.aio's ServicerContext is."""

    __slots__ = ("_call", "outgoing")
    read = property(lambda self: self._call.requests.read)  # As methods here they would be one step more,
    listen = property(lambda self: self._call.requests.listen)  # kept bound they would be objects more for each call.
    time_remaining, done = property(lambda self: self._call.time_remaining), property(lambda self: self._call.done)
    abort = property(lambda self: self._call.abort)
    invocation_metadata = property(lambda self: self._call.invocation_metadata)

    def __init__(self, call: Call) -> None:
        self._call, self.outgoing = call, call.responses

    async def write(self, response: Message) -> None:
        """Hands a response over, waiting for room. Raises InvalidStateError once the call has ended."""
        await self.outgoing.room()
        if not self._call.fits(response) or self.done():
            raise asyncio.InvalidStateError("the call has ended")
        self.outgoing.put(response)

    async def run(self, handler: Any) -> None:
        """Runs the handler to its end; the call has a status afterwards, whatever the handler does."""
        call = self._call
        try:
            await handler.stream_stream(None, self)
            call.finish(grpc.StatusCode.OK)
        except grpc.aio.AbortError:
            pass  # It has given the call its status.
        finally:
            call.finish(grpc.StatusCode.INTERNAL, INTERNAL_MESSAGE)  # Unless it has a status.


class UnaryCall(_Call):
    """Both ends of a unary call. Whoever awaits it takes its handler's steps, in a context of the handler's own.

    So there is no task and no pipe, and while the handler waits for nothing no timer. A unary handler mustn't let the
    child of a TaskGroup fail: before Python 3.13 that can leave a task cancelled for good, and here it is the caller's.
    """

    __slots__ = ("_calls", "_cancelling", "_deadline", "_ended", "_handler", "_interrupted", "_request", "_response",
        "_status", "_task", "_timer")  # fmt: skip

    def __init__(self, server: "Server", handler: Any, request: Message, timeout: float | None, metadata: Metadata):
        super().__init__(server.loop, metadata)
        self._handler, self._request, self._response, self._calls = handler, request, None, server.calls
        self._status: _Status | None = None
        self._task: asyncio.Task[Any] | None = None  # Of whoever awaits it, while the handler waits for something.
        self._timer: asyncio.TimerHandle | None = None
        self._interrupted = False
        self._deadline = None if timeout is None else self.loop.time() + timeout
        if timeout is not None and timeout <= 0:
            self.finish(*_EXPIRED)

    def finish(self, status: grpc.StatusCode, details: str = "", trailing: Metadata = (), kill: bool = False) -> bool:
        if self._status is not None:
            return False
        self._status = status, details, trailing
        if kill and self._task is not None:
            self._interrupted = self._task.cancel()
        return True

    def done(self) -> bool:
        return self._status is not None

    def time_remaining(self) -> float | None:
        """Seconds to the deadline, None without one."""
        return None if self._deadline is None else max(self._deadline - self.loop.time(), 0.0)

    async def code(self) -> grpc.StatusCode:
        """How it ended, for those who have awaited it."""
        assert self._status is not None
        return self._status[0]

    def __await__(self) -> Generator[Any, None, Any]:
        if self._status is None:
            try:
                response = yield from self._handled()
                if self.fits(response) and self.finish(grpc.StatusCode.OK):
                    self._response = response
            except grpc.aio.AbortError:
                pass  # The handler has given the call its status.
            finally:
                self.finish(grpc.StatusCode.INTERNAL, INTERNAL_MESSAGE)  # Unless it has a status.
        assert self._status is not None
        self.raise_for(self._status)
        return self._response

    def _handled(self) -> Generator[Any, None, Any]:
        run, context = self._handler(self._request, self), contextvars.Context()
        step, given = run.send, None
        try:
            while True:
                awaited = context.run(step, given)
                if self._task is None:
                    self._wait()
                try:
                    step, given = run.send, (yield awaited)
                except BaseException as error:
                    step, given = run.throw, error
        except StopIteration as end:
            return end.value
        finally:
            self._waited()

    def _wait(self) -> None:
        """From now on the call can be interrupted: by its deadline, and by the server's end."""
        self._task = task = asyncio.current_task(self.loop)
        assert task is not None
        self._cancelling, self._ended = task.cancelling(), self.loop.create_future()
        self._calls[self._ended] = self
        if self._deadline is not None:
            self._timer = self.loop.call_later(self._deadline - self.loop.time(), self.finish, *_EXPIRED)

    def _waited(self) -> None:
        task, self._task = self._task, None
        if task is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        if self._interrupted:
            task.uncancel()
        self._locally_cancelled = task.cancelling() > self._cancelling
        self._ended.set_result(None)
        del self._calls[self._ended]


class Server:
    """Runs the handlers registered with it, and is the channel to them that a generated stub needs."""

    def __init__(self, pipe: type[Pipe] = Pipe) -> None:
        self._pipe, self.loop = pipe, asyncio.get_running_loop()  # Asking for it at each call is a system call.
        self._stopped = False
        self._handlers: dict[str, Any] = {}
        self.calls: dict[asyncio.Future[None], _Call] = {}  # Those that run, by what ends with them.

    def add_generic_rpc_handlers(self, handlers: Iterable[Any]) -> None:
        """Generated code registers each handler twice; the other way is enough."""

    def add_registered_method_handlers(self, service: str, handlers: dict[str, Any]) -> None:
        """What add_XServicer_to_server calls."""
        self._handlers.update({f"/{service}/{name}": handler for name, handler in handlers.items()})

    def unary_unary(self, method: str, *_: Any, **__: Any) -> Callable[..., UnaryCall]:
        return functools.partial(self._unary, method)

    def stream_stream(self, method: str, *_: Any, **__: Any) -> Callable[..., Call]:
        return functools.partial(self._stream, method)

    def _unary(
        self, path: str, request: Message, *, timeout: float | None = None, metadata: Metadata = ()
    ) -> UnaryCall:
        """A call that begins when it is awaited. Nothing of the caller's contextvars reaches the handler."""
        handler = self._handlers.get(path)
        call = UnaryCall(self, handler and handler.unary_unary, request, timeout, metadata)
        if self._runs(call, handler):
            call.fits(request)
        return call

    def _stream(self, path: str, *, timeout: float | None = None, metadata: Metadata = ()) -> Call:
        """Starts a call. Nothing of the caller's contextvars reaches the handler."""
        call = Call(self.loop, metadata, timeout, self._pipe)
        if self._runs(call, handler := self._handlers.get(path)):
            call.task = self.loop.create_task(ServerContext(call).run(handler), context=contextvars.Context())
            self.calls[call.task] = call
            call.task.add_done_callback(self.calls.pop)
        return call

    def _runs(self, call: _Call, handler: Any) -> bool:
        """Whether there is somebody to serve a call; else it ends."""
        if self._stopped:
            call.finish(grpc.StatusCode.UNAVAILABLE, "the server has stopped")
        elif handler is None:
            call.finish(grpc.StatusCode.UNIMPLEMENTED, "Method not found!")
        return not self._stopped and handler is not None

    async def stop(self, grace: float | None) -> None:
        """Refuses new calls, waits `grace` seconds for live ones, then ends those with UNAVAILABLE."""
        self._stopped = True
        if self.calls and grace:
            await asyncio.wait(self.calls, timeout=grace)
        for call in list(self.calls.values()):
            call.finish(grpc.StatusCode.UNAVAILABLE, "the server has stopped", kill=True)
        if self.calls:
            await asyncio.wait(self.calls)
