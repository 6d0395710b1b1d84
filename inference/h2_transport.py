"""The lean transport: ModelStreamInfer over a few HTTP/2 connections, without a task, a queue or a copy for a token.

A call goes to the first connection that has room by the peer's SETTINGS_MAX_CONCURRENT_STREAMS: few busy connections
cost less than many idle ones. When none has, it waits, and another connection is dialled while there may be more.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import Final, cast

import grpc
import structlog

from inference import h2_core
from inference.transport import Cancel, Receiver, lost, unavailable
from inference.triton_pb2 import ModelInferRequest
from mesh.faults import Fault, internal

_DIAL_SECONDS: Final = 5.0  # to connect, shake hands and hear the peer's SETTINGS
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5  # seconds between two dials, doubled each time as long as no call was opened
_CONNECTIONS: Final = 4  # that may take calls at a time; those that only finish what is open aren't counted
_MAX_WAITING_BYTES: Final = 64 << 20  # of requests that wait for room on a connection; beyond, calls are refused
_MUCH: Final = 16_384  # bytes read at once, after which others have their turn, though more may have come

_log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False, kw_only=True)
class _Call(h2_core.Stream):
    pool: H2Transport
    receiver: Receiver | None  # until the end
    link: _Link | None = None  # once open

    def cancel(self) -> None:
        self.receiver = None
        self.pool.waiting.pop(self, None)
        if self.link is not None:
            self.link.core.cancel(self)
            self.link.act()  # now

    def finish(self, fault: Fault | None) -> None:
        """Tells the receiver about the end, unless it heard of it or cancelled."""
        receiver, self.receiver = self.receiver, None
        if receiver is not None:
            receiver.closed(fault)


class _Link(asyncio.Protocol):
    """One connection: moves bytes between a socket and a core, and events to their calls."""

    transport: asyncio.Transport

    def __init__(self, pool: H2Transport) -> None:
        self.core: h2_core.Connection[_Call] = h2_core.Connection(pool.address, scheme="https" if pool.tls else "http")
        self.settled = asyncio.Event()  # or lost before it was
        self._pool, self._loop = pool, asyncio.get_running_loop()
        self._silences = 0  # intervals of the keepalive in which nothing came

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
        if len(data) >= _MUCH:
            self.transport.pause_reading()
            self._loop.call_soon(self.transport.resume_reading)
        self._deliver(self.core.receive(data))
        if self.core.settled:
            self.settled.set()
        self.act()

    def connection_lost(self, exc: Exception | None) -> None:
        if ends := self.core.lose("connection lost"):
            _log.warning("engine_connection_lost", streams=len(ends), detail=str(exc or "closed by the peer"))
        self._deliver(ends)
        self.settled.set()
        self._pool.links.pop(self, None)
        self._pool.pump()

    def _deliver(self, events: h2_core.Events[_Call]) -> None:
        for call, batch in events.items():
            end = batch.pop() if isinstance(batch[-1], h2_core.End) else None
            try:
                if batch and call.receiver is not None:  # else it was cancelled, maybe by what an earlier batch led to
                    call.receiver.take(cast(list[bytes], batch))
                if isinstance(end, h2_core.End):
                    call.finish(None if end.code is grpc.StatusCode.OK else lost(*end))
            except Exception:  # one receiver's bug must not cost the others their connection
                _log.exception("a token stream's receiver failed")
                self.core.cancel(call)
                self._loop.call_soon(call.finish, internal())

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


class H2Transport:
    """`inference.transport.Transport` over HTTP/2. Dials when there is something to send. Make it on its event loop.

    `address` is host:port; "h2" is set as the ALPN protocol of the context `tls`. After `keepalive_seconds` of silence
    the peer is pinged, and after as much again given up. None: no pings, as gRPC servers that weren't told to expect
    them answer with GOAWAY.
    """

    def __init__(
        self, address: str, *, tls: ssl.SSLContext | None = None, keepalive_seconds: float | None = None
    ) -> None:
        self.address, self.tls, self.keepalive_seconds = address, tls, keepalive_seconds
        if tls is not None:
            tls.set_alpn_protocols(["h2"])
        self.links: dict[_Link, None] = {}  # made, and not lost
        self.waiting: dict[_Call, None] = {}
        self._loop = asyncio.get_running_loop()
        self._dialling: asyncio.Task[None] | None = None
        self._pause = 0.0
        self._closed = False

    def stream_infer(self, request: ModelInferRequest, receiver: Receiver) -> Cancel:
        """Starts one inference on a stream of its own, half-closed after the request."""
        call = _Call(body=request.SerializeToString(), pool=self, receiver=receiver)
        if self._closed:
            self._loop.call_soon(call.finish, unavailable())
        elif sum(len(one.body) for one in (call, *self.waiting)) > _MAX_WAITING_BYTES:
            fault = Fault(grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", "too many calls wait for the engine")
            self._loop.call_soon(call.finish, fault)
        else:
            self.waiting[call] = None
            self.pump()
        return call.cancel

    async def aclose(self) -> None:
        """Ends calls as ENGINE_UNAVAILABLE and closes the connections. Idempotent."""
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
                self._loop.call_soon(link.flush)  # What the calls of one loop iteration have to say is written at once.
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
            _log.warning("engine_dial_failed", address=self.address, detail=repr(error))
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
            call.finish(unavailable())
