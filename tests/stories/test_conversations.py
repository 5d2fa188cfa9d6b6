"""The conversations around the main job: inviting, looking, groups, blocking."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter
from sqlalchemy import select

from models.database import Database
from models.letters import Letter, LetterKind, LetterState
from models.people import Invitation, Person, Role
from simulator.people import buttons_of
from tests.stories.town import ORDER, Town, picture, town

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)


def spreadsheet(*names: str) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("№", "Наименование организации"))
        for row, name in enumerate(names, start=1):
            sheet.write_row(row, 0, (row, name))
    return made.getvalue()


async def approved(place: Town) -> Any:
    """Found a town of two schools with an approved plan; give its administrator."""
    admin = await place.administrator()
    admin.sends_document(spreadsheet("МБОУ «СОШ № 1»", "МБОУ «СОШ № 2»"), "школы.xlsx")
    await admin.receives("Добавлено: 2 школы", timeout=30)
    admin.sends_document(ORDER.encode(), "приказ.txt", "text/plain")
    admin.presses(await admin.receives(button="Исполнители", timeout=30), "Исполнители")
    admin.presses(await admin.receives(button="Методический центр"), "Методический центр")
    admin.presses(await admin.receives(button="учреждение"), "учреждение")
    admin.presses(await admin.receives("— Методический центр"), "К плану")
    preview = await admin.receives(button="Если исполнителей несколько")
    admin.presses(preview, "Если исполнителей несколько")
    admin.presses(await admin.receives("Кто отчитывается?"), "Должен каждый")
    admin.presses(await admin.receives(button="Утвердить"), "Утвердить")
    admin.presses(await admin.receives(button="Да, утвердить"), "Да, утвердить")
    done = await admin.receives("утверждён")
    assert "Некому напомнить: Отдел образования, СОШ № 1, СОШ № 2, Методический центр" in done["text"]
    return admin


async def test_links_let_people_in_and_are_forgotten_when_delivered(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin = await approved(place)
        admin.sends("/invite")
        overview = await admin.receives("Приглашения")
        assert "🔕 СОШ № 1 — директор" in overview["text"]
        admin.presses(overview, "Всем, кого ещё нет")
        links = await admin.receives("4 ссылки")
        assert links["text"].count("https://t.me/roadmap_bot?start=") == 4
        token = links["text"].split("СОШ № 2, директор:\n")[1].split("start=")[1].split()[0]
        principal = place.sim.person("Борис", user_id=22)
        principal.sends(f"/start {token}")
        principal.presses(await principal.receives("СОШ № 2»?"), "Да, это я")
        principal.presses(await principal.receives(button="Согласен"), "Согласен")
        welcome = await principal.receives("Готово!")
        assert "Всего впереди: 2 срока" in welcome["text"]
        await place.still()
        menu = place.sim.world.commands["chat:22:"]
        assert [entry["command"] for entry in menu] == ["plan", "today", "help", "privacy", "cancel"]
        admin.presses(overview, "Координатор")
        await admin.receives("1 ссылка")
        admin.sends("/invite")
        assert "✅ СОШ № 2 — директор" in (await admin.receives("Приглашения"))["text"]
    async with database.reading() as session:
        letters = (await session.scalars(select(Letter).where(Letter.kind == LetterKind.LINKS))).all()
        hashes = (await session.scalars(select(Invitation.token_hash))).all()
    assert [letter.payload for letter in letters] == [None, None]
    assert token not in hashes


async def test_every_figure_of_the_status_opens_and_the_message_changes_in_place(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin = await approved(place)
        await place.walk_to(datetime(2026, 10, 20, 8, 0, tzinfo=UTC))
        admin.sends("/status")
        status = await admin.receives("Выполнено 0 из 6")
        assert "Просрочено: 2" in status["text"]
        admin.presses(status, "Просрочено: 2")
        rows = await admin.receives("🔴 Просрочено: 2")
        assert rows["message_id"] == status["message_id"]
        assert "СОШ № 1 🔕: п. 1.1" in rows["text"]
        admin.presses(rows, "Сводка")
        admin.presses(await admin.receives("Выполнено 0 из 6"), "По организациям")
        places = await admin.receives("По организациям")
        assert "СОШ № 1 🔕: 0/2 · 🔴 1" in places["text"]
        admin.presses(places, "СОШ № 1")
        card = await admin.receives("Выполнено 0 из 2")
        admin.presses(card, "Впереди: 1")
        assert "п. 2.1" in (await admin.receives("⚪️ Впереди: 1"))["text"]
        admin.presses(card, "Организация")
        admin.presses(await admin.receives("Выполнено 0 из 2"), "Организации")
        admin.presses(await admin.receives("По организациям"), "Сводка")
        admin.presses(await admin.receives("Выполнено 0 из 6"), "По разделам")
        sections = await admin.receives("По разделам")
        assert "1. Организация: 0/3, просрочено 2" in sections["text"]
        admin.presses(sections, "🔴 2: 1. Организация")
        await admin.receives("🔴 Просрочено: 2")


async def test_a_bundle_is_one_message_and_each_item_is_answered_by_its_button_or_number(
    database: Database, tmp_path: Path
) -> None:
    order = ORDER.replace("ноябрь 2026 года", "до 15 октября 2026 года")
    async with town(database, tmp_path / "data", START) as place:
        admin = await place.administrator()
        admin.sends_document(spreadsheet("МБОУ «СОШ № 1»"), "школы.xlsx")
        await admin.receives("Добавлено: 1 школа", timeout=30)
        admin.sends_document(order.encode(), "приказ.txt", "text/plain")
        admin.presses(await admin.receives(button="Исполнители", timeout=30), "Исполнители")
        admin.presses(await admin.receives(button="Методический центр"), "Методический центр")
        admin.presses(await admin.receives(button="учреждение"), "учреждение")
        admin.presses(await admin.receives("— Методический центр"), "К плану")
        admin.presses(await admin.receives(button="Утвердить"), "Утвердить")
        admin.presses(await admin.receives(button="Да, утвердить"), "Да, утвердить")
        await admin.receives("утверждён")
        principal = await place.joins(
            "Анна", 11, Role.EXECUTOR, "директор", await place.organisation("СОШ № 1")
        )
        await place.walk_to(datetime(2026, 10, 15, 7, 0, tzinfo=UTC))
        bundles = [one for one in principal.inbox if one["text"].startswith("Напоминание: 2 пункта")]
        assert len(bundles) == 4  # 14, 3 and 1 working days before, and on the day
        bundle = bundles[-1]
        principal.sends("2.1 справка готова", reply_to=bundle)
        card = await principal.receives("Принял: п. 2.1")
        principal.sends("да")
        await principal.receives("Отправлено на проверку: п. 2.1")
        assert card["message_id"] != principal.last["message_id"]
        principal.sends("готово", reply_to=bundle)
        await principal.receives("Принял: п. 1.1")  # the only item of the bundle that is still open
        principal.presses(principal.last, "Это другой пункт")
        asked = await principal.receives("К какому пункту")
        assert not any("п. 2.1" in button["text"] for button in buttons_of(asked))
        principal.sends("/plan")
        listed = await principal.receives("Мои пункты")
        assert "👀 п. 2.1" in listed["text"]
        assert "🟡 п. 1.1" in listed["text"]


async def test_two_albums_and_a_late_picture_join_one_report(database: Database, tmp_path: Path) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal = await place.joins(
            "Анна", 11, Role.EXECUTOR, "директор", await place.organisation("СОШ № 1")
        )
        coordinator = await place.joins(
            "Мария", 12, Role.COORDINATOR, "координатор", await place.organisation("Отдел образования")
        )
        await place.walk_to(datetime(2026, 10, 15, 7, 0, tzinfo=UTC))
        reminder = await principal.receives("Срок сегодня")
        album = principal.album([picture(n) for n in range(4)], "Провели", caption_on=3, reply_to=reminder)
        for update in (album[2], album[0], album[3]):
            place.sim.deliver(update)
        await principal.receives("3 фото, текст", timeout=20)
        principal.sends_album([picture(n) for n in range(10, 12)])
        card = await principal.receives("5 фото, текст", timeout=20)
        principal.presses(card, "Отправить на проверку")
        await coordinator.receives("В отчёте: 5 фото, текст")
        place.sim.deliver(album[1])  # the fourth picture comes an hour late
        await principal.receives("Добавлено к отправленному отчёту по п. 1.1", timeout=20)
        await coordinator.receives("В отчёте: 6 фото, текст")


async def test_who_blocks_the_bot_is_shown_as_unreachable_and_retried_no_more(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal = await place.joins(
            "Анна", 11, Role.EXECUTOR, "директор", await place.organisation("СОШ № 1")
        )
        principal.blocks()
        await place.still()
        await place.walk_to(datetime(2026, 10, 12, 8, 0, tzinfo=UTC))
        async with database.reading() as session:
            person = await session.scalar(select(Person).where(Person.telegram_id == 11))
            reminders = await session.scalars(select(Letter).where(Letter.kind == LetterKind.REMINDER))
            states = [letter.state for letter in reminders]
        assert person is not None
        assert person.unreachable_since is not None
        assert set(states) == {LetterState.DROPPED}
        sends = [call for call in place.sim.calls("sendMessage") if call.params.get("chat_id") == 11]
        assert sum(call.error is not None for call in sends) == len(states)
        principal.unblocks()
        principal.sends("/plan")
        await principal.receives("Мои пункты")


async def test_in_a_group_the_bot_only_points_to_the_private_chat(database: Database, tmp_path: Path) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin = await place.administrator()
        group = place.sim.group("Координаторы")
        group.says(admin, "Всем привет")
        group.says(admin, "/status")
        await place.walk(seconds=timedelta(seconds=1).total_seconds())
        while not group.inbox:
            await place.sim.world.change(5)
        assert [message["text"] for message in group.inbox] == [
            "Я отвечаю в личных сообщениях: откройте чат со мной и напишите туда."
        ]
