"""Conducts one turn: carries events from the other services to its core, and the core's commands to them."""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import grpc
import structlog
from prometheus_client import Counter, Histogram

from mesh import telemetry
from mesh.faults import Fault, find, from_rpc_error, to_status
from mesh.ids import new_id
from mesh.streams import Outlet, feed
from orchestrator.settings import Settings
from orchestrator.turn import CancelRequested, Conclude, Failed, Input, TurnCore
from tokenloom.chat.v1.chat_pb2 import Message
from tokenloom.context.v1.context_pb2 import BuildContextRequest, RecordTurnRequest
from tokenloom.inference.v1.inference_pb2 import CancelChoices, GenerateRequest, GenerateResponse, Start
from tokenloom.moderation.v1.moderation_pb2 import CheckInputRequest, ScreenOpen, ScreenRequest
from tokenloom.orchestrator.v1.orchestrator_pb2 import ConverseResponse, OpenTurn

if TYPE_CHECKING:  # the stubs' asynchronous faces exist for the type checker alone
    from tokenloom.context.v1.context_pb2_grpc import ContextServiceAsyncStub
    from tokenloom.inference.v1.inference_pb2_grpc import InferenceServiceAsyncStub
    from tokenloom.moderation.v1.moderation_pb2_grpc import ModerationServiceAsyncStub

