"""Items: assignments as the executor who owes them sees them."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select

from models import Session
from models.assignments import OWED, Assignment, AssignmentState
from models.organisations import Organisation
from models.roadmaps import Activity
from plans.calendar import local_date
from plans.control import ControlKind
from services.access import Actor


@dataclass(frozen=True)
class ItemView:
    """An assignment as an executor sees it."""

    assignment_id: int
    number: str | None
    title: str
    organisation: str
    due: date
    days_left: int
    state: AssignmentState
    checkpoint: ControlKind
    expected_result: str | None


async def item(session: Session, assignment_id: int, *, now: datetime) -> ItemView:
    """Give one assignment as an executor sees it."""
    row = await session.execute(_items().where(Assignment.id == assignment_id))
    assignment, activity, place = row.one()
    return _item_view(assignment, activity, place, now)


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
    return [_item_view(*row, now) for row in rows]


def _items() -> Select[Assignment, Activity, Organisation]:
    return (
        select(Assignment, Activity, Organisation)
        .join(Activity, Activity.id == Assignment.activity_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
    )


def _item_view(assignment: Assignment, activity: Activity, place: Organisation, now: datetime) -> ItemView:
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
    )
