"""Tables that are not ruled: their headings, and the columns told by what stays empty between words."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from plans.dates import is_date
from plans.headings import ITEM_NUMBER, LONGEST, Columns, Role, columns_of, is_other, role_of, second_line, with_number
from plans.pdf_lines import Line

MOST_LINES = 14  # of a heading
MOST_ROWS = 3  # of headings, the rest of one on the next page counts
SHORT = 40  # characters of the first line of a heading, where it stands alone
FAR = 1.9  # heights of a letter: lines of one heading are not further apart
UNEVEN = 1.3  # how much further apart than its lines the rows of a table are
NEAR = 0.9  # heights of a letter: lines that are nearer are of columns beside one another
NARROWEST = 3.0  # points between two columns
ROOM = 5.4  # points on each side of a cell, as office programs leave
ASKEW = 1.5  # points that columns of one width may differ
SEEN = 15  # one line of so many may reach into the room between two columns
TOUCH = 1.0  # points that a letter may lean out of its place
SECTION = 4  # lines of a section at most: more are a text between two tables
PAGE_NUMBER = re.compile(r"[-–—]\s*\d{1,3}\s*[-–—]")
NUMBERED = re.compile(r"\d{1,3}(\.\d{1,3})*[.)]\s")


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

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The words of each piece."""
        return tuple(piece.text for piece in self.pieces)

    def step(self, before: "Strip") -> float:
        """How far it stands under another line, in points; on another page infinitely far."""
        return self.bottom - before.bottom if self.page == before.page else float("inf")

    def is_far(self, before: "Strip") -> bool:
        """Tell whether it stands further under another line than lines of one text do."""
        return self.step(before) > FAR * max(self.bottom - self.top, before.bottom - before.top)


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


@dataclass(frozen=True)
class Layout:
    """A table that is not ruled: its headings, and in points where its columns part, sides included."""

    heading: Heading
    marks: tuple[float, ...]
    columns: Columns
    padding: float

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.marks) - 1

    def place(self, role: Role) -> int:
        """Give the column of a role, -1 if there is none."""
        return self.columns.roles.get(role, -1)

    def column(self, piece: Line) -> int:
        """Give the column a piece stands in."""
        at = bisect_right(self.marks, (piece.box.left + piece.box.right) / 2) - 1
        return min(max(at, 0), self.width - 1)

    def crosses(self, strip: Strip) -> bool:
        """Tell a line that runs over more than one column."""
        return any(
            piece.box.left < mark - TOUCH and piece.box.right > mark + TOUCH
            for piece in strip.pieces
            for mark in self.marks[1:-1]
        )

    def cells(self, strip: Strip) -> dict[int, str]:
        """Give the words of a line by column."""
        found: dict[int, str] = {}
        for piece in strip.pieces:
            column = self.column(piece)
            found[column] = f"{found[column]} {piece.text}" if column in found else piece.text
        return found


def find_headings(strips: Sequence[Strip], start: int) -> Heading | None:
    """Find the next headings of a plan whose columns stand apart."""
    for place in range(start, len(strips)):
        if may_be_heading(strips, place):
            heading = _heading_at(strips, place)
            if heading is not None:
                return heading
    return None


def reads_as_headings(row: Sequence[Line]) -> bool:
    """Tell a line of which a piece reads as the heading of a column, beside others."""
    return len(row) > 1 and any(len(line.text) <= LONGEST and role_of(line.text) is not None for line in row)


def may_be_heading(strips: Sequence[Strip], place: int) -> bool:
    """Tell a line on which something reads as the heading of a column."""
    strip = strips[place]
    if len(strip.pieces) == 1:
        if len(strip.texts[0]) > SHORT or not _parts_below(strips, place):
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


def _heading_at(strips: Sequence[Strip], place: int) -> Heading | None:
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
    above = [" ".join(piece.text for piece in (*seed.over, *seed.pieces) if piece not in added) for seed in seeds]
    for place in range(len(seeds) - 1, 0, -1):
        if seeds[place].over and seeds[place].over == seeds[place - 1].over:
            above[place] = ""
    below = [" ".join(piece.text for piece in seed.pieces if piece in added) for seed in seeds]
    joined = second_line(tuple(above), tuple(below))
    return columns_of(joined) if joined is not None else None


