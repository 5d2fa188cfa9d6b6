"""A typed text as it was meant: one case, one dash, one kind of quote, no typesetting."""

import re
import unicodedata

LONGEST_ANSWER = 4096  # characters of one Telegram message

_REMOVED = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f*"))
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")
_QUOTES = dict.fromkeys(map(ord, "«»“”„'’`"), '"')
_LETTERS = {ord("ё"): "е", ord("\r"): "\n"}
_BLANKS = re.compile(r"[^\S\n]+")


def plain(text: str) -> str:
    """Return ``text`` in lower case, «ё» as «е», with single blanks; line breaks stay."""
    composed = unicodedata.normalize("NFC", text).lower()
    return _BLANKS.sub(" ", composed.translate(_REMOVED | _DASHES | _QUOTES | _LETTERS)).strip()
