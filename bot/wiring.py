"""Wiring: which value goes where. The parts know each other only by what is handed down here."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.types import Update
from aiogram.utils.deep_linking import create_deep_link

from bot.children import ChildFailed, run_child
from bot.clock import Clock
from bot.files import Store, fetcher
from bot.intake import Poller
from bot.lanes import Lanes
from bot.pace import Pace
from bot.sender import Sender
from handlers.routes import router
from models import Session
from models.database import Database
from plans.school_terms import Terms, terms_to_json
from scheduler import digests, janitor, planner
from scheduler.courier import Courier
from scheduler.heartbeat import Heartbeat
from scheduler.wording import wording
from scheduler.worker import ChildRefused, Hands, Worker, parse_child
from services import access, seats
from views.refusals import apology, refuse, trouble_note
from views.screen import Answer

TICK = 20.0  # seconds between looks of the planner
TIDY = 6 * 3600.0  # seconds between rounds of the janitor
STOP_WITHIN = 8.0  # seconds for what is in hand when the bot is stopped


@dataclass(frozen=True)
class Parts:
    """Everything that runs, and what a demo or a test may ask of it."""

    bot: Bot
    database: Database
    clock: Clock
    lanes: Lanes
    courier: Courier
    worker: Worker
    heartbeat: Heartbeat
    username: str

    async def look(self) -> None:
        """Let time speak once: plan what is due and write the digests whose Monday has come."""
        await plan_everything(self.database, self.clock)


async def plan_everything(database: Database, clock: Clock) -> None:
    """Run the planner until it finds nothing more that is due, and then the digests."""
    while True:
        async with database.writing() as session:
            found = await planner.plan(session, now=clock.now())
        if not found.looked_at:
            break
    async with database.writing() as session:
        await digests.write_due(session, now=clock.now())


def hear(bot: Bot, link: Callable[[str], str]) -> Callable[[Update, Session, datetime], Awaitable[Answer]]:
    """Give the function that lets the conversations hear an update within its transaction."""
    dispatcher = Dispatcher(disable_fsm=True)
    dispatcher.include_router(router())

    async def heard(update: Update, session: Session, now: datetime) -> Answer:
        event: Any = update.event
        actor = await access.actor_of(session, event.from_user.id) if event.from_user else None
        answer = await dispatcher.feed_update(bot, update, session=session, now=now, actor=actor, link=link)
        return None if answer is UNHANDLED else answer

    return heard


def hands(bot: Bot, store: Store) -> Hands:
    """Give the worker what it works with: files of Telegram, our store, limited child processes."""

    async def read_plan(data: bytes, name: str, terms: Terms) -> dict[str, Any]:
        args = ["--terms", json.dumps(terms_to_json(terms)), name]
        plan: dict[str, Any] = parse_child(await _child("plans.child", args, data))["plan"]
        return plan

    async def read_schools(data: bytes, name: str) -> list[list[str]]:
        found: list[list[str]] = parse_child(await _child("plans.child", ["--schools", name], data))[
            "schools"
        ]
        return found

    async def keep(data: bytes) -> tuple[str, int]:
        return await asyncio.to_thread(store.put, data)

    return Hands(fetch=fetcher(bot), keep=keep, read_plan=read_plan, read_schools=read_schools)


async def _child(module: str, args: Sequence[str], data: bytes) -> bytes:
    try:
        return await run_child(module, [_argument(one) for one in args], data)
    except ChildFailed as failed:
        raise ChildRefused(failed.reason) from failed


def _argument(text: str) -> str:
    """Give a file's name as a process can take it: no NUL, no half of a character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


@dataclass
class Assembly:
    """What a bot is assembled from; tests and the demo replace the clock and the pace."""

    bot: Bot
    database: Database
    clock: Clock
    data_dir: Path
    username: str
    pace: Pace = field(default_factory=Pace)
    tick: float = TICK
    sender: type[Sender] = Sender

    def build(self) -> Parts:
        """Assemble the parts; nothing runs yet."""

        def link(token: str) -> str:
            return create_deep_link(self.username, "start", token)

        courier = Courier(self.database, self.sender(self.bot), self.pace, self.clock, wording(link))
        lanes = Lanes(
            database=self.database,
            bot=self.bot,
            clock=self.clock,
            hear=hear(self.bot, link),
            refuse=refuse,
            apology=apology,
            trouble_note=trouble_note,
            administrators=seats.administrators,
        )
        worker = Worker(self.database, hands(self.bot, Store(self.data_dir)), self.clock)

        async def look() -> None:
            await plan_everything(self.database, self.clock)

        async def tidy() -> None:
            async with self.database.writing() as session:
                await janitor.tidy(session, now=self.clock.now())

        heartbeat = Heartbeat({"look": (self.tick, look), "tidy": (TIDY, tidy)})
        return Parts(
            self.bot,
            self.database,
            self.clock,
            lanes,
            courier,
            worker,
            heartbeat,
            self.username,
        )


@asynccontextmanager
async def running(assembly: Assembly, *, poll: bool = True) -> AsyncIterator[Parts]:
    """Run a bot until the block ends; what is in hand then is finished, so nothing is said twice."""
    parts = assembly.build()
    await parts.courier.recover()
    await parts.worker.recover()
    async with asyncio.TaskGroup() as group:
        finishing = [group.create_task(parts.lanes.run()), group.create_task(parts.courier.run())]
        endless = [group.create_task(parts.worker.run()), group.create_task(parts.heartbeat.run())]
        if poll:
            poller = Poller(assembly.bot, assembly.database, assembly.clock)
            endless.append(group.create_task(poller.run()))
        try:
            yield parts
        finally:
            for task in endless:
                task.cancel()
            parts.lanes.stop()
            parts.courier.stop()
            await asyncio.wait(finishing, timeout=STOP_WITHIN)
            for task in finishing:
                task.cancel()
