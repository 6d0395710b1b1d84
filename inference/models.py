"""The models file: which models there are, where their replicas answer, and where their tokenizers lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mesh.settings import SettingsError


class ModelsFileError(SettingsError):
    """The models file can't be used; the message names the file, the entry and the key."""


@dataclass(frozen=True)
class Replica:
    """One Triton server that serves a model."""

    address: str
    """host:port of its gRPC server."""
    model: str
    """The model's name in that server."""
    metrics: str = ""
    """URL of its Prometheus metrics, for `tokenloom status`."""
    supervised: bool = False
    """Whether it is the supervisor's own, which restarts it when asked."""


@dataclass(frozen=True)
class ModelEntry:
    """A model that can be asked for, with all its replicas."""

    id: str
    tokenizer: Path
    """Directory in Hugging Face's layout: tokenizer.json, tokenizer_config.json, chat_template.jinja, ..."""
    context_length: int
    """Prompt and reply together, in tokens."""
    chat_template: Path | None = None
    """Used instead of the template in the tokenizer's directory."""
    end_id: int | None = None
    """The end token sent to the engine, instead of the first of generation_config.json."""
    dialect: str = "inflight_batcher_llm"
    replicas: tuple[Replica, ...] = ()


# key: (type, required)
_KEYS: Mapping[str, tuple[type, bool]] = {
    "id": (str, True),
    "address": (str, True),
    "metrics": (str, False),
    "model": (str, True),
    "dialect": (str, True),
    "tokenizer": (str, True),
    "chat_template": (str, False),
    "context_length": (int, True),
    "end_id": (int, False),
    "supervised": (bool, False),
}
_NAMES = {str: "text", int: "a whole number", bool: "true or false"}


def load_models(path: Path) -> list[ModelEntry]:
    """Reads the models file; paths in it are relative to its directory. Entries with one id are replicas of one model.

    Raises ModelsFileError for whatever isn't as the format says.
    """
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ModelsFileError(f"{path}: {error}") from error
    if not isinstance(data, dict) or set(data) != {"models"} or not isinstance(data["models"], list):
        raise ModelsFileError(f"{path}: one key, models, with a list of entries is needed")
    if not data["models"]:
        raise ModelsFileError(f"{path}: models: at least one entry is needed")
    models: dict[str, ModelEntry] = {}
    for index, item in enumerate(data["models"]):
        where = f"{path}: models[{index}]"
        entry = _entry(where, item, path.parent)
        known = models.get(entry.id)
        if known is None:
            models[entry.id] = entry
            continue
        for name in ("tokenizer", "chat_template", "context_length", "end_id", "dialect"):
            if getattr(known, name) != getattr(entry, name):
                raise ModelsFileError(f"{where}.{name}: differs from an earlier entry of the model {entry.id}")
        models[entry.id] = ModelEntry(**{**vars(known), "replicas": known.replicas + entry.replicas})
    return list(models.values())


def _entry(where: str, item: Any, base: Path) -> ModelEntry:
    if not isinstance(item, dict):
        raise ModelsFileError(f"{where}: a mapping is needed")
    if unknown := [key for key in item if key not in _KEYS]:
        raise ModelsFileError(f"{where}.{unknown[0]}: unknown key; known are {', '.join(_KEYS)}")
    for key, (kind, required) in _KEYS.items():
        if key not in item:
            if required:
                raise ModelsFileError(f"{where}.{key}: required")
        elif type(item[key]) is not kind or item[key] == "":
            raise ModelsFileError(f"{where}.{key}: {_NAMES[kind]} is needed")
    host, _, port = item["address"].rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ModelsFileError(f"{where}.address: host:port is needed")
    if item["dialect"] != "inflight_batcher_llm":
        raise ModelsFileError(f"{where}.dialect: must be inflight_batcher_llm")
    if item["context_length"] < 2:
        raise ModelsFileError(f"{where}.context_length: must be at least 2")
    tokenizer = base / item["tokenizer"]
    template = base / item["chat_template"] if "chat_template" in item else None
    if not (tokenizer / "tokenizer.json").is_file():
        raise ModelsFileError(f"{where}.tokenizer: {tokenizer} holds no tokenizer.json")
    if template is not None and not template.is_file():
        raise ModelsFileError(f"{where}.chat_template: {template} is not a file")
    replica = Replica(item["address"], item["model"], item.get("metrics", ""), item.get("supervised", False))
    return ModelEntry(
        id=item["id"],
        tokenizer=tokenizer,
        context_length=item["context_length"],
        chat_template=template,
        end_id=item.get("end_id"),
        dialect=item["dialect"],
        replicas=(replica,),
    )
