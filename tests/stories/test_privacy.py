"""Personal data: consent before anything is kept, a new version beside the work, a complete erasure."""

import hashlib
import json
import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.stores import FolderStore
from bot.wiring import sweep
from models import Base
from models.assignments import Evidence, Report, ReportState
from models.database import Database
from models.health import log_of, sqlite_file
from models.letters import Letter, LetterMessage
from models.machinery import StoredUpdate, UpdateState
from models.people import Consent, Erasure, Invitation, Person, Role, Tenure
from scheduler import janitor
from services import consents
from simulator.people import buttons_of
from tests.stories.test_conversations import approved
from tests.stories.town import Town, picture, town
from views.privacy import CONSENTS

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
DUE = datetime(2026, 10, 15, 7, 0, tzinfo=UTC)  # of «п. 1.1», ten in Moscow

NAME, MARFA, USERNAME, PHONE = "Марфа Зверобоева", 7_654_321_098, "marfa_zverobey", "+7 (916) 555-04-17"
MARKS = ("Зверобо", "ЗВЕРОБО", "Марф", USERNAME, "555-04-17", "9165550417", "marfa@example.org", str(MARFA))
DRAFTED = b"%PDF-1.7 " + NAME.encode()


async def dump(database: Database) -> str:
    """Give everything a database holds, row by row, JSON decoded."""
    lines = []
    async with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            rows = await session.execute(select(table))
            lines += [f"{table.name} {dict(row)}" for row in rows.mappings()]
    return "\n".join(lines)


def found_in(text: str) -> list[str]:
    return [line for line in text.splitlines() if any(mark in line for mark in MARKS)]


def bytes_of(mark: str) -> list[bytes]:
    """Give how a mark may lie in a file: as typed, as JSON keeps it, and a number as SQLite does."""
    forms = [mark.encode(), json.dumps(mark)[1:-1].encode()]
    return [*forms, int(mark).to_bytes(6, "big")] if mark.isdecimal() else forms


def files_with_traces(folder: Path) -> list[tuple[str, bytes]]:
    return [
        (path.name, form)
        for path in folder.rglob("*")
        if path.is_file()
        for form in (form for mark in MARKS for form in bytes_of(mark))
        if form in path.read_bytes()
    ]


async def marfa_comes(place: Town) -> Any:
    marfa = place.sim.person(NAME, user_id=MARFA, username=USERNAME)
    await place.joins(NAME, MARFA, Role.EXECUTOR, "директор", await place.organisation("СОШ № 1"))
    return marfa


async def coordinator_comes(place: Town) -> Any:
    office = await place.organisation("Отдел образования")
    return await place.joins("Ольга Речная", 12, Role.COORDINATOR, "координатор", office)


