"""HTTP/1.1 on a bound socket: an asyncio protocol over httptools that runs an ASGI application.

httptools parses; this file owns time and memory. A head has a bound, a request must arrive within a time, a reader that
lets its answer pile up is dropped, a body that nobody wants is thrown away up to a bound so that its connection lives
on, and the application hears at once that its peer is gone. A connection answers its requests one after another; those
sent ahead wait in a short queue. docs/decisions/0001-http-server.md compares this with what else there is.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import unquote

import httptools
import structlog

from edge.settings import EdgeSettings
from mesh.ids import new_id

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

HEAD_BYTES = 64 * 1024  # A larger request head is refused with 431.
BODY_AHEAD_BYTES = 256 * 1024  # Unread body beyond which the socket isn't read.
PIPELINED_REQUESTS = 8  # Unanswered requests beyond which the socket isn't read.
DISCARD_BYTES = 128 * 1024 * 1024  # Unwanted body beyond which the connection is closed.
WRITE_AHEAD_BYTES = 64 * 1024  # Unsent answer beyond which the application waits.
LINGER_SECONDS = 2.0  # A refused peer may go on sending for this long: a reset would take the answer from it.
IDLE_SECONDS = 75.0  # A connection without a request is closed after this long.

log = structlog.get_logger("edge.http")


class HttpServer:
    """Accepts connections and runs `app` for each request.

    `refusal` writes the body of an answer that the server gives by itself (400, 408, 431, 500) from status and text.
    """

    def __init__(self, app: App, settings: EdgeSettings, refusal: Callable[[int, str], bytes]) -> None:
        self.app = app
        self.settings = settings
        self.refusal = refusal
        self.connections: set[Connection] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None

    async def start(self, sock: socket.socket) -> None:
        """Serve on a bound socket; returns once it listens."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: Connection(self), sock=sock, backlog=1024)

    async def drain(self) -> None:
        """Accept nothing more and let open answers end; when cancelled, drop what is left."""
        if self._listener is not None:
            self._listener.close()
        for connection in tuple(self.connections):
            connection.finish()
        try:
            while self.tasks:
                await asyncio.wait(self.tasks)
        finally:
            for task in tuple(self.tasks):
                task.cancel()
            for connection in tuple(self.connections):
                connection.close()

    def answer(self, status: int, text: str) -> bytes:
        """A whole answer of the server's own, after which the connection closes."""
        body, request_id = self.refusal(status, text), new_id("req")
        log.info("refused", status=status, reason=text, request_id=request_id)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        headers += [(b"x-request-id", request_id.encode()), (b"connection", b"close")]
        return _head(status, headers) + body


