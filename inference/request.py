"""What a Start asks for, checked and made ready for an engine."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import grpc

from inference.replica import Replica
from inference.sampling import SEEDS, complete
from inference.tokenizer import ChatTokenizer
from mesh.faults import Fault, invalid
from tokenloom.chat.v1.chat_pb2 import Message, Role, Sampling
from tokenloom.inference.v1.inference_pb2 import Start

DEFAULT_BUDGET_SECONDS = 600.0
MAX_BUDGET_SECONDS = 3600.0
MAX_ID_CHARACTERS = 128
MAX_NAME_CHARACTERS = 64
ON_LOOP_BYTES = 1024  # Longer text is tokenised in a thread: a kilobyte takes about a millisecond.
_ROLES = {
    Role.ROLE_SYSTEM: "system",
    Role.ROLE_DEVELOPER: "developer",
    Role.ROLE_USER: "user",
    Role.ROLE_ASSISTANT: "assistant",
    Role.ROLE_TOOL: "tool",
}


@dataclass(frozen=True)
class Model:
    """A model that can be asked for."""

    id: str
    context_length: int
    tokenizer: ChatTokenizer
    end_ids: Sequence[int]
    """What ends an answer; the first is the one that the engine is told."""
    replicas: Sequence[Replica]


@dataclass(frozen=True)
class Prepared:
    """A valid request. `budget` is in seconds."""

    id: str
    model: Model
    prompt: Sequence[int]
    sampling: Sampling
    max_tokens: int
    seed: int
    budget: float


async def prepare(start: Start, model: Model) -> Prepared:
    """Validates, renders, tokenises and measures. Raises the fault of the first thing that is wrong."""
    if not 1 <= len(start.generation_id) <= MAX_ID_CHARACTERS:
        raise invalid("generation_id", f"must be of 1 to {MAX_ID_CHARACTERS} characters")
    budget = start.budget.ToNanoseconds() / 1e9 if start.HasField("budget") else DEFAULT_BUDGET_SECONDS
    if not 0 < budget <= MAX_BUDGET_SECONDS:
        raise invalid("budget", f"must be above 0 to {MAX_BUDGET_SECONDS:g} seconds")
    if bool(start.messages) == bool(start.prompt):
        raise invalid("messages", "either messages or a prompt is required")
    tokenizer = model.tokenizer
    sampling = complete(start.sampling, tokenizer.sampling_defaults, tokenizer.vocabulary_size)
    messages = chat_messages(start.messages, tokenizer)
    field = "messages" if messages else "prompt"
    size = sum(len(message["content"].encode()) for message in messages) + len(start.prompt.encode())
    window = model.context_length
    # A message has at least a role mark, and a token at most so many bytes: what can't fit isn't even tokenised.
    least = max(tokenizer.lower_bound(size), len(messages))
    asked = sampling.max_tokens or None
    if least >= window:
        raise context_exceeded(field, least, asked or 1, window, at_least="at least ")

    def tokenise() -> list[int]:
        return tokenizer.encode_chat(messages) if messages else tokenizer.encode_prompt(start.prompt)

    prompt = tokenise() if size + 32 * len(messages) <= ON_LOOP_BYTES else await asyncio.to_thread(tokenise)
    room = window - len(prompt)
    max_tokens = asked or max(room, 1)
    if max_tokens > room:
        raise context_exceeded("sampling.max_tokens" if room > 0 else field, len(prompt), max_tokens, window)
    if not prompt:
        raise invalid(field, "must make at least one token")
    if sampling.min_tokens > max_tokens:
        raise invalid("sampling.min_tokens", f"must be at most {max_tokens}, which the context window leaves")
    seed = sampling.seed if sampling.HasField("seed") else secrets.randbelow(SEEDS)
    return Prepared(start.generation_id, model, prompt, sampling, max_tokens, seed, budget)


def chat_messages(messages: Sequence[Message], tokenizer: ChatTokenizer) -> list[dict[str, str]]:
    """Messages as templates read them. Raises the fault of the first field that is missing or malformed."""
    chat = []
    for index, message in enumerate(messages):
        where = f"messages[{index}]"
        role = _ROLES.get(message.role)
        if role is None:
            raise invalid(f"{where}.role", "must say who wrote the message")
        if not message.parts:
            raise invalid(f"{where}.parts", "at least one part is required")
        for number, part in enumerate(message.parts):
            if part.WhichOneof("kind") is None:
                raise invalid(f"{where}.parts[{number}].kind", "exactly one of text is required")
        if len(message.name) > MAX_NAME_CHARACTERS:
            raise invalid(f"{where}.name", f"must be of at most {MAX_NAME_CHARACTERS} characters")
        if message.tool_call_id and message.role != Role.ROLE_TOOL:
            raise invalid(f"{where}.tool_call_id", "only a tool's message answers a call")
        content = "".join(part.text for part in message.parts)
        chat.append(tokenizer.chat_message(role, content, message.name, message.tool_call_id))
    return chat


def context_exceeded(
    field: str, prompt_tokens: int, max_tokens: int, context_length: int, *, at_least: str = ""
) -> Fault:
    """The fault of a prompt and reply that don't fit the window, in OpenAI's words."""
    return Fault(
        grpc.StatusCode.INVALID_ARGUMENT,
        "CONTEXT_LENGTH_EXCEEDED",
        f"This model's maximum context length is {context_length} tokens. However, you requested "
        f"{at_least}{prompt_tokens + max_tokens} tokens ({at_least}{prompt_tokens} in the messages, {max_tokens} in "
        "the completion). Please reduce the length of the messages or completion.",
        field=field,
        prompt_tokens=str(prompt_tokens),
        max_tokens=str(max_tokens),
        context_length=str(context_length),
    )
