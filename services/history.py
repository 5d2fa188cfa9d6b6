"""History: what an amending order changed for whom, and what a roadmap asked as of any moment."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import aliased

from models import Session
from models.assignments import (
    CLOSED,
    Appeal,
    AppealKind,
    AppealState,
    Assignment,
    AssignmentChange,
    AssignmentState,
    ChangeKind,
    Report,
    Review,
    Verdict,
)
from models.organisations import Organisation
from models.roadmaps import Activity, Duty, Edition, EditionState


@dataclass(frozen=True)
class ChangeView:
    """What an edition changed for one organisation: a control date before and now, a row before and now."""

    kind: ChangeKind
    organisation_id: int
    organisation: str
    number: str | None
    title: str
    title_before: str | None
    due: date
    due_before: date | None


@dataclass(frozen=True)
class Past:
    """An assignment as it was at a moment."""

    assignment_id: int
    number: str | None
    title: str
    organisation: str
    due: date
    state: AssignmentState


async def changes(session: Session, edition_id: int) -> list[ChangeView]:
    """List what an edition changed for executors, in the order of its rows; nothing of what is closed."""
    before = aliased(Activity)
    found = await session.execute(
        select(AssignmentChange, Assignment, Activity, before, Organisation)
        .join(Assignment, Assignment.id == AssignmentChange.assignment_id)
        .join(Activity, Activity.id == Assignment.activity_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .outerjoin(before, before.id == AssignmentChange.activity_before)
        .where(AssignmentChange.edition_id == edition_id)
        .order_by(Activity.ordinal, Assignment.nominal, Assignment.id)
    )
    return [view for row in found if (view := _change(row)) is not None]


def _change(
    row: Row[AssignmentChange, Assignment, Activity, Activity | None, Organisation],
) -> ChangeView | None:
    change, assignment, activity, before, place = row
    state = assignment.state if change.state_before is None else change.state_before
    reworded = before is not None and asks(before) != asks(activity)
    if state in CLOSED or (change.kind is ChangeKind.KEPT and not reworded):
        return None
    return ChangeView(
        kind=change.kind,
        organisation_id=place.id,
        organisation=place.short_name,
        number=activity.number,
        title=activity.title,
        title_before=before.title if before is not None and reworded else None,
        due=assignment.due,
        due_before=change.due_before,
    )


def asks(activity: Activity) -> tuple[str, str | None]:
    """Give what a row asks for in words: its title and expected result."""
    return activity.title, activity.expected_result


async def as_of(session: Session, roadmap_id: int, at: datetime) -> list[Past]:
    """List what a roadmap asked at a moment, and where each assignment stood then.

    Later amendments do not show: each assignment is taken back to what it was before the first of them.
    """
    first = await _first_changes_after(session, roadmap_id, at)
    activities = {activity.id: activity for activity in await _activities(session, roadmap_id)}
    told = await _told_by(session, roadmap_id, at)
    decisions = await _first_decisions_after(session, roadmap_id, at)
    shown: list[tuple[int, Past]] = []
    for assignment, place in await _assignments(session, roadmap_id, at):
        change = first.get(assignment.id)
        if change is not None and change.kind is ChangeKind.ADDED:
            continue
        initial = change.state_before if change and change.state_before else assignment.state
        if initial is AssignmentState.WITHDRAWN:
            continue
        activity = activities[_before(change.activity_before if change else None, assignment.activity_id)]
        due = change.due_before if change and change.due_before else assignment.due
        decided = decisions.get(assignment.id)
        if decided is not None:
            due = decided.due_before or due
            initial = AssignmentState.AWAITED if decided.kind is AppealKind.NOT_OURS else initial
        state = told.state(assignment, activity, initial)
        shown.append(
            (
                activity.ordinal,
                Past(assignment.id, activity.number, activity.title, place.short_name, due, state),
            )
        )
    return [past for _, past in sorted(shown, key=lambda one: (one[0], one[1].due, one[1].assignment_id))]


def _before(past: int | None, now: int) -> int:
    return now if past is None else past


async def _activities(session: Session, roadmap_id: int) -> list[Activity]:
    found = await session.scalars(
        select(Activity)
        .join(Edition, Edition.id == Activity.edition_id)
        .where(Edition.roadmap_id == roadmap_id)
    )
    return list(found)


async def _assignments(
    session: Session, roadmap_id: int, at: datetime
) -> list[tuple[Assignment, Organisation]]:
    """List the assignments of a roadmap that was in force at a moment."""
    in_force = await session.scalar(
        select(func.count(Edition.id)).where(
            Edition.roadmap_id == roadmap_id,
            Edition.state == EditionState.APPROVED,
            Edition.approved_at <= at,
        )
    )
    if not in_force:
        return []
    rows = await session.execute(
        select(Assignment, Organisation)
        .join(Activity, Activity.id == Assignment.activity_id)
        .join(Edition, Edition.id == Activity.edition_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(Edition.roadmap_id == roadmap_id)
    )
    return [(assignment, place) for assignment, place in rows]


async def _first_changes_after(
    session: Session, roadmap_id: int, at: datetime
) -> dict[int, AssignmentChange]:
    """Give the first change of each assignment after a moment."""
    found = await session.scalars(
        select(AssignmentChange)
        .join(Edition, Edition.id == AssignmentChange.edition_id)
        .where(Edition.roadmap_id == roadmap_id, Edition.approved_at > at)
        .order_by(Edition.ordinal.desc())
    )
    return {change.assignment_id: change for change in found}


async def _first_decisions_after(session: Session, roadmap_id: int, at: datetime) -> dict[int, Appeal]:
    """Give the first appeal of each assignment that was granted after a moment."""
    found = await session.scalars(
        select(Appeal)
        .join(Assignment, Assignment.id == Appeal.assignment_id)
        .join(Activity, Activity.id == Assignment.activity_id)
        .join(Edition, Edition.id == Activity.edition_id)
        .where(
            Edition.roadmap_id == roadmap_id,
            Appeal.state == AppealState.GRANTED,
            Appeal.answered_at > at,
        )
        .order_by(Appeal.answered_at.desc(), Appeal.id.desc())
    )
    return {appeal.assignment_id: appeal for appeal in found}


@dataclass(frozen=True)
class _Told:
    """What reports and reviews say of assignments at a moment.

    ``latest`` is the verdict on the last report sent by then (None: still on review) by assignment;
    ``accepted`` are the rows and days of which some executor's report had been accepted.
    """

    latest: dict[int, Verdict | None]
    accepted: frozenset[tuple[int, date]]

    def state(self, assignment: Assignment, activity: Activity, known: AssignmentState) -> AssignmentState:
        """Find where an assignment stood; ``known`` is where it stood later."""
        if known in (AssignmentState.DONE_BEFORE, AssignmentState.NOT_ASKED):
            return known
        if assignment.id in self.latest:
            verdict = self.latest[assignment.id]
            return AssignmentState(verdict.value) if verdict else AssignmentState.ON_REVIEW
        covered = (assignment.activity_id, assignment.nominal) in self.accepted
        return AssignmentState.COVERED if activity.duty is Duty.ANY and covered else AssignmentState.AWAITED


async def _told_by(session: Session, roadmap_id: int, at: datetime) -> _Told:
    rows = await session.execute(
        select(Assignment.id, Assignment.activity_id, Assignment.nominal, Review.verdict)
        .select_from(Report)
        .join(Assignment, Assignment.id == Report.assignment_id)
        .join(Activity, Activity.id == Assignment.activity_id)
        .join(Edition, Edition.id == Activity.edition_id)
        .outerjoin(Review, and_(Review.report_id == Report.id, Review.decided_at <= at))
        .where(Edition.roadmap_id == roadmap_id, Report.submitted_at <= at)
        .order_by(Report.submitted_at, Report.id)
    )
    latest: dict[int, Verdict | None] = {}
    accepted: set[tuple[int, date]] = set()
    for assignment_id, activity_id, nominal, verdict in rows:
        latest[assignment_id] = verdict
        if verdict is Verdict.ACCEPTED:
            accepted.add((activity_id, nominal))
    return _Told(latest, frozenset(accepted))
