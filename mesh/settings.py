"""Settings from the environment, strict: one frozen dataclass a service, and no key that it doesn't know."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
_BOOLS = {"1": True, "true": True, "0": False, "false": False}


class SettingsError(Exception):
    """A key is unknown, missing or malformed; the message begins with the key."""


def load(cls: type[T], prefix: str, environ: Mapping[str, str]) -> T:
    """Builds the frozen dataclass `cls`: its field `drain_seconds` comes from TOKENLOOM_<PREFIX>_DRAIN_SECONDS.

    Fields are str, int, float, bool (1, 0, true, false), Path, or one of these | None; an empty value counts as unset.
    Raises SettingsError for a missing key without default, a value that isn't of the type, and a key with this prefix
    that no field has. With an empty prefix other keys aren't looked at, since they belong to others.
    """
    start = f"TOKENLOOM_{prefix.upper()}_" if prefix else "TOKENLOOM_"
    hints = typing.get_type_hints(cls)
    fields = dataclasses.fields(cls)  # type: ignore[arg-type] # Any dataclass; there is no bound for it.
    keys = {start + field.name.upper(): field for field in fields}
    if prefix and (unknown := sorted(key for key in environ if key.startswith(start) and key not in keys)):
        raise SettingsError(f"{unknown[0]}: there is no such setting; known are {', '.join(sorted(keys))}")
    values: dict[str, object] = {}
    for key, field in keys.items():
        if text := environ.get(key):
            values[field.name] = _parse(key, text, hints[field.name])
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise SettingsError(f"{key}: required")
    try:
        return cls(**values)
    except ValueError as error:  # __post_init__ checks ranges; its message names the field.
        raise SettingsError(f"{start}: {error}") from error


def _parse(key: str, text: str, kind: object) -> object:
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        kind = next(inner for inner in typing.get_args(kind) if inner is not types.NoneType)
    try:
        if kind is bool:
            return _BOOLS[text.lower()]
        if kind in (str, int, float, Path):
            return kind(text)
    except (ValueError, KeyError):
        name = getattr(kind, "__name__", str(kind))
        raise SettingsError(f"{key}: {text!r} is not a valid {name}") from None
    raise TypeError(f"{key}: a setting can't be of type {kind}")