log = structlog.get_logger()
turns = Counter("tokenloom_turns", "Turns by how they ended", ["outcome"])
first_text = Histogram(
    "tokenloom_turn_first_text_seconds",
    "From a turn's arrival to its first released text",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


class Peers(Protocol):
    """The services that a turn needs."""

    @property
    def context(self) -> "ContextServiceAsyncStub": ...
    @property
    def moderation(self) -> "ModerationServiceAsyncStub": ...
    @property
    def inference(self) -> "InferenceServiceAsyncStub": ...


class _LastWord(Exception):
    """Inference has sent its End; nothing follows."""


class ConductedTurn:
    """One turn on its way. `run` takes it to its End event, whatever happens."""

    def __init__(
        self,
        response_id: str,
        request: OpenTurn,
        budget_seconds: float,
        peers: Peers,
        outlet: Outlet[ConverseResponse],
        settings: Settings,
    ) -> None:
        self._response_id = response_id
        self._request = request
        self._budget_seconds = budget_seconds
        self._peers = peers
        self._outlet = outlet
        self._settings = settings
        self._core = TurnCore(response_id, request)
        self._concluded = asyncio.Event()
        self._to_engine: Outlet[GenerateRequest]
        self._to_screen: Outlet[ScreenRequest]
        self._started = time.monotonic()
        self._text_seen = False

    async def run(self) -> None:
        """Take the turn to its End. Never raises for what goes wrong in the turn: that is in the End."""
        request = self._request
        telemetry.bind(response_id=self._response_id, turn_id=request.turn_id)
        with telemetry.tracer().start_as_current_span("turn", record_exception=False) as span:
            span.set_attribute("gen_ai.operation.name", "chat")
            span.set_attribute("gen_ai.response.id", self._response_id)
            if request.conversation_id:
                span.set_attribute("gen_ai.conversation.id", request.conversation_id)
            await self._until_concluded()
            if request.conversation_id:
                await self._record()
            last = self._core.last_response()
            end = last.events[0].end
            outcome, usage = end.WhichOneof("outcome") or "failed", end.usage
            span.set_attribute("gen_ai.usage.input_tokens", usage.prompt_tokens)
            span.set_attribute("gen_ai.usage.output_tokens", usage.completion_tokens)
            span.set_attribute("tokenloom.outcome", outcome)
        turns.labels(outcome).inc()
        log.info(
            "turn",
            outcome=outcome,
            error=end.failed.message if outcome == "failed" else None,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            seconds=round(time.monotonic() - self._started, 3),
        )
        self._outlet.send(last)

    def cancel(self) -> None:
        """Stop it: the engine is told at once, and what was generated so far is still shown."""
        self._take(CancelRequested())

    async def _until_concluded(self) -> None:
        try:
            async with asyncio.timeout(self._budget_seconds), asyncio.TaskGroup() as group:
                work = group.create_task(self._work())
                await self._concluded.wait()
                work.cancel()
        except TimeoutError:
            reason = f"the turn took longer than its budget of {self._budget_seconds:g} s"
            self._take(Failed(to_status(Fault(grpc.StatusCode.DEADLINE_EXCEEDED, "BUDGET_EXCEEDED", reason))))
        except ExceptionGroup as error:
            if find(error) is None:
                log.error("turn broke", exc_info=error)
            self._take(Failed(to_status(error)))

    async def _work(self) -> None:
        """Everything that the turn waits for. It is cancelled once the turn is concluded."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._check_input())
            messages = await self._messages()
            screen, generation = self._peers.moderation.Screen(), self._peers.inference.Generate()
            self._to_screen, self._to_engine = Outlet(screen, group), Outlet(generation, group)
            try:
                self._to_engine.send(GenerateRequest(start=self._start(messages)))
                self._to_screen.send(ScreenRequest(open=ScreenOpen(scope=self._request.scope)))
                group.create_task(self._until_screened(screen))
                try:
                    await feed(generation, self._generated)
                    raise _broke_off("inference")
                except _LastWord:
                    await self._to_engine.flushed()
                    await generation.done_writing()
                await self._concluded.wait()
            finally:
                self._to_screen.detach()
                self._to_engine.detach()
                screen.cancel()
                generation.cancel()

    async def _check_input(self) -> None:
        request = self._request
        check = CheckInputRequest(scope=request.scope, messages=request.messages, prompt=request.prompt)
        self._take(await self._peers.moderation.CheckInput(check, timeout=self._settings.check_seconds))

    async def _messages(self) -> Sequence[Message]:
        """What the model gets to see: the caller's messages, after the history of their conversation."""
        request = self._request
        if not request.conversation_id:
            return request.messages
        build = BuildContextRequest(
            scope=request.scope,
            conversation_id=request.conversation_id,
            model=request.model,
            messages=request.messages,
            reserve_tokens=request.sampling.max_tokens,
        )
        return (await self._peers.context.BuildContext(build, timeout=self._settings.context_seconds)).messages

    def _start(self, messages: Sequence[Message]) -> Start:
        request = self._request
        start = Start(
            generation_id=new_id("gen"),  # the response id is unique on its stream only
            model=request.model,
            messages=messages,
            prompt=request.prompt,
            sampling=request.sampling,
        )
        start.budget.FromMilliseconds(int((self._budget_seconds - (time.monotonic() - self._started)) * 1000))
        return start

    def _generated(self, response: GenerateResponse) -> Awaitable[None] | None:
        if kind := response.WhichOneof("kind"):  # else a kind of a later version: nothing this one waits for
            self._take(getattr(response, kind))
        if kind == "end":
            raise _LastWord
        return self._outlet.room() if self._outlet.full else None

    async def _until_screened(self, screen: Any) -> None:
        await feed(screen, self._take)
        raise _broke_off("moderation")

    def _take(self, event: Input) -> None:
        """Give the core an event and carry out what it commands.

        In one process a request runs its receiver at once, whose answer comes back here before `send` returns. So
        events are sent first: none of a later number overtakes them.
        """
        commands = self._core.receive(event)
        for command in commands:
            if isinstance(command, ConverseResponse):
                if not self._text_seen and command.events[0].HasField("delta"):
                    self._text_seen = True
                    first_text.observe(time.monotonic() - self._started)
                self._outlet.send(command)
        for command in commands:
            if isinstance(command, ScreenRequest):
                self._to_screen.send(command)
            elif isinstance(command, CancelChoices):
                self._to_engine.send(GenerateRequest(cancel=command))
            elif isinstance(command, Conclude):
                self._concluded.set()

    async def _record(self) -> None:
        request = self._request
        record = RecordTurnRequest(
            scope=request.scope, conversation_id=request.conversation_id, turn=self._core.record()
        )
        try:
            await self._peers.context.RecordTurn(record, timeout=self._settings.context_seconds)
        except grpc.aio.AioRpcError as error:
            fault = from_rpc_error(error, "context")
            log.error("turn not recorded", reason=fault.reason)
            self._core.fail(to_status(fault))


def merge(last: ConverseResponse, response: ConverseResponse) -> bool:
    """Append a response's events to one that is still pending; a delta becomes part of the one before it."""
    for event in response.events:
        before = last.events[-1]
        if (
            before.response_id == event.response_id
            and before.HasField("delta")
            and event.HasField("delta")
            and before.delta.lane == event.delta.lane
        ):
            before.delta.text += event.delta.text
            before.delta.logprobs.extend(event.delta.logprobs)
            before.sequence = event.sequence
        else:
            last.events.append(event)
    return True


def _broke_off(service: str) -> Fault:
    return Fault(grpc.StatusCode.UNAVAILABLE, "SERVICE_UNAVAILABLE", f"{service} broke off", service=service)
