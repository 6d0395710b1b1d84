"""HTTP/2 for one kind of gRPC call, a request and then a stream of messages: bytes in, events out, no socket, no clock.

`h2` owns the connection, but takes 8 us of CPU for each DATA frame, and a token is one. So those never reach it:
`receive` walks the frames by their 9-byte headers and cuts gRPC's messages out itself. That is safe since gRPC ends a
stream by trailers, which `h2` sees:

    DATA, no flags, stream answered with 200 and gRPC   by hand, with window accounting of its own
    GOAWAY                                              by hand: `h2` then refuses what the open streams still get
    all else, also padding and END_STREAM on DATA       `h2`

Windows are as large as HTTP/2 allows (2^31 - 1), so the peer never waits for one; the connection's is topped up each
MiB. Whoever reads the messages bounds what it holds and cancels a stream that passes the bound.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final, Generic, NamedTuple, TypeAlias, TypeVar
from urllib.parse import unquote_to_bytes

import grpc
import h2.events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings

MAX_MESSAGE_BYTES: Final = 4 << 20  # a longer message ends its call

_MAX: Final = 2**31 - 1  # of windows and of stream ids
_TOP_UP: Final = 1 << 20
_MAX_FRAME: Final = 16384  # what HTTP/2 allows a peer that was told nothing else
_FRAME: Final = struct.Struct(">IBI")  # length (24 bits) and type, flags, stream
_PREFIX: Final = struct.Struct(">BI")  # compressed?, length
_WINDOW_UPDATE: Final = struct.Struct(">IBII")
_HEADERS, _PUSH_PROMISE, _GOAWAY, _UPDATE, _CONTINUATION = 0x1, 0x5, 0x7, 0x8, 0x9
_END_HEADERS: Final = 0x4
_CONSTANT: Final = ((b"te", b"trailers"), (b"content-type", b"application/grpc"), (b"user-agent", b"tokenloom"))

_UNKNOWN, _INTERNAL, _UNAVAILABLE = (grpc.StatusCode[name] for name in ("UNKNOWN", "INTERNAL", "UNAVAILABLE"))
_CODES: Final = {str(code.value[0]).encode(): code for code in grpc.StatusCode}
# What of gRPC's own tables matters here: whether the peer is there and would take the call again.
_UNAVAILABLE_HTTP: Final = (b"429", b"502", b"503", b"504")
_FROM_RESET: Final = {int(ErrorCodes.REFUSED_STREAM): _UNAVAILABLE, int(ErrorCodes.CANCEL): grpc.StatusCode.CANCELLED}


class End(NamedTuple):
    """How a stream ended: its status as gRPC defines it, and the peer's words, which are for logs only."""

    code: grpc.StatusCode
    detail: str


@dataclass(slots=True, eq=False, kw_only=True)
class Stream:
    """One call on a connection; its opener may derive a kind of its own."""

    body: bytes | memoryview  # the request; once open, what the peer's windows have not let out of it yet
    id: int = 0  # once open
    answered: bool = False  # with 200 and gRPC, so its DATA is taken out by hand
    partial: bytearray = field(default_factory=bytearray)  # a message whose rest has not arrived


S = TypeVar("S", bound=Stream)
Events: TypeAlias = dict[S, list[bytes | End]]  # what came of each stream: messages, then, once and last, the end


class _H2(H2Connection):
    """`h2` without its walk over all open streams at each new one: `Connection` keeps that count itself."""

    MAX_CLOSED_STREAMS = 4096  # remembered so that late frames of a cancelled stream are no error

    @property
    def open_outbound_streams(self) -> int:
        return 0

    def forget(self, stream_id: int) -> None:
        """Drops a stream's state, if it is closed, but for how it was closed."""
        if self.streams[stream_id].closed:
            self._closed_streams[stream_id] = self.streams.pop(stream_id).closed_by


