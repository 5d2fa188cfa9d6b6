import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plans.calendar import WorkingCalendar
from plans.control import (
    AnchorNeeded,
    ControlDate,
    ControlKind,
    ControlRules,
    DeadlineUnknown,
    PeriodNeeded,
    control_dates,
)
from plans.deadline import Deadline, Period, Recurring, Relative, Undated, Unknown, Window, Yearly

CALENDAR = WorkingCalendar()
DEFAULTS = ControlRules()
YEAR = (dt.date(2021, 1, 1), dt.date(2021, 12, 31))
TWO_YEARS = (dt.date(2021, 1, 1), dt.date(2022, 12, 31))


def controls(
    deadline: Deadline,
    period: tuple[dt.date | None, dt.date | None] = YEAR,
    rules: ControlRules = DEFAULTS,
    anchor: dt.date | None = None,
) -> tuple[ControlDate, ...]:
    return control_dates(
        deadline,
        period_start=period[0],
        period_end=period[1],
        calendar=CALENDAR,
        rules=rules,
        anchor=anchor,
    )


def dues(*args: object, **kwargs: object) -> list[str]:
    return [control.due.isoformat() for control in controls(*args, **kwargs)]  # type: ignore[arg-type]


def test_a_window_is_controlled_on_its_last_day() -> None:
    window = Window(dt.date(2021, 9, 1), dt.date(2021, 9, 30))
    day = dt.date(2021, 9, 30)
    assert controls(window) == (ControlDate(day, day, ControlKind.FINAL, dt.date(2021, 9, 1), day),)


def test_a_day_off_moves_to_the_preceding_working_day_and_the_printed_day_is_kept() -> None:
    (control,) = controls(Window(dt.date(2021, 10, 1), dt.date(2021, 10, 31)))
    assert (control.due, control.nominal) == (dt.date(2021, 10, 29), dt.date(2021, 10, 31))


def test_a_window_of_one_sunday_is_due_before_it_starts() -> None:
    (control,) = controls(Window(dt.date(2021, 9, 5), dt.date(2021, 9, 5)))
    assert control.due == dt.date(2021, 9, 3)


def test_a_window_with_no_start_counts_from_the_plan() -> None:
    (control,) = controls(Window(None, dt.date(2021, 3, 1)))
    assert control.covers_start == YEAR[0]
    (control,) = controls(Window(None, dt.date(2020, 3, 2)))
    assert control.covers_start is None


def test_yearly_is_due_every_year_of_the_plan() -> None:
    assert dues(Yearly("09-01", "09-30"), TWO_YEARS) == ["2021-09-30", "2022-09-30"]


def test_a_year_wholly_outside_the_plan_gives_nothing() -> None:
    school_year = (dt.date(2021, 9, 1), dt.date(2022, 5, 31))
    assert dues(Yearly("06-01", "06-30"), school_year) == []
    assert dues(Yearly("11-01", "11-01"), school_year) == ["2021-11-01"]
    assert dues(Yearly("04-01", "04-30"), school_year) == ["2022-04-29"]


def test_yearly_may_start_later_than_the_plan() -> None:
    assert dues(Yearly("01-01", "12-31", 2022), TWO_YEARS) == ["2022-12-30"]


def test_yearly_may_run_over_new_year() -> None:
    assert dues(Yearly("12-15", "01-20"), TWO_YEARS) == ["2021-01-20", "2022-01-20", "2023-01-20"]


def test_the_end_of_february_is_there_in_every_year() -> None:
    assert dues(Yearly("02-01", "02-29"), (dt.date(2023, 1, 1), dt.date(2024, 12, 31))) == [
        "2023-02-28",
        "2024-02-29",
    ]


def test_a_period_has_a_checkpoint_after_each_quarter_and_a_final_date() -> None:
    found = controls(Period(*YEAR))
    assert [(control.due.isoformat(), control.kind.value) for control in found] == [
        ("2021-04-09", "interim"),
        ("2021-07-09", "interim"),
        ("2021-10-08", "interim"),
        ("2021-12-30", "final"),
    ]
    assert found[0].covers_start == dt.date(2021, 1, 1)
    assert found[0].covers_end == dt.date(2021, 3, 31)
    assert (found[-1].covers_start, found[-1].covers_end) == YEAR


def test_a_partial_first_quarter_has_its_checkpoint_and_the_last_quarter_has_none() -> None:
    found = controls(Period(dt.date(2021, 9, 10), dt.date(2022, 5, 31)))
    assert [control.due.isoformat() for control in found] == [
        "2021-10-08",
        "2022-01-10",
        "2022-04-08",
        "2022-05-31",
    ]
    assert found[0].covers_start == dt.date(2021, 9, 10)


def test_no_checkpoint_comes_after_the_final_date() -> None:
    assert dues(Period(dt.date(2021, 5, 1), dt.date(2021, 7, 5))) == ["2021-07-05"]


def test_an_open_period_takes_the_plan_s_bounds() -> None:
    assert controls(Period(None, None)) == controls(Period(*YEAR))
    with pytest.raises(PeriodNeeded):
        controls(Period(dt.date(2021, 3, 1), None), (None, None))


def test_the_department_may_change_the_rules() -> None:
    assert dues(Period(*YEAR), rules=ControlRules(period_checkpoints=False)) == ["2021-12-30"]
    assert dues(Period(*YEAR), rules=ControlRules(report_day=20))[0] == "2021-04-20"
    assert dues(Undated("по плану"), rules=ControlRules(undated_question_day=20))[0] == "2021-04-20"


