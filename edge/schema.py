"""The bodies that clients send and get: checked when a body is parsed, and published by /openapi.json."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

Natural = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Positive = Annotated[int, Meta(ge=1, le=2**32 - 1)]
Seed = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Prompts = Annotated[list[str | int | list[int]], Meta(min_length=1, max_length=64)]
FinishReason = Literal["stop", "length", "content_filter"]


class ContentPart(Struct):
    """A piece of a message; only `text` is supported."""

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
    """How to stream."""

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
    """A conversation to make."""

    title: Annotated[str, Meta(max_length=200)] | None = None


class Usage(Struct):
    """Tokens spent."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Logprob(Struct):
    """One generated token."""

    token: str
    logprob: float
    bytes: list[int]
    top_logprobs: list[Any] = []


class ChoiceLogprobs(Struct):
    """The tokens of a piece of text."""

    content: list[Logprob] | None = None
    refusal: list[Logprob] | None = None


class AnswerMessage(Struct):
    """What the model said, or why it didn't."""

    content: str | None
    role: Literal["assistant"] = "assistant"
    refusal: str | None = None


class ChatChoice(Struct):
    """One answer."""

    index: int
    message: AnswerMessage
    finish_reason: FinishReason
    logprobs: ChoiceLogprobs | None = None


class ChatCompletion(Struct, kw_only=True):
    """An answer, whole."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[ChatChoice]
    usage: Usage
    conversation_id: str | UnsetType = UNSET
    turn_id: str | UnsetType = UNSET


class AnswerDelta(Struct):
    """What a chunk adds to a message."""

    role: Literal["assistant"] | UnsetType = UNSET
    content: str | UnsetType = UNSET
    refusal: str | UnsetType = UNSET


class ChunkChoice(Struct):
    """One answer's piece."""

    index: int
    delta: AnswerDelta
    logprobs: ChoiceLogprobs | None = None
    finish_reason: FinishReason | None = None


class ChatCompletionChunk(Struct, kw_only=True):
    """One event of a streamed answer; the stream ends with the event `[DONE]`, or with one error object instead."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: Usage | UnsetType | None = UNSET
    conversation_id: str | UnsetType = UNSET
    turn_id: str | UnsetType = UNSET


class TextLogprobs(Struct):
    """The tokens of a piece of text, in the legacy shape. Offsets are in code points."""

    tokens: list[str]
    token_logprobs: list[float]
    text_offset: list[int]
    top_logprobs: None = None


class TextChoice(Struct):
    """One continuation, or its piece."""

    index: int
    text: str
    logprobs: TextLogprobs | None = None
    finish_reason: FinishReason | None = None


class TextCompletion(Struct, kw_only=True):
    """Continuations of the prompts: choice i*n+k is the k-th of prompt i. Chunks of a stream look the same."""

    id: str
    object: Literal["text_completion"] = "text_completion"
    created: int
    model: str
    choices: list[TextChoice]
    usage: Usage | UnsetType | None = UNSET


class Model(Struct, kw_only=True):
    """A model that can be asked for."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "tokenloom"
    context_length: int
    ready: bool


class ModelList(Struct, kw_only=True):
    """All models, the default first."""

    object: Literal["list"] = "list"
    data: list[Model]


class Conversation(Struct, kw_only=True):
    """A conversation. Times are Unix seconds."""

    id: str
    object: Literal["conversation"] = "conversation"
    title: str
    created_at: int
    updated_at: int


class StoredMessage(Struct, omit_defaults=True):
    """A message of a turn."""

    role: str
    content: str
    name: str = ""


class Turn(Struct, kw_only=True):
    """One exchange; `answer` is what was shown of it."""

    id: str
    messages: list[StoredMessage]
    answer: StoredMessage | None
    status: Literal["completed", "cancelled", "refused", "failed"]
    model: str
    usage: Usage
    created_at: int


class ConversationDetail(Conversation, kw_only=True):
    """A conversation with a page of its turns, oldest first; `next` asks for older ones."""

    turns: list[Turn]
    has_more: bool
    next: str | None


class ConversationList(Struct, kw_only=True):
    """A page of conversations, last used first; `next` asks for the next one."""

    object: Literal["list"] = "list"
    data: list[Conversation]
    has_more: bool
    next: str | None


class ConversationDeleted(Struct, kw_only=True):
    """It is gone."""

    id: str
    object: Literal["conversation.deleted"] = "conversation.deleted"
    deleted: bool = True


class Health(Struct):
    """Whether the server lives, or can answer."""

    status: str
