"""Which reader a file gets: by what it holds, then by its name."""

from plans.format_docx import read_docx
from plans.format_txt import read_txt
from plans.grid import Grid
from plans.plan import Protected, Unreadable, WrongFormat

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
SIGNATURES = (
    (b"%PDF", ".pdf"),
    (b"{\\rtf", ".rtf"),
    (b"\x89PNG", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"Rar!", ".rar"),
    (b"7z\xbc\xaf", ".7z"),
    (b"MZ", ".exe"),
)


def read_grid(data: bytes, name: str) -> Grid:
    """Read a file into the common form. Raises the PlanErrors."""
    if not data.strip():
        raise Unreadable
    if data.startswith(OLE):
        raise Protected if ENCRYPTED in data else WrongFormat(".doc")
    if data.startswith((ZIP, EMPTY_ZIP)):
        return read_docx(data)
    for signature, suffix in SIGNATURES:
        if data.startswith(signature):
            raise WrongFormat(suffix)
    suffix = name[name.rfind(".") :].casefold() if "." in name else ""
    if suffix in {".docx", ".docm"}:
        raise Unreadable
    return read_txt(data)
