"""The phone of a principal: what comes and what is answered, by clicks and typing, at a phone's width.

With SCREENSHOTS=folder the pictures of ``docs/principal.md`` are written there.
"""

import io
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.async_api import Locator, Page, async_playwright, expect
from sqlalchemy import func, select

from models.assignments import Assignment, Children, Evidence, Figure, Report, ReportState
from models.database import Database
from models.people import Role
from tests.stories.test_page import CHROMIUM, QUIET
from tests.stories.town import Town, town

WIDTH, HEIGHT = 390, 844  # CSS pixels
LEAST_HEIGHT = 32  # of a button, CSS pixels
LEAST_FONT = 14  # CSS pixels
LEAST_CONTRAST = 4.5  # WCAG 2.1, level AA
PATIENCE = 20_000  # milliseconds; the word about an album waits for its last photo

TALL = 1040  # CSS pixels: a question and its answer in one picture
NOT_ON_A_PHONE = ".block { visibility: hidden } .message.own:first-child { display: none }"

SCHOOLS = "МБОУ СОШ № 1\nМБОУ СОШ № 2"
HEAD = """Отдел образования администрации Заозёрного района

ПРИКАЗ

01.09.2026 г.

№ 77-о

Об утверждении плана мероприятий («дорожной карты») по повышению качества образования на 2026 год

ПРИКАЗЫВАЮ:

1. Утвердить прилагаемый план мероприятий («дорожную карту»).

План мероприятий («дорожная карта») по повышению качества образования на 2026 год

№ п/п	Мероприятие	Срок исполнения	Ответственные	Ожидаемый результат
"""
TEAMS = "1.1.	Создание школьных команд	до 15 октября 2026 года	ОО	Приказы о командах\n"
NOVEMBER = (
    "1.2.	Повышение квалификации педагогов	до 30 ноября 2026 года	ОО	Не менее 60 % педагогов\n"
    "2.1.	Анализ проверочных работ	до 30 ноября 2026 года	ОО	Аналитические справки\n"
    "2.2.	Родительские собрания об итогах четверти	до 30 ноября 2026 года	ОО	Протоколы собраний\n"
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists(),
        reason="Debian's chromium is not installed here: `make browser` installs it, .ci/run does so",
    ),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),  # the page knows no database
]


@dataclass(frozen=True)
class Desk:
    """The town and its page, with the phones of a principal and of a coordinator."""

    place: Town
    page: Page

    @property
    def principal(self) -> Locator:
        """Give the principal's phone."""
        return self.page.get_by_test_id("phone-0")

    @property
    def coordinator(self) -> Locator:
        """Give the coordinator's phone."""
        return self.page.get_by_test_id("phone-1")

    async def takes(self, phone: str) -> None:
        """Take the phone of «директор» or of «координатор» into the hand."""
        await self.page.get_by_role("tab", name=phone).click()


@asynccontextmanager
async def desk(database: Database, folder: Path, rows: str, start: datetime) -> AsyncIterator[Desk]:
    """Approve a plan of the rows, let a principal and a coordinator in, and open the page of their phones."""
    async with town(database, folder / "data", start) as place, async_playwright() as playwright:
        await approve(place, HEAD + rows)
        school, office = await place.organisation("СОШ № 1"), await place.organisation("Отдел образования")
        people = (
            await place.joins("Анна Сергеевна", 11, Role.EXECUTOR, "директор", school),
            await place.joins("Мария Николаевна", 12, Role.COORDINATOR, "координатор", office),
        )
        place.sim.phones = [person.id for person in people]
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(place.sim.base_url)
        yield Desk(place, page)
        await browser.close()
        assert errors == []


async def approve(place: Town, order: str) -> None:
    """Play the administrator's part: schools, the order, the approval."""
    admin = await place.administrator()
    admin.presses(admin.last_with("Добавить школы"), "Добавить школы")
    await admin.receives("Пришлите список школ")
    admin.sends(SCHOOLS)
    await admin.receives("Добавлено: 2 школы")
    admin.sends_document(order.encode(), "приказ.txt", "text/plain")
    admin.presses(await admin.receives("Прочитано", button="Утвердить", timeout=30), "Утвердить")
    admin.presses(await admin.receives(button="Да, утвердить"), "Да, утвердить")
    await admin.receives("утверждён")
    await place.still()


def message(of: Locator, text: str) -> Locator:
    return of.get_by_test_id("message").filter(has_text=text).last


async def reads(of: Locator, text: str) -> Locator:
    """Wait until a text is on the screen, and see that everything there can be read."""
    found = message(of, text)
    await expect(found).to_be_visible(timeout=PATIENCE)
    await expect(found.locator(".bubble")).to_be_in_viewport()
    assert await unreadable(of) == []
    return found


async def says(of: Locator, text: str) -> None:
    await of.get_by_test_id("input").fill(text)
    await of.get_by_test_id("send").click()


