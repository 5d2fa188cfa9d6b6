"""The life of a process: what it writes down of itself, and whom it tells when something was wrong."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from bot.clock import RELEASED, plainly_wrong
from bot.in_hand import InHand
from bot.life import Life, alert, alert_once
from bot.sender import Sender
from bot.telegram import DatedSession, server_time
from models.assignments import Assignment
from models.database import Database
from models.letters import Letter
from models.machinery import Run
from models.organisations import Organisation
from models.people import Role
from services import reports, runs
from services.incoming import Incoming
from simulator import Simulator
from tests.bot.wire import TOKEN, Wire, bot_on, message, ok
from tests.scheduler.delivery import Hands
from tests.services.plan import actor, approved, found, seated
from views.outages import second_copy

ADMINISTRATOR, WRITING, IDLE = 1, 11, 12
DAY = timedelta(days=1)
FREE = 9  # per cent of the disk in the stories of a disk that is almost full


@dataclass
class House:
    """A database with people, and lives that begin and end in it."""

    database: Database
    folder: Path
    clock: Hands
    wire: Wire
    sender: Sender

    def life(self) -> Life:
        return Life(self.database, self.clock, self.folder, self.sender, InHand(self.folder))

    async def lives(self, *, seconds: float, clean: bool = False) -> None:
        """Let a process begin, work for so long with a pulse at the end, and end or die."""
        life = self.life()
        await life.begin()
        self.clock.passes(seconds=seconds)
        await life.pulse()
        await life.end(clean=clean)

    async def letters(self, words: str = "") -> list[tuple[int, str]]:
        """List (chat, text) of the letters with these words."""
        async with self.database.reading() as session:
            found_ = await session.scalars(select(Letter).order_by(Letter.id))
            said = [(one.chat_id, one.payload["text"]) for one in found_ if one.payload]
        return [(chat, text) for chat, text in said if words in text]


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> House:
    bot, wire = bot_on(lambda _name, _call: ok(message(1)))
    async with database.writing() as session:
        made = await found(session, schools=2, first_id=ADMINISTRATOR)
        await approved(session, made)
        await seated(session, made.schools[0], Role.EXECUTOR, WRITING)
        await seated(session, made.schools[1], Role.EXECUTOR, IDLE)
        await session.execute(update(Assignment).values(next_step_at=None))
        await session.execute(update(Organisation).values(time_zone="Asia/Yekaterinburg"))
    return House(database, tmp_path, Hands(), wire, Sender(bot))


async def begins_a_report(house: House) -> None:
    sent = Incoming(WRITING, 5, None, None, "Команды созданы", None, house.clock.now())
    async with house.database.writing() as session:
        await reports.receive(session, await actor(session, WRITING), sent, now=house.clock.now())


# --- runs -------------------------------------------------------------------------------------


async def test_a_run_says_when_it_began_when_it_was_last_alive_and_when_it_stopped(house: House) -> None:
    began = house.clock.now()
    await house.lives(seconds=40, clean=True)
    async with house.database.reading() as session:
        (run,) = await session.scalars(select(Run))
        assert await runs.last_alive(session) == house.clock.now()
    assert (run.started_at, run.alive_at, run.stopped_at) == (began, house.clock.now(), house.clock.now())


async def test_an_end_that_was_not_clean_is_not_written_down_and_keeps_what_was_in_hand(house: House) -> None:
    life = house.life()
    await life.begin()
    life.in_hand.take(77)
    await life.end(clean=False)
    async with house.database.reading() as session:
        (run,) = await session.scalars(select(Run))
    assert run.stopped_at is None
    assert len(list(house.folder.glob("in-hand-*"))) == 1
    await house.lives(seconds=1, clean=True)
    assert len(list(house.folder.glob("in-hand-*"))) == 1  # a clean one leaves none of its own


async def test_runs_of_long_ago_are_forgotten(house: House) -> None:
    await house.lives(seconds=60, clean=True)
    house.clock.passes(days=31)
    await house.lives(seconds=60, clean=True)
    async with house.database.writing() as session:
        await runs.forget(session, now=house.clock.now())
    async with house.database.reading() as session:
        assert await session.scalar(select(func.count(Run.id))) == 1


async def test_a_pulse_after_its_run_was_forgotten_is_no_matter(house: House) -> None:
    life = house.life()
    await life.begin()
    house.clock.passes(days=31)
    async with house.database.writing() as session:
        await runs.forget(session, now=house.clock.now())
    await life.pulse()
    await life.end(clean=True)


# --- away -------------------------------------------------------------------------------------


@pytest.mark.parametrize("clean", [True, False])
async def test_after_more_than_a_day_who_was_writing_is_asked_once_in_the_time_of_their_zone(
    house: House, clean: bool
) -> None:
    await house.lives(seconds=60, clean=clean)
    await begins_a_report(house)
    house.clock.passes(hours=26)
    await house.lives(seconds=60, clean=True)
    ((chat, text),) = await house.letters("Бот был недоступен")
    assert chat == WRITING
    assert "с 7 сентября, 12:01 до 8 сентября, 14:01" in text.replace("\N{NO-BREAK SPACE}", " ")
    await house.lives(seconds=60, clean=True)
    assert len(await house.letters("Бот был недоступен")) == 1


async def test_within_a_day_telegram_keeps_everything_and_nobody_is_asked(house: House) -> None:
    await house.lives(seconds=60)
    await begins_a_report(house)
    house.clock.passes(hours=23, minutes=59)
    await house.lives(seconds=60)
    assert not await house.letters("Бот был недоступен")


# --- a crash loop -----------------------------------------------------------------------------


async def test_five_short_lives_within_ten_minutes_are_told_to_administrators_once(house: House) -> None:
    for _ in range(runs.MOST_STARTS):
        await house.lives(seconds=2)
    assert not await house.letters("перезапускался")
    for _ in range(10):
        await house.lives(seconds=2)
    ((chat, text),) = await house.letters("перезапускался")
    assert chat == ADMINISTRATOR
    assert "5 раз" in text


@pytest.mark.parametrize(
    ("seconds", "clean", "pause"), [(20, False, 0), (2, True, 0), (2, False, 300)], ids=str
)
async def test_long_lives_clean_ends_and_rare_deaths_are_no_loop(
    house: House, seconds: float, clean: bool, pause: float
) -> None:
    for _ in range(2 * runs.MOST_STARTS):
        await house.lives(seconds=seconds, clean=clean)
        house.clock.passes(seconds=pause)
    assert not await house.letters("перезапускался")


# --- the disk ---------------------------------------------------------------------------------


@asynccontextmanager
async def disk(monkeypatch: pytest.MonkeyPatch, percent: int) -> AsyncIterator[None]:
    """Let so much of the disk be free."""
    usage = type(shutil.disk_usage("/"))(1000 * 2**20, (100 - percent) * 10 * 2**20, percent * 10 * 2**20)
    with monkeypatch.context() as patched:
        patched.setattr("bot.life.shutil.disk_usage", lambda _folder: usage)
        yield


async def test_a_disk_that_is_almost_full_is_told_once_a_day(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = house.life()
    async with disk(monkeypatch, FREE + 1):
        await life.look_at_the_disk()
    assert not await house.letters("На диске")
    async with disk(monkeypatch, FREE):
        for _ in range(3):
            await life.look_at_the_disk()
        ((chat, text),) = await house.letters("На диске")
        assert (chat, "90 МиБ (9%)" in text.replace("\N{NO-BREAK SPACE}", " ")) == (ADMINISTRATOR, True)
        house.clock.passes(days=1)
        await life.look_at_the_disk()
    assert len(await house.letters("На диске")) == 2


def refusing(name: str) -> Callable[..., Any]:
    """Make a step that fails as SQLite does."""

    async def step(*_arguments: object) -> None:
        cause = sqlite3.OperationalError("no")
        cause.sqlite_errorname = name
        raise OperationalError("INSERT", {}, cause)

    return step


async def test_where_no_letter_can_be_written_any_more_administrators_are_told_past_them_once_a_day(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = house.life()
    monkeypatch.setattr(house.database, "write", refusing("SQLITE_FULL"))
    async with disk(monkeypatch, 0):
        for _ in range(3):
            await life.look_at_the_disk()
        ((name, call),) = house.wire.calls
        assert (name, call["chat_id"]) == ("sendMessage", ADMINISTRATOR)
        assert "На диске бота осталось 0 МиБ" in call["text"]
        house.clock.passes(days=1)
        await life.look_at_the_disk()
    assert len(house.wire.calls) == 2


async def test_a_bug_is_not_taken_for_a_full_disk(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def bug(*_arguments: object) -> None:
        raise LookupError

    monkeypatch.setattr(house.database, "write", bug)
    async with disk(monkeypatch, FREE):
        with pytest.raises(LookupError):
            await house.life().look_at_the_disk()


async def test_a_database_in_trouble_does_not_keep_a_process_alive_at_its_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = house.life()
    await life.begin()
    for step in ("write", "checkpoint"):
        monkeypatch.setattr(house.database, step, refusing("SQLITE_FULL"))
    async with asyncio.timeout(5):
        await life.end(clean=True)
    assert not list(house.folder.glob("in-hand-*"))


async def test_an_alarm_reaches_administrators_and_nobody_else(house: House) -> None:
    await alert(house.database, house.sender, second_copy())
    assert [call["chat_id"] for _, call in house.wire.calls] == [ADMINISTRATOR]


async def test_an_alarm_is_not_repeated_each_time_a_supervisor_starts_again(house: House) -> None:
    mark = house.folder / "told"
    for when in ("2026-11-02", "2026-11-02", "2026-11-03"):
        await alert_once(house.database, house.sender, second_copy(), mark=mark, when=when)
    assert len(house.wire.calls) == 2


async def test_an_alarm_of_which_nothing_can_be_noted_is_told_all_the_same(house: House) -> None:
    mark = house.folder / "no folder" / "told"
    await alert_once(house.database, house.sender, second_copy(), mark=mark, when="2026-11-02")
    assert len(house.wire.calls) == 1


# --- the clock ---------------------------------------------------------------------------------

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
YEAR_1970, YEAR_2036 = datetime(1970, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "last_alive", "server", "wrong"),
    [
        (NOW, None, NOW, False),
        (NOW + timedelta(hours=23), None, NOW, False),
        (NOW + timedelta(hours=25), None, NOW, True),
        (NOW - timedelta(hours=25), None, NOW, True),
        (YEAR_1970, None, NOW, True),
        (YEAR_2036, NOW, NOW, True),
        (NOW, YEAR_2036, NOW, False),  # it was the last life whose clock was wrong
        (NOW, None, None, False),
        (YEAR_1970, None, None, True),
        (RELEASED - timedelta(seconds=1), None, None, True),
        (NOW - timedelta(hours=23), NOW, None, False),
        (NOW - timedelta(hours=25), NOW, None, True),
        (NOW + 400 * DAY, NOW, None, False),  # it may have been off for a year
    ],
)
def test_a_clock_is_plainly_wrong_by_the_server_or_else_by_what_was_seen_before(
    now: datetime, last_alive: datetime | None, server: datetime | None, wrong: bool
) -> None:
    assert plainly_wrong(now, last_alive=last_alive, server=server) is wrong


async def test_the_server_says_what_time_it_is_with_every_answer() -> None:
    async with Simulator(token=TOKEN).running() as sim:
        session = DatedSession(api=TelegramAPIServer.from_base(sim.base_url))
        bot = Bot(TOKEN, session=session)
        assert server_time(bot) is None
        await bot.get_me()
        said = server_time(bot)
        assert said is not None
        assert said.tzinfo is UTC
        assert abs(said - sim.clock.now()) < timedelta(seconds=5)
        await session.close()


@pytest.mark.parametrize(
    ("header", "moment"),
    [
        ({"Date": "Mon, 02 Nov 2026 08:00:00 GMT"}, NOW),
        ({"Date": "Mon, 02 Nov 2026 11:00:00 +0300"}, NOW),
        ({"Date": "yesterday"}, None),
        ({"Date": ""}, None),
        ({}, None),
    ],
)
async def test_a_server_that_does_not_say_what_time_it_is_is_not_believed(
    header: dict[str, str], moment: datetime | None
) -> None:
    session = DatedSession()
    answered: Any = type("Answered", (), {"response": type("Response", (), {"headers": header})})
    await session._note_time(Any, Any, answered)  # type: ignore[arg-type]
    assert session.server_time == moment


async def test_a_session_of_another_kind_says_nothing(house: House) -> None:
    assert server_time(house.sender.bot) is None
