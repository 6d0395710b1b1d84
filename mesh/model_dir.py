"""A model's directory for the bundled Triton: checked before anything starts, and described to the services."""

import re
from pathlib import Path
from typing import Any

import jinja2
import msgspec
import psutil
import tokenizers
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
    """Raises Refused when the engine couldn't serve the model, or nothing could render its prompts."""
    demand(directory.is_dir(), f"the model directory {directory} doesn't exist")
    names = ("openvino_model.xml", "openvino_model.bin", "tokenizer.json")
    graph, weights, words = (directory / name for name in names)
    if not graph.exists():
        foreign = [*directory.glob("*.safetensors"), *directory.glob("pytorch_model*.bin")]
        demand(not foreign, f"{directory} is a Hugging Face model: {CONVERT.format(directory)}")
        raise Refused(f"{directory} has no openvino_model.xml: it must hold a model in OpenVINO's format")
    for file in (weights, words, directory / "config.json"):
        demand(file.exists(), f"{file} is missing")
    context_length(directory)
    text, size = graph.read_text(errors="replace"), weights.stat().st_size
    demand(text.rstrip().endswith("</net>"), f"{graph} is damaged: it isn't a whole OpenVINO graph")
    stateless = f"{graph} isn't a stateful text model: export it with --task text-generation-with-past"
    demand('"beam_idx"' in text, stateless)
    pieces = re.findall(r'offset="(\d+)" size="(\d+)"', text)
    expected = max((int(at) + int(length) for at, length in pieces), default=0)
    demand(size >= expected, f"{weights} is damaged: {size} bytes instead of {expected}")
    needed, free = size * MEMORY_FACTOR / 2**30, psutil.virtual_memory().available / 2**30
    demand(needed <= free, f"{weights} needs about {needed:.1f} GiB of memory, and {free:.1f} GiB are free")
    try:
        tokenizers.Tokenizer.from_file(str(words))
    except Exception as error:  # The library raises bare ones.
        raise Refused(f"{words} can't be read: {error}") from error
    try:
        jinja2.Environment(extensions=["jinja2.ext.loopcontrols"], autoescape=False).parse(_template(directory))  # noqa: S701 (parsed, not rendered)
    except jinja2.TemplateSyntaxError as error:
        raise Refused(f"the chat template in {directory} is broken in line {error.lineno}: {error.message}") from error


def context_length(directory: Path) -> int:
    """The model's window in tokens. Raises Refused when config.json doesn't say."""
    length = _json(directory / "config.json").get("max_position_embeddings")
    if not isinstance(length, int) or length < 1:
        raise Refused(f"{directory}/config.json has no max_position_embeddings (the context length)")
    return length


def describe(directory: Path, *, address: str, metrics: str, paced: bool) -> str:
    """The models file (YAML) of a bundled Triton that serves `directory`, and the test model if `paced`."""
    models = [{"id": directory.name, "model": "tensorrt_llm", "context_length": context_length(directory)}]
    if paced:
        own = {"context_length": PACED_CONTEXT_LENGTH, "chat_template": str(PACED_TEMPLATE)}
        models.append({"id": "paced", "model": "paced", **own})
    common = {"address": address, "metrics": metrics, "dialect": "inflight_batcher_llm", "tokenizer": str(directory)}
    return yaml.safe_dump({"models": [model | common | {"supervised": True} for model in models]}, sort_keys=False)


def _template(directory: Path) -> str:
    file, config = directory / "chat_template.jinja", directory / "tokenizer_config.json"
    template = file.read_text() if file.exists() else _json(config).get("chat_template") if config.exists() else None
    if not isinstance(template, str):
        where = "chat_template.jinja, or chat_template in tokenizer_config.json"
        raise Refused(f"{directory} has no chat template ({where})")
    return template


def _json(file: Path) -> dict[str, Any]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise Refused(f"{file} isn't valid JSON: {error}") from error