def test_recurring_is_due_on_each_occurrence() -> None:
    weekly = Recurring("FREQ=WEEKLY;BYDAY=SU", (), dt.date(2021, 9, 1), dt.date(2021, 9, 20))
    found = controls(weekly)
    assert [control.due.isoformat() for control in found] == ["2021-09-03", "2021-09-10", "2021-09-17"]
    assert (found[1].covers_start, found[1].covers_end) == (dt.date(2021, 9, 6), dt.date(2021, 9, 12))


def test_a_day_of_its_own_is_kept() -> None:
    monthly = Recurring("FREQ=MONTHLY;BYMONTHDAY=5", (), dt.date(2021, 9, 1), dt.date(2021, 11, 30))
    assert dues(monthly) == ["2021-09-03", "2021-10-05", "2021-11-03"]


def test_with_no_day_named_it_is_the_tenth_of_the_next_month() -> None:
    monthly = Recurring("FREQ=MONTHLY;BYMONTHDAY=-1", (), dt.date(2021, 9, 1), dt.date(2021, 10, 31))
    found = controls(monthly)
    assert [(control.due.isoformat(), control.nominal.isoformat()) for control in found] == [
        ("2021-10-08", "2021-09-30"),
        ("2021-11-10", "2021-10-31"),
    ]
    assert dues(monthly, rules=ControlRules(unstated_day_grace=None)) == ["2021-09-30", "2021-10-29"]


def test_the_thirtieth_is_there_in_february_too() -> None:
    monthly = Recurring("FREQ=MONTHLY;BYMONTHDAY=15,30", (), dt.date(2021, 1, 20), dt.date(2021, 3, 1))
    assert [control.nominal.isoformat() for control in controls(monthly)] == [
        "2021-01-30",
        "2021-02-15",
        "2021-02-28",
    ]
    quarterly = Recurring("FREQ=YEARLY;BYMONTH=1,4;BYMONTHDAY=31", (), *YEAR)
    assert [control.nominal.isoformat() for control in controls(quarterly)] == ["2021-01-31", "2021-04-30"]


def test_listed_dates_are_taken_as_they_are() -> None:
    listed = Recurring(None, (dt.date(2023, 12, 29), dt.date(2023, 10, 27)), None, None)
    assert dues(listed, (None, None)) == ["2023-10-27", "2023-12-29"]


@pytest.mark.parametrize("rule", [None, "nonsense", "", "FREQ=MONTHLY;BYDAY=никогда"])
def test_how_often_without_when_asks_a_person(rule: str | None) -> None:
    with pytest.raises(DeadlineUnknown):
        controls(Recurring(rule, (), *YEAR))


def test_recurring_needs_bounds() -> None:
    with pytest.raises(PeriodNeeded):
        controls(Recurring("FREQ=DAILY", (), None, None), (None, None))


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        ("P10D", "2021-06-18"),
        ("-P14D", "2021-05-26"),
        ("P2W", "2021-06-23"),
        ("P1M", "2021-07-09"),
        ("P0D", "2021-06-09"),
    ],
)
def test_relative_is_counted_from_its_event(offset: str, expected: str) -> None:
    assert dues(Relative("утверждение", offset), anchor=dt.date(2021, 6, 9)) == [expected]


def test_relative_without_its_event_says_which_event() -> None:
    with pytest.raises(AnchorNeeded) as refusal:
        controls(Relative("утверждение приказа", "P10D"))
    assert refusal.value.anchor == "утверждение приказа"
    with pytest.raises(DeadlineUnknown):
        controls(Relative("утверждение", "скоро"), anchor=dt.date(2021, 6, 9))


def test_undated_is_asked_about_every_quarter_and_at_the_plan_s_end() -> None:
    found = controls(Undated("по мере необходимости"))
    assert {control.kind for control in found} == {ControlKind.QUESTION}
    assert [control.due.isoformat() for control in found] == [
        "2021-04-09",
        "2021-07-09",
        "2021-10-08",
        "2021-12-30",
    ]
    with pytest.raises(PeriodNeeded):
        controls(Undated("—"), (None, None))


def test_unknown_has_no_dates() -> None:
    with pytest.raises(DeadlineUnknown):
        controls(Unknown("когда-нибудь"))


@settings(max_examples=60)
@given(
    st.dates(dt.date(2020, 2, 1), dt.date(2024, 1, 1)),
    st.integers(0, 900),
    st.sampled_from(
        [
            Period(None, None),
            Undated("по плану"),
            Recurring("FREQ=MONTHLY;BYMONTHDAY=-1", (), None, None),
            Recurring("FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1", (), None, None),
            Yearly("01-01", "12-31"),
        ]
    ),
)
def test_dates_are_working_days_in_order_and_none_twice(
    start: dt.date, length: int, deadline: Deadline
) -> None:
    found = controls(deadline, (start, start + dt.timedelta(days=length)))
    days = [control.due for control in found]
    assert days == sorted(days)
    assert len(set(found)) == len(found)
    assert all(CALENDAR.is_working(day) for day in days)
    assert all(
        CALENDAR.working_or_before(control.nominal) <= control.due
        for control in found
        if control.kind is ControlKind.FINAL
    )
    if isinstance(deadline, Period):
        assert [control.kind for control in found].count(ControlKind.FINAL) == 1
        assert found[-1].kind is ControlKind.FINAL
