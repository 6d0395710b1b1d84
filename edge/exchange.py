"""One HTTP request and its answer, over ASGI's receive and send."""

import contextlib
import math
import re
from collections.abc import Awaitable, Iterable
from typing import Any
from urllib.parse import parse_qsl

from edge.errors import ClientGone, HttpError
from mesh.ids import new_id

CONNECTION = "tokenloom.connection"  # Of the ASGI scope: the http_server.Connection that a request came on.
Headers = Iterable[tuple[str, str]]
TICKS = 4  # In which a silence is measured.
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


class Exchange:
    """What handlers see of a request, and how they answer it."""

    def __init__(self, scope: Any, receive: Any, send: Any, max_body_bytes: int) -> None:
        self.method, self.path = str(scope["method"]), str(scope["path"])
        self.names: dict[str, str] = {}  # What the path says: `id` of /chat/{id}.
        query = scope["query_string"].decode("latin-1")
        self.query = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
        self.headers: dict[str, str] = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        given = self.headers.get("x-request-id", "")
        self.request_id = given if _SANE_ID.fullmatch(given) else new_id("req")
        self.extra = [("x-request-id", self.request_id), ("x-content-type-options", "nosniff")]  # Of any answer.
        self.notes: dict[str, Any] = {}  # For the access log: ids and counts, never what people write.
        self.status, self._silent = 0, -math.inf  # Ticks since a piece of a stream went; -inf while none streams.
        self._old = scope["http_version"] == "1.0"
        self._receive, self._send, self._max_body_bytes = receive, send, max_body_bytes
        self.connection: Any = scope["extensions"][CONNECTION]

    async def body(self) -> bytes:
        """The request's body. Raises a 413 when it is too large, after the whole of it: few clients read before."""
        body, more = bytearray(), True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            body += message["body"]
            del body[self._max_body_bytes + 1 :]  # No more is kept than shows that it is too large.
            more = message["more_body"]
        if len(body) > self._max_body_bytes:
            text = f"messages: the body is limited to {self._max_body_bytes} bytes"
            raise HttpError(413, "request_too_large", text, param="messages")
        return bytes(body)

    def tick(self) -> None:
        """One of the TICKS of the longest silence is over. After all a comment is sent, unless the reader is behind."""
        self._silent += 1
        if self._silent > TICKS and not (self.connection.running.disconnected or self.connection.flow.write_paused):
            self.write(b": keep-alive\n\n")

    def write(self, data: bytes) -> Awaitable[None] | None:
        """Send a piece of a stream, begun by the first; returns what to await before more. Raises a 505, ClientGone."""
        if not self.status:
            return self._begin(data)
        self._silent = 0
        connection = self.connection
        if connection.running.disconnected:
            raise ClientGone
        connection.transport.write(b"%x\r\n%b\r\n" % (len(data), data))
        return connection.flow.drain() if connection.flow.write_paused else None

    async def finish(self, data: bytes) -> None:
        """Send the last piece."""
        self._silent = -math.inf
        await self._send({"type": "http.response.body", "body": data, "more_body": False})

    async def respond(self, status: int, body: bytes, kind: str = "application/json", headers: Headers = ()) -> None:
        """Answer in one piece."""
        size = (("content-length", str(len(body))),) if status not in (204, 304) else ()
        await self._start(status, kind, (*size, *headers))
        await self.finish(body)

    async def fail(self, error: HttpError, last: bytes = b"") -> None:
        """Answer with an error; a stream that has begun ends with `last` instead."""
        self.notes["error"] = error.code
        headers = error.headers.items()
        await (self.finish(last) if self.status else self.respond(error.status, error.body(), headers=headers))

    def _begin(self, data: bytes) -> Awaitable[None] | None:
        if self._old:
            raise HttpError(505, "http_version_not_supported", "HTTP/1.0 can't stream: use HTTP/1.1", param="stream")
        self._silent = 0
        head = self._start(200, "text/event-stream; charset=utf-8", (("cache-control", "no-cache"),))
        if self.connection.flow.write_paused:  # By an answer before.
            return self._begin_late(head, data)
        with contextlib.suppress(StopIteration):
            head.send(None)  # It waits for nothing else.
        return self.write(data) if data else None  # An empty chunk would be the last.

    async def _begin_late(self, head: Awaitable[None], data: bytes) -> None:
        await head
        if data and (wait := self.write(data)) is not None:
            await wait

    async def _start(self, status: int, kind: str, headers: Headers) -> None:
        lines = [("content-type", kind), *self.extra, *headers]
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in lines]
        self.status = status
        await self._send({"type": "http.response.start", "status": status, "headers": encoded})
