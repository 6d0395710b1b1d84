"""What a Start asks for, checked and made ready for an engine."""

import asyncio
import random
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, TypeVar

from inference.tokenizer import ChatTokenizer
from mesh.faults import Fault, invalid
from tokenloom.chat.v1.chat_pb2 import Message, Role, Sampling
from tokenloom.inference.v1.inference_pb2 import Start

if TYPE_CHECKING:
    from inference.replica import Replica

DEFAULT_BUDGET_SECONDS = 600.0
SEEDS = 2**63
ON_LOOP_BYTES = 1024  # Longer text is tokenised in a thread: a kilobyte that isn't remembered takes half a millisecond.
_ROLES = {number: name.removeprefix("ROLE_").lower() for name, number in Role.items() if number}
_NUMBERS = (  # field, default, range, whether its lower end is out of it
    ("temperature", 1.0, 0, 2, False),
    ("top_p", 1.0, 0, 1, True),
    ("min_p", 0.0, 0, 1, False),
    ("repetition_penalty", 1.0, 0, 2, True),
    ("presence_penalty", 0.0, -2, 2, False),
    ("frequency_penalty", 0.0, -2, 2, False),
)
T = TypeVar("T")


@dataclass(frozen=True)
class Model:
    """A model that can be asked for."""

    id: str
    context_length: int
    tokenizer: ChatTokenizer
    end_ids: Sequence[int]  # what ends an answer; the engine is told the first
    replicas: "Sequence[Replica]"

    @property
    def ready(self) -> bool:
        """Whether a replica answers at present."""
        return any(replica.live for replica in self.replicas)


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
    budget = start.budget.ToNanoseconds() / 1e9 if start.HasField("budget") else DEFAULT_BUDGET_SECONDS
    _check("generation_id", 1 <= len(start.generation_id) <= 128, "must be of 1 to 128 characters")
    _check("budget", 0 < budget <= 3600, "must be above 0 to 3600 seconds")
    _check("messages", bool(start.messages) != bool(start.prompt), "either messages or a prompt is required")
    tokenizer, window = model.tokenizer, model.context_length
    sampling = _completed(start.sampling.SerializeToString(), tokenizer)
    messages = chat_messages(start.messages, tokenizer)
    field = "messages" if messages else "prompt"
    *past, last = [len(message["content"].encode()) for message in messages] or [len(start.prompt.encode())]
    # A message has at least a role mark, and a token at most so many bytes: what can't fit isn't even tokenised.
    least = max(tokenizer.lower_bound(sum(past) + last), len(messages))
    if least >= window:
        raise _exceeded(field, least, sampling.max_tokens or 1, window, "at least ")
    encode = partial(tokenizer.encode_chat, messages) if messages else partial(tokenizer.encode_prompt, start.prompt)
    # What went before is mostly remembered. As a list the ids would take nine times the memory.
    prompt = array("i", await tokenise(encode, last + sum(past) // 8 + 32 * len(messages)))
    room = window - len(prompt)
    max_tokens = sampling.max_tokens or max(room, 1)
    if max_tokens > room:
        raise _exceeded("sampling.max_tokens" if room > 0 else field, len(prompt), max_tokens, window)
    _check(field, bool(prompt), "must make at least one token")
    _check("sampling.min_tokens", sampling.min_tokens <= max_tokens, f"must be at most max_tokens, here {max_tokens}")
    seed = sampling.seed if sampling.HasField("seed") else random.randrange(SEEDS)  # noqa: S311 (no secret)
    return Prepared(start.generation_id, model, prompt, sampling, max_tokens, seed, budget)


async def tokenise(encode: Callable[[], T], size: int) -> T:
    """Encodes so many bytes: in a thread, if that takes long."""
    return encode() if size <= ON_LOOP_BYTES else await asyncio.to_thread(encode)


def chat_messages(messages: Sequence[Message], tokenizer: ChatTokenizer) -> list[dict[str, str]]:
    """Messages as templates read them. Raises the fault of the first field that is missing or malformed."""
    chat = []
    for index, message in enumerate(messages):
        where, role, parts = f"messages[{index}]", message.role, message.parts
        name, call = message.name, message.tool_call_id
        _check(f"{where}.role", role in _ROLES, "must say who wrote the message")
        _check(f"{where}.parts", bool(parts), "at least one part is required")
        for number, part in enumerate(parts):
            _check(f"{where}.parts[{number}].kind", part.HasField("text"), "exactly one of text is required")
        _check(f"{where}.name", len(name) <= 64, "must be of at most 64 characters")
        _check(f"{where}.tool_call_id", not call or role == Role.ROLE_TOOL, "only a tool's message answers a call")
        chat.append(tokenizer.chat_message(_ROLES[role], "".join([part.text for part in parts]), name, call))
    return chat


def complete(asked: Sampling, defaults: Mapping[str, float], vocabulary_size: int) -> Sampling:
    """What was asked for over the model's `defaults`; max_tokens and seed may stay unset. Raises the first fault."""
    (sampling := Sampling()).CopyFrom(asked)
    for name, otherwise, low, high, above in _NUMBERS:
        if not asked.HasField(name):  # type: ignore[arg-type] # all of them are optional fields
            setattr(sampling, name, defaults.get(name, otherwise))
        value = getattr(sampling, name)
        within = (low < value if above else low <= value) and value <= high  # So NaN isn't.
        _check(f"sampling.{name}", within, f"must be a number {'above' if above else 'from'} {low} to {high}")
    if not asked.HasField("top_k"):
        sampling.top_k = int(defaults.get("top_k", 0))
    sampling.choices = asked.choices or 1
    _check("sampling.max_tokens", not asked.HasField("max_tokens") or asked.max_tokens >= 1, "must be at least 1")
    _check("sampling.top_k", sampling.top_k < 2**31, "must be below 2^31")
    _check("sampling.choices", asked.choices <= 16, "must be from 1 to 16")
    _check("sampling.seed", asked.seed < SEEDS, "must be below 2^63")
    _check("sampling.stop", len(asked.stop) <= 16, "must be at most 16 strings")
    for index, stop in enumerate(asked.stop):
        _check(f"sampling.stop[{index}]", 1 <= len(stop) <= 256, "must be of 1 to 256 characters")
    _check("sampling.logit_bias", len(asked.logit_bias) <= 1024, "must be at most 1024 entries")
    for token, bias in asked.logit_bias.items():
        _check("sampling.logit_bias", token < vocabulary_size, f"token ids must be below {vocabulary_size}")
        _check("sampling.logit_bias", abs(bias) <= 100, "each bias must be a number from -100 to 100")
    return sampling


@lru_cache(256)
def _completed(asked: bytes, tokenizer: ChatTokenizer) -> Sampling:
    """Most ask for the same."""
    return complete(Sampling.FromString(asked), tokenizer.sampling_defaults, tokenizer.vocabulary_size)


def _check(field: str, valid: bool, expected: str) -> None:
    if not valid:
        raise invalid(field, expected)


def _exceeded(field: str, prompt_tokens: int, max_tokens: int, window: int, at_least: str = "") -> Fault:
    """The fault of a prompt and reply that don't fit the window, in OpenAI's words."""
    message = (
        f"This model's maximum context length is {window} tokens. However, you requested "
        f"{at_least}{prompt_tokens + max_tokens} tokens ({at_least}{prompt_tokens} in the messages, {max_tokens} in "
        "the completion). Please reduce the length of the messages or completion."
    )
    about = {"prompt_tokens": f"{prompt_tokens}", "max_tokens": f"{max_tokens}", "context_length": f"{window}"}
    return Fault("CONTEXT_LENGTH_EXCEEDED", message, field=field, **about)
