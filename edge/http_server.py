"""HTTP/1.1 on an inherited socket: an asyncio protocol over httptools that runs an ASGI application.

httptools parses; this file owns time and memory. A request head has a bound, a request has to arrive within a time, a
reader that lets its answer pile up is dropped, a body that nobody wants is read and thrown away up to a bound so that
its connection lives on, and a peer that goes is told to the application at once. docs/decisions/0001-http-server.md has
the measurements. A connection answers its requests one after another; those sent ahead wait in a short queue.
"""

import asyncio
import contextlib
import socket
import time
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import unquote

import httptools
import structlog

from edge.settings import EdgeSettings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

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
        self.closing = False
        self._listener: asyncio.Server | None = None
        self._date = (0, b"")

    async def start(self, sock: socket.socket) -> None:
        """Serve on a bound socket; returns once it listens."""
        self._listener = await asyncio.get_running_loop().create_server(
            lambda: Connection(self), sock=sock, backlog=1024
        )

    async def drain(self) -> None:
        """Accept nothing more and let open answers end; when cancelled, drop what is left."""
        self.closing = True
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
                connection.drop() if connection.busy() else connection.close()

    def date(self) -> bytes:
        """The Date header's value, made once a second."""
        now = int(time.time())
        if self._date[0] != now:
            self._date = (now, formatdate(now, usegmt=True).encode())
        return self._date[1]


class Connection(asyncio.Protocol):
    """One TCP connection. Its methods named on_* are httptools callbacks."""

    def __init__(self, server: HttpServer) -> None:
        self.server = server
        self.transport: asyncio.Transport
        self.writable = asyncio.Event()
        self.writable.set()
        self.last = False  # The queue's last request is the connection's last.
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._queue: deque[Request] = deque()
        self._incoming: Request | None = None  # Whose body is arriving.
        self._head_bytes = 0
        self._in_head = False
        self._deaf = False  # What arrives is ignored.
        self._paused = False
        self._timer: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None

    # The transport's callbacks.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=WRITE_AHEAD_BYTES)
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.connections.add(self)
        self._arm(IDLE_SECONDS, self.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self.server.connections.discard(self)
        self._deaf = True
        self._arm(None)
        if self._stall is not None:
            self._stall.cancel()
        self.writable.set()
        for request in self._queue:
            request.lose()

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:  # Nothing here upgrades: answer it as plain HTTP/1.1, then close.
            self._deaf = self.last = True
            return
        except httptools.HttpParserError:
            self._refuse(400, "The request is not valid HTTP/1.1")
            return
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._refuse(431, f"The request's headers are larger than {HEAD_BYTES} bytes")

    def pause_writing(self) -> None:
        self.writable.clear()
        if self._stall is None:
            self._stall = self._loop.call_later(self.server.settings.write_seconds, self.drop)

    def resume_writing(self) -> None:
        self.writable.set()
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    # The parser's callbacks.

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
            "root_path": "",
            "headers": self._headers,
            "client": self.transport.get_extra_info("peername"),
            "server": self.transport.get_extra_info("sockname"),
        }
        self._incoming = request = Request(self, scope, self._parser.should_keep_alive())
        self._queue.append(request)
        if len(self._queue) == 1:
            self._answer(request)
        elif len(self._queue) > PIPELINED_REQUESTS:
            self._pause_reading()

    def on_body(self, body: bytes) -> None:
        assert self._incoming is not None
        if self._incoming.add(body) > BODY_AHEAD_BYTES:
            self._pause_reading()

    def on_message_complete(self) -> None:
        self._arm(None)
        request, self._incoming = self._incoming, None
        if request is not None:
            request.complete()

    # What requests and the server call.

    def next_request(self) -> None:
        """Go on when the front request is answered and has arrived whole."""
        while self._queue and self._queue[0].answered and self._queue[0].arrived:
            done = self._queue.popleft()
            if done.last or self.server.closing or (self.last and not self._queue):
                self.close()
                return
            if self._queue:
                self._answer(self._queue[0])
                return
            if not self._in_head:
                self._arm(IDLE_SECONDS, self.close)
        self.resume_reading()

    def busy(self) -> bool:
        """Whether an answer is due."""
        return bool(self._queue)

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

    def drop(self) -> None:
        """Close at once, whatever is unsent."""
        self._deaf = True
        self.transport.abort()

    def resume_reading(self) -> None:
        """Read the socket again, if that was paused."""
        if self._paused and not self.transport.is_closing():
            self._paused = False
            self.transport.resume_reading()

    # Private.

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
        """Answer the request that is arriving in the application's place, and close."""
        self._deaf = self.last = True
        faulty = self._incoming
        if self._queue and (self._queue[0] is not faulty or self._queue[0].started):
            if faulty is None or not faulty.answered:
                if faulty is not None:
                    faulty.lose()
                return  # The answers before it are sent; then the connection closes.
            self.close()
            return
        log.info("refused", status=status, reason=text)
        body = self.server.refusal(status, text)
        head = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"connection", b"close"),
        ]
        self.transport.write(response_head(status, head, self.server.date()) + body)
        if faulty is not None:
            faulty.lose()
        self.transport.write_eof()
        self._arm(LINGER_SECONDS, self.drop)


