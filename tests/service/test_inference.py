"""The InferenceService before a scripted Triton: what a client sees, and what the engine is told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
from doubles import CopyingServer
from doubles_triton import HANG, SONG, Abort, Error, Ids, Request, Step, Triton, Wait
from google.protobuf.duration_pb2 import Duration

from inference import replica, service
from inference.service import InferenceService
from inference.settings import Entry, Settings
from inference.start import KEEPALIVE_SECONDS, make_model, make_transport
from inference.tokenizer import ChatTokenizer
from lean_grpc.client import Client
from mesh import faults, inproc, serving
from tokenloom.chat.v1.chat_pb2 import (
    FINISH_REASON_LENGTH,
    FINISH_REASON_STOP,
    ROLE_SYSTEM,
    ROLE_USER,
    ChoiceEnd,
    Delta,
    End,
    Message,
    Part,
    Sampling,
)
from tokenloom.inference.v1.inference_pb2 import (
    Accepted,
    CancelChoices,
    CountTokensRequest,
    GenerateRequest,
    ListModelsRequest,
    Start,
)
from tokenloom.inference.v1.inference_pb2_grpc import InferenceServiceStub, add_InferenceServiceServicer_to_server

MODEL = Path(__file__).resolve().parents[2] / "models" / "tokenloom-mini"
TOKENIZER = ChatTokenizer(MODEL)
END = TOKENIZER.end_ids[0]
WINDOW = 4096


@dataclass
class Answer:
    """A whole generation, as a client saw it."""

    accepted: Accepted | None = None
    deltas: list[Delta] = field(default_factory=list)
    ends: list[ChoiceEnd] = field(default_factory=list)
    end: End | None = None

    def text(self, choice: int = 0) -> str:
        """A choice's text; its deltas must be contiguous."""
        text = ""
        for delta in self.deltas:
            if delta.lane.choice == choice:
                assert delta.offset == len(text)
                text += delta.text
        return text

    @property
    def fault(self) -> faults.Fault:
        assert self.end is not None
        assert self.end.WhichOneof("outcome") == "failed"
        return faults.from_status(self.end.failed)


class Generation:
    """A Generate call."""

    def __init__(self, stub: Any) -> None:
        self.call = stub.Generate()
        self.answer = Answer()

    async def send(self, **command: Any) -> None:
        await self.call.write(GenerateRequest(**command))

    async def read(self) -> Any:
        """The next response; at the end of the call its status is raised, or EOF returned."""
        response = await self.call.read()
        if response is grpc.aio.EOF:
            if await self.call.code() is not grpc.StatusCode.OK:
                raise AssertionError(await self.call.details())
            return response
        match response.WhichOneof("kind"):
            case "accepted":
                assert self.answer == Answer()
                self.answer.accepted = response.accepted
            case "tokens":
                assert response.tokens.deltas
                self.answer.deltas += response.tokens.deltas
            case "choice_end":
                self.answer.ends.append(response.choice_end)
            case "end":
                self.answer.end = response.end
        return response

    async def text(self, length: int) -> None:
        """Reads until so much text of choice 0 has come."""
        while len(self.answer.text()) < length:
            assert self.answer.end is None
            await self.read()

    async def finish(self) -> Answer:
        """Reads to the end of the call, and half-closes after End: nothing may follow it."""
        while self.answer.end is None:
            assert await self.read() is not grpc.aio.EOF
        await self.call.done_writing()
        assert await self.call.read() is grpc.aio.EOF
        return self.answer


