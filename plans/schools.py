"""Lists of schools: a spreadsheet, a Word document, or lines of text."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from python_calamine import CalamineError, CalamineWorkbook

from plans.format_txt import decode
from plans.formats import kind_of, read_grid
from plans.grid import TextBlock
from plans.plan import TooLarge, Unreadable, WrongFormat

MOST_SCHOOLS = 2000
MOST_NAME = 500
MOST_SHORT = 120
MOST_ROWS = 20_000
MOST_COLUMNS = 200
MOST_CELLS = 500_000
HEADINGS_WITHIN = 10  # rows from the top of a sheet
CHUNK = 1 << 20
SPREADSHEETS = frozenset({".xlsx", ".xlsb", ".xls", ".ods"})
REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
HEADING = re.compile(
    r"\W*(№|п/п|наименование|название|организаци[яи]\b|учреждени[ея]\b|школ[аы]$|список|перечень|приложение)",
    re.IGNORECASE,
)
NAME_COLUMN = re.compile(r"наименовани|названи|организаци|учреждени|школ", re.IGNORECASE)
SHORT_COLUMN = re.compile(r"сокращ|кратк", re.IGNORECASE)
SCHOOL = re.compile(r"школ|гимнази|лице[йя]|интернат|сад|\b[СОН]ОШ\b|\w+ОУ\b|центр", re.IGNORECASE)
CERTAIN = re.compile(r"\b[МГ][АБК]?О?У\b|\b[СОН]ОШ\b|гимназия|лицей\b|школа\b|№\s*\d", re.IGNORECASE)
NUMBERING = re.compile(r"^\s*(\d{1,3}[.)]|[-–—•*])\s*")
LONG_FORMS = (
    (
        re.compile(r"средн\w+\s+(?:\(?полн\w+\)?\s+)?(?:обще)?образовательн\w+\s+школ\w+", re.IGNORECASE),
        "СОШ",
    ),
    (re.compile(r"основн\w+\s+общеобразовательн\w+\s+школ\w+", re.IGNORECASE), "ООШ"),
    (re.compile(r"начальн\w+\s+общеобразовательн\w+\s+школ\w+", re.IGNORECASE), "НОШ"),
    (re.compile(r"средн\w+\s+школ\w+", re.IGNORECASE), "СШ"),
)
OWNER = re.compile(
    r"^\s*(?:(?:муниципальн|государственн)\w+\s+[\w\s-]*?учреждени\w+(?:\s+города\s+\w+)?|"
    r"(?:Ф?Г|[ОМ])[АБК]?О?ОУ|[МГ][АБК]?О?У|МОУ)\s*(?=[«\"\s])",
    re.IGNORECASE,
)

Row = Sequence[str]


@dataclass(frozen=True)
class SchoolLine:
    """A school of a list: its full name, and the short one people use."""

    name: str
    short_name: str


def read_schools(data: bytes, name: str) -> tuple[SchoolLine, ...]:
    """Read a list of schools from a file. Raises the PlanErrors."""
    if not data.strip():
        raise Unreadable(name)
    kind = kind_of(data, name)
    if kind == ".txt":
        return read_school_lines(decode(data))
    if kind == ".docx":
        return _distinct(_named_rows(list(_document_rows(data, name))))
    if kind == ".doc":
        kind = ".xls"  # the same container holds both: the spreadsheet reader tells
    if kind == ".zip":
        kind = ".ods"
    if kind not in SPREADSHEETS | {".odt"}:
        raise WrongFormat(kind)
    return _distinct(_named_rows(_sheet(data, name)))


def read_school_lines(text: str) -> tuple[SchoolLine, ...]:
    """Read schools from lines, one each; numbering before a name is left out."""
    lines = [NUMBERING.sub("", line).split("\t") for line in text.splitlines()]
    return _distinct(_named_rows(lines))


def _document_rows(data: bytes, name: str) -> Iterator[Row]:
    for block in read_grid(data, name).blocks:
        if isinstance(block, TextBlock):
            yield from ([NUMBERING.sub("", line)] for line in block.text.splitlines())
        else:
            yield from ([cell.text for cell in row] for row in block.rows)


def _sheet(data: bytes, name: str) -> list[Row]:
    """Read the first sheet; its size is looked at before, for the reader makes room for every cell."""
    if data.startswith(b"PK"):
        _check_sheets(data)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = workbook.get_sheet_by_index(0).to_python(nrows=MOST_ROWS + 1)
    except (CalamineError, ValueError, OSError, IndexError):
        raise Unreadable(name) from None
    if len(rows) > MOST_ROWS:
        raise TooLarge
    return [[cell if isinstance(cell, str) else "" for cell in row[:MOST_COLUMNS]] for row in rows]


def _check_sheets(data: bytes) -> None:
    """Refuse a workbook with a cell far out: «XFD1048576» alone takes all memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for entry in packed.namelist():
                if entry.startswith("xl/worksheets/") and entry.endswith(".xml"):
                    with packed.open(entry) as sheet:
                        _check_sheet(sheet)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError):
        raise Unreadable from None


