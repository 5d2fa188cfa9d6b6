"""The courier: claims a letter, sends it with no transaction open, and records what became of it.

A crash between send and record costs at most that one letter twice; none is ever lost.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import structlog
from sqlalchemy import ColumnElement, func, or_, select, update

from models import Session
from models.assignments import Assignment
from models.database import Database
from models.letters import Letter, LetterKind, LetterMessage, LetterState
from models.people import Person, Role, Seat, Tenure
from scheduler.outcomes import Delivered, Dropped, Later, Moved, Outcome, Rewrite

log = structlog.get_logger()

T = TypeVar("T")
Call = dict[str, Any]
Word = Callable[[Session, Letter, datetime], Awaitable[Call | None]]

AT_ONCE = 30  # sends side by side
MOST_COPIES = 3  # of a letter whose answers are lost on the way, which may all have been delivered
MOST_CRASHES = 6  # of a letter that was on its way each time the process died: few of those arrived
BACKOFF = (2, 10, 60, 300, 1800, 3600)  # seconds
MOST_TRIES = 12
FLOOD = "429"
NAP = 1.0  # seconds after which the table is looked at even without a bell
CANDIDATES = 200


class Clock(Protocol):
    """Where now comes from."""

    def now(self) -> datetime:
        """Give the present moment in UTC."""


class Wire(Protocol):
    """What sends a call."""

    async def send(self, call: Call) -> Outcome:
        """Send a call and say what became of it."""


class Timing(Protocol):
    """The pace of sending; moments are seconds of a monotonic clock."""

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
        self._busy: set[int] = set()
        self._stopping = False
        self._bell = database.bell.listener()

    async def recover(self) -> None:
        """Give back what a former process had claimed, to the back of the queue; runs before any task."""
        now = self.clock.now()
        async with self.database.writing() as session:
            await session.execute(
                update(Letter)
                .where(Letter.state == LetterState.CLAIMED, Letter.tries >= MOST_CRASHES)
                .values(state=LetterState.DROPPED, trouble="ambiguous")
            )
            await session.execute(
                update(Letter)
                .where(Letter.state == LetterState.CLAIMED)
                .values(
                    state=LetterState.WAITING,
                    not_before=now + timedelta(seconds=BACKOFF[0]),
                    trouble="crashed",
                )
            )

    async def run(self) -> None:
        """Deliver until stopped; what is on its way then is finished, so nothing is said twice."""
        async with asyncio.TaskGroup() as sends:
            while not self._stopping:
                self._bell.clear()
                await rung(self._bell, await enduring("courier", lambda: self._start(sends)) or NAP)

    def stop(self) -> None:
        """Begin nothing new; ``run`` ends when the last send is recorded."""
        self._stopping = True
        self._bell.set()

    async def _start(self, sends: asyncio.TaskGroup) -> float:
        """Start every send that may go now; give the seconds until another one may."""
        pause = NAP
        for letter_id, chat_id in await self._heads():
            if len(self._busy) >= AT_ONCE:
                break
            wait = self.pace.wait(chat_id, time.monotonic())
            if wait > 0:
                pause = min(pause, wait)
                continue
            self._busy.add(chat_id)
            self.pace.sent(chat_id)
            sends.create_task(self._deliver(letter_id, chat_id))
        return pause

    async def _heads(self) -> list[tuple[int, int]]:
        """List the next due letter of each free chat, answers first."""
        rank = func.row_number().over(partition_by=Letter.chat_id, order_by=(Letter.priority, Letter.id))
        due = (
            select(Letter.id, Letter.chat_id, Letter.priority, rank.label("rank"))
            .where(
                Letter.state == LetterState.WAITING,
                Letter.not_before <= self.clock.now(),
                Letter.chat_id.not_in(self._busy),
                _whole(self.clock.now()),
            )
            .subquery()
        )
        async with self.database.reading() as session:
            rows = await session.execute(
                select(due.c.id, due.c.chat_id)
                .where(due.c.rank == 1)
                .order_by(due.c.priority, due.c.id)
                .limit(CANDIDATES)
            )
            return [(letter_id, chat_id) for letter_id, chat_id in rows]

    async def _deliver(self, letter_id: int, chat_id: int) -> None:
        """Deliver one letter; whatever goes wrong stays with this letter and this chat."""
        try:
            if not await enduring("deliver", lambda: self._send(letter_id, chat_id)):
                await rung(asyncio.Event(), NAP)  # a database in trouble is not asked without a pause
        finally:
            self.pace.released(chat_id)
            self._busy.discard(chat_id)
            self._bell.set()

    async def _send(self, letter_id: int, chat_id: int) -> bool:
        call = await self._claim(letter_id)
        if call is None:
            return True
        started = time.monotonic()
        try:
            outcome = await self.wire.send(call)
        except Exception as error:  # noqa: BLE001 - nobody knows how far it came
            log.error("a send failed", letter=letter_id, error=type(error).__name__)
            outcome = Later(0.0, type(error).__name__, unknown=True)
        self._pace(chat_id, outcome, started)
        while not await enduring("record", lambda: self._record(letter_id, outcome)):
            await rung(asyncio.Event(), NAP)  # what was sent must be written down, however long it takes
        return True

    def _pace(self, chat_id: int, outcome: Outcome, started: float) -> None:
        now = time.monotonic()
        self.pace.answered(chat_id, now, now - started)
        if isinstance(outcome, Later) and outcome.why == FLOOD:
            self.pace.refused(chat_id, now, outcome.seconds)

    async def _claim(self, letter_id: int) -> Call | None:
        """Word a letter and mark it as on its way, in one commit; None where it is not to go now."""
        now = self.clock.now()
        try:
            async with self.database.writing() as session:
                letter = await session.get_one(Letter, letter_id, with_for_update=True)
                if letter.state is not LetterState.WAITING or letter.not_before > now:
                    return None
                whole = select(Letter.id).where(Letter.id == letter_id, _whole(now))
                if await session.scalar(whole) is None:
                    return None
                if letter.payload is None:
                    letter.payload = await self.word(session, letter, now)
                if letter.payload is None:
                    letter.state = LetterState.CANCELLED
                    return None
                letter.state = LetterState.CLAIMED
                letter.tries += 1
                letter.claimed_at = now
                return letter.payload
        except Exception as error:  # noqa: BLE001 - one letter that cannot be worded stops no other
            log.error("a letter could not be worded", letter=letter_id, error=type(error).__name__)
            await self._put_off(letter_id, type(error).__name__)
            return None

    async def _put_off(self, letter_id: int, why: str) -> None:
        async with self.database.writing() as session:
            letter = await session.get_one(Letter, letter_id)
            letter.tries += 1
            _later(letter, 0.0, why, self.clock.now())

    async def _record(self, letter_id: int, outcome: Outcome) -> bool:
        """Write down what became of a letter, in one commit."""
        now = self.clock.now()
        async with self.database.writing() as session:
            letter = await session.get_one(Letter, letter_id)
            match outcome:
                case Delivered(message_ids):
                    await _delivered(session, letter, message_ids, now)
                case Later(seconds, why, unknown):
                    _try_again(letter, seconds, why, now, unknown=unknown)
                case Rewrite(call, why):
                    letter.payload = call
                    _later(letter, 0.0, why, now)
                    letter.not_before = now
                case Dropped(why, unreachable):
                    await _drop(session, letter, why, now, unreachable=unreachable)
                case Moved(chat_id):
                    await _move(session, letter, chat_id, now)
        return True

    async def pending(self, session: Session, now: datetime) -> int:
        """Count the letters that are due or on their way."""
        due = (Letter.state == LetterState.WAITING) & (Letter.not_before <= now) & _whole(now)
        found = await session.scalar(
            select(func.count(Letter.id)).where(due | (Letter.state == LetterState.CLAIMED))
        )
        return found or 0

    async def next_moment(self, session: Session) -> datetime | None:
        """Give the earliest moment at which a waiting letter may go."""
        return await session.scalar(
            select(func.min(Letter.not_before)).where(Letter.state == LetterState.WAITING)
        )


def _whole(now: datetime) -> ColumnElement[bool]:
    """Say in SQL: no reminder goes while the planner may still put something into it.

    A day's bundle waits for nine o'clock, when the steps of that very day are due as well.
    """
    owed = (
        select(Assignment.id)
        .join(Seat, Seat.organisation_id == Assignment.organisation_id)
        .join(Tenure, Tenure.seat_id == Seat.id)
        .where(
            Tenure.person_id == Letter.person_id,
            Tenure.until.is_(None),
            Seat.role == Role.EXECUTOR,
            Assignment.next_step_at <= now,
        )
    )
    return or_(Letter.kind != LetterKind.REMINDER, ~owed.exists())


async def _delivered(session: Session, letter: Letter, message_ids: tuple[int, ...], now: datetime) -> None:
    """Mark a letter as delivered; an edited message stays with the letter it was first."""
    letter.state = LetterState.DELIVERED
    letter.delivered_at = now
    letter.trouble = None
    if letter.facts.get("forget"):
        letter.payload = None  # it held what only its reader may know
    for message_id in message_ids:
        if await session.get(LetterMessage, (letter.chat_id, message_id)) is None:
            session.add(LetterMessage(chat_id=letter.chat_id, message_id=message_id, letter_id=letter.id))


def _try_again(letter: Letter, seconds: float, why: str, now: datetime, *, unknown: bool) -> None:
    if why == FLOOD:
        letter.tries -= 1  # it was refused before anything could be delivered
        letter.state = LetterState.WAITING
        letter.not_before = now + timedelta(seconds=seconds)
        return
    if unknown and letter.tries >= MOST_COPIES:
        log.error("a letter may not have arrived", letter=letter.id, why=why)
        letter.state = LetterState.DROPPED
        letter.trouble = "ambiguous"
        return
    _later(letter, seconds, why, now)


def _later(letter: Letter, seconds: float, why: str, now: datetime) -> None:
    if letter.tries >= MOST_TRIES:
        log.error("a letter was given up", letter=letter.id, why=why)
        letter.state = LetterState.DROPPED
    else:
        letter.state = LetterState.WAITING
        backoff = BACKOFF[min(letter.tries, len(BACKOFF)) - 1]
        letter.not_before = now + timedelta(seconds=max(seconds, backoff))
    letter.trouble = why[:300]


async def _drop(session: Session, letter: Letter, why: str, now: datetime, *, unreachable: bool) -> None:
    log.error("a letter was dropped", letter=letter.id, kind=letter.kind, unreachable=unreachable)
    letter.state = LetterState.DROPPED
    letter.trouble = why[:300]
    if unreachable:
        await session.execute(
            update(Person)
            .where(Person.chat_id == letter.chat_id, Person.unreachable_since.is_(None))
            .values(unreachable_since=now, unreachable_why=why[:200])
        )


async def _move(session: Session, letter: Letter, chat_id: int, now: datetime) -> None:
    """Let everything for a group that became a supergroup go to its new id."""
    old = letter.chat_id
    letter.state = LetterState.WAITING
    letter.not_before = now
    await session.flush()
    await session.execute(
        update(Letter)
        .where(Letter.chat_id == old, Letter.state == LetterState.WAITING)
        .values(chat_id=chat_id)
    )
    if letter.payload is not None:
        letter.payload = letter.payload | {"chat_id": chat_id}


async def enduring(name: str, step: Callable[[], Awaitable[T]]) -> T | None:
    """Take a step of a loop that must outlive any trouble of the database; None where it failed."""
    try:
        return await step()
    except Exception as error:  # noqa: BLE001 - the next round tries again
        log.error("a step failed", loop=name, error=type(error).__name__)
        return None


async def rung(bell: asyncio.Event, seconds: float) -> None:
    """Wait for a bell, ``seconds`` at most."""
    try:
        async with asyncio.timeout(seconds):
            await bell.wait()
    except TimeoutError:
        return