@dataclass
class Bench:
    """An inference service between a client and a Triton."""

    stub: Any
    triton: Triton
    script: list[Callable[[Request], Sequence[Step]]]
    service: InferenceService

    def steps(self, *steps: Step) -> None:
        """What the engine answers to everything from now on."""
        self.script[0] = lambda request: steps

    async def start(self, text: str = "hi", **start: Any) -> Generation:
        """Begins a generation and half-closes nothing."""
        generation = Generation(self.stub)
        await generation.send(start=begin(text, **start))
        return generation

    async def run(self, text: str = "hi", **start: Any) -> Answer:
        return await (await self.start(text, **start)).finish()

    async def live(self) -> None:
        """Waits until the replica is found."""
        while not (await self.stub.ListModels(ListModelsRequest())).models[0].ready:
            await asyncio.sleep(0.02)


def begin(text: str = "hi", **start: Any) -> Start:
    begin.count += 1  # type: ignore[attr-defined]
    start.setdefault("generation_id", f"gen-{begin.count}")  # type: ignore[attr-defined]
    if "prompt" not in start:
        start.setdefault("messages", [say(text)])
    return Start(**start)


begin.count = 0  # type: ignore[attr-defined]


def say(text: str, role: Any = ROLE_USER) -> Message:
    return Message(role=role, parts=[Part(text=text)])


async def drain(call: Any) -> None:
    """Reads to the end; raises how the call ended."""
    while await call.read() is not grpc.aio.EOF:
        pass


def ids(text: str) -> list[int]:
    return TOKENIZER.encode_text(text)


