"""One suite over both transports of the token stream, against a real gRPC server and against a scripted HTTP/2 peer."""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from doubles_triton import by_grpc, by_h2
from h2.settings import SettingCodes
from h2_peer import (
    DATA,
    END_STREAM,
    OK,
    PADDED,
    PING,
    RESPONSE,
    RST_STREAM,
    Peer,
    frame,
    goaway,
    grpc_message,
    split_block,
)

from inference.transport import METHOD, Transport
from inference.triton_pb2 import ModelInferRequest, ModelStreamInferResponse
from inference.triton_pb2_grpc import GRPCInferenceServiceServicer, add_GRPCInferenceServiceServicer_to_server
from lean_grpc import client as lean_client
from lean_grpc import core as lean_core
from lean_grpc.client import Client
from mesh.faults import Fault

TLS = Path(__file__).parent.parent / "tls"
Make = Callable[[str], Transport]


class Receiver:
    """Keeps what comes and checks the order of it."""

    def __init__(self, *, fail: bool = False) -> None:
        self.messages: list[bytes] = []
        self.end: asyncio.Future[Fault | None] = asyncio.get_running_loop().create_future()
        self.news = asyncio.Event()
        self._fail = fail
        self.failures = 0

    def take(self, batch: Sequence[bytes]) -> None:
        assert not self.end.done()
        assert all(type(data) is bytes for data in batch)
        self.messages += batch
        self.news.set()
        if self._fail:
            self.failures += 1
            raise RuntimeError("a receiver's bug")

    def closed(self, fault: Fault | None) -> None:
        self.end.set_result(fault)  # raises if there was one
        self.news.set()

    async def until(self, count: int) -> None:
        """Waits until so many messages came."""
        async with asyncio.timeout(10):
            while len(self.messages) < count:
                self.news.clear()
                await self.news.wait()

    async def fault(self) -> Fault | None:
        """How it ended."""
        async with asyncio.timeout(10):
            return await self.end

    async def reason(self) -> str:
        """The reason of the fault that it ended with."""
        fault = await self.fault()
        assert fault is not None
        return fault.reason


def ask(what: str = "", size: int = 0) -> ModelInferRequest:
    """A request; `what` tells the engine below what to do."""
    return ModelInferRequest(model_name="tensorrt_llm", id=what, raw_input_contents=[bytes(size)] if size else [])


@pytest.fixture(params=[by_grpc, by_h2], ids=["grpc", "h2"])
async def make(request: pytest.FixtureRequest) -> AsyncIterator[Make]:
    """Makes transports of either kind, closed at the end."""
    async with contextlib.AsyncExitStack() as stack:

        def made(address: str) -> Transport:
            transport: Transport = request.param(address)
            stack.push_async_callback(transport.aclose)
            return transport

        yield made


# A real gRPC server


class Engine(GRPCInferenceServiceServicer):
    """Does what a request's id says: commands joined by spaces."""

    def __init__(self) -> None:
        self.active = 0
        self.cancelled = 0
        self.sizes: list[int] = []

    async def ModelStreamInfer(self, request_iterator: Any, ctx: Any) -> None:
        self.active += 1
        try:
            async for request in request_iterator:
                self.sizes += [len(raw) for raw in request.raw_input_contents]
                for command in request.id.split():
                    await self.do(command, ctx)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.active -= 1

    async def do(self, command: str, ctx: Any) -> None:
        verb, _, number = command.partition("=")
        match verb:
            case "count":
                for n in range(int(number)):
                    await ctx.write(response(n))
            case "size":
                await ctx.write(ModelStreamInferResponse(error_message="x" * int(number)))
            case "hang":
                await asyncio.Event().wait()
            case "abort":
                await ctx.abort(grpc.StatusCode[number], "größer als 100%\nnext line")
            case "crash":
                raise RuntimeError("a bug")


