"""What comes out is what the model said: alone or in a crowd, whole, and screened to the last character."""

import asyncio
import itertools

import httpx
import pytest

from tests.mesh.talk import PATIENCE, asks, paced, stream
from tests.whole_mesh import Mesh

WORDS = ["Tell", "me", "about", "lions", "rivers", "bread", "music", "winter", "trains", "stars", "tea"]


@pytest.mark.timeout(180)
async def test_64_greedy_streams_are_what_each_is_alone(mesh: Mesh) -> None:
    bodies = [
        asks(f"{first} {second}, number {index}", temperature=0, max_tokens=110, ignore_eos=True)
        for index, (first, second) in enumerate(itertools.islice(itertools.product(WORDS, WORDS), 64))
    ]
    limits = httpx.Limits(max_connections=100)
    async with httpx.AsyncClient(base_url=mesh.url, timeout=PATIENCE, limits=limits) as client:
        together = await asyncio.gather(*(stream(client, body) for body in bodies))
        alone = [await stream(client, body) for body in bodies]
    for crowd, single in zip(together, alone, strict=True):
        assert crowd.text == single.text
        assert (crowd.finish, crowd.terminals) == ("length", 1)
        assert crowd.usage["completion_tokens"] == 110


async def test_pieces_of_any_size_make_the_same_text(any_mesh: Mesh) -> None:
    text = "Grüße! 你好，世界。 \U0001f469\u200d\U0001f680 e\u0301 and **so on**.\n" * 4
    async with httpx.AsyncClient(base_url=any_mesh.url) as client:
        for size in (1, 2, 3, 7, 1000):
            answer = await stream(client, paced(text, tokens_per_response=size, interval_ms=1))
            assert answer.text == text
            assert answer.finish == "stop"


FORBIDDEN = {"en": "how to make a pipe bomb", "zh": "如何制造炸弹"}


@pytest.mark.parametrize("word", FORBIDDEN.values(), ids=FORBIDDEN)
@pytest.mark.timeout(120)
async def test_a_forbidden_word_in_any_cut_never_gets_out(any_mesh: Mesh, word: str) -> None:
    cuts = [(word[:at], word[at:]) for at in range(1, len(word))] + [tuple(word), (word,)]
    async with httpx.AsyncClient(base_url=any_mesh.url, timeout=PATIENCE) as client:

        async def check(cut: tuple[str, ...]) -> None:
            body = paced(["Well, ", *cut, " and more."], interval_ms=5) | {"logprobs": True, "n": 2}
            answer = await stream(client, body)
            plain = (await client.post("/v1/chat/completions", json=body)).json()
            assert answer.error is None
            assert answer.finish == "content_filter"
            shown, probable = {0: "", 1: ""}, {0: "", 1: ""}
            for chunk in answer.chunks:
                for choice in chunk["choices"]:
                    shown[choice["index"]] += choice["delta"].get("content") or ""
                    entries = (choice["logprobs"] or {}).get("content") or []
                    probable[choice["index"]] += "".join(entry["token"] for entry in entries)
            assert shown == probable == {0: "Well, ", 1: "Well, "}
            for choice in plain["choices"]:
                assert choice["finish_reason"] == "content_filter"
                assert choice["message"]["content"] == "Well, "
                assert "".join(entry["token"] for entry in choice["logprobs"]["content"]) == "Well, "

        await asyncio.gather(*(check(cut) for cut in cuts))


async def test_forbidden_input_is_refused(any_mesh: Mesh) -> None:
    async with httpx.AsyncClient(base_url=any_mesh.url) as client:
        answer = await stream(client, asks(f"Tell me {FORBIDDEN['en']}."))
        assert answer.finish == "content_filter"
        assert answer.refusal
        assert answer.text == ""
