"""The chat page as a person uses it, in a headless Chromium."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Callable

import grpc
import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from mesh.chat import SCOPE
from mesh.ids import new_id
from tests.clients.browser import PATIENCE_MS, Page, launch
from tests.mesh.talk import paced, until_active
from tests.whole_mesh import Mesh
from tokenloom.chat.v1 import chat_pb2
from tokenloom.context.v1 import context_pb2 as pb
from tokenloom.context.v1 import context_pb2_grpc

expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG = {"repeat": 1000, "interval_ms": 25}
PACE = re.compile(r"first token \d+ ms · [\d.]+ tokens/s · \d+ tokens")
PHONE = {"viewport": {"width": 390, "height": 760}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
MARKDOWN = """# A heading

Some **bold** words, `code`, 你好 and a [good link](https://example.com/page).

1. first
2. second

| what | how much | where it is to be found, at great length |
| --- | --- | --- |
| tea | 3 | in the_cupboard_whose_name_is_one_very_long_word_that_cannot_be_broken |

```python
def answer(): return "a line of code that is longer than a phone is wide, by far, and so it has to scroll by itself"
```

> said

"""
HARM = """<img src=x onerror="document.title='harmed'"> [press](javascript:alert(1)) ![pixel](https://elsewhere.example/p.png)

<a href="javascript:document.title='harmed'" onclick="document.title='harmed'" style="position:fixed">link</a>

<script>document.title = 'harmed'</script><svg onload="document.title='harmed'"><style>* { display: none }</style></svg>

<iframe src="https://elsewhere.example/"></iframe><form action="https://elsewhere.example/"><input><button>go</button></form>

The end.
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright, launch(playwright) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page in a fresh profile. Whatever the browser complains of fails the test."""
    context = await browser.new_context()
    page = Page(await context.new_page())
    yield page
    await context.close()
    assert page.violations() == []


async def check_markdown(page: Page) -> None:
    """The last answer is MARKDOWN and HARM, as they should be shown."""
    body = page.answers.last.locator(".body")
    await expect(body.locator("h1")).to_have_text("A heading")
    await expect(body.locator("strong")).to_have_text("bold")
    await expect(body.locator("ol li")).to_have_text(["first", "second"])
    await expect(body.locator("table td").first).to_have_text("tea")
    await expect(body.locator("pre code")).to_contain_text("def answer():")
    await expect(body.locator("blockquote")).to_have_text("said")
    link = body.get_by_role("link", name="good link")
    await expect(link).to_have_attribute("href", "https://example.com/page")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await expect(body).to_contain_text("<script>document.title = 'harmed'</script>")
    await expect(body.get_by_role("link", name="pixel")).to_have_attribute("href", "https://elsewhere.example/p.png")
    await expect(body).to_contain_text("The end.")
    await expect(body.locator("img, script, svg, style, iframe, form, input, button")).to_have_count(0)
    harm = """it => [...it.querySelectorAll("*")].flatMap(e => [...e.attributes])
        .filter(a => /^on|^style$/i.test(a.name) || /javascript/i.test(a.value)).map(a => `${a.name}=${a.value}`)"""
    assert await body.evaluate(harm) == []
    assert "harmed" not in await page.raw.title()
    origin = re.match(r"https?://[^/]+", page.raw.url)
    assert origin
    assert [it for it in page.requested if not it.startswith((origin[0], "about:"))] == []


async def test_markdown_streams_and_does_no_harm(page: Page, base_url: str) -> None:
    await page.open(base_url)
    await expect(page.raw.locator(".empty")).to_be_visible()
    await expect(page.raw.locator("#input")).to_be_focused()
    answer = await page.send(MARKDOWN + HARM, interval_ms=8)
    await expect(answer.locator("h1")).to_have_text("A heading")
    await expect(page.raw.locator("#stop")).to_be_visible()
    await expect(answer).not_to_contain_text("The end.")
    await expect(answer.locator(".meta")).to_have_text(PACE)
    await expect(page.raw.locator("#send")).to_be_visible()
    await expect(page.raw.locator("#input")).to_be_focused()
    await expect(answer.locator(".meta")).to_be_in_viewport()
    await check_markdown(page)
    await page.raw.reload()
    await check_markdown(page)


@pytest.mark.parametrize("prefill", [False, True], ids=["midway", "prefill"])
async def test_stop_frees_the_engine_and_keeps_what_was_shown(
    page: Page, base_url: str, metrics: str, prefill: bool
) -> None:
    await page.open(base_url)
    async with httpx.AsyncClient(trust_env=False) as gauges:
        await until_active(gauges, metrics, "paced", 0)
        answer = await (page.send("late", prefill_ms=8000) if prefill else page.send("word ", **LONG))
        await until_active(gauges, metrics, "paced", 1)
        if not prefill:
            await expect(answer).to_contain_text("word word word")
        await page.raw.click("#stop")
        took = await until_active(gauges, metrics, "paced", 0, seconds=1)
    print(f"engine idle {1000 * took:.0f} ms after Stop was pressed")
    await expect(answer.locator(".meta")).to_have_text("Stopped.")
    await expect(page.raw.locator("#input")).to_be_focused()
    shown = await answer.locator(".body").inner_text()
    await page.raw.reload()
    await expect(page.answers.last.locator(".meta")).to_have_text("Stopped.")
    kept = await page.answers.last.locator(".body").inner_text()
    assert kept.startswith(shown)
    assert len(kept) <= len(shown) + 100
    assert await page.ask("well met", interval_ms=1) == "well met"


async def test_refused_text_is_not_shown(page: Page, base_url: str) -> None:
    await page.open(base_url)
    answer = await page.send("Tell me how to make a pipe bomb.")
    await expect(answer.locator(".meta")).to_contain_text("I can't help with making weapons.")
    await page.raw.select_option("#model", "paced")
    message = paced(["Well, ", "how to make a pipe bomb", " and more"])["messages"][0]["content"]
    answer = await page.send(message)
    for _ in range(2):
        await expect(answer.locator(".meta").first).to_have_text("Declined by a policy.")
        assert await answer.locator(".body").inner_text() == "Well,"
        await page.raw.reload()


TALKS = {
    "en": (["My name is Ada.", "Hello!", "What is 3 + 4?", "How are you?"], "What is my name?", "Ada"),
    "zh": (["我叫小明。", "你好！", "3 + 4 等于多少？", "你好吗？"], "我叫什么名字？", "小明"),
}


@pytest.mark.timeout(120)
async def test_chats_are_kept_over_a_restart(page: Page, start_mesh: Callable[..., Mesh]) -> None:
    mesh = start_mesh()
    for messages, _, _ in TALKS.values():
        await page.open(mesh.url)
        for message in messages:
            await page.ask(message)
    await expect(page.chats).to_have_text(["我叫小明。×", "My name is Ada.×"])
    assert mesh.stop() == 0
    answer = await page.send("Are you there?")
    await expect(answer.locator(".error")).to_have_text("The server can't be reached.")
    await expect(page.raw.locator("#input")).to_have_value("Are you there?")
    mesh = start_mesh("--port", str(mesh.port))
    await page.raw.press("#input", "Enter")
    await expect(page.answers.last.locator(".meta")).to_have_text(PACE)
    for messages, question, name in TALKS.values():
        await page.raw.get_by_role("link", name=messages[0]).click()
        await expect(page.raw.locator("#title")).to_have_text(messages[0])
        await expect(page.raw.locator(".message.user").first).to_have_text(messages[0])
        assert name in await page.ask(question)
    await page.raw.click("#new-chat")
    await expect(page.raw.locator(".message")).to_have_count(0)
    await expect(page.chats).to_have_count(2)
    dialogs = iter(["dismiss", "accept"])
    page.raw.on("dialog", lambda dialog: getattr(dialog, next(dialogs))())
    delete = page.raw.get_by_role("button", name="Delete My name is Ada.")
    await page.raw.get_by_role("link", name="My name is Ada.").click()
    await expect(page.raw.locator(".message").first).to_be_visible()
    await delete.click()
    await expect(page.chats).to_have_count(2)
    await delete.click()
    await expect(page.chats).to_have_text(["我叫小明。×"])
    await expect(page.raw.locator(".empty")).to_be_visible()
    answer = await page.send("word ", **LONG)
    await expect(answer).to_contain_text("word word")
    os.kill(mesh.pid("edge"), signal.SIGKILL)
    await expect(answer.locator(".error")).to_have_text("The connection was lost before the answer's end.")
    await expect(answer).to_contain_text("word word")
    await asyncio.to_thread(mesh.wait_models)
    assert await page.ask("well met", interval_ms=1) == "well met"


async def store(address: str, turns: int) -> str:
    """Puts a chat of so many turns into a mesh; returns its id."""
    chat = new_id("conv")
    async with grpc.aio.insecure_channel(address) as channel:
        context = context_pb2_grpc.ContextServiceStub(channel)
        await context.CreateConversation(pb.CreateConversationRequest(scope=SCOPE, conversation_id=chat))
        records = []
        for number in range(turns):
            said = chat_pb2.Message(role=chat_pb2.ROLE_USER, parts=[chat_pb2.Part(text=f"message {number}")])
            answer = chat_pb2.Message(role=chat_pb2.ROLE_ASSISTANT, parts=[chat_pb2.Part(text=f"answer {number}")])
            turn = pb.Turn(id=f"turn-{number:05}", messages=[said], answer=answer, status=pb.TURN_STATUS_COMPLETED)
            records.append(pb.RecordTurnRequest(scope=SCOPE, conversation_id=chat, turn=turn))
        await asyncio.gather(*map(context.RecordTurn, records))
    return chat


async def test_long_chats_and_many_chats_come_by_pages(page: Page, mesh: Mesh) -> None:
    address = mesh.address("context")
    long = await store(address, 203)
    await asyncio.gather(*(store(address, 1) for _ in range(45)))
    await page.raw.goto(f"{mesh.url}/#{long}")
    await expect(page.answers.last).to_be_in_viewport()
    await expect(page.answers).to_have_count(100)
    for count in (200, 203):
        await page.raw.click("text=Earlier messages")
        await expect(page.answers).to_have_count(count)
    assert await page.answers.all_inner_texts() == [f"answer {number}" for number in range(203)]
    await expect(page.raw.get_by_text("Earlier messages")).to_have_count(0)
    await expect(page.chats).to_have_count(40)
    await page.raw.click("#more-chats")
    await expect(page.raw.locator("#chats .current")).to_have_text("message 0×")
    assert await page.chats.count() > 45


async def test_a_phone_is_wide_enough(browser: Browser, base_url: str) -> None:
    context = await browser.new_context(**PHONE)
    page = Page(await context.new_page(), touched=True)
    await page.open(base_url)
    await page.ask(MARKDOWN + "a_word_that_is_far_too_long_for_the_width_of_a_phone_" * 3, interval_ms=1)
    assert await page.overflow() == []
    await page.raw.tap("#toggle")
    await expect(page.raw.locator("#sidebar")).to_be_in_viewport()
    await page.raw.tap("#new-chat")
    await expect(page.raw.locator("#sidebar")).not_to_be_in_viewport()
    await page.raw.locator("#input").press_sequentially("well")
    await page.raw.press("#input", "Enter")
    await expect(page.raw.locator("#input")).to_have_value("well\n")
    await page.ask("well met")
    await expect(page.raw.locator("#send")).to_be_in_viewport(ratio=1)
    await page.raw.tap("#toggle")
    await page.chats.nth(1).locator("a").tap()
    await expect(page.answers.locator("table")).to_be_visible()
    await expect(page.raw.locator("#sidebar")).not_to_be_in_viewport()
    assert await page.overflow() == []
    await context.close()
    assert page.violations() == []


async def test_a_key_is_asked_for(page: Page, strict_mesh: Mesh) -> None:
    await page.raw.goto(strict_mesh.url)
    for key in ("wrong", "sesame"):
        await expect(page.raw.locator("#key-dialog")).to_be_visible()
        await expect(page.raw.locator("#key-wrong")).to_be_visible(visible=key == "sesame")
        await page.raw.fill("#key", key)
        await page.raw.press("#key", "Enter")
    await expect(page.raw.locator("#model option")).to_have_text(["tokenloom-mini", "paced"])
    await expect(page.raw.locator("#key-dialog")).not_to_be_visible()
    assert await page.ask("well met", interval_ms=1) == "well met"
    await page.raw.reload()
    await expect(page.answers.locator(".body")).to_have_text("well met")
