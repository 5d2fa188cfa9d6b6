"""The page: the main job played in a browser, on the demo as an administrator starts it."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from tests.stories.town import picture

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
ROOT = Path(__file__).parents[2]
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists(),
        reason="Debian's chromium is not installed here: `make browser` installs it, .ci/run does so",
    ),
]


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """Start the demo as ``make run`` does, and give where its page is."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {"PATH": "/usr/bin:/bin", "HTTP_PORT": str(port), "PYTHONUNBUFFERED": "1"}
    demo = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert demo.stdout is not None
        async with asyncio.timeout(60):
            line = (await demo.stdout.readline()).decode()
        assert f"http://127.0.0.1:{port}" in line
        yield f"http://127.0.0.1:{port}"
    finally:
        demo.terminate()
        await demo.wait()


@pytest.fixture
async def page(address: str) -> AsyncIterator[Page]:
    """Open the page in Debian's chromium; an error on it fails the test."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        opened = await browser.new_page(viewport={"width": 1440, "height": 900})
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        await opened.goto(address)
        yield opened
        await browser.close()
        assert errors == []


def phone(page: Page, index: int) -> Locator:
    return page.get_by_test_id(f"phone-{index}")


async def says(of: Locator, text: str) -> None:
    await of.get_by_test_id("input").fill(text)
    await of.get_by_test_id("send").click()


async def presses(of: Locator, label: str) -> None:
    await of.get_by_role("button", name=label).last.click()


async def reads(of: Locator, text: str) -> None:
    await expect(of.get_by_test_id("message").filter(has_text=text).last).to_be_visible(timeout=15_000)


async def test_a_visitor_plays_the_main_job_on_three_phones(page: Page, tmp_path: Path) -> None:
    principal, coordinator, clerk = (phone(page, index) for index in range(3))
    await reads(principal, "Готово! Вы — директор")
    await reads(coordinator, "Провели педсовет")
    await page.get_by_test_id("advance-day").click()
    await page.get_by_test_id("advance-week").click()
    await expect(page.get_by_test_id("advance-week")).to_be_enabled(timeout=60_000)
    await reads(clerk, "Сводка на")

    await presses(principal, "Мои пункты")
    await reads(principal, "Мои пункты")
    await presses(principal, "Отчитаться: п. 1.3")
    await reads(principal, "Пришлите текст, фото или документы")
    await says(principal, "Команда создана, приказ № 31")
    await reads(principal, "Отправить на проверку?")
    photos = [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": picture(n * 40)} for n in range(1, 4)]
    await principal.get_by_test_id("attach").set_input_files(photos)  # type: ignore[arg-type]
    await reads(principal, "3 фото, текст")
    await presses(principal, "Отправить на проверку")
    await reads(principal, "Отправлено на проверку")

    await reads(coordinator, "Команда создана, приказ № 31")
    await presses(coordinator, "Вернуть")
    await presses(coordinator, "Нет листа регистрации")
    await reads(principal, "Возвращено: п. 1.3")
    await says(principal, "Лист регистрации приложен к приказу № 31")
    await expect(principal.get_by_test_id("message").last).to_contain_text("Принял: п. 1.3")
    await presses(principal, "Отправить на проверку")
    await reads(coordinator, "Лист регистрации приложен")
    await presses(coordinator, "Принять")
    await reads(principal, "Принято: п. 1.3")

    await says(coordinator, "/status")
    await reads(coordinator, "Выполнено")
    await presses(coordinator, "По организациям")
    await reads(coordinator, "выполнено из всех")
    await page.screenshot(path=os.environ.get("SCREENSHOT", tmp_path / "demo.png"))


async def test_the_page_fits_a_phone(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    principal, coordinator = phone(page, 0), phone(page, 1)
    await reads(principal, "Готово! Вы — директор")
    assert await coordinator.is_hidden()
    await page.get_by_role("tab", name="координатор").click()
    await reads(coordinator, "Готово! Вы — координатор")
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
