"""Amending orders: «О внесении изменений в приказ … от … № …», and what they do to the rows."""

import re
from collections.abc import Iterable, Iterator

from plans.grid import Grid, TextBlock
from plans.head import first_case
from plans.plan import Amendment, Change, ChangeOp, Document
from plans.signed import DAYS, NUMBER, PUNCTUATION, YEAR_SIGN, read_day

ABOUT = re.compile(r"\bо\s+внесении\s+изменени[йяе]", re.IGNORECASE)
AMENDED = tuple(
    re.compile(
        rf"(?:в|к)\s+(?P<kind>приказ|постановлени[ею]|распоряжени[ею])\w*\s+(?P<issuer>[^№]{{0,200}}?)\s*"
        rf"от\s+{day}{YEAR_SIGN}(?:{NUMBER})?\s*(?:«(?P<title>.+?)»(?=[\s.,;:)]|$))?",
        re.IGNORECASE | re.DOTALL,
    )
    for day in DAYS
)
ITEM = r"(?:пункт\w*|строк\w+|позици\w+|п\.)\s*(?:№\s*)?(?P<number>\d{1,3}(?:\.\d{1,3})*)"
ADDED = re.compile(
    r"(?:после\s+(?:пункт\w*|строк\w+|п\.)\s*(?:№\s*)?(?P<after>\d{1,3}(?:\.\d{1,3})*)\s*)?"
    rf"дополнить\s+{ITEM}",
    re.IGNORECASE,
)
REPLACED = re.compile(
    rf"{ITEM}[^;.\n]{{0,80}}?\s(?:изложить|читать)\s+в\s+(?:следующей|новой)\s+редакции", re.IGNORECASE
)
DROPPED = re.compile(
    rf"(?:{ITEM}[^;.\n]{{0,80}}?\s(?:исключить|признать\s+утратившим)|"
    r"исключить\s+(?:пункт\w*|строк\w+|п\.)\s*(?:№\s*)?(?P<other>\d{1,3}(?:\.\d{1,3})*))",
    re.IGNORECASE,
)
LONGEST_HEAD = 1500  # characters within which an order says that it amends another one


def read_amendment(grid: Grid) -> Amendment | None:
    """Read what an amending order changes, and in which order; None if it amends nothing."""
    said = "\n".join(_pieces(grid.texts))
    if (about := ABOUT.search(said[:LONGEST_HEAD])) is None:
        return None
    document = _amended(said[about.start() :])
    return Amendment(document, tuple(_changes(said))) if document is not None else None


def _pieces(texts: Iterable[TextBlock]) -> Iterator[str]:
    """Yield the paragraphs, each on one line: a heading is wrapped in the middle of «в приказ от …»."""
    return (text.joined for text in texts)


def _amended(said: str) -> Document | None:
    flat = " ".join(said.split())
    found = [match for pattern in AMENDED if (match := pattern.search(flat)) is not None]
    if not found:
        return None
    first = min(found, key=lambda match: match.start())
    issuer = first["issuer"].strip(" ,")
    return Document(
        title=first["title"],
        issuer=first_case(issuer) if issuer else None,
        number=(first["number"] or "").rstrip(PUNCTUATION) or None,
        date=read_day(first),
    )


def _changes(said: str) -> list[Change]:
    """List the changes in the order they are printed."""
    found = [
        *(
            (match.start(), Change(ChangeOp.ADD, match["number"], match["after"]))
            for match in ADDED.finditer(said)
        ),
        *((match.start(), Change(ChangeOp.REPLACE, match["number"])) for match in REPLACED.finditer(said)),
        *(
            (match.start(), Change(ChangeOp.DROP, match["number"] or match["other"]))
            for match in DROPPED.finditer(said)
        ),
    ]
    return [change for _, change in sorted(found, key=lambda one: one[0])]
