"""A model's directory for the bundled Triton: looked at before anything starts, and described to the services."""

import json
from pathlib import Path

import psutil
import yaml

from mesh.data_dir import Refused, demand

ROOT = Path(__file__).resolve().parents[1]
BUNDLED = ROOT / "models" / "tokenloom-mini"
PACED_TEMPLATE = ROOT / "triton_models" / "cpu" / "paced" / "chat_template.jinja"
PACED_CONTEXT_LENGTH = 131_072
MEMORY_FACTOR = 1.3  # Memory the engine takes for each byte of weights, its caches included.
CONVERT = (
    "convert it first with optimum-intel (pip install 'optimum-intel[openvino]'): "
    "optimum-cli export openvino -m {0} --task text-generation-with-past --weight-format int8 {0}-ir"
)


def check(directory: Path) -> None:
    """Raises Refused for another kind of model, or a part of one. What is damaged, the engine or inference names."""
    demand(directory.is_dir(), f"the model directory {directory} doesn't exist")
    if not (directory / "openvino_model.xml").exists():
        foreign = [*directory.glob("*.safetensors"), *directory.glob("pytorch_model*.bin")]
        demand(not foreign, f"{directory} is a Hugging Face model: {CONVERT.format(directory)}")
        raise Refused(f"{directory} has no openvino_model.xml: it must hold a model in OpenVINO's format")
    weights = directory / "openvino_model.bin"
    for file in (weights, directory / "tokenizer.json", directory / "config.json"):
        demand(file.exists(), f"{file} is missing")
    context_length(directory)
    needed, free = weights.stat().st_size * MEMORY_FACTOR / 2**30, psutil.virtual_memory().available / 2**30
    demand(needed <= free, f"{weights} needs about {needed:.1f} GiB of memory, and {free:.1f} GiB are free")


def context_length(directory: Path) -> int:
    """The model's window in tokens. Raises Refused when config.json doesn't say."""
    try:
        length = int(json.loads((directory / "config.json").read_bytes())["max_position_embeddings"])
    except (ValueError, LookupError, TypeError) as error:
        complaint = f"{directory}/config.json has no max_position_embeddings (the context length): {error!r}"
        raise Refused(complaint) from error
    return length


def describe(directory: Path, *, address: str, metrics: str, paced: bool) -> str:
    """The models file (YAML) of a bundled Triton that serves `directory`, and the test model if `paced`."""
    models = [{"id": directory.name, "model": "tensorrt_llm", "context_length": context_length(directory)}]
    if paced:
        own = {"context_length": PACED_CONTEXT_LENGTH, "chat_template": str(PACED_TEMPLATE)}
        models.append({"id": "paced", "model": "paced", **own})
    common = {"address": address, "metrics": metrics, "dialect": "inflight_batcher_llm", "tokenizer": str(directory)}
    return yaml.safe_dump({"models": [model | common | {"supervised": True} for model in models]}, sort_keys=False)
