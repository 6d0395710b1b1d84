"""ModerationService: messages to rails and back."""

import asyncio

import grpc
import grpc.aio
from prometheus_client import Counter

from mesh.faults import Fault, invalid, one_of
from moderation.policies import PolicyDirectory
from moderation.rails import SLICE, Screening, judge, slices
from tokenloom.chat.v1.chat_pb2 import Scope
from tokenloom.moderation.v1.moderation_pb2 import (
    CheckInputRequest,
    CheckInputResponse,
    ScreenRequest,
    ScreenResponse,
    Verdict,
)
from tokenloom.moderation.v1.moderation_pb2_grpc import ModerationServiceServicer

_MAX_TEXT_BYTES = 2**20

_judged = Counter(
    "tokenloom_moderation_judged_total",
    "Inputs, and lanes of output, that were judged; policy and category are empty when none was violated.",
    ["side", "policy", "category"],
)


class ModerationService(ModerationServiceServicer):
    """Each call is judged by the policies that were in force when it began."""

    def __init__(self, policies: PolicyDirectory) -> None:
        self._policies = policies

    async def CheckInput(
        self, request: CheckInputRequest, ctx: "grpc.aio.ServicerContext[CheckInputRequest, CheckInputResponse]"
    ) -> CheckInputResponse:
        """See moderation.proto. A large input delays nobody: others run between its slices, and it can be cancelled."""
        _require_scope(request.scope)
        if not request.messages and not request.prompt:
            raise invalid("messages", "at least one, or a prompt")
        texts = [[part.text for part in message.parts] for message in request.messages]
        verdict = None
        for verdict in judge(self._policies.current.input, [*texts, [request.prompt]]):
            if verdict is not None:
                break
            await asyncio.sleep(0)
        _count("input", verdict)
        return CheckInputResponse(verdict=verdict)

    async def Screen(  # type: ignore[override]  # A coroutine that reads and writes, not a generator.
        self, request_iterator: object, ctx: "grpc.aio.ServicerContext[ScreenRequest, ScreenResponse]"
    ) -> None:
        """See moderation.proto. Reading goes on while an answer is written; what came meanwhile has one answer."""
        if not isinstance(first := await ctx.read(), ScreenRequest):
            return
        if one_of(first, "command") != "open":
            raise invalid("command", "open comes first")
        _require_scope(first.open.scope)
        screening = Screening(self._policies.current.output)
        due, fault, more = asyncio.Event(), None, True

        async def read() -> None:
            nonlocal fault, more
            try:
                while isinstance(request := await ctx.read(), ScreenRequest):
                    await _apply(request, screening, due)
                    due.set()
            except Fault as found:  # Raised below: raised here, it would cancel a write, which gRPC doesn't survive.
                fault = found
            more = False
            due.set()

        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(read())
                going_on = True
                while going_on:
                    await due.wait()
                    due.clear()
                    going_on = more
                    for answer in screening.answers():
                        await ctx.write(answer)
            if fault is not None:
                raise fault
        finally:
            for verdict in screening.verdicts():
                _count("output", verdict)


async def _apply(request: ScreenRequest, screening: Screening, due: asyncio.Event) -> None:
    match one_of(request, "command"):
        case "text":
            text = request.text.text
            if len(text) > SLICE and len(text.encode()) > _MAX_TEXT_BYTES:
                raise invalid("text.text", f"at most {_MAX_TEXT_BYTES} bytes")
            for piece in slices(text):
                screening.text(request.text.lane, piece)
                if len(text) > SLICE:
                    due.set()
                    await asyncio.sleep(0)
        case "finish":
            screening.finish(request.finish.lane)
        case _:
            raise invalid("command", "open comes once")


def _require_scope(scope: Scope) -> None:
    if not scope.tenant or not scope.user:
        raise invalid("scope", "tenant and user are required")


def _count(side: str, verdict: Verdict | None) -> None:
    _judged.labels(side, verdict.policy if verdict else "", verdict.category if verdict else "").inc()
