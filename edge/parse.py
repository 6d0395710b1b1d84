"""Bytes to a checked body. Whatever is wrong with them, the caller learns which field and what was expected."""

import json
import math
import re
from typing import Any, TypeVar

import msgspec

from edge.errors import HttpError, invalid

T = TypeVar("T")
MAX_DEPTH = 64  # For naming the field that nests too deeply; the parser's own limit is higher.

_WHERE = re.compile(r"^(.*?)(?: - at (`key` in )?`\$\.?(.*)`)?$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(.*)`$")
_TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*)"|[\[{]|[\]}]')


def parse(kind: type[T], body: bytes) -> T:
    """Reads a body. Raises a 400 that names the field at fault."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise _explain(str(error)) from None
    except RecursionError:
        param = _too_deep(body)
        raise HttpError(400, "invalid_field", f"{param or 'body'}: is nested too deeply", param=param) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        found = _unreadable(body)
        if found is not None:
            raise invalid(*found) from None
        reason = str(error) if isinstance(error, msgspec.DecodeError) else "it is not UTF-8"
        raise HttpError(400, "invalid_json", f"The body is not valid JSON: {reason}") from None


def _explain(text: str) -> HttpError:
    match = _WHERE.match(text)
    assert match is not None
    message, key, param = match[1], match[2], match[3] or ""
    if missing := _MISSING.match(message):
        param = f"{param}.{missing[1]}".lstrip(".")
        message = "is required"
    if key:
        message = f"a key: {message}"
    return (
        invalid(param.removesuffix("[...]"), message) if param else HttpError(400, "invalid_field", f"body: {message}")
    )


def _unreadable(body: bytes) -> tuple[str, str] | None:
    """Finds what makes almost-JSON unreadable: NaN, an infinity, or text that is no Unicode."""
    try:
        value = json.loads(body.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        return None
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, float) and not math.isfinite(value):
            return path or "body", "expected a finite number"
        if isinstance(value, str) and not _is_unicode(value):
            return path or "body", "expected Unicode text in UTF-8, without lone surrogates"
        if isinstance(value, list):
            stack += [(f"{path}[{i}]", item) for i, item in enumerate(value)]
        elif isinstance(value, dict):
            if not all(map(_is_unicode, value)):
                return path or "body", "expected names in UTF-8, without lone surrogates"
            stack += [(f"{path}.{name}".lstrip("."), item) for name, item in value.items()]
    return None


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _too_deep(body: bytes) -> str | None:
    """The name of the body's field that nests too deeply."""
    depth, name = 0, None
    for token in _TOKEN.finditer(body):
        if token[1] is not None:
            name = token[1] if depth == 1 else name
        else:
            depth += 1 if token[0] in b"[{" else -1
            if depth > MAX_DEPTH:
                break
    return name.decode("utf-8", "replace")[:64] if name else None
