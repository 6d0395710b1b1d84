"""The official Python client: what it can ask for, and that errors are its own typed exceptions."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from tests.mesh.talk import until_active
from tests.whole_mesh import Mesh

MODEL = "paced"
BUNDLED = "tokenloom-mini"
LONG = {"repeat": 1000, "interval_ms": 20}


def client_of(url: str, key: str = "none", **options: Any) -> openai.OpenAI:
    http = httpx.Client(trust_env=False)
    return openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, timeout=30, http_client=http, **options)


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
    answer = client.chat.completions.create(model=MODEL, messages=user(), n=3)
    assert [(c.index, c.message.content) for c in answer.choices] == [(i, "Hello there") for i in range(3)]
    texts = {0: "", 1: "", 2: ""}
    for chunk in client.chat.completions.create(model=MODEL, messages=user(), n=3, stream=True):
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
    assert set(texts.values()) == {"Hello there"}


def test_a_seed_repeats_an_answer(client: openai.OpenAI) -> None:
    first, second, other = (
        client.chat.completions.create(
            model=BUNDLED, messages=user(), seed=seed, temperature=2, max_tokens=30, extra_body={"ignore_eos": True}
        )
        .choices[0]
        .message.content
        for seed in (-5, -5, 6)
    )
    assert first == second
    assert first != other


def test_a_stop_string_is_never_emitted(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model=MODEL, messages=user("one two STOP three"), stop=["STOP"])
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("one two ", "stop")


def test_a_limit_of_tokens(client: openai.OpenAI) -> None:
    for model in (MODEL, BUNDLED):
        answer = client.chat.completions.create(
            model=model, messages=user("one two three four"), max_completion_tokens=2, extra_body={"ignore_eos": True}
        )
        assert answer.choices[0].finish_reason == "length"
        assert answer.usage
        assert answer.usage.completion_tokens == 2


def test_log_probabilities(client: openai.OpenAI) -> None:
    for model in (MODEL, BUNDLED):
        answer = client.chat.completions.create(model=model, messages=user("one two"), logprobs=True, max_tokens=8)
        text, logprobs = answer.choices[0].message.content, answer.choices[0].logprobs
        assert text is not None
        assert logprobs
        assert logprobs.content
        assert "".join(token.token for token in logprobs.content) == text
        assert all(token.logprob <= 0 and token.top_logprobs == [] for token in logprobs.content)
        if model == MODEL:
            assert b"".join(bytes(token.bytes or ()) for token in logprobs.content) == b"one two"


def test_legacy_completions(client: openai.OpenAI) -> None:
    answer = client.completions.create(model=MODEL, prompt=["one two", "three"], logprobs=0)
    assert [choice.text for choice in answer.choices] == ["one two", "three"]
    assert answer.choices[1].logprobs
    assert answer.choices[1].logprobs.tokens
    stream = client.completions.create(model=MODEL, prompt="one two", stream=True)
    assert "".join(chunk.choices[0].text for chunk in stream) == "one two"


def test_models(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == [BUNDLED, MODEL]
    assert client.models.retrieve(MODEL).id == MODEL


async def test_an_abort_frees_the_engine(base_url: str, metrics: str) -> None:
    http = httpx.AsyncClient(trust_env=False)
    client = openai.AsyncOpenAI(base_url=f"{base_url}/v1", api_key="none", max_retries=0, http_client=http)
    async with client, httpx.AsyncClient(trust_env=False) as gauges:
        await until_active(gauges, metrics, MODEL, 0)
        stream = await client.chat.completions.create(model=MODEL, messages=user("word ", **LONG), stream=True)
        async for chunk in stream:
            if chunk.choices[0].delta.content:
                break
        await until_active(gauges, metrics, MODEL, 1)
        await stream.close()
        took = await until_active(gauges, metrics, MODEL, 0, seconds=1)
    print(f"engine idle {1000 * took:.0f} ms after the abort")


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
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools", "unsupported_parameter"),
    ],
)
def test_bad_requests(client: openai.OpenAI, parameters: dict[str, Any], param: str, code: str) -> None:
    for stream in (False, True):
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(**{"model": MODEL, "messages": user(), "stream": stream, **parameters})
        assert (caught.value.param, caught.value.code, caught.value.type) == (param, code, "invalid_request_error")


def test_a_prompt_beyond_the_window(client: openai.OpenAI) -> None:
    window = client.models.retrieve(BUNDLED).model_dump()["context_length"]
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=BUNDLED, messages=user("word " * window))
    assert (caught.value.code, caught.value.param) == ("context_length_exceeded", "messages")
    assert str(window) in caught.value.message


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
    assert "one two three".startswith(text)
    assert (caught.value.type, caught.value.code) == ("server_error", "engine_failed")
    with pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model=MODEL, messages=user("one two three", fail_after=2))


def test_fifty_megabytes_are_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(model=MODEL, messages=user("x" * 50_000_000))
    assert (caught.value.status_code, caught.value.code, caught.value.param) == (413, "request_too_large", "messages")
    assert client.chat.completions.create(model=MODEL, messages=user()).choices


def test_a_foreign_host_is_forbidden(base_url: str) -> None:
    with client_of(base_url, default_headers={"host": "evil.example"}) as client:
        with pytest.raises(openai.PermissionDeniedError) as caught:
            client.models.list()
        assert caught.value.code == "forbidden_host"


def test_overload(strict_mesh: Mesh) -> None:
    with client_of(strict_mesh.url, "sesame") as client, contextlib.ExitStack() as stack:
        for _ in range(2):
            stream = client.chat.completions.create(model=MODEL, messages=user("word ", **LONG), stream=True)
            stack.callback(stream.close)
            next(stream)
        with pytest.raises(openai.RateLimitError) as caught:
            client.chat.completions.create(model=MODEL, messages=user())
        assert caught.value.code == "overloaded"
        assert float(caught.value.response.headers["retry-after"]) > 0


def test_keys(strict_mesh: Mesh) -> None:
    with client_of(strict_mesh.url, "wrong") as client, pytest.raises(openai.AuthenticationError) as caught:
        client.models.list()
    assert caught.value.code == "invalid_api_key"
    with client_of(strict_mesh.url, "sesame") as client:
        assert client.models.list().data
