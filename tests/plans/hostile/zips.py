"""Containers that are not what their tables of contents say."""

import io
import random
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping

from tests.plans.hostile.case import ORDER, READ, Hostile, hostile
from tests.plans.word import word_of

PART = "word/document.xml"
MEGABYTE = 1 << 20
CENTRAL, LOCAL, END = b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"
ENCRYPTED = 0x1


def parts_of(data: bytes) -> dict[str, bytes]:
    """Unpack a clean file."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def stuffed(parts: Mapping[str, bytes]) -> bytes:
    """Pack parts with a picture of noise, so large that the rest does not look like a bomb."""
    noise = random.Random(1).randbytes(sum(map(len, parts.values())) // 95)
    return packed({**parts, "word/media/image1.png": noise})


def packed(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as container:
        for name, content in parts.items():
            container.writestr(zipfile.ZipInfo(name), content, method)
    return made.getvalue()


def clean() -> dict[str, bytes]:
    """Give the parts of a clean order."""
    return parts_of(word_of(ORDER))


def with_central(data: bytes, name: str, place: int, form: str, value: int) -> bytes:
    """Change what the table of contents says of an entry."""
    made = bytearray(data)
    at = data.rindex(CENTRAL, 0, data.rindex(name.encode()))
    struct.pack_into(form, made, at + place, value)
    return bytes(made)


def bomb(size: int) -> bytes:
    """Pack a document whose text is this long."""
    line = b"<w:p><w:r><w:t>a</w:t></w:r></w:p>"
    return packed(clean() | {PART: b"<w:document>" + line * (size // len(line)) + b"</w:document>"})


def matryoshka() -> bytes:
    data = bytes(10 * MEGABYTE)
    for _ in range(6):
        data = packed({f"{number}.zip": data for number in range(4)})
    return data


def many_entries() -> bytes:
    return packed(clean() | {f"word/{number}.xml": b"" for number in range(70_000)})


def overlapping(said: int | None) -> bytes:
    """Let a thousand entries be the same ten megabytes; ``said`` is the length they claim."""
    kernel = bytes(10 * MEGABYTE)
    squeezed = zlib.compress(kernel, 9)[2:-4]
    size = len(kernel) if said is None else said
    facts = struct.pack("<HHHHHIII", 20, 0, 8, 0, 33, zlib.crc32(kernel), len(squeezed), size)
    local = LOCAL + facts + struct.pack("<HH", len(PART), 0) + PART.encode() + squeezed
    names = [PART, *(f"word/{number:04}.xml" for number in range(999))]
    central = b"".join(
        CENTRAL
        + struct.pack("<H", 20)
        + facts
        + struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0)
        + name.encode()
        for name in names
    )
    end = struct.pack("<HHHHIIH", 0, 0, len(names), len(names), len(central), len(local), 0)
    return local + central + END + end


def lying_size() -> bytes:
    return with_central(bomb(100 * MEGABYTE), PART, 24, "<I", 900)


def lying_zip64() -> bytes:
    """Say in a 64-bit field that a part is an exabyte."""
    made = bytearray(packed(clean()))
    at = made.rindex(CENTRAL, 0, made.rindex(PART.encode()))
    struct.pack_into("<I", made, at + 24, 0xFFFFFFFF)
    struct.pack_into("<H", made, at + 30, 12)
    extra = struct.pack("<HHQ", 1, 8, 1 << 60)
    after = at + 46 + len(PART)
    made[after:after] = extra
    size_place = made.rindex(END) + 12
    struct.pack_into("<I", made, size_place, struct.unpack_from("<I", made, size_place)[0] + len(extra))
    return bytes(made)


def endless_contents() -> bytes:
    """Say that the table of contents has more entries, and stands further, than there is file."""
    data = packed(clean())
    at = data.rindex(END)
    return data[:at] + END + struct.pack("<HHHHIIH", 0, 0, 65535, 65535, 0x7FFFFFFF, 0x7FFFFFFF, 0)


def two_documents() -> bytes:
    other = word_of(ORDER.replace("Семинар", "Совет"))
    twin = PART[:-1] + "L"
    return packed(clean() | {twin: parts_of(other)[PART]}).replace(twin.encode(), PART.encode())


def climbing_names() -> bytes:
    names = (
        "../../../../tmp/left",
        "/etc/cron.d/left",
        "C:\\Windows\\left.exe",
        "word/../../left",
        "a" * 5000,
    )
    return packed(clean() | dict.fromkeys(names, b"* * * * * root true"))


def with_link(name: str) -> bytes:
    """Let an entry be a link to a file of the system."""
    link = zipfile.ZipInfo(name)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    made = io.BytesIO(packed({one: content for one, content in clean().items() if one != name}))
    with zipfile.ZipFile(made, "a") as container:
        container.writestr(link, "/etc/passwd")
    return made.getvalue()


def locked() -> bytes:
    return with_central(packed(clean()), PART, 8, "<H", ENCRYPTED)


def huge_dictionary() -> bytes:
    """Ask for four gigabytes to unpack a part by LZMA."""
    made = bytearray(packed(clean(), method=zipfile.ZIP_LZMA))
    at = made.index(LOCAL + struct.pack("<H", 63), made.index(PART.encode()) - 30)
    struct.pack_into("<I", made, at + 30 + len(PART) + 5, 0xFFFFFFFF)
    return bytes(made)


def wrong_sum() -> bytes:
    return with_central(packed(clean()), PART, 16, "<I", 0)


def unknown_method() -> bytes:
    return with_central(packed(clean()), PART, 10, "<H", 97)


def squeezed_flat() -> bytes:
    return packed(clean() | {PART: bytes(60 * MEGABYTE)}, method=zipfile.ZIP_BZIP2)


CASES: tuple[Hostile, ...] = (
    hostile("F1: 340 KB that unpack to 100 MB", "бомба.docx", lambda: bomb(100 * MEGABYTE), "TooLarge"),
    hostile("60 MB of nothing squeezed flat", "бомба.docx", squeezed_flat, "TooLarge"),
    hostile("bomb sent as a list of schools", "школы.xlsx", lambda: bomb(60 * MEGABYTE), "TooLarge"),
    hostile("zips in zips in zips", "архив.docx", matryoshka, "WrongFormat"),
    hostile("70,000 entries", "архив.docx", many_entries, "TooLarge"),
    hostile("a thousand entries that are one", "архив.docx", lambda: overlapping(None), "TooLarge"),
    hostile("the same, each said to be small", "архив.docx", lambda: overlapping(9), "Unreadable"),
    hostile("100 MB said to be 900 bytes", "архив.docx", lying_size, "Unreadable"),
    hostile("zip64: an exabyte", "архив.docx", lying_zip64, "TooLarge"),
    hostile("contents longer than the file", "архив.docx", endless_contents, "Unreadable"),
    hostile("two documents of one name", "приказ.docx", two_documents, "Unreadable"),
    hostile("names that climb out of the folder", "приказ.docx", climbing_names, READ),
    hostile("a link to a file of the system", "приказ.docx", lambda: with_link("word/media/passwd"), READ),
    hostile("the text is a link to such a file", "приказ.docx", lambda: with_link(PART), "Unreadable"),
    hostile("F7: an entry under a password", "приказ.docx", locked, "Protected"),
    hostile("LZMA that asks for 4 GB", "приказ.docx", huge_dictionary, "TooLarge", "Unreadable"),
    hostile("a wrong checksum", "приказ.docx", wrong_sum, "Unreadable"),
    hostile("a method nobody knows", "приказ.docx", unknown_method, "Unreadable"),
    hostile("a zip of nothing", "приказ.docx", lambda: END + bytes(18), "WrongFormat"),
)
