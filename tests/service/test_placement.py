"""One suite over every placement: in process, in process with copies, real gRPC: both ends see the same."""

import asyncio
import contextlib
import contextvars
import gc
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio
import pytest
from doubles import CopyingServer

from mesh import channels, faults, inproc, serving, telemetry
from mesh.faults import Fault
from tokenloom.inference.v1 import inference_pb2 as pb
from tokenloom.inference.v1 import inference_pb2_grpc as rpc

Code = grpc.StatusCode
EOF = grpc.aio.EOF
KEY = "correct horse"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
callers_variable: contextvars.ContextVar[str] = contextvars.ContextVar("callers_variable", default="unset")


def text(value: str) -> pb.GenerateResponse:
    response = pb.GenerateResponse()
    response.tokens.deltas.add(text=value)
    return response


def start(model: str = "") -> pb.GenerateRequest:
    return pb.GenerateRequest(start=pb.Start(model=model))


class Probe(rpc.InferenceServiceServicer):
    """Runs whatever handler the test gives it, and notes how that ended."""

    def __init__(self) -> None:
        self.stream: Callable[[Any], Awaitable[None]] = echo
        self.unary: Callable[[Any, Any], Awaitable[pb.CountTokensResponse]] = count
        self.started = asyncio.Event()
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def Generate(self, requests: Any, ctx: Any) -> None:
        async with self.noted():
            await self.stream(ctx)

    async def CountTokens(self, request: Any, ctx: Any) -> pb.CountTokensResponse:
        async with self.noted():
            return await self.unary(request, ctx)

    async def ListModels(self, request: Any, ctx: Any) -> pb.ListModelsResponse:
        remaining = ctx.time_remaining()
        return pb.ListModelsResponse(next_page_token="none" if remaining is None else str(remaining))

    @contextlib.asynccontextmanager
    async def noted(self) -> AsyncIterator[None]:
        how = "returned"
        self.started.set()
        try:
            yield
        except BaseException as error:
            how = type(error).__name__
            raise
        finally:
            if not self.ended.done():
                self.ended.set_result(how)


async def echo(ctx: Any) -> None:
    while (request := await ctx.read()) is not EOF:
        if faults.one_of(request, "command") == "cancel":
            return
        await ctx.write(text(request.start.model))


async def count(request: Any, ctx: Any) -> pb.CountTokensResponse:
    return pb.CountTokensResponse(tokens=[len(request.model)])


async def forever(ctx: Any) -> None:
    await ctx.read()
    await asyncio.Event().wait()


@dataclass
class Place:
    """A servicer, and stubs that reach it."""

    kind: str
    probe: Probe
    stub: Any
    keyless: Any
    channel: Any
    stop: Callable[[float], Awaitable[None]]


