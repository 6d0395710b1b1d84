"""One generation: its choices at the engine, their text, and what of it waits for the reader.

Everything happens in callbacks on the event loop: a message of the engine becomes text within them and is sent. So a
reader that is quick gets each token by itself and at once, one that is slower gets them merged, and one that doesn't
read at all loses its generation at a bound in bytes.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache

import structlog
from opentelemetry import trace

from inference import triton
from inference.detokenizer import STOP, ChoiceText
from inference.replica import Replica
from inference.request import Prepared
from inference.settings import Settings
from inference.transport import failed, unavailable
from mesh.faults import Fault, to_status
from mesh.streams import Outlet
from mesh.telemetry import Histogram, tracer
from tokenloom.chat.v1.chat_pb2 import Cancelled, ChoiceEnd, Completed, End, Usage
from tokenloom.inference.v1.inference_pb2 import Accepted, GenerateResponse

_LATENCY = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_PER_TOKEN = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56)
_COUNTS = tuple(4**power for power in range(11))
_MODEL, _ERROR, _KIND = "gen_ai_request_model", "error_type", "gen_ai_token_type"  # Labels.
_first_token = Histogram("gen_ai_server_time_to_first_token_seconds", "From the request.", [_MODEL], buckets=_LATENCY)
_per_token = Histogram("gen_ai_server_time_per_output_token_seconds", "A choice's mean.", [_MODEL], buckets=_PER_TOKEN)
_duration = Histogram("gen_ai_server_request_duration_seconds", "To its end.", [_MODEL, _ERROR], buckets=_LATENCY)
_token_usage = Histogram("gen_ai_client_token_usage", "Tokens of a generation.", [_MODEL, _KIND], buckets=_COUNTS)
first_token, per_token, duration, token_usage = (
    cache(one.labels) for one in (_first_token, _per_token, _duration, _token_usage)
)

log = structlog.get_logger(__name__)


class Choice:
    """One choice: the receiver of its stream at the engine."""

    def __init__(self, generation: "Generation", index: int) -> None:
        self.index, self._logprobs = index, generation.request.sampling.logprobs
        self.text, self._reader = ChoiceText(generation.request, index), triton.Reader()
        self.first = self.last = 0.0  # when tokens came
        self.done, self._generation = False, generation

    def take(self, batch: Sequence[bytes]) -> None:
        generation, replica = self._generation, self._generation.replica
        now = replica.progressed = replica.clock()
        if self.done:
            return
        answer = self._reader.read(batch)
        error, reason = answer.error, None
        if self._logprobs and len(answer.logprobs) < len(answer.ids):
            error = "it gave no log probabilities"
        elif answer.ids:
            self.first, self.last = self.first or now, now
            response, reason = self.text.feed(answer.ids, answer.logprobs)
            generation.send(response)
        if self.done:  # as it is when the text was too much for a slow reader
            return
        if error and not reason:
            log.warning("engine refused or failed", generation_id=generation.request.id, error=error)
            replica.cancel(self)
            self.closed(failed(error))
        elif reason or answer.final:
            if not answer.final:
                replica.cancel(self)
            rest, last = self.text.finish()
            generation.send(rest)
            if not self.done:
                self.done = True
                end = ChoiceEnd(choice=self.index, reason=last or reason or STOP)
                generation.send(GenerateResponse(choice_end=end))
                generation.conclude()

    def closed(self, fault: Fault | None) -> None:
        self._generation.replica.closed(self, fault)
        if not self.done:
            self._generation.fail(fault or unavailable("the engine ended its answer early"))


class Generation:
    """One generation, from its beginning at the engine. `close` it in the end."""

    def __init__(
        self, request: Prepared, replica: Replica, settings: Settings, outlet: Outlet[GenerateResponse], began: float
    ) -> None:
        """Hands the choices of a request that came at `began` to the engine. Raises the fault of what that can't do."""
        self.request, self.replica = request, replica
        self.ended = False  # End was sent.
        self.on_end: Callable[[], object] | None = None  # To be told so.
        model, sampling = request.model, request.sampling
        self._settings, self._outlet, self._began, self._cancelled = settings, outlet, began, False
        self._choices = [Choice(self, index) for index in range(sampling.choices)]
        asked = [replica.dialect.request(request, choice.index) for choice in self._choices]
        about = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "triton", "gen_ai.request.model": model.id}
        about |= {"gen_ai.response.id": request.id, "server.address": replica.at.address}
        self._span = tracer().start_span(f"chat {model.id}", kind=trace.SpanKind.CLIENT, attributes=about)
        self._span.set_attribute("gen_ai.request.max_tokens", request.max_tokens)
        self._span.set_attribute("gen_ai.request.temperature", sampling.temperature)
        self._span.set_attribute("gen_ai.request.choice.count", sampling.choices)
        for choice, one in zip(self._choices, asked, strict=True):
            replica.open(one, choice)
        accepted = Accepted(model=model.id, prompt_tokens=len(request.prompt), seed=request.seed)
        outlet.send(GenerateResponse(accepted=accepted))

    @property
    def answer(self) -> str:
        """The text of the first choice, so far."""
        return "".join(self._choices[0].text.shown)

    def send(self, response: GenerateResponse | None) -> None:
        """Sends what there is of a choice, which ends the generation if its reader is too slow."""
        if response is not None and self._outlet.send(response):
            self.fail(Fault("SLOW_READER", "the reader leaves too much unread"))

    def cancel(self, indexes: Iterable[int]) -> None:
        """Ends choices, or all of them if none is named; what was held back of their text is given out."""
        for choice in [self._choices[index] for index in indexes] or self._choices:
            if not choice.done:
                self._cancelled = True
                self.send(choice.text.finish()[0])
                self._drop(choice)
        self.conclude()

    def fail(self, fault: Fault) -> None:
        """Ends everything with a fault; the engine is told at once."""
        if not self.ended:
            self._drop(*self._choices)
            self.conclude(End(failed=to_status(fault)), fault.reason)

    def check(self, now: float) -> None:
        """Ends the generation if it has run out of time in one way or another."""
        if now - self._began > self.request.budget:
            self.fail(Fault("BUDGET_EXCEEDED", "the time budget ran out"))
        first, following = ("first", self._settings.first_token_seconds), ("next", self._settings.inter_token_seconds)
        for choice in self._choices:
            which, limit = following if choice.last else first
            if not choice.done and now - (choice.last or self._began) > limit:
                message = f"the engine gave no {which} token within {limit:g} seconds"
                self.fail(Fault("ENGINE_TIMEOUT", message, seconds=f"{limit:g}"))

    def conclude(self, end: End | None = None, error: str = "") -> None:
        """Sends End once every choice is done."""
        if self.ended or not all(choice.done for choice in self._choices):
            return
        if end is None:
            end = End(cancelled=Cancelled()) if self._cancelled else End(completed=Completed())
        end.usage.CopyFrom(self._measure(error))
        self.ended = True
        self._outlet.send(GenerateResponse(end=end))
        if self.on_end is not None:
            self.on_end()

    def close(self) -> None:
        """Stops whatever still runs: nobody reads it any more."""
        self.on_end = None
        self._outlet.detach()
        self._drop(*self._choices)
        self.conclude(End(cancelled=Cancelled()), "cancelled")
        self._choices = []  # In a cycle with it, all would stay until the next garbage collection, tens of MB by then.

    def _drop(self, *choices: Choice) -> None:
        for choice in choices:
            choice.done = True
            self.replica.cancel(choice)

    def _measure(self, error: str) -> Usage:
        """Reports what the generation was, once it is over."""
        model, took = self.request.model.id, self.replica.clock() - self._began
        usage = Usage(prompt_tokens=len(self.request.prompt))
        started = [choice for choice in self._choices if choice.text.tokens]
        if started:
            first_token(model).observe(min(choice.first for choice in started) - self._began)
        for choice in started:
            usage.completion_tokens += choice.text.tokens
            if choice.text.tokens > 1:
                per_token(model).observe((choice.last - choice.first) / (choice.text.tokens - 1))
        duration(model, error).observe(took)
        for kind, tokens in (("input", usage.prompt_tokens), ("output", usage.completion_tokens)):
            token_usage(model, kind).observe(tokens)
            self._span.set_attribute(f"gen_ai.usage.{kind}_tokens", tokens)
        if error:
            self._span.set_attribute("error.type", error)
            self._span.set_status(trace.StatusCode.ERROR)
        self._span.end()
        return usage


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
