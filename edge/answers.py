"""Events of the mesh to what an OpenAI client reads: one JSON body, or server-sent events. Pure: no sockets, no clock.

A stream ends with `data: [DONE]`, or with one error object in its place; never with both, never with neither. Official
clients raise the error object as an APIError.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from edge import errors, schema
from edge.errors import HttpError
from edge.turns import Ask
from mesh import faults
from tokenloom.chat.v1 import chat_pb2
from tokenloom.orchestrator.v1 import orchestrator_pb2 as pb

KEEP_ALIVE = b": keep-alive\n\n"
DONE = b"data: [DONE]\n\n"
_MARK = "\x00"
_FINISH: dict[int, schema.FinishReason] = {
    chat_pb2.FINISH_REASON_STOP: "stop",
    chat_pb2.FINISH_REASON_LENGTH: "length",
    chat_pb2.FINISH_REASON_CONTENT_FILTER: "content_filter",
}
_encode = msgspec.json.Encoder().encode


class Answer:
    """What both ways of answering share: whose event it is, and what was spent."""

    def __init__(self, ask: Ask, model: str, created: int) -> None:
        self.ask = ask
        self.usage = schema.Usage(0, 0, 0)
        self.done = False
        self._first_choice = {response: i * ask.choices for i, response in enumerate(ask.response_ids())}
        self._open = len(ask.turns)
        self._token_starts: dict[int, int] = {}
        self._frame: dict[str, Any] = {"id": ask.id, "created": created, "model": model}
        if ask.conversation_id:
            self._frame |= {"conversation_id": ask.conversation_id, "turn_id": ask.turn_id}

    def _ended(self, end: chat_pb2.End) -> None:
        """Counts a turn's end. Raises HttpError when it isn't a good one."""
        self._open -= 1
        self.usage.prompt_tokens += end.usage.prompt_tokens
        self.usage.completion_tokens += end.usage.completion_tokens
        self.usage.total_tokens = self.usage.prompt_tokens + self.usage.completion_tokens
        if end.HasField("failed"):
            raise errors.from_fault(faults.from_status(end.failed), self.ask.renamed)
        if end.HasField("cancelled"):
            raise HttpError(503, "cancelled", "The server cancelled the answer")

    def _logprobs(self, index: int, tokens: list[chat_pb2.TokenLogprob]) -> Any:
        if not tokens:
            return None
        probabilities = [max(token.logprob, -9999.0) for token in tokens]  # JSON has no infinity.
        if self.ask.chat:
            content = [
                schema.Logprob(token.token, probability, list(token.token_bytes))
                for token, probability in zip(tokens, probabilities, strict=True)
            ]
            return schema.ChoiceLogprobs(content)
        starts = [self._token_starts.get(index, 0), *(token.end for token in tokens)]
        self._token_starts[index] = starts.pop()
        return schema.TextLogprobs([token.token for token in tokens], probabilities, starts)


class StreamedAnswer(Answer):
    """Server-sent events. `feed` takes what came at once and returns what to send at once."""

    def __init__(self, ask: Ask, model: str, created: int) -> None:
        super().__init__(ask, model, created)
        self.failure = ""
        if ask.include_usage:
            self._frame["usage"] = None
        self._cut = {i: self._cut_chunk(i) for i in range(ask.choices * len(ask.turns))}

    def begin(self) -> bytes:
        """The first events: chat says who speaks."""
        if not self.ask.chat:
            return b""
        delta = schema.AnswerDelta(role="assistant", content="")
        return b"".join(self._chunk(schema.ChunkChoice(i, delta)) for i in self._cut)

    def feed(self, events: Sequence[pb.Event]) -> bytes:
        """The bytes for some events; empty when they have none. Sets `done` with the terminal event."""
        if len(events) == 1 and (text := (delta := events[0].delta).text) and not delta.logprobs:  # By far the most.
            before, after = self._cut[self._first_choice[events[0].response_id] + delta.lane.choice]
            return before + _encode(text) + after
        out: list[bytes] = []
        pending: dict[int, tuple[list[str], list[chat_pb2.TokenLogprob]]] = {}
        try:
            for event in events:
                kind = event.WhichOneof("kind")
                if kind == "delta":
                    delta = event.delta
                    index = self._first_choice[event.response_id] + delta.lane.choice
                    if index not in pending:
                        pending[index] = ([], [])
                    pending[index][0].append(delta.text)
                    if delta.logprobs:
                        pending[index][1].extend(delta.logprobs)
                elif kind == "choice_end":
                    index = self._first_choice[event.response_id] + event.choice_end.choice
                    self._flush(pending, out)
                    out.append(self._finish(index, event.choice_end))
                elif kind == "end":
                    self._flush(pending, out)
                    self._ended(event.end)
                    if not self._open:
                        out.append(self._last())
        except HttpError as error:
            out.append(self.fail(error))
        self._flush(pending, out)
        return b"".join(out)

    def fail(self, error: HttpError) -> bytes:
        """The terminal event of a stream that fails."""
        self.done, self.failure = True, error.code
        return b"data: " + error.body() + b"\n\n"

    def _last(self) -> bytes:
        self.done = True
        if not self.ask.include_usage:
            return DONE
        return self._chunk(None, usage=self.usage) + DONE

    def _flush(self, pending: dict[int, tuple[list[str], list[chat_pb2.TokenLogprob]]], out: list[bytes]) -> None:
        for index, (texts, tokens) in pending.items():
            text = texts[0] if len(texts) == 1 else "".join(texts)
            if tokens:
                out.append(self._chunk(self._piece(index, text, self._logprobs(index, tokens))))
            elif text:
                before, after = self._cut[index]
                out += (before, _encode(text), after)
        pending.clear()

    def _finish(self, index: int, end: chat_pb2.ChoiceEnd) -> bytes:
        reason = _FINISH.get(end.reason)
        if not self.ask.chat:
            return self._chunk(schema.TextChoice(index, "", None, reason))
        refusal = b""
        if end.refusal:
            refusal = self._chunk(schema.ChunkChoice(index, schema.AnswerDelta(refusal=end.refusal)))
        return refusal + self._chunk(schema.ChunkChoice(index, schema.AnswerDelta(), None, reason))

    def _piece(self, index: int, text: str, logprobs: Any = None) -> schema.ChunkChoice | schema.TextChoice:
        if self.ask.chat:
            return schema.ChunkChoice(index, schema.AnswerDelta(content=text), logprobs)
        return schema.TextChoice(index, text, logprobs)

    def _chunk(self, choice: Any, **more: Any) -> bytes:
        kind = schema.ChatCompletionChunk if self.ask.chat else schema.TextCompletion
        return b"data: " + _encode(kind(choices=[choice] if choice else [], **{**self._frame, **more})) + b"\n\n"

    def _cut_chunk(self, index: int) -> tuple[bytes, bytes]:
        """A choice's chunk, made once, without its text: what comes before it and what after."""
        before, after = self._chunk(self._piece(index, _MARK)).split(_encode(_MARK))
        return before, after


