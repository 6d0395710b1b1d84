"""The context service in process and over real gRPC, with an inference that counts a token a character."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from doubles import CopyingServer

from context.service import ContextService
from context.sqlite_store import SqliteStore
from context.tokens import TokenCounter
from mesh import channels, inproc, serving
from mesh.faults import Fault, from_rpc_error
from tokenloom.chat.v1.chat_pb2 import ROLE_ASSISTANT, ROLE_DEVELOPER, ROLE_SYSTEM, ROLE_USER, Message, Part, Scope
from tokenloom.context.v1 import context_pb2 as pb
from tokenloom.context.v1.context_pb2_grpc import ContextServiceStub, add_ContextServiceServicer_to_server
from tokenloom.inference.v1.inference_pb2 import CountTokensRequest, CountTokensResponse
from tokenloom.inference.v1.inference_pb2_grpc import (
    InferenceServiceServicer,
    InferenceServiceStub,
    add_InferenceServiceServicer_to_server,
)

ADA, BOB = Scope(tenant="acme", user="ada"), Scope(tenant="acme", user="bob")
OVERHEAD, MARKS = 7, 3


class Counting(InferenceServiceServicer):
    """A token a character and three for the role."""

    def __init__(self) -> None:
        self.context_length = 2000
        self.digest = "one"
        self.counted: list[int] = []
        self.fails: Fault | None = None
        self.hangs = False

    async def CountTokens(self, request: CountTokensRequest, ctx: Any) -> CountTokensResponse:
        if self.hangs:
            await asyncio.Event().wait()
        if self.fails:
            raise self.fails
        assert 1 <= len(request.messages) <= 1024
        self.counted.append(len(request.messages))
        return CountTokensResponse(
            tokens=[size(message) for message in request.messages],
            overhead_tokens=OVERHEAD,
            context_length=self.context_length,
            tokenizer_digest=self.digest,
        )


def size(message: Message) -> int:
    return MARKS + sum(len(part.text) for part in message.parts)


@pytest.fixture
def inference() -> Counting:
    return Counting()


@pytest.fixture(params=["copying", "grpc"])
async def stub(request: pytest.FixtureRequest, tmp_path: Path, inference: Counting) -> AsyncIterator[Any]:
    server: Any = serving.grpc_server() if request.param == "grpc" else CopyingServer()
    registrar: Any = serving.Registrar("", [server])
    raw: Any
    if request.param == "grpc":
        port = server.add_insecure_port("127.0.0.1:0")
        raw = channels.dial("context", f"127.0.0.1:{port}")
    else:
        raw = server
    channel: Any = channels.Channel(raw, "")
    clock = iter(range(1_000_000, 10**9, 1_000))
    store = SqliteStore(tmp_path / "context.db")
    counter = TokenCounter(InferenceServiceStub(channel), 0.5, 10_000)
    service = ContextService(store, counter, lambda: next(clock))
    add_ContextServiceServicer_to_server(service, registrar)
    add_InferenceServiceServicer_to_server(inference, registrar)
    if request.param == "grpc":
        await server.start()
    yield ContextServiceStub(channel)
    await server.stop(0)
    if raw is not server:
        await raw.close()
    await store.aclose()


def says(text: str, role: Any = ROLE_USER) -> Message:
    return Message(role=role, parts=[Part(text=text)])


async def create(stub: Any, conversation: str = "c", scope: Scope = ADA, title: str = "") -> Any:
    request = pb.CreateConversationRequest(scope=scope, conversation_id=conversation, title=title)
    return (await stub.CreateConversation(request)).conversation


async def record(stub: Any, number: int, said: Sequence[Message], answer: str | None, status: Any = None) -> None:
    turn = pb.Turn(id=f"t{number:04}", messages=said, status=status or pb.TURN_STATUS_COMPLETED)
    if answer is not None:
        turn.answer.CopyFrom(says(answer, ROLE_ASSISTANT))
    await stub.RecordTurn(pb.RecordTurnRequest(scope=ADA, conversation_id="c", turn=turn))


async def build(stub: Any, *new: Message, reserve: int = 0) -> Any:
    return await stub.BuildContext(
        pb.BuildContextRequest(scope=ADA, conversation_id="c", messages=new, reserve_tokens=reserve)
    )


def spoken(response: Any) -> list[str]:
    return [message.parts[0].text for message in response.messages]


async def fault(call: Any) -> Fault | None:
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return from_rpc_error(error)
    return None


async def test_a_conversation_from_beginning_to_end(stub: Any) -> None:
    made = await create(stub, title="")
    assert (made.id, made.title, made.created.nanos) == ("c", "", 0)
    await record(stub, 1, [says("My name is Ada")], "Hello Ada")
    found = await stub.GetConversation(pb.GetConversationRequest(scope=ADA, conversation_id="c"))
    assert found.conversation.title == "My name is Ada"
    assert found.conversation.updated.ToMicroseconds() > found.conversation.created.ToMicroseconds()
    assert found.turns[0].answer.parts[0].text == "Hello Ada"
    assert found.turns[0].recorded.ToMicroseconds() == found.conversation.updated.ToMicroseconds()
    assert not found.next_page_token
    await stub.DeleteConversation(pb.DeleteConversationRequest(scope=ADA, conversation_id="c"))
    gone = await fault(stub.GetConversation(pb.GetConversationRequest(scope=ADA, conversation_id="c")))
    assert gone is not None
    assert (gone.code, gone.reason, gone.field) == (
        grpc.StatusCode.NOT_FOUND, "CONVERSATION_NOT_FOUND", "conversation_id",
    )  # fmt: skip
    assert gone.metadata == {"conversation_id": "c"}


async def test_pages(stub: Any) -> None:
    for number in range(5):
        await create(stub, f"x{number}")
    await create(stub)
    for number in range(5):
        await record(stub, number, [says("hi")], "hello")
    listed, turns, token = [], [], ""
    while True:
        page = await stub.ListConversations(pb.ListConversationsRequest(scope=ADA, page_size=2, page_token=token))
        listed.append([conversation.id for conversation in page.conversations])
        if not (token := page.next_page_token):
            break
    assert listed == [["c", "x4"], ["x3", "x2"], ["x1", "x0"]]
    while True:
        part = await stub.GetConversation(
            pb.GetConversationRequest(scope=ADA, conversation_id="c", page_size=2, page_token=token)
        )
        turns.append([turn.id for turn in part.turns])
        if not (token := part.next_page_token):
            break
    assert turns == [["t0003", "t0004"], ["t0001", "t0002"], ["t0000"]]


LIST, GET = pb.ListConversationsRequest, pb.GetConversationRequest
CREATE, BUILD, RECORD = pb.CreateConversationRequest, pb.BuildContextRequest, pb.RecordTurnRequest


@pytest.mark.parametrize(("method", "request_", "field"), [
    ("ListConversations", LIST(), "scope.tenant"),
    ("ListConversations", LIST(scope=Scope(tenant="a b", user="u")), "scope.tenant"),
    ("ListConversations", LIST(scope=Scope(tenant="a")), "scope.user"),
    ("ListConversations", LIST(scope=ADA, page_size=-1), "page_size"),
    ("ListConversations", LIST(scope=ADA, page_token="!"), "page_token"),
    ("ListConversations", LIST(scope=ADA, page_token="dDE="), "page_token"),
    ("ListConversations", LIST(scope=ADA, page_token="eC94"), "page_token"),
    ("ListConversations", LIST(scope=ADA, page_token="é"), "page_token"),
    ("GetConversation", GET(scope=ADA, conversation_id="c", page_token="MS9j"), "page_token"),
    ("GetConversation", GET(scope=ADA), "conversation_id"),
    ("CreateConversation", CREATE(scope=ADA, conversation_id="a/b"), "conversation_id"),
    ("CreateConversation", CREATE(scope=ADA, conversation_id="x" * 129), "conversation_id"),
    ("CreateConversation", CREATE(scope=ADA, conversation_id="c", title="x" * 201), "title"),
    ("BuildContext", BUILD(scope=ADA, conversation_id="c"), "messages"),
    ("RecordTurn", RECORD(scope=ADA, conversation_id="c"), "turn.id"),
    ("RecordTurn", RECORD(scope=ADA, conversation_id="c", turn=pb.Turn(id="t")), "turn.status"),
    ("RecordTurn", RECORD(scope=ADA, conversation_id="c", turn=pb.Turn(id="t", status=99)), "turn.status"),  # type: ignore[arg-type]
    ("DeleteConversation", pb.DeleteConversationRequest(scope=ADA, conversation_id="é"), "conversation_id"),
])  # fmt: skip
async def test_bad_requests_name_the_field(stub: Any, method: str, request_: Any, field: str) -> None:
    await create(stub)
    found = await fault(getattr(stub, method)(request_))
    assert found is not None
    assert (found.code, found.reason, found.field) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field)


async def test_another_scope_finds_nothing(stub: Any) -> None:
    await create(stub)
    turn = pb.Turn(id="t", status=pb.TURN_STATUS_COMPLETED)
    for call in (
        stub.GetConversation(GET(scope=BOB, conversation_id="c")),
        stub.BuildContext(BUILD(scope=BOB, conversation_id="c", messages=[says("x")])),
        stub.RecordTurn(RECORD(scope=BOB, conversation_id="c", turn=turn)),
        stub.DeleteConversation(pb.DeleteConversationRequest(scope=BOB, conversation_id="c")),
    ):
        found = await fault(call)
        assert found is not None
        assert found.reason == "CONVERSATION_NOT_FOUND"
    assert not (await stub.ListConversations(LIST(scope=BOB))).conversations
    assert (await create(stub, scope=BOB, title="Bob's")).title == "Bob's"


async def test_the_prompt_is_instructions_then_history_then_the_new_messages(stub: Any) -> None:
    await create(stub)
    await record(stub, 1, [says("be brief", ROLE_SYSTEM), says("one")], "uno")
    await record(stub, 2, [says("refused")], None, pb.TURN_STATUS_REFUSED)
    await record(stub, 3, [says("failed")], "half", pb.TURN_STATUS_FAILED)
    await record(stub, 4, [says("two"), says("English", ROLE_DEVELOPER)], "dos, tr", pb.TURN_STATUS_CANCELLED)
    await record(stub, 5, [says("never answered")], None, pb.TURN_STATUS_CANCELLED)
    built = await build(stub, says("be brief", ROLE_SYSTEM), says("three"))
    assert spoken(built) == ["English", "be brief", "one", "uno", "two", "dos, tr", "three"]
    built = await build(stub, says("three"))
    assert spoken(built) == ["be brief", "English", "one", "uno", "two", "dos, tr", "three"]
    assert built.dropped_turns == 0


async def test_a_long_conversation_slides_with_a_stable_beginning(stub: Any, inference: Counting) -> None:
    """Also: no prompt overflows, only what is new is counted, and everything is read over several pages."""
    await create(stub)
    inference.context_length = 1000
    beginnings = []
    for number in range(200):
        new = says(f"question {number:04}") if number else says("q0")
        said = [says("be brief", ROLE_SYSTEM), new] if number == 0 else [new]
        built = await build(stub, *said, reserve=200)
        assert sum(map(size, built.messages)) + OVERHEAD + 200 <= 1000
        assert spoken(built)[0] == "be brief"
        assert spoken(built)[-1] == new.parts[0].text
        roles = [message.role for message in built.messages]
        assert roles == [ROLE_SYSTEM, *[ROLE_USER, ROLE_ASSISTANT] * (len(roles) // 2 - 1), ROLE_USER]
        kept = len(roles) // 2 - 1
        assert built.dropped_turns == number - kept
        assert number < 20 or kept >= 8
        beginnings.append(spoken(built)[1])
        await record(stub, number, said, f"answer {number:04}")
    assert len(set(beginnings[:20])) == 1
    assert len(set(beginnings)) <= 200 // 8
    assert beginnings == sorted(beginnings)
    assert max(inference.counted[2:]) <= 3, "only an exchange and the new message are ever counted"


async def test_history_is_read_over_several_pages(stub: Any, inference: Counting) -> None:
    await create(stub)
    inference.context_length = 100_000
    for number in range(400):
        await record(stub, number, [says(f"q{number}")], "a")
    built = await build(stub, says("last"))
    assert spoken(built) == [text for number in range(400) for text in (f"q{number}", "a")] + ["last"]


async def test_what_surely_fits_is_not_counted_while_the_window_is_known(
    stub: Any, inference: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create(stub)
    await record(stub, 1, [says("be brief", ROLE_SYSTEM), says("one")], "uno")
    for text in ("x", "y", "z"):
        assert spoken(await build(stub, says(text))) == ["be brief", "one", "uno", text]
    assert inference.counted == [4]
    long = "w" * 800  # Two tokens for each of its bytes wouldn't fit.
    assert spoken(await build(stub, says(long))) == ["be brief", "one", "uno", long]
    assert inference.counted == [4, 1]
    monkeypatch.setattr("context.tokens._LATELY_SECONDS", 0.0)
    await build(stub, says("x"))
    assert inference.counted == [4, 1, 1]


async def test_a_changed_tokenizer_makes_counts_worthless(stub: Any, inference: Counting) -> None:
    inference.context_length = 200  # Nothing surely fits.
    await create(stub)
    await record(stub, 1, [says("one")], "uno")
    await build(stub, says("x"))
    await build(stub, says("x"))
    inference.digest = "two"
    await build(stub, says("x"))
    assert inference.counted == [3, 1, 1, 3]


async def test_counts_are_right_when_more_are_asked_for_than_remembered(inference: Counting) -> None:
    server: Any = inproc.Server()
    add_InferenceServiceServicer_to_server(inference, serving.Registrar("", [server]))
    counter = TokenCounter(InferenceServiceStub(server), 5.0, 3)
    for texts in (["a", "bb"], ["ccc", "a"], ["d" * length for length in range(1, 40)], ["a"]):
        past = [says(text) for text in texts]
        tokens, reply = await counter.count("", [says("new")], past)
        assert tokens == [size(message) for message in [says("new"), *past]]
        assert reply.overhead_tokens == OVERHEAD
    await server.stop(0)


async def test_new_messages_beyond_the_window_are_left_to_inference(stub: Any) -> None:
    await create(stub)
    await record(stub, 1, [says("be brief", ROLE_SYSTEM), says("one")], "uno")
    built = await build(stub, says("x" * 5000))
    assert spoken(built) == ["x" * 5000]
    assert built.dropped_turns == 1


async def test_the_reserve_is_half_the_window_at_most(stub: Any, inference: Counting) -> None:
    inference.context_length = 200
    await create(stub)
    await record(stub, 1, [says("x" * 30)], "y" * 30)
    assert (await build(stub, says("z"), reserve=150)).dropped_turns == 0
    await record(stub, 2, [says("x" * 30)], "y" * 30)
    assert (await build(stub, says("z"), reserve=1)).dropped_turns == 0
    assert (await build(stub, says("z"))).dropped_turns == 0
    assert (await build(stub, says("z"), reserve=90)).dropped_turns > 0


async def test_what_inference_refuses_reaches_the_caller(stub: Any, inference: Counting) -> None:
    await create(stub)
    inference.fails = Fault("MODEL_NOT_FOUND", "no such model", field="model", model="m")
    found = await fault(build(stub, says("x")))
    assert found is not None
    assert (found.reason, found.field) == ("MODEL_NOT_FOUND", "model")
    inference.fails, inference.hangs = None, True
    found = await fault(build(stub, says("x")))
    assert found is not None
    assert found.code == grpc.StatusCode.DEADLINE_EXCEEDED
