"""The lean transport: ModelStreamInfer over a few HTTP/2 connections, without a task, a queue or a copy for a token.

A call goes to the first connection that has room by the peer's SETTINGS_MAX_CONCURRENT_STREAMS: few busy connections
cost less than many idle ones. When none has, it waits, and another connection is dialled while there may be more.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Final, cast

import grpc
import structlog

from inference import h2_core, triton_pb2
from inference.grpc_transport import lost
from inference.transport import Receiver
from mesh.faults import INTERNAL_MESSAGE, Fault

_DIAL_SECONDS: Final = 5.0  # to connect, shake hands and hear the peer's SETTINGS
_FIRST_PAUSE: Final = 0.05  # seconds between a failed dial and the next one, doubled at each failure
_LONGEST_PAUSE: Final = 0.5
_CLOSE_SECONDS: Final = 1.0

_log = structlog.get_logger(__name__)


def fault_of(end: h2_core.End) -> Fault | None:
    """What a caller may know of how a stream ended."""
    return None if end.code is grpc.StatusCode.OK else lost(end.code, end.detail)


class _Call:
    __slots__ = ("link", "message", "receiver", "stream", "transport")

    def __init__(self, transport: H2Transport, message: bytes, receiver: Receiver) -> None:
        self.transport = transport
        self.message = message  # until it is sent
        self.receiver: Receiver | None = receiver  # until the end
        self.link: _Link | None = None
        self.stream: h2_core.Stream | None = None

    def cancel(self) -> None:
        self.receiver = None
        if self.link is None or self.stream is None:
            self.transport.withdraw(self)
        else:
            self.link.cancel(self.stream)

    def finish(self, fault: Fault | None) -> None:
        """Tells the receiver about the end, unless it heard of it or cancelled."""
        if (receiver := self.receiver) is not None:
            self.receiver = None
            receiver.closed(fault)


class _Link(asyncio.Protocol):
    """One connection: moves bytes between a socket and a core, and events to their calls."""

    def __init__(self, pool: H2Transport, core: h2_core.Connection, keepalive_seconds: float | None) -> None:
        self.core = core
        self.used = False
        self._pool = pool
        self._loop = asyncio.get_running_loop()
        self.settled: asyncio.Future[bool] = self._loop.create_future()
        self.lost: asyncio.Future[bool] = self._loop.create_future()
        self._transport: asyncio.Transport | None = None
        self._flushing = False
        self._full = False
        self._keepalive = keepalive_seconds
        self._heard = True
        self._timer: asyncio.TimerHandle | None = None

    @property
    def room(self) -> int:
        """How many calls may be opened now: none while the socket doesn't take what was written."""
        return 0 if self._full else self.core.room

    def open(self, call: _Call) -> None:
        """Starts a call; what the calls of one loop iteration have to say is written at once."""
        self.used = True
        call.link, call.stream = self, self.core.open(call, call.message)
        call.message = b""
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def cancel(self, stream: h2_core.Stream) -> None:
        """Resets a stream, now."""
        self.core.cancel(stream)
        self._flush()
        self._after()

    def close(self) -> None:
        """Ends what is open and says goodbye."""
        self.core.close()
        self._deliver(self.core.lose("the transport was closed"))
        self._flush()
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Drops the connection."""
        if self._transport is not None:
            self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        tls = self._transport.get_extra_info("ssl_object")
        if tls is not None and tls.selected_alpn_protocol() != "h2":
            self._transport.abort()
            return
        self._flush()
        if self._keepalive is not None:
            self._timer = self._loop.call_later(self._keepalive, self._keep_alive, False)

    def data_received(self, data: bytes) -> None:
        self._heard = True
        self._deliver(self.core.receive(data))
        self._flush()
        if self.core.settled and not self.settled.done():
            self.settled.set_result(True)
        self._after()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for future in (self.settled, self.lost):
            if not future.done():
                future.set_result(False)
        if self.core.streams:
            _log.warning(
                "engine_connection_lost", streams=len(self.core.streams), detail=str(exc or "closed by the peer")
            )
        self._deliver(self.core.lose("connection lost"))
        self._pool.retire(self)

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._pool.pump()

    def _deliver(self, events: list[h2_core.Event]) -> None:
        for stream, what in events:
            call = cast(_Call, stream.owner)
            receiver = call.receiver
            if receiver is None:
                continue  # cancelled, maybe by what an earlier event led to
            try:
                if isinstance(what, bytes):
                    receiver.message(what)
                else:
                    call.finish(fault_of(what))
            except Exception as error:  # one receiver's bug must not cost the others their connection
                self._loop.call_exception_handler({"message": "a receiver failed", "exception": error})
                if call.receiver is not None:
                    call.cancel()
                    self._loop.call_soon(receiver.closed, Fault(grpc.StatusCode.INTERNAL, "INTERNAL", INTERNAL_MESSAGE))

    def _after(self) -> None:
        """Streams may have ended, the peer may have said GOAWAY: makes the best of it."""
        if self.core.draining:
            self._pool.retire(self)
            if self._transport is not None and not self.core.streams:
                self._transport.close()
        else:
            self._pool.pump()

    def _flush(self) -> None:
        self._flushing = False
        if self._transport is not None and (data := self.core.data_to_send()):
            self._transport.write(data)

    def _keep_alive(self, pinged: bool) -> None:
        """Pings after a silence, and gives the connection up after another."""
        if pinged and not self._heard:
            self.abort()  # to go on in connection_lost
            return
        if silent := not self._heard:
            self.core.ping()
            self._flush()
        self._heard = False
        self._timer = self._loop.call_later(cast(float, self._keepalive), self._keep_alive, silent)


class H2Transport:
    """`inference.transport.Transport` over HTTP/2. Dials when there is something to send. Make it on its event loop.

    address            host:port
    connections        how many there may be at a time (those that only finish what is open aren't counted)
    tls                a context for TLS; "h2" is set as its ALPN protocol
    keepalive_seconds  silence after which the peer is pinged, and after as much again given up. None: no pings, as gRPC
                       servers that weren't told to expect them answer with GOAWAY.
    max_message_bytes  a longer message ends its call
    max_waiting_bytes  requests that wait for a connection or for room on one; beyond, calls fail as OVERLOADED
    """

    def __init__(
        self,
        address: str,
        *,
        connections: int = 4,
        tls: ssl.SSLContext | None = None,
        keepalive_seconds: float | None = None,
        max_message_bytes: int = 4 << 20,
        max_waiting_bytes: int = 64 << 20,
    ) -> None:
        host, _, port = address.rpartition(":")
        self._host, self._port = host.strip("[]"), int(port)
        self._address = address
        self._connections = connections
        self._tls = tls
        if tls is not None:
            tls.set_alpn_protocols(["h2"])
        self._keepalive = keepalive_seconds
        self._max_message = max_message_bytes
        self._room = max_waiting_bytes
        self._loop = asyncio.get_running_loop()
        self._links: list[_Link] = []
        self._retired: set[_Link] = set()  # they may take no more calls
        self._waiting: dict[_Call, None] = {}
        self._dialling: asyncio.Task[_Link] | None = None
        self._pause = 0.0
        self._closed = False

    def stream_infer(self, request: triton_pb2.ModelInferRequest, receiver: Receiver) -> _Call:
        """Starts one inference on a stream of its own, half-closed after the request."""
        call = _Call(self, request.SerializeToString(), receiver)
        if self._closed:
            self._loop.call_soon(call.finish, fault_of(_unavailable("the transport is closed")))
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
        self._fail_waiting("the transport was closed")
        links = [*self._links, *self._retired]
        for link in links:
            link.close()
        if links:
            await asyncio.wait([link.lost for link in links], timeout=_CLOSE_SECONDS)
        for link in links:
            link.abort()

    def pump(self) -> None:
        """Gives waiting calls to connections that have room, and dials when none has."""
        if not self._waiting or self._closed:
            return
        for link in self._links:
            while self._waiting and link.room > 0:
                call = next(iter(self._waiting))
                self.withdraw(call)
                link.open(call)
                self._pause = 0.0
        if self._waiting and self._dialling is None and len(self._links) < self._connections:
            self._dialling = self._loop.create_task(self._dial())
            self._dialling.add_done_callback(self._dialled)

    def retire(self, link: _Link) -> None:
        """A connection takes no more calls."""
        if link in self._links:
            self._links.remove(link)
            self._retired.add(link)
            if not link.used:  # a peer that takes connections only to end them
                self._back_off()
        if link.lost.done():
            self._retired.discard(link)
        self.pump()

    async def _dial(self) -> _Link:
        await asyncio.sleep(self._pause)
        scheme = "http" if self._tls is None else "https"
        core = h2_core.Connection(self._address, scheme=scheme, max_message_bytes=self._max_message)
        link = _Link(self, core, self._keepalive)
        try:
            async with asyncio.timeout(_DIAL_SECONDS):
                await self._loop.create_connection(lambda: link, self._host, self._port, ssl=self._tls)
                if not await link.settled:
                    raise ConnectionError("the peer closed the connection before its SETTINGS")
        except BaseException:
            link.abort()
            raise
        return link

    def _dialled(self, task: asyncio.Task[_Link]) -> None:
        self._dialling = None
        if task.cancelled():
            return
        if (error := task.exception()) is None:
            link = task.result()
            if not (link.core.draining or self._closed):
                self._links.append(link)
                self.pump()
                return
            link.abort()
        elif not isinstance(error, OSError):  # as TimeoutError and ssl.SSLError are; this is a bug
            self._loop.call_exception_handler({"message": "dialling failed", "exception": error})
        self._back_off()
        _log.warning("engine_dial_failed", address=self._address, detail=str(error or "GOAWAY at once"))
        if not self._links:
            self._fail_waiting("can't connect")
        self.pump()

    def _back_off(self) -> None:
        self._pause = min(max(2 * self._pause, _FIRST_PAUSE), _LONGEST_PAUSE)

    def _fail_waiting(self, detail: str) -> None:
        for call in list(self._waiting):
            self.withdraw(call)
            call.finish(fault_of(_unavailable(detail)))


def _unavailable(detail: str) -> h2_core.End:
    return h2_core.End(grpc.StatusCode.UNAVAILABLE, detail)
