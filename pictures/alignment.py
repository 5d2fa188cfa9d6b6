"""Lay one thumbnail onto another: where in the larger one the smaller one lies, and how alike they are there.

Everything works on many pairs at once: ``wholes`` and ``parts`` are N x S x S, ``windows`` N x 4 (top,
bottom, left, right, as shares of the whole).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pictures.prints import Pixels

Windows = NDArray[np.float32]
Scores = NDArray[np.float32]

STEP = 0.04  # of the picture, the most a window's edge moves at once
OUTSIDE = 0.02  # how far an edge may lie outside of the whole
DEEPEST = 0.25  # how far inside
GAIN = (0.5, 2.0)  # how much darker or brighter a copy may be
STIFFNESS = 1e-3
NOISE = 6.0  # greys; differences as small as this are JPEG's
PATCH = 8  # px
WORST = 0.06  # the share of the patches that decides
DETAIL = 6.0  # greys; a patch that varies less shows nothing
LEAST_DETAILED = 0.01  # the share of patches with detail without which nothing can be told


def softened(pixels: Pixels) -> Pixels:
    """Blur a little: what is as fine as one pixel does not survive a copy."""
    wide = np.pad(pixels, ((0, 0), (1, 1), (1, 1)), mode="edge")
    tall = wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]
    return _floats((tall[:, :, :-2] + 2 * tall[:, :, 1:-1] + tall[:, :, 2:]) / 16)


def halved(pixels: Pixels) -> Pixels:
    """Give pictures of half the side."""
    rows = pixels[:, ::2] + pixels[:, 1::2]
    return _floats((rows[:, :, ::2] + rows[:, :, 1::2]) / 4)


def seen_through(wholes: Pixels, windows: Windows) -> Pixels:
    """Give what is seen of each whole through its window, in the size of the whole."""
    side = wholes.shape[-1]
    down, across = (_rulers(windows[:, edge], windows[:, edge + 1], side) for edge in (0, 2))
    return _floats(down @ wholes @ across.transpose(0, 2, 1))


def _rulers(begins: Scores, ends: Scores, side: int) -> Pixels:
    """Give the weights of linear interpolation along an axis, N x side x side."""
    places = np.arange(side, dtype=np.float32)
    wanted = (begins[:, None] + (ends - begins)[:, None] * (places + 0.5) / side) * side - 0.5
    return _floats(np.maximum(0, 1 - np.abs(np.clip(wanted, 0, side - 1)[:, :, None] - places)))


def fitted(wholes: Pixels, parts: Pixels, windows: Windows, steps: int) -> Windows:
    """Move the edges of each window to where the part fits best, by Gauss and Newton."""
    for _ in range(steps):
        windows = _kept_near(windows + _move(seen_through(wholes, windows), parts, windows))
    return windows


def _move(seen: Pixels, parts: Pixels, windows: Windows) -> Windows:
    """Give how far each edge should go, from what still differs and how it would change."""
    side = seen.shape[-1]
    share = (np.arange(side, dtype=np.float32) + 0.5) / side
    gain = _gain(seen, parts)
    down = _slope(seen, 1) * (gain * side / (windows[:, 1] - windows[:, 0])[:, None, None])
    across = _slope(seen, 2) * (gain * side / (windows[:, 3] - windows[:, 2])[:, None, None])
    by_edge = np.stack(
        (down * (1 - share)[:, None], down * share[:, None], across * (1 - share), across * share), axis=1
    )
    changes = _centred(by_edge).reshape(len(seen), 4, side * side)
    differs = (_centred(parts) - gain * _centred(seen)).reshape(len(seen), side * side, 1)
    curvature = changes @ changes.transpose(0, 2, 1)
    stiff = STIFFNESS * np.trace(curvature, axis1=1, axis2=2) / 4 + 1
    curvature += stiff[:, None, None] * np.eye(4, dtype=np.float32)
    moves: Windows = np.linalg.solve(curvature, changes @ differs)[..., 0]
    return np.clip(moves, -STEP, STEP)


def _slope(pixels: Pixels, axis: int) -> Pixels:
    """Give how fast greys change along an axis, a pixel; nothing at the two borders."""
    slope = np.zeros_like(pixels)
    if axis == 1:
        slope[:, 1:-1] = (pixels[:, 2:] - pixels[:, :-2]) / 2
    else:
        slope[:, :, 1:-1] = (pixels[:, :, 2:] - pixels[:, :, :-2]) / 2
    return slope


def _kept_near(windows: Windows) -> Windows:
    begins = np.clip(windows[:, ::2], -OUTSIDE, DEEPEST)
    ends = np.clip(windows[:, 1::2], 1 - DEEPEST, 1 + OUTSIDE)
    return np.stack((begins[:, 0], ends[:, 0], begins[:, 1], ends[:, 1]), axis=1)


def _centred(pixels: Pixels) -> Pixels:
    return _floats(pixels - pixels.mean(axis=(-2, -1), keepdims=True))


def _gain(seen: Pixels, parts: Pixels) -> Pixels:
    """Give how much brighter or darker each part is, N x 1 x 1."""
    dark, bright = GAIN
    own, other = _centred(seen), _centred(parts)
    gain = (own * other).sum(axis=(1, 2)) / ((own * own).sum(axis=(1, 2)) + 1e-3)
    return _floats(np.clip(gain, dark, bright)[:, None, None])


def correlation(seen: Pixels, parts: Pixels) -> Scores:
    """Give how well greys go together as a whole, -1 to 1."""
    own, other = _centred(seen), _centred(parts)
    both = (own * other).sum(axis=(1, 2))
    each = (own * own).sum(axis=(1, 2)) * (other * other).sum(axis=(1, 2))
    return _floats(both / np.sqrt(each + 1e-3))


def worst_patches(seen: Pixels, parts: Pixels) -> Scores:
    """Give the likeness of the patches that are least alike, at most 1; NaN where too little shows.

    The mean would forgive another person in the same hall. Of a nearly blank sheet only what is written
    counts: at most half of the patches with detail decide.
    """
    own, other = _centred(seen) * _gain(seen, parts), _centred(parts)
    own_varies, other_varies, together = _variances(own, other)
    alike = (2 * together + NOISE**2) / (own_varies + other_varies + NOISE**2)
    ordered = np.sort(alike.reshape(len(alike), -1), axis=1)
    most = ordered.shape[1]
    detailed = (np.maximum(own_varies, other_varies) > DETAIL**2).reshape(len(alike), -1).sum(axis=1)
    deciding = np.maximum(1, np.minimum(int(WORST * most), detailed // 2))
    sums = np.cumsum(ordered, axis=1)[np.arange(len(alike)), deciding - 1]
    return np.where(detailed < LEAST_DETAILED * most, np.nan, sums / deciding).astype(np.float32)


def _variances(own: Pixels, other: Pixels) -> Pixels:
    """Give how each of two varies in every patch, and how both do together."""
    means = _patch_means(np.stack((own, other, own * own, other * other, own * other)))
    return _floats(means[2:] - np.stack((means[0] * means[0], means[1] * means[1], means[0] * means[1])))


def _patch_means(pixels: Pixels) -> Pixels:
    """Give the means of all patches of PATCH x PATCH px, every place of them."""
    sums = np.cumsum(np.pad(pixels, ((0, 0), (0, 0), (1, 0), (0, 0))), axis=2, dtype=np.float64)
    rows = sums[:, :, PATCH:] - sums[:, :, :-PATCH]
    sums = np.cumsum(np.pad(rows, ((0, 0), (0, 0), (0, 0), (1, 0))), axis=3)
    return ((sums[..., PATCH:] - sums[..., :-PATCH]) / PATCH**2).astype(np.float32)


def _floats(numbers: NDArray[Any]) -> Pixels:
    """Stay with numbers of four bytes."""
    return numbers.astype(np.float32, copy=False)
