"""The chat page in a headless Chromium, as a person sees it, and all that the browser complained of."""

import contextlib
import json
import re
from collections.abc import AsyncIterator
from typing import Any

from playwright.async_api import Browser, Locator, Playwright
from playwright.async_api import Page as RawPage

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 15_000


@contextlib.asynccontextmanager
async def launch(playwright: Playwright) -> AsyncIterator[Browser]:
    """A browser that talks to nobody but the page's server."""
    browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    try:
        yield browser
    finally:
        await browser.close()


class Page:
    """The chat page."""

    def __init__(self, raw: RawPage, *, touched: bool = False) -> None:
        self.raw = raw
        self.touched = touched
        """Whether messages are sent by a tap, as on a phone, whose Enter is for new lines."""
        self.complaints: list[str] = []
        """Errors and warnings on the console, violations of the policy among them, and uncaught exceptions."""
        self.requested: list[str] = []
        raw.set_default_timeout(PATIENCE_MS)
        raw.on("console", lambda it: self.complaints.append(it.text) if it.type in ("error", "warning") else None)
        raw.on("pageerror", lambda error: self.complaints.append(str(error)))
        raw.on("request", lambda request: self.requested.append(request.url))

    async def open(self, url: str) -> None:
        """Shows a new chat."""
        await self.raw.goto("about:blank")
        await self.raw.goto(f"{url}/")
        await self.raw.locator("#model option").first.wait_for(state="attached")

    async def send(self, text: str, **script: Any) -> Locator:
        """Sends a message, a script of the test model's if there is more than a text. Returns the answer's element."""
        if script:
            await self.raw.select_option("#model", "paced")
            text = json.dumps({"text": text, **script}, ensure_ascii=False)
        count = await self.answers.count()
        await self.raw.fill("#input", text)
        await (self.raw.tap("#send") if self.touched else self.raw.press("#input", "Enter"))
        return self.answers.nth(count)

    async def ask(self, text: str, **script: Any) -> str:
        """Sends a message and waits for the answer's end; returns what it says."""
        answer = await self.send(text, **script)
        await answer.locator(".meta").first.wait_for()
        assert not await answer.locator(".error").count(), await answer.inner_text()
        return await answer.locator(".body").inner_text()

    @property
    def answers(self) -> Locator:
        """The answers that are shown."""
        return self.raw.locator(".message.assistant")

    @property
    def chats(self) -> Locator:
        """The list of past chats."""
        return self.raw.locator("#chats li")

    async def overflow(self) -> list[str]:
        """What sticks out of the window sideways, but for what scrolls by itself."""
        width = await self.raw.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        wide: list[str] = await self.raw.evaluate(
            """() => [...document.querySelectorAll("main *")]
                .filter((it) => !it.closest("pre, table") && it.getBoundingClientRect().right > innerWidth + 0.5)
                .map((it) => `${it.tagName} ${it.className || it.id}`)"""
        )
        return wide if width[0] <= width[1] else [f"the page: {width[0]} of {width[1]} px", *wide]

    def violations(self) -> list[str]:
        """The complaints, less that a request was refused: Chromium logs those that the page deals with, too."""
        return [it for it in self.complaints if not re.match(r"Failed to load resource", it)]
