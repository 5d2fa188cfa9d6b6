"""Bad input gets a clear sentence saying what to do, and nothing half-done stays."""

import hashlib
import io
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from models.assignments import Report, ReportState
from models.database import Database
from models.files import StoredFile
from models.people import Person, Role
from models.roadmaps import Edition, Roadmap
from tests.stories.town import ORDER, Town, picture, town

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)


def broken_docx() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("word/document.xml", "<w:document")
        packed.writestr("[Content_Types].xml", "")
    return made.getvalue()


BAD_FILES = [
    ("письмо.txt", "Уважаемые коллеги! Совещание во вторник.".encode(), "в файле нет таблицы"),
    ("приказ.docx", broken_docx(), "файл повреждён"),
    ("приказ.docx", b"PK\x03\x04 half a file", "файл повреждён"),
    (
        "приказ.docx",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") * 40,
        "закрыт паролем",
    ),
    ("снимок.png", b"\x89PNG\r\n...", "такой файл бот не читает"),
    ("пусто.txt", b"", "повреждён или пуст"),
    ("при\0каз\u202e.txt", b"no table at all", "прочитать «приказ.txt»: в файле нет таблицы"),
]


@pytest.mark.parametrize(("name", "data", "words"), BAD_FILES, ids=[words for _, _, words in BAD_FILES])
async def test_a_file_that_is_no_order_is_refused_in_words(
    database: Database, tmp_path: Path, name: str, data: bytes, words: str
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin = await place.administrator()
        admin.sends_document(data, name)
        refused = await admin.receives(words, timeout=30)
        assert "ришлите" in refused["text"]
        assert "Сам файл сохранён под № 1" in refused["text"]
    async with database.reading() as session:
        kept = await session.scalar(select(StoredFile.sha256))
    assert kept == hashlib.sha256(data).hexdigest()
    assert (tmp_path / "data" / "files" / kept[:2] / kept).read_bytes() == data
    assert await count(database, Roadmap) == await count(database, Edition) == 0


async def count(database: Database, table: Any) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def prepared(place: Town, order: str) -> Any:
    """Send an order as the administrator of a town with one school; give the administrator."""
    admin = await place.administrator()
    admin.presses(admin.last_with("Добавить школы"), "Добавить школы")
    await admin.receives("Пришлите список школ")
    admin.sends("МБОУ СОШ № 1")
    await admin.receives("Добавлено: 1 школа")
    admin.sends_document(order.encode(), "приказ.txt", "text/plain")
    return admin


async def test_an_unreadable_deadline_and_an_unnamed_party_block_the_approval_until_answered(
    database: Database, tmp_path: Path
) -> None:
    order = ORDER.replace("до 15 октября 2026 года", "когда рак на горе свистнет")
    async with town(database, tmp_path / "data", START) as place:
        admin = await prepared(place, order)
        preview = await admin.receives("срок не понят", timeout=30)
        assert "кто такие «Методический центр»" in preview["text"]
        admin.presses(preview, data=f"approve:{edition_of(preview)}")  # an old or forged button
        assert "осталось ответить на 2 вопроса" in (await admin.receives("Утвердить пока нельзя"))["text"]

        admin.presses(preview, "исправить срок")
        row = await admin.receives("Понято: не понял")
        admin.presses(row, "Исправить срок")
        await admin.receives("напишите срок, как в приказе")
        admin.sends("примерно осенью")
        await admin.receives("Не понял срок")
        admin.sends("до 15 октября 2026 года")
        corrected = await admin.receives("по 15 октября 2026")
        assert "«когда рак на горе свистнет»" in corrected["text"]

        admin.presses(corrected, "К плану")
        preview = await admin.receives(button="Исполнители")
        admin.presses(preview, "Исполнители")
        admin.presses(await admin.receives(button="Методический центр"), "Методический центр")
        admin.presses(await admin.receives(button="рабочая группа"), "рабочая группа")
        listed = await admin.receives("«Методический центр» — Методический центр")
        admin.presses(listed, "К плану")
        await admin.receives("план можно утвердить")


def edition_of(preview: dict[str, Any]) -> int:
    buttons = [button for row in preview["reply_markup"]["inline_keyboard"] for button in row]
    return int(buttons[-1]["callback_data"].split(":")[1])


async def test_a_date_counted_from_an_event_asks_for_the_day_of_the_event(
    database: Database, tmp_path: Path
) -> None:
    order = ORDER.replace("октябрь 2026 года", "в течение 10 дней после получения результатов")
    async with town(database, tmp_path / "data", START) as place:
        admin = await prepared(place, order)
        preview = await admin.receives("нужна дата события", timeout=30)
        admin.presses(preview, "указать дату события")
        await admin.receives("когда произошло или произойдёт")
        admin.sends("завтра")
        await admin.receives("Не понял дату")
        admin.sends("05.10.2026")
        assert "15 октября 2026" in (await admin.receives("Контрольные сроки"))["text"]


async def test_dates_before_the_approval_wait_for_a_decision(database: Database, tmp_path: Path) -> None:
    order = ORDER.replace("до 15 октября 2026 года", "до 4 сентября 2026 года")
    async with town(database, tmp_path / "data", START) as place:
        admin = await prepared(place, order)
        preview = await admin.receives("1 срок прошёл до утверждения", timeout=30)
        admin.presses(preview, "Прошедшие сроки")
        asked = await admin.receives("Без решения: 1")
        admin.presses(asked, "отчёт до")
        preview = await admin.receives("кто такие «Методический центр»")
        assert "прошёл" not in preview["text"]


async def test_a_stranger_gets_a_polite_sentence_and_nothing_else(database: Database, tmp_path: Path) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await place.administrator()
        stranger = place.sim.person("Прохожий", user_id=5555)
        for text in ("/start", "/status", "Привет", "/invite"):
            stranger.sends(text)
            await stranger.receives("личную ссылку-приглашение")
        stranger.sends_document(ORDER.encode(), "приказ.txt")
        await stranger.receives("личную ссылку-приглашение")
        stranger.presses(stranger.last, data="status")
        await stranger.receives("Этого здесь больше нет")
        assert len(stranger.inbox) == 6
    assert await count(database, Person) == 1


async def test_invitations_are_used_once_expire_and_cannot_be_guessed(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin = await place.administrator()
        admin.presses(admin.last_with("Добавить школы"), "Добавить школы")
        await admin.receives("Пришлите список")
        admin.sends("МБОУ СОШ № 1")
        await admin.receives("Добавлено")
        school = await place.organisation("СОШ № 1")
        token = await place.token(Role.EXECUTOR, "директор", school)
        first, second = place.sim.person("Анна", user_id=11), place.sim.person("Борис", user_id=12)
        second.sends("/start guess")
        await second.receives("Такого приглашения нет")

        first.sends(f"/start {token}")
        offer = await first.receives(button="Да, это я")
        second.presses(second.last, data=offer["reply_markup"]["inline_keyboard"][0][0]["callback_data"])
        await second.receives("Такого приглашения нет")
        first.presses(offer, "Да, это я")
        first.presses(await first.receives(button="Согласен"), "Согласен")
        await first.receives("Готово!")
        second.sends(f"/start {token}")
        await second.receives("уже вошли")

        late = await place.token(Role.EXECUTOR, "заместитель", school)
        place.sim.clock.advance(timedelta(days=8))
        second.sends(f"/start {late}")
        await second.receives("больше не действует")
        declined = await place.token(Role.EXECUTOR, "заместитель", school)
        second.sends(f"/start {declined}")
        second.presses(await second.receives(button="Нет, это не я"), "Нет, это не я")
        await second.receives("ничего о вас не сохранили")
    assert await count(database, Person) == 2


async def test_whatever_a_principal_sends_is_kept_or_explained(database: Database, tmp_path: Path) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin = await prepared(place, ORDER)
        preview = await admin.receives(button="Исполнители", timeout=30)
        admin.presses(preview, "Исполнители")
        admin.presses(await admin.receives(button="Методический центр"), "Методический центр")
        admin.presses(await admin.receives(button="учреждение"), "учреждение")
        admin.presses(await admin.receives("— Методический центр"), "К плану")
        admin.presses(await admin.receives(button="Утвердить"), "Утвердить")
        admin.presses(await admin.receives(button="Да, утвердить"), "Да, утвердить")
        await admin.receives("утверждён")
        principal = await place.joins(
            "Анна", 11, Role.EXECUTOR, "директор", await place.organisation("СОШ № 1")
        )
        for send in (principal.sends_sticker, principal.sends_location):
            send()
            await principal.receives("Этого я не умею принять")
        principal.sends_contact()
        await principal.receives("Этого я не умею принять")

        principal.sends_photo(picture(1))  # a reply to nothing, two items open
        question = await principal.receives("Сохранил: 1 фото. К какому пункту")
        principal.presses(question, "п. 1.1")
        card = await principal.receives("Принял: п. 1.1")
        old_button = f"submit:{report_of(card)}"
        principal.presses(card, "Отправить на проверку")
        await principal.receives("Отправлено на проверку")
        principal.presses(card, data=old_button)
        await principal.receives("уже отправлен")
        principal.sends("<b>Ещё</b> & немного")
        await principal.receives("К какому пункту")
        principal.presses(principal.last, "Удалить черновик")
        await principal.receives("Черновик удалён")
        principal.sends("/cancel")
        await principal.receives("Отменять нечего")
    async with database.reading() as session:
        states = (await session.scalars(select(Report.state).order_by(Report.id))).all()
    assert states == [ReportState.SUBMITTED, ReportState.DROPPED]


def report_of(card: dict[str, Any]) -> int:
    return int(card["reply_markup"]["inline_keyboard"][0][0]["callback_data"].split(":")[1])
