"""Events of the mesh to what an OpenAI client reads: one JSON body, or server-sent events. Pure: no sockets, no clock.

A stream ends with `data: [DONE]` or one error object, which clients raise as an APIError. See also openapi.json.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from edge.bodies import ChatRequest, CompletionRequest
from edge.errors import HttpError
from mesh import faults
from tokenloom.chat.v1 import chat_pb2
from tokenloom.orchestrator.v1 import orchestrator_pb2 as pb

_encode = msgspec.json.Encoder().encode


class Answer:
    """The answer to a body, made of its turns' events: a stream as they come, else one object at the end."""

    def __init__(self, body: ChatRequest | CompletionRequest, turns: dict[str, pb.OpenTurn], created: int) -> None:
        """`turns` by their response ids, in the order of their choices; the first id is the answer's own."""
        self.turns = turns
        self.id, turn = next(iter(turns.items()))
        self.stream = bool(body.stream)
        self.renamed = {"max_tokens": "max_completion_tokens"} if getattr(body, "max_completion_tokens", None) else {}
        self.usage: Counter[str] = Counter()
        self._unopened = self._unended = len(turns)  # Those not yet admitted, and those not over.
        self._chat = isinstance(body, ChatRequest)
        self._choices = range((body.n or 1) * len(turns))
        self._first_choice = dict(zip(turns, self._choices[:: body.n or 1], strict=True))
        self._texts: defaultdict[int, list[str]] = defaultdict(list)  # What came of each choice and isn't told yet.
        self._tokens: defaultdict[int, list[chat_pb2.TokenLogprob]] = defaultdict(list)
        self._ends: dict[int, chat_pb2.ChoiceEnd] = {}
        self._token_starts: defaultdict[int, int] = defaultdict(int)
        self._plain, self._with_logprobs = False, turn.sampling.logprobs  # Plain: it streams, and but for text.
        self._cut: list[list[bytes]] = []  # Each choice's chunk once it streams: what is before its text, and after.
        kind = ("chat.completion.chunk" if self.stream else "chat.completion") if self._chat else "text_completion"
        self.frame: dict[str, Any] = {"id": self.id, "object": kind, "created": created, "model": ""}
        if turn.conversation_id:
            self.frame |= {"conversation_id": turn.conversation_id, "turn_id": turn.turn_id}
        if body.stream_options is not None and body.stream_options.include_usage:
            self.frame["usage"] = None

    def feed(self, events: Sequence[pb.Event]) -> bytes | None:
        """What to send of a stream for these events, from its admission on. Raises what a turn fails with."""
        if self._plain and len(events) == 1 and (text := (delta := events[0].delta).text):
            at = 0 if len(self._cut) == 1 else self._first_choice[events[0].response_id] + delta.lane.choice
            before, after = self._cut[at]  # By far the most.
            return before + _encode(text) + after
        for event in events:
            index, delta = self._first_choice[event.response_id], event.delta
            if delta.text or delta.logprobs:
                index += delta.lane.choice
                self._texts[index].append(delta.text)
                self._tokens[index].extend(delta.logprobs)
            elif (kind := event.WhichOneof("kind")) == "opened":
                self._unopened -= 1
                self.frame["model"] = self.frame["model"] or event.opened.model
            elif kind == "choice_end":
                self._ends[index + event.choice_end.choice] = event.choice_end
            elif kind == "end":
                self.usage.update(usage(event.end.usage))
                if event.end.HasField("failed"):
                    raise faults.from_status(event.end.failed)
                if event.end.HasField("cancelled"):
                    raise HttpError(503, "cancelled", "The server cancelled the answer")
                self._unended -= 1
        if self._cut or not self.stream or self._unopened:
            return self._tell() or None
        self._cut = [self._chunk(_json(i, self._piece("\0"))).split(_encode("\0")) for i in self._choices]
        self._plain = not self._with_logprobs
        role = {"delta": {"role": "assistant", "content": ""}}  # Chat says who speaks.
        return b"".join(self._chunk(_json(i, role)) for i in self._choices if self._chat) + self._tell()

    def last(self) -> bytes:
        """What ends a stream, or the whole of a plain answer. Raises HttpError when the turns aren't over."""
        if self._unended:
            raise HttpError(500, "internal", "The answer broke off")
        if self.stream:
            return (self._chunk(usage=self.usage) if "usage" in self.frame else b"") + b"data: [DONE]\n\n"
        choices = []
        for index in self._choices:
            text, end = "".join(self._texts[index]), self._ends[index]
            content = None if end.refusal and not text else text
            message = {"role": "assistant", "content": content, "refusal": end.refusal or None}
            told = {"message": message} if self._chat else {"text": text}
            choices.append(_json(index, told, self._logprobs(index), end))
        return _encode({**self.frame, "choices": choices, "usage": self.usage})

    def failed(self, error: HttpError) -> bytes:
        """What ends a stream that fails."""
        return self._tell() + b"data: " + error.body() + b"\n\n"

    def _tell(self) -> bytes:
        """The chunks of what came, once the stream has begun."""
        told: list[dict[str, Any]] = []
        for index in {**self._texts, **self._ends} if self._cut else ():
            end = self._ends.pop(index, None)
            text, logprobs = "".join(self._texts.pop(index, ())), self._logprobs(index)
            if text or logprobs:
                told.append(_json(index, self._piece(text), logprobs))
            if end and end.refusal and self._chat:
                told.append(_json(index, {"delta": {"refusal": end.refusal}}))
            if end:
                told.append(_json(index, {"delta": {}} if self._chat else {"text": ""}, None, end))
        return b"".join(self._chunk(choice) for choice in told)

    def _chunk(self, *choices: dict[str, Any], **more: Any) -> bytes:
        return b"data: " + _encode({**self.frame, "choices": choices, **more}) + b"\n\n"

    def _piece(self, text: str) -> dict[str, Any]:
        return {"delta": {"content": text}} if self._chat else {"text": text}

    def _logprobs(self, index: int) -> dict[str, Any] | None:
        if not (tokens := self._tokens.pop(index, None)):
            return None
        logprobs = [max(token.logprob, -9999.0) for token in tokens]  # JSON has no infinity.
        if self._chat:
            content = [
                {"token": token.token, "bytes": list(token.token_bytes), "logprob": logprob, "top_logprobs": []}
                for token, logprob in zip(tokens, logprobs, strict=True)
            ]
            return {"content": content, "refusal": None}
        starts = [self._token_starts[index], *(token.end for token in tokens)]
        self._token_starts[index] = starts.pop()
        texts = [token.token for token in tokens]
        return {"tokens": texts, "token_logprobs": logprobs, "text_offset": starts, "top_logprobs": None}


def usage(spent: chat_pb2.Usage) -> dict[str, int]:
    """OpenAI's usage object."""
    prompt, completion = spent.prompt_tokens, spent.completion_tokens
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _json(index: int, told: dict[str, Any], logprobs: Any = None, end: Any = None) -> dict[str, Any]:
    reason = chat_pb2.FinishReason.Name(end.reason).removeprefix("FINISH_REASON_").lower() if end else None
    return {"index": index, **told, "logprobs": logprobs, "finish_reason": reason}