class Connection(asyncio.Protocol):
    """One TCP connection. Its methods named on_* are httptools callbacks."""

    def __init__(self, server: HttpServer) -> None:
        self.server = server
        self.transport: asyncio.Transport
        self.writable = asyncio.Event()
        self.last = False  # No request after those that are queued.
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._queue: deque[Request] = deque()  # The first is being answered, or its body is still arriving.
        self._incoming: Request | None = None  # Whose body is arriving.
        self._in_head = False
        self._head_bytes = 0
        self._deaf = False  # What arrives is ignored.
        self._paused = False
        self._timer: asyncio.TimerHandle | None = None  # Of the request that arrives, or of idleness.
        self._stall: asyncio.TimerHandle | None = None  # Of a peer that doesn't read.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=WRITE_AHEAD_BYTES)
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.writable.set()
        self.server.connections.add(self)
        self._arm(IDLE_SECONDS, self.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self.server.connections.discard(self)
        self._deaf = True
        self._arm(None)
        self.resume_writing()
        for request in self._queue:
            request.lose()

    def pause_writing(self) -> None:
        self.writable.clear()
        self._stall = self._loop.call_later(self.server.settings.write_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        self.writable.set()
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:  # Nothing here upgrades: answer it as plain HTTP/1.1, then close.
            self._deaf = self.last = True
        except httptools.HttpParserError:
            self._refuse(400, "The request is not valid HTTP/1.1")
        else:
            self._head_bytes += len(data)
            if self._in_head and self._head_bytes > HEAD_BYTES:
                self._refuse(431, f"The request's headers are larger than {HEAD_BYTES} bytes")

    def on_message_begin(self) -> None:
        self._in_head = True
        self._head_bytes = 0
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._arm(self.server.settings.request_seconds, self._too_slow)

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # A chunked body's trailers come here too.
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self._in_head = False
        path, _, query = self._url.partition(b"?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": self._parser.get_http_version(),
            "method": self._parser.get_method().decode("ascii"),
            "scheme": "http",
            "path": unquote(path.decode("ascii", "replace")),
            "raw_path": path,
            "query_string": query,
            "headers": self._headers,
        }
        self._incoming = request = Request(self, scope, self._parser.should_keep_alive())
        self._queue.append(request)
        if len(self._queue) == 1:
            self._answer(request)
        elif len(self._queue) > PIPELINED_REQUESTS:
            self._pause_reading()

    def on_body(self, body: bytes) -> None:
        if self._incoming is not None and self._incoming.add(body) > BODY_AHEAD_BYTES:
            self._pause_reading()

    def on_message_complete(self) -> None:
        self._arm(None)
        if self._incoming is not None:
            request, self._incoming = self._incoming, None
            request.complete()

    def next_request(self) -> None:
        """Go on, if the first request is answered and has arrived whole."""
        if not (self._queue and self._queue[0].answered and self._queue[0].arrived):
            return
        done = self._queue.popleft()
        if done.last or (self.last and not self._queue):
            self.close()
        elif self._queue:
            self._answer(self._queue[0])
        elif not self._in_head:
            self._arm(IDLE_SECONDS, self.close)
        self.resume_reading()

    def finish(self) -> None:
        """Close after the answers that are due."""
        self.last = True
        if not self._queue:
            self.close()

    def close(self) -> None:
        """Send what is written, then close; a peer that doesn't read it is dropped."""
        self._deaf = True
        if self._stall is None and self.transport.get_write_buffer_size():
            self._stall = self._loop.call_later(self.server.settings.write_seconds, self.transport.abort)
        self.transport.close()

    def resume_reading(self) -> None:
        """Read the socket again, if that was paused and nothing speaks against it."""
        if self._paused and len(self._queue) <= PIPELINED_REQUESTS and not self.transport.is_closing():
            self._paused = False
            self.transport.resume_reading()

    def _pause_reading(self) -> None:
        if not self._paused:
            self._paused = True
            self.transport.pause_reading()

    def _answer(self, request: "Request") -> None:
        task = self._loop.create_task(request.run())
        self.server.tasks.add(task)
        task.add_done_callback(self.server.tasks.discard)

    def _arm(self, seconds: float | None, callback: Callable[[], None] | None = None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, callback) if seconds is not None and callback else None

    def _too_slow(self) -> None:
        self._refuse(408, f"The request did not arrive within {self.server.settings.request_seconds:g} s")

    def _refuse(self, status: int, text: str) -> None:
        """Answer what is arriving in the application's place, once what came before is answered, and close."""
        self._deaf = self.last = True
        faulty = self._incoming
        if faulty is not None:
            faulty.lose()
            if faulty.started:
                self.close()
                return
            self._queue.remove(faulty)
        if not self._queue:
            self.transport.write(self.server.answer(status, text))
            self.transport.write_eof()
            self._arm(LINGER_SECONDS, self.transport.abort)


class Request:
    """One request and its answer: ASGI's receive and send."""

    def __init__(self, connection: Connection, scope: Message, keep_alive: bool) -> None:
        self.connection = connection
        self.scope = scope
        self.arrived = False  # Its body is complete.
        self.answered = False
        self.started = False  # Some of the answer is written.
        self.gone = False  # Nobody waits for the answer.
        self.last = not keep_alive or scope["http_version"] == "1.0"
        self._continue = any(n == b"expect" and v.lower() == b"100-continue" for n, v in scope["headers"])
        self._body = bytearray()
        self._ended = False  # The end of the body was handed over.
        self._discarded = 0
        self._head: Message = {}
        self._bodiless = False
        self._chunked = False
        self._waiter: asyncio.Future[None] | None = None

    def add(self, body: bytes) -> int:
        """Take a piece of the body; returns how many bytes wait."""
        if not self.answered:
            self._body += body
            self._wake()
            return len(self._body)
        self._discarded += len(body)
        if self._discarded > DISCARD_BYTES:
            self.connection.close()
        return 0

    def complete(self) -> None:
        """The body has arrived."""
        self.arrived = True
        self._wake()
        self.connection.next_request()

    def lose(self) -> None:
        """The peer is gone, or what it sends makes no sense."""
        self.gone = True
        self._wake()

    async def run(self) -> None:
        """Run the application; whatever it does, the peer gets an answer or a closed connection."""
        try:
            await self.connection.server.app(self.scope, self.receive, self.send)
        except Exception:
            log.exception("application failed")
        if self.answered or self.gone:
            return
        if not self.started:
            self.connection.transport.write(self.connection.server.answer(500, "The server failed"))
        self.connection.close()  # A streamed answer that breaks off has no last chunk.

    async def receive(self) -> Message:
        """The next piece of the body, or http.disconnect once the peer is gone. Safe to cancel."""
        if self._continue and not self.arrived:
            self._continue = False
            self.connection.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        while not (self.gone or self.answered or self._body or (self.arrived and not self._ended)):
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        if self.gone or self.answered:
            return {"type": "http.disconnect"}
        body = bytes(self._body)
        self._body.clear()
        self._ended = self.arrived
        self.connection.resume_reading()
        return {"type": "http.request", "body": body, "more_body": not self.arrived}

    async def send(self, message: Message) -> None:
        """Write the head, or a piece of the body; returns when the peer keeps up. Does nothing once it is gone."""
        if self.gone:
            return
        if message["type"] == "http.response.start":
            self._head = message
            return
        data: bytes = b"" if self.started else self._start()
        body: bytes = message.get("body", b"")
        more: bool = message.get("more_body", False)
        if self._chunked:
            if body:
                data += b"%x\r\n%b\r\n" % (len(body), body)
            if not more:
                data += b"0\r\n\r\n"
        elif not self._bodiless:
            data += body
        self.connection.transport.write(data)
        if not more:
            self.answered = True
            self._wake()
            self.connection.next_request()
            self.connection.resume_reading()
        elif not self.connection.writable.is_set():
            await self.connection.writable.wait()

    def _start(self) -> bytes:
        """The head. It is sent with the first piece of the body."""
        self.started = True
        status, headers = self._head["status"], [*self._head["headers"]]
        sized = any(name == b"content-length" for name, _ in headers)
        self._bodiless = self.scope["method"] == "HEAD" or status in (204, 304)
        self._chunked = not (sized or self._bodiless or self.scope["http_version"] == "1.0")
        if self._chunked:
            headers.append((b"transfer-encoding", b"chunked"))
        # A peer that still waits to be asked for its body may send it now, or never.
        self.last = self.last or self.connection.last or (self._continue and not self.arrived)
        if self.last:
            headers.append((b"connection", b"close"))
        return _head(status, headers)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _head(status: int, headers: list[tuple[bytes, bytes]]) -> bytes:
    """An answer's head, as it goes over the wire."""
    line = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ndate: {formatdate(usegmt=True)}\r\n"
    return line.encode("ascii") + b"".join(b"%b: %b\r\n" % header for header in headers) + b"\r\n"
