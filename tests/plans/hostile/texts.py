"""Texts (txt): without end, in no encoding, of signs that make a pattern try every way."""

from functools import partial

from tests.plans.hostile.case import ORDER, READ, Hostile, hostile

HEAD = "План на 2023 год\n\n№\tМероприятие\tСрок\tОтветственные\tРезультат\n"
MEGABYTE = 1_000_000
# Repeated without end they are what a pattern begins with and never what it ends with.
UNITS = (
    "1",
    "-",
    " ",
    '"',
    "№ ",
    "от ",
    "с 1 по 2 ",
    "до 1 мая ",
    "01.01.2023 ",
    "А. ",
    "1) ",
    "(далее – А) ",
    "_",
    ". ",
)


def text(before: str = "", row: str = "1\tСеминар\tмай 2023\tШколы\t", after: str = "") -> bytes:
    return f"{before}\n{HEAD}{row}\n{after}".encode()


def filled(unit: str, size: int) -> str:
    return unit * (size // len(unit))


def before_plan(unit: str) -> bytes:
    return text(filled(unit, 400_000))


def in_cells(unit: str) -> bytes:
    """Fill the cells of a row that have a grammar of their own: date, executors, result."""
    said = filled(unit, 20_000)
    return text(row=f"1\tСеминар\t{said}\t{said}\t{said}")


def halves() -> bytes:
    return ORDER.encode("utf-16-le").replace("Семинар".encode("utf-16-le"), b"\x00\xd8" * 4)


CASES: tuple[Hostile, ...] = (
    hostile("21 MB of text", "п.txt", lambda: text("a " * 11_000_000), "TooLarge"),
    hostile("19 MB of one word", "п.txt", lambda: text("a" * 19_000_000), "TooLarge"),
    hostile("a million rows of text", "п.txt", lambda: text(after="1\ta\tb\tc\n" * 1_000_000), "TooLarge"),
    hostile("a million tabs", "п.txt", lambda: text("\t" * MEGABYTE), READ),
    hostile("a million empty lines", "п.txt", lambda: text("\n" * MEGABYTE), "TooLarge"),
    hostile("only a mark of UTF-16", "п.txt", lambda: b"\xff\xfe", "Unreadable", "NotAnOrder"),
    hostile("only a mark of UTF-8", "п.txt", lambda: b"\xef\xbb\xbf", "Unreadable", "NotAnOrder"),
    hostile("halves of letters in UTF-16", "п.txt", halves, "Unreadable"),
    hostile(
        "broken UTF-8", "п.txt", lambda: b"\xc3\x28\xa0\xa1\xe2\x28\xa1" * 1000, "NotAnOrder", "Unreadable"
    ),
    hostile("UTF-32", "п.txt", lambda: ORDER.encode("utf-32"), "Unreadable"),
    hostile("zeros in a text", "п.txt", lambda: ORDER.replace(" ", "\0").encode(), "Unreadable"),
    hostile("signs that ring and erase", "п.txt", lambda: text("\a\b\x1b[2J" * 1000), "Unreadable"),
    hostile("words from right to left", "п.txt", lambda: text("\u202e\u2066приказ\u2069" * 1000), READ),
    hostile("a letter of 100,000 accents", "п.txt", lambda: text("а" + "\u0301" * 100_000), READ),
    *(
        hostile(f"400 KB of «{unit}» before the plan", "п.txt", partial(before_plan, unit), READ)
        for unit in UNITS
    ),
    *(hostile(f"cells of 20 KB of «{unit}»", "п.txt", partial(in_cells, unit), READ) for unit in UNITS),
)
