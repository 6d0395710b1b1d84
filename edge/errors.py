"""What goes wrong, as HTTP and OpenAI's error object say it. The one place that maps the mesh's faults."""

import functools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
import structlog

from mesh import faults

log = structlog.get_logger("edge")
_STATUS = {"INVALID_ARGUMENT": 400, "UNAUTHENTICATED": 401, "NOT_FOUND": 404, "ALREADY_EXISTS": 409}
_STATUS |= {"RESOURCE_EXHAUSTED": 429, "UNAVAILABLE": 503, "DEADLINE_EXCEEDED": 504}  # Of gRPC's codes; 500 else.
_NAMES = {"choices": "n", "page_token": "after"}  # Of the mesh's fields, as HTTP spells them.
_CHARACTERS = 500  # Of a message; it may quote what was sent.


@dataclass(eq=False)
class HttpError(Exception):
    """An error answer. `param` is the request's field at fault, `code` the reason in snake case."""

    status: int
    code: str
    message: str
    param: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        """OpenAI's error object, as JSON."""
        text = self.message if len(self.message) <= _CHARACTERS else f"{self.message[:_CHARACTERS]}..."
        kind = "rate_limit_error" if self.status == 429 else "server_error" if self.status >= 500 else ""
        error = {"message": text, "type": kind or "invalid_request_error", "param": self.param or None}
        return msgspec.json.encode({"error": {**error, "code": self.code}})


class ClientGone(Exception):
    """The client went away before its answer ended."""


def invalid(param: str, message: str, code: str = "invalid_field") -> HttpError:
    """A 400 for one field, or for the body as a whole when the field is empty."""
    return HttpError(400, code, f"{param or 'body'}: {message}", param=param)


unsupported = functools.partial(invalid, code="unsupported_parameter")
"""A 400 for what the engine can't do, where leaving it out would change the answer."""


def from_exception(error: BaseException, **renamed: str) -> HttpError:
    """The answer for what was raised; a bug's text stays in the log. `renamed` is what this caller calls fields."""
    while isinstance(error, BaseExceptionGroup):  # Of several, the first.
        error = error.exceptions[0]
    if isinstance(error, HttpError):
        return error
    if (fault := faults.find(error)) is None:
        log.error("unexpected error", exc_info=error)
        return HttpError(500, "internal", "The server had an error while processing the request")
    status = _STATUS.get(fault.code.name, 500)
    param = re.sub(r"\.parts\b", ".content", fault.field.removeprefix("sampling."))
    param = {**_NAMES, **renamed}.get(param, param)
    headers = {"retry-after": str(max(1, math.ceil(fault.retry_after or 1)))} if status in (429, 503) else {}
    return HttpError(status, fault.reason.lower(), fault.message.replace(fault.field, param), param, headers)
