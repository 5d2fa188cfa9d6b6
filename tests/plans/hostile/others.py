"""Files that are two things, or none, or not what they are called; and names that are orders to a shell."""

import gzip
import random

from tests.plans.hostile import pdfs, words
from tests.plans.hostile.case import ORDER, READ, Hostile, hostile
from tests.plans.hostile.pages import page
from tests.plans.hostile.zips import clean, packed

JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 400 + b"\xff\xd9"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d494844520000320000003400080600000000000000")
TEXT = ORDER.encode()
NAMES = {
    "climbs": "../../../etc/cron.d/x",
    "stands on a disk": "C:\\Windows\\System32\\x.txt",
    "is 300 letters long": "п" * 300 + ".txt",
    "is written from right to left": "приказ\u202etxt.exe",
    "is an option": "--schools",
    "is another option": "-c",
    "is empty": "",
    "has lines": "приказ\n\r\t.txt",
    "is a command": "$(reboot);`id`|cat /etc/passwd.txt",
    "is a form": "%s%n{0.__class__}.txt",
    "is only dots": "...",
    "is an emoji": "🙈" * 60 + ".txt",
}


def order() -> bytes:
    return packed(clean())


CASES: tuple[Hostile, ...] = (
    hostile("an empty file", "п.docx", lambda: b"", "Unreadable"),
    hostile("blanks only", "п.txt", lambda: b" \r\n\t" * 100_000, "Unreadable"),
    hostile("zeros only", "п.doc", lambda: bytes(1_000_000), "Unreadable"),
    hostile("21 MB of zeros", "п.pdf", lambda: bytes(21 << 20), "TooLarge"),
    hostile(
        "21 MB of Word",
        "п.docx",
        lambda: packed(clean() | {"word/media/a.jpg": random.Random(1).randbytes(21 << 20)}),
        "TooLarge",
    ),
    hostile("19 MB of noise", "п.docx", lambda: random.Random(2).randbytes(19 << 20), "Unreadable"),
    hostile("F7: Word called pdf", "п.pdf", order, READ),
    hostile("pdf called Word", "п.docx", pdfs.order, READ),
    hostile("html called jpg", "п.jpg", page, READ),
    hostile("html called xls", "п.xls", page, READ),
    hostile("a picture called Word", "п.docx", lambda: JPEG, "WrongFormat"),
    hostile("a picture with Word behind it", "п.jpg", lambda: JPEG + order(), "WrongFormat"),
    hostile("the same, called Word", "п.docx", lambda: JPEG + order(), "WrongFormat"),
    hostile("pdf with Word behind it", "п.pdf", lambda: pdfs.order() + order(), READ),
    hostile("Word that begins like pdf", "п.docx", lambda: b"%PDF-1.7\n" + order(), "Unreadable"),
    hostile("Word with a program before it", "п.docx", lambda: b"MZ" + bytes(500) + order(), "WrongFormat"),
    hostile(
        "Word with html before it",
        "п.docx",
        lambda: b"<html><p>x</p></html>" + order(),
        "NotAnOrder",
        "Unreadable",
    ),
    hostile("a program called Word", "п.docx", lambda: b"MZ\x90\0" + bytes(5000), "WrongFormat"),
    hostile("a program of Linux", "приказ", lambda: b"\x7fELF\x02\x01\x01" + bytes(5000), "Unreadable"),
    hostile("a picture of 169 million dots", "п.png", lambda: PNG, "WrongFormat"),
    hostile(
        "a drawing with a program",
        "п.svg",
        lambda: b"<svg onload='alert(1)'><script>1</script></svg>",
        "WrongFormat",
    ),
    hostile("a gzip bomb", "п.txt", lambda: gzip.compress(bytes(50_000_000)), "WrongFormat"),
    hostile("a rar", "п.docx", lambda: b"Rar!\x1a\x07\x01\0" + bytes(100), "WrongFormat"),
    hostile(
        "an XML of nobody",
        "п.xml",
        (words.entities(words.LAUGHS) + "<?xml version='1.0'?><a>&l9;</a>").encode,
        "WrongFormat",
    ),
    *(hostile(f"a name that {about}", name, lambda: TEXT, READ) for about, name in NAMES.items()),
)
