"""Appeals as both sides see them: one look at a row, its item, and what hangs on a decision."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, select

from models import Session
from models.assignments import OWED, Appeal, AppealKind, AppealState, Assignment, AssignmentState
from models.organisations import Organisation
from models.people import Person
from models.roadmaps import Activity, Edition
from services import items, rules
from services.items import ItemView

UNCOUNTED = (AssignmentState.NOT_ASKED, AssignmentState.WITHDRAWN)  # as ``services.summary`` leaves out


@dataclass(frozen=True)
class AppealView:
    """An appeal as both sides see it.

    ``new_due`` is the control date that ``wanted`` would make. ``plan_ends`` is the last day of the plan's
    period. ``others`` counts the other organisations that owe the same control date, ``further`` the open
    dates of the row that leave with it where it is not the organisation's.
    """

    appeal_id: int
    kind: AppealKind
    state: AppealState
    item: ItemView
    time_zone: str
    author: str
    text: str
    made_at: datetime
    wanted: date | None
    new_due: date | None
    due_before: date | None
    plan_ends: date | None
    others: int
    further: int
    decided_by: str | None
    decided_at: datetime | None
    answer: str

    @property
    def lacks_day(self) -> bool:
        """Tell whether a date is to be moved, and until when was not said."""
        return self.kind is AppealKind.EXTENSION and self.wanted is None


async def view(session: Session, appeal_id: int, *, now: datetime) -> AppealView:
    """Give an appeal, whoever asks (for letters, whose reader was chosen before)."""
    row = await session.execute(
        select(Appeal, Assignment, Organisation.time_zone, Edition.period_end, Person.name)
        .join(Assignment, Assignment.id == Appeal.assignment_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .join(Activity, Activity.id == Assignment.activity_id)
        .join(Edition, Edition.id == Activity.edition_id)
        .join(Person, Person.id == Appeal.author_id)
        .where(Appeal.id == appeal_id)
    )
    appeal, assignment, zone, plan_ends, author = row.one()
    decider = await session.get(Person, appeal.answered_by_id) if appeal.answered_by_id is not None else None
    calendar = await rules.calendar(session)
    return AppealView(
        appeal_id=appeal.id,
        kind=appeal.kind,
        state=appeal.state,
        item=await items.item(session, assignment.id, now=now),
        time_zone=zone,
        author=author,
        text=appeal.text,
        made_at=appeal.made_at,
        wanted=appeal.wanted_due,
        new_due=calendar.working_or_before(appeal.wanted_due) if appeal.wanted_due is not None else None,
        due_before=appeal.due_before,
        plan_ends=plan_ends,
        others=await _count(session, _of_same_date(assignment), Assignment.state.not_in(UNCOUNTED)),
        further=await _count(session, of_same_row(assignment), Assignment.id != assignment.id, _owed()),
        decided_by=decider.name if decider is not None else None,
        decided_at=appeal.answered_at,
        answer=appeal.answer,
    )


async def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return await session.scalar(select(func.count(Assignment.id)).where(*conditions)) or 0


def _owed() -> ColumnElement[bool]:
    return Assignment.state.in_(OWED)


def of_same_row(assignment: Assignment) -> ColumnElement[bool]:
    """Say in SQL: an assignment of the same row and organisation."""
    return and_(
        Assignment.activity_id == assignment.activity_id,
        Assignment.organisation_id == assignment.organisation_id,
    )


def _of_same_date(assignment: Assignment) -> ColumnElement[bool]:
    """Say in SQL: the same control date of the row, owed by another organisation."""
    return and_(
        Assignment.activity_id == assignment.activity_id,
        Assignment.organisation_id != assignment.organisation_id,
        Assignment.nominal == assignment.nominal,
        Assignment.checkpoint == assignment.checkpoint,
    )
