"""Reports: what an executor sends becomes a draft, finds its assignment, and goes to review.

What was sent is kept before anything is asked: a draft that knows no assignment waits for one tap.
Which report a message belongs to is found in ``services.binding``; its words and their versions are
kept by ``services.passages``, the figure they say is read by ``services.figures``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from models import Session
from models.assignments import (
    OWED,
    Assignment,
    AssignmentState,
    Children,
    Evidence,
    EvidenceKind,
    Passage,
    Report,
    ReportState,
)
from models.organisations import Organisation
from plans.answers.short import Short, read_short
from services import (
    access,
    audit,
    binding,
    cards,
    evidence,
    figures,
    items,
    letters,
    passages,
    quiet,
    quotas,
    reviews,
    showing,
)
from services.access import Actor
from services.figures import FigureView
from services.incoming import Incoming
from services.items import ItemView
from services.quotas import UsedUp
from services.refusals import NotFound, Refusal

SEND_WORDS = frozenset({"да", "отправить", "отправляй", "на проверку", "+", "готово"})
SPOKEN = (EvidenceKind.VOICE, EvidenceKind.VIDEO_NOTE, EvidenceKind.AUDIO)
PICTURED = (EvidenceKind.PHOTO, EvidenceKind.VIDEO, EvidenceKind.VIDEO_NOTE, EvidenceKind.ANIMATION)


class NothingToSend(Refusal):
    """The draft holds neither text nor files."""


class NoAssignment(Refusal):
    """The draft does not know which item it is about."""


class NotADraftAnyMore(Refusal):
    """The report was sent or dropped before."""


class NothingOwed(Refusal):
    """The executor has no open items, so there is nothing a message could answer."""


@dataclass(frozen=True)
class OnReview:
    """The report about an assignment that is on review: whose, since when; the organisation's time zone."""

    report_id: int
    author: str
    own: bool
    submitted_at: datetime
    time_zone: str


class AlreadyOnReview(Refusal):
    """Another report about the assignment is on review; ``draft_id`` may be added to it (None: no draft)."""

    def __init__(self, found: OnReview | None, draft_id: int | None = None) -> None:
        super().__init__()
        self.found = found
        self.draft_id = draft_id


class AlreadyClosed(Refusal):
    """The assignment needs no report any more."""


