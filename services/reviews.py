"""Reviews: a submitted report is accepted or returned once, and its author hears of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import joinedload

from models import Session
from models.assignments import (
    OWED,
    Assignment,
    AssignmentChange,
    AssignmentState,
    Children,
    Evidence,
    EvidenceKind,
    Report,
    ReportState,
    Review,
    Verdict,
)
from models.organisations import Organisation
from models.people import Person
from models.roadmaps import Activity, Duty, Edition
from plans.calendar import local_date
from services import access, audit, figures, letters, passages, recycled, verdicts
from services.access import Actor
from services.figures import FigureView
from services.recycled import Repeat
from services.refusals import Refusal


class AlreadyReviewed(Refusal):
    """Somebody decided before."""

    def __init__(self, by: str, verdict: Verdict) -> None:
        super().__init__(verdict)
        self.by = by
        self.verdict = verdict


class RemarkNeeded(Refusal):
    """A report is not returned without a word why."""


@dataclass(frozen=True)
class WordingBefore:
    """What a row asked when the report was sent, and the order that changed it since."""

    title: str
    due: date
    withdrawn: bool
    order_number: str | None
    order_date: date | None


@dataclass(frozen=True)
class ReviewCard:
    """A report as its reviewer sees it; ``earlier``: what it said when it was sent, if it says more now."""

    report_id: int
    state: ReportState
    number: str | None
    title: str
    expected_result: str | None
    organisation: str
    author: str
    text: str
    held: Mapping[EvidenceKind, int]
    due: date
    submitted_at: datetime
    time_zone: str
    verdict: Verdict | None
    reviewer: str | None
    remark: str | None
    before: WordingBefore | None
    late: bool = False
    version: int = 1
    earlier: str | None = None
    figure: FigureView | None = None
    children: Children | None = None
    repeats: tuple[Repeat, ...] = ()


async def wording_before(session: Session, report: Report) -> WordingBefore | None:
    """Give what was asked when a report was sent, if an order has changed or withdrawn it since."""
    row = await session.execute(
        select(AssignmentChange, Edition, Assignment)
        .join(Edition, Edition.id == AssignmentChange.edition_id)
        .join(Assignment, Assignment.id == AssignmentChange.assignment_id)
        .where(
            AssignmentChange.assignment_id == report.assignment_id,
            Edition.approved_at > (report.submitted_at or report.received_at),
        )
        .order_by(Edition.ordinal)
        .limit(1)
    )
    found = row.first()
    if found is None:
        return None
    change, edition, assignment = found
    old = await session.get_one(Activity, change.activity_before)
    new = await session.get_one(Activity, assignment.activity_id)
    withdrawn = assignment.state is AssignmentState.WITHDRAWN
    due = change.due_before or assignment.due
    reworded = (old.title, old.expected_result) != (new.title, new.expected_result)
    if not (withdrawn or reworded or due != assignment.due):
        return None
    return WordingBefore(old.title, due, withdrawn, edition.number, edition.dated)


async def pieces(session: Session, report_id: int) -> dict[EvidenceKind, int]:
    """Count the pieces of a report by their kind."""
    counts = await session.execute(
        select(Evidence.kind, func.count(Evidence.id))
        .where(Evidence.report_id == report_id)
        .group_by(Evidence.kind)
    )
    return dict(counts.all())


async def accept(session: Session, actor: Actor, report_id: int, *, now: datetime) -> ReviewCard:
    """Accept a report; of a row that any executor may do, the others are covered by it.

    What an order has withdrawn meanwhile is not owed again by a decision either way.

    Raises NotFound, AlreadyReviewed.
    """
    report = await _decide(session, actor, report_id, Verdict.ACCEPTED, "", now)
    assignment = await _assignment(session, report)
    if assignment.state is AssignmentState.WITHDRAWN:
        return await card(session, actor, report_id)
    assignment.state = AssignmentState.ACCEPTED
    activity = await session.get_one(Activity, assignment.activity_id)
    if activity.duty is Duty.ANY:
        await _cover_others(session, assignment)
    await session.flush()
    return await card(session, actor, report_id)


async def _cover_others(session: Session, assignment: Assignment) -> None:
    others = select(Assignment.id).where(
        Assignment.activity_id == assignment.activity_id,
        Assignment.nominal == assignment.nominal,
        Assignment.checkpoint == assignment.checkpoint,
        Assignment.id != assignment.id,
        Assignment.state.in_(OWED),
    )
    covered = list(await session.scalars(others))
    await session.execute(
        update(Assignment)
        .where(Assignment.id.in_(covered))
        .values(state=AssignmentState.COVERED, next_step_at=None)
    )
    for assignment_id in covered:
        await letters.withdraw_reminders(session, assignment_id=assignment_id)


async def send_back(
    session: Session, actor: Actor, report_id: int, remark: str, *, now: datetime
) -> ReviewCard:
    """Return a report with a remark; the ladder speaks again from now on.

    Raises NotFound, AlreadyReviewed, RemarkNeeded.
    """
    if not remark.strip():
        raise RemarkNeeded
    report = await _decide(session, actor, report_id, Verdict.RETURNED, remark.strip(), now)
    assignment = await _assignment(session, report)
    if assignment.state is not AssignmentState.WITHDRAWN:
        assignment.state = AssignmentState.RETURNED
        assignment.next_step_at = now
    await session.flush()
    return await card(session, actor, report_id)


async def undecided(session: Session, actor: Actor, report_id: int) -> Report:
    """Give a report that still waits for a decision. Raises NotFound, AlreadyReviewed."""
    report = await access.report_to_review(session, actor, report_id)
    review = await session.scalar(
        select(Review).where(Review.report_id == report.id).options(joinedload(Review.reviewer))
    )
    if review is not None:
        raise AlreadyReviewed(review.reviewer.name, review.verdict)
    return report


async def _decide(
    session: Session, actor: Actor, report_id: int, verdict: Verdict, remark: str, now: datetime
) -> Report:
    await session.execute(select(Report.id).where(Report.id == report_id).with_for_update())
    report = await undecided(session, actor, report_id)
    session.add(
        Review(
            report_id=report.id,
            reviewer_id=actor.person.id,
            verdict=verdict,
            remark=remark,
            decided_at=now,
        )
    )
    report.state = ReportState(verdict.value)
    await session.flush()
    await verdicts.tell(session, report, now=now)
    audit.record(
        session,
        now=now,
        action=verdict.value,
        subject="report",
        subject_id=report.id,
        person_id=actor.person.id,
    )
    return report


async def _assignment(session: Session, report: Report) -> Assignment:
    assert report.assignment_id is not None  # a submitted report knows its assignment
    return await session.get_one(Assignment, report.assignment_id)


async def card(session: Session, actor: Actor, report_id: int) -> ReviewCard:
    """Give the card of a report for one of its reviewers. Raises NotFound."""
    await access.report_to_review(session, actor, report_id)
    return await card_of(session, report_id)


async def card_of(session: Session, report_id: int) -> ReviewCard:
    """Give the card of a report, whoever asks (for letters, whose reader was chosen before)."""
    row = await session.execute(_card_rows().where(Report.id == report_id))
    report, assignment, activity, place, author = row.one()
    submitted_at = report.submitted_at or report.received_at
    review = await session.scalar(
        select(Review).where(Review.report_id == report.id).options(joinedload(Review.reviewer))
    )
    return ReviewCard(
        report_id=report.id,
        state=report.state,
        number=activity.number,
        title=activity.title,
        expected_result=activity.expected_result,
        organisation=place.short_name,
        author=author.name,
        text=report.text,
        held=await pieces(session, report.id),
        due=assignment.due,
        submitted_at=submitted_at,
        time_zone=place.time_zone,
        late=local_date(submitted_at, place.time_zone) > assignment.due,
        version=report.version,
        earlier=await _earlier(session, report) if report.version > 1 else None,
        figure=await figures.of(session, report),
        children=report.children,
        repeats=tuple(await recycled.repeats(session, report.id)),
        verdict=review.verdict if review else None,
        reviewer=review.reviewer.name if review else None,
        remark=review.remark if review else None,
        before=await wording_before(session, report),
    )


async def _earlier(session: Session, report: Report) -> str:
    """Give the words a report was sent with."""
    return "\n".join(await passages.texts(session, report.id, until=report.submitted_at))


def _card_rows() -> Select[Report, Assignment, Activity, Organisation, Person]:
    return (
        select(Report, Assignment, Activity, Organisation, Person)
        .join(Assignment, Assignment.id == Report.assignment_id)
        .join(Activity, Activity.id == Assignment.activity_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .join(Person, Person.id == Report.author_id)
    )


async def waiting(session: Session, actor: Actor) -> list[ReviewCard]:
    """List the reports that wait for the actor's decision, the oldest first."""
    ids = await session.scalars(
        select(Report.id)
        .join(Assignment, Assignment.id == Report.assignment_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(Report.state == ReportState.SUBMITTED, access.within(actor.domains(access.OVERSEERS)))
        .order_by(Report.submitted_at, Report.id)
    )
    return [await card_of(session, report_id) for report_id in ids]
