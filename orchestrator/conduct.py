"""Conducts one turn: carries events from the other services to its core, and the core's commands to them."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

import grpc
import structlog
from opentelemetry import trace
from prometheus_client import Counter, Histogram

from mesh.faults import Fault, find, from_rpc_error, to_status
from mesh.ids import new_id
from orchestrator.outbox import Outbox
from orchestrator.settings import Settings
from orchestrator.turn import CancelRequested, Command, Conclude, Failed, TurnCore
from tokenloom.chat.v1.chat_pb2 import Message
from tokenloom.context.v1.context_pb2 import BuildContextRequest, RecordTurnRequest
from tokenloom.inference.v1.inference_pb2 import CancelChoices, GenerateRequest, GenerateResponse, Start
from tokenloom.moderation.v1.moderation_pb2 import CheckInputRequest, ScreenOpen, ScreenRequest, ScreenResponse
from tokenloom.orchestrator.v1.orchestrator_pb2 import Event, OpenTurn

if TYPE_CHECKING:  # the stubs' asynchronous faces exist for the type checker alone
    from tokenloom.context.v1.context_pb2_grpc import ContextServiceAsyncStub
    from tokenloom.inference.v1.inference_pb2_grpc import InferenceServiceAsyncStub
    from tokenloom.moderation.v1.moderation_pb2_grpc import ModerationServiceAsyncStub

log = structlog.get_logger()
tracer = trace.get_tracer("tokenloom.orchestrator")
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


class ConductedTurn:
    """One turn on its way. `run` takes it to its End event, whatever happens."""

    def __init__(
        self,
        response_id: str,
        request: OpenTurn,
        budget_seconds: float,
        peers: Peers,
        outbox: Outbox,
        settings: Settings,
    ) -> None:
        self._response_id = response_id
        self._request = request
        self._budget_seconds = budget_seconds
        self._peers = peers
        self._outbox = outbox
        self._settings = settings
        self._core = TurnCore(response_id, request)
        self._concluded = asyncio.Event()
        self._generation: grpc.aio.StreamStreamCall[GenerateRequest, GenerateResponse] | None = None
        self._screen: grpc.aio.StreamStreamCall[ScreenRequest, ScreenResponse] | None = None
        self._started = time.monotonic()
        self._text_seen = False

    async def run(self) -> None:
        """Take the turn to its End. Never raises for what goes wrong in the turn: that is in the End."""
        with tracer.start_as_current_span("turn") as span:
            span.set_attribute("gen_ai.operation.name", "chat")
            span.set_attribute("gen_ai.response.id", self._response_id)
            if self._request.conversation_id:
                span.set_attribute("gen_ai.conversation.id", self._request.conversation_id)
            await self._until_concluded()
            if self._request.conversation_id:
                await self._record()
            last = self._core.last_event()
            outcome = last.end.WhichOneof("outcome") or "failed"
            span.set_attribute("gen_ai.usage.input_tokens", last.end.usage.prompt_tokens)
            span.set_attribute("gen_ai.usage.output_tokens", last.end.usage.completion_tokens)
            span.set_attribute("tokenloom.outcome", outcome)
        turns.labels(outcome).inc()
        log.info(
            "turn",
            response_id=self._response_id,
            turn_id=self._request.turn_id,
            outcome=outcome,
            error=last.end.failed.message if outcome == "failed" else None,
            prompt_tokens=last.end.usage.prompt_tokens,
            completion_tokens=last.end.usage.completion_tokens,
            seconds=round(time.monotonic() - self._started, 3),
        )
        self._outbox.put(last)

    async def cancel(self) -> None:
        """Stop it: the engine is told at once, and what was generated so far is still shown."""
        await self._perform(self._core.receive(CancelRequested()))

    async def _until_concluded(self) -> None:
        running: list[asyncio.Task[None]] = []
        try:
            async with asyncio.timeout(self._budget_seconds), asyncio.TaskGroup() as group:
                running.append(group.create_task(self._check_input()))
                running.append(group.create_task(self._generate(group, running)))
                await self._concluded.wait()
                for task in running:
                    task.cancel()
        except TimeoutError:
            reason = f"the turn took longer than its budget of {self._budget_seconds:g} s"
            fault = Fault(grpc.StatusCode.DEADLINE_EXCEEDED, "BUDGET_EXCEEDED", reason)
            self._core.receive(Failed(to_status(fault)))
        except ExceptionGroup as group_error:
            if find(group_error) is None:
                log.error("turn broke", response_id=self._response_id, exc_info=group_error)
            self._core.receive(Failed(to_status(group_error)))
        finally:
            for call in (self._generation, self._screen):
                if call is not None:
                    call.cancel()

    async def _check_input(self) -> None:
        request = self._request
        check = CheckInputRequest(scope=request.scope, messages=request.messages, prompt=request.prompt)
        judged = await self._peers.moderation.CheckInput(check, timeout=self._settings.check_seconds)
        await self._perform(self._core.receive(judged))

    async def _generate(self, group: asyncio.TaskGroup, running: list[asyncio.Task[None]]) -> None:
        request = self._request
        start = Start(
            generation_id=new_id("gen"),  # the response id is unique on its stream only
            model=request.model,
            messages=await self._messages(),
            prompt=request.prompt,
            sampling=request.sampling,
        )
        start.budget.FromMilliseconds(int((self._budget_seconds - (time.monotonic() - self._started)) * 1000))
        self._screen = self._peers.moderation.Screen()
        self._generation = self._peers.inference.Generate()
        await self._generation.write(GenerateRequest(start=start))
        await self._screen.write(ScreenRequest(open=ScreenOpen(scope=request.scope)))
        running.append(group.create_task(self._read_screen(self._screen)))
        while isinstance(response := await self._generation.read(), GenerateResponse):
            kind = response.WhichOneof("kind")
            if kind is None:  # a kind of a later version: nothing this one waits for
                continue
            await self._perform(self._core.receive(getattr(response, kind)))
            if kind == "end":
                return
            await self._outbox.room()
        raise Fault(grpc.StatusCode.UNAVAILABLE, "SERVICE_UNAVAILABLE", "inference ended early", service="inference")

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

    async def _read_screen(self, screen: "grpc.aio.StreamStreamCall[ScreenRequest, ScreenResponse]") -> None:
        while isinstance(response := await screen.read(), ScreenResponse):
            await self._perform(self._core.receive(response))
        raise Fault(grpc.StatusCode.UNAVAILABLE, "SERVICE_UNAVAILABLE", "moderation ended early", service="moderation")

    async def _perform(self, commands: Iterable[Command]) -> None:
        """Carry commands out. Events are put out before the first await, so that no later one overtakes them."""
        requests = []
        for command in commands:
            if isinstance(command, Event):
                self._outbox.put(command)
                if not self._text_seen and command.HasField("delta"):
                    self._text_seen = True
                    first_text.observe(time.monotonic() - self._started)
            elif isinstance(command, Conclude):
                self._concluded.set()
            else:
                requests.append(command)
        for request in requests:
            if isinstance(request, CancelChoices):
                await self._cancel_choices(request)
            elif self._screen is not None:
                await self._screen.write(request)

    async def _cancel_choices(self, cancel: CancelChoices) -> None:
        assert self._generation is not None
        try:
            await self._generation.write(GenerateRequest(cancel=cancel))
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
            # It has ended meanwhile: there is nothing to cancel, and its reader sees how it ended.
            log.debug("cancelled a generation that had ended", response_id=self._response_id)

    async def _record(self) -> None:
        request = self._request
        record = RecordTurnRequest(
            scope=request.scope, conversation_id=request.conversation_id, turn=self._core.record()
        )
        try:
            await self._peers.context.RecordTurn(record, timeout=self._settings.context_seconds)
        except grpc.aio.AioRpcError as error:
            fault = from_rpc_error(error, "context")
            log.error("turn not recorded", response_id=self._response_id, turn_id=request.turn_id, reason=fault.reason)
            self._core.fail(to_status(fault))
