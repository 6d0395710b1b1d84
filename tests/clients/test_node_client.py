"""The official Node client, run by node_client.mjs."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.whole_mesh import Mesh


@pytest.fixture(scope="module")
def seen(base_url: str, metrics: str, strict_mesh: Mesh) -> dict[str, Any]:
    script = Path(__file__).with_name("node_client.mjs")
    command = ["node", script, base_url, metrics, strict_mesh.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_answers(seen: dict[str, Any]) -> None:
    assert (seen["plain"]["text"], seen["plain"]["finish"]) == ("one two three", "stop")
    assert seen["plain"]["usage"]["total_tokens"] > 0
    assert seen["streamed"]["texts"] == {"0": "one two three", "1": "one two three"}
    assert seen["streamed"]["usage"]["completion_tokens"] > 0
    assert seen["stopped"] == "one "
    assert seen["logprobs"] == "one two three"
    assert seen["models"] == ["tokenloom-mini", "paced"]
    assert seen["completion"] == "one two"
    first, second, other = seen["seeds"]
    assert first == second != other


def test_an_abort_frees_the_engine(seen: dict[str, Any]) -> None:
    print(f"engine idle {seen['idleAfterMs']:.0f} ms after the abort")
    assert seen["idleAfterMs"] < 1000


def test_errors_are_typed(seen: dict[str, Any]) -> None:
    bad = {"name": "BadRequestError", "status": 400, "type": "invalid_request_error"}
    assert seen["bad"] == {**bad, "param": "temperature", "code": "invalid_field"}
    assert seen["badStreamed"] == seen["bad"]
    assert seen["unsupported"] == {**bad, "param": "tools", "code": "unsupported_parameter"}
    assert seen["tooLong"] == {**bad, "param": "messages", "code": "context_length_exceeded"}
    assert (seen["unknown"]["name"], seen["unknown"]["code"]) == ("NotFoundError", "model_not_found")
    assert seen["unknown"]["param"] == "model"
    assert (seen["tooLarge"]["name"], seen["tooLarge"]["status"]) == ("APIError", 413)
    assert (seen["midstream"]["name"], seen["midstream"]["code"]) == ("APIError", "engine_failed")
    assert (seen["key"]["name"], seen["key"]["code"]) == ("AuthenticationError", "invalid_api_key")
    assert (seen["overload"]["name"], seen["overload"]["code"]) == ("RateLimitError", "overloaded")
