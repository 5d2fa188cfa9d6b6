"""What the layouts without a table share: printed lines, numbers that follow one another, fitted rows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plans.dates import is_date
from plans.deadlines.words import WORDS as DATE_WORDS
from plans.grid import Block
from plans.headings import Role
from plans.party_words import begins_party

SECTION = re.compile(
    r"(?:(?:раздел|направление|этап|блок|модуль)\s+[\dIVX№«]|[IVX]{1,5}\s*[.)–-]\s|[IVX]{1,5}\s+(?:раздел|направлен|этап|блок))",
    re.IGNORECASE,
)
ANNEX = re.compile(r"\W*приложение\b", re.IGNORECASE)
LONGEST_DATE = 14  # words
FORM_WORDS = 4  # «ГБУ ДПО ВО «Институт»»: within so many words the name in quotes begins
LONGEST_ROW = 400  # words; a longer one is no row, and trying every place of its date takes minutes
MOST_TRIES = 20  # places of a file where a table may begin
Order = Sequence[Role | None]


@dataclass(frozen=True)
class Printed:
    """A line as printed, and which paragraph it stands in."""

    text: str
    block: int

    @property
    def words(self) -> str:
        """The line with single spaces."""
        return " ".join(self.text.split())


@dataclass(frozen=True)
class Flat:
    """The lines ``start`` to ``end`` (exclusive) are a table: the blocks that take their place."""

    start: int
    end: int
    blocks: tuple[Block, ...]


def fit_cells(cells: Sequence[str], order: Order) -> tuple[str, ...] | None:
    """Put the cells of a row under ``order``, too many or too few of them, by where its date stands."""
    if len(cells) == len(order):
        return tuple(cells)
    joined = _with_lower_case_joined(cells)
    if len(joined) == len(order):
        return tuple(joined)
    dated = next((place for place, cell in enumerate(joined) if is_date(cell)), None)
    if dated is None or Role.DEADLINE not in order:
        return None
    at = order.index(Role.DEADLINE)
    before = _spread(joined[:dated], order[:at])
    after = _spread(joined[dated + 1 :], order[at + 1 :])
    return (*before, joined[dated], *after)


def _with_lower_case_joined(cells: Sequence[str]) -> list[str]:
    """Join what goes on with a small letter, but for a date («до 1 мая») and executors («школы»)."""
    joined: list[str] = []
    for cell in cells:
        if joined and cell[:1].islower() and not is_date(cell) and not begins_party(cell):
            joined[-1] += f" {cell}"
        else:
            joined.append(cell)
    return joined


def _spread(cells: Sequence[str], order: Order) -> list[str]:
    """Give each column a cell; what is too much goes to the first one, what is wanting stays empty."""
    if not order:
        return []
    extra = max(0, len(cells) - len(order))
    spread = [" ".join(cells[: extra + 1]), *cells[extra + 1 :]]
    return spread + [""] * (len(order) - len(spread))


def fit_words(text: str, order: Order) -> tuple[str, ...] | None:
    """Part the words of a row into ``order``, by the longest date in it; None if it has none."""
    words = text.split()
    if Role.DEADLINE not in order or len(words) > LONGEST_ROW:
        return None
    at = order.index(Role.DEADLINE)
    to_party = order[at + 1 : at + 2] == (Role.RESPONSIBLE,)
    found = max(
        _dates(words, order[:at], order[at + 1 :]),
        default=None,
        key=lambda one: (to_party and begins_party(" ".join(words[one[1] :])), one[1] - one[0], one[0]),
    )
    if found is None:
        return None
    start, end = found
    before = _parted(words[:start], order[:at])
    after = _parted(words[end:], order[at + 1 :])
    return (*before, " ".join(words[start:end]), *after)


def _dates(words: Sequence[str], before: Order, after: Order) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of every date that leaves words for the columns on both its sides."""
    starts = range(1, len(words)) if before else range(min(1, len(words)))
    for start in starts:
        if not may_begin_date(words[start]):
            continue
        for end in range(start + 1, min(len(words), start + LONGEST_DATE) + 1):
            last = words[end - 1]
            if end - start > 1 and last[:1].isupper() and not may_begin_date(last):
                break  # the next cell has begun
            fits = _begins_cell(words, end, after[0]) if after else end == len(words)
            if fits and is_date(" ".join(words[start:end])):
                yield start, end


def may_begin_date(word: str) -> bool:
    """Tell a word that a date can begin with: a figure, «до», «май», «II»."""
    plain = re.split(r"\W", word.casefold().replace("ё", "е"), maxsplit=1)[0]
    return word[:1].isdigit() or plain in DATE_WORDS or re.fullmatch(r"[ivx]+", plain) is not None


def _begins_cell(words: Sequence[str], place: int, role: Role | None) -> bool:
    if place == len(words) or (role is Role.RESULT and words[place][:1].isdigit()):
        return True
    return words[place][:1].isupper() or words[place][:1] in '«"-–—' or begins_party(" ".join(words[place:]))


def _parted(words: Sequence[str], order: Order) -> list[str]:
    """Part words into columns with no sign between them: a cell begins with a capital letter."""
    if len(order) <= 1:
        return [" ".join(words)] * len(order)
    cut = _cut(words, to_party=order[1] is Role.RESPONSIBLE)
    return [" ".join(words[:cut]), *_parted(words[cut:], order[1:])]


def _cut(words: Sequence[str], *, to_party: bool) -> int:
    """Give the place of the capital letter outside quotes that begins an executor, or does not.

    «ОО» in the middle of a phrase begins an executor only where no whole word does.
    """
    places = list(_capitals(words))
    if to_party:
        named = [place for place in places if begins_party(" ".join(words[place:]))]
        whole = [
            place
            for place in named
            if not re.match(r"[А-ЯЁ]{2,}[^«\"]*$", " ".join(words[place : place + FORM_WORDS]))
        ]
        return min(whole, default=max(named, default=len(words)))
    for place in range(1, len(words)):
        share = words[place][:1].isdigit() and "%" in "".join(words[place : place + 2])
        other = place in places and not words[place - 1].endswith((",", ";"))
        if share or (other and not begins_party(" ".join(words[place:]))):
            return place
    return len(words)


def _capitals(words: Sequence[str]) -> Iterator[int]:
    """Yield the places of words with a capital letter, after the first one and outside quotes."""
    depth = 0
    for place, word in enumerate(words):
        if place and depth == 0 and word[:1].isupper() and not re.fullmatch(r"(?:[А-ЯЁ]\.){1,2},?", word):
            yield place
        depth += word.count("«") + word.count("(") - word.count("»") - word.count(")")
