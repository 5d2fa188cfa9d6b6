"""The courier: claims a letter, sends it with no transaction open, and records what became of it.

A crash between send and record costs at most that one letter twice; none is ever lost. Of several
processes one is the courier at a time: the holder of the lease.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

import structlog

from models import Session
from models.database import Database
from models.leases import Fenced, HeldLease
from models.trouble import trouble_of
from scheduler import ledger
from scheduler.ledger import COURIER, Call, Word
from scheduler.outcomes import Delivered, Later, Outcome

log = structlog.get_logger()

T = TypeVar("T")

AT_ONCE = 30  # sends side by side
MOST_BUSY = 100  # chats with a send or a record of it in hand
AHEAD = 0.1  # seconds by which a letter is claimed before its moment comes
FLOOD = "429"
OUT_OF_REACH = "out of reach"  # no connection could be made
MOMENT = 0.001  # seconds: the shortest pause between looks
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


class Marks(Protocol):
    """Notes outside the database of the letters whose sending has begun."""

    def begin(self, epoch: int) -> None:
        """Begin to note as the courier of an epoch."""

    def take(self, number: int) -> None:
        """Note that the sending of a letter begins."""

    def put_down(self, number: int) -> None:
        """Note that what became of a letter is written down."""

    def begun(self) -> Mapping[int, Collection[int]]:
        """Map the epochs of dead couriers to the letters whose sending they had begun."""

    def forget(self) -> None:
        """Forget the dead."""

    def close(self) -> None:
        """Leave nothing behind."""


class Unmarked:
    """No notes: of every claimed letter of a dead courier it is unknown whether it arrived."""

    def begin(self, epoch: int) -> None:
        """Note nothing."""

    def take(self, number: int) -> None:
        """Note nothing."""

    def put_down(self, number: int) -> None:
        """Note nothing."""

    def begun(self) -> Mapping[int, Collection[int]]:
        """Know of nobody."""
        return {}

    def forget(self) -> None:
        """Have nothing to forget."""

    def close(self) -> None:
        """Leave nothing behind."""


class Timing(Protocol):
    """The pace of sending; moments are seconds of the loop's clock."""

    def wait(self, chat_id: int, now: float) -> float:
        """Give the seconds until a message to this chat may go."""

    def room(self, now: float) -> float:
        """Give the seconds until a message may go to a chat that has no limit of its own just now."""

    def blocked(self, now: float) -> float:
        """Give the seconds for which the whole bot is refused."""

    def sent(self, chat_id: int, now: float) -> None:
        """Note that a message is on its way, or will be at ``now``."""

    def answered(self, chat_id: int, now: float, round_trip: float) -> None:
        """Note the answer to a message, other than a 429."""

    def released(self, chat_id: int) -> None:
        """Note that nothing was sent after all."""

    def refused(self, chat_id: int, now: float, seconds: float) -> None:
        """Note a 429 in the place of an answer."""


@dataclass(frozen=True)
class Claimed:
    """A letter that is to go at a moment of the loop's clock, claimed in an epoch."""

    letter_id: int
    chat_id: int
    call: Call
    epoch: int
    at: float


