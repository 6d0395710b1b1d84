"""HTTP/2 for one kind of gRPC call, a request and then a stream of messages: bytes in, events out, no socket, no clock.

`h2` owns the connection: its preface, SETTINGS, PING, its outbound window, the last word when it breaks off. Streams
are walked by hand, by the 9-byte headers of their frames: `h2` takes 8 us of CPU for a DATA frame, and a token is one,
and 290 us for the headers and trailers of a call, which take 30 here. That much is little, since this client opens each
stream by one block of headers that is always the same, and gRPC ends them by trailers or RST_STREAM.

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
import hpack
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import RemoteSettingsChanged
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings

MAX_MESSAGE_BYTES: Final = 4 << 20  # a longer message ends its call

_MAX: Final = 2**31 - 1  # of windows and of stream ids
_TOP_UP: Final = 1 << 20
_MAX_FRAME: Final = 16384  # what HTTP/2 allows a peer that was told nothing else
_FRAME: Final = struct.Struct(">IBI")  # length (24 bits) and type, flags, stream
_PREFIX: Final = struct.Struct(">BI")  # compressed?, length
_BOTH: Final = struct.Struct(">IBIBI")  # a frame's header, and the prefix of a message that begins with it
_NUMBER: Final = struct.Struct(">I")
(
    _DATA, _HEADERS, _PRIORITY, _RST_STREAM, _SETTINGS, _PUSH_PROMISE, _PING, _GOAWAY, _WINDOW_UPDATE, _CONTINUATION
) = range(10)  # fmt: skip
_KNOWN: Final = 10  # Kinds of frames; further ones are to be ignored.
_END_STREAM, _END_HEADERS, _PADDED, _PRIORITISED = 0x1, 0x4, 0x8, 0x20
_MAX_BLOCK: Final = 1 << 16  # bytes of a header block
_MAX_BLOCKS: Final = 64  # whose headers are remembered
_NO_TABLE: Final = b"\x20"  # HPACK: nothing of this block, nor of those before, is to be remembered
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
    window: int = 0  # how much more of the request the peer takes
    answered: bool = False  # with 200 and gRPC, so its DATA is taken out by hand
    partial: bytearray = field(default_factory=bytearray)  # a message whose rest has not arrived


S = TypeVar("S", bound=Stream)
Events: TypeAlias = dict[S, list[bytes | End]]  # what came of each stream: messages, then, once and last, the end


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
        self._out = bytearray()  # what streams have to send
        self._owed = 0  # bytes of DATA not yet given back to the connection's window
        self._block: tuple[int, int, bytearray] | None = None  # of headers, not complete: its stream, flags and bytes
        self._decoder, self._decoded = hpack.Decoder(), dict[bytes, dict[bytes, bytes]]()
        headers = [(b":method", b"POST"), (b":scheme", scheme.encode()), (b":path", path.encode())]
        headers += [(b":authority", authority.encode()), *_CONSTANT]
        self._request = _NO_TABLE + hpack.Encoder().encode([(name, value, True) for name, value in headers])
        self._h2 = H2Connection(H2Configuration())
        values = {SettingCodes.ENABLE_PUSH: 0, SettingCodes.INITIAL_WINDOW_SIZE: _MAX}
        self._h2.local_settings = Settings(client=True, initial_values=values)
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(_MAX - self._h2.inbound_flow_control_window)
        self._window = self._h2.remote_settings.initial_window_size  # of a new stream's request

    @property
    def room(self) -> int:
        """How many streams may be opened now."""
        return 0 if self.draining else self._limit - len(self.streams)

    def data_to_send(self) -> bytes:
        """Takes the bytes that wait to be written."""
        if self._owed >= _TOP_UP:
            self._send(_WINDOW_UPDATE, 0, 0, _NUMBER.pack(self._owed))
            self._owed = 0
        data = self._h2.data_to_send() + self._out
        self._out.clear()
        return data

    def open(self, stream: S) -> None:
        """Starts a call with its only request; what the peer has no window for follows later. Needs `room`."""
        stream.id, stream.body = self._next_id, memoryview(_PREFIX.pack(0, len(stream.body)) + stream.body)
        stream.window = self._window
        self._next_id += 2
        self.draining |= self._next_id > _MAX
        self._send(_HEADERS, _END_HEADERS, stream.id, self._request)
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
            if end - at >= 14:
                word, flags, stream_id, compressed, length = _BOTH.unpack_from(data, at)
                stream, after = streams.get(stream_id), at + length + 14
                whole = word == length + 5 << 8 and after <= end and not (flags or compressed or self._block)
                if whole and stream is not None and stream.answered and not stream.partial:
                    self._owed += length + 5
                    events[stream].append(data[at + 14 : after])  # DATA with one message: nearly always
                    at = after
                    continue
            word, flags, stream_id = _FRAME.unpack_from(data, at)
            size = word >> 8
            body = at + 9
            after = body + size
            if after > end:
                if size > _MAX_FRAME:  # h2 would say so only once it had the whole of it
                    self._h2.close_connection(ErrorCodes.FRAME_SIZE_ERROR)
                    self.lose(f"a frame of {size} bytes", events)
                break
            stream = None if word & 0xFF or flags or self._block else streams.get(stream_id)
            if stream is None or not stream.answered:
                try:
                    self._other_frame(word & 0xFF, flags, stream_id, data[at:after], events)
                except (ProtocolError, hpack.HPACKError) as error:
                    self._h2.close_connection(getattr(error, "error_code", ErrorCodes.COMPRESSION_ERROR))
                    self.lose(f"protocol error: {error}", events)
            else:
                self._owed += size
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
        """Takes any frame. Raises ProtocolError or HPACKError for what breaks the connection."""
        body, stream = frame[9:], self.streams.get(stream_id)
        if (kind == _CONTINUATION) != (self._block is not None) or (self._block and self._block[0] != stream_id):
            raise ProtocolError("a header block comes in one piece")
        if kind == _GOAWAY and len(body) >= 8 and not stream_id:
            last, code = struct.unpack_from(">II", body)
            self.draining = True
            for refused in [s for s in self.streams.values() if s.id > last & _MAX]:
                self._forget(refused)
                events[refused].append(End(_UNAVAILABLE, f"GOAWAY {code} before the call was seen"))
        elif kind in (_SETTINGS, _PING, _GOAWAY) or (kind == _WINDOW_UPDATE and not stream_id):
            for event in self._h2.receive_data(frame):
                if isinstance(event, RemoteSettingsChanged):
                    self._set()
        elif kind == _PRIORITY or kind >= _KNOWN:
            return
        elif not stream_id & 1 or stream_id >= self._next_id:
            raise ProtocolError(f"a frame of kind {kind} for stream {stream_id}, which was never opened")
        elif kind in (_HEADERS, _CONTINUATION):
            self._headers(flags, stream_id, body, events)
        elif kind == _DATA:
            self._owed += len(body)
            if stream is not None:
                if not stream.answered:
                    raise ProtocolError("DATA before headers")
                self._assemble(stream, _unpadded(flags, body), events)
                if flags & _END_STREAM and stream_id in self.streams:
                    self._finish(stream, End(_UNKNOWN, "no status"), events)
        elif kind not in (_RST_STREAM, _WINDOW_UPDATE) or len(body) != 4:
            raise ProtocolError(f"a frame of kind {kind} and {len(body)} bytes")
        elif stream is not None:
            number = _NUMBER.unpack(body)[0]
            if kind == _RST_STREAM:
                self._forget(stream)
                events[stream].append(End(_FROM_RESET.get(number, _INTERNAL), f"RST_STREAM {number}"))
            else:
                stream.window += number & _MAX
        self._pump()  # The peer's windows may have grown.

    def _set(self) -> None:
        """The peer's settings changed."""
        settings, self.settled = self._h2.remote_settings, True
        self._limit = settings.max_concurrent_streams
        for stream in self.streams.values():
            stream.window += settings.initial_window_size - self._window
        self._window = settings.initial_window_size

    def _headers(self, flags: int, stream_id: int, body: bytes, events: Events[S]) -> None:
        """A piece of a header block, the last one by its flags; also those of streams that are over are decoded."""
        if self._block is None:
            body = _unpadded(flags, body)
            self._block = stream_id, flags, bytearray(body[5:] if flags & _PRIORITISED else body)
        else:
            self._block[2].extend(body)
        if len(self._block[2]) > _MAX_BLOCK:
            raise ProtocolError(f"more than {_MAX_BLOCK} bytes of headers")
        if not flags & _END_HEADERS:
            return
        (_, flags, block), self._block = self._block, None
        headers, stream = self._decode(bytes(block)), self.streams.get(stream_id)
        if stream is None:
            return
        last = bool(flags & _END_STREAM)
        if stream.answered == (b":status" in headers) or (stream.answered and not last):
            raise ProtocolError("headers that are neither a response's nor trailers")
        if (said := _end(headers, last)) is not None:
            self._finish(stream, said, events, closed=last)
        else:
            stream.answered = not headers.get(b":status", b"").startswith(b"1")

    def _decode(self, block: bytes) -> dict[bytes, bytes]:
        """The headers of a block. Most calls have the same bytes, which mean the same until HPACK's table changes."""
        if (headers := self._decoded.get(block)) is None:
            table = self._decoder.header_table
            before = table.maxsize, [*table.dynamic_entries]
            headers = dict(self._decoder.decode(block, raw=True))
            if before != (table.maxsize, [*table.dynamic_entries]) or len(self._decoded) == _MAX_BLOCKS:
                self._decoded.clear()
            else:
                self._decoded[block] = headers
        return headers

    def _finish(self, stream: S, end: End, events: Events[S], *, closed: bool = True) -> None:
        """A stream ends; `closed`: the peer has closed its side."""
        if stream.partial and end.code is grpc.StatusCode.OK:
            end = End(_INTERNAL, "a message cut short")
        if closed and not stream.body:
            self._forget(stream)
        else:  # the peer answered before it had all of the request, or with what isn't gRPC
            self._reset(stream)
        events[stream].append(end)

    def _reset(self, stream: S) -> None:
        self._send(_RST_STREAM, 0, stream.id, _NUMBER.pack(ErrorCodes.CANCEL))
        self._forget(stream)

    def _forget(self, stream: S) -> None:
        del self.streams[stream.id]
        self._unsent.pop(stream.id, None)

    def _send(self, kind: int, flags: int, stream_id: int, body: bytes | memoryview) -> None:
        self._out += _FRAME.pack(len(body) << 8 | kind, flags, stream_id)
        self._out += body

    def _pump(self) -> None:
        """Sends of each request what the peer's windows allow; the last frame half-closes the stream."""
        for stream in list(self._unsent.values()):
            while stream.body:
                window = min(stream.window, self._h2.outbound_flow_control_window, self._h2.max_outbound_frame_size)
                size = min(len(stream.body), window)
                if size <= 0:
                    break
                self._send(_DATA, _END_STREAM if size == len(stream.body) else 0, stream.id, stream.body[:size])
                stream.window -= size
                self._h2.outbound_flow_control_window -= size  # h2 itself sends no DATA
                stream.body = stream.body[size:]
            else:
                stream.body = b""  # An empty view would keep the whole.
                del self._unsent[stream.id]


def _unpadded(flags: int, body: bytes) -> bytes:
    if not flags & _PADDED:
        return body
    if not body or body[0] >= len(body):
        raise ProtocolError("more padding than frame")
    return body[1 : len(body) - body[0]]


def _end(headers: dict[bytes, bytes], last: bool) -> End | None:
    """The end that a block of headers tells of; only a refusal's response headers are trailers as well."""
    http, kind = headers.get(b":status"), headers.get(b"content-type", b"")
    if http is not None and http.startswith(b"1") and not last:
        return None  # More headers follow.
    if http is not None and not (http == b"200" and kind.startswith(b"application/grpc")):
        code = _UNAVAILABLE if http in _UNAVAILABLE_HTTP else _UNKNOWN
        return End(code, f"not gRPC: HTTP status {http!r}, content type {kind!r}")
    code = _CODES.get(headers.get(b"grpc-status", b""), _UNKNOWN)
    return End(code, unquote_to_bytes(headers.get(b"grpc-message", b"")).decode("utf-8", "replace")) if last else None