class PlainAnswer(Answer):
    """One JSON body. Feed it until it is done."""

    def __init__(self, ask: Ask, model: str, created: int) -> None:
        super().__init__(ask, model, created)
        self._texts: dict[int, list[str]] = {i: [] for i in range(ask.choices * len(ask.turns))}
        self._tokens: dict[int, list[chat_pb2.TokenLogprob]] = {i: [] for i in self._texts}
        self._ends: dict[int, chat_pb2.ChoiceEnd] = {}

    def feed(self, events: Sequence[pb.Event]) -> bytes:
        """Takes events; returns the body once all turns have ended. Raises HttpError when one fails."""
        for event in events:
            kind = event.WhichOneof("kind")
            if kind == "delta":
                index = self._first_choice[event.response_id] + event.delta.lane.choice
                self._texts[index].append(event.delta.text)
                self._tokens[index].extend(event.delta.logprobs)
            elif kind == "choice_end":
                self._ends[self._first_choice[event.response_id] + event.choice_end.choice] = event.choice_end
            elif kind == "end":
                self._ended(event.end)
                self.done = not self._open
        return self._body() if self.done else b""

    def _body(self) -> bytes:
        choices = [self._choice(i, "".join(texts)) for i, texts in self._texts.items()]
        kind: Any = schema.ChatCompletion if self.ask.chat else schema.TextCompletion
        return _encode(kind(choices=choices, usage=self.usage, **self._frame))

    def _choice(self, index: int, text: str) -> schema.ChatChoice | schema.TextChoice:
        end = self._ends.get(index, chat_pb2.ChoiceEnd())
        reason = _FINISH.get(end.reason, "stop")
        logprobs = self._logprobs(index, self._tokens[index])
        if not self.ask.chat:
            return schema.TextChoice(index, text, logprobs, reason)
        message = schema.AnswerMessage(text if text or not end.refusal else None, refusal=end.refusal or None)
        return schema.ChatChoice(index, message, reason, logprobs)
