"""Word policies: YAML files in one directory, checked strictly, loaded again when they change.

A broken edit never takes rails away: the set that was loaded last stays in force, and the log names file and key.
"""

import asyncio
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import msgspec
import structlog
import yaml

from mesh.settings import SettingsError
from moderation.matcher import Words, fold
from tokenloom.moderation.v1.moderation_pb2 import Verdict

_log = structlog.get_logger(__name__)
_Text = Annotated[str, msgspec.Meta(pattern=r"\S")]
_Category = Literal[
    "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm",
    "self-harm/intent", "self-harm/instructions", "sexual", "sexual/minors", "violence", "violence/graphic",
]  # fmt: skip


class _File(msgspec.Struct, forbid_unknown_fields=True):
    name: _Text
    category: _Category
    applies_to: Annotated[list[Literal["input", "output"]], msgspec.Meta(min_length=1)]
    words: Annotated[list[str], msgspec.Meta(min_length=1)]
    refusal: _Text

    def __post_init__(self) -> None:
        for index, word in enumerate(self.words):
            if not fold(word):
                raise ValueError(f"words[{index}]: nothing visible in it")


class Policies(NamedTuple):
    """The words of all policies, by the side that they apply to."""

    input: Words[Verdict]
    output: Words[Verdict]


def load(directory: Path) -> Policies:
    """Reads every *.yaml of the directory, in the order of their names; blocks. Raises SettingsError: file and key."""
    words: dict[str, list[tuple[str, Verdict]]] = {"input": [], "output": []}
    files: dict[str, str] = {}
    for path in sorted(directory.glob("*.yaml")):
        try:
            raw = path.read_bytes()
            file = msgspec.yaml.decode(raw, type=_File)
            keys = [key.value for key, _ in yaml.compose(raw, yaml.CSafeLoader).value]  # type: ignore[union-attr]
            if twice := [key for key in keys if keys.count(key) > 1]:  # YAML would quietly keep the last.
                raise SettingsError(f"{twice[0]}: given twice")
            if file.name in files:
                raise SettingsError(f"name: {file.name!r} is the name of {files[file.name]} too")
        except (SettingsError, msgspec.DecodeError, OSError) as error:
            raise SettingsError(f"{path}: {error}") from error
        files[file.name] = path.name
        verdict = Verdict(category=file.category, policy=file.name, refusal=file.refusal)
        for side in file.applies_to:
            words[side] += [(word, verdict) for word in file.words]
    if not files:
        raise SettingsError(f"{directory}: no *.yaml there")
    return Policies(Words(words["input"]), Words(words["output"]))


class PolicyDirectory:
    """The policies in force. Raises SettingsError when they can't be loaded at the start."""

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
            if (stamp := self._stamp()) != self._seen:
                self._seen = stamp
                self.current = load(self._directory)
                _log.info("policies loaded")
        except (SettingsError, OSError) as error:
            _log.error("policies not loaded, the old ones stay", error=str(error))

    def _stamp(self) -> list[tuple[str, int, int]]:
        stats = [(path.name, path.stat()) for path in sorted(self._directory.glob("*.yaml"))]
        return [(name, stat.st_mtime_ns, stat.st_size) for name, stat in stats]
