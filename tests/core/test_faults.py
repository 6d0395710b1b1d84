"""Faults survive the wire, and nothing else gets onto it."""

import re
from pathlib import Path

import grpc
import grpc.aio
import pytest
from google.rpc import error_details_pb2, status_pb2
from hypothesis import given
from hypothesis import strategies as st

from mesh import faults
from mesh.faults import Fault
from tokenloom.errors.v1 import errors_pb2
from tokenloom.inference.v1 import inference_pb2

Code = grpc.StatusCode
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
keys = texts.filter(lambda key: key != "field")


def rpc_error(code: grpc.StatusCode, details: str = "", *trailing: tuple[str, bytes]) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(*trailing), details=details)


@given(
    code=st.sampled_from([code for code in Code if code is not Code.OK]),
    message=texts,
    field=texts,
    retry_after=st.none() | st.integers(0, 10**6).map(lambda n: n / 64),
    metadata=st.dictionaries(keys, texts, max_size=3),
)
def test_a_fault_comes_back_as_it_was(
    code: grpc.StatusCode, message: str, field: str, retry_after: float | None, metadata: dict[str, str]
) -> None:
    fault = Fault("OVERLOADED", message, field=field)
    fault.code, fault.retry_after, fault.metadata = code, retry_after, metadata  # as a later version may have it
    status = status_pb2.Status.FromString(faults.to_status(fault).SerializeToString())
    assert vars(faults.from_status(status)) == vars(fault)
    wire = rpc_error(code, message, (faults.DETAILS_KEY, status.SerializeToString()))
    assert vars(faults.from_rpc_error(wire)) == vars(fault)


def test_each_reason_has_the_code_that_its_proto_says() -> None:
    proto = (Path(__file__).parents[2] / "protos/tokenloom/errors/v1/errors.proto").read_text()
    told = re.findall(r"^  // ([A-Z_]+)\. .*\n(?:  //.*\n)*  ERROR_REASON_(\w+) =", proto, re.MULTILINE)
    assert {reason: code.name for reason, code in faults.CODES.items()} == {reason: code for code, reason in told}
    names = set(errors_pb2.ErrorReason.keys()) - {"ERROR_REASON_UNSPECIFIED"}
    assert {f"ERROR_REASON_{reason}" for reason in faults.CODES} == names


def test_the_details_are_those_of_google_rpc() -> None:
    status = faults.to_status(faults.invalid("sampling.temperature", "0 to 2"))
    info, request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    assert [detail.Unpack(kind) for detail, kind in zip(status.details, (info, request), strict=True)] == [True, True]
    assert (status.code, status.message) == (Code.INVALID_ARGUMENT.value[0], "sampling.temperature: 0 to 2")
    assert (info.domain, info.reason) == ("tokenloom", "INVALID_FIELD")
    assert dict(info.metadata) == {"field": "sampling.temperature", "expected": "0 to 2"}
    violation = request.field_violations[0]
    assert (violation.field, violation.description) == ("sampling.temperature", "0 to 2")


@pytest.mark.parametrize("error", [KeyError("secret"), ExceptionGroup("secret", [ValueError("secret")])])
def test_a_bug_keeps_its_text(error: Exception) -> None:
    status = faults.to_status(error)
    assert status.code == Code.INTERNAL.value[0]
    assert "secret" not in str(status)
    assert faults.from_status(status).reason == "INTERNAL"


def test_the_first_fault_of_a_group_counts() -> None:
    group = ExceptionGroup("", [ValueError(), ExceptionGroup("", [faults.invalid("a", "b"), faults.invalid("c", "d")])])
    assert faults.from_status(faults.to_status(group)).field == "a"


@pytest.mark.parametrize(
    ("code", "details", "expected"),
    [
        (Code.UNAVAILABLE, "", (Code.UNAVAILABLE, "SERVICE_UNAVAILABLE")),
        (Code.CANCELLED, "", (Code.UNAVAILABLE, "SERVICE_UNAVAILABLE")),
        (Code.INTERNAL, "Internal error from Core", (Code.UNAVAILABLE, "SERVICE_UNAVAILABLE")),
        (Code.DEADLINE_EXCEEDED, "", (Code.DEADLINE_EXCEEDED, "BUDGET_EXCEEDED")),
        (Code.UNIMPLEMENTED, "", (Code.INTERNAL, "INTERNAL")),
        (Code.UNKNOWN, "secret", (Code.INTERNAL, "INTERNAL")),
    ],
)
def test_a_status_without_details(code: grpc.StatusCode, details: str, expected: tuple[grpc.StatusCode, str]) -> None:
    fault = faults.from_rpc_error(rpc_error(code, details), "context")
    assert (fault.code, fault.reason) == expected
    assert "secret" not in fault.message
    assert ("context" in fault.message) == (fault.reason == "SERVICE_UNAVAILABLE")


def test_a_foreign_status_is_understood_as_far_as_it_goes() -> None:
    fault = faults.from_status(status_pb2.Status(code=999, message="?"))
    assert (fault.code, fault.reason, fault.message) == (Code.UNKNOWN, "INTERNAL", "?")


def test_a_required_oneof() -> None:
    request = inference_pb2.GenerateRequest(start=inference_pb2.Start())
    assert faults.one_of(request, "command") == "start"
    with pytest.raises(Fault) as caught:
        faults.one_of(inference_pb2.GenerateRequest(), "command")
    assert (caught.value.field, caught.value.reason) == ("command", "INVALID_FIELD")
    assert caught.value.metadata["expected"] == "exactly one of start, cancel is required"


def test_every_reason_is_used_and_no_other() -> None:
    root = Path(__file__).parents[2]
    places = ("mesh", "edge", "orchestrator", "context", "moderation", "inference")
    sources = [file.read_text() for place in places for file in (root / place).glob("*.py")]
    assert {reason for text in sources for reason in re.findall(r'Fault\(\s*"(\w+)"', text)} == set(faults.CODES)
