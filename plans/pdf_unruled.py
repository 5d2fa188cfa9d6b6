"""Tables that are not ruled: where their rows begin, told by numbers, baselines and the room between."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

from plans.dates import is_date
from plans.headings import ITEM_NUMBER, Role
from plans.pdf_columns import (
    NUMBERED,
    PAGE_NUMBER,
    TOUCH,
    UNEVEN,
    Layout,
    Strip,
    find_headings,
    read_layout,
)
from plans.pdf_lines import STEP, Line
from plans.pdf_middles import Run, rows_by_middles
from plans.pdf_ruling import Region, Ruling
from plans.plan import NotAnOrder

GAPPED = 0.8  # share of the rows that begin under room wider than between lines
CENTRED = 0.3  # share of the numbers that stand lower than their rows begin
TITLED = 0.8  # share of rows that have a title; else it is no table of a plan
DATED = 0.5  # share of rows with a date that reads
MOST_READ = 200  # rows that are read to tell a table of a plan
FEWEST = 2  # cells of a line that begins a row without a number
APART = 1.5  # how much further apart than rows the two halves of a cut table are
OFF = 0.4  # of the room from line to line: how far a line may be off its place
TAIL = 0.19  # of the same: how far letters hang under the line
HANGING = re.compile(r"[рудфцщДЦЩ,;()gjpqyQ]")
MIDDLE = 6.0  # points that the middle of a centred line may be off
SAME = 3  # columns with the same words: a section
EDGE = 0.5  # points above the first line of a row


class Kind(Enum):
    """What a line of a table is."""

    HEADING = auto()
    SECTION = auto()
    START = auto()
    REST = auto()
    OUTSIDE = auto()


ENDS = frozenset({Kind.SECTION, Kind.HEADING})


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
    start = 0
    while (heading := find_headings(strips, start)) is not None:
        start = heading.end
        read = read_layout(strips, heading)
        if read is None:
            continue
        layout, end = read
        table = Table(layout, strips[heading.start : end])
        if not table.is_plan:
            if table.is_untold:
                raise NotAnOrder
            continue
        for page, ruling in table.rulings():
            found[page].append(ruling)
        start = heading.start + table.length
    return found


class Table:
    """The lines from the headings of a table on: which of them begin rows, and where it ends."""

    def __init__(self, layout: Layout, strips: Sequence[Strip]) -> None:
        self.layout = layout
        self.strips = strips
        self.cells = [layout.cells(strip) for strip in strips]
        self.centred = False
        self.kinds = self._told()
        self.length = self._length()

    @cached_property
    def is_plan(self) -> bool:
        """Whether most of its rows have a title, and most of the dates read."""
        rows = [row for row in self._rows() if not all(ITEM_NUMBER.fullmatch(text) for text in row.values())]
        rows = rows[:: max(len(rows) // MOST_READ, 1)]
        titles = [row.get(self.layout.place(Role.TITLE), "") for row in rows]
        dates = [row.get(self.layout.place(Role.DEADLINE), "") for row in rows]
        titled = sum(bool(title) and not title[0].islower() for title in titles)
        dated = sum(is_date(date) or is_date(date.replace(" ", "")) for date in dates)
        told = bool(rows) and titled >= TITLED * len(rows) and dated >= DATED * len(rows)
        return told and self._are_tops

    @property
    def is_untold(self) -> bool:
        """Whether it has dates, and where its rows begin cannot be told."""
        date = self.layout.place(Role.DEADLINE)
        dated = sum(is_date(cells.get(date, "")) for cells in self.cells[:MOST_READ])
        none = Kind.START not in self.kinds
        return dated > 1 and (none or not self._are_tops)

    @property
    def _are_tops(self) -> bool:
        """Whether rows begin where they are told to: all their columns do.

        Where cells stand in the middle of their rows, and no number tells how far these reach, it cannot be
        told.
        """
        starts = [place for place in range(self.length) if self.kinds[place] is Kind.START]
        return self.centred or self._late(starts) <= CENTRED * len(starts)

    def rulings(self) -> Iterator[tuple[int, Ruling]]:
        """Yield the page and the lines that would rule the table there."""
        strips, padding = self.strips[: self.length], self.layout.padding
        right = max(self.layout.marks[-1], *(strip.pieces[-1].box.right + padding for strip in strips))
        left = min(self.layout.marks[0], *(strip.pieces[0].box.left - padding for strip in strips))
        xs = (left, *self.layout.marks[1:-1], right)
        for parts in _pieces(self._parts()):
            yield parts[0].page, self._ruling(xs, parts)

    def _ruling(self, xs: tuple[float, ...], parts: Sequence[Part]) -> Ruling:
        ys: list[float] = []
        regions: list[Region] = []
        for part in parts:
            row, over = len(ys), self._under_over(part)
            ys.extend((part.strips[0].top - EDGE, *over))
            regions.extend(self._regions(part.kind, row, bool(over)))
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

    def _regions(self, kind: Kind, row: int, over: bool) -> Iterator[Region]:  # noqa: FBT001
        width = self.layout.width
        if kind is Kind.SECTION:
            yield Region(0, row, width, row + 1)
            return
        if not over:
            yield from (Region(place, row, place + 1, row + 1) for place in range(width))
            return
        seeds = self.layout.heading.seeds
        for place, seed in enumerate(seeds):
            if not seed.over:
                yield Region(place, row, place + 1, row + 2)
                continue
            yield Region(place, row + 1, place + 1, row + 2)
            if place == 0 or seeds[place - 1].over != seed.over:
                end = next((n for n in range(place, width) if seeds[n].over != seed.over), width)
                yield Region(place, row, end, row + 1)

    def _parts(self) -> list[Part]:
        """Put the lines together that are one row on one page."""
        found: list[Part] = []
        for place in range(self.length):
            strip, kind = self.strips[place], self.kinds[place]
            last = found[-1] if found else None
            if last is not None and last.page == strip.page and self._joins(last.kind, place):
                found[-1] = Part(last.kind, (*last.strips, strip))
            else:
                found.append(Part(kind, (strip,)))
        return found

    def _joins(self, last: Kind, place: int) -> bool:
        kind = self.kinds[place]
        if kind is Kind.REST:
            return last in {Kind.START, Kind.REST} and not self._stands_apart(place)
        return kind is last is Kind.HEADING or (kind is last is Kind.SECTION and not self._breaks(place))

    def _stands_apart(self, place: int) -> bool:
        """Tell the rest of a row after room that rows do not have between them: a table cut in two."""
        return self.strips[place].step(self.strips[place - 1]) > APART * self._row_step

    @cached_property
    def _row_step(self) -> float:
        """How far a row is under the row above it, usually."""
        steps = [
            self.strips[place].step(self.strips[place - 1])
            for place in range(1, len(self.strips))
            if self.kinds[place] is Kind.START and self.kinds[place - 1] in {Kind.START, Kind.REST}
            and self.strips[place].page == self.strips[place - 1].page
        ]
        return max(sorted(steps)[len(steps) // 2] if steps else 0.0, UNEVEN * self._step + TOUCH)

    def _rows(self) -> list[dict[int, str]]:
        """Give the words of each row by column."""
        rows: list[dict[int, str]] = []
        for place in range(self.length):
            if self.kinds[place] is Kind.START:
                rows.append({})
            if self.kinds[place] in {Kind.START, Kind.REST} and rows:
                for column, text in self.cells[place].items():
                    rows[-1][column] = f"{rows[-1].get(column, '')} {text}".strip()
        return rows

    def _length(self) -> int:
        """Leave out what follows the last row: a section without rows, and all under it."""
        last = max((place for place, kind in enumerate(self.kinds) if kind is Kind.START), default=0)
        rest = range(last + 1, len(self.strips))
        return next((place for place in rest if self.kinds[place] in ENDS), len(self.strips))

    @cached_property
    def _step(self) -> float:
        """How far apart the lines of a cell are: the smaller steps, for others have room between."""
        last: dict[int, Strip] = {}
        steps = []
        for strip, cells in zip(self.strips, self.cells, strict=True):
            for column in cells:
                before = last.get(column)
                if before is not None and 0 < strip.step(before) < STEP * (strip.bottom - strip.top):
                    steps.append(strip.step(before))
                last[column] = strip
        return sorted(steps)[len(steps) // 4] if steps else self.strips[0].bottom - self.strips[0].top

    def _breaks(self, place: int) -> bool:
        """Tell whether there is more room above a line than between the lines of a cell."""
        return place == 0 or self.strips[place].step(self.strips[place - 1]) > UNEVEN * self._step + TOUCH

    def _told(self) -> list[Kind]:
        kinds = [Kind.REST] * len(self.strips)
        for place in self._headings():
            kinds[place] = Kind.HEADING
        starts = self._numbered(kinds) if self._has_numbers else self._unnumbered(kinds)
        for place, strip in enumerate(self.strips):
            if len(strip.texts) == 1 and PAGE_NUMBER.fullmatch(strip.texts[0]):
                kinds[place] = Kind.OUTSIDE
        for place in starts:
            if kinds[place] is Kind.REST and not self._is_over(place):
                kinds[place] = Kind.START
        self._tell_sections(kinds)
        return kinds

    def _headings(self) -> Iterator[int]:
        """Yield the lines of the headings, those of each page where they are repeated too."""
        length = self.layout.heading.end - self.layout.heading.start
        said = [strip.texts for strip in self.strips[:length]]
        for place, strip in enumerate(self.strips):
            if strip.texts == said[0]:
                same = [one.texts == other for one, other in zip(self.strips[place:], said, strict=False)]
                yield from range(place, place + (same.index(False) if False in same else len(same)))

    @cached_property
    def _has_numbers(self) -> bool:
        return any(self._is_number(cells) for cells in self.cells)

    def _is_number(self, cells: dict[int, str]) -> bool:
        place = self.layout.place(Role.NUMBER)
        if place >= 0:
            return ITEM_NUMBER.fullmatch(cells.get(place, "")) is not None
        return NUMBERED.match(cells.get(self.layout.place(Role.TITLE), "")) is not None

    def _numbered(self, kinds: Sequence[Kind]) -> list[int]:
        """Yield the lines that begin rows with a number, or rows as whole without one."""
        numbers = [place for place, cells in enumerate(self.cells) if self._is_number(cells)]
        numbers = [
            place for place in numbers if len(self.cells[place]) > 1 or place - 1 not in numbers or self._breaks(place)
        ]
        bands = self._bands(kinds)
        tops = [bands[place] for place in numbers]
        gapped = len(set(tops)) == len(tops)
        lower = sum(top < place for top, place in zip(tops, numbers, strict=True))
        if gapped and lower > CENTRED * len(numbers):
            self.centred = True
            return tops
        late = self._late(numbers)
        middles = self._by_middles(kinds, numbers) if late or self._has_early(kinds, numbers) else None
        if middles is not None or late > CENTRED * len(numbers):
            self.centred = True
            return middles or []
        whole = [
            place
            for place, cells in enumerate(self.cells)
            if self._breaks(place) and (self._is_whole(cells) or self._is_repeated(place))
        ]
        return [*numbers, *whole]

    def _late(self, starts: Sequence[int]) -> int:
        """Count the rows with a column that begins lower than they do, on the same page."""
        late = 0
        for start, following in zip(starts, [*starts[1:], len(self.strips)], strict=True):
            first = self.cells[start]
            below = [
                place
                for place in range(start + 1, following)
                if self.strips[place].page == self.strips[start].page and not self._is_over(place)
            ]
            late += any(self.cells[place].keys() - first.keys() for place in below)
        return late

    def _has_early(self, kinds: Sequence[Kind], numbers: Sequence[int]) -> bool:
        """Tell whether words stand between headings or a section and the first number under them."""
        runs = (run for run in self._runs(kinds) if any(place in run for place in numbers))
        return any(
            run.start not in numbers and self.strips[run.start].page == self.strips[run.start - 1].page
            for run in runs
        )

    def _by_middles(self, kinds: Sequence[Kind], numbers: Sequence[int]) -> list[int] | None:
        """Find the rows of a table whose cells stand in the middle; None if the columns do not agree."""
        found: list[int] = []
        for run in self._runs(kinds):
            inside = [place for place in numbers if place in run]
            if not inside:
                continue
            column = max(self.layout.place(Role.NUMBER), 0)
            lines = [self._baselines(place) for place in run]
            middles = [self._baselines(place)[column] for place in inside]
            before, after = self.strips[run.start - 1], self.strips[min(run.stop, len(self.strips) - 1)]
            starts = rows_by_middles(
                Run(
                    lines,
                    middles,
                    OFF * self._step,
                    before.page != self.strips[run.start].page,
                    after.page != self.strips[run.stop - 1].page,
                )
            )
            if starts is None:
                return None
            found.extend(run.start + start for start in starts)
        return found

    def _runs(self, kinds: Sequence[Kind]) -> Iterator[range]:
        """Yield the lines between headings, sections and the ends of pages."""
        begun = 0
        for place in range(len(self.strips) + 1):
            end = place == len(self.strips)
            apart = end or kinds[place] is not Kind.REST or self._is_over(place)
            turned = not end and place > 0 and self.strips[place].step(self.strips[place - 1]) > STEP * self._step
            if (apart or turned) and begun < place:
                yield range(begun, place)
            if apart:
                begun = place + 1
            elif turned:
                begun = place

    def _baselines(self, place: int) -> dict[int, float]:
        """Give where the words of each column stand; tails of letters hang lower."""
        found: dict[int, float] = {}
        for piece in self.strips[place].pieces:
            tail = TAIL * self._step if HANGING.search(piece.text) else 0.0
            found.setdefault(self.layout.column(piece), piece.box.bottom - tail)
        return found

    def _bands(self, kinds: Sequence[Kind]) -> list[int]:
        """Give for each line the first one of those that stand together with it."""
        found: list[int] = []
        for place in range(len(self.strips)):
            before = place - 1
            alone = self._breaks(place) or self._is_over(place) or self._is_over(before)
            found.append(place if alone or kinds[before] is Kind.HEADING else found[-1])
        return found

    def _is_whole(self, cells: dict[int, str]) -> bool:
        """Tell a row by its title, date and executors, all on its first line."""
        title, date = (cells.get(self.layout.place(role), "") for role in (Role.TITLE, Role.DEADLINE))
        executors = cells.get(self.layout.place(Role.RESPONSIBLE), "")
        return bool(title and date and executors) and not title[0].islower() and is_date(date)

    def _unnumbered(self, kinds: Sequence[Kind]) -> list[int]:
        """Find the lines that begin rows of a table without numbers."""
        title, date = self.layout.place(Role.TITLE), self.layout.place(Role.DEADLINE)
        anew = self._begun_anew(kinds)
        body = [place for place in range(len(self.strips)) if kinds[place] is not Kind.HEADING]
        able = [
            place
            for place in body
            if title in self.cells[place] and date in self.cells[place] and not self.cells[place][title][0].islower()
        ]
        sure = [place for place in able if anew[place]]
        gapped = sum(self._breaks(place) for place in sure) >= GAPPED * len(sure)
        if gapped:
            return [place for place in body if self._breaks(place) and self._opens(place)]
        return [place for place in able if anew[place] or self._breaks(place) or self._dates_alone(place)]

    def _opens(self, place: int) -> bool:
        title = self.cells[place].get(self.layout.place(Role.TITLE), "")
        return bool(title) and not title[0].islower()

    def _dates_alone(self, place: int) -> bool:
        """Tell two rows of one line each, by a date in each."""
        date = self.layout.place(Role.DEADLINE)
        above = self.cells[place - 1].get(date, "") if place else ""
        return is_date(above) and is_date(self.cells[place][date])

    def _begun_anew(self, kinds: Sequence[Kind]) -> list[frozenset[int]]:
        """Give for each line the columns that have nothing on the line above it."""
        found = []
        last: dict[int, Strip] = {}
        for strip, cells, kind in zip(self.strips, self.cells, kinds, strict=True):
            if kind is Kind.HEADING or self.layout.crosses(strip):
                last = {}
                found.append(frozenset[int]())
                continue
            apart = UNEVEN * self._step + TOUCH
            found.append(frozenset(at for at in cells if at not in last or strip.step(last[at]) > apart))
            last |= dict.fromkeys(cells, strip)
        return found

    def _tell_sections(self, kinds: list[Kind]) -> None:
        """Mark the lines over the whole width, those that go on with one, and what stands before a row."""
        for place, (strip, cells) in enumerate(zip(self.strips, self.cells, strict=True)):
            if kinds[place] is not Kind.REST:
                continue
            before = kinds[place - 1] if place else Kind.HEADING
            goes_on = before is Kind.SECTION and not self._breaks(place) and len(strip.pieces) == 1
            if self._is_over(place) or goes_on or self._says_section(cells) or self._is_centred(place, kinds):
                kinds[place] = Kind.SECTION
            elif not self._has_numbers and before in {Kind.HEADING, Kind.SECTION}:
                kinds[place] = Kind.START

    def _is_repeated(self, place: int) -> bool:
        """Tell a section that is said again in each column, but not the rest of one on the next page."""
        above = self.cells[place - 1] if place else {}
        return _says_one_thing(self.cells[place]) and not _says_one_thing(above)

    def _is_over(self, place: int) -> bool:
        """Tell a line over the whole width: at most a number stands apart from the words."""
        return self.layout.crosses(self.strips[place]) and len(self.strips[place].pieces) <= FEWEST

    def _is_centred(self, place: int, kinds: Sequence[Kind]) -> bool:
        """Tell a short section in the middle of the table, right above a row."""
        following = kinds[place + 1] if place + 1 < len(kinds) else None
        if len(self.strips[place].pieces) > 1 or following is not Kind.START:
            return False
        piece, marks = self.strips[place].pieces[0], self.layout.marks
        column = self.layout.column(piece)
        inside = piece.box.left - marks[column] > 2 * self.layout.padding + MIDDLE
        off = abs(marks[column] + marks[column + 1] - marks[0] - marks[-1]) > 4 * MIDDLE
        return inside and off and abs(piece.box.left + piece.box.right - marks[0] - marks[-1]) < 2 * MIDDLE

    def _says_section(self, cells: dict[int, str]) -> bool:
        """Tell words that stand alone in the column of numbers."""
        return list(cells) == [self.layout.place(Role.NUMBER)] and not self._is_number(cells)


def _pieces(parts: Iterable[Part]) -> Iterator[list[Part]]:
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


def _says_one_thing(cells: dict[int, str]) -> bool:
    return len(cells) >= SAME and len(set(cells.values())) == 1