def response(number: int) -> ModelStreamInferResponse:
    """The engine's nth response, of a size that differs."""
    made = ModelStreamInferResponse()
    made.infer_response.id = str(number)
    made.infer_response.raw_output_contents.append(bytes([number % 256]) * (number * 37 % 500))
    return made


class Served:
    """A gRPC server that can be stopped and started again on its port."""

    def __init__(self, credentials: grpc.ServerCredentials | None = None) -> None:
        self.engine = Engine()
        self.port = 0
        self._credentials = credentials
        self._server: grpc.aio.Server | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._server = grpc.aio.server()
        add_GRPCInferenceServiceServicer_to_server(self.engine, self._server)
        if self._credentials is None:
            self.port = self._server.add_insecure_port(self.address)
        else:
            self.port = self._server.add_secure_port(self.address, self._credentials)
        await self._server.start()

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.stop(0)

    async def idle(self) -> None:
        """Waits until no call is active."""
        async with asyncio.timeout(10):
            while self.engine.active:
                await asyncio.sleep(0.01)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """A running server."""
    server = Served()
    await server.start()
    yield server
    await server.stop()


async def test_messages_arrive_as_the_server_wrote_them(make: Make, served: Served) -> None:
    receiver = Receiver()
    make(served.address).stream_infer(ask("count=300 size=1000000 size=0 count=1"), receiver)
    assert await receiver.fault() is None
    expected = [response(n) for n in range(300)]
    expected += [ModelStreamInferResponse(error_message="x" * 1_000_000), ModelStreamInferResponse(), response(0)]
    assert receiver.messages == [message.SerializeToString() for message in expected]


async def test_a_request_larger_than_any_window(make: Make, served: Served) -> None:
    receiver = Receiver()
    make(served.address).stream_infer(ask("count=1", 3_000_000), receiver)
    assert await receiver.fault() is None
    assert served.engine.sizes == [3_000_000]


async def test_many_streams_at_once_keep_apart(make: Make, served: Served) -> None:
    transport = make(served.address)
    receivers = [Receiver() for _ in range(200)]
    for number, receiver in enumerate(receivers):
        transport.stream_infer(ask(f"size={number} count={number % 20}", 1000), receiver)
    assert [await receiver.fault() for receiver in receivers] == [None] * 200
    for number, receiver in enumerate(receivers):
        assert ModelStreamInferResponse.FromString(receiver.messages[0]).error_message == "x" * number
        assert len(receiver.messages) == 1 + number % 20


@pytest.mark.parametrize("before", ["", "count=3 "])
@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("abort=UNAVAILABLE", "ENGINE_UNAVAILABLE"),
        ("abort=INVALID_ARGUMENT", "ENGINE_FAILED"),
        ("abort=NOT_FOUND", "ENGINE_FAILED"),
        ("crash", "ENGINE_FAILED"),
    ],
)
async def test_statuses(make: Make, served: Served, before: str, command: str, reason: str) -> None:
    receiver = Receiver()
    make(served.address).stream_infer(ask(before + command), receiver)
    fault = await receiver.fault()
    assert fault is not None
    assert fault.reason == reason
    assert len(receiver.messages) == (3 if before else 0)
    if command.startswith("abort") and reason == "ENGINE_FAILED":
        assert "größer als 100%\nnext line" in fault.message


async def test_cancel_reaches_the_server_and_silences_the_receiver(make: Make, served: Served) -> None:
    transport = make(served.address)
    receiver, other = Receiver(), Receiver()
    transport.stream_infer(ask("count=1 hang"), other)
    cancel = transport.stream_infer(ask("count=2 hang"), receiver)
    await receiver.until(2)
    await other.until(1)
    cancel()
    cancel()
    async with asyncio.timeout(10):
        while not served.engine.cancelled:
            await asyncio.sleep(0.01)
    assert served.engine.active == 1
    assert not receiver.end.done()
    assert not other.end.done()


