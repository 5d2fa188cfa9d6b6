"""The planner: one bundle per person per day, every step once, and never a backlog."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update

from models.assignments import Assignment
from models.database import Database
from models.letters import Letter, LetterItem, LetterKind, LetterState
from models.people import Role
from scheduler import digests, planner
from services import items, letters, reports
from tests.services.plan import NOW, actor, approved, found, row, seated, until

FIRST_STEP = datetime(2026, 9, 25, 6, 0, tzinfo=UTC)  # fourteen working days before 15 October


async def look(database: Database, now: datetime) -> int:
    async with database.writing() as session:
        return (await planner.plan(session, now=now)).items


async def test_planning_twice_changes_nothing_and_looks_again_strictly_later(
    database: Database,
) -> None:
    async with database.writing() as session:
        made = await found(session)
        await seated(session, made.schools[0], Role.EXECUTOR, 2)
        await approved(session, made)
    assert await look(database, NOW) == 0  # no step of the ladder before the approval is made up
    assert await look(database, FIRST_STEP) == 1
    assert await look(database, FIRST_STEP) == 0
    async with database.reading() as session:
        moment = await planner.next_moment(session)
        bundles = (await session.scalars(select(Letter).where(Letter.kind == LetterKind.REMINDER))).all()
    assert moment is not None
    assert moment > FIRST_STEP
    assert [letter.key for letter in bundles] == ["remind:2:2026-09-25"]


async def test_everything_due_on_a_day_is_one_bundle_and_a_late_look_says_the_latest_step_only(
    database: Database,
) -> None:
    async with database.writing() as session:
        made = await found(session)
        await seated(session, made.schools[0], Role.EXECUTOR, 2)
        await approved(session, made)
    after_long_silence = datetime(2026, 12, 2, 19, 0, tzinfo=UTC)  # late in the evening
    assert await look(database, after_long_silence) == 2
    async with database.reading() as session:
        bundles = (await session.scalars(select(Letter).where(Letter.kind == LetterKind.REMINDER))).all()
        steps = (await session.scalars(select(LetterItem.step))).all()
    assert len(bundles) == 1
    assert bundles[0].not_before == datetime(2026, 12, 3, 6, 0, tzinfo=UTC)  # nine in the morning
    assert sorted(step or "" for step in steps) == ["d+1", "w2026-11-30"]


async def test_a_report_withdraws_its_reminder_and_an_emptied_letter_is_cancelled(database: Database) -> None:
    async with database.writing() as session:
        made = await found(session)
        await seated(session, made.schools[0], Role.EXECUTOR, 2)
        await seated(session, made.office, Role.COORDINATOR, 3)
        await approved(session, made)
    await look(database, FIRST_STEP)
    async with database.writing() as session:
        principal = await actor(session, 2)
        owed = await items.open_items(session, principal, now=FIRST_STEP)
        await reports.begin(session, principal, owed[0].assignment_id, now=FIRST_STEP)
        draft = await reports.latest_draft(session, principal)
        assert draft is not None
        draft.text = "Сделано"
        await reports.submit(session, principal, draft.id, now=FIRST_STEP)
    async with database.reading() as session:
        reminder = await session.scalar(select(Letter).where(Letter.kind == LetterKind.REMINDER))
        assert reminder is not None
        assert reminder.state is LetterState.CANCELLED
        assert await letters.items(session, reminder.id) == []
    assert await look(database, FIRST_STEP + timedelta(days=50)) == 1  # the other item goes on


async def test_an_empty_seat_is_reminded_of_nothing_and_brings_no_backlog(database: Database) -> None:
    async with database.writing() as session:
        made = await found(session)
        await approved(session, made)
    late = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
    assert await look(database, late) == 0
    async with database.writing() as session:
        await seated(session, made.schools[0], Role.EXECUTOR, 2)
    assert await look(database, late) == 0
    async with database.reading() as session:
        assert await session.scalar(select(func.count(Letter.id))) == 0
        waiting = await session.scalar(select(func.min(Assignment.next_step_at)))
    assert waiting is not None
    assert waiting > late


async def test_a_digest_goes_out_once_on_monday_and_after_a_holiday_on_the_next_working_day(
    database: Database,
) -> None:
    async with database.writing() as session:
        made = await found(session)
        await seated(session, made.place, Role.STAFF, 5)
        await approved(session, made)
        assert await digests.write_due(session, now=NOW) == 0  # planned for the next Monday
    monday = datetime(2026, 9, 14, 6, 0, tzinfo=UTC)
    for expected in (1, 0):
        async with database.writing() as session:
            assert await digests.write_due(session, now=monday) == expected
    async with database.writing() as session:
        assert await digests.write_due(session, now=datetime(2026, 10, 30, 6, 0, tzinfo=UTC)) == 1
        moment = await digests.next_moment(session)
    assert moment == datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
    async with database.writing() as session:
        # Monday 2 November is worked in 2026, Wednesday 4 November is not
        assert await digests.write_due(session, now=moment) == 1


async def test_of_very_much_that_is_due_at_once_each_person_still_hears_in_one_message(
    database: Database,
) -> None:
    rows = tuple(row(f"{number}.", "Отчёт", until(2026, 10, 15), "ОО") for number in range(1, 31))
    async with database.writing() as session:
        made = await found(session, schools=7)
        for place, user_id in enumerate((2, 3, 4, 5, 6, 7, 2)):  # the first and the last school share a head
            await seated(session, made.schools[place], Role.EXECUTOR, user_id)
        await approved(session, made, rows=rows)
    await look(database, NOW)
    planned: list[int] = []
    while items_ := await look(database, FIRST_STEP):
        planned.append(items_)
        async with database.writing() as session:  # the courier is quicker than the planner
            await session.execute(
                update(Letter).where(Letter.not_before <= FIRST_STEP).values(state=LetterState.DELIVERED)
            )
    assert sum(planned) == 7 * 30
    assert len(planned) > 1
    async with database.reading() as session:
        held = await session.execute(
            select(Letter.key, func.count(LetterItem.id))
            .join(LetterItem, LetterItem.letter_id == Letter.id)
            .where(Letter.kind == LetterKind.REMINDER)
            .group_by(Letter.key)
        )
    assert dict(held.all()) == {
        f"remind:{person}:2026-09-25": 60 if person == 2 else 30 for person in (2, 3, 4, 5, 6, 7)
    }
