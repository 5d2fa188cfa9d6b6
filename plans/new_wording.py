"""Rows that an amending order words anew in its own text, without the headings of a table."""

import re
from collections.abc import Iterator, Sequence

from plans.amendment import ONE
from plans.dates import is_date
from plans.flat.labelled import LABEL, Record
from plans.grid import Grid, TableBlock
from plans.headings import Role
from plans.party_words import begins_party
from plans.plan import Amendment, ChangeOp
from plans.table import is_plan
from plans.table_reader import Draft

CELLS = re.compile(r"\s*[|│]\s*|\t+|\s{3,}")
NUMBER = re.compile(rf"(?P<number>{ONE}[.)]?)(?:\s+(?P<title>\S.*))?", re.DOTALL)
FEWEST = 3  # cells of a row, its number counted


def rows_in_words(grid: Grid, amendment: Amendment) -> list[Draft]:
    """Read «3. Семинар | май 2026 года | методист» after «пункт 3 изложить в следующей редакции».

    Only of points that the order replaces or adds; a cell is told by what it holds.
    """
    numbers = {change.number for change in amendment.changes if change.op is not ChangeOp.DROP}
    found: dict[str, Draft] = {}
    for cells in _candidates(grid, numbers):
        draft = _draft(cells) if len(cells) >= FEWEST else _labelled(cells)
        number = draft.cells.get(Role.NUMBER, "").rstrip(".)") if draft is not None else ""
        if draft is not None and number in numbers:
            found.setdefault(number, draft)
    return list(found.values())


def _candidates(grid: Grid, numbers: set[str]) -> Iterator[list[str]]:
    """Yield what may be a row: the cells of tables without headings, and lines with their labels."""
    for block in grid.blocks:
        if isinstance(block, TableBlock):
            if not is_plan(block):
                yield from ([cell.text for cell in row] for row in block.rows)
            continue
        lines = [line.strip() for line in block.text.splitlines()]
        for place, line in enumerate(lines):
            yield from _of_line(line, lines[place + 1 :], numbers)


def _of_line(line: str, below: Sequence[str], numbers: set[str]) -> Iterator[list[str]]:
    """Take a line as a row, or what stands in quotes at its end: «… в редакции: «3. Семинар | май»»."""
    for said in (line, line.partition(": ")[2], line.partition(":«")[2]):
        bare = _unquoted(said.lstrip('«" ')).rstrip(" .;")
        found = NUMBER.match(bare)
        if found is None or found["number"].rstrip(".)") not in numbers:
            continue
        cells = CELLS.split(bare)
        if len(cells) >= FEWEST - 1:
            yield _numbered(cells)
        elif LABEL.search(bare) or any(LABEL.match(one) for one in below[:FEWEST]):
            follows = [one.strip('«»" ') for one in below[:FEWEST] if LABEL.match(one)]
            yield ["\n".join([bare, *follows])]


def _numbered(cells: Sequence[str]) -> list[str]:
    """Part «3. Семинар» into the number and the activity."""
    found = NUMBER.fullmatch(cells[0])
    if found is None or found["title"] is None:
        return list(cells)
    return [found["number"], found["title"], *cells[1:]]


def _draft(cells: Sequence[str]) -> Draft | None:
    """Tell the cells of a row by what they hold: a date, executors, and the rest in its usual order."""
    texts = [text.strip() for text in cells]
    texts[0], texts[-1] = texts[0].lstrip('«" '), _unquoted(texts[-1])
    if not NUMBER.fullmatch(texts[0]):
        return None
    numbered = _numbered(texts)
    rest = [text for text in numbered[1:] if text]
    dated = next((place for place, text in enumerate(rest) if is_date(text)), None)
    if dated is None or len(rest) < FEWEST - 1:
        return None
    said = {Role.NUMBER: numbered[0], Role.DEADLINE: rest.pop(dated), Role.TITLE: rest.pop(0)}
    party = next((place for place, text in enumerate(rest) if begins_party(text)), 0)
    if rest:
        said[Role.RESPONSIBLE] = rest.pop(party)
    if rest:
        said[Role.RESULT] = rest.pop(0)
    return Draft(None, said, {"": " ".join(rest)} if rest else {})


def _unquoted(text: str) -> str:
    """Take away the quote that closes a new wording, and the sign after it."""
    bare = text.rstrip(" .;")
    return bare.removesuffix("»") if bare.endswith("»") and bare.count("»") > bare.count("«") else text


def _labelled(cells: Sequence[str]) -> Draft | None:
    found = NUMBER.match(cells[0]) if cells else None
    if found is None or not LABEL.search(cells[0]):
        return None
    record = Record()
    for line in cells[0][found.end("number") :].splitlines():
        record.take(line.strip())
    roles = (Role.NUMBER, Role.TITLE, Role.DEADLINE, Role.RESPONSIBLE, Role.RESULT)
    said = dict(zip(roles, record.row, strict=True)) | {Role.NUMBER: found["number"]}
    return Draft(None, {role: text for role, text in said.items() if text})
