"""A model directory that can't be served is refused with one line that says what is wrong with it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from mesh import model_dir
from mesh.data_dir import Refused

Damage = Callable[[Path], object]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return Path(shutil.copytree(model_dir.BUNDLED, tmp_path / "model"))


def test_the_bundled_model_passes(directory: Path) -> None:
    model_dir.check(directory)
    assert model_dir.context_length(directory) >= 2048


def without_template(directory: Path) -> None:
    (directory / "chat_template.jinja").unlink()
    config = directory / "tokenizer_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"chat_template": None}))


def hugging_face(directory: Path) -> None:
    (directory / "openvino_model.xml").unlink()
    (directory / "model.safetensors").touch()


def truncate(name: str) -> Damage:
    return lambda directory: (directory / name).write_bytes((directory / name).read_bytes()[:-100])


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda d: (d / "tokenizer.json").unlink(), "tokenizer.json is missing"),
        (truncate("tokenizer.json"), "tokenizer.json can't be read"),
        (without_template, "no chat template"),
        (lambda d: (d / "chat_template.jinja").write_text("{% for x"), "chat template .* is broken in line 1"),
        (lambda d: (d / "openvino_model.bin").unlink(), "openvino_model.bin is missing"),
        (truncate("openvino_model.bin"), r"openvino_model.bin is damaged: \d+ bytes instead of \d+"),
        (truncate("openvino_model.xml"), "openvino_model.xml is damaged"),
        (lambda d: (d / "openvino_model.xml").write_text("<net></net>"), "isn't a stateful text model"),
        (lambda d: (d / "openvino_model.xml").unlink(), "has no openvino_model.xml"),
        (hugging_face, "is a Hugging Face model: convert it first"),
        (lambda d: (d / "config.json").unlink(), "config.json is missing"),
        (lambda d: (d / "config.json").write_text("{}"), "no max_position_embeddings"),
        (truncate("config.json"), "config.json isn't valid JSON"),
        (shutil.rmtree, "doesn't exist"),
    ],
)
def test_damage_is_named(directory: Path, damage: Damage, complaint: str) -> None:
    damage(directory)
    with pytest.raises(Refused, match=complaint) as refusal:
        model_dir.check(directory)
    assert "\n" not in str(refusal.value)


def test_a_model_larger_than_memory_is_refused(directory: Path) -> None:
    with (directory / "openvino_model.bin").open("r+b") as weights:
        weights.truncate(1 << 43)  # 8 TiB, of which the disk holds nothing.
    with pytest.raises(Refused, match=r"needs about .* GiB of memory"):
        model_dir.check(directory)


def test_the_description_lists_the_test_model_only_when_asked(directory: Path) -> None:
    text = model_dir.describe(directory, address="127.0.0.1:1", metrics="http://127.0.0.1:2/metrics", paced=False)
    (entry,) = yaml.safe_load(text)["models"]
    assert entry["id"] == "model"
    assert entry["address"] == "127.0.0.1:1"
    assert entry["context_length"] == model_dir.context_length(directory)
    text = model_dir.describe(model_dir.BUNDLED, address="a:1", metrics="http://a:2/metrics", paced=True)
    assert [it["id"] for it in yaml.safe_load(text)["models"]] == ["tokenloom-mini", "paced"]
