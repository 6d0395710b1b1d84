"""The official Python client: what it can ask for, and that errors are its own typed exceptions."""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from tests.clients.conftest import answers_open

MODEL = "paced"


def client_of(url: str, key: str = "none") -> openai.OpenAI:
    return openai.OpenAI(
        base_url=f"{url}/v1", api_key=key, max_retries=0, timeout=30, http_client=httpx.Client(trust_env=False)
    )


@pytest.fixture
def client(base_url: str) -> Iterator[openai.OpenAI]:
    with client_of(base_url) as client:
        yield client


def user(text: str = "Hello there", **script: Any) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": json.dumps({"text": text, **script}) if script else text}]


def test_a_plain_answer(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model=MODEL, messages=user("one two three"))
    assert answer.choices[0].message.content == "one two three"
    assert (answer.choices[0].finish_reason, answer.model, answer.object) == ("stop", MODEL, "chat.completion")
    assert answer.usage
    assert 0 < answer.usage.prompt_tokens < answer.usage.total_tokens
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer._request_id


def test_a_streamed_answer_with_usage(client: openai.OpenAI) -> None:
    options: Any = {"include_usage": True}
    stream = client.chat.completions.create(
        model=MODEL, messages=user("你好 world"), stream=True, stream_options=options
    )
    chunks = list(stream)
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "你好 world"
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert (chunks[-1].choices, chunks[-1].usage is not None) == ([], True)
    assert all(c.usage is None for c in chunks[:-1])


def test_several_choices(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model=MODEL, messages=user(), n=3, seed=7)
    assert [(c.index, c.message.content) for c in answer.choices] == [(i, "Hello there") for i in range(3)]
    texts = {0: "", 1: "", 2: ""}
    for chunk in client.chat.completions.create(model=MODEL, messages=user(), n=3, stream=True):
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
    assert set(texts.values()) == {"Hello there"}


def test_a_seed_repeats_an_answer(client: openai.OpenAI) -> None:
    first, second = (
        client.chat.completions.create(model=MODEL, messages=user(), seed=seed, temperature=1) for seed in (-5, -5)
    )
    assert first.choices[0].message.content == second.choices[0].message.content


def test_a_stop_string_is_never_emitted(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model=MODEL, messages=user("one two STOP three"), stop=["STOP"])
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("one two ", "stop")


def test_a_limit_of_tokens(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model=MODEL, messages=user("one two three four"), max_completion_tokens=2)
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage
    assert answer.usage.completion_tokens == 2


def test_log_probabilities(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model=MODEL, messages=user("one two"), logprobs=True)
    logprobs = answer.choices[0].logprobs
    assert logprobs
    assert logprobs.content
    assert "".join(token.token for token in logprobs.content) == "one two"
    assert b"".join(bytes(token.bytes or ()) for token in logprobs.content) == b"one two"
    assert all(token.logprob <= 0 and token.top_logprobs == [] for token in logprobs.content)


def test_legacy_completions(client: openai.OpenAI) -> None:
    answer = client.completions.create(model=MODEL, prompt=["one two", "three"], logprobs=0)
    assert [choice.text for choice in answer.choices] == ["one two", "three"]
    assert answer.choices[1].logprobs
    assert answer.choices[1].logprobs.tokens
    stream = client.completions.create(model=MODEL, prompt="one two", stream=True)
    assert "".join(chunk.choices[0].text for chunk in stream) == "one two"


def test_models(client: openai.OpenAI) -> None:
    assert MODEL in [model.id for model in client.models.list()]
    assert client.models.retrieve(MODEL).id == MODEL


def test_an_abort_ends_the_turn(client: openai.OpenAI, base_url: str) -> None:
    stream = client.chat.completions.create(
        model=MODEL, messages=user("word ", repeat=1000, interval_ms=20), stream=True
    )
    for chunk in stream:
        if chunk.choices[0].delta.content:
            break
    assert answers_open(base_url) > 0
    stream.close()
    end = time.monotonic() + 10
    while answers_open(base_url):
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("parameters", "param", "code"),
    [
        ({"temperature": 3}, "temperature", "invalid_field"),
        ({"temperature": -1}, "temperature", "invalid_field"),
        ({"n": 0}, "n", "invalid_field"),
        ({"n": 1000}, "n", "invalid_field"),
        ({"max_tokens": -1}, "max_tokens", "invalid_field"),
        ({"stop": [str(i) for i in range(100)]}, "stop", "invalid_field"),
        ({"messages": []}, "messages", "invalid_field"),
        ({"messages": [{"role": "robot", "content": ""}]}, "messages[0].role", "invalid_field"),
        ({"response_format": {"type": "json_object"}}, "response_format", "unsupported_parameter"),
    ],
)
def test_bad_requests(client: openai.OpenAI, parameters: dict[str, Any], param: str, code: str) -> None:
    for stream in (False, True):
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(**{"model": MODEL, "messages": user(), "stream": stream, **parameters})
        assert (caught.value.param, caught.value.code, caught.value.type) == (param, code, "invalid_request_error")


def test_an_unknown_model(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="none", messages=user())
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("none")


def test_a_failure_in_the_middle(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(model=MODEL, messages=user("one two three", fail_after=2), stream=True)
    text = ""
    with pytest.raises(openai.APIError) as caught:  # noqa: PT012 (the stream fails somewhere within)
        for chunk in stream:
            text += chunk.choices[0].delta.content or ""
    assert text
    assert caught.value.type == "server_error"
    assert caught.value.code in ("engine_unavailable", "engine_failed")
    with pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model=MODEL, messages=user("one two three", fail_after=2))


def test_fifty_megabytes_are_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(model=MODEL, messages=user("x" * 50_000_000))
    assert (caught.value.status_code, caught.value.param) == (413, "messages")
    assert client.chat.completions.create(model=MODEL, messages=user()).choices


def test_a_prompt_beyond_the_window(double_url: str) -> None:
    with client_of(double_url) as client, pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=MODEL, messages=user(fault="too_long"))
    assert caught.value.code == "context_length_exceeded"


def test_overload(double_url: str) -> None:
    with client_of(double_url) as client, pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(model=MODEL, messages=user(fault="overloaded"))
    assert caught.value.response.headers["retry-after"] == "2"


def test_keys(keyed_url: str) -> None:
    with client_of(keyed_url, "wrong") as client, pytest.raises(openai.AuthenticationError) as caught:
        client.models.list()
    assert caught.value.code == "invalid_api_key"
    with client_of(keyed_url, "sesame") as client:
        assert client.models.list().data
