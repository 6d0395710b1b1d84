"""Makes the pictures of docs/images: `.venv/bin/python -m tests.clients.screenshots [DIR]`, of a mesh of its own."""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright

from tests.clients.browser import Page, launch
from tests.whole_mesh import ROOT, end, start

TALK = ["Hello! My name is Ada.", "What is 12 + 30?", "你好！你是谁？", "What is my name?"]
OTHERS = ["Count from 1 to 10.", "Tell me a short story about a fox.", "我叫小明。"]


async def take(url: str, directory: Path) -> None:
    """A finished conversation among others, on a desk and on a phone."""
    async with async_playwright() as playwright, launch(playwright) as browser:
        context = await browser.new_context(viewport={"width": 1120, "height": 760})
        page = Page(await context.new_page())
        for message in OTHERS:
            await page.open(url)
            await page.ask(message)
        await page.open(url)
        for message in TALK:
            await page.ask(message)
        await page.raw.screenshot(path=directory / "chat.png")
        phone = await browser.new_context(viewport={"width": 390, "height": 700}, is_mobile=True, has_touch=True)
        page = Page(await phone.new_page(), touched=True)
        await page.open(url)
        await page.ask(OTHERS[1])
        await page.raw.screenshot(path=directory / "chat-phone.png")


def main() -> None:
    """Takes both."""
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        mesh = start(Path(data), TOKENLOOM_PACED="0")
        try:
            asyncio.run(take(mesh.url, directory))
        finally:
            end(mesh.process, mesh.run_id)


if __name__ == "__main__":
    main()
