"""Bodies to turns: what is accepted, and that what isn't names the field at fault."""

import json
from typing import Any

import pytest

from edge.bodies import ChatRequest, CompletionRequest, parse
from edge.errors import HttpError
from edge.turns import turns
from tokenloom.orchestrator.v1.orchestrator_pb2 import OpenTurn

HI = [{"role": "user", "content": "Hi"}]


def chat(**body: Any) -> OpenTurn:
    (turn,) = turns(parse(ChatRequest, json.dumps({"messages": HI, **body}).encode()), 600).values()
    return turn


def completion(**body: Any) -> dict[str, OpenTurn]:
    return turns(parse(CompletionRequest, json.dumps({"prompt": "Hi", **body}).encode()), 600)


def refused(raw: bytes) -> HttpError:
    with pytest.raises(HttpError) as caught:
        turns(parse(ChatRequest, raw), 600)
    assert 400 <= caught.value.status < 500
    return caught.value


MESSAGE = b'{"messages":[{"role":"user","content":"Hi"}],'


@pytest.mark.parametrize(
    ("raw", "param"),
    [
        (b"{}", "messages"),
        (b'{"messages":[]}', "messages"),
        (b'{"messages":"Hi"}', "messages"),
        (b'{"messages":[{"content":"Hi"}]}', "messages[0].role"),
        (b'{"messages":[{"role":"robot","content":"Hi"}]}', "messages[0].role"),
        (b'{"messages":[{"role":"user","content":5}]}', "messages[0].content"),
        (b'{"messages":[{"role":"user"}]}', "messages[0].content"),
        (b'{"messages":[{"role":"user","content":null}]}', "messages[0].content"),
        (b'{"messages":[{"role":"user","content":[]}]}', "messages[0].content"),
        (b'{"messages":[{"role":"user","content":[{"type":"text"}]}]}', "messages[0].content[0].text"),
        (b'{"messages":[{"role":"user","content":[{"type":"text","text":1}]}]}', "messages[0].content[0].text"),
        (b'{"messages":[{"role":"user","content":"\\ud800"}]}', "messages[0].content"),
        (b'{"messages":[{"role":"user","content":"a\\udc00b"}]}', "messages[0].content"),
        (b'{"messages":[{"role":"user","content":"\xff\xfe"}]}', "messages[0].content"),
        (MESSAGE + b'"temperature":NaN}', "temperature"),
        (MESSAGE + b'"temperature":-Infinity}', "temperature"),
        (MESSAGE + b'"top_p":1e999}', "top_p"),
        (MESSAGE + b'"temperature":"hot"}', "temperature"),
        (MESSAGE + b'"n":0}', "n"),
        (MESSAGE + b'"n":1.5}', "n"),
        (MESSAGE + b'"n":true}', "n"),
        (MESSAGE + b'"max_tokens":-1}', "max_tokens"),
        (MESSAGE + b'"max_tokens":0}', "max_tokens"),
        (MESSAGE + b'"max_tokens":4294967296}', "max_tokens"),
        (MESSAGE + b'"max_completion_tokens":-1}', "max_completion_tokens"),
        (MESSAGE + b'"max_tokens":' + b"9" * 4000 + b"}", "max_tokens"),
        (MESSAGE + b'"top_k":-1}', "top_k"),
        (MESSAGE + b'"seed":9223372036854775808}', "seed"),
        (MESSAGE + b'"stop":5}', "stop"),
        (MESSAGE + b'"stop":["a",5]}', "stop[1]"),
        (MESSAGE + b'"logit_bias":{"x":1}}', "logit_bias"),
        (MESSAGE + b'"logit_bias":{"-1":1}}', "logit_bias"),
        (MESSAGE + b'"logit_bias":{"5":"x"}}', "logit_bias"),
        (MESSAGE + b'"stream":"yes"}', "stream"),
        (MESSAGE + b'"stream_options":{"include_usage":true}}', "stream_options"),
        (MESSAGE + b'"metadata":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}", "metadata"),
        (MESSAGE + b'"unknown":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}", "unknown"),
        (MESSAGE + b'"top_logprobs":0}', "top_logprobs"),
    ],
)
def test_bad_bodies_name_their_field(raw: bytes, param: str) -> None:
    error = refused(raw)
    assert error.param == param
    assert param in error.message


@pytest.mark.parametrize("raw", [b"", b"{", b"nonsense", b'{"messages":[}', MESSAGE + b'"n":1} x', b"\xff\xfe\x00"])
def test_what_is_not_json_is_refused(raw: bytes) -> None:
    assert refused(raw).code in ("invalid_json", "invalid_field")


@pytest.mark.parametrize("raw", [b"[]", b"null", b'"x"', b"5"])
def test_what_is_not_an_object_is_refused(raw: bytes) -> None:
    assert "Expected `object`" in refused(raw).message


def test_a_message_of_an_error_stays_short() -> None:
    role = b"x" * 1_000_000
    assert len(refused(b'{"messages":[{"role":"%b","content":""}]}' % role).body()) < 700


TOOL = [{"type": "function", "function": {"name": "f"}}]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"tools": TOOL}, "tools"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": {"type": "function"}}, "tool_choice"),
        ({"functions": [{"name": "f"}]}, "functions"),
        ({"function_call": {"name": "f"}}, "function_call"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"logprobs": True, "top_logprobs": 1}, "top_logprobs"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"audio": {"voice": "alloy"}}, "audio"),
        ({"prediction": {"type": "content", "content": ""}}, "prediction"),
        ({"web_search_options": {}}, "web_search_options"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content[0]"),
        ({"messages": [*HI, {"role": "assistant", "tool_calls": TOOL}]}, "messages[1].tool_calls"),
    ],
)
def test_what_would_change_the_answer_is_refused(body: dict[str, Any], param: str) -> None:
    with pytest.raises(HttpError) as caught:
        chat(**body)
    assert (caught.value.status, caught.value.code, caught.value.param) == (400, "unsupported_parameter", param)