@dataclass(frozen=True)
class DraftView:
    """A draft: what it is about (None: not known yet), what it holds, what it could be about.

    ``held`` counts the pieces by kind. ``only_spoken``: a voice without a word of text. ``short`` is what
    the words mean where they are no report («перенесите», «не наш пункт»). ``rival`` is a colleague's
    report about the same item that is on review. ``first``: its author has sent none before.
    """

    report_id: int
    state: ReportState
    item: ItemView | None
    text: str
    held: Mapping[EvidenceKind, int]
    candidates: tuple[ItemView, ...]
    figure: FigureView | None = None
    short: Short | None = None
    rival: OnReview | None = None
    children: Children | None = None
    version: int = 1
    with_place: bool = False
    first: bool = False

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing in it."""
        return not (self.text or self.held)

    @property
    def only_spoken(self) -> bool:
        """Tell whether it has a voice and neither words nor a picture to look at."""
        return not self.text and bool(self.held) and all(kind in SPOKEN for kind in self.held)

    @property
    def pictured(self) -> bool:
        """Tell whether somebody can be seen in it."""
        return any(kind in PICTURED for kind in self.held)


async def receive(session: Session, actor: Actor, message: Incoming, *, now: datetime) -> Report | UsedUp:
    """Keep a message of an executor in the report it belongs to and plan the one acknowledgement.

    An album's pieces come as separate messages in any order and find their report by the album's id.
    What is over a quota is not kept, and its sender is told once. Raises NothingOwed.
    """
    place = await binding.place_of(session, actor, message, now=now)
    report = place.report or await _new_draft(session, actor, message, place.assignment_id, now)
    over = await quotas.used_up(session, actor, report, piece=message.piece is not None, now=now)
    if over is not None:
        return over
    settling = message.media_group_id is not None
    await passages.add(session, report, message, now=now)
    if message.piece is not None:
        await evidence.add(session, report, message, message.piece, now=now)
    await follow(session, actor, report, now=now)
    if report.state is ReportState.SUBMITTED:
        await showing.tell_reviewers(
            session, report, now=now, settles=cards.ALBUM_SETTLES if settling else None
        )
    await cards.acknowledge(session, report, now=now, settling=settling)
    return report


async def follow(session: Session, actor: Actor, report: Report, *, now: datetime) -> None:
    """Let what depends on the words of a report follow them: its figure, and when it is asked about."""
    await figures.read_anew(session, report, now=now)
    if report.state is ReportState.DRAFT:
        report.ask_at = await quiet.next_morning(session, await _zone(session, actor, report), now)
    await session.flush()


async def _zone(session: Session, actor: Actor, report: Report) -> str:
    """Give the time zone of the organisation a draft is about; of one that knows none, of the first seat."""
    place = select(Organisation.time_zone)
    if report.assignment_id is not None:
        place = place.join(Assignment, Assignment.organisation_id == Organisation.id).where(
            Assignment.id == report.assignment_id
        )
    else:
        place = place.where(Organisation.id.in_(actor.executes_for)).order_by(Organisation.id).limit(1)
    return (await session.scalars(place)).one()


async def _new_draft(
    session: Session, actor: Actor, message: Incoming, assignment_id: int | None, now: datetime
) -> Report:
    if assignment_id is None and not await items.open_items(session, actor, now=now):
        raise NothingOwed
    return await draft_about(session, actor, assignment_id, message, now=now)


async def draft_about(
    session: Session, actor: Actor, assignment_id: int | None, message: Incoming, *, now: datetime
) -> Report:
    """Begin a draft with a message, about one assignment or about one that is not known yet."""
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


async def begin(session: Session, actor: Actor, assignment_id: int, *, now: datetime) -> ItemView:
    """Open an empty draft about one assignment: the next messages belong to it.

    Raises NotFound, AlreadyClosed, AlreadyOnReview.
    """
    assignment = await access.owed_assignment(session, actor, assignment_id)
    await _may_be_answered(session, actor, assignment)
    running = await binding.running_about(session, actor, assignment.id)
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


async def _may_be_answered(
    session: Session, actor: Actor, assignment: Assignment, *, draft_id: int | None = None
) -> None:
    if assignment.state is AssignmentState.ON_REVIEW:
        raise AlreadyOnReview(await on_review(session, actor, assignment.id), draft_id)
    if assignment.state not in OWED:
        raise AlreadyClosed


async def on_review(session: Session, actor: Actor, assignment_id: int) -> OnReview | None:
    """Give the report about an assignment that is on review."""
    row = await session.execute(
        select(Report, Organisation.time_zone)
        .join(Assignment, Assignment.id == Report.assignment_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(Report.assignment_id == assignment_id, Report.state == ReportState.SUBMITTED)
        .options(joinedload(Report.author))
    )
    found = row.first()
    if found is None:
        return None
    report, zone = found
    own = report.author_id == actor.person.id
    return OnReview(report.id, report.author.name, own, report.submitted_at or report.received_at, zone)


async def bind(
    session: Session, actor: Actor, report_id: int, assignment_id: int, *, now: datetime
) -> DraftView:
    """Say which assignment a draft is about; one that is on review can be added to.

    Raises NotFound, NotADraftAnyMore, AlreadyClosed.
    """
    report = await own_draft(session, actor, report_id)
    assignment = await access.owed_assignment(session, actor, assignment_id)
    if assignment.state not in (*OWED, AssignmentState.ON_REVIEW):
        raise AlreadyClosed
    report.assignment_id = assignment.id
    await follow(session, actor, report, now=now)
    return await draft(session, actor, report.id, now=now)


async def unbind(session: Session, actor: Actor, report_id: int, *, now: datetime) -> DraftView:
    """Take a draft off its assignment, to be put to another. Raises NotFound, NotADraftAnyMore."""
    report = await own_draft(session, actor, report_id)
    report.assignment_id = None
    await follow(session, actor, report, now=now)
    return await draft(session, actor, report.id, now=now)


async def drop(session: Session, actor: Actor, report_id: int, *, now: datetime) -> None:
    """Put a draft aside without sending it. Raises NotFound, NotADraftAnyMore."""
    report = await own_draft(session, actor, report_id)
    await set_aside(session, actor, report, now=now)


async def set_aside(session: Session, actor: Actor, report: Report, *, now: datetime) -> None:
    """Drop an own draft: nothing is asked of it any more."""
    report.state = ReportState.DROPPED
    report.ask_at = None
    await letters.withdraw_cards(session, report_id=report.id)
    await letters.withdraw_asking(session, report_id=report.id)
    audit.record(
        session,
        now=now,
        action="dropped",
        subject="report",
        subject_id=report.id,
        person_id=actor.person.id,
    )
    await session.flush()


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
    report = await binding.latest_draft(session, actor)
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
    assignment = await session.get_one(
        Assignment, report.assignment_id, with_for_update=True, populate_existing=True
    )
    if assignment.organisation_id not in actor.executes_for:
        raise NotFound  # the author has left, and the draft of that organisation was kept
    await _may_be_answered(session, actor, assignment, draft_id=report.id)
    report.state = ReportState.SUBMITTED
    report.submitted_at = now
    report.ask_at = None
    assignment.state = AssignmentState.ON_REVIEW
    assignment.next_step_at = None
    await session.flush()
    await letters.withdraw_reminders(session, assignment_id=assignment.id)
    await letters.withdraw_cards(session, report_id=report.id)
    await showing.tell_reviewers(session, report, now=now)
    audit.record(
        session,
        now=now,
        action="submitted",
        subject="report",
        subject_id=report.id,
        person_id=actor.person.id,
    )
    return await _as_sent(session, report, now)


async def _as_sent(session: Session, report: Report, now: datetime) -> DraftView:
    """Give a report as its author reads that it went to review."""
    others = select(Report.id).where(
        Report.author_id == report.author_id, Report.submitted_at.is_not(None), Report.id != report.id
    )
    sent_before = await session.scalar(select(others.exists()))
    return replace(await view(session, report, now=now), first=not sent_before)


async def supplement(session: Session, actor: Actor, report_id: int, *, now: datetime) -> DraftView:
    """Add a draft to the report about the same item that is on review; its author stays.

    Raises NotFound, NotADraftAnyMore, NoAssignment, NothingToSend, AlreadyClosed.
    """
    report = await own_draft(session, actor, report_id)
    if report.assignment_id is None:
        raise NoAssignment
    if await _is_empty(session, report):
        raise NothingToSend
    await session.get_one(Assignment, report.assignment_id, with_for_update=True, populate_existing=True)
    found = await on_review(session, actor, report.assignment_id)
    if found is None:
        raise AlreadyClosed
    sent = await session.get_one(Report, found.report_id)
    for table in (Passage, Evidence):
        await session.execute(update(table).where(table.report_id == report.id).values(report_id=sent.id))
    await set_aside(session, actor, report, now=now)
    report.text = ""
    await passages.compose(session, sent)
    await figures.read_anew(session, sent, now=now)
    await showing.tell_reviewers(session, sent, now=now)
    return await view(session, sent, now=now)


async def say_children(
    session: Session, actor: Actor, report_id: int, children: Children, *, now: datetime
) -> DraftView:
    """Keep whether children are in the pictures of a report, and their consents. Raises NotFound."""
    report = await access.own_report(session, actor, report_id)
    report.children = children
    audit.record(
        session,
        now=now,
        action=f"children {children.value}",
        subject="report",
        subject_id=report.id,
        person_id=actor.person.id,
    )
    await session.flush()
    await showing.amend_cards(session, report, why=f"children:{children.value}", now=now)
    return await _as_sent(session, report, now)


async def draft(session: Session, actor: Actor, report_id: int, *, now: datetime) -> DraftView:
    """Give a report of the actor as its card shows it. Raises NotFound."""
    report = await access.own_report(session, actor, report_id)
    shown = await view(session, report, now=now)
    if report.state is not ReportState.DRAFT:
        return shown
    rival = await on_review(session, actor, report.assignment_id) if report.assignment_id else None
    owed = () if report.assignment_id else await items.open_items(session, actor, now=now)
    return replace(
        shown,
        candidates=tuple(found for found in owed if found.state in OWED),
        rival=None if rival is None or rival.own else rival,
        with_place=len(actor.executes_for) > 1,
    )


async def view(session: Session, report: Report, *, now: datetime) -> DraftView:
    """Give a report as it is, whoever asks."""
    bound = await items.item(session, report.assignment_id, now=now) if report.assignment_id else None
    return DraftView(
        report.id,
        report.state,
        bound,
        report.text,
        await reviews.pieces(session, report.id),
        (),
        figure=await figures.of(session, report),
        short=read_short(report.text),
        children=report.children,
        version=report.version,
    )
