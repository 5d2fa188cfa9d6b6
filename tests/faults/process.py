"""The real bot in a process of its own, to be killed: everything is imported once, then forked.

``python -m tests.faults.process FOLDER DATABASE_URL API_BASE`` reads «start» lines, forks a bot for each and
prints its process id. What the bot is in the middle of stands in ``FOLDER/journal``: the number of open
writing transactions and of sends in flight, kept in shared memory, so that it can be read after the kill.
"""

import asyncio
import mmap
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import ShiftedClock
from bot.logs import set_up_logs
from bot.pace import Pace
from bot.sender import Sender
from bot.wiring import Assembly, running
from models.database import Database
from scheduler.outcomes import Outcome

TOKEN = "42:" + "T" * 35
TICK = 0.3
TRANSACTIONS, SENDS = 0, 1


class Journal:
    """Two counters in a file shared with whoever watches."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(2))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 2)

    def add(self, place: int, step: int) -> None:
        """Count something that begins (1) or ends (-1)."""
        self._memory[place] += step

    def clear(self) -> None:
        """Forget what a former process was in the middle of."""
        self._memory[0] = self._memory[1] = 0

    def read(self) -> tuple[int, int]:
        """Give (open transactions, sends in flight)."""
        return self._memory[0], self._memory[1]


class WatchedDatabase(Database):
    """A database whose writing transactions are counted."""

    def __init__(self, url: str, journal: Journal) -> None:
        super().__init__(url)
        self._journal = journal

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Give a writing session, counted from its first statement to its commit."""
        async with super().writing() as session:
            self._journal.add(TRANSACTIONS, 1)
            try:
                yield session
                await session.flush()
            finally:
                self._journal.add(TRANSACTIONS, -1)


class WatchedSender(Sender):
    """A sender whose calls are counted."""

    journal: Journal

    async def send(self, call: dict[str, Any]) -> Outcome:
        """Send, counted from the request to its answer."""
        self.journal.add(SENDS, 1)
        try:
            return await super().send(call)
        finally:
            self.journal.add(SENDS, -1)


async def serve(folder: Path, url: str, api_base: str) -> None:
    """Run the bot until it is terminated."""
    journal = Journal(folder / "journal")
    journal.clear()
    WatchedSender.journal = journal
    database = WatchedDatabase(url, journal)
    session = AiohttpSession(api=TelegramAPIServer.from_base(api_base))
    bot = Bot(TOKEN, session=session)
    clock = ShiftedClock(lambda: timedelta(seconds=float((folder / "offset").read_text() or 0)))
    pace = Pace(per_second=10_000, per_chat=0)
    assembly = Assembly(bot, database, clock, folder / "data", "roadmap_bot", pace, TICK, WatchedSender)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with running(assembly):
        await stop.wait()
    await session.close()
    await database.close()


def main() -> None:
    """Fork a bot for each «start» line."""
    folder, url, api_base = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if line.strip() != "start":
            continue
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            set_up_logs()
            asyncio.run(serve(folder, url, api_base))
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
