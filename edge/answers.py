"""Events of the mesh to what an OpenAI client reads: one JSON body, or server-sent events. Pure: no sockets, no clock.

A stream ends with `data: [DONE]`, or with one error object in its place; never with both, never with neither. Official
clients raise the error object as an APIError. openapi.json says what the bodies hold.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from edge import errors
from edge.errors import HttpError
from edge.turns import Ask
from mesh import faults
from tokenloom.chat.v1 import chat_pb2
from tokenloom.orchestrator.v1 import orchestrator_pb2 as pb

KEEP_ALIVE = b": keep-alive\n\n"
DONE = b"data: [DONE]\n\n"
_encode = msgspec.json.Encoder().encode


class _Answer:
    """What both ways of answering share: whose event it is, what came of each choice, and what was spent."""

    def __init__(self, ask: Ask, model: str, created: int) -> None:
        self.ask = ask
        self.usage = chat_pb2.Usage()
        self.done = False
        self._first_choice = {response: i * ask.choices for i, response in enumerate(ask.response_ids())}
        self._choices = range(ask.choices * len(ask.turns))
        self._open = len(ask.turns)
        self._texts: defaultdict[int, list[str]] = defaultdict(list)
        self._tokens: defaultdict[int, list[chat_pb2.TokenLogprob]] = defaultdict(list)
        self._token_starts: defaultdict[int, int] = defaultdict(int)
        self._ends: dict[int, chat_pb2.ChoiceEnd] = {}
        kind = ("chat.completion.chunk" if ask.stream else "chat.completion") if ask.chat else "text_completion"
        self._frame: dict[str, Any] = {"id": ask.id, "object": kind, "created": created, "model": model}
        if conversation_id := ask.turns[0].conversation_id:
            self._frame |= {"conversation_id": conversation_id, "turn_id": ask.turns[0].turn_id}

    def _take(self, events: Sequence[pb.Event]) -> None:
        """Sets `done` with the last turn's end. Raises HttpError when a turn fails."""
        for event in events:
            kind = event.WhichOneof("kind")
            if kind == "delta":
                index = self._first_choice[event.response_id] + event.delta.lane.choice
                self._texts[index].append(event.delta.text)
                self._tokens[index].extend(event.delta.logprobs)
            elif kind == "choice_end":
                self._choice_end(self._first_choice[event.response_id] + event.choice_end.choice, event.choice_end)
            elif kind == "end":
                self.usage.prompt_tokens += event.end.usage.prompt_tokens
                self.usage.completion_tokens += event.end.usage.completion_tokens
                if event.end.HasField("failed"):
                    raise errors.from_fault(faults.from_status(event.end.failed), self.ask.renamed)
                if event.end.HasField("cancelled"):
                    raise HttpError(503, "cancelled", "The server cancelled the answer")
                self._open -= 1
                self.done = not self._open

    def _choice_end(self, index: int, end: chat_pb2.ChoiceEnd) -> None:
        self._ends[index] = end

    def _told(self, index: int) -> tuple[str, Any]:
        """The text that came of a choice, and its log probabilities; both are then forgotten."""
        text, tokens = "".join(self._texts.pop(index, ())), self._tokens.pop(index, [])
        if not tokens:
            return text, None
        logprobs = [max(token.logprob, -9999.0) for token in tokens]  # JSON has no infinity.
        if self.ask.chat:
            content = [
                {"token": token.token, "bytes": list(token.token_bytes), "logprob": logprob, "top_logprobs": []}
                for token, logprob in zip(tokens, logprobs, strict=True)
            ]
            return text, {"content": content, "refusal": None}
        starts = [self._token_starts[index], *(token.end for token in tokens)]
        self._token_starts[index] = starts.pop()
        texts = [token.token for token in tokens]
        return text, {"tokens": texts, "token_logprobs": logprobs, "text_offset": starts, "top_logprobs": None}


