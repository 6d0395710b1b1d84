"""The bodies that clients send: checked when one is parsed, and published by /openapi.json."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

Natural = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Positive = Annotated[int, Meta(ge=1, le=2**32 - 1)]
Seed = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Prompts = Annotated[list[str | int | list[int]], Meta(min_length=1, max_length=64)]


class ContentPart(Struct):
    type: str
    text: str | None = None


class InputMessage(Struct, kw_only=True):
    """A message of the caller's."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | Annotated[list[ContentPart], Meta(min_length=1)] | None = None
    name: Annotated[str, Meta(max_length=64)] | None = None
    tool_call_id: str | None = None
    refusal: str | None = None
    tool_calls: Any = None
    function_call: Any = None
    audio: Any = None


class StreamOptions(Struct):
    include_usage: bool | None = None


class SamplingParameters(Struct, kw_only=True):
    """What chat and legacy completions have in common. Ranges are checked by the model's gateway."""

    model: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    n: Positive | None = None
    stop: str | list[str] | None = None
    seed: Seed | None = None
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
    top_logprobs: Natural | None = None
    metadata: dict[str, str] | None = None
    store: bool | None = None
    tools: Any = None
    tool_choice: Any = None
    functions: Any = None
    function_call: Any = None
    response_format: Any = None
    modalities: list[str] | None = None
    audio: Any = None
    prediction: Any = None
    web_search_options: Any = None


class CompletionRequest(SamplingParameters, kw_only=True):
    """Bare prompts to continue, without a chat template."""

    prompt: str | Prompts
    logprobs: Natural | None = None
    best_of: Natural | None = None
    echo: bool | None = None
    suffix: str | None = None


class ConversationRequest(Struct):
    title: Annotated[str, Meta(max_length=200)] | None = None
