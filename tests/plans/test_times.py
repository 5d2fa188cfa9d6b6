"""Ten years of dates against a slow calendar that counts day by day, and the switches of many clocks."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plans.bundles import Debt, Desk, Reader
from plans.calendar import WorkingCalendar, end_of_day, local_date, moment
from plans.control import ControlKind, control_dates
from plans.deadline import Deadline, Period, Reading, Recurring, SchoolTerm, Undated, Window, Yearly
from plans.deadlines import read_deadlines
from plans.ladder import Ladders, speaking_time, speaking_times, steps
from plans.school_terms import terms_of_period
from tests.plans.test_calendar import WEEKDAYS_OFF, days_of, slow_is_working

CALENDAR = WorkingCalendar()
DAY = dt.timedelta(days=1)
FIRST, LAST = dt.date(2024, 1, 1), dt.date(2034, 12, 31)
NINE = dt.time(9)
PUBLISHED_2027 = "01-01 01-04 01-05 01-06 01-07 01-08 02-22 02-23 03-08 05-03 05-10 06-14 11-04 11-05 12-31"
HOLIDAYS = {(1, day) for day in range(1, 9)} | {(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)}


# --- the slow calendar ------------------------------------------------------------------------------------


@cache
def works(day: dt.date) -> bool:
    """Say it from the printed calendars; later years know their holidays and no moved days."""
    if day.year in WEEKDAYS_OFF:
        return slow_is_working(day)
    if day.year == 2027:
        off = days_of({2027: PUBLISHED_2027}, 2027)
        return day == dt.date(2027, 2, 20) if day.isoweekday() > 5 else day not in off
    return day.isoweekday() <= 5 and (day.month, day.day) not in HOLIDAYS


def days(start: dt.date, end: dt.date) -> Iterator[dt.date]:
    while start <= end:
        yield start
        start += DAY


def walked(day: dt.date, step: dt.timedelta) -> Iterator[dt.date]:
    """Give the working days before or after a day, one by one."""
    while True:
        day += step
        if works(day):
            yield day


def worked_by(day: dt.date) -> dt.date:
    return day if works(day) else next(walked(day, -DAY))


def worked_from(day: dt.date) -> dt.date:
    return day if works(day) else next(walked(day, DAY))


def last_of_month(day: dt.date) -> bool:
    return (day + DAY).day == 1


def slow_ladder(due: dt.date, weeks: int) -> list[tuple[str, dt.date]]:
    """List the steps of a due date, and those of some weeks after the last."""
    before, after = list(islice(walked(due, -DAY), 14)), list(islice(walked(due, DAY), 3))
    named = [("d-14", before[13]), ("d-3", before[2]), ("d-1", before[0]), ("d+0", due)]
    named += [("d+1", after[0]), ("d+3", after[2])]
    last = after[2]
    for day in days(last + DAY, last + weeks * 7 * DAY):
        if day.isoweekday() == 1 and worked_from(day) > last:
            last = worked_from(day)
            named.append((f"w{day.isoformat()}", last))
    return named


def test_every_day_of_ten_years_is_worked_or_not_as_the_slow_calendar_says() -> None:
    assert [day for day in days(FIRST, LAST) if CALENDAR.is_working(day) != works(day)] == []


def test_the_ladder_of_every_day_of_ten_years_is_the_one_counted_day_by_day() -> None:
    for due in days(FIRST + 60 * DAY, LAST - 120 * DAY):
        counted = slow_ladder(due, 6)
        found = list(islice(steps(due, "Europe/Moscow", CALENDAR), len(counted)))
        assert [(step.name, local_date(step.at, "Europe/Moscow")) for step in found] == counted, due
        assert all(step.at.hour == 6 and step.at.minute == 0 for step in found)


def test_every_week_over_new_year_and_of_a_53rd_number_has_its_one_reminder() -> None:
    found = list(islice(steps(dt.date(2026, 11, 16), "Europe/Moscow", CALENDAR), 330))[6:]
    heard = [local_date(step.at, "Europe/Moscow") for step in found]
    weeks = (day for day in days(dt.date(2026, 11, 20), heard[-1]) if day.isoweekday() == 1)
    assert heard == sorted({worked_from(monday) for monday in weeks})
    assert {dt.date(2026, 12, 28), dt.date(2032, 12, 27)} <= set(heard)
    assert heard[-1].year == 2033
    assert {day.isocalendar().week for day in heard} == set(range(1, 54))


# --- control dates ----------------------------------------------------------------------------------------

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
Falls = Callable[[dt.date, dt.date], bool]  # whether a day is one of a rule that begins on another day


def each_day(_day: dt.date, _first: dt.date) -> bool:
    return True


def monthly(number: int) -> tuple[str, Falls]:
    def falls(day: dt.date, _first: dt.date) -> bool:
        return day.day == number or (last_of_month(day) and number > day.day)

    return f"FREQ=MONTHLY;BYMONTHDAY={number}", falls


def weekly(weekday: int, interval: int) -> tuple[str, Falls]:
    def falls(day: dt.date, first: dt.date) -> bool:
        begun, own = (one - one.weekday() * DAY for one in (first, day))
        return day.weekday() == weekday and (own - begun).days // 7 % interval == 0

    each = f"INTERVAL={interval};" if interval > 1 else ""
    return f"FREQ=WEEKLY;{each}BYDAY={WEEKDAYS[weekday]}", falls


def nth_weekday(nth: int, weekday: int) -> tuple[str, Falls]:
    def falls(day: dt.date, _first: dt.date) -> bool:
        of_month = (day.day - 1) // 7 + 1 == nth if nth > 0 else last_week(day)
        return day.weekday() == weekday and of_month

    def last_week(day: dt.date) -> bool:
        return (day + 7 * DAY).month != day.month

    return f"FREQ=MONTHLY;BYDAY={nth}{WEEKDAYS[weekday]}", falls


def quarterly(number: int) -> tuple[str, Falls]:
    _, falls_monthly = monthly(number)

    def falls(day: dt.date, first: dt.date) -> bool:
        return day.month in {1, 4, 7, 10} and falls_monthly(day, first)

    return f"FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY={number}", falls


RULES = [
    ("FREQ=DAILY", each_day),
    *(monthly(number) for number in range(1, 32)),
    *(quarterly(number) for number in (5, 10, 29, 30, 31)),
    *(weekly(weekday, interval) for weekday in range(7) for interval in (1, 2)),
    *(nth_weekday(nth, weekday) for nth in (1, 2, 4, -1) for weekday in (0, 3, 4)),
]
PERIODS = [
    (dt.date(2024, 1, 1), dt.date(2025, 12, 31)),
    (dt.date(2026, 9, 1), dt.date(2028, 5, 31)),
    (dt.date(2027, 2, 11), dt.date(2030, 2, 28)),
    (dt.date(2031, 8, 25), dt.date(2034, 12, 31)),
]

Asked = tuple[dt.date, dt.date, dt.date | None, dt.date | None]  # due, nominal, from, to


def controls(deadline: Deadline, period: tuple[dt.date, dt.date]) -> list[Asked]:
    found = control_dates(deadline, period_start=period[0], period_end=period[1], calendar=CALENDAR)
    return [(one.due, one.nominal, one.covers_start, one.covers_end) for one in found]


@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_a_recurring_deadline_is_asked_on_the_days_counted_one_by_one(
    period: tuple[dt.date, dt.date],
) -> None:
    for rule, falls in RULES:
        since, expected = period[0], []
        for day in days(*period):
            if falls(day, period[0]):
                expected.append((worked_by(day), day, since, day))
                since = day + DAY
        assert controls(Recurring(rule, (), *period), period) == expected, rule


@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_a_month_with_no_day_named_is_asked_about_by_the_tenth_of_the_next(
    period: tuple[dt.date, dt.date],
) -> None:
    for rule, months in (("FREQ=MONTHLY", range(1, 13)), ("FREQ=YEARLY;BYMONTH=3,6,9,12", (3, 6, 9, 12))):
        since, expected = period[0], []
        for day in days(*period):
            if last_of_month(day) and day.month in months:
                expected.append((by_the_tenth(day), day, since, day))
                since = day + DAY
        assert controls(Recurring(f"{rule};BYMONTHDAY=-1", (), *period), period) == expected


def by_the_tenth(day: dt.date) -> dt.date:
    """Give the tenth of the next month, or the working day before it that is still of that month."""
    tenth = next(one for one in days(day + DAY, day + 40 * DAY) if one.day == 10)
    return worked_by(tenth) if worked_by(tenth) > day else worked_from(tenth)


@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_what_runs_on_is_asked_about_after_each_quarter_and_at_its_end(
    period: tuple[dt.date, dt.date],
) -> None:
    asked: list[tuple[dt.date, dt.date, dt.date]] = []
    since = period[0]
    for day in days(*period):
        if last_of_month(day) and day.month % 3 == 0 and day < period[1]:
            tenth = next(one for one in days(day + DAY, day + 40 * DAY) if one.day == 10)
            due = worked_by(tenth)
            if due < worked_by(period[1]):
                asked.append((due, since, day))
            since = day + DAY
    for deadline, kind, last in (
        (Period(*period), ControlKind.INTERIM, (worked_by(period[1]), *period)),
        (Undated("по плану"), ControlKind.QUESTION, (worked_by(period[1]), since, period[1])),
    ):
        found = control_dates(deadline, period_start=period[0], period_end=period[1], calendar=CALENDAR)
        assert [(one.due, one.covers_start, one.covers_end) for one in found] == [*asked, last]
        assert {one.kind for one in found[:-1]} == {kind}


@settings(max_examples=80, deadline=None)
@given(st.dates(FIRST, LAST), st.integers(0, 900), st.integers(1, 12), st.integers(1, 31))
def test_a_day_of_each_year_is_asked_once_a_year_and_the_29th_of_february_as_well(
    start: dt.date, length: int, month: int, number: int
) -> None:
    leap = dt.date(2024, month, 1)
    number = min(number, next(day.day for day in days(leap, leap + 40 * DAY) if last_of_month(day)))
    end = min(start + length * DAY, LAST)
    expected = [
        (worked_by(day), day)
        for day in days(start, end)
        if day.month == month and (day.day == number or (last_of_month(day) and number > day.day))
    ]
    said = f"{month:02d}-{number:02d}"
    assert [(due, nominal) for due, nominal, _, _ in controls(Yearly(said, said), (start, end))] == expected


@settings(max_examples=80, deadline=None)
@given(st.dates(FIRST, LAST))
def test_a_window_is_asked_on_its_last_day_or_the_working_day_before(end: dt.date) -> None:
    assert controls(Window(None, end), (FIRST, LAST)) == [(worked_by(end), end, FIRST, end)]


def test_the_terms_of_ten_school_years_end_when_they_are_set_to() -> None:
    own = {
        year: tuple(
            SchoolTerm(
                dt.date(year + (month < 8), month, 1 + year % 5), dt.date(year + (to < 8), to, 20 + year % 7)
            )
            for month, to in ((9, 10), (11, 12), (1, 3), (4, 5))
        )
        for year in range(2024, 2034)
    }
    for year, terms in own.items():
        period = dt.date(year, 9, 1), dt.date(year + 1, 8, 31)
        assert terms_of_period(*period, own)[: len(terms)] == terms
        reading = Reading(*period, school_year=year, terms=terms)
        (deadline,) = read_deadlines("в конце каждой четверти", reading)
        expected = [(worked_by(term.end), term.end) for term in terms]
        assert [(due, nominal) for due, nominal, _, _ in controls(deadline, period)] == expected


# --- clocks that switch -----------------------------------------------------------------------------------

SWITCHES = [
    ("Europe/Berlin", dt.date(2026, 3, 29)),
    ("Europe/Berlin", dt.date(2026, 10, 25)),
    ("America/New_York", dt.date(2026, 3, 8)),
    ("America/New_York", dt.date(2026, 11, 1)),
    ("America/Havana", dt.date(2026, 3, 8)),  # no midnight
    ("America/Havana", dt.date(2026, 11, 1)),  # two midnights
    ("Africa/Cairo", dt.date(2026, 4, 24)),  # no midnight
    ("Africa/Cairo", dt.date(2026, 10, 30)),
    ("America/Asuncion", dt.date(2023, 10, 1)),  # no midnight
    ("Australia/Lord_Howe", dt.date(2026, 4, 5)),  # half an hour
    ("Europe/Moscow", dt.date(2011, 3, 27)),
    ("Europe/Moscow", dt.date(2014, 10, 26)),
    ("Europe/Volgograd", dt.date(2020, 12, 27)),
    ("Asia/Almaty", dt.date(2024, 3, 1)),
]
by_switch = pytest.mark.parametrize(("zone", "switch"), SWITCHES, ids=str)
READER = Reader(1, 1)


@by_switch
def test_every_local_date_over_a_switch_gets_its_steps_once_at_nine(zone: str, switch: dt.date) -> None:
    """A planner looks every twenty minutes for three weeks; every working day some debt has a step."""
    calendar = WorkingCalendar({switch: True})  # a Sunday, for the most part: also on that very day
    first, last = switch - 10 * DAY, switch + 10 * DAY
    dues = [day for day in days(first, last) if calendar.is_working(day)]
    debts = [Debt(number, due, zone, (READER,)) for number, due in enumerate(dues)]
    begins = moment(first, dt.time(0, 7), zone)
    desk, since = Desk(Ladders(calendar)), dict.fromkeys(debts, begins)
    said: list[tuple[str, dt.date, dt.datetime]] = []
    for tick in range(21 * 72):
        now = begins + tick * dt.timedelta(minutes=20)
        for debt in debts:
            if since[debt] <= now:
                look = desk.look(debt, since=since[debt], now=now)
                since[debt] = look.next_at
                assert look.next_at > now
                said += [(f"{debt.assignment_id} {put.step}", put.day, now) for put in look.puts]
    expected = Counter(
        (f"{debt.assignment_id} {step.name}", local_date(step.at, zone))
        for debt in debts
        for step in islice(steps(debt.due, zone, calendar), 12)
        if begins <= step.at <= begins + (21 * 72 - 1) * dt.timedelta(minutes=20)
    )
    assert Counter((name, day) for name, day, _ in said) == expected
    assert {day for _, day, _ in said} == set(dues)
    for _, day, now in said:
        late = now - moment(day, NINE, zone)
        assert dt.timedelta(0) <= late < dt.timedelta(minutes=20)


@by_switch
def test_midnight_morning_and_evening_of_every_date_over_a_switch_are_of_that_date(
    zone: str, switch: dt.date
) -> None:
    for day in days(switch - 5 * DAY, switch + 5 * DAY):
        assert local_date(moment(day, NINE, zone), zone) == day
        assert moment(day, NINE, zone).astimezone(ZoneInfo(zone)).time() == NINE
        assert local_date(moment(day, dt.time(0), zone), zone) == day
        assert moment(day, dt.time(0), zone) < moment(day, NINE, zone) < end_of_day(day, zone)
        assert end_of_day(day, zone) + dt.timedelta(microseconds=1) == moment(day + DAY, dt.time(0), zone)


def test_a_date_that_was_left_out_stops_nothing() -> None:
    """Samoa had no 30 December 2011, a Friday: its clocks went from Thursday midnight to Saturday."""
    zone, gone = "Pacific/Apia", dt.date(2011, 12, 30)
    calendar = WorkingCalendar({gone + shift * DAY: True for shift in (-1, 0, 1, 2, 3)})
    ladder = list(islice(steps(gone, zone, calendar), 10))
    assert all(left.at <= right.at for left, right in pairwise(ladder))
    since = now = moment(gone - 3 * DAY, NINE, zone)
    heard: list[dt.date] = []
    ladders = Ladders(calendar)
    while now < moment(gone + 3 * DAY, NINE, zone):
        turn = ladders.turn(gone, zone, since=since, now=now)
        if turn.now is not None:
            heard.append(local_date(turn.now.at, zone))
        assert turn.next_at > now
        since = now = turn.next_at
    assert gone not in heard
    assert len(heard) == len(set(heard))
    mornings = [
        local_date(at, zone)
        for at in islice(speaking_times(moment(gone - DAY, NINE, zone), zone, calendar), 3)
    ]
    assert mornings == [gone - DAY, gone + DAY, gone + 2 * DAY]
    assert speaking_time(end_of_day(gone - DAY, zone), zone, calendar) > end_of_day(gone - DAY, zone)
