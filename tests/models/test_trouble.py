"""Trouble of the database, told from a mistake of whoever asked: from real errors of real databases."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select, text

from models import Session
from models.database import Database
from models.letters import AuditEntry
from models.machinery import Lease
from models.trouble import HOPELESS, Trouble, trouble_of

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PAGE = 4096
ON_SERVER = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)

Step = Callable[[Session], Awaitable[None]]


def entry(note: str = "") -> AuditEntry:
    return AuditEntry(at=NOW, action="x", subject="y", facts={}, note=note)


async def writes(session: Session) -> None:
    session.add(entry())
    await session.flush()


async def writes_much(session: Session) -> None:
    for _ in range(200):
        session.add(entry("x" * PAGE))
    await session.flush()


async def reads(session: Session) -> None:
    await session.execute(text("SELECT count(*), max(length(note)) FROM audit_entries"))


async def trouble_with(database: Database, step: Step) -> Trouble | None:
    """Take a step in a writing transaction that must fail; name its trouble."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever the driver raises is what is asked
        async with database.writing() as session:
            await step(session)
    return trouble_of(caught.value)


@pytest.fixture
def file(sqlite_template: Path, tmp_path: Path) -> Path:
    """Give a migrated SQLite file with a few hundred pages of rows in it."""
    path = tmp_path / "roadmap.sqlite3"
    shutil.copy(sqlite_template, path)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executemany(
            "INSERT INTO audit_entries (at, action, subject, facts, note) VALUES (?, 'x', 'y', '{}', ?)",
            [("2026-11-02 09:00:00", "x" * PAGE)] * 200,
        )
    connection.close()
    return path


@pytest.fixture
async def on_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """Open the file with little patience for another writer."""
    monkeypatch.setattr("models.database.BUSY_SECONDS", 0.1)
    database = Database(f"sqlite+aiosqlite:///{file}")
    yield database
    await database.close()


async def test_a_file_that_another_process_writes_is_away(on_file: Database, file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert await trouble_with(on_file, writes) is Trouble.AWAY
    other.execute("ROLLBACK")
    other.close()
    async with on_file.writing() as session:
        await writes(session)


async def test_a_file_that_may_grow_no_more_is_full_and_takes_writes_again_when_it_may(
    on_file: Database,
) -> None:
    async def in_no_room(session: Session) -> None:
        pages = await session.scalar(text("PRAGMA page_count"))
        await session.execute(text(f"PRAGMA max_page_count = {(pages or 0) + 3}"))
        await writes_much(session)

    assert await trouble_with(on_file, in_no_room) is Trouble.FULL
    async with on_file.writing() as session:
        await session.execute(text("PRAGMA max_page_count = 1000000"))
        await writes_much(session)


async def test_a_file_opened_for_reading_only_is_read_only(file: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///file:{file}?mode=ro&uri=true")
    assert await trouble_with(database, writes) is Trouble.READ_ONLY
    await database.close()


async def test_a_file_with_spoilt_pages_is_damaged(on_file: Database, file: Path) -> None:
    with file.open("r+b") as raw:
        size = file.stat().st_size
        for place in range(10 * PAGE, size - PAGE, 2 * PAGE):
            raw.seek(place)
            raw.write(b"\xaa" * PAGE)
    assert await trouble_with(on_file, reads) is Trouble.DAMAGED


async def test_a_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "letter.sqlite3"
    path.write_text("Уважаемые коллеги! " * 500)
    database = Database(f"sqlite+aiosqlite:///{path}")
    assert await trouble_with(database, writes) is Trouble.DAMAGED
    await database.close()


async def test_a_folder_that_is_not_there_is_away(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'nowhere' / 'roadmap.sqlite3'}")
    assert await trouble_with(database, writes) is Trouble.AWAY
    await database.close()


async def test_a_row_that_is_there_already_is_a_race(database: Database) -> None:
    async with database.writing() as session:
        session.add(Lease(name="x", epoch=1))

    async def the_same_again(session: Session) -> None:
        await session.execute(text("INSERT INTO leases (name, epoch) VALUES ('x', 2)"))

    assert await trouble_with(database, the_same_again) is Trouble.RACE


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM no_such_table",
        "INSERT INTO leases (name) VALUES ('y')",
        "INSERT INTO letter_items (letter_id, withdrawn) VALUES (12345, false)",
        "SELEKT",
    ],
    ids=["no table", "a value is missing", "no such letter", "no SQL"],
)
async def test_a_mistake_of_whoever_asks_is_no_trouble(database: Database, sql: str) -> None:
    async def mistaken(session: Session) -> None:
        await session.execute(text(sql))

    assert await trouble_with(database, mistaken) is None


