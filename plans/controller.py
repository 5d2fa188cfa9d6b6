"""Who controls that an order is carried out: «Контроль за исполнением приказа возложить на …»."""

import re
from collections.abc import Iterator

from plans.grid import Grid

CONTROL = r"контрол\w*"
LONGEST = 1500  # characters of a point about control
BY_ONESELF = re.compile(
    rf"\b{CONTROL}\b[^.;]*?\s(?P<who>(?:оставляю|оставить|оставляем|сохраняю)\s+за\s+собой|беру\s+на\s+себя)",
    re.IGNORECASE,
)
# Ends with the sentence: a full stop before a new one, and not that of initials.
ENTRUSTED = re.compile(
    rf"(?i:\b{CONTROL}\b[^;]*?\s(?:(?:возложить|возлагаю|возлагается|возложен)\s+на|поручить|поручаю)"
    rf"|(?:возложить|возлагаю)\s+{CONTROL}\b[^;]*?\s+на)"
    r"\s+(?P<who>[А-ЯЁа-яё«\"].+?)"
    r"(?=(?<![А-ЯЁ])\.(?:\s|$)|;|(?<=[А-ЯЁ]\.)\s+(?:[А-ЯЁ][а-яё]{3,}\s+[а-яё]|\d)|\s*$)"
)
NAME_GOES_ON = re.compile(r"(?:[А-ЯЁ]\.\s?){1,2}|[А-ЯЁ][а-яё]+у?\s+[А-ЯЁ]\.")


def read_controller(grid: Grid) -> str | None:
    """Give the post and name as printed, in the case they are printed in, or «оставляю за собой».

    None where the order says nothing of control.
    """
    for point in _points(grid):
        if len(point) > LONGEST or re.search(CONTROL, point, re.IGNORECASE) is None:
            continue
        if (own := BY_ONESELF.search(point)) is not None:
            return own["who"]
        if (other := ENTRUSTED.search(point)) is not None:
            return _trimmed(other["who"])
    return None


def _trimmed(words: str) -> str:
    """Take away the signs at the end, but for the full stop of initials."""
    bare = words.strip(" ,")
    return bare if re.search(r"\b[А-ЯЁ]\.$", bare) else bare.rstrip(" .")


def _points(grid: Grid) -> Iterator[str]:
    """Yield the points of the order, each on one line; a point may go over several lines."""
    point = ""
    for text in grid.texts:
        for line in (" ".join(line.split()) for line in text.text.splitlines()):
            cut_off = not point.endswith((".", ":", ";", "собой")) and NAME_GOES_ON.match(line) is not None
            if line[:1].islower() or cut_off:
                point = f"{point} {line}"[: LONGEST + 1]  # what is longer is none
                continue
            if point:
                yield point
            point = line
    if point:
        yield point
