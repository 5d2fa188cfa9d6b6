"""Erasure: whoever revokes their consent becomes a number, everywhere and in one transaction.

What the school has sent stays the school's record, without the name. Of the person no name, no account, no
chat, no letter and no draft is left; other people's words lose the name where it can be recognised. The
journal of erasures holds ids and counts, so that a restored copy can be made to forget again. What must still
be said to the chat, the last answer, is forgotten by ``forget_strangers`` when it has been said.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from models import Session
from models.assignments import Evidence, Passage, Report
from models.letters import Demand, Letter, LetterKind, LetterMessage, LetterState, Question
from models.machinery import StoredUpdate, UpdateState, Work
from models.people import Erasure, ErasureReason, Invitation, Person, Role, Tenure
from plans.traces import Words
from services import access, acts, audit, consents, leaving, letters, retention, seats, striking
from services.leaving import LastAdministrator
from services.letters import Priority
from services.retention import UNSENT, Destroyed
from services.striking import Own

STAND_INS = -(10**18)  # below it are the numbers of the erased: Telegram's ids have 52 bits at most
NOBODY = 0  # the chat of what was said to a stranger and is over
OVER = (LetterState.DELIVERED, LetterState.DROPPED, LetterState.CANCELLED)
AFTERWARDS = timedelta(hours=1)  # a stranger may be coming in just now


@dataclass(frozen=True)
class Consequences:
    """What an erasure would do: seats made free as (title, organisation), drafts and pieces destroyed."""

    person_id: int
    seats: tuple[tuple[str, str], ...]
    drafts: int
    pieces: int
    reports: int
    sole_administrator: bool


def stand_in(person_id: int) -> int:
    """Give the number that stands in the place of an erased person's account and chat."""
    return STAND_INS - person_id


def is_stand_in(chat_id: int) -> bool:
    """Tell whether a chat is nobody's any more: nothing can be said to it."""
    return chat_id <= STAND_INS


async def consequences(session: Session, person: Person) -> Consequences:
    """Say what an erasure would do."""
    held = await consents.holdings(session, person)
    pieces = await session.scalar(
        select(func.count(Evidence.id))
        .join(Report, Report.id == Evidence.report_id)
        .where(Report.author_id == person.id, Report.state.in_(UNSENT))
    )
    sole = await _administers_alone(session, person)
    return Consequences(person.id, held.seats, held.drafts, pieces or 0, held.reports, sole)


async def _administers_alone(session: Session, person: Person) -> bool:
    """Tell whether some municipality would be without an administrator."""
    actor = await access.actor_of(session, person.telegram_id)
    for seat in actor.seats if actor is not None else ():
        keepers = await seats.keepers(session, path=seat.path)
        if seat.role is Role.ADMINISTRATOR and [one.id for one in keepers] == [person.id]:
            return True
    return False


async def on_request(session: Session, person: Person, *, words: Words, now: datetime) -> Erasure:
    """Erase somebody who has revoked their consent, and tell those who must know.

    ``words`` stand in the place of theirs. The chat loses its menu; what it is answered is the caller's.
    """
    chat_id = person.chat_id
    await _hand_over(session, person, now)
    done = await erase(session, person, words=words, asked_at=now, now=now)
    await acts.write(session, done, now=now)
    await letters.write(
        session,
        key=f"unmenu:{person.id}",
        kind=LetterKind.MENU,
        chat_id=chat_id,
        now=now,
        priority=Priority.REMINDER,
        facts={"roles": []},
    )
    return done


async def _hand_over(session: Session, person: Person, now: datetime) -> None:
    """Leave every seat as anybody does: who looks after it is told, what was under way goes to others."""
    while (actor := await access.actor_of(session, person.telegram_id)) is not None:
        try:
            await leaving.leave(session, actor, actor.seats[0].seat_id, now=now)
        except LastAdministrator:  # whoever asks to be forgotten needs nobody's leave
            await _leave(session, person.id, now, seat_id=actor.seats[0].seat_id)


async def erase(
    session: Session, person: Person, *, words: Words, asked_at: datetime, now: datetime
) -> Erasure:
    """Erase somebody from every table and write the journals; nobody is told.

    A restored copy is made to forget by this: ``asked_at`` is then that of its journal.
    """
    own = Own(person.id, person.chat_id)
    eraser = await striking.eraser_of(session, person, own, words=words, number=stand_in(person.id))
    destroyed = await _empty_drafts(session, person.id)
    await striking.strike_own(session, eraser, own)
    told = await _empty_letters(session, own)
    came = await _empty_updates(session, own)
    await _forget_chat(session, own)
    await striking.strike_everywhere(session, eraser)
    left = await _leave(session, person.id, now)
    await consents.revoke(session, person.id, now=now)
    _anonymise(person, words.name, now)
    counts = {**asdict(destroyed), "letters": told, "updates": came, "seats": left}
    return await _write_down(session, person.id, counts, asked_at, now)


