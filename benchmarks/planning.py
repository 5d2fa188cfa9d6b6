"""Planning: a tick with work and an empty one, against the same number of bare inserts."""

import sqlite3
import time
from datetime import UTC, date, datetime
from pathlib import Path

from benchmarks.measure import Measure
from benchmarks.updating import fresh
from models import Session
from models.assignments import Assignment, AssignmentState
from models.organisations import OrganisationKind
from models.people import Role
from models.roadmaps import Activity, Duty, Edition, EditionState, Roadmap
from plans.control import ControlKind
from scheduler import planner
from services import organisations, seats

ROWS = 1000
NOW = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
DUE = datetime(2026, 10, 15, 6, 0, tzinfo=UTC)


async def prepare(session: Session) -> None:
    """Make one school with a director and a thousand open assignments."""
    place = await organisations.add(session, kind=OrganisationKind.MUNICIPALITY, name="Район")
    school = await organisations.add(session, kind=OrganisationKind.SCHOOL, name="Школа", parent=place)
    seat = await seats.seat(session, organisation_id=school.id, role=Role.EXECUTOR, title="директор")
    token = await seats.invite(session, seat_id=seat.id, now=NOW)
    offer = await seats.open_invitation(session, token=token, chat_id=1, now=NOW)
    await seats.join(
        session, invitation_id=offer.invitation_id, telegram_id=1, chat_id=1, name="Имя", now=NOW
    )
    roadmap = Roadmap(owner_id=place.id, title="План", time_zone="Europe/Moscow", created_at=NOW)
    session.add(roadmap)
    await session.flush()
    edition = Edition(
        roadmap_id=roadmap.id,
        ordinal=1,
        state=EditionState.APPROVED,
        source_name="x",
        remarks=[],
        created_at=NOW,
    )
    session.add(edition)
    await session.flush()
    activities = [_activity(edition.id, number) for number in range(ROWS)]
    session.add_all(activities)
    await session.flush()
    session.add_all(_assignment(activity.id, school.id) for activity in activities)


def _activity(edition_id: int, number: int) -> Activity:
    return Activity(
        edition_id=edition_id,
        ordinal=number,
        number=str(number),
        title="Мероприятие",
        deadline_text="15 октября",
        deadlines=[],
        responsible_text="ОО",
        targets=[],
        notes={},
        duty=Duty.EACH,
    )


def _assignment(activity_id: int, school_id: int) -> Assignment:
    return Assignment(
        activity_id=activity_id,
        organisation_id=school_id,
        due=date(2026, 10, 15),
        nominal=date(2026, 10, 15),
        checkpoint=ControlKind.FINAL,
        state=AssignmentState.AWAITED,
        next_step_at=NOW,
    )


def bare_inserts(folder: Path) -> float:
    """Write as many items and moments on bare sqlite3."""
    with sqlite3.connect(folder / "floor.sqlite3") as connection:
        connection.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, step TEXT, moment TEXT)")
        started = time.perf_counter()
        for number in range(ROWS):
            connection.execute("INSERT INTO items VALUES (?, 'd+0', ?)", (number, DUE.isoformat()))
        connection.commit()
        seconds = time.perf_counter() - started
    connection.close()
    return seconds


async def measures() -> list[Measure]:
    """Measure a tick that finds a thousand due assignments, and one that finds nothing."""
    async with fresh() as (database, folder):
        async with database.writing() as session:
            await prepare(session)
        started = time.perf_counter()
        looked = 1
        while looked:
            async with database.writing() as session:
                looked = (await planner.plan(session, now=DUE)).looked_at
        busy = time.perf_counter() - started
        started = time.perf_counter()
        async with database.writing() as session:
            await planner.plan(session, now=DUE)
        empty = time.perf_counter() - started
        floor = bare_inserts(folder)
        return [
            Measure(f"planning {ROWS} due assignments", busy, floor),
            Measure("an empty tick", empty, floor),
        ]
