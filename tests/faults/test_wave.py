"""Kills and stops while five hundred letters go out: nothing is lost, and hardly anything is said twice."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.database import Database
from models.letters import Letter, LetterKind, LetterState
from services import letters
from services.letters import Priority
from simulator import Simulator
from tests.faults.figures import figures
from tests.faults.killing import LONG, MOST_TO_STOP, Victim, victim
from tests.stories.town import TOKEN

pytestmark = pytest.mark.faults

START = datetime(2026, 10, 15, 8, 0, tzinfo=UTC)
WAVE = 500 if LONG else 100
KILLS_IN_A_WAVE = 25 if LONG else 10
WAVES = 6 if LONG else 1
STOPS = 100 if LONG else 3  # of each database
FIRST_CHAT = 10_001
MOST_COPIES = 3
MOST_DEATHS = 20
PATIENT = 120.0
LATENCY = 0.01


async def a_wave(database: Database, sim: Simulator, name: str, size: int = WAVE) -> list[tuple[int, str]]:
    """Write letters of unique texts, one to each chat; give (chat, text) of each."""
    said = [(FIRST_CHAT + number, f"{name}, письмо {number}.") for number in range(size)]
    async with database.writing() as session:
        for chat_id, text in said:
            sim.person("Адресат", user_id=chat_id).starts()
            await letters.write(
                session,
                key=f"test:{text}",
                kind=LetterKind.NOTE,
                chat_id=chat_id,
                now=sim.clock.now(),
                priority=Priority.REMINDER,
                payload={"method": "sendMessage", "chat_id": chat_id, "text": text},
            )
    return said


async def in_state(database: Database, *states: LetterState) -> int:
    """Count the letters in some states."""
    async with database.reading() as session:
        return await session.scalar(select(func.count(Letter.id)).where(Letter.state.in_(states))) or 0


async def on_their_way(database: Database) -> int:
    """Count the letters that have still to go."""
    return await in_state(database, LetterState.WAITING, LetterState.CLAIMED)


async def all_gone(database: Database) -> None:
    """Wait until no letter is left to go."""
    async with asyncio.timeout(PATIENT):
        while await on_their_way(database):  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.05)


def copies(sim: Simulator, wave: list[tuple[int, str]]) -> Counter[tuple[int, str]]:
    """Count how often each letter of a wave was said; 0 where never."""
    said = Counter(sim.sent_texts())
    return Counter({one: said[one] for one in wave})


@pytest.mark.parametrize("number", range(1, WAVES + 1))
async def test_kills_in_a_wave_lose_nothing_and_repeat_only_what_was_on_the_wire(
    database: Database, database_url: str, tmp_path: Path, number: int
) -> None:
    sim = Simulator(token=TOKEN)
    sim.faults.latency(LATENCY)
    async with sim.running():
        sim.clock.set(START)
        wave = await a_wave(database, sim, f"Волна {number}")
        async with victim(sim, database_url, tmp_path / "bot", START) as bot:
            bot.seed.seed(number)
            async with bot.hurried():
                while bot.kills < KILLS_IN_A_WAVE and await on_their_way(database):
                    await bot.kill(life=0.3)
                await all_gone(database)
    said = copies(sim, wave)
    lost, extra = sum(count == 0 for count in said.values()), said.total() - len(wave)
    print(f"kills {bot.kills}, in hand {bot.in_hand}, doubtful {len(bot.doubtful)}, extra {extra}")
    figures(
        "kills in a wave",
        kills=bot.kills,
        in_hand=bot.in_hand,
        lost=lost,
        duplicated=extra,
        copies=max(said.values()),
    )
    assert lost == 0
    assert extra <= len(bot.doubtful)
    assert max(said.values()) <= MOST_COPIES
    assert bot.in_hand >= 0.8 * bot.kills


async def test_stops_in_a_wave_lose_nothing_and_repeat_nothing(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    sim = Simulator(token=TOKEN)
    sim.faults.latency(LATENCY)
    people = [sim.person("Спрашивает", user_id=number) for number in range(1, 6)]
    stops, slowest, asked = 0, 0.0, 0
    loop = asyncio.get_running_loop()
    wave: list[tuple[int, str]] = []
    async with sim.running():
        sim.clock.set(START)
        async with victim(sim, database_url, tmp_path / "bot", START) as bot:
            while stops < STOPS:
                if not await on_their_way(database):
                    wave += await a_wave(database, sim, f"Волна {stops}")
                for person in people:
                    person.sends("/start")
                    asked += 1
                await asyncio.sleep(bot.seed.uniform(0.2, 0.5))
                began = loop.time()
                assert await bot.stop() == 0
                slowest = max(slowest, loop.time() - began)
                stops += 1
                await bot.start()
            await all_gone(database)
            async with asyncio.timeout(PATIENT):
                while len(answers(sim, people_count=len(people))) < asked:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
    said = copies(sim, wave)
    lost, extra = sum(count == 0 for count in said.values()), said.total() - len(wave)
    print(f"stops {stops}, slowest {slowest:.2f} s, lost {lost}, extra {extra}")
    figures("stops in a wave", stops=stops, lost=lost, duplicated=extra, copies=max(said.values()))
    assert (lost, extra) == (0, 0)
    assert len(answers(sim, people_count=len(people))) == asked
    assert slowest <= MOST_TO_STOP


def answers(sim: Simulator, *, people_count: int) -> list[str]:
    """List what was said to those who ask."""
    return [text for chat_id, text in sim.sent_texts() if chat_id <= people_count]


async def deaths_of_the_first(
    database: Database, url: str, folder: Path, when: str
) -> tuple[Simulator, Victim, list[tuple[int, str]]]:
    """Let every bot that sends the first letter of a wave die of it, as often as it goes."""
    sim = Simulator(token=TOKEN)
    async with sim.running():
        sim.clock.set(START)
        wave = await a_wave(database, sim, "Волна", size=60)
        async with victim(sim, url, folder / "bot", START, {when: wave[0][1]}) as bot:
            async with bot.brought_back(), bot.hurried():
                while bot.kills < MOST_DEATHS and await on_their_way(database):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            await bot.start()
    return sim, bot, wave


async def test_a_sender_that_dies_of_every_answer_to_the_first_letter_says_it_three_times_and_the_others_pass(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    sim, bot, wave = await deaths_of_the_first(database, database_url, tmp_path, "BOT_DIES_AFTER")
    said = copies(sim, wave)
    in_order = [one for one in sim.sent_texts() if one in said]
    last = len(in_order) - 1 - in_order[::-1].index(wave[0])
    passed = set(in_order[:last])
    extra = said.total() - len(wave)
    figures(
        "deaths at the first letter", kills=bot.kills, lost=0, duplicated=extra, copies=max(said.values())
    )
    assert said[wave[0]] == bot.kills == MOST_COPIES
    assert passed == set(wave)
    assert min(said.values()) == 1
    assert extra <= len(bot.doubtful)
    dropped = await in_state(database, LetterState.DROPPED)  # what was beside it each time has arrived too
    assert dropped >= 1
    assert await in_state(database, LetterState.DELIVERED) == len(wave) - dropped


async def test_a_letter_that_kills_its_sender_before_it_leaves_is_given_up_after_three_deaths(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    sim, bot, wave = await deaths_of_the_first(database, database_url, tmp_path, "BOT_DIES_BEFORE")
    said = copies(sim, wave)
    assert bot.kills == MOST_COPIES
    assert [one for one in wave if not said[one]] == [wave[0]]
    assert said.total() - len(wave) + 1 <= len(bot.doubtful)
    async with database.reading() as session:
        given_up = (await session.scalars(select(Letter).where(Letter.state != LetterState.DELIVERED))).all()
    assert wave[0][0] in {one.chat_id for one in given_up}
    assert {(one.state, one.trouble) for one in given_up} == {(LetterState.DROPPED, "ambiguous")}
