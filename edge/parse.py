"""Bytes to a checked body. Whatever is wrong with them, the caller learns which field and what was expected."""

import json
import math
import re
from typing import Any, TypeVar

import msgspec

from edge.errors import HttpError, invalid

T = TypeVar("T")

_WHERE = re.compile(r"^(.*?)(?: - at (`key` in )?`\$\.?(.*)`)?$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(.*)`$")
_DEEP = re.compile(rb'"([^"\\]{1,64})"\s*:\s*(?:[\[{][\s\w":]*){16}')  # Of a body that the parser finds too deep.
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse(kind: type[T], body: bytes) -> T:
    """Reads a body. Raises a 400 that names the field at fault."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        message, key, param = _WHERE.findall(str(error))[0]
        if missing := _MISSING.match(message):
            param, message = f"{param}.{missing[1]}".lstrip("."), "is required"
        raise invalid(param.removesuffix("[...]"), f"a key: {message}" if key else message) from None
    except RecursionError:
        name = _DEEP.search(body)
        raise invalid(name[1].decode("utf-8", "replace") if name else "", "is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _find_unreadable(body)
        reason = str(error) if isinstance(error, msgspec.DecodeError) else "it is not UTF-8"
        raise HttpError(400, "invalid_json", f"The body is not valid JSON: {reason}") from None


def _find_unreadable(body: bytes) -> None:
    """Raises for what makes almost-JSON unreadable: NaN, an infinity, or text that is no Unicode."""
    try:
        stack: list[tuple[str, Any]] = [("", json.loads(body.decode("utf-8", "surrogateescape")))]
    except (ValueError, RecursionError):
        return
    while stack:
        path, value = stack.pop()
        if isinstance(value, float) and not math.isfinite(value):
            raise invalid(path, "expected a finite number")
        if isinstance(value, list):
            stack += [(f"{path}[{i}]", item) for i, item in enumerate(value)]
        texts = [value] if isinstance(value, str) else []
        if isinstance(value, dict):
            stack += [(f"{path}.{name}".lstrip("."), item) for name, item in value.items()]
            texts = list(value)
        if any(_SURROGATE.search(text) for text in texts):
            raise invalid(path, "expected Unicode text in UTF-8, without lone surrogates")
