"""Lists of schools: a spreadsheet or lines of text."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from python_calamine import CalamineError, CalamineWorkbook

from plans.format_txt import decode
from plans.plan import TooLarge, Unreadable

MOST_SCHOOLS = 2000
MOST_NAME = 500
HEADING = re.compile(r"\W*(№|п/п|наименование|название|организаци|учреждени|школ[аы]$|список)", re.IGNORECASE)
LONG_FORMS = (
    (re.compile(r"средн\w+\s+общеобразовательн\w+\s+школ\w+", re.IGNORECASE), "СОШ"),
    (re.compile(r"основн\w+\s+общеобразовательн\w+\s+школ\w+", re.IGNORECASE), "ООШ"),
    (re.compile(r"начальн\w+\s+общеобразовательн\w+\s+школ\w+", re.IGNORECASE), "НОШ"),
)
OWNER = re.compile(
    r"^\s*(муниципальн\w+\s+[\w\s]*?учреждени\w+|М[АБК]?О?У|МБОУ|МАОУ|МКОУ|МОУ|ГБОУ)\s+", re.IGNORECASE
)


@dataclass(frozen=True)
class SchoolLine:
    """A school of a list: its full name, and the short one people use."""

    name: str
    short_name: str


def read_schools(data: bytes, name: str) -> tuple[SchoolLine, ...]:
    """Read a list of schools from a spreadsheet or a text. Raises Unreadable, TooLarge."""
    if not data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return read_school_lines(decode(data))
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = workbook.get_sheet_by_index(0).to_python(nrows=MOST_SCHOOLS + 1)
    except (CalamineError, ValueError, OSError):
        raise Unreadable(name) from None
    if len(rows) > MOST_SCHOOLS:
        raise TooLarge
    return _distinct([_longest_text(row) for row in rows])


def _longest_text(row: Sequence[object]) -> str:
    """Take the name out of a row: the cell with the most words beside numbers and phones."""
    return max((cell for cell in row if isinstance(cell, str)), key=len, default="")


def read_school_lines(text: str) -> tuple[SchoolLine, ...]:
    """Read schools from lines, one each; numbering before a name is left out."""
    return _distinct(
        [re.sub(r"^\s*(\d{1,3}[.)]|[-–—•*])\s*", "", line).split("\t")[0] for line in text.splitlines()]
    )


def _distinct(names: list[str]) -> tuple[SchoolLine, ...]:
    found: dict[str, SchoolLine] = {}
    for name in (" ".join(name.split())[:MOST_NAME].strip(" ;,") for name in names):
        if not re.search(r"[А-Яа-яЁё]", name) or HEADING.match(name):
            continue
        found.setdefault(name.casefold(), SchoolLine(name, short_name(name)))
    return tuple(found.values())


def short_name(name: str) -> str:
    """Shorten «МБОУ «Средняя общеобразовательная школа № 3»» to «СОШ № 3»."""
    short = OWNER.sub("", name)
    for pattern, letters in LONG_FORMS:
        short = pattern.sub(letters, short)
    short = short.strip()
    if short.startswith("«") and short.endswith("»") and short.count("«") == 1:
        short = short[1:-1].strip()
    return re.sub(r"№\s*(\d)", r"№ \1", short)[:120] or name[:120]
