"""A checked body to the turns that it asks for. What would change the answer and can't be done is refused here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from edge.bodies import ChatRequest, CompletionRequest, InputMessage, SamplingParameters
from edge.errors import invalid, unsupported
from mesh.ids import new_id
from tokenloom.chat.v1 import chat_pb2
from tokenloom.orchestrator.v1 import orchestrator_pb2 as pb

SCOPE = chat_pb2.Scope(tenant="local", user="anonymous")  # Whose data it is: one key, or none, is one scope.

# What the mesh calls as the body does:
_SAME = set(SamplingParameters.__struct_fields__) & set(chat_pb2.Sampling.DESCRIPTOR.fields_by_name)
# What the engine can't do:
_TOOLS = ("tools", "tool_choice", "tool_calls", "functions", "function_call")
_FORMS = ("response_format", "modalities", "audio", "prediction", "web_search_options", "top_logprobs")
_HARMLESS: tuple[Any, ...] = (None, False, 0, "", [], "none", "auto", ["text"], {"type": "text"})


@dataclass(frozen=True)
class Ask:
    """What one HTTP request asks of the mesh: turns on one Converse stream, and how to write their answers."""

    id: str
    turns: list[pb.OpenTurn]
    choices: int
    chat: bool
    stream: bool
    include_usage: bool
    renamed: Mapping[str, str] = field(default_factory=dict)  # Names of the mesh's fields to those of the body.

    def response_ids(self) -> list[str]:
        """The turns' response ids: that of a single turn is the answer's own."""
        return [self.id if i == 0 else f"{self.id}-{i}" for i in range(len(self.turns))]


def from_chat(body: ChatRequest, turn_seconds: float, conversation_id: str = "") -> Ask:
    """One turn, of a conversation or of the caller's own messages. Raises a 400."""
    _refuse_unsupported(body)
    if body.top_logprobs is not None and not body.logprobs:
        raise invalid("top_logprobs", "only allowed with logprobs")
    turn = _turn(body, turn_seconds)
    turn.sampling.logprobs = bool(body.logprobs)
    turn.messages.extend(_message(f"messages[{i}]", message) for i, message in enumerate(body.messages))
    renamed = {}
    if body.max_completion_tokens is not None:
        turn.sampling.max_tokens = body.max_completion_tokens
        renamed["max_tokens"] = "max_completion_tokens"
    if conversation_id:
        turn.conversation_id, turn.turn_id = conversation_id, new_id("turn")
    return _ask(body, [turn], renamed)


def from_completion(body: CompletionRequest, turn_seconds: float) -> Ask:
    """One turn a prompt. Raises a 400."""
    more = (body.best_of or 0) > (body.n or 1)
    for name, wrong in {"echo": body.echo, "suffix": body.suffix, "logprobs": body.logprobs, "best_of": more}.items():
        if wrong:
            raise unsupported(name, "is not supported here")
    turns = []
    for i, prompt in enumerate(body.prompt if isinstance(body.prompt, list) else [body.prompt]):
        if not isinstance(prompt, str):
            raise unsupported("prompt", "token ids are not supported here, only text")
        if not prompt:
            raise invalid(f"prompt[{i}]" if isinstance(body.prompt, list) else "prompt", "expected some text")
        turn = _turn(body, turn_seconds)
        turn.prompt = prompt
        turn.sampling.logprobs = body.logprobs is not None
        turns.append(turn)
    return _ask(body, turns, {})


def _ask(body: SamplingParameters, turns: list[pb.OpenTurn], renamed: Mapping[str, str]) -> Ask:
    if body.stream_options is not None and not body.stream:
        raise invalid("stream_options", "only allowed when stream is true")
    chat = isinstance(body, ChatRequest)
    return Ask(
        id=new_id("chatcmpl" if chat else "cmpl"),
        turns=turns,
        choices=body.n or 1,
        chat=chat,
        stream=bool(body.stream),
        include_usage=bool(body.stream_options and body.stream_options.include_usage),
        renamed=renamed,
    )


def _turn(body: SamplingParameters, turn_seconds: float) -> pb.OpenTurn:
    given: dict[str, Any] = {name: value for name in _SAME if (value := getattr(body, name)) is not None}
    if isinstance(body.stop, str):
        given["stop"] = [body.stop]
    if body.seed is not None:
        given["seed"] = body.seed & (2**63 - 1)  # Negative seeds are seeds, too.
    turn = pb.OpenTurn(scope=SCOPE, model=body.model or "", sampling=chat_pb2.Sampling(choices=body.n or 1, **given))
    turn.budget.FromMilliseconds(int(turn_seconds * 1000))
    return turn


def _message(param: str, message: InputMessage) -> chat_pb2.Message:
    _refuse_unsupported(message, f"{param}.")
    content = message.content
    if content is None and message.role != "assistant":
        raise invalid(f"{param}.content", "is required")
    made = chat_pb2.Message(name=message.name or "", tool_call_id=message.tool_call_id or "")
    made.role = chat_pb2.Role.Value(f"ROLE_{message.role.upper()}")
    if not isinstance(content, list):
        made.parts.add(text=message.refusal or "" if content is None else content)
        return made
    for i, part in enumerate(content):
        if part.type != "text":
            raise unsupported(f"{param}.content[{i}]", "only parts of type text are supported here")
        if part.text is None:
            raise invalid(f"{param}.content[{i}].text", "is required")
        made.parts.add(text=part.text)
    return made


def _refuse_unsupported(body: ChatRequest | InputMessage, where: str = "") -> None:
    for name in _TOOLS + _FORMS:
        if getattr(body, name, None) not in _HARMLESS:
            raise unsupported(f"{where}{name}", "is not supported here, and leaving it out would change the answer")
