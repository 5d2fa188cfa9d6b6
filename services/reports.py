"""Reports: what an executor sends becomes a draft, finds its assignment, and goes to review.

What was sent is kept before anything is asked: a draft that knows no assignment waits for one tap.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from models import Session
from models.assignments import (
    OWED,
    Assignment,
    AssignmentState,
    Evidence,
    EvidenceKind,
    Report,
    ReportState,
)
from models.letters import Letter, LetterItem, LetterKind, LetterState
from models.machinery import WorkKind
from services import access, audit, items, letters, reviews, works
from services.access import Actor
from services.items import ItemView
from services.letters import Priority
from services.refusals import Refusal

ALBUM_SETTLES = timedelta(seconds=2)  # quiet time after which an album counts as whole
FRESH = timedelta(hours=24)  # for so long a message without a reply may answer what was said last
NEAR = timedelta(days=21)  # an item due within these days may be meant without being named
SEND_WORDS = frozenset({"да", "отправить", "отправляй", "на проверку", "+", "готово"})


class NothingToSend(Refusal):
    """The draft holds neither text nor files."""


class NoAssignment(Refusal):
    """The draft does not know which item it is about."""


class NotADraftAnyMore(Refusal):
    """The report was sent or dropped before."""


class NothingOwed(Refusal):
    """The executor has no open items, so there is nothing a message could answer."""


class AlreadyOnReview(Refusal):
    """Another report about the assignment is on review."""


class AlreadyClosed(Refusal):
    """The assignment needs no report any more."""


@dataclass(frozen=True)
class Piece:
    """A photo or file as Telegram named it; ``size`` in bytes."""

    kind: EvidenceKind
    file_id: str
    file_unique_id: str
    file_name: str | None
    size: int | None


@dataclass(frozen=True)
class Incoming:
    """One message of an executor."""

    chat_id: int
    message_id: int
    media_group_id: str | None
    reply_to: int | None
    text: str
    piece: Piece | None
    sent_at: datetime


@dataclass(frozen=True)
class DraftView:
    """A draft: what it is about (None: not known yet), what it holds, what it could be about."""

    report_id: int
    state: ReportState
    item: ItemView | None
    text: str
    photos: int
    files: int
    candidates: tuple[ItemView, ...]


async def receive(session: Session, actor: Actor, message: Incoming, *, now: datetime) -> Report:
    """Keep a message of an executor in the report it belongs to and plan the one acknowledgement.

    An album's pieces come as separate messages in any order and find their report by the album's id.
    """
    report = await _album_report(session, message) or await _report_for(session, actor, message, now)
    _add_text(report, message.text)
    if message.piece is not None:
        await _add_piece(session, report, message, message.piece, now)
    if report.state is ReportState.SUBMITTED:
        await reviews.tell_reviewers(session, report, now=now)
    await acknowledge(session, report, now=now, settling=message.media_group_id is not None)
    return report


async def _album_report(session: Session, message: Incoming) -> Report | None:
    if message.media_group_id is None:
        return None
    return await session.scalar(
        select(Report)
        .join(Evidence, Evidence.report_id == Report.id)
        .where(
            Evidence.chat_id == message.chat_id,
            Evidence.media_group_id == message.media_group_id,
            Report.state.in_((ReportState.DRAFT, ReportState.SUBMITTED)),
        )
        .limit(1)
    )


async def _report_for(session: Session, actor: Actor, message: Incoming, now: datetime) -> Report:
    """Find the report a message joins, by the letter it answers and by what is open; else begin one."""
    meant = await _meant(session, actor, message)
    if len(meant) == 1:
        running = await _running(session, actor, meant[0])
        return running or await _new_draft(session, actor, message, meant[0], now)
    draft = await latest_draft(session, actor)
    if draft is not None and (not meant or draft.assignment_id in meant):
        return draft
    if meant:
        return await _new_draft(session, actor, message, None, now)
    spoken = await _just_spoken(session, actor, message.chat_id, now)
    return await _new_draft(session, actor, message, spoken or await _only_near(session, actor, now), now)


async def _just_spoken(session: Session, actor: Actor, chat_id: int, now: datetime) -> int | None:
    """Find the one open assignment that the bot's last word of its own accord in this chat was about."""
    letter = await session.scalar(
        select(Letter)
        .where(
            Letter.chat_id == chat_id,
            Letter.kind.in_((LetterKind.REMINDER, LetterKind.VERDICT)),
            Letter.state == LetterState.DELIVERED,
            Letter.delivered_at > now - FRESH,
        )
        .order_by(Letter.delivered_at.desc(), Letter.id.desc())
        .limit(1)
    )
    if letter is None:
        return None
    candidates = await _letter_assignments(session, actor, letter)
    owed = [found.id for found in candidates if found.state in OWED]
    return owed[0] if len(owed) == 1 else None


