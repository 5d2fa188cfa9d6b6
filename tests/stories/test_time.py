"""A reminder that comes later than it should, because the bot was away, says so; a timely one does not."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.wiring import running
from models.database import Database
from models.people import Role
from tests.stories.test_conversations import approved
from tests.stories.town import Town, town

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
EARLY = datetime(2026, 10, 15, 5, 0, tzinfo=UTC)  # eight in Moscow; row 1.1 is due on that day
MARK = "Пришло позже, чем должно было: бот какое-то время был недоступен."


async def head(place: Town) -> Any:
    await approved(place)
    return await place.joins("Анна", 11, Role.EXECUTOR, "директор", await place.organisation("СОШ № 1"))


async def stands_still(place: Town, until: datetime) -> None:
    """Stop the bot, let time pass, and start it anew."""
    await place.life.aclose()
    place.sim.clock.set(until)
    place.parts = await place.life.enter_async_context(running(place.assembly))


def reminders(person: Any) -> list[str]:
    return [one["text"] for one in person.inbox if "Срок сегодня" in one["text"]]


@pytest.mark.parametrize(
    ("hour", "late"), [(8, True), (6, False)], ids=["back at eleven", "back a few minutes after nine"]
)
async def test_a_bot_that_was_away_over_nine_o_clock_reminds_once_and_says_that_it_is_late(
    database: Database, tmp_path: Path, hour: int, late: bool
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        principal = await head(place)
        await place.walk_to(EARLY)
        assert reminders(principal) == []
        await stands_still(place, datetime(2026, 10, 15, hour, 4, tzinfo=UTC))
        await principal.receives("Срок сегодня")
        await place.walk(hours=5)
        (said,) = reminders(principal)
        assert (MARK in said) is late
        assert "1.1" in said
        await place.walk_to(datetime(2026, 10, 16, 7, 0, tzinfo=UTC))
        after = [one["text"] for one in principal.inbox if "Срок прошёл" in one["text"]]
        assert len(after) == 1
        assert MARK not in after[0]


async def test_a_bot_that_was_there_says_nothing_of_it(database: Database, tmp_path: Path) -> None:
    async with town(database, tmp_path / "data", START) as place:
        principal = await head(place)
        await place.walk_to(datetime(2026, 10, 20, 7, 0, tzinfo=UTC))
        texts = [one["text"] for one in principal.inbox]
        assert len(reminders(principal)) == 1
        assert not [text for text in texts if MARK in text]


async def test_a_reminder_held_up_until_the_night_is_said_in_the_morning_with_what_that_day_brings(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        principal = await head(place)
        await place.walk_to(EARLY)
        await place.parts.look()  # the bundle of nine o'clock is written, and nobody is there to send it
        await stands_still(place, datetime(2026, 10, 15, 20, 0, tzinfo=UTC))  # eleven at night in Moscow
        await place.parts.look()
        await place.still()
        before = len(principal.inbox)
        await place.walk_to(datetime(2026, 10, 16, 5, 59, tzinfo=UTC))
        assert len(principal.inbox) == before
        await place.walk_to(datetime(2026, 10, 16, 6, 30, tzinfo=UTC))
        (said,) = principal.inbox[before:]
        assert "1.1" in said["text"]
        assert "прошёл" in said["text"]
