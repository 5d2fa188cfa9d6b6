"""The planner: one bundle per person per day, every step once, and never a backlog."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select, update

from models import Session
from models.assignments import Assignment, AssignmentState, Report
from models.database import Database
from models.letters import Letter, LetterItem, LetterKind, LetterState
from models.people import Person, Role
from models.roadmaps import Edition, EditionState, PastChoice
from plans.calendar import WorkingCalendar
from plans.ladder import steps
from plans.plan import Row
from scheduler import digests, planner
from scheduler.wording import wording
from services import approval, binding, drafts, items, letters, parties, reports, reviews
from tests.services.plan import NOW, Made, actor, approved, found, row, seated, until

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
        draft = await binding.latest_draft(session, principal)
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


MOSCOW = "Europe/Moscow"
END = datetime(2026, 12, 1, tzinfo=UTC)
Heard = list[tuple[str, datetime]]


async def deliver(database: Database, now: datetime) -> None:
    """Let everything that may go go."""
    async with database.writing() as session:
        await session.execute(
            update(Letter)
            .where(Letter.state == LetterState.WAITING, Letter.not_before <= now)
            .values(state=LetterState.DELIVERED, delivered_at=now)
        )


async def speak(database: Database, now: datetime) -> None:
    """Let the planner look until nothing more is due, and the courier deliver."""
    while await look(database, now):
        pass
    await deliver(database, now)


async def walk(database: Database, end: datetime) -> None:
    """Let time pass from due moment to due moment, up to but without ``end``."""
    while True:
        async with database.reading() as session:
            waiting = select(func.min(Letter.not_before)).where(
                Letter.state == LetterState.WAITING, Letter.kind == LetterKind.REMINDER
            )
            moments = (await planner.next_moment(session), await session.scalar(waiting))
        at = min((one for one in moments if one is not None), default=end)
        if at >= end:
            return
        await speak(database, at)


async def heard(database: Database) -> Heard:
    """List the steps that were said and the moment of each; a former control date's keep their names."""
    async with database.reading() as session:
        rows = await session.execute(
            select(LetterItem.step, Letter.delivered_at)
            .join(Letter, Letter.id == LetterItem.letter_id)
            .where(
                Letter.kind == LetterKind.REMINDER,
                Letter.state == LetterState.DELIVERED,
                LetterItem.withdrawn.is_(False),
            )
            .order_by(Letter.delivered_at, LetterItem.id)
        )
        return [((step or "").partition("#")[0], at) for step, at in rows if at is not None]


def climbed(due: date, since: datetime, until_: datetime) -> Iterator[tuple[str, datetime]]:
    """Give the steps of a control date while it is in force."""
    for step in steps(due, MOSCOW, WorkingCalendar()):
        if step.at >= until_:
            return
        if step.at >= since:
            yield step.name, step.at


def ordered(*moves: tuple[datetime, date | None]) -> Heard:
    """Give what is to be heard where the control date is moved at these moments."""
    spans = pairwise([*moves, (END, None)])
    return [one for (since, due), (to, _) in spans if due is not None for one in climbed(due, since, to)]


def only(due: date | None) -> tuple[Row, ...]:
    """Give the rows of an edition: one that stays with the office, and perhaps the school's."""
    other = row("2.", "Анализ", until(2026, 12, 25), "Отдел образования")
    return (other,) if due is None else (row("1.", "Команды", until(2026, due.month, due.day), "ОО"), other)


async def amend(session: Session, made: Made, base_id: int, due: date | None, now: datetime) -> int:
    """Approve an order that moves the school's row to another day, or takes it out; give the edition."""
    base = await session.get_one(Edition, base_id)
    edition = Edition(
        roadmap_id=base.roadmap_id,
        ordinal=base.ordinal + 1,
        base_id=base.id,
        period_start=base.period_start,
        period_end=base.period_end,
        state=EditionState.DRAFT,
        source_name="changes.txt",
        remarks=[],
        created_at=now,
    )
    session.add(edition)
    await session.flush()
    before = {one.number: one.id for one in await drafts.activities(session, base)}
    for activity in await drafts.write_rows(session, edition, list(only(due))):
        activity.previous_id = before.get(activity.number)
    await session.flush()
    await parties.suggest(session, edition, made.place)
    await approval.refresh_past(session, edition, now=now)
    await approval.choose_past(session, edition, PastChoice.SILENT, now=now)
    person = await session.get_one(Person, made.administrator.id)
    await approval.approve(session, edition, person=person, now=now)
    return edition.id


