"""Recurring deadlines: pieces of «how often» put together into a rule of RFC 5545, or into dates."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import fields, replace

from dateutil.relativedelta import relativedelta

from plans.calendar import school_year_of
from plans.deadline import Deadline, Period, Reading, Recurring
from plans.deadlines.clauses import Clause, Dates
from plans.deadlines.often import Often
from plans.deadlines.spans import LONGEST_MONTH, Grain, Stretch
from plans.deadlines.years import TERMS, TRIMESTERS, NotClear, school_years_within, terms_by_year

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MONTHS, MONTHS_IN_QUARTER = 12, 3
HALF_ENDS = "BYMONTH=6,12"
LAST_DAY = "BYMONTHDAY=-1"
PARTS_OF_YEAR = {"quarter": 4, "half": 2}
MOST_WEEKS = 5  # of one weekday in a month
DAYS_IN = {"day": 1, "week": 7, "month": 30, "term": 50, "trimester": 60, "quarter": 90, "half": 180}
MONTHS_OF = {"month": 1, "quarter": 3}

_SOME = Often()


def merge(pieces: list[Often]) -> Often:
    """Put the pieces together: «ежемесячно» and «до 5 числа»; ``NotClear`` if they say different things."""
    whole = _SOME
    for piece in pieces:
        for field in fields(Often):
            said, before = getattr(piece, field.name), getattr(whole, field.name)
            plain = getattr(_SOME, field.name)
            if said == plain:
                continue
            if before not in {plain, said}:
                raise NotClear
            whole = replace(whole, **{field.name: said})
    return whole


def in_named_months(often: Often, others: Sequence[Clause], reading: Reading) -> Deadline | None:
    """«2 раза в год (декабрь, май)», «1 раз в полугодие: май, декабрь»: as many months as times."""
    match others:
        case [Dates(stretches)]:
            months = sorted({stretch.first.month for stretch in stretches if _is_bare_month(stretch)})
        case _:
            return None
    times = often.times * PARTS_OF_YEAR.get(often.unit or "", 1)
    if len(stretches) < 2 or replace(often, unit="year", times=1) != Often("year"):  # noqa: PLR2004 - several
        return None
    if often.unit not in {"year", *PARTS_OF_YEAR} or len(months) != times or len(stretches) != times:
        return None
    rule = f"FREQ=YEARLY;BYMONTH={_listed(months)};{LAST_DAY}"
    return Recurring(rule, (), reading.period_start, reading.period_end)


def has_room(often: Often, bound: Period) -> bool:
    """Whether ``bound`` is long enough for more than one occurrence: «ежемесячно, март» is not clear."""
    days = DAYS_IN.get(often.unit or "")
    if days is None or bound.start is None or bound.end is None:
        return False
    return (bound.end - bound.start).days + 1 >= 2 * often.interval * days


def _is_bare_month(stretch: Stretch) -> bool:
    return stretch.first is stretch.last and stretch.first.grain is Grain.MONTH and stretch.first.year is None


def recurring(often: Often, bound: Period, reading: Reading) -> Recurring:
    """Return the rule within ``bound``; with no day named an occurrence is due on its unit's last day.

    ``NotClear`` where the pieces do not make a rule, or the school's terms are needed and not known.
    """
    if often.unit is None and often.reported is not None:
        often = replace(often, unit=often.reported or "month")
    named = len(often.monthdays) if often.unit == "month" else len(often.weekdays) if not often.nth else 0
    if often.times > 1 and often.times != named:
        if often.monthdays or often.weekdays or often.interval > 1:
            raise NotClear
        return Recurring(None, (), bound.start, bound.end)
    if often.unit in {"term", "trimester"} or (often.unit == "half" and reading.school_year is not None):
        return _at_term_ends(often, bound, reading)
    rule = _RULES.get(often.unit or "")
    if rule is None:
        raise NotClear
    return Recurring(rule(often), (), *_reported(often, bound))


def _daily(often: Often) -> str:
    if replace(often, interval=1) != Often("day"):
        raise NotClear
    return "FREQ=DAILY" + _interval(often)


def _weekly(often: Often) -> str:
    if often.nth or often.monthdays or often.reported is not None:
        raise NotClear
    days = ",".join(WEEKDAYS[day] for day in often.weekdays) or WEEKDAYS[-1]
    return f"FREQ=WEEKLY{_interval(often)};BYDAY={days}"


def _monthly(often: Often) -> str:
    if often.nth:
        if len(often.weekdays) != 1 or often.monthdays or often.interval > 1:
            raise NotClear
        if not all(nth in {*range(1, MOST_WEEKS + 1), -1} for nth in often.nth):
            raise NotClear
        return "FREQ=MONTHLY;BYDAY=" + ",".join(f"{nth}{WEEKDAYS[often.weekdays[0]]}" for nth in often.nth)
    if often.weekdays or often.month_of:
        raise NotClear
    return f"FREQ=MONTHLY{_interval(often)};{_days(often)}"


def _quarterly(often: Often) -> str:
    if often.nth or often.weekdays or often.interval > 1:
        raise NotClear
    months = range(_month_of_quarter(often), MONTHS + 1, MONTHS_IN_QUARTER)
    return f"FREQ=YEARLY;BYMONTH={_listed(list(months))};{_days(often)}"


def _month_of_quarter(often: Often) -> int:
    """Return the printed one; else a day of the month is of the month after, no day is the quarter's end."""
    if not often.month_of:
        return 1 if often.monthdays else MONTHS_IN_QUARTER
    if often.month_of > MONTHS_IN_QUARTER:
        raise NotClear
    return often.month_of if often.month_of > 0 else MONTHS_IN_QUARTER


