"""The moderation service over real gRPC and in process."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from doubles import CopyingServer

from mesh import channels, serving
from mesh.faults import from_rpc_error
from moderation.policies import PolicyDirectory
from moderation.service import ModerationService
from tokenloom.chat.v1.chat_pb2 import CHANNEL_CONTENT, ROLE_ASSISTANT, ROLE_USER, Lane, Message, Part, Scope
from tokenloom.moderation.v1.moderation_pb2 import (
    CheckInputRequest,
    ScreenFinish,
    ScreenOpen,
    ScreenRequest,
    ScreenResponse,
    ScreenText,
)
from tokenloom.moderation.v1.moderation_pb2_grpc import ModerationServiceStub, add_ModerationServiceServicer_to_server

SCOPE = Scope(tenant="acme", user="ada")
POLICY = 'name: p\ncategory: illicit\napplies_to: [input, output]\nwords: ["{}", 坏话]\nrefusal: "No."\n'
OPEN = ScreenRequest(open=ScreenOpen(scope=SCOPE))


@pytest.fixture
async def directory(tmp_path: Path) -> AsyncIterator[PolicyDirectory]:
    (tmp_path / "p.yaml").write_text(POLICY.format("bad word"))
    directory = PolicyDirectory(tmp_path)
    watching = asyncio.create_task(directory.watch(0.02))
    yield directory
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching


@pytest.fixture(params=["grpc", "copying"])
async def stub(request: pytest.FixtureRequest, directory: PolicyDirectory) -> AsyncIterator[Any]:
    before = asyncio.all_tasks()
    server: Any = serving.grpc_server() if request.param == "grpc" else CopyingServer()
    registrar: Any = serving.Registrar("", [server])
    add_ModerationServiceServicer_to_server(ModerationService(directory), registrar)
    raw: Any
    if request.param == "grpc":
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        raw = channels.dial("moderation", f"127.0.0.1:{port}")
    else:
        raw = server
    yield ModerationServiceStub(channels.Channel(raw, ""))
    async with asyncio.timeout(10):  # No call's task survives it.
        while any("Screen" in repr(task) or "_read" in repr(task) for task in asyncio.all_tasks() - before):
            await asyncio.sleep(0.01)
    await server.stop(0)
    if raw is not server:
        await raw.close()


def lane(choice: int = 0) -> Lane:
    return Lane(choice=choice, channel=CHANNEL_CONTENT)


def text(value: str, choice: int = 0) -> ScreenRequest:
    return ScreenRequest(text=ScreenText(lane=lane(choice), text=value))


def finish(choice: int = 0) -> ScreenRequest:
    return ScreenRequest(finish=ScreenFinish(lane=lane(choice)))


def message(*parts: str, role: Any = ROLE_USER) -> Message:
    return Message(role=role, parts=[Part(text=part) for part in parts])


async def fault(call: Any) -> Any:
    try:
        if hasattr(call, "read"):
            while await call.read() is not grpc.aio.EOF:
                pass
        else:
            await call
    except grpc.aio.AioRpcError as error:
        return from_rpc_error(error)
    return None


async def test_input(stub: Any) -> None:
    async def check(**request: Any) -> Any:
        return (await stub.CheckInput(CheckInputRequest(scope=SCOPE, **request))).verdict.category

    assert await check(messages=[message("hello")]) == ""
    assert await check(messages=[message("hello"), message("a bad", " word", role=ROLE_ASSISTANT)]) == "illicit"
    assert await check(prompt="BAD WORD") == "illicit"
    refused = await stub.CheckInput(CheckInputRequest(scope=SCOPE, prompt="坏话"))
    assert (refused.verdict.policy, refused.verdict.refusal) == ("p", "No.")


@pytest.mark.parametrize(("request_", "field"), [
    (CheckInputRequest(scope=SCOPE), "messages"), (CheckInputRequest(prompt="x"), "scope"),
])  # fmt: skip
async def test_bad_input(stub: Any, request_: CheckInputRequest, field: str) -> None:
    found = await fault(stub.CheckInput(request_))
    assert (found.code, found.reason, found.field) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field)


async def test_a_large_input_lets_others_run_and_can_be_cancelled(stub: Any) -> None:
    check = CheckInputRequest(scope=SCOPE, messages=[message("lorem " * 800_000, "bad word")])
    large = asyncio.ensure_future(stub.CheckInput(check))
    steps = 0
    while not large.done():
        await stub.CheckInput(CheckInputRequest(scope=SCOPE, prompt="short"))
        await asyncio.sleep(0)  # In process a short check waits for nothing.
        steps += 1
    assert (await large).verdict.category == "illicit"
    assert steps > 3
    large = asyncio.ensure_future(stub.CheckInput(CheckInputRequest(scope=SCOPE, messages=check.messages[:1])))
    await asyncio.sleep(0)
    await stub.CheckInput(CheckInputRequest(scope=SCOPE, prompt="short"))
    assert large.cancel()
    with pytest.raises(asyncio.CancelledError):
        await large


async def test_a_screened_answer(stub: Any) -> None:
    call = stub.Screen()
    await call.write(OPEN)
    for sent, released in [("Hello", 5), (" bad", 6), (" wo", 6), ("ol", 14), (" ba", 15)]:
        await call.write(text(sent))
        assert (await call.read()).release_to == released
    await call.write(finish())
    assert await call.read() == ScreenResponse(lane=lane(), release_to=17, finished=True)
    await call.done_writing()
    assert await call.read() is grpc.aio.EOF
    assert await call.code() == grpc.StatusCode.OK


async def test_many_lanes_sent_in_one_go(stub: Any) -> None:
    """Nothing is read until all is written: the answers wait merged, and none is missing at the end."""
    rng = random.Random(5)
    call = stub.Screen()
    await call.write(OPEN)
    texts = {choice: ("fine " * 200 + "坏话" * (choice % 2) + "tail") for choice in range(8)}
    rest = dict(texts)
    while rest:
        choice = rng.choice(list(rest))
        size = rng.randint(1, 4)
        await call.write(text(rest[choice][:size], choice))
        rest[choice] = rest[choice][size:]
        if not rest[choice]:
            await call.write(finish(choice))
            del rest[choice]
    await call.done_writing()
    last: dict[int, Any] = {}
    while isinstance(answer := await call.read(), ScreenResponse):
        assert answer.release_to >= (last[answer.lane.choice].release_to if answer.lane.choice in last else 0)
        last[answer.lane.choice] = answer
    for choice in range(8):
        assert last[choice].finished
        assert last[choice].HasField("verdict") == bool(choice % 2)
        assert last[choice].release_to == (1000 if choice % 2 else len(texts[choice]))


async def test_a_large_text_is_screened_too(stub: Any) -> None:
    call = stub.Screen()
    await call.write(OPEN)
    await call.write(text("so " * 300_000 + "bad word."))
    await call.done_writing()
    answer = None
    while isinstance(read := await call.read(), ScreenResponse):
        answer = read
    assert answer is not None
    assert answer.release_to == 900_000
    assert answer.verdict.category == "illicit"


@pytest.mark.parametrize(("requests", "field"), [
    ([text("x")], "command"), ([ScreenRequest()], "command"), ([OPEN, ScreenRequest()], "command"),
    ([OPEN, OPEN], "command"), ([ScreenRequest(open=ScreenOpen())], "scope"),
    ([OPEN, finish(), text("x")], "lane"), ([OPEN, ScreenRequest(text=ScreenText(text="x"))], "lane.channel"),
    ([OPEN, text("字" * 400_000)], "text.text"),
])  # fmt: skip
async def test_misuse(stub: Any, requests: list[ScreenRequest], field: str) -> None:
    call = stub.Screen()
    with contextlib.suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
        for request in requests:
            await call.write(request)
    found = await fault(call)
    assert (found.code, found.reason, found.field) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field)


async def test_nothing_said_is_nothing_wrong(stub: Any) -> None:
    call = stub.Screen()
    await call.done_writing()
    assert await call.read() is grpc.aio.EOF


async def test_an_edit_holds_for_new_streams_only(stub: Any, directory: PolicyDirectory, tmp_path: Path) -> None:
    old = stub.Screen()
    await old.write(OPEN)
    await old.write(text("bad wor"))
    await old.read()
    before = directory.current
    (tmp_path / "p.yaml").write_text(POLICY.format("worse word"))
    async with asyncio.timeout(10):
        while directory.current is before:
            await asyncio.sleep(0.01)
    new = stub.Screen()
    await new.write(OPEN)
    for call, released, refused in ((old, 0, True), (new, 9, False)):
        await call.write(text("d." if call is old else "bad word."))
        answer = await call.read()
        assert (answer.release_to, answer.HasField("verdict")) == (released, refused)
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF


async def test_a_cancelled_call_leaves_nothing_behind(stub: Any) -> None:
    """The fixture waits for its task to be gone."""
    call = stub.Screen()
    await call.write(OPEN)
    await call.write(text("hello"))
    assert (await call.read()).release_to == 5
    assert call.cancel()


async def test_a_stalled_reader_holds_nobody_up(stub: Any) -> None:
    stalled = stub.Screen()
    await stalled.write(OPEN)
    for _ in range(2000):
        await stalled.write(text("word "))
    other = stub.Screen()
    await other.write(OPEN)
    await other.write(text("hi"))
    assert (await other.read()).release_to == 2
    await other.done_writing()
    assert await other.read() is grpc.aio.EOF
    await stalled.done_writing()
    released = 0
    while isinstance(answer := await stalled.read(), ScreenResponse):
        released = answer.release_to
    assert released == 10_000


async def test_a_deadline_ends_the_stream(stub: Any) -> None:
    call = stub.Screen(timeout=0.05)
    await call.write(OPEN)
    assert (await fault(call)).code == grpc.StatusCode.DEADLINE_EXCEEDED
