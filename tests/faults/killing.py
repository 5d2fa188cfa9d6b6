"""Killing and restarting the real bot, and what was in hand each time."""

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bot.in_hand import OnTheWire
from simulator import Simulator
from tests.faults.process import Journal

ROOT = Path(__file__).parents[2]
LONG = os.environ.get("FAULTS") == "long"
PATIENCE = 1.0  # seconds to wait for something to be in hand
DEEP = 0.02  # seconds at most that something is in hand before the kill
MOST_TO_STOP = 10.0


@dataclass
class Zygote:
    """The process that has imported everything and forks the bots."""

    process: asyncio.subprocess.Process
    folder: Path
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def forks(self, *where: str) -> int:
        """Fork a bot, as the process was told or elsewhere; give its process id."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        async with self.lock:
            self.process.stdin.write(f"{' '.join(('start', *where))}\n".encode())
            await self.process.stdin.drain()
            return int(await self.process.stdout.readline())

    async def code(self, pid: int) -> int:
        """Wait for the end of a bot and give its exit code; a signal's number below zero."""
        await ended(pid)
        async with asyncio.timeout(PATIENCE):
            while True:
                for line in (self.folder / "exits").read_text().splitlines():
                    found, code = line.split()
                    if int(found) == pid:
                        return int(code)
                await asyncio.sleep(0.002)


async def ended(pid: int) -> None:
    """Wait until a process has ended."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(handle, over.set)
    try:
        await over.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)


@dataclass
class Victim:
    """A bot that is killed and started again; the counts say what its kills met."""

    zygote: Zygote
    folder: Path
    sim: Simulator
    where: tuple[str, ...] = ()
    pid: int = 0
    kills: int = 0
    in_hand: int = 0
    doubtful: set[tuple[int, int]] = field(default_factory=set)  # (epoch, letter) of whose send nobody knows
    steps: int = 0
    seed: random.Random = field(default_factory=lambda: random.Random(20261124))

    def __post_init__(self) -> None:
        self.journal = Journal(self.folder / "journal")

    async def start(self) -> None:
        """Fork a fresh bot."""
        self.pid = await self.zygote.forks(*self.where)

    async def kill(self, life: float = 0.25, *, least: float = 0.0) -> None:
        """Kill -9 within a ``life`` of seconds, rather deep in something in hand, and start again.

        Of ``least`` seconds a busy machine makes some progress: five deaths in a row put an update aside.
        """
        await asyncio.sleep(self.seed.uniform(least, life))
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._strike, loop.time() + PATIENCE)
        await ended(self.pid)
        self._note_death()
        await self.start()

    def _strike(self, until: float) -> None:
        """Kill at a random moment of those at which something is in hand, not always at its beginning."""
        while time.monotonic() < until:
            while not any(self.journal.read()) and time.monotonic() < until:
                time.sleep(0.0005)
            time.sleep(self.seed.uniform(0.0, DEEP))
            os.kill(self.pid, signal.SIGSTOP)
            self._stands_still()
            if any(self.journal.read()):
                break
            os.kill(self.pid, signal.SIGCONT)
        os.kill(self.pid, signal.SIGKILL)

    def _stands_still(self) -> None:
        """Wait until the signal to stop has arrived."""
        while Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] not in "TtZX":
            time.sleep(0.0001)

    async def stop(self) -> int:
        """Ask the bot to stop, as a deploy does; give its exit code."""
        os.kill(self.pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(MOST_TO_STOP):
                return await self.zygote.code(self.pid)
        except TimeoutError:
            raise AssertionError("the bot did not stop within ten seconds") from None

    def set_clock(self, moment: datetime) -> None:
        """Move the simulator's clock and the bot's."""
        self.sim.clock.set(moment)
        temporary = self.folder / "offset.new"
        temporary.write_text(str(self.sim.clock.offset.total_seconds()))
        temporary.replace(self.folder / "offset")

    @asynccontextmanager
    async def hurried(self, times: float = 10.0) -> AsyncIterator[None]:
        """Let time pass so many times as fast within the block: nobody waits for a pause after a crash."""
        async with asyncio.TaskGroup() as group:
            hurrying = group.create_task(self._hurry(times))
            try:
                yield
            finally:
                hurrying.cancel()

    @asynccontextmanager
    async def brought_back(self) -> AsyncIterator[None]:
        """Start the bot again whenever it has died by itself within the block; kill it at the end."""
        async with asyncio.TaskGroup() as group:
            over = asyncio.Event()
            watching = group.create_task(self._bring_back(over))
            try:
                yield
            finally:
                over.set()
                await self.dies()
                await asyncio.wait([watching])  # it may just be starting another one
                await self.dies()

    async def _bring_back(self, over: asyncio.Event) -> None:
        while True:
            await ended(self.pid)
            if over.is_set():
                return
            self._note_death()
            await self.start()
            if over.is_set():
                return  # nobody has told this one to end

    async def dies(self) -> None:
        """Kill the bot if it lives, and do not start it again."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        await ended(self.pid)

    def _note_death(self) -> None:
        self.kills += 1
        self.in_hand += any(self.journal.read())
        for epoch, letters in OnTheWire(self.folder / "data").begun().items():
            self.doubtful |= {(epoch, letter) for letter in letters}

    async def _hurry(self, times: float) -> None:
        loop = asyncio.get_running_loop()
        before = loop.time()
        while True:
            await asyncio.sleep(0.02)
            passed, before = loop.time() - before, loop.time()
            self.set_clock(self.sim.clock.now() + timedelta(seconds=passed * (times - 1)))


@asynccontextmanager
async def zygote(
    folder: Path, url: str = "", api_base: str = "", env: Mapping[str, str] | None = None
) -> AsyncIterator[Zygote]:
    """Start the process that forks bots, with ``env`` added to its environment."""
    folder.mkdir(exist_ok=True)
    (folder / "exits").touch()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.process",
        str(folder),
        url,
        api_base,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
    )
    try:
        yield Zygote(process, folder)
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def victim(
    sim: Simulator, url: str, folder: Path, start: datetime, env: Mapping[str, str] | None = None
) -> AsyncIterator[Victim]:
    """Start a bot to be killed, with ``env`` added to its environment; stop it at the end."""
    async with zygote(folder, url, sim.base_url, env) as made:
        (folder / "offset").write_text("0")
        found = Victim(made, folder, sim)
        found.set_clock(start)
        await found.start()
        try:
            yield found
        except BaseException:
            await found.dies()
            raise
        await found.stop()
