import datetime as dt
import statistics
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plans.calendar import WorkingCalendar, local_date, moment, quarters, school_year_of

DAY = dt.timedelta(days=1)

# Copied by hand from the production calendars: weekdays that are off, weekend days that are worked.
WEEKDAYS_OFF = {
    2020: "01-01 01-02 01-03 01-06 01-07 01-08 02-24 03-09 05-01 05-04 05-05 05-11 06-12 11-04",
    2021: "01-01 01-04 01-05 01-06 01-07 01-08 02-22 02-23 03-08 05-03 05-10 06-14 11-04 11-05 12-31",
    2022: "01-03 01-04 01-05 01-06 01-07 02-23 03-07 03-08 05-02 05-03 05-09 05-10 06-13 11-04",
    2023: "01-02 01-03 01-04 01-05 01-06 02-23 02-24 03-08 05-01 05-08 05-09 06-12 11-06",
    2024: "01-01 01-02 01-03 01-04 01-05 01-08 02-23 03-08 04-29 04-30 05-01 05-09 05-10 06-12 11-04"
    " 12-30 12-31",
    2025: "01-01 01-02 01-03 01-06 01-07 01-08 05-01 05-02 05-08 05-09 06-12 06-13 11-03 11-04 12-31",
    2026: "01-01 01-02 01-05 01-06 01-07 01-08 01-09 02-23 03-09 05-01 05-11 06-12 11-04 12-31",
}
WEEKENDS_WORKED = {2021: "02-20", 2022: "03-05", 2024: "04-27 11-02 12-28", 2025: "11-01"}
# The yearly totals that the same calendars print (without the days of 2020 and 2021 off by decree).
WORKING_DAYS = {2020: 248, 2021: 247, 2022: 247, 2023: 247, 2024: 248, 2025: 247, 2026: 247}

published_days = st.dates(dt.date(2020, 1, 15), dt.date(2026, 12, 15))


def days_of(table: dict[int, str], year: int) -> set[dt.date]:
    return {dt.date.fromisoformat(f"{year}-{day}") for day in table.get(year, "").split()}


def slow_is_working(day: dt.date) -> bool:
    if day.isoweekday() in {6, 7}:
        return day in days_of(WEEKENDS_WORKED, day.year)
    return day not in days_of(WEEKDAYS_OFF, day.year)


@pytest.mark.parametrize("year", sorted(WEEKDAYS_OFF))
def test_every_day_of_a_published_year_is_as_in_the_production_calendar(year: int) -> None:
    calendar = WorkingCalendar()
    days = [dt.date(year, 1, 1) + shift * DAY for shift in range(366)]
    days = [day for day in days if day.year == year]
    assert [day for day in days if calendar.is_working(day) != slow_is_working(day)] == []
    assert sum(calendar.is_working(day) for day in days) == WORKING_DAYS[year]


def test_a_january_holiday_that_lent_its_day_off_is_still_a_holiday() -> None:
    assert not WorkingCalendar().is_working(dt.date(2021, 1, 2))
    assert not WorkingCalendar().is_working(dt.date(2024, 1, 6))


def test_the_department_s_own_days_win_in_both_directions() -> None:
    calendar = WorkingCalendar({dt.date(2021, 5, 4): False, dt.date(2021, 5, 8): True})
    assert not calendar.is_working(dt.date(2021, 5, 4))
    assert calendar.is_working(dt.date(2021, 5, 8))
    assert calendar.working_or_before(dt.date(2021, 5, 4)) == dt.date(2021, 4, 30)


def test_a_last_day_off_moves_to_the_preceding_working_day() -> None:
    calendar = WorkingCalendar()
    assert calendar.working_or_before(dt.date(2021, 2, 21)) == dt.date(2021, 2, 20)
    assert calendar.working_or_before(dt.date(2022, 1, 9)) == dt.date(2021, 12, 30)
    assert calendar.working_or_after(dt.date(2022, 1, 1)) == dt.date(2022, 1, 10)


@settings(max_examples=60)
@given(published_days, st.integers(-12, 12))
def test_shifting_counts_working_days_one_by_one(day: dt.date, count: int) -> None:
    expected, left, step = day, abs(count), DAY if count > 0 else -DAY
    while left:
        expected += step
        left -= slow_is_working(expected)
    assert WorkingCalendar().shift(day, count) == expected


