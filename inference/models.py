"""The models file: which models there are, where their replicas answer, and where their tokenizers lie."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
import yaml

from mesh.settings import SettingsError

Text = Annotated[str, msgspec.Meta(min_length=1)]


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
