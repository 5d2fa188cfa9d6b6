"""Tables of which every cell has become a paragraph of its own."""

import re
from collections.abc import Sequence

from plans.dates import is_date
from plans.flat.rows import MOST_TRIES, SECTION, Flat, Printed, fit_cells
from plans.grid import TableBlock
from plans.headings import LONGEST, Role, Texts, columns_of, is_other, role_of
from plans.item_numbers import follows, item_number

FEWEST, MOST = 3, 12  # columns
FEWEST_ROWS = 2


def cells_in_paragraphs(lines: Sequence[Printed]) -> Flat | None:
    """Find headings one under another, and take as many lines under them for each row."""
    texts = [line.words for line in lines]
    starts = [place for place, text in enumerate(texts) if role_of(text) is not None]
    for start in starts[:MOST_TRIES]:
        headed = _headings(texts, start)
        if headed is None:
            continue
        heading, body = headed
        order = tuple(role_of(one) for one in heading)
        begin = body + len(heading) if _is_numbering(texts[body : body + len(heading)]) else body
        found = _numbered(texts, begin, order) if Role.NUMBER in order[:1] else _counted(texts, begin, order)
        if found is not None:
            end, rows = found
            return Flat(start, end, (TableBlock.of_texts([heading, *rows]),))
    return None


def _headings(texts: Sequence[str], start: int) -> tuple[Texts, int] | None:
    """Read the headings from ``start``: what they are, and where the cells begin."""
    heading: list[str] = []
    best: tuple[Texts, int] | None = None
    for place in range(start, min(len(texts), start + 2 * MOST)):
        text = texts[place]
        if len(text) > LONGEST or SECTION.match(text) or any(char.isdigit() for char in text):
            break
        if heading and (text[0].islower() or text[0] in "(/"):
            heading[-1] = f"{heading[-1]} {text}"
        elif role_of(text) is None and not is_other(text):
            break
        else:
            heading.append(text)
        if FEWEST <= len(heading) <= MOST and columns_of(tuple(heading)) is not None:
            best = tuple(heading), place + 1
    return best


def _is_numbering(texts: Sequence[str]) -> bool:
    return [text.rstrip(".") for text in texts] == [str(number) for number in range(1, len(texts) + 1)]


def _numbered(
    texts: Sequence[str], begin: int, order: Sequence[Role | None]
) -> tuple[int, list[Texts]] | None:
    """Take what stands between one number and the next as the cells of a row."""
    places = _number_places(texts, begin)
    if len(places) < FEWEST_ROWS:
        return None
    rows: list[Texts] = [_section(text, len(order)) for text in texts[begin : places[0]]]
    end = places[0]
    for place, following in zip(places, [*places[1:], None], strict=True):
        last = following is None
        stop = place + len(order) if following is None else following
        cells, end = list(texts[place + 1 : stop]), min(stop, len(texts))
        section = _section_at_end(cells, order) if not last else None
        row = fit_cells(cells[:-1] if section else cells, order[1:])
        if row is None and len(cells) == 1 and not last:
            rows.append(_section(f"{texts[place]} {cells[0]}", len(order)))
            continue
        rows.append((texts[place], *(row or tuple(cells))))
        if section:
            rows.append(_section(section, len(order)))
    return end, rows


def _number_places(texts: Sequence[str], begin: int) -> list[int]:
    places: list[int] = []
    before: tuple[int, ...] | None = None
    for place in range(begin, len(texts)):
        number = item_number(texts[place])
        if number is not None and follows(number, before):
            places.append(place)
            before = number
    return places


def _section_at_end(cells: Sequence[str], order: Sequence[Role | None]) -> str | None:
    """Tell the heading of the next section from the last cell of a row."""
    too_many = len(cells) == len(order) and re.match(r"(?:[\d.]+[.)]?\s+)?[А-ЯЁ]", cells[-1]) is not None
    return cells[-1] if cells and (SECTION.match(cells[-1]) or too_many) else None


def _section(text: str, width: int) -> Texts:
    return (text,) * width


def _counted(
    texts: Sequence[str], begin: int, order: Sequence[Role | None]
) -> tuple[int, list[Texts]] | None:
    """Take lines without numbers by as many as there are columns, as long as a date is in its place."""
    at = order.index(Role.DEADLINE)
    rows: list[Texts] = []
    place = begin
    while place + len(order) <= len(texts):
        cells = tuple(texts[place : place + len(order)])
        if is_date(cells[at]):
            rows.append(cells)
            place += len(order)
        elif place + 1 + at < len(texts) and is_date(texts[place + 1 + at]):
            rows.append(_section(texts[place], len(order)))
            place += 1
        else:
            break
    return (place, rows) if len(rows) >= FEWEST_ROWS else None
