"""People leave: the seat is free, its reports stay, nothing more is said to who has gone."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from models.database import Database
from models.letters import AuditEntry, Letter, LetterKind, LetterState
from models.people import Role, Seat, Tenure
from simulator.people import buttons_of
from tests.stories.test_conversations import approved
from tests.stories.town import Town, town

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
DUE = datetime(2026, 10, 15, 8, 0, tzinfo=UTC)  # of «п. 1.1», eleven in the morning in Moscow


async def coordinator_of(place: Town) -> Any:
    office = await place.organisation("Отдел образования")
    return await place.joins("Мария", 12, Role.COORDINATOR, "координатор", office)


def since(person: Any, message: Any) -> list[str]:
    """List what the bot has said to somebody since a message."""
    return [one["text"] for one in person.inbox if one["message_id"] > message["message_id"]]


def menu(place: Town, chat_id: int) -> list[str]:
    return [entry["command"] for entry in place.sim.world.commands[f"chat:{chat_id}:"]]


async def test_who_leaves_a_seat_hears_no_more_of_it_and_the_coordinator_is_asked_to_invite(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin = await approved(place)
        centre = await place.organisation("Методический центр")
        await place.joins("Анна", 11, Role.EXECUTOR, "методист", centre)
        principal = await place.joins(
            "Анна", 11, Role.EXECUTOR, "директор", await place.organisation("СОШ № 1")
        )
        coordinator = await coordinator_of(place)
        assert "plan" in menu(place, 11)
        await place.walk_to(DUE)
        reminder = await principal.receives(button="Не сейчас")
        principal.presses(principal.last_with("Не сейчас"), "Не сейчас")  # what is put off waits in a letter
        principal.presses(await principal.receives("Когда напомнить снова"), "До завтра")
        await principal.receives("Хорошо, до завтра")
        principal.sends("Команды созданы", reply_to=principal.last_with("Не сейчас"))
        await principal.receives("Отправить на проверку?")
        principal.sends("/leave")
        which = await principal.receives("Какую должность вы оставляете?")
        assert [one["text"] for one in buttons_of(which)] == [
            "методист — Методический центр",
            "директор — СОШ № 1",
            "Никакую, я остаюсь",
        ]
        principal.presses(which, "директор")
        sure = await principal.receives("Напоминания перестанут приходить, отчёты останутся.")
        assert "Неотправленных черновиков: 1." in sure["text"]
        principal.presses(sure, "Нет, я остаюсь")
        await principal.receives("всё остаётся как было")
        principal.sends("/leave")
        principal.presses(await principal.receives("Какую должность"), "директор")
        principal.presses(await principal.receives("Точно?"), "Да, оставить должность")
        left = await principal.receives("Готово, вы оставили должность: директор — СОШ № 1.")
        assert "За вами остаётся: методист — Методический центр." in left["text"]
        note = await coordinator.receives("Должность свободна: директор — СОШ № 1.")
        assert "Анна больше её не занимает." in note["text"]
        coordinator.presses(note, "Пригласить")
        assert "🔕 СОШ № 1 — директор" in (await coordinator.receives("Приглашения"))["text"]
        assert not any("Должность свободна" in one["text"] for one in admin.inbox)
        await place.still()
        assert "plan" in menu(place, 11)
        principal.presses(sure, data=f"leave_sure:{await seat_of(database, 'директор')}")  # once more
        await principal.receives("Этого здесь больше нет")

        await place.restarts()
        await place.walk_to(datetime(2026, 10, 30, 8, 0, tzinfo=UTC))
        heard = since(principal, left)
        assert heard
        assert not any("п. 1.1" in text or "СОШ № 1" in text for text in heard)
        assert any("п. 1.2" in text for text in heard)  # of the seat that was kept
        principal.sends("/leave")
        principal.presses(await principal.receives("Какую должность"), "методист")
        principal.presses(await principal.receives("Точно?"), "Да, оставить должность")
        gone = await principal.receives("попросите у координатора новую ссылку")
        await place.still()
        assert "chat:11:" not in place.sim.world.commands
        principal.sends("Ещё одно фото", reply_to=reminder)
        await principal.receives("Это рабочий бот муниципалитета")
        await place.walk_to(datetime(2026, 12, 1, 8, 0, tzinfo=UTC))
        assert len(since(principal, gone)) == 1
    async with database.reading() as session:
        waiting = await session.scalars(
            select(Letter.id).where(Letter.chat_id == 11, Letter.state == LetterState.WAITING)
        )
        put_off = await session.scalars(
            select(Letter.state).where(
                Letter.chat_id == 11,
                Letter.kind == LetterKind.REMINDER,
                Letter.delivered_at.is_(None),
            )
        )
        noted = await session.scalars(select(AuditEntry.subject).where(AuditEntry.action == "left"))
        assert list(waiting) == []
        assert set(put_off) == {LetterState.CANCELLED}
        assert list(noted) == ["seat", "seat"]


async def seat_of(database: Database, title: str) -> int:
    """Give the seat of this title that somebody has held."""
    async with database.reading() as session:
        found = await session.scalar(
            select(Seat.id).join(Tenure, Tenure.seat_id == Seat.id).where(Seat.title == title)
        )
    assert found is not None
    return found


async def test_the_last_administrator_stays_and_the_last_coordinator_hands_the_reports_on(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin = await approved(place)
        principal = await place.joins(
            "Анна", 11, Role.EXECUTOR, "директор", await place.organisation("СОШ № 1")
        )
        coordinator = await coordinator_of(place)
        await place.walk_to(DUE)
        principal.sends("Команды созданы", reply_to=principal.last_with("Не сейчас"))
        await principal.receives("Отправить на проверку?")
        principal.sends("да")
        await coordinator.receives("Команды созданы")
        coordinator.sends("/leave")
        coordinator.presses(await coordinator.receives("Какую должность"), "координатор")
        sure = await coordinator.receives("Отчёты на проверку перестанут приходить")
        coordinator.presses(sure, "Да, оставить должность")
        await coordinator.receives("Спасибо за работу!")
        note = await admin.receives("Должность свободна: координатор — Отдел образования.")
        assert "Отчётов на проверке: 1. Они ждут вас: /status" in note["text"]
        admin.sends("/status")
        admin.presses(await admin.receives("На проверке: 1"), "На проверке: 1")
        admin.presses(await admin.receives(button="СОШ № 1: п. 1.1"), "СОШ № 1: п. 1.1")
        admin.presses(await admin.receives("Команды созданы", button="✅ Принять"), "✅ Принять")
        await principal.receives("✅ Принято: п. 1.1")

        admin.sends("/leave")
        admin.presses(await admin.receives("Какую должность"), "администратор")
        await admin.receives("Вы единственный администратор")
        office = await place.organisation("Отдел образования")
        await place.joins("Второй", 901, Role.ADMINISTRATOR, "администратор 2", office)
        admin.presses(admin.last_with("администратор — "), "администратор — ")
        admin.presses(await admin.receives("приглашать людей вы больше не сможете"), "Да, оставить должность")
        await admin.receives("Готово, вы оставили должность")
        admin.sends("/status")
        await admin.receives("Это рабочий бот муниципалитета")
