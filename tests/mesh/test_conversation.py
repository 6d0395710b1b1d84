"""A conversation is remembered by the mesh: over turns, over a restart, in two languages."""

import itertools
from collections.abc import Callable

import httpx
import pytest

from tests.mesh.talk import PATIENCE, asks, stream
from tests.whole_mesh import Mesh

TALKS = {
    "en": (["My name is Ada.", "Hello!", "What is 3 + 4?", "How are you?"], "What is my name?", "Ada"),
    "zh": (["我叫小明。", "你好！", "3 + 4 等于多少？", "你好吗？"], "我叫什么名字？", "小明"),
}


@pytest.mark.timeout(120)
async def test_a_name_is_remembered_over_a_restart(start_mesh: Callable[..., Mesh]) -> None:
    mesh = start_mesh()
    chats = {}
    async with httpx.AsyncClient(base_url=mesh.url, timeout=PATIENCE) as client:
        for language, (messages, _, _) in TALKS.items():
            chats[language] = (await client.post("/chat", json={})).json()["id"]
            for message in messages:
                path = f"/chat/{chats[language]}/completion"
                answer = await stream(client, asks(message, temperature=0), path)
                assert answer.finish == "stop", answer
    assert mesh.stop() == 0
    mesh = start_mesh()
    async with httpx.AsyncClient(base_url=mesh.url, timeout=PATIENCE) as client:
        for language, (messages, question, name) in TALKS.items():
            answer = await stream(client, asks(question, temperature=0), f"/chat/{chats[language]}/completion")
            assert name in answer.text
            chat = (await client.get(f"/chat/{chats[language]}")).json()
            assert [turn["messages"][0]["content"] for turn in chat["turns"]] == [*messages, question]
        listed = (await client.get("/chats")).json()["data"]
        assert {chat["id"] for chat in listed} == set(chats.values())
        assert (await client.delete(f"/chat/{chats['en']}")).status_code in (200, 204)
        assert (await client.get(f"/chat/{chats['en']}")).status_code == 404


async def test_a_long_conversation_slides_and_stays_within_the_window(mesh: Mesh) -> None:
    async with httpx.AsyncClient(base_url=mesh.url, timeout=PATIENCE) as client:
        chat = (await client.post("/chat", json={})).json()["id"]
        sizes = []
        for number in range(12):
            body = asks(f"Message {number}: " + "some words to fill the window " * 75, max_tokens=8, temperature=0)
            answer = await stream(client, body, f"/chat/{chat}/completion")
            assert answer.error is None, answer.error
            sizes.append(answer.usage["prompt_tokens"])
        window = (await client.get("/v1/models")).json()["data"][0].get("context_length", 2048)
        assert max(sizes) <= window
        assert any(after < before for before, after in itertools.pairwise(sizes)), sizes
