"""The courier: claims a letter, sends it with no transaction open, and records what became of it.

A crash between send and record costs at most that one letter twice; none is ever lost. Of several
processes one is the courier at a time: the holder of the lease.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeVar

import structlog

from models import Session
from models.database import Database
from models.leases import Fenced, HeldLease
from models.trouble import trouble_of
from scheduler import ledger
from scheduler.ledger import COURIER, Call, Word
from scheduler.outcomes import Later, Outcome

log = structlog.get_logger()

T = TypeVar("T")

AT_ONCE = 30  # sends side by side
FLOOD = "429"
OUT_OF_REACH = "out of reach"  # no connection could be made
NAP = 1.0  # seconds after which the table is looked at even without a bell
WATCH = 1.0  # seconds between looks at the lease, and between tries to get it
LONGEST_SILENCE = 30.0  # seconds between tries while there is no way to Telegram


class Clock(Protocol):
    """Where now comes from."""

    def now(self) -> datetime:
        """Give the present moment in UTC."""


class Wire(Protocol):
    """What sends a call."""

    async def send(self, call: Call) -> Outcome:
        """Send a call and say what became of it."""


class Timing(Protocol):
    """The pace of sending; moments are seconds of the loop's clock."""

    def wait(self, chat_id: int, now: float) -> float:
        """Give the seconds until a message to this chat may go."""

    def sent(self, chat_id: int) -> None:
        """Note that a message is on its way."""

    def answered(self, chat_id: int, now: float, round_trip: float) -> None:
        """Note the answer to a message."""

    def released(self, chat_id: int) -> None:
        """Note that nothing was sent after all."""

    def refused(self, chat_id: int, now: float, seconds: float) -> None:
        """Note a 429."""


