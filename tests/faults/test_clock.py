"""Time goes wrong under the real bot: steps of the system's clock, frozen and dead over the due moment."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import update

from models.assignments import Assignment
from models.database import Database
from models.people import Role
from models.schema import migrate
from plans.calendar import moment
from plans.ladder import OPENS
from simulator import Person, Simulator
from tests.faults.figures import figures
from tests.faults.killing import Victim, victim
from tests.faults.preloading import SteppedClock, compiled
from tests.services.plan import approved, found, row, seated, until
from tests.stories.town import TOKEN

pytestmark = [pytest.mark.faults, pytest.mark.asyncio(loop_scope="module")]

ZONE = "Europe/Moscow"
# A working day for each story: the school of each owes its report on that day, and is reminded at nine.
DAYS = [date(2026, 10, day) for day in (15, 16, 19, 20, 21, 22)]
FIRST_PERSON = 1001
WITHIN = 60.0  # seconds from the due moment to the reminder
QUIET = 1.3  # seconds, at least one look of the planner, in which nothing may be said
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Morning:
    """The running bot on its system clock, and the director to be reminded in this story."""

    bot: Victim
    clock: SteppedClock
    database: Database
    person: Person
    day: date

    @property
    def due(self) -> datetime:
        """The moment of the reminder."""
        return moment(self.day, OPENS, ZONE)

    async def comes(self, before: timedelta) -> None:
        """Let it be so long before the due moment, and let the reminder be owed from now on."""
        self.clock.set(self.due - before)
        await self.owes()

    async def owes(self) -> None:
        """Plan this story's reminder, as an approval does."""
        async with self.database.writing() as session:
            await session.execute(
                update(Assignment).where(Assignment.due == self.day).values(next_step_at=self.due)
            )

    async def says_nothing(self) -> None:
        """Make sure that nobody is reminded before the time."""
        await asyncio.sleep(QUIET)
        assert self.person.inbox == []

    async def due_passes(self) -> None:
        """Wait for the due moment to pass on the bot's clock."""
        async with asyncio.timeout(WITHIN):
            while self.clock.now() < self.due:  # noqa: ASYNC110 - a clock says nothing by itself
                await asyncio.sleep(0.02)

    async def is_reminded(self) -> None:
        """Wait for the reminder; that there is no second one is asked in the end."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        await self.person.receives("Срок сегодня", timeout=WITHIN)
        print(f"reminded {loop.time() - began:.1f} s after the due moment")


async def a_school_for_each_day(url: str) -> None:
    await migrate(url)
    database = Database(url)
    async with database.writing() as session:
        made = await found(session, schools=len(DAYS))
        await approved(session, made, (row("1.", "Команды", until(2026, 10, 15), "ОО"),))
        for number, (school, day) in enumerate(zip(made.schools, DAYS, strict=True)):
            await seated(session, school, Role.EXECUTOR, FIRST_PERSON + number)
            await session.execute(
                update(Assignment)
                .where(Assignment.organisation_id == school.id)
                .values(due=day, nominal=day, next_step_at=None)
            )
    await database.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mornings(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Morning]]:
    folder = tmp_path_factory.mktemp("clock")
    url = f"sqlite+aiosqlite:///{folder / 'roadmap.sqlite3'}"
    await a_school_for_each_day(url)
    sim, clock, database = Simulator(token=TOKEN), SteppedClock(folder / "clock"), Database(url)
    asked = {**clock.env(compiled(folder)), "BOT_CLOCK": "system", "BOT_TICK": "1"}
    people = [sim.person("Директор", user_id=FIRST_PERSON + number) for number in range(len(DAYS))]
    for person in people:
        person.starts()
    started = datetime(2026, 10, 14, 9, 0, tzinfo=UTC)
    clock.set(started)
    async with sim.running(), victim(sim, url, folder / "bot", started, asked) as bot:
        yield [Morning(bot, clock, database, person, day) for person, day in zip(people, DAYS, strict=True)]
    await database.close()


async def test_a_clock_that_jumps_an_hour_ahead_over_the_due_moment_and_back_reminds_once(
    mornings: list[Morning],
) -> None:
    morning = mornings[0]
    await morning.comes(timedelta(minutes=30))
    await morning.says_nothing()
    morning.clock.step(HOUR)
    await morning.is_reminded()
    morning.clock.step(-HOUR)
    await asyncio.sleep(QUIET)
    assert len(morning.person.inbox) == 1


async def test_a_clock_that_falls_an_hour_back_does_not_silence_what_is_due_soon_after(
    mornings: list[Morning],
) -> None:
    morning = mornings[1]
    morning.clock.set(morning.due + HOUR - timedelta(seconds=QUIET + 3))
    await morning.says_nothing()  # the bot has looked by this clock, and would sleep an hour by it
    morning.clock.step(-HOUR)
    await morning.owes()
    await morning.due_passes()
    await morning.is_reminded()


async def test_a_clock_that_jumps_twenty_seconds_over_the_due_moment_reminds_once(
    mornings: list[Morning],
) -> None:
    morning = mornings[2]
    await morning.comes(timedelta(seconds=10))
    await morning.says_nothing()
    morning.clock.step(timedelta(seconds=20))
    await morning.is_reminded()


@pytest.mark.parametrize(
    ("number", "real", "asleep"), [(3, 4.0, timedelta()), (4, 0.5, timedelta(hours=3))], ids=["4 s", "3 h"]
)
async def test_a_bot_frozen_over_the_due_moment_reminds_once_when_it_thaws(
    mornings: list[Morning], number: int, real: float, asleep: timedelta
) -> None:
    morning = mornings[number]
    await morning.comes(timedelta(seconds=2) if real > 2 else HOUR)
    await asyncio.sleep(1)
    os.kill(morning.bot.pid, signal.SIGSTOP)
    await asyncio.sleep(real)
    morning.clock.step(asleep)
    assert morning.clock.now() > morning.due
    assert morning.person.inbox == []
    os.kill(morning.bot.pid, signal.SIGCONT)
    await morning.is_reminded()


async def test_a_bot_killed_before_the_due_moment_and_started_after_it_reminds_once(
    mornings: list[Morning],
) -> None:
    morning = mornings[5]
    await morning.comes(HOUR)
    await morning.says_nothing()
    os.kill(morning.bot.pid, signal.SIGKILL)
    morning.clock.step(HOUR + timedelta(minutes=5))
    await morning.bot.start()
    await morning.is_reminded()


async def test_in_the_end_everybody_was_told_once_that_the_day_has_come_and_nothing_twice(
    mornings: list[Morning],
) -> None:
    await asyncio.sleep(QUIET)
    said = [[str(message["text"]) for message in morning.person.inbox] for morning in mornings]
    on_the_day = [sum("Срок сегодня" in words for words in heard) for heard in said]
    copies = max(max(Counter(heard).values(), default=0) for heard in said)
    figures(
        "clock steps, freezes and a restart",
        kills=1,
        stops=2,
        lost=on_the_day.count(0),
        duplicated=sum(count - 1 for count in on_the_day if count > 1),
        copies=copies,
    )
    assert on_the_day == [1] * len(DAYS)
    assert copies == 1
