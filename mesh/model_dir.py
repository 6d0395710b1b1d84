"""A model's directory for the bundled Triton: checked before anything starts, and described to the services."""

import json
import re
from pathlib import Path
from typing import Any

import jinja2
import psutil
import tokenizers
import yaml

from mesh.data_dir import Refused

ROOT = Path(__file__).resolve().parents[1]
BUNDLED = ROOT / "models" / "tokenloom-mini"
BUNDLED_ID = "tokenloom-mini"
PACED_TEMPLATE = ROOT / "triton_models" / "cpu" / "paced" / "chat_template.jinja"
PACED_CONTEXT_LENGTH = 131_072
MEMORY_FACTOR = 1.3
"""Memory the engine takes for each byte of weights, its caches included."""

CONVERT = (
    "convert it first with optimum-intel (pip install 'optimum-intel[openvino]'): "
    "optimum-cli export openvino -m {0} --task text-generation-with-past --weight-format int8 {0}-ir"
)


def check(directory: Path) -> None:
    """Raises Refused when the engine couldn't serve the model, or nothing could render its prompts."""
    if not directory.is_dir():
        raise Refused(f"the model directory {directory} doesn't exist")
    graph, weights = directory / "openvino_model.xml", directory / "openvino_model.bin"
    if not graph.exists():
        if any(directory.glob("*.safetensors")) or any(directory.glob("pytorch_model*.bin")):
            raise Refused(f"{directory} is a Hugging Face model: {CONVERT.format(directory)}")
        raise Refused(f"{directory} has no openvino_model.xml: it must hold a model in OpenVINO's format")
    _check_weights(graph, weights)
    try:
        tokenizers.Tokenizer.from_file(str(_present(directory / "tokenizer.json")))
    except Exception as error:  # The library raises bare Exception.
        raise Refused(f"{directory}/tokenizer.json can't be read: {error}") from error
    try:
        jinja2.Environment(extensions=["jinja2.ext.loopcontrols"], autoescape=False).parse(_template(directory))  # noqa: S701 (parsed, not rendered)
    except jinja2.TemplateSyntaxError as error:
        raise Refused(f"the chat template in {directory} is broken in line {error.lineno}: {error.message}") from error
    context_length(directory)


def context_length(directory: Path) -> int:
    """The model's window in tokens. Raises Refused when config.json doesn't say."""
    config = _json(_present(directory / "config.json"))
    length = config.get("max_position_embeddings")
    if not isinstance(length, int) or length < 1:
        raise Refused(f"{directory}/config.json has no max_position_embeddings (the context length)")
    return length


def describe(directory: Path, *, address: str, metrics: str, paced: bool) -> str:
    """The models file (YAML) of a bundled Triton that serves `directory`, and the test model if `paced`."""
    common = {
        "address": address,
        "metrics": metrics,
        "dialect": "inflight_batcher_llm",
        "tokenizer": str(directory),
        "supervised": True,
    }
    name = BUNDLED_ID if directory == BUNDLED else directory.name
    models = [{"id": name, "model": "tensorrt_llm", "context_length": context_length(directory), **common}]
    if paced:
        paced_only = {"chat_template": str(PACED_TEMPLATE), "context_length": PACED_CONTEXT_LENGTH}
        models.append({"id": "paced", "model": "paced", **paced_only, **common})
    return yaml.safe_dump({"models": models}, sort_keys=False)


def _check_weights(graph: Path, weights: Path) -> None:
    text = graph.read_text(errors="replace")
    if not text.rstrip().endswith("</net>"):
        raise Refused(f"{graph} is damaged: it isn't a whole OpenVINO graph")
    if '"beam_idx"' not in text:
        raise Refused(f"{graph} isn't a stateful text model: export it with --task text-generation-with-past")
    pieces = re.finditer(r'offset="(\d+)" size="(\d+)"', text)
    expected = max((int(piece[1]) + int(piece[2]) for piece in pieces), default=0)
    size = _present(weights).stat().st_size
    if size < expected:
        raise Refused(f"{weights} is damaged: {size} bytes instead of {expected}")
    free = psutil.virtual_memory().available
    if size * MEMORY_FACTOR > free:
        needed = size * MEMORY_FACTOR / 2**30
        raise Refused(f"{weights} needs about {needed:.1f} GiB of memory, and {free / 2**30:.1f} GiB are free")


def _template(directory: Path) -> str:
    file = directory / "chat_template.jinja"
    if file.exists():
        return file.read_text()
    config = directory / "tokenizer_config.json"
    template = _json(config).get("chat_template") if config.exists() else None
    if not isinstance(template, str):
        raise Refused(
            f"{directory} has no chat template (chat_template.jinja, or chat_template in tokenizer_config.json)"
        )
    return template


def _json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_bytes())
    except ValueError as error:
        raise Refused(f"{file} isn't valid JSON: {error}") from error
    if not isinstance(content, dict):
        raise Refused(f"{file} isn't a JSON object")
    return content


def _present(file: Path) -> Path:
    if not file.exists():
        raise Refused(f"{file} is missing")
    return file
