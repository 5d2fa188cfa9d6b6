"""PDFs: pages without end, trees that bite their tails, bombs, pictures, programs, passwords."""

import zlib
from collections.abc import Sequence

from tests.plans.hostile.case import KILLED, READ, Hostile, hostile
from tests.plans.portable import drawn, pdf_of, stream_of, table, words

HELLO = b"BT /F 10 Tf 50 700 Td (hello) Tj ET"
PLAN = (
    words(50, 60, "План на 2023 год")
    + table(100, [("№", "Мероприятие", "Срок", "Ответственные"), ("1", "Семинар", "май 2023", "Школы")])[0]
)
IMAGE = b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8"
USES = b"/Resources<</Font<</F 3 0 R>>/XObject<</X 4 0 R>>>>"
FORM = b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</X %d 0 R>>>>"


def order(
    catalogue: bytes = b"", page: bytes = b"", more: Sequence[bytes] = (), content: bytes = b""
) -> bytes:
    """Draw an order with something hostile in its catalogue, its page, its objects or its content."""
    return drawn(content + PLAN, catalogue=catalogue, page=page, more=more)


def acting(action: bytes) -> bytes:
    return order(b"/OpenAction<<%s>>/AA<</WC<<%s>>>>" % (action, action), b"/AA<</O<<%s>>>>" % action)


def ten_thousand_pages() -> bytes:
    kids = b" ".join([b"3 0 R"] * 10_000)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"
    return pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[%s]/Count 10000>>" % kids, page])


