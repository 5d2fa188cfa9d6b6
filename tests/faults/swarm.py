"""Several bots on one PostgreSQL database, each in a process of its own, to be killed, frozen and cut off.

``python -m tests.faults.swarm FOLDER DATABASE_URL API_BASE`` imports everything once, reads lines of
«NAME ROLE PORT OFFSET», forks a process for each and prints its process id. A «bot» is a whole one: webhook,
lanes, worker, planner and candidate for the courier; what it hears is put down in the order of each chat. A
«planner» plans once what is due and ends. Its clock is OFFSET seconds ahead of a moment in FOLDER/moment, or
of the machine's own. NAME.log takes the log, NAME/ is the folder of its data.
"""

import asyncio
import ctypes
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Update
from sqlalchemy import func, make_url, select

from bot.clock import Clock, ShiftedClock
from bot.in_hand import OnTheWire
from bot.logs import set_up_logs
from bot.pace import Pace
from bot.settings import Settings
from bot.webhook import serve_webhook
from bot.wiring import Assembly, Parts, plan_everything, running
from models import Session
from models.database import Database
from models.leases import LOCKS
from models.letters import AuditEntry
from simulator import Simulator
from views.screen import Answer, Screen

ROOT = Path(__file__).parents[2]
TOKEN = "42:" + "T" * 35
SECRET = "S" * 32
HEARD = "heard"
DIE_WITH_PARENT = 1  # prctl's PR_SET_PDEATHSIG
STOP_WITHIN = 10.0  # seconds
BUSY_MACHINE = 1.0  # seconds that anything may take longer

# --- a process of the swarm ---------------------------------------------------------------------


class SwarmAssembly(Assembly):
    """A whole bot that hears «№ 5» and puts it down with what it had heard before in this chat."""

    def build(self) -> Parts:
        """Assemble the parts; nothing runs yet."""
        parts = super().build()
        parts.lanes.hear = heard
        return parts


async def heard(update: Update, session: Session, now: datetime) -> Answer:
    """Put a message down after the last one of its chat, and answer it by its name."""
    assert update.message is not None
    assert update.message.text is not None
    chat, number = update.message.chat.id, int(update.message.text.split()[1])
    subject = f"chat:{chat}"
    last = await session.scalar(select(func.max(AuditEntry.subject_id)).where(AuditEntry.subject == subject))
    facts = {"after": last or 0, "process": os.getpid()}
    session.add(AuditEntry(at=now, action=HEARD, subject=subject, subject_id=number, facts=facts))
    return Screen(f"Ответ {chat}/{number}")


def clock_of(folder: Path, ahead: float) -> Clock:
    """Give a clock so many seconds ahead of the moment in the folder, or of the machine's own."""
    offset = timedelta(seconds=ahead)
    if (folder / "moment").exists():
        given = datetime.fromisoformat((folder / "moment").read_text())
        offset += given - ShiftedClock(timedelta).now()
    return ShiftedClock(lambda: offset)


async def serve(folder: Path, name: str, url: str, api_base: str, port: int, ahead: float) -> None:
    """Run a whole bot until it is terminated."""
    named = make_url(url).update_query_dict({"application_name": f"swarm-{name}"})
    database = Database(named.render_as_string(hide_password=False))
    session = AiohttpSession(api=TelegramAPIServer.from_base(api_base))
    bot = Bot(TOKEN, session=session)
    clock, pace = clock_of(folder, ahead), Pace(per_second=10_000, per_chat=0, per_minute=10_000)
    assembly = SwarmAssembly(bot, database, clock, folder / name, "roadmap_bot", pace)
    settings = Settings(
        http_port=port,
        webhook_url="http://127.0.0.1:1/telegram",
        webhook_secret=SECRET,
        data_dir=folder / name,
    )
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with running(assembly, poll=False) as parts, serve_webhook(assembly, parts, settings):
        await stop.wait()
    await session.close()
    await database.close()


async def plan(folder: Path, url: str, ahead: float) -> None:
    """Plan what is due, once."""
    database = Database(url)
    await plan_everything(database, clock_of(folder, ahead))
    await database.close()


