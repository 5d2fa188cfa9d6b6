"""Rich text (rtf) as Word, WordPad and LibreOffice write it: paragraphs and tables in their order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from plans.formats.rtf_flow import Flow, RowShape
from plans.formats.rtf_tokens import CLOSE, OPEN, RUSSIAN, Tokens, code_page, fonts_in
from plans.grid import Block, Grid
from plans.plan import TooLarge, Unreadable

BEGINNING = b"{\\rtf"
MOST_DEPTH = 1000
MOST_BOXES = 2000
MOST_TEXT = 5_000_000  # characters
SIGNS = {
    "~": " ",
    "_": "-",
    "tab": " ",
    "line": "\n",
    "lbr": "\n",
    "softline": "\n",
    "emdash": "—",
    "endash": "–",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "bullet": "•",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
    "\t": " ",
}
ENDS = frozenset(("par", "sect", "page", "column", "nestcell", "nestrow", "\n", "\r"))
# Groups that are no part of the text, or say it a second time.
SKIPPED = frozenset(
    (
        *("colortbl", "stylesheet", "info", "pict", "nonshppict", "shprslt", "sp", "fldinst", "nonesttables"),
        *("header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf", "footnote"),
        *(
            "annotation",
            "xe",
            "tc",
            "tcn",
            "rxe",
            "txe",
            "listtable",
            "listoverridetable",
            "revtbl",
            "objdata",
        ),
        *("filetbl", "template", "private", "comment", "pntxta", "pntxtb", "mmathPr", "nesttableprops"),
    )
)
# Groups of which only the inner text is said: text boxes, the better one of two spellings.
MUTED = frozenset(("shpinst", "do", "upr"))
BOXES = frozenset(("shptxt", "dptxbxtext"))


@dataclass(frozen=True, slots=True)
class State:
    """What holds until the end of a group."""

    muted: bool = False
    deleted: bool = False
    hidden: bool = False
    in_table: bool = False
    stand_ins: int = 1  # characters that stand for a letter given by its number, for old readers
    encoding: str = RUSSIAN


def read(data: bytes) -> Grid:
    """Read a text. Raises Unreadable, TooLarge."""
    if not data.startswith(BEGINNING):
        raise Unreadable
    return Grid(tuple(Reader(data).read()))


class Reader:
    """Reads a file from its first mark to its last."""

    def __init__(self, data: bytes) -> None:
        self._tokens = Tokens(data)
        self._usual = RUSSIAN
        self._default = 0  # the font of text that names none
        self._fonts: Mapping[int, str] = {}
        self._state = State()
        self._outer: list[State] = []
        self._flows = [Flow()]
        self._row = RowShape()
        self._boxes: list[int] = []  # how deep the groups of the open text boxes stand
        self._bytes = bytearray()  # text that waits for the rest of its letters
        self._units = bytearray()  # letters given by number, in UTF-16, the same
        self._passed = 0  # characters still to be passed over: they stand for a letter given by number
        self._size = self._count = 0
        self._actions: Mapping[str, Callable[[int | None], None]] = {
            "ansicpg": self._code_page,
            "f": self._font,
            "u": self._unicode,
            "uc": lambda number: self._set(stand_ins=1 if number is None else max(0, number)),
            "deleted": lambda number: self._set(deleted=number != 0),
            "v": lambda number: self._set(hidden=number != 0),
            "plain": lambda _: self._plain(),
            "deff": self._default_font,
            "pard": lambda _: self._set(in_table=False),
            "intbl": lambda _: self._set(in_table=True),
            "cell": lambda _: self._flows[-1].end_cell(),
            "row": lambda _: self._end_row(),
            "trowd": lambda _: self._row.begin(),
            "trleft": self._row.begin_at,
            "cellx": self._row.end_cell,
            "clmrg": lambda _: self._row.go_on(beside=True),
            "clvmrg": lambda _: self._row.go_on(below=True),
        }

        self._heard = frozenset((OPEN, CLOSE, *SIGNS, *ENDS, *self._actions))

    def read(self) -> list[Block]:
        """Give the blocks. Raises Unreadable for a file that was cut off, TooLarge."""
        starred = first = False
        for word, number, text in self._tokens:
            if not word:
                self._take(text)
                first = first and not text.strip()
            elif word == "*" and first:
                starred = True
            elif first or word in self._heard:
                self._mark(word, number, first=first, starred=starred)
                first, starred = word == OPEN, False
                if word == CLOSE and not self._outer:
                    return self._flows[0].close()
        raise Unreadable

    def _mark(self, word: str, number: int | None, *, first: bool, starred: bool) -> None:
        if word == OPEN:
            self._open()
        elif word == CLOSE:
            self._close()
        elif first and self._is_group(word, starred=starred):
            self._begin_group(word)
        elif self._passed and word in SIGNS:
            self._passed -= 1
        elif not self._state.muted:
            self._act(word, number)

    def _act(self, word: str, number: int | None) -> None:
        if word in SIGNS:
            self._say(SIGNS[word])
        elif word in ENDS:
            self._flush()
            self._flows[-1].end_paragraph(in_cell=self._in_cell)
        elif (action := self._actions.get(word)) is not None:
            if word != "u":
                self._flush()
            action(number)

    @property
    def _in_cell(self) -> bool:
        return self._state.in_table or self._row.is_open or self._flows[-1].in_row

    def _open(self) -> None:
        self._flush()
        self._passed = 0
        if len(self._outer) >= MOST_DEPTH:
            raise TooLarge
        self._outer.append(self._state)

    def _close(self) -> None:
        self._flush()
        self._passed = 0
        if self._boxes and self._boxes[-1] == len(self._outer):
            self._boxes.pop()
            boxed = self._flows.pop().close()
            self._flows[-1].boxes += boxed
        self._state = self._outer.pop()

    def _is_group(self, word: str, *, starred: bool) -> bool:
        return starred or word in SKIPPED or word in MUTED or word in BOXES or word == "fonttbl"

    def _begin_group(self, word: str) -> None:
        """Begin a group that is not a part of the text like any other."""
        if word in BOXES:
            self._begin_box()
        elif word == "ud":
            self._set(muted=False)
        elif word in MUTED:
            self._set(muted=True)
        elif word == "fonttbl":
            self._fonts = fonts_in(self._tokens.skip(), self._usual)
        else:
            self._tokens.skip()

    def _begin_box(self) -> None:
        self._count += 1
        if self._count > MOST_BOXES:
            raise TooLarge
        self._boxes.append(len(self._outer))
        self._flows.append(Flow())
        self._set(muted=False, in_table=False)

    def _set(self, **changed: bool | int | str) -> None:
        self._state = replace(self._state, **changed)  # type: ignore[arg-type]

    def _code_page(self, number: int | None) -> None:
        self._usual = code_page(number)
        self._set(encoding=self._usual)

    def _font(self, number: int | None) -> None:
        self._set(encoding=self._fonts.get(number or 0, self._usual))

    def _default_font(self, number: int | None) -> None:
        self._default = number or 0

    def _plain(self) -> None:
        encoding = self._fonts.get(self._default, self._usual)
        self._set(deleted=False, hidden=False, encoding=encoding)

    def _unicode(self, number: int | None) -> None:
        if self._bytes:
            self._flush()
        self._units += ((number or 0) & 0xFFFF).to_bytes(2, "little")
        self._passed = self._state.stand_ins

    def _take(self, text: bytes) -> None:
        if self._passed:
            passed, self._passed = self._passed, max(0, self._passed - len(text))
            text = text[passed:]
        if text and not self._state.muted:
            if self._units:
                self._flush()
            self._bytes += text
            if len(self._bytes) > MOST_TEXT:
                raise TooLarge

    def _flush(self) -> None:
        """Say the letters that waited to be whole."""
        if self._bytes:
            text, self._bytes = self._bytes, bytearray()
            self._say(text.decode(self._state.encoding, errors="replace"))
        if self._units:
            units, self._units = self._units, bytearray()
            self._say(units.decode("utf-16-le", errors="replace"))

    def _say(self, text: str) -> None:
        if self._bytes or self._units:
            self._flush()
        if self._state.deleted or self._state.hidden:
            return
        self._size += len(text)
        if self._size > MOST_TEXT:
            raise TooLarge
        self._flows[-1].say(text)

    def _end_row(self) -> None:
        self._flows[-1].end_row(self._row.left, self._row.shapes)
        self._row.is_open = False