@pytest.fixture(params=["in-process", "copying", "grpc"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    before = asyncio.all_tasks()
    probe = Probe()
    kinds: dict[str, Any] = {"grpc": serving.grpc_server, "copying": CopyingServer, "in-process": inproc.Server}
    server: Any = kinds[request.param]()
    rpc.add_InferenceServiceServicer_to_server(probe, serving.Registrar(KEY, [server]))
    raw: Any
    if request.param == "grpc":
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        raw = channels.dial("inference", f"127.0.0.1:{port}")
    else:
        raw = server
    channel = channels.Channel(raw, KEY)
    stub, keyless = rpc.InferenceServiceStub(channel), rpc.InferenceServiceStub(channels.Channel(raw, "wrong"))
    yield Place(request.param, probe, stub, keyless, channel, server.stop)
    await server.stop(0)
    if raw is not server:
        await raw.close()
    gc.collect()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(5):
            while left := asyncio.all_tasks() - before - {asyncio.current_task()}:
                await asyncio.wait(left)
    assert not left, "a task survived its call"


async def failure(call: Any) -> grpc.aio.AioRpcError:
    """The error that a call, unary or stream, ends with."""
    try:
        if hasattr(call, "read"):
            while await call.read() is not EOF:
                pass
        else:
            await call
    except grpc.aio.AioRpcError as error:
        return error
    pytest.fail("the call didn't fail")


def raises(error: BaseException) -> tuple[Any, Any]:
    async def stream(ctx: Any) -> None:
        raise error

    async def unary(request: Any, ctx: Any) -> pb.CountTokensResponse:
        raise error

    return stream, unary


async def both(place: Place, error: BaseException) -> list[grpc.aio.AioRpcError]:
    """What callers of either kind see when a handler raises `error`."""
    place.probe.stream, place.probe.unary = raises(error)
    return [await failure(place.stub.Generate()), await failure(place.stub.CountTokens(pb.CountTokensRequest()))]


async def test_messages_go_both_ways_until_the_half_close(place: Place) -> None:
    call = place.stub.Generate()
    for word in ("one", "two", "three"):
        await call.write(start(word))
        assert (await call.read()).tokens.deltas[0].text == word
    await call.done_writing()
    await call.done_writing()
    assert await call.read() is EOF
    assert await call.read() is EOF
    assert await call.code() is Code.OK
    assert not call.cancel()
    assert await place.probe.ended == "returned"


async def test_a_unary_call(place: Place) -> None:
    call = place.stub.CountTokens(pb.CountTokensRequest(model="four"))
    assert list((await call).tokens) == [4]
    assert list((await call).tokens) == [4]
    assert await call.code() is Code.OK


async def test_a_fault_arrives_with_its_details(place: Place) -> None:
    fault = Fault("OVERLOADED", "full", field="model", queued="7")
    for error in await both(place, fault):
        got = faults.from_rpc_error(error)
        assert (error.code(), error.details()) == (Code.RESOURCE_EXHAUSTED, "full")
        assert (got.code, got.reason, got.message) == (Code.RESOURCE_EXHAUSTED, "OVERLOADED", "full")
        assert (got.field, got.retry_after, got.metadata) == ("model", 1.0, {"queued": "7"})


async def test_a_fault_within_a_task_group_is_that_fault(place: Place) -> None:
    for error in await both(place, ExceptionGroup("", [ValueError("x"), Fault("MODEL_NOT_FOUND", "no")])):
        assert (error.code(), faults.from_rpc_error(error).reason) == (Code.NOT_FOUND, "MODEL_NOT_FOUND")


@pytest.mark.parametrize("bug", [KeyError("a secret"), asyncio.CancelledError("a secret")], ids=["error", "cancelled"])
async def test_a_bug_is_internal_without_its_text(place: Place, bug: BaseException) -> None:
    for error in await both(place, bug):
        assert error.code() is Code.INTERNAL
        assert "secret" not in str(error.details()) + repr(error.trailing_metadata())
        assert faults.from_rpc_error(error).reason == "INTERNAL"


async def test_an_unset_oneof_is_refused(place: Place) -> None:
    call = place.stub.Generate()
    await call.write(pb.GenerateRequest())
    fault = faults.from_rpc_error(await failure(call))
    assert (fault.code, fault.reason, fault.field) == (Code.INVALID_ARGUMENT, "INVALID_FIELD", "command")


async def test_what_was_written_before_a_failure_is_read(place: Place) -> None:
    async def handler(ctx: Any) -> None:
        for word in ("a", "b", "c"):
            await ctx.write(text(word))
        raise faults.invalid("model", "better")

    place.probe.stream = handler
    call = place.stub.Generate()
    await place.probe.ended
    assert [(await call.read()).tokens.deltas[0].text for _ in range(3)] == ["a", "b", "c"]
    assert (await failure(call)).code() is Code.INVALID_ARGUMENT
    assert (await failure(call)).code() is Code.INVALID_ARGUMENT
    with pytest.raises(asyncio.InvalidStateError):
        await call.write(start())


async def test_abort_with_a_status_of_ones_own(place: Place) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.abort(Code.CANCELLED, "enough", (("why", "because"),))

    place.probe.stream = handler
    call = place.stub.Generate()
    error = await failure(call)
    assert (error.code(), error.details()) == (Code.CANCELLED, "enough")
    assert dict(error.trailing_metadata())["why"] == "because"


async def test_an_unknown_method(place: Place) -> None:
    call = place.channel.unary_unary("/tokenloom.inference.v1.InferenceService/Nothing", None, None)(b"")
    assert (await failure(call)).code() is Code.UNIMPLEMENTED


async def test_a_wrong_key(place: Place) -> None:
    for call in (place.keyless.Generate(), place.keyless.CountTokens(pb.CountTokensRequest())):
        fault = faults.from_rpc_error(await failure(call))
        assert (fault.code, fault.reason) == (Code.UNAUTHENTICATED, "UNAUTHENTICATED")
    assert not place.probe.started.is_set()


async def test_a_deadline_ends_the_handler(place: Place) -> None:
    place.probe.stream = forever
    call = place.stub.Generate(timeout=0.2)
    error = await failure(call)
    assert error.code() is Code.DEADLINE_EXCEEDED
    assert faults.from_rpc_error(error).reason == "BUDGET_EXCEEDED"
    assert await place.probe.ended == "CancelledError"


async def test_a_unary_deadline(place: Place) -> None:
    async def handler(request: Any, ctx: Any) -> Any:
        await asyncio.Event().wait()

    place.probe.unary = handler
    for timeout in (0.2, 0):
        error = await failure(place.stub.CountTokens(pb.CountTokensRequest(), timeout=timeout))
        assert error.code() is Code.DEADLINE_EXCEEDED
    assert await place.probe.ended == "CancelledError"


async def test_a_unary_call_passes_on_what_remains_of_its_time(place: Place) -> None:
    async def handler(request: Any, ctx: Any) -> pb.CountTokensResponse:
        answers = [await place.stub.ListModels(pb.ListModelsRequest(), timeout=t) for t in (None, 1000, 0.5)]
        return pb.CountTokensResponse(tokenizer_digest=" ".join(answer.next_page_token for answer in answers))

    place.probe.unary = handler
    response = await place.stub.CountTokens(pb.CountTokensRequest(), timeout=20)
    first, second, third = map(float, response.tokenizer_digest.split())
    assert max(first, second) < 25  # gRPC rounds timeouts up on the wire.
    assert min(first, second) > 1
    assert third < 1
    assert (await place.stub.ListModels(pb.ListModelsRequest())).next_page_token == "none"


async def test_a_streams_deadline_is_not_passed_on(place: Place) -> None:
    async def handler(ctx: Any) -> None:
        await ctx.write(text((await place.stub.ListModels(pb.ListModelsRequest())).next_page_token))

    place.probe.stream = handler
    assert (await place.stub.Generate(timeout=20).read()).tokens.deltas[0].text == "none"


async def test_the_caller_cancels(place: Place) -> None:
    place.probe.stream = forever
    call = place.stub.Generate()
    await place.probe.started.wait()
    assert call.cancel()
    assert not call.cancel()
    assert await call.code() is Code.CANCELLED
    with pytest.raises(asyncio.CancelledError):
        await call.read()
    assert await place.probe.ended == "CancelledError"


@pytest.mark.parametrize("what", ["read", "unary"])
async def test_cancelling_a_wait_cancels_the_call(place: Place, what: str) -> None:
    async def handler(request: Any, ctx: Any) -> Any:
        await forever(ctx)

    place.probe.stream = forever
    place.probe.unary = lambda request, ctx: asyncio.Event().wait()  # type: ignore[assignment,return-value]
    call = place.stub.Generate() if what == "read" else place.stub.CountTokens(pb.CountTokensRequest())

    async def wait() -> None:
        await (call.read() if what == "read" else call)

    task = asyncio.create_task(wait())
    await place.probe.started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await call.code() is Code.CANCELLED
    assert await place.probe.ended == "CancelledError"


async def test_a_handler_that_turns_cancellation_into_an_error(place: Place) -> None:
    async def handler(ctx: Any) -> None:
        try:
            await forever(ctx)
        except asyncio.CancelledError:
            raise ValueError("during clean-up") from None

    place.probe.stream = handler
    call = place.stub.Generate()
    await place.probe.started.wait()
    call.cancel()
    assert await call.code() is Code.CANCELLED
    assert await place.probe.ended == "ValueError"


async def test_metadata_both_ways(place: Place) -> None:
    async def handler(ctx: Any) -> None:
        seen = dict(ctx.invocation_metadata())
        await ctx.abort(Code.ABORTED, "", (("scope", seen["x-scope"]), ("raw-bin", seen["raw-bin"])))

    place.probe.stream = handler
    call = place.stub.Generate(metadata=(("x-scope", "s"), ("raw-bin", b"\x00\xff")))
    trailing = dict((await failure(call)).trailing_metadata())
    assert (trailing["scope"], trailing["raw-bin"]) == ("s", b"\x00\xff")


async def test_trace_and_request_id_travel_and_contextvars_do_not(place: Place) -> None:
    async def inner(request: Any, ctx: Any) -> pb.CountTokensResponse:
        seen = (telemetry.current_traceparent(), telemetry.request_id(), callers_variable.get())
        return pb.CountTokensResponse(tokenizer_digest=" ".join(seen))

    async def handler(ctx: Any) -> None:
        callers_variable.set("leaked")
        await ctx.write(text((await place.stub.CountTokens(pb.CountTokensRequest())).tokenizer_digest))

    place.probe.stream, place.probe.unary = handler, inner
    call = place.stub.Generate(metadata=(("traceparent", TRACEPARENT), ("x-request-id", "r-1")))
    assert (await call.read()).tokens.deltas[0].text == f"{TRACEPARENT} r-1 unset"
    assert telemetry.request_id() == ""


async def test_writing_after_the_half_close(place: Place) -> None:
    call = place.stub.Generate()
    await call.write(start("x"))
    await call.done_writing()
    with pytest.raises(asyncio.InvalidStateError):
        await call.write(start("y"))
    assert (await call.read()).tokens.deltas[0].text == "x"
    assert await call.read() is EOF


async def test_a_slow_reader_holds_the_writer_back(place: Place) -> None:
    written, total, body = 0, 300, "x" * 100

    async def handler(ctx: Any) -> None:
        nonlocal written
        for _ in range(total):
            await ctx.write(text(body))
            written += 1

    place.probe.stream = handler
    call = place.stub.Generate()
    assert await settled(lambda: written) < 50  # Which is what makes tokens merge where a reader is slower.
    for _ in range(total):
        assert len((await call.read()).tokens.deltas[0].text) == len(body)
    assert await call.read() is EOF


async def test_a_slow_handler_holds_the_caller_back(place: Place) -> None:
    written, total, body = 0, 300, "x" * 100
    go = asyncio.Event()

    async def handler(ctx: Any) -> None:
        await go.wait()
        got = 0
        while await ctx.read() is not EOF:
            got += 1
        await ctx.write(text(str(got)))

    async def write() -> None:
        nonlocal written
        for _ in range(total):
            await call.write(start(body))
            written += 1
        await call.done_writing()

    place.probe.stream = handler
    call = place.stub.Generate()
    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        assert await settled(lambda: written) < 50
        go.set()
        assert (await call.read()).tokens.deltas[0].text == str(total)


async def settled(value: Callable[[], int]) -> int:
    """The value once it stays the same for a while."""
    last = -1
    while (now := value()) != last or now == 0:
        last = now
        await asyncio.sleep(0.3)
    return last


async def test_a_fault_of_a_child_task_that_is_waited_for(place: Place) -> None:
    async def child() -> None:
        await asyncio.sleep(0.01)
        raise faults.invalid("model", "another")

    async def handler(ctx: Any) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(child())

    place.probe.stream = handler
    assert (await failure(place.stub.Generate())).code() is Code.INVALID_ARGUMENT


async def test_a_fault_while_a_write_waits_for_the_reader(place: Place) -> None:
    written = 0

    async def write(ctx: Any) -> None:
        nonlocal written
        while True:
            await ctx.write(text("x" * 100))
            written += 1

    async def fail() -> None:
        await settled(lambda: written)
        raise faults.invalid("model", "another")

    async def handler(ctx: Any) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(write(ctx))
            group.create_task(fail())

    place.probe.stream = handler
    call = place.stub.Generate()
    await place.probe.ended
    assert (await failure(call)).code() is Code.INVALID_ARGUMENT


async def test_a_stalled_reader_can_cancel(place: Place) -> None:
    async def handler(ctx: Any) -> None:
        while True:
            await ctx.write(text("x" * 65536))

    place.probe.stream = handler
    call = place.stub.Generate()
    await place.probe.started.wait()
    await asyncio.sleep(0.1)
    call.cancel()
    assert await call.code() is Code.CANCELLED
    assert await place.probe.ended in ("CancelledError", "ExecuteBatchError")


@pytest.mark.parametrize("direction", ["request", "response", "stream request", "stream response"])
async def test_a_message_over_32_mib_is_refused(place: Place, direction: str) -> None:
    big = "x" * (inproc.MAX_MESSAGE_BYTES + 1)

    async def unary(request: Any, ctx: Any) -> pb.CountTokensResponse:
        return pb.CountTokensResponse(tokenizer_digest=big if direction == "response" else "")

    async def stream(ctx: Any) -> None:
        await ctx.read()
        await ctx.write(text(big))

    place.probe.unary = unary
    place.probe.stream = stream if direction == "stream response" else echo
    if direction.startswith("stream"):
        call = place.stub.Generate()
        with contextlib.suppress(grpc.aio.AioRpcError):
            await call.write(start(big if direction == "stream request" else ""))
    else:
        call = place.stub.CountTokens(pb.CountTokensRequest(model=big if direction == "request" else ""))
    error = await failure(call)
    assert error.code() is Code.RESOURCE_EXHAUSTED
    assert re.search("larger than max", str(error.details()))


async def test_calls_to_a_stopped_server_are_unavailable(place: Place) -> None:
    await place.stop(0)
    for call in (place.stub.Generate(), place.stub.CountTokens(pb.CountTokensRequest())):
        error = await failure(call)
        assert error.code() is Code.UNAVAILABLE
        assert faults.from_rpc_error(error, "inference").metadata == {"service": "inference"}


async def test_a_drain_lets_live_calls_end(place: Place) -> None:
    call = place.stub.Generate()
    await call.write(start("a"))
    assert (await call.read()).tokens.deltas[0].text == "a"
    stopping = asyncio.create_task(place.stop(30))
    await asyncio.sleep(0.05)
    assert (await failure(place.stub.Generate())).code() is Code.UNAVAILABLE
    await call.write(start("b"))
    assert (await call.read()).tokens.deltas[0].text == "b"
    await call.done_writing()
    assert await call.read() is EOF
    await stopping


async def test_after_the_grace_live_calls_are_ended(place: Place) -> None:
    place.probe.stream = forever
    call = place.stub.Generate()
    await place.probe.started.wait()
    await place.stop(0.1)
    error = await failure(call)
    assert error.code() in (Code.UNAVAILABLE, Code.CANCELLED)
    assert faults.from_rpc_error(error).reason == "SERVICE_UNAVAILABLE"
    assert await place.probe.ended == "CancelledError"


async def test_a_drain_waits_for_unary_calls_and_then_ends_them(place: Place) -> None:
    async def handler(request: Any, ctx: Any) -> pb.CountTokensResponse:
        await asyncio.sleep(0.2 if request.model == "short" else 60)
        return pb.CountTokensResponse()

    place.probe.unary = handler
    calls = [place.stub.CountTokens(pb.CountTokensRequest(model=name)) for name in ("short", "long")]
    short, long = (asyncio.ensure_future(_outcome(call)) for call in calls)
    await place.probe.started.wait()
    await place.stop(0.5)
    assert await short == "OK"
    assert await long in ("UNAVAILABLE", "CANCELLED")


async def _outcome(call: Any) -> str:
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return error.code().name
    return "OK"


async def test_a_unary_call_outlived_by_its_caller(place: Place) -> None:
    """A deadline that ends a call leaves the task that awaited it as it was."""
    place.probe.unary = lambda request, ctx: asyncio.Event().wait()  # type: ignore[assignment,return-value]
    error = await failure(place.stub.CountTokens(pb.CountTokensRequest(), timeout=0.1))
    assert error.code() is Code.DEADLINE_EXCEEDED
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()


async def test_a_unary_handlers_context_is_its_own(place: Place) -> None:
    async def handler(request: Any, ctx: Any) -> pb.CountTokensResponse:
        seen = callers_variable.get()
        callers_variable.set("the handler's")
        await asyncio.sleep(0)
        return pb.CountTokensResponse(tokenizer_digest=f"{seen}, {callers_variable.get()}")

    place.probe.unary = handler
    callers_variable.set("the caller's")
    response = await place.stub.CountTokens(pb.CountTokensRequest())
    assert response.tokenizer_digest == "unset, the handler's"
    assert callers_variable.get() == "the caller's"


async def test_many_calls_at_once(place: Place) -> None:
    async def talk(name: str) -> list[str]:
        call = place.stub.Generate()
        words = []
        for i in range(20):
            await call.write(start(f"{name}-{i}"))
            words.append((await call.read()).tokens.deltas[0].text)
        await call.done_writing()
        assert await call.read() is EOF
        return words

    names = [str(i) for i in range(50)]
    assert await asyncio.gather(*map(talk, names)) == [[f"{name}-{i}" for i in range(20)] for name in names]


@pytest.mark.parametrize("place", ["copying"], indirect=True)
async def test_copying_finds_a_message_changed_after_its_write(place: Place) -> None:
    call = place.stub.Generate()
    request = start("before")
    await call.write(request)
    request.start.model = "after"
    assert (await failure(call)).code() is Code.INTERNAL
