"""Sending: a wave of letters by the production courier and sender, held against Telegram's own limit.

The wave goes to an honest server on a virtual clock, with answers to people written while it runs; the
same messages by the usual loops stand beside it. A tenth of it goes over real sockets in real time.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from sqlalchemy import select

from benchmarks.peers import peers
from benchmarks.people import remind, settle
from benchmarks.telegram import BLOCK, LIMIT, TOKEN, FarServer, Limits, Way, even, heavy
from benchmarks.updating import fresh
from benchmarks.virtual import LoopClock, WatchedDatabase, impatient, run_virtually
from benchmarks.wave import Wave
from bot.clock import Clock, SystemClock
from bot.pace import Pace
from bot.sender import Sender
from models.database import Database
from models.letters import Letter, LetterKind
from models.schema import migrate
from scheduler.courier import Courier, rung
from services import letters
from services.letters import Priority
from simulator import Simulator

MESSAGES, ANSWERS = 3000, 200
REAL = 300
LOOK = 0.05  # seconds between looks whether everything has arrived


@asynccontextmanager
async def post_office(database: Database, chats: Sequence[int], now: datetime) -> AsyncIterator[Database]:
    """Give the database with a reminder for each chat of a list, and close it in the end."""
    try:
        async with database.writing() as session:
            await settle(session, max(chats) + ANSWERS, now)
            await remind(session, chats, now)
        yield database
    finally:
        await database.close()


def wave(
    what: str,
    way: Way,
    chats: Sequence[int],
    *,
    answers: int,
    block: float = BLOCK,
    work_counts: bool = False,
) -> Wave:
    """Send a letter to each chat of a list and some answers meanwhile, on a simulated clock."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/wave.sqlite3"
        asyncio.run(migrate(url))
        sent = _wave(what, FarServer(Limits(block), way), url, chats, answers)
        return run_virtually(sent, work_counts=work_counts)


async def _wave(what: str, server: FarServer, url: str, chats: Sequence[int], answers: int) -> Wave:
    loop = asyncio.get_running_loop()
    clock = LoopClock(loop)
    async with post_office(WatchedDatabase(url, impatient()), chats, clock.now()) as database:
        began, cpu = loop.time(), time.process_time()
        messages = len(chats) + answers
        async with delivering(Bot(TOKEN, session=server), database, clock), asyncio.TaskGroup() as group:
            group.create_task(_answer(database, clock, chats, answers))
            group.create_task(_counted(lambda: server.limits.arrivals, messages))
        cpu = time.process_time() - cpu
        waits = await _waits(database)
        assert len(waits) == answers
        seconds = server.arrived_at - began
        return Wave(what, messages, seconds, server.limits.refusals, waits, cpu / messages)


@asynccontextmanager
async def delivering(bot: Bot, database: Database, clock: Clock) -> AsyncIterator[None]:
    """Deliver as production does until the block ends; what is on its way then is recorded."""
    courier = Courier(database, Sender(bot), Pace(), clock, _word)
    async with asyncio.TaskGroup() as group:
        group.create_task(courier.run())
        try:
            yield
        finally:
            courier.stop()


async def _word(_session: object, letter: Letter, _now: object) -> dict[str, Any]:
    raise LookupError(f"letter {letter.id} has its words already")


async def _counted(count: Callable[[], int], messages: int) -> None:
    while count() < messages:
        await rung(asyncio.Event(), LOOK)


async def _answer(database: Database, clock: Clock, chats: Sequence[int], answers: int) -> None:
    """Write answers to people at random moments while the wave runs; none has just got a letter of it."""
    dice = random.Random(11)
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number, moment in enumerate(sorted(dice.uniform(0, len(chats) / LIMIT) for _ in range(answers))):
        await asyncio.sleep(began + moment - loop.time())
        chat_id, now = max(chats) + 1 + number, clock.now()
        async with database.writing() as session:
            await letters.write(
                session,
                key=f"answer:{number}",
                kind=LetterKind.ANSWER,
                chat_id=chat_id,
                now=now,
                priority=Priority.ANSWER,
                payload={"method": "sendMessage", "chat_id": chat_id, "text": "Записано, спасибо."},
            )


async def _waits(database: Database) -> tuple[float, ...]:
    """List the seconds between the writing of each answer and the record of its delivery."""
    async with database.reading() as session:
        rows = await session.execute(
            select(Letter.created_at, Letter.delivered_at).where(
                Letter.kind == LetterKind.ANSWER, Letter.delivered_at.is_not(None)
            )
        )
        return tuple((delivered - created).total_seconds() for created, delivered in rows if delivered)


async def in_real_time(messages: int) -> Wave:
    """Send reminders over real sockets to the simulator, which counts by the machine's clock."""
    async with Simulator(TOKEN).running() as telegram, fresh() as (database, _):
        telegram.world.flood_limits = True
        telegram.faults.latency(0.030, 0.120)
        for number in range(1, messages + 1):
            telegram.person("Имя", user_id=number).account.started = True
        bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(telegram.base_url)))
        clock = SystemClock()
        loop = asyncio.get_running_loop()
        async with post_office(database, range(1, messages + 1), clock.now()), bot.session:
            began, cpu = loop.time(), time.process_time()
            async with delivering(bot, database, clock):
                await _counted(lambda: sum(call.executed for call in telegram.calls("sendMessage")), messages)
                seconds = loop.time() - began
            cpu = time.process_time() - cpu
        refusals = sum(call.error is not None for call in telegram.calls("sendMessage"))
        return Wave(
            f"{messages} in real time, sockets, 30–120 ms", messages, seconds, refusals, (), cpu / messages
        )


def waves() -> Iterator[Wave]:
    """Send the whole wave over each network; a server that is broken a limit of is deaf for a while."""
    everybody = range(1, MESSAGES + 1)
    thrice = [chat for _ in range(3) for chat in range(1, MESSAGES // 3 + 1)]
    yield wave("30–120 ms", even(0.030, 0.120, 5), everybody, answers=ANSWERS)
    yield wave(
        "30–120 ms, our own work counted",
        even(0.030, 0.120, 5),
        everybody,
        answers=ANSWERS,
        work_counts=True,
    )
    yield wave("200–300 ms", even(0.200, 0.300, 6), everybody, answers=ANSWERS)
    yield wave("heavy tail", heavy(7), everybody, answers=ANSWERS)
    yield wave("30–120 ms, three messages a chat", even(0.030, 0.120, 8), thrice, answers=ANSWERS)


def measures() -> Iterator[Wave]:
    """Measure the waves, the usual loops on the same servers, and a tenth of it in real time."""
    yield from waves()
    yield from peers(MESSAGES)
    yield asyncio.run(in_real_time(REAL))
