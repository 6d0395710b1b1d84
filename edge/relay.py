"""Runs the turns of one HTTP request on one Converse stream, and writes their answer until the client goes."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable
from typing import Any

from prometheus_client import Gauge

from edge import errors
from edge.answers import Answer
from edge.bodies import ChatRequest, CompletionRequest, parse
from edge.errors import ClientGone, HttpError
from edge.exchange import TICKS, Exchange
from edge.settings import EdgeSettings
from edge.turns import turns
from mesh.streams import feed
from tokenloom.orchestrator.v1 import orchestrator_pb2, orchestrator_pb2_grpc

OFF_LOOP_BYTES = 64 * 1024  # Larger bodies are parsed in a thread.
GRACE_SECONDS = 30.0  # Beyond the turn's budget: then the call itself is given up.
STOPPING = HttpError(503, "service_unavailable", "The server is shutting down", headers={"retry-after": "1"})

_open_answers = Gauge("tokenloom_edge_answers_open", "Answers that are being made.")


class Relay:
    """Joins HTTP exchanges to the orchestrator."""

    def __init__(self, mesh: "orchestrator_pb2_grpc.OrchestratorServiceAsyncStub", settings: EdgeSettings) -> None:
        self._mesh, self._settings = mesh, settings
        self._open: dict[asyncio.Timeout, Exchange] = {}  # Answers that are being made, by their limits.
        _open_answers.set_function(self._open.__len__)
        self._end: float | None = None  # When they must be over, by the loop's clock.

    async def run(self, kind: type[ChatRequest | CompletionRequest], exchange: Exchange) -> None:
        """Turns of the caller's own messages or prompts, or one in a conversation. Raises a 400, or ClientGone."""
        answer = await self._read(kind, exchange)
        call: Any = self._mesh.Converse(timeout=self._settings.turn_seconds + GRACE_SECONDS)
        exchange.notes["response_id"] = answer.id
        try:
            async with asyncio.timeout_at(self._end) as limit:
                self._open[limit] = exchange
                exchange.connection.limit = limit
                try:
                    if exchange.connection.running.disconnected:
                        raise ClientGone
                    await _answer(answer, exchange, call)
                finally:
                    exchange.connection.limit = None
                    del self._open[limit]
                    call.cancel()
        except Exception as caught:
            if exchange.connection.running.disconnected:
                raise ClientGone from caught
            error = STOPPING if limit.expired() else errors.from_exception(caught, **answer.renamed)
            await exchange.fail(error, answer.failed(error))

    async def _read(self, kind: type[ChatRequest | CompletionRequest], exchange: Exchange) -> Answer:
        """What is asked for; an open answer keeps no other copy of it."""
        data = await exchange.body()

        def read() -> Answer:
            body = parse(kind, data)
            opened = turns(body, self._settings.turn_seconds, exchange.names.get("id", ""))
            return Answer(body, opened, int(time.time()))

        return read() if len(data) <= OFF_LOOP_BYTES else await asyncio.to_thread(read)

    async def drain(self, seconds: float) -> None:
        """Gives open answers so long to end; then they get an error for their terminal event."""
        self._end = asyncio.get_running_loop().time() + seconds
        for limit in [limit for limit in self._open if not limit.expired()]:
            limit.reschedule(self._end)

    async def keep_alive(self) -> None:
        """Keeps silent streams alive, until cancelled: one timer for all."""
        while True:
            await asyncio.sleep(self._settings.keepalive_seconds / TICKS)
            for exchange in [*self._open.values()]:
                exchange.tick()


async def _answer(answer: Answer, exchange: Exchange, call: Any) -> None:
    """Sends what comes as it comes. While the client is behind, nothing is read, and the mesh merges what waits."""

    def take(response: orchestrator_pb2.ConverseResponse) -> Awaitable[None] | None:
        data = answer.feed(response.events)
        return None if data is None else exchange.write(data)

    with contextlib.suppress(asyncio.InvalidStateError):  # The call has ended already; reading it says why.
        for id_ in [*answer.turns]:
            await call.write(orchestrator_pb2.ConverseRequest(response_id=id_, open=answer.turns.pop(id_)))
        await call.done_writing()
    await feed(call, take)
    exchange.notes |= {"model": answer.frame["model"], **answer.usage}
    last = answer.last()
    await (exchange.finish(last) if answer.stream else exchange.respond(200, last))
