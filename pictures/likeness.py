"""Find a picture's copies among many: candidates by hashes, then each candidate held against the picture.

A hash of 64 bits cannot tell a cropped copy from another picture of the same hall, so it decides nothing.
From a database: load ``hashes`` of all pictures (200 bytes each), ask ``candidates``, load the thumbnails of
those alone, ask ``likenesses``.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pictures.alignment import (
    Windows,
    correlation,
    fitted,
    halved,
    seen_through,
    softened,
    worst_patches,
)
from pictures.prints import (
    BITS,
    TURNS,
    WHOLE,
    WINDOWS,
    Hashes,
    PicturePrint,
    Pixels,
    hashes_from,
    hashes_of,
    pixels_of,
    turned,
)

SAME = 0.85  # of 1, the likeness from which on a picture is a copy
FAREST = 12  # bits of 64 in which a copy's hash may differ
MOST_CANDIDATES = 64
CLOSEST = 8  # candidates that are looked at in full size
STRETCHED = 0.08  # of a side, how far a copy's proportions may be from those of a window
COARSE_STEPS = 3
FINE_STEPS = 2


@dataclass(frozen=True)
class Match:
    """A picture of the archive that is the same one; ``exact`` if the same file, ``score`` from SAME to 1."""

    key: int
    exact: bool
    score: float


class Archive:
    """Pictures with their prints, all in memory."""

    def __init__(self, kept: Iterable[tuple[int, PicturePrint]]) -> None:
        self._kept = list(kept)
        self._hashes = hashes_from(b"".join(one.hashes for _, one in self._kept))
        self._by_digest = defaultdict[bytes, list[int]](list)
        for key, one in self._kept:
            self._by_digest[one.digest].append(key)

    def find(self, wanted: PicturePrint) -> list[Match]:
        """Give the copies of a picture and what it may be a copy of, the likest first."""
        exact = [Match(key, exact=True, score=1.0) for key in self._by_digest.get(wanted.digest, ())]
        near = [self._kept[row] for row in candidates(wanted, self._hashes)]
        scores = likenesses(wanted, [one for _, one in near])
        alike = [
            Match(key, exact=False, score=score)
            for (key, one), score in zip(near, scores, strict=True)
            if score is not None and score >= SAME and one.digest != wanted.digest
        ]
        return exact + sorted(alike, key=lambda match: -match.score)


class Start(NamedTuple):
    """How each of N pairs may lie on one another before it is looked at.

    ``turns`` are of the wanted picture; ``windows`` are places in WINDOWS, of the wanted picture where
    ``outer``, else of the other.
    """

    turns: NDArray[np.intp]
    windows: NDArray[np.intp]
    outer: NDArray[np.bool_]


def candidates(wanted: PicturePrint, hashes: Hashes) -> list[int]:
    """Give the rows of ``hashes`` (N x WINDOWS) that may be the same picture, the nearest first."""
    distances = np.full(len(hashes), BITS, np.uint8)
    for own in hashes_of(turned(pixels_of(wanted.thumbnail))):
        np.minimum(distances, np.bitwise_count(hashes ^ own[WHOLE]).min(axis=1), out=distances)
        np.minimum(distances, np.bitwise_count(own[:, None] ^ hashes[:, WHOLE]).min(axis=0), out=distances)
    near = np.flatnonzero(distances <= FAREST)
    ordered: list[int] = near[np.argsort(distances[near], kind="stable")][:MOST_CANDIDATES].tolist()
    return ordered


def same(first: PicturePrint, second: PicturePrint) -> float | None:
    """Give how alike two pictures are if they are the same one, else None."""
    if first.digest == second.digest:
        return 1.0
    (score,) = likenesses(first, [second])
    return score if score is not None and score >= SAME else None


def likenesses(wanted: PicturePrint, others: Sequence[PicturePrint]) -> list[float | None]:
    """Give how alike a picture and each of the others are, at most 1.

    None for those that are further than the CLOSEST ones, and where two pictures show too little to tell.
    """
    scores: list[float | None] = [None] * len(others)
    if not others:
        return scores
    turns = turned(pixels_of(wanted.thumbnail))
    start = _start(wanted, turns, others)
    thumbnails = np.stack([pixels_of(one.thumbnail) for one in others])
    outer = start.outer[:, None, None]
    wholes = np.where(outer, turns[start.turns], thumbnails)
    parts = np.where(outer, thumbnails, turns[start.turns])
    windows = np.array(WINDOWS, np.float32)[start.windows]
    windows, closest = _closest(wholes, parts, windows)
    wholes, parts = softened(wholes[closest]), softened(parts[closest])
    windows = fitted(wholes, parts, windows[closest], FINE_STEPS)
    found = worst_patches(seen_through(wholes, windows), parts)
    for row, score in zip(closest.tolist(), found.tolist(), strict=True):
        scores[row] = None if np.isnan(score) else score
    return scores


def _closest(wholes: Pixels, parts: Pixels, windows: Windows) -> tuple[Windows, NDArray[np.intp]]:
    """Fit every part in half size, and give the windows with the places of the likest ones."""
    wholes, parts = softened(halved(wholes)), softened(halved(parts))
    windows = fitted(wholes, parts, windows, COARSE_STEPS)
    alike = correlation(seen_through(wholes, windows), parts)
    return windows, np.argsort(-alike, kind="stable")[:CLOSEST]


def _start(wanted: PicturePrint, turns: Pixels, others: Sequence[PicturePrint]) -> Start:
    """Find for each pair the turn and the window of the right proportions in which they come nearest."""
    own, hashes = hashes_of(turns), hashes_from(b"".join(one.hashes for one in others))
    inner = own[None, :, None, WHOLE] ^ hashes[:, None, :]  # N x TURNS x WINDOWS
    outer = own[None] ^ hashes[:, None, None, WHOLE]
    distances = np.bitwise_count(np.stack((inner, outer), axis=1)) + BITS * _stretched(wanted, others)
    best = distances.reshape(len(hashes), -1).argmin(axis=1)
    role, turn, window = np.unravel_index(best, (2, TURNS, len(WINDOWS)))
    return Start(turn, window, role == 1)


def _stretched(wanted: PicturePrint, others: Sequence[PicturePrint]) -> NDArray[np.bool_]:
    """Tell where a picture would have to be stretched to fill a window, N x 2 roles x TURNS x WINDOWS."""
    own = np.log(wanted.width / wanted.height) * np.array((1, -1) * (TURNS // 2))[:, None]
    other = np.log([one.width / one.height for one in others])[:, None, None]
    windows = np.array([np.log((right - left) / (bottom - top)) for top, bottom, left, right in WINDOWS])
    inner, outer = other + windows - own, own + windows - other
    stretched: NDArray[np.bool_] = np.abs(np.stack((inner, outer), axis=1)) > STRETCHED
    return stretched
