"""OrchestratorService: turns the commands of a Converse stream into turns, and writes their events."""

import asyncio
from typing import Any

from mesh.faults import Fault, invalid, one_of, to_status
from mesh.streams import Outlet
from orchestrator.conduct import ConductedTurn, Peers, Settings, merge
from tokenloom.chat.v1.chat_pb2 import End
from tokenloom.orchestrator.v1.orchestrator_pb2 import ConverseRequest, ConverseResponse, Event, OpenTurn
from tokenloom.orchestrator.v1.orchestrator_pb2_grpc import OrchestratorServiceServicer

_Turns = dict[str, tuple[ConductedTurn, asyncio.Task[None]]]  # of one Converse stream, by response id
_DEFAULT_BUDGET_SECONDS = 600.0
_MAX_BUDGET_SECONDS = 3600.0
_MAX_CHOICES = 16


class OrchestratorService(OrchestratorServiceServicer):
    """Turns run in `tasks`, not in the call that opened them: they outlive it for as long as stopping them takes."""

    def __init__(self, peers: Peers, tasks: asyncio.TaskGroup, settings: Settings) -> None:
        self._peers, self._tasks, self._settings = peers, tasks, settings

    async def Converse(self, request_iterator: object, ctx: Any) -> None:  # type: ignore[override]  # reads and writes
        """See the service's comment in orchestrator.proto."""
        turns: _Turns = {}
        outlet: Outlet[ConverseResponse] = Outlet(ctx, merge, self._settings.pending_bytes)
        async with outlet:
            try:
                while isinstance(request := await ctx.read(), ConverseRequest):
                    self._obey(request, turns, outlet)
                for _, task in [*turns.values()]:
                    await asyncio.shield(task)
                await outlet.flushed()
            finally:
                outlet.detach()
                for turn, task in turns.values():  # nobody listens any more; past its time a turn is cut off
                    turn.cancel()
                    asyncio.get_running_loop().call_later(self._settings.abandon_seconds, task.cancel)

    def _obey(self, request: ConverseRequest, turns: _Turns, outlet: Outlet[ConverseResponse]) -> None:
        """Carry out a command. Raises Fault for one that can't be answered on the stream."""
        response_id = request.response_id
        if not 1 <= len(response_id) <= 128:
            raise invalid("response_id", "1 to 128 characters")
        if one_of(request, "command") == "cancel":
            if response_id in turns:
                turns[response_id][0].cancel()
            return
        if response_id in turns:
            raise Fault("ALREADY_EXISTS", "response_id is in use on this stream", field="response_id")
        try:
            budget_seconds = _validate(request.open)
            if len(turns) >= self._settings.turns_per_stream:
                raise Fault("OVERLOADED", f"{self._settings.turns_per_stream} turns are open on this stream")
        except Fault as fault:
            event = Event(response_id=response_id, first_sequence=1, sequence=1, end=End(failed=to_status(fault)))
            outlet.send(ConverseResponse(events=[event]))
            return
        turn = ConductedTurn(request, budget_seconds, self._peers, outlet, self._settings)
        task = self._tasks.create_task(turn.run(), name=f"turn {response_id}")
        turns[response_id] = turn, task
        task.add_done_callback(lambda _: turns.pop(response_id))


def _validate(request: OpenTurn) -> float:
    """The turn's budget in seconds. Raises Fault for a request that no service could answer."""
    if not (request.scope.tenant and request.scope.user):
        raise invalid("scope", "tenant and user set")
    if bool(request.messages) == bool(request.prompt):
        raise invalid("messages", "either messages or prompt, not empty")
    if request.conversation_id and not request.turn_id:
        raise invalid("turn_id", "set, with conversation_id")
    if request.conversation_id and request.prompt:
        raise invalid("prompt", "unset, with conversation_id")
    if request.sampling.choices > _MAX_CHOICES:
        raise invalid("sampling.choices", f"1 to {_MAX_CHOICES}")
    if not request.HasField("budget"):
        return _DEFAULT_BUDGET_SECONDS
    seconds = request.budget.ToNanoseconds() / 1e9
    if not 0 < seconds <= _MAX_BUDGET_SECONDS:
        raise invalid("budget", f"above 0 to {_MAX_BUDGET_SECONDS:g} s")
    return seconds