@pytest.fixture(params=["in process, grpc", "in process, copied, h2", "apart, grpc"])
def placement(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def limits() -> dict[str, Any]:
    """Settings; a test overrides them by parametrising."""
    return {}


@pytest.fixture
async def bench(placement: str, limits: dict[str, Any]) -> AsyncIterator[Bench]:
    script: list[Callable[[Request], Sequence[Step]]] = [lambda request: [Ids([*ids("Hello you"), END], final=True)]]
    triton = Triton(lambda request: script[0](request))
    await triton.start()
    settings = Settings(models=Path(), transport="h2" if "h2" in placement else "grpc", **limits)
    model = make_model([entry_of(triton.port)], TOKENIZER, settings)
    service = InferenceService([model], settings)
    server: Any
    channel: Any
    if "apart" in placement:
        server = grpc.aio.server()
        registrar: Any = serving.Registrar("", [server])
        add_InferenceServiceServicer_to_server(service, registrar)
        address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        channel = grpc.aio.insecure_channel(address, options=[("grpc.http2.bdp_probe", 0)])  # a window that stays small
        await server.start()
    else:
        server = CopyingServer() if "copied" in placement else inproc.Server()
        channel = server
        registrar = serving.Registrar("", [server])
        add_InferenceServiceServicer_to_server(service, registrar)
    tasks = [
        asyncio.ensure_future(model.replicas[0].run()),
        asyncio.ensure_future(service.watch(lambda ready: None)),
    ]
    made = Bench(InferenceServiceStub(channel), triton, script, service)
    await made.live()
    yield made
    assert not [task.exception() for task in tasks if task.done()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if channel is not server:
        await channel.close()
    await server.stop(0)
    await model.replicas[0].aclose()
    await triton.stop()


async def test_an_answer_is_accepted_streamed_and_ended(bench: Bench) -> None:
    answer = await bench.run(sampling=Sampling(seed=7))
    assert answer.accepted is not None
    assert answer.accepted.model == "mini"
    assert answer.accepted.seed == 7
    assert answer.accepted.prompt_tokens == len(TOKENIZER.encode_chat([{"role": "user", "content": "hi"}]))
    assert answer.text() == "Hello you"
    assert answer.ends == [ChoiceEnd(choice=0, reason=FINISH_REASON_STOP)]
    assert answer.end is not None
    assert answer.end.WhichOneof("outcome") == "completed"
    assert answer.end.usage.prompt_tokens == answer.accepted.prompt_tokens
    assert answer.end.usage.completion_tokens == len(ids("Hello you")) + 1
    asked = bench.triton.requests[0].tensors
    assert asked["input_ids"] == TOKENIZER.encode_chat([{"role": "user", "content": "hi"}])
    assert asked["request_output_len"] == WINDOW - answer.accepted.prompt_tokens
    assert asked["end_id"] == END
    assert asked["runtime_top_k"] == 1  # the bundled model's own default is greedy
    assert asked["streaming"] is True
    assert asked["exclude_input_in_output"] is True


async def test_accepted_comes_before_the_prefill_and_tokens_as_they_come(bench: Bench) -> None:
    gates = [asyncio.Event() for _ in range(3)]
    words = ["One", " two", " three"]
    steps: list[Step] = []
    for gate, word in zip(gates, words, strict=True):
        steps += [Wait(gate), Ids(ids(word))]
    bench.steps(*steps, Ids([END], final=True))
    generation = await bench.start()
    assert (await generation.read()).HasField("accepted")
    for index, gate in enumerate(gates):
        gate.set()
        await generation.text(len("".join(words[: index + 1])))
        assert generation.answer.text() == "".join(words[: index + 1])
    await generation.finish()


async def test_length(bench: Bench) -> None:
    bench.steps(Ids(ids("a, b, c, d")[:3], final=True))
    answer = await bench.run(sampling=Sampling(max_tokens=3))
    assert answer.ends[0].reason == FINISH_REASON_LENGTH
    assert bench.triton.requests[0].tensors["request_output_len"] == 3


async def test_a_stop_string_ends_the_choice_and_the_engine(bench: Bench) -> None:
    bench.steps(*[Ids([i]) for i in ids("The end.\nUser: more")], HANG)
    answer = await bench.run(sampling=Sampling(stop=["\nUser:", "never"]))
    assert answer.text() == "The end."
    assert answer.ends[0].reason == FINISH_REASON_STOP
    await asyncio.wait_for(bench.triton.requests[0].cancelled.wait(), 5)


async def test_every_end_id_of_the_model_ends_an_answer(bench: Bench) -> None:
    other = TOKENIZER.tokenizer.token_to_id("<|tool|>")
    bench.service._default.end_ids.append(other)  # type: ignore[attr-defined]
    bench.steps(Ids([*ids("Hi"), other, *ids("no")]), HANG)
    answer = await bench.run()
    assert answer.text() == "Hi"
    assert answer.ends[0].reason == FINISH_REASON_STOP
    assert answer.end is not None
    assert answer.end.usage.completion_tokens == len(ids("Hi")) + 1
    await asyncio.wait_for(bench.triton.requests[0].cancelled.wait(), 5)


async def test_ignore_eos_goes_past_the_end(bench: Bench) -> None:
    bench.steps(Ids([*ids("Hi"), END, *ids("go")], final=True))
    answer = await bench.run(sampling=Sampling(ignore_eos=True))
    assert answer.text() == "Higo"
    assert bench.triton.requests[0].tensors["end_id"] == -1


async def test_log_probabilities(bench: Bench) -> None:
    tokens = ids("Hi 你好")
    bench.steps(*[Ids([i]) for i in tokens], Ids([END], final=True))
    answer = await bench.run(sampling=Sampling(logprobs=True))
    entries = [entry for delta in answer.deltas for entry in delta.logprobs]
    assert b"".join(entry.token_bytes for entry in entries).decode() == "Hi 你好"
    assert [entry.logprob for entry in entries] == [-(index + 1) / 4 for index in range(len(tokens))]
    ends = [entry.end for entry in entries]
    assert ends == sorted(ends)
    assert ends[-1] == len("Hi 你好")


async def test_seeds_are_drawn_and_reported(bench: Bench) -> None:
    answers = [await bench.run(sampling=Sampling(temperature=1)) for _ in range(4)]
    seeds = [answer.accepted.seed for answer in answers if answer.accepted]
    assert len(set(seeds)) == 4
    assert [request.tensors["seed"] for request in bench.triton.requests] == seeds


async def test_choices_are_requests_of_their_own(bench: Bench) -> None:
    bench.script[0] = lambda request: [Ids([*ids(f"seed {request.tensors['seed']}"), END], final=True)]
    answer = await bench.run(sampling=Sampling(choices=3, seed=2**63 - 2, temperature=1))
    seeds = [2**63 - 2, 2**63 - 1, 0]
    assert [answer.text(choice) for choice in range(3)] == [f"seed {seed}" for seed in seeds]
    assert sorted(end.choice for end in answer.ends) == [0, 1, 2]
    assert len({request.id for request in bench.triton.requests}) == 3
    assert answer.accepted is not None
    assert answer.accepted.seed == 2**63 - 2


async def test_one_choice_is_cancelled_then_all(bench: Bench) -> None:
    bench.steps(Ids(ids("Hello")), HANG)
    generation = await bench.start(sampling=Sampling(choices=3, temperature=1))
    while len(generation.answer.deltas) < 3:
        await generation.read()
    await generation.send(cancel=CancelChoices(choices=[1]))
    by_id = {request.id[-1]: request for request in bench.triton.requests}
    await asyncio.wait_for(by_id["1"].cancelled.wait(), 5)
    assert not by_id["0"].cancelled.is_set()
    await generation.send(cancel=CancelChoices())
    answer = await generation.finish()
    for request in bench.triton.requests:
        await asyncio.wait_for(request.cancelled.wait(), 5)
    assert answer.end is not None
    assert answer.end.WhichOneof("outcome") == "cancelled"
    assert answer.end.usage.completion_tokens == 3 * len(ids("Hello"))
    assert not answer.ends


async def test_cancel_gives_out_what_was_held_back(bench: Bench) -> None:
    bench.steps(Ids(ids("Hello")), HANG)
    generation = await bench.start(sampling=Sampling(stop=["lol"]))
    await generation.text(3)
    assert generation.answer.text() == "Hel"
    await generation.send(cancel=CancelChoices(choices=[0]))
    assert (await generation.finish()).text() == "Hello"


@pytest.mark.parametrize("began", [False, True], ids=["in prefill", "mid-stream"])
async def test_a_client_that_goes_away_frees_the_engine(bench: Bench, began: bool) -> None:
    bench.steps(*([Ids(ids("Hello"))] if began else []), HANG)
    generation = await bench.start()
    await generation.read()
    if began:
        await generation.text(1)
    while not bench.triton.requests:
        await asyncio.sleep(0.01)
    generation.call.cancel()
    await asyncio.wait_for(bench.triton.requests[0].cancelled.wait(), 5)
    assert not bench.service._live


@pytest.mark.parametrize("limits", [{"pending_bytes": 20_000}])
async def test_a_reader_that_stalls_loses_its_generation_alone(bench: Bench) -> None:
    gate = asyncio.Event()
    bench.script[0] = lambda request: (
        [Wait(gate), Ids([END], final=True)]
        if request.tensors["request_output_len"] == 5
        else [*[Ids(ids("word"))] * 5000, HANG]
    )
    quick = await bench.start(sampling=Sampling(max_tokens=5))
    await quick.read()
    stalled = await bench.start(sampling=Sampling(ignore_eos=True, logprobs=True))
    async with asyncio.timeout(20):
        while len(bench.triton.requests) < 2:
            await asyncio.sleep(0.01)
        await bench.triton.requests[1].cancelled.wait()
    answer = await stalled.finish()
    assert answer.fault.reason == "SLOW_READER"
    assert answer.text().startswith("wordword")
    gate.set()
    assert (await quick.finish()).ends


@pytest.mark.parametrize("limits", [{"pending_bytes": 10_000_000}])
async def test_a_reader_that_leaves_the_end_loses_its_call(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LAST_WORDS_SECONDS", 0.2)
    longest = max(range(len(TOKENIZER.token_bytes)), key=lambda i: len(TOKENIZER.token_bytes[i]))
    bench.steps(*[Ids([longest])] * 5000, Ids([END], final=True))
    stalled = await bench.start(sampling=Sampling(logprobs=True, max_tokens=4000))
    await stalled.read()
    async with asyncio.timeout(20):
        while bench.service._live:
            await asyncio.sleep(0.01)
    if isinstance(stalled.call, inproc.Call):  # There what is left lies with the reader, whom nobody waits for.
        assert (await stalled.finish()).ends
        return
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await drain(stalled.call)
    assert faults.from_rpc_error(caught.value).reason == "SLOW_READER"


@pytest.mark.parametrize("patient", [True, False])
async def test_a_replica_that_is_just_being_found_is_waited_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, patient: bool
) -> None:
    monkeypatch.setattr(replica, "FOUND_SECONDS", 30.0)
    found = asyncio.Event()
    bench.triton.song = [Wait(found), *SONG]
    bench.service._default.replicas[0]._lost.set()
    generation = await bench.start(budget=None if patient else Duration(nanos=100_000_000))
    if patient:
        await asyncio.sleep(0.3)
        assert not bench.triton.requests
        found.set()
        assert (await generation.finish()).text() == "Hello you"
    else:
        assert (await generation.finish()).fault.reason == "ENGINE_UNAVAILABLE"


async def test_an_error_of_the_engine(bench: Bench) -> None:
    bench.steps(Ids(ids("Hel")), Error("out of blocks"))
    answer = await bench.run()
    assert answer.text() == "Hel"
    assert answer.fault.reason == "ENGINE_FAILED"
    assert answer.fault.code is grpc.StatusCode.INTERNAL
    assert not answer.ends


@pytest.mark.parametrize("limits", [{"stall_seconds": 60.0}])
async def test_a_model_process_that_is_gone(bench: Bench) -> None:
    """Triton answers new requests with an error; those in flight would hang for ever."""
    bench.steps(Ids(ids("Hel")), HANG)
    hanging = await bench.start()
    await hanging.text(3)
    gone = Error("Stub process 'tensorrt_llm_0_0' is not healthy.")
    bench.triton.song = [gone]
    bench.steps(gone)
    assert (await bench.run()).fault.reason == "ENGINE_UNAVAILABLE"
    assert (await hanging.finish()).fault.reason == "ENGINE_UNAVAILABLE"
    bench.triton.song = SONG
    async with asyncio.timeout(20):
        await bench.live()


async def test_an_engine_that_ends_early_is_gone(bench: Bench) -> None:
    bench.steps(Ids(ids("Hel")))
    answer = await bench.run()
    assert answer.fault.reason == "ENGINE_UNAVAILABLE"


@pytest.mark.parametrize(
    ("code", "reason"),
    [(grpc.StatusCode.UNAVAILABLE, "ENGINE_UNAVAILABLE"), (grpc.StatusCode.INTERNAL, "ENGINE_FAILED")],
)
async def test_a_stream_that_the_engine_drops(bench: Bench, code: grpc.StatusCode, reason: str) -> None:
    bench.steps(Ids(ids("Hel")), Abort(code))
    answer = await bench.run()
    assert answer.text() == "Hel"
    assert answer.fault.reason == reason
    await bench.live()


async def test_a_server_that_dies_and_comes_back(bench: Bench) -> None:
    bench.steps(Ids(ids("Hel")), HANG)
    running = [await bench.start() for _ in range(4)]
    for generation in running:
        await generation.text(1)
    await bench.triton.stop()
    for generation in running:
        answer = await generation.finish()
        assert answer.fault.reason == "ENGINE_UNAVAILABLE"
    refused = await bench.run()
    assert refused.accepted is None
    assert refused.fault.reason == "ENGINE_UNAVAILABLE"
    assert refused.fault.retry_after
    bench.steps(Ids([*ids("Back"), END], final=True))
    await bench.triton.start()
    async with asyncio.timeout(10):
        await bench.live()
    assert (await bench.run()).text() == "Back"


@pytest.mark.parametrize("limits", [{"stall_seconds": 0.3, "canary_seconds": 0.3}])
async def test_a_stuck_replica_ends_its_streams_and_returns(bench: Bench) -> None:
    bench.steps(Ids(ids("Hel")), HANG)
    generation = await bench.start()
    await generation.text(1)
    bench.triton.song = [HANG]
    answer = await generation.finish()
    assert answer.fault.reason == "ENGINE_UNAVAILABLE"
    await asyncio.wait_for(bench.triton.requests[0].cancelled.wait(), 5)
    assert (await bench.run()).fault.reason == "ENGINE_UNAVAILABLE"
    bench.triton.song = SONG
    async with asyncio.timeout(20):
        await bench.live()


@pytest.mark.parametrize("limits", [{"stall_seconds": 0.1, "canary_seconds": 5.0}])
async def test_a_long_prefill_is_not_death(bench: Bench) -> None:
    gate = asyncio.Event()
    bench.steps(Wait(gate), Ids([*ids("Late"), END], final=True))
    generation = await bench.start()
    before = bench.triton.canaries
    async with asyncio.timeout(20):
        while bench.triton.canaries < before + 3:
            await asyncio.sleep(0.01)
    gate.set()
    assert (await generation.finish()).text() == "Late"


@pytest.mark.parametrize("limits", [{"stall_seconds": 0.2, "canary_seconds": 0.8}])
async def test_a_full_queue_is_not_death(bench: Bench) -> None:
    """The canary has to wait behind others, but those progress."""
    ticks = [asyncio.Event() for _ in range(25)]
    steps = [step for event in ticks for step in (Wait(event), Ids(ids("a")))]
    waiting = asyncio.Event()
    bench.script[0] = lambda request: (
        [Wait(waiting), Ids([END], final=True)]
        if request.tensors["request_output_len"] == 7
        else [*steps, Ids([END], final=True)]
    )
    bench.triton.song = [HANG]
    running = await bench.start()
    queued = await bench.start(sampling=Sampling(max_tokens=7))
    before = bench.triton.canaries
    await asyncio.sleep(0.5)  # long enough for the first canary, too short for its verdict
    for event in ticks:
        event.set()
        await asyncio.sleep(0.06)
    assert (await running.finish()).text() == "a" * 25
    assert bench.triton.canaries > before
    waiting.set()
    assert (await queued.finish()).ends


@pytest.mark.parametrize(
    ("limits", "first"),
    [({"first_token_seconds": 0.3}, []), ({"inter_token_seconds": 0.3}, [Ids([65])])],
    ids=["first token", "next token"],
)
async def test_time_limits(bench: Bench, first: list[Step]) -> None:
    bench.steps(*first, HANG)
    answer = await bench.run()
    assert answer.fault.reason == "ENGINE_TIMEOUT"
    assert answer.fault.metadata["seconds"] == "0.3"
    await asyncio.wait_for(bench.triton.requests[0].cancelled.wait(), 5)


async def test_budget(bench: Bench) -> None:
    bench.steps(Ids(ids("Hel")), HANG)
    answer = await bench.run(budget=Duration(nanos=300_000_000))
    assert answer.fault.reason == "BUDGET_EXCEEDED"
    assert answer.text() == "Hel"


@pytest.mark.parametrize("limits", [{"max_streams": 2}])
async def test_admission(bench: Bench) -> None:
    bench.steps(Ids(ids("Hel")), HANG)
    running = await bench.start(sampling=Sampling(choices=2, temperature=1))
    await running.text(1)
    refused = await bench.run()
    assert refused.fault.reason == "OVERLOADED"
    assert refused.fault.retry_after
    await running.send(cancel=CancelChoices())
    await running.finish()
    bench.steps(Ids([END], final=True))
    assert (await bench.run()).ends


@pytest.mark.parametrize(
    ("start", "reason", "field"),
    [
        ({"generation_id": ""}, "INVALID_FIELD", "generation_id"),
        ({"generation_id": "x" * 129}, "INVALID_FIELD", "generation_id"),
        ({"model": "other"}, "MODEL_NOT_FOUND", "model"),
        ({"messages": []}, "INVALID_FIELD", "messages"),
        ({"messages": [say("x")], "prompt": "x"}, "INVALID_FIELD", "messages"),
        ({"messages": [Message(parts=[Part(text="x")])]}, "INVALID_FIELD", "messages[0].role"),
        ({"messages": [say("x"), Message(role=ROLE_USER)]}, "INVALID_FIELD", "messages[1].parts"),
        ({"messages": [Message(role=ROLE_USER, parts=[Part()])]}, "INVALID_FIELD", "messages[0].parts[0].kind"),
        ({"budget": Duration(seconds=-1)}, "INVALID_FIELD", "budget"),
        ({"budget": Duration(seconds=3601)}, "INVALID_FIELD", "budget"),
        ({"sampling": Sampling(temperature=3)}, "INVALID_FIELD", "sampling.temperature"),
        ({"sampling": Sampling(min_tokens=5, max_tokens=4)}, "INVALID_FIELD", "sampling.min_tokens"),
        ({"sampling": Sampling(min_p=0.5, temperature=1)}, "UNSUPPORTED_PARAMETER", "sampling.min_p"),
        ({"sampling": Sampling(logit_bias={5: 1})}, "UNSUPPORTED_PARAMETER", "sampling.logit_bias"),
        ({"sampling": Sampling(max_tokens=2**32 - 1)}, "CONTEXT_LENGTH_EXCEEDED", "sampling.max_tokens"),
    ],
)
async def test_what_is_wrong_is_said_in_the_end(bench: Bench, start: dict[str, Any], reason: str, field: str) -> None:
    answer = await bench.run(**start)
    assert answer.accepted is None
    assert answer.fault.reason == reason
    assert answer.fault.field == field
    assert (await bench.run()).ends  # the service lives on


async def test_a_prompt_beyond_the_window(bench: Bench) -> None:
    over = "hello " * 5000
    answer = await bench.run(over, sampling=Sampling(max_tokens=10))
    prompt = len(TOKENIZER.encode_chat([{"role": "user", "content": over}]))
    assert answer.fault.reason == "CONTEXT_LENGTH_EXCEEDED"
    assert answer.fault.metadata == {
        "prompt_tokens": str(prompt),
        "max_tokens": "10",
        "context_length": str(WINDOW),
    }
    assert str(WINDOW) in answer.fault.message
    assert str(prompt) in answer.fault.message


async def test_five_megabytes_are_refused_without_tokenising(bench: Bench) -> None:
    answer = await bench.run("x" * 3_000_000)  # a gRPC message holds 4 MiB where the receiver sets no limit
    assert answer.fault.reason == "CONTEXT_LENGTH_EXCEEDED"
    assert answer.fault.metadata["prompt_tokens"] == str(-(-3_000_000 // TOKENIZER.longest_token_bytes))
    assert "at least" in answer.fault.message


async def test_an_id_is_in_use_once(bench: Bench) -> None:
    bench.steps(HANG)
    running = await bench.start(generation_id="same")
    await running.read()
    assert (await bench.run(generation_id="same")).fault.reason == "ALREADY_EXISTS"
    running.call.cancel()


@pytest.mark.parametrize(
    ("commands", "field"),
    [
        ([GenerateRequest()], "command"),
        ([GenerateRequest(cancel=CancelChoices())], "command"),
        ([], "command"),
        (["start", GenerateRequest()], "command"),
        (["start", "start"], "command"),
        (["start", GenerateRequest(cancel=CancelChoices(choices=[1]))], "cancel.choices"),
    ],
)
async def test_a_wrong_command_ends_the_call(bench: Bench, commands: list[Any], field: str) -> None:
    bench.steps(HANG)
    call = bench.stub.Generate()
    for command in commands:
        await call.write(GenerateRequest(start=begin()) if command == "start" else command)
    await call.done_writing()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await drain(call)
    fault = faults.from_rpc_error(caught.value)
    assert (fault.code, fault.reason, fault.field) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field)
    for request in bench.triton.requests:
        await asyncio.wait_for(request.cancelled.wait(), 5)


async def test_a_half_closed_call_goes_on(bench: Bench) -> None:
    generation = await bench.start()
    await generation.call.done_writing()
    assert (await generation.finish()).text() == "Hello you"


async def test_a_bare_prompt(bench: Bench) -> None:
    await bench.run(prompt="Once <|im_end|>")
    assert bench.triton.requests[0].tensors["input_ids"] == TOKENIZER.encode_text("Once <|im_end|>")
    assert END not in bench.triton.requests[0].tensors["input_ids"]


async def test_count_tokens(bench: Bench) -> None:
    messages = [say("Be kind.", ROLE_SYSTEM), say("Hi <|im_end|>"), say("x" * 2_000_000)]
    counted = await bench.stub.CountTokens(CountTokensRequest(messages=messages))
    chat = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi <|im_end|>"}]
    assert sum(counted.tokens[:2]) + counted.overhead_tokens == len(TOKENIZER.encode_chat(chat))
    assert counted.tokens[2] > WINDOW
    assert counted.context_length == WINDOW
    assert counted.tokenizer_digest == TOKENIZER.digest
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await bench.stub.CountTokens(CountTokensRequest(messages=[say("x")] * 1025))
    assert faults.from_rpc_error(caught.value).field == "messages"


async def test_list_models(bench: Bench) -> None:
    listed = await bench.stub.ListModels(ListModelsRequest())
    assert [(model.id, model.context_length, model.ready) for model in listed.models] == [("mini", WINDOW, True)]
    assert not listed.next_page_token
    for request in (ListModelsRequest(page_size=-1), ListModelsRequest(page_token="x")):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await bench.stub.ListModels(request)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def entry_of(port: int, **fields: Any) -> Entry:
    return Entry(
        id="mini",
        address=f"127.0.0.1:{port}",
        model="tensorrt_llm",
        dialect="inflight_batcher_llm",
        tokenizer=str(MODEL),
        context_length=WINDOW,
        **fields,
    )


async def test_only_a_server_of_our_own_is_pinged() -> None:
    settings = Settings(models=Path())
    for supervised, seconds in ((True, KEEPALIVE_SECONDS), (False, None)):
        transport = make_transport(entry_of(1, supervised=supervised), settings)
        assert isinstance(transport.client, Client)
        assert transport.client.keepalive_seconds == seconds


@pytest.mark.parametrize("supervised", [True, False])
async def test_a_silent_server_is_restarted_if_it_is_our_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, supervised: bool
) -> None:
    """As one is that was stopped."""
    monkeypatch.setattr(replica, "PROBE_SECONDS", 0.2)
    asked, probes = tmp_path / "restart", asyncio.Semaphore(0)

    class Silent(Triton):
        async def ModelMetadata(self, request: Any, ctx: Any) -> Any:
            probes.release()
            await asyncio.Event().wait()

    silent = Silent(lambda request: [])
    await silent.start()
    settings = Settings(models=Path(), restart_file=asked)
    (watched,) = make_model([entry_of(silent.port, supervised=supervised)], TOKENIZER, settings).replicas
    running = asyncio.create_task(watched.run())
    async with asyncio.timeout(20):
        for _ in range(3):
            await probes.acquire()
    assert asked.exists() == supervised
    running.cancel()
    await asyncio.wait([running])
    await watched.aclose()
    await silent.stop()
