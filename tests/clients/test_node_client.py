"""The official Node client, run by node_client.mjs."""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import answers_open


@pytest.fixture(scope="module")
def seen(base_url: str) -> dict[str, Any]:
    script = Path(__file__).with_name("node_client.mjs")
    done = subprocess.run(["node", script, base_url], capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_answers(seen: dict[str, Any]) -> None:
    assert (seen["plain"]["text"], seen["plain"]["finish"]) == ("one two three", "stop")
    assert seen["plain"]["usage"]["total_tokens"] > 0
    assert seen["streamed"]["texts"] == {"0": "one two three", "1": "one two three"}
    assert seen["streamed"]["usage"]["completion_tokens"] > 0
    assert seen["stopped"] == "one "
    assert seen["logprobs"] == "one two three"
    assert "paced" in seen["models"]


def test_errors_are_typed(seen: dict[str, Any]) -> None:
    bad = {"name": "BadRequestError", "status": 400, "type": "invalid_request_error"}
    assert seen["bad"] == {**bad, "param": "temperature", "code": "invalid_field"}
    assert seen["unsupported"] == {**bad, "param": "tools", "code": "unsupported_parameter"}
    assert (seen["unknown"]["name"], seen["unknown"]["code"]) == ("NotFoundError", "model_not_found")
    assert (seen["midstream"]["name"], seen["midstream"]["type"]) == ("APIError", "server_error")


def test_an_abort_ends_the_turn(seen: dict[str, Any], base_url: str) -> None:
    end = time.monotonic() + 10
    while answers_open(base_url):
        assert time.monotonic() < end
        time.sleep(0.01)
