"""Headings of a table that is not ruled: words that stand apart on one line or several."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from plans.dates import is_date
from plans.formats.pdf_lines import Line
from plans.headings import ITEM_NUMBER, LONGEST, Columns, Role, columns_of, is_other, role_of, second_line

MOST_LINES = 14  # of a heading
MOST_ROWS = 3  # of headings, the rest of one on the next page counts
SHORT = 40  # characters of the first line of a heading, where it stands alone
FAR = 1.9  # heights of a letter: lines of one heading are not further apart
NEAR = 0.9  # heights of a letter: lines that are nearer are of columns beside one another
UNEVEN = 1.3  # how much further apart than the lines of headings the first row is
TOUCH = 1.0  # points that it may be further by chance
SECTION_BEGINS = re.compile(r"([IVX]{1,5}|\d{1,2})[\s.)]|(раздел|этап|блок|модуль)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Strip:
    """What stands on one line of a page (counted from 0): pieces with wide room between them."""

    page: int
    pieces: tuple[Line, ...]

    @cached_property
    def top(self) -> float:
        """Where the highest letter begins."""
        return min(piece.box.top for piece in self.pieces)

    @cached_property
    def bottom(self) -> float:
        """Where the lowest letter ends."""
        return max(piece.box.bottom for piece in self.pieces)

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The words of each piece."""
        return tuple(piece.text for piece in self.pieces)

    def step(self, before: "Strip") -> float:
        """How far it stands under another line, in points; on another page infinitely far."""
        return self.bottom - before.bottom if self.page == before.page else float("inf")

    def is_far(self, before: "Strip") -> bool:
        """Tell whether it stands further under another line than lines of one text do."""
        return self.step(before) > FAR * max(self.height, before.height)


@dataclass(frozen=True)
class Seed:
    """The heading of one column; ``over`` is what stands over it and its neighbours."""

    pieces: tuple[Line, ...]
    over: tuple[Line, ...] = ()

    @cached_property
    def left(self) -> float:
        """Where it begins."""
        return min(piece.box.left for piece in self.pieces)

    @cached_property
    def right(self) -> float:
        """Where it ends."""
        return max(piece.box.right for piece in self.pieces)

    @property
    def text(self) -> str:
        """All its words."""
        return " ".join(piece.text for piece in (*self.over, *self.pieces))

    def meets(self, piece: Line) -> bool:
        """Tell whether a piece stands over or under it."""
        return self.left < piece.box.right and piece.box.left < self.right


@dataclass(frozen=True)
class Heading:
    """The headings of a table: their lines by number, the seeds of the columns, and what they hold."""

    start: int
    end: int
    seeds: tuple[Seed, ...]
    columns: Columns


def find_headings(strips: Sequence[Strip], start: int, tries: Iterator[int]) -> Heading | None:
    """Find the next headings of a plan whose columns stand apart; no more lines are tried than ``tries``."""
    for place in range(start, len(strips)):
        if may_be_heading(strips, place):
            if next(tries, None) is None:
                return None
            heading = heading_at(strips, place)
            if heading is not None:
                return heading
    return None


def reads_as_headings(row: Sequence[Line]) -> bool:
    """Tell a line of which a piece reads as the heading of a column, beside others."""
    return len(row) > 1 and any(len(line.text) <= LONGEST and role_of(line.text) is not None for line in row)


def may_be_heading(strips: Sequence[Strip], place: int) -> bool:
    """Tell a line on which something reads as the heading of a column."""
    strip = strips[place]
    alone = len(strip.pieces) == 1
    if alone and (len(strip.texts[0]) > SHORT or not _parts_below(strips, place)):
        return False
    if any(len(text) > LONGEST or ITEM_NUMBER.fullmatch(text) for text in strip.texts):
        return False
    return any(role_of(text) is not None or is_other(text) for text in strip.texts)


def _parts_below(strips: Sequence[Strip], place: int) -> bool:
    """Tell whether columns begin right under a line: the tallest heading stands higher than the others."""
    for before, strip in pairwise(strips[place : place + MOST_LINES]):
        if strip.is_far(before):
            return False
        if len(strip.pieces) > 1:
            return True
    return False


def heading_at(strips: Sequence[Strip], place: int) -> Heading | None:
    """Read headings of several lines: as many as stand together and are no rows."""
    seeds = tuple(Seed((piece,)) for piece in strips[place].pieces)
    whole = len(seeds) == 1  # one piece over all the others is a title
    found: Heading | None = None
    for number in range(place, min(place + MOST_LINES, len(strips))):
        if number > place:
            if _is_body(strips, place, number, found):
                return _with_more_rows(strips, found) if found is not None else None
            added = _with_line(seeds, strips[number])
            if added is None or (whole and any(seed.over for seed in added)):
                break
            seeds = added
        columns = columns_of(tuple(seed.text for seed in seeds))
        if columns is not None:
            found = Heading(place, number + 1, seeds, columns)
    return found


