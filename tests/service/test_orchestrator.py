"""The Converse stream over scripted peers: what a client sees, and what the engine is told."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from doubles import ENGINE_GONE, Context, CopyingServer, Inference, Moderation
from google.protobuf.duration_pb2 import Duration

from mesh import faults, inproc, serving
from orchestrator.conduct import Peers, Settings, merge
from orchestrator.service import OrchestratorService
from tokenloom.chat.v1.chat_pb2 import FINISH_REASON_CONTENT_FILTER, ROLE_USER, Delta, Lane, Message, Part, Scope
from tokenloom.context.v1.context_pb2 import TURN_STATUS_CANCELLED, TURN_STATUS_COMPLETED
from tokenloom.context.v1.context_pb2_grpc import ContextServiceStub, add_ContextServiceServicer_to_server
from tokenloom.inference.v1.inference_pb2_grpc import InferenceServiceStub, add_InferenceServiceServicer_to_server
from tokenloom.moderation.v1.moderation_pb2_grpc import ModerationServiceStub, add_ModerationServiceServicer_to_server
from tokenloom.orchestrator.v1.orchestrator_pb2 import Cancel, ConverseRequest, ConverseResponse, Event, OpenTurn
from tokenloom.orchestrator.v1.orchestrator_pb2_grpc import (
    OrchestratorServiceStub,
    add_OrchestratorServiceServicer_to_server,
)


@dataclass
class Bench:
    """An orchestrator between a client and its doubles."""

    stub: Any
    inference: Inference
    moderation: Moderation
    context: Context
    tasks: asyncio.TaskGroup


@pytest.fixture(params=["handed over", "copied"])
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    server = CopyingServer() if request.param == "copied" else inproc.Server()
    registrar: Any = serving.Registrar("", [server])
    channel: Any = server
    inference, moderation, context = Inference(), Moderation(), Context()
    add_InferenceServiceServicer_to_server(inference, registrar)
    add_ModerationServiceServicer_to_server(moderation, registrar)
    add_ContextServiceServicer_to_server(context, registrar)
    peers = Peers(ContextServiceStub(channel), ModerationServiceStub(channel), InferenceServiceStub(channel))
    async with asyncio.TaskGroup() as tasks:
        service = OrchestratorService(peers, tasks, Settings(turns_per_stream=3))
        add_OrchestratorServiceServicer_to_server(service, registrar)
        yield Bench(OrchestratorServiceStub(channel), inference, moderation, context, tasks)
        await server.stop(0)


@dataclass
class Client:
    """A Converse call whose events are kept."""

    call: Any
    events: list[Event] = field(default_factory=list)

    async def open(self, response_id: str, text: str = "Hi", **fields: Any) -> None:
        message = Message(role=ROLE_USER, parts=[Part(text=text)])
        turn = OpenTurn(**{"scope": Scope(tenant="t", user="u"), "messages": [message], **fields})
        await self.call.write(ConverseRequest(response_id=response_id, open=turn))

    async def cancel(self, response_id: str) -> None:
        await self.call.write(ConverseRequest(response_id=response_id, cancel=Cancel()))

    async def until(self, kind: str, response_id: str) -> Event:
        """Reads up to an event of that kind."""
        seen = [event for event in self.events if event.response_id == response_id and event.HasField(kind)]
        while not seen:
            response = await self.call.read()
            assert response is not grpc.aio.EOF, f"the stream ended before {kind}"
            self.events += response.events
            seen = [event for event in self.events if event.response_id == response_id and event.HasField(kind)]
        return seen[0]

    def text(self, response_id: str) -> str:
        return "".join(event.delta.text for event in self.events if event.response_id == response_id)

    def sequence_is_dense(self, response_id: str) -> bool:
        at = 0
        for event in (event for event in self.events if event.response_id == response_id):
            if event.first_sequence != at + 1 or event.sequence < event.first_sequence:
                return False
            at = event.sequence
        return True


def client(bench: Bench) -> Client:
    return Client(bench.stub.Converse())


async def test_turns_one_after_another_on_one_stream(bench: Bench) -> None:
    talk = client(bench)
    for response_id in ("a", "b"):
        await talk.open(response_id)
        end = (await talk.until("end", response_id)).end
        assert end.HasField("completed")
        assert end.usage.completion_tokens == 3
        assert talk.text(response_id) == "Hello there"
        assert talk.sequence_is_dense(response_id)
        assert (await talk.until("opened", response_id)).opened.prompt_tokens == 5
    assert bench.inference.cancels == 0, "a good turn ends its calls well"
    await talk.call.done_writing()
    assert await talk.call.read() is grpc.aio.EOF


async def test_half_close_lets_open_turns_end(bench: Bench) -> None:
    talk = client(bench)
    await talk.open("a")
    await talk.open("b")
    await talk.call.done_writing()
    await talk.until("end", "a")
    await talk.until("end", "b")
    assert await talk.call.read() is grpc.aio.EOF


async def test_cancel_reaches_the_engine_and_the_stream_lives_on(bench: Bench) -> None:
    bench.inference.gated = True
    talk = client(bench)
    await talk.open("a")
    await talk.until("delta", "a")
    await talk.cancel("a")
    end = (await talk.until("end", "a")).end
    assert end.HasField("cancelled")
    assert end.usage.completion_tokens == 1
    assert bench.inference.cancels == 1
    bench.inference.gated = False
    await talk.open("b")
    assert (await talk.until("end", "b")).end.HasField("completed")


async def test_a_cancel_on_the_heels_of_its_turn_ends_it_without_an_opened(bench: Bench) -> None:
    bench.moderation.slow = asyncio.Event()
    talk = client(bench)
    await talk.open("a")
    await talk.cancel("a")
    assert (await talk.until("end", "a")).end.HasField("cancelled")
    assert [event.WhichOneof("kind") for event in talk.events] == ["end"]


async def test_a_cancelled_turn_does_not_wait_for_its_verdict(bench: Bench) -> None:
    bench.inference.gated = True
    bench.moderation.slow = asyncio.Event()
    talk = client(bench)
    await talk.open("a")
    await talk.until("opened", "a")
    await talk.cancel("a")
    end = (await talk.until("end", "a")).end
    assert end.HasField("cancelled")
    assert end.usage.completion_tokens == 1
    assert talk.text("a") == ""


async def test_a_lost_client_cancels_at_the_engine_and_the_turn_is_kept(bench: Bench) -> None:
    bench.inference.gated = True
    talk = client(bench)
    await talk.open("a", conversation_id="c", turn_id="t1")
    await talk.until("delta", "a")
    talk.call.cancel()
    async with asyncio.timeout(5):
        while not bench.context.turns:
            await asyncio.sleep(0.01)
    assert bench.inference.cancels == 1
    [turn] = bench.context.turns
    assert turn.status == TURN_STATUS_CANCELLED
    assert turn.answer.parts[0].text == "Hel"
    assert turn.usage.completion_tokens == 1


async def test_a_failed_turn_is_one_end_and_the_stream_lives_on(bench: Bench) -> None:
    bench.inference.fails_after = 2
    talk = client(bench)
    await talk.open("a")
    end = (await talk.until("end", "a")).end
    fault = faults.from_status(end.failed)
    assert (fault.code, fault.reason) == (ENGINE_GONE.code, ENGINE_GONE.reason)
    bench.inference.fails_after = None
    await talk.open("b")
    assert (await talk.until("end", "b")).end.HasField("completed")
    assert sum(event.HasField("end") for event in talk.events if event.response_id == "a") == 1


async def test_what_inference_refuses_has_no_opened(bench: Bench) -> None:
    bench.inference.refuses = faults.invalid("sampling.temperature", "0 to 2")
    talk = client(bench)
    await talk.open("a")
    end = (await talk.until("end", "a")).end
    assert faults.from_status(end.failed).field == "sampling.temperature"
    assert [event.WhichOneof("kind") for event in talk.events] == ["end"]


async def test_nothing_passes_before_the_input_is_judged(bench: Bench) -> None:
    bench.moderation.slow = asyncio.Event()
    talk = client(bench)
    await talk.open("a")
    await talk.until("opened", "a")
    while not bench.inference.starts:
        await asyncio.sleep(0)
    for _ in range(100):
        await asyncio.sleep(0)
    assert [event.WhichOneof("kind") for event in talk.events] == ["opened"]
    bench.moderation.slow.set()
    await talk.until("end", "a")
    assert talk.text("a") == "Hello there"


async def test_forbidden_input_is_refused_and_forbidden_output_cut(bench: Bench) -> None:
    talk = client(bench)
    await talk.open("a", "something forbidden")
    ending = (await talk.until("choice_end", "a")).choice_end
    assert (ending.reason, ending.category, ending.refusal) == (FINISH_REASON_CONTENT_FILTER, "illicit", "I can't.")
    assert (await talk.until("end", "a")).end.HasField("completed")
    assert talk.text("a") == ""
    bench.inference.pieces = ["ok ", "this is forbidden", " and more"]
    await talk.open("b")
    await talk.until("end", "b")
    assert talk.text("b") == "ok this is "


async def test_a_conversation_is_recorded_before_its_end(bench: Bench) -> None:
    talk = client(bench)
    await talk.open("a", conversation_id="c", turn_id="t1")
    await talk.until("end", "a")
    [turn] = bench.context.turns
    assert turn.id == "t1"
    assert turn.status == TURN_STATUS_COMPLETED
    assert turn.answer.parts[0].text == "Hello there"


async def test_a_turn_that_cannot_be_recorded_fails(bench: Bench) -> None:
    bench.context.broken = True
    talk = client(bench)
    await talk.open("a", conversation_id="c", turn_id="t1")
    end = (await talk.until("end", "a")).end
    assert faults.from_status(end.failed).reason == "SERVICE_UNAVAILABLE"
    assert talk.text("a") == "Hello there"


async def test_the_budget_ends_a_turn(bench: Bench) -> None:
    bench.inference.gated = True
    talk = client(bench)
    await talk.open("a", budget=Duration(nanos=200_000_000))
    end = (await talk.until("end", "a")).end
    assert faults.from_status(end.failed).reason == "BUDGET_EXCEEDED"
    async with asyncio.timeout(5):
        while not bench.inference.cancels:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("fields", "field_name"),
    [
        ({"scope": Scope()}, "scope"),
        ({"messages": []}, "messages"),
        ({"prompt": "and messages"}, "messages"),
        ({"conversation_id": "c"}, "turn_id"),
        ({"budget": Duration(seconds=7200)}, "budget"),
        ({"budget": Duration(seconds=-1)}, "budget"),
    ],
)
async def test_a_bad_turn_names_its_field(bench: Bench, fields: dict[str, Any], field_name: str) -> None:
    talk = client(bench)
    await talk.open("a", **fields)
    fault = faults.from_status((await talk.until("end", "a")).end.failed)
    assert (fault.code, fault.field) == (grpc.StatusCode.INVALID_ARGUMENT, field_name)


async def test_what_nobody_had_read_when_the_call_ended_is_read_afterwards(bench: Bench) -> None:
    talk = client(bench)
    await talk.open("a", messages=[])
    await talk.call.done_writing()
    assert await talk.call.code() is grpc.StatusCode.OK
    assert (await talk.until("end", "a")).end.HasField("failed")


async def test_too_many_turns_on_a_stream(bench: Bench) -> None:
    bench.inference.gated = True
    talk = client(bench)
    for response_id in "abcd":
        await talk.open(response_id)
    fault = faults.from_status((await talk.until("end", "d")).end.failed)
    assert fault.reason == "OVERLOADED"
    talk.call.cancel()


@pytest.mark.parametrize(
    "request_",
    [ConverseRequest(response_id="a"), ConverseRequest(cancel=Cancel()), ConverseRequest(response_id="a" * 129)],
)
async def test_an_unusable_command_ends_the_call(bench: Bench, request_: ConverseRequest) -> None:
    call = bench.stub.Converse()
    await call.write(request_)
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call.read()
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_response_id_in_use_ends_the_call(bench: Bench) -> None:
    bench.inference.gated = True
    talk = client(bench)
    await talk.open("a")
    await talk.until("delta", "a")
    await talk.open("a")
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await talk.until("end", "a")
    assert error.value.code() is grpc.StatusCode.ALREADY_EXISTS
    async with asyncio.timeout(5):
        while not bench.inference.cancels:
            await asyncio.sleep(0.01)


def test_only_neighbours_of_one_lane_merge() -> None:
    lanes = [0, 0, 1, 0]
    responses = []
    for sequence, choice in enumerate(lanes, start=1):
        delta = Delta(lane=Lane(choice=choice), text=str(sequence))
        event = Event(response_id="r", first_sequence=sequence, sequence=sequence, delta=delta)
        responses.append(ConverseResponse(events=[event]))
    for response in responses[1:]:
        assert merge(responses[0], response)
    assert [(event.first_sequence, event.sequence, event.delta.text) for event in responses[0].events] == [
        (1, 2, "12"),
        (3, 3, "3"),
        (4, 4, "4"),
    ]