def tree(depth: int) -> bytes:
    """Hang one page below so many others."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>"]
    objects += [b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (number + 3) for number in range(depth)]
    return pdf_of([*objects, b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 9 9]>>" % (depth + 1)])


def looped_table() -> bytes:
    """Let the table of places be its own predecessor."""
    data = order()
    start = data.rindex(b"xref\n0")
    return data.replace(b"trailer\n<<", b"trailer\n<</Prev %d" % start)


def endless_table() -> bytes:
    """Say in a packed table of places that there are two milliard of them."""
    packed = zlib.compress(bytes(20_000_000), 9)
    entries = (
        b"/Type/XRef/Size 2147483647/W[1 4 2]/Index[0 2147483647]/Root 1 0 R/Filter/FlateDecode/Length %d"
    )
    return b"%%PDF-1.7\n1 0 obj<<%s>>stream\n%s\nendstream endobj\nstartxref\n9\n%%%%EOF" % (
        entries % len(packed),
        packed,
    )


def filtered(times: int) -> bytes:
    """Pack a stream many times over: each layer is a hundred times the next."""
    content = b" " * 100_000_000
    for _ in range(times):
        content = zlib.compress(content, 9)
    filters = b"/FlateDecode" * times
    stream = b"<</Length %d/Filter[%s]>>stream\n%s\nendstream" % (len(content), filters, content)
    return order(more=[stream]).replace(b"/Contents 5 0 R", b"/Contents[4 0 R 6 0 R]")


def with_font(more: bytes) -> bytes:
    return order().replace(b"/BaseFont/Helvetica", b"/BaseFont/Helvetica" + more)


def mapping() -> bytes:
    """Say in a font that each letter is a thousand others, many times."""
    entry = b"<00> <FF> <%s>\n" % (b"0410" * 500)
    text = (
        b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <FF> endcodespacerange\n"
    )
    text += (b"100 beginbfrange\n" + entry * 100 + b"endbfrange\n") * 50 + b"endcmap end"
    data = order(more=[stream_of(text)])
    return data.replace(b"/BaseFont/Helvetica", b"/BaseFont/Helvetica/ToUnicode 4 0 R")


def picture(filters: bytes, content: bytes, wide: int = 100_000, high: int = 100_000) -> bytes:
    stream = b"<<%s/Filter/%s/Length %d>>stream\n%s\nendstream" % (
        IMAGE % (wide, high),
        filters,
        len(content),
        content,
    )
    return order(page=USES, more=[stream], content=b"q 9 0 0 9 9 9 cm /X Do Q ")


def forms(count: int) -> bytes:
    """Draw forms, each of which is ten of the next one."""
    inner = [stream_of(b"/X Do " * 10, FORM % (5 + number)) for number in range(count)]
    return order(page=USES, more=[*inner, stream_of(HELLO, FORM % 4)], content=b"/X Do ")


def locked() -> bytes:
    return pdf_of(
        [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"],
        b"/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>" % (b"41" * 32, b"42" * 32),
    )


def attached() -> bytes:
    names = b"/Names<</EmbeddedFiles<</Names[(a.exe) 4 0 R]>>>>"
    return order(names, more=[b"<</Type/Filespec/F(a.exe)/EF<</F 5 0 R>>>>", stream_of(b"MZ" * 1000)])


def lattice() -> bytes:
    lines = b"".join(b"0 %d m 600 %d l S %d 0 m %d 842 l S\n" % (n, n, n, n) for n in range(0, 842, 3))
    return drawn(lines + HELLO)


CASES: tuple[Hostile, ...] = (
    hostile("F9: 10,000 pages", "п.pdf", ten_thousand_pages, "TooLarge"),
    hostile(
        "F9: pages within themselves",
        "п.pdf",
        lambda: pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"]),
        "Unreadable",
        "Scan",
    ),
    hostile("F9: a tree of pages 5,000 deep", "п.pdf", lambda: tree(5_000), "Unreadable", "Scan"),
    hostile(
        "F9: a page that is promised two milliard times",
        "п.pdf",
        lambda: order().replace(b"/Count 1>>", b"/Count 2147483647>>"),
        READ,
        "TooLarge",
        "Unreadable",
    ),
    hostile("F9: a table of places that is its own predecessor", "п.pdf", looped_table, READ, "Unreadable"),
    hostile("F9: a table of two milliard places", "п.pdf", endless_table, "Unreadable"),
    hostile("F9: a stream of 300 MB", "п.pdf", lambda: drawn(b" " * 300_000_000), KILLED),
    hostile("F9: a stream packed five times", "п.pdf", lambda: filtered(5), READ, "Unreadable", "Scan"),
    hostile(
        "F9: JavaScript at the opening", "п.pdf", lambda: acting(b"/S/JavaScript/JS(while\\(1\\){})"), READ
    ),
    hostile(
        "F9: a program at the opening",
        "п.pdf",
        lambda: acting(b"/S/Launch/F(cmd.exe)/Win<</F(cmd.exe)>>"),
        READ,
    ),
    hostile(
        "F9: an address at the opening", "п.pdf", lambda: acting(b"/S/URI/URI(http://127.0.0.1:9/)"), READ
    ),
    hostile(
        "F9: a form sent away at the opening",
        "п.pdf",
        lambda: acting(b"/S/SubmitForm/F(http://127.0.0.1:9/)"),
        READ,
    ),
    hostile(
        "F9: another file at the opening",
        "п.pdf",
        lambda: acting(b"/S/GoToR/F(file:///etc/passwd)/D[0/Fit]"),
        READ,
    ),
    hostile(
        "F9: an XFA form with an entity",
        "п.pdf",
        lambda: order(
            b"/AcroForm<</XFA 4 0 R>>",
            more=[stream_of(b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xdp>&f;</xdp>')],
        ),
        READ,
    ),
    hostile("F9: a program inside", "п.pdf", attached, READ),
    hostile("F7: a password in pdf", "п.pdf", locked, "Protected"),
    hostile(
        "F9: a picture of ten milliard dots",
        "п.pdf",
        lambda: picture(b"FlateDecode", zlib.compress(bytes(9_000_000))),
        READ,
    ),
    hostile(
        "F9: JBIG2 of ten milliard dots",
        "п.pdf",
        lambda: picture(
            b"JBIG2Decode",
            bytes.fromhex("000000003000010000001300fffffffffffffffe00000000000000000000000000"),
        ),
        READ,
    ),
    hostile(
        "F9: JPEG 2000 that is none",
        "п.pdf",
        lambda: picture(b"JPXDecode", b"\0\0\0\x0cjP  \r\n\x87\n" + b"\xff" * 5000),
        READ,
    ),
    hostile(
        "F9: a million small texts",
        "п.pdf",
        lambda: drawn(b"BT /F 8 Tf " + b"1 0 0 1 9 9 Tm (a) Tj " * 1_000_000 + b"ET"),
        "NotAnOrder",
        "TooLarge",
    ),
    hostile("F9: three million lines", "п.pdf", lambda: drawn(b"0 0 m 90 90 l S\n" * 3_000_000), KILLED),
    hostile("F9: a fine lattice", "п.pdf", lattice, "NotAnOrder", "TooLarge"),
    hostile("F9: ten milliard forms", "п.pdf", lambda: forms(10), KILLED),
    hostile(
        "F9: a form within itself",
        "п.pdf",
        lambda: order(page=USES, more=[stream_of(b"/X Do /X Do", FORM % 4)], content=b"/X Do "),
        KILLED,
    ),
    hostile(
        "F9: a font of lying widths",
        "п.pdf",
        lambda: with_font(b"/FirstChar 0/LastChar 2147483647/Widths[" + b"-99999999999 1e38 " * 1000 + b"]"),
        READ,
        "NotAnOrder",
        "Scan",
        "Unreadable",
    ),
    hostile("F9: letters that are a thousand letters", "п.pdf", mapping, KILLED),
    hostile(
        "F9: brackets a million deep", "п.pdf", lambda: order(b"/X " + b"[" * 1_000_000), "Unreadable", READ
    ),
    hostile(
        "F9: parentheses a million deep",
        "п.pdf",
        lambda: order(content=b"(" * 1_000_000),
        "Scan",
        "NotAnOrder",
        "Unreadable",
    ),
    hostile(
        "F9: a page of ten kilometres",
        "п.pdf",
        lambda: drawn(PLAN, page=b"/MediaBox[0 0 1e9 1e9]"),
        READ,
        "NotAnOrder",
        "Scan",
    ),
    hostile("F9: pdf cut in half", "п.pdf", lambda: order()[:700], "Unreadable"),
    hostile(
        "F9: noise after the first word",
        "п.pdf",
        lambda: b"%PDF-1.7\n" + bytes(range(256)) * 1000,
        "Unreadable",
    ),
)
