"""Duties: points of the order's own text that carry a «Срок:»."""

import re
from collections.abc import Iterable

from plans.grid import TextBlock

POINT = re.compile(r"^[-–—\s]*(?P<number>\d{1,2}(?:\.\d{1,2})*)\.?\s+(?P<text>\S.*)")
DATE = re.compile(r"срок(?:\s+исполнения)?\s*[:–—-]\s*(?P<date>[^.;]+)", re.IGNORECASE)


def read_duties(texts: Iterable[TextBlock]) -> list[tuple[str, str, str]]:
    """List (number, text, words of the date) of each point with a date of its own."""
    found: list[tuple[str, str, str]] = []
    number, said = "", ""
    for line in (line.strip() for text in texts for line in text.text.splitlines()):
        if (dated := DATE.search(line)) is not None:
            if number:
                found.append((number, said, dated["date"].strip()))
        elif (point := POINT.match(line)) is not None:
            number, said = point["number"], point["text"].strip()
        elif said and line and line[0].islower():
            said = f"{said} {line}"
    return found
