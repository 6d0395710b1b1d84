"""HTTP/1.1 by uvicorn over httptools, with the bounds that it lacks (docs/decisions/0001-http-server.md)."""

import asyncio
import socket
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import structlog
import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from edge.errors import HttpError
from edge.exchange import CONNECTION
from edge.settings import EdgeSettings
from mesh.ids import new_id

HEAD_BYTES = 64 * 1024  # A larger request head is refused with 431.
LATE_BYTES = 16 * 1024  # More isn't gathered for a write.
LINGER_SECONDS = 2.0  # A refused peer may go on sending for this long: a reset would take the answer from it.
IDLE_SECONDS = 75  # A connection without a request is closed after this long.

log = structlog.get_logger("edge.http")


class HttpServer(uvicorn.Server):
    """Serves an ASGI application on a bound socket until it is drained."""

    def __init__(self, app: Callable[..., Any], settings: EdgeSettings) -> None:
        self._write_ms = int(settings.write_seconds * 1000)
        http: Any = partial(Connection, request_seconds=settings.request_seconds, late=[])
        logs: dict[str, Any] = {"log_config": None, "log_level": "error", "access_log": False}  # We have our own.
        off: dict[str, Any] = {"lifespan": "off", "ws": "none", "proxy_headers": False, "server_header": False}
        super().__init__(uvicorn.Config(app, http=http, timeout_keep_alive=IDLE_SECONDS, **logs, **off))

    def start(self, sock: socket.socket, tasks: asyncio.TaskGroup) -> None:
        """Serve in the background. The connections inherit the socket's options."""
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, self._write_ms)  # Who doesn't read is dropped.
        self._serving = tasks.create_task(self._serve([sock]))  # As `serve`, but signals are the process's matter.

    async def drain(self) -> None:
        """Accept nothing more and let open answers end; when cancelled, drop what is left."""
        self.should_exit = True
        try:
            await asyncio.wait([self._serving])
        finally:
            for connection in tuple(self.server_state.connections):
                connection.transport.abort()


class Connection(HttpToolsProtocol):
    """One TCP connection. The relay sets its limit, the exchange writes by it; all else is for asyncio and uvicorn."""

    __slots__ = ("_deaf", "_head_bytes", "_late", "_request_seconds", "_timer", "limit", "running")

    def __init__(self, *args: Any, request_seconds: float, late: "list[LateTransport]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request_seconds = request_seconds
        self.limit: asyncio.Timeout | None = None  # Runs out when the peer goes, if it hasn't.
        self._late = late
        self.running: RequestResponseCycle | None = None  # What is being answered; `cycle` is the latest to arrive.
        self._head_bytes: int | None = None  # What came of a head that isn't complete.
        self._deaf = False  # What arrives is ignored.
        self._timer: asyncio.TimerHandle | None = None  # Of the request that arrives, or of idleness.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # As uvicorn has it.
        super().connection_made(transport)
        self.transport = cast(asyncio.Transport, LateTransport(transport, self.loop, self._late))
        self._arm(IDLE_SECONDS, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._arm(None)
        if self.running is not None:  # uvicorn tells only the latest to arrive.
            self.running.disconnected = True
            self.running.message_event.set()
        if self.limit is not None and not self.limit.expired():
            self.limit.reschedule(0.0)

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        super().data_received(data)
        if self._head_bytes is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._refuse(431, f"The request's headers are larger than {HEAD_BYTES} bytes")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = 0
        too_slow = f"The request did not arrive within {self._request_seconds:g} s"
        self._arm(self._request_seconds, self._refuse, 408, too_slow)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._head_bytes, self.headers = None, []  # A chunked body's trailers aren't headers.

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.cycle.more_body = False
        self._arm(IDLE_SECONDS if self.cycle.response_complete else None, self.transport.close)

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "The request is not valid HTTP/1.1")

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self.running = cycle
        cast(dict[str, Any], cycle.scope)["extensions"] = {CONNECTION: self}
        super()._start_asgi_task(cycle, app)

    def _refuse(self, status: int, text: str) -> None:
        """Answers what is arriving in the application's place, once what came before is answered, and closes."""
        if self._deaf:
            return
        self._deaf = True
        running = self.running
        if running is not None and running.more_body:  # Its own body is at fault.
            running.disconnected = True
            running.message_event.set()
            if running.response_started:
                self.transport.close()
                return
        elif running is not None and not running.response_complete:
            running.keep_alive = False
            self.pipeline.clear()
            return
        body, request_id = HttpError(status, "invalid_request", text).body(), new_id("req")
        log.info("refused", status=status, reason=text, request_id=request_id)
        about = b"content-type: application/json\r\ncontent-length: %d\r\nx-request-id: %b\r\nconnection: close\r\n\r\n"
        date = b"".join(b"%b: %b\r\n" % header for header in self.server_state.default_headers)
        self.transport.write(STATUS_LINE[status] + date + about % (len(body), request_id.encode()) + body)
        self.transport.write_eof()
        self._arm(LINGER_SECONDS, self.transport.abort)

    def _arm(self, seconds: float | None, *call: Any) -> None:
        """Sets the timer anew, or off: then `call`, a function and its arguments, is made."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, *call) if seconds is not None else None


class LateTransport:
    """A transport that writes once the loop has done what it is at: a peer with many connections is woken once for all.

    An answer's head, its first chunk and its last are one write then, if they come together.
    """

    __slots__ = ("_all", "_data", "_loop", "_transport")

    def __init__(
        self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, late: "list[LateTransport]"
    ) -> None:
        """`late` are all that have something to write."""
        self._transport, self._loop, self._all, self._data = transport, loop, late, b""

    def write(self, data: bytes) -> None:
        if not self._data:
            if not self._all:
                self._loop.call_soon(_flush, self._all)
            self._all.append(self)
        self._data += data
        if len(self._data) > LATE_BYTES:
            self.flush()

    def flush(self) -> None:
        data, self._data = self._data, b""
        if data and not self._transport.is_closing():
            self._transport.write(data)

    def write_eof(self) -> None:
        self.flush()
        self._transport.write_eof()

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def get_extra_info(self, name: str) -> Any:
        return self._transport.get_extra_info(name)


def _flush(late: list[LateTransport]) -> None:
    for transport in late:
        transport.flush()
    late.clear()
