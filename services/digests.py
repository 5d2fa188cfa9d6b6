"""The weekly digest: the same figures as /status, kept as they were sent."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from models import Session
from models.assignments import OWED, Assignment
from models.letters import Digest, DigestState
from models.organisations import Organisation, OrganisationKind
from models.people import Person
from models.roadmaps import Edition, EditionState, Roadmap
from plans import ladder
from plans.calendar import WorkingCalendar, local_date, moment
from services import rules, seats, summary
from services.summary import Figures, Group, RowView, Scope, Standing

HOUR = time(9, 0)
AHEAD = timedelta(days=14)
WEEK = timedelta(days=7)
RISKS = 3


@dataclass(frozen=True)
class DigestView:
    """What a digest says; ``before`` are last week's figures, if there were any."""

    name: str
    day: date
    figures: Figures
    before: Figures | None
    risks: tuple[Group, ...]
    due_soon: tuple[RowView, ...]
    offices: tuple[Group, ...]
    silent: tuple[str, ...]


async def speaking_time(session: Session, digest: Digest, *, now: datetime) -> datetime:
    """Give the moment at which a digest may be said: ``now``, or nine o'clock where that is at night."""
    place = await session.get_one(Organisation, digest.organisation_id)
    return ladder.speaking_time(now, place.time_zone, await rules.calendar(session))


async def plan_next(session: Session, *, now: datetime) -> None:
    """Plan the next digest of each municipality that has an approved plan, once a week."""
    calendar = await rules.calendar(session)
    found = await session.scalars(
        select(Organisation)
        .join(Roadmap, Roadmap.owner_id == Organisation.id)
        .join(Edition, Edition.roadmap_id == Roadmap.id)
        .where(Organisation.kind == OrganisationKind.MUNICIPALITY, Edition.state == EditionState.APPROVED)
        .distinct()
    )
    for place in found:
        week, due_at = next_monday(now, place.time_zone, calendar)
        later = (date.fromisoformat(week) + WEEK).isoformat()  # planned before the clock was put back
        known = await session.scalar(
            select(func.count(Digest.id)).where(
                Digest.organisation_id == place.id, Digest.week.in_((week, later))
            )
        )
        if not known:
            session.add(Digest(organisation_id=place.id, week=week, state=DigestState.PLANNED, due_at=due_at))
    await session.flush()


def next_monday(now: datetime, zone: str, calendar: WorkingCalendar) -> tuple[str, datetime]:
    """Give the next Monday after ``now`` (ISO date) and its 09:00, on the first working day from it."""
    today = local_date(now, zone)
    monday = today - timedelta(days=today.weekday())
    while moment(calendar.working_or_after(monday), HOUR, zone) <= now:
        monday += WEEK
    return monday.isoformat(), moment(calendar.working_or_after(monday), HOUR, zone)


async def due(session: Session, *, now: datetime) -> list[Digest]:
    """List the digests whose Monday has come."""
    found = await session.scalars(
        select(Digest)
        .where(Digest.state == DigestState.PLANNED, Digest.due_at <= now)
        .order_by(Digest.due_at)
        .with_for_update(skip_locked=True)
    )
    return list(found)


async def close(session: Session, digest: Digest, view: DigestView) -> list[Person]:
    """Keep the figures of a digest as they are sent; give those who receive it."""
    digest.figures = asdict(view.figures)
    digest.state = DigestState.WRITTEN
    place = await session.get_one(Organisation, digest.organisation_id)
    await session.flush()
    return await seats.staff(session, path=place.path)


async def view_of(session: Session, digest: Digest, *, now: datetime) -> DigestView:
    """Collect what a digest says as of ``now``."""
    place = await session.get_one(Organisation, digest.organisation_id)
    scope = Scope(place.path)
    groups = await summary.by_organisation(session, scope, now=now)
    today = local_date(now, place.time_zone)
    ahead = await summary.rows(session, scope, [Standing.AHEAD, Standing.RETURNED], now=now)
    offices = await _office_ids(session, place)
    late = sorted(
        (group for group in groups if group.figures.overdue), key=lambda group: -group.figures.overdue
    )
    return DigestView(
        name=place.short_name,
        day=today,
        figures=await summary.figures(session, scope, now=now),
        before=await _before(session, digest),
        risks=tuple(group for group in late if group.id not in offices)[:RISKS],
        due_soon=tuple(row for row in ahead if row.due <= today + AHEAD),
        offices=tuple(group for group in late if group.id in offices),
        silent=await _silent(session, place),
    )


async def _before(session: Session, digest: Digest) -> Figures | None:
    kept: dict[str, Any] | None = await session.scalar(
        select(Digest.figures)
        .where(
            Digest.organisation_id == digest.organisation_id,
            Digest.state == DigestState.WRITTEN,
            Digest.due_at < digest.due_at,
        )
        .order_by(Digest.due_at.desc())
        .limit(1)
    )
    return Figures(**kept) if kept else None


async def _office_ids(session: Session, place: Organisation) -> set[int]:
    found = await session.scalars(
        select(Organisation.id).where(
            Organisation.path.startswith(place.path, autoescape=True),
            Organisation.kind != OrganisationKind.SCHOOL,
        )
    )
    return set(found)


async def _silent(session: Session, place: Organisation) -> tuple[str, ...]:
    """Name the organisations that owe something while nobody holds a seat there."""
    held = await seats.held_organisations(session)
    found = await session.execute(
        select(Organisation.id, Organisation.short_name)
        .join(Assignment, Assignment.organisation_id == Organisation.id)
        .where(Organisation.path.startswith(place.path, autoescape=True), Assignment.state.in_(OWED))
        .distinct()
        .order_by(Organisation.id)
    )
    return tuple(name for place_id, name in found if place_id not in held)
