"""The planner: asks the database what is due, and writes one bundle per person per day.

A draft left alone is asked about in the bundle of its morning as well.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, false, func, select
from sqlalchemy.orm import joinedload

from models import Session
from models.assignments import OWED, Assignment, Report
from models.letters import Letter, LetterItem
from plans.bundles import Debt, Desk, Put, Reader
from services import bundles, quiet, reaching

BATCH = 50  # assignments of one transaction: answers to people wait for its end
PLACES = 3  # organisations of one transaction where there are more assignments than that


@dataclass(frozen=True)
class Planned:
    """What one look did: assignments looked at, and items newly put into letters."""

    looked_at: int
    items: int


async def plan(session: Session, *, now: datetime) -> Planned:
    """Take the assignments whose moment has come, put their steps into letters, set the next moment.

    The next moment is strictly later than ``now``, so a look never finds the same work twice. Drafts go
    first: no bundle is sent while its reader's assignments are still to be put into it.
    """
    drafts, asked = await _ask_about_drafts(session, now)
    due = await _due(session, now) if drafts < BATCH else []
    if not due:
        return Planned(drafts, asked)
    puts = await _puts(session, due, now)
    written = await _write(session, puts, now)
    places = {assignment.id: assignment.organisation_id for assignment in due}
    await reaching.note_unreached(
        session, [(letter, places[put.assignment_id]) for (put, _), letter in zip(puts, written, strict=True)]
    )
    return Planned(drafts + len(due), asked + len(puts))


async def _ask_about_drafts(session: Session, now: datetime) -> tuple[int, int]:
    """Put the drafts whose morning has come into bundles, each once; count those taken and those put."""
    found = await session.scalars(
        select(Report)
        .where(Report.ask_at <= now)
        .order_by(Report.ask_at, Report.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    taken = {report.id: report for report in found}
    if not taken:
        return 0, 0
    unfinished = [taken[report_id] for report_id in await quiet.unfinished(session, taken)]
    homes = await bundles.homes(session, {report.author_id for report in unfinished})
    readers = [Reader(0, person_id) for person_id in homes]
    desk = await bundles.desk(session, false(), readers, now=now)
    asked = [report for report in unfinished if report.author_id in homes]
    for report in asked:
        home, author = homes[report.author_id], report.author_id
        speak_at, day = desk.bundle(author, home.zone, now=now, quiet_until=home.quiet_until)
        at = report.ask_at if report.ask_at is not None and speak_at <= now else speak_at
        letter = await bundles.letter(
            session, author, day, speak_at=speak_at, at=at, now=now, place_id=home.place_id
        )
        session.add(LetterItem(letter_id=letter.id, report_id=report.id))
    for report in taken.values():
        report.ask_at = None
    await session.flush()
    return len(taken), len(asked)


async def _puts(session: Session, due: Sequence[Assignment], now: datetime) -> list[tuple[Put, datetime]]:
    """Decide what goes into whose bundle, and when each should be said."""
    owed = [assignment for assignment in due if assignment.state in OWED]
    readers = await bundles.readers(session, {assignment.organisation_id for assignment in owed})
    about = Assignment.id.in_([assignment.id for assignment in owed])
    desk = await bundles.desk(session, about, (one for found in readers.values() for one in found), now=now)
    puts: list[tuple[Put, datetime]] = []
    for assignment in due:
        puts += _look(desk, assignment, readers.get(assignment.organisation_id, ()), now)
    return puts


async def _due(session: Session, now: datetime) -> list[Assignment]:
    """List what is due for some people, but for them everything: a bundle may go once it is committed."""
    found = await _locked(session, _moment_has_come(Assignment.next_step_at <= now).limit(BATCH))
    if len(found) < BATCH:
        return found
    places = list(dict.fromkeys(assignment.organisation_id for assignment in found))[:PLACES]
    shared = await bundles.sharing_readers(session, places)
    theirs = Assignment.organisation_id.in_(shared)
    return await _locked(session, _moment_has_come(Assignment.next_step_at <= now, theirs))


def _moment_has_come(*conditions: ColumnElement[bool]) -> Select[Assignment]:
    return (
        select(Assignment)
        .where(*conditions)
        .order_by(Assignment.next_step_at, Assignment.id)
        .options(joinedload(Assignment.organisation))
        .with_for_update(skip_locked=True, of=Assignment)
    )


async def _locked(session: Session, query: Select[Assignment]) -> list[Assignment]:
    return list(await session.scalars(query))


def _look(
    desk: Desk, assignment: Assignment, readers: Collection[Reader], now: datetime
) -> list[tuple[Put, datetime]]:
    """Look at an assignment; give what is put into letters, and when each should be said.

    What can be said at once should have been at the moment of its step; what waits, when it may go.
    """
    if assignment.state not in OWED:
        assignment.next_step_at = None
        return []
    assert assignment.next_step_at is not None  # the query asked for it
    debt = Debt(assignment.id, assignment.due, assignment.organisation.time_zone, tuple(readers))
    found = desk.look(debt, since=assignment.next_step_at, now=now)
    assignment.next_step_at = found.next_at
    if found.step is None:
        return []
    return [(put, found.step.at if put.speak_at <= now else put.speak_at) for put in found.puts]


async def _write(session: Session, puts: list[tuple[Put, datetime]], now: datetime) -> list[Letter]:
    """Write the items, each into the letter of its bundle; give the letter of each."""
    written: dict[tuple[int, date], Letter] = {}
    for put, at in puts:
        bundle = put.reader.person_id, put.day
        if bundle not in written:
            written[bundle] = await bundles.letter(session, *bundle, speak_at=put.speak_at, at=at, now=now)
        session.add(
            LetterItem(
                letter_id=written[bundle].id,
                assignment_id=put.assignment_id,
                seat_id=put.reader.seat_id,
                step=put.step,
            )
        )
    await session.flush()
    return [written[put.reader.person_id, put.day] for put, _ in puts]


async def next_moment(session: Session) -> datetime | None:
    """Give the earliest moment at which the planner has something to look at."""
    moments = [
        await session.scalar(select(func.min(Assignment.next_step_at))),
        await session.scalar(select(func.min(Report.ask_at))),
    ]
    return min((one for one in moments if one is not None), default=None)