async def plan_of(database: Database, due: date) -> tuple[Made, int]:
    """Approve a plan of one school's row; its head is person 2."""
    async with database.writing() as session:
        made = await found(session, schools=1)
        await seated(session, made.schools[0], Role.EXECUTOR, 2)
        await seated(session, made.office, Role.COORDINATOR, 3)
        edition = await approved(session, made, rows=only(due))
        return made, edition.id


OCT_15, OCT_30, NOV_12 = date(2026, 10, 15), date(2026, 10, 30), date(2026, 11, 12)
MOVES = [
    ((datetime(2026, 10, 5, 12, 0, tzinfo=UTC), OCT_30),),
    ((datetime(2026, 10, 14, 12, 0, tzinfo=UTC), OCT_30), (datetime(2026, 10, 27, 8, 0, tzinfo=UTC), NOV_12)),
    ((datetime(2026, 10, 12, 7, 0, tzinfo=UTC), OCT_30), (datetime(2026, 10, 13, 7, 0, tzinfo=UTC), OCT_15)),
    ((datetime(2026, 10, 16, 7, 0, tzinfo=UTC), NOV_12), (datetime(2026, 11, 2, 7, 0, tzinfo=UTC), None)),
    ((datetime(2026, 10, 12, 5, 59, 30, tzinfo=UTC), None),),
    ((datetime(2026, 9, 24, 7, 0, tzinfo=UTC), date(2026, 9, 30)),),
]


@pytest.mark.parametrize(
    "moves", MOVES, ids=["moved", "moved twice", "moved back", "moved and taken out", "taken out", "earlier"]
)
async def test_a_control_date_that_is_moved_brings_its_own_ladder_and_nothing_of_the_old_one(
    database: Database, moves: tuple[tuple[datetime, date | None], ...]
) -> None:
    made, edition = await plan_of(database, OCT_15)
    for at, due in moves:
        await walk(database, at)
        async with database.writing() as session:
            edition = await amend(session, made, edition, due, at)
        await look(database, at)
    await walk(database, END)
    said = await heard(database)
    assert said == ordered((NOW, OCT_15), *moves)
    days = [at.date() for _, at in said]
    assert len(days) == len(set(days))


async def test_what_waits_for_the_morning_is_taken_back_by_an_order_of_the_night(database: Database) -> None:
    made, edition = await plan_of(database, OCT_15)
    await walk(database, datetime(2026, 10, 12, tzinfo=UTC))
    evening = datetime(2026, 10, 12, 17, 0, tzinfo=UTC)  # the bot was away over nine o'clock
    assert await look(database, evening) == 1
    async with database.writing() as session:
        edition = await amend(session, made, edition, OCT_30, evening)
        letter = await session.scalar(select(Letter).where(Letter.key == "remind:2:2026-10-13"))
        assert letter is not None
        await session.refresh(letter)
        assert letter.state is LetterState.CANCELLED
        await amend(session, made, edition, date(2026, 10, 13), evening)  # and by another one given back
    await walk(database, END)
    tomorrow = datetime(2026, 10, 13, 6, 0, tzinfo=UTC)
    assert (await heard(database))[:3] == [
        ("d-14", FIRST_STEP),
        ("d+0", tomorrow),
        ("d+1", tomorrow + timedelta(days=1)),
    ]


async def test_a_report_returned_after_its_date_was_moved_is_asked_for_by_the_whole_new_ladder(
    database: Database,
) -> None:
    made, edition = await plan_of(database, OCT_15)
    await walk(database, datetime(2026, 10, 15, 7, 0, tzinfo=UTC))
    at = datetime(2026, 10, 15, 7, 0, tzinfo=UTC)
    async with database.writing() as session:
        principal = await actor(session, 2)
        owed = await items.open_items(session, principal, now=at)
        await reports.begin(session, principal, owed[0].assignment_id, now=at)
        draft = await binding.latest_draft(session, principal)
        assert draft is not None
        draft.text = "Сделано"
        await reports.submit(session, principal, draft.id, now=at)
    async with database.writing() as session:
        await amend(session, made, edition, NOV_12, at)
        coordinator = await actor(session, 3)
        report = await session.scalar(select(Report.id))
        assert report is not None
        await reviews.send_back(session, coordinator, report, "Нет приказа", now=at)
        states = set(await session.scalars(select(Assignment.state).where(Assignment.nominal == NOV_12)))
        assert states == {AssignmentState.RETURNED}
    await walk(database, END)
    assert await heard(database) == ordered((NOW, OCT_15), (at, NOV_12))