async def presses(of: Locator, label: str) -> None:
    await of.get_by_role("button", name=label).last.click()


async def replies_to(of: Locator, text: str) -> None:
    """Open the menu under a message and choose to answer it."""
    found = message(of, text)
    await found.get_by_role("button", name="Действия с сообщением").click()
    await found.get_by_role("button", name="Ответить", exact=True).click()


async def scrolls_down(of: Locator) -> None:
    """Go back to the newest message, as a finger does after an answer to an old one."""
    await of.locator(".chat").evaluate("(chat) => { chat.scrollTop = chat.scrollHeight; }")


async def attaches(of: Locator, *photos: bytes) -> None:
    chosen: Any = [
        {"name": f"IMG_{number}.jpg", "mimeType": "image/jpeg", "buffer": photo}
        for number, photo in enumerate(photos)
    ]
    await of.get_by_test_id("attach").set_input_files(chosen)


async def unreadable(of: Locator) -> list[str]:
    """List what sticks out of the screen or of its bubble, and buttons too small or too pale to be read."""
    found: list[str] = await of.evaluate(
        """(phone, [height, font, contrast]) => {
            const light = (colour) => colour.match(/[\\d.]+/g).slice(0, 3)
                .map((part) => part / 255)
                .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
                .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
            const ratio = ({ color, backgroundColor }) => {
                const [pale, dark] = [light(color), light(backgroundColor)].sort((one, other) => other - one);
                return (pale + 0.05) / (dark + 0.05);
            };
            const wide = (node) => node.clientWidth && node.scrollWidth > node.clientWidth + 1
                && getComputedStyle(node).textOverflow !== "ellipsis";
            const said = (node) => `${node.className || node.tagName}: ${node.textContent.slice(0, 60)}`;
            const shown = (selector) => [...phone.querySelectorAll(selector)]
                .filter((node) => node.checkVisibility() && node.type !== "file");
            const pages = [document.documentElement, document.body].filter(wide);
            const out = shown(":scope :is(.chat, .bubble, .bubble *, .buttons *, form *)")
                .filter((node) => node.getBoundingClientRect().right > innerWidth || wide(node));
            const faint = shown(".buttons button").filter((node) => {
                const style = getComputedStyle(node);
                return node.offsetHeight < height || parseFloat(style.fontSize) < font
                    || (!node.disabled && ratio(style) < contrast);
            });
            return [...pages, ...out, ...faint].map(said);
        }""",
        [LEAST_HEIGHT, LEAST_FONT, LEAST_CONTRAST],
    )
    return found


async def shown(here: Desk, name: str, height: int = HEIGHT) -> None:
    """Keep a picture of the principal's phone, ``height`` CSS pixels tall, if pictures are asked for.

    What a real phone does not show is left out: the demo's own button, and the code of the invitation.
    """
    if folder := os.environ.get("SCREENSHOTS"):
        await here.page.set_viewport_size({"width": WIDTH, "height": height})
        await scrolls_down(here.principal)
        await here.principal.screenshot(path=Path(folder) / f"{name}.png", style=NOT_ON_A_PHONE)
        await here.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
        await scrolls_down(here.principal)


def drawing(seed: int) -> bytes:
    """Draw a meeting room with a board, different for each seed: a JPEG of 480×360 pixels."""
    picture = Image.new("RGB", (480, 360), ((226, 214, 190), (205, 219, 224), (222, 224, 204))[seed % 3])
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 250, 480, 360), fill=(168, 132, 96))
    left = 40 + 70 * (seed % 3)
    pen.rectangle((left, 50, left + 220, 170), fill=(52, 94, 78), outline=(120, 84, 52), width=6)
    for row in range(3 + seed % 2):
        pen.line((left + 22, 74 + 22 * row, left + 110 + 25 * ((row + seed) % 4), 74 + 22 * row), "white", 4)
    for place in range(3):
        x = 30 + 150 * place + 12 * (seed % 3)
        pen.rectangle((x, 262, x + 110, 278), fill=(196, 158, 112))
        pen.rectangle((x + 8, 278, x + 16, 330), fill=(110, 80, 56))
        pen.rectangle((x + 94, 278, x + 102, 330), fill=(110, 80, 56))
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=85)
    return made.getvalue()


