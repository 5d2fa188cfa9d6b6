"""What is printed on a page of a PDF: words and ruled lines, in points from the top left corner as seen."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from ctypes import c_double, c_float, c_int
from dataclasses import dataclass
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium
from pypdfium2 import PdfObject, PdfPage

from plans.plan import TooLarge

GAP = 0.15  # of a letter's height: a wider one parts two words
MOST_LETTERS = 60_000  # of a page: a dense one has six thousand
MOST_OBJECTS = 100_000  # of a page, texts and lines: a dense one has ten thousand
MOST_SEGMENTS = 50_000  # of a page: more are a drawing
FARTHEST = 20_000  # points: the largest page has 14,400
DEEPEST = 8  # forms within forms
THIN = 3.0  # points: a bar that is thinner is a line
COVERS = 0.5  # share of a page that the picture of a scan covers
QUARTER = math.pi / 2
HYPHENS = {0x02: "-", 0xFFFE: "-", 0x2010: "-", 0x2011: "-"}
LAST = 0x02  # a hyphen at the end of a line, as pdfium reports it: it leaves out the blank after it
BLANKS = frozenset({0x09, 0x0A, 0x0D, 0x20, 0xA0, 0x2002, 0x2003, 0x2009, 0x202F})


class Box(NamedTuple):
    """A rectangle in points; ``top`` is above ``bottom`` and has the smaller number."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left


Corners = tuple[float, float, float, float]  # of the file, which runs upwards: x, y, x, y


class Word(NamedTuple):
    """Letters printed side by side; ``first`` is the width of the first one.

    ``spaced`` says that a blank is printed after it; ``turn`` is how many quarters it is turned
    against the page, clockwise.
    """

    text: str
    box: Box
    first: float
    spaced: bool
    turn: int


class Rule(NamedTuple):
    """A straight line ``at`` a height (or a distance from the left), from ``start`` to ``end``."""

    at: float
    start: float
    end: float


@dataclass(frozen=True)
class Page:
    """A page: its size, its words as they come in the file, its ruled lines, and if a picture covers it."""

    width: float
    height: float
    words: tuple[Word, ...]
    across: tuple[Rule, ...]
    down: tuple[Rule, ...]
    pictured: bool


class Letter(NamedTuple):
    """A letter of the file; ``turn`` says how many quarters it is turned clockwise."""

    text: str
    corners: Corners
    turn: int


BLANK = Letter(" ", (0.0, 0.0, 0.0, 0.0), 0)


def upright(box: Box, facing: int) -> Box:
    """Turn a box so that letters turned by ``facing`` quarters clockwise run from left to right."""
    if facing == 0:
        return box
    left, top, right, bottom = box
    ways = (
        Box(top, -right, bottom, -left),
        Box(-right, -bottom, -left, -top),
        Box(-bottom, left, -top, right),
    )
    return ways[facing - 1]


@dataclass(frozen=True)
class View:
    """How a page is seen: turned by ``turn`` quarters clockwise, measured from its top left corner."""

    turn: int
    left: float
    top: float
    width: float
    height: float

    @classmethod
    def of(cls, edges: Corners, turn: int) -> "View":
        """Look at a page with these edges (left, bottom, right, top), turned so."""
        left, bottom, right, top = edges
        one, other = _seen(left, bottom, turn), _seen(right, top, turn)
        corner = min(one[0], other[0]), min(one[1], other[1])
        return cls(turn, *corner, abs(other[0] - one[0]), abs(other[1] - one[1]))

    def box(self, corners: Corners) -> Box:
        """Give where two corners of the file are seen."""
        one = _seen(corners[0], corners[1], self.turn)
        other = _seen(corners[2], corners[3], self.turn)
        across = (one[0], other[0]) if one[0] <= other[0] else (other[0], one[0])
        down = (one[1], other[1]) if one[1] <= other[1] else (other[1], one[1])
        return Box(across[0] - self.left, down[0] - self.top, across[1] - self.left, down[1] - self.top)


def _seen(x: float, y: float, turn: int) -> tuple[float, float]:
    if turn == 0:
        return x, -y
    return ((y, x), (-x, y), (-y, -x))[turn - 1]


def read_page(page: PdfPage) -> Page:
    """Take the words and lines of a page. Raises PdfiumError for a damaged one, TooLarge."""
    if pdfium.FPDFPage_CountObjects(page.raw) > MOST_OBJECTS:
        raise TooLarge
    letters = list(_letters(page))
    view = View.of(page.get_bbox(), _prevailing(letters))
    across: list[Rule] = []
    down: list[Rule] = []
    for start, end in _segments(page):
        if _is_near((*start, *end)):
            _add_rule(view.box((*start, *end)), across, down)
    words = tuple(_words(letters, view))
    return Page(view.width, view.height, words, tuple(across), tuple(down), _is_pictured(page))


def _is_near(corners: Corners) -> bool:
    """Tell what is on a page from what is drawn somewhere out in space, or nowhere (not a number)."""
    return all(-FARTHEST < place < FARTHEST for place in corners)


def _prevailing(letters: Sequence[Letter]) -> int:
    """Give how most of the letters are turned: a wide page is often printed lying on its side."""
    turns = Counter(letter.turn for letter in letters if letter is not BLANK)
    return -turns.most_common(1)[0][0] % 4 if turns else 0


