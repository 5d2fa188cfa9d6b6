"""«Not now», drafts left alone, and one demand a day: what a person is spared, and what is never lost."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from models import Session
from models.assignments import Assignment, AssignmentState, Report
from models.database import Database
from models.letters import AuditEntry, Letter, LetterItem, LetterKind, LetterState
from models.people import Person, Role, Seat, Tenure
from plans.calendar import WorkingCalendar
from scheduler import planner
from services import quiet, rehearsal, reports, reviews, seats
from services.quiet import DayGone
from services.refusals import NotFound
from tests.services.plan import NOW, Made, actor, approved, found, row, seated, until
from tests.services.walking import (
    begins,
    look,
    next_moment,
    reports_on,
    said,
    speak,
    steps_of,
    walk,
)

ROWS = (
    row("1.", "Команды", until(2026, 10, 15), "ОО"),
    row("2.", "Справка", until(2026, 10, 20), "ОО"),
    row("3.", "Анализ", until(2026, 12, 25), "ОО"),
)
NINE = datetime(2026, 10, 12, 6, 0, tzinfo=UTC)  # a Monday, nine in Moscow: three working days before row 1
LATER = NINE + timedelta(hours=2)
THURSDAY = date(2026, 10, 15)
MONDAY = date(2026, 10, 19)


async def school(database: Database) -> Made:
    """Approve a plan of one school; person 2 leads it, 4 is the deputy, 3 reviews."""
    async with database.writing() as session:
        made = await found(session, schools=1)
        await seated(session, made.schools[0], Role.EXECUTOR, 2)
        await seated(session, made.office, Role.COORDINATOR, 3)
        await seated(session, made.schools[0], Role.EXECUTOR, 4)
        await approved(session, made, rows=ROWS)
    return made


async def puts_off(
    database: Database, letter_id: int, day: date, *, now: datetime = LATER, user_id: int = 2
) -> quiet.PutOff:
    async with database.writing() as session:
        return await quiet.put_off(session, await actor(session, user_id), letter_id, day, now=now)


async def waiting(session: Session, person_id: int = 2) -> list[Letter]:
    found_ = await session.scalars(
        select(Letter)
        .where(Letter.kind == LetterKind.REMINDER, Letter.state == LetterState.WAITING)
        .where(Letter.person_id == person_id)
    )
    return list(found_)


CHOICES = [
    # today (local), the next working day, the first working day of the next week
    ("2026-11-12 10:00", date(2026, 11, 13), date(2026, 11, 16)),
    ("2026-11-12 23:59", date(2026, 11, 13), date(2026, 11, 16)),
    ("2026-11-13 00:01", date(2026, 11, 16), date(2026, 11, 16)),  # Friday: both are Monday
    ("2026-11-15 12:00", date(2026, 11, 16), date(2026, 11, 16)),
    ("2026-11-03 10:00", date(2026, 11, 5), date(2026, 11, 9)),  # Wednesday is a holiday
    ("2026-12-30 10:00", date(2027, 1, 11), date(2027, 1, 11)),  # the long holidays
    ("2027-03-05 10:00", date(2027, 3, 9), date(2027, 3, 9)),  # Monday, 8 March
]


@pytest.mark.parametrize("zone", ["Europe/Moscow", "Asia/Vladivostok"])
async def test_a_reminder_is_put_off_to_working_days_of_the_reader_s_own_zone(
    database: Database, zone: str
) -> None:
    made = await school(database)
    await walk(database, LATER)
    letter = (await said(database, to=2))[-1]
    async with database.writing() as session:
        (await session.merge(made.schools[0])).time_zone = zone
    async with database.reading() as session:
        reader = await actor(session, 2)
        for local, next_day, next_week in CHOICES:
            now = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
            offered = await quiet.choices(session, reader, letter.letter_id, now=now)
            assert (offered.next_day, offered.next_week) == (next_day, next_week), local
            assert offered.days == tuple(dict.fromkeys((next_day, next_week)))
            morning = await quiet.next_morning(session, zone, now)
            assert morning.astimezone(ZoneInfo(zone)).isoformat(" ")[:16] == f"{next_day} 09:00"


async def test_not_now_is_quiet_until_the_day_and_then_one_message_says_everything(
    database: Database,
) -> None:
    await school(database)
    await walk(database, LATER)
    pressed = (await said(database, to=2))[-1]
    assert pressed.day == date(2026, 10, 12)
    assert "п. 1" in pressed.text
    assert (await puts_off(database, pressed.letter_id, MONDAY)).items == 1
    await walk(database, datetime(2026, 10, 19, 7, 0, tzinfo=UTC))
    heard = await said(database, to=2, since=LATER)
    assert [(one.day, one.at) for one in heard] == [(MONDAY, datetime(2026, 10, 19, 6, 0, tzinfo=UTC))]
    assert heard[0].text.count("п. 1<") == heard[0].text.count("п. 2<") == 1
    assert "Напоминание: 2 пункта" in heard[0].text
    # row 1: said again, and its steps of the 14th, 15th and 16th; row 2: those of the 15th and the 19th
    assert Counter(await steps_of(database, heard[0].letter_id)) == Counter(
        ["later:2026-10-19", "d-1", "d+0", "d+1", "d-3", "d-1"]
    )
    deputy = await said(database, to=4, since=LATER)
    assert [one.day.day for one in deputy] == [14, 15, 16, 19]  # who has not pressed is reminded as always
    await walk(database, datetime(2026, 10, 21, 7, 0, tzinfo=UTC))
    assert [one.day.day for one in await said(database, to=2, since=LATER)] == [19, 20, 21]


async def test_a_report_meanwhile_takes_its_item_out_and_pressed_after_a_return_it_is_said_again(
    database: Database,
) -> None:
    await school(database)
    await walk(database, LATER)
    pressed = (await said(database, to=2))[-1]
    await puts_off(database, pressed.letter_id, MONDAY)
    async with database.writing() as session:
        assert len(await waiting(session)) == 1
        await reports_on(session, 2, "1.", now=LATER)
        assert await waiting(session) == []  # nothing was left to say
    async with database.writing() as session:
        report = await session.scalar(select(Report.id))
        assert report is not None
        await reviews.send_back(session, await actor(session, 3), report, "Нет приказа", now=LATER)
    again = await puts_off(database, pressed.letter_id, MONDAY)
    assert again.items == 1  # it is owed again, so the same day says it again
    await walk(database, datetime(2026, 10, 19, 7, 0, tzinfo=UTC))
    heard = await said(database, to=2, since=LATER)
    assert [one.day for one in heard] == [MONDAY]
    assert "п. 1" in heard[0].text
    assert "возвращён" in heard[0].text
    assert "later:2026-10-19" in await steps_of(database, heard[0].letter_id)


async def test_pressed_twice_pressed_late_and_pressed_by_others_it_does_no_harm(database: Database) -> None:
    await school(database)
    await walk(database, LATER)
    pressed = (await said(database, to=2))[-1]
    for _ in range(2):
        await puts_off(database, pressed.letter_id, MONDAY)
    async with database.writing() as session:
        (bundle,) = await waiting(session)
        assert await steps_of(database, bundle.id) == ["later:2026-10-19"]
        with pytest.raises(NotFound):
            await quiet.put_off(session, await actor(session, 4), pressed.letter_id, MONDAY, now=LATER)
        with pytest.raises(NotFound):
            await quiet.choices(session, await actor(session, 3), pressed.letter_id, now=LATER)
        for gone in (date(2026, 10, 12), date(2026, 10, 9), date(2026, 10, 18), date(2026, 10, 20)):
            with pytest.raises(DayGone):
                await quiet.put_off(session, await actor(session, 2), pressed.letter_id, gone, now=LATER)
    await puts_off(database, pressed.letter_id, date(2026, 10, 13))  # a change of mind: sooner
    await walk(database, datetime(2026, 10, 13, 7, 0, tzinfo=UTC))
    heard = await said(database, to=2, since=LATER)
    assert [one.day.day for one in heard] == [13]
    async with database.reading() as session:
        assert await waiting(session) == []  # nothing is left on Monday to be said twice
        person = await session.get_one(Person, 2)
        assert person.quiet_until == date(2026, 10, 13)
        journal = await session.scalars(select(AuditEntry).where(AuditEntry.action == quiet.NOT_NOW))
        assert [entry.facts for entry in journal] == [
            {"until": day} for day in ("2026-10-19", "2026-10-19", "2026-10-13")
        ]
    await walk(database, datetime(2026, 10, 14, 16, 0, tzinfo=UTC))
    old = await puts_off(
        database, pressed.letter_id, MONDAY, now=datetime(2026, 10, 14, 16, 0, tzinfo=UTC)
    )  # the button of the old reminder still works, and says once what was said on the 14th as well
    assert old.items == 1
    await walk(database, datetime(2026, 10, 19, 7, 0, tzinfo=UTC))
    assert [one.day.day for one in await said(database, to=2, since=LATER)] == [13, 14, 19]
    with pytest.raises(DayGone):
        await puts_off(database, pressed.letter_id, MONDAY, now=datetime(2026, 10, 20, 7, 0, tzinfo=UTC))


async def test_what_waits_for_the_next_morning_already_moves_along(database: Database) -> None:
    await school(database)
    await walk(database, LATER)
    pressed = (await said(database, to=2))[-1]
    evening = datetime(2026, 10, 14, 16, 0, tzinfo=UTC)  # the bot was away over nine o'clock
    await look(database, evening)
    async with database.reading() as session:
        assert [one.key for one in await waiting(session)] == ["remind:2:2026-10-15"]
    await puts_off(database, pressed.letter_id, MONDAY, now=evening)
    async with database.reading() as session:
        assert [one.key for one in await waiting(session)] == ["remind:2:2026-10-19"]
        (bundle,) = await waiting(session)
        moved = await session.scalar(select(Letter).where(Letter.key == "remind:2:2026-10-15"))
        assert moved is not None
        assert moved.state is LetterState.CANCELLED
    assert await steps_of(database, bundle.id) == ["d-1"]  # row 1 waits once, whatever brought it there
    assert [one.day.day for one in await said(database, to=4)][-1] == 12
    await walk(database, datetime(2026, 10, 20, 7, 0, tzinfo=UTC))
    assert [one.day.day for one in await said(database, to=2, since=evening)] == [19, 20]


async def test_with_everything_answered_not_now_is_only_quiet(database: Database) -> None:
    await school(database)
    await walk(database, LATER)
    pressed = (await said(database, to=2))[-1]
    async with database.writing() as session:
        await reports_on(session, 2, "1.", now=LATER)
    assert (await puts_off(database, pressed.letter_id, date(2026, 10, 13))).items == 0
    async with database.reading() as session:
        assert await waiting(session) == []


async def test_the_rehearsal_lists_what_a_quiet_person_then_hears(database: Database) -> None:
    made = await school(database)
    await walk(database, LATER)
    pressed = (await said(database, to=2))[-1]
    await puts_off(database, pressed.letter_id, MONDAY)
    async with database.reading() as session:
        listed = await rehearsal.rehearse(session, made.place, month=MONDAY, now=LATER)
    coming = Counter(
        (one.person_id, one.day, item.number, step)
        for one in listed.messages
        for part in one.parts
        for item in part.items
        for step in item.steps
    )
    assert coming[2, MONDAY, "1.", "later:2026-10-19"] == 1
    assert not any(person == 2 and day < MONDAY for person, day, _, _ in coming)
    await walk(database, datetime(2026, 11, 1, tzinfo=UTC))
    really: Counter[tuple[int, date, str | None, str]] = Counter()
    for one in await said(database, since=LATER):
        async with database.reading() as session:
            spoken = await session.scalars(select(LetterItem).where(LetterItem.letter_id == one.letter_id))
            numbers = {
                assignment.id: {15: "1.", 20: "2.", 25: "3."}[assignment.due.day]
                for assignment in await session.scalars(select(Assignment))
            }
            really += Counter(
                (one.person_id, one.day, numbers[item.assignment_id or 0], item.step or "") for item in spoken
            )
    assert coming == really


async def test_who_has_left_the_seat_hears_no_more_of_it(database: Database) -> None:
    made = await school(database)
    await walk(database, LATER)
    pressed = (await said(database, to=2))[-1]
    await puts_off(database, pressed.letter_id, MONDAY)
    async with database.writing() as session:
        former = await actor(session, 2)
        await seated(session, made.office, Role.EXECUTOR, 2)  # and answers for the office from now on
        token = await seats.invite(session, seat_id=former.seats[0].seat_id, now=LATER)
        offer = await seats.open_invitation(session, token=token, chat_id=8, now=LATER)
        await seats.join(
            session,
            invitation_id=offer.invitation_id,
            telegram_id=8,
            chat_id=8,
            name="Новый",
            now=LATER,
        )
    await walk(database, datetime(2026, 10, 20, 7, 0, tzinfo=UTC))
    assert await said(database, to=2, since=LATER) == []
    assert await said(database, to=5, since=LATER) != []


# --- a draft left alone -------------------------------------------------------------------------


async def test_a_draft_left_alone_is_asked_about_once_in_the_bundle_of_the_next_morning(
    database: Database,
) -> None:
    await school(database)
    afternoon = datetime(2026, 10, 13, 12, 0, tzinfo=UTC)
    await walk(database, afternoon)
    async with database.writing() as session:
        left = await begins(session, 2, "3.", "Провели совещание", now=afternoon)
        empty = await begins(session, 4, "3.", "", now=afternoon)
        asked = left.ask_at
    assert asked == datetime(2026, 10, 14, 6, 0, tzinfo=UTC)
    assert await next_moment(database) == asked
    await walk(database, datetime(2026, 10, 15, 5, 0, tzinfo=UTC))
    (heard,) = await said(database, to=2, since=afternoon)
    assert heard.at == asked
    assert "Напоминание: 1 пункт" in heard.text  # the step of row 1 on this morning, in the same message
    assert "Не отправлено: п. 3" in heard.text
    (other,) = await said(database, to=4, since=afternoon)
    assert "Не отправлено" not in other.text  # there is nothing in it to be asked about
    await walk(database, datetime(2026, 10, 24, tzinfo=UTC))
    assert not any("Не отправлено" in one.text for one in await said(database, to=2, since=heard.at))
    async with database.reading() as session:
        assert (await session.get_one(Report, left.id)).ask_at is None
        assert (await session.get_one(Report, empty.id)).ask_at is None


async def test_a_draft_alone_makes_a_message_of_its_own_and_none_once_it_is_sent_or_dropped(
    database: Database,
) -> None:
    await school(database)
    friday = datetime(2026, 10, 23, 12, 0, tzinfo=UTC)
    async with database.writing() as session:
        for assignment in await session.scalars(select(Assignment).where(Assignment.due < date(2026, 12, 1))):
            assignment.state, assignment.next_step_at = AssignmentState.ACCEPTED, None
    await walk(database, friday)
    async with database.writing() as session:
        left = await begins(session, 2, "3.", "Провели", now=friday)
        dropped = await begins(session, 4, "3.", "Черновик", now=friday)
        await reports.drop(session, await actor(session, 4), dropped.id, now=friday)
    await walk(database, datetime(2026, 10, 26, 7, 0, tzinfo=UTC))
    (heard,) = await said(database, since=friday)
    assert (heard.person_id, heard.day) == (2, date(2026, 10, 26))  # the next working morning
    assert "Вы не закончили отчёт" in heard.text
    async with database.reading() as session:
        facts = await session.scalar(select(Letter.facts).where(Letter.id == heard.letter_id))
        assert facts is not None
        assert facts["organisation_ids"]  # whose clock it follows, if the zone changes
    monday = datetime(2026, 10, 26, 8, 0, tzinfo=UTC)
    async with database.writing() as session:
        again = await session.get_one(Report, left.id)
        again.text = "Провели, 12 человек"
        await reports.follow(session, await actor(session, 2), again, now=monday)
        again.ask_at = datetime(2026, 10, 26, 18, 0, tzinfo=UTC)
    await look(database, datetime(2026, 10, 26, 18, 0, tzinfo=UTC))
    async with database.writing() as session:
        assert len(await waiting(session)) == 1
        await reports.submit(session, await actor(session, 2), left.id, now=monday)
        assert await waiting(session) == []
    await walk(database, datetime(2026, 10, 28, tzinfo=UTC))
    assert len(await said(database, since=friday)) == 1


async def test_a_draft_waits_for_the_day_its_author_has_chosen(database: Database) -> None:
    await school(database)
    await walk(database, LATER)
    pressed = (await said(database, to=2))[-1]
    async with database.writing() as session:
        await begins(session, 2, "3.", "Провели", now=LATER)
    await puts_off(database, pressed.letter_id, THURSDAY - timedelta(days=2))
    await walk(database, datetime(2026, 10, 13, 5, 0, tzinfo=UTC))
    assert await said(database, to=2, since=LATER) == []
    await speak(database, datetime(2026, 10, 13, 6, 0, tzinfo=UTC))
    (heard,) = await said(database, to=2, since=LATER)
    assert "п. 1" in heard.text
    assert "Не отправлено: п. 3" in heard.text
    await puts_off(database, heard.letter_id, MONDAY, now=heard.at)
    await walk(database, datetime(2026, 10, 19, 7, 0, tzinfo=UTC))
    (again,) = await said(database, to=2, since=heard.at)
    assert again.day == MONDAY
    assert "Не отправлено: п. 3" in again.text  # what the pressed one spoke of is said again


async def test_many_drafts_are_asked_about_before_any_bundle_of_their_readers_goes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "BATCH", 2)
    await school(database)
    afternoon = datetime(2026, 10, 13, 12, 0, tzinfo=UTC)
    await walk(database, afternoon)
    async with database.writing() as session:
        for number in ("1.", "2.", "3."):
            await begins(session, 2, number, "Провели", now=afternoon)
    morning = datetime(2026, 10, 14, 6, 0, tzinfo=UTC)
    async with database.writing() as session:
        first = await planner.plan(session, now=morning)
        assert (first.looked_at, first.items) == (2, 2)
    await speak(database, morning)
    (heard,) = await said(database, to=2, since=afternoon)
    assert heard.text.count("Не отправлено") == 3
    assert "Напоминание: 1 пункт" in heard.text


# --- one demand a day ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "zones", [("Europe/Moscow", "Asia/Yekaterinburg"), ("Europe/Moscow", "Asia/Vladivostok")]
)
async def test_in_a_month_full_of_dates_the_head_of_two_schools_hears_once_a_working_day(
    database: Database, zones: tuple[str, str]
) -> None:
    days = [3, 5, 6, 9, 10, 11, 12, 13, 16, 17, 18, 19, 20, 23, 24, 25, 26, 27, 30]
    rows = tuple(row(f"{day}.", f"Дело {day}", until(2026, 11, day), "ОО") for day in days)
    async with database.writing() as session:
        made = await found(session, schools=2)
        head = await seated(session, made.schools[0], Role.EXECUTOR, 2)
        await seated(session, made.schools[1], Role.EXECUTOR, 3)
        await approved(session, made, rows=rows)
        for place, zone in zip(made.schools, zones, strict=True):
            place.time_zone = zone
        seat = Seat(organisation_id=made.schools[1].id, role=Role.EXECUTOR, title="и. о. директора")
        session.add(seat)
        await session.flush()
        session.add(Tenure(seat_id=seat.id, person_id=head.id, since=NOW))
    await walk(database, datetime(2026, 12, 1, tzinfo=UTC))
    november = (date(2026, 11, 1) + timedelta(days=shift) for shift in range(30))
    working = [day for day in november if WorkingCalendar().is_working(day)]
    heard = [one for one in await said(database, to=head.id) if one.day.month == 11]
    assert [one.day for one in heard] == working  # a message on each working day, one, and on no other
    for zone in zones:
        local = Counter(one.at.astimezone(ZoneInfo(zone)).date() for one in heard)
        assert max(local.values()) == 1
    async with database.reading() as session:
        spoken = await session.scalar(
            select(func.count(LetterItem.id))
            .join(Letter, Letter.id == LetterItem.letter_id)
            .where(Letter.id.in_([one.letter_id for one in heard]))
        )
    assert spoken is not None
    assert spoken > 8 * len(heard)  # a hundred and more demands, and twenty messages
