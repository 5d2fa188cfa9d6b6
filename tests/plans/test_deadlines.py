import datetime as dt
import json
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plans.deadline import Reading, Undated, Unknown, Window
from plans.deadline_json import deadline_from_json, deadline_to_json, read_jsonl_line
from plans.deadlines import is_inverted, latest_dated_end, read_deadlines
from plans.deadlines.words import WORDS
from plans.school_terms import recommended_terms
from tests.plans.readings import LONG, NOTHING, SCHOOL, TRIMESTERS, YEAR

SHARED = Path(__file__).parents[3] / "shared"
OF_ORDERS = SHARED / "deadlines.jsonl"
OF_THE_LANGUAGE = Path(__file__).with_name("phrases.jsonl")
GOLDEN = SHARED / "golden"


def short(text: str, reading: Reading) -> str:
    """What was read, as «kind value value», one deadline after another."""
    words = []
    for deadline in read_deadlines(text, reading):
        fields = deadline_to_json(deadline)
        if fields["kind"] in {"unknown", "undated"}:
            fields.pop("text")
        values = [",".join(value) if isinstance(value, list) else str(value) for value in fields.values()]
        words.append(" ".join(values))
    return "; ".join(words)


INVENTED: list[tuple[Reading, str, str]] = [
    (YEAR, "август", "window 2021-08-01 2021-08-31"),
    (YEAR, "в октябре", "window 2021-10-01 2021-10-31"),
    (YEAR, "в течение июня", "window 2021-06-01 2021-06-30"),
    (YEAR, "«15» мая 2021 г.", "window 2021-05-15 2021-05-15"),
    (YEAR, "02. 10. 2021", "window 2021-10-02 2021-10-02"),
    (YEAR, "2021-10-02", "window 2021-10-02 2021-10-02"),
    (YEAR, "окт.-нояб. 2021 г.", "window 2021-10-01 2021-11-30"),
    (YEAR, "II кв. 2021", "window 2021-04-01 2021-06-30"),
    (YEAR, "П квартал", "window 2021-04-01 2021-06-30"),
    (YEAR, "2-3 квартал", "window 2021-04-01 2021-09-30"),
    (YEAR, "до конца II квартала", "window 2021-01-01 2021-06-30"),
    (YEAR, "первое полугодие", "window 2021-01-01 2021-06-30"),
    (YEAR, "вторая декада октября", "window 2021-10-11 2021-10-20"),
    (YEAR, "последняя неделя августа", "window 2021-08-25 2021-08-31"),
    (YEAR, "вторая половина мая", "window 2021-05-16 2021-05-31"),
    (YEAR, "вторую рабочую среду июня", "window 2021-06-09 2021-06-09"),
    (YEAR, "не позднее мая", "window 2021-01-01 2021-05-31"),
    (YEAR, "с 1 по 10 июня включительно", "window 2021-06-01 2021-06-10"),
    (YEAR, "15 мая в 10.30", "window 2021-05-15 2021-05-15"),
    (
        SCHOOL,
        "до 15 октября, 10 мая",
        "window 2023-09-01 2023-10-15; window 2023-09-01 2024-05-10",
    ),
    (
        YEAR,
        "с 10 по 20 мая и с 1 по 5 июня",
        "window 2021-05-10 2021-05-20; window 2021-06-01 2021-06-05",
    ),
    (YEAR, "май, август 2021 года", "window 2021-05-01 2021-05-31; window 2021-08-01 2021-08-31"),
    (YEAR, "7 июня, Дворец творчества", "window 2021-06-07 2021-06-07"),
    (YEAR, "Отчёт: до 7 июня", "window 2021-01-01 2021-06-07"),
    (YEAR, "март (5-9 классы), май (10 кл.)", "window 2021-03-01 2021-03-31; window 2021-05-01 2021-05-31"),
    (YEAR, "с июня и далее", "period 2021-06-01 2021-12-31"),
    (YEAR, "на протяжении всего года", "period 2021-01-01 2021-12-31"),
    (YEAR, "систематически", "period 2021-01-01 2021-12-31"),
    (YEAR, "по графику в течение года", "period 2021-01-01 2021-12-31"),
    (LONG, "весь срок реализации программы развития", "period 2021-01-01 2024-12-31"),
    (LONG, "с 2022 по 2024 год", "window 2022-01-01 2024-12-31"),
    (LONG, "I квартал 2021 – IV квартал 2022", "window 2021-01-01 2022-12-31"),
    (LONG, "каждый год в сентябре", "yearly 09-01 09-30"),
    (LONG, "1 раз в год, в сентябре", "yearly 09-01 09-30"),
    (LONG, "ежегодно, I квартал", "yearly 01-01 03-31"),
    (LONG, "ежегодно (до 1 сентября)", "yearly 01-01 09-01"),
    (LONG, "ежегодно ноябрь-февраль", "yearly 11-01 02-28"),
    (LONG, "ежегодно до 1 сентября, начиная с 2022", "yearly 01-01 09-01 2022"),
    (LONG, "ежегодно, сентябрь, май", "yearly 09-01 09-30; yearly 05-01 05-31"),
    (
        LONG,
        "до 1 сентября 2021 г., далее - ежегодно",
        "window 2021-01-01 2021-09-01; yearly 01-01 09-01 2022",
    ),
    (
        LONG,
        "дважды в год (май; декабрь)",
        "recurring FREQ=YEARLY;BYMONTH=5,12;BYMONTHDAY=-1 2021-01-01 2024-12-31",
    ),
    (YEAR, "по понедельникам и средам", "recurring FREQ=WEEKLY;BYDAY=MO,WE 2021-01-01 2021-12-31"),
    (YEAR, "еженедельно (пятница)", "recurring FREQ=WEEKLY;BYDAY=FR 2021-01-01 2021-12-31"),
    (YEAR, "каждый последний четверг месяца", "recurring FREQ=MONTHLY;BYDAY=-1TH 2021-01-01 2021-12-31"),
    (YEAR, "1 и 15 числа каждого месяца", "recurring FREQ=MONTHLY;BYMONTHDAY=1,15 2021-01-01 2021-12-31"),
    (
        YEAR,
        "не реже одного раза в квартал",
        "recurring FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1 2021-01-01 2021-12-31",
    ),
    (YEAR, "еженедельно в марте", "recurring FREQ=WEEKLY;BYDAY=SU 2021-03-01 2021-03-31"),
    (YEAR, "2 раза в неделю (вторник, пятница)", "recurring FREQ=WEEKLY;BYDAY=TU,FR 2021-01-01 2021-12-31"),
    (YEAR, "в течение 2021 календарного года", "window 2021-01-01 2021-12-31"),
    (YEAR, "ежемесячно с марта по май", "recurring FREQ=MONTHLY;BYMONTHDAY=-1 2021-03-01 2021-05-31"),
    (YEAR, "один раз в полгода", "recurring FREQ=YEARLY;BYMONTH=6,12;BYMONTHDAY=-1 2021-01-01 2021-12-31"),
    (
        YEAR,
        "ежемесячно до 3 числа месяца, следующего за отчетным месяцем",
        "recurring FREQ=MONTHLY;BYMONTHDAY=3 2021-02-01 2022-01-31",
    ),
    (YEAR, "3 раза в год", "recurring None 2021-01-01 2021-12-31"),
    (
        SCHOOL,
        "в конце каждой четверти",
        "recurring None 2023-09-01 2024-05-31 2023-10-27,2023-12-29,2024-03-22,2024-05-24",
    ),
    (SCHOOL, "III четверть", "window 2024-01-08 2024-03-22"),
    (SCHOOL, "до конца 1 четверти", "window 2023-09-01 2023-10-27"),
    (SCHOOL, "зимние каникулы", "window 2023-12-30 2024-01-07"),
    (SCHOOL, "осенние каникулы (с 28 октября по 5 ноября)", "window 2023-10-28 2023-11-05"),
    (SCHOOL, "2 полугодие", "window 2024-01-08 2024-05-24"),
    (SCHOOL, "29 февраля", "window 2024-02-29 2024-02-29"),
    (SCHOOL, "октябрь, январь 2024", "window 2023-10-01 2023-10-31; window 2024-01-01 2024-01-31"),
    (SCHOOL, "до 25 августа", "window None 2023-08-25"),
    (SCHOOL, "2023/2024", "period 2023-09-01 2024-05-31"),
    (NOTHING, "ноябрь-февраль 2022", "window 2021-11-01 2022-02-28"),
    (YEAR, "в течение 10 (десяти) рабочих дней со дня получения", "relative день получения P10D"),
    (YEAR, "не позднее чем через 3 дня после совещания", "relative совещание P3D"),
    (YEAR, "в трёхдневный срок с даты издания приказа", "relative дата издания приказа P3D"),
    (YEAR, "за месяц до проведения ГИА", "relative проведение ГИА -P1M"),
    (YEAR, "по завершении проекта", "relative завершение проекта P0D"),
    (YEAR, "согласно плану-графику", "undated"),
    (YEAR, "по плану работы МБОУ «СОШ № 3»", "undated"),
    (YEAR, "при необходимости", "undated"),
    (YEAR, "-", "undated"),
]

