"""Letters: written once by their key, withdrawn when there is nothing left to say."""

from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update

from models import Session
from models.assignments import Report, ReportState
from models.letters import Letter, LetterItem, LetterKind, LetterMessage, LetterState


class Priority(IntEnum):
    """Whose turn it is: answers to people pass before everything that is merely due."""

    ANSWER = 0
    CARD = 1
    REMINDER = 2
    DIGEST = 3


async def write(
    session: Session,
    *,
    key: str,
    kind: LetterKind,
    chat_id: int,
    now: datetime,
    priority: Priority,
    person_id: int | None = None,
    not_before: datetime | None = None,
    facts: dict[str, Any] | None = None,
    payload: dict[str, Any] | None = None,
) -> Letter | None:
    """Write a letter, or nothing (None) if one with this key was written before.

    ``payload`` is given where the words are already known; otherwise it is worded when claimed.
    """
    if await session.scalar(select(Letter.id).where(Letter.key == key)) is not None:
        return None
    letter = Letter(
        key=key,
        kind=kind,
        state=LetterState.WAITING,
        chat_id=chat_id,
        person_id=person_id,
        priority=priority,
        not_before=not_before or now,
        facts=facts or {},
        payload=payload,
        created_at=now,
    )
    session.add(letter)
    await session.flush()
    return letter


async def answered_by(session: Session, *, chat_id: int, message_id: int) -> Letter | None:
    """Find the letter that became this message, if it is one of ours."""
    return await session.scalar(
        select(Letter)
        .join(LetterMessage, LetterMessage.letter_id == Letter.id)
        .where(LetterMessage.chat_id == chat_id, LetterMessage.message_id == message_id)
    )


async def items(session: Session, letter_id: int) -> list[LetterItem]:
    """List what a letter still speaks of, in the order it was added."""
    rows = await session.scalars(
        select(LetterItem)
        .where(LetterItem.letter_id == letter_id, LetterItem.withdrawn.is_(False))
        .order_by(LetterItem.id)
    )
    return list(rows)


async def withdraw_reminders(session: Session, *, assignment_id: int) -> None:
    """Take an assignment out of every waiting reminder; a letter left with nothing to say is cancelled.

    A draft about it that has been sent or dropped is not asked about any more either.
    """
    over = select(Report.id).where(Report.assignment_id == assignment_id, Report.state != ReportState.DRAFT)
    about = or_(LetterItem.assignment_id == assignment_id, LetterItem.report_id.in_(over))
    await _withdraw(session, about)


async def withdraw_asking(session: Session, *, report_id: int) -> None:
    """Let no waiting reminder ask about a draft any more; a letter left with nothing to say is cancelled."""
    await _withdraw(session, LetterItem.report_id == report_id)


async def _withdraw(session: Session, about: ColumnElement[bool]) -> None:
    waiting = select(Letter.id).where(Letter.state == LetterState.WAITING, Letter.kind == LetterKind.REMINDER)
    await session.execute(
        update(LetterItem).where(about, LetterItem.letter_id.in_(waiting)).values(withdrawn=True)
    )
    demand = or_(LetterItem.assignment_id.is_not(None), LetterItem.report_id.is_not(None))
    spoken = select(LetterItem.letter_id).where(LetterItem.withdrawn.is_(False), demand)
    await session.execute(
        update(Letter)
        .where(
            Letter.state == LetterState.WAITING,
            Letter.kind == LetterKind.REMINDER,
            Letter.id.not_in(spoken),
        )
        .values(state=LetterState.CANCELLED)
    )


async def begin_ladder_anew(session: Session, *, assignment_id: int) -> None:
    """Let every step of an assignment's ladder be spoken again: its control date has been moved."""
    spoken = await session.scalars(
        select(LetterItem).where(LetterItem.assignment_id == assignment_id, LetterItem.step.is_not(None))
    )
    for item in spoken:
        item.step = f"{item.step}#{item.id}"[:32]
    await session.flush()


async def withdraw_cards(session: Session, *, report_id: int) -> None:
    """Cancel the waiting acknowledgement of a report: it has been answered before it was said."""
    about = select(LetterItem.letter_id).where(LetterItem.report_id == report_id)
    await session.execute(
        update(Letter)
        .where(Letter.state == LetterState.WAITING, Letter.kind == LetterKind.DRAFT, Letter.id.in_(about))
        .values(state=LetterState.CANCELLED)
    )
