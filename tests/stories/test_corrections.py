"""The approver prepares a plan in the chat: corrects any field, with a colleague, over a restart."""

import asyncio
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from models.database import Database
from models.machinery import Work
from models.people import Role
from models.roadmaps import Activity, ActivityParty, Party
from tests.stories.test_bad_input import prepared
from tests.stories.town import ORDER, Town, town

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
DUTIES = ORDER.replace(
    "1. Утвердить прилагаемый план мероприятий («дорожную карту»).",
    "1. Утвердить прилагаемый план мероприятий («дорожную карту»).\n"
    "2. Методическому центру представить отчёт о готовности школ. Срок: до 20 октября 2026 года.\n"
    "3. Контроль за исполнением приказа оставляю за собой.",
)


async def opened(place: Town, order: str = ORDER) -> tuple[Any, Any]:
    """Send an order; give the administrator and the preview."""
    admin = await prepared(place, order)
    return admin, await admin.receives("Прочитано: 4 пункта", timeout=30)


async def rows(database: Database) -> dict[str, Activity]:
    async with database.reading() as session:
        found = await session.scalars(select(Activity).order_by(Activity.ordinal))
        return {(row.number or "").rstrip("."): row for row in found}


async def test_any_field_is_corrected_by_a_button_or_in_words_and_the_order_stays_beside(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin, preview = await opened(place)
        admin.presses(preview, "Пункты: 4")
        admin.presses(await admin.receives("Пункты плана"), "п. 1.2")
        row = await admin.receives("п. 1.2 Семинар для заместителей")
        admin.presses(row, "Исправить исполнитель")
        await admin.receives("напишите исполнителей")
        admin.sends("МКУ «Центр качества», ОО")
        row = await admin.receives("Исполнители: «МКУ «Центр качества», ОО»")
        assert "✏️ исправлено; в приказе: «Методический центр»" in row["text"]

        admin.sends("срок: до 20 ноября 2026 года")  # of the row on the screen
        row = await admin.receives("Понято: с 1 января 2026 по 20 ноября 2026")
        assert "в приказе: «октябрь 2026 года»" in row["text"]
        admin.sends("результат: не менее 12 заместителей")
        await admin.receives("Результат: «не менее 12 заместителей»")
        admin.sends("п. 2.1 название: Анализ диагностических работ")  # of another row
        row = await admin.receives("п. 2.1 Анализ диагностических работ")
        assert "в приказе: «Анализ проверочных работ»" in row["text"]
        admin.sends("название: Анализ проверочных работ")  # as printed: nothing is corrected any more
        row = await admin.receives("п. 2.1 Анализ проверочных работ")
        assert "исправлено" not in row["text"]
        admin.sends("п. 7 срок: май 2027")
        await admin.receives("Пункта «7» в плане нет")

        await place.restarts()
        admin.sends("/orders")
        admin.presses(await admin.receives("В подготовке: 1"), "План мероприятий")
        await admin.receives("«МКУ «Центр качества»» — ❓ не указано")
    found = await rows(database)
    assert found["1.2"].printed == {
        "deadline_text": "октябрь 2026 года",
        "expected_result": "Не менее 60 % педагогов",
        "responsible_text": "Методический центр",
    }
    assert found["1.2"].targets == [
        {"op": ">=", "value": 12, "unit": "count", "of": "заместителей"},
    ]
    assert found["2.1"].printed is None
    async with database.reading() as session:
        named = await session.scalars(
            select(Party.name)
            .join(ActivityParty, ActivityParty.party_id == Party.id)
            .where(ActivityParty.activity_id == found["1.2"].id)
            .order_by(ActivityParty.ordinal)
        )
        assert list(named) == ["МКУ «Центр качества»", "ОО"]


async def test_two_people_who_prepare_one_draft_see_each_other(database: Database, tmp_path: Path) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin, preview = await opened(place)
        coordinator = await place.joins(
            "Мария", 12, Role.COORDINATOR, "координатор", await place.organisation("Отдел образования")
        )
        admin.presses(preview, "Пункты: 4")
        admin.presses(await admin.receives("Пункты плана"), "п. 1.1")
        await admin.receives("п. 1.1 Создание")
        admin.sends("срок: до 16 октября 2026 года")
        await admin.receives("по 16 октября 2026")

        coordinator.sends("/orders")
        coordinator.presses(await coordinator.receives("В подготовке: 1"), "План мероприятий")
        shown = await coordinator.receives("👥 С планом работает ещё Админ")
        assert "п. 1.1, срок" in shown["text"]
        coordinator.sends("п. 2.1 название: Анализ работ")
        await coordinator.receives("п. 2.1 Анализ работ")
        coordinator.sends("результат: справки школ")
        await coordinator.receives("«справки школ»")
        await place.walk(minutes=5)
        told = [one["text"] for one in admin.inbox if "тоже готовит план" in one["text"]]
        assert len(told) == 1
        assert "Мария" in told[0]
        assert "• п. 2.1, название\n• п. 2.1, результат" in told[0]
        assert not any("тоже готовит" in one["text"] for one in coordinator.inbox)

        coordinator.presses(shown, "Отложить: не утверждать")
        await coordinator.receives("План отложен")
        last = await admin.receives("план отложен")
        assert "reply_markup" not in last
        admin.presses(preview, data="rows:1:0")  # a button of old
        await admin.receives("уже утверждён или отложен")


async def test_the_original_file_is_kept_and_sent_again(database: Database, tmp_path: Path) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin, preview = await opened(place)
        admin.presses(preview, "Исходный файл")
        sent = await admin.receives("Исходный файл приказа")
        assert sent["document"]["file_name"] == "приказ.txt"
        fingerprint = hashlib.sha256(ORDER.encode()).hexdigest()
        assert fingerprint in sent["caption"]
    assert [path.name for path in (tmp_path / "data").rglob(fingerprint)] == [fingerprint]


async def pieces(database: Database) -> int:
    """Count the pieces of the order that is being pasted."""
    async with database.reading() as session:
        facts = await session.scalar(select(Work.facts))
    return len(facts["pieces"]) if facts is not None else 0


async def test_an_order_pasted_in_two_pieces_is_read_as_one(database: Database, tmp_path: Path) -> None:
    more = "".join(
        f"2.{n}.\tАнализ проверочных работ № {n} и беседы с учителями\tноябрь 2026 года\tОО\tСправки\n"
        for n in range(3, 80)
    )
    order = ORDER + more
    half = order.rindex("\n", 0, 4096)
    async with town(database, tmp_path / "data", START) as place:
        admin = await place.administrator()
        admin.sends(order[:half])
        await admin.receives("Получил «вставленный текст.txt», читаю")
        admin.sends(order[half:].strip("\n"))
        async with asyncio.timeout(10):
            bell = database.bell.listener()
            while await pieces(database) < 2:
                await bell.wait()
                bell.clear()
        await place.walk(seconds=30)
        preview = await admin.receives("Прочитано: 81 пункт", timeout=30)
        assert "Исходный файл" not in str(preview["reply_markup"])


async def test_points_of_the_orders_own_text_are_offered_and_taken_into_the_plan(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin, preview = await opened(place, DUTIES)
        assert "Контроль: оставляю за собой" in preview["text"]
        admin.presses(preview, "Поручения в тексте приказа: 1")
        offered = await admin.receives("Поручения в тексте самого приказа")
        assert "срок: «до 20 октября 2026 года»" in offered["text"]
        admin.presses(offered, "Добавить п. 2 приказа")
        offered = await admin.receives("✓ п. 2")
        admin.presses(offered, "К плану")
        await admin.receives("Прочитано: 5 пунктов")
    found = await rows(database)
    assert found["2"].title.startswith("Методическому центру представить отчёт")


async def test_a_picture_of_an_order_is_answered_with_what_to_send(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin = await place.administrator()
        admin.sends_photo(caption="Приказ")
        assert "Пришлите файл Word, Excel или PDF" in (await admin.receives("Это снимок"))["text"]
