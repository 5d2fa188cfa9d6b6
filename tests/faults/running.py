"""A real bot in a process of its own: `python -m bot run`, forked from a zygote that has imported everything.

The zygote reads a line of JSON for each process and prints its id. A process writes its log to a file and
its exit code into another; a watcher reads both, its memory too. What an administrator sets goes into the
environment; what only a test may set: BOT_OFFSET (a file with the seconds the clock is ahead), BOT_PACE
(«none»: no pauses between messages), BOT_PUT (JSON: constants of modules to be replaced, by their names).
Two texts are poison: POISON makes its handler raise, SLOW makes it sleep.
"""

import asyncio
import atexit
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import update

from bot import cli, service, wiring  # noqa: F401 - service takes seconds to import
from bot.clock import ShiftedClock
from bot.pace import Pace
from models.assignments import Assignment
from models.database import Database
from models.people import Role
from simulator import Person, Simulator
from tests.services.plan import approved, found, row, seated
from tests.services.plan import until as by

ROOT = Path(__file__).parents[2]
TOKEN = "42:" + "T" * 35
POISON = "ЯД"
SLOW = "МЕДЛЕННО"
SLOW_SECONDS = 3.0
STOPS_WITHIN = 12.0
LONG = os.environ.get("FAULTS") == "long"

Put = dict[str, Any]


# --- in the process that is watched -----------------------------------------------------------


def put(name: str, value: Any) -> None:
    """Replace a constant of a module by its full name, «bot.wiring.DISK»."""
    module, _, constant = name.rpartition(".")
    setattr(import_module(module), constant, value)


def poisoned(original: Callable[..., Any]) -> Callable[..., Any]:
    """Let two texts be poison for the function that hears updates."""

    def made(bot: Any, link: Any) -> Any:
        heard = original(bot, link)

        async def hear(update: Any, session: Any, now: datetime) -> Any:
            text = update.message.text if update.message is not None else None
            if text == POISON:
                raise ValueError(text)
            if text == SLOW:
                await asyncio.sleep(SLOW_SECONDS)
            return await heard(update, session, now)

        return hear

    return made


def prepare() -> None:
    """Do what the environment asks for beyond what an administrator can set."""
    put("bot.wiring.hear", poisoned(wiring.hear))
    if offset := os.environ.get("BOT_OFFSET"):
        shift = lambda: timedelta(seconds=float(Path(offset).read_text()))  # noqa: E731
        put("bot.service.SystemClock", partial(ShiftedClock, shift))
    if os.environ.get("BOT_PACE") == "none":
        put("bot.service.Assembly", partial(wiring.Assembly, pace=Pace(per_second=10_000, per_chat=0)))
    for name, value in json.loads(os.environ.get("BOT_PUT", "{}")).items():
        put(name, value)


def live(asked: dict[str, Any]) -> None:
    """Be the bot; the exit code goes into a file, and whatever is left goes with the process."""
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(log, stream.fileno())
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.update(asked["env"])
    code = 1
    try:
        prepare()
        code = cli.main(asked["argv"])
    except BaseException:  # noqa: BLE001 - as the interpreter does with what nobody has caught
        traceback.print_exc()
    sys.stderr.flush()
    done = Path(asked["code"])
    done.with_suffix(".new").write_text(str(code))
    done.with_suffix(".new").replace(done)
    os._exit(code)


