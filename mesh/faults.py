"""What can go wrong, as a caller may know it: faults here, `google.rpc.Status` with typed details on the wire.

A service raises `Fault`; the boundary (mesh/serving.py) turns it into a status; a client turns the status back with
`from_rpc_error`. Whatever isn't a fault is a bug, and leaves the process as INTERNAL without its text.
"""

import grpc.aio
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

DOMAIN = "tokenloom"
DETAILS_KEY = "grpc-status-details-bin"
INTERNAL_MESSAGE = "a fault of the mesh itself; its log has the rest under the request id"
_BY_NUMBER: dict[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}
_REASONS = {  # The names of tokenloom.errors.v1.ErrorReason without their prefix, by what code they have.
    "INVALID_ARGUMENT": ("INVALID_FIELD", "CONTEXT_LENGTH_EXCEEDED", "UNSUPPORTED_PARAMETER"),
    "NOT_FOUND": ("MODEL_NOT_FOUND", "CONVERSATION_NOT_FOUND"),
    "ALREADY_EXISTS": ("ALREADY_EXISTS",),
    "UNAUTHENTICATED": ("UNAUTHENTICATED",),
    "RESOURCE_EXHAUSTED": ("OVERLOADED", "SLOW_READER"),
    "UNAVAILABLE": ("ENGINE_UNAVAILABLE", "SERVICE_UNAVAILABLE"),
    "DEADLINE_EXCEEDED": ("ENGINE_TIMEOUT", "BUDGET_EXCEEDED"),
    "INTERNAL": ("ENGINE_FAILED", "INTERNAL"),
}
CODES = {reason: grpc.StatusCode[code] for code, reasons in _REASONS.items() for reason in reasons}
RETRY_AFTER = {"OVERLOADED": 1.0, "SERVICE_UNAVAILABLE": 1.0, "ENGINE_UNAVAILABLE": 3.0}


class Fault(Exception):
    """What went wrong, as the caller may know it.

    The reason says which `code` it has, and after how many seconds, `retry_after`, another try may help. `field` is the
    field at fault; `metadata` holds each variable of the message.
    """

    def __init__(self, reason: str, message: str, *, field: str = "", **metadata: str) -> None:
        super().__init__(message)
        self.code, self.retry_after = CODES[reason], RETRY_AFTER.get(reason)
        self.reason, self.message, self.field, self.metadata = reason, message, field, metadata


def invalid(field: str, expected: str) -> Fault:
    """The fault of a field that is missing, malformed or out of range; `expected` says what it should be."""
    return Fault("INVALID_FIELD", f"{field}: {expected}", field=field, expected=expected)


def internal(request_id: str = "") -> Fault:
    """The fault of a bug, whose text stays in the log."""
    return Fault("INTERNAL", INTERNAL_MESSAGE, request_id=request_id)


def one_of(message: Message, oneof: str) -> str:
    """The name of the field that is set in a required oneof. Raises the fault of an invalid field when none is."""
    which = message.WhichOneof(oneof)
    if which is None:
        names = ", ".join(field.name for field in message.DESCRIPTOR.oneofs_by_name[oneof].fields)
        raise invalid(oneof, f"exactly one of {names} is required")
    return str(which)


def find(error: BaseException) -> Fault | None:
    """The fault that an exception stands for: itself, the first within a group, or what a peer's status says."""
    if isinstance(error, BaseExceptionGroup):
        return next((fault for inner in error.exceptions if (fault := find(inner)) is not None), None)
    if isinstance(error, grpc.aio.AioRpcError):
        return from_rpc_error(error)
    return error if isinstance(error, Fault) else None


def to_status(fault: BaseException) -> status_pb2.Status:
    """The status that a caller gets; an exception that stands for no fault becomes INTERNAL without its text."""
    known = find(fault) or internal()
    metadata = {**known.metadata, "field": known.field} if known.field else known.metadata
    status = status_pb2.Status(code=known.code.value[0], message=known.message)
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason=known.reason, domain=DOMAIN, metadata=metadata))
    if known.field:
        request = error_details_pb2.BadRequest()
        request.field_violations.add(field=known.field, description=known.metadata.get("expected", known.message))
        status.details.add().Pack(request)
    if known.retry_after is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromNanoseconds(int(known.retry_after * 1e9))
        status.details.add().Pack(retry)
    return status


def from_status(status: status_pb2.Status) -> Fault:
    """The fault behind a status; one that carries no ErrorInfo of ours has the reason INTERNAL."""
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    for detail in status.details:
        detail.Unpack(info) or detail.Unpack(retry)  # Each takes only what is its own.
    fault = Fault("INTERNAL", status.message)  # All else is the peer's to say.
    fault.code, fault.reason = _BY_NUMBER.get(status.code, grpc.StatusCode.UNKNOWN), info.reason or "INTERNAL"
    fault.retry_after = retry.retry_delay.ToNanoseconds() / 1e9 if retry.HasField("retry_delay") else None
    fault.metadata = dict(info.metadata)  # Not by keywords: a peer's metadata may have any names.
    fault.field = fault.metadata.pop("field", "")
    return fault


def from_rpc_error(error: grpc.aio.AioRpcError, service: str = "") -> Fault:
    """The fault behind a failed call to `service`: the one that it raised, or what is to be said of its absence."""
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            return from_status(status_pb2.Status.FromString(value))
    code, text = error.code(), error.details() or ""
    # grpc reports a write on a dead stream as INTERNAL, and a peer that stops in the middle as CANCELLED.
    if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED) or "Internal error from Core" in text:
        return Fault("SERVICE_UNAVAILABLE", f"{service or 'a service'} is not there", service=service)
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return Fault("BUDGET_EXCEEDED", "the time budget ran out")
    return internal()
