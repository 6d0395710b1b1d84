"""The bodies that clients send, and how they are read: of whatever is wrong, the caller learns in which field."""

import json
import math
import re
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from edge.errors import HttpError, invalid, unsupported

T = TypeVar("T")
_WHERE = re.compile(r"^(.*?)(?: - at (`key` in )?`\$\.?(.*)`)?$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(.*)`$")
_DEEP = re.compile(rb'"([^"\\]{1,64})"\s*:\s*(?:[\[{][\s\w":]*){16}')  # Of a body that the parser finds too deep.
_SURROGATE = re.compile("[\ud800-\udfff]")
Natural = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Positive = Annotated[int, Meta(ge=1, le=2**32 - 1)]
_UNSUPPORTED = "is not supported here, and leaving it out would change the answer"
_HARMLESS: tuple[Any, ...] = (None, False, 0, "", [], "none", "auto", ["text"], {"type": "text"})


class Harmless:
    """A value that asks nothing of an engine which can't do what the field is for; others are refused."""

    def __init__(self, value: Any) -> None:
        if value not in _HARMLESS:
            raise ValueError(_UNSUPPORTED)


Unsupported = Annotated[Harmless, Meta(extra_json_schema={"description": "Not supported"})] | None


class ContentPart(Struct):
    type: str
    text: str | None = None


class InputMessage(Struct, kw_only=True):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | Annotated[list[ContentPart], Meta(min_length=1)] | None = None
    name: Annotated[str, Meta(max_length=64)] | None = None
    tool_call_id: str | None = None
    refusal: str | None = None
    tool_calls: Unsupported = None
    function_call: Unsupported = None
    audio: Unsupported = None


class StreamOptions(Struct):
    include_usage: bool | None = None


class SamplingParameters(Struct, kw_only=True):
    """What chat and legacy completions have in common. Ranges are checked by the model's gateway."""

    model: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    n: Positive | None = None
    stop: str | list[str] | None = None
    seed: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | None = None
    max_tokens: Positive | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logit_bias: dict[Natural, float] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    user: str | None = None
    top_k: Natural | None = None
    min_p: float | None = None
    repetition_penalty: float | None = None
    min_tokens: Natural | None = None
    ignore_eos: bool | None = None


class ChatRequest(SamplingParameters, kw_only=True):
    """A chat to continue. In a conversation, `messages` are the new ones only. Unknown fields are ignored."""

    messages: Annotated[list[InputMessage], Meta(min_length=1, max_length=10_000)]
    max_completion_tokens: Positive | None = None
    logprobs: bool | None = None
    top_logprobs: Unsupported = None
    metadata: dict[str, str] | None = None
    store: bool | None = None
    tools: Unsupported = None
    tool_choice: Unsupported = None
    functions: Unsupported = None
    function_call: Unsupported = None
    response_format: Unsupported = None
    modalities: Unsupported = None
    audio: Unsupported = None
    prediction: Unsupported = None
    web_search_options: Unsupported = None


class CompletionRequest(SamplingParameters, kw_only=True):
    """Bare prompts to continue, without a chat template."""

    prompt: str | Annotated[list[str | int | list[int]], Meta(min_length=1, max_length=64)]
    logprobs: Natural | None = None
    best_of: Natural | None = None
    echo: Unsupported = None
    suffix: Unsupported = None


class ConversationRequest(Struct):
    title: Annotated[str, Meta(max_length=200)] | None = None


def parse(kind: type[T], body: bytes) -> T:
    """Reads a body. Raises a 400 that names the field at fault."""
    try:
        return msgspec.json.decode(body, type=kind, dec_hook=lambda custom, value: custom(value))
    except msgspec.ValidationError as error:
        message, key, param = _WHERE.findall(str(error))[0]
        if missing := _MISSING.match(message):
            param, message = f"{param}.{missing[1]}".lstrip("."), "is required"
        refuse = unsupported if message == _UNSUPPORTED else invalid
        raise refuse(param.removesuffix("[...]"), f"a key: {message}" if key else message) from None
    except RecursionError:
        name = _DEEP.search(body)
        raise invalid(name[1].decode("utf-8", "replace") if name else "", "is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _find_unreadable(body)
        reason = str(error) if isinstance(error, msgspec.DecodeError) else "it is not UTF-8"
        raise HttpError(400, "invalid_json", f"The body is not valid JSON: {reason}") from None


def _find_unreadable(body: bytes) -> None:
    """Raises for what makes almost-JSON unreadable: NaN, an infinity, or text that is no Unicode."""
    try:
        stack: list[tuple[str, Any]] = [("", json.loads(body.decode("utf-8", "surrogateescape")))]
    except (ValueError, RecursionError):
        return
    while stack:
        path, value = stack.pop()
        if isinstance(value, float) and not math.isfinite(value):
            raise invalid(path, "expected a finite number")
        if isinstance(value, str) and _SURROGATE.search(value):
            raise invalid(path, "expected Unicode text in UTF-8, without lone surrogates")
        if isinstance(value, list):
            stack += [(f"{path}[{i}]", item) for i, item in enumerate(value)]
        if isinstance(value, dict):
            stack += [(f"{path}.{name}".lstrip("."), item) for name, item in value.items()]
            stack += [(path, name) for name in value]
