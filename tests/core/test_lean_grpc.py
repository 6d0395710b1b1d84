"""The token stream's HTTP/2 core against a scripted peer: no sockets, bytes cut anywhere."""

from __future__ import annotations

import random
import struct
import sys
from dataclasses import dataclass

import grpc
import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived
from h2.settings import SettingCodes
from h2_peer import (
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    OK,
    PADDED,
    PING,
    RESPONSE,
    RST_STREAM,
    SETTINGS,
    Peer,
    frame,
    goaway,
    grpc_message,
    split_block,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from lean_grpc.core import MAX_MESSAGE_BYTES, Connection, End, Events, Stream

PATH = "/a.Service/Method"

UNAVAILABLE, CANCELLED, INTERNAL, UNKNOWN = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN,
)


@dataclass(slots=True, eq=False, kw_only=True)
class Call(Stream):
    """A stream and its name."""

    owner: object


class Pair:
    """A core and its peer, joined without a socket; what the core yields is kept by the owner's name."""

    def __init__(self, **peer_settings: int) -> None:
        self.core = Connection[Call]("engine:8001", PATH)
        self.peer = Peer(**peer_settings)
        self.messages: dict[object, list[bytes]] = {}
        self.ends: dict[object, End] = {}
        self.settle()

    def settle(self) -> None:
        """Moves bytes until neither side has any."""
        while True:
            out, back = self.core.data_to_send(), self.peer.take()
            if not out and not back:
                return
            if out:
                self.peer.receive(out)
            self.feed(back)

    def feed(self, data: bytes, cuts: random.Random | None = None) -> int:
        """The core gets bytes, in one piece or cut at random; returns the number of pieces."""
        pieces = 0
        while data:
            size = len(data) if cuts is None else cuts.choice((1, 2, 8, 9, 10, 14, 200, cuts.randint(1, 4000)))
            self.keep(self.core.receive(data[:size]))
            data = data[size:]
            pieces += 1
        return pieces

    def keep(self, events: Events[Call]) -> None:
        for stream, batch in events.items():
            assert batch
            for what in batch:
                assert stream.owner not in self.ends, "nothing comes after the end"
                if isinstance(what, End):
                    self.ends[stream.owner] = what
                else:
                    assert type(what) is bytes
                    self.messages.setdefault(stream.owner, []).append(what)

    def open(self, owner: object = "call", message: bytes = b"request") -> Call:
        stream = self.begin(owner, message)
        self.settle()
        return stream

    def begin(self, owner: object, message: bytes) -> Call:
        """Opens without moving bytes."""
        stream = Call(body=message, owner=owner)
        self.core.open(stream)
        return stream


def test_a_request_is_a_grpc_call_half_closed() -> None:
    pair = Pair()
    stream = pair.open(message=b"hello")
    assert pair.peer.requests == {1: bytearray(grpc_message(b"hello"))}
    assert pair.peer.ended == {1}
    headers = dict(pair.peer.events[-3].headers)
    assert headers[b":path"] == PATH.encode()
    assert headers[b":method"] == b"POST"
    assert headers[b":authority"] == b"engine:8001"
    assert headers[b"te"] == b"trailers"
    assert headers[b"content-type"] == b"application/grpc"
    pair.feed(pair.peer.answer(stream.id, b"one", b"", b"three"))
    assert pair.messages == {"call": [b"one", b"", b"three"]}
    assert pair.ends == {"call": End(grpc.StatusCode.OK, "")}


def test_nothing_may_be_opened_before_the_peers_settings() -> None:
    core = Connection[Call]("engine:8001", PATH)
    assert core.room == 0
    core.receive(Peer(max_concurrent_streams=7).take())
    assert core.room == 7


def test_max_concurrent_streams_is_the_room_and_may_change() -> None:
    pair = Pair(max_concurrent_streams=1)
    assert pair.core.room == 1
    first = pair.open("first")
    assert pair.core.room == 0
    pair.feed(pair.peer.answer(first.id))
    assert pair.core.room == 1
    for limit in (10, 0, 3):
        pair.peer.h2.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: limit})
        pair.settle()
        assert pair.core.room == limit


# Messages over frames, frames over reads


