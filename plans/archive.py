"""Zip containers: what is inside is looked at before anything is unpacked."""

import io
import zipfile

from plans.plan import Protected, TooLarge, Unreadable

MOST_ENTRIES = 2000
MOST_BYTES = 50 * 1024 * 1024
MOST_RATIO = 100
SMALL = 1024 * 1024  # bytes; below this a high ratio is harmless
ENCRYPTED = 0x1  # the flag of an entry that asks for a password


def entries_of(data: bytes) -> frozenset[str]:
    """List the names in a zip by its table of contents. Raises Unreadable, TooLarge, Protected."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, EOFError):
        raise Unreadable from None
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_BYTES:
        raise TooLarge
    if unpacked > SMALL and unpacked > MOST_RATIO * len(data):
        raise TooLarge
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise Protected
    return frozenset(entry.filename for entry in entries)
