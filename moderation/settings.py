"""Settings of the moderation service: TOKENLOOM_MODERATION_*."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """`policies` is the directory of policy files; it is looked at every `reload_seconds`."""

    policies: Path = Path(__file__).parent.parent / "config" / "policies"
    reload_seconds: float = 1.0
