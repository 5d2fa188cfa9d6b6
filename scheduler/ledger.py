"""The ledger of letters: which may go, which are on their way, and what became of each.

A letter is claimed in one commit, sent with no transaction open, and recorded in another. Only the
courier that holds the lease claims, and only the one that claimed records.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import aliased

from models import Session
from models.assignments import Assignment
from models.leases import passes
from models.letters import Letter, LetterItem, LetterKind, LetterMessage, LetterState
from models.organisations import Organisation
from models.people import Person, Role, Seat, Tenure
from models.trouble import trouble_of
from plans.ladder import speaking_time
from scheduler.outcomes import Delivered, Dropped, Later, Moved, Outcome, Rewrite
from services import reaching, rules

log = structlog.get_logger()

Call = dict[str, Any]
Word = Callable[[Session, Letter, datetime], Awaitable[Call | None]]

COURIER = "courier"  # the name of the lease
MOST_COPIES = 3  # of a letter of which nobody knows whether it arrived
BACKOFF = (2, 10, 60, 300)  # seconds: whatever is still valid goes five minutes after a trouble at most
MOST_TRIES = 300  # refusals of the server's, over more than a day
CANDIDATES = 500
FRESH = (
    LetterKind.REMINDER,
    LetterKind.REVIEW,
    LetterKind.DRAFT,
    LetterKind.DEMAND,
)  # worded anew at each try: things change
DEMANDING = (LetterKind.REMINDER, LetterKind.DEMAND)
HELD_UP = timedelta(minutes=30)  # after its moment a reminder asks what time it is
PLAIN = "plain"  # the fact that a letter had to be said by another call


def seconds_after(tries: int) -> int:
    """Give the pause after so many tries, in seconds."""
    return BACKOFF[min(max(tries, 1), len(BACKOFF)) - 1]


async def recover(
    session: Session, *, epoch: int, begun: Mapping[int, Collection[int]], now: datetime
) -> None:
    """Give back what former couriers had claimed, to the back of the queue; each may have arrived.

    ``begun`` maps the epochs of those of whom it is known to the letters whose sending had begun: the
    others they had claimed have surely not arrived, and keep their places.
    """
    theirs = (Letter.state == LetterState.CLAIMED, Letter.epoch < epoch)
    for former, letter_ids in begun.items():
        await session.execute(
            update(Letter)
            .where(*theirs, Letter.epoch == former, Letter.id.not_in(letter_ids))
            .values(state=LetterState.WAITING, tries=Letter.tries - 1)
        )
    given_up = await session.scalars(
        update(Letter)
        .where(*theirs, Letter.unsure + 1 >= MOST_COPIES)
        .values(state=LetterState.DROPPED, trouble="ambiguous", unsure=Letter.unsure + 1)
        .returning(Letter.id)
    )
    for letter_id in given_up:
        log.error("a letter may not have arrived", letter=letter_id, why="crashed")
    for unsure in range(MOST_COPIES - 1):
        await session.execute(
            update(Letter)
            .where(*theirs, Letter.unsure == unsure)
            .values(
                state=LetterState.WAITING,
                trouble="crashed",
                unsure=unsure + 1,
                not_before=now + timedelta(seconds=seconds_after(unsure + 1)),
            )
        )


async def heads(session: Session, *, busy: Collection[int], now: datetime) -> list[tuple[int, int]]:
    """List (letter, chat) of the next due letter of each free chat: answers first, the doubtful last."""
    found: dict[int, int] = {}
    while True:
        rows = (
            await session.execute(
                select(Letter.id, Letter.chat_id)
                .where(
                    Letter.state == LetterState.WAITING,
                    Letter.not_before <= now,
                    Letter.chat_id.not_in((*busy, *found)),
                    whole(now),
                )
                .order_by(Letter.priority, Letter.unsure, Letter.id)
                .limit(CANDIDATES)
            )
        ).all()
        for letter_id, chat_id in rows:
            found.setdefault(chat_id, letter_id)
        if len(rows) < CANDIDATES or len(found) >= CANDIDATES // 5:
            return [(letter_id, chat_id) for chat_id, letter_id in found.items()]


def whole(now: datetime) -> ColumnElement[bool]:
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


async def claim(
    session: Session, letter_ids: Sequence[int], *, epoch: int, word: Word, now: datetime
) -> dict[int, Call]:
    """Word letters and mark them as on their way; give the calls of those that go now. Raises Fenced."""
    await passes(session, COURIER, epoch)
    calls: dict[int, Call] = {}
    for letter_id in letter_ids:
        call = await _claim_one(session, letter_id, epoch, word, now)
        if call is not None:
            calls[letter_id] = call
    return calls


async def _claim_one(session: Session, letter_id: int, epoch: int, word: Word, now: datetime) -> Call | None:
    """Claim a letter; one that cannot be worded is put off and stops no other."""
    try:
        async with session.begin_nested():
            return await _worded(session, letter_id, epoch, word, now)
    except Exception as error:
        if trouble_of(error) is not None:
            raise  # the letter is not at fault
        log.error("a letter could not be worded", letter=letter_id, error=type(error).__name__)
        letter = await session.get_one(Letter, letter_id, populate_existing=True)
        letter.tries += 1
        _later(letter, 0.0, type(error).__name__, now)
        return None


async def _worded(session: Session, letter_id: int, epoch: int, word: Word, now: datetime) -> Call | None:
    letter = await session.scalar(
        select(Letter)
        .where(
            Letter.id == letter_id,
            Letter.state == LetterState.WAITING,
            Letter.not_before <= now,
            whole(now),
        )
        .with_for_update()
    )
    if letter is None or await _superseded(session, letter, now) or await _at_night(session, letter, now):
        return None
    if letter.payload is None:
        letter.payload = await word(session, letter, now)
    if letter.payload is None:
        letter.state = LetterState.CANCELLED
        return None
    letter.state = LetterState.CLAIMED
    letter.epoch = epoch
    letter.tries += 1
    letter.claimed_at = now
    return letter.payload


async def _at_night(session: Session, letter: Letter, now: datetime) -> bool:
    """Let a reminder or a demand that was held up wait for the hours in which people are spoken to."""
    at = letter.facts.get("at")
    if letter.kind not in DEMANDING or at is None:
        return False
    if now - datetime.fromisoformat(at) < HELD_UP:
        return False
    zone = await session.scalar(
        select(func.min(Organisation.time_zone))
        .join(Assignment, Assignment.organisation_id == Organisation.id)
        .join(LetterItem, LetterItem.assignment_id == Assignment.id)
        .where(LetterItem.letter_id == letter.id)
    ) or await session.scalar(
        select(func.min(Organisation.time_zone)).where(
            Organisation.id.in_(letter.facts.get("organisation_ids", ()))
        )
    )
    if zone is None:
        return False
    letter.not_before = max(letter.not_before, speaking_time(now, zone, await rules.calendar(session)))
    return letter.not_before > now


async def _superseded(session: Session, letter: Letter, now: datetime) -> bool:
    """Cancel a reminder that was held up until the next one: what it spoke of goes into that one."""
    if letter.kind is not LetterKind.REMINDER:
        return False
    later = aliased(Letter)
    next_one = await session.scalar(
        select(later.id)
        .where(
            later.kind == LetterKind.REMINDER,
            later.person_id == letter.person_id,
            later.state == LetterState.WAITING,
            later.not_before <= now,
            later.id > letter.id,
        )
        .order_by(later.id.desc())
        .limit(1)
    )
    if next_one is None:
        return False
    await session.execute(
        update(LetterItem).where(LetterItem.letter_id == letter.id).values(letter_id=next_one)
    )
    letter.state = LetterState.CANCELLED
    letter.trouble = "superseded"
    return True


async def record(session: Session, outcomes: Mapping[int, tuple[Outcome, int]], *, now: datetime) -> None:
    """Write down what became of letters, each claimed in an epoch; one that is not ours any more stays."""
    for letter_id, (outcome, epoch) in outcomes.items():
        try:
            async with session.begin_nested():
                await _record_one(session, letter_id, outcome, epoch, now)
        except Exception as error:
            if trouble_of(error) is not None:
                raise
            why = type(error).__name__
            log.error("an outcome could not be written down", letter=letter_id, error=why)
            letter = await session.get_one(Letter, letter_id, populate_existing=True)
            _try_again(letter, Later(0.0, why, unknown=True), now)


async def _record_one(session: Session, letter_id: int, outcome: Outcome, epoch: int, now: datetime) -> None:
    letter = await session.get_one(Letter, letter_id, with_for_update=True)
    if letter.state is not LetterState.CLAIMED or letter.epoch != epoch:
        log.warning("a letter was another courier's by then", letter=letter_id)
        return
    match outcome:
        case Delivered(message_ids):
            await _delivered(session, letter, message_ids, now)
        case Later():
            _try_again(letter, outcome, now)
        case Rewrite(call, why):
            letter.payload = call
            letter.facts = letter.facts | {PLAIN: True}
            _later(letter, 0.0, why, now)
            letter.not_before = now
        case Dropped(why, unreachable):
            await _drop(session, letter, why, now, unreachable=unreachable)
        case Moved(chat_id):
            await _move(session, letter, chat_id, now)


async def pending(session: Session, now: datetime) -> int:
    """Count the letters that are due or on their way."""
    due = (Letter.state == LetterState.WAITING) & (Letter.not_before <= now) & whole(now)
    found = await session.scalar(
        select(func.count(Letter.id)).where(due | (Letter.state == LetterState.CLAIMED))
    )
    return found or 0


async def next_moment(session: Session) -> datetime | None:
    """Give the earliest moment at which a waiting letter may go."""
    return await session.scalar(
        select(func.min(Letter.not_before)).where(Letter.state == LetterState.WAITING)
    )


async def _delivered(session: Session, letter: Letter, message_ids: tuple[int, ...], now: datetime) -> None:
    """Mark a letter as delivered; an edited message stays with the letter it was first."""
    letter.state = LetterState.DELIVERED
    letter.delivered_at = now
    letter.trouble = None
    await reaching.reached(session, letter, now=now)
    if letter.facts.get("forget"):
        letter.payload = None  # it held what only its reader may know
    for message_id in message_ids:
        if await session.get(LetterMessage, (letter.chat_id, message_id)) is None:
            session.add(LetterMessage(chat_id=letter.chat_id, message_id=message_id, letter_id=letter.id))


def _try_again(letter: Letter, outcome: Later, now: datetime) -> None:
    """Let a letter wait; one that surely has not arrived is worded anew, for things change meanwhile."""
    if letter.kind in FRESH and not outcome.unknown and not letter.facts.get(PLAIN):
        letter.payload = None
    if not outcome.counted:
        letter.tries -= 1  # nothing of it was ever taken: it keeps its place in the queue
        letter.state = LetterState.WAITING
        letter.not_before = now + timedelta(seconds=outcome.seconds)
        return
    if outcome.unknown:
        letter.unsure += 1
    if letter.unsure >= MOST_COPIES:
        log.error("a letter may not have arrived", letter=letter.id, why=outcome.why)
        letter.state = LetterState.DROPPED
        letter.trouble = "ambiguous"
        return
    _later(letter, outcome.seconds, outcome.why, now)


def _later(letter: Letter, seconds: float, why: str, now: datetime) -> None:
    if letter.tries >= MOST_TRIES:
        log.error("a letter was given up", letter=letter.id, why=why)
        letter.state = LetterState.DROPPED
    else:
        letter.state = LetterState.WAITING
        letter.not_before = now + timedelta(seconds=max(seconds, seconds_after(letter.tries)))
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
    """Let everything for a group that became a supergroup go to its new id, in this transaction."""
    old = letter.chat_id
    letter.state = LetterState.WAITING
    letter.not_before = now
    await session.flush()
    waiting = await session.scalars(
        select(Letter).where(Letter.chat_id == old, Letter.state == LetterState.WAITING).with_for_update()
    )
    await session.execute(update(Person).where(Person.chat_id == old).values(chat_id=chat_id))
    for one in waiting:
        one.chat_id = chat_id
        if one.payload is not None:
            one.payload = one.payload | {"chat_id": chat_id}
