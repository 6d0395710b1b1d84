"""Conducts one turn: carries events from the other services to its core, and the core's commands to them."""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import grpc
import structlog
from prometheus_client import Counter

from mesh import telemetry
from mesh.faults import Fault, find, from_rpc_error, to_status
from mesh.ids import new_id
from mesh.settings import Count, Seconds
from mesh.streams import Outlet, feed
from mesh.telemetry import Histogram
from orchestrator.turn import TurnCore
from tokenloom.chat.v1.chat_pb2 import End, Message
from tokenloom.context.v1 import context_pb2_grpc
from tokenloom.context.v1.context_pb2 import BuildContextRequest, RecordTurnRequest
from tokenloom.inference.v1 import inference_pb2_grpc
from tokenloom.inference.v1.inference_pb2 import CancelChoices, GenerateRequest, GenerateResponse, Start
from tokenloom.moderation.v1 import moderation_pb2_grpc
from tokenloom.moderation.v1.moderation_pb2 import CheckInputRequest, ScreenOpen, ScreenRequest
from tokenloom.orchestrator.v1.orchestrator_pb2 import Cancel, ConverseRequest, ConverseResponse

Shown: TypeAlias = Outlet[ConverseResponse]
log = structlog.get_logger(__name__)
turns = cache(Counter("tokenloom_turns", "Turns by how they ended", ["outcome"]).labels)
first_text = Histogram("tokenloom_turn_first_text_seconds", "From a turn's arrival to its first released text")


@dataclass(frozen=True)
class Settings:
    """TOKENLOOM_ORCHESTRATOR_<NAME>."""

    turns_per_stream: Count = 64  # The most turns open at once on one Converse stream.
    pending_bytes: Count = 256 * 1024  # May wait for a slow client, a stream; past it the turns stop reading.
    check_seconds: Seconds = 10.0  # The longest an input check may take.
    context_seconds: Seconds = 10.0  # The longest building the context, or recording the turn, may take.
    abandon_seconds: Seconds = 5.0  # For a turn whose client is gone to stop the engine and be recorded.


@dataclass(frozen=True)
class Peers:
    """The services that a turn needs."""

    context: "context_pb2_grpc.ContextServiceAsyncStub"
    moderation: "moderation_pb2_grpc.ModerationServiceAsyncStub"
    inference: "inference_pb2_grpc.InferenceServiceAsyncStub"