async def test_cancel_before_the_call_is_sent(make: Make, served: Served) -> None:
    transport = make(served.address)
    receiver, other = Receiver(), Receiver()
    transport.stream_infer(ask("count=1"), receiver)()
    transport.stream_infer(ask("count=1"), other)
    assert await other.fault() is None
    await served.idle()
    assert not receiver.end.done()
    assert not receiver.messages


async def test_cancel_from_within_a_message(make: Make, served: Served) -> None:
    transport = make(served.address)

    class Quitter(Receiver):
        taken = 0

        def take(self, batch: Sequence[bytes]) -> None:
            super().take(batch)
            self.taken += 1
            cancel()

    receiver = Quitter()
    cancel = transport.stream_infer(ask("count=50 hang"), receiver)
    await receiver.until(1)
    await served.idle()
    assert receiver.taken == 1
    assert not receiver.end.done()


async def test_a_thousand_opens_and_cancels(make: Make, served: Served) -> None:
    transport = make(served.address)
    for _ in range(10):
        receivers = [Receiver() for _ in range(100)]
        cancels = [transport.stream_infer(ask("count=1 hang"), receiver) for receiver in receivers]
        await receivers[-1].until(1)
        for cancel in cancels:
            cancel()
        await served.idle()
        assert not any(receiver.end.done() for receiver in receivers)
    last = Receiver()
    transport.stream_infer(ask("count=1"), last)
    assert await last.fault() is None
    if isinstance(transport.client, Client):
        assert [len(link.core.streams) for link in transport.client.links] == [0]
        assert not transport.client.waiting


async def test_a_receivers_bug_costs_its_own_call_alone(make: Make, served: Served) -> None:
    asyncio.get_running_loop().set_exception_handler(lambda loop, what: None)
    transport = make(served.address)
    broken, other = Receiver(fail=True), Receiver()
    transport.stream_infer(ask("count=3 hang"), broken)
    transport.stream_infer(ask("count=3"), other)
    assert await broken.reason() == "INTERNAL"
    assert await other.fault() is None
    assert broken.failures == 1
    await served.idle()


async def test_nobody_there(make: Make, served: Served) -> None:
    await served.stop()
    receivers = [Receiver() for _ in range(3)]
    transport = make(served.address)
    for receiver in receivers:
        transport.stream_infer(ask("count=1"), receiver)
    assert not any(receiver.end.done() for receiver in receivers), "a call is in its caller's hands before it ends"
    assert {await receiver.reason() for receiver in receivers} == {"ENGINE_UNAVAILABLE"}


async def test_a_server_that_stops_and_comes_back(make: Make, served: Served) -> None:
    transport = make(served.address)
    receivers = [Receiver() for _ in range(20)]
    for receiver in receivers:
        transport.stream_infer(ask("count=2 hang"), receiver)
    for receiver in receivers:
        await receiver.until(2)
    await served.stop()
    assert {await receiver.reason() for receiver in receivers} == {"ENGINE_UNAVAILABLE"}
    late = Receiver()
    transport.stream_infer(ask("count=2"), late)
    assert await late.reason() == "ENGINE_UNAVAILABLE"
    await served.start()
    async with asyncio.timeout(10):
        while True:
            again = Receiver()
            transport.stream_infer(ask("count=2"), again)
            if await again.fault() is None:
                break
    assert len(again.messages) == 2


async def test_calls_after_close_fail(served: Served) -> None:
    transport = by_h2(served.address)
    live, late = Receiver(), Receiver()
    transport.stream_infer(ask("count=1 hang"), live)
    await live.until(1)
    await transport.aclose()
    await transport.aclose()
    assert await live.reason() == "ENGINE_UNAVAILABLE"
    transport.stream_infer(ask("count=1"), late)
    assert await late.reason() == "ENGINE_UNAVAILABLE"
    await served.idle()


