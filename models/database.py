"""The engine's manners: one writer at a time, many readers, and a bell after each commit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any
from weakref import WeakSet

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import ORMExecuteState, Session

BUSY_SECONDS = 10


class Bell:
    """Wakes whoever waits for rows: rung after each writing commit, heard once by each listener."""

    def __init__(self) -> None:
        self._listeners: WeakSet[asyncio.Event] = WeakSet()  # who is gone need not be woken

    def listener(self) -> asyncio.Event:
        """Return an event that is set at each ring; the listener clears it before it looks."""
        heard = asyncio.Event()
        self._listeners.add(heard)
        return heard

    def ring(self) -> None:
        """Wake every listener."""
        for listener in list(self._listeners):
            listener.set()


WROTE = "wrote"


class WritingSession(Session):
    """A session that remembers whether anything was written in it."""


@event.listens_for(WritingSession, "after_flush")
def _flushed(session: Session, _context: object) -> None:
    session.info[WROTE] = True


@event.listens_for(WritingSession, "do_orm_execute")
def _executed(state: ORMExecuteState) -> None:
    if not state.is_select:
        state.session.info[WROTE] = True


class Database:
    """Sessions for reading (deferred, many) and for writing (on SQLite one at a time).

    Inside a writing transaction nothing is awaited but the database.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.bell = Bell()
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writer: Any = asyncio.Lock() if self.is_sqlite else nullcontext()
        self._write_engine = open_engine(self.url, immediate=True)
        self._read_engine = open_engine(self.url, immediate=False) if self.is_sqlite else self._write_engine
        self._write_sessions = async_sessionmaker(
            self._write_engine, expire_on_commit=False, sync_session_class=WritingSession
        )
        self._read_sessions = async_sessionmaker(self._read_engine, expire_on_commit=False)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Give a session inside one transaction; it commits at the end, or rolls back on any error.

        A transaction that has written nothing wakes nobody: who only looks would wake himself for ever.
        """
        async with self._writer, self._write_sessions.begin() as session:
            yield session
        if session.info.get(WROTE):
            self.bell.ring()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Give a session that sees one moment of the database and writes nothing."""
        async with self._read_sessions() as session:
            yield session

    async def close(self) -> None:
        """Close every connection."""
        await self._write_engine.dispose()
        await self._read_engine.dispose()


def open_engine(url: URL, *, immediate: bool, foreign_keys: bool = True) -> AsyncEngine:
    """Open an engine; on SQLite its transactions start with BEGIN IMMEDIATE or with a deferred BEGIN.

    Only a migration, which makes whole tables anew, goes without ``foreign_keys``.
    """
    if url.get_backend_name() != "sqlite":
        return create_async_engine(url, hide_parameters=True, pool_pre_ping=True)
    engine = create_async_engine(
        url, hide_parameters=True, connect_args={"isolation_level": None, "timeout": BUSY_SECONDS}
    )

    @event.listens_for(engine.sync_engine, "connect")
    def set_manners(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        keys = f"foreign_keys={'ON' if foreign_keys else 'OFF'}"
        for pragma in ("journal_mode=WAL", "synchronous=FULL", keys):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine
