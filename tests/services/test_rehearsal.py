"""The rehearsal: what it lists for a month is what the planner then writes, before an approval and after."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from models import Base, Session
from models.assignments import Assignment
from models.database import Database
from models.letters import Letter, LetterItem, LetterKind, LetterState
from models.organisations import Organisation, OrganisationKind
from models.people import Person, Role
from models.roadmaps import Activity, Edition, EditionState, PastChoice, Roadmap
from plans.deadline import Period, Recurring, Relative, Undated, Window, Yearly
from plans.plan import Row
from scheduler import digests, planner
from services import approval, binding, bundles, drafts, items, organisations, parties, rehearsal, reports
from services.rehearsal import Rehearsal
from tests.services.plan import Made, actor, draft, found, row, seated

OCTOBER = datetime(2026, 10, 12, 7, 0, tzinfo=UTC)  # a Monday, ten in Moscow
NOVEMBER = date(2026, 11, 1)
END = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
LATE = datetime(2026, 11, 9, 12, 0, tzinfo=UTC)  # a Monday, three in the afternoon in Moscow
EAST = "Asia/Vladivostok"

ROWS = (
    row("1.", "Команды", Window(None, date(2026, 9, 30)), "ОО"),  # over before the approval
    row("2.", "Анализ", Window(date(2026, 10, 1), date(2026, 11, 5)), "Отдел образования", "ОО"),
    row("3.", "Мониторинг", Yearly("11-01", "11-20"), "ОО"),
    row("4.", "Сопровождение", Period(date(2026, 9, 1), date(2026, 12, 25)), "Центр"),
    row(
        "5.",
        "Сведения",
        Recurring("FREQ=MONTHLY;BYMONTHDAY=-1", (), date(2026, 9, 1), date(2026, 12, 31)),
        "ОО",
    ),
    row("6.", "Итоги семинара", Relative("семинар", "P10D"), "Центр", "ОО"),
    row("7.", "Консультации", Undated("по плану"), "Отдел образования"),
    row("8.", "Отчёт", Window(None, date(2026, 12, 21)), "ОО", "Центр"),
)
SEMINAR = date(2026, 11, 10)

# who, when, for which organisation, which row, due when, which step
Said = tuple[int, date, str, str | None, date, str]


async def town(session: Session) -> Made:
    """Found a municipality whose people differ.

    Person 2 leads one school, 3 two of them, 4 a school here and the centre in the east, 6 the office;
    nobody answers for the last school.
    """
    made = await found(session, schools=5)
    centre = await organisations.add(
        session, kind=OrganisationKind.INSTITUTE, name="Центр", parent=made.place, time_zone=EAST
    )
    for place, user_id in ((0, 2), (1, 3), (2, 3), (3, 4)):
        await joined(session, made.schools[place], user_id)
    await joined(session, centre, 4)
    await joined(session, made.office, 6)
    return made


async def joined(session: Session, place: Organisation, user_id: int) -> Person:
    return await seated(session, place, Role.EXECUTOR, user_id)


async def ready(session: Session, made: Made, rows: tuple[Row, ...] = ROWS) -> Edition:
    """Store a draft and answer all its doubts."""
    edition = await draft(session, made, rows)
    mine = Activity.edition_id == edition.id
    await session.execute(update(Activity).where(mine, Activity.number == "6.").values(anchor_on=SEMINAR))
    await approval.refresh_past(session, edition, now=OCTOBER)
    await approval.choose_past(session, edition, PastChoice.REPORT, now=OCTOBER)
    assert await approval.doubts(session, edition, now=OCTOBER) == ()
    return edition


def listed(found_: Rehearsal) -> Counter[Said]:
    """Give what a rehearsal lists; a person with two seats in one organisation is asked once."""
    return Counter(
        (message.person_id, message.day, part.organisation, item.number, item.due, step)
        for message in found_.messages
        for part in message.parts
        for item in part.items
        for step in item.steps
    )


async def look(database: Database, now: datetime) -> None:
    """Let the planner find everything that is due, and then everything waiting be delivered."""
    looked = 1
    while looked:
        async with database.writing() as session:
            looked = (await planner.plan(session, now=now)).looked_at
    async with database.writing() as session:
        await session.execute(
            update(Letter)
            .where(Letter.state == LetterState.WAITING, Letter.not_before <= now)
            .values(state=LetterState.DELIVERED, delivered_at=now)
        )


async def next_moment(database: Database) -> datetime:
    async with database.reading() as session:
        waiting = select(func.min(Letter.not_before)).where(Letter.state == LetterState.WAITING)
        moments = (await planner.next_moment(session), await session.scalar(waiting))
    return min(moment for moment in moments if moment is not None)


async def walk(database: Database, *, late: datetime | None = None) -> None:
    """Let time pass to the end of November; on the day of ``late`` nobody looks before that moment."""
    await look(database, OCTOBER)
    while (moment := await next_moment(database)) <= END:
        late_today = late is not None and late - timedelta(hours=8) < moment < late
        await look(database, late if late_today and late else moment)


async def sent(database: Database, month: date = NOVEMBER) -> Counter[Said]:
    """Give what was really said on the days of a month."""
    async with database.reading() as session:
        rows = await session.execute(
            select(
                Person.id,
                Letter.key,
                Organisation.short_name,
                Activity.number,
                Assignment.due,
                LetterItem.step,
            )
            .join(Letter, Letter.person_id == Person.id)
            .join(LetterItem, LetterItem.letter_id == Letter.id)
            .join(Assignment, Assignment.id == LetterItem.assignment_id)
            .join(Activity, Activity.id == Assignment.activity_id)
            .join(Organisation, Organisation.id == Assignment.organisation_id)
            .where(Letter.kind == LetterKind.REMINDER, Letter.state == LetterState.DELIVERED)
            .where(LetterItem.withdrawn.is_(False))
        )
        said = [
            (person, bundles.day_of(key), place, number, due, step or "")
            for person, key, place, number, due, step in rows
        ]
    return Counter(one for one in said if one[1].replace(day=1) == month)


async def dump(session: Session) -> dict[str, list[Any]]:
    """Give every row of every table."""
    return {
        table.name: list(map(tuple, await session.execute(select(table).order_by(*table.primary_key))))
        for table in Base.metadata.sorted_tables
    }


@pytest.mark.parametrize("late", [None, LATE], ids=["on time", "one look six hours late"])
async def test_what_november_brings_is_what_was_listed_before_the_approval_and_after_it(
    database: Database, late: datetime | None
) -> None:
    async with database.writing() as session:
        made = await town(session)
        edition = await ready(session, made)
        before = await rehearsal.rehearse_draft(
            session, edition, month=NOVEMBER, person=made.administrator, now=OCTOBER
        )
        await approval.approve(session, edition, person=made.administrator, now=OCTOBER)
        after = await rehearsal.rehearse(session, made.place, month=NOVEMBER, now=OCTOBER)
    await walk(database, late=late)
    really = await sent(database)
    assert listed(before) == listed(after) == really
    assert {person for person, *_ in really} == {made.administrator.id + shift for shift in (1, 2, 3, 4)}
    numbers = {number for _, _, _, number, _, _ in really}
    assert numbers == {"1.", "2.", "3.", "4.", "5.", "6.", "7."}  # the ladder of row 8 begins in December
    assert LATE.date() in {day for _, day, *_ in really}
    assert max(really.values()) == 1
    assert date(2026, 11, 4) not in {day for _, day, *_ in really}  # a holiday in the middle of the week
    assert {date(2026, 11, 3), date(2026, 11, 5)} <= {day for _, day, *_ in really}


async def test_one_person_hears_of_two_schools_in_one_message_and_nobody_hears_of_an_empty_one(
    database: Database,
) -> None:
    async with database.writing() as session:
        made = await town(session)
        await approval.approve(session, await ready(session, made), person=made.administrator, now=OCTOBER)
        found_ = await rehearsal.rehearse(session, made.place, month=NOVEMBER, now=OCTOBER)
    on_the_fifth = [one for one in found_.messages if one.day == date(2026, 11, 5)]
    assert [[part.organisation for part in one.parts] for one in on_the_fifth] == [
        ["Отдел образования"],
        ["СОШ № 1"],
        ["СОШ № 2", "СОШ № 3"],
        ["СОШ № 4"],
    ]
    days = Counter((one.person_id, one.day) for one in found_.messages)
    assert max(days.values()) == 1
    assert [one.organisation for one in found_.unheard] == ["СОШ № 5"]
    heard = {one.day for one in found_.messages if one.parts[0].organisation == "СОШ № 1"}
    assert found_.unheard[0].messages == len(heard)  # what another school hears, this one would


async def test_a_report_given_meanwhile_takes_its_reminders_out_of_the_list(database: Database) -> None:
    async with database.writing() as session:
        made = await town(session)
        await approval.approve(session, await ready(session, made), person=made.administrator, now=OCTOBER)
        before = await rehearsal.rehearse(session, made.place, month=NOVEMBER, now=OCTOBER)
        principal = await actor(session, 2)
        owed = await items.open_items(session, principal, now=OCTOBER)
        analysis = next(one for one in owed if one.number == "2.")
        await reports.begin(session, principal, analysis.assignment_id, now=OCTOBER)
        report = await binding.latest_draft(session, principal)
        assert report is not None
        report.text = "Справка готова"
        await reports.submit(session, principal, report.id, now=OCTOBER)
        after = await rehearsal.rehearse(session, made.place, month=NOVEMBER, now=OCTOBER)
    gone = listed(before) - listed(after)
    assert listed(after) - listed(before) == Counter()
    assert {(place, number) for _, _, place, number, _, _ in gone} == {("СОШ № 1", "2.")}
    await walk(database)
    assert await sent(database) == listed(after)


async def test_in_the_middle_of_the_month_what_waits_is_listed_and_what_was_said_is_not(
    database: Database,
) -> None:
    evening = datetime(2026, 11, 5, 17, 0, tzinfo=UTC)  # eight in Moscow: a look after a silent day
    async with database.writing() as session:
        made = await town(session)
        await approval.approve(session, await ready(session, made), person=made.administrator, now=OCTOBER)
    moment = OCTOBER
    while moment < datetime(2026, 11, 5, tzinfo=UTC):
        await look(database, moment)
        moment = await next_moment(database)
    said_before = await sent(database)
    await look(database, evening)
    async with database.writing() as session:
        found_ = await rehearsal.rehearse(session, made.place, month=NOVEMBER, now=evening)
        waiting = await session.scalar(select(func.count()).where(Letter.state == LetterState.WAITING))
    assert waiting
    assert min(one.day for one in found_.messages) == date(2026, 11, 6)
    await walk(database)
    assert await sent(database) == listed(found_) + said_before


async def test_the_rehearsal_of_a_draft_leaves_nothing_behind(database: Database) -> None:
    async with database.writing() as session:
        made = await town(session)
        edition = await ready(session, made)
        roadmap = await drafts.roadmap_of(session, edition)
        roadmap.time_zone = "Asia/Yekaterinburg"  # an approval would give this zone to every organisation
    async with database.writing() as session:
        held = await session.get_one(Edition, edition.id)
        place = await session.get_one(Organisation, made.place.id)
        before = await dump(session)
        found_ = await rehearsal.rehearse_draft(
            session, held, month=NOVEMBER, person=made.administrator, now=OCTOBER
        )
        assert found_.messages
        assert (held.state, held.approved_at, place.time_zone) == (EditionState.DRAFT, None, "Europe/Moscow")
        school = await session.get_one(Organisation, made.schools[0].id)
        assert school.time_zone == "Europe/Moscow"
        assert await dump(session) == before
    async with database.reading() as session:
        assert await dump(session) == before


async def test_a_draft_with_doubts_cannot_be_rehearsed_and_stays_as_it_is(database: Database) -> None:
    async with database.writing() as session:
        made = await town(session)
        edition = await draft(session, made, ROWS)
        before = await dump(session)
        with pytest.raises(approval.NotReady) as refused:
            await rehearsal.rehearse_draft(
                session, edition, month=NOVEMBER, person=made.administrator, now=OCTOBER
            )
        assert {doubt.kind for doubt in refused.value.doubts} == {
            approval.DoubtKind.ANCHOR,
            approval.DoubtKind.PAST,
        }
        assert edition.state is EditionState.DRAFT
        assert await dump(session) == before


async def test_an_amending_draft_is_rehearsed_with_what_it_moves_drops_and_adds(database: Database) -> None:
    async with database.writing() as session:
        made = await town(session)
        base = await ready(session, made)
        await approval.approve(session, base, person=made.administrator, now=OCTOBER)
        amending = await amendment(session, base)
        before = await dump(session)
        found_ = await rehearsal.rehearse_draft(
            session, amending, month=NOVEMBER, person=made.administrator, now=OCTOBER
        )
        assert await dump(session) == before
        in_force = await rehearsal.rehearse(session, made.place, month=NOVEMBER, now=OCTOBER)
        await approval.approve(session, amending, person=made.administrator, now=OCTOBER)
    assert {number for _, _, _, number, _, _ in listed(in_force) - listed(found_)} >= {"2.", "3."}
    assert "9." in {number for _, _, _, number, _, _ in listed(found_)}
    await walk(database)
    assert await sent(database) == listed(found_)


async def amendment(session: Session, base: Edition) -> Edition:
    """Prepare an order that moves row 2, drops row 3 and adds row 9."""
    roadmap = await session.get_one(Roadmap, base.roadmap_id)
    edition = Edition(
        roadmap_id=roadmap.id,
        ordinal=2,
        base_id=base.id,
        period_start=base.period_start,
        period_end=base.period_end,
        state=EditionState.DRAFT,
        source_name="changes.txt",
        remarks=[],
        created_at=OCTOBER,
    )
    session.add(edition)
    await session.flush()
    moved = row("2.", "Анализ", Window(date(2026, 10, 1), date(2026, 11, 19)), "Отдел образования", "ОО")
    added = row("9.", "Совещание", Window(None, date(2026, 11, 26)), "ОО")
    kept = [one for one in ROWS if one.number not in {"2.", "3."}]
    made = await drafts.write_rows(session, edition, [*kept, moved, added])
    before = {one.number: one for one in await drafts.activities(session, base)}
    for activity in made:
        previous = before.get(activity.number)
        activity.previous_id = previous.id if previous else None
        activity.anchor_on = SEMINAR if activity.number == "6." else None
    await session.flush()
    await parties.suggest(session, edition, await session.get_one(Organisation, roadmap.owner_id))
    await approval.refresh_past(session, edition, now=OCTOBER)
    await approval.choose_past(session, edition, PastChoice.SILENT, now=OCTOBER)
    return edition


async def test_a_month_far_ahead_is_listed_as_it_will_be(database: Database) -> None:
    async with database.writing() as session:
        made = await town(session)
        await approval.approve(session, await ready(session, made), person=made.administrator, now=OCTOBER)
        far = await rehearsal.rehearse(session, made.place, month=NOVEMBER, now=OCTOBER)
        months = [
            await rehearsal.rehearse(session, made.place, month=date(2027, month, 1), now=OCTOBER)
            for month in (1, 2)
        ]
    assert far.month == NOVEMBER
    moment = OCTOBER
    while moment < datetime(2027, 3, 1, tzinfo=UTC):
        await look(database, moment)
        moment = await next_moment(database)
    for found_ in months:
        assert await sent(database, found_.month) == listed(found_)
        assert found_.messages


async def test_without_a_month_the_first_one_with_anything_due_is_shown(database: Database) -> None:
    async with database.writing() as session:
        made = await town(session)
        assert (await rehearsal.rehearse(session, made.place, month=None, now=OCTOBER)).month == date(
            2026, 10, 1
        )
        edition = await ready(session, made, ROWS[7:])
        await approval.approve(session, edition, person=made.administrator, now=OCTOBER)
        nearest = await rehearsal.rehearse(session, made.place, month=None, now=OCTOBER)
        gone = await rehearsal.rehearse(session, made.place, month=date(2020, 5, 1), now=OCTOBER)
        far = await rehearsal.rehearse(session, made.place, month=date(9999, 5, 1), now=OCTOBER)
    assert nearest.month == date(2026, 12, 1)  # fourteen working days before 21 December
    assert nearest.messages
    assert (gone.month, far.month) == (date(2026, 10, 1), date(2028, 10, 1))


async def test_what_a_person_owes_in_another_municipality_is_not_shown(database: Database) -> None:
    async with database.writing() as session:
        made = await town(session)
        await approval.approve(session, await ready(session, made), person=made.administrator, now=OCTOBER)
        other = await found(session, "Соседний", schools=1, first_id=20)
        await joined(session, other.schools[0], 2)
        elsewhere = await draft(session, other, ROWS[1:2])
        await approval.approve(session, elsewhere, person=other.administrator, now=OCTOBER)
        here = await rehearsal.rehearse(session, made.place, month=NOVEMBER, now=OCTOBER)
        there = await rehearsal.rehearse(session, other.place, month=NOVEMBER, now=OCTOBER)
    assert "Соседний" not in str(here)
    assert {part.organisation for one in there.messages for part in one.parts} == {"СОШ № 1"}
    assert {one.person_id for one in there.messages} == {made.administrator.id + 1}
    await walk(database)
    assert await sent(database) == listed(here) + listed(there)


async def test_the_weekly_digest_is_listed_with_its_days_once_a_plan_is_in_force(database: Database) -> None:
    async with database.writing() as session:
        made = await town(session)
        await seated(session, made.place, Role.STAFF, 9)
        edition = await ready(session, made)
        nothing = await rehearsal.rehearse(session, made.place, month=NOVEMBER, now=OCTOBER)
        before = await rehearsal.rehearse_draft(
            session, edition, month=NOVEMBER, person=made.administrator, now=OCTOBER
        )
        assert await digests.write_due(session, now=OCTOBER) == 0
        await approval.approve(session, edition, person=made.administrator, now=OCTOBER)
        await digests.write_due(session, now=OCTOBER)
    assert nothing.digests.days == ()
    assert before.digests.names == ("Человек 9",)
    written: list[date] = []
    async with database.writing() as session:
        while (moment := await digests.next_moment(session)) is not None and moment <= END:
            assert await digests.write_due(session, now=moment) == 1
            written.append(moment.date())
    assert before.digests.days == tuple(day for day in written if day.month == NOVEMBER.month)
    assert len(before.digests.days) == 5