async def test_tls() -> None:
    pems = [(TLS / name).read_bytes() for name in ("key.pem", "cert.pem")]
    server = Served(grpc.ssl_server_credentials([(pems[0], pems[1])]))
    await server.start()
    good, bad = by_h2(server.address, tls=ssl.create_default_context(cafile=TLS / "cert.pem")), None
    try:
        receiver = Receiver()
        good.stream_infer(ask("count=100", 500_000), receiver)
        assert await receiver.fault() is None
        assert len(receiver.messages) == 100
        bad = by_h2(server.address, tls=ssl.create_default_context())  # which doesn't trust the certificate
        receiver = Receiver()
        bad.stream_infer(ask("count=1"), receiver)
        assert await receiver.reason() == "ENGINE_UNAVAILABLE"
    finally:
        await good.aclose()
        if bad is not None:
            await bad.aclose()
        await server.stop()


async def test_recorded_bytes_cut_anywhere_yield_what_grpc_yields(served: Served) -> None:
    commands = [f"count={10 + n} size={n * 9000} count=3" for n in range(8)]
    oracle = by_grpc(served.address)
    receivers = [Receiver() for _ in commands]
    for command, receiver in zip(commands, receivers, strict=True):
        oracle.stream_infer(ask(command), receiver)
    assert [await receiver.fault() for receiver in receivers] == [None] * len(commands)
    await oracle.aclose()

    def client() -> lean_core.Connection[lean_core.Stream]:
        core: lean_core.Connection[lean_core.Stream] = lean_core.Connection(served.address, METHOD)
        for command in commands:
            core.open(lean_core.Stream(body=ask(command).SerializeToString()))
        return core

    core, recorded, ends = client(), b"", 0
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    async with asyncio.timeout(10):
        while ends < len(commands):
            writer.write(core.data_to_send())
            recorded += (data := await reader.read(1 << 16))
            ends += sum(isinstance(batch[-1], lean_core.End) for batch in core.receive(data).values())
    writer.close()

    pieces = 0
    for seed in range(200):
        cuts, core = random.Random(seed), client()
        got: list[list[bytes]] = [[] for _ in commands]
        at = ends = 0
        while at < len(recorded):
            size = cuts.choice((1, 3, 9, 14, 100, 5000, cuts.randint(1, 30_000)))
            for stream, batch in core.receive(recorded[at : at + size]).items():
                for what in batch:
                    if isinstance(what, bytes):
                        got[stream.id // 2].append(what)
                    else:
                        assert what.code is grpc.StatusCode.OK
                        ends += 1
            at += size
            pieces += 1
        assert ends == len(commands)
        assert got == [receiver.messages for receiver in receivers]
    assert pieces > 10_000


class Reading:
    """A socket's transport, as far as it tells whether it is read."""

    paused = False

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def write(self, data: bytes) -> None:
        pass

    def is_closing(self) -> bool:
        return False


async def test_in_a_rush_reads_rest_and_alone_nothing_waits() -> None:
    link, socket = lean_client._Link(lean_client.Client("127.0.0.1:1", METHOD)), Reading()
    link.connection_made(socket)  # type: ignore[arg-type]
    for _ in range(20):  # Data that is waited for
        await asyncio.sleep(0.001)
        link.data_received(b"")
        assert not socket.paused
    for _ in range(20):  # and data that is there already.
        link.data_received(b"")
    assert socket.paused
    await asyncio.sleep(0.02)
    assert not socket.paused
    link.data_received(b"")
    assert not socket.paused


# A scripted peer


class Connected:
    """The peer's end of one connection, driven by a test."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, **settings: int) -> None:
        self.peer = Peer(**settings)
        self.closed = asyncio.Event()
        self.heard = asyncio.Event()
        self.silent = False
        self._sending = asyncio.Lock()
        self._reader, self._writer = reader, writer

    def send(self, data: bytes) -> None:
        self._writer.write(data)

    async def trickle(self, data: bytes) -> None:
        """Sends bytes in small pieces, each a packet of its own, with nothing between."""
        async with self._sending:
            for at in range(0, len(data), 7):
                self._writer.write(data[at : at + 7])
                await self._writer.drain()
                await asyncio.sleep(0)

    async def run(self) -> None:
        self.send(self.peer.take())
        with contextlib.suppress(ConnectionError):
            while data := await self._reader.read(1 << 16):
                if self.silent:
                    continue
                async with self._sending:
                    self.peer.receive(data)
                    self.send(self.peer.take())
                self.heard.set()
        self.closed.set()

    def drop(self) -> None:
        self._writer.transport.abort()

    async def until(self, condition: Callable[[], object]) -> None:
        """Waits until what the client sent makes something true."""
        async with asyncio.timeout(10):
            while not condition():
                self.heard.clear()
                await self.heard.wait()

    async def request(self, count: int = 1) -> int:
        """Waits for the nth whole request on this connection; returns its stream."""
        await self.until(lambda: len(self.peer.ended) >= count)
        return sorted(self.peer.ended)[count - 1]


class Scripted:
    """Listens; hands each connection to the test."""

    def __init__(self, **settings: int) -> None:
        self.settings = settings
        self.connections: asyncio.Queue[Connected] = asyncio.Queue()
        self.all: list[Connected] = []

    async def __aenter__(self) -> Scripted:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.close()
        for connection in self.all:
            connection.drop()
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connected(reader, writer, **self.settings)
        self.all.append(connection)
        self.connections.put_nowait(connection)
        try:
            await connection.run()
        finally:
            writer.close()

    async def accept(self) -> Connected:
        return await asyncio.wait_for(self.connections.get(), 10)


@pytest.fixture
async def scripted() -> AsyncIterator[Scripted]:
    """A scripted peer without settings of note."""
    async with Scripted() as server:
        yield server


async def test_frames_of_every_shape(make: Make, scripted: Scripted) -> None:
    receiver = Receiver()
    transport = make(scripted.address)
    transport.stream_infer(ask(), receiver)
    peer = await scripted.accept()
    stream = await peer.request()
    body = grpc_message(b"one") + grpc_message(b"") + grpc_message(b"three" * 5000)
    out = split_block(peer.peer.headers(stream, RESPONSE), 3)
    out += frame(DATA, 0, stream, body[:3])
    if isinstance(transport.client, Client):  # grpcio takes no padding
        out += frame(DATA, PADDED, stream, b"\x04" + body[3:9] + bytes(4))
    else:
        out += frame(DATA, 0, stream, body[3:9])
    out += frame(PING, 0, 0, b"01234567") + frame(DATA, 0, stream) + frame(0xBB, 0, stream, b"unknown")
    out += frame(DATA, 0, stream, body[9:16_000]) + frame(DATA, 0, stream, body[16_000:])
    out += split_block(peer.peer.headers(stream, [*OK, (b"x-more", b"y" * 100)], end=True), 4)
    await peer.trickle(out)
    assert await receiver.fault() is None
    assert receiver.messages == [b"one", b"", b"three" * 5000]


async def test_end_stream_on_data(make: Make, scripted: Scripted) -> None:
    receiver = Receiver()
    transport = make(scripted.address)
    transport.stream_infer(ask(), receiver)
    peer = await scripted.accept()
    stream = await peer.request()
    peer.send(peer.peer.headers(stream, RESPONSE) + frame(DATA, END_STREAM, stream, grpc_message(b"one")))
    assert await receiver.reason() == "ENGINE_FAILED"
    if isinstance(transport.client, Client):  # grpcio drops what came just before a failure
        assert receiver.messages == [b"one"]


@pytest.mark.parametrize(("code", "reason"), [(2, "ENGINE_FAILED"), (8, "ENGINE_UNAVAILABLE")])
async def test_reset_streams(make: Make, scripted: Scripted, code: int, reason: str) -> None:
    receiver = Receiver()
    transport = make(scripted.address)
    transport.stream_infer(ask(), receiver)
    peer = await scripted.accept()
    stream = await peer.request()
    peer.send(peer.peer.headers(stream, RESPONSE) + frame(DATA, 0, stream, grpc_message(b"one")))
    await receiver.until(1)
    peer.send(frame(RST_STREAM, 0, stream, struct.pack(">I", code)))
    assert await receiver.reason() == reason


@pytest.mark.parametrize("status", [b"404", b"503"])
async def test_http_errors(make: Make, scripted: Scripted, status: bytes) -> None:
    receiver = Receiver()
    make(scripted.address).stream_infer(ask(), receiver)
    peer = await scripted.accept()
    stream = await peer.request()
    peer.send(peer.peer.headers(stream, [(b":status", status), (b"content-type", b"text/html")], end=True))
    assert await receiver.reason() == ("ENGINE_UNAVAILABLE" if status == b"503" else "ENGINE_FAILED")


async def test_goaway_with_a_live_stream(make: Make, scripted: Scripted) -> None:
    transport = make(scripted.address)
    first, second = Receiver(), Receiver()
    transport.stream_infer(ask(), first)
    old = await scripted.accept()
    stream = await old.request()
    old.send(old.peer.headers(stream, RESPONSE) + frame(DATA, 0, stream, grpc_message(b"one")))
    await first.until(1)
    old.send(goaway(2**31 - 1) + goaway(stream) + frame(DATA, 0, stream, grpc_message(b"two")))
    await first.until(2)
    transport.stream_infer(ask(), second)
    new = await scripted.accept()
    new.send(new.peer.answer(await new.request(), b"new"))
    assert await second.fault() is None
    assert second.messages == [b"new"]
    old.send(frame(DATA, 0, stream, grpc_message(b"three")) + old.peer.headers(stream, OK, end=True))
    assert await first.fault() is None
    assert first.messages == [b"one", b"two", b"three"]
    await asyncio.wait_for(old.closed.wait(), 10)


async def test_max_concurrent_streams_of_one(make: Make) -> None:
    async with Scripted(max_concurrent_streams=1) as scripted:
        transport = make(scripted.address)
        receivers = [Receiver() for _ in range(8)]

        async def serve() -> None:
            async with asyncio.TaskGroup() as group:
                while True:
                    group.create_task(serve_one(await scripted.connections.get()))

        async def serve_one(peer: Connected) -> None:
            for count in range(1, 100):
                stream = await peer.request(count)
                assert peer.peer.h2.open_inbound_streams <= 1
                await asyncio.sleep(0.01)
                peer.send(peer.peer.answer(stream, b"one", b"two"))

        serving = asyncio.create_task(serve())
        for receiver in receivers:
            transport.stream_infer(ask(), receiver)
        assert [await receiver.fault() for receiver in receivers] == [None] * 8
        if isinstance(transport.client, Client):
            assert 1 < len(scripted.all) <= 4
        serving.cancel()
        await asyncio.wait([serving])


async def test_a_window_that_closes_midway(make: Make) -> None:
    async with Scripted(initial_window_size=20_000) as scripted:
        receiver = Receiver()
        make(scripted.address).stream_infer(ask("", 50_000), receiver)
        peer = await scripted.accept()
        await peer.until(lambda: peer.peer.requests)
        peer.peer.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 1000})
        peer.peer.h2.increment_flow_control_window(60_000, 1)  # the change may leave less than nothing of the window
        peer.send(peer.peer.take())
        stream = await peer.request()
        assert len(peer.peer.requests[stream]) > 50_000
        peer.send(peer.peer.answer(stream, b"thanks"))
        assert await receiver.fault() is None


@pytest.mark.parametrize("garbage", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00" * 100, b"\xff" * 100])
async def test_garbage(make: Make, garbage: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(garbage)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    receiver = Receiver()
    make(f"127.0.0.1:{server.sockets[0].getsockname()[1]}").stream_infer(ask(), receiver)
    assert await receiver.reason() == "ENGINE_UNAVAILABLE"
    server.close()
    await server.wait_closed()


async def test_garbage_midway(make: Make, scripted: Scripted) -> None:
    receiver = Receiver()
    transport = make(scripted.address)
    transport.stream_infer(ask(), receiver)
    peer = await scripted.accept()
    stream = await peer.request()
    peer.send(peer.peer.headers(stream, RESPONSE) + frame(DATA, 0, stream, grpc_message(b"one")) + b"\xee" * 50)
    fault = await receiver.fault()
    assert fault is not None
    if isinstance(transport.client, Client):
        assert fault.reason == "ENGINE_UNAVAILABLE"
        assert receiver.messages == [b"one"]
    await asyncio.wait_for(peer.closed.wait(), 10)


async def test_a_connection_that_breaks(make: Make, scripted: Scripted) -> None:
    transport = make(scripted.address)
    receiver, again = Receiver(), Receiver()
    transport.stream_infer(ask(), receiver)
    peer = await scripted.accept()
    stream = await peer.request()
    peer.send(peer.peer.headers(stream, RESPONSE) + frame(DATA, 0, stream, grpc_message(b"one")))
    await receiver.until(1)
    peer.drop()
    assert await receiver.reason() == "ENGINE_UNAVAILABLE"
    transport.stream_infer(ask(), again)
    peer = await scripted.accept()
    peer.send(peer.peer.answer(await peer.request(), b"again"))
    assert await again.fault() is None


# What the lean transport alone promises


@pytest.fixture
async def lean() -> AsyncIterator[Callable[..., Transport]]:
    """Makes lean transports, closed at the end."""
    async with contextlib.AsyncExitStack() as stack:

        def made(address: str, **options: Any) -> Transport:
            transport = by_h2(address, **options)
            stack.push_async_callback(transport.aclose)
            return transport

        yield made


Lean = Callable[..., Transport]


async def test_goaway_refuses_calls_above_its_last_stream(lean: Lean, scripted: Scripted) -> None:
    transport = lean(scripted.address)
    receivers = [Receiver() for _ in range(3)]
    for receiver in receivers:
        transport.stream_infer(ask(), receiver)
    peer = await scripted.accept()
    await peer.request(3)
    peer.send(goaway(1, 11))
    assert await receivers[1].reason() == await receivers[2].reason() == "ENGINE_UNAVAILABLE"
    assert not receivers[0].end.done()
    peer.send(peer.peer.answer(1, b"one"))
    assert await receivers[0].fault() is None


async def test_goaway_on_an_idle_connection(lean: Lean, scripted: Scripted) -> None:
    transport = lean(scripted.address)
    receiver, again = Receiver(), Receiver()
    transport.stream_infer(ask(), receiver)
    peer = await scripted.accept()
    peer.send(peer.peer.answer(await peer.request()) + goaway(1))
    assert await receiver.fault() is None
    await asyncio.wait_for(peer.closed.wait(), 10)
    transport.stream_infer(ask(), again)
    peer = await scripted.accept()
    peer.send(peer.peer.answer(await peer.request()))
    assert await again.fault() is None


async def test_a_cancelled_call_is_reset_at_once(lean: Lean, scripted: Scripted) -> None:
    transport = lean(scripted.address)
    cancel = transport.stream_infer(ask(), Receiver())
    peer = await scripted.accept()
    stream = await peer.request()
    cancel()
    await peer.until(lambda: peer.peer.resets)
    assert peer.peer.resets == {stream: 8}
    peer.send(peer.peer.take())
    other = Receiver()
    transport.stream_infer(ask(), other)
    peer.send(peer.peer.answer(await peer.request(2), b"alive"))
    assert await other.fault() is None
    assert len(scripted.all) == 1


async def test_a_connection_takes_what_its_peer_allows_before_there_is_another(
    lean: Lean, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lean_client, "_CONNECTIONS", 2)
    async with Scripted(max_concurrent_streams=3) as scripted:
        transport = lean(scripted.address)
        receivers = [Receiver() for _ in range(7)]
        for receiver in receivers:
            transport.stream_infer(ask(), receiver)
        peers = [await scripted.accept(), await scripted.accept()]
        for peer in peers:
            await peer.request(3)
        peers[0].peer.h2.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: 4})
        peers[0].send(peers[0].peer.take())
        await peers[0].request(4)  # the seventh call, which had to wait
        assert len(peers[1].peer.ended) == 3
        assert len(scripted.all) == 2


async def test_waiting_calls_are_bounded_and_can_be_cancelled(lean: Lean, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lean_client, "_CONNECTIONS", 1)
    monkeypatch.setattr(lean_client, "_MAX_WAITING_BYTES", 3000)
    async with Scripted(max_concurrent_streams=1) as scripted:
        transport = lean(scripted.address)
        live, waiting, refused, after = Receiver(), Receiver(), Receiver(), Receiver()
        transport.stream_infer(ask(), live)
        peer = await scripted.accept()
        await peer.request()
        cancel = transport.stream_infer(ask("", 2000), waiting)
        transport.stream_infer(ask("", 2000), refused)
        assert await refused.reason() == "OVERLOADED"
        cancel()
        transport.stream_infer(ask("", 2000), after)
        peer.send(peer.peer.answer(1))
        peer.send(peer.peer.answer(await peer.request(2), b"after"))
        assert await after.fault() is None
        assert not waiting.end.done()
        assert len(peer.peer.ended) == 2


async def test_silence_is_answered_by_a_ping_then_by_giving_up(lean: Lean, scripted: Scripted) -> None:
    transport = lean(scripted.address, keepalive_seconds=0.1)
    receiver, again = Receiver(), Receiver()
    transport.stream_infer(ask(), receiver)
    peer = await scripted.accept()
    stream = await peer.request()
    peer.send(peer.peer.headers(stream, RESPONSE) + frame(DATA, 0, stream, grpc_message(b"one")))
    await asyncio.sleep(0.6)  # pings are answered
    assert not receiver.end.done()
    assert [type(event).__name__ for event in peer.peer.events].count("PingReceived") >= 2
    peer.silent = True  # the other host is gone, and nothing says so
    assert await receiver.reason() == "ENGINE_UNAVAILABLE"
    transport.stream_infer(ask(), again)
    peer = await scripted.accept()
    peer.send(peer.peer.answer(await peer.request()))
    assert await again.fault() is None


async def test_no_pings_unless_asked_for(lean: Lean, scripted: Scripted) -> None:
    transport = lean(scripted.address)
    transport.stream_infer(ask(), Receiver())
    peer = await scripted.accept()
    await peer.request()
    await asyncio.sleep(0.3)
    assert "PingReceived" not in [type(event).__name__ for event in peer.peer.events]


async def test_a_peer_that_accepts_and_says_nothing(lean: Lean, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lean_client, "_DIAL_SECONDS", 0.2)
    connections = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    transport = lean(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
    for attempt in range(2):
        receivers = [Receiver(), Receiver()]
        for receiver in receivers:
            transport.stream_infer(ask(), receiver)
        assert [await receiver.reason() for receiver in receivers] == ["ENGINE_UNAVAILABLE"] * 2
        assert len(connections) == attempt + 1
    server.close()
    await transport.aclose()
    await server.wait_closed()


async def test_a_peer_that_takes_connections_only_to_end_them(lean: Lean) -> None:
    async with Scripted(max_concurrent_streams=0) as scripted:
        transport = lean(scripted.address)
        transport.stream_infer(ask(), Receiver())

        async def dismiss() -> None:
            while True:
                connection = await scripted.connections.get()
                await asyncio.sleep(0.01)
                connection.send(goaway(0))

        dismissing = asyncio.create_task(dismiss())
        await asyncio.sleep(0.5)
        dismissing.cancel()
        assert 2 <= len(scripted.all) <= 12, "it dials again, but not in a rush"
