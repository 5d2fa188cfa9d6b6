"""The page of phones in a browser, at the width of a phone: what its owner can do and see."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from playwright.async_api import Locator, Page, async_playwright, expect

from simulator import Album, Kind, Media, Origin, Person, Simulator
from simulator.people import picture

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDTH = 390

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists(),
        reason="Debian's chromium is not installed here: `make browser` installs it, .ci/run does so",
    ),
]


@pytest.fixture
async def page(sim: Simulator, anna: Person) -> AsyncIterator[Page]:
    """Open the page at a phone's width; an error on it fails the test."""
    boris = sim.person("Борис", user_id=8)
    boris.starts()
    sim.phones = [anna.id, boris.id]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        opened = await browser.new_page(viewport={"width": WIDTH, "height": 844})
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        await opened.goto(sim.base_url)
        await expect(opened.get_by_test_id("phone-0")).to_be_visible()
        yield opened
        await browser.close()
        assert errors == []


@pytest.fixture
def phone(page: Page) -> Locator:
    return page.get_by_test_id("phone-0")


def bubble(phone: Locator, text: str) -> Locator:
    return phone.get_by_test_id("message").filter(has_text=text).last


async def act(message: Locator, word: str) -> None:
    """Open the menu under a message and choose."""
    await message.get_by_role("button", name="Действия с сообщением").click()
    await message.get_by_role("button", name=word, exact=True).click()


async def writes(phone: Locator, text: str) -> None:
    await phone.get_by_test_id("input").fill(text)
    await phone.get_by_test_id("send").click()


async def chooses(phone: Locator, picker: str, *files: tuple[str, str, bytes]) -> None:
    chosen: Any = [{"name": name, "mimeType": mime, "buffer": data} for name, mime, data in files]
    await phone.get_by_test_id(picker).set_input_files(chosen)


