"""The lines of a table that is not ruled, by column: how far apart they are, and which run over columns."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from plans.formats.pdf_columns import Layout
from plans.formats.pdf_headings import Strip
from plans.formats.pdf_lines import STEP
from plans.headings import ITEM_NUMBER, Role

UNEVEN = 1.3  # how much further apart than its lines the rows of a table are
TOUCH = 1.0  # points that they may be further apart by chance
FEWEST = 2  # pieces of a line that is no section
SAME = 3  # columns with the same words: a section
TAIL = 0.19  # of the room from line to line: how far letters hang under the line
HANGING = re.compile(r"[рудфцщДЦЩ,;()gjpqyQ]")
NUMBERED = re.compile(r"\d{1,3}(\.\d{1,3})*[.)]\s")

Cells = dict[int, str]


@dataclass(frozen=True)
class Body:
    """The lines from the headings of a table on, and its columns."""

    layout: Layout
    strips: Sequence[Strip]

    @cached_property
    def cells(self) -> list[Cells]:
        """The words of each line by column."""
        return [self.layout.cells(strip) for strip in self.strips]

    @cached_property
    def step(self) -> float:
        """How far apart the lines of a cell are: the smaller steps, for others have room between."""
        last: dict[int, Strip] = {}
        steps = []
        for strip, cells in zip(self.strips, self.cells, strict=True):
            for column in cells:
                before = last.get(column)
                if before is not None and 0 < strip.step(before) < STEP * strip.height:
                    steps.append(strip.step(before))
                last[column] = strip
        return sorted(steps)[len(steps) // 4] if steps else self.strips[0].height

    @property
    def widest_step(self) -> float:
        """How far apart the lines of a cell are at most."""
        return UNEVEN * self.step + TOUCH

    def step_above(self, place: int) -> float:
        """How far a line stands under the one above it; infinitely far at the top of a page."""
        return self.strips[place].step(self.strips[place - 1]) if place else float("inf")

    def breaks(self, place: int) -> bool:
        """Tell whether there is more room above a line than between the lines of a cell."""
        return self.step_above(place) > self.widest_step

    def turns(self, place: int) -> bool:
        """Tell whether a line is the first one of its page."""
        return place > 0 and self.strips[place].page != self.strips[place - 1].page

    def is_over(self, place: int) -> bool:
        """Tell a line over the whole width: at most a number stands apart from the words."""
        return self.layout.crosses(self.strips[place]) and len(self.strips[place].pieces) <= FEWEST

    def is_repeated(self, place: int) -> bool:
        """Tell a section that is said again in each column, but not the rest of one on the next page."""
        above = self.cells[place - 1] if place else {}
        return _says_one_thing(self.cells[place]) and not _says_one_thing(above)

    @cached_property
    def number(self) -> int:
        """The column that the numbers of the rows stand in; that of the titles if none is their own."""
        place = self.layout.place(Role.NUMBER)
        return place if place >= 0 else self.layout.place(Role.TITLE)

    def is_number(self, cells: Cells) -> bool:
        """Tell a line on which a row is numbered."""
        said = cells.get(self.number, "")
        own = self.layout.place(Role.NUMBER) >= 0
        return (ITEM_NUMBER.fullmatch(said) if own else NUMBERED.match(said)) is not None

    def text(self, place: int, role: Role) -> str:
        """Give what a line says in the column of a role."""
        return self.cells[place].get(self.layout.place(role), "")

    def opens_title(self, place: int) -> bool:
        """Tell a line on which a title may begin."""
        title = self.text(place, Role.TITLE)
        return bool(title) and not title[0].islower()

    def headings(self) -> Iterator[int]:
        """Yield the lines of the headings, those of each page where they are repeated too."""
        said = [strip.texts for strip in self.strips[: self.layout.heading.end - self.layout.heading.start]]
        for place, strip in enumerate(self.strips):
            if strip.texts == said[0]:
                same = [one.texts == other for one, other in zip(self.strips[place:], said, strict=False)]
                yield from range(place, place + (same.index(False) if False in same else len(same)))

    def baselines(self, place: int) -> dict[int, float]:
        """Give where the words of each column stand on a line; tails of letters hang lower."""
        found: dict[int, float] = {}
        for piece in self.strips[place].pieces:
            tail = TAIL * self.step if HANGING.search(piece.text) else 0.0
            found.setdefault(self.layout.column(piece), piece.box.bottom - tail)
        return found

    def late(self, starts: Sequence[int], end: int) -> int:
        """Count the rows with a column that begins lower than they do, on the same page."""
        return sum(
            any(
                self.cells[place].keys() - self.cells[start].keys()
                for place in range(start + 1, following)
                if self.strips[place].page == self.strips[start].page and not self.is_over(place)
            )
            for start, following in pairwise([*starts, end])
        )


def _says_one_thing(cells: Cells) -> bool:
    return len(cells) >= SAME and len(set(cells.values())) == 1
