"""Word policies: YAML files in one directory, checked strictly, loaded again when they change.

A broken edit never takes rails away: the set that was loaded last stays in force, and the log names file and key.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
import yaml

from moderation.matcher import Words, fold
from tokenloom.moderation.v1.moderation_pb2 import Verdict

_CATEGORIES = (
    *("harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm"),
    *("self-harm/intent", "self-harm/instructions", "sexual", "sexual/minors", "violence", "violence/graphic"),
)
_SIDES = ("input", "output")
_KEYS = ("name", "category", "applies_to", "words", "refusal")
_log = structlog.get_logger()


class PolicyError(Exception):
    """A policy file can't be used; the message names the file and the key."""


@dataclass(frozen=True, slots=True)
class Policies:
    """One version of all policies. `version` changes when any of their files does."""

    input: Words[Verdict]
    output: Words[Verdict]
    version: str


class _Loader(yaml.CSafeLoader):
    """Refuses a key that is given twice, where YAML would quietly keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [str(key.value) for key, _ in node.value]
        for key in keys:
            _demand(keys.count(key) == 1, key, "given twice")
        return super().construct_mapping(node, deep)


def load(directory: Path) -> Policies:
    """Reads every *.yaml of the directory, in the order of their names. Raises PolicyError; reads files, so blocks."""
    words: dict[str, list[tuple[str, Verdict]]] = {side: [] for side in _SIDES}
    files: dict[str, str] = {}
    digest = hashlib.sha256()
    for path in sorted(directory.glob("*.yaml")):
        try:
            raw = path.read_bytes()
            digest.update(b"%d:%s" % (len(raw), raw))
            data = yaml.load(raw, _Loader)  # noqa: S506 # A safe loader, made stricter.
            _check(data)
            name = data["name"]
            _demand(name not in files, "name", f"{name!r} is the name of {files.get(name)} too")
        except (PolicyError, yaml.YAMLError, OSError) as error:
            raise PolicyError(f"{path.name}: {error}") from error
        files[name] = path.name
        verdict = Verdict(category=data["category"], policy=name, refusal=data["refusal"])
        for side in data["applies_to"]:
            words[side] += [(word, verdict) for word in data["words"]]
    if not files:
        raise PolicyError(f"{directory}: no *.yaml there")
    return Policies(Words(words["input"]), Words(words["output"]), digest.hexdigest()[:16])


def _check(data: Any) -> None:
    if not isinstance(data, dict):
        raise PolicyError(f"must be a mapping with {', '.join(_KEYS)}")
    for key in data:
        _demand(key in _KEYS, key, f"there is no such key; known are {', '.join(_KEYS)}")
    for key in ("name", "category", "refusal"):
        _demand(isinstance(data.get(key), str) and data[key].strip(), key, "must be a text")
    _demand(data["category"] in _CATEGORIES, "category", f"must be one of {', '.join(_CATEGORIES)}")
    for key in ("applies_to", "words"):
        _demand(isinstance(data.get(key), list) and data[key], key, "must be a list of texts, one at least")
        for index, item in enumerate(data[key]):
            _demand(isinstance(item, str), f"{key}[{index}]", f"must be a text; put {item!r} in quotes")
    for index, side in enumerate(data["applies_to"]):
        _demand(side in _SIDES, f"applies_to[{index}]", f"must be one of {', '.join(_SIDES)}")
    for index, word in enumerate(data["words"]):
        _demand(fold(word), f"words[{index}]", "has nothing visible in it")


def _demand(holds: object, key: str, complaint: str) -> None:
    if not holds:
        raise PolicyError(f"{key}: {complaint}")


class PolicyDirectory:
    """The policies in force. Raises PolicyError when they can't be loaded at the start."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._seen = self._stamp()
        self.current = load(directory)

    async def watch(self, every_seconds: float) -> None:
        """Runs until cancelled: looks for changes and loads them, off the loop."""
        while True:
            await asyncio.sleep(every_seconds)
            await asyncio.to_thread(self.refresh)

    def refresh(self) -> None:
        """Loads the files again if they changed. What can't be loaded is logged, and changes nothing."""
        try:
            if (stamp := self._stamp()) == self._seen:
                return
            self._seen = stamp
            self.current = load(self._directory)
        except (PolicyError, OSError) as error:
            _log.error("policies not loaded, the old ones stay", error=str(error), version=self.current.version)
        else:
            _log.info("policies loaded", version=self.current.version)

    def _stamp(self) -> list[tuple[str, int, int]]:
        stats = [(path.name, path.stat()) for path in sorted(self._directory.glob("*.yaml"))]
        return [(name, stat.st_mtime_ns, stat.st_size) for name, stat in stats]