def _with_more_rows(strips: Sequence[Strip], found: Heading) -> Heading:
    """Add the rest of headings on the next page, and a second row of them."""
    for _ in range(MOST_ROWS):
        longer = _with_second_row(strips, found)
        if longer.end == found.end:
            break
        found = longer
    return found


def _with_second_row(strips: Sequence[Strip], found: Heading) -> Heading:
    """Add headings that stand apart or on the next page: «начало», «окончание» under «Срок»."""
    seeds, best = found.seeds, found
    added: list[Line] = []
    for place in range(found.end, min(found.end + MOST_LINES, len(strips))):
        strip = strips[place]
        apart = place > found.end and strip.is_far(strips[place - 1])
        under = _with_line(seeds, strip)
        apart = apart or any(_is_strange(piece, seeds) for piece in strip.pieces)
        if under is None or apart or ITEM_NUMBER.fullmatch(strip.texts[0]) or _is_dated(strip, found):
            break
        seeds = under
        added.extend(strip.pieces)
        columns = _columns_of_rows(seeds, added)
        if columns is None:
            break
        best = Heading(found.start, place + 1, seeds, columns)
    return best


def _is_strange(piece: Line, seeds: Sequence[Seed]) -> bool:
    """Tell words under no heading that name no second date."""
    under = any(seed.meets(piece) for seed in seeds)
    return not under and piece.text[0].isupper() and role_of(piece.text) is not Role.DEADLINE


def _columns_of_rows(seeds: Sequence[Seed], added: Sequence[Line]) -> Columns | None:
    """Read two rows of headings, of which ``added`` are the pieces of the second one."""
    above = [
        " ".join(piece.text for piece in (*seed.over, *seed.pieces) if piece not in added) for seed in seeds
    ]
    for place in range(len(seeds) - 1, 0, -1):
        if seeds[place].over and seeds[place].over == seeds[place - 1].over:
            above[place] = ""
    below = [" ".join(piece.text for piece in seed.pieces if piece in added) for seed in seeds]
    joined = second_line(tuple(above), tuple(below))
    return columns_of(joined) if joined is not None else None


def _begins_section(strip: Strip, before: Strip, found: Heading) -> bool:
    """Tell words alone between the columns, on a line of their own: the tallest heading is nearer."""
    alone = len(strip.pieces) == 1 and not any(seed.meets(strip.pieces[0]) for seed in found.seeds)
    return alone and strip.step(before) > NEAR * strip.height


def _begins_cell(piece: Line, found: Heading) -> bool:
    """Tell the first words of a cell under a heading: a capital letter, and no word of headings."""
    under = any(seed.meets(piece) for seed in found.seeds)
    if SECTION_BEGINS.match(piece.text):
        return True
    return under and piece.text[0].isupper() and role_of(piece.text) is None and not is_other(piece.text)


def _is_dated(strip: Strip, found: Heading) -> bool:
    dates = found.seeds[found.columns.roles[Role.DEADLINE]]
    return any(dates.meets(piece) and is_date(piece.text) for piece in strip.pieces)


def _is_body(strips: Sequence[Strip], first: int, number: int, found: Heading | None) -> bool:
    """Tell the first row under headings: by its number, its date, or the room above it."""
    strip, before = strips[number], strips[number - 1]
    turned = strip.page != before.page
    if ITEM_NUMBER.fullmatch(strip.texts[0]) or (strip.is_far(before) and not (turned and found is None)):
        return True
    if found is None:
        return False
    steps = [strip.step(before) for before, strip in pairwise(strips[first:number])]
    usual = max(steps, default=float("inf"))
    apart = strip.step(before) > UNEVEN * usual + TOUCH or _begins_section(strip, before, found)
    return apart or _is_dated(strip, found) or any(_begins_cell(piece, found) for piece in strip.pieces)


def _with_line(seeds: Sequence[Seed], strip: Strip) -> tuple[Seed, ...] | None:
    """Add a line to headings; None if it runs over several of them."""
    under: dict[int, list[Line]] = {}
    made: list[Seed] = []
    for piece in strip.pieces:
        met = [place for place, seed in enumerate(seeds) if seed.meets(piece)]
        if len(met) > 1:
            return None
        if met:
            under.setdefault(met[0], []).append(piece)
        else:
            made.append(Seed((piece,)))
    for place, seed in enumerate(seeds):
        pieces = under.get(place, [])
        if len(pieces) > 1:
            made.extend(Seed((piece,), (*seed.over, *seed.pieces)) for piece in pieces)
        else:
            made.append(Seed((*seed.pieces, *pieces), seed.over))
    return tuple(sorted(made, key=lambda seed: seed.left))
