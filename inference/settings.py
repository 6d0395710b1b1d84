"""What can be set on the inference service, as TOKENLOOM_INFERENCE_<NAME>."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mesh.settings import Count, Seconds


@dataclass(frozen=True)
class Settings:
    """Limits and places. Seconds are wall clock."""

    models: Path  # the models file
    restart_file: Path | None = None  # touched to have the supervisor restart a Triton of its own that is wedged
    transport: Literal["h2", "grpc"] = "h2"  # how token streams are read: h2 (lean), or grpc (grpcio, its oracle)
    max_streams: Count = 1024  # the most choices in flight at one replica; more are refused as OVERLOADED
    first_token_seconds: Seconds = 120.0  # the longest wait for a choice's first token: queue and prefill
    inter_token_seconds: Seconds = 30.0  # the longest silence of a choice after its first token
    stall_seconds: Seconds = 1.5  # silence of a whole replica after which a canary asks whether it lives
    canary_seconds: Seconds = 2.5  # how long the canary may take before a silent replica counts as dead
    pending_bytes: Count = 262_144  # the most text that waits for one slow reader before its generation is dropped