async def fits(page: Page) -> bool:
    """Tell whether nothing on the shown phone sticks out of the screen or of its bubble."""
    fit: bool = await page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth
            && [...document.querySelectorAll(".phone.shown :is(.bubble, .bubble *, .chat, form *)")]
                .filter((node) => node.checkVisibility() && node.type !== "file")
                .every((node) => node.getBoundingClientRect().right <= innerWidth
                    && (node.scrollWidth <= node.clientWidth + 1 || !node.clientWidth
                        || getComputedStyle(node).textOverflow === "ellipsis"))"""
    )
    return fit


async def test_photos_chosen_at_once_are_shown_as_one_album_with_a_caption(
    page: Page, phone: Locator, anna: Person
) -> None:
    await phone.get_by_test_id("input").fill("Открытый урок")
    photos = [(f"{n}.jpg", "image/jpeg", picture(n)) for n in range(1, 6)]
    await chooses(phone, "attach", *photos)
    await expect(bubble(phone, "Открытый урок").locator("img")).to_have_count(5)
    await expect(phone.get_by_test_id("message")).to_have_count(1)
    await expect(phone.get_by_test_id("input")).to_have_value("")
    assert len({one["media_group_id"] for one in anna.chat}) == 1
    assert await fits(page)


async def test_files_are_chosen_from_the_clip_and_shown_by_name_and_size(
    page: Page, phone: Locator, anna: Person
) -> None:
    clip = phone.get_by_test_id("clip")
    await clip.click()
    await expect(phone.get_by_text("Фото или видео")).to_be_visible()
    long = "Приказ № 31-од о создании школьной команды по работе с рисками.pdf"
    await chooses(
        phone, "attach-file", (long, "application/pdf", bytes(1536)), ("a.jpg", "image/jpeg", picture())
    )
    await expect(phone.get_by_text("Фото или видео")).to_be_hidden()
    shown = bubble(phone, "Приказ № 31-од")
    await expect(shown).to_contain_text("1,5 КБ")
    await expect(shown.get_by_role("link")).to_have_count(2)
    assert [one["document"]["file_name"] for one in anna.chat] == [long, "a.jpg"]
    assert await fits(page)
    async with page.expect_download() as download:
        await shown.get_by_role("link", name=long).click()
    assert (await (await download.value).path()).read_bytes() == bytes(1536)


async def test_an_answer_quotes_what_it_answers(page: Page, phone: Locator, bot: Bot, anna: Person) -> None:
    words = "Напоминание: п. 1.3 Создание школьных команд по работе с рисками"
    await bot.send_message(7, words)
    await act(bubble(phone, "Напоминание"), "Ответить")
    await expect(phone.get_by_text(f"Ответ на: {words[:60]}")).to_be_visible()
    assert await fits(page)
    await writes(phone, "Сделано")
    await expect(bubble(phone, "Сделано").locator(".quote")).to_have_text(f"Дорожная карта{words}")
    await act(bubble(phone, "Сделано"), "Ответить")
    await phone.get_by_test_id("voice").click()
    voice = phone.get_by_test_id("message").last
    await expect(voice.get_by_role("img", name="Голосовое сообщение, 0:05")).to_be_visible()
    await expect(voice.locator(".quote")).to_have_text("ВыСделано")
    assert anna.chat[-1]["reply_to_message"]["text"] == "Сделано"
    await act(bubble(phone, "Напоминание"), "Ответить")
    await phone.get_by_role("button", name="Отменить").click()
    await writes(phone, "Без ответа")
    await expect(bubble(phone, "Без ответа").locator(".quote")).to_have_count(0)


async def test_own_words_captions_and_photos_are_changed(
    page: Page, phone: Locator, bot: Bot, anna: Person
) -> None:
    await writes(phone, "Опечтка\nвторая строка")
    await act(bubble(phone, "Опечтка"), "Изменить")
    await expect(phone.get_by_test_id("input")).to_have_value("Опечтка\nвторая строка")
    await expect(phone.get_by_test_id("clip")).to_be_hidden()
    await writes(phone, "Опечатка")
    await expect(bubble(phone, "Опечатка")).to_contain_text("изменено")
    anna.sends_photo(picture(1), "Стенд")
    before = anna.downloads(anna.chat[-1])
    await act(bubble(phone, "Стенд"), "Изменить")
    await chooses(phone, "attach", ("2.jpg", "image/jpeg", picture(2)))
    await expect(bubble(phone, "Стенд")).to_contain_text("изменено")
    assert anna.downloads(anna.chat[-1]) != before
    await act(bubble(phone, "Стенд"), "Изменить")
    await writes(phone, "")
    await expect(bubble(phone, "Стенд")).to_have_count(0)
    assert "caption" not in anna.chat[-1]
    kinds = [update.event_type for update in await bot.get_updates()]
    assert kinds == ["message", "edited_message", "message", "edited_message", "edited_message"]


async def test_only_own_messages_can_be_changed_and_all_can_be_deleted(
    page: Page, phone: Locator, bot: Bot, anna: Person
) -> None:
    await bot.send_message(7, "Слова бота")
    anna.forwards("Чужая новость", origin=Origin.CHANNEL)
    anna.sends_album(3, "Альбом")
    for words in ("Слова бота", "Чужая новость"):
        await bubble(phone, words).get_by_role("button", name="Действия с сообщением").click()
        await expect(bubble(phone, words).get_by_role("button", name="Изменить")).to_have_count(0)
    await expect(bubble(phone, "Чужая новость")).to_contain_text("Переслано: Новости Заозёрья")
    await act(bubble(phone, "Альбом"), "Удалить")
    await expect(bubble(phone, "Альбом")).to_have_count(0)
    await bubble(phone, "Слова бота").get_by_role("button", name="Удалить").click()
    await expect(phone.get_by_test_id("message")).to_have_count(1)
    assert [one["text"] for one in anna.chat] == ["Чужая новость"]


async def test_an_answer_to_what_was_deleted_meanwhile_is_dropped(
    page: Page, phone: Locator, anna: Person
) -> None:
    message = anna.sends("Не туда")
    await act(bubble(phone, "Не туда"), "Изменить")
    anna.deletes(message)
    await expect(phone.get_by_text("Изменить: Не туда")).to_be_hidden()
    await expect(phone.get_by_test_id("input")).to_have_value("")


async def test_buttons_are_pressed_and_links_lead_out(
    page: Page, phone: Locator, bot: Bot, anna: Person
) -> None:
    buttons = [
        InlineKeyboardButton(text="Выполнено", callback_data="done"),
        InlineKeyboardButton(text="Сайт", url="https://school5.example/"),
    ]
    keyboard = InlineKeyboardMarkup(inline_keyboard=[buttons])
    bad = '<a href="tg://user?id=1">кто-то</a>'
    await bot.send_message(7, f"Сделано? {bad}", parse_mode="HTML", reply_markup=keyboard)
    anna.sends("Вот: https://school5.example/a, ещё school5.ru")
    await bubble(phone, "Сделано?").get_by_role("button", name="Выполнено").click()
    async with page.expect_response("**/sim/press"):
        await bubble(phone, "Сделано?").get_by_role("button", name="Выполнено").click()
    links = phone.get_by_role("link")
    assert [await one.get_attribute("href") for one in await links.all()] == [
        "https://school5.example/",
        "https://school5.example/a",
        "https://school5.ru",
    ]
    presses = [update.callback_query.data for update in await bot.get_updates() if update.callback_query]
    assert presses == ["done", "done"]


async def test_everything_a_phone_sends_is_readable_at_its_width(
    page: Page, phone: Locator, bot: Bot, anna: Person
) -> None:
    papers = [Media(Kind.DOCUMENT, b"a", "Протокол_совещания_при_директоре_" + "о" * 60 + ".docx")] * 2
    anna.sends_albums(Album([picture(1), Media(Kind.VIDEO, seconds=75), picture(2)]), Album(papers, "Два"))
    anna.sends_video_note()
    anna.sends_animation()
    anna.sends_audio(file_name="совещание.mp3")
    anna.sends_voice(65, "ж" * 300)
    anna.sends_sticker()
    anna.sends_dice()
    anna.sends_venue()
    anna.sends_location()
    anna.sends_contact()
    anna.sends_poll("Когда провести педагогический совет по итогам первой четверти?")
    anna.sends_story()
    anna.forwards("https://school5.example/" + "a" * 200, origin=Origin.CHANNEL, photo=picture(3, 900))
    await expect(phone.get_by_test_id("message")).to_have_count(14)
    for words in ("1:15", "1:05", "GIF", "🎲", "Школа, Садовая, 1", "Когда провести", "История: Новости"):
        await expect(bubble(phone, words)).to_be_visible()
    assert await fits(page)
    await page.add_style_tag(content=".document b { white-space: nowrap; }")
    assert not await fits(page)  # the look would notice


async def test_one_phone_is_shown_and_the_other_says_it_has_news(
    page: Page, phone: Locator, bot: Bot, anna: Person
) -> None:
    other = page.get_by_test_id("phone-1")
    tab = page.get_by_role("tab").nth(1)
    await expect(other).to_be_hidden()
    for number in range(30):
        await bot.send_message(8, f"Отчёт {number}")
    await expect(tab).to_have_class("fresh")
    await tab.click()
    await expect(phone).to_be_hidden()
    await expect(bubble(other, "Отчёт 29")).to_be_in_viewport()
    await expect(tab).not_to_have_class("fresh")
    await writes(other, "Принято")
    await expect(bubble(other, "Принято")).to_be_in_viewport()
    assert await fits(page)
