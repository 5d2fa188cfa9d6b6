"""Wiring: which value goes where. The parts know each other only by what is handed down here."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from aiogram import Bot, Dispatcher
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.types import Update
from aiogram.utils.deep_linking import create_deep_link

from bot.children import ChildFailed, run_child
from bot.clock import Clock, SystemClock
from bot.files import fetcher
from bot.in_hand import InHand, OnTheWire
from bot.intake import DatabaseLost, Poller, SecondCopy, TokenRefused
from bot.lanes import Lanes
from bot.life import Life
from bot.pace import Pace
from bot.sender import Sender
from bot.soothing import Soothing
from bot.stores import FolderStore, Store, StoreUnavailable
from handlers.routes import router
from models import Session
from models.database import Database
from pictures.prints import print_from_json
from plans.school_terms import Terms, terms_to_json
from scheduler import digests, janitor, planner
from scheduler.courier import Courier
from scheduler.heartbeat import Heartbeat
from scheduler.wording import wording
from scheduler.worker import ChildRefused, CleanPicture, Hands, KeepLater, Worker, parse_child
from services import access, seats, zones
from views import outages
from views.refusals import apology, refuse, trouble_note
from views.screen import Answer

log = structlog.get_logger()

TICK = 20.0  # seconds between looks of the planner
PULSE = 20.0  # seconds between notes that this process is at work
DISK = 300.0  # seconds between looks at the disk
TIDY = 6 * 3600.0  # seconds between rounds of the janitor
FRESH = timedelta(days=1)  # bytes whose row may still come
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
    soothing: Soothing
    life: Life
    failed: asyncio.Event = field(default_factory=asyncio.Event)
    failures: list[Exception] = field(default_factory=list)

    def fail(self, failure: Exception) -> None:
        """Say that the bot cannot go on by itself."""
        self.failures.append(failure)
        self.failed.set()

    async def look(self) -> None:
        """Let time speak once: plan what is due and write the digests whose Monday has come."""
        await plan_everything(self.database, self.clock)


async def plan_everything(database: Database, clock: Clock) -> None:
    """Run the planner until it finds nothing more that is due, and then the digests."""
    while True:
        found = await database.write(lambda session: planner.plan(session, now=clock.now()))
        if not found.looked_at:
            break
    await database.write(lambda session: digests.write_due(session, now=clock.now()))


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

    async def clean(data: bytes) -> CleanPicture:
        head, _, picture = (await _child("pictures.child", [], data)).partition(b"\n")
        known = parse_child(head)
        return CleanPicture(picture, known["media_type"], print_from_json(known["print"]))

    async def keep(data: bytes) -> tuple[str, int]:
        try:
            return await asyncio.to_thread(store.put, data)
        except StoreUnavailable as trouble:
            log.error("the store of files takes nothing", why=str(trouble))
            raise KeepLater from None

    return Hands(fetch=fetcher(bot), keep=keep, read_plan=read_plan, read_schools=read_schools, clean=clean)


async def sweep(store: Store, database: Database) -> None:
    """Take out of the store what no row names; the store goes by the machine's own clock."""
    async with database.reading() as session:
        known = await janitor.known_files(session)
    try:
        await asyncio.to_thread(store.sweep, known, older_than=SystemClock().now() - FRESH)
    except StoreUnavailable as trouble:
        log.error("the store of files could not be swept", why=str(trouble))


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
    store: Store | None = None  # the folder «files» of data_dir where none is given

    def build(self) -> Parts:
        """Assemble the parts; nothing runs yet."""

        def link(token: str) -> str:
            return create_deep_link(self.username, "start", token)

        store = self.store or FolderStore(self.data_dir / "files")
        sender = self.sender(self.bot, store)
        soothing = Soothing(sender, outages.patience)
        in_hand = InHand(self.data_dir)
        life = Life(self.database, self.clock, self.data_dir, sender, in_hand)
        lanes = Lanes(
            database=self.database,
            bot=self.bot,
            clock=self.clock,
            hear=hear(self.bot, link),
            refuse=refuse,
            apology=apology,
            trouble_note=trouble_note,
            administrators=seats.administrators,
            soothing=soothing,
            in_hand=in_hand,
        )

        async def look() -> None:
            await plan_everything(self.database, self.clock)

        async def tidy() -> None:
            await self.database.write(lambda session: zones.follow(session, now=self.clock.now()))
            await janitor.clean(self.database, now=self.clock.now())
            await sweep(store, self.database)

        jobs = {
            "look": (self.tick, look),
            "tidy": (TIDY, tidy),
            "pulse": (PULSE, life.pulse),
            "disk": (DISK, life.look_at_the_disk),
        }
        return Parts(
            self.bot,
            self.database,
            self.clock,
            lanes,
            Courier(self.database, sender, self.pace, self.clock, wording(link), OnTheWire(self.data_dir)),
            Worker(self.database, hands(self.bot, store), self.clock),
            Heartbeat(jobs),
            self.username,
            soothing,
            life,
        )


@asynccontextmanager
async def running(assembly: Assembly, *, poll: bool = True) -> AsyncIterator[Parts]:
    """Run a bot until the block ends; what is in hand then is finished, so nothing is said twice.

    Where it cannot go on by itself, ``failed`` is set and the reason lies in ``failures``.
    """
    parts = assembly.build()
    await parts.life.begin()
    await parts.lanes.recover()
    await parts.worker.recover()
    async with asyncio.TaskGroup() as group:
        finishing = [group.create_task(parts.lanes.run()), group.create_task(parts.courier.run())]
        endless = [
            group.create_task(endlessly())
            for endlessly in (
                parts.worker.run,
                parts.heartbeat.run,
                parts.soothing.run,
                assembly.database.listen,
            )
        ]
        if poll:
            poller = Poller(assembly.bot, assembly.database, assembly.clock, parts.soothing)
            endless.append(group.create_task(_poll(poller, parts)))
        try:
            yield parts
        finally:
            for task in endless:
                task.cancel()
            parts.lanes.stop()
            parts.courier.stop()
            _, late = await asyncio.wait(finishing, timeout=STOP_WITHIN)
            for task in finishing:
                task.cancel()
    await parts.life.end(clean=not late)


async def _poll(poller: Poller, parts: Parts) -> None:
    """Poll until cancelled; a failure that only a person can mend stops the bot in good order."""
    try:
        await poller.run()
    except (TokenRefused, SecondCopy, DatabaseLost) as failure:
        parts.fail(failure)