def _begins_section(strip: Strip, before: Strip, found: Heading) -> bool:
    """Tell words alone between the columns, on a line of their own: the tallest heading is nearer."""
    alone = len(strip.pieces) == 1 and not any(seed.meets(strip.pieces[0]) for seed in found.seeds)
    return alone and strip.step(before) > (strip.bottom - strip.top) * NEAR


def _begins_cell(piece: Line, found: Heading) -> bool:
    """Tell the first words of a cell under a heading: a capital letter, and no word of headings."""
    under = any(seed.meets(piece) for seed in found.seeds)
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


def read_layout(strips: Sequence[Strip], heading: Heading) -> tuple[Layout, int] | None:
    """Find the columns under headings, and after which line the table ends at the latest.

    None where no room stays empty between two headings.
    """
    end = _end(strips, heading)
    ranges = [(one.right, other.left) for one, other in pairwise(heading.seeds)]
    body = [
        strip for strip in strips[heading.start : end] if not any(_spans(strip, *between) for between in ranges)
    ]
    # A line of one piece may be a section of any width; each row has a line of several.
    telling = [strip for strip in body if len(strip.pieces) > 1]
    gutters = [_gutter(between, telling) for between in ranges]
    rooms = [gutter for gutter in gutters if gutter is not None]
    if len(rooms) < len(ranges):
        return None
    padding = min([ROOM, *((right - left) / 2 for left, right in rooms)])
    inner = tuple(right - padding for _, right in rooms)
    layout = Layout(heading, (float("-inf"), *inner, float("inf")), heading.columns, padding)
    left = min(strip.pieces[0].box.left for strip in body if not layout.crosses(strip)) - padding
    right = _right(left, inner, [strip.pieces[-1].box.right + padding for strip in body])
    return replace(layout, marks=(left, *inner, right), columns=_numbered(layout, strips[heading.end : end])), end


def _end(strips: Sequence[Strip], heading: Heading) -> int:
    """Find where a table ends at the latest: at a text over several lines, or at other headings."""
    ranges = [(one.right, other.left) for one, other in pairwise(heading.seeds)]
    first = strips[heading.start].texts
    run = 0
    for place in range(heading.end, len(strips)):
        strip = strips[place]
        crossing = any(_spans(strip, *between) for between in ranges)
        apart = run > 0 or strip.is_far(strips[place - 1])
        run = run + 1 if crossing else 0
        if run > SECTION:
            return place - SECTION
        if apart and strip.texts != first and may_be_heading(strips, place) and _heading_at(strips, place):
            return place
    return len(strips)


def _spans(strip: Strip, left: float, right: float) -> bool:
    return any(piece.box.left < left and piece.box.right > right for piece in strip.pieces)


def _gutter(between: tuple[float, float], body: Sequence[Strip]) -> tuple[float, float] | None:
    """Find the widest room between two headings that hardly a line reaches into."""
    start, end = between
    events = [(start, 0), (end, 0)]
    for strip in body:
        for piece in strip.pieces:
            left, right = max(piece.box.left, start), min(piece.box.right, end)
            if left < right:
                events.extend(((left, 1), (right, -1)))
    events.sort(key=lambda event: (event[0], event[1]))
    for allowed in range(len(body) // SEEN + 1):
        room = max(_free(events, allowed), key=lambda room: room[1] - room[0], default=None)
        if room is not None and room[1] - room[0] >= NARROWEST:
            return room
    return None


def _free(events: Sequence[tuple[float, int]], allowed: int) -> Iterator[tuple[float, float]]:
    """Yield the rooms that no more lines than ``allowed`` cover."""
    covered, begun = 0, events[0][0]
    for at, change in events:
        before = covered
        covered += change
        if before <= allowed < covered:
            yield begun, at
        elif covered <= allowed < before:
            begun = at
    if covered <= allowed:
        yield begun, events[-1][0]


def _right(left: float, inner: Sequence[float], rights: Iterable[float]) -> float:
    """Give the right side of a table: where the longest line ends, or as wide as the other columns are."""
    widths = [other - one for one, other in pairwise((left, *inner))]
    even = len(widths) > 1 and max(widths) - min(widths) < ASKEW
    return max([*rights, inner[-1] + sum(widths) / len(widths) if even else 0.0])


def _numbered(layout: Layout, body: Sequence[Strip]) -> Columns:
    """Find the column of numbers under a heading that does not say so."""
    rows = []
    for strip in body:
        if not layout.crosses(strip):
            cells = layout.cells(strip)
            rows.append(tuple(cells.get(place, "") for place in range(layout.width)))
    return with_number(layout.columns, rows)
