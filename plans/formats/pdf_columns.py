"""Tables that are not ruled: their columns, told by what stays empty between words."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from plans.formats.pdf_headings import Heading, Strip, heading_at, may_be_heading
from plans.formats.pdf_lines import Line
from plans.headings import Columns, Role, with_number

NARROWEST = 3.0  # points between two columns
ROOM = 5.4  # points on each side of a cell, as office programs leave
ASKEW = 1.5  # points that columns of one width may differ
SEEN = 15  # one line of so many may reach into the room between two columns
TOUCH = 1.0  # points that a letter may lean out of its place
SECTION = 4  # lines of a section at most: more are a text between two tables


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


def read_layout(strips: Sequence[Strip], heading: Heading) -> tuple[Layout, int] | None:
    """Find the columns under headings, and after which line the table ends at the latest.

    None where no room stays empty between two headings.
    """
    end = _end(strips, heading)
    ranges = [(one.right, other.left) for one, other in pairwise(heading.seeds)]
    body = [
        strip
        for strip in strips[heading.start : end]
        if not any(_spans(strip, *between) for between in ranges)
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
    return replace(
        layout, marks=(left, *inner, right), columns=_numbered(layout, strips[heading.end : end])
    ), end


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
        if apart and strip.texts != first and may_be_heading(strips, place) and heading_at(strips, place):
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