async def test_a_reminder_is_put_off_answered_with_an_album_accepted_and_all_fits_a_phone(
    database: Database, tmp_path: Path
) -> None:
    async with desk(database, tmp_path, TEAMS, datetime(2026, 10, 12, 5, 0, tzinfo=UTC)) as here:
        principal, coordinator = here.principal, here.coordinator
        await here.place.walk_to(datetime(2026, 10, 12, 6, 5, tzinfo=UTC))  # 9:05 of a Monday in Moscow
        await reads(principal, "Напоминание: п. 1.1")
        await shown(here, "phone-reminder")
        await presses(principal, "Не сейчас")
        await reads(principal, "Когда напомнить снова")
        await presses(principal, "До завтра, 13 октября")
        await reads(principal, "Хорошо, до завтра, 13 октября, напоминаний не будет")

        await here.place.walk_to(datetime(2026, 10, 13, 6, 5, tzinfo=UTC))
        await replies_to(principal, "Напоминание: п. 1.1")
        await principal.get_by_test_id("input").fill("Команда создана, приказ № 31 от 12 октября")
        await attaches(principal, *(drawing(seed) for seed in range(3)))
        card = await reads(principal, "3 фото, текст")
        await expect(card).to_contain_text("Принял: п. 1.1 Создание школьных команд")
        await expect(message(principal, "приказ № 31").locator("blockquote")).to_be_visible()
        await presses(principal, "Отправить на проверку")
        await reads(principal, "Есть ли на снимках дети?")
        await presses(principal, "Детей нет")
        await reads(principal, "Записал: детей на снимках нет")

        await here.takes("координатор")
        await reads(coordinator, "СОШ № 1 · п. 1.1")
        await reads(coordinator, "Команда создана, приказ № 31")
        await presses(coordinator, "Принять")
        await reads(coordinator, "Принято: Мария Николаевна")
        await here.takes("директор")
        await reads(principal, "Принято: п. 1.1")
        await shown(here, "phone-acceptance", TALL)
    async with database.reading() as session:
        report = (await session.scalars(select(Report))).one()
        assert (report.state, report.children) == (ReportState.ACCEPTED, Children.NONE)
        assert report.text == "Команда создана, приказ № 31 от 12 октября"
        assert await session.scalar(select(func.count(Evidence.id))) == 3


async def test_a_bundle_is_answered_row_by_row_with_a_figure_and_a_date_is_moved(
    database: Database, tmp_path: Path
) -> None:
    async with desk(database, tmp_path, NOVEMBER, datetime(2026, 11, 9, 7, 0, tzinfo=UTC)) as here:
        principal, coordinator = here.principal, here.coordinator
        await here.place.walk_to(datetime(2026, 11, 10, 6, 5, tzinfo=UTC))  # 9:05 in Moscow
        bundle = await reads(principal, "Напоминание: 3 пункта")
        await expect(bundle).to_contain_text("60 % педагогов. Напишите, сколько из скольких")
        await shown(here, "phone-bundle")
        await presses(principal, "Отчитаться: п. 1.2")
        await reads(principal, "Цель: не менее 60 % педагогов. Напишите, сколько из скольких")
        await says(principal, "Курсы по оцениванию прошли в октябре")
        await reads(principal, "Сколько из скольких?")
        await says(principal, "62 %")
        await reads(principal, "62 % — от скольких?")
        await shown(here, "phone-figure", TALL)
        await says(principal, "50")
        card = await reads(principal, "31 из 50 — это 62 %")
        await expect(card).to_contain_text("достигнута")
        await presses(principal, "Отправить на проверку")
        sent = await reads(principal, "Отправлено на проверку: п. 1.2")
        await expect(sent).to_contain_text("Удаление сообщений в чате отчёт не отменяет")

        await replies_to(principal, "Напоминание: 3 пункта")
        await says(principal, "2.1 анализ проведён, справка обсуждена на педсовете")
        await scrolls_down(principal)
        await reads(principal, "Принял: п. 2.1")
        await presses(principal, "Отправить на проверку")
        sent = await reads(principal, "Отправлено на проверку: п. 2.1")
        await expect(sent).not_to_contain_text("Удаление")  # said once
        await here.takes("координатор")
        await reads(coordinator, "справка обсуждена на педсовете")
        await reads(coordinator, "31 из 50")

        await here.place.walk_to(datetime(2026, 11, 25, 6, 5, tzinfo=UTC))  # three working days before
        await here.takes("директор")
        await reads(principal, "Напоминание: п. 2.2")
        await presses(principal, "Другой ответ")
        await reads(principal, "выберите, как обстоит дело")
        await presses(principal, "Нужен перенос")
        await reads(principal, "До какого дня перенести и почему?")
        await says(principal, "до 11 декабря, карантин")
        await reads(principal, "Просьба о переносе на 11 декабря")
        await here.takes("координатор")
        await reads(coordinator, "Просят перенести срок: СОШ № 1 · п. 2.2")
        await presses(coordinator, "Перенести до 11 декабря")
        await reads(coordinator, "Срок перенесён")
        await here.takes("директор")
        await reads(principal, "Был 30 ноября, теперь 11 декабря")
    async with database.reading() as session:
        figure = (await session.scalars(select(Figure))).one()
        assert (figure.numerator, figure.denominator) == (31, 50)
        reports = (await session.scalars(select(Report))).all()
        assert {report.state for report in reports} == {ReportState.SUBMITTED}
        assert len(reports) == 2
        assert date(2026, 12, 11) in set(await session.scalars(select(Assignment.due)))
