"""Talks to a running mesh as its clients do: HTTP bodies, SSE, and what the engine's gauges say."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx

PATIENCE = httpx.Timeout(60)


def paced(text: str | list[str], **directive: Any) -> dict[str, Any]:
    """A body whose answer is `text` at a set pace, from the test model: see triton_models/cpu/paced.

    The letters of a list's texts are escaped, so that the input rail doesn't see what the output rail is to find.
    """
    fields = json.dumps({"text": text, **directive}, ensure_ascii=False)
    if isinstance(text, list):
        pieces = ",".join('"' + "".join(f"\\u{ord(letter):04x}" for letter in piece) + '"' for piece in text)
        fields = json.dumps(directive).replace("{", f'{{"text": [{pieces}]' + (", " if directive else ""), 1)
    return {"model": "paced", "messages": [{"role": "user", "content": fields}]}


def asks(text: str, **parameters: Any) -> dict[str, Any]:
    """A body for the bundled model."""
    return {"model": "tokenloom-mini", "messages": [{"role": "user", "content": text}], **parameters}


@dataclass
class Answer:
    """What a streamed answer amounted to."""

    text: str = ""
    finish: str = ""
    refusal: str = ""
    error: dict[str, Any] | None = None
    terminals: int = 0
    """`[DONE]`s and errors: one, in an answer that obeys the rules."""
    usage: dict[str, int] = field(default_factory=dict)
    chunks: list[dict[str, Any]] = field(default_factory=list)


async def events(response: httpx.Response) -> AsyncIterator[str]:
    """The data of a stream's events."""
    async for line in response.aiter_lines():
        if line.startswith("data: "):
            yield line.removeprefix("data: ")


async def stream(
    client: httpx.AsyncClient, body: dict[str, Any], path: str = "/v1/chat/completions", answer: Answer | None = None
) -> Answer:
    """Sends a body and reads the answer to its end; a refused request is an answer with an error."""
    answer = answer or Answer()
    body = {**body, "stream": True, "stream_options": {"include_usage": True}}
    async with client.stream("POST", path, json=body, timeout=PATIENCE) as response:
        if response.status_code != 200:
            answer.error = json.loads(await response.aread())["error"]
            answer.terminals += 1
            return answer
        async for data in events(response):
            if data == "[DONE]":
                answer.terminals += 1
                continue
            chunk = json.loads(data)
            answer.chunks.append(chunk)
            if "error" in chunk:
                answer.error = chunk["error"]
                answer.terminals += 1
                continue
            answer.usage = chunk.get("usage") or answer.usage
            for choice in chunk["choices"]:
                answer.text += choice["delta"].get("content") or ""
                answer.refusal += choice["delta"].get("refusal") or ""
                answer.finish = choice["finish_reason"] or answer.finish
    return answer


_GAUGE = re.compile(r"^nv_trt_llm_request_metrics\{(.*)\} ([0-9.e+]+)$", re.M)


async def active(client: httpx.AsyncClient, metrics: str, model: str) -> int:
    """How many requests the engine of a Triton model has: its gauge of active ones."""
    text = (await client.get(metrics)).text
    for labels, value in _GAUGE.findall(text):
        if f'model="{model}"' in labels and 'request_type="active"' in labels:
            return int(float(value))
    raise AssertionError(f"no gauge of active requests for {model}")


async def until_active(client: httpx.AsyncClient, metrics: str, model: str, count: int, seconds: float = 10) -> float:
    """Waits until the engine has so many requests; returns how long that took, in seconds."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while await active(client, metrics, model) != count:
        assert loop.time() - began < seconds, f"the engine never had {count} active requests"
        await asyncio.sleep(0.002)
    return loop.time() - began
