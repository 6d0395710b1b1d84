"""The engine through TensorRT-LLM's tensors."""

import asyncio
import json
import math
import random
from pathlib import Path

import grpc.aio
import psutil
import pytest
from engine.triton_client import Failed, Triton, request, until

from inference import triton_pb2

MODEL = "tensorrt_llm"
FOREVER = 4000
CONFIG = Path(__file__).resolve().parents[2] / "models" / "tokenloom-mini" / "config.json"
VOCABULARY = json.loads(CONFIG.read_text())["vocab_size"]


def prompt(seed: int, length: int) -> list[int]:
    """Any tokens but the special ones."""
    generator = random.Random(seed)
    return [generator.randrange(10, 2000) for _ in range(length)]


async def test_deltas_add_up_to_the_limit(triton: Triton) -> None:
    deltas = await triton.deltas(MODEL, prompt(1, 9), 200, end_id=-1)
    assert sum(len(delta.ids) for delta in deltas) == 200
    assert len(deltas) > 5


async def test_unstreamed_is_one_response_with_the_input_unless_excluded(triton: Triton) -> None:
    ids = prompt(2, 9)
    streamed = await triton.ids(MODEL, ids, 20, end_id=-1)
    (whole,) = await triton.deltas(MODEL, ids, 20, end_id=-1, streaming=False)
    (answer,) = await triton.deltas(MODEL, ids, 20, end_id=-1, streaming=False, exclude_input_in_output=True)
    assert whole.ids == ids + streamed
    assert answer.ids == streamed


@pytest.mark.timeout(180)
async def test_greedy_is_the_same_alone_and_among_64(triton: Triton) -> None:
    """The seeds are such that nowhere two tokens are so nearly alike that the last bits of a sum would decide."""
    shared_prefix = prompt(3, 100)
    prompts = [(shared_prefix if i % 3 else []) + prompt(100 + i, 5 + 7 * i) for i in range(64)]
    alone = [await triton.ids(MODEL, ids, 100, end_id=-1) for ids in prompts[:24]]

    async def later(i: int) -> list[int]:
        await asyncio.sleep(i / 200)  # some join while others are under way
        return await triton.ids(MODEL, prompts[i], 100, end_id=-1)

    together = await asyncio.gather(*(later(i) for i in range(64)))
    assert [len(ids) for ids in together] == [100] * 64
    assert together[:24] == alone


async def test_a_seed_decides(triton: Triton) -> None:
    """Among others the last bits of a probability differ, and a draw may fall on its other side: so, alone."""
    sampled = {"runtime_top_p": 1.0, "temperature": 1.5, "end_id": -1}
    first = [await triton.ids(MODEL, prompt(4, 9), 40, seed=seed, **sampled) for seed in (1, 2, 2**63)]
    assert [await triton.ids(MODEL, prompt(4, 9), 40, seed=seed, **sampled) for seed in (1, 2, 2**63)] == first
    together = await asyncio.gather(*(triton.ids(MODEL, prompt(4, 9), 40, seed=seed, **sampled) for seed in range(6)))
    assert len({tuple(ids) for ids in together}) == 6


async def test_sampling_needs_top_k_or_top_p(triton: Triton) -> None:
    greedy = await triton.ids(MODEL, prompt(5, 9), 30, end_id=-1)
    assert await triton.ids(MODEL, prompt(5, 9), 30, end_id=-1, temperature=1.5, seed=7) == greedy
    assert await triton.ids(MODEL, prompt(5, 9), 30, end_id=-1, temperature=1.5, seed=7, runtime_top_k=1) == greedy
    assert await triton.ids(MODEL, prompt(5, 9), 30, end_id=-1, temperature=0.0, runtime_top_p=1.0) == greedy
    for tensors in ({"runtime_top_k": 50}, {"runtime_top_p": 0.99}, {"runtime_top_p": 1.0, "min_p": 0.01}):
        assert await triton.ids(MODEL, prompt(5, 9), 30, end_id=-1, temperature=3.0, seed=7, **tensors) != greedy


