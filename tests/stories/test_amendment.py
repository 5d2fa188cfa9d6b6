"""An order changes a plan in force: one date moved, one row dropped, one added, one report on review."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from models.assignments import Assignment, AssignmentState, Report, ReportState
from models.database import Database
from models.letters import Letter, LetterKind, LetterState
from models.people import Role
from models.roadmaps import Activity, Edition, Roadmap
from services import history
from tests.stories.test_conversations import approved
from tests.stories.town import ORDER, Town, town

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
CHANGES = """Отдел образования администрации Заозёрного района

ПРИКАЗ

21.09.2026 г.

№ 91-о

О внесении изменений в приказ отдела образования администрации Заозёрного района от 01.09.2026 № 77-о

ПРИКАЗЫВАЮ:

1. Внести в план следующие изменения:
1.1. Пункты 1.1 и 2.1 изложить в следующей редакции (приложение).
1.2. Пункт 1.2 исключить.
1.3. Дополнить пунктом 2.3.

План мероприятий (изменённые пункты)

№ п/п	Мероприятие	Срок исполнения	Ответственные	Ожидаемый результат
1.1.	Создание школьных команд по работе с рисками	до 30 октября 2026 года	ОО	Приказы о командах
2.1.	Анализ проверочных работ и диагностики	ноябрь 2026 года	Отдел образования, ОО	Справки
2.3.	День открытых уроков	декабрь 2026 года	ОО	Программа дня
"""


async def people(place: Town) -> tuple[Any, Any, Any]:
    """Let in a principal, the centre's methodist and a coordinator."""
    principal = await place.joins("Анна", 11, Role.EXECUTOR, "директор", await place.organisation("СОШ № 1"))
    methodist = await place.joins(
        "Ольга", 12, Role.EXECUTOR, "методист", await place.organisation("Методический центр")
    )
    coordinator = await place.joins(
        "Мария", 13, Role.COORDINATOR, "координатор", await place.organisation("Отдел образования")
    )
    return principal, methodist, coordinator


async def roadmap_id(database: Database) -> int:
    async with database.reading() as session:
        found: int | None = await session.scalar(select(Roadmap.id))
    assert found is not None
    return found


async def as_of(database: Database, at: datetime) -> list[history.Past]:
    async with database.reading() as session:
        return await history.as_of(session, await roadmap_id(database), at)


async def reports_on(place: Town, principal: Any, number: str, text: str) -> None:
    """Send a report on an item of the principal's list."""
    principal.sends("/plan")
    principal.presses(await principal.receives("Мои пункты"), "Все открытые списком")
    listed = await principal.receives("Всего впереди")
    principal.presses(listed, f"Отчитаться: п. {number}")
    await principal.receives("Пришлите текст, фото или документы")
    principal.sends(text)
    principal.presses(await principal.receives(f"Принял: п. {number}"), "Отправить на проверку")
    await principal.receives("Отправлено на проверку")