class ConductedTurn(TurnCore):
    """One turn that was `asked` for, with a `budget` in seconds. `run` takes it to its End event, whatever happens.

    In one process a request runs its receiver at once, whose answer is received here before the command returns.
    """

    _to_engine: Outlet[GenerateRequest]
    _to_screen: Outlet[ScreenRequest]

    def __init__(self, asked: ConverseRequest, budget: float, peers: Peers, outlet: Shown, settings: Settings) -> None:
        super().__init__(asked.response_id, asked.open)
        self._budget_seconds, self._peers, self._outlet, self._settings = budget, peers, outlet, settings
        self._limit: asyncio.Timeout | None = None  # While it works.
        self._began, self._text_seen = time.monotonic(), False

    async def run(self) -> None:
        """Take the turn to its End. Never raises for what goes wrong in the turn: that is in the End."""
        request = self.request
        telemetry.bind(response_id=self.response_id, turn_id=request.turn_id)
        about = {"gen_ai.operation.name": "chat", "gen_ai.response.id": self.response_id}
        if request.conversation_id:
            about["gen_ai.conversation.id"] = request.conversation_id
        with telemetry.tracer().start_as_current_span("turn", attributes=about, record_exception=False) as span:
            await self._until_over()
            if request.conversation_id:
                await self._record()
            last = self.last_response()
            end = last.events[0].end
            outcome, error = end.WhichOneof("outcome") or "failed", end.failed.message or None
            read, written = end.usage.prompt_tokens, end.usage.completion_tokens
            span.set_attributes({"gen_ai.usage.input_tokens": read, "gen_ai.usage.output_tokens": written})
            span.set_attribute("tokenloom.outcome", outcome)
        self._outlet.send(last)
        turns(outcome).inc()
        took = round(time.monotonic() - self._began, 3)
        log.info("turn", outcome=outcome, error=error, prompt_tokens=read, completion_tokens=written, seconds=took)

    def show(self, response: ConverseResponse) -> None:
        if not self._text_seen and response.events[0].delta.text:
            self._text_seen = True
            first_text.observe(time.monotonic() - self._began)
        self._outlet.send(response)

    def screen(self, request: ScreenRequest) -> None:
        self._to_screen.send(request)

    def stop(self, command: CancelChoices) -> None:
        self._to_engine.send(GenerateRequest(cancel=command))

    def cancel(self) -> None:
        """Stop it: the engine is told at once, and what was generated so far is still shown."""
        self.receive(Cancel())
        if self.end is not None and self._limit is not None:
            self._limit.reschedule(0.0)  # There is nothing left to wait for.

    async def _until_over(self) -> None:
        if self.end is not None:  # cancelled before it began
            return
        try:
            async with asyncio.timeout(self._budget_seconds) as self._limit:
                await self._work()
        except TimeoutError:
            why = f"the turn took longer than its budget of {self._budget_seconds:g} s"
            self.receive(to_status(Fault("BUDGET_EXCEEDED", why)))
        except Exception as error:
            if find(error) is None:
                log.error("turn broke", exc_info=error)
            self.receive(to_status(error))
        finally:
            self._limit = None

    async def _work(self) -> None:
        """Everything that the turn waits for: to the core's end, and to that of the calls to the others."""
        async with asyncio.TaskGroup() as group:
            check = group.create_task(self._check_input())
            start = self._start(await self._messages())
            generation, screen = self._peers.inference.Generate(), self._peers.moderation.Screen()
            self._to_engine, self._to_screen = Outlet(generation), Outlet(screen)
            async with self._to_engine, self._to_screen:
                try:
                    self._to_engine.send(GenerateRequest(start=start))
                    del start  # The whole prompt.
                    self._to_screen.send(ScreenRequest(open=ScreenOpen(scope=self.request.scope)))
                    screened = group.create_task(feed(screen, self.released))
                    await feed(generation, self._heard)
                    await self._to_screen.close()
                    await screened
                finally:
                    for outlet, call in ((self._to_screen, screen), (self._to_engine, generation)):
                        outlet.detach()
                        call.cancel()
            if self.end is not None:
                check.cancel()  # cancelled turns end without the verdict
        if self.end is None:
            raise RuntimeError("a service ended its call before its last word")

    async def _check_input(self) -> None:
        check = CheckInputRequest(scope=self.request.scope, messages=self.request.messages, prompt=self.request.prompt)
        self.receive(await self._peers.moderation.CheckInput(check, timeout=self._settings.check_seconds))

    async def _messages(self) -> Sequence[Message]:
        """What the model gets to see: the caller's messages, after the history of their conversation."""
        request = self.request
        if not request.conversation_id:
            return request.messages
        build = BuildContextRequest(scope=request.scope, conversation_id=request.conversation_id, model=request.model)
        build.messages.extend(request.messages)
        build.reserve_tokens = request.sampling.max_tokens
        return (await self._peers.context.BuildContext(build, timeout=self._settings.context_seconds)).messages

    def _start(self, messages: Sequence[Message]) -> Start:
        request, left = self.request, self._budget_seconds - (time.monotonic() - self._began)
        start = Start(model=request.model, messages=messages, prompt=request.prompt, sampling=request.sampling)
        start.generation_id = new_id("gen")  # the response id is unique on its stream only
        start.budget.FromMilliseconds(int(left * 1000))
        return start

    def _heard(self, response: GenerateResponse) -> Awaitable[None] | None:
        if (tokens := response.tokens).deltas:  # as mostly
            self.written(tokens)
        elif kind := response.WhichOneof("kind"):  # else a kind of a later version: nothing this one waits for
            self.receive(getattr(response, kind))
            if kind == "end":
                return self._to_engine.close()
        return self._outlet.room() if self._outlet.full else None

    async def _record(self) -> None:
        scope, conversation_id = self.request.scope, self.request.conversation_id
        record = RecordTurnRequest(scope=scope, conversation_id=conversation_id, turn=self.record())
        try:
            await self._peers.context.RecordTurn(record, timeout=self._settings.context_seconds)
        except grpc.aio.AioRpcError as error:
            fault = from_rpc_error(error, "context")
            log.error("turn not recorded", reason=fault.reason)
            self.end = End(failed=to_status(fault))


def merge(last: ConverseResponse, response: ConverseResponse) -> bool:
    """Append a response's events to one that is still pending; a delta becomes part of the one before it."""
    for event in response.events:
        before = last.events[-1]
        both_deltas = before.HasField("delta") and event.HasField("delta")
        if both_deltas and before.response_id == event.response_id and before.delta.lane == event.delta.lane:
            before.delta.text += event.delta.text
            before.delta.logprobs.extend(event.delta.logprobs)
            before.sequence = event.sequence
        else:
            last.events.append(event)
    return True