class Script:
    """What a server sends to some streams, made at random: messages cut over frames, frames of other kinds between."""

    def __init__(self, seed: int, streams: int = 4, messages: int = 8) -> None:
        chance = random.Random(seed)
        self.sent: dict[int, list[bytes]] = {}
        self.peer = Peer()
        client = Connection[Call]("engine:8001", PATH)
        calls = [Call(body=b"request", owner=n) for n in range(streams)]
        for call in calls:
            client.open(call)
        ids = [call.id for call in calls]
        self.peer.receive(client.data_to_send())
        lanes = []
        for stream_id in ids:
            sizes = [chance.choice((0, 1, 4, 5, 186, 187, 3000, 20000)) for _ in range(messages)]
            self.sent[stream_id] = [chance.randbytes(size) for size in sizes]
            body = b"".join(map(grpc_message, self.sent[stream_id]))
            lane: list[bytes | None] = [None]  # headers, whose encoding depends on their place: made when sent
            whole = chance.random() < 0.3
            while body:
                size = 5 + struct.unpack_from(">I", body, 1)[0] if whole else chance.randint(0, 300)
                size = min(size if chance.random() < 0.9 else 16000, 16000)
                piece, body = body[:size], body[size:]
                if chance.random() < 0.2:
                    pad = chance.randint(0, 50)
                    lane.append(frame(DATA, PADDED, stream_id, bytes([pad]) + piece + bytes(pad)))
                else:
                    lane.append(frame(DATA, 0, stream_id, piece))
            lanes.append((stream_id, [*lane, None]))
        out = []
        while lanes:
            stream_id, lane = lanes[chance.randrange(len(lanes))]
            item = lane.pop(0)
            if item is None:
                last = not lane
                block = self.peer.headers(stream_id, OK if last else RESPONSE, end=last)
                at = block.rindex(frame(HEADERS, END_HEADERS | last, stream_id)[3:])  # after what waited to be sent
                item = block[: at - 3] + split_block(block[at - 3 :], chance.randint(1, 3) if last else 1)
                if last:
                    lanes.remove((stream_id, lane))
            out.append(item)
            if chance.random() < 0.1:
                out.append(frame(PING, 0, 0, b"eight by"))
            if chance.random() < 0.05:
                out.append(frame(0xBB, 3, stream_id, b"a kind of frame that nobody knows"))
            if chance.random() < 0.05:
                out.append(frame(SETTINGS, 0, 0, struct.pack(">HI", 3, chance.randint(50, 150))))
        self.bytes = b"".join(out)

    def replay(self, seed: int) -> tuple[Pair, int]:
        """A new connection that gets the script cut at random, and the number of pieces."""
        pair = Pair()
        for stream_id in self.sent:
            assert pair.open(stream_id).id == stream_id
        return pair, pair.feed(self.bytes, random.Random(seed))


def test_ten_thousand_cuts_yield_the_same_messages() -> None:
    cuts = 0
    for seed in range(30):
        script = Script(seed)
        alone = H2Connection(H2Configuration(header_encoding=None))  # h2 without any DATA taken away from it
        alone.initiate_connection()
        alone.increment_flow_control_window(1 << 30)
        for stream_id in script.sent:
            alone.send_headers(
                stream_id,
                [(b":method", b"POST"), (b":path", PATH.encode()), (b":scheme", b"http"), (b":authority", b"x")],
            )
            alone.increment_flow_control_window(1 << 30, stream_id)
        by_h2: dict[int, bytes] = dict.fromkeys(script.sent, b"")
        for event in alone.receive_data(script.bytes):
            if isinstance(event, DataReceived):
                by_h2[event.stream_id] += event.data
        for again in range(3):
            pair, pieces = script.replay(seed * 100 + again)
            cuts += pieces
            assert pair.messages == script.sent
            assert pair.ends == dict.fromkeys(script.sent, End(grpc.StatusCode.OK, ""))
            assert not pair.core.closed
            assert not pair.core.streams
            for stream_id, messages in pair.messages.items():
                assert b"".join(map(grpc_message, messages)) == by_h2[stream_id]
    assert cuts >= 10_000


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(0, 2**32), st.binary(min_size=1, max_size=40))
def test_a_damaged_stream_of_bytes_never_raises_and_ends_each_call_once(seed: int, where: int, damage: bytes) -> None:
    script = Script(seed % 10, streams=3, messages=3)
    pair = Pair()
    for stream_id in script.sent:
        pair.open(stream_id)
    at = where % len(script.bytes)
    pair.feed(script.bytes[:at] + damage + script.bytes[at + len(damage) :], random.Random(seed))
    pair.keep(pair.core.lose("over"))
    assert pair.ends.keys() == script.sent.keys()
    assert not pair.core.streams


