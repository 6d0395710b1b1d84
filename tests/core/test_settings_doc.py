"""docs/settings.md names every setting there is, none that there isn't, and its default; docs/models.md every key."""

import dataclasses
import importlib
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from inference.settings import Entry
from mesh.node import NodeSettings
from mesh.supervisor import SERVICES, SupervisorSettings

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "settings.md").read_text()
KEY = re.compile(r"TOKENLOOM_[A-Z_]*[A-Z]")


def declared() -> dict[str, Any]:
    """The keys of all settings classes, with their defaults. The supervisor's count before a single process's."""
    found: dict[str, Any] = {}
    classes = [("", NodeSettings), ("", SupervisorSettings)]
    for service in SERVICES:
        names = vars(importlib.import_module(f"{service}.start"))
        own = names.get("Settings") or names["EdgeSettings"]
        classes.append((f"{service.upper()}_", own))
    for prefix, cls in classes:
        found |= {f"TOKENLOOM_{prefix}{field.name.upper()}": field.default for field in dataclasses.fields(cls)}
    return found


def read_by_name() -> set[str]:
    """The keys that the sources spell out."""
    sources = [path.read_text() for folder in ("mesh", *SERVICES) for path in (ROOT / folder).glob("*.py")]
    addresses = {f"TOKENLOOM_ADDRESS_{service.upper()}" for service in SERVICES}
    prefixes = {f"TOKENLOOM_{it}" for it in ("ADDRESS", *map(str.upper, SERVICES))}
    return (set(KEY.findall("\n".join(sources))) - prefixes) | addresses


def test_every_key_is_named_and_no_other() -> None:
    assert set(KEY.findall(TEXT)) == set(declared()) | read_by_name()


@pytest.mark.parametrize(("key", "default"), [it for it in declared().items() if type(it[1]) in (int, float)])
def test_defaults_are_told(key: str, default: float) -> None:
    row = re.search(rf"^\| `{key}` \|.*\| ([\d.,]+) \|$", TEXT, re.MULTILINE)
    assert row
    assert float(row[1].replace(",", "")) == default


def test_the_keys_of_the_models_file_are_told() -> None:
    text = (ROOT / "docs" / "models.md").read_text()
    example = yaml.safe_load(text.split("```yaml\n")[1].split("```")[0])
    entry = msgspec.convert(example["models"][0] | {"supervised": True}, Entry)
    assert msgspec.to_builtins(entry).keys() == example["models"][0].keys() | {"supervised"}
    assert "`supervised: true`" in text
