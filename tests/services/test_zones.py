"""A region changes its clock, or a time zone is corrected: nine o'clock stays nine o'clock."""

import asyncio
import struct
import zoneinfo
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from models import Session
from models.assignments import Assignment, Report, ReportState
from models.database import Database
from models.letters import Digest, DigestState, Letter, LetterItem, LetterKind, LetterState
from models.machinery import ZoneRules
from models.organisations import Organisation
from models.people import Role
from plans.calendar import WorkingCalendar, local_date, moment
from plans.ladder import steps
from scheduler import digests, planner
from services import zones
from tests.services.plan import Made, actor, approved, found, row, seated, until

ZONE = "Europe/Volgograd"
NOW = datetime(2026, 9, 7, 7, 0, 0, 5, tzinfo=UTC)
CHANGE = datetime(2026, 9, 27, tzinfo=UTC)  # a Sunday: the region puts its clocks
DUE = date(2026, 10, 15)
END = datetime(2026, 11, 20, tzinfo=UTC)
EARLY = datetime(2026, 9, 21, 12, 0, tzinfo=UTC)  # the news is on the machine in time
ROWS = (row("1.", "Команды", until(2026, 10, 15), "ОО"),)

Clocks = Callable[..., None]


def zone_file(hours: int, then: int | None = None) -> bytes:
    """Make a compiled time zone (RFC 8536): so many hours from UTC, and others from the day of the change."""
    names = b"LMT\0NEW\0"
    offsets = [hours] if then is None else [hours, then]
    types = b"".join(struct.pack(">lbb", one * 3600, 0, 4 * place) for place, one in enumerate(offsets))
    times = b"" if then is None else struct.pack(">qB", int(CHANGE.timestamp()), 1)
    head = b"TZif2" + bytes(15)
    first = head + struct.pack(">6l", 0, 0, 0, 0, 1, 4) + struct.pack(">lbb", 0, 0, 0) + b"LMT\0"
    counts = struct.pack(">6l", 0, 0, 0, len(offsets) - 1, len(offsets), 4 * len(offsets))
    footer = f"\n<{offsets[-1]:+03d}>{-offsets[-1]}\n".encode()
    return first + head + counts + times + types + names[: 4 * len(offsets)] + footer


@pytest.fixture
def clocks(tmp_path: Path) -> Iterator[Clocks]:
    """Give the function that installs another version of the rules of the zone."""
    known = zoneinfo.TZPATH
    folder = tmp_path / "zoneinfo"
    (folder / "Europe").mkdir(parents=True)
    zoneinfo.reset_tzpath([str(folder), *known])

    def install(hours: int, then: int | None = None) -> None:
        (folder / ZONE).write_bytes(zone_file(hours, then))
        ZoneInfo.clear_cache()

    yield install
    zoneinfo.reset_tzpath(known)
    ZoneInfo.clear_cache()


async def town(session: Session, zone: str = ZONE) -> Made:
    """Found a municipality in a zone; the head of its first school is reminded, its staff read digests."""
    made = await found(session)
    await session.execute(update(Organisation).values(time_zone=zone))
    for place in (made.place, made.office, *made.schools):
        await session.refresh(place)
    await seated(session, made.schools[0], Role.EXECUTOR, 2)
    await seated(session, made.place, Role.STAFF, 5)
    await approved(session, made, rows=ROWS)
    await session.execute(update(Assignment).values(next_step_at=NOW))
    return made


async def look(database: Database, now: datetime) -> None:
    """Let the planner and the digests speak, and the courier deliver what may go."""
    looked = 1
    while looked:
        async with database.writing() as session:
            looked = (await planner.plan(session, now=now)).looked_at
    async with database.writing() as session:
        await digests.write_due(session, now=now)
        await session.execute(
            update(Letter)
            .where(Letter.state == LetterState.WAITING, Letter.not_before <= now)
            .values(state=LetterState.DELIVERED, delivered_at=now)
        )


