"""Duties: points of the order's own text that carry a «Срок:»."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from plans.grid import TextBlock

POINT = re.compile(r"^[-–—\s]*(?P<number>\d{1,2}(?:\.\d{1,2})*)[.)]?\s+(?P<text>[^\W\d_].*)")
DATE = re.compile(r"\s*\(?\bсрок(?:и)?(?:\s+(?:исполнения|выполнения))?\s*[:–—-]\s*", re.IGNORECASE)
WHO = re.compile(r"\s*\(?\bответственн\w+(?:\s+исполнител\w+)?\s*[:–—-]\s*", re.IGNORECASE)
# «Руководителям школ:», «Директору МКУ «Центр» Первой А.А.:» — in the case of whom something is told to.
DATIVE = r"[А-ЯЁ][а-яё-]*(?:у|ю|ам|ям|ой|ей|ым|им)\b"
ADDRESSED = re.compile(rf"(?P<whom>{DATIVE}[^:;]{{0,200}}):\s*$")
ENDS_SHORT = re.compile(r"(?:\bг|\bгг|\b[А-ЯЁ])\.$")


@dataclass
class Point:
    """A point of an order while it is read."""

    number: str
    text: str
    whom: str = ""
    dates: list[str] = field(default_factory=list)

    def take(self, line: str) -> None:
        """Take a line of the point: its words, its date, or who answers for it."""
        line, _, whom = _parted(WHO, line)
        line, dated, date = _parted(DATE, line)
        if whom:
            self.whom = whom
        if dated and date:
            self.dates.append(date)
        if line and (not self.text or line[0].islower() or not dated):
            self.text = f"{self.text} {line}".strip()


@dataclass(frozen=True)
class Duty:
    """A point with a date of its own; ``responsible`` is whom it, or the point above it, speaks to."""

    number: str
    text: str
    date: str
    responsible: str


def read_duties(texts: Iterable[TextBlock]) -> list[Duty]:
    """List the points with a date of their own, in the order of the document."""
    points = _points(line.strip() for text in texts for line in text.text.splitlines())
    _give_back_dates(points)
    named = {point.number: point for point in points}
    return [
        Duty(point.number, point.text, point.dates[0], point.whom or _addressee(point, named))
        for point in points
        if point.dates
    ]


def _points(lines: Iterable[str]) -> list[Point]:
    points: list[Point] = []
    for line in lines:
        if (found := POINT.match(line)) is not None:
            points.append(Point(found["number"], ""))
            points[-1].take(found["text"].strip())
        elif points and line and (line[0].islower() or DATE.match(line) or WHO.match(line)):
            points[-1].take(line)
    return points


def _give_back_dates(points: list[Point]) -> None:
    """Give the first of two dates to the point above, where a page break has put it one point too low."""
    for before, point in pairwise(points):
        if len(point.dates) > 1 and not before.dates and not before.text.endswith(":"):
            before.dates.append(point.dates.pop(0))


def _addressee(point: Point, named: dict[str, Point]) -> str:
    """Read «2. Руководителям школ:» above «2.1»: whom the point speaks to, as printed."""
    parent = named.get(point.number.rpartition(".")[0])
    found = ADDRESSED.match(parent.text) if parent is not None else None
    return found["whom"] if found is not None else ""


def _parted(mark: re.Pattern[str], line: str) -> tuple[str, bool, str]:
    found = mark.search(line)
    if found is None:
        return line, False, ""
    said = line[found.end() :].strip().rstrip(";)")
    return line[: found.start()].strip(), True, said if ENDS_SHORT.search(said) else said.rstrip(".;)")
