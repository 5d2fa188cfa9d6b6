"""Which reader a file gets: by what it holds, then by its name.

A new format is a module ``format_….py`` with one function ``read`` (bytes → Grid) and a line in
``READERS``; it is imported when the first such file comes, for the libraries behind it are large.
"""

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

from plans.archive import entries_of
from plans.grid import Grid
from plans.plan import Protected, Unreadable, WrongFormat

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
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
    (b"Rar!", ".rar"),
    (b"7z\xbc\xaf", ".7z"),
    (b"\x1f\x8b", ".gz"),
    (b"MZ", ".exe"),
)
HTML = re.compile(rb"\s*(<!doctype html|<html|<\?xml|<svg)", re.IGNORECASE)
# A file inside the zip that says what the zip is.
INSIDE = (
    ("word/document.xml", ".docx"),
    ("xl/workbook.xml", ".xlsx"),
    ("xl/workbook.bin", ".xlsb"),
    ("ppt/presentation.xml", ".pptx"),
    ("content.xml", ".odt"),
)

READERS: Mapping[str, str] = MappingProxyType({".docx": "format_docx", ".txt": "format_txt"})


def read_grid(data: bytes, name: str) -> Grid:
    """Read a file into the common form. Raises the PlanErrors."""
    if not data.strip():
        raise Unreadable
    kind = kind_of(data, name)
    if kind not in READERS:
        raise WrongFormat(kind)
    read: Callable[[bytes], Grid] = import_module(f"plans.{READERS[kind]}").read
    return read(data)


def kind_of(data: bytes, name: str) -> str:
    """Say what a file is, as a suffix («.docx»). Raises Unreadable, Protected, TooLarge."""
    if data.startswith(OLE):
        if ENCRYPTED in data:
            raise Protected
        return ".doc"
    if data.startswith(ZIPS):
        return _kind_of_zip(entries_of(data))
    for signature, suffix in SIGNATURES:
        if data.startswith(signature):
            return suffix
    if HTML.match(data.removeprefix(b"\xef\xbb\xbf")):
        return ".html"
    suffix = name[name.rfind(".") :].casefold() if "." in name else ""
    if suffix in READERS and suffix != ".txt":
        raise Unreadable  # the name promises a container, and the bytes are none
    return ".txt"


def _kind_of_zip(names: frozenset[str]) -> str:
    if any(name.endswith("vbaProject.bin") for name in names):
        return ".docm"
    return next((suffix for inside, suffix in INSIDE if inside in names), ".zip")
