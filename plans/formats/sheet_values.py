"""How a spreadsheet shows its values: whole numbers, per cents, dates, months."""

import datetime as dt
import re

MONTHS = (
    *("январь", "февраль", "март", "апрель", "май", "июнь"),
    *("июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"),
)
UNSHOWN = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')  # quoted words, colours and locales, escapes
# The formats that Excel knows by number alone; the others are written in the file.
BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    14: "dd.mm.yyyy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    22: "dd.mm.yyyy h:mm",
}

Value = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


def shown(value: Value, code: str = "") -> str:
    """Give a value as the sheet shows it under a number format.

    A date is «15.09.2026», or «сентябрь 2026» where the format shows no day; a fraction has a comma.
    """
    match value:
        case str():
            return value
        case bool():
            return "ИСТИНА" if value else "ЛОЖЬ"
        case int() | float():
            return _number(value, code)
        case dt.datetime() | dt.date():
            return _day(value, code)
        case dt.time():
            return f"{value:%H:%M}"
        case dt.timedelta():
            hours, minutes = divmod(int(value.total_seconds()) // 60, 60)
            return f"{hours}:{minutes:02}"


def _number(value: float, code: str) -> str:
    form = UNSHOWN.sub("", code.partition(";")[0])
    decimals = re.search(r"\.(0+)", form)
    places = len(decimals[1]) if decimals else 0
    if "%" in form:
        return f"{value * 100:.{places}f}%".replace(".", ",")
    if places and "e" not in form.casefold():
        return f"{value:.{places}f}".replace(".", ",")
    if form and set(form) <= set("0#, "):
        return f"{value:.0f}"
    return (f"{value:.0f}" if value == int(value) else f"{value:.10g}").replace(".", ",")


def _day(value: dt.date, code: str) -> str:
    form = UNSHOWN.sub("", code.partition(";")[0]).casefold().replace("general", "")
    if form and not set(form) & set("dд"):
        if set(form) & set("mм") and not set(form) & set("hsчс"):
            return f"{MONTHS[value.month - 1]} {value.year}"
        if set(form) & set("yг"):
            return str(value.year)
    hour = isinstance(value, dt.datetime) and (value.hour or value.minute)
    return f"{value:%d.%m.%Y %H:%M}" if hour else f"{value:%d.%m.%Y}"
