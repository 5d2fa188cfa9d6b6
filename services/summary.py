"""Figures: one calculation for /status, the digest and every report that follows.

A figure counts control dates. Of a row that any executor may do, one control date counts once,
however many organisations it was given to; an organisation's own card counts its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum

from sqlalchemy import (
    ColumnElement,
    String,
    Subquery,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
)

from models import Session
from models.assignments import DONE, OWED, Assignment, AssignmentState
from models.organisations import Organisation
from models.roadmaps import Activity, Duty, Section
from plans.calendar import local_date
from plans.control import ControlKind
from services import seats


class Standing(IntEnum):
    """Where a control date stands; of several executors of whom any suffices the least one counts."""

    DONE = 0
    ON_REVIEW = 1
    RETURNED = 2
    AHEAD = 3
    OVERDUE = 4


@dataclass(frozen=True)
class Figures:
    """Counts of control dates; ``undated`` are open questions «было или нет», outside the total."""

    done: int = 0
    on_review: int = 0
    returned: int = 0
    ahead: int = 0
    overdue: int = 0
    undated: int = 0

    @property
    def total(self) -> int:
        """All dated control dates."""
        return self.done + self.on_review + self.returned + self.ahead + self.overdue


@dataclass(frozen=True)
class Group:
    """The figures of one organisation or section."""

    id: int
    name: str
    figures: Figures


@dataclass(frozen=True)
class RowView:
    """One counted control date and who owes it."""

    assignment_id: int
    number: str | None
    title: str
    organisations: tuple[str, ...]
    due: date
    standing: Standing
    nobody: bool


@dataclass(frozen=True)
class Scope:
    """What is counted: the subtree of ``path``, or one organisation, or one section of it."""

    path: str
    organisation_id: int | None = None
    section_id: int | None = None


async def figures(session: Session, scope: Scope, *, now: datetime) -> Figures:
    """Count the control dates of a scope as of ``now`` (dates in each organisation's own zone)."""
    standing = await _standing(session, scope, now)
    rows = await session.execute(
        select(standing.c.asked, standing.c.standing, func.count()).group_by(
            standing.c.asked, standing.c.standing
        )
    )
    return _figures(rows)


async def by_organisation(session: Session, scope: Scope, *, now: datetime) -> list[Group]:
    """Count for each organisation of the scope its own control dates."""
    graded = await _graded(session, scope, now)
    rows = await session.execute(
        select(Organisation.id, Organisation.short_name, graded.c.asked, graded.c.standing, func.count())
        .join(graded, graded.c.organisation_id == Organisation.id)
        .group_by(Organisation.id, Organisation.short_name, graded.c.asked, graded.c.standing)
        .order_by(Organisation.id)
    )
    return _groups(rows)


async def by_section(session: Session, scope: Scope, *, now: datetime) -> list[Group]:
    """Count for each section of the approved plans its control dates."""
    standing = await _standing(session, scope, now)
    rows = await session.execute(
        select(Section.id, Section.title, standing.c.asked, standing.c.standing, func.count())
        .join(standing, standing.c.section_id == Section.id)
        .group_by(Section.id, Section.title, standing.c.asked, standing.c.standing)
        .order_by(Section.id)
    )
    return _groups(rows)


async def rows(session: Session, scope: Scope, wanted: Iterable[Standing], *, now: datetime) -> list[RowView]:
    """List the control dates behind a figure, the oldest date first: as many as the figure says."""
    standing = await _standing(session, scope, now)
    graded = await _graded(session, scope, now)
    found = await session.execute(
        select(Assignment, Activity, Organisation, standing.c.key, standing.c.standing)
        .join(graded, graded.c.id == Assignment.id)
        .join(
            standing,
            and_(standing.c.key == graded.c.key, standing.c.standing == graded.c.standing),
        )
        .join(Activity, Activity.id == Assignment.activity_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(standing.c.standing.in_([int(one) for one in wanted]), standing.c.asked == 0)
        .order_by(Assignment.due, Activity.ordinal, Assignment.id)
    )
    held = await seats.held_organisations(session)
    views: dict[str, RowView] = {}
    for assignment, activity, place, key, rank in found:
        before = views.get(key)
        views[key] = RowView(
            assignment_id=before.assignment_id if before else assignment.id,
            number=activity.number,
            title=activity.title,
            organisations=(*(before.organisations if before else ()), place.short_name),
            due=assignment.due,
            standing=Standing(rank),
            nobody=(before.nobody if before else True) and place.id not in held,
        )
    return list(views.values())


def _groups(rows: Iterable[tuple[int, str, int, int, int]]) -> list[Group]:
    collected: dict[tuple[int, str], list[tuple[int, int, int]]] = {}
    for id_, name, asked, standing, count in rows:
        collected.setdefault((id_, name), []).append((asked, standing, count))
    return [Group(id_, name, _figures(counts)) for (id_, name), counts in collected.items()]


def _figures(counts: Iterable[tuple[int, int, int]]) -> Figures:
    """Add up (is a question, standing, count)."""
    sums = dict.fromkeys(Standing, 0)
    undated = 0
    for asked, standing, count in counts:
        if not asked:
            sums[Standing(standing)] += count
        elif standing != Standing.DONE:
            undated += count
    return Figures(
        done=sums[Standing.DONE],
        on_review=sums[Standing.ON_REVIEW],
        returned=sums[Standing.RETURNED],
        ahead=sums[Standing.AHEAD],
        overdue=sums[Standing.OVERDUE],
        undated=undated,
    )


async def _zones(session: Session, scope: Scope) -> list[str]:
    found = await session.scalars(
        select(Organisation.time_zone)
        .where(Organisation.path.startswith(scope.path, autoescape=True))
        .distinct()
    )
    return sorted(found)


def _rank(zones: list[str], now: datetime) -> ColumnElement[int]:
    """Say in SQL where an assignment stands today, «today» being that of its organisation's zone."""
    late = or_(
        false(),
        *(and_(Organisation.time_zone == zone, Assignment.due < local_date(now, zone)) for zone in zones),
    )
    return case(
        (Assignment.state.in_(DONE), int(Standing.DONE)),
        (Assignment.state == AssignmentState.ON_REVIEW, int(Standing.ON_REVIEW)),
        (and_(Assignment.state.in_(OWED), late), int(Standing.OVERDUE)),
        (Assignment.state == AssignmentState.RETURNED, int(Standing.RETURNED)),
        else_=int(Standing.AHEAD),
    )


def _asked() -> ColumnElement[int]:
    return case((Assignment.checkpoint == ControlKind.QUESTION, 1), else_=0)


def _key(scope: Scope) -> ColumnElement[str]:
    """Name the control date an assignment counts for: shared where any executor suffices."""
    own = literal("own:", String) + cast(Assignment.id, String)
    if scope.organisation_id is not None:
        return own
    shared = (
        literal("any:", String)
        + cast(Assignment.activity_id, String)
        + ":"
        + cast(Assignment.nominal, String)
        + ":"
        + cast(Assignment.checkpoint, String)
    )
    return case((Activity.duty == Duty.ANY, shared), else_=own)


async def _graded(session: Session, scope: Scope, now: datetime) -> Subquery:
    """Give one row an assignment: what it counts for, its section, whether it asks, where it stands."""
    graded = (
        select(
            Assignment.id,
            Assignment.organisation_id,
            Activity.section_id,
            _key(scope).label("key"),
            _asked().label("asked"),
            _rank(await _zones(session, scope), now).label("standing"),
        )
        .join(Activity, Activity.id == Assignment.activity_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(
            Organisation.path.startswith(scope.path, autoescape=True),
            Assignment.state.not_in((AssignmentState.NOT_ASKED, AssignmentState.WITHDRAWN)),
        )
    )
    if scope.organisation_id is not None:
        graded = graded.where(Assignment.organisation_id == scope.organisation_id)
    if scope.section_id is not None:
        graded = graded.where(Activity.section_id == scope.section_id)
    return graded.subquery()


async def _standing(session: Session, scope: Scope, now: datetime) -> Subquery:
    """Give one row a control date: of the assignments that count as one, the best standing."""
    graded = await _graded(session, scope, now)
    return (
        select(
            graded.c.key,
            func.min(graded.c.section_id).label("section_id"),
            func.max(graded.c.asked).label("asked"),
            func.min(graded.c.standing).label("standing"),
        )
        .group_by(graded.c.key)
        .subquery()
    )