class Courier:
    """Delivers the letters of a database: answers first, one at a time in each chat."""

    def __init__(self, database: Database, wire: Wire, pace: Timing, clock: Clock, word: Word) -> None:
        self.database = database
        self.wire = wire
        self.pace = pace
        self.clock = clock
        self.word = word
        self.lease = HeldLease(database, COURIER)
        self._busy: set[int] = set()
        self._stop = asyncio.Event()
        self._silence, self._silent_until = 0.0, 0.0
        self._bell = database.bell.listener()

    async def run(self) -> None:
        """Deliver until stopped; what is on its way then is finished, so nothing is said twice."""
        try:
            while not self._stop.is_set():
                if await enduring("lease", self.begin):
                    await self._serve()
                else:
                    await rung(self._stop, WATCH)
        finally:
            await self.lease.release()

    async def begin(self) -> bool:
        """Become the courier, and give back what former ones had claimed; False while there is another."""
        if not await self.lease.take():
            return False
        epoch, now = self._epoch, self.clock.now()
        await self.database.write(lambda session: ledger.recover(session, epoch=epoch, now=now))
        log.info("delivering", epoch=epoch)
        return True

    @property
    def _epoch(self) -> int:
        """Give the epoch of the lease; 0, which nobody ever had, where it is not held."""
        return self.lease.epoch or 0

    async def _serve(self) -> None:
        """Deliver while the lease is held."""
        async with asyncio.TaskGroup() as sends:
            watch = sends.create_task(self._keep_the_lease())
            while not self._stop.is_set() and self.lease.epoch is not None:
                self._bell.clear()
                await rung(self._bell, await enduring("courier", lambda: self._start(sends)) or NAP)
            watch.cancel()

    async def _keep_the_lease(self) -> None:
        while await self.lease.alive():  # noqa: ASYNC110 - the server is asked, nobody tells
            await asyncio.sleep(WATCH)
        log.warning("another process may deliver now")
        self._bell.set()

    def stop(self) -> None:
        """Begin nothing new; ``run`` ends when the last send is recorded."""
        self._stop.set()
        self._bell.set()

    async def _start(self, sends: asyncio.TaskGroup) -> float:
        """Start every send that may go now; give the seconds until another one may."""
        if (silent := self._silent_until - moment()) > 0:
            return min(silent, NAP)
        pause = NAP
        for letter_id, chat_id in await self._heads():
            if len(self._busy) >= AT_ONCE or self._stop.is_set():
                break
            wait = self.pace.wait(chat_id, moment())
            if wait > 0:
                pause = min(pause, wait)
                continue
            self._busy.add(chat_id)
            self.pace.sent(chat_id)
            sends.create_task(self._deliver(letter_id, chat_id, self._epoch))
        return pause

    async def _heads(self) -> list[tuple[int, int]]:
        async with self.database.reading() as session:
            return await ledger.heads(session, busy=self._busy, now=self.clock.now())

    async def _deliver(self, letter_id: int, chat_id: int, epoch: int) -> None:
        """Deliver one letter; whatever goes wrong stays with this letter and this chat."""
        try:
            if not await enduring("deliver", lambda: self._send(letter_id, chat_id, epoch)):
                await rung(asyncio.Event(), NAP)  # a database in trouble is not asked without a pause
        finally:
            self.pace.released(chat_id)
            self._busy.discard(chat_id)
            self._bell.set()

    async def _send(self, letter_id: int, chat_id: int, epoch: int) -> bool:
        call = await self._claim(letter_id, epoch)
        if call is None:
            return True
        started = moment()
        try:
            outcome = await self.wire.send(call)
        except Exception as error:  # noqa: BLE001 - nobody knows how far it came
            log.error("a send failed", letter=letter_id, error=type(error).__name__)
            outcome = Later(0.0, type(error).__name__, unknown=True)
        self._pace(chat_id, outcome, started)
        while not await enduring("record", lambda: self._record(letter_id, outcome, epoch)):
            await rung(asyncio.Event(), NAP)  # what was sent must be written down, however long it takes
        return True

    def _pace(self, chat_id: int, outcome: Outcome, started: float) -> None:
        now = moment()
        self.pace.answered(chat_id, now, now - started)
        why = outcome.why if isinstance(outcome, Later) else None
        if isinstance(outcome, Later) and why == FLOOD:
            self.pace.refused(chat_id, now, outcome.seconds)
        if why != OUT_OF_REACH:
            self._silence = 0.0
        elif now >= self._silent_until:
            self._silence = min(max(1.0, 2 * self._silence), LONGEST_SILENCE)
            self._silent_until = now + self._silence
            log.warning("no way to Telegram", pause=self._silence)

    async def _claim(self, letter_id: int, epoch: int) -> Call | None:
        """Word a letter and mark it as on its way, in one commit; None where it is not to go now."""
        now = self.clock.now()
        try:
            return await self.database.write(
                lambda session: ledger.claim(session, letter_id, epoch=epoch, word=self.word, now=now)
            )
        except Fenced:
            return None
        except Exception as error:
            if trouble_of(error) is not None:
                raise  # the letter is not at fault
            log.error("a letter could not be worded", letter=letter_id, error=type(error).__name__)
            why = type(error).__name__
            await self.database.write(
                lambda session: ledger.put_off(session, letter_id, epoch=epoch, why=why, now=now)
            )
            return None

    async def _record(self, letter_id: int, outcome: Outcome, epoch: int) -> bool:
        """Write down what became of a letter, in one commit."""
        now = self.clock.now()
        if not await self.database.write(
            lambda session: ledger.record(session, letter_id, outcome, epoch=epoch, now=now)
        ):
            log.warning("a letter was another courier's by then", letter=letter_id)
        return True

    async def pending(self, session: Session, now: datetime) -> int:
        """Count the letters that are due or on their way."""
        return await ledger.pending(session, now)

    async def next_moment(self, session: Session) -> datetime | None:
        """Give the earliest moment at which a waiting letter may go."""
        return await ledger.next_moment(session)


def moment() -> float:
    """Give the seconds of the loop's clock."""
    return asyncio.get_running_loop().time()


async def enduring(name: str, step: Callable[[], Awaitable[T]]) -> T | None:
    """Take a step of a loop that must outlive any trouble of the database; None where it failed."""
    try:
        return await step()
    except Exception as error:  # noqa: BLE001 - the next round tries again
        log.error("a step failed", loop=name, error=type(error).__name__, trouble=trouble_of(error))
        return None


async def rung(bell: asyncio.Event, seconds: float) -> None:
    """Wait for a bell, ``seconds`` at most."""
    try:
        async with asyncio.timeout(seconds):
            await bell.wait()
    except TimeoutError:
        return
