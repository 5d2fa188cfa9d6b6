"""The ladder: pure, from a due date to moments."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise

from hypothesis import given
from hypothesis import strategies as st

from plans.calendar import WorkingCalendar, local_date, moment
from plans.ladder import OPENS, Ladders, speaking_time, speaking_times, steps

CALENDAR = WorkingCalendar({})
ZONE = "Asia/Yekaterinburg"
DAYS = st.dates(date(2021, 1, 1), date(2026, 12, 1))


def test_the_ladder_speaks_at_nine_of_the_zone_on_the_days_named_and_then_on_mondays() -> None:
    due = date(2026, 10, 15)  # a Thursday
    found = [
        (step.name, local_date(step.at, ZONE).isoformat()) for step in islice(steps(due, ZONE, CALENDAR), 8)
    ]
    assert found == [
        ("d-14", "2026-09-25"),
        ("d-3", "2026-10-12"),
        ("d-1", "2026-10-14"),
        ("d+0", "2026-10-15"),
        ("d+1", "2026-10-16"),
        ("d+3", "2026-10-20"),
        ("w2026-10-26", "2026-10-26"),
        ("w2026-11-02", "2026-11-02"),
    ]
    assert next(steps(due, ZONE, CALENDAR)).at == datetime(2026, 9, 25, 4, 0, tzinfo=UTC)


@given(due=DAYS)
def test_every_step_falls_on_a_working_day_at_nine_and_later_than_the_one_before(due: date) -> None:
    found = list(islice(steps(CALENDAR.working_or_before(due), ZONE, CALENDAR), 12))
    assert all(earlier.at < later.at for earlier, later in pairwise(found))
    for step in found:
        day = local_date(step.at, ZONE)
        assert CALENDAR.is_working(day)
        assert step.at == moment(day, OPENS, ZONE)


@given(due=DAYS, late=st.integers(-40, 200), pause=st.integers(0, 60))
def test_the_next_look_is_strictly_later_and_missed_steps_are_never_made_up(
    due: date, late: int, pause: int
) -> None:
    now = moment(due, OPENS, ZONE) + timedelta(days=late, hours=1)
    since = now - timedelta(days=pause)
    found = Ladders(CALENDAR).turn(due, ZONE, since=since, now=now)
    assert found.next_at > now
    if found.now is not None:
        assert since <= found.now.at <= now
        between = [step for step in islice(steps(due, ZONE, CALENDAR), 60) if since <= step.at <= now]
        assert found.now == between[-1]


def test_nothing_is_said_outside_nine_to_eighteen_of_working_days() -> None:
    friday_evening = datetime(2026, 10, 16, 14, 0, tzinfo=UTC)  # 19:00 in the zone
    assert speaking_time(friday_evening, ZONE, CALENDAR) == datetime(2026, 10, 19, 4, 0, tzinfo=UTC)
    early = datetime(2026, 10, 16, 1, 0, tzinfo=UTC)  # 06:00
    assert speaking_time(early, ZONE, CALENDAR) == datetime(2026, 10, 16, 4, 0, tzinfo=UTC)
    noon = datetime(2026, 10, 16, 7, 0, tzinfo=UTC)
    assert speaking_time(noon, ZONE, CALENDAR) == noon


def test_what_cannot_be_said_today_any_more_waits_for_the_mornings_of_the_working_days_that_follow() -> None:
    tuesday_noon = datetime(2026, 11, 3, 7, 0, tzinfo=UTC)  # Wednesday, 4 November is not worked
    found = [local_date(at, ZONE) for at in islice(speaking_times(tuesday_noon, ZONE, CALENDAR), 4)]
    assert found == [date(2026, 11, 3), date(2026, 11, 5), date(2026, 11, 6), date(2026, 11, 9)]
    assert next(speaking_times(tuesday_noon, ZONE, CALENDAR)) == tuesday_noon
    second = list(islice(speaking_times(tuesday_noon, ZONE, CALENDAR), 2))[1]
    assert second == moment(date(2026, 11, 5), OPENS, ZONE)
