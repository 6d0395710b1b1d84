"""One generation: its choices at the engine, their text, and what of it waits for the reader.

Everything happens in callbacks on the event loop: a message of the engine becomes text within them and is sent. So a
reader that is quick gets each token by itself and at once, one that is slower gets them merged, and one that doesn't
read at all loses its generation at a bound in bytes.
"""

import asyncio
from collections.abc import Iterable, Sequence

import grpc
import structlog
from opentelemetry import trace
from prometheus_client import Gauge, Histogram

from inference import triton
from inference.detokenizer import ChoiceText, Piece
from inference.replica import Replica
from inference.request import Prepared
from inference.sampling import SEEDS
from inference.settings import Settings
from inference.transport import failed, unavailable
from mesh.faults import Fault, to_status
from mesh.streams import Outlet
from mesh.telemetry import tracer
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
from tokenloom.inference.v1.inference_pb2 import Accepted, GenerateResponse, Tokens

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
    """One choice: what the engine's stream reports to."""

    def __init__(self, generation: "Generation", index: int, text: ChoiceText) -> None:
        self.index = index
        self.text = text
        self.lane = Lane(choice=index, channel=Channel.CHANNEL_CONTENT)
        self.tokens = 0
        self.offset = 0  # code points given to the reader, or waiting for it
        self.first = self.last = 0.0  # when tokens came
        self.done = False
        self._generation = generation

    def message(self, data: bytes) -> None:
        self._generation.heard(self, data)

    def closed(self, fault: Fault | None) -> None:
        self._generation.hung_up(self, fault)


