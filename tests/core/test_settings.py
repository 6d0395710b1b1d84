"""Settings are strict: what isn't known, given or well-formed fails with the key's name."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from mesh.settings import Count, SettingsError, load


@dataclass(frozen=True)
class Example:
    data_dir: Path
    name: str = "none"
    replicas: Count = 1
    drain_seconds: float = 30.0
    verbose: bool = False
    limit: int | None = None
    folder: Path | None = None


def example(**keys: str) -> Example:
    given = {f"TOKENLOOM_DEMO_{key}": value for key, value in keys.items()}
    return load(Example, "demo", {"TOKENLOOM_DEMO_DATA_DIR": "/d", **given})


def test_defaults_and_every_type() -> None:
    assert example() == Example(Path("/d"))
    given = example(NAME="n", REPLICAS="3", DRAIN_SECONDS="0.5", VERBOSE="true", LIMIT="7", FOLDER="/f")
    assert given == Example(Path("/d"), "n", 3, 0.5, True, 7, Path("/f"))


def test_an_empty_value_is_unset() -> None:
    assert example(NAME="", LIMIT="").name == "none"


@pytest.mark.parametrize(
    ("key", "value"),
    [("REPLICAS", "many"), ("REPLICAS", "1.5"), ("DRAIN_SECONDS", "soon"), ("VERBOSE", "maybe"), ("LIMIT", "x")],
)
def test_a_malformed_value_names_its_key(key: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^TOKENLOOM_DEMO_{key}: '{value}'"):
        example(**{key: value})


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(SettingsError, match=r"^TOKENLOOM_DEMO_REPLICS: there is no such setting"):
        example(REPLICS="2")


def test_a_missing_key_is_named() -> None:
    with pytest.raises(SettingsError, match=r"^TOKENLOOM_DEMO_DATA_DIR: required"):
        load(Example, "demo", {})


def test_a_value_out_of_range_is_named() -> None:
    with pytest.raises(SettingsError, match=r"TOKENLOOM_DEMO_REPLICAS: '0' is wrong: Expected `int` >= 1"):
        example(REPLICAS="0")


def test_keys_of_others_are_left_alone() -> None:
    assert load(Example, "demo", {"TOKENLOOM_DEMO_DATA_DIR": "/d", "TOKENLOOM_OTHER_X": "1", "HOME": "/"}).replicas == 1
    assert load(Example, "", {"TOKENLOOM_DATA_DIR": "/d", "TOKENLOOM_OTHER_X": "1"}).data_dir == Path("/d")
