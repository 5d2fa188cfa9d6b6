"""Races: nothing is overwritten unseen, who was second begins again, and a commit rings everywhere."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError

from bot.wiring import plan_everything
from models import Session
from models.database import MOST_RACES, Database
from models.letters import Digest, DigestState, Letter, LetterItem, LetterKind, LetterState
from models.machinery import Lease
from models.people import Role
from models.trouble import Trouble, trouble_of
from scheduler.courier import rung
from simulator import Simulator
from tests.faults.figures import figures
from tests.faults.swarm import swarm, until
from tests.scheduler.delivery import Hands, Office
from tests.services.plan import NOW, approved, found, row, seated
from tests.services.plan import until as by

T = TypeVar("T")

WRITERS = 5
TIMES = 40
ON_SERVER = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
async def others(database: Database) -> AsyncIterator[list[Database]]:
    """Open the same database four times more, as four other processes do."""
    url = database.url.render_as_string(hide_password=False)
    async with AsyncExitStack() as opened:
        found = [Database(url) for _ in range(WRITERS - 1)]
        for one in found:
            opened.push_async_callback(one.close)
        yield found


async def put(database: Database, *names: str) -> None:
    async with database.writing() as session:
        session.add_all([Lease(name=name, epoch=0) for name in names])


async def count(database: Database, name: str = "a") -> int:
    async with database.reading() as session:
        return (await session.get_one(Lease, name)).epoch


async def adds_one(session: Session) -> None:
    """Read, think, and write what was read plus one."""
    lease = await session.get_one(Lease, "a")
    await session.execute(text("SELECT 1"))
    lease.epoch += 1


async def counts(database: Database) -> None:
    for _ in range(TIMES):
        await database.write(adds_one)


async def test_of_five_writers_in_one_process_none_overwrites_another(database: Database) -> None:
    await put(database, "a")
    async with asyncio.TaskGroup() as group:
        for _ in range(WRITERS):
            group.create_task(counts(database))
    assert await count(database) == WRITERS * TIMES


async def test_of_five_processes_none_overwrites_another(database: Database, others: list[Database]) -> None:
    await put(database, "a")
    async with asyncio.TaskGroup() as group:
        for one in (database, *others):
            group.create_task(counts(one))
    lost = WRITERS * TIMES - await count(database)
    print(
        f"five writers of one row on {database.url.get_backend_name()}: {WRITERS * TIMES} writes, lost {lost}"
    )
    figures("five writers of one row", lost=lost)
    assert lost == 0


@ON_SERVER
async def test_a_writer_that_is_always_second_begins_again_and_in_the_end_says_so(
    database: Database,
) -> None:
    await put(database, "a")
    tries = 0

    async def too_late(session: Session) -> None:
        nonlocal tries
        tries += 1
        lease = await session.get_one(Lease, "a")
        async with database.writing() as other:
            (await other.get_one(Lease, "a")).epoch += 1
        lease.epoch = -1
        await session.flush()

    with pytest.raises(DBAPIError) as caught:
        await database.write(too_late)
    assert trouble_of(caught.value) is Trouble.RACE
    assert tries == MOST_RACES
    assert await count(database) == MOST_RACES


@ON_SERVER
async def test_two_that_wait_for_each_other_both_end(database: Database) -> None:
    await put(database, "a", "b")
    met = asyncio.Barrier(2)
    tries = 0

    async def adds(names: tuple[str, str], session: Session) -> None:
        nonlocal tries
        tries += 1
        (await session.get_one(Lease, names[0], with_for_update=True)).epoch += 1
        if tries <= 2:
            await met.wait()
        (await session.get_one(Lease, names[1], with_for_update=True)).epoch += 1

    async with asyncio.TaskGroup() as group:
        for names in (("a", "b"), ("b", "a")):
            group.create_task(database.write(partial(adds, names)))
    assert tries == 3
    assert (await count(database, "a"), await count(database, "b")) == (2, 2)


@ON_SERVER
async def test_two_that_write_the_same_key_write_it_once(database: Database, others: list[Database]) -> None:
    met = asyncio.Barrier(2)
    tries = 0

    async def writes_once(session: Session) -> bool:
        """Write a row unless it is there, as letters are written by their key."""
        nonlocal tries
        tries += 1
        if await session.scalar(select(Lease.name).where(Lease.name == "a")) is not None:
            return False
        if tries <= 2:
            await met.wait()
        session.add(Lease(name="a", epoch=7))
        await session.flush()
        return True

    wrote = await asyncio.gather(database.write(writes_once), others[0].write(writes_once))
    assert sorted(wrote) == [False, True]
    assert tries == 3
    assert await count(database) == 7


async def test_a_key_that_is_always_there_is_a_mistake_and_said_so(database: Database) -> None:
    await put(database, "a")

    async def the_same_again(session: Session) -> None:
        session.add(Lease(name="a", epoch=1))
        await session.flush()

    with pytest.raises(IntegrityError):
        await database.write(the_same_again)
    assert await count(database) == 0


@pytest.mark.parametrize("kind", ["of its own", "of the database", "a cancellation"])
async def test_any_other_error_is_raised_at_once_and_nothing_is_written(
    database: Database, kind: str
) -> None:
    await put(database, "a")
    tries = 0

    async def fails(session: Session) -> None:
        nonlocal tries
        tries += 1
        (await session.get_one(Lease, "a")).epoch += 1
        await session.flush()
        if kind == "of its own":
            raise ZeroDivisionError
        if kind == "a cancellation":
            raise asyncio.CancelledError
        await session.execute(text("INSERT INTO letter_items (letter_id, withdrawn) VALUES (12345, false)"))

    errors: dict[str, type[BaseException]] = {
        "of its own": ZeroDivisionError,
        "a cancellation": asyncio.CancelledError,
        "of the database": IntegrityError,
    }
    with pytest.raises(errors[kind]):
        await database.write(fails)
    assert tries == 1
    assert await count(database) == 0


@ON_SERVER
async def test_a_connection_cut_in_the_middle_is_raised_at_once_and_the_next_write_works(
    database: Database,
) -> None:
    await put(database, "a")

    async def is_cut(session: Session) -> None:
        await adds_one(session)
        await session.flush()
        await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(DBAPIError) as caught:
        await database.write(is_cut)
    assert trouble_of(caught.value) is Trouble.AWAY
    assert await count(database) == 0
    await database.write(adds_one)
    assert await count(database) == 1


async def hears(bell: asyncio.Event) -> float:
    """Wait for a bell, a second at most; give the seconds it took."""
    began = time.monotonic()
    async with asyncio.timeout(1):
        await bell.wait()
    return time.monotonic() - began


@ON_SERVER
async def test_a_commit_rings_in_other_processes_within_a_second_and_in_its_own_once(
    database: Database, others: list[Database]
) -> None:
    await put(database, "a")
    other = others[0]
    mine, theirs = database.bell.listener(), other.bell.listener()
    listening = [asyncio.ensure_future(one.listen()) for one in (database, other)]
    try:
        for bell in (mine, theirs):
            await hears(bell)  # a listener that begins looks at once: something may have been missed
        for _ in range(5):
            mine.clear()
            theirs.clear()
            await database.write(adds_one)
            assert mine.is_set()
            mine.clear()
            assert await hears(theirs) < 1
            await rung(mine, 0.1)
            assert not mine.is_set()
        theirs.clear()
        async with database.writing() as session:
            await adds_one(session)
            await session.flush()
            await rung(theirs, 0.1)
            assert not theirs.is_set()  # nothing is committed yet
        await hears(theirs)
        theirs.clear()
        async with database.writing() as session:
            await session.get_one(Lease, "a", with_for_update=True)
        with suppress(ProgrammingError):
            await database.write(fails_at_the_end)
        await rung(theirs, 0.2)
        assert not theirs.is_set()  # nothing was written, or it was rolled back
    finally:
        for one in listening:
            one.cancel()
        await asyncio.wait(listening)


async def fails_at_the_end(session: Session) -> None:
    await adds_one(session)
    await session.flush()
    await session.execute(text("SELECT no_such_column"))


@ON_SERVER
async def test_a_listener_whose_connection_is_cut_listens_again_and_looks_at_once(
    database: Database, others: list[Database]
) -> None:
    await put(database, "a")
    theirs = others[0].bell.listener()
    listening = asyncio.ensure_future(others[0].listen())
    try:
        await hears(theirs)
        theirs.clear()
        async with database.reading() as session:
            ended = await session.scalar(
                text(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
                )
            )
        assert ended == 1
        async with asyncio.timeout(3):
            await theirs.wait()
        theirs.clear()
        await database.write(adds_one)
        await hears(theirs)
    finally:
        listening.cancel()
        await asyncio.wait([listening])


class Deaf(Database):
    """A database whose next commits come through while the answers to them are lost."""

    lost = 0

    async def write(self, step: Callable[[Session], Awaitable[T]], *, quiet: bool = False) -> T:
        written = await super().write(step, quiet=quiet)
        if self.lost and written:
            self.lost -= 1
            raise OperationalError("COMMIT", None, psycopg.OperationalError("the connection is closed"))
        return written


async def test_a_letter_whose_claim_came_through_unheard_is_sent_all_the_same(database_url: str) -> None:
    deaf = Deaf(database_url)
    office = Office(deaf)
    async with office.open():
        first = await office.writes("Срок сегодня")
        await office.becomes(first, LetterState.DELIVERED)
        deaf.lost = 1
        second = await office.writes("Срок завтра")
        await office.becomes(second, LetterState.DELIVERED)
    assert deaf.lost == 0
    assert office.wire.texts() == ["Срок сегодня", "Срок завтра"]
    assert (await office.letter(second)).tries == 1
    await deaf.close()


# --- two planners at once -----------------------------------------------------------------------

FIRST_STEP = datetime(2026, 9, 25, 6, 0, tzinfo=UTC)  # fourteen working days before 15 October
AHEAD = timedelta(seconds=30)  # by which the clock of one machine is before that of the other
HEADS = (2, 3, 4, 5, 6, 7, 2)  # of seven schools; the first and the last share one
ROWS = 30
STAFF = (90, 91)


async def much_is_due(database: Database) -> None:
    """Let thirty steps for each of seven schools be due at FIRST_STEP, and the digest of a Monday as well."""
    rows = tuple(row(f"{number}.", "Отчёт", by(2026, 10, 15), "ОО") for number in range(1, ROWS + 1))
    async with database.writing() as session:
        made = await found(session, schools=len(HEADS))
        for place, user_id in enumerate(HEADS):
            await seated(session, made.schools[place], Role.EXECUTOR, user_id)
        for user_id in STAFF:
            await seated(session, made.place, Role.STAFF, user_id)
        await approved(session, made, rows=rows)
    await plan_everything(database, Hands(NOW))  # nothing yet, but the digest of Monday is planned


async def everything_was_said_once(database: Database, ways: str) -> None:
    async with database.reading() as session:
        reminders = (await session.scalars(select(Letter).where(Letter.kind == LetterKind.REMINDER))).all()
        items = (await session.scalars(select(LetterItem).where(LetterItem.step.is_not(None)))).all()
        digests = (await session.scalars(select(Letter).where(Letter.kind == LetterKind.DIGEST))).all()
        mondays = Counter(await session.scalars(select(Digest.state)))
    held = Counter(item.letter_id for item in items)
    steps = Counter((item.assignment_id, item.seat_id, item.step) for item in items)
    chats = Counter(letter.chat_id for letter in reminders)
    print(f"{ways}: reminders {len(reminders)}, steps {len(items)}, digests {len(digests)}")
    assert chats == Counter(set(HEADS))
    assert {letter.chat_id: held[letter.id] for letter in reminders} == {
        chat: ROWS * HEADS.count(chat) for chat in HEADS
    }
    assert set(steps.values()) == {1}
    assert Counter(letter.chat_id for letter in digests) == Counter(STAFF)
    assert mondays == {DigestState.WRITTEN: 1, DigestState.PLANNED: 1}


@pytest.mark.parametrize("ahead", [timedelta(), AHEAD], ids=["clocks agree", "one clock is ahead"])
async def test_two_planners_at_once_say_everything_once(
    database: Database, others: list[Database], ahead: timedelta
) -> None:
    await much_is_due(database)
    async with asyncio.TaskGroup() as group:
        group.create_task(plan_everything(database, Hands(FIRST_STEP)))
        group.create_task(plan_everything(others[0], Hands(FIRST_STEP + ahead)))
    await plan_everything(others[1], Hands(FIRST_STEP + ahead))
    await everything_was_said_once(database, "two planners")


@pytest.mark.faults
async def test_planners_of_two_processes_say_everything_once(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    def done(*names: str) -> Callable[[], Awaitable[bool]]:
        async def all_done() -> bool:
            return all((tmp_path / f"{name}.done").exists() for name in names)

        return all_done

    await much_is_due(database)
    (tmp_path / "moment").write_text(FIRST_STEP.isoformat())
    async with swarm(Simulator(), database_url, tmp_path, 0) as processes:
        await processes.forks("warm", "planner", ahead=(NOW - FIRST_STEP).total_seconds())
        await until(done("warm"), 30)  # from now on a process is there at once
        names = {"one": 0.0, "two": AHEAD.total_seconds()}
        for name, ahead in names.items():
            await processes.forks(name, "planner", ahead=ahead)
        await until(done(*names), 30)
    await everything_was_said_once(database, "planners of two processes")
    figures("two planners at once", lost=0, duplicated=0, copies=1)
