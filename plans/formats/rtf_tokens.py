"""The marks of an RTF file, one after another: groups, words with their numbers, bytes of text."""

import codecs
import re
from collections.abc import Iterator, Mapping

from plans.plan import TooLarge, Unreadable

MOST_TOKENS = 6_000_000
TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}]+)|\\", re.DOTALL
)
INSIDE_SKIPPED = re.compile(rb"[{}]|\\bin(\d{1,10}) ?|\\[^a-zA-Z]", re.DOTALL)
FONT = re.compile(rb"\\f(\d{1,6})(?!\d)|\\fcharset(\d{1,3})(?!\d)")
OPEN, CLOSE = "{", "}"
BARE = (b"{", b"}", b"\\")  # signs that stand for themselves after a backslash
CHARSETS = {
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    134: "gbk",
    136: "big5",
    161: "cp1253",
    162: "cp1254",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    238: "cp1250",
    255: "cp866",
}
CODE_PAGES = {10007: "mac_cyrillic", 10000: "mac_roman", 65001: "utf-8"}
RUSSIAN = "cp1251"


# A mark: «{», «}», a control word or a sign («~») and its number; with an empty word it is bytes of text.
Token = tuple[str, int | None, bytes]


class Tokens:
    """Walks through a file once; whole groups can be passed over."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._passed = 0  # marks in groups that were passed over

    def __iter__(self) -> Iterator[Token]:
        """Yield the marks. Raises TooLarge for more of them than the longest order has."""
        data, match = self._data, TOKEN.match
        for _ in range(MOST_TOKENS):
            found = match(data, self._at)
            if found is None:
                return
            self._at = found.end()
            match found.lastindex:
                case 1 | 2:
                    word, number = found.group(1, 2)
                    if word == b"bin":
                        self._at += max(0, int(number or 0))
                    else:
                        yield word.decode(), int(number) if number else None, b""
                case 3:
                    yield "", None, bytes.fromhex(found[3].decode())
                case 4 if found[4] in BARE:
                    yield "", None, found[4]
                case 4:
                    yield found[4].decode("latin-1"), None, b""
                case 5:
                    yield found[5].decode(), None, b""
                case 6:
                    yield "", None, found[6].translate(None, b"\r\n\0")
                case _:
                    continue
        raise TooLarge

    def skip(self) -> bytes:
        """Pass to the end of the group that is open, and give what was in it; its brace comes next.

        Raises Unreadable for a group without an end, TooLarge.
        """
        begun, depth = self._at, 0
        while (found := INSIDE_SKIPPED.search(self._data, self._at)) is not None:
            if found[0] == b"}":
                if depth == 0:
                    self._at = found.start()
                    return self._data[begun : self._at]
                depth -= 1
            elif found[0] == b"{":
                depth += 1
            self._at = found.end() + int(found[1] or 0)
            self._passed += 1
            if self._passed > MOST_TOKENS:
                raise TooLarge
        raise Unreadable


def fonts_in(table: bytes, usual: str) -> Mapping[int, str]:
    """Give the encoding of every font of a font table; ``usual`` is that of fonts without one."""
    made: dict[int, str] = {}
    font = 0
    for found in FONT.finditer(table):
        if found[1]:
            font = int(found[1])
        else:
            made[font] = CHARSETS.get(int(found[2]), usual)
    return made


def code_page(number: int | None) -> str:
    """Name the encoding of a code page; an unknown one is taken for the Russian one."""
    name = CODE_PAGES.get(number or 0, f"cp{number}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return RUSSIAN
