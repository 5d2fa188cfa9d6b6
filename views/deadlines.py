"""Deadlines as they were understood, said back in plain words."""

from collections.abc import Callable
from datetime import date
from typing import Any

from babel.dates import format_date

from views.words import RUSSIAN, day, said

RULES = {
    "FREQ=MONTHLY": "каждый месяц",
    "FREQ=WEEKLY": "каждую неделю",
    "BYMONTH=3,6,9,12": "каждый квартал",
    "BYMONTH=1,4,7,10": "каждый квартал",
}


def understood(deadlines: list[dict[str, Any]]) -> str:
    """Say every deadline of a row: «до 30 сентября 2026; ежегодно 1 ноября»."""
    if not deadlines:
        return "срок не указан"
    return "; ".join(_said(deadline) for deadline in deadlines)


def _said(deadline: dict[str, Any]) -> str:
    return SAID[deadline["kind"]](deadline)


def _day(iso: str) -> str:
    return day(date.fromisoformat(iso))


def _window(found: dict[str, Any]) -> str:
    if found["start"] == found["end"]:
        return _day(found["end"])
    if found["start"] is None:
        return f"до {_day(found['end'])}"
    return f"с {_day(found['start'])} по {_day(found['end'])}"


def _yearly(found: dict[str, Any]) -> str:
    if (found["start"], found["end"]) == ("01-01", "12-31"):
        return "ежегодно, до конца года"
    since = f", с {found['from_year']} года" if found.get("from_year") else ""
    if found["start"] == found["end"]:
        return f"ежегодно {_month_day(found['end'])}{since}"
    return f"ежегодно с {_month_day(found['start'])} по {_month_day(found['end'])}{since}"


def _month_day(value: str) -> str:
    return format_date(date.fromisoformat(f"2024-{value}"), "d MMMM", locale=RUSSIAN)


def _period(found: dict[str, Any]) -> str:
    start = f"с {_day(found['start'])}" if found["start"] else "с начала плана"
    end = f"по {_day(found['end'])}" if found["end"] else "до конца плана"
    return f"весь период: {start} {end}"


def _recurring(found: dict[str, Any]) -> str:
    if found.get("dates"):
        return "по датам: " + ", ".join(_day(one) for one in found["dates"][:6])
    rule = found["rrule"] or ""
    words = next((said_rule for part, said_rule in RULES.items() if part in rule), "повторяется")
    number = rule.rpartition("BYMONTHDAY=")[2]
    return f"{words}, до {number} числа" if number.isdigit() else words


def _relative(found: dict[str, Any]) -> str:
    return f"отсчёт от события: {said(found['anchor'], 80)} ({said(found['offset'], 10)})"


def _undated(found: dict[str, Any]) -> str:
    return f"без даты («{said(found['text'], 60)}»)"


def _unknown(found: dict[str, Any]) -> str:
    return f"не понял «{said(found['text'], 60)}»"


SAID: dict[str, Callable[[dict[str, Any]], str]] = {
    "window": _window,
    "yearly": _yearly,
    "period": _period,
    "recurring": _recurring,
    "relative": _relative,
    "undated": _undated,
    "unknown": _unknown,
}