async def lives(place: Town, marfa: Any, coordinator: Any) -> None:
    """Let Marfa be named in every flow: a report, a remark, an appeal, a demand, a draft, raw updates."""
    await place.walk_to(DUE)
    reminder = await marfa.receives("Срок сегодня")
    marfa.sends_photo(picture(1), caption=f"Провели. {NAME}, тел. {PHONE}", reply_to=reminder)
    card = await marfa.receives("1 фото, текст", timeout=20)
    marfa.presses(card, "Отправить на проверку")
    await marfa.receives("Отправлено на проверку")
    review = await coordinator.receives("В отчёте: 1 фото, текст", timeout=20)
    assert NAME in review["text"]
    coordinator.presses(review, "Вернуть")
    await coordinator.receives("Почему возвращаем")
    coordinator.sends(f"{NAME}, подпишите приказ. Звонил по 89165550417, писал @{USERNAME}")
    await coordinator.receives("Возвращено")
    returned = await marfa.receives("подпишите приказ")
    marfa.presses(reminder, "Другой ответ")
    marfa.presses(await marfa.receives(button="Нужна помощь"), "Нужна помощь")
    await marfa.receives("п. 1.1")
    marfa.sends("Зверобоевой нужен пример приказа: marfa@example.org")
    await coordinator.receives("нужен пример приказа")
    coordinator.sends("/ask")
    coordinator.presses(await coordinator.receives(button="СОШ № 1"), "СОШ № 1")
    await coordinator.receives("Напишите запрос")
    coordinator.sends("Марфа Зверобоева, сколько у вас классов?")
    coordinator.presses(await coordinator.receives("Проверьте запрос"), "Отправить")
    demand = await marfa.receives("сколько у вас классов")
    await place.still()  # nobody answers within a millisecond
    marfa.sends(f"24. Перезвоните: {PHONE}", reply_to=demand)
    await coordinator.receives("24. Перезвоните")
    marfa.sends_document(DRAFTED, f"{NAME}.pdf", "application/pdf", "Это Зверобоева", reply_to=returned)
    await marfa.receives("1 файл, текст", timeout=20)
    place.sim.group("Директора").says(marfa, "/status")
    place.sim.deliver(
        place.sim.world.make_update(
            "message",
            {
                "message_id": 9_000,
                "date": "yesterday",  # no such date: it is parked as it came
                "chat": {"id": MARFA, "type": "private"},
                "from": marfa.account.user,
                "text": f"Мой телефон {PHONE}",
            },
        )
    )
    await place.walk_to(datetime(2026, 10, 19, 6, 30, tzinfo=UTC))  # a Monday, with its digest