async def follow(database: Database, now: datetime) -> bool:
    return await database.write(lambda session: zones.follow(session, now=now))


async def next_moment(database: Database) -> datetime:
    async with database.reading() as session:
        waiting = select(func.min(Letter.not_before)).where(Letter.state == LetterState.WAITING)
        moments = (
            await planner.next_moment(session),
            await digests.next_moment(session),
            await session.scalar(waiting),
        )
    return min(one for one in moments if one is not None)


async def walk(database: Database, end: datetime) -> None:
    """Let time pass from due moment to due moment, up to but without ``end``."""
    while (at := await next_moment(database)) < end:
        await look(database, at)


async def said(database: Database) -> list[tuple[str, datetime]]:
    """List the steps the head has heard, and when each came."""
    async with database.reading() as session:
        rows = await session.execute(
            select(LetterItem.step, Letter.delivered_at)
            .join(Letter, Letter.id == LetterItem.letter_id)
            .where(Letter.kind == LetterKind.REMINDER, Letter.state == LetterState.DELIVERED)
            .order_by(Letter.delivered_at, LetterItem.id)
        )
        return [(step, at) for step, at in rows if step is not None and at is not None]


async def digest_days(database: Database) -> list[datetime]:
    async with database.reading() as session:
        found_ = await session.scalars(
            select(Letter.delivered_at).where(Letter.kind == LetterKind.DIGEST).order_by(Letter.delivered_at)
        )
        return [at for at in found_ if at is not None]


def expected(zone: str = ZONE, end: datetime = END) -> list[tuple[str, datetime]]:
    ladder = steps(DUE, zone, WorkingCalendar())
    return [(step.name, step.at) for step in takewhile(lambda step: step.at < end, ladder)]


def nine(day: date, zone: str = ZONE) -> datetime:
    return moment(day, time(9), zone)


HOURS = pytest.mark.parametrize(("hours", "then"), [(4, 3), (3, 4), (6, 5)], ids=["west", "east", "Almaty"])


@HOURS
async def test_a_region_changes_its_clock_and_everything_is_said_once_at_nine_of_the_new_one(
    database: Database, clocks: Clocks, hours: int, then: int
) -> None:
    clocks(hours)
    async with database.writing() as session:
        await town(session)
    await look(database, NOW)
    assert await follow(database, NOW)  # the first beginning writes the clocks down
    await walk(database, EARLY)
    clocks(hours, then)
    assert await follow(database, EARLY)
    assert not await follow(database, EARLY)
    await walk(database, END)
    assert await said(database) == expected()
    mondays = await digest_days(database)
    assert mondays[:3] == [nine(date(2026, 9, day)) for day in (14, 21, 28)]
    assert all(local_date(at, ZONE).weekday() == 0 and at == nine(local_date(at, ZONE)) for at in mondays)
    assert len(mondays) == 10