@given(st.binary(min_size=9, max_size=200))
def test_garbage_ends_calls_as_unavailable(data: bytes) -> None:
    pair = Pair()
    pair.open()
    pair.feed(b"HTTP/1.1 400 Bad Request\r\n\r\n" + data)
    assert pair.core.closed
    assert pair.core.room == 0
    assert pair.ends["call"].code is UNAVAILABLE
    assert not pair.core.receive(data)


def test_a_frame_above_the_allowed_size_is_refused_by_its_header() -> None:
    pair = Pair()
    pair.open()
    pair.feed(frame(DATA, 0, 1, bytes(20_000))[:9])
    assert pair.core.closed
    assert pair.ends["call"].code is UNAVAILABLE


def test_the_connection_window_is_given_back() -> None:
    pair = Pair()
    stream = pair.open()
    pair.feed(pair.peer.headers(stream.id, RESPONSE))
    peer = pair.peer.h2
    for number in range(400):
        body = bytes([number % 256]) * 16_000
        peer.send_data(
            stream.id, grpc_message(body), pad_length=200 if number % 50 == 0 else None
        )  # those by the slow way
        pair.settle()
        assert peer.outbound_flow_control_window > 2**31 - 1 - (5 << 20), "h2 holds a sender to the window"
    assert len(pair.messages["call"]) == 400
    assert peer.streams[stream.id].outbound_flow_control_window == 2**31 - 1 - 400 * 16_005 - 8 * 201


# Requests larger than the windows


def test_a_request_waits_for_the_streams_window() -> None:
    pair = Pair(initial_window_size=1000)
    body = bytes(range(256)) * 20
    pair.begin("call", body)
    pair.peer.receive(pair.core.data_to_send(), acknowledge=False)
    assert len(pair.peer.requests[1]) == 1000
    pair.peer.h2.increment_flow_control_window(2000, 1)
    pair.feed(pair.peer.take())
    pair.peer.receive(pair.core.data_to_send(), acknowledge=False)
    assert len(pair.peer.requests[1]) == 3000
    assert not pair.peer.ended
    pair.peer.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 100_000})
    pair.settle()
    assert pair.peer.requests[1] == grpc_message(body)
    assert pair.peer.ended == {1}


def test_requests_wait_for_the_connections_window() -> None:
    pair = Pair(initial_window_size=1 << 20)
    for owner in ("first", "second"):
        pair.begin(owner, bytes(60_000))
    pair.peer.receive(pair.core.data_to_send(), acknowledge=False)
    assert sum(map(len, pair.peer.requests.values())) == 65_535
    pair.peer.h2.increment_flow_control_window(100_000)
    pair.settle()
    assert pair.peer.ended == {1, 3}


def test_a_cancelled_request_sends_nothing_more() -> None:
    pair = Pair(initial_window_size=1000)
    stream = pair.begin("call", bytes(5000))
    pair.core.cancel(stream)
    pair.settle()
    assert len(pair.peer.requests[1]) == 1000
    assert pair.peer.resets == {1: 8}
    assert pair.core.room > 0
    assert not pair.ends


def test_an_end_before_the_request_is_whole_resets_the_stream() -> None:
    pair = Pair(initial_window_size=1000)
    pair.begin("call", bytes(5000))
    pair.peer.receive(pair.core.data_to_send(), acknowledge=False)
    pair.feed(pair.peer.headers(1, [*RESPONSE, (b"grpc-status", b"8")], end=True))
    assert pair.ends["call"].code is grpc.StatusCode.RESOURCE_EXHAUSTED
    pair.settle()
    assert pair.peer.resets == {1: 8}


def test_a_larger_frame_size_is_used() -> None:
    pair = Pair(initial_window_size=1 << 20)
    pair.peer.h2.update_settings({SettingCodes.MAX_FRAME_SIZE: 1 << 20})
    pair.settle()
    pair.open(message=bytes(60_000))
    assert len([e for e in pair.peer.events if isinstance(e, DataReceived)]) == 1


