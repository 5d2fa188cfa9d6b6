"""Word 97-2003 documents and their containers: chains without end, counts that lie, noise."""

import random
import struct
from pathlib import Path

from tests.plans.hostile.case import Hostile, hostile
from tests.plans.hostile.ole import biting, in_header
from tests.plans.test_formats import ole_of

WHOLE = Path(__file__).parents[1] / "files" / "columns_in_another_order.doc"
WORD = b"\xec\xa5"
TEXT_LENGTH, PIECES = 0x4C, 0x01A2  # places in the head of a document: letters, then the table of pieces
FAR = 0x7FFFFFFF
WHOLE_PLAN = "read 5 rows"  # of the clean document


def whole() -> bytes:
    return WHOLE.read_bytes()


def told(place: int, *values: int) -> bytes:
    """Change what the head of a document says at a place."""
    made = bytearray(whole())
    struct.pack_into(f"<{len(values)}I", made, made.index(WORD) + place, *values)
    return bytes(made)


def noisy(seed: int, bytes_changed: int, *, head: bool) -> bytes:
    """Change bytes by chance, of the whole file or of the head of the document."""
    dice, made = random.Random(seed), bytearray(whole())
    begin = made.index(WORD) + 2 if head else 512
    for _ in range(bytes_changed):
        made[dice.randrange(begin, begin + 1000 if head else len(made))] = dice.randrange(256)
    return bytes(made)


def padded() -> bytes:
    """Let the chain of a 19 MB file run through all of it."""
    made = bytearray(whole()).ljust(19 << 20, b"\0")
    return biting(bytes(made))


def tree_of_one() -> bytes:
    """Let an entry of the directory be its own neighbours."""
    made = bytearray(whole())
    (first,) = struct.unpack_from("<I", made, 48)
    for number in range(1, 4):
        struct.pack_into("<II", made, (first + 1) * 512 + 128 * number + 68, number, number)
    return bytes(made)


NOTHING = ("Unreadable", "WrongFormat")  # a container without the stream of a document

CASES: tuple[Hostile, ...] = (
    hostile("doc with a chain that bites its tail", "п.doc", lambda: biting(whole()), *NOTHING),
    hostile("doc of 19 MB with such a chain", "п.doc", padded, *NOTHING),
    hostile("doc with a directory that bites its tail", "п.doc", tree_of_one, *NOTHING),
    hostile("doc with endless tables of chains", "п.doc", lambda: in_header(whole(), 68, 0, FAR), WHOLE_PLAN),
    hostile(
        "doc with sectors of 2^65535 bytes", "п.doc", lambda: in_header(whole(), 30, 0xFFFFFFFF), "Unreadable"
    ),
    hostile("doc of two milliard letters", "п.doc", lambda: told(TEXT_LENGTH, FAR), "Unreadable"),
    hostile("doc with two milliard pieces", "п.doc", lambda: told(PIECES, 0, FAR), "Unreadable"),
    hostile("doc whose pieces stand outside", "п.doc", lambda: told(PIECES, FAR, 21), "Unreadable"),
    hostile("doc of only a head", "п.doc", lambda: ole_of("WordDocument", head=WORD), "Unreadable"),
    hostile("doc cut in half", "п.doc", lambda: whole()[: len(whole()) // 2], "Unreadable"),
    hostile("F7: a password in doc", "п.doc", lambda: told(8, 0xFFFFFFFF), "Protected"),
    hostile("F7: macros in doc", "п.doc", lambda: ole_of("WordDocument", "Macros", head=WORD), "WrongFormat"),
    hostile(
        "F7: docx under a password",
        "п.docx",
        lambda: ole_of("EncryptedPackage", "EncryptionInfo"),
        "Protected",
    ),
)