class StreamedAnswer(_Answer):
    """Server-sent events. `feed` takes what came at once and returns what to send at once."""

    def __init__(self, ask: Ask, model: str, created: int) -> None:
        super().__init__(ask, model, created)
        self.failure = ""
        if ask.include_usage:
            self._frame["usage"] = None
        self._out: list[bytes] = []
        # Each choice's chunk, made once: what comes before its text, and what after.
        self._cut = [self._chunk(_choice(i, self._piece("\0"))).split(_encode("\0")) for i in self._choices]

    def begin(self) -> bytes:
        """The first events: chat says who speaks."""
        first = {"delta": {"role": "assistant", "content": ""}}
        return b"".join(self._chunk(_choice(i, first)) for i in self._choices) if self.ask.chat else b""

    def feed(self, events: Sequence[pb.Event]) -> bytes:
        """The bytes for some events; empty when they have none. Sets `done` with the terminal event."""
        if len(events) == 1 and (text := (delta := events[0].delta).text) and not delta.logprobs:  # By far the most.
            before, after = self._cut[self._first_choice[events[0].response_id] + delta.lane.choice]
            return before + _encode(text) + after
        terminal = b""
        try:
            self._take(events)
            if self.done:
                terminal = (self._chunk(usage=usage(self.usage)) if self.ask.include_usage else b"") + DONE
        except HttpError as error:
            terminal = self.fail(error)
        self._flush()
        data = b"".join((*self._out, terminal))
        self._out.clear()
        return data

    def fail(self, error: HttpError) -> bytes:
        """The terminal event of a stream that fails."""
        self.done, self.failure = True, error.code
        return b"data: " + error.body() + b"\n\n"

    def _flush(self) -> None:
        for index in list(self._texts):
            text, logprobs = self._told(index)
            if text or logprobs:
                self._out.append(self._chunk(_choice(index, self._piece(text), logprobs)))

    def _choice_end(self, index: int, end: chat_pb2.ChoiceEnd) -> None:
        self._flush()
        if end.refusal:
            self._out.append(self._chunk(_choice(index, {"delta": {"refusal": end.refusal}})))
        self._out.append(self._chunk(_choice(index, {"delta": {}} if self.ask.chat else {"text": ""}, None, end)))

    def _piece(self, text: str) -> dict[str, Any]:
        return {"delta": {"content": text}} if self.ask.chat else {"text": text}

    def _chunk(self, *choices: dict[str, Any], **more: Any) -> bytes:
        return b"data: " + _encode({**self._frame, "choices": choices, **more}) + b"\n\n"


class PlainAnswer(_Answer):
    """One JSON body. Feed it until it is done."""

    def feed(self, events: Sequence[pb.Event]) -> bytes:
        """Takes events; returns the body once all turns have ended. Raises HttpError when one fails."""
        self._take(events)
        if not self.done:
            return b""
        choices = [self._whole(i, self._ends[i]) for i in self._choices]
        return _encode({**self._frame, "choices": choices, "usage": usage(self.usage)})

    def _whole(self, index: int, end: chat_pb2.ChoiceEnd) -> dict[str, Any]:
        text, logprobs = self._told(index)
        content = text if text or not end.refusal else None
        message = {"role": "assistant", "content": content, "refusal": end.refusal or None}
        return _choice(index, {"message": message} if self.ask.chat else {"text": text}, logprobs, end)


def usage(spent: chat_pb2.Usage) -> dict[str, int]:
    """OpenAI's usage object."""
    prompt, completion = spent.prompt_tokens, spent.completion_tokens
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _choice(index: int, told: dict[str, Any], logprobs: Any = None, end: Any = None) -> dict[str, Any]:
    reason = chat_pb2.FinishReason.Name(end.reason).removeprefix("FINISH_REASON_").lower() if end else None
    return {"index": index, **told, "logprobs": logprobs, "finish_reason": reason}