async def _meant(session: Session, actor: Actor, message: Incoming) -> list[int]:
    """List the assignments a reply can be about: by the letter it answers, then by a printed number."""
    if message.reply_to is None:
        return []
    letter = await letters.answered_by(session, chat_id=message.chat_id, message_id=message.reply_to)
    if letter is None:
        return await _by_own_message(session, message)
    candidates = await _letter_assignments(session, actor, letter)
    owed = [found.id for found in candidates if found.state in OWED]
    return _numbered(candidates, message.text) or owed or [found.id for found in candidates]


async def _by_own_message(session: Session, message: Incoming) -> list[int]:
    """Find the assignment of an own earlier photo that is replied to."""
    found = await session.scalars(
        select(Report.assignment_id)
        .join(Evidence, Evidence.report_id == Report.id)
        .where(Evidence.chat_id == message.chat_id, Evidence.message_id == message.reply_to)
    )
    return [assignment_id for assignment_id in found if assignment_id is not None]


async def _letter_assignments(session: Session, actor: Actor, letter: Letter) -> list[Assignment]:
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


async def _running(session: Session, actor: Actor, assignment_id: int) -> Report | None:
    """Find what a further message about an assignment joins: the own draft, or the report on review."""
    own_draft_ = (Report.state == ReportState.DRAFT) & (Report.author_id == actor.person.id)
    return await session.scalar(
        select(Report)
        .where(
            Report.assignment_id == assignment_id,
            own_draft_ | (Report.state == ReportState.SUBMITTED),
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


async def _only_near(session: Session, actor: Actor, now: datetime) -> int | None:
    near = [
        item
        for item in await items.open_items(session, actor, now=now)
        if item.days_left <= NEAR.days and item.state in OWED
    ]
    return near[0].assignment_id if len(near) == 1 else None


async def _new_draft(
    session: Session, actor: Actor, message: Incoming, assignment_id: int | None, now: datetime
) -> Report:
    if assignment_id is None and not await items.open_items(session, actor, now=now):
        raise NothingOwed
    report = Report(
        assignment_id=assignment_id,
        author_id=actor.person.id,
        state=ReportState.DRAFT,
        text="",
        sent_at=message.sent_at,
        received_at=now,
        thread_message_id=message.message_id,
    )
    session.add(report)
    await session.flush()
    return report


def _add_text(report: Report, text: str) -> None:
    if text.strip():
        report.text = f"{report.text}\n{text.strip()}".strip()


async def _add_piece(
    session: Session, report: Report, message: Incoming, piece: Piece, now: datetime
) -> None:
    kept = Evidence(
        report_id=report.id,
        kind=piece.kind,
        chat_id=message.chat_id,
        message_id=message.message_id,
        media_group_id=message.media_group_id,
        file_id=piece.file_id,
        file_unique_id=piece.file_unique_id,
        file_name=piece.file_name[:300] if piece.file_name else None,
        size=piece.size,
    )
    session.add(kept)
    await session.flush()
    await works.add(
        session,
        kind=WorkKind.FETCH_EVIDENCE,
        key=f"evidence:{kept.id}",
        facts={"evidence_id": kept.id, "file_id": piece.file_id},
        now=now,
    )


async def acknowledge(session: Session, report: Report, *, now: datetime, settling: bool = False) -> None:
    """Plan the one card that says what has been received; each further piece of an album moves it."""
    not_before = now + ALBUM_SETTLES if settling else now
    waiting = await session.scalar(
        select(Letter)
        .join(LetterItem, LetterItem.letter_id == Letter.id)
        .where(
            Letter.kind == LetterKind.DRAFT,
            Letter.state == LetterState.WAITING,
            LetterItem.report_id == report.id,
        )
    )
    if waiting is not None:
        waiting.not_before = not_before
        waiting.payload = None  # one that could not go was worded before this came
        return
    cards = await session.scalar(
        select(func.count(Letter.id))
        .join(LetterItem, LetterItem.letter_id == Letter.id)
        .where(Letter.kind == LetterKind.DRAFT, LetterItem.report_id == report.id)
    )
    report = await session.get_one(
        Report, report.id, options=[joinedload(Report.author)], populate_existing=True
    )
    letter = await letters.write(
        session,
        key=f"draft:{report.id}:{cards}",
        kind=LetterKind.DRAFT,
        chat_id=report.author.chat_id,
        person_id=report.author_id,
        now=now,
        not_before=not_before,
        priority=Priority.ANSWER,
        facts={"report_id": report.id, "reply_to": report.thread_message_id},
    )
    if letter is not None:
        session.add(LetterItem(letter_id=letter.id, report_id=report.id))
        await session.flush()


async def begin(session: Session, actor: Actor, assignment_id: int, *, now: datetime) -> ItemView:
    """Open an empty draft about one assignment: the next messages belong to it.

    Raises NotFound, AlreadyClosed, AlreadyOnReview.
    """
    assignment = await access.owed_assignment(session, actor, assignment_id)
    _may_be_answered(assignment)
    running = await _running(session, actor, assignment.id)
    if running is None:
        session.add(
            Report(
                assignment_id=assignment.id,
                author_id=actor.person.id,
                state=ReportState.DRAFT,
                text="",
                sent_at=now,
                received_at=now,
            )
        )
    await session.flush()
    return await items.item(session, assignment.id, now=now)


def _may_be_answered(assignment: Assignment) -> None:
    if assignment.state is AssignmentState.ON_REVIEW:
        raise AlreadyOnReview
    if assignment.state not in OWED:
        raise AlreadyClosed


async def bind(
    session: Session, actor: Actor, report_id: int, assignment_id: int, *, now: datetime
) -> DraftView:
    """Say which assignment a draft is about.

    Raises NotFound, NotADraftAnyMore, AlreadyClosed, AlreadyOnReview.
    """
    report = await own_draft(session, actor, report_id)
    assignment = await access.owed_assignment(session, actor, assignment_id)
    _may_be_answered(assignment)
    report.assignment_id = assignment.id
    await session.flush()
    return await draft(session, actor, report.id, now=now)


async def unbind(session: Session, actor: Actor, report_id: int, *, now: datetime) -> DraftView:
    """Take a draft off its assignment, to be put to another. Raises NotFound, NotADraftAnyMore."""
    report = await own_draft(session, actor, report_id)
    report.assignment_id = None
    await session.flush()
    return await draft(session, actor, report.id, now=now)


async def drop(session: Session, actor: Actor, report_id: int, *, now: datetime) -> None:
    """Put a draft aside without sending it. Raises NotFound, NotADraftAnyMore."""
    report = await own_draft(session, actor, report_id)
    report.state = ReportState.DROPPED
    audit.record(
        session,
        now=now,
        action="dropped",
        subject="report",
        subject_id=report.id,
        person_id=actor.person.id,
    )


async def own_draft(session: Session, actor: Actor, report_id: int) -> Report:
    """Give an unsent report of the actor. Raises NotFound, NotADraftAnyMore."""
    report = await access.own_report(session, actor, report_id)
    if report.state is not ReportState.DRAFT:
        raise NotADraftAnyMore
    return report


async def draft_to_send(session: Session, actor: Actor, text: str) -> Report | None:
    """Give the draft that a bare «да» or «готово» sends, if there is one that can go."""
    if text.strip().casefold().rstrip(".!") not in SEND_WORDS:
        return None
    report = await latest_draft(session, actor)
    if report is None or report.assignment_id is None or await _is_empty(session, report):
        return None
    return report


async def _is_empty(session: Session, report: Report) -> bool:
    pieces = await session.scalar(select(func.count(Evidence.id)).where(Evidence.report_id == report.id))
    return not report.text and not pieces


async def submit(session: Session, actor: Actor, report_id: int, *, now: datetime) -> DraftView:
    """Send a draft to review: the ladder falls silent and the reviewers are told.

    Raises NotFound, NotADraftAnyMore, NoAssignment, NothingToSend, AlreadyOnReview, AlreadyClosed.
    """
    report = await own_draft(session, actor, report_id)
    if report.assignment_id is None:
        raise NoAssignment
    if await _is_empty(session, report):
        raise NothingToSend
    assignment = await session.get_one(Assignment, report.assignment_id, with_for_update=True)
    _may_be_answered(assignment)
    report.state = ReportState.SUBMITTED
    report.submitted_at = now
    assignment.state = AssignmentState.ON_REVIEW
    assignment.next_step_at = None
    await session.flush()
    await letters.withdraw_reminders(session, assignment_id=assignment.id)
    await letters.withdraw_cards(session, report_id=report.id)
    await reviews.tell_reviewers(session, report, now=now)
    audit.record(
        session,
        now=now,
        action="submitted",
        subject="report",
        subject_id=report.id,
        person_id=actor.person.id,
    )
    return await draft(session, actor, report.id, now=now)


async def draft(session: Session, actor: Actor, report_id: int, *, now: datetime) -> DraftView:
    """Give a report of the actor as its card shows it. Raises NotFound."""
    report = await access.own_report(session, actor, report_id)
    pieces = await reviews.pieces(session, report.id)
    bound = await items.item(session, report.assignment_id, now=now) if report.assignment_id else None
    owed = () if bound else tuple(await items.open_items(session, actor, now=now))
    return DraftView(
        report.id,
        report.state,
        bound,
        report.text,
        pieces.get(EvidenceKind.PHOTO, 0),
        pieces.get(EvidenceKind.DOCUMENT, 0),
        tuple(found for found in owed if found.state in OWED),
    )
