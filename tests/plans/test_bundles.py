"""Bundles: one message a day, each step once, and a rehearsal that may leap but not err."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.bundles import Debt, Desk, Put, Reader, play
from plans.calendar import WorkingCalendar, local_date, moment
from plans.ladder import Ladders

CALENDAR = WorkingCalendar({})
HERE, EAST = "Europe/Moscow", "Asia/Vladivostok"
DUE = date(2026, 11, 12)  # a Thursday
NINE = datetime(2026, 11, 12, 6, 0, tzinfo=UTC)  # nine in Moscow
NOW = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)


def desk() -> Desk:
    return Desk(Ladders(CALENDAR))


def debt(
    number: int,
    *people: int,
    zone: str = HERE,
    due: date = DUE,
    quiet: Mapping[int, date | None] = MappingProxyType({}),
) -> Debt:
    readers = (Reader(number * 10 + person, person, quiet.get(person)) for person in people)
    return Debt(number, due, zone, tuple(readers))


def test_what_a_day_brings_to_a_person_is_one_bundle_and_a_step_is_put_once() -> None:
    made = desk()
    first = made.look(debt(1, 7), since=NINE, now=NINE)
    second = made.look(debt(2, 7, 8), since=NINE, now=NINE)
    assert [(put.reader.person_id, put.day, put.step) for put in (*first.puts, *second.puts)] == [
        (7, DUE, "d+0"),
        (7, DUE, "d+0"),
        (8, DUE, "d+0"),
    ]
    assert made.waiting == {(7, DUE): NINE, (8, DUE): NINE}
    again = made.look(debt(1, 7), since=NINE, now=NINE)
    assert again.step is not None
    assert again.puts == ()


def test_what_comes_after_the_message_of_the_day_waits_for_the_next_working_day() -> None:
    made = desk()
    friday = NINE + timedelta(days=1)
    made.look(debt(1, 7), since=NINE, now=friday)
    made.pass_to(friday + timedelta(hours=1))
    late = made.look(debt(2, 7), since=NINE, now=friday + timedelta(hours=1))
    assert [(put.day, put.step) for put in late.puts] == [(date(2026, 11, 16), "d+1")]
    assert late.puts[0].speak_at == datetime(2026, 11, 16, 6, 0, tzinfo=UTC)


def test_a_debt_nobody_reads_of_is_looked_at_all_the_same() -> None:
    found = desk().look(debt(1), since=NINE, now=NINE)
    assert found.step is not None
    assert (found.step.name, found.puts) == ("d+0", ())
    assert found.next_at > NINE


SPOKEN = [
    # looked at (local), spoken (local)
    ("2026-11-12 09:00", "2026-11-12 09:00"),
    ("2026-11-12 17:59", "2026-11-12 17:59"),
    ("2026-11-12 18:00", "2026-11-13 09:00"),  # quiet hours begin
    ("2026-11-12 23:59", "2026-11-13 09:00"),
    ("2026-11-13 00:00", "2026-11-13 09:00"),
    ("2026-11-13 08:59", "2026-11-13 09:00"),
    ("2026-11-13 18:00", "2026-11-16 09:00"),  # Friday evening
    ("2026-11-14 12:00", "2026-11-16 09:00"),  # Saturday
    ("2026-11-15 12:00", "2026-11-16 09:00"),  # Sunday
    ("2026-11-03 18:30", "2026-11-05 09:00"),  # before a holiday in the middle of the week
    ("2026-11-04 12:00", "2026-11-05 09:00"),
    ("2026-12-31 12:00", "2027-01-11 09:00"),  # a day off moved to New Year's Eve, and the long holidays
]


@pytest.mark.parametrize("zone", ["Europe/Kaliningrad", HERE, "Asia/Yekaterinburg", EAST])
@pytest.mark.parametrize(("looked", "spoken"), SPOKEN)
def test_nothing_is_said_at_night_or_on_a_day_off_of_the_school_s_own_zone(
    looked: str, spoken: str, zone: str
) -> None:
    now = datetime.fromisoformat(looked).replace(tzinfo=ZoneInfo(zone))
    found = desk().look(debt(1, 7, zone=zone), since=now - timedelta(days=60), now=now)
    assert [put.speak_at.astimezone(ZoneInfo(zone)) for put in found.puts] == [
        datetime.fromisoformat(spoken).replace(tzinfo=ZoneInfo(zone))
    ]
    assert found.puts[0].day == date.fromisoformat(spoken[:10])


MONDAY = date(2026, 11, 16)


def test_what_comes_due_while_a_reader_wants_quiet_waits_for_the_one_bundle_of_their_day() -> None:
    made = desk()
    asleep = {7: MONDAY}
    first = made.look(debt(1, 7, 8, quiet=asleep), since=NINE, now=NINE)
    friday = NINE + timedelta(days=1)
    made.pass_to(friday)
    second = made.look(debt(1, 7, 8, quiet=asleep), since=friday, now=friday)
    other = made.look(debt(2, 7, quiet=asleep, due=date(2026, 11, 17)), since=friday, now=friday)
    assert other.puts == ()  # its ladder has no step on that day
    third = made.look(debt(3, 7, quiet=asleep, due=date(2026, 11, 13)), since=friday, now=friday)
    puts = [put for look in (first, second, third) for put in look.puts]
    assert {(put.day, put.speak_at) for put in puts if put.reader.person_id == 7} == {
        (MONDAY, moment(MONDAY, time(9), HERE))
    }
    assert [put.day for put in puts if put.reader.person_id == 8] == [DUE, DUE + timedelta(days=1)]
    on_monday = made.look(debt(4, 7, quiet=asleep, due=MONDAY), since=NINE, now=moment(MONDAY, time(9), HERE))
    assert [put.day for put in on_monday.puts] == [MONDAY]  # the day itself is not quiet any more


OWED = st.tuples(
    st.dates(date(2026, 9, 1), date(2027, 6, 30)).map(CALENDAR.working_or_before),
    st.sampled_from([HERE, EAST]),
    st.sets(st.sampled_from([7, 8, 9]), max_size=2),
)
QUIET = st.fixed_dictionaries(
    {person: st.none() | st.dates(date(2026, 9, 1), date(2026, 11, 30)) for person in (7, 8, 9)}
)


def played(owed: Mapping[Debt, datetime], first: date, begins: date) -> list[Put]:
    last = first + timedelta(days=30)
    looks = play(desk(), owed, now=NOW, first=begins, last=last)
    puts = [put for _, look in looks for put in look.puts if first <= put.day <= last]
    return sorted(puts, key=lambda put: (put.day, put.assignment_id, put.reader.seat_id, put.step))


@given(found=st.lists(OWED, max_size=8), months=st.integers(1, 9), quiet=QUIET)
def test_leaping_to_a_month_lists_what_walking_there_does(
    found: list[tuple[date, str, set[int]]], months: int, quiet: dict[int, date | None]
) -> None:
    owed = {
        debt(number, *sorted(people), zone=zone, due=due, quiet=quiet): NOW
        for number, (due, zone, people) in enumerate(found, start=1)
    }
    first = date(2026, 9, 1) + timedelta(days=30 * months)
    assert played(owed, first, first) == played(owed, first, local_date(NOW, HERE))