def _half_yearly(often: Often) -> str:
    if often != Often("half"):
        raise NotClear
    return f"FREQ=YEARLY;{HALF_ENDS};{LAST_DAY}"


_RULES = {
    "day": _daily,
    "week": _weekly,
    "month": _monthly,
    "quarter": _quarterly,
    "half": _half_yearly,
}


def _interval(often: Often) -> str:
    return f";INTERVAL={often.interval}" if often.interval > 1 else ""


def _days(often: Often) -> str:
    if not often.monthdays:
        return LAST_DAY
    if not all(1 <= day <= LONGEST_MONTH or day == -1 for day in often.monthdays):
        raise NotClear
    return f"BYMONTHDAY={_listed(often.monthdays)}"


def _listed(numbers: list[int] | tuple[int, ...]) -> str:
    return ",".join(map(str, numbers))


def _reported(often: Often, bound: Period) -> tuple[dt.date | None, dt.date | None]:
    """Shift the bounds where a day of the month after the unit is meant, so that the last unit has its day.

    «за отчетным кварталом» counts quarters of the plan; «до 5 числа» of a quarter only adds the last
    one; «за отчетным» alone says nothing of which report is the first, and the bounds stay.
    """
    named = often.reported == often.unit
    if often.reported and not named:
        raise NotClear
    of_quarter = often.unit == "quarter" and not often.month_of
    after_last = named or (of_quarter and bool(often.monthdays) and often.reported is None)
    start, end = bound.start, bound.end
    if named and start is not None:
        months = MONTHS_OF[often.unit or ""]
        start += relativedelta(months=months - (start.month - 1) % months, day=1)
    if after_last and end is not None:
        end += relativedelta(months=1, day=31)
    return start, end


def _at_term_ends(often: Often, bound: Period, reading: Reading) -> Recurring:
    """«1 раз в четверть»: on the last days of the school's own quarters; «в полугодие»: of every second."""
    step = 2 if often.unit == "half" else 1
    in_year = TRIMESTERS if often.unit == "trimester" else TERMS
    if often != Often(often.unit) or bound.start is None or bound.end is None:
        raise NotClear
    known = terms_by_year(reading)
    years = school_years_within(bound.start, bound.end)
    if not years or any(known[year] != in_year for year in years):
        raise NotClear
    terms = [term for term in reading.terms if school_year_of(term.start) in years]
    ends = [term.end for term in terms[step - 1 :: step]]
    inside = tuple(day for day in ends if bound.start <= day <= bound.end)
    if not inside:
        raise NotClear
    return Recurring(None, inside, bound.start, bound.end)