# How streams end


@pytest.mark.parametrize(
    ("trailers", "end"),
    [
        ([(b"grpc-status", b"0")], End(grpc.StatusCode.OK, "")),
        ([(b"grpc-status", b"14"), (b"grpc-message", b"gone")], End(UNAVAILABLE, "gone")),
        (
            [(b"grpc-status", b"3"), (b"grpc-message", b"100%25 gr%C3%B6%C3%9Fer")],
            End(grpc.StatusCode.INVALID_ARGUMENT, "100% größer"),
        ),
        ([(b"grpc-status", b"13"), (b"grpc-message", b"%zz %FF%")], End(INTERNAL, "%zz \ufffd%")),
        ([(b"grpc-status", b"77")], End(UNKNOWN, "")),
        ([(b"grpc-status", b"-1")], End(UNKNOWN, "")),
        ([(b"grpc-status", b"9" * 5000)], End(UNKNOWN, "")),
        ([(b"x", b"y")], End(UNKNOWN, "")),
    ],
)
@pytest.mark.parametrize("at_once", [False, True])
def test_status(trailers: list[tuple[bytes, bytes]], end: End, at_once: bool) -> None:
    pair = Pair()
    stream = pair.open()
    if not at_once:
        pair.feed(pair.peer.headers(stream.id, RESPONSE))
    pair.feed(pair.peer.headers(stream.id, [*RESPONSE, *trailers] if at_once else trailers, end=True))
    assert pair.ends == {"call": end}
    assert not pair.core.streams


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ([(b":status", b"503")], UNAVAILABLE),
        ([(b":status", b"429")], UNAVAILABLE),
        ([(b":status", b"404")], UNKNOWN),
        ([(b":status", b"200"), (b"content-type", b"text/html")], UNKNOWN),
        ([(b":status", b"200")], UNKNOWN),
    ],
)
@pytest.mark.parametrize("ended", [False, True])
def test_an_answer_that_is_not_grpc(headers: list[tuple[bytes, bytes]], code: grpc.StatusCode, ended: bool) -> None:
    pair = Pair()
    stream = pair.open()
    pair.feed(pair.peer.headers(stream.id, headers, end=ended))
    assert pair.ends["call"].code is code
    pair.settle()
    assert pair.peer.resets == ({} if ended else {stream.id: 8})


@pytest.mark.parametrize(
    ("reset", "code"), [(7, UNAVAILABLE), (8, CANCELLED), (0, INTERNAL), (2, INTERNAL), (11, INTERNAL), (999, INTERNAL)]
)
def test_rst_stream(reset: int, code: grpc.StatusCode) -> None:
    pair = Pair()
    stream, other = pair.open(), pair.open("other")
    pair.feed(pair.peer.headers(stream.id, RESPONSE) + frame(DATA, 0, stream.id, grpc_message(b"one")))
    pair.feed(frame(RST_STREAM, 0, stream.id, struct.pack(">I", reset)))
    assert pair.messages["call"] == [b"one"]
    assert pair.ends["call"].code is code
    pair.feed(pair.peer.answer(other.id, b"alive"))
    assert pair.messages["other"] == [b"alive"]


def test_end_stream_on_data_is_an_end_without_status() -> None:
    pair = Pair()
    stream = pair.open()
    pair.feed(pair.peer.headers(stream.id, RESPONSE) + frame(DATA, END_STREAM, stream.id, grpc_message(b"one")))
    assert pair.messages["call"] == [b"one"]
    assert pair.ends["call"] == End(UNKNOWN, "no status")
    assert not pair.core.closed