def _check_sheet(sheet: IO[bytes]) -> None:
    rest, cells = b"", 0
    while chunk := sheet.read(CHUNK):
        text = rest + chunk
        for found in REFERENCE.finditer(text):
            cells += 1
            if int(found[2]) > MOST_ROWS or _column(found[1]) > MOST_COLUMNS or cells > MOST_CELLS:
                raise TooLarge
        rest = text[-16:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _named_rows(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Take (name, short name) out of each row: by the headings if there are some."""
    for place, row in enumerate(rows[:HEADINGS_WITHIN]):
        if any(CERTAIN.search(cell) for cell in row):
            break  # a school already: there are no headings
        short = next((at for at, cell in enumerate(row) if SHORT_COLUMN.search(cell)), None)
        named = next((at for at, cell in enumerate(row) if at != short and NAME_COLUMN.search(cell)), None)
        if named is not None and sum(bool(cell.strip()) for cell in row) > 1:
            return [(_at(line, named), _at(line, short)) for line in rows[place + 1 :]]
    return [(_name_of(row), "") for row in rows]


def _at(row: Row, place: int | None) -> str:
    return row[place] if place is not None and place < len(row) else ""


def _name_of(row: Row) -> str:
    """Take the name out of a row without headings: the first cell that names a school, else the longest."""
    certain = next((cell for cell in row if CERTAIN.search(cell)), None)
    likely = [cell for cell in row if SCHOOL.search(cell)]
    return certain or max(likely or row, key=len, default="")


def _distinct(names: Iterable[tuple[str, str]]) -> tuple[SchoolLine, ...]:
    """Keep each school once; numbers, headings and empty lines are none. Raises TooLarge."""
    found: dict[str, SchoolLine] = {}
    for full, short in names:
        name = " ".join(full.split())[:MOST_NAME].strip(" ;,")
        if not re.search(r"[А-Яа-яЁё]", name) or HEADING.match(name):
            continue
        given = " ".join(short.split())[:MOST_SHORT].strip(" ;,")
        found.setdefault(name.casefold(), SchoolLine(name, given or short_name(name)))
    if len(found) > MOST_SCHOOLS:
        raise TooLarge
    return tuple(found.values())


def short_name(name: str) -> str:
    """Shorten «МБОУ «Средняя общеобразовательная школа № 3»» to «СОШ № 3»."""
    short = OWNER.sub("", name)
    for pattern, letters in LONG_FORMS:
        short = pattern.sub(letters, short)
    short = short.strip()
    if short[:1] in {"«", '"'} and short[-1:] in {"»", '"'} and short.count("«") <= 1:
        short = short[1:-1].strip()
    return re.sub(r"№\s*(\d)", r"№ \1", short)[:MOST_SHORT] or name[:MOST_SHORT]
