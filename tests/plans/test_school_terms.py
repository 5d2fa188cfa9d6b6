"""School terms: as a person types them, what is refused, and how an order is read with them."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.deadline import Recurring, SchoolTerm, Unknown, Window
from plans.deadlines import read_deadlines
from plans.plan import Document
from plans.read import read_plan, reading_of
from plans.school_terms import (
    Terms,
    TermsNotRead,
    Wrong,
    coming_school_year,
    holidays_between,
    known_terms,
    read_written_terms,
    recommended_terms,
    terms_from_json,
    terms_to_json,
)
from tests.plans.test_child import child

QUARTERS = (
    SchoolTerm(date(2026, 9, 1), date(2026, 10, 25)),
    SchoolTerm(date(2026, 11, 2), date(2026, 12, 28)),
    SchoolTerm(date(2027, 1, 11), date(2027, 3, 26)),
    SchoolTerm(date(2027, 4, 5), date(2027, 5, 26)),
)
TRIMESTERS = (
    SchoolTerm(date(2026, 9, 1), date(2026, 11, 30)),
    SchoolTerm(date(2026, 12, 1), date(2027, 2, 28)),
    SchoolTerm(date(2027, 3, 1), date(2027, 5, 26)),
)
OWN: Terms = {2026: QUARTERS}
REST = "02.11–28.12, 11.01–26.03, 05.04–26.05"

FORMS = [
    f"2026/2027: 1.09–25.10, {REST}",
    f"2026-2027\n1.09-25.10\n{REST}",
    f"Четверти на 2026/27 учебный год: 01.09 — 25.10; {REST}.",
    f"1 четверть 2026/2027: 1.09–25.10, {REST}",
    "01.09.2026–25.10.2026, 02.11.2026–28.12.2026, 11.01.2027–26.03.2027, 05.04.2027–26.05.2027",
    (
        "с 1 сентября 2026 г. по 25 октября 2026 г., с 2 ноября по 28 декабря, с 11 января по 26 марта, "
        "с 5 апреля по 26 мая"
    ),
    (
        "2026/2027 уч. год\n1 четверть: с 1 сентября по 25 октября 2026 года (8 недель)\n"
        "2 четверть: со 2 ноября по 28 декабря (8 недель)\n3 четверть: 11 января – 26 марта 2027 г.\n"
        "4 четверть: 5 апреля – 26 мая"
    ),
    "2026/2027 I четверть 1.09–25.10 II четверть 2.11–28.12 III четверть 11.01–26.03 IV четверть 5.04–26.05",
    "2026/2027: I – 1.09–25.10, II – 02.11–28.12, III – 11.01–26.03, IV – 05.04–26.05",
    "2026/2027\n1) 01.09–25.10\n2) 02.11–28.12\n3) 11.01–26.03\n4) 05.04–26.05",
    "2026/2027\n1. 01.09–25.10\n2. 02.11–28.12\n3. 11.01–26.03\n4. 05.04–26.05",
    (
        "2026/2027 первая четверть с 1.09 по 25.10, вторая с 2.11 по 28.12, третья с 11.01 по 26.03, "
        "четвёртая с 5.04 по 26.05"
    ),
    (
        "2026/2027 учебный год\n1 четверть\n01.09.2026 – 25.10.2026\n2 четверть\n02.11.2026 – 28.12.2026\n"
        "3 четверть\n11.01.2027 – 26.03.2027\n4 четверть\n05.04.2027 – 26.05.2027"
    ),
]


@pytest.mark.parametrize("text", FORMS)
def test_four_quarters_are_read_however_they_are_typed(text: str) -> None:
    found = read_written_terms(text)
    assert (found.year, found.terms) == (2026, QUARTERS)


def test_three_trimesters_may_adjoin() -> None:
    found = read_written_terms(
        "2026–2027: 1 триместр 1.09–30.11; 2 триместр 1.12–28.02; 3 триместр 1.03–26.05"
    )
    assert (found.year, found.terms) == (2026, TRIMESTERS)


REFUSED = [
    ("не знаю", Wrong.NO_YEAR, "не знаю"),
    ("", Wrong.NO_YEAR, ""),
    (f"1.09–25.10, {REST}", Wrong.NO_YEAR, "1.09–25.10"),
    (f"2026/2028: 1.09–25.10, {REST}", Wrong.WRONG_YEAR, "2026/2028"),
    (f"2026/2027: 1.09–31.09, {REST}", Wrong.NOT_READ, "1.09–31.09"),
    (f"2026/2027: до 25.10, {REST}", Wrong.NOT_READ, "до 25.10"),
    (f"2026/2027: как обычно, {REST}", Wrong.NOT_READ, "как обычно"),
    (f"2026/2027: каникулы 26.10–01.11, {REST}", Wrong.NOT_READ, "каникулы 26.10–01.11"),
    ("2026/2027: 1.09, 25.10, 2.11, 28.12", Wrong.NOT_READ, "1.09"),
    (f"2026/2027: 25.10.2026–01.09.2026, {REST}", Wrong.BACKWARDS, "25.10.2026–01.09.2026"),
    (f"2026/2027: 01.09.2027–25.10.2027, {REST}", Wrong.OUTSIDE, "01.09.2027–25.10.2027"),
    (f"2026/2027: 1.09–5.11, {REST}", Wrong.OVERLAP, "01.09.2026–05.11.2026, 02.11.2026–28.12.2026"),
    (f"2026/2027: {REST}, 1.09–25.10", Wrong.OVERLAP, "05.04.2027–26.05.2027, 01.09.2026–25.10.2026"),
    (f"2026/2027: 1.09–1.11, {REST}", Wrong.NO_HOLIDAYS, ""),
    ("2026/2027: 1.09–25.10, 2.11–28.12, 11.01–26.03", Wrong.NOT_WHOLE, "01.09.2026–26.03.2027"),
    ("2026/2027", Wrong.NUMBER, ""),
    ("2026/2027: 1.09–28.12, 11.01–26.05", Wrong.NUMBER, ""),
    ("2026/2027: " + "1.09–25.10, " * 200, Wrong.NOT_READ, "2026/2027: " + "1.09–25.10, " * 200),
]


@pytest.mark.parametrize(("text", "wrong", "said"), REFUSED)
def test_what_is_no_school_year_is_refused_with_the_part_it_is_about(
    text: str, wrong: Wrong, said: str
) -> None:
    with pytest.raises(TermsNotRead) as refused:
        read_written_terms(text)
    assert (refused.value.wrong, refused.value.said) == (wrong, said)


@given(st.text(alphabet="0123456789./-–: ,;\nсподочетвьIV()", max_size=80))
def test_no_text_is_taken_for_terms_that_are_out_of_order(text: str) -> None:
    try:
        found = read_written_terms(text)
    except TermsNotRead:
        return
    days = [day for term in found.terms for day in (term.start, term.end)]
    assert days == sorted(set(days))
    assert len(found.terms) in {3, 4}


def test_terms_survive_their_json() -> None:
    kept = {2026: QUARTERS, 2027: TRIMESTERS}
    written = json.loads(json.dumps(terms_to_json(kept)))
    assert written["2026"][0] == ["2026-09-01", "2026-10-25"]
    assert terms_from_json(written) == kept


def test_the_municipalitys_own_terms_come_before_the_recommended_ones() -> None:
    own: Terms = {2025: (SchoolTerm(date(2025, 9, 1), date(2025, 10, 26)), *recommended_terms(2025)[1:])}
    assert known_terms(own)[2025] == own[2025]
    assert known_terms(own)[2023] == recommended_terms(2023)
    assert 2026 not in known_terms(own)


def test_holidays_lie_between_terms() -> None:
    assert holidays_between(QUARTERS)[0] == SchoolTerm(date(2026, 10, 26), date(2026, 11, 1))
    assert holidays_between(TRIMESTERS) == (None, None)


def test_in_summer_the_school_year_that_comes_is_meant() -> None:
    assert coming_school_year(date(2026, 5, 31)) == 2025
    assert coming_school_year(date(2026, 6, 1)) == 2026


# --- an order is read with them --------------------------------------------------------------------------


def plan_of(start: date, end: date) -> Document:
    return Document("План", period_start=start, period_end=end, date=start)


SCHOOL_PLAN = plan_of(date(2026, 9, 1), date(2027, 5, 31))
CALENDAR_PLAN = plan_of(date(2026, 1, 1), date(2026, 12, 31))
TWO_YEARS = plan_of(date(2026, 9, 1), date(2028, 5, 31))
AUTUMN = Window(date(2026, 10, 26), date(2026, 11, 1))


def test_a_year_nobody_knows_stays_unknown_until_the_terms_are_set() -> None:
    for phrase in ("1 четверть", "осенние каникулы"):
        assert read_deadlines(phrase, reading_of(SCHOOL_PLAN)) == (Unknown(phrase),)
    own = reading_of(SCHOOL_PLAN, OWN)
    assert read_deadlines("1 четверть", own) == (Window(QUARTERS[0].start, QUARTERS[0].end),)
    assert read_deadlines("осенние каникулы", own) == (AUTUMN,)


def test_a_plan_of_a_calendar_year_knows_both_school_years_it_touches() -> None:
    phrase = "1 четверть 2026/2027 учебного года"
    assert read_deadlines(phrase, reading_of(CALENDAR_PLAN)) == (Unknown(phrase),)
    own = reading_of(CALENDAR_PLAN, OWN)  # 2025/2026 is recommended
    assert read_deadlines(phrase, own) == (Window(QUARTERS[0].start, QUARTERS[0].end),)
    (often,) = read_deadlines("1 раз в четверть", own)
    assert isinstance(often, Recurring)
    assert often.dates == (date(2026, 3, 27), date(2026, 5, 26), date(2026, 10, 25), date(2026, 12, 28))


def test_what_is_repeated_each_quarter_is_not_read_while_one_of_the_years_is_unknown() -> None:
    phrase = "1 раз в четверть"
    assert read_deadlines(phrase, reading_of(TWO_YEARS, OWN)) == (Unknown(phrase),)


def test_three_terms_are_trimesters_and_no_quarters() -> None:
    own = reading_of(SCHOOL_PLAN, {2026: TRIMESTERS})
    assert read_deadlines("2 триместр", own) == (Window(date(2026, 12, 1), date(2027, 2, 28)),)
    assert read_deadlines("1 четверть", own) == (Unknown("1 четверть"),)


ORDER = (
    "План мероприятий на 2026/2027 учебный год\n\n№\tМероприятие\tСрок\tОтветственные\n"
    "1\tСеминар\t1 четверть\tОО\n2\tСборы\tосенние каникулы\tОО\n"
)


def test_an_order_is_read_with_the_terms_it_is_given() -> None:
    plan = read_plan(ORDER.encode(), "приказ.txt", OWN)
    assert [row.deadlines for row in plan.rows] == [
        (Window(date(2026, 9, 1), date(2026, 10, 25)),),
        (AUTUMN,),
    ]
    assert plan.remarks == ()


def test_a_plan_without_a_period_may_end_with_a_quarter() -> None:
    text = ORDER.replace(" на 2026/2027 учебный год", "").replace("осенние", "зимние")
    text = "ПРИКАЗ\n\n01.09.2026\n\n№ 5\n\n" + text.replace(
        "1 четверть", "2 четверть 2026/2027 учебного года"
    )
    assert read_plan(text.encode(), "приказ.txt").document.period_end is None
    assert read_plan(text.encode(), "приказ.txt", OWN).document.period_end == date(2026, 12, 28)


def test_the_child_takes_the_terms_as_an_argument() -> None:
    plan = child(ORDER.encode(), "--terms", json.dumps(terms_to_json(OWN)), "приказ.txt")["plan"]
    assert [row["deadline"][0]["end"] for row in plan["rows"]] == ["2026-10-25", "2026-11-01"]
    plan = child(ORDER.encode(), "--terms", "{}", "--terms")["plan"]
    assert [row["deadline"][0]["kind"] for row in plan["rows"]] == ["unknown", "unknown"]