def test_a_declared_content_length_changes_nothing() -> None:
    pair = Pair()
    stream = pair.open()
    pair.feed(pair.peer.headers(stream.id, [*RESPONSE, (b"content-length", b"8")]))
    pair.feed(frame(DATA, 0, stream.id, grpc_message(b"one")) + pair.peer.headers(stream.id, OK, end=True))
    assert pair.messages["call"] == [b"one"]
    assert pair.ends["call"].code is grpc.StatusCode.OK


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (grpc_message(b"squeezed", compressed=1), INTERNAL),
        (grpc_message(bytes(MAX_MESSAGE_BYTES + 1)), grpc.StatusCode.RESOURCE_EXHAUSTED),
        (b"\x00\xff\xff\xff\xff", grpc.StatusCode.RESOURCE_EXHAUSTED),
    ],
)
def test_a_message_that_cannot_be_taken_ends_its_stream_alone(body: bytes, code: grpc.StatusCode) -> None:
    pair = Pair()
    stream, other = pair.open(), pair.open("other")
    pair.feed(pair.peer.headers(stream.id, RESPONSE))
    for at in range(0, len(body), 10_000):
        pair.feed(frame(DATA, 0, stream.id, body[at : at + 10_000]))
    pair.peer.h2.outbound_flow_control_window -= len(body)
    assert pair.ends["call"].code is code
    pair.settle()
    assert pair.peer.resets == {stream.id: 8}
    pair.feed(pair.peer.answer(other.id, b"alive"))
    assert pair.messages == {"other": [b"alive"]}


def test_a_message_cut_short_is_no_clean_end() -> None:
    pair = Pair()
    stream = pair.open()
    pair.feed(pair.peer.headers(stream.id, RESPONSE) + frame(DATA, 0, stream.id, grpc_message(b"one")[:-1]))
    pair.feed(pair.peer.headers(stream.id, OK, end=True))
    assert pair.ends["call"].code is INTERNAL


def test_data_amid_a_header_block_is_a_protocol_error() -> None:
    pair = Pair()
    stream = pair.open()
    pair.feed(pair.peer.headers(stream.id, RESPONSE))
    block = split_block(pair.peer.headers(stream.id, [*OK, (b"x", b"y" * 50)], end=True), 2)
    second = block.index(b"\x09\x04\x00\x00\x00\x01") - 3
    pair.feed(block[:second] + frame(DATA, 0, stream.id, grpc_message(b"no")) + block[second:])
    assert not pair.messages
    assert pair.core.closed
    assert pair.ends["call"].code is UNAVAILABLE


# GOAWAY


def test_goaway_lets_streams_finish_and_refuses_those_above() -> None:
    pair = Pair()
    streams = [pair.open(n) for n in range(4)]
    for stream in streams:
        pair.feed(pair.peer.headers(stream.id, RESPONSE))
    pair.feed(goaway(2**31 - 1))
    assert pair.core.draining
    assert pair.core.room == 0
    assert not pair.ends
    pair.feed(goaway(streams[1].id))
    assert pair.ends.keys() == {2, 3}
    assert {end.code for end in pair.ends.values()} == {UNAVAILABLE}
    pair.feed(frame(DATA, 0, streams[0].id, grpc_message(b"still here")))
    pair.feed(frame(DATA, 0, streams[3].id, grpc_message(b"too late")))
    pair.feed(pair.peer.headers(streams[3].id, OK, end=True))
    pair.feed(pair.peer.headers(streams[0].id, OK, end=True))
    assert pair.messages == {0: [b"still here"]}
    assert pair.ends[0].code is grpc.StatusCode.OK
    pair.core.cancel(streams[1])
    pair.settle()
    assert pair.peer.resets == {streams[1].id: 8}
    assert not pair.core.streams
    assert not pair.core.closed


def test_goaway_without_streams() -> None:
    pair = Pair()
    pair.feed(goaway(0, 11))
    assert pair.core.draining
    assert not pair.core.streams


def test_stream_ids_run_out() -> None:
    pair = Pair()
    pair.core._next_id = 2**31 - 1
    stream = pair.open()
    assert pair.core.draining
    pair.feed(pair.peer.answer(stream.id, b"last"))
    assert pair.messages["call"] == [b"last"]


# Life and death


def test_a_lost_connection_ends_everything_once() -> None:
    pair = Pair()
    for n in range(3):
        pair.open(n)
    pair.keep(pair.core.lose("reset by peer"))
    pair.keep(pair.core.lose("again"))
    assert pair.ends == dict.fromkeys(range(3), End(UNAVAILABLE, "reset by peer"))


def test_pings_go_both_ways() -> None:
    pair = Pair()
    pair.feed(frame(PING, 0, 0, b"12345678"))
    assert frame(PING, 1, 0, b"12345678") in pair.core.data_to_send()
    pair.core.ping()
    pair.peer.receive(pair.core.data_to_send())
    assert pair.peer.take().startswith(frame(PING, 1, 0)[3:9], 3)


