"""What a Start asks for, checked and made ready for an engine."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc

from inference.tokenizer import ChatTokenizer
from mesh.faults import Fault, invalid
from tokenloom.chat.v1.chat_pb2 import Message, Role, Sampling
from tokenloom.inference.v1.inference_pb2 import Start

if TYPE_CHECKING:
    from inference.replica import Replica

DEFAULT_BUDGET_SECONDS = 600.0
MAX_BUDGET_SECONDS = 3600.0
MAX_ID_CHARACTERS = 128
MAX_NAME_CHARACTERS = 64
MAX_CHOICES = 16
MAX_STOPS = 16
MAX_STOP_CHARACTERS = 256
MAX_BIASES = 1024
SEEDS = 2**63
ON_LOOP_BYTES = 1024  # Longer text is tokenised in a thread: a kilobyte takes about a millisecond.
_ROLES = {number: name.removeprefix("ROLE_").lower() for name, number in Role.items() if number}
_NUMBERS = (  # field, default, range, whether its lower end is out of it
    ("temperature", 1.0, 0, 2, False),
    ("top_p", 1.0, 0, 1, True),
    ("min_p", 0.0, 0, 1, False),
    ("repetition_penalty", 1.0, 0, 2, True),
    ("presence_penalty", 0.0, -2, 2, False),
    ("frequency_penalty", 0.0, -2, 2, False),
)


@dataclass(frozen=True)
class Model:
    """A model that can be asked for."""

    id: str
    context_length: int
    tokenizer: ChatTokenizer
    end_ids: Sequence[int]
    """What ends an answer; the first is the one that the engine is told."""
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
    if not 1 <= len(start.generation_id) <= MAX_ID_CHARACTERS:
        raise invalid("generation_id", f"must be of 1 to {MAX_ID_CHARACTERS} characters")
    budget = start.budget.ToNanoseconds() / 1e9 if start.HasField("budget") else DEFAULT_BUDGET_SECONDS
    if not 0 < budget <= MAX_BUDGET_SECONDS:
        raise invalid("budget", f"must be above 0 to {MAX_BUDGET_SECONDS:g} seconds")
    if bool(start.messages) == bool(start.prompt):
        raise invalid("messages", "either messages or a prompt is required")
    tokenizer, window = model.tokenizer, model.context_length
    sampling = complete(start.sampling, tokenizer.sampling_defaults, tokenizer.vocabulary_size)
    messages = chat_messages(start.messages, tokenizer)
    field = "messages" if messages else "prompt"
    size = sum(len(message["content"].encode()) for message in messages) + len(start.prompt.encode())
    # A message has at least a role mark, and a token at most so many bytes: what can't fit isn't even tokenised.
    least = max(tokenizer.lower_bound(size), len(messages))
    if least >= window:
        raise _exceeded(field, least, sampling.max_tokens or 1, window, "at least ")

    def tokenise() -> list[int]:
        return tokenizer.encode_chat(messages) if messages else tokenizer.encode_prompt(start.prompt)

    prompt = tokenise() if size + 32 * len(messages) <= ON_LOOP_BYTES else await asyncio.to_thread(tokenise)
    room = window - len(prompt)
    max_tokens = sampling.max_tokens or max(room, 1)
    if max_tokens > room:
        raise _exceeded("sampling.max_tokens" if room > 0 else field, len(prompt), max_tokens, window)
    if not prompt:
        raise invalid(field, "must make at least one token")
    if sampling.min_tokens > max_tokens:
        raise invalid("sampling.min_tokens", f"must be at most {max_tokens}, which is what there may be")
    seed = sampling.seed if sampling.HasField("seed") else secrets.randbelow(SEEDS)
    return Prepared(start.generation_id, model, prompt, sampling, max_tokens, seed, budget)


def chat_messages(messages: Sequence[Message], tokenizer: ChatTokenizer) -> list[dict[str, str]]:
    """Messages as templates read them. Raises the fault of the first field that is missing or malformed."""
    chat = []
    for index, message in enumerate(messages):
        where = f"messages[{index}]"
        if message.role not in _ROLES:
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
        chat.append(tokenizer.chat_message(_ROLES[message.role], content, message.name, message.tool_call_id))
    return chat


def complete(asked: Sampling, defaults: Mapping[str, float], vocabulary_size: int) -> Sampling:
    """What was asked for, with `defaults` (the model's) filled in; max_tokens and seed stay unset where they were.

    Raises the fault of the first field that is out of range.
    """
    sampling = Sampling()
    sampling.CopyFrom(asked)
    for name, otherwise, low, high, above in _NUMBERS:
        if not asked.HasField(name):  # type: ignore[arg-type] # all of them are optional fields
            setattr(sampling, name, defaults.get(name, otherwise))
        value = getattr(sampling, name)
        # `not (... <= ...)` so that NaN is out of range too.
        if not (low < value if above else low <= value) or not value <= high:
            raise invalid(f"sampling.{name}", f"must be a number {'above' if above else 'from'} {low} to {high}")
    if not asked.HasField("top_k"):
        sampling.top_k = int(defaults.get("top_k", 0))
    sampling.choices = asked.choices or 1
    _check("max_tokens", not asked.HasField("max_tokens") or asked.max_tokens >= 1, "must be at least 1")
    _check("top_k", sampling.top_k < 2**31, "must be below 2^31")
    _check("choices", asked.choices <= MAX_CHOICES, f"must be from 1 to {MAX_CHOICES}")
    _check("seed", asked.seed < SEEDS, "must be below 2^63")
    _check("stop", len(asked.stop) <= MAX_STOPS, f"must be at most {MAX_STOPS} strings")
    for index, stop in enumerate(asked.stop):
        fits = 1 <= len(stop) <= MAX_STOP_CHARACTERS
        _check(f"stop[{index}]", fits, f"must be of 1 to {MAX_STOP_CHARACTERS} characters")
    _check("logit_bias", len(asked.logit_bias) <= MAX_BIASES, f"must be at most {MAX_BIASES} entries")
    for token, bias in asked.logit_bias.items():
        _check("logit_bias", token < vocabulary_size, f"token ids must be below {vocabulary_size}")
        _check("logit_bias", abs(bias) <= 100, "each bias must be a number from -100 to 100")
    return sampling


def _check(field: str, valid: bool, expected: str) -> None:
    if not valid:
        raise invalid(f"sampling.{field}", expected)


def _exceeded(field: str, prompt_tokens: int, max_tokens: int, window: int, at_least: str = "") -> Fault:
    """The fault of a prompt and reply that don't fit the window, in OpenAI's words."""
    message = (
        f"This model's maximum context length is {window} tokens. However, you requested "
        f"{at_least}{prompt_tokens + max_tokens} tokens ({at_least}{prompt_tokens} in the messages, {max_tokens} in "
        "the completion). Please reduce the length of the messages or completion."
    )
    fault = Fault(grpc.StatusCode.INVALID_ARGUMENT, "CONTEXT_LENGTH_EXCEEDED", message, field=field)
    numbers = {"prompt_tokens": prompt_tokens, "max_tokens": max_tokens, "context_length": window}
    fault.metadata = {name: str(number) for name, number in numbers.items()}
    return fault