class Generation:
    """One generation. `start` it, let it go on until `ended`, then, or before, `close` it."""

    def __init__(self, request: Prepared, replica: Replica, settings: Settings) -> None:
        """Raises the fault of a parameter that the replica's engine can't honour."""
        self.request = request
        self.ended = asyncio.Event()
        """End was sent."""
        self._clock, self._settings, self._replica = replica.clock, settings, replica
        self._began = self._clock()
        model, sampling = request.model, request.sampling
        self._end_ids = frozenset() if sampling.ignore_eos else frozenset(model.end_ids)
        self._choices = [
            Choice(self, index, ChoiceText(model.tokenizer, sampling.stop, sampling.logprobs))
            for index in range(sampling.choices)
        ]
        self._requests = [
            replica.dialect.request(
                f"{request.id}-{index}",
                request.prompt,
                request.max_tokens,
                sampling,
                seed=(request.seed + index) % SEEDS,
                end_id=model.end_ids[0] if model.end_ids else None,
                vocabulary_size=model.tokenizer.vocabulary_size,
            )
            for index in range(sampling.choices)
        ]
        self._outlet: Outlet[GenerateResponse]
        self._error = ""
        self._cancelled = False
        self._ended_at = 0.0
        active.labels(model.id).inc()
        self._span = tracer().start_span(
            f"chat {model.id}",
            kind=trace.SpanKind.CLIENT,
            attributes={
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": "triton",
                "gen_ai.request.model": model.id,
                "gen_ai.request.max_tokens": request.max_tokens,
                "gen_ai.request.temperature": sampling.temperature,
                "gen_ai.request.choice.count": sampling.choices,
                "gen_ai.response.id": request.id,
                "server.address": replica.at.address,
            },
        )

    def start(self, outlet: Outlet[GenerateResponse]) -> None:
        """Hands the choices to the engine, and says so."""
        self._outlet = outlet
        for choice, request in zip(self._choices, self._requests, strict=True):
            self._replica.open(request, choice)
        self._requests.clear()
        prompt_tokens = len(self.request.prompt)
        accepted = Accepted(model=self.request.model.id, prompt_tokens=prompt_tokens, seed=self.request.seed)
        outlet.send(GenerateResponse(accepted=accepted))

    def heard(self, choice: Choice, data: bytes) -> None:
        """Takes a message of the engine."""
        now = self._replica.progressed = self._clock()
        if choice.done:
            return
        answer = triton.read(data)
        if answer.error:
            log.warning("engine refused or failed", generation_id=self.request.id, error=answer.error)
            self._replica.cancel(choice)
            self.hung_up(choice, failed(answer.error))
            return
        if answer.ids:
            choice.last = now
            if not choice.tokens:
                choice.first = now
            reason = self._read(choice, answer.ids, answer.logprobs)
            if reason and not choice.done:
                if not answer.final:
                    self._replica.cancel(choice)
                self._finish(choice, reason)
        if answer.final and not choice.done:
            self._finish(choice, FinishReason.FINISH_REASON_STOP)

    def hung_up(self, choice: Choice, fault: Fault | None) -> None:
        """The engine's stream of a choice is over."""
        self._replica.closed(choice, fault)
        if not choice.done:
            self.fail(fault or unavailable("the engine ended its answer early"))

    def cancel(self, indexes: Iterable[int]) -> None:
        """Ends choices, or all of them if none is named; what was held back of their text is given out."""
        for choice in [self._choices[index] for index in indexes] or self._choices:
            if not choice.done:
                self._cancelled = True
                self._push(choice, choice.text.finish())
                self._drop(choice)
        self._conclude()

    def fail(self, fault: Fault) -> None:
        """Ends everything with a fault; the engine is told at once."""
        if not self.ended.is_set():
            self._drop(*self._choices)
            self._error = fault.reason
            self._conclude(End(failed=to_status(fault)))

    def check(self, now: float) -> None:
        """Ends the generation if it has run out of time in one way or another."""
        if not self.ended.is_set() and now - self._began > self.request.budget:
            self.fail(Fault(grpc.StatusCode.DEADLINE_EXCEEDED, "BUDGET_EXCEEDED", "the time budget ran out"))
        for choice in self._choices:
            limit = self._settings.inter_token_seconds if choice.tokens else self._settings.first_token_seconds
            if not choice.done and now - (choice.last or self._began) > limit:
                message = f"the engine gave no {'next' if choice.tokens else 'first'} token within {limit:g} seconds"
                self.fail(Fault(grpc.StatusCode.DEADLINE_EXCEEDED, "ENGINE_TIMEOUT", message, seconds=f"{limit:g}"))

    def close(self) -> None:
        """Stops whatever still runs, and reports what it was. Call it once."""
        if not self.ended.is_set():
            self._error = "cancelled"
            self._drop(*self._choices)
        model, prompt_tokens, usage = self.request.model.id, len(self.request.prompt), self._completion_tokens()
        started = [choice for choice in self._choices if choice.tokens]
        active.labels(model).dec()
        if started:
            first_token.labels(model).observe(min(choice.first for choice in started) - self._began)
        for choice in started:
            if choice.tokens > 1:
                per_token.labels(model).observe((choice.last - choice.first) / (choice.tokens - 1))
        duration.labels(model, self._error).observe((self._ended_at or self._clock()) - self._began)
        token_usage.labels(model, "input").observe(prompt_tokens)
        token_usage.labels(model, "output").observe(usage)
        self._span.set_attributes({"gen_ai.usage.input_tokens": prompt_tokens, "gen_ai.usage.output_tokens": usage})
        if self._error:
            self._span.set_attribute("error.type", self._error)
            self._span.set_status(trace.StatusCode.ERROR)
        self._span.end()

    def _read(self, choice: Choice, ids: Sequence[int], logprobs: Sequence[float]) -> "FinishReason.ValueType | None":
        """Takes the engine's next ids; returns why the choice ends with them, if it does."""
        ids = ids[: self.request.max_tokens - choice.tokens]
        reason: FinishReason.ValueType | None = None
        if choice.tokens + len(ids) == self.request.max_tokens:
            reason = FinishReason.FINISH_REASON_LENGTH
        if not self._end_ids.isdisjoint(ids):
            for index, token in enumerate(ids):
                if token in self._end_ids and choice.tokens + index >= self.request.sampling.min_tokens:
                    ids, reason = ids[: index + 1], FinishReason.FINISH_REASON_STOP
                    break
        if self.request.sampling.logprobs and len(logprobs) < len(ids):
            self.fail(failed("it gave no log probabilities"))
            return None
        piece = choice.text.feed(ids, logprobs)
        choice.tokens += piece.used
        self._push(choice, piece)
        return FinishReason.FINISH_REASON_STOP if piece.stopped else reason

    def _finish(self, choice: Choice, reason: "FinishReason.ValueType") -> None:
        rest = choice.text.finish()
        self._push(choice, rest)
        if not choice.done:  # as it is when the rest was too much for a slow reader
            choice.done = True
            reason = FinishReason.FINISH_REASON_STOP if rest.stopped else reason
            self._outlet.send(GenerateResponse(choice_end=ChoiceEnd(choice=choice.index, reason=reason)))
            self._conclude()

    def _push(self, choice: Choice, piece: Piece) -> None:
        if not piece.text and not piece.logprobs:
            return
        delta = Delta(lane=choice.lane, offset=choice.offset, text=piece.text, logprobs=piece.logprobs)
        choice.offset += len(piece.text)
        self._outlet.send(GenerateResponse(tokens=Tokens(deltas=(delta,))))
        if self._outlet.full:
            message = "the reader leaves too much unread"
            self.fail(Fault(grpc.StatusCode.RESOURCE_EXHAUSTED, "SLOW_READER", message))

    def _drop(self, *choices: Choice) -> None:
        for choice in choices:
            choice.done = True
            self._replica.cancel(choice)

    def _conclude(self, end: End | None = None) -> None:
        """Sends End once every choice is done."""
        if self.ended.is_set() or not all(choice.done for choice in self._choices):
            return
        if end is None:
            end = End(cancelled=Cancelled()) if self._cancelled else End(completed=Completed())
        usage = Usage(prompt_tokens=len(self.request.prompt), completion_tokens=self._completion_tokens())
        end.usage.CopyFrom(usage)
        self._ended_at = self._clock()
        self.ended.set()
        self._outlet.send(GenerateResponse(end=end))

    def _completion_tokens(self) -> int:
        return sum(choice.tokens for choice in self._choices)


def merge(last: GenerateResponse, response: GenerateResponse) -> bool:
    """Joins tokens to tokens that still wait: a lane's text to its text."""
    if not (last.HasField("tokens") and response.HasField("tokens")):
        return False
    waiting = {delta.lane.choice: delta for delta in last.tokens.deltas}
    for delta in response.tokens.deltas:
        if (earlier := waiting.get(delta.lane.choice)) is None:
            last.tokens.deltas.append(delta)
        else:
            earlier.text += delta.text
            earlier.logprobs.extend(delta.logprobs)
    return True
