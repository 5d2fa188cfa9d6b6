"""Handling an update: the whole path from the stored row to the letter, against bare sqlite3 commits."""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiogram import Bot

from benchmarks.measure import Measure
from bot.clock import SystemClock
from bot.in_hand import InHand
from bot.intake import store_updates
from bot.lanes import Lanes
from bot.sender import Sender
from bot.soothing import Soothing
from bot.wiring import hear
from models.database import Database
from models.schema import migrate
from services import seats
from views.outages import patience
from views.refusals import apology, refuse, trouble_note

UPDATES = 300
CHATS = 20


@asynccontextmanager
async def fresh() -> AsyncIterator[tuple[Database, Path]]:
    """Give a migrated database in a folder that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/bench.sqlite3"
        await migrate(url)
        database = Database(url)
        try:
            yield database, Path(folder)
        finally:
            await database.close()


def update(number: int) -> dict[str, Any]:
    """Make a text of a stranger."""
    chat = 1000 + number % CHATS
    person = {"id": chat, "is_bot": False, "first_name": "Имя"}
    message = {
        "message_id": number,
        "date": 1_790_000_000,
        "chat": {"id": chat, "type": "private", "first_name": "Имя"},
        "from": person,
        "text": "Здравствуйте",
    }
    return {"update_id": number, "message": message}


async def handle_all(database: Database) -> float:
    """Store the updates, handle each in its own transaction; give the seconds of the handling."""
    bot = Bot("42:" + "T" * 35)
    lanes = Lanes(
        database=database,
        bot=bot,
        clock=SystemClock(),
        hear=hear(bot, lambda token: token),
        refuse=refuse,
        apology=apology,
        trouble_note=trouble_note,
        administrators=seats.administrators,
        soothing=Soothing(Sender(bot), patience),
        in_hand=InHand(Path(database.url.database or "").parent),
    )
    now = datetime.now(UTC)  # noqa: TID251 - a benchmark lives in real time
    async with database.writing() as session:
        await store_updates(
            session, bot_id=42, raws=[update(number) for number in range(1, UPDATES + 1)], now=now
        )
    started = time.perf_counter()
    for start in range(1, UPDATES + 1, CHATS):
        async with asyncio.TaskGroup() as group:
            for number in range(start, min(start + CHATS, UPDATES + 1)):
                group.create_task(lanes.handle(number))
    seconds = time.perf_counter() - started
    await bot.session.close()
    return seconds


def bare_commits(folder: Path) -> float:
    """Commit as often on bare sqlite3, as durably: a select, an insert and an update each time."""
    with sqlite3.connect(folder / "floor.sqlite3", isolation_level=None) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, state TEXT)")
        started = time.perf_counter()
        for number in range(UPDATES):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("SELECT state FROM rows WHERE id = ?", (number - 1,)).fetchone()
            connection.execute("INSERT INTO rows VALUES (?, 'new')", (number,))
            connection.execute("UPDATE rows SET state = 'done' WHERE id = ?", (number,))
            connection.execute("COMMIT")
        seconds = time.perf_counter() - started
    connection.close()
    return seconds


async def measures() -> list[Measure]:
    """Measure the handling of updates."""
    async with fresh() as (database, folder):
        ours = await handle_all(database)
        return [Measure(f"handling {UPDATES} updates of {CHATS} chats", ours, bare_commits(folder))]
