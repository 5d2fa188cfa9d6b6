"""Leases: one holder at a time, free at once when its connection dies, and no stale holder passes."""

import asyncio
import time
from collections.abc import AsyncIterator

import psycopg
import pytest
from sqlalchemy import text

from models.database import Database
from models.leases import LOCKS, Fenced, HeldLease, passes
from models.machinery import Lease

NAME = "courier"
AT_ONCE = 1.0  # seconds, generous on a busy machine: no lease waits for the end of a term
HOLDERS = (
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = :locks"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
ON_SERVER = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)

Pair = tuple[HeldLease, HeldLease]


@pytest.fixture
async def other(database: Database) -> AsyncIterator[Database]:
    """Open the same database a second time, as another process does."""
    opened = Database(database.url.render_as_string(hide_password=False))
    yield opened
    await opened.close()


@pytest.fixture
async def pair(database: Database, other: Database) -> AsyncIterator[Pair]:
    leases = HeldLease(database, NAME), HeldLease(other, NAME)
    yield leases
    for lease in leases:
        await lease.release()


def epochs(pair: Pair) -> tuple[int | None, int | None]:
    return pair[0].epoch, pair[1].epoch


async def cut(database: Database) -> int:
    """Let the server end the connections that hold a lease of this database; count them."""
    async with database.writing() as session:
        found = await session.scalars(
            text(f"SELECT pg_terminate_backend(pid, 5000) FROM ({HOLDERS}) AS holders"), {"locks": LOCKS}
        )
        return sum(found)


async def passes_as(database: Database, epoch: int) -> bool:
    """Write as the holder of an epoch; False where that is not the holder's."""
    try:
        async with database.writing() as session:
            await passes(session, NAME, epoch)
    except Fenced:
        return False
    return True


async def taken(lease: HeldLease) -> float:
    """Try until the lease is ours; give the seconds it took."""
    began = time.monotonic()
    async with asyncio.timeout(5):
        while not await lease.take():  # noqa: ASYNC110 - the server is asked, nobody tells
            await asyncio.sleep(0.01)
    return time.monotonic() - began


async def test_each_new_holder_has_a_higher_epoch_and_none_before_it_passes(
    database: Database, pair: Pair
) -> None:
    first, second = pair
    assert await first.take()
    assert epochs(pair) == (1, None)
    assert await passes_as(database, 1)
    await first.release()
    assert not await first.alive()
    assert await taken(second) < AT_ONCE
    assert epochs(pair) == (None, 2)
    assert await second.alive()
    assert not await passes_as(database, 1)
    assert await passes_as(database, 2)
    assert not await passes_as(database, 0)  # what a process asks with that holds nothing


async def test_what_a_stale_holder_writes_is_rolled_back(database: Database, pair: Pair) -> None:
    first, second = pair
    assert await first.take()
    await first.release()
    assert await taken(second) < AT_ONCE

    async def as_the_first() -> None:
        async with database.writing() as session:
            session.add(Lease(name="written by a stale holder", epoch=1))
            await session.flush()
            await passes(session, NAME, 1)

    with pytest.raises(Fenced):
        await as_the_first()
    async with database.reading() as session:
        assert await session.get(Lease, "written by a stale holder") is None


async def test_leases_of_other_names_are_others(database: Database, other: Database) -> None:
    leases = HeldLease(database, NAME), HeldLease(other, "poller")
    assert [await lease.take() for lease in leases] == [True, True]
    assert [lease.epoch for lease in leases] == [1, 1]
    for lease in leases:
        await lease.release()


@ON_SERVER
async def test_a_second_holder_is_refused_while_the_first_lives(pair: Pair) -> None:
    first, second = pair
    assert await first.take()
    for _ in range(3):
        assert not await second.take()
    assert second.epoch is None
    assert not await second.alive()
    assert await first.alive()


@ON_SERVER
async def test_a_released_lease_is_anybodys_at_once(pair: Pair) -> None:
    first, second = pair
    assert await first.take()
    assert not await second.take()
    await first.release()
    assert await taken(second) < AT_ONCE
    assert not await first.take()


@ON_SERVER
async def test_a_lease_whose_connection_is_cut_is_taken_over_at_once_and_its_holder_notices(
    database: Database, pair: Pair
) -> None:
    first, second = pair
    assert await first.take()
    assert await cut(database) == 1
    assert await taken(second) < AT_ONCE
    assert epochs(pair) == (1, 2)  # the first does not know yet
    assert not await passes_as(database, 1)  # and cannot pass all the same
    assert not await first.alive()
    assert epochs(pair) == (None, 2)
    assert not await first.take()
    assert await second.alive()
    await second.release()
    assert await taken(first) < AT_ONCE
    assert first.epoch == 3


@ON_SERVER
async def test_a_candidate_whose_connection_was_cut_says_so_and_tries_again(
    database: Database, pair: Pair
) -> None:
    first, second = pair
    assert await first.take()
    assert not await second.take()
    async with database.writing() as session:
        await session.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                " AND datname = current_database() AND query LIKE 'SELECT pg_try_advisory_lock%'"
                f" AND pid NOT IN ({HOLDERS})"
            ),
            {"locks": LOCKS},
        )
    with pytest.raises(psycopg.OperationalError):
        await second.take()
    assert not await second.take()  # through a new connection
    await first.release()
    assert await taken(second) < AT_ONCE


@ON_SERVER
async def test_whoever_writes_as_the_holder_ends_before_another_becomes_it(
    database: Database, pair: Pair
) -> None:
    first, second = pair
    assert await first.take()
    async with asyncio.TaskGroup() as group, database.writing() as session:
        await passes(session, NAME, 1)
        await first.release()
        taking = group.create_task(taken(second))
        await asyncio.sleep(0.3)
        assert not taking.done()
    assert second.epoch == 2
