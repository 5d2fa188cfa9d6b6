"""Where the rows of a table begin that is not ruled: told by numbers, baselines and the room between."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plans.dates import is_date
from plans.formats.pdf_body import Body
from plans.formats.pdf_headings import Strip
from plans.formats.pdf_lines import STEP
from plans.formats.pdf_middles import Run, rows_by_middles
from plans.headings import Role

GAPPED = 0.8  # share of the rows that begin under room wider than between lines
LATE = 0.3  # share of the rows that may have a column that begins lower
OFF = 0.4  # of the room from line to line: how far a line may be off its place


@dataclass(frozen=True)
class Starts:
    """The lines that rows begin with; ``centred`` says that cells stand in the middle of their rows.

    There are none where it cannot be told.
    """

    places: Sequence[int]
    centred: bool = False


def starts_of(body: Body, headings: frozenset[int]) -> Starts:
    """Find the lines that begin rows; ``headings`` are those of the headings."""
    numbers = [place for place, cells in enumerate(body.cells) if body.is_number(cells)]
    if not numbers:
        return Starts(_unnumbered(body, headings))
    known = frozenset(numbers)
    numbers = [
        place
        for place in numbers
        if len(body.cells[place]) > 1 or place - 1 not in known or body.breaks(place)
    ]
    return _centred(body, headings, numbers) or Starts([*numbers, *_whole_rows(body)])


def _whole_rows(body: Body) -> Iterator[int]:
    """Yield the lines that begin rows without a number, or sections said in each column."""
    for place in range(len(body.strips)):
        executors, date = body.text(place, Role.RESPONSIBLE), body.text(place, Role.DEADLINE)
        if not body.breaks(place):
            continue
        if (executors and body.opens_title(place) and is_date(date)) or body.is_repeated(place):
            yield place


def _centred(body: Body, headings: frozenset[int], numbers: Sequence[int]) -> Starts | None:
    """Find the rows whose cells stand in their middle: by the room between them, or by their numbers."""
    bands = _bands(body, headings)
    tops = [bands[place] for place in numbers]
    lower = sum(top < place for top, place in zip(tops, numbers, strict=True))
    if len(set(tops)) == len(tops) and lower > LATE * len(numbers):
        return Starts(tops, centred=True)
    late = body.late(numbers, len(body.strips))
    runs = list(_runs(body, headings, numbers))
    if not late and not any(run.start not in inside and not body.turns(run.start) for run, inside in runs):
        return None
    found: list[int] = []
    for run, inside in runs:
        starts = rows_by_middles(_run(body, run, inside))
        if starts is None:
            return Starts([], centred=True) if late > LATE * len(numbers) else None
        found.extend(run.start + start for start in starts)
    return Starts(found, centred=True)


def _bands(body: Body, headings: frozenset[int]) -> list[int]:
    """Give for each line the first one of those that stand together with it."""
    found: list[int] = []
    for place in range(len(body.strips)):
        before = place - 1
        alone = body.breaks(place) or body.is_over(place) or body.is_over(before)
        found.append(place if alone or before in headings else found[-1])
    return found


def _runs(body: Body, headings: frozenset[int], numbers: Sequence[int]) -> Iterator[tuple[range, list[int]]]:
    """Yield the lines between headings, sections and the ends of pages, and the numbers among them."""
    known = frozenset(numbers)
    begun = 0
    for place in range(len(body.strips) + 1):
        end = place == len(body.strips)
        apart = end or place in headings or body.is_over(place)
        far = not end and body.step_above(place) > STEP * body.step
        if not apart and not far:
            continue
        inside = [one for one in range(begun, place) if one in known]
        if inside:
            yield range(begun, place), inside
        begun = place + 1 if apart else place


def _run(body: Body, run: range, numbers: Sequence[int]) -> Run:
    last = len(body.strips)
    return Run(
        [body.baselines(place) for place in run],
        [body.baselines(place)[body.number] for place in numbers],
        OFF * body.step,
        cut_above=body.turns(run.start),
        cut_below=run.stop < last and body.turns(run.stop),
    )


def _unnumbered(body: Body, headings: frozenset[int]) -> list[int]:
    """Find the lines that begin rows of a table without numbers."""
    anew = _begun_anew(body, headings)
    lines = [place for place in range(len(body.strips)) if place not in headings]
    able = [place for place in lines if body.opens_title(place) and body.text(place, Role.DEADLINE)]
    sure = [place for place in able if anew[place]]
    if sum(body.breaks(place) for place in sure) >= GAPPED * len(sure):
        return [place for place in lines if body.breaks(place) and body.opens_title(place)]
    return [place for place in able if anew[place] or body.breaks(place) or _has_own_date(body, place)]


def _has_own_date(body: Body, place: int) -> bool:
    """Tell two rows of one line each, by a date in each."""
    above = body.text(place - 1, Role.DEADLINE) if place else ""
    return is_date(above) and is_date(body.text(place, Role.DEADLINE))


def _begun_anew(body: Body, headings: frozenset[int]) -> list[frozenset[int]]:
    """Give for each line the columns that have nothing on the line above it."""
    found: list[frozenset[int]] = []
    last: dict[int, Strip] = {}
    for place, (strip, cells) in enumerate(zip(body.strips, body.cells, strict=True)):
        if place in headings or body.layout.crosses(strip):
            last = {}
            found.append(frozenset())
            continue
        found.append(
            frozenset(at for at in cells if at not in last or strip.step(last[at]) > body.widest_step)
        )
        last |= dict.fromkeys(cells, strip)
    return found
