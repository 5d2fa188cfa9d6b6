"""Tables that are not ruled, found among the words of pages, and ruled where their cells part."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

from plans.dates import is_date
from plans.formats.pdf_body import Body
from plans.formats.pdf_columns import Layout, read_layout
from plans.formats.pdf_headings import SECTION_BEGINS, Strip, find_headings
from plans.formats.pdf_lines import Line
from plans.formats.pdf_ruling import Region, Ruling
from plans.formats.pdf_starts import LATE, starts_of
from plans.headings import ITEM_NUMBER, Role
from plans.plan import NotAnOrder

TITLED = 0.8  # share of rows that have a title; else it is no table of a plan
DATED = 0.5  # share of rows with a date that reads
MOST_READ = 200  # rows that are read to tell a table of a plan
MOST_TRIED = 500  # lines of a file that are read as headings
APART = 1.5  # how much further apart than rows the two halves of a cut table are
MIDDLE = 6.0  # points that the middle of a centred line may be off
PARAGRAPHS = 3  # that are no section of a table
EDGE = 0.5  # points above the first line of a row
ANNEX = re.compile(r"приложение\b", re.IGNORECASE)
PAGE_NUMBER = re.compile(r"[-–—]\s*\d{1,3}\s*[-–—]")


class Kind(Enum):
    """What a line of a table is."""

    HEADING = auto()
    SECTION = auto()
    START = auto()
    REST = auto()
    OUTSIDE = auto()


ENDS = frozenset({Kind.SECTION, Kind.HEADING})
CELLS = frozenset({Kind.START, Kind.REST})


@dataclass(frozen=True)
class Part:
    """Lines of one page that are one row of a table: the headings, a section, or a row of cells."""

    kind: Kind
    strips: tuple[Strip, ...]

    @property
    def page(self) -> int:
        """The page they stand on."""
        return self.strips[0].page


def understood(pages: Iterable[Iterable[Sequence[Line]]]) -> list[list[Ruling]]:
    """Find the tables of a plan among the words of pages, and rule them; a list for each page.

    ``pages`` are their lines from the top, each parted where the room is wider than a blank. What does
    not read as a plan (titles, dates) is left as the text it is. Raises NotAnOrder for a plan whose rows
    cannot be told from one another.
    """
    lines = [list(page) for page in pages]
    strips = [Strip(number, tuple(row)) for number, page in enumerate(lines) for row in page]
    found: list[list[Ruling]] = [[] for _ in lines]
    start, tries = 0, iter(range(MOST_TRIED))
    seen: set[tuple[str, ...]] = set()  # the same headings again are no other table
    while (heading := find_headings(strips, start, tries)) is not None:
        start = heading.end
        said = strips[heading.start].texts
        read = read_layout(strips, heading) if said not in seen else None
        seen.add(said)
        if read is None:
            continue
        layout, end = read
        table = Table(Body(layout, strips[heading.start : end]))
        if table.is_untold:
            raise NotAnOrder
        if table.is_plan:
            for page, ruling in table.rulings():
                found[page].append(ruling)
            seen.discard(said)
            start = heading.start + table.length
    return found


class Table:
    """A table: which of its lines begin rows, and after which of them it ends."""

    def __init__(self, body: Body) -> None:
        self.body = body
        headings = frozenset(body.headings())
        self._starts = starts_of(body, headings)
        self.kinds = self._told(headings)
        self.length = self._length()

    @property
    def layout(self) -> Layout:
        """Its columns."""
        return self.body.layout

    @cached_property
    def is_plan(self) -> bool:
        """Whether most of its rows have a title, and most of the dates read."""
        rows = [row for row in self._rows() if not all(ITEM_NUMBER.fullmatch(text) for text in row.values())]
        rows = rows[:: max(len(rows) // MOST_READ, 1)]
        titles = [row.get(self.layout.place(Role.TITLE), "") for row in rows]
        dates = [row.get(self.layout.place(Role.DEADLINE), "") for row in rows]
        titled = sum(bool(title) and not title[0].islower() for title in titles)
        dated = sum(is_date(date) or is_date(date.replace(" ", "")) for date in dates)
        return bool(rows) and titled >= TITLED * len(rows) and dated >= DATED * len(rows)

    @cached_property
    def is_untold(self) -> bool:
        """Whether it has dates, and where its rows begin cannot be told.

        So it is where cells stand in the middle of their rows, and no number tells how far these reach.
        """
        lines = range(len(self.kinds))[:MOST_READ]
        if sum(is_date(self.body.text(place, Role.DEADLINE)) for place in lines) <= 1:
            return False
        starts = [place for place in range(self.length) if self.kinds[place] is Kind.START]
        late = self.body.late(starts, self.length) > LATE * len(starts)
        return not starts or (late and not self._starts.centred)

    def rulings(self) -> Iterator[tuple[int, Ruling]]:
        """Yield the page and the lines that would rule the table there."""
        strips, padding = self.body.strips[: self.length], self.layout.padding
        right = max(self.layout.marks[-1], *(strip.pieces[-1].box.right + padding for strip in strips))
        left = min(self.layout.marks[0], *(strip.pieces[0].box.left - padding for strip in strips))
        xs = (left, *self.layout.marks[1:-1], right)
        for parts in _tables(self._parts()):
            yield parts[0].page, self._ruling(xs, parts)

    def _ruling(self, xs: tuple[float, ...], parts: Sequence[Part]) -> Ruling:
        ys: list[float] = []
        regions: list[Region] = []
        for part in parts:
            row, over = len(ys), self._under_over(part)
            ys.extend((part.strips[0].top - EDGE, *over))
            regions.extend(self._headings(row) if over else self._cells(part.kind, row))
        ys.append(max(strip.bottom for strip in parts[-1].strips) + EDGE)
        first = next((part for part in parts if part.kind is not Kind.HEADING), None)
        goes_on = first is not None and first.kind is Kind.REST
        cells = tuple(sorted(regions, key=lambda one: (one.top, one.left)))
        return Ruling(xs, tuple(ys), cells, goes_on, self.layout.padding)

    def _under_over(self, part: Part) -> tuple[float, ...]:
        """Give where headings over several columns end, if there are such."""
        over = {piece.text for seed in self.layout.heading.seeds for piece in seed.over}
        if part.kind is not Kind.HEADING or not over:
            return ()
        bottoms = [piece.box.bottom for strip in part.strips for piece in strip.pieces if piece.text in over]
        return (max(bottoms) + EDGE,) if bottoms else ()

    def _cells(self, kind: Kind, row: int) -> Iterator[Region]:
        width = self.layout.width
        if kind is Kind.SECTION:
            yield Region(0, row, width, row + 1)
        else:
            yield from (Region(place, row, place + 1, row + 1) for place in range(width))

    def _headings(self, row: int) -> Iterator[Region]:
        """Yield the cells of headings of which some stand over several columns."""
        seeds = self.layout.heading.seeds
        for place, seed in enumerate(seeds):
            if not seed.over:
                yield Region(place, row, place + 1, row + 2)
                continue
            yield Region(place, row + 1, place + 1, row + 2)
            if place == 0 or seeds[place - 1].over != seed.over:
                same = range(place, len(seeds))
                end = next((one for one in same if seeds[one].over != seed.over), len(seeds))
                yield Region(place, row, end, row + 1)

    def _parts(self) -> list[Part]:
        """Put the lines together that are one row on one page."""
        found: list[Part] = []
        for place in range(self.length):
            strip, kind = self.body.strips[place], self.kinds[place]
            last = found[-1] if found else None
            if last is not None and last.page == strip.page and self._joins(last.kind, place):
                found[-1] = Part(last.kind, (*last.strips, strip))
            else:
                found.append(Part(kind, (strip,)))
        return found

    def _joins(self, last: Kind, place: int) -> bool:
        kind = self.kinds[place]
        if kind is Kind.REST:
            # After room that rows do not have between them a table has been cut in two.
            return last in CELLS and self.body.step_above(place) <= APART * self._row_step
        return kind is last is Kind.HEADING or (kind is last is Kind.SECTION and not self.body.breaks(place))

    @cached_property
    def _row_step(self) -> float:
        """How far a row is under the row above it, usually."""
        steps = sorted(
            self.body.step_above(place)
            for place in range(1, len(self.kinds))
            if self.kinds[place] is Kind.START and self.kinds[place - 1] in CELLS
            if not self.body.turns(place)
        )
        return max(steps[len(steps) // 2] if steps else 0.0, self.body.widest_step)

    def _rows(self) -> list[dict[int, str]]:
        """Give the words of each row by column."""
        rows: list[dict[int, str]] = []
        for place in range(self.length):
            if self.kinds[place] is Kind.START:
                rows.append({})
            if self.kinds[place] in CELLS and rows:
                for column, text in self.body.cells[place].items():
                    rows[-1][column] = f"{rows[-1].get(column, '')} {text}".strip()
        return rows

    def _length(self) -> int:
        """Leave out what follows the last row: a section without rows, and all under it."""
        last = max((place for place, kind in enumerate(self.kinds) if kind is Kind.START), default=0)
        rest = range(last + 1, len(self.kinds))
        end = next((place for place in rest if self.kinds[place] in ENDS), len(self.kinds))
        return min([end, *(run.start for run in self._texts_between() if run.start > 0)])

    def _texts_between(self) -> Iterator[range]:
        """Yield the lines over the whole width that are no section: an annex, or several paragraphs."""
        begun = 0
        for place in range(len(self.kinds) + 1):
            if place < len(self.kinds) and self.kinds[place] is Kind.SECTION:
                continue
            run = range(begun, place)
            annex = any(ANNEX.match(self.body.strips[one].texts[0]) for one in run)
            if annex or sum(self.body.breaks(one) for one in run) >= PARAGRAPHS:
                yield run
            begun = place + 1

    def _told(self, headings: frozenset[int]) -> list[Kind]:
        kinds = [Kind.HEADING if place in headings else Kind.REST for place in range(len(self.body.strips))]
        for place, strip in enumerate(self.body.strips):
            if len(strip.texts) == 1 and PAGE_NUMBER.fullmatch(strip.texts[0]):
                kinds[place] = Kind.OUTSIDE
        for place in self._starts.places:
            if kinds[place] is Kind.REST and not self.body.is_over(place):
                kinds[place] = Kind.START
        self._tell_sections(kinds)
        return kinds

    def _tell_sections(self, kinds: list[Kind]) -> None:
        """Mark the lines over the whole width, those that go on with one, and what stands before a row."""
        body = self.body
        numbered = any(map(body.is_number, body.cells))
        for place, (strip, cells) in enumerate(zip(body.strips, body.cells, strict=True)):
            if kinds[place] is not Kind.REST:
                continue
            before = kinds[place - 1] if place else Kind.HEADING
            goes_on = before is Kind.SECTION and not body.breaks(place) and len(strip.pieces) == 1
            alone = list(cells) == [self.layout.place(Role.NUMBER)] and not body.is_number(cells)
            if body.is_over(place) or goes_on or alone or self._is_centred(place, kinds):
                kinds[place] = Kind.SECTION
            elif not numbered and before in ENDS:
                kinds[place] = Kind.START

    def _is_centred(self, place: int, kinds: Sequence[Kind]) -> bool:
        """Tell a short section in the middle of the table, right above a row."""
        following = kinds[place + 1] if place + 1 < len(kinds) else None
        if len(self.body.strips[place].pieces) > 1 or following is not Kind.START:
            return False
        piece, marks = self.body.strips[place].pieces[0], self.layout.marks
        column = self.layout.column(piece)
        inside = piece.box.left - marks[column] > 2 * self.layout.padding + MIDDLE
        off = abs(marks[column] + marks[column + 1] - marks[0] - marks[-1]) > 4 * MIDDLE
        near = (4 if SECTION_BEGINS.match(piece.text) else 2) * MIDDLE
        return inside and off and abs(piece.box.left + piece.box.right - marks[0] - marks[-1]) < near


def _tables(parts: Iterable[Part]) -> Iterator[list[Part]]:
    """Yield the rows of each page that follow one another; headings begin a table anew."""
    run: list[Part] = []
    for part in parts:
        anew = part.kind is Kind.HEADING or (run and run[0].page != part.page)
        if run and (anew or part.kind is Kind.OUTSIDE):
            yield run
            run = []
        if part.kind is not Kind.OUTSIDE:
            run.append(part)
    if run:
        yield run
