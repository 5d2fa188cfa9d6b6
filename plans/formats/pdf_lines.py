"""Words of a page → lines, in the order they are read; and lines → paragraphs."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from plans.formats.pdf_page import GAP, Box, Word, upright

COLUMN = 3.5  # heights of a letter: a wider gap parts two columns of text
GUTTER = 15.0  # points between two columns of text
OVERLAP = 0.5  # of a height that two words of one line share
STEP = 2.2  # heights of a letter: lines of one paragraph are not further apart
WIDE = 0.4  # share of a page that a line of running text takes
UNEVEN = 1.15  # how much further apart than usual they may be
FAR = 4.0  # heights of a letter: a line that is further below is no part of the columns above
EVEN = 3.0  # points that lines of one paragraph may differ in their place
ROOMY = 1.3  # blanks: in less room one may not have been printed
BLANK = 0.3  # heights of a letter: how wide a blank is in a file that prints none
ITEM = re.compile(r"(\d{1,2}(\.\d{1,2})*[.)]|\d{1,2}(\.\d{1,2})+|[-–—•·*])(\s|$)")


@dataclass(frozen=True)
class Line:
    """A printed line; ``first`` is the width of its first letter, ``opening`` of its first word.

    ``spaced`` says that a blank is printed at its end, ``second`` is where its second word begins.
    """

    text: str
    box: Box
    first: float = 0.0
    opening: float = 0.0
    spaced: bool = False
    second: float | None = None

    @property
    def alone(self) -> bool:
        """Whether the line is one word: a word too long for its column is broken only then."""
        return " " not in self.text


@dataclass(frozen=True)
class Setting:
    """How a file is set.

    ``blank``: how wide a blank is, in heights of letters; ``trusted``: one is printed wherever a line
    ends between two words and there is room for it; ``padding``: points between words and the sides of
    their cells; ``step``: heights of a letter from line to line of a paragraph, at most.
    """

    blank: float
    padding: float = 6.0
    trusted: bool = False
    step: float = STEP

    def is_roomy(self, line: Line, edge: float) -> bool:
        """Tell whether a blank surely has room between a line and the edge of its column."""
        return line.box.right + ROOMY * self.blank * line.box.height < edge


def blank_of(words: Iterable[Word]) -> float:
    """Give how wide a blank is, in heights of letters: the narrower ones, for some lines are spread."""
    gaps = sorted(
        (word.box.left - before.box.right) / before.box.height
        for before, word in pairwise(words)
        if before.spaced and before.turn == 0 and before.box.bottom > word.box.top
        if 0 < word.box.left - before.box.right < before.box.height
    )
    return gaps[len(gaps) // 4] if gaps else BLANK


def step_of(pages: Iterable[tuple[Sequence[Line], float]]) -> float:
    """Give how far apart the lines of paragraphs are at most, in heights of letters.

    ``pages`` are their lines and where these end. A line that begins with a small letter, where a word
    had no room, goes on with a paragraph.
    """
    steps = sorted(
        (line.box.bottom - before.box.bottom) / max(line.box.height, before.box.height)
        for lines, margin in pages
        for before, line in pairwise(lines)
        if line.text[0].islower() and had_no_room(before, line, margin) and _is_aligned([before], line)
    )
    usual = [step for step in steps if 0 < step <= STEP]
    return UNEVEN * usual[len(usual) * 3 // 4] if usual else STEP


def lines_of(words: Iterable[Word]) -> list[Line]:
    """Put words of a cell into lines from the top; words that stand on their side are turned."""
    found = list(words)
    turn = _prevailing(found)
    turned = [word._replace(box=upright(word.box, turn)) for word in found if word.turn == turn]
    return [_line(row) for row in _rows(turned)]


def segments_of(words: Iterable[Word], room: float = COLUMN) -> list[list[Line]]:
    """Put words of a page into lines from the top, each parted where a column of text ends.

    ``room`` is how much room tells so, in heights of a letter.
    """
    rows = _rows([word for word in words if word.turn == 0])
    return [[_line(part) for part in _parted(row, room)] for row in rows]


def _prevailing(words: Sequence[Word]) -> int:
    turns = [word.turn for word in words]
    return max(sorted(set(turns)), key=turns.count) if turns else 0


def _rows(words: Iterable[Word]) -> list[list[Word]]:
    """Group words whose heights overlap; each group from left to right, without what is printed twice."""
    rows: list[list[Word]] = []
    top = bottom = 0.0
    for word in sorted(words, key=lambda word: (word.box.top + word.box.bottom, word.box.left)):
        shared = min(bottom, word.box.bottom) - max(top, word.box.top)
        if rows and shared > OVERLAP * min(bottom - top, word.box.height):
            rows[-1].append(word)
            top, bottom = min(top, word.box.top), max(bottom, word.box.bottom)
        else:
            rows.append([word])
            top, bottom = word.box.top, word.box.bottom
    return [_once(sorted(row, key=lambda word: word.box.left)) for row in rows]


def _once(row: Sequence[Word]) -> list[Word]:
    """Drop a word that is printed over itself to look bold."""
    found: list[Word] = []
    for word in row:
        if not any(word.text == one.text and abs(word.box.left - one.box.left) < 1 for one in found[-2:]):
            found.append(word)
    return found


def _parted(row: Sequence[Word], room: float) -> Iterator[Sequence[Word]]:
    begun = 0
    for place in range(1, len(row)):
        gap = row[place].box.left - row[place - 1].box.right
        if gap > room * max(row[place].box.height, row[place - 1].box.height):
            yield row[begun:place]
            begun = place
    yield row[begun:]


def _line(row: Sequence[Word]) -> Line:
    parts, ends = [row[0].text], [row[0].box.right]
    second = None
    for before, word in pairwise(row):
        if before.spaced or word.box.left - before.box.right > GAP * word.box.height:
            second = word.box.left if second is None else second
            parts.append(" ")
        elif second is None:
            ends.append(word.box.right)
        parts.append(word.text)
    box = Box(
        row[0].box.left,
        min(word.box.top for word in row),
        max(word.box.right for word in row),
        max(word.box.bottom for word in row),
    )
    return Line("".join(parts), box, row[0].first, ends[-1] - box.left, row[-1].spaced, second)


def in_reading_order(rows: Sequence[Sequence[Line]]) -> list[Line]:
    """Put the lines of a page in order: of two columns side by side, first the left one."""
    found: list[Line] = []
    place = 0
    while place < len(rows):
        length, gutter = _columns(rows[place:])
        band = [line for row in rows[place : place + length] for line in row]
        found.extend(line for line in band if gutter is None or line.box.left < gutter)
        found.extend(line for line in band if gutter is not None and line.box.left >= gutter)
        place += length
    return found


def _columns(rows: Sequence[Sequence[Line]]) -> tuple[int, float | None]:
    """Find how many rows share a gutter between two columns of text, and where it is."""
    if len(rows[0]) == 1:
        return 1, None
    start, end = rows[0][0].box.right, rows[0][1].box.left
    length = 1
    for before, row in pairwise(rows):
        if row[0].box.top - before[0].box.bottom > FAR * row[0].box.height:
            break
        lefts = [line.box.right for line in row if line.box.left < start]
        rights = [line.box.left for line in row if line.box.left >= start]
        narrowed = max([start, *lefts]), min([end, *rights])
        if narrowed[1] - narrowed[0] < GUTTER:
            break
        start, end = narrowed
        length += 1
    return length, (start + end) / 2


def paragraphs_of(lines: Sequence[Line], margin: float, setting: Setting) -> list[list[Line]]:
    """Group lines to paragraphs; ``margin`` is where the lines of the page end, in points."""
    found: list[list[Line]] = []
    for line in lines:
        last = found[-1] if found else None
        if last and _is_next(last, line, setting) and goes_on(last, line, margin, setting):
            last.append(line)
        else:
            found.append([line])
    return found


def goes_on(paragraph: Sequence[Line], line: Line, margin: float, setting: Setting) -> bool:
    """Tell whether a line, next to a paragraph in place or at the top of the next page, goes on with it."""
    before = paragraph[-1]
    if ITEM.match(line.text) or not had_no_room(before, line, margin):
        return False
    if line.text[0].isupper() and before.box.width < WIDE * margin:
        return False  # of a stamp or an address
    unended = before.text.endswith("-") or not setting.trusted or not setting.is_roomy(before, margin)
    return _is_aligned(paragraph, line) and (before.spaced or unended)


def had_no_room(before: Line, line: Line, margin: float) -> bool:
    """Tell whether the first word of ``line`` would not have fitted on the line above it."""
    return before.box.right + GAP * before.box.height + line.opening > margin


def _is_next(paragraph: Sequence[Line], line: Line, setting: Setting) -> bool:
    """Tell whether a line stands as far under a paragraph as its own lines under one another."""
    before = paragraph[-1]
    step = line.box.bottom - before.box.bottom
    if not 0 < step <= setting.step * max(line.box.height, before.box.height):
        return False
    return len(paragraph) == 1 or step <= before.box.bottom - paragraph[-2].box.bottom + EVEN


def _is_aligned(paragraph: Sequence[Line], line: Line) -> bool:
    """Tell whether a line begins where a paragraph goes on: no further in, unless both are centred."""
    before = paragraph[-1]
    centred = abs(line.box.left + line.box.right - before.box.left - before.box.right) < 2 * EVEN
    hanging = len(paragraph) == 1 and before.second is not None and ITEM.match(before.text)
    begins = before.second if hanging and before.second is not None else before.box.left
    under = line.box.left < before.box.right and before.box.left < line.box.right
    return under and (centred or line.box.left < begins + EVEN)