def be(line: str) -> None:
    """Be the process that a line asks for, to its end."""
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    folder, url, api_base = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    name, role, port, ahead = line.split()
    handle = os.open(folder / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(handle, sys.stderr.fileno())
    os.close(handle)
    set_up_logs()
    if role == "planner":
        asyncio.run(plan(folder, url, float(ahead)))
        (folder / f"{name}.done").touch()
    else:
        asyncio.run(serve(folder, name, url, api_base, int(port), float(ahead)))


def main() -> None:
    """Fork a process for each line."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            be(line)
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


# --- the rig around them ------------------------------------------------------------------------


@dataclass
class Member:
    """A bot of the swarm: its process id and the port of its webhook."""

    name: str
    port: int
    pid: int = 0


@dataclass
class Swarm:
    """The bots of one database, and what was done to them."""

    zygote: asyncio.subprocess.Process
    folder: Path
    server: str
    members: list[Member]
    kills: int = 0
    cuts: int = 0
    in_hand: int = 0
    starts_in_all: int = 0
    recoveries: list[float] = field(default_factory=list)
    _forking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def forks(self, name: str, role: str, port: int = 0, ahead: float = 0) -> int:
        """Fork a process; give its id."""
        assert self.zygote.stdin is not None
        assert self.zygote.stdout is not None
        async with self._forking:
            self.zygote.stdin.write(f"{name} {role} {port} {ahead}\n".encode())
            await self.zygote.stdin.drain()
            return int(await self.zygote.stdout.readline())

    async def starts(self, member: Member) -> None:
        """Start a bot and wait until its webhook is open; one whose beginning is cut off is started anew."""
        async with asyncio.timeout(20):
            while not (member.pid and await is_open(member.port)):
                if not (member.pid and lives(member.pid)):
                    member.pid = await self.forks(member.name, "bot", member.port)
                    self.starts_in_all += 1
                await asyncio.sleep(0.02)

    async def kills_one(self, member: Member) -> None:
        """Kill -9 a bot, whatever it does, and start it again; note the seconds that took."""
        began = time.monotonic()
        os.kill(member.pid, signal.SIGKILL)
        await gone([member.pid])
        member.pid = 0
        self.kills += 1
        self.in_hand += self.sends_of(member)
        await self.starts(member)
        self.recoveries.append(time.monotonic() - began)

    def sends_of(self, member: Member) -> int:
        """Count the sends that a dead bot had begun and not written down."""
        return sum(map(len, OnTheWire(self.folder / member.name).begun().values()))

    def up(self) -> list[Member]:
        """List the bots that run."""
        return [member for member in self.members if member.pid]

    def log_of(self, member: Member) -> str:
        """Give what a bot has logged."""
        return (self.folder / f"{member.name}.log").read_text()

    async def asks(self, sql: str) -> list[tuple[object, ...]]:
        """Ask the server past every bot."""
        async with await psycopg.AsyncConnection.connect(self.server, autocommit=True) as connection:
            return await (await connection.execute(sql.encode())).fetchall()

    async def courier(self) -> Member | None:
        """Give the bot that holds the courier's lease."""
        found = await self.asks(f"SELECT application_name FROM pg_stat_activity WHERE pid IN ({HOLDERS})")
        return next((one for one in self.up() if (f"swarm-{one.name}",) in found), None)

    async def a_courier(self) -> Member:
        """Wait for a courier."""
        async with asyncio.timeout(5):
            while (found := await self.courier()) is None:  # noqa: ASYNC110 - another process does it
                await asyncio.sleep(0.02)
        return found

    async def cuts_the_courier(self) -> None:
        """Let the server end the connection of the lease."""
        self.cuts += len(await self.asks(f"SELECT pg_terminate_backend(pid) FROM ({HOLDERS}) AS holders"))

    async def cuts_some(self, most: int) -> None:
        """Let the server end a few connections of any bots."""
        await self.asks(
            f"SELECT pg_terminate_backend(pid) FROM ({THEIRS} ORDER BY random() LIMIT {most}) AS t"
        )

    async def cuts_all(self) -> None:
        """Let the server end every connection of every bot."""
        await self.asks(f"SELECT pg_terminate_backend(pid) FROM ({THEIRS}) AS theirs")

    async def ends(self) -> None:
        """Stop every bot as a deploy does; each stops within ten seconds."""
        pids = [member.pid for member in self.up()]
        assert all(map(lives, pids)), "a bot has ended by itself"
        for pid in pids:
            os.kill(pid, signal.SIGTERM)
        await gone(pids)


THEIRS = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'swarm-%'"
)
HOLDERS = (
    f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = {LOCKS}"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def lives(pid: int) -> bool:
    """Tell whether a process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def gone(pids: Collection[int]) -> None:
    """Wait until processes are no more."""
    async with asyncio.timeout(STOP_WITHIN):
        while any(map(lives, pids)):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def is_open(port: int) -> bool:
    """Tell whether somebody listens at a port."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 20.0) -> float:
    """Wait until something holds; give the seconds it took."""
    began = time.monotonic()
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - another process acts
            await asyncio.sleep(0.02)
    return time.monotonic() - began


@asynccontextmanager
async def telegram() -> AsyncIterator[Simulator]:
    """Run a Telegram that answers within a few hundredths of a second."""
    sim = Simulator(token=TOKEN)
    sim.faults.latency(0.005, 0.03)
    async with sim.running():
        yield sim


@asynccontextmanager
async def swarm(sim: Simulator, url: str, folder: Path, size: int) -> AsyncIterator[Swarm]:
    """Start so many bots behind the simulator's webhook (0: none yet); stop them in good order at the end."""
    folder.mkdir(exist_ok=True)
    zygote = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.swarm",
        str(folder),
        url,
        sim.base_url,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    first = 20_000 + os.getpid() % 1000 * 10  # below the ports that clients get, so that each stays free
    members = [Member(f"bot-{number}", first + number) for number in range(size)]
    sim.world.webhook_targets = [f"127.0.0.1:{member.port}" for member in members]
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    found = Swarm(zygote, folder, plain, members)
    try:
        async with asyncio.TaskGroup() as group:
            for member in members:
                group.create_task(found.starts(member))
        yield found
        await found.ends()
    finally:
        zygote.kill()  # and with it whoever is left
        await zygote.wait()


if __name__ == "__main__":
    main()
