"""Runs the turns of one HTTP request on one Converse stream, and writes their answer until the client goes."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable
from typing import Any

import grpc.aio
from prometheus_client import Counter, Gauge, Histogram

from edge import errors
from edge.answers import KEEP_ALIVE, PlainAnswer, StreamedAnswer
from edge.errors import ClientGone, HttpError
from edge.exchange import Exchange
from edge.settings import EdgeSettings
from edge.turns import Ask
from mesh.streams import feed
from tokenloom.orchestrator.v1 import orchestrator_pb2 as pb
from tokenloom.orchestrator.v1 import orchestrator_pb2_grpc

GRACE_SECONDS = 30.0  # Beyond the turn's budget: then the call itself is given up.

_open_answers = Gauge("tokenloom_edge_answers_open", "Answers that are being made.")
_disconnects = Counter("tokenloom_edge_disconnects", "Clients that went before their answer ended.")
_first_text = Histogram(
    "tokenloom_edge_first_text_seconds",
    "From a request's arrival to the first text of its streamed answer.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60),
)


class Relay:
    """Joins HTTP exchanges to the orchestrator."""

    def __init__(
        self, orchestrator: "orchestrator_pb2_grpc.OrchestratorServiceAsyncStub", settings: EdgeSettings
    ) -> None:
        self._orchestrator = orchestrator
        self._settings = settings
        self._calls: set[Any] = set()
        self._ended = asyncio.Event()  # One more of them is over.
        self._closing = False

    async def run(self, ask: Ask, exchange: Exchange) -> None:
        """Answers the exchange. Raises HttpError before the answer has begun, ClientGone when nobody reads it."""
        call: Any = self._orchestrator.Converse(timeout=self._settings.turn_seconds + GRACE_SECONDS)
        exchange.note(response_id=ask.id)
        failure: Exception | None = None
        self._calls.add(call)
        with _open_answers.track_inprogress():
            async with asyncio.TaskGroup() as group:
                watcher = group.create_task(self._watch(exchange, call, ask.stream))
                try:
                    await self._answer(ask, exchange, call)
                except asyncio.CancelledError:
                    if self._closing and not exchange.gone:
                        failure = _shutting_down()
                    elif not exchange.gone:
                        raise
                except Exception as error:
                    failure = error
                finally:
                    self._calls.discard(call)
                    self._ended.set()
                    call.cancel()
                    watcher.cancel()
        if exchange.gone:
            _disconnects.inc()
            raise ClientGone
        if failure is not None:
            raise errors.from_exception(failure, ask.renamed)

    async def drain(self, seconds: float) -> None:
        """Gives open answers so long to end; then they get an error for their terminal event."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._calls:
                    self._ended.clear()
                    await self._ended.wait()
        self._closing = True
        for call in self._calls:
            call.cancel()

    async def _answer(self, ask: Ask, exchange: Exchange, call: Any) -> None:
        with contextlib.suppress(asyncio.InvalidStateError):  # The call has ended already; reading it says why.
            for response_id, turn in zip(ask.response_ids(), ask.turns, strict=True):
                await call.write(pb.ConverseRequest(response_id=response_id, open=turn))
            await call.done_writing()
        model, early = await self._admitted(ask, call)
        answer: StreamedAnswer | PlainAnswer
        if ask.stream:
            answer = StreamedAnswer(ask, model, int(time.time()))
            await exchange.start(200, "text/event-stream; charset=utf-8", (("cache-control", "no-cache"),))
            await exchange.write(answer.begin() + answer.feed(early))
            await self._stream(answer, exchange, call)
        else:
            answer = PlainAnswer(ask, model, int(time.time()))
            body = answer.feed(early)
            while not answer.done:
                body = answer.feed((await _read(call)).events)
            await exchange.respond(200, body)
        usage = answer.usage
        exchange.note(model=model, prompt_tokens=usage.prompt_tokens, completion_tokens=usage.completion_tokens)

    async def _admitted(self, ask: Ask, call: Any) -> tuple[str, list[pb.Event]]:
        """Waits until every turn is admitted; returns the model, and the events that came meanwhile."""
        waiting = set(ask.response_ids())
        model, early = "", []
        while waiting:
            for event in (await _read(call)).events:
                kind = event.WhichOneof("kind")
                if kind == "opened":
                    waiting.discard(event.response_id)
                    model = model or event.opened.model
                elif kind == "end" and event.response_id in waiting:
                    PlainAnswer(ask, "", 0).feed([event])  # Raises what is wrong with it.
                    raise HttpError(500, "internal", "The turn ended before it began")
                else:
                    early.append(event)
        return model, early

    async def _stream(self, answer: StreamedAnswer, exchange: Exchange, call: Any) -> None:
        """Sends what comes as it comes. While the client is behind, nothing is read, and the mesh merges what waits."""
        silent = True

        def send(response: pb.ConverseResponse) -> Awaitable[None] | None:
            nonlocal silent
            data = answer.feed(response.events)
            if data and silent:
                silent = False
                _first_text.observe(exchange.seconds())
            return exchange.write_now(data) if data else None

        try:
            await feed(call, send)
            if not answer.done:
                raise HttpError(500, "internal", "The answer broke off")
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and (not self._closing or exchange.gone):
                raise
            if not answer.done:
                reason = _shutting_down() if self._closing else errors.from_exception(error, answer.ask.renamed)
                await exchange.write(answer.fail(reason))
        await exchange.finish()
        if answer.failure:
            exchange.note(error=answer.failure)

    async def _watch(self, exchange: Exchange, call: Any, stream: bool) -> None:
        """Cancels the call the moment the client goes, and keeps a silent stream alive; no timer a token."""
        loop = asyncio.get_running_loop()
        period = self._settings.keepalive_seconds
        while True:
            last = exchange.last_write
            wait = max(last + period - loop.time(), 0.0) if last is not None else period
            try:
                async with asyncio.timeout(wait if stream else None):
                    await exchange.disconnected()
            except TimeoutError:
                if exchange.last_write is not None and loop.time() - exchange.last_write >= period:
                    await exchange.write(KEEP_ALIVE)
            else:
                call.cancel()
                return


async def _read(call: Any) -> pb.ConverseResponse:
    response = await call.read()
    if response is grpc.aio.EOF:
        raise HttpError(500, "internal", "The answer broke off")
    assert isinstance(response, pb.ConverseResponse)
    return response


def _shutting_down() -> HttpError:
    return HttpError(503, "service_unavailable", "The server is shutting down", headers={"retry-after": "1"})