# Each could be misread with confidence; a person is asked.
NOT_CLEAR: list[tuple[Reading, str]] = [
    (YEAR, ""),
    (YEAR, ", ;"),
    (YEAR, "( )"),
    (YEAR, "скоро"),
    (YEAR, "до мая"),
    (YEAR, "после 15 мая"),
    (YEAR, "не ранее 15 мая"),
    (YEAR, "осенью"),
    (YEAR, "31 июня"),
    (YEAR, "29 февраля"),
    (YEAR, "31.02.2021"),
    (YEAR, "20-05 мая"),
    (YEAR, "10.05.2021 - 01.05.2021"),
    (YEAR, "сентябрь (перенос на октябрь)"),
    (YEAR, "3 мая, отменено"),
    (YEAR, "3 МАЯ, ОТМЕНЯЕТСЯ"),
    (YEAR, "до 1 июня, кроме выходных"),
    (YEAR, "в течение месяца"),
    (YEAR, "в течение 10 дней"),
    (YEAR, "до проведения ВПР"),
    (YEAR, "по плану работы на сентябрь"),
    (YEAR, "до 5 числа"),
    (YEAR, "ежемесячно, пятница"),
    (YEAR, "ежемесячно до 25 мая"),
    (YEAR, "1 четверть"),
    (YEAR, "сентябрь декабрь"),
    (YEAR, "сентябрь –"),
    (YEAR, "2 раза в год (декабрь)"),
    (YEAR, "1 раз в квартал (март)"),
    (YEAR, "ежемесячно, март"),
    (YEAR, "15 мая, 10.10"),
    (YEAR, "(сентябрь"),
    (YEAR, "каждую 7 пятницу месяца"),
    (LONG, "сентябрь"),
    (LONG, "до 1 октября"),
    (LONG, "в течение учебного года"),
    (LONG, "сентябрь 2021, 2022, 2023 гг."),
    (LONG, "май 2021-2023"),
    (LONG, "ежегодно до 2023 года"),
    (LONG, "ежегодно, первая среда октября"),
    (LONG, "1 раз в 2 года"),
    (SCHOOL, "3 квартал"),
    (SCHOOL, "до конца года"),
    (SCHOOL, "2023-2024"),
    (SCHOOL, "март 2023"),
    (NOTHING, "сентябрь"),
    (NOTHING, "в течение года"),
]


