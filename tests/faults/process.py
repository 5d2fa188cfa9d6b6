"""The real bot in a process of its own, to be killed: everything is imported once, then forked.

``python -m tests.faults.process FOLDER DATABASE_URL API_BASE`` reads «start» lines, forks a bot for each and
prints its process id; a line may name another folder, database and API for its bot. What the bot is in the
middle of stands in ``FOLDER/journal``: the number of open writing transactions and of sends in flight, kept
in shared memory, so that it can be read after the kill, and how many steps it has taken. A step is a
statement, a commit, or a side of an HTTP call. The codes of those that ended stand in ``FOLDER/exits``.

Where ``FOLDER/kill_at`` holds a number, the next bot dies of its own hand at that step, once.
The environment may ask for more: BOT_CLOCK=system for the machine's own clock, BOT_TICK for the seconds
between looks of the planner, BOT_NAP for those between looks of the loops, BOT_LOG for a file that takes the
log, BOT_DIES_BEFORE and BOT_DIES_AFTER for words at whose sending it dies: before the call leaves, or when
the answer is there. A message POISON-EXIT kills whatever bot handles it.
"""

import asyncio
import gc
import mmap
import os
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import TelegramMethod
from aiogram.types import Update
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import configure_mappers

from bot import lanes
from bot.clock import Clock, ShiftedClock, SystemClock
from bot.logs import set_up_logs
from bot.pace import Pace
from bot.sender import Sender
from bot.wiring import Assembly, Parts, running
from models.database import Database
from plans.calendar import WorkingCalendar
from scheduler import courier, worker
from scheduler.outcomes import Outcome
from views.screen import Answer

TOKEN = "42:" + "T" * 35
TICK = 0.3
TRANSACTIONS, SENDS = 0, 1
STEPS = slice(8, 16)
KILLED, SEGFAULT = 137, 139  # what a shell shows for a death by SIGKILL, by SIGSEGV
POISON = "POISON-EXIT"


class Journal:
    """Counters in a file shared with whoever watches."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(STEPS.stop))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), STEPS.stop)

    def add(self, place: int, step: int) -> None:
        """Count something that begins (1) or ends (-1)."""
        self._memory[place] += step

    def clear(self) -> None:
        """Forget what a former process was in the middle of."""
        self._memory[: STEPS.stop] = bytes(STEPS.stop)

    def read(self) -> tuple[int, int]:
        """Give (open transactions, sends in flight)."""
        return self._memory[0], self._memory[1]

    @property
    def steps(self) -> int:
        """Give the number of steps taken."""
        return int.from_bytes(self._memory[STEPS], "little")

    @steps.setter
    def steps(self, count: int) -> None:
        self._memory[STEPS] = count.to_bytes(8, "little")


class Steps:
    """Counts the steps of this process, and ends it at the one it was told of."""

    def __init__(self, folder: Path, journal: Journal) -> None:
        order = folder / "kill_at"
        self._last = int(order.read_text()) if order.exists() else 0
        order.unlink(missing_ok=True)  # the next one lives
        self._journal = journal

    def take(self) -> None:
        """Take a step."""
        self._journal.steps += 1
        if self._journal.steps == self._last:
            os._exit(KILLED)

    def watch_statements(self) -> None:
        """Take a step before every statement and every commit."""
        event.listen(Engine, "before_cursor_execute", lambda *_: self.take())
        event.listen(Engine, "commit", lambda *_: self.take())


class WatchedDatabase(Database):
    """A database whose writing transactions are counted."""

    def __init__(self, url: str, journal: Journal, steps: Steps) -> None:
        super().__init__(url)
        self._journal = journal
        self._steps = steps

    @asynccontextmanager
    async def writing(self, **manner: bool) -> AsyncIterator[AsyncSession]:
        """Give a writing session, counted from its first statement to its commit."""
        async with super().writing(**manner) as session:
            self._journal.add(TRANSACTIONS, 1)
            try:
                yield session
                await session.flush()
            finally:
                self._journal.add(TRANSACTIONS, -1)
        self._steps.take()


class WatchedSession(AiohttpSession):
    """A session each of whose calls and downloads is a step before it and a step after it."""

    steps: Steps

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:  # noqa: ASYNC109 - it is aiogram's
        """Make a request."""
        self.steps.take()
        answer = await super().make_request(bot, method, timeout)
        self.steps.take()
        return answer

    async def stream_content(self, *args: Any, **more: Any) -> AsyncGenerator[bytes, None]:
        """Download."""
        self.steps.take()
        async for piece in super().stream_content(*args, **more):
            yield piece
        self.steps.take()


class WatchedSender(Sender):
    """A sender whose calls are counted."""

    journal: Journal

    async def send(self, call: dict[str, Any]) -> Outcome:
        """Send, counted from the request to its answer."""
        self.journal.add(SENDS, 1)
        try:
            dies_of("BOT_DIES_BEFORE", call)
            outcome = await super().send(call)
            dies_of("BOT_DIES_AFTER", call)
        finally:
            self.journal.add(SENDS, -1)
        return outcome


def dies_of(order: str, call: dict[str, Any]) -> None:
    """Die where the environment's order names words of this call."""
    words = os.environ.get(order)
    if words and words in str(call.get("text")):
        os._exit(KILLED)


