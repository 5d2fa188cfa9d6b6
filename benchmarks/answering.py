"""The first answer to a principal: fifty people at once, each with a phone, in real time over HTTP."""

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from sqlalchemy import update

from benchmarks import people
from benchmarks.measure import Measure
from benchmarks.updating import fresh
from bot.clock import SystemClock
from bot.wiring import Assembly, running
from models.assignments import Assignment
from models.database import Database
from models.roadmaps import Activity
from services import consents
from simulator import Person, Simulator

TOKEN = "42:" + "T" * 35
ACTIVE = 50
LIMIT = 1.0  # seconds, for 95 of 100 first answers
THINKS = (4.0, 8.0)  # seconds between two things a person does
LATENCY = (0.05, 0.1)  # seconds of a call to Telegram
PATIENT = 60.0
TARGET = {"op": ">=", "value": 60.0, "unit": "%", "of": "педагогов"}


@dataclass
class Phone:
    """A principal's phone, and how long each answer took, in seconds by what was sent."""

    person: Person
    seconds: dict[str, float] = field(default_factory=dict)

    async def hears(self, what: str, act: Callable[[], object], *, button: str | None = None) -> None:
        """Do something and take the time until the first answer to it."""
        started = time.perf_counter()
        act()
        await self.person.receives(button=button, timeout=PATIENT)
        self.seconds[what] = time.perf_counter() - started


async def plays(phone: Phone, seed: int) -> None:
    """Send one of everything an answer can be, with thinking between; an album waits for its pieces."""
    me, thinks = phone.person, random.Random(seed)
    said: list[dict[str, object]] = []
    acts: list[tuple[str, Callable[[], object], str | None]] = [
        ("plan", lambda: me.sends("/plan"), None),
        ("today", lambda: me.sends("/today"), None),
        ("text", lambda: said.append(me.sends("Провели семинар")), "Отправить на проверку"),
        ("figure", lambda: me.sends("15 из 24"), "Отправить на проверку"),
        ("edit", lambda: me.edits(said[0], "Провели два семинара"), "Отправить на проверку"),
        ("photo", me.sends_photo, "Отправить на проверку"),
        ("document", lambda: me.sends_document(b"%PDF-1.7", "Справка.pdf"), "Отправить на проверку"),
        ("voice", me.sends_voice, "Отправить на проверку"),
        ("send", lambda: me.presses(me.last_with("Отправить на проверку"), "Отправить на проверку"), None),
        ("help", lambda: me.sends("/help"), None),
    ]
    for what, act, button in acts:
        await asyncio.sleep(thinks.uniform(*THINKS))
        await phone.hears(what, act, button=button)


async def _town(database: Database, now: datetime) -> None:
    async with database.writing() as session:
        await people.settle(session, ACTIVE, now)
        await session.flush()
        await session.execute(update(Activity).values(targets=[TARGET]))
        await session.execute(update(Assignment).values(due=now.date()))
        for number in range(1, ACTIVE + 1):
            await consents.give(session, number, now=now)


async def first_answers(database: Database, folder: Path) -> dict[str, list[float]]:
    """Let the people play at once; give the seconds of every first answer by what was sent."""
    clock = SystemClock()
    await _town(database, clock.now())
    sim = Simulator(token=TOKEN)
    sim.faults.latency(*LATENCY)
    async with sim.running():
        session = AiohttpSession(api=TelegramAPIServer.from_base(sim.base_url))
        bot = Bot(TOKEN, session=session)
        phones = [Phone(sim.person("Имя", user_id=number)) for number in range(1, ACTIVE + 1)]
        try:
            async with running(Assembly(bot, database, clock, folder, "roadmap_bot")):
                playing: list[Awaitable[None]] = [plays(phone, one) for one, phone in enumerate(phones)]
                await asyncio.gather(*playing)
        finally:
            await bot.session.close()
    return {what: [phone.seconds[what] for phone in phones] for what in phones[0].seconds}


async def measures() -> list[Measure]:
    """Measure the first answers: 95 of 100 within a second."""
    async with fresh() as (database, folder):
        found = await first_answers(database, folder)
    every = [one for seconds in found.values() for one in seconds]
    worst = max(found, key=lambda what: _p95(found[what]))
    return [
        Measure(f"first answer to one of {ACTIVE} active, p95", _p95(every), LIMIT),
        Measure(f"the slowest of them: «{worst}», p95", _p95(found[worst]), LIMIT),
    ]


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]
