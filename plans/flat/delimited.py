"""Tables pasted as text: cells parted by «|», by «;», or by two spaces and more."""

import re
from collections.abc import Callable, Sequence
from itertools import groupby

from plans.flat.rows import Flat, Printed
from plans.grid import Block, TableBlock, TextBlock
from plans.headings import Columns, Texts, read_headings

PIPES = re.compile(r"[|│┃║¦]")
GAP = re.compile(r"\s{2,}")
RULE = re.compile(r"[\s|+:=_\-–—─━═│┃║┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬¦]+")
BOLD = re.compile(r"\*\*|__|<br\s*/?>", re.IGNORECASE)  # of markdown
FEWEST = 3  # columns
Cut = Callable[[str], Texts]


def delimited(lines: Sequence[Printed]) -> Flat | None:
    """Find the headings parted by one of the signs, and take the lines under them as rows."""
    kept = [place for place, line in enumerate(lines) if not RULE.fullmatch(line.text)]
    for at, place in enumerate(kept):
        for cut in (_by_pipes, _by_semicolons, _by_gaps):
            following = [cut(lines[one].text) for one in kept[at : at + 2]]
            if len(following[0]) < FEWEST:
                continue
            headed = read_headings(following)
            if headed is not None:
                columns, used = headed
                read = _columnar(lines[place].text) if cut is _by_gaps else cut
                rows = [lines[one] for one in kept[at + used :]]
                body = _blocks(rows, read, columns)
                return Flat(place, len(lines), (TableBlock.of_texts(following[:used]), *body))
    return None


def _blocks(lines: Sequence[Printed], cut: Cut, columns: Columns) -> list[Block]:
    """Take every line with enough cells as a row, the others as text between rows."""
    blocks: list[Block] = []
    for is_row, group in groupby(lines, key=lambda line: _is_row(cut(line.text), columns)):
        found = list(group)
        if is_row:
            blocks.append(TableBlock.of_texts(cut(line.text)[: columns.width] for line in found))
        else:
            blocks += [TextBlock(line.text) for line in found]
    return blocks


def _is_row(cells: Texts, columns: Columns) -> bool:
    return len(cells) >= columns.width - 1


def _by_pipes(text: str) -> Texts:
    cells = [" ".join(BOLD.sub(" ", cell).split()) for cell in PIPES.split(text.strip())]
    if len(cells) > 1 and not cells[0] and PIPES.match(text.strip()):
        cells = cells[1:]
    if len(cells) > 1 and not cells[-1] and PIPES.search(text.strip()[-1:]):
        cells = cells[:-1]
    return tuple(cells)


def _by_semicolons(text: str) -> Texts:
    return tuple(" ".join(cell.split()).strip('"') for cell in text.split(";"))


def _by_gaps(text: str) -> Texts:
    return tuple(cell for cell in GAP.split(text.strip()) if cell)


def _columnar(heading: str) -> Cut:
    """Cut lines where the headings stand, if they have fewer cells than there are headings."""
    starts = [found.start() for found in re.finditer(r"\S+(?:\s\S+)*", heading)]

    def cut(text: str) -> Texts:
        pieces = [(found.start(), found[0]) for found in re.finditer(r"\S+(?:\s\S+)*", text)]
        if len(pieces) == len(starts):
            return tuple(piece for _, piece in pieces)
        if len(pieces) == 1 and not text[:1].isspace():
            return (pieces[0][1],)
        cells = [""] * len(starts)
        for start, piece in pieces:
            nearest = min(range(len(starts)), key=lambda place: abs(starts[place] - start))
            cells[nearest] = f"{cells[nearest]} {piece}".strip()
        return tuple(cells)

    return cut
