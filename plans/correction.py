"""A correction as the approver writes it: «срок: до 15 октября», «п. 5 исполнитель: МКУ «Центр»»."""

import re
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz


class Field(StrEnum):
    """What of a row can be corrected in words."""

    DEADLINE = "deadline"
    EXECUTORS = "executors"
    TITLE = "title"
    RESULT = "result"
    NUMBER = "number"
    SECTION = "section"


@dataclass(frozen=True)
class Correction:
    """The new text of one field; ``number`` names the row if it was written before the field."""

    field: Field
    text: str
    number: str | None = None


WORDS: dict[str, Field] = {
    "срок": Field.DEADLINE,
    "сроки": Field.DEADLINE,
    "дата": Field.DEADLINE,
    "исполнитель": Field.EXECUTORS,
    "исполнители": Field.EXECUTORS,
    "ответственный": Field.EXECUTORS,
    "ответственные": Field.EXECUTORS,
    "название": Field.TITLE,
    "мероприятие": Field.TITLE,
    "результат": Field.RESULT,
    "номер": Field.NUMBER,
    "раздел": Field.SECTION,
}
WRITTEN = re.compile(
    r"\s*(?:(?:п|пункт|строка)?\.?\s*№?\s*(?P<number>\d{1,3}(?:\.\d{1,3})*)\.?[\s,:—–-]+)?"
    r"(?P<word>[А-Яа-яЁё]{3,20})\s*[:=]\s*(?P<text>\S.*?)\s*",
    re.IGNORECASE | re.DOTALL,
)
ALIKE = 82  # per cent of likeness of a misprinted word


def read_correction(text: str) -> Correction | None:
    """Read «[п. 5] срок: …»; None for any other text."""
    written = WRITTEN.fullmatch(text)
    if written is None:
        return None
    word = written["word"].casefold()
    known = max(WORDS, key=lambda one: fuzz.ratio(word, one))
    if fuzz.ratio(word, known) < ALIKE:
        return None
    return Correction(WORDS[known], " ".join(written["text"].split()), written["number"])