def _letters(page: PdfPage) -> Iterator[Letter]:
    """Yield the letters of a page, a blank for each blank that is printed."""
    texts = page.get_textpage()
    handle, box = texts.raw, pdfium.FS_RECTF()
    for place in range(min(texts.count_chars(), MOST_LETTERS)):
        code = pdfium.FPDFText_GetUnicode(handle, place)
        if code in BLANKS:
            if not pdfium.FPDFText_IsGenerated(handle, place):
                yield BLANK
            continue
        sign = HYPHENS.get(code) or (chr(code) if code > ord(" ") else "")
        if not sign or not pdfium.FPDFText_GetLooseCharBox(handle, place, box):
            continue
        corners = box.left, box.bottom, box.right, box.top
        if not _is_near(corners):
            continue
        turn = round(pdfium.FPDFText_GetCharAngle(handle, place) / QUARTER) % 4
        yield Letter(sign, corners, turn)
        if code == LAST and turn == 0 and _has_blank(handle, place, box):
            yield BLANK
    texts.close()


def _has_blank(handle: Any, place: int, box: Any) -> bool:
    """Tell whether a blank follows the hyphen at the end of a line: then what is printed reaches further."""
    left, bottom, right, top = c_double(), c_double(), c_double(), c_double()
    pdfium.FPDFText_GetCharBox(handle, place, left, right, bottom, top)
    end = [c_float() for _ in range(4)]
    pdfium.FPDFPageObj_GetBounds(pdfium.FPDFText_GetTextObject(handle, place), *end)
    return bool(end[2].value - right.value > (box.right - right.value) / 2)


def _words(letters: Sequence[Letter], view: View) -> Iterator[Word]:
    """Join letters that stand side by side to words."""
    run: list[tuple[str, Box]] = []
    facing = 0
    for letter in letters:
        if letter is BLANK:
            if run:
                yield _word(run, facing, spaced=True)
            run = []
            continue
        box = view.box(letter.corners)
        way = (view.turn + letter.turn) % 4
        if run and (way != facing or not _beside(run[-1][1], box, way)):
            yield _word(run, facing, spaced=False)
            run = []
        run.append((letter.text, box))
        facing = way
    if run:
        yield _word(run, facing, spaced=False)


def _word(run: Sequence[tuple[str, Box]], facing: int, *, spaced: bool) -> Word:
    lefts, tops, rights, bottoms = zip(*(box for _, box in run), strict=True)
    box = Box(min(lefts), min(tops), max(rights), max(bottoms))
    first = run[0][1].width if facing % 2 == 0 else run[0][1].height
    return Word("".join(text for text, _ in run), box, first, spaced, facing)


def _beside(before: Box, box: Box, facing: int) -> bool:
    """Tell whether a letter goes on with the word of the one before it."""
    one, other = upright(before, facing), upright(box, facing)
    size = max(one.height, other.height)
    same_line = abs(one.bottom - other.bottom) < size / 2
    return same_line and -size / 2 < other.left - one.right < GAP * size


def _add_rule(box: Box, across: list[Rule], down: list[Rule]) -> None:
    left, top, right, bottom = box
    if bottom - top < THIN < right - left:
        across.append(Rule((top + bottom) / 2, left, right))
    elif right - left < THIN < bottom - top:
        down.append(Rule((left + right) / 2, top, bottom))


def _segments(page: PdfPage) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Yield the straight lines that are drawn; the sides of filled areas count only if they are thin."""
    left = MOST_SEGMENTS
    for drawn in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=DEEPEST):
        count = pdfium.FPDFPath_CountSegments(drawn.raw)
        left -= max(count, 0)
        if left < 0:
            return
        yield from _sides(drawn, count)


def _sides(drawn: PdfObject, count: int) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    fill, stroke = c_int(), c_int()
    pdfium.FPDFPath_GetDrawMode(drawn.raw, fill, stroke)
    if not fill.value and not stroke.value:
        return
    matrices = _matrices(drawn)
    begun = here = (0.0, 0.0)
    outline: list[tuple[tuple[float, float], tuple[float, float]]] = []
    for place in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(drawn.raw, place)
        x, y = c_float(), c_float()
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = _moved(x.value, y.value, matrices)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            yield from _ruled(outline, filled=not stroke.value)
            outline, begun = [], point
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            outline.append((here, point))
        if pdfium.FPDFPathSegment_GetClose(segment):
            outline.append((point, begun))
        here = point
    yield from _ruled(outline, filled=not stroke.value)


def _ruled(
    outline: Sequence[tuple[tuple[float, float], tuple[float, float]]], *, filled: bool
) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Yield the lines of one outline; an area that is only filled (a shade) has none unless it is a bar."""
    if not outline:
        return
    if filled:
        xs = [point[0] for side in outline for point in side]
        ys = [point[1] for side in outline for point in side]
        if min(max(xs) - min(xs), max(ys) - min(ys)) > THIN:
            return
    yield from outline


def _matrices(drawn: PdfObject) -> list[tuple[float, ...]]:
    """List the matrices from the object outwards, through the forms it stands in."""
    found = []
    around: Any = drawn
    while around is not None:
        found.append(around.get_matrix().get())
        around = around.container
    return found


def _moved(x: float, y: float, matrices: Sequence[tuple[float, ...]]) -> tuple[float, float]:
    for a, b, c, d, e, f in matrices:
        x, y = a * x + c * y + e, b * x + d * y + f
    return x, y


def _is_pictured(page: PdfPage) -> bool:
    """Tell a scan: one picture over most of the page."""
    left, bottom, right, top = page.get_bbox()
    whole = max((right - left) * (top - bottom), 1.0)
    for picture in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=DEEPEST):
        box = picture.get_bounds()
        if (box[2] - box[0]) * (box[3] - box[1]) > COVERS * whole:
            return True
    return False
