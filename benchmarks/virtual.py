"""A loop that skips the time in which nothing happens, so that a wave of minutes takes seconds.

On a simulated clock our own work costs no time. Where it is to count, the time is the machine's and what
was skipped: then only waiting is free. aiosqlite works in threads that no loop sees, so nothing is
skipped while a session is open.
"""

import asyncio
import math
import selectors
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from models import Session
from models.database import Database

T = TypeVar("T")

MILLISECOND = 1000  # of a second: epoll wakes at whole ones, so a skipped wait ends at one too
START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)


class Impatient(selectors.DefaultSelector):
    """Sleeps only while somebody is at work elsewhere; otherwise it skips what it would have slept."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0
        self.at_work = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Give what is ready; where nothing is and nobody works, ``timeout`` has passed at once."""
        if timeout is None or timeout <= 0 or self.at_work:
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            self.skipped += math.ceil(timeout * MILLISECOND) / MILLISECOND
        return ready

    @contextmanager
    def working(self) -> Iterator[None]:
        """Say that somebody works until the block ends."""
        self.at_work += 1
        try:
            yield
        finally:
            self.at_work -= 1


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose ``time()`` jumps from timer to timer."""

    def __init__(self, *, work_counts: bool) -> None:
        self.impatient = Impatient()
        self.work_counts = work_counts
        super().__init__(self.impatient)

    def time(self) -> float:
        """Give what was skipped, and the real monotonic time where work counts, in seconds."""
        return self.impatient.skipped + (super().time() if self.work_counts else 0.0)


class WatchedDatabase(Database):
    """A database during whose sessions a virtual loop waits really."""

    def __init__(self, url: str, watch: Impatient) -> None:
        super().__init__(url)
        self._watch = watch

    @asynccontextmanager
    async def writing(self, *args: Any, **kwargs: Any) -> AsyncIterator[Session]:
        """Give a writing session; nothing is skipped until it is closed."""
        with self._watch.working():
            async with super().writing(*args, **kwargs) as session:
                yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Session]:
        """Give a reading session; nothing is skipped until it is closed."""
        with self._watch.working():
            async with super().reading() as session:
                yield session


class LoopClock:
    """The wall clock of a loop's time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._began = loop.time()

    def now(self) -> datetime:
        """Give the present moment, aware, in UTC."""
        return START + timedelta(seconds=self._loop.time() - self._began)


def run_virtually(main: Coroutine[Any, Any, T], *, work_counts: bool = False) -> T:
    """Run a coroutine on a virtual loop of its own."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(work_counts=work_counts)) as runner:
        return runner.run(main)


def impatient() -> Impatient:
    """Give the selector of the running virtual loop."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop.impatient
