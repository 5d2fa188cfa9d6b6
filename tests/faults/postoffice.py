"""A post office in front of the simulator: the production courier and sender, and a clock that moves."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from sqlalchemy import select

from bot.clock import ShiftedClock
from bot.pace import Pace
from bot.sender import Sender
from models.database import Database
from models.letters import Letter, LetterKind
from models.people import Person, Role
from scheduler import ledger, planner
from scheduler.courier import Courier, rung
from scheduler.wording import wording
from services import letters
from services.letters import Priority
from simulator import Simulator
from tests.services.plan import approved, found, seated

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
TOKEN = "42:" + "T" * 35
PATIENCE = 20.0


@dataclass
class Post:
    """The courier, the server it sends to, and the clock of both."""

    sim: Simulator
    bot: Bot
    database: Database
    pace: Pace
    word: ledger.Word

    @property
    def now(self) -> datetime:
        return self.sim.clock.now()

    async def writes(
        self, text: str, chat_id: int, priority: Priority = Priority.REMINDER, **changed: Any
    ) -> int:
        """Write a letter to somebody who has started the bot; ``changed`` are parameters of its call."""
        if chat_id > 0:
            self.sim.person(f"Человек {chat_id}", user_id=chat_id).account.started = True
        call = {"method": "sendMessage", "chat_id": chat_id, "text": text} | changed
        async with self.database.writing() as session:
            letter = await letters.write(
                session,
                key=f"{text} {chat_id}"[:120],
                kind=LetterKind.NOTE,
                chat_id=chat_id,
                now=self.now,
                priority=priority,
                payload=call,
            )
        assert letter is not None
        return letter.id

    async def letter(self, letter_id: int) -> Letter:
        async with self.database.reading() as session:
            return await session.get_one(Letter, letter_id)

    async def letters(self) -> list[Letter]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(Letter).order_by(Letter.id)))

    def arrivals(self, chat_id: int) -> list[datetime]:
        """Give the moments at which calls about a chat came to the server, whatever became of them."""
        return [one.at for one in self.sim.journal if one.params.get("chat_id") == chat_id]

    def seen(self, chat_id: int) -> list[str]:
        """Give what a person has on the screen."""
        return [text for chat, text in self.sim.sent_texts() if chat == chat_id]

    async def until(self, met: Callable[[], bool]) -> None:
        """Wait for something of the server."""
        async with asyncio.timeout(PATIENCE):
            while not met():
                await self.sim.world.change(0.05)

    async def still(self) -> None:
        """Wait until nothing is due and nothing on its way."""
        async with asyncio.timeout(PATIENCE):
            while await self._pending():
                await rung(asyncio.Event(), 0.01)

    async def _pending(self) -> int:
        async with self.database.reading() as session:
            return await ledger.pending(session, self.now)

    def clock_moves(self, **delta: float) -> None:
        self.sim.clock.advance(timedelta(**delta))
        self.database.bell.ring()

    async def passes(self, **delta: float) -> None:
        """Let time pass, and everything that is due then be tried."""
        self.clock_moves(**delta)
        await self.still()

    async def passes_in_trouble(self, **delta: float) -> None:
        """Let time pass in steps of a minute, in each of which the courier may try what it likes."""
        until = self.now + timedelta(**delta)
        while self.now < until:
            self.clock_moves(minutes=1)
            await rung(asyncio.Event(), 0.01)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Deliver until the block ends, and then stop cleanly."""
        clock = ShiftedClock(lambda: self.sim.clock.offset)
        courier = Courier(self.database, Sender(self.bot), self.pace, clock, self.word)
        async with asyncio.TaskGroup() as group:
            group.create_task(courier.run())
            try:
                yield
            finally:
                courier.stop()


@asynccontextmanager
async def post_office(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Post]:
    """Open a post office whose waits follow the clock that moves."""
    sim = Simulator(token=TOKEN)
    async with sim.running():
        sim.clock.set(START)
        loop, offset = asyncio.get_running_loop(), sim.clock.offset
        monkeypatch.setattr(
            "scheduler.courier.moment",
            lambda: loop.time() + (sim.clock.offset - offset).total_seconds(),
        )
        session = AiohttpSession(api=TelegramAPIServer.from_base(sim.base_url))
        bot = Bot(TOKEN, session=session)
        quick = Pace(per_second=10_000, per_chat=0, per_minute=10_000)
        yield Post(sim, bot, database, quick, wording(lambda token: f"https://t.me/b?start={token}"))
        await session.close()


async def unplugged(post: Post) -> None:
    await post.sim.stop()


async def plugged_in(post: Post) -> None:
    await post.sim.start(port=urlsplit(post.sim.base_url).port or 0)


DAY_BEFORE = datetime(2026, 10, 14, 6, 0, tzinfo=UTC)  # nine in the morning before the due date
LAST_DAY = datetime(2026, 10, 15, 6, 0, tzinfo=UTC)


async def planned(post: Post, at: datetime) -> list[Letter]:
    """Let the planner look at a moment; give every reminder, in order."""
    post.sim.clock.set(at)
    while (await post.database.write(lambda session: planner.plan(session, now=at))).looked_at:
        pass
    return [one for one in await post.letters() if one.kind is LetterKind.REMINDER]


async def principal(post: Post) -> None:
    """Approve a small plan, with a principal in the chat 2."""
    post.sim.person("Анна Директорова", user_id=2).account.started = True
    async with post.database.writing() as session:
        made = await found(session)
        await seated(session, made.schools[0], Role.EXECUTOR, 2)
        await seated(session, made.office, Role.COORDINATOR, 3)
        await approved(session, made)
    await planned(post, START)


async def persons(post: Post, numbers: range) -> None:
    async with post.database.writing() as session:
        for one in numbers:
            session.add(Person(telegram_id=one, chat_id=one, name=f"Человек {one}", created_at=START))