class Courier:
    """Delivers the letters of a database: answers first, one at a time in each chat."""

    def __init__(
        self,
        database: Database,
        wire: Wire,
        pace: Timing,
        clock: Clock,
        word: Word,
        marks: Marks | None = None,
    ) -> None:
        self.database = database
        self.wire = wire
        self.pace = pace
        self.clock = clock
        self.word = word
        self.marks = marks or Unmarked()
        self.lease = HeldLease(database, COURIER)
        self._busy: set[int] = set()  # chats that a letter is on its way to
        self._flying: set[int] = set()  # letters that are claimed and not answered yet
        self._outcomes: dict[int, tuple[Outcome, int]] = {}
        self._recording = asyncio.Lock()
        self._stop = asyncio.Event()
        self._silence, self._silent_until = 0.0, 0.0
        self._bell, self._news = database.bell.listener(), database.bell.listener()
        self._queue: dict[int, int] = {}  # letters that may go, in their order, as of the last look
        self._look_again = 0.0

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
            self.marks.close()

    async def begin(self) -> bool:
        """Become the courier, and give back what former ones had claimed; False while there is another."""
        if not await self.lease.take():
            return False
        epoch, now, begun = self._epoch, self.clock.now(), self.marks.begun()
        await self.database.write(lambda session: ledger.recover(session, epoch=epoch, begun=begun, now=now))
        self.marks.forget()
        self.marks.begin(epoch)
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
        await self._look()
        pause = self._look_again - moment()
        chosen: dict[int, tuple[int, float]] = {}
        for letter_id, chat_id in list(self._queue.items()):
            now = moment()
            if not self._may_begin():
                break
            if (room := self.pace.room(now)) > AHEAD:
                pause = min(pause, room - AHEAD)
                break
            wait = self.pace.wait(chat_id, now)
            if wait > AHEAD or chat_id in self._busy:
                pause = min(pause, wait - AHEAD) if wait > AHEAD else pause
                continue
            self._busy.add(chat_id)
            self._flying.add(letter_id)
            self.pace.sent(chat_id, now + wait)
            chosen[letter_id] = chat_id, now + wait
        for letter_id in chosen:
            del self._queue[letter_id]
        if chosen:
            await self._begin(chosen, sends)
        return max(pause, MOMENT)

    def _may_begin(self) -> bool:
        return len(self._flying) < AT_ONCE and len(self._busy) < MOST_BUSY and not self._stop.is_set()

    async def _look(self) -> None:
        """Look which letters may go: when there is news, when there are none left, and now and then."""
        if self._queue and not self._news.is_set() and moment() < self._look_again:
            return
        self._news.clear()
        self._queue = dict(await self._heads())
        self._look_again = moment() + NAP

    async def _begin(self, chosen: Mapping[int, tuple[int, float]], sends: asyncio.TaskGroup) -> None:
        """Claim letters in one commit and let each be sent; those that are not to go leave their places."""
        epoch = self._epoch
        try:
            calls = await self._claim(list(chosen), epoch)
        except Exception:  # the answer to the commit may be what was lost
            for letter_id, (chat_id, _) in chosen.items():
                sends.create_task(self._give_back(letter_id, chat_id, epoch))
            raise
        for letter_id, (chat_id, at) in chosen.items():
            if letter_id in calls:
                claimed = Claimed(letter_id, chat_id, calls[letter_id], epoch, at)
                sends.create_task(self._deliver(claimed))
            else:
                self._not_sent(letter_id, chat_id)

    async def _give_back(self, letter_id: int, chat_id: int, epoch: int) -> None:
        """Let a letter wait again of which nobody knows whether it was claimed; it was surely not sent."""
        await self._record(letter_id, Later(0.0, "perhaps claimed", counted=False), epoch)
        self._not_sent(letter_id, chat_id)

    def _not_sent(self, letter_id: int, chat_id: int) -> None:
        self._flying.discard(letter_id)
        self.pace.released(chat_id)
        self._done_with(chat_id)

    def _done_with(self, chat_id: int) -> None:
        self._busy.discard(chat_id)
        self._bell.set()

    async def _heads(self) -> list[tuple[int, int]]:
        async with self.database.reading() as session:
            return await ledger.heads(session, busy=self._busy, now=self.clock.now())

    async def _claim(self, letter_ids: list[int], epoch: int) -> dict[int, Call]:
        now = self.clock.now()
        try:
            return await self.database.write(
                lambda session: ledger.claim(session, letter_ids, epoch=epoch, word=self.word, now=now),
                quiet=True,
            )
        except Fenced:
            await self.lease.release()
            return {}

    async def _deliver(self, claimed: Claimed) -> None:
        """Deliver a claimed letter; whatever goes wrong stays with this letter and this chat."""
        try:
            await enduring("deliver", lambda: self._carry(claimed))
        finally:
            self._flying.discard(claimed.letter_id)
            self.pace.released(claimed.chat_id)
            self._done_with(claimed.chat_id)

    async def _carry(self, claimed: Claimed) -> None:
        """Send a claimed letter when its moment has come, and write down what became of it."""
        if not await self._its_turn(claimed.at):
            await self._record(claimed.letter_id, Later(0.0, "stopped", counted=False), claimed.epoch)
        elif self.lease.epoch != claimed.epoch:
            log.warning("a letter is another courier's", letter=claimed.letter_id)
        else:
            outcome = await self._send(claimed)
            await self._record(claimed.letter_id, outcome, claimed.epoch)
            self.marks.put_down(claimed.letter_id)

    async def _its_turn(self, at: float) -> bool:
        """Wait for a moment, and while the whole bot is refused; False where the bot is stopped meanwhile."""
        while (rest := max(at - moment(), self.pace.blocked(moment()))) > 0:
            if self._stop.is_set() and rest > AHEAD:
                return False
            await asyncio.sleep(min(rest, NAP))
        return True

    async def _send(self, claimed: Claimed) -> Outcome:
        started = moment()
        self.marks.take(claimed.letter_id)
        try:
            outcome = await self.wire.send(claimed.call)
        except Exception as error:  # noqa: BLE001 - nobody knows how far it came
            log.error("a send failed", letter=claimed.letter_id, error=type(error).__name__)
            outcome = Later(0.0, type(error).__name__, unknown=True)
        self._flying.discard(claimed.letter_id)
        self._pace(claimed.chat_id, outcome, started)
        self._bell.set()
        return outcome

    async def _record(self, letter_id: int, outcome: Outcome, epoch: int) -> None:
        """Write an outcome down, in one commit with all that have come meanwhile; however long it takes."""
        self._outcomes[letter_id] = outcome, epoch
        async with self._recording:
            if letter_id not in self._outcomes:
                return  # another send has written it down with its own
            batch, now = dict(self._outcomes), self.clock.now()
            while not await enduring("record", lambda: self._write_down(batch, now)):
                await rung(asyncio.Event(), NAP)
            for written in batch:
                del self._outcomes[written]

    async def _write_down(self, batch: Mapping[int, tuple[Outcome, int]], now: datetime) -> bool:
        await self.database.write(lambda session: ledger.record(session, batch, now=now), quiet=True)
        if not all(isinstance(outcome, Delivered) for outcome, _ in batch.values()):
            self._news.set()  # some of them may have to go once more
        return True

    def _pace(self, chat_id: int, outcome: Outcome, started: float) -> None:
        now = moment()
        why = outcome.why if isinstance(outcome, Later) else None
        if isinstance(outcome, Later) and why == FLOOD:
            self.pace.refused(chat_id, now, outcome.seconds)
        else:
            self.pace.answered(chat_id, now, now - started)
        if why != OUT_OF_REACH:
            self._silence = 0.0
        elif now >= self._silent_until:
            self._silence = min(max(1.0, 2 * self._silence), LONGEST_SILENCE)
            self._silent_until = now + self._silence
            log.warning("no way to Telegram", pause=self._silence)

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
