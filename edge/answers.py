"""Events of the mesh to what an OpenAI client reads: one JSON body, or server-sent events. Pure: no sockets, no clock.

A stream ends with `data: [DONE]`, or with one error object in its place; never with both, never with neither. Official
clients raise the error object as an APIError. openapi.json says what the bodies hold.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from edge.bodies import ChatRequest, CompletionRequest
from edge.errors import HttpError
from mesh import faults
from tokenloom.chat.v1 import chat_pb2
from tokenloom.orchestrator.v1 import orchestrator_pb2 as pb

KEEP_ALIVE = b": keep-alive\n\n"
DONE = b"data: [DONE]\n\n"
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class _Choice:
    """What came of one choice and isn't told yet."""

    texts: list[str] = field(default_factory=list)
    tokens: list[chat_pb2.TokenLogprob] = field(default_factory=list)
    end: chat_pb2.ChoiceEnd | None = None


class Answer:
    """The answer to a body, made of its turns' events: a stream as they come, else one object at the end."""

    def __init__(self, body: ChatRequest | CompletionRequest, turns: Mapping[str, pb.OpenTurn], created: int) -> None:
        """`turns` by their response ids, in the order of their choices; the first id is the answer's own."""
        self.turns = turns
        self.id, turn = next(iter(turns.items()))
        self.stream = bool(body.stream)
        self.renamed = {"max_tokens": "max_completion_tokens"} if getattr(body, "max_completion_tokens", None) else {}
        self.usage: Counter[str] = Counter()
        self.unopened, self._unended = set(turns), set(turns)  # Those not yet admitted, and those not over.
        self._chat = isinstance(body, ChatRequest)
        self._choices = range((body.n or 1) * len(turns))
        self._first_choice = dict(zip(turns, self._choices[:: body.n or 1], strict=True))
        self._untold: defaultdict[int, _Choice] = defaultdict(_Choice)
        self._token_starts: defaultdict[int, int] = defaultdict(int)
        self._cut: list[list[bytes]] = []  # Each choice's chunk once it streams: what is before its text, and after.
        kind = ("chat.completion.chunk" if self.stream else "chat.completion") if self._chat else "text_completion"
        self.frame: dict[str, Any] = {"id": self.id, "object": kind, "created": created, "model": ""}
        if turn.conversation_id:
            self.frame |= {"conversation_id": turn.conversation_id, "turn_id": turn.turn_id}
        if body.stream_options is not None and body.stream_options.include_usage:
            self.frame["usage"] = None

    def feed(self, events: Sequence[pb.Event]) -> bytes:
        """Takes events; returns what to send of a stream that has begun. Raises what a turn fails with."""
        if len(events) == 1 and self._cut and (text := (delta := events[0].delta).text) and not delta.logprobs:
            before, after = self._cut[self._first_choice[events[0].response_id] + delta.lane.choice]  # By far the most.
            return before + _encode(text) + after
        for event in events:
            kind, first = event.WhichOneof("kind"), self._first_choice[event.response_id]
            if kind == "opened":
                self.unopened.discard(event.response_id)
                self.frame["model"] = self.frame["model"] or event.opened.model
            elif kind == "delta":
                choice = self._untold[first + event.delta.lane.choice]
                choice.texts.append(event.delta.text)
                choice.tokens.extend(event.delta.logprobs)
            elif kind == "choice_end":
                self._untold[first + event.choice_end.choice].end = event.choice_end
            elif kind == "end":
                self.usage.update(usage(event.end.usage))
                if event.end.HasField("failed"):
                    raise faults.from_status(event.end.failed)
                if event.end.HasField("cancelled"):
                    raise HttpError(503, "cancelled", "The server cancelled the answer")
                self._unended.discard(event.response_id)
        return self._tell()

    def begin(self) -> bytes:
        """The first events of a stream: chat says who speaks."""
        self._cut = [self._chunk(_json(i, self._text("\0"))).split(_encode("\0")) for i in self._choices]
        first = {"delta": {"role": "assistant", "content": ""}}
        return b"".join(self._chunk(_json(i, first)) for i in self._choices if self._chat) + self._tell()

    def last(self) -> bytes:
        """What ends a stream, or the whole of a plain answer. Raises HttpError when the turns aren't over."""
        if self._unended:
            raise HttpError(500, "internal", "The answer broke off")
        if self.stream:
            return (self._chunk(usage=self.usage) if "usage" in self.frame else b"") + DONE
        choices = []
        for index in self._choices:
            text, logprobs, end = self._told(index)
            choices.append(_json(index, self._text(text, end.refusal if end else ""), logprobs, end))
        return _encode({**self.frame, "choices": choices, "usage": self.usage})

    def failed(self, error: HttpError) -> bytes:
        """What ends a stream that fails."""
        return self._tell() + b"data: " + error.body() + b"\n\n"

    def _tell(self) -> bytes:
        """The chunks of what came, once the stream has begun."""
        told = []
        for index in list(self._untold) if self._cut else ():
            text, logprobs, end = self._told(index)
            if text or logprobs:
                told.append(_json(index, self._text(text), logprobs))
            if end and end.refusal and self._chat:
                told.append(_json(index, {"delta": {"refusal": end.refusal}}))
            if end:
                told.append(_json(index, {"delta": {}} if self._chat else {"text": ""}, None, end))
        return b"".join(self._chunk(choice) for choice in told)

    def _chunk(self, *choices: dict[str, Any], **more: Any) -> bytes:
        return b"data: " + _encode({**self.frame, "choices": choices, **more}) + b"\n\n"

    def _text(self, text: str, refusal: str = "") -> dict[str, Any]:
        if not self._chat:
            return {"text": text}
        if self.stream:
            return {"delta": {"content": text}}
        content = None if refusal and not text else text
        return {"message": {"role": "assistant", "content": content, "refusal": refusal or None}}

    def _told(self, index: int) -> tuple[str, dict[str, Any] | None, chat_pb2.ChoiceEnd | None]:
        """The text that came of a choice, its log probabilities, and its end; they are then forgotten."""
        choice = self._untold.pop(index)
        logprobs = [max(token.logprob, -9999.0) for token in choice.tokens]  # JSON has no infinity.
        names = [token.token for token in choice.tokens]
        told: dict[str, Any] | None = None
        if choice.tokens and self._chat:
            content = [
                {"token": token.token, "bytes": list(token.token_bytes), "logprob": logprob, "top_logprobs": []}
                for token, logprob in zip(choice.tokens, logprobs, strict=True)
            ]
            told = {"content": content, "refusal": None}
        elif choice.tokens:
            starts = [self._token_starts[index], *(token.end for token in choice.tokens)]
            self._token_starts[index] = starts.pop()
            told = {"tokens": names, "token_logprobs": logprobs, "text_offset": starts, "top_logprobs": None}
        return "".join(choice.texts), told, choice.end


def usage(spent: chat_pb2.Usage) -> dict[str, int]:
    """OpenAI's usage object."""
    prompt, completion = spent.prompt_tokens, spent.completion_tokens
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _json(index: int, told: dict[str, Any], logprobs: Any = None, end: Any = None) -> dict[str, Any]:
    reason = chat_pb2.FinishReason.Name(end.reason).removeprefix("FINISH_REASON_").lower() if end else None
    return {"index": index, **told, "logprobs": logprobs, "finish_reason": reason}