async def test_an_error_of_no_database_is_no_trouble() -> None:
    assert trouble_of(ZeroDivisionError()) is None
    assert trouble_of(OSError(28, "No space left on device")) is None


def test_only_a_person_can_help_where_nothing_can_be_written_or_read() -> None:
    assert set(HOPELESS) == {Trouble.READ_ONLY, Trouble.DAMAGED}


@pytest.mark.postgres
async def test_a_server_that_is_not_there_is_away() -> None:
    database = Database("postgresql+psycopg://postgres@127.0.0.1:9/roadmap")
    assert await trouble_with(database, writes) is Trouble.AWAY
    with pytest.raises(psycopg.OperationalError) as caught:
        await database.plain_connection()
    assert trouble_of(caught.value) is Trouble.AWAY
    await database.close()


@ON_SERVER
async def test_a_connection_the_server_has_ended_is_away_and_the_next_one_works(database: Database) -> None:
    async def ends_itself(session: Session) -> None:
        await writes(session)
        await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    assert await trouble_with(database, ends_itself) is Trouble.AWAY
    async with database.writing() as session:
        await writes(session)
    async with database.reading() as session:
        assert len((await session.scalars(select(AuditEntry))).all()) == 1


@ON_SERVER
async def test_a_database_that_was_dropped_is_away(database: Database) -> None:
    gone = Database(database.url.set(database="gone").render_as_string(hide_password=False))
    assert await trouble_with(gone, writes) is Trouble.AWAY
    await gone.close()


@ON_SERVER
async def test_who_overwrites_what_has_changed_since_is_in_a_race(database: Database) -> None:
    async with database.writing() as session:
        session.add(Lease(name="x", epoch=1))

    async def overwrites(session: Session) -> None:
        lease = await session.get_one(Lease, "x")
        async with database.writing() as other:
            (await other.get_one(Lease, "x")).epoch += 1
        lease.epoch += 1
        await session.flush()

    assert await trouble_with(database, overwrites) is Trouble.RACE


@ON_SERVER
async def test_a_deadlock_is_a_race(database: Database) -> None:
    async with database.writing() as session:
        session.add_all([Lease(name="a", epoch=1), Lease(name="b", epoch=1)])
    met = asyncio.Barrier(2)

    async def locks(names: tuple[str, str]) -> Trouble | None:
        try:
            async with database.writing() as session:
                await session.get_one(Lease, names[0], with_for_update=True)
                await met.wait()
                await session.get_one(Lease, names[1], with_for_update=True)
        except Exception as error:
            found = trouble_of(error)
            if found is None:
                raise
            return found
        return None

    found = await asyncio.gather(locks(("a", "b")), locks(("b", "a")))
    assert set(found) == {None, Trouble.RACE}


@ON_SERVER
async def test_a_transaction_that_may_not_write_is_read_only(database: Database) -> None:
    async def in_a_standby(session: Session) -> None:
        await session.execute(text("SET TRANSACTION READ ONLY"))
        await writes(session)

    assert await trouble_with(database, in_a_standby) is Trouble.READ_ONLY


@ON_SERVER
async def test_a_transaction_left_idle_is_ended_and_away(database: Database) -> None:
    async def freezes(session: Session) -> None:
        await session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 50"))
        await asyncio.sleep(0.4)
        await writes(session)

    assert await trouble_with(database, freezes) is Trouble.AWAY
