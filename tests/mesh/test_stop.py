"""Nothing burns: whoever leaves or says stop, the engine has nothing more to do, in prefill and in the middle."""

import asyncio
import contextlib
import json

import grpc
import httpx
import pytest

from tests.mesh.talk import PATIENCE, events, paced, until_active
from tests.whole_mesh import Mesh
from tokenloom.chat.v1.chat_pb2 import ROLE_USER, Message, Part, Scope
from tokenloom.orchestrator.v1.orchestrator_pb2 import Cancel, ConverseRequest, OpenTurn
from tokenloom.orchestrator.v1.orchestrator_pb2_grpc import OrchestratorServiceStub

TRIALS = 13  # of each kind, in each placement
PREFILL = paced("late", prefill_ms=8000)
MIDWAY = paced("word ", repeat=400, interval_ms=25)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "plain"])
@pytest.mark.parametrize("body", [PREFILL, MIDWAY], ids=["prefill", "midway"])
async def test_a_disconnect_frees_the_engine(any_mesh: Mesh, body: dict[str, object], streamed: bool) -> None:
    metrics = any_mesh.processes("triton")[0]["metrics"]
    took = []
    async with httpx.AsyncClient() as gauges:
        await until_active(gauges, metrics, "paced", 0)
        for _ in range(TRIALS):
            async with httpx.AsyncClient(base_url=any_mesh.url, timeout=PATIENCE) as client:
                task = asyncio.create_task(_read(client, {**body, "stream": streamed}))
                await until_active(gauges, metrics, "paced", 1)
                if body is MIDWAY:
                    await asyncio.sleep(0.1)
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            took.append(await until_active(gauges, metrics, "paced", 0, seconds=1))
    print(f"engine idle after a disconnect, ms: {sorted(round(1000 * seconds) for seconds in took)}")


async def _read(client: httpx.AsyncClient, body: dict[str, object]) -> None:
    async with client.stream("POST", "/v1/chat/completions", json=body) as response:
        async for _ in events(response):
            pass


@pytest.mark.parametrize("body", [PREFILL, MIDWAY], ids=["prefill", "midway"])
async def test_cancel_on_converse_frees_the_engine(any_mesh: Mesh, body: dict[str, list[dict[str, str]]]) -> None:
    metrics = any_mesh.processes("triton")[0]["metrics"]
    message = Message(role=ROLE_USER, parts=[Part(text=body["messages"][0]["content"])])
    turn = OpenTurn(scope=Scope(tenant="t", user="u"), model="paced", messages=[message])
    async with (
        httpx.AsyncClient() as gauges,
        grpc.aio.insecure_channel(any_mesh.address("orchestrator")) as channel,
    ):
        call = OrchestratorServiceStub(channel).Converse()
        for number in range(TRIALS):
            await call.write(ConverseRequest(response_id=f"r{number}", open=turn))
            await until_active(gauges, metrics, "paced", 1)
            await call.write(ConverseRequest(response_id=f"r{number}", cancel=Cancel()))
            await until_active(gauges, metrics, "paced", 0, seconds=1)
            ended = False
            while not ended:
                response = await call.read()
                ended = any(event.end.HasField("cancelled") for event in response.events)
        call.cancel()


async def test_a_stopped_turn_keeps_what_was_shown(any_mesh: Mesh) -> None:
    async with httpx.AsyncClient(base_url=any_mesh.url, timeout=PATIENCE) as client:
        chat = (await client.post("/chat", json={})).json()["id"]
        shown = ""
        async with client.stream("POST", f"/chat/{chat}/completion", json={**MIDWAY, "stream": True}) as response:
            async for data in events(response):
                for choice in json.loads(data)["choices"]:
                    shown += choice["delta"].get("content") or ""
                if len(shown) > 20:
                    break
        turns: list[dict[str, object]] = []
        while not turns:
            turns = (await client.get(f"/chat/{chat}")).json()["turns"]
            await asyncio.sleep(0.02)
        assert turns[0]["status"] == "cancelled"
        assert str(turns[0]["answer"]["content"]).startswith(shown)  # type: ignore[index]
