"""ModerationService: messages to rails and back."""

import asyncio
from collections.abc import Awaitable
from functools import cache, partial
from typing import Any

from prometheus_client import Counter

from mesh.faults import invalid, one_of
from mesh.streams import Outlet, feed
from moderation.policies import PolicyDirectory
from moderation.rails import SLICE, Screening, judge, slices
from tokenloom.chat.v1.chat_pb2 import Lane, Scope
from tokenloom.moderation.v1 import moderation_pb2 as pb
from tokenloom.moderation.v1.moderation_pb2_grpc import ModerationServiceServicer

_MAX_TEXT_BYTES = 2**20

_JUDGED = "Inputs, and lanes of output, that were judged; policy and category are empty when none was violated."
_judged = cache(Counter("tokenloom_moderation_judged_total", _JUDGED, ["side", "policy", "category"]).labels)


class ModerationService(ModerationServiceServicer):
    """Each call is judged by the policies that were in force when it began."""

    def __init__(self, policies: PolicyDirectory) -> None:
        self._policies = policies

    async def CheckInput(self, request: pb.CheckInputRequest, ctx: Any) -> pb.CheckInputResponse:
        """See moderation.proto. A large input delays nobody: others run between its slices, and it can be cancelled."""
        _require_scope(request.scope)
        if not request.messages and not request.prompt:
            raise invalid("messages", "at least one, or a prompt")
        texts = [[part.text for part in message.parts] for message in request.messages]
        verdict = None
        for verdict in judge(self._policies.current.input, [*texts, [request.prompt]]):
            if verdict is None:
                await asyncio.sleep(0)
        _count("input", verdict)
        return pb.CheckInputResponse(verdict=verdict)

    async def Screen(self, request_iterator: object, ctx: Any) -> None:  # type: ignore[override]  # Reads and writes.
        """See moderation.proto. Answers of a lane that wait for a slow reader become one."""
        if not isinstance(first := await ctx.read(), pb.ScreenRequest):
            return
        if one_of(first, "command") != "open":
            raise invalid("command", "open comes first")
        _require_scope(first.open.scope)
        screening = Screening(self._policies.current.output)
        outlet: Outlet[pb.ScreenResponse] = Outlet(ctx, _merge)
        async with outlet:
            try:
                await feed(ctx, partial(_screen, screening, outlet))
            finally:
                for verdict in screening.verdicts():
                    _count("output", verdict)
                await outlet.flushed()  # A fault raised during a write would cancel it, which gRPC doesn't survive.


def _screen(screening: Screening, outlet: Outlet[Any], request: pb.ScreenRequest) -> Awaitable[None] | None:
    more = request.text
    if (text := more.text) or request.HasField("text"):
        if len(text) > SLICE:
            return _screen_long(more.lane, text, screening, outlet)
        answer = screening.screen(more.lane, text)
    elif request.HasField("finish"):
        answer = screening.screen(request.finish.lane, None)
    else:
        raise invalid("command", "text or finish; open comes once")
    return outlet.room() if answer is not None and outlet.send(answer) else None


async def _screen_long(lane: Lane, text: str, screening: Screening, outlet: Outlet[Any]) -> None:
    if len(text.encode()) > _MAX_TEXT_BYTES:
        raise invalid("text.text", f"at most {_MAX_TEXT_BYTES} bytes")
    for piece in slices(text):
        if (answer := screening.screen(lane, piece)) is not None:
            outlet.send(answer)
        await asyncio.sleep(0)


def _merge(last: pb.ScreenResponse, answer: pb.ScreenResponse) -> bool:
    """A later answer of a lane says all that an earlier one did."""
    if same := last.lane == answer.lane:
        last.CopyFrom(answer)
    return same


def _require_scope(scope: Scope) -> None:
    if not scope.tenant or not scope.user:
        raise invalid("scope", "tenant and user are required")


def _count(side: str, verdict: pb.Verdict | None) -> None:
    _judged(side, verdict.policy if verdict else "", verdict.category if verdict else "").inc()
