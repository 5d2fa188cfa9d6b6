"""Runs: when the bot worked, when it was away, and whether it keeps dying."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from models import Session
from models.assignments import Report, ReportState
from models.machinery import Run
from models.organisations import Organisation
from models.people import Person, Seat, Tenure

TELEGRAM_KEEPS = timedelta(hours=24)  # messages of a bot that does not ask; presses only 150 seconds
LOOP = timedelta(minutes=10)
SHORT = timedelta(seconds=15)  # a life that was over before its second pulse (or has just begun)
MOST_STARTS = 5  # short lives within LOOP that are no accident
KEEP = timedelta(days=30)


@dataclass(frozen=True)
class Began:
    """How a run began: ``away`` is (from, to) where messages were lost meanwhile, ``starts`` unclean ones."""

    run_id: int
    away: tuple[datetime, datetime] | None
    starts: int


async def last_alive(session: Session) -> datetime | None:
    """Give the last moment at which some process was at work."""
    return await session.scalar(select(func.max(Run.alive_at)))


async def begin(session: Session, *, now: datetime) -> Began:
    """Write down that a process begins its work."""
    before = await last_alive(session)
    recent = await session.scalars(select(Run).where(Run.stopped_at.is_(None), Run.started_at > now - LOOP))
    died = sum(1 for one in recent if one.alive_at - one.started_at < SHORT)
    run = Run(started_at=now, alive_at=now, stopped_at=None)
    session.add(run)
    await session.flush()
    lost = before is not None and now - before > TELEGRAM_KEEPS
    return Began(run.id, (before, now) if lost and before is not None else None, died)


async def alive(session: Session, run_id: int, *, now: datetime) -> None:
    """Write down that a process is still at work."""
    run = await session.get(Run, run_id)
    if run is not None:
        run.alive_at = now


async def stopped(session: Session, run_id: int, *, now: datetime) -> None:
    """Write down that a process has stopped with nothing in hand."""
    run = await session.get(Run, run_id)
    if run is not None:
        run.alive_at = run.stopped_at = now


async def forget(session: Session, *, now: datetime) -> None:
    """Forget the runs of long ago."""
    await session.execute(delete(Run).where(Run.alive_at < now - KEEP))


async def were_writing(session: Session) -> list[tuple[Person, str]]:
    """List (person, zone) of everybody with a report not sent yet."""
    found = await session.execute(
        select(Person, func.min(Organisation.time_zone))
        .join(Report, Report.author_id == Person.id)
        .join(Tenure, Tenure.person_id == Person.id)
        .join(Seat, Seat.id == Tenure.seat_id)
        .join(Organisation, Organisation.id == Seat.organisation_id)
        .where(Report.state == ReportState.DRAFT, Tenure.until.is_(None))
        .group_by(Person.id)
        .order_by(Person.id)
    )
    return [(person, zone) for person, zone in found]
