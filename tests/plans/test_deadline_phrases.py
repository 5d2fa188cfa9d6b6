"""A phrase made from a deadline reads back as that deadline, whatever days it is made of."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from plans.deadline import Recurring, Unknown, Window, Yearly
from plans.deadlines import read_deadlines
from tests.plans.readings import LONG, YEAR

GENITIVE = (
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()  # noqa: SIM905
)
NOMINATIVE = (
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split()  # noqa: SIM905
)
WEEKDAYS = "понедельник вторник среда четверг пятница суббота воскресенье".split()  # noqa: SIM905
ROMAN = ("I", "II", "III", "IV")


days_of_2021 = st.dates(dt.date(2021, 1, 1), dt.date(2021, 12, 31))


def figures(day: dt.date, *, year: bool) -> str:
    return f"{day:%d.%m.%Y}" if year else f"{day:%d.%m}"


def words(day: dt.date) -> str:
    return f"{day.day} {GENITIVE[day.month - 1]}"


@settings(max_examples=80)
@given(st.tuples(days_of_2021, days_of_2021).map(sorted), st.sampled_from(["-", " – ", " — ", "- "]))
def test_a_phrase_made_from_a_window_reads_back_as_that_window(days: list[dt.date], dash: str) -> None:
    start, end = days
    expected = (Window(start, end),)
    phrases = [
        f"с {words(start)} по {words(end)} 2021 года",
        f"в период с {words(start)} 2021 г. по {words(end)} 2021 г.",
        f"{words(start)}{dash}{words(end)}",
        f"{words(start)} 2021{dash}{words(end)} 2021",
        f"{figures(start, year=True)}{dash}{figures(end, year=True)}",
        f"{figures(start, year=False)}.{dash}{figures(end, year=True)} г.",
        f"с {figures(start, year=False)} по {figures(end, year=False)}",
        f"{figures(start, year=True)[:-4]}21{dash}{figures(end, year=True)[:-4]}21",
    ]
    if start.month == end.month:
        phrases.append(f"{start.day}{dash}{words(end)}")
        phrases.append(f"с {start.day} по {words(end)}")
    for phrase in phrases:
        assert read_deadlines(phrase, YEAR) == expected, phrase
    until = Window(YEAR.period_start, end)
    for phrase in (
        f"до {words(end)}",
        f"не позднее {figures(end, year=True)}",
        f"в срок до {words(end)} 2021г.",
    ):
        assert read_deadlines(phrase, YEAR) == (until,), phrase


def month_ends(year: int, first: int, last: int) -> Window:
    after = dt.date(year + last // 12, last % 12 + 1, 1)
    return Window(dt.date(year, first, 1), after - dt.timedelta(days=1))


@given(st.integers(1, 12), st.integers(1, 12), st.sampled_from(["", " 2021", " 2021 г.", " 2021 года"]))
def test_months_of_a_window_read_back_as_it(one: int, other: int, year: str) -> None:
    first, last = sorted((one, other))
    expected = month_ends(2021, first, last)
    phrases = [
        f"{NOMINATIVE[first - 1]} - {NOMINATIVE[last - 1]}{year}",
        f"с {GENITIVE[first - 1]} по {NOMINATIVE[last - 1]}{year}",
        f"в течение {GENITIVE[first - 1]} – {GENITIVE[last - 1]}{year}",
        f"{first:02}.2021 - {last:02}.2021",
    ]
    if first == last:
        phrases += [NOMINATIVE[first - 1] + year, f"месяц {NOMINATIVE[first - 1]}{year}"]
    for phrase in phrases:
        assert read_deadlines(phrase, YEAR) == (expected,), phrase


@given(st.integers(1, 4), st.sampled_from(["{} квартал", "{} кв.", "в {} квартале", "{}-й квартал", "{}кв"]))
def test_quarters_and_halves_of_a_window_read_back_as_it(number: int, form: str) -> None:
    quarter = month_ends(2021, 3 * number - 2, 3 * number)
    for phrase in (form.format(number), form.format(ROMAN[number - 1])):
        assert read_deadlines(phrase, YEAR) == (quarter,), phrase
        assert read_deadlines(f"{phrase} 2021 г.", LONG) == (quarter,), phrase
    half = (number + 1) // 2
    for phrase in (f"{half} полугодие", f"{ROMAN[half - 1]} полугодие 2021 года", f"{half} п/г"):
        assert read_deadlines(phrase, YEAR) == (month_ends(2021, 6 * half - 5, 6 * half),), phrase


@given(st.integers(1, 12), st.integers(1, 4), st.sampled_from(["{} неделя {}", "{}-я неделя {} 2021 г."]))
def test_weeks_and_decades_of_a_month_read_back_as_windows(month: int, number: int, form: str) -> None:
    start = dt.date(2021, month, 7 * number - 6)
    week = Window(start, start + dt.timedelta(days=6))
    assert read_deadlines(form.format(number, GENITIVE[month - 1]), YEAR) == (week,)
    decade = min(number, 3)
    end = month_ends(2021, month, month).end if decade == 3 else dt.date(2021, month, 10 * decade)
    found = read_deadlines(f"{decade} декада {GENITIVE[month - 1]}", YEAR)
    assert found == (Window(dt.date(2021, month, 10 * decade - 9), end),)


@given(st.sets(days_of_2021, min_size=2, max_size=5).map(sorted), st.booleans())
def test_a_list_of_days_reads_back_as_that_list(days: list[dt.date], until: bool) -> None:
    start = YEAR.period_start
    for form in (words, lambda day: figures(day, year=True), lambda day: figures(day, year=False)):
        listed = ", ".join(map(form, days))
        if until:
            listed = f"до {listed}"
            assert read_deadlines(listed, YEAR) == tuple(Window(start, day) for day in days), listed
        else:
            assert read_deadlines(listed, YEAR) == tuple(Window(day, day) for day in days), listed


@given(days_of_2021, st.integers(0, 6))
def test_a_weekday_beside_a_date_must_be_the_right_one(day: dt.date, weekday: int) -> None:
    name = WEEKDAYS[weekday]
    for phrase in (f"{words(day)} ({name})", f"{name}, {words(day)} 2021 г.", f"{day:%d.%m.%Y}, {name}"):
        right = weekday == day.weekday()
        assert read_deadlines(phrase, YEAR) == ((Window(day, day) if right else Unknown(phrase)),), phrase


@given(days_of_2021, st.integers(0, 23), st.integers(0, 59))
def test_a_time_of_day_changes_nothing(day: dt.date, hour: int, minute: int) -> None:
    time_of_day = f"{hour}:{minute:02}"
    for phrase in (
        f"{words(day)} в {time_of_day}",
        f"{day:%d.%m.%Y}, {time_of_day}",
        f"{words(day)} в {hour} ч.",
    ):
        assert read_deadlines(phrase, YEAR) == (Window(day, day),), phrase
    for phrase in (f"до {time_of_day} {words(day)}", f"до {words(day)} до {time_of_day}"):
        assert read_deadlines(phrase, YEAR) == (Window(YEAR.period_start, day),), phrase


@given(days_of_2021.filter(lambda day: (day.month, day.day) != (2, 29)))
def test_a_yearly_phrase_made_from_its_days_reads_back_as_it(day: dt.date) -> None:
    end = f"{day:%m-%d}"
    for phrase in (f"ежегодно до {words(day)}", f"до {figures(day, year=False)} ежегодно"):
        assert read_deadlines(phrase, LONG) == (Yearly("01-01", end),), phrase
    for phrase in (f"ежегодно, {words(day)}", f"{words(day)} каждого года"):
        assert read_deadlines(phrase, LONG) == (Yearly(end, end),), phrase
    month = month_ends(2021, day.month, day.month)
    expected = Yearly(f"{month.start:%m-%d}", f"{month.end:%m-%d}")
    for phrase in (f"ежегодно ({NOMINATIVE[day.month - 1]})", f"каждый {NOMINATIVE[day.month - 1]}"):
        assert read_deadlines(phrase, LONG) == (expected,), phrase


@given(st.integers(1, 31), st.integers(0, 6), st.integers(1, 4))
def test_a_recurring_phrase_made_from_its_rule_reads_back_as_it(
    monthday: int, weekday: int, nth: int
) -> None:
    day = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[weekday]
    by_rule = {
        f"FREQ=MONTHLY;BYMONTHDAY={monthday}": (
            f"ежемесячно до {monthday} числа",
            f"не позднее {monthday}-го числа каждого месяца",
        ),
        f"FREQ=WEEKLY;BYDAY={day}": (f"еженедельно ({WEEKDAYS[weekday]})", f"каждый {WEEKDAYS[weekday]}"),
        f"FREQ=MONTHLY;BYDAY={nth}{day}": (
            f"ежемесячно, {nth}-й {WEEKDAYS[weekday]}",
            f"{nth} {WEEKDAYS[weekday]} каждого месяца",
        ),
        f"FREQ=WEEKLY;INTERVAL={nth + 1};BYDAY=SU": (f"1 раз в {nth + 1} недели",),
    }
    for rule, phrases in by_rule.items():
        for phrase in phrases:
            expected = Recurring(rule, (), YEAR.period_start, YEAR.period_end)
            assert read_deadlines(phrase, YEAR) == (expected,), phrase


long_months = st.sampled_from([month for month in (*NOMINATIVE, *GENITIVE) if len(month) > 5])
letters = st.sampled_from("абвгдеиклмнопрстуфьюя")


@given(long_months, st.data(), letters)
def test_one_misprint_in_a_month_never_makes_another_one(
    month: str, data: st.DataObject, letter: str
) -> None:
    at = data.draw(st.integers(0, len(month) - 1))
    swapped = month[:at] + month[at : at + 2][::-1] + month[at + 2 :]
    for misprinted in (month[:at] + month[at + 1 :], month[:at] + letter + month[at + 1 :], swapped):
        found = read_deadlines(f"{misprinted} 2021", YEAR)
        assert found in {read_deadlines(f"{month} 2021", YEAR), (Unknown(f"{misprinted} 2021"),)}, misprinted
        ranged = read_deadlines(f"{misprinted} - декабрь 2021", YEAR)
        whole = read_deadlines(f"{month} - декабрь 2021", YEAR)
        assert ranged in {whole, (Unknown(f"{misprinted} - декабрь 2021"),)}, misprinted


@settings(max_examples=60)
@given(days_of_2021, st.sampled_from(["", "г", "г.", " г.", " года", "года", " год", "* г."]))
def test_the_word_for_year_changes_nothing(day: dt.date, year: str) -> None:
    for phrase in (f"{words(day)} 2021{year}", f"{figures(day, year=True)}{year}"):
        assert read_deadlines(phrase, YEAR) == (Window(day, day),), phrase
