"""Calls of one method over a few HTTP/2 connections, without a task, a queue or a copy for a message.

A call goes to the first connection that has room by the peer's SETTINGS_MAX_CONCURRENT_STREAMS: few busy connections
cost less than many idle ones. When none has, it waits, and another connection is dialled while there may be more.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

import grpc
import structlog

from lean_grpc.core import Connection, End, Events, Stream

_DIAL_SECONDS: Final = 5.0  # to connect, shake hands and hear the peer's SETTINGS
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5  # seconds between two dials, doubled each time as long as no call was opened
_CONNECTIONS: Final = 4  # that may take calls at a time; those that only finish what is open aren't counted
_MAX_WAITING_BYTES: Final = 64 << 20  # of requests that wait for room on a connection; beyond, calls are refused
_SOON, _REST = 0.0002, 0.001  # seconds: once _RUSH reads in a row waited for data less than the one,
_RUSH: Final = 4  # each rests for the other: alone, nothing waits; under load a read is of many messages,
_CROWD, _LONG_REST = 8, 0.003  # and from so many streams' on it rests longer

# Ends that are the client's own.
GONE: Final = End(grpc.StatusCode.UNAVAILABLE, "the server isn't there")
FULL: Final = End(grpc.StatusCode.RESOURCE_EXHAUSTED, "too many calls wait")
BROKEN: Final = End(grpc.StatusCode.INTERNAL, "the receiver failed")

Take: TypeAlias = Callable[[list[bytes]], None]
Closed: TypeAlias = Callable[[End], None]

_log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False, kw_only=True)
class _Call(Stream):
    pool: Client
    take: Take | None  # None once it is over
    closed: Closed
    link: _Link | None = None  # once open

    def cancel(self) -> None:
        self.take = None
        self.pool.waiting.pop(self, None)
        if self.link is not None:
            self.link.core.cancel(self)
            self.link.act()  # now

    def finish(self, end: End) -> None:
        """Tells the caller about the end, unless it heard of it or cancelled."""
        if self.take is not None:
            self.take = None
            self.closed(end)


class _Link(asyncio.Protocol):
    """One connection: moves bytes between a socket and a core, and events to their calls."""

    transport: asyncio.Transport

    def __init__(self, pool: Client) -> None:
        self.core = Connection[_Call](pool.address, pool.path, scheme="https" if pool.tls else "http")
        self.settled = asyncio.Event()  # or lost before it was
        self._pool, self._loop = pool, asyncio.get_running_loop()
        self._silences = 0  # intervals of the keepalive in which nothing came
        self._listening, self._rush = 0.0, 0  # since when data is waited for; reads in a row that found it soon

    def act(self) -> None:
        """Writes what there is to write, and makes the best of it that streams may have ended, or a GOAWAY come."""
        self.flush()
        if self.core.draining and not self.core.streams:
            self.transport.close()
        self._pool.pump()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._pool.links[self] = None
        self.flush()
        if (seconds := self._pool.keepalive_seconds) is not None:
            self._loop.call_later(seconds, self._keep_alive, seconds)

    def data_received(self, data: bytes) -> None:
        self._silences = 0
        self._rush = self._rush + 1 if time.perf_counter() - self._listening < _SOON else 0
        events = self.core.receive(data)
        if self._rush >= _RUSH:
            self.transport.pause_reading()
            self._loop.call_later(_REST if len(events) < _CROWD else _LONG_REST, self._listen)
        self._deliver(events)
        if self.core.settled:
            self.settled.set()
        self.act()
        self._listening = time.perf_counter()

    def _listen(self) -> None:
        if not self.transport.is_closing():
            self._listening = time.perf_counter()
            self.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        if ends := self.core.lose("connection lost"):
            _log.warning("connection_lost", streams=len(ends), detail=str(exc or "closed by the peer"))
        self._deliver(ends)
        self.settled.set()
        self._pool.links.pop(self, None)
        self._pool.pump()

    def _deliver(self, events: Events[_Call]) -> None:
        for call, batch in events.items():
            end = batch.pop() if isinstance(batch[-1], End) else None
            try:
                if batch and call.take is not None:  # else it was cancelled, maybe by what an earlier batch led to
                    call.take(batch)  # type: ignore[arg-type]  # The end was the last.
                if isinstance(end, End):
                    call.finish(end)
            except Exception:  # one caller's bug must not cost the others their connection
                _log.exception("a stream's receiver failed")
                self.core.cancel(call)
                self._loop.call_soon(call.finish, BROKEN)

    def flush(self) -> None:
        if data := self.core.data_to_send():
            self.transport.write(data)

    def _keep_alive(self, seconds: float) -> None:
        """Pings after a silence, and gives the connection up after another."""
        if self._silences == 2:
            self.transport.abort()  # to go on in connection_lost
        elif not self.core.closed:
            if self._silences == 1:
                self.core.ping()
                self.flush()
            self._silences += 1
            self._loop.call_later(seconds, self._keep_alive, seconds)


class Client:
    """Calls the method `path` of a server. Dials when there is something to send. Make it on its event loop.

    `address` is host:port; "h2" is set as the ALPN protocol of the context `tls`. After `keepalive_seconds` of silence
    the peer is pinged, and after as much again given up. None: no pings, as gRPC servers that weren't told to expect
    them answer with GOAWAY.
    """

    def __init__(
        self, address: str, path: str, *, tls: ssl.SSLContext | None = None, keepalive_seconds: float | None = None
    ) -> None:
        self.address, self.path, self.tls, self.keepalive_seconds = address, path, tls, keepalive_seconds
        if tls is not None:
            tls.set_alpn_protocols(["h2"])
        self.links: dict[_Link, None] = {}  # made, and not lost
        self.waiting: dict[_Call, None] = {}
        self._loop = asyncio.get_running_loop()
        self._dialling: asyncio.Task[None] | None = None
        self._pause = 0.0
        self._closed = False

    def call(self, request: bytes, take: Take, closed: Closed) -> Callable[[], object]:
        """Starts a call on a stream of its own, half-closed after the request. Returns what cancels it.

        `take` gets the messages, all that came at once; `closed` the end, once, last, and never within this method.
        """
        call = _Call(body=request, pool=self, take=take, closed=closed)
        if self._closed:
            self._loop.call_soon(call.finish, GONE)
        elif sum(len(one.body) for one in (call, *self.waiting)) > _MAX_WAITING_BYTES:
            self._loop.call_soon(call.finish, FULL)
        else:
            self.waiting[call] = None
            self.pump()
        return call.cancel

    async def aclose(self) -> None:
        """Ends calls as UNAVAILABLE and closes the connections. Idempotent."""
        self._closed = True
        if self._dialling is not None:
            self._dialling.cancel()
            await asyncio.wait([self._dialling])
        self._fail_waiting()
        for link in list(self.links):
            link.transport.abort()  # to go on in connection_lost

    def pump(self) -> None:
        """Gives waiting calls to connections that have room, and dials when none has."""
        if not self.waiting or self._closed:
            return
        for link in self.links:
            while self.waiting and link.core.room > 0:
                call = next(iter(self.waiting))
                del self.waiting[call]
                call.link, self._pause = link, 0.0
                link.core.open(call)
                link.flush()
        if self.waiting and self._dialling is None and self._count() < _CONNECTIONS:
            self._dialling = self._loop.create_task(self._dial())

    async def _dial(self) -> None:
        await asyncio.sleep(self._pause)
        self._pause = min(max(2 * self._pause, _FIRST_PAUSE), _LONGEST_PAUSE)
        host, _, port = self.address.rpartition(":")
        try:
            async with asyncio.timeout(_DIAL_SECONDS):
                open_ = self._loop.create_connection(lambda: _Link(self), host.strip("[]"), int(port), ssl=self.tls)
                _, link = await open_
                await link.settled.wait()
            if link.core.draining:
                raise ConnectionError("the peer ended the connection at once")
        except Exception as error:  # as OSError, TimeoutError and ssl.SSLError are, and no call must wait for a bug
            _log.warning("dial_failed", address=self.address, detail=repr(error))
            for link in self.links:
                if not link.core.settled:
                    link.transport.abort()
        self._dialling = None
        if not self._count():
            self._fail_waiting()
        self.pump()

    def _count(self) -> int:
        """How many connections take calls, now or when they have room."""
        return sum(link.core.settled and not link.core.draining for link in self.links)

    def _fail_waiting(self) -> None:
        waiting, self.waiting = self.waiting, {}
        for call in waiting:
            call.finish(GONE)