class Request:
    """One request and its answer: ASGI's receive and send."""

    def __init__(self, connection: Connection, scope: dict[str, Any], keep_alive: bool) -> None:
        self.connection = connection
        self.scope = scope
        self.arrived = False  # Its body is complete.
        self.answered = False
        self.started = False  # Some of the answer is written.
        self.gone = False  # The peer is.
        self.last = not keep_alive or scope["http_version"] == "1.0"
        self._continue = any(name == b"expect" and value.lower() == b"100-continue" for name, value in scope["headers"])
        self._body = bytearray()
        self._ended = False  # The end of the body was handed over.
        self._discarded = 0
        self._head: Message | None = None
        self._chunked = False
        self._bodiless = False
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
        if self.answered:
            self.connection.next_request()

    def lose(self) -> None:
        """The peer is gone, or what it sends makes no sense."""
        self.gone = True
        self._wake()

    async def run(self) -> None:
        """Run the application; whatever it does, the peer gets an answer or a closed connection."""
        try:
            await self.connection.server.app(self.scope, self.receive, self.send)
            if not self.answered and not self.gone:
                raise RuntimeError("the application did not finish its answer")
        except Exception:
            log.exception("application failed")
            if not self.started and not self.gone:
                body = self.connection.server.refusal(500, "The server had an error while processing the request")
                headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
                await self.send({"type": "http.response.start", "status": 500, "headers": headers})
                await self.send({"type": "http.response.body", "body": body})
            else:
                self.connection.drop()

    async def receive(self) -> Message:
        """The next piece of the body, or http.disconnect once the peer is gone. Safe to cancel."""
        if self._continue and not self.arrived and not self.started:
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
        body: bytes = message.get("body", b"")
        more: bool = message.get("more_body", False)
        if not self.started:
            body = self._start(body, more)
        elif self._chunked:
            if body:
                body = b"%x\r\n%b\r\n" % (len(body), body)
            if not more:
                body += b"0\r\n\r\n"
        elif self._bodiless:
            body = b""
        self.connection.transport.write(body)
        if not more:
            self.answered = True
            self._body.clear()
            self._wake()
            self.connection.resume_reading()
            self.connection.next_request()
        elif not self.connection.writable.is_set():
            await self.connection.writable.wait()

    def _start(self, body: bytes, more: bool) -> bytes:
        """The head, with the first piece of the body."""
        assert self._head is not None
        self.started = True
        headers = [*self._head["headers"]]
        sized = any(name == b"content-length" for name, _ in headers)
        self._bodiless = self.scope["method"] == "HEAD" or self._head["status"] in (204, 304)
        self._chunked = not (sized or self._bodiless or self.scope["http_version"] == "1.0")
        if self._chunked:
            headers.append((b"transfer-encoding", b"chunked"))
        if self._continue and not self.arrived:  # The peer may never send its body, or send it at once: start afresh.
            self.last = True
        if self.last or self.connection.last or self.connection.server.closing:
            self.last = True
            headers.append((b"connection", b"close"))
        head = response_head(self._head["status"], headers, self.connection.server.date())
        if self._bodiless:
            return head
        if self._chunked:
            body = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            body += b"" if more else b"0\r\n\r\n"
        return head + body

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def response_head(status: int, headers: list[tuple[bytes, bytes]], date: bytes) -> bytes:
    """A response's head, as it goes over the wire."""
    phrase = ""
    with contextlib.suppress(ValueError):
        phrase = HTTPStatus(status).phrase
    lines = [b"HTTP/1.1 %d %b\r\ndate: %b\r\n" % (status, phrase.encode(), date)]
    lines += [b"%b: %b\r\n" % header for header in headers]
    lines.append(b"\r\n")
    return b"".join(lines)