async def test_an_amending_order_is_approved_as_one_step_and_each_hears_what_it_means_for_them(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin = await approved(place)
        principal, methodist, coordinator = await people(place)
        await place.walk_to(datetime(2026, 9, 21, 9, 0, tzinfo=UTC))
        await reports_on(place, principal, "2.1", "Проанализировали, справка № 3")
        await coordinator.receives("Проанализировали")
        yesterday = place.now()
        before = await as_of(database, yesterday)
        assert len(before) == 8  # 2 of 1.1, one of 1.2, 3 of 2.1, 2.2 once a quarter

        await place.walk(days=1)
        admin.sends_document(CHANGES.encode(), "изменения.txt", "text/plain")
        preview = await admin.receives("Изменения к плану, редакция 2", timeout=30)
        assert "новых: 1, изменено: 2, исключено: 1" in preview["text"]
        assert "план можно утвердить" in preview["text"]
        admin.presses(preview, "Что меняет приказ")
        listed = await admin.receives("Что меняет приказ")
        assert "срок: «до 15 октября 2026 года» → «до 30 октября 2026 года»" in listed["text"]
        assert "➖ п. 1.2" in listed["text"]
        assert "➕ п. 2.3 День открытых уроков — новый пункт" in listed["text"]
        admin.presses(listed, "К плану")
        admin.presses(await admin.receives(button="Утвердить"), "Утвердить")
        admin.presses(await admin.receives(button="Да, утвердить"), "Да, утвердить")
        done = await admin.receives("утверждён")
        assert "поручений новых: 2, перенесено: 2, снято: 1; остальные без изменений" in done["text"]

        told = await principal.receives("План изменён: приказ № 91-о от 21 сентября 2026")
        assert "п. 1.1 Создание школьных команд по работе с рисками" in told["text"]
        assert "было 15 октября 2026 → стало 30 октября 2026" in told["text"]
        assert "было: «Анализ проверочных работ»" in told["text"]
        assert "➕ п. 2.3 День открытых уроков — новый, срок: 30 декабря 2026" in told["text"]
        assert "1.2" not in told["text"]
        told = await methodist.receives("План изменён")
        assert "➖ п. 1.2 Семинар для заместителей директоров — исключён" in told["text"]
        assert "п. 1.1" not in told["text"]

        card = await coordinator.receives("После отправки отчёта пункт изменён: приказ № 91-о")
        assert "«Анализ проверочных работ», срок 30 ноября 2026" in card["text"]
        coordinator.presses(card, "Принять")
        await principal.receives("Принято:")

        await place.still()
        assert await as_of(database, yesterday) == before
        admin.sends("/orders")
        admin.presses(await admin.receives("Утверждено: 1"), "План мероприятий")
        card = await admin.receives("редакция 2: приказ № 91-о от 21 сентября 2026")
        admin.presses(card, "Как было на дату")
        await admin.receives("на какой день")
        admin.sends("21.09.2026")
        past = await admin.receives("План на 21 сентября 2026")
        assert (
            "п. 1.1 Создание школьных команд по работе с рисками — СОШ № 1, срок 15 октября 2026"
            in past["text"]
        )
        assert "п. 1.2" in past["text"]

        await place.walk_to(datetime(2026, 10, 16, 15, 0, tzinfo=UTC))
        assert not any("Срок сегодня" in one["text"] for one in principal.inbox)
        await place.walk_to(datetime(2026, 10, 30, 7, 0, tzinfo=UTC))
        reminder = next(one for one in reversed(principal.inbox) if "Срок сегодня" in one["text"])
        assert "п. 1.1" in reminder["text"]
        assert not any("п. 1.2" in one["text"] for one in methodist.inbox if "Напоминание" in one["text"])

    async with database.reading() as session:
        changed = await session.scalars(select(Letter).where(Letter.kind == LetterKind.CHANGES))
        assert sorted((letter.chat_id, letter.state) for letter in changed) == [
            (11, LetterState.DELIVERED),
            (12, LetterState.DELIVERED),
        ]
        accepted = await session.scalar(select(Report).where(Report.state == ReportState.ACCEPTED))
        assert accepted is not None
        assignment = await session.get_one(Assignment, accepted.assignment_id)
        row = await session.get_one(Activity, assignment.activity_id)
        assert (assignment.state, row.title) == (
            AssignmentState.ACCEPTED,
            "Анализ проверочных работ и диагностики",
        )


async def test_a_report_on_a_dropped_row_waits_for_its_reviewer_and_asks_for_nothing_more(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin = await approved(place)
        principal, _, coordinator = await people(place)
        await reports_on(place, principal, "1.1", "Команда создана")
        await coordinator.receives("Команда создана")
        only_drop = CHANGES.replace("Пункт 1.2 исключить", "Пункт 1.1 исключить").replace(
            "Пункты 1.1 и 2.1", "Пункт 2.1"
        )
        order = "\n".join(line for line in only_drop.splitlines() if not line.startswith("1.1.\t"))
        admin.sends_document(order.encode(), "изменения.txt", "text/plain")
        preview = await admin.receives("исключено: 1", timeout=30)
        admin.presses(preview, "Утвердить")
        admin.presses(await admin.receives(button="Да, утвердить"), "Да, утвердить")
        told = await principal.receives("План изменён")
        assert "➖ п. 1.1" in told["text"]
        assert "Отчитываться не нужно" in told["text"]
        card = await coordinator.receives("После отправки отчёта пункт исключён")
        coordinator.presses(card, "Вернуть")
        coordinator.presses(await coordinator.receives("Почему возвращаем"), "Отчёт не по этому пункту")
        answer = await principal.receives("Возвращено")
        assert "исправлять ничего не нужно" in answer["text"]
        principal.sends("/plan")
        assert "п. 1.1" not in (await principal.receives("Мои пункты"))["text"]
    async with database.reading() as session:
        states = await session.scalars(
            select(Assignment.state)
            .join(Activity, Activity.id == Assignment.activity_id)
            .where(Activity.number == "1.1.")
        )
        assert set(states) == {AssignmentState.WITHDRAWN}


async def test_an_order_that_names_no_known_plan_asks_which_one_it_changes(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin = await approved(place)
        unknown = CHANGES.replace("№ 77-о", "№ 13-о").replace("Пункт 1.2 исключить", "Пункт 9.9 исключить")
        admin.sends_document(unknown.encode(), "изменения.txt", "text/plain")
        preview = await admin.receives("какой план меняет этот приказ", timeout=30)
        admin.presses(preview, "Какой план меняет приказ")
        admin.presses(await admin.receives("Какой план меняет этот приказ?"), "План мероприятий")
        preview = await admin.receives("приказ меняет п. 9.9, но такого пункта бот не нашёл")
        assert "новых: 1, изменено: 2, исключено: 0" in preview["text"]
        admin.presses(preview, "п. 9.9: оставить без изменений")
        await admin.receives("план можно утвердить")
    async with database.reading() as session:
        roadmaps = list(await session.scalars(select(Roadmap.id)))
        editions = list(await session.scalars(select(Edition.roadmap_id).order_by(Edition.ordinal)))
    assert editions == [roadmaps[0], roadmaps[0]]


async def test_an_order_that_changes_words_of_a_row_waits_until_a_person_has_made_the_change(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin = await approved(place)
        head, _, _ = CHANGES.partition("1. Внести")
        words = head + "1. В пункте 1.1 слова «до 15 октября» заменить словами «до 5 ноября».\n"
        admin.sends_document(words.encode(), "изменения.txt", "text/plain")
        preview = await admin.receives("меняет в п. 1.1 отдельные слова", timeout=30)
        assert "новых: 0, изменено: 0, исключено: 0" in preview["text"]
        admin.sends("п. 1.1 срок: до 5 ноября 2026 года")
        row = await admin.receives("по 5 ноября 2026")
        admin.presses(row, "К плану")
        admin.presses(await admin.receives("изменено: 1"), "п. 1.1: изменение внесено")
        await admin.receives("план можно утвердить")


async def test_the_same_plan_sent_again_is_asked_about_and_a_row_can_be_told_apart(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin = await approved(place)
        again = ORDER.replace("01.09.2026", "05.10.2026").replace("№ 77-о", "№ 95-о")
        again = again.replace("октябрь 2026 года", "ноябрь 2026 года")
        admin.sends_document(again.encode(), "приказ.txt", "text/plain")
        preview = await admin.receives("или это новый план: похож на", timeout=30)
        admin.presses(preview, "Какой план меняет приказ")
        admin.presses(await admin.receives("Какой план меняет"), "План мероприятий")
        preview = await admin.receives("новых: 0, изменено: 1, исключено: 0")
        admin.presses(preview, "Что меняет приказ")
        listed = await admin.receives("«октябрь 2026 года» → «ноябрь 2026 года»")
        admin.presses(listed, "п. 1.2")
        admin.presses(await admin.receives("раньше это был п. 1.2"), "Нет, это новый пункт")
        listed = await admin.receives("новых: 1, изменено: 0, исключено: 1")
        admin.presses(listed, "п. 1.2")
        admin.presses(await admin.receives("такого пункта раньше не было"), "Это бывший п. 1.2")
        await admin.receives("новых: 0, изменено: 1, исключено: 0")


async def test_of_two_drafts_of_changes_the_second_is_prepared_anew(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin = await approved(place)
        previews = []
        for name in ("первый.txt", "второй.txt"):
            admin.sends_document(CHANGES.encode(), name, "text/plain")
            previews.append(await admin.receives("Изменения к плану", timeout=30))
        await place.still()
        for preview, words in zip(previews, ("утверждён", "план изменил другой приказ"), strict=True):
            admin.presses(preview, "Утвердить")
            admin.presses(await admin.receives(button="Да, утвердить"), "Да, утвердить")
            await admin.receives(words)
        await place.walk_to(START + timedelta(days=1))
    async with database.reading() as session:
        states = await session.scalars(select(Edition.state).order_by(Edition.id))
        assert [state.value for state in states] == ["approved", "approved", "draft"]
