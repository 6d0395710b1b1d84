"""What inference is told: its settings, as TOKENLOOM_INFERENCE_<NAME>, and the models file that one of them names.

The models file says which models there are, where their replicas answer, and where their tokenizers lie.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import yaml

from mesh.settings import Count, Seconds, SettingsError

Text = Annotated[str, msgspec.Meta(min_length=1)]


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


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One Triton server that serves a model. Entries with one id are replicas of one model."""

    id: Text  # the model's name in requests
    address: Annotated[str, msgspec.Meta(pattern=r"^\S+:\d{1,5}$")]  # host:port of the server's gRPC
    model: Text  # the model's name in that server
    dialect: Literal["inflight_batcher_llm"]
    tokenizer: Text  # directory in Hugging Face's layout: tokenizer.json, chat_template.jinja, generation_config.json
    context_length: Annotated[int, msgspec.Meta(ge=2)]  # prompt and reply together, in tokens
    metrics: str = ""  # URL of the server's Prometheus metrics, for `tokenloom status`
    chat_template: Text | None = None  # file used instead of the template in the tokenizer's directory
    end_id: Annotated[int, msgspec.Meta(ge=0)] | None = None  # told to the engine, instead of generation_config's first
    supervised: bool = False  # whether the server is the supervisor's own, which restarts it when asked


class _File(msgspec.Struct, forbid_unknown_fields=True):
    models: Annotated[list[Entry], msgspec.Meta(min_length=1)]


def load_models(path: Path) -> dict[str, list[Entry]]:
    """Each model's replicas by its id; paths in the file are relative to its directory. Raises SettingsError."""
    try:
        entries = msgspec.convert(yaml.safe_load(path.read_text("utf-8")), _File).models
    except (OSError, ValueError, yaml.YAMLError) as error:  # msgspec's and Unicode's are ValueErrors
        raise SettingsError(f"{path}: {error}") from error
    models: dict[str, list[Entry]] = {}
    for index, entry in enumerate(entries):
        replicas = models.setdefault(entry.id, [])
        for name in ("tokenizer", "chat_template", "context_length", "end_id"):
            if replicas and getattr(entry, name) != getattr(replicas[0], name):
                where = f"{path}: models[{index}].{name}"
                raise SettingsError(f"{where}: differs from an earlier entry of the model {entry.id}")
        replicas.append(entry)
    return models
