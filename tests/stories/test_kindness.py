"""Kindness by rule: «not now», a draft left alone, who cannot be reached, and who comes back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from models.database import Database
from models.letters import Letter, LetterKind, LetterState
from models.people import Person, Role
from simulator.people import buttons_of
from tests.stories.test_conversations import approved
from tests.stories.town import Town, town

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
BEFORE = datetime(2026, 10, 12, 5, 0, tzinfo=UTC)  # Monday, an hour before the reminder about «п. 1.1»


async def school_head(
    place: Town, name: str, user_id: int, *, school: str = "СОШ № 1", title: str = "директор"
) -> Any:
    return await place.joins(name, user_id, Role.EXECUTOR, title, await place.organisation(school))


async def coordinator_of(place: Town) -> Any:
    office = await place.organisation("Отдел образования")
    return await place.joins("Мария", 12, Role.COORDINATOR, "координатор", office)


def reminders(person: Any, since: datetime) -> list[str]:
    """List what reminded a person after a moment."""
    return [
        one["text"]
        for one in person.inbox
        if one["date"] > since.timestamp() and one["text"].startswith(("Напоминание", "Срок прошёл"))
    ]


async def test_who_cannot_be_reached_is_shown_within_a_cycle_their_deputy_hears_and_a_return_is_one_summary(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal = await school_head(place, "Анна", 11)
        deputy = await school_head(place, "Борис", 13, title="заместитель директора")
        other = await school_head(place, "Вера", 14, school="СОШ № 2")
        coordinator = await coordinator_of(place)
        await place.walk_to(BEFORE)
        coordinator.sends("/call")
        before = await coordinator.receives("Кому позвонить: 2 организациям")
        assert "СОШ" not in before["text"]  # nobody answers for the two offices yet
        principal.blocks()
        other.deactivates()  # of which Telegram tells nobody
        await place.still()

        await place.walk_to(datetime(2026, 10, 12, 6, 0, tzinfo=UTC))
        heard = deputy.last
        assert heard["text"].startswith("Напоминание: п. 1.1")
        assert "СОШ № 1: директор не получает сообщения бота, поэтому напоминаем вам." in heard["text"]
        assert "Анна" not in heard["text"]
        coordinator.presses(before, data="call")
        listed = await coordinator.receives("Кому позвонить: 3 организациям")
        assert (
            "СОШ № 2 — не доставлено с 12 октября: учётная запись Telegram удалена (директор)"
            in listed["text"]
        )
        assert "СОШ № 1" not in listed["text"]  # the deputy is told
        await place.walk_to(datetime(2026, 10, 26, 7, 0, tzinfo=UTC))
        assert sum("не получает" in text for text in reminders(deputy, BEFORE)) == 1
        coordinator.sends("/call")
        later = await coordinator.receives("Кому позвонить: 4 организациям")
        assert "СОШ № 2 — не доставлено с 12 октября" in later["text"]  # and not «no answer», however long
        assert "СОШ № 1 — ответа нет, напоминали 3 раза с 16 октября (заместитель директора)" in later["text"]
        coordinator.presses(later, "СОШ № 2")
        await coordinator.receives("Выполнено 0 из 2")

        silent_since = place.now()
        principal.unblocks()
        summary = await principal.receives("Бот снова может вам писать")
        assert "Просрочено: 1 пункт. Всего впереди: 2 срока." in summary["text"]
        await place.walk_to(datetime(2026, 10, 27, 12, 0, tzinfo=UTC))
        assert reminders(principal, silent_since) == []
        principal.presses(summary, "Мои пункты")
        await principal.receives("Мои пункты")
        await place.walk_to(datetime(2026, 11, 2, 7, 0, tzinfo=UTC))
        assert len(reminders(principal, silent_since)) == 1  # the next Monday's, as for everybody
    async with database.reading() as session:
        letters = (await session.scalars(select(Letter).where(Letter.kind == LetterKind.REUNION))).all()
        person = await session.scalar(select(Person).where(Person.telegram_id == 11))
    assert person is not None
    assert person.unreachable_since is None
    assert [(one.person_id, one.state) for one in letters] == [(person.id, LetterState.DELIVERED)]


async def test_not_now_keeps_quiet_a_draft_is_asked_about_and_who_comes_back_to_a_seat_begins_afresh(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal = await school_head(place, "Анна", 11)
        coordinator = await coordinator_of(place)
        await place.walk_to(datetime(2026, 10, 12, 8, 0, tzinfo=UTC))
        reminder = await principal.receives("Напоминание: п. 1.1")
        principal.presses(reminder, "Не сейчас")
        asked = await principal.receives("Когда напомнить снова")
        assert [button["text"] for button in buttons_of(asked)] == [
            "До завтра, 13 октября",
            "До понедельника, 19 октября",
        ]
        assert "Напоминание: п. 1.1" in reminder["text"]  # it stays on the screen, to be answered
        principal.presses(asked, "До понедельника")
        chosen = await principal.receives("Хорошо, до понедельника, 19 октября, напоминаний не будет")
        assert chosen["message_id"] == asked["message_id"]
        pressed_at = place.now()
        await place.walk_to(datetime(2026, 10, 19, 5, 59, tzinfo=UTC))
        assert reminders(principal, pressed_at) == []
        await place.walk_to(datetime(2026, 10, 19, 8, 0, tzinfo=UTC))
        (again,) = reminders(principal, pressed_at)
        assert "п. 1.1" in again
        principal.presses(asked, data=f"quiet:{letter_of(reminder)}:20261019")
        gone = await principal.receives("Этот день уже наступил")
        principal.presses(gone, "Выбрать день")
        assert "До завтра, 20 октября" in str(buttons_of(await principal.receives("Когда напомнить снова")))
        for forged in ("quiet:999:20261026", "quiet:1", "not_now", "not_now:0", "quiet:1:20269999"):
            principal.presses(gone, data=forged)
            await principal.receives("Этого здесь больше нет")
        coordinator.presses(coordinator.last, data=f"not_now:{letter_of(reminder)}")
        await coordinator.receives("Этого здесь больше нет")

        left_at = place.now()
        principal.sends("Команды созданы, приказ № 5", reply_to=principal.last_with("Не сейчас"))
        await principal.receives("Отправить на проверку?")
        await place.walk_to(datetime(2026, 10, 20, 7, 0, tzinfo=UTC))
        (morning,) = reminders(principal, left_at)  # the day's own step, and the draft, in one message
        assert "Не отправлено: п. 1.1" in morning
        principal.sends("готово")
        await principal.receives("Отправлено на проверку: п. 1.1")
        await place.walk_to(datetime(2026, 10, 30, 7, 0, tzinfo=UTC))
        assert len(reminders(principal, left_at)) == 1

        successor = await school_head(place, "Глеб", 15)
        changed_at = place.now()
        await place.walk_to(datetime(2026, 11, 11, 7, 0, tzinfo=UTC))
        assert reminders(principal, changed_at) == []
        assert len(reminders(successor, changed_at)) == 1  # fourteen working days before «п. 2.1»
        back_at = place.now()
        await school_head(place, "Анна", 11)
        welcome = next(one for one in reversed(principal.inbox) if one["text"].startswith("Готово!"))
        assert "Всего впереди: 1 срок" in welcome["text"]
        await place.walk_to(datetime(2026, 11, 24, 7, 0, tzinfo=UTC))
        assert reminders(principal, back_at) == []  # one summary, and no backlog
        await place.walk_to(datetime(2026, 11, 25, 7, 0, tzinfo=UTC))
        assert len(reminders(principal, back_at)) == 1


def letter_of(reminder: Any) -> int:
    """Read which letter a reminder's «not now» names."""
    data = next(button["callback_data"] for button in buttons_of(reminder) if button["text"] == "Не сейчас")
    return int(data.partition(":")[2])
