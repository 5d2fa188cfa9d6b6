"""OLE containers made hostile."""

import struct

FIRST_TABLE = 76  # place in the header of the first sector with the table of chains
SECTOR = 512


def biting(data: bytes) -> bytes:
    """Let every sector of a container be followed by the one before it."""
    made = bytearray(data)
    (table,) = struct.unpack_from("<I", made, FIRST_TABLE)
    at = (table + 1) * SECTOR
    for number in range(SECTOR // 4):
        struct.pack_into("<I", made, at + 4 * number, max(0, number - 1))
    return bytes(made)


def in_header(data: bytes, place: int, *values: int) -> bytes:
    """Change the header of a container."""
    made = bytearray(data)
    struct.pack_into(f"<{len(values)}I", made, place, *values)
    return bytes(made)