class PoisonedAssembly(Assembly):
    """A bot that dies of one text, as of a fault in a library written in C."""

    def build(self) -> Parts:
        """Assemble the parts, the poison in the lanes."""
        parts = super().build()
        heard = parts.lanes.hear

        async def hear(update: Update, session: AsyncSession, now: datetime) -> Answer:
            if update.message is not None and update.message.text == POISON:
                os._exit(SEGFAULT)
            return await heard(update, session, now)

        parts.lanes.hear = hear
        return parts


def clock_of(folder: Path) -> Clock:
    """Give the clock that the environment asks for."""
    if os.environ.get("BOT_CLOCK") == "system":
        return SystemClock()
    return ShiftedClock(lambda: timedelta(seconds=float((folder / "offset").read_text() or 0)))


def log_to_file() -> None:
    """Let the log go where the environment asks."""
    if path := os.environ.get("BOT_LOG"):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(handle, sys.stderr.fileno())
        os.close(handle)


def nap() -> None:
    """Let the loops look as often as the environment asks, even without a bell."""
    if seconds := os.environ.get("BOT_NAP"):
        for room in (courier, lanes, worker):
            vars(room)["NAP"] = float(seconds)


async def serve(folder: Path, url: str, api_base: str) -> None:
    """Run the bot until it is terminated."""
    journal = Journal(folder / "journal")
    journal.clear()
    steps = Steps(folder, journal)
    steps.watch_statements()
    WatchedSender.journal = journal
    WatchedSession.steps = steps
    database = WatchedDatabase(url, journal, steps)
    session = WatchedSession(api=TelegramAPIServer.from_base(api_base))
    bot = Bot(TOKEN, session=session)
    pace = Pace(per_second=10_000, per_chat=0)
    tick = float(os.environ.get("BOT_TICK", TICK))
    assembly = PoisonedAssembly(
        bot, database, clock_of(folder), folder / "data", "roadmap_bot", pace, tick, WatchedSender
    )
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with running(assembly):
        await stop.wait()
    await session.close()
    await database.close()


def reap(exits: Path) -> None:
    """Write down how those bots ended that have ended."""
    with exits.open("a") as file:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            file.write(f"{pid} {os.waitstatus_to_exitcode(status)}\n")
            file.flush()


def warm() -> None:
    """Do once what every bot would do anew after its fork: load the calendar, the tables' mappings."""
    WorkingCalendar({}).is_working(date(2026, 10, 15))
    configure_mappers()
    for url in ("sqlite+aiosqlite://", "postgresql+psycopg://"):
        make_url(url).get_dialect(_is_async=True).import_dbapi()
    gc.collect()
    gc.freeze()


def main() -> None:
    """Fork a bot for each «start» line."""
    warm()
    usual, exits = sys.argv[1:4], Path(sys.argv[1]) / "exits"
    signal.signal(signal.SIGCHLD, lambda *_: reap(exits))
    for line in sys.stdin:
        order, *asked = line.split()
        if order != "start":
            continue
        folder, url, api_base = asked or usual
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            log_to_file()
            set_up_logs()
            nap()
            asyncio.run(serve(Path(folder), url, api_base))
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
