"""The model that emits given text at a set pace."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from engine.triton_client import Failed, Triton, request

MODEL = "paced"
END = 1

Encode = Callable[[str], list[int]]


def script(encode: Encode, text: str, **fields: Any) -> list[int]:
    """The prompt that asks for `text`."""
    return encode(json.dumps({"text": text, **fields}))


async def test_says_what_it_is_told_at_its_pace(triton: Triton, encode: Encode) -> None:
    started = time.monotonic()
    deltas = await triton.deltas(MODEL, script(encode, "one two three", interval_ms=30, prefill_ms=60), 99, end_id=END)
    expected = [*encode("one two three"), END]
    assert [token for delta in deltas for token in delta.ids] == expected
    assert time.monotonic() - started >= 0.06 + 0.03 * (len(expected) - 1)


async def test_repeats_in_larger_steps_without_an_end(triton: Triton, encode: Encode) -> None:
    told = script(encode, "ab", repeat=50, interval_ms=1, tokens_per_response=7, end=False)
    deltas = await triton.deltas(MODEL, told, 10_000, end_id=END)
    assert [token for delta in deltas for token in delta.ids] == encode("ab") * 50
    assert len(deltas) <= -(-len(encode("ab")) * 50 // 7)


async def test_stops_at_the_limit(triton: Triton, encode: Encode) -> None:
    assert (
        await triton.ids(MODEL, script(encode, "ab", repeat=50, interval_ms=1), 5, end_id=END)
        == (encode("ab") * 50)[:5]
    )


async def test_echoes_what_is_no_directive(triton: Triton, encode: Encode) -> None:
    for text in ("plain 文字", "[1]", '"quoted"'):
        assert await triton.ids(MODEL, encode(text), 99, end_id=-1) == encode(text)


async def test_log_probs(triton: Triton, encode: Encode) -> None:
    deltas = await triton.deltas(MODEL, script(encode, "ab cd", interval_ms=1), 99, end_id=-1, return_log_probs=True)
    assert {value for delta in deltas for value in delta.log_probs} == {-0.5}
    assert deltas[-1].cumulative == -0.5 * len(encode("ab cd"))


async def test_fails_when_told(triton: Triton, encode: Encode) -> None:
    ids: list[int] = []
    stream = triton.stream(MODEL, script(encode, "ab", repeat=9, fail_after=4, interval_ms=1), 99)
    with pytest.raises(Failed, match="told to fail"):  # noqa: PT012 (what came before is wanted)
        async for delta in stream:
            ids += delta.ids
    assert ids == (encode("ab") * 9)[:4]
    with pytest.raises(Failed, match="told to fail"):
        await triton.deltas(MODEL, script(encode, "ab", fail_after=0), 99)


async def test_stalls_when_told_and_can_be_cancelled(triton: Triton, encode: Encode) -> None:
    call = triton.call(request(MODEL, script(encode, "ab", repeat=9, stall_after=2, interval_ms=1), 99))
    received = 0
    while received < 2:
        received += (await call.read()).infer_response.outputs[0].shape[-1]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(asyncio.ensure_future(call.read())), 0.2)
    assert await triton.active(MODEL) == 1
    call.cancel()
    await triton.until_active(MODEL, 0)


async def test_cancelled_in_prefill(triton: Triton, encode: Encode) -> None:
    call = triton.call(request(MODEL, script(encode, "x", prefill_ms=60_000), 99))
    await triton.until_active(MODEL, 1)
    call.cancel()
    await triton.until_active(MODEL, 0)


@pytest.mark.parametrize(
    "fields", [{"unknown": 1}, {"repeat": "many"}, {"interval_ms": -1}, {"tokens_per_response": 0}]
)
async def test_a_bad_directive_is_an_error(triton: Triton, encode: Encode, fields: dict[str, Any]) -> None:
    with pytest.raises(Failed, match="directive"):
        await triton.deltas(MODEL, script(encode, "x", **fields), 99)


async def test_hundreds_of_streams_at_once(triton: Triton, encode: Encode) -> None:
    told = script(encode, "ab", repeat=20, interval_ms=40)
    answers = await asyncio.gather(*(triton.ids(MODEL, told, 999, end_id=END) for _ in range(200)))
    assert answers == [[*encode("ab") * 20, END]] * 200
    assert await triton.active(MODEL) == 0
