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
from inference.transport import Receiver, lost, unavailable
from inference.triton_pb2 import ModelInferRequest
from mesh.faults import Fault, internal

_DIAL_SECONDS: Final = 5.0  # to connect, shake hands and hear the peer's SETTINGS
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5  # seconds between two dials, doubled each time as long as no call was opened
_CLOSE_SECONDS: Final = 1.0
_CONNECTIONS: Final = 4  # that may take calls at a time; those that only finish what is open aren't counted
_MAX_WAITING_BYTES: Final = 64 << 20  # of requests that wait for room on a connection; beyond, calls are refused
_MUCH: Final = 16_384  # bytes read at once, after which others have their turn, though more may have come

_log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Call:
    transport: H2Transport
    message: bytes  # until it is sent
    receiver: Receiver | None  # until the end
    link: _Link | None = None
    stream: h2_core.Stream | None = None

    def cancel(self) -> None:
        self.receiver = None
        if self.link is None or self.stream is None:
            self.transport.withdraw(self)
        else:
            self.link.core.cancel(self.stream)
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
        self.core = h2_core.Connection(pool.address, scheme="http" if pool.tls is None else "https")
        self._pool, self._loop = pool, asyncio.get_running_loop()
        self.settled: asyncio.Future[None] = self._loop.create_future()  # or lost before it was
        self.lost: asyncio.Future[None] = self._loop.create_future()
        self.full = False  # the socket doesn't take what was written
        self._heard = True
        self._timer: asyncio.TimerHandle | None = None

    def open(self, call: _Call) -> None:
        """Starts a call; what the calls of one loop iteration have to say is written at once."""
        call.link, call.stream = self, self.core.open(call, call.message)
        call.message = b""
        self._loop.call_soon(self._flush)

    def close(self) -> None:
        """Ends what is open and says goodbye."""
        self._deliver(self.core.close())
        self.act()

    def act(self) -> None:
        """Writes what there is to write, and makes the best of it that streams may have ended, or a GOAWAY come."""
        self._flush()
        if self.core.draining and not self.core.streams:
            self.transport.close()
        self._pool.pump()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._flush()
        if (seconds := self._pool.keepalive_seconds) is not None:
            self._timer = self._loop.call_later(seconds, self._keep_alive, seconds, False)

    def data_received(self, data: bytes) -> None:
        self._heard = True
        if len(data) >= _MUCH:
            self.transport.pause_reading()
            self._loop.call_soon(self._read_on)
        self._deliver(self.core.receive(data))
        if self.core.settled and not self.settled.done():
            self.settled.set_result(None)
        self.act()

    def _read_on(self) -> None:
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if ends := self.core.lose("connection lost"):
            _log.warning("engine_connection_lost", streams=len(ends), detail=str(exc or "closed by the peer"))
        self._deliver(ends)
        for future in (self.settled, self.lost):
            if not future.done():
                future.set_result(None)
        self._pool.drop(self)

    def pause_writing(self) -> None:
        self.full = True

    def resume_writing(self) -> None:
        self.full = False
        self._pool.pump()

    def _deliver(self, events: list[h2_core.Event]) -> None:
        batches: dict[_Call, list[bytes]] = {}  # so a loop that lags behind has less to do for each token
        ends: dict[_Call, h2_core.End] = {}
        for stream, what in events:
            batch = batches.setdefault(cast(_Call, stream.owner), [])
            if isinstance(what, bytes):
                batch.append(what)
            else:
                ends[cast(_Call, stream.owner)] = what
        for call, batch in batches.items():
            try:
                if batch and call.receiver is not None:  # else it was cancelled, maybe by what an earlier batch led to
                    call.receiver.take(batch)
                if (end := ends.get(call)) is not None:
                    call.finish(None if end.code is grpc.StatusCode.OK else lost(*end))
            except Exception as error:  # one receiver's bug must not cost the others their connection
                self._loop.call_exception_handler({"message": "a receiver failed", "exception": error})
                if (receiver := call.receiver) is not None:
                    call.cancel()
                    self._loop.call_soon(receiver.closed, internal())

    def _flush(self) -> None:
        if data := self.core.data_to_send():
            self.transport.write(data)

    def _keep_alive(self, seconds: float, pinged: bool) -> None:
        """Pings after a silence, and gives the connection up after another."""
        if pinged and not self._heard:
            self.transport.abort()  # to go on in connection_lost
            return
        if silent := not self._heard:
            self.core.ping()
            self._flush()
        self._heard = False
        self._timer = self._loop.call_later(seconds, self._keep_alive, seconds, silent)


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
        self._room = _MAX_WAITING_BYTES
        self._loop = asyncio.get_running_loop()
        self._links: dict[_Link, None] = {}  # settled, and not lost
        self._waiting: dict[_Call, None] = {}
        self._dialling: asyncio.Task[None] | None = None
        self._pause = 0.0
        self._closed = False

    def stream_infer(self, request: ModelInferRequest, receiver: Receiver) -> _Call:
        """Starts one inference on a stream of its own, half-closed after the request."""
        call = _Call(self, request.SerializeToString(), receiver)
        if self._closed:
            self._loop.call_soon(call.finish, unavailable())
        elif len(call.message) > self._room:
            fault = Fault(grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", "too many calls wait for the engine")
            self._loop.call_soon(call.finish, fault)
        else:
            self._room -= len(call.message)
            self._waiting[call] = None
            self.pump()
        return call

    def withdraw(self, call: _Call) -> None:
        """Takes a call out of those that wait."""
        if call in self._waiting:
            del self._waiting[call]
            self._room += len(call.message)

    async def aclose(self) -> None:
        """Ends calls as ENGINE_UNAVAILABLE and closes the connections. Idempotent."""
        self._closed = True
        if self._dialling is not None:
            self._dialling.cancel()
            await asyncio.wait([self._dialling])
        self._fail_waiting()
        if links := list(self._links):
            for link in links:
                link.close()
            await asyncio.wait([link.lost for link in links], timeout=_CLOSE_SECONDS)
            for link in links:
                link.transport.abort()

    def pump(self) -> None:
        """Gives waiting calls to connections that have room, and dials when none has."""
        if not self._waiting or self._closed:
            return
        for link in self._links:
            while self._waiting and not link.full and link.core.room > 0:
                call = next(iter(self._waiting))
                self.withdraw(call)
                link.open(call)
                self._pause = 0.0
        if self._waiting and self._dialling is None and self._count() < _CONNECTIONS:
            self._dialling = self._loop.create_task(self._dial())

    def drop(self, link: _Link) -> None:
        """A connection is lost."""
        self._links.pop(link, None)
        self.pump()

    async def _dial(self) -> None:
        await asyncio.sleep(self._pause)
        self._pause = min(max(2 * self._pause, _FIRST_PAUSE), _LONGEST_PAUSE)
        host, _, port = self.address.rpartition(":")
        link = None
        try:
            async with asyncio.timeout(_DIAL_SECONDS):
                open_ = self._loop.create_connection(lambda: _Link(self), host.strip("[]"), int(port), ssl=self.tls)
                _, link = await open_
                await link.settled
                if link.core.draining:
                    raise ConnectionError("the peer ended the connection at once")
            self._links[link] = None
        except Exception as error:  # as OSError, TimeoutError and ssl.SSLError are, and no call must wait for a bug
            _log.warning("engine_dial_failed", address=self.address, detail=repr(error))
            if not self._count():
                self._fail_waiting()
        finally:
            self._dialling = None
            if link is not None and link not in self._links:
                link.transport.abort()
        self.pump()

    def _count(self) -> int:
        """How many connections take calls, now or when they have room."""
        return sum(not link.core.draining for link in self._links)

    def _fail_waiting(self) -> None:
        for call in list(self._waiting):
            self.withdraw(call)
            call.finish(unavailable())
