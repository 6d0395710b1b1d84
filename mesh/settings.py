"""Settings from the environment, strict: one frozen dataclass a service, and no key that it doesn't know."""

import dataclasses
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec

T = TypeVar("T")
Seconds = Annotated[float, msgspec.Meta(gt=0)]
Count = Annotated[int, msgspec.Meta(gt=0)]


class SettingsError(Exception):
    """A key is unknown, missing or malformed; the message begins with the key."""


def load(cls: type[T], prefix: str, environ: Mapping[str, str]) -> T:
    """Builds the frozen dataclass `cls`: its field `drain_seconds` comes from TOKENLOOM_<PREFIX>_DRAIN_SECONDS.

    Fields are what msgspec makes of a string, or a Path; bool is 1, 0, true or false; an empty value counts as unset.
    Raises SettingsError for a missing key without default, a value that isn't of the type, and a key with this prefix
    that no field has. With an empty prefix other keys aren't looked at, since they belong to others.
    """
    start = f"TOKENLOOM_{prefix.upper()}_" if prefix else "TOKENLOOM_"
    fields = {start + field.name.upper(): field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    if prefix and (unknown := sorted(key for key in environ if key.startswith(start) and key not in fields)):
        raise SettingsError(f"{unknown[0]}: there is no such setting; known are {', '.join(sorted(fields))}")
    values: dict[str, object] = {}
    for key, field in fields.items():
        kind: Any = field.type
        if text := environ.get(key):
            try:
                values[field.name] = msgspec.convert(text, kind, strict=False, dec_hook=lambda path, text: path(text))
            except msgspec.ValidationError as error:
                raise SettingsError(f"{key}: {text!r} is wrong: {error}") from None
        elif field.default is dataclasses.MISSING:
            raise SettingsError(f"{key}: required")
    return cls(**values)