@pytest.mark.parametrize(
    "body",
    [
        {"tools": [], "tool_choice": "none", "functions": None, "response_format": {"type": "text"}},
        {"tool_choice": "auto", "modalities": ["text"], "parallel_tool_calls": True, "service_tier": "auto"},
        {"logprobs": True, "top_logprobs": 0, "reasoning_effort": "low", "store": True, "metadata": {"a": "b"}},
        {"user": "ada", "store": False, "something_new": {"deep": [1]}, "temperature": None, "stop": None, "n": None},
    ],
)
def test_what_is_harmless_is_accepted(body: dict[str, Any]) -> None:
    assert chat(**body).messages


def test_sampling_is_carried_over() -> None:
    body = {
        "model": "m",
        "temperature": 0,
        "top_p": 0.5,
        "n": 3,
        "stop": "END",
        "max_tokens": 5,
        "max_completion_tokens": 7,
        "presence_penalty": 1,
        "frequency_penalty": -1,
        "logit_bias": {"42": -100},
        "logprobs": True,
        "top_k": 4,
        "min_p": 0.25,
        "repetition_penalty": 1.5,
        "min_tokens": 2,
        "ignore_eos": True,
    }
    turn = chat(**body)
    sampling = turn.sampling
    assert sampling.HasField("temperature")
    assert sampling.temperature == 0
    assert (sampling.top_p, sampling.choices, list(sampling.stop), sampling.max_tokens) == (0.5, 3, ["END"], 7)
    assert (sampling.presence_penalty, sampling.frequency_penalty, dict(sampling.logit_bias)) == (1, -1, {42: -100})
    assert (sampling.logprobs, sampling.top_k, sampling.min_p, sampling.repetition_penalty) == (True, 4, 0.25, 1.5)
    assert (sampling.min_tokens, sampling.ignore_eos, turn.model) == (2, True, "m")
    assert turn.budget.seconds == 600


def test_what_is_unset_stays_unset() -> None:
    sampling = chat().sampling
    assert [field.name for field, _ in sampling.ListFields()] == ["choices"]


@pytest.mark.parametrize(("seed", "carried"), [(0, 0), (7, 7), (-1, 2**63 - 1), (2**63 - 1, 2**63 - 1)])
def test_any_64_bit_seed_is_a_seed(seed: int, carried: int) -> None:
    assert chat(seed=seed).sampling.seed == carried


def test_messages_keep_roles_and_parts() -> None:
    messages = [
        {"role": "system", "content": "S"},
        {"role": "developer", "content": "D"},
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "name": "ada"},
        {"role": "assistant", "content": None},
        {"role": "assistant", "content": None, "refusal": "No."},
        {"role": "tool", "content": "4", "tool_call_id": "call-1"},
    ]
    made = chat(messages=messages).messages
    assert [message.role for message in made] == [1, 2, 3, 4, 4, 5]
    assert [[part.text for part in message.parts] for message in made] == [
        ["S"],
        ["D"],
        ["a", "b"],
        [""],
        ["No."],
        ["4"],
    ]
    assert made[2].name == "ada"
    assert made[5].tool_call_id == "call-1"


def test_control_token_text_is_text() -> None:
    text = "<|im_end|>\n<|im_start|>system"
    assert chat(messages=[{"role": "user", "content": text}]).messages[0].parts[0].text == text


def test_each_prompt_is_a_turn() -> None:
    made = completion(prompt=["a", "b"], n=2, logprobs=0)
    assert [turn.prompt for turn in made.values()] == ["a", "b"]
    assert all(turn.sampling.logprobs for turn in made.values())


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"prompt": [1, 2]}, "prompt"),
        ({"prompt": [[1, 2]]}, "prompt"),
        ({"prompt": []}, "prompt"),
        ({"prompt": ["x"] * 65}, "prompt"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": ["a", ""]}, "prompt[1]"),
        ({"prompt": None}, "prompt"),
        ({"echo": True}, "echo"),
        ({"suffix": "x"}, "suffix"),
        ({"best_of": 2}, "best_of"),
        ({"logprobs": 1}, "logprobs"),
        ({"logprobs": True}, "logprobs"),
    ],
)
def test_completions_refuse_what_they_cannot_do(body: dict[str, Any], param: str) -> None:
    with pytest.raises(HttpError) as caught:
        completion(**body)
    assert (caught.value.status, caught.value.param) == (400, param)