async def _empty_drafts(session: Session, person_id: int) -> Destroyed:
    """Destroy what was never sent, and what was put aside."""
    destroyed = Destroyed()
    found = await session.scalars(
        select(Report).where(Report.author_id == person_id, Report.state.in_(UNSENT)).order_by(Report.id)
    )
    for report in found.all():
        destroyed = destroyed.plus(await retention.empty_draft(session, report))
    return destroyed


async def _empty_letters(session: Session, own: Own) -> int:
    """Empty every letter to somebody; what is on its way will not be written down any more."""
    unsent = Letter.state.in_((LetterState.WAITING, LetterState.CLAIMED))
    await session.execute(update(Letter).where(own.letters, unsent).values(state=LetterState.CANCELLED))
    await session.execute(delete(LetterMessage).where(LetterMessage.chat_id == own.chat_id))
    emptied = await session.scalars(
        update(Letter)
        .where(own.letters)
        .values(payload=None, facts={}, trouble=None, chat_id=stand_in(own.person_id))
        .returning(Letter.id)
    )
    return len(emptied.all())


async def _empty_updates(session: Session, own: Own) -> int:
    """Empty what came from the chat; what is not handled yet must still be answered, as a stranger's."""
    emptied = await session.scalars(
        update(StoredUpdate)
        .where(StoredUpdate.lane == own.chat_id, StoredUpdate.state != UpdateState.NEW)
        .values(payload=None, trouble=None, lane=stand_in(own.person_id))
        .returning(StoredUpdate.id)
    )
    return len(emptied.all())


async def _forget_chat(session: Session, own: Own) -> None:
    """Let the number stand wherever the chat stood; what is being read goes on, and answers nobody."""
    await session.execute(delete(Question).where(Question.chat_id == own.chat_id))
    await session.execute(
        update(Invitation).where(Invitation.opened_by == own.chat_id).values(opened_by=None)
    )
    await session.execute(update(Work).where(Work.chat_id == own.chat_id).values(chat_id=None))
    await session.execute(
        update(Demand)
        .where(Demand.author_id == own.person_id, Demand.sent_at.is_(None))
        .values(text="", grounds=None)
    )
    for table in (Passage, Evidence):
        await session.execute(
            update(table).where(table.chat_id == own.chat_id).values(chat_id=stand_in(own.person_id))
        )


async def _leave(session: Session, person_id: int, now: datetime, *, seat_id: int | None = None) -> int:
    """Let somebody hold nothing more (or not this seat); count what they hold no more as of ``now``."""
    held = (Tenure.person_id == person_id, Tenure.until.is_(None))
    one = () if seat_id is None else (Tenure.seat_id == seat_id,)
    await session.execute(update(Tenure).where(*held, *one).values(until=now))
    left = select(func.count(Tenure.id)).where(Tenure.person_id == person_id, Tenure.until == now)
    return await session.scalar(left) or 0


def _anonymise(person: Person, name: str, now: datetime) -> None:
    """Leave a number of a person."""
    person.telegram_id = person.chat_id = stand_in(person.id)
    person.name = name
    person.unreachable_since = person.unreachable_why = person.quiet_until = None
    person.erased_at = now


async def _write_down(
    session: Session, person_id: int, counts: dict[str, Any], asked_at: datetime, now: datetime
) -> Erasure:
    """Keep in both journals whose data was destroyed, by their number, and how much of it."""
    kept = await session.scalar(
        select(func.count(Report.id)).where(Report.author_id == person_id, Report.state.not_in(UNSENT))
    )
    counts |= {"reports": kept or 0}
    done = Erasure(
        person_id=person_id, reason=ErasureReason.REQUEST, asked_at=asked_at, done_at=now, facts=counts
    )
    session.add(done)
    audit.record(
        session,
        now=now,
        action="erased",
        subject="person",
        subject_id=person_id,
        person_id=person_id,
        **counts,
    )
    await session.flush()
    return done


async def forget_strangers(session: Session, *, now: datetime) -> None:
    """Forget the chats of whoever is no participant, an hour after the last word there.

    So goes the answer to somebody erased, and whatever a stranger was told.
    """
    before, known = now - AFTERWARDS, select(Person.chat_id)
    over = (
        Letter.chat_id > NOBODY,
        Letter.chat_id.not_in(known),
        Letter.state.in_(OVER),
        Letter.created_at < before,
    )
    await session.execute(
        delete(LetterMessage).where(LetterMessage.letter_id.in_(select(Letter.id).where(*over)))
    )
    await session.execute(
        update(Letter).where(*over).values(payload=None, facts={}, trouble=None, chat_id=NOBODY)
    )
    await session.execute(
        update(StoredUpdate)
        .where(
            StoredUpdate.lane > NOBODY,
            StoredUpdate.lane.not_in(known),
            StoredUpdate.state != UpdateState.NEW,
            StoredUpdate.payload.is_(None),
            StoredUpdate.received_at < before,
        )
        .values(lane=NOBODY)
    )
    closed = or_(
        Invitation.expires_at <= now, Invitation.used_at.is_not(None), Invitation.withdrawn_at.is_not(None)
    )
    await session.execute(
        update(Invitation).where(Invitation.opened_by.not_in(known), closed).values(opened_by=None)
    )
