"""Both transports of the token stream against a real Triton: what it streams, refuses, and how it dies."""

import asyncio
import contextlib
import json
import os
import signal
import struct
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence

import psutil
import pytest
from doubles_triton import by_grpc, by_h2
from engine.triton_client import PATIENCE, Triton, request, until

from inference import triton_pb2
from inference.transport import Transport
from mesh.faults import Fault

Encode = Callable[[str], list[int]]
Make = Callable[[Triton], Transport]
KINDS = (by_grpc, by_h2)


class Receiver:
    """Keeps what comes."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.end: asyncio.Future[Fault | None] = asyncio.get_running_loop().create_future()

    def take(self, batch: Sequence[bytes]) -> None:
        self.messages += batch

    def closed(self, fault: Fault | None) -> None:
        self.end.set_result(fault)

    async def fault(self) -> Fault | None:
        async with asyncio.timeout(PATIENCE):
            return await self.end

    def responses(self) -> list[triton_pb2.ModelStreamInferResponse]:
        return [triton_pb2.ModelStreamInferResponse.FromString(data) for data in self.messages]

    def ids(self) -> list[int]:
        """The tokens so far."""
        raw = b"".join(response.infer_response.raw_output_contents[0] for response in self.responses())
        return list(struct.unpack(f"<{len(raw) // 4}i", raw))


@pytest.fixture(params=KINDS, ids=["grpc", "h2"])
async def make(request: pytest.FixtureRequest) -> AsyncIterator[Make]:
    """Makes transports of either kind, closed at the end."""
    async with contextlib.AsyncExitStack() as stack:

        def made(triton: Triton) -> Transport:
            transport: Transport = request.param(f"127.0.0.1:{triton.server.grpc_port}")
            stack.push_async_callback(transport.aclose)
            return transport

        yield made


def paced(
    encode: Encode, text: str, request_id: str = "", limit: int = 1 << 16, **fields: object
) -> triton_pb2.ModelInferRequest:
    """A request to the `paced` model: the text to answer, and how."""
    message = request("paced", encode(json.dumps({"text": text, "end": False, **fields})), limit, request_id)
    message.outputs.add(name="output_ids")
    return message


async def test_streams_arrive_whole(triton: Triton, make: Make, encode: Encode) -> None:
    transport = make(triton)
    texts = [f"{number} " * 20 for number in range(40)]
    receivers = [Receiver() for _ in texts]
    for text, receiver in zip(texts, receivers, strict=True):
        transport.stream_infer(paced(encode, text, request_id=text[:3], interval_ms=2), receiver)
    for text, receiver in zip(texts, receivers, strict=True):
        assert await receiver.fault() is None
        assert receiver.ids() == encode(text)
        assert {response.infer_response.id for response in receiver.responses()} == {text[:3]}
        finals = [r.infer_response.parameters["triton_final_response"].bool_param for r in receiver.responses()]
        assert finals == [False] * (len(finals) - 1) + [True]


async def test_both_yield_the_same_bytes(triton: Triton, encode: Encode) -> None:
    requests = [
        request("tensorrt_llm", encode("Hello"), 40, "greedy", streaming=False, exclude_input_in_output=True),
        request("tensorrt_llm", encode("Hello"), 300, "long", streaming=False, end_id=-1, seed=3),
        paced(encode, "one response for all of it", tokens_per_response=1000),
        paced(encode, "told to fail", fail_after=0),
        request("paced", encode("{"), 0, "refused"),
        request("no_such_model", encode("Hello"), 10, "unknown"),
        triton_pb2.ModelInferRequest(model_name="tensorrt_llm"),
    ]
    seen = []
    for kind in KINDS:
        transport: Transport = kind(f"127.0.0.1:{triton.server.grpc_port}")
        receivers = [Receiver() for _ in requests]
        for message, receiver in zip(requests, receivers, strict=True):
            transport.stream_infer(message, receiver)
        faults = [await receiver.fault() for receiver in receivers]
        seen.append(
            [(receiver.messages, fault and fault.reason) for receiver, fault in zip(receivers, faults, strict=True)]
        )
        await transport.aclose()
    assert seen[0] == seen[1]
    assert all(messages for messages, _ in seen[0]), "Triton answers in band, errors too"


async def test_cancel_reaches_the_engine(triton: Triton, make: Make, encode: Encode) -> None:
    transport = make(triton)
    receivers = [Receiver() for _ in range(5)]
    cancels = [transport.stream_infer(paced(encode, "word ", repeat=5000), receiver) for receiver in receivers]
    await triton.until_active("paced", 5)
    await until(lambda: all(receiver.messages for receiver in receivers))
    for cancel in cancels:
        cancel()
    counts = [len(receiver.messages) for receiver in receivers]
    await triton.until_active("paced", 0)
    assert [len(receiver.messages) for receiver in receivers] == counts
    assert not any(receiver.end.done() for receiver in receivers)


async def test_cancel_during_prefill(triton: Triton, make: Make, encode: Encode) -> None:
    cancel = make(triton).stream_infer(paced(encode, "late", prefill_ms=60_000), Receiver())
    await triton.until_active("paced", 1)
    cancel()
    await triton.until_active("paced", 0)


async def test_a_large_prompt(triton: Triton, make: Make, encode: Encode) -> None:
    receiver = Receiver()
    make(triton).stream_infer(paced(encode, "long " * 40_000, limit=3), receiver)
    assert await receiver.fault() is None
    assert receiver.ids() == encode("long " * 40_000)[:3]


async def test_unload_under_live_streams(triton: Triton, make: Make, encode: Encode) -> None:
    transport = make(triton)
    live, refused, again = Receiver(), Receiver(), Receiver()
    transport.stream_infer(paced(encode, "word ", repeat=30), live)
    await until(lambda: bool(live.messages))
    await triton.stub.RepositoryModelUnload(triton_pb2.RepositoryModelUnloadRequest(model_name="paced"))
    try:
        transport.stream_infer(paced(encode, "x"), refused)
        assert await refused.fault() is None
        assert refused.responses()[-1].error_message
        assert await live.fault() is None, "Triton lets what runs finish"
        assert live.ids() == encode("word ") * 30
    finally:
        await triton.stub.RepositoryModelLoad(triton_pb2.RepositoryModelLoadRequest(model_name="paced"))
    transport.stream_infer(paced(encode, "back"), again)
    assert await again.fault() is None
    assert again.ids() == encode("back")


async def test_kill_and_restart(fresh: Triton, make: Make, encode: Encode) -> None:
    transport = make(fresh)
    receivers = [Receiver() for _ in range(10)]
    for receiver in receivers:
        transport.stream_infer(paced(encode, "word ", repeat=5000), receiver)
    await until(lambda: all(receiver.messages for receiver in receivers))
    os.kill(fresh.pid, signal.SIGKILL)
    faults = [await receiver.fault() for receiver in receivers]
    assert {fault and fault.reason for fault in faults} == {"ENGINE_UNAVAILABLE"}
    late = Receiver()
    transport.stream_infer(paced(encode, "x"), late)
    fault = await late.fault()
    assert fault is not None
    assert fault.reason == "ENGINE_UNAVAILABLE"

    fresh.server.clean()
    process = subprocess.Popen(fresh.server.argv(), env=fresh.server.environment(), start_new_session=True)
    try:
        async with asyncio.timeout(PATIENCE * 2):
            while True:
                again = Receiver()
                transport.stream_infer(paced(encode, "back"), again)
                if await again.end is None and not again.responses()[-1].error_message:
                    break
                await asyncio.sleep(0.05)
        assert again.ids() == encode("back")
    finally:
        family = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        psutil.wait_procs(family, timeout=PATIENCE)
