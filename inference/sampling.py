"""What may be asked of sampling: ranges and defaults."""

import math
from collections.abc import Mapping

from mesh.faults import invalid
from tokenloom.chat.v1.chat_pb2 import Sampling

SEEDS = 2**63
MAX_CHOICES = 16
MAX_STOPS = 16
MAX_STOP_CHARACTERS = 256
MAX_BIASES = 1024
# field, default, range, whether its lower end is out of it
_NUMBERS = (
    ("temperature", 1.0, 0, 2, False),
    ("top_p", 1.0, 0, 1, True),
    ("min_p", 0.0, 0, 1, False),
    ("repetition_penalty", 1.0, 0, 2, True),
    ("presence_penalty", 0.0, -2, 2, False),
    ("frequency_penalty", 0.0, -2, 2, False),
)


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
    within = not asked.HasField("max_tokens") or asked.min_tokens <= asked.max_tokens
    _check("min_tokens", within, "must be at most max_tokens")
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
        _check("logit_bias", math.fabs(bias) <= 100, "each bias must be a number from -100 to 100")
    return sampling


def _check(field: str, valid: bool, expected: str) -> None:
    if not valid:
        raise invalid(f"sampling.{field}", expected)