@pytest.mark.parametrize(("reading", "text", "expected"), INVENTED, ids=[row[1] for row in INVENTED])
def test_a_phrase_of_an_order_is_read(reading: Reading, text: str, expected: str) -> None:
    assert short(text, reading) == expected


@pytest.mark.parametrize(("reading", "text"), NOT_CLEAR, ids=[row[1] for row in NOT_CLEAR])
def test_what_may_mean_something_else_is_left_to_a_person(reading: Reading, text: str) -> None:
    assert read_deadlines(text, reading) == (Unknown(text),)


def test_a_range_printed_backwards_is_told_from_words_not_known() -> None:
    assert is_inverted("с 10.05.2021 по 01.05.2021", YEAR)
    assert not is_inverted("с 01.05.2021 по 10.05.2021", YEAR)
    assert not is_inverted("скоро", YEAR)


def test_named_school_quarters_are_read_only_from_terms_that_were_given() -> None:
    without = Reading(SCHOOL.period_start, SCHOOL.period_end, 2023)
    for text in ("1 четверть", "1 раз в четверть", "осенние каникулы", "каникулы"):
        assert read_deadlines(text, without) == (Unknown(text),)
        assert not isinstance(read_deadlines(text, SCHOOL)[0], Unknown)
    assert short("осенние каникулы с 5 по 11 ноября 2007 года", NOTHING) == "window 2007-11-05 2007-11-11"
    assert recommended_terms(1999) == ()


