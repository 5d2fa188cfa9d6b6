"""The engine's manners: one writer at a time, many readers, and a bell after each commit."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from typing import Any, TypeVar
from uuid import uuid4
from weakref import WeakSet

import psycopg
import structlog
from sqlalchemy import event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import ORMExecuteState, Session

from models.trouble import Trouble, trouble_of

log = structlog.get_logger()

T = TypeVar("T")

BUSY_SECONDS = 10
MOST_RACES = 40  # tries of one step: of five that write one row without a rest each loses two of three
LONGEST_PAUSE = 0.1  # seconds between them
LISTEN_PAUSE = 1.0  # seconds before a lost connection is made anew
CHANNEL = "roadmap"
# A frozen process must not hold a lock for ever, and a dead machine is noticed within about ten seconds.
POSTGRES_MANNERS = (
    "-c idle_in_transaction_session_timeout=30000 -c tcp_keepalives_idle=5 "
    "-c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
)


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

    Inside a writing transaction nothing is awaited but the database. On PostgreSQL a transaction sees one
    moment (REPEATABLE READ), so nothing is overwritten unseen: who comes second begins again (``write``).
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.bell = Bell()
        self._name = uuid4().hex  # whose bell has rung is told by it
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writer: Any = asyncio.Lock() if self.is_sqlite else nullcontext()
        self._write_engine = open_engine(self.url, immediate=True)
        self._read_engine = open_engine(self.url, immediate=False) if self.is_sqlite else self._write_engine
        self._write_sessions = async_sessionmaker(
            self._write_engine, expire_on_commit=False, sync_session_class=WritingSession
        )
        self._read_sessions = async_sessionmaker(self._read_engine, expire_on_commit=False)

    @asynccontextmanager
    async def writing(self, *, quiet: bool = False) -> AsyncIterator[AsyncSession]:
        """Give a session inside one transaction; it commits at the end, or rolls back on any error.

        A transaction that has written nothing wakes nobody: who only looks would wake himself for ever.
        Nor does a ``quiet`` one, which leaves nothing for anybody to do.
        """
        async with self._writer, self._write_sessions.begin() as session:
            yield session
            if not quiet:
                await self._call_others(session)
        if session.info.get(WROTE) and not quiet:
            self.bell.ring()

    async def write(self, step: Callable[[AsyncSession], Awaitable[T]], *, quiet: bool = False) -> T:
        """Take a step in one writing transaction, from the start where another transaction was first.

        Raises whatever the step or the database raises otherwise.
        """
        for race in range(1, MOST_RACES):
            try:
                async with self.writing(quiet=quiet) as session:
                    return await step(session)
            except Exception as error:
                if trouble_of(error) is not Trouble.RACE:
                    raise
            await asyncio.sleep(_pause(race))
        async with self.writing(quiet=quiet) as session:
            return await step(session)

    async def _call_others(self, session: AsyncSession) -> None:
        """Let the commit ring in the other processes of a PostgreSQL database as well."""
        if self.is_sqlite:
            return
        await session.flush()
        if session.info.get(WROTE):
            await session.execute(text("SELECT pg_notify(:channel, :name)"), self._call)

    @property
    def _call(self) -> dict[str, str]:
        return {"channel": CHANNEL, "name": self._name}

    async def listen(self) -> None:
        """Ring whenever another process has committed, until cancelled; on SQLite there is no other."""
        while not self.is_sqlite:
            try:
                await self._hear_others()
            except (psycopg.Error, OSError) as error:
                log.warning("the bell of others is not heard", error=type(error).__name__)
            await asyncio.sleep(LISTEN_PAUSE)

    async def _hear_others(self) -> None:
        async with await self.plain_connection() as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self.bell.ring()  # something may have been missed
            async for call in connection.notifies():
                if call.payload != self._name:
                    self.bell.ring()

    async def plain_connection(self) -> psycopg.AsyncConnection[Any]:
        """Open a PostgreSQL connection of its own: no pool, no transactions, never made anew unseen."""
        address = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        return await psycopg.AsyncConnection.connect(address, autocommit=True, options=POSTGRES_MANNERS)

    async def checkpoint(self) -> None:
        """Bring everything from SQLite's log into its main file."""
        if self.is_sqlite:
            async with self._writer, self._write_engine.connect() as connection:
                raw: Any = await connection.get_raw_connection()
                cursor = await raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                await cursor.close()

    async def overwrite(self) -> bool:
        """Write SQLite's file anew, so that nothing deleted is left in it or in its log; False: not now.

        ``secure_delete`` zeroes what is deleted, but not all that pages keep of it when they are split.
        PostgreSQL sees to itself, so there it is never done.
        """
        if not self.is_sqlite:
            return False
        async with self._writer, self._write_engine.connect() as connection:
            raw: Any = await connection.get_raw_connection()
            await (await raw.driver_connection.execute("VACUUM")).close()
            cursor = await raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            blocked, *_ = await cursor.fetchone()
            await cursor.close()
        return not blocked  # by a reader of what was before

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Give a session that sees one moment of the database and writes nothing."""
        async with self._read_sessions() as session:
            yield session

    async def close(self) -> None:
        """Close every connection."""
        await self._write_engine.dispose()
        await self._read_engine.dispose()


def _pause(race: int) -> float:
    """Give the seconds before another try: any, so that two do not meet again, and longer each time."""
    return random.uniform(0, min(0.01 * race, LONGEST_PAUSE))  # noqa: S311 - no secret


def open_engine(url: URL, *, immediate: bool, foreign_keys: bool = True) -> AsyncEngine:
    """Open an engine; on SQLite its transactions start with BEGIN IMMEDIATE or with a deferred BEGIN.

    Only a migration, which makes whole tables anew, goes without ``foreign_keys``.
    """
    if url.get_backend_name() != "sqlite":
        return create_async_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            isolation_level="REPEATABLE READ",
            connect_args={"options": POSTGRES_MANNERS},
        )
    engine = create_async_engine(
        url, hide_parameters=True, connect_args={"isolation_level": None, "timeout": BUSY_SECONDS}
    )

    @event.listens_for(engine.sync_engine, "connect")
    def set_manners(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        keys = f"foreign_keys={'ON' if foreign_keys else 'OFF'}"
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", keys):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine
