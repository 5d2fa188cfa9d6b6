"""Items: assignments as the executor who owes them sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select

from models import Session
from models.assignments import OWED, Appeal, AppealKind, AppealState, Assignment, AssignmentState
from models.organisations import Organisation
from models.roadmaps import Activity
from plans.calendar import local_date
from plans.control import ControlKind
from plans.plan import Target
from services.access import Actor
from services.figures import asked


@dataclass(frozen=True)
class ItemView:
    """An assignment as an executor sees it; ``due_before``: the first date it had, where it was moved."""

    assignment_id: int
    number: str | None
    title: str
    organisation: str
    due: date
    days_left: int
    state: AssignmentState
    checkpoint: ControlKind
    expected_result: str | None
    target: Target | None = None
    due_before: date | None = None


async def item(session: Session, assignment_id: int, *, now: datetime) -> ItemView:
    """Give one assignment as an executor sees it."""
    row = await session.execute(_items().where(Assignment.id == assignment_id))
    return _item_view(*row.one(), now=now)


async def open_items(session: Session, actor: Actor, *, now: datetime) -> list[ItemView]:
    """List what the actor's organisations owe or have on review, the nearest date first."""
    rows = await session.execute(
        _items()
        .where(
            Assignment.organisation_id.in_(actor.executes_for),
            Assignment.state.in_((*OWED, AssignmentState.ON_REVIEW)),
        )
        .order_by(Assignment.due, Activity.ordinal, Assignment.id)
    )
    return [_item_view(*row, now=now) for row in rows]


async def planned_items(session: Session, actor: Actor, *, now: datetime) -> list[ItemView]:
    """List everything the plans ask of the actor's organisations, what is done as well, by date."""
    rows = await session.execute(
        _items()
        .where(
            Assignment.organisation_id.in_(actor.executes_for),
            Assignment.state.not_in((AssignmentState.WITHDRAWN, AssignmentState.NOT_ASKED)),
        )
        .order_by(Assignment.due, Activity.ordinal, Assignment.id)
    )
    return [_item_view(*row, now=now) for row in rows]


def next_month(planned: Sequence[ItemView], today: date) -> date:
    """Give the first day of the month to open a plan at: of the earliest open item, else of today."""
    owed = [found.due for found in planned if found.state in OWED]
    return min(owed, default=today).replace(day=1)


def _items() -> Select[Assignment, Activity, Organisation, date | None]:
    first = (
        select(Appeal.due_before)
        .where(
            Appeal.assignment_id == Assignment.id,
            Appeal.kind == AppealKind.EXTENSION,
            Appeal.state == AppealState.GRANTED,
        )
        .order_by(Appeal.answered_at, Appeal.id)
        .limit(1)
        .correlate(Assignment)
        .scalar_subquery()
    )
    return (
        select(Assignment, Activity, Organisation, first)
        .join(Activity, Activity.id == Assignment.activity_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
    )


def _item_view(
    assignment: Assignment, activity: Activity, place: Organisation, due_before: date | None, *, now: datetime
) -> ItemView:
    return ItemView(
        assignment_id=assignment.id,
        number=activity.number,
        title=activity.title,
        organisation=place.short_name,
        due=assignment.due,
        days_left=(assignment.due - local_date(now, place.time_zone)).days,
        state=assignment.state,
        checkpoint=assignment.checkpoint,
        expected_result=activity.expected_result,
        target=wanted[1] if (wanted := asked(activity)) is not None else None,
        due_before=due_before,
    )
