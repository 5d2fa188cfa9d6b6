"""Ruled lines of a page → the cells they enclose; a side that is not drawn is understood."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from plans.formats.pdf_page import Box, Page, Rule

NEAR = 3.0  # points: lines that are nearer are one line
GAPS = 4.5  # points: between the dashes of one line
DRAWN = 0.7  # share of a side that makes it a side
SAME_SIDE = 8.0  # points that the sides of a table may differ from page to page
MOST_RULES = 3000  # of a page, after joining: more are a drawing
MOST_PLACES = 40_000  # of a table: rows times columns

FEWEST_LINES = 3  # downwards, that are a table by themselves
Group = tuple[list[Rule], list[Rule]]  # lines across and down that touch one another


@dataclass(frozen=True)
class Region:
    """A cell as it is ruled: the lines it stretches between, by their number from 0."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class Ruling:
    """A table as it is ruled: where its lines are, in points, and its cells, row by row.

    Of a table that is not ruled but understood, ``goes_on`` says that its first row, after the headings,
    is the rest of a row above it, and ``padding`` how many points its words keep from its sides.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    regions: tuple[Region, ...]
    goes_on: bool = False
    padding: float | None = None

    @property
    def box(self) -> Box:
        """The whole table."""
        return Box(self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])

    @property
    def is_frame(self) -> bool:
        """Whether it has one column: a frame, or a part of a table where all cells are merged."""
        return len(self.xs) == len(("left", "right"))

    def has_sides_of(self, other: "Ruling") -> bool:
        """Tell whether two tables begin and end at the same distance from the left."""
        return abs(self.xs[0] - other.xs[0]) < SAME_SIDE and abs(self.xs[-1] - other.xs[-1]) < SAME_SIDE

    def box_of(self, region: Region) -> Box:
        """One cell, in points."""
        return Box(self.xs[region.left], self.ys[region.top], self.xs[region.right], self.ys[region.bottom])


def read_rulings(page: Page) -> list[Ruling]:
    """Find the ruled tables of a page, from the top; underlines are none."""
    across, down = joined(page.across), joined(page.down)
    if len(across) + len(down) > MOST_RULES:
        return []
    groups = _touching(across, down)
    groups.extend(_slices([line for bars, lines in groups for line in lines if not bars]))
    found = [_ruling(*group) for group in groups]
    return sorted((one for one in found if one is not None), key=lambda one: (one.ys[0], one.xs[0]))


def _slices(lines: Iterable[Rule]) -> Iterator[Group]:
    """Find rows that begin on the page before and end on the next one: lines downwards and no bar.

    They begin and end together; each slice is given bars where they do.
    """
    together: dict[tuple[int, int], list[Rule]] = {}
    for line in lines:
        together.setdefault((round(line.start / NEAR), round(line.end / NEAR)), []).append(line)
    for slice_ in together.values():
        if len(slice_) >= FEWEST_LINES:
            left, right = slice_[0].at, slice_[-1].at
            yield [Rule(slice_[0].start, left, right), Rule(slice_[0].end, left, right)], slice_


def joined(rules: Iterable[Rule]) -> list[Rule]:
    """Join lines that lie on one another or go on one another, as double lines and dashes do."""
    found: list[Rule] = []
    for group in _clusters(sorted(rules)):
        at = sum(rule.at for rule in group) / len(group)
        start, end = None, 0.0
        for rule in sorted(group, key=lambda rule: rule.start):
            if start is None:
                start, end = rule.start, rule.end
            elif rule.start <= end + GAPS:
                end = max(end, rule.end)
            else:
                found.append(Rule(at, start, end))
                start, end = rule.start, rule.end
        if start is not None:
            found.append(Rule(at, start, end))
    return found


def _clusters(rules: Sequence[Rule]) -> list[list[Rule]]:
    clusters: list[list[Rule]] = []
    for rule in rules:
        if clusters and rule.at - clusters[-1][0].at <= NEAR:
            clusters[-1].append(rule)
        else:
            clusters.append([rule])
    return clusters


def _touching(across: Sequence[Rule], down: Sequence[Rule]) -> list[Group]:
    """Part the lines into groups that touch one another."""
    owner = list(range(len(across) + len(down)))
    for place, line in enumerate(down):
        for other, bar in enumerate(across):
            if _meet(bar, line):
                owner[_root(owner, len(across) + place)] = _root(owner, other)
    groups: dict[int, Group] = {}
    for place, rule in enumerate((*across, *down)):
        groups.setdefault(_root(owner, place), ([], []))[place >= len(across)].append(rule)
    return list(groups.values())


def _meet(bar: Rule, line: Rule) -> bool:
    crosses = bar.start - NEAR <= line.at <= bar.end + NEAR
    return crosses and line.start - NEAR <= bar.at <= line.end + NEAR


def _root(owner: list[int], place: int) -> int:
    while owner[place] != place:
        owner[place] = owner[owner[place]]
        place = owner[place]
    return place


def _ruling(across: Sequence[Rule], down: Sequence[Rule]) -> Ruling | None:
    """Make a table of lines that touch one another; None if they enclose no cell."""
    if not across or not down:
        return None
    xs = _marks([rule.at for rule in down], [end for rule in across for end in (rule.start, rule.end)])
    ys = _marks([rule.at for rule in across], [end for rule in down for end in (rule.start, rule.end)])
    if len(ys) == 1 or len(xs) * len(ys) > MOST_PLACES:
        return None
    regions = _regions(xs, ys, across, down)
    return _without_idle_lines(xs, ys, regions)


def _marks(lines: Sequence[float], ends: Sequence[float]) -> list[float]:
    """Give where the lines are, and the outermost ends of those that cross them: open sides count too."""
    marks: list[float] = []
    for at in sorted((*lines, min(ends), max(ends))):
        if not marks or at - marks[-1] > 2 * NEAR:
            marks.append(at)
    return marks


def _regions(
    xs: Sequence[float], ys: Sequence[float], across: Sequence[Rule], down: Sequence[Rule]
) -> list[Region]:
    """Join the places of the lattice that no line parts; each group is a cell."""
    wide, high = len(xs) - 1, len(ys) - 1
    owner = list(range(wide * high))
    for column in range(1, wide):
        line = [rule for rule in down if abs(rule.at - xs[column]) <= 2 * NEAR]
        for row, (top, bottom) in enumerate(pairwise(ys)):
            if not _is_drawn(line, top, bottom):
                owner[_root(owner, row * wide + column)] = _root(owner, row * wide + column - 1)
    for row in range(1, high):
        bar = [rule for rule in across if abs(rule.at - ys[row]) <= 2 * NEAR]
        for column, (left, right) in enumerate(pairwise(xs)):
            if not _is_drawn(bar, left, right):
                owner[_root(owner, row * wide + column)] = _root(owner, (row - 1) * wide + column)
    groups: dict[int, list[int]] = {}
    for place in range(wide * high):
        groups.setdefault(_root(owner, place), []).append(place)
    return [_hull(places, wide) for places in groups.values()]


def _is_drawn(line: Sequence[Rule], start: float, end: float) -> bool:
    covered = sum(max(0.0, min(rule.end, end) - max(rule.start, start)) for rule in line)
    return covered >= DRAWN * (end - start)


def _hull(places: Sequence[int], wide: int) -> Region:
    rows, columns = [place // wide for place in places], [place % wide for place in places]
    return Region(min(columns), min(rows), max(columns) + 1, max(rows) + 1)


def _without_idle_lines(xs: Sequence[float], ys: Sequence[float], regions: Sequence[Region]) -> Ruling:
    """Leave out lines at which no cell begins: underlines, frames around words."""
    kept_x = [*sorted({one.left for one in regions}), len(xs) - 1]
    kept_y = [*sorted({one.top for one in regions}), len(ys) - 1]
    new_x = {old: sum(one < old for one in kept_x) for old in range(len(xs))}
    new_y = {old: sum(one < old for one in kept_y) for old in range(len(ys))}
    moved = [Region(new_x[one.left], new_y[one.top], new_x[one.right], new_y[one.bottom]) for one in regions]
    return Ruling(
        tuple(xs[place] for place in kept_x),
        tuple(ys[place] for place in kept_y),
        tuple(sorted(set(moved), key=lambda one: (one.top, one.left))),
    )