async def test_penalties_change_the_answer(triton: Triton) -> None:
    """Of one prompt of several, at least: a sure model isn't always swayed."""
    prompts = [prompt(seed, 9) for seed in range(6, 14)]
    plain = [await triton.ids(MODEL, ids, 60, end_id=-1) for ids in prompts]
    for tensors in ({"repetition_penalty": 2.0}, {"presence_penalty": 2.0}, {"frequency_penalty": 2.0}):
        assert [await triton.ids(MODEL, ids, 60, end_id=-1, **tensors) for ids in prompts] != plain, tensors


async def test_log_probs_come_with_their_tokens(triton: Triton) -> None:
    deltas = await triton.deltas(MODEL, prompt(7, 9), 30, end_id=-1, return_log_probs=True)
    assert all(len(delta.log_probs) == len(delta.ids) for delta in deltas)
    log_probs = [value for delta in deltas for value in delta.log_probs]
    assert len(log_probs) == 30
    assert all(-30 < value <= 0 for value in log_probs)  # 0: nothing else was possible, in 32 bits
    assert math.isclose(deltas[-1].cumulative, sum(log_probs), rel_tol=1e-4)


async def test_the_end_id_ends_and_is_sent(triton: Triton) -> None:
    ids = await triton.ids(MODEL, prompt(8, 9), 60, end_id=-1)
    end = ids[0]
    assert await triton.ids(MODEL, prompt(8, 9), 60, end_id=end) == [end]
    longer = await triton.ids(MODEL, prompt(8, 9), 60, end_id=end, min_tokens=10)
    assert len(longer) > 10
    assert end not in longer[:10]


@pytest.mark.parametrize(
    ("ids", "limit", "tensors", "named"),
    [
        ([VOCABULARY], 5, {}, "input_ids"),
        ([-1], 5, {}, "input_ids"),
        ([], 5, {}, "input_ids"),
        ([7] * 4000, 97, {}, "input_ids: 4000 tokens and request_output_len 97 exceed the context of 4096"),
        ([7], 0, {}, "request_output_len"),
        ([7], 5, {"temperature": -1.0}, "temperature"),
        ([7], 5, {"temperature": math.nan}, "temperature"),
        ([7], 5, {"runtime_top_p": 1.5}, "runtime_top_p"),
        ([7], 5, {"runtime_top_k": -1}, "runtime_top_k"),
        ([7], 5, {"min_p": 1.0}, "min_p"),
        ([7], 5, {"repetition_penalty": 0.0}, "repetition_penalty"),
        ([7], 5, {"presence_penalty": 3.0}, "presence_penalty"),
        ([7], 5, {"frequency_penalty": -3.0}, "frequency_penalty"),
        ([7], 5, {"min_tokens": -1}, "min_tokens"),
        ([7], 5, {"end_id": -2}, "end_id"),
        ([7], 5, {"num_return_sequences": 2}, "num_return_sequences"),
        ([7], 5, {"beam_width": 2}, "beam_width"),
        ([7], 5, {"stop": True}, "stop"),
        ([7], 5, {"embedding_bias": 1.0}, "embedding_bias"),
    ],
)
async def test_an_error_names_the_tensor(
    triton: Triton, ids: list[int], limit: int, tensors: dict[str, float], named: str
) -> None:
    with pytest.raises(Failed, match=named):
        await triton.deltas(MODEL, ids, limit, **tensors)
    assert len(await triton.ids(MODEL, [7], 3, end_id=-1)) == 3
    assert await triton.active(MODEL) == 0


async def test_the_longest_prompt_that_fits(triton: Triton) -> None:
    assert len(await triton.ids(MODEL, prompt(9, 4000), 96, end_id=-1)) == 96


async def test_the_metadata_names_what_is_honoured(triton: Triton) -> None:
    metadata = await triton.stub.ModelMetadata(triton_pb2.ModelMetadataRequest(name=MODEL))
    names = {tensor.name for tensor in metadata.inputs}
    assert {"input_ids", "seed", "min_tokens", "runtime_top_p", "stop"} <= names
    assert not {"embedding_bias", "bad_words_list", "guided_decoding_guide"} & names


@pytest.mark.parametrize("moment", ["prefill", "midway"])
async def test_a_cancelled_stream_leaves_the_engine(triton: Triton, moment: str) -> None:
    call = triton.call(request(MODEL, prompt(10, 3000), 1000, end_id=-1))
    if moment == "midway":
        await call.read()
    await triton.until_active(MODEL, 1)
    call.cancel()
    await triton.until_active(MODEL, 0)


