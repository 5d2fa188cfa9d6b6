"""A seat passes to another person, or to the same person's new phone: what is open goes with the seat."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from models.assignments import Assignment, AssignmentState, Report, ReportState
from models.database import Database
from models.letters import Letter, LetterKind, LetterState
from models.people import Person, Role, Seat, Tenure
from tests.stories.test_conversations import approved
from tests.stories.town import Town, picture, town

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
BEFORE = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)  # three working days before «п. 1.1» is due


async def director(place: Town, name: str, user_id: int) -> Any:
    return await place.joins(name, user_id, Role.EXECUTOR, "директор", await place.organisation("СОШ № 1"))


async def coordinator_of(place: Town) -> Any:
    office = await place.organisation("Отдел образования")
    return await place.joins("Мария", 12, Role.COORDINATOR, "координатор", office)


def heard_from(person: Any, mark: int) -> list[str]:
    """List what the bot has said to somebody after so many messages."""
    return [one["text"] for one in person.inbox[mark:]]


async def waiting(database: Database, chat_id: int) -> int:
    """Give the one reminder that waits to be said in a chat."""
    async with database.reading() as session:
        found = await session.scalars(
            select(Letter.id).where(
                Letter.kind == LetterKind.REMINDER,
                Letter.chat_id == chat_id,
                Letter.state == LetterState.WAITING,
            )
        )
        return found.one()


async def sends_report(person: Any, text: str) -> None:
    person.sends(text, reply_to=person.last_with("Не сейчас"))
    await person.receives("Отправить на проверку?")
    person.sends("да")
    await person.receives("Отправлено на проверку: п. 1.1")


async def test_a_new_director_has_all_that_is_open_and_the_old_one_hears_nothing_more(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        coordinator = await coordinator_of(place)
        old = await director(place, "Анна", 11)
        await place.walk_to(BEFORE)
        await sends_report(old, "Команды созданы, приказ № 5")
        card = await coordinator.receives("Команды созданы", button="↩️ Вернуть")
        silent = len(old.inbox)

        new = await director(place, "Борис", 22)
        welcome = next(one["text"] for one in new.inbox if "Готово!" in one["text"])
        assert "Вы — директор, МБОУ «СОШ № 1»." in welcome
        assert "Всего впереди" in welcome
        new.sends("/plan")
        new.presses(await new.receives("Мои пункты"), "Все открытые")
        listed = await new.receives("п. 1.1")
        assert "п. 2.1" in listed["text"]
        await place.restarts()
        coordinator.presses(card, "↩️ Вернуть")
        await coordinator.receives("Почему возвращаем отчёт")
        coordinator.sends("Нет листа регистрации")
        await coordinator.receives("↩️ Возвращено: СОШ № 1")
        returned = await new.receives("Нет листа регистрации")
        new.sends("Лист приложен", reply_to=returned)
        await new.receives("Отправить на проверку?")
        new.sends("да")
        await new.receives("Отправлено на проверку: п. 1.1")
        coordinator.presses(await coordinator.receives("Лист приложен", button="✅ Принять"), "✅ Принять")
        await new.receives("✅ Принято: п. 1.1")
        mark = len(new.inbox)
        await place.walk_to(datetime(2026, 11, 30, 8, 0, tzinfo=UTC))
        assert any("п. 2.1" in text for text in heard_from(new, mark))  # the ladder goes on, for the seat
        assert heard_from(old, silent) == []
        old.sends("/plan")
        await old.receives("Это рабочий бот муниципалитета")
        old.presses(old.last_with("Не сейчас"), "Отчитаться")
        await old.receives("Этого здесь больше нет")
    async with database.reading() as session:
        rows = await session.execute(
            select(Person.telegram_id, Report.state, Report.text)
            .join(Report, Report.author_id == Person.id)
            .order_by(Report.id)
        )
        reports = [tuple(row) for row in rows]
        verdicts = await session.scalars(
            select(Letter.chat_id).where(Letter.kind == LetterKind.VERDICT).order_by(Letter.id)
        )
        assert reports == [
            (11, ReportState.RETURNED, "Команды созданы, приказ № 5"),
            (22, ReportState.ACCEPTED, "Лист приложен"),
        ]
        assert list(verdicts) == [22, 22]


async def test_what_waits_for_who_was_replaced_is_not_said_and_the_new_one_is_reminded(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        old = await director(place, "Анна", 11)
        await place.walk_to(BEFORE)
        old.presses(old.last_with("Не сейчас"), "Не сейчас")
        old.presses(await old.receives("Когда напомнить снова"), "До завтра")
        await old.receives("Хорошо, до завтра")
        await place.restarts()
        silent = len(old.inbox)
        put_off = await waiting(database, 11)
        new = await director(place, "Борис", 22)
        mark = len(new.inbox)
        await place.walk_to(datetime(2026, 10, 16, 8, 0, tzinfo=UTC))
        assert heard_from(old, silent) == []
        reminded = [text for text in heard_from(new, mark) if "п. 1.1" in text]
        assert len(reminded) == 3  # a day before, on the day, a day after: each step once
        async with database.reading() as session:
            assert (await session.get_one(Letter, put_off)).state is LetterState.CANCELLED
            held = await session.execute(
                select(Person.telegram_id, Tenure.until)
                .join(Tenure, Tenure.person_id == Person.id)
                .join(Seat, Seat.id == Tenure.seat_id)
                .where(Seat.title == "директор")
                .order_by(Tenure.id)
            )
            (first, until), (second, still) = held.all()
        assert (first, second, still) == (11, 22, None)
        assert until is not None


async def test_the_same_person_comes_back_from_a_new_phone_and_the_old_account_is_detached(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        coordinator = await coordinator_of(place)
        lost = await director(place, "Анна", 11)
        await place.walk_to(BEFORE)
        lost.sends_photo(picture(3), "Приказ о команде", reply_to=lost.last_with("Не сейчас"))
        await lost.receives("Отправить на проверку?")
        lost.sends("да")
        await lost.receives("Отправлено на проверку: п. 1.1")
        card = await coordinator.receives("Приказ о команде", button="✅ Принять")
        await place.still()
        lost.blocks()
        await place.restarts()
        phone = await director(place, "Анна", 111)
        assert any("Готово!" in one["text"] for one in phone.inbox)
        coordinator.presses(card, "✅ Принять")
        await phone.receives("✅ Принято: п. 1.1")  # of the report that came from the old phone
        lost.unblocks()
        mark, silent = len(phone.inbox), len(lost.inbox)
        await place.walk_to(datetime(2026, 11, 30, 8, 0, tzinfo=UTC))
        assert any("п. 2.1" in text for text in heard_from(phone, mark))
        assert not any("п. 2.1" in text for text in heard_from(lost, silent))
        lost.sends("Справка готова")
        await lost.receives("Это рабочий бот муниципалитета")
        phone.sends("Справка готова", reply_to=phone.last_with("Не сейчас"))
        await phone.receives("Принял")
    async with database.reading() as session:
        people = await session.execute(
            select(Person.telegram_id, Report.state)
            .join(Report, Report.author_id == Person.id)
            .order_by(Report.id)
        )
        closed = await session.scalars(
            select(Assignment.state).where(Assignment.state == AssignmentState.ACCEPTED)
        )
        assert [tuple(row) for row in people] == [(11, ReportState.ACCEPTED), (111, ReportState.DRAFT)]
        assert len(closed.all()) == 1
