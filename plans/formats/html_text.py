"""The letters of a web page: which encoding its bytes are in."""

import codecs
import re

from plans.formats.txt import decode

DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
NO_LETTERS = frozenset(
    ("punycode", "idna", "unicode_escape", "raw_unicode_escape")
)  # of Python only, and slow
MOST_BROKEN = 0.005  # share of letters
HEAD = 4096  # bytes in which a page says its encoding
BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def text_of(data: bytes, charset: str | None = None) -> str:
    """Decode a page: by its mark, by what it declares where that holds, else as any text is.

    ``charset`` is what an envelope says of it. Raises Unreadable.
    """
    encodings = [encoding for bom, encoding in BOMS if data.startswith(bom)]
    declared = DECLARED.search(data[:HEAD])
    encodings += [charset] if charset else []
    encodings += [declared[1].decode("ascii", "replace")] if declared else []
    found = (_decoded(data, encoding) for encoding in encodings)
    text = next((text for text in found if text is not None), None)
    return text if text is not None else decode(data)


def _decoded(data: bytes, encoding: str) -> str | None:
    """Decode, or tell that the page is not what it says: «utf-16» read as bytes, a misspelled name.

    A letter or two that a portal has cut in half do not make it another encoding.
    """
    try:
        if codecs.lookup(encoding).name.replace("-", "_") in NO_LETTERS:
            return None
        text = data.decode(encoding, "replace")
    except (UnicodeError, LookupError, ValueError):
        return None
    return None if "\0" in text or text.count("\ufffd") > MOST_BROKEN * len(text) else text
