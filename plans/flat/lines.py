"""Tables whose cells stand in a line with no sign between them, a row a line or all in one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

from plans.flat.rows import (
    ANNEX,
    LONGEST_ROW,
    MOST_TRIES,
    SECTION,
    Flat,
    Order,
    Printed,
    fit_words,
    may_begin_date,
)
from plans.grid import TableBlock
from plans.headings import NUMBER, Role, Texts, columns_of, role_of
from plans.item_numbers import Number, follows, item_number

PAGE_NUMBER = re.compile(r"[\d\s–-]+")
FEWEST_ROWS = 2
FEWEST_COLUMNS = 3
LONGEST_HEADING = 300  # characters
FIRST_NUMBERS = (
    re.compile(r"\s(?=(?:1|1\.1|I)[.)]{0,2}\s+[А-ЯЁ«\"])"),
    re.compile(rf"\s(?={SECTION.pattern})", re.IGNORECASE),
    re.compile(r"(?:\s1(?:\s+\d{1,2}){2,})?\s(?=(?:1|1\.1)[.)]{0,2}\s+\w)"),  # a date comes first
)
NUMBERING = re.compile(r"\s*1\s+2\s+3(?:\s+\d{1,2})*(?=\s|$)")
NUMBER_HEAD = re.compile(r"(?:№\s*(?:п\s*[/.]\s*п\.?)?|п/п)(?=\s)", re.IGNORECASE)
QUALIFIES_NEXT = re.compile(r"\w+(?:ый|ий|ой|ое|ее|ые|ие|ая|яя)$", re.IGNORECASE)


@dataclass
class Row:
    """A row while its lines are put together."""

    number: str
    text: str
    line: int = 0  # where it begins
    last: int = 0  # and where it ends


def words_in_lines(lines: Sequence[Printed]) -> Flat | None:
    """Find the headings in a line, and part the rows under them by their numbers and dates."""
    headed = islice(_headed(lines), MOST_TRIES)
    return next((flat for one in headed if (flat := _table(lines, *one)) is not None), None)


def _headed(lines: Sequence[Printed]) -> Iterator[tuple[int, int, Texts, str]]:
    """Yield where headings stand and in how many lines, what they are, and what follows in their line."""
    for used, start in product((1, 2), range(len(lines))):
        text = " ".join(line.words for line in lines[start : start + used])
        for number in FIRST_NUMBERS:
            first = number.search(text)
            head, rest = (text[: first.start()], text[first.end() :]) if first else (text, "")
            plain = NUMBERING.sub("", head) if not first else re.sub(r"(?:\s+\d{1,2})+$", "", head)
            heading = flat_headings(plain)
            if heading is not None:
                yield start, used, heading, rest


def _table(lines: Sequence[Printed], start: int, used: int, heading: Texts, rest: str) -> Flat | None:
    order = tuple(role_of(one) for one in heading)
    body = [Printed(rest, lines[start].block)] if rest else []
    body += lines[start + used :]
    end, rows = _rows(body, order, by_lines=not rest and _begin_with_numbers(body, order))
    if len(rows) < FEWEST_ROWS:
        return None
    taken = start + used + end - (1 if rest else 0)
    return Flat(start, taken, (TableBlock.of_texts([heading, *rows]),))


def flat_headings(text: str) -> Texts | None:
    """Part «№ п/п Мероприятие Срок исполнения Ответственные» into headings; None for other text."""
    if len(text) > LONGEST_HEADING or any(char.isdigit() for char in text):
        return None
    number = NUMBER_HEAD.match(text)
    rest = text[number.end() :] if number else text
    parts: list[str] = [number[0]] if number else []
    shouted = rest.isupper()
    for word in rest.split():
        begins = word[:1].isupper() and not (shouted and role_of(word) is None)
        qualified = bool(parts) and shouted and QUALIFIES_NEXT.fullmatch(parts[-1]) is not None
        if not parts or (begins and not qualified) or NUMBER.fullmatch(parts[-1]):
            parts.append(word)
        else:
            parts[-1] += f" {word}"
    heading = tuple(parts)
    unknown = any(role_of(one) is None for one in heading)
    if len(heading) < FEWEST_COLUMNS or unknown or columns_of(heading) is None:
        return None
    return heading


def _begin_with_numbers(lines: Sequence[Printed], order: Order) -> bool:
    """Tell rows that stand in lines of their own from a table broken into lines anywhere."""
    numbers = sum(item_number(line.words.split()[0]) is not None for line in lines)
    return order[0] is not Role.NUMBER or numbers >= FEWEST_ROWS


def _rows(lines: Sequence[Printed], order: Order, *, by_lines: bool) -> tuple[int, list[Texts]]:
    """Give how many lines the rows take, and the rows with their sections."""
    end, found = _by_lines(lines, order) if by_lines else _by_numbers(lines, order)
    rows: list[Texts] = []
    for place, row in enumerate(found):
        rows += _read(row, found[place + 1] if place + 1 < len(found) else None, order)
    return end, rows


def _read(row: Row, following: Row | None, order: Order) -> Iterator[Texts]:
    """Part a row into its cells; a heading of the next section may stand at its end."""
    width = len(order)
    if not row.number and (SECTION.match(row.text) or order[0] is Role.NUMBER):
        yield (row.text,) * width
        return
    section = next(
        (found for found in re.finditer(r"(?<=\s)\S", row.text) if SECTION.match(row.text, found.start())),
        None,
    )
    text = row.text[: section.start()] if section is not None else row.text
    columns = order[1:] if order[0] is Role.NUMBER else order
    cells = fit_words(text.strip(), columns)
    if cells is None and following is not None and following.number.startswith(row.number.rstrip(".)") + "."):
        yield (f"{row.number} {row.text}",) * width
        return
    if cells is None:
        title = columns.index(Role.TITLE)
        cells = tuple(text.strip() if place == title else "" for place in range(len(columns)))
    yield (row.number, *cells) if len(columns) < width else cells
    if section is not None:
        yield (row.text[section.start() :],) * width


def _by_lines(lines: Sequence[Printed], order: Order) -> tuple[int, list[Row]]:
    """Give the rows that begin with a line, and the line after the last of them."""
    rows: list[Row] = []
    before: Number | None = None
    for place, line in enumerate(lines):
        text = line.words
        first, _, rest = text.partition(" ")
        number = item_number(first) if order[0] is Role.NUMBER and rest else None
        if ANNEX.match(text):
            return _without_rest(rows, order, place)
        if number is not None and follows(number, before):
            rows.append(Row(first, rest, place))
            before = number
        elif not SECTION.match(text) and rows and _goes_on(rows[-1], text, order):
            rows[-1].text += f" {text}"
        elif SECTION.match(text) or order[0] is not Role.NUMBER:
            rows.append(Row("", text, place))
        elif not PAGE_NUMBER.fullmatch(text):
            return place, rows
    return _without_rest(rows, order, len(lines))


def _without_rest(rows: list[Row], order: Order, end: int) -> tuple[int, list[Row]]:
    """Leave out what stands under a table without numbers and has no date."""
    while rows and order[0] is not Role.NUMBER and fit_words(rows[-1].text, order) is None:
        end = rows.pop().line
    return end, rows


def _goes_on(row: Row, text: str, order: Order) -> bool:
    """Tell the rest of a row from what follows it, or follows the table."""
    if (not row.number and SECTION.match(row.text)) or row.text.count(" ") > LONGEST_ROW:
        return False
    if order[0] is not Role.NUMBER:
        return fit_words(row.text, order) is None
    return text[0].islower() or fit_words(row.text, order[1:]) is None or row.text.endswith((",", "-"))


def _by_numbers(lines: Sequence[Printed], order: Order) -> tuple[int, list[Row]]:
    """Give the rows of a table that is one line, or is broken into lines anywhere."""
    end = next((place for place, line in enumerate(lines) if ANNEX.match(line.words)), len(lines))
    words = [(word, place) for place, line in enumerate(lines[:end]) for word in line.words.split()]
    plain = [word for word, _ in words]
    rows: list[Row] = []
    before: Number | None = None
    for place, (word, line) in enumerate(words):
        number = item_number(word)
        if number is not None and _begins_row(plain, place, before, order):
            rows.append(Row(word, "", line, line))
            before = number
        elif not rows:
            rows.append(Row("", word, line, line))  # the heading of the first section
        elif _stands_below(rows[-1], lines, line, order):
            continue
        else:
            rows[-1].text = f"{rows[-1].text} {word}".strip()
            rows[-1].last = line
    return (rows[-1].last + 1 if rows else 0), rows


def _stands_below(row: Row, lines: Sequence[Printed], line: int, order: Order) -> bool:
    """Tell what follows the table from the rest of its last row, which has its date and executors."""
    if lines[line].block == lines[row.last].block or lines[line].words[0].islower() or not row.number:
        return False
    return fit_words(row.text, order[1:]) is not None


def _begins_row(words: Sequence[str], place: int, before: Number | None, order: Order) -> bool:
    """Tell the number of a row from a number in it: by its place in the count, and by what follows it."""
    number = item_number(words[place])
    following = words[place + 1] if place + 1 < len(words) else ""
    if number is None or not following or not follows(number, before) or words[place - 1].endswith("№"):
        return False
    if number == before and not following[0].isupper():
        return False
    styled = words[place][-1] in ".)" or len(number) > 1  # no number of a phrase is printed so
    if before is not None and styled and number[:-1] == before[:-1] and number > before:
        return True
    anew = before is not None and number[-1] == 1 and len(number) <= len(before)
    if Role.DEADLINE in order[:2]:  # «с 1 по 15 мая» is no first row
        return not anew and (following[0].isupper() or may_begin_date(following))
    return following[0].isupper() or following[0] == "«"