class Connection(Generic[S]):
    """The client's side of one connection. Raises nothing: what a peer does wrong ends up in events and `closed`.

    settled   the peer's first SETTINGS are here; before that nothing may be opened
    draining  nothing may be opened any more; open streams live on
    closed    the connection is of no use: send what `data_to_send` still has and drop it
    streams   those open, by id
    """

    def __init__(self, authority: str, path: str, *, scheme: str = "http") -> None:
        self.settled = self.draining = self.closed = False
        self.streams: dict[int, S] = {}
        self._unsent: dict[int, S] = {}
        self._limit, self._next_id = 0, 1
        self._tail = b""
        self._owed = 0  # bytes taken out by hand and not yet given back to the connection's window
        self._in_header_block = False
        self._headers = [(b":method", b"POST"), (b":scheme", scheme.encode()), (b":path", path.encode())]
        self._headers += [(b":authority", authority.encode()), *_CONSTANT]
        self._h2 = _H2(H2Configuration(validate_outbound_headers=False, normalize_outbound_headers=False))
        values = {SettingCodes.ENABLE_PUSH: 0, SettingCodes.INITIAL_WINDOW_SIZE: _MAX}
        self._h2.local_settings = Settings(client=True, initial_values=values)
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(_MAX - self._h2.inbound_flow_control_window)

    @property
    def room(self) -> int:
        """How many streams may be opened now."""
        return 0 if self.draining else self._limit - len(self.streams)

    def data_to_send(self) -> bytes:
        """Takes the bytes that wait to be written."""
        data = self._h2.data_to_send()
        if self._owed >= _TOP_UP:
            data += _WINDOW_UPDATE.pack(4 << 8 | _UPDATE, 0, 0, self._owed)
            self._owed = 0
        return data

    def open(self, stream: S) -> None:
        """Starts a call with its only request; what the peer has no window for follows later. Needs `room`."""
        stream.id, stream.body = self._next_id, memoryview(_PREFIX.pack(0, len(stream.body)) + stream.body)
        self._next_id += 2
        self.draining |= self._next_id > _MAX
        self._h2.send_headers(stream.id, self._headers)
        self.streams[stream.id] = self._unsent[stream.id] = stream
        self._pump()

    def cancel(self, stream: S) -> None:
        """Resets a stream; nothing more comes of it but messages already returned. Nothing happens if it has ended."""
        if stream.id in self.streams:
            self._reset(stream)

    def ping(self) -> None:
        """Asks the peer for a sign of life; any bytes it sends are one. Not once `closed`."""
        self._h2.ping(b"tokenlom")

    def lose(self, detail: str, events: Events[S] | None = None) -> Events[S]:
        """The connection is gone: ends every stream as UNAVAILABLE."""
        events = defaultdict(list) if events is None else events
        for stream in self.streams.values():
            events[stream].append(End(_UNAVAILABLE, detail))
        self.streams.clear()
        self._unsent.clear()
        self.draining = self.closed = True
        return events

    def receive(self, data: bytes) -> Events[S]:
        """Takes what the peer sent, cut anywhere; returns what came of each stream."""
        events: Events[S] = defaultdict(list)
        data, streams = self._tail + data, self.streams
        at, end = 0, len(data)
        while end - at >= 9 and not self.closed:
            word, flags, stream_id = _FRAME.unpack_from(data, at)
            size = word >> 8
            body = at + 9
            after = body + size
            if after > end:
                if size > _MAX_FRAME:  # h2 would say so only once it had the whole of it
                    self._h2.close_connection(ErrorCodes.FRAME_SIZE_ERROR)
                    self.lose(f"a frame of {size} bytes", events)
                break
            stream = None if word & 0xFF or flags or self._in_header_block else streams.get(stream_id)
            if stream is None or not stream.answered:
                self._other_frame(word & 0xFF, flags, stream_id, data[at:after], events)
            else:
                self._owed += size
                if size >= 5 and not stream.partial and _PREFIX.unpack_from(data, body) == (0, size - 5):
                    events[stream].append(data[body + 5 : after])  # a message in a frame: nearly always
                else:
                    self._assemble(stream, data[body:after], events)
            at = after
        self._tail = data[at:]
        return events

    def _assemble(self, stream: S, data: bytes, events: Events[S]) -> None:
        """Cuts messages out of a stream's bytes where frames and messages don't coincide."""
        partial = stream.partial
        partial += data
        at, end = 0, len(partial)
        while end - at >= 5:
            compressed, size = _PREFIX.unpack_from(partial, at)
            if compressed or size > MAX_MESSAGE_BYTES:
                code = _INTERNAL if compressed else grpc.StatusCode.RESOURCE_EXHAUSTED
                self._reset(stream)
                events[stream].append(End(code, f"a message of {size} bytes, compressed: {compressed}"))
                return
            if end - at < 5 + size:
                break
            events[stream].append(bytes(partial[at + 5 : at + 5 + size]))
            at += 5 + size
        del partial[:at]

    def _other_frame(self, kind: int, flags: int, stream_id: int, frame: bytes, events: Events[S]) -> None:
        if kind == _GOAWAY and len(frame) >= 17 and not stream_id and not self._in_header_block:
            last, code = struct.unpack_from(">II", frame, 9)
            self.draining = True
            for refused in [s for s in self.streams.values() if s.id > last & _MAX]:
                self._forget(refused)
                events[refused].append(End(_UNAVAILABLE, f"GOAWAY {code} before the call was seen"))
            return
        if kind in (_HEADERS, _PUSH_PROMISE, _CONTINUATION):
            self._in_header_block = not flags & _END_HEADERS
        try:
            happened = self._h2.receive_data(frame)
        except ProtocolError as error:
            self.lose(f"protocol error: {error}", events)
            return
        for event in happened:
            stream = self.streams.get(getattr(event, "stream_id", None) or 0)
            match event:
                case h2.events.DataReceived(stream_id=int(number), data=data, flow_controlled_length=int(size)):
                    self._h2.acknowledge_received_data(size, number)
                    if stream is not None and data:
                        self._assemble(stream, data, events)
                case h2.events.RemoteSettingsChanged():
                    self.settled = True
                    self._limit = self._h2.remote_settings.max_concurrent_streams
                case _ if stream is None:
                    pass
                case h2.events.ResponseReceived() | h2.events.TrailersReceived():
                    headers = dict(event.headers)
                    if (said := _end(headers, event.stream_ended is not None)) is not None:
                        self._finish(stream, said, events)
                    else:  # h2 holds the peer to a content length, so it has to see the DATA
                        stream.answered = b"content-length" not in headers
                case h2.events.StreamEnded():  # after trailers the stream isn't ours any more
                    self._finish(stream, End(_UNKNOWN, "no status"), events)
                case h2.events.StreamReset(error_code=int(reason)):
                    self._finish(stream, End(_FROM_RESET.get(reason, _INTERNAL), f"RST_STREAM {reason}"), events)
        self._pump()  # The peer's windows may have grown.

    def _finish(self, stream: S, end: End, events: Events[S]) -> None:
        if stream.partial and end.code is grpc.StatusCode.OK:
            end = End(_INTERNAL, "a message cut short")
        if self._h2.streams[stream.id].closed:
            self._forget(stream)
        else:  # the peer answered before it had all of the request, or with what isn't gRPC
            self._reset(stream)
        events[stream].append(end)

    def _reset(self, stream: S) -> None:
        self._h2.reset_stream(stream.id, ErrorCodes.CANCEL)
        self._forget(stream)

    def _forget(self, stream: S) -> None:
        del self.streams[stream.id]
        self._unsent.pop(stream.id, None)
        self._h2.forget(stream.id)

    def _pump(self) -> None:
        """Sends of each request what the peer's windows allow; the last frame half-closes the stream."""
        for stream in list(self._unsent.values()):
            while stream.body:
                window = self._h2.local_flow_control_window(stream.id)
                size = min(len(stream.body), window, self._h2.max_outbound_frame_size)
                if size <= 0:
                    break
                self._h2.send_data(stream.id, stream.body[:size], end_stream=size == len(stream.body))
                stream.body = stream.body[size:]
            else:
                stream.body = b""  # An empty view would keep the whole.
                del self._unsent[stream.id]


def _end(headers: dict[bytes, bytes], last: bool) -> End | None:
    """The end that a block of headers tells of; only a refusal's response headers are trailers as well."""
    http, kind = headers.get(b":status"), headers.get(b"content-type", b"")
    if http is not None and not (http == b"200" and kind.startswith(b"application/grpc")):
        code = _UNAVAILABLE if http in _UNAVAILABLE_HTTP else _UNKNOWN
        return End(code, f"not gRPC: HTTP status {http!r}, content type {kind!r}")
    code = _CODES.get(headers.get(b"grpc-status", b""), _UNKNOWN)
    return End(code, unquote_to_bytes(headers.get(b"grpc-message", b"")).decode("utf-8", "replace")) if last else None
