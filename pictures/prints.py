"""The print of a picture: what is kept of it to know its copies by.

A print is a grey thumbnail, squeezed into a square, and hashes of the whole picture and of 24 windows of
it, made of the thumbnail's lowest frequencies. A copy that is cropped looks like one of the windows; a copy
that is turned gives other hashes, so whoever looks it up turns its thumbnail (``hashes_of_turns``).
"""

import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pictures.paper import on_white

Pixels = NDArray[np.float32]  # … x SIDE x SIDE, 0 to 255
Hashes = NDArray[np.uint64]  # … x WINDOWS, 64 bits each

SIDE = 64  # px
DRAFT = 4 * SIDE  # px, what JPEG is decoded to at least
# What is left of one axis after a crop, as shares: all of it, less at both ends, less at one end.
SPANS = ((0.0, 1.0), (0.05, 0.95), (0.1, 0.9), (0.0, 0.92), (0.08, 1.0))
WINDOWS = tuple((*rows, *columns) for rows in SPANS for columns in SPANS)  # top, bottom, left, right
WHOLE = 0  # the window that is the picture
BITS = 64
FREQUENCIES = 11  # an axis; enough for BITS pairs of the lowest sum
TURNS = 4
DIGEST = 16  # bytes


@dataclass(frozen=True)
class PicturePrint:
    """What is kept of a picture: ``width`` and ``height`` in px, the rest as bytes.

    ``digest`` (16 bytes) is the same for the same file only, ``hashes`` (200) find what may be a copy,
    ``thumbnail`` (4096, SIDE x SIDE greys) tells whether it is one.
    """

    width: int
    height: int
    digest: bytes
    hashes: bytes
    thumbnail: bytes


def print_of(data: bytes) -> PicturePrint:
    """Take the print of a clean picture (``pictures.cleaning.clean``), 20 ms for 12 megapixels."""
    image = Image.open(BytesIO(data))
    size = image.size
    image.draft("L", (DRAFT, DRAFT))
    return _print(image, size, data)


def print_of_image(image: Image.Image) -> PicturePrint:
    """Take the print of a picture that is decoded already; its digest is that of its pixels."""
    return _print(image, image.size, image.tobytes())


def _print(image: Image.Image, size: tuple[int, int], content: bytes) -> PicturePrint:
    small = on_white(image).convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    thumbnail = small.tobytes()
    return PicturePrint(
        *size,
        digest=hashlib.blake2b(content, digest_size=DIGEST).digest(),
        hashes=hashes_of(pixels_of(thumbnail)).tobytes(),
        thumbnail=thumbnail,
    )


def pixels_of(thumbnail: bytes) -> Pixels:
    """Give a print's thumbnail as SIDE x SIDE numbers."""
    return np.frombuffer(thumbnail, np.uint8).reshape(SIDE, SIDE).astype(np.float32)


def turned(pixels: Pixels) -> Pixels:
    """Give a thumbnail in its four turns by 90°, 4 x SIDE x SIDE."""
    return np.stack([np.rot90(pixels, turn) for turn in range(TURNS)])


def hashes_of(pixels: Pixels) -> Hashes:
    """Hash every window of thumbnails (… x SIDE x SIDE): the signs of its lowest frequencies."""
    waves = WAVES @ pixels @ WAVES.T
    shape = (*pixels.shape[:-2], len(SPANS), FREQUENCIES, len(SPANS), FREQUENCIES)
    by_window = np.swapaxes(waves.reshape(shape), -3, -2).reshape(
        *pixels.shape[:-2], len(WINDOWS), FREQUENCIES, FREQUENCIES
    )
    signs = by_window[..., LOWEST[0], LOWEST[1]] > 0
    packed: Hashes = np.ascontiguousarray(np.packbits(signs, axis=-1)).view(np.uint64)[..., 0]
    return packed


def hashes_from(stored: bytes) -> Hashes:
    """Give the hashes of one print, or of many one after another, as N x WINDOWS.

    The hashes of one window lie side by side in memory: so ten thousand are compared at once.
    """
    return np.asfortranarray(np.frombuffer(stored, np.uint64).reshape(-1, len(WINDOWS)))


def print_to_json(print_: PicturePrint) -> dict[str, Any]:
    """Write a print in JSON: two numbers and three strings of base64, 6 KB."""
    return {
        "width": print_.width,
        "height": print_.height,
        "digest": b64encode(print_.digest).decode(),
        "hashes": b64encode(print_.hashes).decode(),
        "thumbnail": b64encode(print_.thumbnail).decode(),
    }


def print_from_json(written: dict[str, Any]) -> PicturePrint:
    """Read what ``print_to_json`` has written."""
    return PicturePrint(
        width=written["width"],
        height=written["height"],
        digest=b64decode(written["digest"]),
        hashes=b64decode(written["hashes"]),
        thumbnail=b64decode(written["thumbnail"]),
    )


def _waves() -> Pixels:
    """Give the cosines of every span of an axis, one a row, averaged over each pixel's share of the span."""
    edges = np.arange(SIDE + 1) / SIDE
    rows = []
    for begin, end in SPANS:
        within = np.clip(edges, begin, end)
        middles = ((within[:-1] + within[1:]) / 2 - begin) / (end - begin)
        rows += [np.diff(within) * np.cos(np.pi * frequency * middles) for frequency in range(FREQUENCIES)]
    return np.array(rows, np.float32)


def _lowest() -> NDArray[np.intp]:
    """Give the frequencies of the bits of a hash, 2 x BITS: the lowest but for the mean grey."""
    pairs = [(down, across) for down in range(FREQUENCIES) for across in range(FREQUENCIES) if down + across]
    return np.array(sorted(pairs, key=lambda pair: (sum(pair), pair))[:BITS]).T


WAVES = _waves()
LOWEST = _lowest()