@pytest.mark.parametrize(("hours", "then"), [(4, 3), (3, 4)], ids=["west", "east"])
@pytest.mark.parametrize("minutes", [-30, 30, 90])
async def test_the_news_of_the_clock_comes_late_and_no_step_is_lost_or_said_twice(
    database: Database, clocks: Clocks, hours: int, then: int, minutes: int
) -> None:
    """The bot goes by the old rules until Monday, 12 October, and stands still around nine o'clock then."""
    clocks(hours)
    async with database.writing() as session:
        await town(session)
    await look(database, NOW)
    await follow(database, NOW)
    old_nine = nine(date(2026, 10, 12))
    back = old_nine + timedelta(minutes=minutes)
    await walk(database, old_nine - timedelta(hours=2))
    clocks(hours, then)
    await follow(database, back)
    await look(database, back)
    await walk(database, END)
    heard = await said(database)
    assert [name for name, _ in heard] == [name for name, _ in expected()]
    due = dict(expected())
    for name, at in heard[1:]:
        assert at == (max(back, due[name]) if name == "d-3" else due[name])
    days = [local_date(at, ZONE) for at in await digest_days(database)]
    assert len(days) == len(set(days)) == 10
    assert date(2026, 10, 12) in days


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Africa/Cairo"])
async def test_over_an_autumn_and_a_spring_everything_is_said_once_at_nine_of_the_zone(
    database: Database, zone: str
) -> None:
    end = datetime(2027, 5, 5, tzinfo=UTC)
    async with database.writing() as session:
        await town(session, zone)
    await look(database, NOW)
    await walk(database, end)
    heard = await said(database)
    assert heard == expected(zone, end)
    assert {at.astimezone(ZoneInfo(zone)).hour for _, at in heard} == {9}
    assert len({at.hour for _, at in heard}) == 2  # and so at two different hours of UTC
    sent = await digest_days(database)
    mondays = (date(2026, 9, 7) + timedelta(days=7 * week) for week in range(35))
    mornings = {nine(WorkingCalendar().working_or_after(monday), zone) for monday in mondays}
    assert sent == sorted(at for at in mornings if NOW < at < end)


async def test_two_processes_that_begin_at_once_follow_as_one(database: Database, clocks: Clocks) -> None:
    clocks(3)
    async with database.writing() as session:
        await town(session)
    await asyncio.gather(*(follow(database, NOW) for _ in range(4)))
    clocks(3, 4)
    await asyncio.gather(*(follow(database, NOW) for _ in range(4)))
    assert not await follow(database, NOW)


async def test_a_time_zone_corrected_by_hand_moves_what_was_planned_there_and_nothing_else(
    database: Database,
) -> None:
    async with database.writing() as session:
        made = await town(session, "Europe/Moscow")
    await look(database, NOW)
    assert await follow(database, NOW)
    east, stays = made.schools[0].id, made.schools[1].id
    async with database.writing() as session:
        await session.execute(
            update(Organisation).where(Organisation.id == east).values(time_zone="Asia/Vladivostok")
        )
    assert await follow(database, EARLY)
    assert not await follow(database, EARLY)
    async with database.reading() as session:
        planned = dict(
            (await session.execute(select(Assignment.organisation_id, Assignment.next_step_at))).all()
        )
        kept = set(await session.scalars(select(ZoneRules.zone)))
    assert planned[east] == datetime(2026, 9, 24, 23, 0, tzinfo=UTC)
    assert planned[stays] == datetime(2026, 9, 25, 6, 0, tzinfo=UTC)
    assert kept == {"Europe/Moscow", "Asia/Vladivostok"}
    async with database.writing() as session:
        await session.execute(update(Organisation).values(time_zone="Europe/Moscow"))
    assert await follow(database, EARLY)
    async with database.reading() as session:
        planned_again = set(await session.scalars(select(Assignment.next_step_at)))
        kept = set(await session.scalars(select(ZoneRules.zone)))
    assert planned_again == {datetime(2026, 9, 25, 6, 0, tzinfo=UTC)}
    assert kept == {"Europe/Moscow"}


async def test_two_schools_that_change_places_are_noticed(database: Database) -> None:
    async with database.writing() as session:
        made = await town(session, "Europe/Moscow")
        first, second = made.schools[0], made.schools[1]
        await session.execute(
            update(Organisation).where(Organisation.id == first.id).values(time_zone="Asia/Omsk")
        )
    await follow(database, NOW)
    async with database.writing() as session:
        for place, zone in ((first.id, "Europe/Moscow"), (second.id, "Asia/Omsk")):
            await session.execute(update(Organisation).where(Organisation.id == place).values(time_zone=zone))
    assert await follow(database, NOW)


