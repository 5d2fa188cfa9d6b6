"""Starts: quick ones, many in a row, and those that one message brings to an end each time."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.database import Database
from models.letters import Letter, LetterKind, LetterState
from models.machinery import Run, StoredUpdate, UpdateState
from models.people import Role
from services import letters
from services.letters import Priority
from services.updates import MOST_TRIES
from simulator import Simulator
from tests.faults.figures import figures
from tests.faults.killing import LONG, ROOT, victim
from tests.faults.process import POISON
from tests.services.plan import found, seated
from tests.stories.town import TOKEN

pytestmark = pytest.mark.faults

START = datetime(2026, 10, 15, 8, 0, tzinfo=UTC)
STARTS = 20 if LONG else 6  # the administrator hears of the fifth
WITHIN, BUSY_WITHIN = 3.0, 15.0  # seconds to the first getUpdates: on an idle machine, on a busy one
IDLE = 2.0  # load average below which a machine is idle
RECOVERED = 5.0
PATIENT = 30.0
ADMINISTRATOR, READER = 1, 2001


async def a_town(database: Database) -> None:
    """Found a town with an administrator and a principal."""
    async with database.writing() as session:
        made = await found(session, schools=1, first_id=ADMINISTRATOR)
        await seated(session, made.schools[0], Role.EXECUTOR, READER)


async def a_letter(database: Database, text: str, chat_id: int, now: datetime) -> None:
    """Write a letter that is due at once."""
    async with database.writing() as session:
        await letters.write(
            session,
            key=f"test:{text}",
            kind=LetterKind.NOTE,
            chat_id=chat_id,
            now=now,
            priority=Priority.REMINDER,
            payload={"method": "sendMessage", "chat_id": chat_id, "text": text},
        )


async def left_waiting(database: Database) -> int:
    """Count what is due or not handled."""
    async with database.reading() as session:
        updates = await session.scalar(
            select(func.count(StoredUpdate.id)).where(StoredUpdate.state == UpdateState.NEW)
        )
        waiting = await session.scalar(
            select(func.count(Letter.id)).where(Letter.state.in_((LetterState.WAITING, LetterState.CLAIMED)))
        )
    return (updates or 0) + (waiting or 0)


async def all_done(database: Database) -> None:
    """Wait until every update is handled and every letter gone."""
    async with asyncio.timeout(PATIENT):
        while await left_waiting(database):  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.05)


async def begun(database: Database, number: int) -> None:
    """Wait until a life has been written down beside so many others: whoever dies before does not count."""
    async with asyncio.timeout(PATIENT):
        while True:
            async with database.reading() as session:
                if (await session.scalar(select(func.count(Run.id))) or 0) > number:
                    return
            await asyncio.sleep(0.02)


async def test_deaths_in_a_row_are_told_once_and_say_nothing_too_often(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await a_town(database)
    sim = Simulator(token=TOKEN)
    sim.faults.latency(0.02)
    admin, reader = (sim.person(str(number), user_id=number) for number in (ADMINISTRATOR, READER))
    admin.starts()
    reader.starts()
    async with sim.running(), victim(sim, database_url, tmp_path / "bot", START) as bot:
        for number in range(STARTS):
            await a_letter(database, f"Письмо {number}", READER, sim.clock.now())
            await begun(database, number)
            await bot.kill(life=0.5)
        async with bot.hurried():
            await all_done(database)
    said = [text for _, text in sim.sent_texts()]
    told = [text for chat, text in sim.sent_texts() if chat == ADMINISTRATOR and "перезапускался" in text]
    extra = len(said) - len(set(said))
    async with database.reading() as session:
        notes = (await session.scalars(select(Letter).where(Letter.key.startswith("crash-loop")))).all()
    print(f"starts {bot.kills + 1}, told {len(told)}, extra {extra}, doubtful {len(bot.doubtful)}")
    figures(
        "deaths in a row",
        kills=bot.kills,
        in_hand=bot.in_hand,
        lost=STARTS - sum(f"Письмо {number}" in said for number in range(STARTS)),
        duplicated=extra,
        copies=max(map(said.count, said)),
    )
    assert [one.state for one in notes] == [LetterState.DELIVERED]
    assert 1 <= len(told) <= 1 + len(bot.doubtful)
    assert {f"Письмо {number}" for number in range(STARTS)} <= set(said)
    assert extra <= len(bot.doubtful)
    assert max(map(said.count, said)) <= 3


async def test_a_message_that_kills_the_process_is_put_aside_after_five_deaths_and_the_others_are_answered(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await a_town(database)
    sim = Simulator(token=TOKEN)
    admin, sender, other = (sim.person(str(number), user_id=number) for number in (ADMINISTRATOR, READER, 7))
    admin.starts()
    loop = asyncio.get_running_loop()
    async with sim.running(), victim(sim, database_url, tmp_path / "bot", START) as bot:
        sender.sends(POISON)
        sender.sends("/help")
        async with bot.brought_back(), bot.hurried(60):
            began = loop.time()
            other.sends("/start")
            await other.receives(timeout=PATIENT)
            waited = loop.time() - began
            await sender.receives("Не получилось обработать", timeout=PATIENT)
            await admin.receives("the process died", timeout=PATIENT)
            await sender.receives("Вы здесь", timeout=PATIENT)
            await all_done(database)
        await bot.start()
    async with database.reading() as session:
        stored = (await session.scalars(select(StoredUpdate).order_by(StoredUpdate.update_id))).all()
    print(f"deaths {bot.kills}, another person waited {waited:.1f} s")
    figures("deaths of one message", kills=bot.kills, lost=0)
    assert bot.kills == MOST_TRIES
    states = [one.state for one in stored]
    assert states == [UpdateState.PARKED, UpdateState.HANDLED, UpdateState.HANDLED]
    assert [one.tries for one in stored[:2]] == [MOST_TRIES, 0]
    assert stored[2].tries <= 1  # it may have been in hand as well at the first death, never again


async def test_work_goes_on_within_five_seconds_of_a_kill(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await a_town(database)
    sim = Simulator(token=TOKEN)
    reader = sim.person("Читает", user_id=READER)
    reader.starts()
    loop = asyncio.get_running_loop()
    async with sim.running(), victim(sim, database_url, tmp_path / "bot", START) as bot:
        reader.sends("/help")
        await reader.receives("Вы здесь", timeout=PATIENT)
        await all_done(database)
        await bot.dies()
        reader.sends("/help")
        await a_letter(database, "Пора", READER, sim.clock.now())
        began = loop.time()
        await bot.start()

        async def hears(words: str) -> float:
            await reader.receives(words, timeout=PATIENT)
            return loop.time() - began

        answered, sent = await asyncio.gather(hears("Вы здесь"), hears("Пора"))
    print(f"after a kill: answered within {answered:.2f} s, sent within {sent:.2f} s")
    assert max(answered, sent) <= RECOVERED


async def test_the_program_itself_polls_soon_after_its_start_and_stops_when_asked(
    tmp_path: Path,
) -> None:
    sim = Simulator(token=TOKEN)
    sim.clock.set(datetime.now(UTC))  # noqa: TID251 - the real program lives by the real clock
    env = {
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API_BASE": "",
        "DATA_DIR": str(tmp_path / "data"),
        "DATABASE_URL": "",
    }
    async with sim.running():
        env["TELEGRAM_API_BASE"] = sim.base_url
        seconds = [await first_poll(sim, env) for _ in range(2)][-1]  # the first one migrates
    load = os.getloadavg()[0]
    print(f"from the start to the first getUpdates {seconds:.2f} s, load {load:.1f}")
    assert seconds <= (WITHIN if load < IDLE else BUSY_WITHIN)


async def first_poll(sim: Simulator, env: dict[str, str]) -> float:
    """Start the program; give the seconds to its first getUpdates, and stop it as a deploy does."""
    before, began = len(sim.calls("getUpdates")), time.monotonic()
    command = [sys.executable, "-m", "bot", "run"]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env={**os.environ, **env}, stderr=subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(PATIENT):
            while len(sim.calls("getUpdates")) == before:  # noqa: ASYNC110 - a call wakes nobody
                await asyncio.sleep(0.01)
        seconds = time.monotonic() - began
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return seconds
