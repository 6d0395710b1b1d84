"""A checked body to the turns that it asks for. What would change the answer and can't be done is refused here."""

from typing import Any

from edge.bodies import ChatRequest, CompletionRequest, ContentPart, InputMessage, SamplingParameters
from edge.errors import invalid, unsupported
from mesh.ids import new_id
from tokenloom.chat.v1 import chat_pb2
from tokenloom.orchestrator.v1 import orchestrator_pb2 as pb

SCOPE = chat_pb2.Scope(tenant="local", user="anonymous")  # Whose data it is: one key, or none, is one scope.

# What the mesh calls as the body does:
_SAME = set(SamplingParameters.__struct_fields__) & set(chat_pb2.Sampling.DESCRIPTOR.fields_by_name)


def turns(body: ChatRequest | CompletionRequest, budget_seconds: float, chat_id: str = "") -> dict[str, pb.OpenTurn]:
    """One turn, maybe of a conversation, or one a prompt; by response id, the first the answer's own. Raises a 400."""
    if body.stream_options is not None and not body.stream:
        raise invalid("stream_options", "only allowed when stream is true")
    prefix, made = ("chatcmpl", [_chat(body)]) if isinstance(body, ChatRequest) else ("cmpl", _prompts(body))
    for turn in made:
        turn.scope.CopyFrom(SCOPE)
        turn.model = body.model or ""
        turn.budget.FromMilliseconds(int(budget_seconds * 1000))
        if chat_id:
            turn.conversation_id, turn.turn_id = chat_id, new_id("turn")
    own = new_id(prefix)
    return {f"{own}-{i}" if i else own: turn for i, turn in enumerate(made)}


def _chat(body: ChatRequest) -> pb.OpenTurn:
    if body.top_logprobs is not None and not body.logprobs:
        raise invalid("top_logprobs", "only allowed with logprobs")
    turn = pb.OpenTurn(sampling=_sampling(body, bool(body.logprobs)))
    if body.max_completion_tokens is not None:
        turn.sampling.max_tokens = body.max_completion_tokens
    turn.messages.extend(_message(f"messages[{i}]", message) for i, message in enumerate(body.messages))
    return turn


def _prompts(body: CompletionRequest) -> list[pb.OpenTurn]:
    for name, wrong in {"logprobs": body.logprobs, "best_of": (body.best_of or 0) > (body.n or 1)}.items():
        if wrong:
            raise unsupported(name, "is not supported here")
    made, sampling = [], _sampling(body, body.logprobs is not None)
    for i, prompt in enumerate(body.prompt if isinstance(body.prompt, list) else [body.prompt]):
        if not isinstance(prompt, str):
            raise unsupported("prompt", "token ids are not supported here, only text")
        if not prompt:
            raise invalid(f"prompt[{i}]" if isinstance(body.prompt, list) else "prompt", "expected some text")
        made.append(pb.OpenTurn(prompt=prompt, sampling=sampling))
    return made


def _sampling(body: SamplingParameters, logprobs: bool) -> chat_pb2.Sampling:
    given: dict[str, Any] = {name: value for name in _SAME if (value := getattr(body, name)) is not None}
    if isinstance(body.stop, str):
        given["stop"] = [body.stop]
    if body.seed is not None:
        given["seed"] = body.seed & (2**63 - 1)  # Negative seeds are seeds, too.
    return chat_pb2.Sampling(choices=body.n or 1, logprobs=logprobs, **given)


def _message(param: str, message: InputMessage) -> chat_pb2.Message:
    content = (message.refusal or "") if message.content is None else message.content
    if message.content is None and message.role != "assistant":
        raise invalid(f"{param}.content", "is required")
    made = chat_pb2.Message(name=message.name or "", tool_call_id=message.tool_call_id or "")
    made.role = chat_pb2.Role.Value(f"ROLE_{message.role.upper()}")
    for i, part in enumerate([ContentPart("text", content)] if isinstance(content, str) else content):
        if part.type != "text":
            raise unsupported(f"{param}.content[{i}]", "only parts of type text are supported here")
        if part.text is None:
            raise invalid(f"{param}.content[{i}].text", "is required")
        made.parts.add(text=part.text)
    return made
