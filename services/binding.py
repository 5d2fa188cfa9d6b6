"""Binding: which report a message belongs to, by what it answers and by what is open."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import Session
from models.assignments import OWED, Assignment, AssignmentState, Evidence, Report, ReportState
from models.letters import Letter, LetterItem, LetterKind, LetterState
from services import items, letters, passages
from services.access import Actor
from services.incoming import Incoming

FRESH = timedelta(hours=24)  # for so long a message without a reply may answer what was said last
NEAR = timedelta(days=21)  # an item due within these days may be meant without being named
JUST_SENT = timedelta(minutes=10)  # for so long a further photo belongs to the report sent to review
UNSENT = (ReportState.DRAFT, ReportState.SUBMITTED)


@dataclass(frozen=True)
class Place:
    """Where a message belongs: a report that runs, or a new draft about an assignment (None: not known)."""

    report: Report | None
    assignment_id: int | None = None


async def place_of(session: Session, actor: Actor, message: Incoming, *, now: datetime) -> Place:
    """Find the report a message joins, by its album, the message it answers, and what is open."""
    running = await _of_album(session, message) or await _answered(session, actor, message)
    if running is not None:
        return Place(running)
    meant = await _meant(session, actor, message)
    if len(meant) == 1:
        return Place(await running_about(session, actor, meant[0]), meant[0])
    draft = await latest_draft(session, actor)
    if draft is not None and (not meant or draft.assignment_id in meant):
        return Place(draft)
    if meant:
        return Place(None)
    sent = await _just_sent(session, actor, now) if message.piece is not None else None
    if sent is not None:
        return Place(sent)
    spoken = await _just_spoken(session, actor, message.chat_id, now)
    return Place(None, spoken or await _only_near(session, actor, now))


async def _of_album(session: Session, message: Incoming) -> Report | None:
    """Find the report that holds an earlier piece of the same album, in whatever order they come."""
    if message.media_group_id is None:
        return None
    return await session.scalar(
        select(Report)
        .join(Evidence, Evidence.report_id == Report.id)
        .where(
            Evidence.chat_id == message.chat_id,
            Evidence.media_group_id == message.media_group_id,
            Report.state.in_(UNSENT),
        )
        .limit(1)
    )


async def _answered(session: Session, actor: Actor, message: Incoming) -> Report | None:
    """Find the own running report whose card or whose earlier message is replied to."""
    if message.reply_to is None:
        return None
    letter = await letters.answered_by(session, chat_id=message.chat_id, message_id=message.reply_to)
    if letter is None:
        report = await passages.report_of(session, chat_id=message.chat_id, message_id=message.reply_to)
    elif letter.kind is LetterKind.DRAFT:
        report = await session.get(Report, letter.facts["report_id"])
    else:
        return None
    own = report is not None and report.author_id == actor.person.id and report.state in UNSENT
    return report if own else None


async def _meant(session: Session, actor: Actor, message: Incoming) -> list[int]:
    """List the assignments a reply can be about: by the letter it answers, then by a printed number."""
    if message.reply_to is None:
        return []
    letter = await letters.answered_by(session, chat_id=message.chat_id, message_id=message.reply_to)
    if letter is None:
        return await _by_own_message(session, message)
    candidates = await letter_assignments(session, actor, letter)
    owed = [found.id for found in candidates if found.state in OWED]
    return _numbered(candidates, message.text) or owed or [found.id for found in candidates]


async def _by_own_message(session: Session, message: Incoming) -> list[int]:
    """Find the assignment of an own earlier message that is replied to."""
    assert message.reply_to is not None  # asked for replies alone
    report = await passages.report_of(session, chat_id=message.chat_id, message_id=message.reply_to)
    return [report.assignment_id] if report is not None and report.assignment_id is not None else []


async def letter_assignments(session: Session, actor: Actor, letter: Letter) -> list[Assignment]:
    """List the actor's open assignments a letter speaks of, itself or through a report."""
    about_reports = select(Report.assignment_id).join(LetterItem, LetterItem.report_id == Report.id)
    direct = select(LetterItem.assignment_id).where(LetterItem.letter_id == letter.id)
    found = await session.scalars(
        select(Assignment)
        .where(
            Assignment.organisation_id.in_(actor.executes_for),
            Assignment.id.in_(direct.union(about_reports.where(LetterItem.letter_id == letter.id))),
            Assignment.state.in_((*OWED, AssignmentState.ON_REVIEW)),
        )
        .options(joinedload(Assignment.activity))
        .order_by(Assignment.due, Assignment.id)
    )
    return list(found)


def _numbered(candidates: list[Assignment], text: str) -> list[int]:
    """List the candidates whose printed number («1.2.») the text names."""
    said = set(re.findall(r"(?<![\d.])\d+(?:\.\d+)*(?![\d])", text))
    return [found.id for found in candidates if (found.activity.number or "").rstrip(".") in said]


async def running_about(session: Session, actor: Actor, assignment_id: int) -> Report | None:
    """Find what a further message about an assignment joins: the own draft, or the own report on review.

    A colleague's report on review is theirs: what comes is kept apart until its author says «дополнить».
    """
    return await session.scalar(
        select(Report)
        .where(
            Report.assignment_id == assignment_id,
            Report.author_id == actor.person.id,
            Report.state.in_(UNSENT),
        )
        .order_by(Report.id.desc())
        .limit(1)
    )


async def latest_draft(session: Session, actor: Actor) -> Report | None:
    """Give the draft the actor worked on last."""
    return await session.scalar(
        select(Report)
        .where(Report.author_id == actor.person.id, Report.state == ReportState.DRAFT)
        .order_by(Report.id.desc())
        .limit(1)
    )


async def _just_sent(session: Session, actor: Actor, now: datetime) -> Report | None:
    """Find the own report sent to review a few minutes ago: people send the second album after it."""
    return await session.scalar(
        select(Report)
        .where(
            Report.author_id == actor.person.id,
            Report.state == ReportState.SUBMITTED,
            Report.submitted_at > now - JUST_SENT,
        )
        .order_by(Report.submitted_at.desc(), Report.id.desc())
        .limit(1)
    )


async def _just_spoken(session: Session, actor: Actor, chat_id: int, now: datetime) -> int | None:
    """Find the one open assignment that the bot's last word of its own accord in this chat was about."""
    letter = await session.scalar(
        select(Letter)
        .where(
            Letter.chat_id == chat_id,
            Letter.kind.in_((LetterKind.REMINDER, LetterKind.VERDICT, LetterKind.DECISION)),
            Letter.state == LetterState.DELIVERED,
            Letter.delivered_at > now - FRESH,
        )
        .order_by(Letter.delivered_at.desc(), Letter.id.desc())
        .limit(1)
    )
    if letter is None:
        return None
    candidates = await letter_assignments(session, actor, letter)
    owed = [found.id for found in candidates if found.state in OWED]
    return owed[0] if len(owed) == 1 else None


async def _only_near(session: Session, actor: Actor, now: datetime) -> int | None:
    near = [
        item
        for item in await items.open_items(session, actor, now=now)
        if item.days_left <= NEAR.days and item.state in OWED
    ]
    return near[0].assignment_id if len(near) == 1 else None
