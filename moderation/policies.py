"""Word policies: YAML files in one directory, checked strictly, loaded again when they change.

A broken edit never takes rails away: the set that was loaded last stays in force, and the log names file and key.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
import yaml

from moderation.matcher import Words
from tokenloom.moderation.v1.moderation_pb2 import Verdict

CATEGORIES = frozenset(
    (
        *(
            "harassment",
            "harassment/threatening",
            "hate",
            "hate/threatening",
            "illicit",
            "illicit/violent",
            "self-harm",
        ),
        *("self-harm/intent", "self-harm/instructions", "sexual", "sexual/minors", "violence", "violence/graphic"),
    )
)
INPUT, OUTPUT = "input", "output"
_KEYS = ("name", "category", "applies_to", "words", "refusal")
_log = structlog.get_logger()

Fingerprint = tuple[tuple[str, int, int], ...]


class PolicyError(Exception):
    """A policy file can't be used; the message names the file and the key."""


@dataclass(frozen=True, slots=True)
class Policies:
    """One version of all policies. `version` changes when any of their files does."""

    input: Words[Verdict]
    output: Words[Verdict]
    version: str
    names: tuple[str, ...]


class _Loader(yaml.CSafeLoader):
    """Refuses a key that is given twice, where YAML would quietly keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        if twice := sorted({str(key) for key in keys if keys.count(key) > 1}):
            raise PolicyError(f"{twice[0]}: given twice")
        return super().construct_mapping(node, deep)


def load(directory: Path) -> Policies:
    """Reads every *.yaml of the directory, in the order of their names. Raises PolicyError; reads files, so blocks."""
    sides: dict[str, list[tuple[str, Verdict]]] = {INPUT: [], OUTPUT: []}
    names: dict[str, str] = {}
    digest = hashlib.sha256()
    for path in _files(directory):
        try:
            raw = path.read_bytes()
            digest.update(b"%d:%s" % (len(raw), raw))
            verdict, applies_to, words = _policy(yaml.load(raw, _Loader))  # noqa: S506 # A safe loader, made stricter.
            if verdict.policy in names:
                raise PolicyError(f"name: {verdict.policy!r} is the name of {names[verdict.policy]} too")
        except (PolicyError, yaml.YAMLError, OSError, UnicodeDecodeError) as error:
            raise PolicyError(f"{path.name}: {error}") from error
        names[verdict.policy] = path.name
        for side in applies_to:
            sides[side] += [(word, verdict) for word in words]
    if not names:
        raise PolicyError(f"{directory}: no *.yaml there")
    return Policies(Words(sides[INPUT]), Words(sides[OUTPUT]), digest.hexdigest()[:16], tuple(names))


def _policy(data: object) -> tuple[Verdict, Sequence[str], Sequence[str]]:
    if not isinstance(data, dict):
        raise PolicyError(f"must be a mapping with {', '.join(_KEYS)}")
    for key in data:
        if key not in _KEYS:
            raise PolicyError(f"{key}: there is no such key; known are {', '.join(_KEYS)}")
    name, category, refusal = (_text(data, key) for key in ("name", "category", "refusal"))
    if category not in CATEGORIES:
        raise PolicyError(f"category: must be one of {', '.join(sorted(CATEGORIES))}")
    applies_to, words = _texts(data, "applies_to"), _texts(data, "words")
    for index, side in enumerate(applies_to):
        if side not in (INPUT, OUTPUT):
            raise PolicyError(f"applies_to[{index}]: must be {INPUT} or {OUTPUT}")
    for index, word in enumerate(words):
        try:
            Words([(word, None)])
        except ValueError as error:
            raise PolicyError(f"words[{index}]: {error}") from error
    return Verdict(category=category, policy=name, refusal=refusal), applies_to, words


def _text(data: dict[str, object], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value.strip():
        raise PolicyError(f"{key}: must be a text")
    return value.strip()


def _texts(data: dict[str, object], key: str) -> list[str]:
    value = data.get(key)
    if not isinstance(value, list) or not value:
        raise PolicyError(f"{key}: must be a list of texts, one at least")
    for index, item in enumerate(value):
        if not isinstance(item, str):
            raise PolicyError(f"{key}[{index}]: must be a text; put {item!r} in quotes")
    return value


class PolicyDirectory:
    """The policies in force. Raises PolicyError when they can't be loaded at the start."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._seen = _fingerprint(directory)
        self.current = load(directory)

    async def watch(self, every_seconds: float) -> None:
        """Runs until cancelled: looks for changes and loads them, off the loop."""
        while True:
            await asyncio.sleep(every_seconds)
            await asyncio.to_thread(self.refresh)

    def refresh(self) -> None:
        """Loads the files again if they changed. What can't be loaded is logged, and changes nothing."""
        try:
            seen = _fingerprint(self._directory)
            if seen == self._seen:
                return
            self._seen = seen
            self.current = load(self._directory)
        except (PolicyError, OSError) as error:
            _log.error("policies not loaded, the old ones stay", error=str(error), version=self.current.version)
        else:
            _log.info("policies loaded", version=self.current.version, policies=self.current.names)


def _files(directory: Path) -> list[Path]:
    return sorted(directory.glob("*.yaml"))


def _fingerprint(directory: Path) -> Fingerprint:
    stats = [(path.name, path.stat()) for path in _files(directory)]
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)
