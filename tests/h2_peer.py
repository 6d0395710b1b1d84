"""The other end of an HTTP/2 connection, as scriptable as tests need it: `h2` as a server, and raw frames beside it."""

from __future__ import annotations

import struct

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, Event, RequestReceived, StreamEnded, StreamReset
from h2.settings import SettingCodes, Settings

DATA, HEADERS, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 5, 6, 7, 8, 9
END_STREAM, END_HEADERS, PADDED = 0x1, 0x4, 0x8

RESPONSE = [(b":status", b"200"), (b"content-type", b"application/grpc")]
OK = [(b"grpc-status", b"0")]


def frame(kind: int, flags: int, stream_id: int, body: bytes = b"") -> bytes:
    """One frame, whatever its sense."""
    return struct.pack(">IBI", len(body) << 8 | kind, flags, stream_id) + body


def grpc_message(body: bytes, compressed: int = 0) -> bytes:
    """A message with gRPC's prefix."""
    return struct.pack(">BI", compressed, len(body)) + body


def goaway(last_stream_id: int, code: int = 0) -> bytes:
    """A GOAWAY frame."""
    return frame(GOAWAY, 0, 0, struct.pack(">II", last_stream_id, code))


class Peer:
    """A server's side, sans IO: `receive` takes the client's bytes, `take` gives what is to be sent to it."""

    def __init__(self, **settings: int) -> None:
        self.h2 = H2Connection(H2Configuration(client_side=False, header_encoding=None))
        self.h2.local_settings = Settings(
            client=False, initial_values={SettingCodes[name.upper()]: value for name, value in settings.items()}
        )
        self.h2.initiate_connection()
        self.events: list[Event] = []
        self.requests: dict[int, bytearray] = {}  # bodies by stream
        self.ended: set[int] = set()  # streams that the client half-closed
        self.resets: dict[int, int] = {}  # code by stream

    def receive(self, data: bytes, *, acknowledge: bool = True) -> None:
        """Takes bytes of the client; raises ProtocolError if they aren't HTTP/2."""
        for event in self.h2.receive_data(data):
            self.events.append(event)
            if isinstance(event, RequestReceived):
                self.requests[event.stream_id] = bytearray()
            elif isinstance(event, DataReceived):
                self.requests[event.stream_id] += event.data
                if acknowledge:
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, StreamEnded):
                self.ended.add(event.stream_id)
            elif isinstance(event, StreamReset):
                self.resets[event.stream_id] = event.error_code

    def take(self) -> bytes:
        """Takes the bytes to send."""
        return self.h2.data_to_send()

    def headers(self, stream_id: int, headers: list[tuple[bytes, bytes]], *, end: bool = False) -> bytes:
        """A header block as one frame; whatever waited to be sent comes before it."""
        self.h2.send_headers(stream_id, headers, end_stream=end)
        return self.take()

    def answer(self, stream_id: int, *messages: bytes) -> bytes:
        """Response headers, messages in a frame each, trailers that say OK."""
        out = self.headers(stream_id, RESPONSE)
        out += b"".join(frame(DATA, 0, stream_id, grpc_message(message)) for message in messages)
        return out + self.headers(stream_id, OK, end=True)


def split_block(block: bytes, pieces: int) -> bytes:
    """A HEADERS frame cut into one and CONTINUATION frames."""
    word, flags, stream_id = struct.unpack_from(">IBI", block)
    assert word & 0xFF == HEADERS
    assert len(block) == 9 + (word >> 8)
    body = block[9:]
    step = -(-len(body) // pieces)
    parts = [body[at : at + step] for at in range(0, len(body), step)]
    if len(parts) == 1:
        return block
    out = frame(HEADERS, flags & ~END_HEADERS, stream_id, parts[0])
    for part in parts[1:-1]:
        out += frame(CONTINUATION, 0, stream_id, part)
    return out + frame(CONTINUATION, END_HEADERS, stream_id, parts[-1])