HOUR = timedelta(hours=1)


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=1), timedelta(minutes=59)], ids=str)
async def test_a_clock_put_back_an_hour_and_forward_again_says_nothing_twice_and_passes_nothing_over(
    database: Database, late: timedelta
) -> None:
    async with database.writing() as session:
        made = await found(session, schools=1)
        await seated(session, made.schools[0], Role.EXECUTOR, 2)
        await seated(session, made.place, Role.STAFF, 5)
        await approved(session, made, rows=only(OCT_15))
        await digests.write_due(session, now=NOW)
    await look(database, NOW)
    for step, at in list(climbed(OCT_15, NOW, END)):
        for now in (at + late, at + late - HOUR, at + late, at + late - HOUR, at + HOUR + late):
            await speak(database, now)
            async with database.writing() as session:
                await digests.write_due(session, now=now)
        assert (await heard(database))[-1] == (step, at + late)
    assert [step for step, _ in await heard(database)] == [step for step, _ in climbed(OCT_15, NOW, END)]
    async with database.reading() as session:
        written = await session.scalars(select(Letter.key).where(Letter.kind == LetterKind.DIGEST))
        keys = list(written)
        created = await session.scalars(select(Letter.created_at).where(Letter.kind == LetterKind.DIGEST))
        days = [at.date() for at in created]
    assert len(keys) == len(set(keys))
    assert len(days) == len(set(days)) > 3


async def test_a_clock_that_is_an_hour_fast_before_nine_speaks_once_all_the_same(database: Database) -> None:
    await plan_of(database, OCT_15)
    await look(database, NOW)
    for minutes in (-70, -10, -60, -30, 0, 10):  # by the right clock; the second look is an hour ahead
        ahead = HOUR if minutes == -10 else timedelta(0)
        await speak(database, FIRST_STEP + timedelta(minutes=minutes) + ahead)
    assert [step for step, _ in await heard(database)] == ["d-14"]
    await walk(database, END)
    said = [step for step, _ in await heard(database)]
    assert said == [step for step, _ in climbed(OCT_15, NOW, END)]


@pytest.mark.parametrize(
    ("looked", "sent", "late"),
    [
        (timedelta(seconds=20), timedelta(seconds=21), False),
        (timedelta(minutes=50), timedelta(minutes=59), False),
        (2 * HOUR, 2 * HOUR, True),
        (timedelta(0), 2 * HOUR, True),  # planned in time; then nobody sent it
        (11 * HOUR, 72 * HOUR, False),  # too late for that Friday, and at nine of the next working day
        (11 * HOUR, 74 * HOUR, True),
    ],
    ids=str,
)
async def test_a_reminder_that_leaves_an_hour_after_its_moment_says_so(
    database: Database, looked: timedelta, sent: timedelta, late: bool
) -> None:
    await plan_of(database, OCT_15)
    await look(database, NOW)
    await look(database, FIRST_STEP + looked)
    word = wording(lambda token: token)
    async with database.writing() as session:
        letter = await session.scalar(select(Letter).where(Letter.kind == LetterKind.REMINDER))
        assert letter is not None
        said = await word(session, letter, FIRST_STEP + sent)
    assert said is not None
    assert ("Пришло позже, чем должно было" in said["text"]) is late
    assert "п. 1" in said["text"]


async def test_a_letter_on_its_second_way_says_what_has_been_put_into_it_since(database: Database) -> None:
    await plan_of(database, OCT_15)
    await look(database, NOW)
    await look(database, FIRST_STEP)
    async with database.writing() as session:
        await session.execute(
            update(Letter).where(Letter.kind == LetterKind.REMINDER).values(payload={"text": "до сбоя"})
        )
        again = update(LetterItem).values(step="d-15")
        await session.execute(again)
        await session.execute(update(Assignment).values(next_step_at=FIRST_STEP))
    assert await look(database, FIRST_STEP) == 1
    async with database.reading() as session:
        letter = await session.scalar(select(Letter).where(Letter.kind == LetterKind.REMINDER))
        assert letter is not None
        assert letter.payload is None
