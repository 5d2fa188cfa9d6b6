"""Which reader a file gets: by what it holds, then by its name.

A new format is a module of this package with one function ``read`` (bytes → Grid) and a line in
``READERS``; it is imported when the first such file comes, for the libraries behind it are large.
"""

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

from plans.formats.archive import beginning_of, entries_of
from plans.formats.ole import SIGNATURE as OLE
from plans.formats.ole import entries_of_ole
from plans.grid import Grid, TextBlock
from plans.plan import Protected, TooLarge, Unreadable, WrongFormat

MOST_BYTES = 20 * 1024 * 1024  # more is not fetched from a chat either
# Of one file, ten times what the longest order has: what comes after the grid takes its time.
MOST_LINES = 100_000  # of paragraphs, and rows
MOST_CELLS = 300_000
MOST_LETTERS = 10_000_000

ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
ZIPS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
SIGNATURES = (
    (b"%PDF", ".pdf"),
    (b"{\\rtf", ".rtf"),
    (b"\x89PNG", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"GIF8", ".gif"),
    (b"II*\0", ".tif"),
    (b"MM\0*", ".tif"),
    (b"AT&TFORM", ".djvu"),
    (b"Rar!", ".rar"),
    (b"7z\xbc\xaf", ".7z"),
    (b"\x1f\x8b", ".gz"),
    (b"MZ", ".exe"),
)
# Macros may lie under any name: the list of contents has to say what they are.
SAID_MACROS = re.compile(rb"macroEnabled|vbaProject", re.IGNORECASE)
WITH_MACROS = {".docx": ".docm", ".xlsx": ".xlsm", ".pptx": ".pptm"}
# A file inside the zip that says what the zip is.
INSIDE = (
    ("word/vbaProject.bin", ".docm"),
    ("xl/vbaProject.bin", ".xlsm"),
    ("ppt/vbaProject.bin", ".pptm"),
    ("word/document.xml", ".docx"),
    ("word/document2.xml", ".docx"),
    ("xl/workbook.xml", ".xlsx"),
    ("xl/workbook.bin", ".xlsb"),
    ("ppt/presentation.xml", ".pptx"),
    ("content.xml", ".odt"),
)
# What OpenDocument and its kin say of themselves: the end of the mimetype.
MIMETYPES = (
    ("opendocument.text", ".odt"),
    ("opendocument.text-template", ".odt"),
    ("opendocument.spreadsheet", ".ods"),
    ("opendocument.spreadsheet-template", ".ods"),
    ("opendocument.presentation", ".odp"),
    ("opendocument.graphics", ".odg"),
    ("sun.xml.writer", ".sxw"),
    ("sun.xml.calc", ".sxc"),
    ("epub+zip", ".epub"),
)
OPEN = frozenset((".odt", ".ods"))
APPLE = frozenset((".pages", ".numbers", ".key"))
# A stream or storage at the root of an OLE container; macros and locks come before what they are in.
STREAMS = (
    ("WordDocument", ".doc"),
    ("Workbook", ".xls"),
    ("Book", ".xls"),
    ("PowerPoint Document", ".ppt"),
    ("VisioDocument", ".vsd"),
    ("__properties_version1.0", ".msg"),
)
LOCKED = frozenset(("EncryptedPackage", "EncryptionInfo"))
MACROS = (("WordDocument", "Macros", ".docm"), ("Workbook", "_VBA_PROJECT_CUR", ".xlsm"))
WORD = b"\xec\xa5"  # a Word 97 document begins so
LOCK_PLACE, LOCK = 11, 0x01  # the bit of its header that asks for a password

BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
HEAD = 4096  # bytes of a text that tell what it is
SKIPPED = r"(?:\s|<!--.*?-->|<\?.*?\?>)*"
HTML = re.compile(
    SKIPPED + r"<(?:!doctype\s+html|html|head|body|meta|title|style|table|div|center|font|p|h[1-6])\b",
    re.IGNORECASE | re.DOTALL,
)
# The root of an XML file, behind declarations.
XMLS = (
    (re.compile(r"<\w+:document\b[^>]*opendocument\.text"), ".fodt"),
    (re.compile(r"<\w+:document\b[^>]*opendocument\.spreadsheet"), ".fods"),
    (re.compile(r"<svg\b"), ".svg"),
    (re.compile(r"<html\b", re.IGNORECASE), ".html"),
    (re.compile(r"<\?xml\b|<\w+:wordDocument\b|<\w+:package\b"), ".xml"),
)
ENVELOPE = re.compile(r"(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*mime-version:", re.IGNORECASE)

