"""One generation: its choices at the engine, their text, and what of it waits for the reader.

Everything happens in callbacks on the event loop: a message of the engine becomes text within them, and lies in the
next GenerateResponse until the reader takes it. So a reader that is quick gets each token by itself and at once, one
that is slower gets them merged, and one that doesn't read at all loses its generation at a bound in bytes.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence

import grpc
import structlog
from google.protobuf.message import DecodeError
from opentelemetry import trace
from prometheus_client import Gauge, Histogram

from inference import triton
from inference.detokenizer import ChoiceText, Piece
from inference.replica import Replica, Stream, unavailable
from inference.request import Prepared
from inference.settings import Settings
from mesh.faults import Fault, to_status
from tokenloom.chat.v1.chat_pb2 import (
    Cancelled,
    Channel,
    ChoiceEnd,
    Completed,
    Delta,
    End,
    FinishReason,
    Lane,
    Usage,
)
from tokenloom.inference.v1.inference_pb2 import Accepted, GenerateResponse

LOGPROB_BYTES = 32  # what a log probability counts for, besides its text

_LATENCY = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_PER_TOKEN = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56)
_COUNTS = tuple(4**power for power in range(11))
_MODEL = ("gen_ai_request_model",)
active = Gauge("tokenloom_inference_active_generations", "Generations in flight.", _MODEL)
first_token = Histogram(
    "gen_ai_server_time_to_first_token_seconds", "From the request to the first token.", _MODEL, buckets=_LATENCY
)
per_token = Histogram(
    "gen_ai_server_time_per_output_token_seconds", "Mean time between a choice's tokens.", _MODEL, buckets=_PER_TOKEN
)
duration = Histogram(
    "gen_ai_server_request_duration_seconds", "From the request to its end.", (*_MODEL, "error_type"), buckets=_LATENCY
)
token_usage = Histogram(
    "gen_ai_client_token_usage", "Tokens of a generation.", (*_MODEL, "gen_ai_token_type"), buckets=_COUNTS
)

log = structlog.get_logger(__name__)


class Choice:
    """One choice: a Receiver that tells its generation."""

    def __init__(self, generation: "Generation", index: int, text: ChoiceText) -> None:
        self.index = index
        self.text = text
        self.lane = Lane(choice=index, channel=Channel.CHANNEL_CONTENT)
        self.stream: Stream | None = None
        self.tokens = 0
        self.offset = 0  # code points given to the reader, or waiting for it
        self.first = self.last = 0.0  # when tokens came
        self.done = False
        self._generation = generation

    def message(self, data: bytes) -> None:
        if not self.done:
            self._generation.heard(self, data)

    def closed(self, fault: Fault | None) -> None:
        if not self.done:
            self._generation.fail(fault or unavailable("the engine ended its answer early"))


class Generation:
    """One generation. `take` its responses until the one that holds End; then, or before, `close` it."""

    def __init__(self, request: Prepared, replica: Replica, settings: Settings, clock: Callable[[], float]) -> None:
        """Raises the fault of a parameter that the replica's engine can't honour."""
        self.request = request
        self.ended_at: float | None = None
        self._clock, self._settings, self._replica = clock, settings, replica
        self._began = clock()
        model, sampling = request.model, request.sampling
        self._end_ids = frozenset() if sampling.ignore_eos else frozenset(model.end_ids)
        self._choices = [
            Choice(self, index, ChoiceText(model.tokenizer, sampling.stop, sampling.logprobs))
            for index in range(sampling.choices)
        ]
        self._requests = [
            replica.dialect.request(
                f"{request.id}-{choice.index}",
                request.prompt,
                request.max_tokens,
                sampling,
                choice=choice.index,
                end_id=model.end_ids[0] if model.end_ids else None,
                vocabulary_size=model.tokenizer.vocabulary_size,
            )
            for choice in self._choices
        ]
        self._tokens = GenerateResponse()  # what comes next, and which delta of it continues which choice
        self._deltas: dict[int, Delta] = {}
        self._ends: list[ChoiceEnd] = []
        self._end: End | None = None
        self._error = ""
        self._pending = 0  # bytes
        self._cancelled = False
        self._waiter: asyncio.Future[None] | None = None
        self._on_end: Callable[[], None] | None = None
        self._closed = False
        active.labels(model.entry.id).inc()
        self._span = trace.get_tracer("tokenloom.inference").start_span(
            f"chat {model.entry.id}",
            kind=trace.SpanKind.CLIENT,
            attributes={
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": "triton",
                "gen_ai.request.model": model.entry.id,
                "gen_ai.request.max_tokens": request.max_tokens,
                "gen_ai.request.temperature": sampling.temperature,
                "gen_ai.request.choice.count": sampling.choices,
                "gen_ai.response.id": request.id,
                "server.address": replica.at.address,
            },
        )

    def start(self) -> GenerateResponse:
        """Hands the choices to the engine; returns Accepted."""
        for choice, request in zip(self._choices, self._requests, strict=True):
            choice.stream = self._replica.open(request, choice)
        self._requests.clear()
        return GenerateResponse(
            accepted=Accepted(
                model=self.request.model.entry.id,
                prompt_tokens=len(self.request.prompt),
                seed=self.request.sampling.seed,
            )
        )

    async def take(self) -> Sequence[GenerateResponse]:
        """What has come since the last time, in order, as soon as there is anything. One reader."""
        while not (self._deltas or self._ends or self._end):
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        taken = []
        if self._deltas:
            taken.append(self._tokens)
            self._tokens, self._deltas, self._pending = GenerateResponse(), {}, 0
        if self._ends:
            taken += [GenerateResponse(choice_end=end) for end in self._ends]
            self._ends = []
        if self._end is not None:
            taken.append(GenerateResponse(end=self._end))
            self._end = None
        return taken

    def heard(self, choice: Choice, data: bytes) -> None:
        """Takes a message of the engine for a choice that isn't done."""
        try:
            answer = triton.read(data)
        except DecodeError:
            self.fail(Fault(grpc.StatusCode.INTERNAL, "ENGINE_FAILED", "the engine's answer can't be read"))
            return
        if answer.error:
            log.warning("engine refused or failed", generation_id=self.request.id, error=answer.error)
            self.fail(engine_failed(answer.error))
            return
        if answer.ids:
            choice.last = self._clock()
            if not choice.tokens:
                choice.first = choice.last
            self._read(choice, answer.ids, answer.logprobs)
        if answer.final and not choice.done:
            self._finish(choice, FinishReason.FINISH_REASON_STOP)
        self._wake()

    def cancel(self, indexes: Iterable[int]) -> None:
        """Ends choices, or all of them if none is named; what was held back of their text is given out."""
        for choice in [self._choices[index] for index in indexes] or self._choices:
            if not choice.done:
                self._cancelled = True
                self._push(choice, choice.text.finish())
                self._drop(choice)
        self._conclude()
        self._wake()

    def fail(self, fault: Fault) -> None:
        """Ends everything with a fault; the engine is told at once."""
        if self.ended_at is None:
            for choice in self._choices:
                self._drop(choice)
            self._error = fault.reason
            self._conclude(End(failed=to_status(fault)))
            self._wake()

    def check(self, now: float) -> None:
        """Ends the generation if it has run out of time in one way or another."""
        if self.ended_at is not None:
            return
        if now - self._began > self.request.budget:
            self.fail(Fault(grpc.StatusCode.DEADLINE_EXCEEDED, "BUDGET_EXCEEDED", "the time budget ran out"))
            return
        for choice in self._choices:
            if choice.done:
                continue
            since, limit, which = (
                (choice.last, self._settings.inter_token_seconds, "next")
                if choice.tokens
                else (self._began, self._settings.first_token_seconds, "first")
            )
            if now - since > limit:
                message = f"the engine gave no {which} token within {limit:g} seconds"
                self.fail(Fault(grpc.StatusCode.DEADLINE_EXCEEDED, "ENGINE_TIMEOUT", message, seconds=f"{limit:g}"))
                return

    def on_end(self, callback: Callable[[], None]) -> None:
        """Calls back once, when End has been queued."""
        self._on_end = callback

    def close(self) -> None:
        """Stops whatever still runs, and reports what it was."""
        if self._closed:
            return
        self._closed = True
        if self.ended_at is None:
            self._error, self._on_end = "cancelled", None
            for choice in self._choices:
                self._drop(choice)
        model = self.request.model.entry.id
        completion = sum(choice.tokens for choice in self._choices)
        started = [choice for choice in self._choices if choice.tokens]
        active.labels(model).dec()
        if started:
            first_token.labels(model).observe(min(choice.first for choice in started) - self._began)
        for choice in started:
            if choice.tokens > 1:
                per_token.labels(model).observe((choice.last - choice.first) / (choice.tokens - 1))
        duration.labels(model, self._error).observe((self.ended_at or self._clock()) - self._began)
        token_usage.labels(model, "input").observe(len(self.request.prompt))
        token_usage.labels(model, "output").observe(completion)
        self._span.set_attribute("gen_ai.usage.input_tokens", len(self.request.prompt))
        self._span.set_attribute("gen_ai.usage.output_tokens", completion)
        if self._error:
            self._span.set_attribute("error.type", self._error)
            self._span.set_status(trace.StatusCode.ERROR)
        self._span.end()

    def _read(self, choice: Choice, ids: Sequence[int], logprobs: Sequence[float]) -> None:
        ids = ids[: self.request.max_tokens - choice.tokens]
        ended_by = -1
        if not self._end_ids.isdisjoint(ids):
            for index, token in enumerate(ids):
                if token in self._end_ids and choice.tokens + index >= self.request.sampling.min_tokens:
                    ids, ended_by = ids[: index + 1], token
                    break
        if self.request.sampling.logprobs and len(logprobs) < len(ids):
            self.fail(Fault(grpc.StatusCode.INTERNAL, "ENGINE_FAILED", "the engine gave no log probabilities"))
            return
        piece = choice.text.feed(ids, logprobs)
        choice.tokens += piece.used
        self._push(choice, piece)
        if piece.stopped:
            self._finish(choice, FinishReason.FINISH_REASON_STOP, stop_engine=True)
        elif ended_by >= 0:
            # The engine ends by itself at the id that it was told, and needn't be stopped.
            told = self.request.model.end_ids[0]
            self._finish(choice, FinishReason.FINISH_REASON_STOP, stop_engine=ended_by != told)
        elif choice.tokens >= self.request.max_tokens:
            self._finish(choice, FinishReason.FINISH_REASON_LENGTH)

    def _push(self, choice: Choice, piece: Piece) -> None:
        if not piece.text and not piece.logprobs:
            return
        delta = self._deltas.get(choice.index)
        if delta is None:
            delta = self._tokens.tokens.deltas.add(lane=choice.lane, offset=choice.offset, text=piece.text)
            self._deltas[choice.index] = delta
        else:
            delta.text += piece.text
        choice.offset += len(piece.text)
        self._pending += len(piece.text.encode())
        if piece.logprobs:
            delta.logprobs.extend(piece.logprobs)
            self._pending += sum(LOGPROB_BYTES + 2 * len(entry.token_bytes) for entry in piece.logprobs)
        if self._pending > self._settings.pending_bytes:
            message = f"the reader left {self._pending} bytes unread"
            self.fail(Fault(grpc.StatusCode.RESOURCE_EXHAUSTED, "SLOW_READER", message))

    def _finish(self, choice: Choice, reason: "FinishReason.ValueType", *, stop_engine: bool = False) -> None:
        rest = choice.text.finish()
        self._push(choice, rest)
        if choice.done:  # The rest was too much for a slow reader.
            return
        if stop_engine:
            self._drop(choice)
        choice.done = True
        if rest.stopped:
            reason = FinishReason.FINISH_REASON_STOP
        self._ends.append(ChoiceEnd(choice=choice.index, reason=reason))
        self._conclude()

    def _drop(self, choice: Choice) -> None:
        choice.done = True
        if choice.stream is not None:
            choice.stream.cancel()

    def _conclude(self, end: End | None = None) -> None:
        """Queues End once every choice is done."""
        if self.ended_at is not None or not all(choice.done for choice in self._choices):
            return
        if end is None:
            end = End(cancelled=Cancelled()) if self._cancelled else End(completed=Completed())
        completion = sum(choice.tokens for choice in self._choices)
        end.usage.CopyFrom(Usage(prompt_tokens=len(self.request.prompt), completion_tokens=completion))
        self.ended_at = self._clock()
        self._end = end
        if self._on_end is not None:
            self._on_end()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def engine_failed(text: str) -> Fault:
    """The fault of an error that the engine sent on the stream."""
    return Fault(grpc.StatusCode.INTERNAL, "ENGINE_FAILED", f"the engine failed: {text}")
