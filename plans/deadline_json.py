"""Deadlines and the context they are read in, as the plan's JSON form has them."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from plans.deadline import (
    Deadline,
    Period,
    Reading,
    Recurring,
    Relative,
    SchoolTerm,
    Undated,
    Unknown,
    Window,
    Yearly,
)


def deadline_to_json(deadline: Deadline) -> dict[str, Any]:
    """Return the deadline as JSON values: dates as «YYYY-MM-DD», absent optional facts left out."""
    fields: dict[str, Any]
    match deadline:
        case Window(start, end) | Period(start, end):
            fields = {"start": _text(start), "end": _text(end)}
        case Yearly(start, end, from_year):
            fields = {"start": start, "end": end} | ({} if from_year is None else {"from_year": from_year})
        case Recurring(rrule, dates, start, end):
            listed = {"dates": [day.isoformat() for day in dates]} if dates else {}
            fields = {"rrule": rrule, "start": _text(start), "end": _text(end)} | listed
        case Relative(anchor, offset):
            fields = {"anchor": anchor, "offset": offset}
        case Undated(text) | Unknown(text):
            fields = {"text": text}
    return {"kind": type(deadline).__name__.lower()} | fields


def deadline_from_json(value: Mapping[str, Any]) -> Deadline:
    """Return the deadline that ``deadline_to_json`` wrote; ValueError for anything else."""
    kind = value.get("kind")
    try:
        return _READERS[str(kind)](value)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a deadline: {kind!r}") from error


def read_jsonl_line(value: Mapping[str, Any]) -> Reading:
    """Return what the phrase of one line is read against: its ``context``, every part of it optional.

    ``school_year`` is a year or «2023/2024»; ``calendar.quarters`` are the school's terms as pairs of
    dates. ValueError where a part is there and is not of this form.
    """
    context = value.get("context") or {}
    try:
        start, end = context.get("period") or (None, None)
        calendar = context.get("calendar") or {}
        return Reading(
            period_start=_date(start),
            period_end=_date(end),
            school_year=_school_year(context.get("school_year")),
            document_date=_date(context.get("document_date")),
            terms=_terms(calendar.get("quarters") or ()),
        )
    except (AttributeError, TypeError) as error:
        raise ValueError("not a context of a deadline") from error


def _terms(pairs: Sequence[Sequence[str]]) -> tuple[SchoolTerm, ...]:
    return tuple(SchoolTerm(dt.date.fromisoformat(start), dt.date.fromisoformat(end)) for start, end in pairs)


def _school_year(value: str | int | None) -> int | None:
    if value is None:
        return None
    return int(str(value)[:4])


def _text(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _date(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def _window(value: Mapping[str, Any]) -> Window:
    return Window(_date(value["start"]), dt.date.fromisoformat(value["end"]))


def _yearly(value: Mapping[str, Any]) -> Yearly:
    return Yearly(value["start"], value["end"], value.get("from_year"))


def _period(value: Mapping[str, Any]) -> Period:
    return Period(_date(value["start"]), _date(value["end"]))


def _recurring(value: Mapping[str, Any]) -> Recurring:
    dates = tuple(dt.date.fromisoformat(day) for day in value.get("dates", ()))
    return Recurring(value["rrule"], dates, _date(value["start"]), _date(value["end"]))


def _relative(value: Mapping[str, Any]) -> Relative:
    return Relative(value["anchor"], value["offset"])


_READERS: dict[str, Callable[[Mapping[str, Any]], Deadline]] = {
    "window": _window,
    "yearly": _yearly,
    "period": _period,
    "recurring": _recurring,
    "relative": _relative,
    "undated": lambda value: Undated(value["text"]),
    "unknown": lambda value: Unknown(value["text"]),
}
