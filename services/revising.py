"""Revising: a message that is edited after it was sent; the old words are kept, an accepted report stands."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import Session
from models.assignments import OWED, Assignment, Evidence, Report, ReportState, Review
from models.letters import LetterItem, LetterKind
from models.people import Person
from services import binding, cards, evidence, letters, passages, reports, showing
from services.access import Actor
from services.incoming import Incoming
from services.letters import Priority


class Revision(StrEnum):
    """What became of an edit.

    draft: the draft says it now; sent: the report on review is a further version; stands: the report is
    accepted and stays as it was accepted; begun_anew: a returned one, so the edit began a new draft;
    set_aside: it belongs to no report any more; none: nothing else was said.
    """

    DRAFT = "draft"
    SENT = "sent"
    STANDS = "stands"
    BEGUN_ANEW = "begun_anew"
    SET_ASIDE = "set_aside"
    NONE = "none"


@dataclass(frozen=True)
class Revised:
    """What became of an edit, and the report it is about now (None: of no report)."""

    revision: Revision
    report_id: int | None = None
    version: int = 1


@dataclass(frozen=True)
class Edit:
    """An edited message: of whom, of which report; ``piece`` is kept, and another file now."""

    actor: Actor
    report: Report
    message: Incoming
    piece: Evidence | None


async def revise(session: Session, actor: Actor, message: Incoming, *, now: datetime) -> Revised:
    """Let a report follow an edited message, as far as it still can; whose words were replaced are kept."""
    report = await passages.report_of(session, chat_id=message.chat_id, message_id=message.message_id)
    if report is None:
        return Revised(Revision.NONE)
    new_piece = await _replaced_piece(session, message)
    new_words = await passages.rewrite(session, report, message, now=now)
    if not (new_words or new_piece is not None):
        return Revised(Revision.NONE)
    return await REVISE[report.state](session, Edit(actor, report, message, new_piece), now)


async def _replaced_piece(session: Session, message: Incoming) -> Evidence | None:
    """Give the kept piece of a message whose photo or file is another one now."""
    if message.piece is None:
        return None
    kept = await session.scalar(
        select(Evidence).where(Evidence.chat_id == message.chat_id, Evidence.message_id == message.message_id)
    )
    if kept is None or kept.file_unique_id == message.piece.file_unique_id:
        return None
    return kept


async def _draft(session: Session, edit: Edit, now: datetime) -> Revised:
    await _follow(session, edit, now)
    await cards.acknowledge(session, edit.report, now=now)
    return Revised(Revision.DRAFT, edit.report.id, edit.report.version)


async def _sent(session: Session, edit: Edit, now: datetime) -> Revised:
    report = edit.report
    report.version += 1
    await _follow(session, edit, now)
    await showing.tell_reviewers(session, report, now=now, again=f":v{report.version}")
    return Revised(Revision.SENT, report.id, report.version)


async def _follow(session: Session, edit: Edit, now: datetime) -> None:
    if edit.piece is not None and edit.message.piece is not None:
        await evidence.replace(session, edit.piece, edit.message.piece, now=now)
    await passages.compose(session, edit.report)
    await reports.follow(session, edit.actor, edit.report, now=now)


async def _stands(session: Session, edit: Edit, now: datetime) -> Revised:
    await _tell_reviewer(session, edit.report, edit.message, now)
    return Revised(Revision.STANDS, edit.report.id, edit.report.version)


async def _begin_anew(session: Session, edit: Edit, now: datetime) -> Revised:
    """Begin a new draft with the new words: whoever corrects the old message answers the remark so."""
    assignment = await session.get(Assignment, edit.report.assignment_id)
    if assignment is None or assignment.state not in OWED:
        return Revised(Revision.SET_ASIDE)
    draft = await binding.running_about(session, edit.actor, assignment.id)
    if draft is None:
        draft = await reports.draft_about(session, edit.actor, assignment.id, edit.message, now=now)
    await passages.move_last(session, draft, edit.message)
    await reports.follow(session, edit.actor, draft, now=now)
    await cards.acknowledge(session, draft, now=now)
    return Revised(Revision.BEGUN_ANEW, draft.id, draft.version)


async def _set_aside(_session: Session, _edit: Edit, _now: datetime) -> Revised:
    return Revised(Revision.SET_ASIDE)


async def _tell_reviewer(session: Session, report: Report, message: Incoming, now: datetime) -> None:
    """Note to whoever accepted the report that its author has edited a message of it since."""
    review = await session.scalar(
        select(Review).where(Review.report_id == report.id).options(joinedload(Review.reviewer))
    )
    assert review is not None  # an accepted report has its review
    reviewer: Person = review.reviewer
    said = await passages.versions(session, chat_id=message.chat_id, message_id=message.message_id)
    letter = await letters.write(
        session,
        key=f"edited:{report.id}:{message.message_id}:{len(said)}",
        kind=LetterKind.EDITED,
        chat_id=reviewer.chat_id,
        person_id=reviewer.id,
        now=now,
        priority=Priority.CARD,
        facts={"report_id": report.id, "chat_id": message.chat_id, "message_id": message.message_id},
    )
    if letter is not None:
        session.add(LetterItem(letter_id=letter.id, report_id=report.id))
        await session.flush()


REVISE: dict[ReportState, Callable[[Session, Edit, datetime], Awaitable[Revised]]] = {
    ReportState.DRAFT: _draft,
    ReportState.SUBMITTED: _sent,
    ReportState.ACCEPTED: _stands,
    ReportState.RETURNED: _begin_anew,
    ReportState.DROPPED: _set_aside,
}