def test_three_terms_of_a_school_year_are_trimesters() -> None:
    assert short("2 триместр", TRIMESTERS) == "window 2023-12-01 2024-02-29"
    ends = "2023-11-30,2024-02-29,2024-05-24"
    assert short("1 раз в триместр", TRIMESTERS) == f"recurring None 2023-09-01 2024-05-31 {ends}"
    for text in ("1 четверть", "1 раз в четверть", "осенние каникулы"):
        assert short(text, TRIMESTERS) == "unknown"
    for text in ("2 триместр", "1 раз в триместр"):
        assert short(text, SCHOOL) == "unknown"


def test_an_order_with_no_period_reads_dates_of_its_own_year() -> None:
    order = Reading(document_date=dt.date(2022, 10, 5))
    assert short("до 15 ноября", order) == "window 2022-10-05 2022-11-15"
    assert short("сентябрь", order) == "unknown"


def test_the_latest_dated_end_ends_a_plan_with_no_period() -> None:
    texts = ["май 2021 г.", "до 1 октября", "весь период", "сентябрь 2021 - 10 декабря 2021", "до 01.03.2021"]
    assert latest_dated_end(texts, LONG) == dt.date(2021, 12, 10)
    assert latest_dated_end(["январь", "постоянно"], LONG) is None


PLAIN = [text for _, text, _ in INVENTED if not any(sign in text for sign in "«№:")]
LATIN = str.maketrans("асеорху", "aceopxy")
SPACES = "\u00a0\u2009 \t\n"
CASES: list[Callable[[str], str]] = [str, str.upper, str.capitalize]
DASHES = "-‐‑‒–—−"


@settings(max_examples=150)
@given(st.sampled_from(PLAIN), st.data())
def test_typesetting_changes_nothing(text: str, data: st.DataObject) -> None:
    reading = next(row[0] for row in INVENTED if row[1] == text)
    dressed = data.draw(st.sampled_from(CASES))(text)
    if data.draw(st.booleans()):
        dressed = dressed.translate(LATIN)
    dressed = dressed.replace(" ", data.draw(st.sampled_from(SPACES)) * data.draw(st.integers(1, 2)))
    dressed = dressed.replace("-", data.draw(st.sampled_from(DASHES)))
    if data.draw(st.booleans()):
        dressed = f" {dressed}* "
    plain, found = read_deadlines(text, reading), read_deadlines(dressed, reading)
    if isinstance(plain[0], Undated):
        assert isinstance(found[0], Undated)
    elif deadline_to_json(plain[0])["kind"] == "relative":
        assert deadline_to_json(found[0])["offset"] == deadline_to_json(plain[0])["offset"]
    elif "Дворец" not in text:  # a name is known by its capital letter
        assert found == plain


pieces = st.one_of(
    st.sampled_from(sorted(WORDS)),
    st.sampled_from([*"-–,.;:()«»/№ ", "2021", "31", "0", "99", "01.02", "2021-2022", "IV"]),
    st.text(max_size=4),
)


