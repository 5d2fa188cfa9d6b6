"""Killing and restarting the real bot, and what was in hand each time."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from simulator import Simulator
from tests.faults.process import Journal

ROOT = Path(__file__).parents[2]
PATIENCE = 1.0  # seconds to wait for something to be in hand


@dataclass
class Victim:
    """A bot that is killed and started again."""

    zygote: asyncio.subprocess.Process
    folder: Path
    sim: Simulator
    pid: int = 0
    kills: int = 0
    in_hand: int = 0
    steps: int = 0
    seed: random.Random = field(default_factory=lambda: random.Random(20261124))

    def __post_init__(self) -> None:
        self.journal = Journal(self.folder / "journal")

    async def start(self) -> None:
        """Fork a fresh bot."""
        assert self.zygote.stdin is not None
        assert self.zygote.stdout is not None
        self.zygote.stdin.write(b"start\n")
        await self.zygote.stdin.drain()
        self.pid = int(await self.zygote.stdout.readline())

    async def kill(self) -> None:
        """Kill -9 at a random moment, rather while something is in hand, and start again."""
        await asyncio.sleep(self.seed.uniform(0.0, 0.25))
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._strike, loop.time() + PATIENCE)
        self.kills += 1
        self.in_hand += any(self.journal.read())
        await self.start()

    def _strike(self, until: float) -> None:
        import time

        while not any(self.journal.read()) and time.monotonic() < until:
            time.sleep(0.0005)
        os.kill(self.pid, signal.SIGKILL)

    async def stop(self) -> None:
        """Ask the bot to stop, as a deploy does."""
        os.kill(self.pid, signal.SIGTERM)
        for _ in range(200):
            try:
                os.kill(self.pid, 0)
            except ProcessLookupError:
                return
            await asyncio.sleep(0.05)
        raise AssertionError("the bot did not stop within ten seconds")

    def set_clock(self, moment: datetime) -> None:
        """Move the simulator's clock and the bot's."""
        self.sim.clock.set(moment)
        temporary = self.folder / "offset.new"
        temporary.write_text(str(self.sim.clock.offset.total_seconds()))
        temporary.replace(self.folder / "offset")


@asynccontextmanager
async def victim(
    sim: Simulator, url: str, folder: Path, start: datetime, env: Mapping[str, str] | None = None
) -> AsyncIterator[Victim]:
    """Start a bot to be killed, with ``env`` added to its environment; stop it at the end."""
    folder.mkdir(exist_ok=True)
    (folder / "offset").write_text("0")
    zygote = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.process",
        str(folder),
        url,
        sim.base_url,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
    )
    found = Victim(zygote, folder, sim)
    found.set_clock(start)
    try:
        await found.start()
        yield found
        await found.stop()
    finally:
        zygote.kill()
        await zygote.wait()
