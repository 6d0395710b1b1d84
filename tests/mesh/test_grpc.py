"""The mesh as an internal service sees it: grpcurl by reflection, and the example that uses nothing but the stubs."""

import json
import subprocess
import sys

from tests.whole_mesh import ROOT, Mesh


def grpcurl(*arguments: str) -> str:
    """What grpcurl prints; fails with what it complains of."""
    done = subprocess.run(["grpcurl", "-plaintext", *arguments], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_reflection_lists_and_describes_the_services(any_mesh: Mesh) -> None:
    listed = grpcurl(any_mesh.address("orchestrator"), "list").split()
    assert "tokenloom.orchestrator.v1.OrchestratorService" in listed
    assert "grpc.health.v1.Health" in listed
    described = grpcurl(any_mesh.address("context"), "describe", "tokenloom.context.v1.ContextService")
    assert "rpc BuildContext" in described


def test_grpcurl_converses(any_mesh: Mesh) -> None:
    request = {
        "response_id": "r1",
        "open": {
            "scope": {"tenant": "t", "user": "u"},
            "messages": [{"role": "ROLE_USER", "parts": [{"text": "Hello!"}]}],
            "sampling": {"max_tokens": 5},
        },
    }
    method = "tokenloom.orchestrator.v1.OrchestratorService/Converse"
    printed = grpcurl("-d", json.dumps(request), any_mesh.address("orchestrator"), method)
    assert '"opened"' in printed
    assert '"completed"' in printed


def test_grpcurl_sees_a_missing_command_with_details(any_mesh: Mesh) -> None:
    method = "tokenloom.orchestrator.v1.OrchestratorService/Converse"
    done = subprocess.run(
        ["grpcurl", "-plaintext", "-d", '{"response_id": "r1"}', any_mesh.address("orchestrator"), method],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert "InvalidArgument" in done.stderr
    assert "INVALID_FIELD" in done.stderr


def test_the_example_has_two_turns_and_a_cancel(any_mesh: Mesh) -> None:
    example = [sys.executable, "examples/converse.py", any_mesh.address("orchestrator")]
    done = subprocess.run(example, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    kinds = [line.split()[0:3:2] for line in done.stdout.splitlines()]
    assert kinds.count(["a", "end"]) == 1
    assert kinds.count(["b", "end"]) == 1
    assert ["a", "delta"] in kinds
