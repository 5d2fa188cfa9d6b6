"""Leaving a seat: what waits to be said goes to who answers now, and somebody always administers."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models import Session
from models.assignments import Report, ReportState
from models.database import Database
from models.letters import Letter, LetterItem, LetterKind, LetterState
from models.people import Role, Seat, Tenure
from services import demands, items, leaving, reports, reviews, seats, verdicts
from services.access import Actor
from services.refusals import NotFound
from tests.services.plan import NOW, Made, actor, approved, found, seated

LATER = NOW + timedelta(hours=1)


async def town(session: Session) -> Made:
    """Found an approved plan, a principal (11) in the first school, and a coordinator (3)."""
    made = await found(session)
    await seated(session, made.schools[0], Role.EXECUTOR, 11)
    await seated(session, made.office, Role.COORDINATOR, 3)
    await approved(session, made)
    return made


async def seat_of(session: Session, user_id: int) -> int:
    return (await actor(session, user_id)).seats[0].seat_id


async def waiting(session: Session, chat_id: int, *kinds: LetterKind) -> list[Letter]:
    found_ = await session.scalars(
        select(Letter)
        .where(Letter.chat_id == chat_id, Letter.state == LetterState.WAITING, Letter.kind.in_(kinds))
        .order_by(Letter.id)
    )
    return list(found_)


async def reported(session: Session, who: Actor) -> Report:
    """Send a report on the first item to review."""
    owed = await items.open_items(session, who, now=NOW)
    await reports.begin(session, who, owed[0].assignment_id, now=NOW)
    report = await session.scalar(select(Report).where(Report.author_id == who.person.id))
    assert report is not None
    report.text = "Провели"
    await session.flush()
    await reports.submit(session, who, report.id, now=NOW)
    return report


async def test_a_verdict_and_a_request_under_way_go_to_who_answers_now(database: Database) -> None:
    async with database.writing() as session:
        made = await town(session)
        principal, coordinator = await actor(session, 11), await actor(session, 3)
        report = await reported(session, principal)
        await reviews.send_back(session, coordinator, report.id, "Нет листа", now=NOW)
        draft = await demands.begin(session, coordinator, made.schools[0].id, now=NOW)
        await demands.write_text(session, coordinator, draft.demand_id, "Сколько классов?", now=NOW)
        await demands.send(session, coordinator, draft.demand_id, now=NOW)
        (verdict,) = await waiting(session, 11, LetterKind.VERDICT)
        assert await verdicts.is_theirs(session, verdict, now=NOW)
        await seated(session, made.schools[0], Role.EXECUTOR, 13)
        left = await leaving.leave(session, principal, await seat_of(session, 11), now=LATER)
        assert left.kept == ()
        assert await waiting(session, 11, *LetterKind) == await waiting(session, 11, LetterKind.MENU)
        (passed,) = await waiting(session, 13, LetterKind.VERDICT)
        assert passed.facts == {"report_id": report.id, "reply_to": None}
        assert len(await waiting(session, 13, LetterKind.DEMAND)) == 1
        # what was missed then is found out when the letter is claimed
        assert not await verdicts.is_theirs(session, verdict, now=LATER)
        assert len(await waiting(session, 13, LetterKind.VERDICT)) == 1
        assert report.author_id == principal.person.id


async def test_who_keeps_another_seat_hears_of_it_still(database: Database) -> None:
    async with database.writing() as session:
        made = await town(session)
        principal = await actor(session, 11)
        first = await seat_of(session, 11)
        deputy = await seats.seat(
            session, organisation_id=made.schools[0].id, role=Role.EXECUTOR, title="завуч"
        )
        other = await seats.seat(
            session, organisation_id=made.schools[1].id, role=Role.EXECUTOR, title="завуч"
        )
        for seat in (deputy, other):
            session.add(Tenure(seat_id=seat.id, person_id=principal.person.id, since=NOW))
        await session.flush()
        assignment_id = (await items.open_items(session, principal, now=NOW))[0].assignment_id
        await reports.begin(session, principal, assignment_id, now=NOW)
        spoken = [(first, assignment_id), (deputy.id, assignment_id), (other.id, None)]
        for number, (seat_id, about) in enumerate(spoken):
            await reminder(session, principal, number, seat_id=seat_id, assignment_id=about)
        everything = await actor(session, 11)
        asked = await leaving.about_to_leave(session, everything, first)
        assert asked.drafts == 0  # the deputy of the same school may still send it
        await leaving.leave(session, everything, first, now=LATER)
        assert [one.key for one in await waiting(session, 11, LetterKind.REMINDER)] == ["test:1", "test:2"]
        remaining = await actor(session, 11)
        assert (await leaving.about_to_leave(session, remaining, deputy.id)).drafts == 1
        await leaving.leave(session, remaining, deputy.id, now=LATER + timedelta(hours=1))
        assert [one.key for one in await waiting(session, 11, LetterKind.REMINDER)] == ["test:2"]
        assert (await session.scalars(select(Report.state))).all() == [ReportState.DROPPED]
        with pytest.raises(NotFound):
            await leaving.leave(session, await actor(session, 11), first, now=LATER)
        with pytest.raises(NotFound):
            await leaving.leave(session, await actor(session, 3), other.id, now=LATER)


async def reminder(session: Session, who: Actor, number: int, **item: Any) -> None:
    """Keep a reminder that waits to be said to somebody."""
    letter = Letter(
        key=f"test:{number}",
        kind=LetterKind.REMINDER,
        state=LetterState.WAITING,
        chat_id=who.person.chat_id,
        person_id=who.person.id,
        priority=2,
        not_before=LATER,
        facts={},
        created_at=NOW,
    )
    session.add(letter)
    await session.flush()
    session.add(LetterItem(letter_id=letter.id, **item))
    await session.flush()


async def test_a_coordinator_who_leaves_gets_no_more_reports_and_the_others_are_told(
    database: Database,
) -> None:
    async with database.writing() as session:
        made = await town(session)
        await seated(session, made.schools[1], Role.EXECUTOR, 3)  # who holds a school's seat as well
        await reported(session, await actor(session, 11))
        assert len(await waiting(session, 3, LetterKind.REVIEW)) == 1
        await reminder(
            session, await actor(session, 3), 1, seat_id=(await actor(session, 3)).seats[1].seat_id
        )
        left = await leaving.leave(session, await actor(session, 3), await seat_of(session, 3), now=LATER)
        assert [seat.role for seat in left.kept] == [Role.EXECUTOR]
        assert await waiting(session, 3, LetterKind.REVIEW, LetterKind.EVIDENCE) == []
        assert len(await waiting(session, 3, LetterKind.REMINDER)) == 1
        (note,) = await waiting(session, 1, LetterKind.NOTE)
        vacancy = await leaving.vacancy(session, note)
        assert vacancy is not None
        assert (vacancy.role, vacancy.on_review, vacancy.person) == (Role.COORDINATOR, 1, "Человек 3")
        seat = await session.get_one(Seat, note.facts["vacant_seat_id"])
        session.add(Tenure(seat_id=seat.id, person_id=made.administrator.id, since=LATER))
        await session.flush()
        assert await leaving.vacancy(session, note) is None  # somebody came before the note went


async def test_of_two_administrators_who_leave_at_once_one_stays(database: Database) -> None:
    async with database.writing() as session:
        made = await found(session)
        await found(session, "Чужой район", first_id=50)  # whose administrator administers nothing here
        await seated(session, made.office, Role.ADMINISTRATOR, 2)
    both = asyncio.Barrier(2)

    async def leave(user_id: int) -> bool:
        first_try = True

        async def step(session: Session) -> bool:
            nonlocal first_try
            who = await actor(session, user_id)
            if first_try and not database.is_sqlite:  # where one writes at a time, nobody is at once
                first_try = False
                await both.wait()
            await leaving.leave(session, who, who.seats[0].seat_id, now=LATER)
            return True

        try:
            return await database.write(step)
        except leaving.LastAdministrator:
            return False

    assert sorted(await asyncio.gather(leave(1), leave(2))) == [False, True]
    async with database.reading() as session:
        held = await session.scalars(
            select(Seat.organisation_id)
            .join(Tenure, Tenure.seat_id == Seat.id)
            .where(Seat.role == Role.ADMINISTRATOR, Tenure.until.is_(None))
        )
        assert sorted(held) == sorted({made.office.id, *await offices_of_others(session, made)})


async def offices_of_others(session: Session, made: Made) -> set[int]:
    found_ = await session.scalars(
        select(Seat.organisation_id).where(
            Seat.role == Role.ADMINISTRATOR, Seat.organisation_id != made.office.id
        )
    )
    return set(found_)
