"""Plans whose table has lost its lines: every layout is made a table again before the rows are read."""

from collections.abc import Iterator, Sequence

from plans.flat.delimited import delimited
from plans.flat.labelled import labelled
from plans.flat.lines import words_in_lines
from plans.flat.paragraphs import cells_in_paragraphs
from plans.flat.rows import Printed
from plans.grid import Block, Grid, TableBlock, TextBlock
from plans.table import is_plan

LAYOUTS = (delimited, cells_in_paragraphs, words_in_lines)
MOST_LINES = 5000  # of a file that is searched for such a table


def with_flat_table(grid: Grid, *, lists: bool = True) -> Grid:
    """Make a table of the lines that were one; a file with a table of a plan is given back as it is.

    ``lists`` says that points with a date and executors may be the plan as well.
    """
    layouts = (*LAYOUTS, labelled) if lists else LAYOUTS
    if any(isinstance(block, TableBlock) and is_plan(block) for block in grid.blocks):
        return grid
    for run in _runs(grid.blocks):
        lines = list(_lines(run))
        if len(lines) > MOST_LINES:
            continue
        found = next((flat for layout in layouts if (flat := layout(lines)) is not None), None)
        if found is not None:
            first = grid.blocks.index(run[0])
            made = (*_texts(lines[: found.start]), *found.blocks, *_texts(lines[found.end :]))
            return Grid((*grid.blocks[:first], *made, *grid.blocks[first + len(run) :]))
    return grid


def _runs(blocks: Sequence[Block]) -> Iterator[list[TextBlock]]:
    """Yield the runs of paragraphs between tables, the longest first: the plan is no short remark."""
    runs: list[list[TextBlock]] = [[]]
    for block in blocks:
        if isinstance(block, TextBlock):
            runs[-1].append(block)
        else:
            runs.append([])
    yield from sorted((run for run in runs if run), key=len, reverse=True)


def _lines(run: Sequence[TextBlock]) -> Iterator[Printed]:
    for place, block in enumerate(run):
        for line in block.text.splitlines():
            if line.strip():
                yield Printed(line.rstrip(), place)


def _texts(lines: Sequence[Printed]) -> Iterator[TextBlock]:
    """Put the lines that are no table back into their paragraphs."""
    paragraphs: dict[int, list[str]] = {}
    for line in lines:
        paragraphs.setdefault(line.block, []).append(line.text)
    yield from (TextBlock("\n".join(texts)) for texts in paragraphs.values())