@settings(max_examples=60)
@given(published_days)
def test_the_nearest_working_day_is_itself_working_and_nothing_working_lies_between(day: dt.date) -> None:
    calendar = WorkingCalendar()
    before, after = calendar.working_or_before(day), calendar.working_or_after(day)
    assert before <= day <= after
    assert calendar.is_working(before)
    assert calendar.is_working(after)
    between = [before + shift * DAY for shift in range(1, (after - before).days)]
    assert not any(slow_is_working(other) for other in between)


def test_years_whose_moved_days_are_not_published_say_so() -> None:
    calendar = WorkingCalendar()
    assert all(calendar.covers(year) for year in range(2020, 2027))
    assert not calendar.covers(2090)
    assert not calendar.is_working(dt.date(2090, 1, 1))


def test_asking_about_a_day_costs_microseconds() -> None:
    calendar = WorkingCalendar()
    day = dt.date(2024, 4, 27)
    calendar.is_working(day)
    costs = []
    for _ in range(20):
        start = time.perf_counter()
        for _ in range(200):
            calendar.is_working(day)
        costs.append((time.perf_counter() - start) / 200)
    assert statistics.median(costs) < 5e-6


def test_today_depends_on_the_zone() -> None:
    now = dt.datetime(2021, 12, 31, 20, 30, tzinfo=dt.UTC)
    assert local_date(now, "Europe/Moscow") == dt.date(2021, 12, 31)
    assert local_date(now, "Asia/Vladivostok") == dt.date(2022, 1, 1)
    with pytest.raises(ValueError, match="zone"):
        local_date(dt.datetime(2021, 1, 1), "Europe/Moscow")


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected"),
    [
        (dt.date(2024, 5, 3), dt.time(9), "Asia/Kamchatka", "2024-05-02T21:00"),
        (dt.date(2024, 5, 3), dt.time(9), "Europe/Kaliningrad", "2024-05-03T07:00"),
        # The clocks were put back from 02:00 to 01:00: the first 01:30 counts.
        (dt.date(2014, 10, 26), dt.time(1, 30), "Europe/Moscow", "2014-10-25T21:30"),
        # They were put forward from 02:00 to 03:00: there was no 02:30.
        (dt.date(2011, 3, 27), dt.time(2, 30), "Europe/Moscow", "2011-03-26T23:30"),
        (dt.date(2024, 5, 3), dt.time(9, fold=1), "Europe/Moscow", "2024-05-03T06:00"),
    ],
)
def test_a_local_time_is_one_moment(day: dt.date, at: dt.time, zone: str, expected: str) -> None:
    found = moment(day, at, zone)
    assert found.tzinfo is dt.UTC
    assert found.replace(tzinfo=None) == dt.datetime.fromisoformat(expected)
    assert local_date(found, zone) == day


def test_a_school_year_begins_in_august() -> None:
    assert school_year_of(dt.date(2021, 7, 31)) == 2020
    assert school_year_of(dt.date(2021, 8, 1)) == 2021
    assert school_year_of(dt.date(2022, 1, 1)) == 2021


def test_quarters_are_clipped_to_the_period() -> None:
    assert quarters(dt.date(2020, 9, 10), dt.date(2021, 2, 1)) == (
        (dt.date(2020, 9, 10), dt.date(2020, 9, 30)),
        (dt.date(2020, 10, 1), dt.date(2020, 12, 31)),
        (dt.date(2021, 1, 1), dt.date(2021, 2, 1)),
    )
    assert quarters(dt.date(2021, 2, 1), dt.date(2021, 1, 1)) == ()


@settings(max_examples=40)
@given(published_days, st.integers(0, 1500))
def test_quarters_cover_the_period_with_no_gap(start: dt.date, length: int) -> None:
    end = start + length * DAY
    found = quarters(start, end)
    assert found[0][0] == start
    assert found[-1][1] == end
    assert all(left[1] + DAY == right[0] for left, right in pairwise(found))
    assert all(first <= last for first, last in found)
    assert all(first.month in {1, 4, 7, 10} and first.day == 1 for first, _ in found[1:])