READERS: Mapping[str, str] = MappingProxyType(
    {
        ".doc": "doc",
        ".docx": "docx",
        ".fodt": "odt",
        ".html": "html",
        ".mht": "mht",
        ".odt": "odt",
        ".ods": "sheet",
        ".pdf": "pdf",
        ".rtf": "rtf",
        ".txt": "txt",
        ".xls": "sheet",
        ".xlsx": "sheet",
    }
)


def read_grid(data: bytes, name: str) -> Grid:
    """Read a file into the common form. Raises the PlanErrors."""
    if not data.strip():
        raise Unreadable
    if len(data) > MOST_BYTES:
        raise TooLarge
    kind = kind_of(data, name)
    if kind not in READERS:
        raise WrongFormat(kind)
    read: Callable[[bytes], Grid] = import_module(f"plans.formats.{READERS[kind]}").read
    grid = read(data)
    _check_size(grid)
    return grid


def _check_size(grid: Grid) -> None:
    """Refuse what is larger than any order, however small its file. Raises TooLarge."""
    lines = cells = letters = 0
    for block in grid.blocks:
        if isinstance(block, TextBlock):
            lines += 1 + block.text.count("\n")
            letters += len(block.text)
        else:
            lines += len(block.rows)
            cells += sum(map(len, block.rows))
            letters += sum(len(cell.text) for row in block.rows for cell in row)
    if lines > MOST_LINES or cells > MOST_CELLS or letters > MOST_LETTERS:
        raise TooLarge


def kind_of(data: bytes, name: str) -> str:
    """Say what a file is, as a suffix («.docx»). Raises Unreadable, Protected, TooLarge."""
    suffix = name[name.rfind(".") :].casefold() if "." in name else ""
    if data.startswith(OLE):
        return _kind_of_ole(data)
    if data.startswith(ZIPS):
        return _kind_of_zip(data, suffix)
    for signature, known in SIGNATURES:
        if data.startswith(signature):
            return known
    return _kind_of_text(data[:HEAD]) or ".txt"


def _kind_of_text(data: bytes) -> str | None:
    """Tell marked-up texts, under whatever name: portals and 1C give html out as .xls and .doc."""
    encoding = next((encoding for bom, encoding in BOMS if data.startswith(bom)), "latin-1")
    head = data.decode(encoding, "ignore").removeprefix("\ufeff").lstrip()
    if head.startswith("{\\rtf"):
        return ".rtf"
    if HTML.match(head):
        return ".html"
    if head.startswith("<"):
        return next((suffix for root, suffix in XMLS if root.search(head)), None)
    return ".mht" if ENVELOPE.match(head.replace("\r\n", "\n")) else None


def _kind_of_ole(data: bytes) -> str:
    try:
        found = entries_of_ole(data)
    except Unreadable:
        if ENCRYPTED in data:
            raise Protected from None
        raise
    if LOCKED & found.keys():
        raise Protected
    for stream, macros, suffix in MACROS:
        if stream in found and macros in found:
            return suffix
    kind = next((suffix for stream, suffix in STREAMS if stream in found), ".ole")
    if kind == ".doc" and _asks_for_password(found["WordDocument"].head):
        raise Protected
    return kind


def _asks_for_password(head: bytes) -> bool:
    return head.startswith(WORD) and len(head) > LOCK_PLACE and bool(head[LOCK_PLACE] & LOCK)


def _kind_of_zip(data: bytes, suffix: str) -> str:
    names = entries_of(data)
    said = beginning_of(data, "mimetype").decode("ascii", "replace").strip() if "mimetype" in names else ""
    kind = next((known for end, known in MIMETYPES if said.endswith(end)), None)
    kind = kind or next((known for inside, known in INSIDE if inside in names), None)
    if kind in WITH_MACROS and SAID_MACROS.search(beginning_of(data, "[Content_Types].xml")):
        kind = WITH_MACROS[kind]
    if kind in OPEN and b"encryption-data" in beginning_of(data, "META-INF/manifest.xml"):
        raise Protected
    if kind is None and any(name.endswith(".iwa") or name == "Index.zip" for name in names):
        return suffix if suffix in APPLE else ".pages"
    return kind or ".zip"