async def test_a_letter_that_waits_for_the_morning_waits_for_the_new_one(
    database: Database, clocks: Clocks
) -> None:
    clocks(3)
    evening = datetime(2026, 10, 16, 17, 0, tzinfo=UTC)  # Friday: the bot comes back too late to speak
    async with database.writing() as session:
        await town(session)
    await follow(database, NOW)
    async with database.writing() as session:
        await planner.plan(session, now=NOW)
    async with database.writing() as session:
        await planner.plan(session, now=evening)
    clocks(3, 4)
    assert await follow(database, evening)
    async with database.reading() as session:
        letter = await session.scalar(select(Letter).where(Letter.kind == LetterKind.REMINDER))
        assert letter is not None
        assert letter.not_before == datetime(2026, 10, 19, 5, 0, tzinfo=UTC)
        assert letter.facts["at"] == letter.not_before.isoformat()


async def test_drafts_left_alone_are_asked_about_at_nine_of_the_new_clock(
    database: Database, clocks: Clocks
) -> None:
    clocks(3)
    ask_at = datetime(2026, 10, 20, 6, 0, tzinfo=UTC)
    async with database.writing() as session:
        made = await town(session)
        theirs = Assignment.organisation_id == made.schools[0].id
        about = await session.scalar(select(Assignment.id).where(theirs))
        author = (await actor(session, 2)).person.id
        session.add_all(
            Report(
                assignment_id=assignment_id,
                author_id=author,
                state=ReportState.DRAFT,
                text="",
                sent_at=NOW,
                received_at=NOW,
                ask_at=at,
            )
            for assignment_id, at in ((about, ask_at), (None, ask_at), (about, None))
        )
    await follow(database, NOW)
    clocks(3, 4)
    assert await follow(database, EARLY)
    async with database.reading() as session:
        moments = list(await session.scalars(select(Report.ask_at).order_by(Report.id)))
    assert moments == [ask_at - timedelta(hours=1), ask_at - timedelta(hours=1), None]


async def test_moments_that_are_no_mornings_stay_as_they_are(database: Database, clocks: Clocks) -> None:
    clocks(3)
    async with database.writing() as session:
        await town(session)
    await follow(database, NOW)
    clocks(3, 4)
    assert await follow(database, NOW)
    async with database.reading() as session:
        assert set(await session.scalars(select(Assignment.next_step_at))) == {NOW}


async def test_a_digest_that_was_written_is_not_planned_a_second_time(
    database: Database, clocks: Clocks
) -> None:
    clocks(4)
    async with database.writing() as session:
        await town(session)
    await look(database, NOW)
    monday = nine(date(2026, 9, 28))
    await follow(database, NOW)
    await look(database, monday)
    clocks(4, 3)  # it is eight o'clock again
    await follow(database, monday + timedelta(minutes=1))
    for minutes in range(1, 120, 20):
        await look(database, monday + timedelta(minutes=minutes))
    assert await digest_days(database) == [monday]
    async with database.reading() as session:
        planned = await session.scalars(select(Digest.due_at).where(Digest.state == DigestState.PLANNED))
        assert list(planned) == [nine(date(2026, 10, 5))]


async def test_a_zone_nobody_knows_stops_neither_the_bot_nor_the_others(
    database: Database, clocks: Clocks
) -> None:
    clocks(3)
    async with database.writing() as session:
        made = await town(session)
        await session.execute(
            update(Organisation)
            .where(Organisation.id == made.schools[2].id)
            .values(time_zone="Europe/Volgagrad")
        )
    assert await follow(database, NOW)
    async with database.reading() as session:
        assert set(await session.scalars(select(ZoneRules.zone))) == {ZONE}


def test_a_morning_of_any_clock_of_the_country_is_the_same_day_s_morning_by_any_other() -> None:
    russian = ["Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Omsk", "Asia/Kamchatka"]
    day = date(2026, 10, 15)
    for old in russian:
        for new in russian:
            assert zones.again(moment(day, time(9), old), new) == moment(day, time(9), new)
