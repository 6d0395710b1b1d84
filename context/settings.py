"""Settings of the context service: TOKENLOOM_CONTEXT_*."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """`count_timeout_seconds`: what counting tokens may take. `cached_counts`: messages whose count is remembered."""

    count_timeout_seconds: float = 5.0
    cached_counts: int = 100_000
