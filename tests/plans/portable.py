"""Files made in a test: converted or printed by LibreOffice, and PDFs drawn line by line."""

import io
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.shared import Cm, Pt

from tests.plans.word import saved, word_of

OFFICE = shutil.which("soffice")
SIDES = {"portrait": (21.0, 29.7), "landscape": (29.7, 21.0), "small": (16.0, 22.0)}  # centimetres
MARGINS = 3.0  # both
HEIGHT = 842
SIZE = 10
PADDING = 4


def paged(text: str, form: str) -> bytes:
    """Make a Word document of an order on pages of a form; its tables are ruled, all columns alike."""
    document = Document(io.BytesIO(word_of(text)))
    section = document.sections[0]
    section.page_width, section.page_height = (Cm(side) for side in SIDES[form])
    section.orientation = WD_ORIENT.LANDSCAPE if form == "landscape" else WD_ORIENT.PORTRAIT
    section.left_margin, section.right_margin = Cm(2), Cm(1)
    document.styles["Normal"].font.size = Pt(12)
    for table in document.tables:
        table.style = "Table Grid"
        if form == "small":
            width = Cm((SIDES[form][0] - MARGINS) / len(table.columns))
            for column in table.columns:
                column.width = width
            for row in table.rows:
                for cell in row.cells:
                    cell.width = width
    return saved(document)


def converted(
    documents: Mapping[str, bytes], source: str, target: str, filter_name: str = "", infilter: str = ""
) -> dict[str, bytes]:
    """Convert documents by name from one suffix («.docx») into another, all in one run of LibreOffice.

    ``filter_name`` says how LibreOffice writes where a suffix is not enough, with its options after a
    colon («MS Word 97», «HTML (StarWriter)»), ``infilter`` how it reads. The names are file names.
    """
    assert OFFICE is not None
    with tempfile.TemporaryDirectory() as folder:
        room, made = Path(folder), Path(folder) / "made"
        for name, document in documents.items():
            (room / f"{name}{source}").write_bytes(document)
        command = [OFFICE, "--headless", f"-env:UserInstallation={(room / 'profile').as_uri()}"]
        reading = [f"--infilter={infilter}"] if infilter else []
        writing = ":".join(part for part in (target.removeprefix("."), filter_name) if part)
        files = [str(room / f"{name}{source}") for name in documents]
        subprocess.run(
            [*command, *reading, "--convert-to", writing, "--outdir", str(made), *files],
            check=True,
            capture_output=True,
            timeout=300,
        )
        return {name: (made / f"{name}{target}").read_bytes() for name in documents}


def printed(documents: Mapping[str, bytes]) -> dict[str, bytes]:
    """Print Word documents as PDF, all in one run of LibreOffice."""
    return converted(documents, ".docx", ".pdf")


def pdf_of(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """Put the objects of a PDF together; the first one is its catalogue."""
    made = b"%PDF-1.7\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        trailer,
        len(made),
    )
    return made + head + table + end


def stream_of(content: bytes, entries: bytes = b"") -> bytes:
    """Pack a stream."""
    packed = zlib.compress(content, 9)
    return b"<<%s/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (entries, len(packed), packed)


def drawn(*pages: bytes, catalogue: bytes = b"", page: bytes = b"", more: Sequence[bytes] = ()) -> bytes:
    """Make a PDF of drawn pages, in a font of old: its Russian letters are called Western ones.

    ``more`` objects are numbered from 4; ``catalogue`` and ``page`` are entries of theirs.
    """
    first = 4 + len(more)
    kids = b" ".join(b"%d 0 R" % (first + 2 * number) for number in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % catalogue,
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, len(pages)),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        *more,
    ]
    for number, content in enumerate(pages):
        box = b"" if b"/MediaBox" in page else b"/MediaBox[0 0 595 842]"
        contents = first + 2 * number + 1
        resources = b"" if b"/Resources" in page else b"/Resources<</Font<</F 3 0 R>>>>"
        objects.append(
            b"<</Type/Page/Parent 2 0 R/Contents %d 0 R%s%s%s>>" % (contents, box, resources, page)
        )
        objects.append(stream_of(content))
    return pdf_of(objects)


def words(left: float, top: float, text: str, *, upright: bool = False) -> bytes:
    """Write lines of text, the first one at a place in points from the top left corner."""
    made = b""
    for number, line in enumerate(text.split("\n")):
        said = line.encode("cp1251").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        x, y = (left + number * 1.2 * SIZE, top) if upright else (left, top + number * 1.2 * SIZE)
        turn = b"0 1 -1 0" if upright else b"1 0 0 1"
        made += b"BT /F %d Tf %s %.1f %.1f Tm (%s) Tj ET\n" % (SIZE, turn, x, HEIGHT - y, said)
    return made


def line(left: float, top: float, right: float, bottom: float) -> bytes:
    """Draw a straight line."""
    return b"%.1f %.1f m %.1f %.1f l S\n" % (left, HEIGHT - top, right, HEIGHT - bottom)


def table(
    top: float,
    rows: Sequence[Sequence[str]],
    *,
    left: float = 50,
    wide: Sequence[float] = (),
    sides: bool = True,
) -> tuple[bytes, float]:
    """Draw a ruled table; give it, and where it ends. ``sides``: whether its outer lines are drawn."""
    widths = wide or [495 / len(rows[0])] * len(rows[0])
    xs = [left + sum(widths[:number]) for number in range(len(widths) + 1)]
    ys = [top]
    made = b""
    for row in rows:
        for x, text in zip(xs, row, strict=False):
            made += words(x + PADDING, ys[-1] + SIZE + 2, text) if text else b""
        ys.append(ys[-1] + 1.2 * SIZE * max(text.count("\n") + 1 for text in row) + 6)
    for y in ys if sides else ys[1:-1]:
        made += line(xs[0], y, xs[-1], y)
    for x in xs if sides else xs[1:-1]:
        made += line(x, ys[0], x, ys[-1])
    return made, ys[-1]
