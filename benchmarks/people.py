"""People to write to: each the director of a school that owes something, as the courier asks."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from models import Session
from models.assignments import Assignment, AssignmentState
from models.letters import Letter, LetterKind, LetterState
from models.organisations import Organisation, OrganisationKind
from models.people import Person, Role, Seat, Tenure
from models.roadmaps import Activity, Duty, Edition, EditionState, Roadmap
from plans.control import ControlKind
from services.letters import Priority

DUE = date(2026, 10, 15)
ZONE = "Europe/Moscow"


async def settle(session: Session, people: int, now: datetime) -> None:
    """Make so many schools, each with a director (of chat 1, 2, …) and an assignment of a month hence."""
    session.add(_school(0, OrganisationKind.MUNICIPALITY))
    await session.flush()
    roadmap = Roadmap(owner_id=1, title="План", time_zone=ZONE, created_at=now)
    session.add(roadmap)
    await session.flush()
    edition = Edition(
        roadmap_id=roadmap.id,
        ordinal=1,
        state=EditionState.APPROVED,
        source_name="x",
        remarks=[],
        created_at=now,
    )
    session.add(edition)
    await session.flush()
    activity = _activity(edition.id)
    session.add(activity)
    await session.flush()
    numbers = range(1, people + 1)
    schools = [_school(number, OrganisationKind.SCHOOL) for number in numbers]
    session.add_all(schools)
    await session.flush()
    await session.execute(insert(Person), [_person(number, now) for number in numbers])
    seats = [Seat(organisation_id=school.id, role=Role.EXECUTOR, title="директор") for school in schools]
    session.add_all(seats)
    await session.flush()
    await session.execute(
        insert(Tenure),
        [
            {"seat_id": seat.id, "person_id": number, "since": now}
            for seat, number in zip(seats, numbers, strict=True)
        ],
    )
    session.add_all(_assignment(activity.id, school.id, now) for school in schools)


def _school(number: int, kind: OrganisationKind) -> Organisation:
    return Organisation(
        kind=kind, path=f"/{number}/", name=f"Школа № {number}", short_name=f"№ {number}", time_zone=ZONE
    )


def _person(number: int, now: datetime) -> dict[str, Any]:
    return {"id": number, "telegram_id": number, "chat_id": number, "name": "Имя", "created_at": now}


def _activity(edition_id: int) -> Activity:
    return Activity(
        edition_id=edition_id,
        ordinal=1,
        number="1",
        title="Мероприятие",
        deadline_text="15 октября",
        deadlines=[],
        responsible_text="ОО",
        targets=[],
        notes={},
        duty=Duty.EACH,
    )


def _assignment(activity_id: int, school_id: int, now: datetime) -> Assignment:
    return Assignment(
        activity_id=activity_id,
        organisation_id=school_id,
        due=DUE,
        nominal=DUE,
        checkpoint=ControlKind.FINAL,
        state=AssignmentState.AWAITED,
        next_step_at=now + timedelta(days=30),
    )


async def remind(session: Session, chats: Sequence[int], now: datetime) -> None:
    """Write a worded letter for each chat of a list, due at once; those of one chat say different things."""
    session.add_all(
        Letter(
            key=f"reminder:{number}",
            kind=LetterKind.NOTE,
            state=LetterState.WAITING,
            chat_id=chat_id,
            person_id=chat_id,
            priority=Priority.REMINDER,
            not_before=now,
            facts={},
            payload={
                "method": "sendMessage",
                "chat_id": chat_id,
                "text": f"Напоминание № {number}: до 15 октября ждём отчёт.",
            },
            created_at=now,
        )
        for number, chat_id in enumerate(chats)
    )