@settings(max_examples=300)
@given(
    st.lists(pieces, max_size=14).map(" ".join) | st.text(max_size=60),
    st.sampled_from([YEAR, LONG, SCHOOL, NOTHING]),
)
def test_no_text_raises_and_every_answer_has_a_json_form(text: str, reading: Reading) -> None:
    found = read_deadlines(text, reading)
    assert found
    for deadline in found:
        assert deadline_from_json(json.loads(json.dumps(deadline_to_json(deadline)))) == deadline
        if isinstance(deadline, Window) and deadline.start is not None:
            assert deadline.start <= deadline.end


@pytest.mark.parametrize(
    "text",
    [
        "1, " * 130,
        "с 1 по " * 60,
        "(" * 399,
        "«" * 399,
        "сентябрь-" * 44,
        "1 раз в " * 50,
        "не позднее чем за 1 день до " * 14,
        "по " * 130,
        "в течение всего " * 25,
        "9" * 400,
        "сентябрь " * 5000,
        "первый и " * 44,
        "15 сентября, " * 30,
        "1-" * 200,
        "до 12:00 " * 44,
        "осенние, " * 44,
        "сен- " * 80,
        "".join(chr(1072 + at * at % 32) + " " * (at % 7 == 0) for at in range(350)),
    ],
    ids=lambda text: text[:12],
)
def test_no_text_takes_long(text: str) -> None:
    read_deadlines("май", LONG)
    costs = []
    for _ in range(5):
        start = time.thread_time()
        read_deadlines(text, LONG)
        costs.append(time.thread_time() - start)
    assert statistics.median(costs) < 0.010


def test_json_of_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="deadline"):
        deadline_from_json({"kind": "someday"})
    with pytest.raises(ValueError, match="deadline"):
        deadline_from_json({"kind": "window"})
    with pytest.raises(ValueError, match="context"):
        read_jsonl_line({"context": ["2021"]})
    assert read_jsonl_line({"text": "май"}) == NOTHING


def verdicts_on(path: Path) -> tuple[dict[str, Counter[str]], list[Any]]:
    """Read every phrase of ``path``, print how many of each kind are right, and list the wrong answers."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    wrong: list[Any] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found = [deadline_to_json(deadline) for deadline in read_deadlines(row["text"], read_jsonl_line(row))]
        kind = row["expected"][0]["kind"] + (" (ambiguous)" if row.get("ambiguous") else "")
        if found == row["expected"]:
            verdict = "right"
        elif found in row.get("alternatives", []):
            verdict = "alternative"
        elif found[0]["kind"] == "unknown":
            verdict = "unknown"
        else:
            verdict = "wrong"
            wrong.append((row["id"], row["text"], found))
        table[kind][verdict] += 1
    for kind, verdicts in sorted(table.items()):
        sys.stdout.write(f"{kind:24}{dict(verdicts)}\n")
    return table, wrong


def share_of_right(table: dict[str, Counter[str]]) -> float:
    plain = [verdicts for kind, verdicts in table.items() if "ambiguous" not in kind]
    right = sum(verdicts["right"] + verdicts["alternative"] for verdicts in plain)
    return right / sum(verdicts.total() for verdicts in plain)


@pytest.mark.skipif(not OF_ORDERS.exists(), reason=f"no {OF_ORDERS.name} beside the repository")
def test_phrases_of_real_orders_are_right_or_left_to_a_person() -> None:
    table, wrong = verdicts_on(OF_ORDERS)
    assert wrong == []
    assert share_of_right(table) >= 0.98


def test_phrases_of_the_language_are_right_or_left_to_a_person() -> None:
    table, wrong = verdicts_on(OF_THE_LANGUAGE)
    assert wrong == []
    assert share_of_right(table) >= 0.98


@pytest.mark.skipif(not GOLDEN.exists(), reason="no golden orders beside the repository")
def test_deadlines_of_the_golden_orders_are_read() -> None:
    for path in sorted(GOLDEN.glob("*.json")):
        plan = json.loads(path.read_text(encoding="utf-8"))
        document = plan["document"]
        context = {"period": document["period"], "document_date": document["date"]}
        reading = read_jsonl_line({"context": context})
        for row in plan["rows"] + plan.get("duties", []):
            found = read_deadlines(row["deadline_text"], reading)
            assert [deadline_to_json(deadline) for deadline in found] == row["deadline"], row["deadline_text"]