async def test_a_stream_cancelled_in_the_queue_leaves_it(triton: Triton) -> None:
    calls = [triton.call(request(MODEL, [7, 8, i], FOREVER, end_id=-1)) for i in range(10, 268)]
    await triton.until_active(MODEL, 258)
    calls.pop().cancel()
    await triton.until_active(MODEL, 257)
    for call in calls:
        call.cancel()
    await triton.until_active(MODEL, 0)
    assert len(await triton.ids(MODEL, [7], 3, end_id=-1)) == 3


async def test_stop_ends_the_request_of_the_same_id_alone(triton: Triton) -> None:
    stopped = asyncio.create_task(triton.ids(MODEL, prompt(11, 9), FOREVER, request_id="one", end_id=-1))
    other = asyncio.create_task(triton.ids(MODEL, prompt(12, 9), 300, request_id="two", end_id=-1))
    await triton.until_active(MODEL, 2)
    assert [delta async for delta in triton.stream(MODEL, [0], 1, request_id="one", stop=True)] == []
    assert len(await stopped) < FOREVER
    assert len(await other) == 300
    await triton.until_active(MODEL, 0)


async def test_gauges_have_tensorrt_llms_names(triton: Triton) -> None:
    await triton.ids(MODEL, prompt(13, 200), 3, end_id=-1)
    before = await triton.metrics()
    await triton.ids(MODEL, prompt(13, 200), 3, end_id=-1)
    kinds = {(family, kind) for family, kind, model in before if model == MODEL}
    assert kinds == {
        *(("nv_trt_llm_request_metrics", kind) for kind in ("active", "max", "scheduled", "context", "waiting")),
        *(
            ("nv_trt_llm_kv_cache_block_metrics", kind)
            for kind in ("max", "free", "used", "tokens_per", "reused", "fraction")
        ),
        ("nv_trt_llm_general_metrics", "iteration_counter"),
    }
    blocks = {
        kind: value for (_, kind, _), value in (await triton.metrics()).items() if kind in ("max", "free", "used")
    }
    assert blocks["free"] + blocks["used"] == blocks["max"]
    reused = ("nv_trt_llm_kv_cache_block_metrics", "reused", MODEL)

    async def reused_blocks() -> float:
        return (await triton.metrics())[reused] - before[reused]

    async with asyncio.timeout(5):
        while await reused_blocks() < 6:  # of 200 tokens, six blocks of 32 are whole
            await asyncio.sleep(0.02)


async def test_an_engine_that_dies_is_started_again(fresh: Triton) -> None:
    task = asyncio.create_task(fresh.ids(MODEL, [7], FOREVER, end_id=-1))
    await fresh.until_active(MODEL, 1)
    (engine,) = fresh.stub_of(MODEL).children()
    engine.kill()
    with pytest.raises(Failed, match="restarted"):
        await task
    assert len(await fresh.ids(MODEL, [7], 3, end_id=-1)) == 3
    assert await fresh.active(MODEL) == 0


@pytest.mark.parametrize("signal", ["kill", "suspend"])
async def test_unload_and_load_replace_a_dead_or_stopped_stub(fresh: Triton, signal: str) -> None:
    hanging = fresh.call(request(MODEL, [7], FOREVER, end_id=-1))
    await hanging.read()
    before = fresh.stub_of(MODEL)
    getattr(before, signal)()
    await fresh.stub.RepositoryModelUnload(triton_pb2.RepositoryModelUnloadRequest(model_name=MODEL), timeout=10)
    try:
        await fresh.stub.RepositoryModelLoad(triton_pb2.RepositoryModelLoadRequest(model_name=MODEL), timeout=20)
    except grpc.aio.AioRpcError:  # Rarely Triton itself dies of it: then its supervisor starts it again.
        await until(lambda: psutil.Process(fresh.pid).status() == psutil.STATUS_ZOMBIE)
        return
    hanging.cancel()
    assert len(await fresh.ids(MODEL, [7], 3, end_id=-1)) == 3
    assert await fresh.active(MODEL) == 0
    if signal == "suspend":
        engine = before.children()
        before.kill()
        await until(lambda: not any(process.is_running() for process in engine))