async def test_an_erased_person_is_in_no_table_no_file_and_no_log(
    database: Database,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    data = tmp_path / "data"
    async with town(database, data, START) as place:
        admin = await approved(place)
        marfa, coordinator = await marfa_comes(place), await coordinator_comes(place)
        await place.joins(
            "Пётр Сводкин", 13, Role.STAFF, "сотрудник", await place.organisation("Заозёрный район")
        )
        await lives(place, marfa, coordinator)
        before = await dump(database)
        assert [mark for mark in MARKS if mark not in before] == ["ЗВЕРОБО"]
        assert (data / "files").exists()
        kept = hashlib.sha256(DRAFTED).hexdigest()
        assert (data / "files" / kept[:2] / kept).exists()

        marfa.sends("/privacy")
        mine = await marfa.receives("Мои данные")
        for part in (f"Имя в Telegram: {NAME}", "директор, СОШ № 1", "Отчётов: 1", "черновиков: 1"):
            assert part in mine["text"]
        assert "Согласие дано 7 сентября 2026" in mine["text"]
        assert "через 3 года, неотправленные черновики — через 180 дней" in mine["text"]
        marfa.presses(mine, "Показать текст согласия")
        await marfa.receives("Я соглашаюсь")
        marfa.presses(marfa.last, "Мои данные")
        marfa.presses(await marfa.receives(button="Отозвать согласие"), "Отозвать согласие")
        sure = await marfa.receives("Это нельзя отменить")
        assert "должность «директор», СОШ № 1, освободится" in sure["text"]
        assert "черновики (1) и файлы в них (1) будут уничтожены" in sure["text"]
        assert "отправленные отчёты (1) останутся документами школы" in sure["text"]
        marfa.presses(sure, "Нет, оставить как есть")
        await marfa.receives("Мои данные")
        marfa.presses(marfa.last, "Отозвать согласие")
        sure = await marfa.receives("Это нельзя отменить")
        marfa.presses(sure, "Да, отозвать и удалить")
        last = await marfa.receives("ваши данные уничтожены: акт № 1")
        assert buttons_of(last) == []

        vacant = await coordinator.receives("Должность свободна: директор — СОШ № 1")
        assert "участник № 2 больше её не занимает" in vacant["text"]
        act = await admin.receives("Акт об уничтожении персональных данных № 1")
        assert "Чьи данные уничтожены: участник № 2." in act["text"]
        assert found_in(vacant["text"] + act["text"]) == []
        await place.still()
        assert f"chat:{MARFA}:" not in place.sim.world.commands

        marfa.presses(sure, data=f"priv_erase:{2}")  # the same button once more
        await marfa.receives("О вас здесь ничего не хранится")
        marfa.presses(mine, data="items:0")
        await marfa.receives("Этого здесь больше нет")
        marfa.sends("Провели ещё раз")
        await marfa.receives("Это рабочий бот муниципалитета")
        marfa.sends("/privacy")
        await marfa.receives("О вас здесь ничего не хранится")
        await place.still()

        await place.walk(hours=2)
        for path in (data / "files").rglob("*"):
            os.utime(path, (0, 0))  # a day has passed for the store as well
        await janitor.clean(database, now=place.now())
        await sweep(FolderStore(data / "files"), database)
        assert found_in(await dump(database)) == []
        assert files_with_traces(data) == []
        main_file = sqlite_file(str(database.url))
        if main_file is not None:
            held = main_file.read_bytes() + log_of(main_file).read_bytes()
            assert [form for mark in MARKS for form in bytes_of(mark) if form in held] == []
        said = capfd.readouterr()
        assert found_in(said.out + said.err + caplog.text) == []
        await what_is_left(database)

        again = await marfa_comes(place)
        again.sends("/privacy")
        assert "Отчётов: 0" in (await again.receives("Мои данные"))["text"]


async def what_is_left(database: Database) -> None:
    """The school's record stays, without the name; its picture as well, the draft's file does not."""
    async with database.reading() as session:
        reports = {one.state: one.text for one in await session.scalars(select(Report))}
        assert reports[ReportState.RETURNED] == "Провели. участник № 2, тел. [удалено]"
        assert reports[ReportState.DROPPED] == ""
        pieces = (await session.scalars(select(Evidence))).all()
        assert [piece.stored_file_id is not None for piece in pieces] == [True]
        assert (
            await session.scalar(
                select(func.count(Tenure.id)).where(Tenure.person_id == 2, Tenure.until.is_(None))
            )
            == 0
        )
        (done,) = (await session.scalars(select(Erasure))).all()
        assert (done.person_id, done.facts["drafts"], done.facts["pieces"], done.facts["reports"]) == (
            2,
            1,
            1,
            1,
        )
        revoked = await session.scalar(select(Consent.revoked_at).where(Consent.person_id == 2))
        assert revoked == done.done_at


async def test_nothing_is_kept_before_the_consent_and_who_declines_leaves_no_trace(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await place.administrator()
        office = await place.organisation("Отдел образования")
        token = await place.token(Role.COORDINATOR, "координатор", office)
        marfa = place.sim.person(NAME, user_id=MARFA, username=USERNAME)
        marfa.sends("Здравствуйте")
        await marfa.receives("Это рабочий бот")
        marfa.sends(f"/start {token}")
        offer = await marfa.receives(button="Да, это я")
        marfa.presses(offer, "Да, это я")
        asked = await marfa.receives("Согласие на обработку")
        assert "координатор" not in asked["text"]  # nothing but the consent is agreed to
        await place.still()
        held = found_in(await dump(database))
        assert {line.split(" ", 1)[0] for line in held} <= {
            "invitations",
            "letters",
            "letter_messages",
            "stored_updates",
        }
        assert not any(
            "Зверобо" in line or USERNAME in line for line in held
        )  # the chat's number, and no more
        async with database.reading() as session:
            assert await session.scalar(select(func.count(Person.id)).where(Person.telegram_id == MARFA)) == 0

        marfa.presses(asked, "Не согласен")
        await marfa.receives("ничего о вас не сохранили")
        await place.still()
        async with database.reading() as session:
            assert MARFA not in set(await session.scalars(select(Invitation.opened_by)))
        await place.walk(hours=2)
        await janitor.clean(database, now=place.now())
        assert found_in(await dump(database)) == []

        marfa.sends(f"/start {token}")
        marfa.presses(await marfa.receives(button="Да, это я"), "Да, это я")
        marfa.presses(await marfa.receives(button="Согласен"), "Согласен")
        await marfa.receives("Готово!")
        await place.still()
    async with database.reading() as session:
        person = await session.scalar(select(Person).where(Person.telegram_id == MARFA))
        assert person is not None
        given = await session.scalar(select(Consent).where(Consent.person_id == person.id))
        assert given is not None
        assert (given.version, given.given_at) == (consents.CONSENT_VERSION, person.created_at)


async def test_a_changed_consent_is_asked_once_beside_the_work_and_nothing_sent_is_lost(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal = await place.joins(
            "Анна", 11, Role.EXECUTOR, "директор", await place.organisation("СОШ № 1")
        )
        async with database.writing() as session:
            await session.execute(update(Consent).values(version="2026-11"))
        await place.walk_to(DUE)
        principal.sends("Провели, приказ № 5", reply_to=await principal.receives("Срок сегодня"))
        await principal.receives("Принял: п. 1.1")
        asked = await principal.receives("Текст изменился с тех пор")
        assert "Я соглашаюсь" in asked["text"]
        principal.sends("Приложу фото")
        await principal.receives("Принял: п. 1.1")
        await place.still()
        assert sum("Текст изменился" in one["text"] for one in principal.inbox) == 1

        principal.sends("/privacy")
        mine = await principal.receives("Мои данные")
        assert "(текст 2026-11)" in mine["text"]
        principal.presses(mine, "Показать текст согласия")
        assert "написав своему координатору" in (await principal.receives("Согласие на обработку"))["text"]
        principal.presses(asked, "Не согласен")
        sure = await principal.receives("Это нельзя отменить")
        principal.presses(sure, "Нет, оставить как есть")
        principal.presses(await principal.receives(button="Прочитать новый текст"), "Прочитать новый текст")
        principal.presses(await principal.receives(button="Согласен"), "Согласен")
        await principal.receives("согласие записано")
        principal.sends("/privacy")
        mine = await principal.receives("Мои данные")
        assert f"(текст {consents.CONSENT_VERSION})" in mine["text"]
        assert not any("новый текст" in button["text"] for button in buttons_of(mine))
    async with database.reading() as session:
        report = await session.scalar(select(Report))
        assert report is not None
        assert report.text == "Провели, приказ № 5\nПриложу фото"
        given = (await session.scalars(select(Consent.version).where(Consent.person_id == 2))).all()
        assert list(given) == ["2026-11", consents.CONSENT_VERSION]


async def test_what_was_sent_after_the_revocation_is_answered_as_a_strangers_and_not_kept(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        await coordinator_comes(place)
        marfa = await marfa_comes(place)
        marfa.sends("/privacy")
        marfa.presses(await marfa.receives(button="Отозвать согласие"), "Отозвать согласие")
        sure = await marfa.receives(button="Да, отозвать и удалить")
        marfa.presses(sure, "Да, отозвать и удалить")
        marfa.sends(f"Вслед: {PHONE}")  # sent before the answer comes
        await marfa.receives("Это рабочий бот муниципалитета")
        await place.still()
        async with database.reading() as session:
            assert await session.scalar(select(func.count(Report.id))) == 0
            states = set(await session.scalars(select(StoredUpdate.state)))
        assert states == {UpdateState.HANDLED}
        await place.walk(hours=2)
        await janitor.clean(database, now=place.now())
        assert found_in(await dump(database)) == []
        async with database.reading() as session:
            assert set(await session.scalars(select(LetterMessage.chat_id))) & {MARFA, 0} == set()
            assert 0 in set(await session.scalars(select(Letter.chat_id)))


def test_a_text_of_the_consent_never_changes_under_its_version() -> None:
    known = {
        "2026-11": "0d06f566c3de2636",
        "2026-12": "b2022d24fa6a9ddf",
    }
    assert {
        version: hashlib.sha256(text.encode()).hexdigest()[:16] for version, text in CONSENTS.items()
    } == known
