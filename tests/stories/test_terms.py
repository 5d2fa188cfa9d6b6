"""School terms: a year nobody knows is asked about, and what is answered is used at once."""

from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import select

from models.database import Database
from models.people import Role
from models.roadmaps import Activity, Edition
from services import approval
from tests.stories.test_bad_input import prepared
from tests.stories.town import ORDER, town

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
SCHOOL_YEAR = (
    ORDER.replace("на 2026 год", "на 2026/2027 учебный год")
    .replace("октябрь 2026 года", "1 четверть 2026/2027 учебного года")
    .replace("ноябрь 2026 года", "осенние каникулы")
)
ROWS = ("1.2.", "2.1.")


async def control_dates(database: Database, edition_id: int) -> list[list[date]]:
    async with database.reading() as session:
        edition = await session.get_one(Edition, edition_id)
        rows = await session.scalars(
            select(Activity).where(Activity.edition_id == edition_id, Activity.number.in_(ROWS))
        )
        return [await approval.due_dates(session, edition, row) for row in rows]


async def test_the_terms_an_approver_types_answer_the_doubts_of_a_draft_and_read_the_next_order(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin = await prepared(place, SCHOOL_YEAR)
        preview = await admin.receives("срок не понят — «1 четверть 2026/2027 учебного года»", timeout=30)
        assert "срок не понят — «осенние каникулы»" in preview["text"]

        admin.sends("/orders")
        admin.presses(await admin.receives("В подготовке: 1"), "Учебные четверти")
        known = await admin.receives("Учебные четверти и каникулы")
        assert "2025/2026 — рекомендованные" in known["text"]
        assert "осенние каникулы: 25.10–02.11" in known["text"]
        assert "2026/2027" not in known["text"]
        admin.presses(known, "Указать четверти")
        asked = await admin.receives("Напишите учебный год и четверти")
        assert "2026/2027: 01.09–25.10, " in asked["text"]

        admin.sends("2026/2027: 1.09–25.10, 20.10–28.12, 11.01–26.03, 05.04–26.05", reply_to=asked)
        refused = await admin.receives("Четверти должны идти по порядку")
        assert "01.09.2026–25.10.2026, 20.10.2026–28.12.2026" in refused["text"]
        admin.sends("2026/2027: 1.09–25.10, 2.11–28.12, 11.01–26.03, 5.04–26.05")
        stored = await admin.receives("прочитаны заново: 2 пункта")
        assert "осенние каникулы: 26.10–01.11" in stored["text"]

        admin.presses(stored, "К планам")
        admin.presses(await admin.receives("В подготовке: 1"), "План мероприятий")
        preview = await admin.receives("Прочитано: 4 пункта")
        assert "срок не понят" not in preview["text"]

        admin.sends_document(SCHOOL_YEAR.replace("№ 77-о", "№ 78-о").encode(), "второй.txt", "text/plain")
        preview = await admin.receives("№ 78-о", timeout=30)
        assert "срок не понят" not in preview["text"]
    # 25 October and 1 November are Sundays: the control date is the Friday before.
    expected = [[date(2026, 10, 23)], [date(2026, 10, 30)]]
    assert await control_dates(database, 1) == expected
    assert await control_dates(database, 2) == expected


async def test_the_terms_belong_to_the_approver(database: Database, tmp_path: Path) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await place.administrator()
        office = await place.organisation("Отдел образования")
        clerk = await place.joins("Пётр", 13, Role.STAFF, "сотрудник", office)
        clerk.presses(clerk.last, data="terms_ask")
        await clerk.receives("не относится к вашей организации")
        coordinator = await place.joins("Мария", 12, Role.COORDINATOR, "координатор", office)
        coordinator.presses(coordinator.last, data="terms_ask")
        await coordinator.receives("Напишите учебный год и четверти")
        coordinator.sends("не знаю")
        await coordinator.receives("Не понял, какой это учебный год")
        coordinator.sends("1 триместр: 01.09.2026–30.11.2026\n1.12–28.02\n1.03–26.05")
        stored = await coordinator.receives("Записал")
        assert "2 триместр: 01.12–28.02" in stored["text"]
        assert "ничего не изменилось" in stored["text"]
