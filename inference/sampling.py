"""What may be asked of sampling: ranges, defaults, seeds."""

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from mesh.faults import invalid
from tokenloom.chat.v1 import chat_pb2

SEEDS = 2**63
MAX_CHOICES = 16
MAX_STOPS = 16
MAX_STOP_CHARACTERS = 256
MAX_BIASES = 1024


@dataclass(frozen=True)
class Sampling:
    """A valid request to the sampler. `max_tokens` is None for whatever the window leaves."""

    max_tokens: int | None
    temperature: float
    top_p: float
    top_k: int
    min_p: float
    repetition_penalty: float
    presence_penalty: float
    frequency_penalty: float
    min_tokens: int
    ignore_eos: bool
    stop: tuple[str, ...]
    logit_bias: Mapping[int, float]
    logprobs: bool
    seed: int
    seed_given: bool
    choices: int

    def seed_of(self, choice: int) -> int:
        """The seed of choice k: the first seed + k, modulo 2^63."""
        return (self.seed + choice) % SEEDS


def validate(asked: chat_pb2.Sampling, defaults: Mapping[str, float], vocabulary_size: int) -> Sampling:
    """The request with `defaults` (the model's) filled in. Raises the fault of the first field that is out of range."""

    def number(name: str, otherwise: float, low: float, high: float, *, above: bool = False) -> float:
        value = float(getattr(asked, name) if asked.HasField(name) else defaults.get(name, otherwise))  # type: ignore[arg-type]
        # `not (... <= ...)` so that NaN is refused too.
        if not (low < value if above else low <= value) or not value <= high:
            raise invalid(f"sampling.{name}", f"must be a number {'above' if above else 'from'} {low:g} to {high:g}")
        return value

    if asked.HasField("max_tokens") and asked.max_tokens < 1:
        raise invalid("sampling.max_tokens", "must be at least 1")
    if asked.HasField("max_tokens") and asked.min_tokens > asked.max_tokens:
        raise invalid("sampling.min_tokens", "must be at most max_tokens")
    if asked.choices > MAX_CHOICES:
        raise invalid("sampling.choices", f"must be from 1 to {MAX_CHOICES}")
    if asked.HasField("seed") and asked.seed >= SEEDS:
        raise invalid("sampling.seed", "must be below 2^63")
    if len(asked.stop) > MAX_STOPS:
        raise invalid("sampling.stop", f"must be at most {MAX_STOPS} strings")
    for index, stop in enumerate(asked.stop):
        if not 1 <= len(stop) <= MAX_STOP_CHARACTERS:
            raise invalid(f"sampling.stop[{index}]", f"must be of 1 to {MAX_STOP_CHARACTERS} characters")
    if len(asked.logit_bias) > MAX_BIASES:
        raise invalid("sampling.logit_bias", f"must be at most {MAX_BIASES} entries")
    for token, bias in asked.logit_bias.items():
        if token >= vocabulary_size:
            raise invalid("sampling.logit_bias", f"token ids must be below {vocabulary_size}")
        if not math.isfinite(bias) or abs(bias) > 100:
            raise invalid("sampling.logit_bias", "each bias must be a number from -100 to 100")
    top_k = asked.top_k if asked.HasField("top_k") else int(defaults.get("top_k", 0))
    if top_k >= 2**31:
        raise invalid("sampling.top_k", "must be below 2^31")
    return Sampling(
        max_tokens=asked.max_tokens if asked.HasField("max_tokens") else None,
        temperature=number("temperature", 1.0, 0, 2),
        top_p=number("top_p", 1.0, 0, 1, above=True),
        top_k=top_k,
        min_p=number("min_p", 0.0, 0, 1),
        repetition_penalty=number("repetition_penalty", 1.0, 0, 2, above=True),
        presence_penalty=number("presence_penalty", 0.0, -2, 2),
        frequency_penalty=number("frequency_penalty", 0.0, -2, 2),
        min_tokens=asked.min_tokens,
        ignore_eos=asked.ignore_eos,
        stop=tuple(asked.stop),
        logit_bias=dict(asked.logit_bias),
        logprobs=asked.logprobs,
        seed=asked.seed if asked.HasField("seed") else secrets.randbits(63),
        seed_given=asked.HasField("seed"),
        choices=asked.choices or 1,
    )
