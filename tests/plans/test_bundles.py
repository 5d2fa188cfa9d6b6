"""Bundles: one message a day, each step once, and a rehearsal that may leap but not err."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from plans.bundles import Debt, Desk, Put, Reader, play
from plans.calendar import WorkingCalendar, local_date
from plans.ladder import Ladders

CALENDAR = WorkingCalendar({})
HERE, EAST = "Europe/Moscow", "Asia/Vladivostok"
DUE = date(2026, 11, 12)  # a Thursday
NINE = datetime(2026, 11, 12, 6, 0, tzinfo=UTC)  # nine in Moscow
NOW = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)


def desk() -> Desk:
    return Desk(Ladders(CALENDAR))


def debt(number: int, *people: int, zone: str = HERE, due: date = DUE) -> Debt:
    return Debt(number, due, zone, tuple(Reader(number * 10 + person, person) for person in people))


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


DEBTS = st.lists(
    st.tuples(
        st.dates(date(2026, 9, 1), date(2027, 6, 30)).map(CALENDAR.working_or_before),
        st.sampled_from([HERE, EAST]),
        st.sets(st.sampled_from([7, 8, 9]), max_size=2),
    ),
    max_size=8,
)


def played(owed: Mapping[Debt, datetime], first: date, begins: date) -> list[Put]:
    last = first + timedelta(days=30)
    looks = play(desk(), owed, now=NOW, first=begins, last=last)
    puts = [put for _, look in looks for put in look.puts if first <= put.day <= last]
    return sorted(puts, key=lambda put: (put.day, put.assignment_id, put.reader.seat_id, put.step))


@given(found=DEBTS, months=st.integers(1, 9))
def test_leaping_to_a_month_lists_what_walking_there_does(
    found: list[tuple[date, str, set[int]]], months: int
) -> None:
    owed = {
        debt(number, *sorted(people), zone=zone, due=due): NOW
        for number, (due, zone, people) in enumerate(found, start=1)
    }
    first = date(2026, 9, 1) + timedelta(days=30 * months)
    assert played(owed, first, first) == played(owed, first, local_date(NOW, HERE))
