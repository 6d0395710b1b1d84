"""The orchestrator's settings: TOKENLOOM_ORCHESTRATOR_<NAME> in the environment."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Bounds of the orchestrator."""

    turns_per_stream: int = 64  # The most turns open at once on one Converse stream.
    pending_bytes: int = 256 * 1024  # May wait for a slow client, a stream; past it the turns stop reading.
    check_seconds: float = 10.0  # The longest an input check may take.
    context_seconds: float = 10.0  # The longest building the context, or recording the turn, may take.
    abandon_seconds: float = 5.0  # For a turn whose client is gone to stop the engine and be recorded.
