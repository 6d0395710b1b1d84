"""A checked body to the turns that it asks for. What would change the answer and can't be done is refused here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from edge.errors import HttpError, invalid, unsupported
from edge.schema import ChatRequest, CompletionRequest, ContentPart, InputMessage, SamplingParameters
from mesh.ids import new_id
from tokenloom.chat.v1 import chat_pb2
from tokenloom.orchestrator.v1 import orchestrator_pb2 as pb

SCOPE = chat_pb2.Scope(tenant="local", user="anonymous")
"""Whose data it is. One key, or none, is one scope."""

_ROLES = {
    "system": chat_pb2.ROLE_SYSTEM,
    "developer": chat_pb2.ROLE_DEVELOPER,
    "user": chat_pb2.ROLE_USER,
    "assistant": chat_pb2.ROLE_ASSISTANT,
    "tool": chat_pb2.ROLE_TOOL,
}
_COPIED = (
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "repetition_penalty",
    "presence_penalty",
    "frequency_penalty",
    "min_tokens",
    "ignore_eos",
    "max_tokens",
)


@dataclass(frozen=True)
class Ask:
    """What one HTTP request asks of the mesh: turns on one Converse stream, and how to write their answers."""

    id: str
    turns: list[pb.OpenTurn]
    choices: int
    chat: bool
    stream: bool
    include_usage: bool
    conversation_id: str = ""
    turn_id: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)

    def response_ids(self) -> list[str]:
        """The turns' response ids: that of a single turn is the answer's own."""
        return [self.id if i == 0 else f"{self.id}-{i}" for i in range(len(self.turns))]


def from_chat(body: ChatRequest, turn_seconds: float, conversation_id: str = "") -> Ask:
    """One turn, of a conversation or of the caller's own messages. Raises a 400."""
    _refuse_unsupported(body)
    sampling = _sampling(body)
    renamed = {}
    if body.max_completion_tokens is not None:
        sampling.max_tokens = body.max_completion_tokens
        renamed["max_tokens"] = "max_completion_tokens"
    sampling.logprobs = bool(body.logprobs)
    turn = _turn(body, sampling, turn_seconds)
    turn.messages.extend(_message(f"messages[{i}]", message) for i, message in enumerate(body.messages))
    if conversation_id:
        turn.conversation_id, turn.turn_id = conversation_id, new_id("turn")
    return _ask("chatcmpl", [turn], body, renamed, conversation_id, turn.turn_id)


def from_completion(body: CompletionRequest, turn_seconds: float) -> Ask:
    """One turn a prompt. Raises a 400."""
    for name, wrong in (("echo", body.echo), ("suffix", body.suffix), ("logprobs", body.logprobs)):
        if wrong:
            raise unsupported(name, "is not supported here")
    if body.best_of is not None and body.best_of > (body.n or 1):
        raise unsupported("best_of", "more than n is not supported here")
    sampling = _sampling(body)
    sampling.logprobs = body.logprobs is not None
    turns = []
    for i, prompt in enumerate(body.prompt if isinstance(body.prompt, list) else [body.prompt]):
        name = f"prompt[{i}]" if isinstance(body.prompt, list) else "prompt"
        if not isinstance(prompt, str):
            raise unsupported("prompt", "token ids are not supported here, only text")
        if not prompt:
            raise invalid(name, "expected at least one character")
        turn = _turn(body, sampling, turn_seconds)
        turn.prompt = prompt
        turns.append(turn)
    return _ask("cmpl", turns, body, {})


def _ask(
    prefix: str,
    turns: list[pb.OpenTurn],
    body: SamplingParameters,
    renamed: Mapping[str, str],
    conversation_id: str = "",
    turn_id: str = "",
) -> Ask:
    stream = bool(body.stream)
    if body.stream_options is not None and not stream:
        raise invalid("stream_options", "only allowed when stream is true")
    return Ask(
        id=new_id(prefix),
        turns=turns,
        choices=body.n or 1,
        chat=isinstance(body, ChatRequest),
        stream=stream,
        include_usage=bool(body.stream_options and body.stream_options.include_usage),
        conversation_id=conversation_id,
        turn_id=turn_id,
        renamed=renamed,
    )


def _turn(body: SamplingParameters, sampling: chat_pb2.Sampling, turn_seconds: float) -> pb.OpenTurn:
    turn = pb.OpenTurn(scope=SCOPE, model=body.model or "", sampling=sampling)
    turn.budget.FromMilliseconds(int(turn_seconds * 1000))
    return turn


def _sampling(body: SamplingParameters) -> chat_pb2.Sampling:
    sampling = chat_pb2.Sampling(choices=body.n or 1)
    for name in _COPIED:
        value = getattr(body, name)
        if value is not None:
            setattr(sampling, name, value)
    if body.stop is not None:
        sampling.stop.extend([body.stop] if isinstance(body.stop, str) else body.stop)
    if body.seed is not None:
        sampling.seed = body.seed & (2**63 - 1)  # Negative seeds are seeds, too.
    for token, bias in (body.logit_bias or {}).items():
        sampling.logit_bias[token] = bias
    return sampling


def _message(param: str, message: InputMessage) -> chat_pb2.Message:
    for name in ("tool_calls", "function_call", "audio"):
        if getattr(message, name):
            raise unsupported(f"{param}.{name}", "is not supported here")
    content = message.content
    if content is None:
        if message.role != "assistant":
            raise invalid(f"{param}.content", "is required")
        content = message.refusal or ""
    texts = [content] if isinstance(content, str) else list(_texts(f"{param}.content", content))
    return chat_pb2.Message(
        role=_ROLES[message.role],
        parts=[chat_pb2.Part(text=text) for text in texts],
        name=message.name or "",
        tool_call_id=message.tool_call_id or "",
    )


def _texts(param: str, parts: list[ContentPart]) -> Iterator[str]:
    for i, part in enumerate(parts):
        if part.type != "text":
            raise unsupported(f"{param}[{i}]", "only parts of type text are supported here")
        if part.text is None:
            raise invalid(f"{param}[{i}].text", "is required")
        yield part.text


def _refuse_unsupported(body: ChatRequest) -> None:
    wrong: dict[str, Any] = {
        "tools": body.tools,
        "tool_choice": body.tool_choice not in (None, "none", "auto"),
        "functions": body.functions,
        "function_call": body.function_call not in (None, "none", "auto"),
        "response_format": body.response_format not in (None, {"type": "text"}),
        "top_logprobs": body.top_logprobs,
        "modalities": set(body.modalities or ()) - {"text"},
        "audio": body.audio,
        "prediction": body.prediction,
        "web_search_options": body.web_search_options is not None,
    }
    for name, is_wrong in wrong.items():
        if is_wrong:
            raise unsupported(name, "is not supported here, and leaving it out would change the answer")
    if body.top_logprobs is not None and not body.logprobs:
        raise HttpError(400, "invalid_field", "top_logprobs: only allowed with logprobs", param="top_logprobs")