def main() -> None:
    """Fork a bot for each line."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            live(json.loads(line))
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


# --- in the test --------------------------------------------------------------------------------


@cache
def zygote() -> subprocess.Popen[str]:
    """Start the zygote, once; it ends with the tests."""
    command = [sys.executable, "-m", "tests.faults.running"]
    started = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ}
    )

    @atexit.register
    def end() -> None:
        assert started.stdin is not None
        assert started.stdout is not None
        started.stdin.close()
        started.stdout.close()
        started.wait()

    return started


def forked(asked: dict[str, Any]) -> int:
    """Let the zygote fork; give the process id."""
    parent = zygote()
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write(json.dumps(asked) + "\n")
    parent.stdin.flush()
    return int(parent.stdout.readline())


@dataclass
class Bot:
    """A bot on its data, started and ended as often as a test likes."""

    sim: Simulator
    folder: Path  # the log, the exit codes, the clock: not the bot's own
    data: Path
    env: dict[str, str] = field(default_factory=dict)
    put: Put = field(default_factory=dict)
    pid: int = 0
    lives: int = 0

    @property
    def url(self) -> str:
        """The address of its database."""
        return self.env.get("DATABASE_URL") or f"sqlite+aiosqlite:///{self.data / 'roadmap.sqlite3'}"

    @property
    def _code(self) -> Path:
        return self.folder / f"code-{self.lives}"

    @property
    def _log(self) -> Path:
        return self.folder / f"log-{self.lives}"

    def start(self, *argv: str, **env: str) -> None:
        """Start a process, with ``env`` for this one life."""
        self.lives += 1
        asked = {
            "BOT_TOKEN": self.sim.world.token,
            "TELEGRAM_API_BASE": self.sim.base_url,
            "DATA_DIR": str(self.data),
            "BOT_PACE": "none",
            "BOT_PUT": json.dumps(self.put),
            **self.env,
            **env,
        }
        self.pid = forked(
            {
                "argv": list(argv) or ["run"],
                "env": asked,
                "log": str(self._log),
                "code": str(self._code),
            }
        )

    @property
    def log(self) -> str:
        """What this life has written to its log so far."""
        return self._log.read_text() if self._log.exists() else ""

    @property
    def whole_log(self) -> str:
        """What every life has written to its log."""
        return "".join(path.read_text() for path in sorted(self.folder.glob("log-*")))

    async def logs(self, words: str, *, within: float = 20.0) -> str:
        """Wait for words in the log; give the log."""
        await until(lambda: words in self.log, within, lambda: f"never logged «{words}»\n{self.log}")
        return self.log

    async def at_work(self) -> None:
        """Wait until everything runs."""
        await self.logs("event='running'")

    def rss(self) -> float:
        """Give the memory it has now, in MiB."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def lives_on(self) -> bool:
        """Tell whether the process is there."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    async def ends(self, *, within: float = STOPS_WITHIN) -> int:
        """Wait until it ends by itself; give its exit code."""
        await until(lambda: not self.lives_on(), within, lambda: f"it did not end\n{self.log}")
        assert self._code.exists(), f"it was killed\n{self.log}"
        return int(self._code.read_text())

    async def stop(self) -> int:
        """Ask it to stop, as systemd does; give its exit code."""
        os.kill(self.pid, signal.SIGTERM)
        return await self.ends()

    async def kill(self) -> None:
        """Kill -9, and wait until it is gone."""
        os.kill(self.pid, signal.SIGKILL)
        await until(lambda: not self.lives_on(), 5.0, lambda: "it cannot be killed", pause=0.002)

    def set_clock(self, moment: datetime) -> None:
        """Move the simulator's clock and the bot's; telegram's own Date stays as it is."""
        self.sim.clock.set(moment)
        changed = self.folder / "offset.new"
        changed.write_text(str(self.sim.clock.offset.total_seconds()))
        changed.replace(self.folder / "offset")
        self.env["BOT_OFFSET"] = str(self.folder / "offset")


async def until(
    found: Callable[[], bool], within: float, sorry: Callable[[], str], *, pause: float = 0.02
) -> None:
    """Wait until something is so. Raises AssertionError with what ``sorry`` says."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while not found():
        if loop.time() > end:
            raise AssertionError(sorry())
        await asyncio.sleep(pause)


async def until_so(
    found: Callable[[], Awaitable[bool]], within: float, sorry: Callable[[], str], *, pause: float = 0.05
) -> None:
    """Wait until something that must be asked for is so. Raises AssertionError."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while not await found():
        if loop.time() > end:
            raise AssertionError(sorry())
        await asyncio.sleep(pause)


@asynccontextmanager
async def installed(sim: Simulator, folder: Path, put: Put | None = None, **env: str) -> AsyncIterator[Bot]:
    """Give a bot that is not started yet; stop what runs of it in the end."""
    folder.mkdir(exist_ok=True)
    data = folder / "data"
    data.mkdir(exist_ok=True)
    bot = Bot(sim, folder, data, dict(env), put or {})
    try:
        yield bot
        if bot.pid and bot.lives_on():
            await bot.stop()
    finally:
        if bot.pid and bot.lives_on():
            await bot.kill()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """Open the bot's database beside it."""
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


ADMINISTRATOR, DIRECTOR = 900, 1001


async def a_town(database: Database, sim: Simulator, *, schools: int = 1) -> tuple[Person, list[Person]]:
    """Let there be an administrator, and in each school a director who owes one report, due in days.

    Nobody is reminded: what is said in a test is said of its own.
    """
    due = (sim.clock.now() + timedelta(days=5)).date()
    async with database.writing() as session:
        made = await found(session, schools=schools, first_id=ADMINISTRATOR)
        await approved(session, made, (row("1.", "Команды", by(due.year, due.month, due.day), "ОО"),))
        for number, school in enumerate(made.schools):
            await seated(session, school, Role.EXECUTOR, DIRECTOR + number)
        await session.execute(update(Assignment).values(due=due, nominal=due, next_step_at=None))
    people = [sim.person("Директор", user_id=DIRECTOR + number) for number in range(schools)]
    administrator = sim.person("Админ", user_id=ADMINISTRATOR)
    for person in (administrator, *people):
        person.starts()
    return administrator, people


if __name__ == "__main__":
    main()
