"""The bell: a commit that wrote something wakes whoever waits for rows, one that only looked wakes nobody."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select, text, update

from models.database import Database
from models.letters import AuditEntry

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def entry() -> AuditEntry:
    return AuditEntry(at=NOW, action="x", subject="y", facts={})


async def test_a_transaction_that_only_looked_wakes_nobody(database: Database) -> None:
    bell = database.bell.listener()
    async with database.writing() as session:
        await session.execute(select(AuditEntry).with_for_update(skip_locked=True))
    assert not bell.is_set()


@pytest.mark.parametrize("what", ["add", "change", "update", "delete", "text"])
async def test_a_transaction_that_wrote_wakes_every_listener(database: Database, what: str) -> None:
    async with database.writing() as session:
        session.add(entry())
    bells = [database.bell.listener(), database.bell.listener()]
    async with database.writing() as session:
        match what:
            case "add":
                session.add(entry())
            case "change":
                (await session.scalars(select(AuditEntry))).one().action = "z"
            case "update":
                await session.execute(update(AuditEntry).values(action="z"))
            case "delete":
                await session.execute(delete(AuditEntry))
            case _:
                await session.execute(text("DELETE FROM audit_entries"))
    assert all(bell.is_set() for bell in bells)


async def fail(database: Database) -> None:
    async with database.writing() as session:
        session.add(entry())
        await session.flush()
        raise ZeroDivisionError


async def test_a_transaction_that_failed_wakes_nobody(database: Database) -> None:
    bell = database.bell.listener()
    with pytest.raises(ZeroDivisionError):
        await fail(database)
    assert not bell.is_set()