def test_a_thousand_opens_and_cancels_leave_nothing() -> None:
    pair = Pair()
    sizes = []
    for n in range(6000):
        stream = pair.begin(n, b"request")
        pair.feed(
            pair.peer.headers(stream.id, RESPONSE) if pair.peer.receive(pair.core.data_to_send()) is None else b""
        )
        pair.core.cancel(stream)
        # What was on its way when the stream was cancelled is no error.
        if n % 3 == 0:
            pair.feed(frame(DATA, 0, stream.id, grpc_message(b"late")))
            pair.feed(pair.peer.headers(stream.id, OK, end=True))
        pair.peer.receive(pair.core.data_to_send())
        if n % 1000 == 999:
            sizes.append(len(pair.core._h2.streams) + len(pair.core._h2._closed_streams))
    assert not pair.core.closed
    assert not pair.ends
    assert not pair.messages
    assert not pair.core.streams
    assert not pair.core._h2.streams
    assert sizes[-1] <= 4096
    assert sizes[-1] == sizes[-2]
    assert sys.getsizeof(pair.core._tail) < 100


# Headers


def test_headers_mean_the_same_however_the_peer_compresses_them() -> None:
    chance, pair, said = random.Random(3), Pair(), [b"out of memory", b"gone", b"x" * 1500, b"y" * 3000]
    for number in range(400):
        stream, words = pair.open(number), chance.choice([*said, b"unique %d" % number])
        trailers = [(b"grpc-status", b"%d" % chance.choice((3, 8, 13))), (b"grpc-message", words)]
        pair.feed(pair.peer.headers(stream.id, RESPONSE) + pair.peer.headers(stream.id, trailers, end=True))
        end = pair.ends[number]
        assert (b"%d" % end.code.value[0], end.detail.encode()) == (trailers[0][1], words)


def test_informational_headers_and_priorities_are_passed_over() -> None:
    pair = Pair()
    stream = pair.open()
    pair.feed(pair.peer.headers(stream.id, [(b":status", b"103"), (b"link", b"x")]))
    block = pair.peer.headers(stream.id, RESPONSE)[9:]
    pair.feed(frame(HEADERS, END_HEADERS | PADDED | 0x20, stream.id, b"\x03" + bytes(5) + block + bytes(3)))
    pair.feed(frame(2, 0, stream.id, bytes(5)) + frame(DATA, 0, stream.id, grpc_message(b"one")))
    pair.feed(pair.peer.headers(stream.id, OK, end=True))
    assert pair.messages == {"call": [b"one"]}
    assert pair.ends == {"call": End(grpc.StatusCode.OK, "")}


@pytest.mark.parametrize(
    "broken",
    [
        frame(HEADERS, END_HEADERS, 3, b"\x88"),  # a stream that was never opened
        frame(HEADERS, END_HEADERS, 2, b"\x88"),  # one of the peer's
        frame(HEADERS, END_HEADERS, 0, b"\x88"),
        frame(HEADERS, END_HEADERS, 1, b"\xff\xff"),  # no HPACK
        frame(HEADERS, END_HEADERS, 1, b"\x84"),  # no status
        frame(HEADERS, END_HEADERS | PADDED, 1, b"\x05\x88"),
        frame(HEADERS, 0, 1, b"\x88") + frame(9, 0, 1, bytes(16_000)) * 5,  # too many headers
        frame(9, END_HEADERS, 1, b"\x88"),  # a continuation of nothing
        frame(DATA, 0, 1, grpc_message(b"one")),  # before headers
        frame(RST_STREAM, 0, 1, b"\x00"),
        frame(5, END_HEADERS, 1, bytes(4) + b"\x88"),  # PUSH_PROMISE
    ],
)
def test_what_a_peer_must_not_send_ends_the_connection(broken: bytes) -> None:
    pair = Pair()
    pair.open()
    pair.feed(broken)
    assert pair.core.closed
    assert pair.ends["call"].code is UNAVAILABLE
    assert b"\x07\x00\x00\x00\x00\x00" in pair.core.data_to_send(), "GOAWAY"
