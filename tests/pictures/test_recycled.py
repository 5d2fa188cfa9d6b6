"""THE SET: ten thousand pictures, copies of some of them, and new pictures that only look like them.

The thresholds of ``pictures.likeness`` were chosen on sets of other seeds (11 and 12).
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.random import Generator
from PIL import Image

from pictures.likeness import Archive
from pictures.prints import PicturePrint, print_of, print_of_image
from tests.pictures.copies import copied, jpeg
from tests.pictures.school_life import FAMILIES, Family, blank, stranger

SEED = 2027
MEMBERS = 10_000  # of the archive
OF_EACH_KIND, IN_A_FAMILY = 4, 150  # families, and pictures in each
BLANK = OF_EACH_KIND * IN_A_FAMILY  # sheets
COPIES, NEW_KIN, NEW_STRANGERS = 300, 20, 400  # NEW_KIN a family
LEAST_RECALL, MOST_FALSE = 0.95, 0.02
MOST_SECONDS = 0.05  # a look-up


@dataclass
class Evening:
    """An archive, and what came in after it: copies with the keys of their originals, and new pictures."""

    archive: Archive
    copies: list[tuple[int, str, PicturePrint]] = field(default_factory=list)
    new: list[tuple[str, PicturePrint]] = field(default_factory=list)


def evening(seed: int) -> Evening:
    rng = np.random.default_rng(seed)
    families = [(kind.__name__, kind(rng)) for kind in FAMILIES for _ in range(OF_EACH_KIND)]
    originals: dict[int, tuple[str, Image.Image]] = {}
    kept: list[tuple[int, PicturePrint]] = []
    # Nobody can tell a copy of a blank sheet from another blank sheet: it is found as the same file alone.
    wanted = set(rng.choice(MEMBERS - BLANK, COPIES, replace=False).tolist())
    for key, (kind, picture) in enumerate(pictures_of(families, rng)):
        if key in wanted:
            originals[key] = (kind, picture)
        kept.append((key, print_of_image(picture)))
    found = Evening(Archive(kept))
    for key, (kind, picture) in originals.items():
        deeds, copy = copied(picture, rng)
        found.copies.append((key, f"{kind}, {deeds}", print_of_image(copy)))
    for kind, family in families:
        found.new += [(kind, print_of(jpeg(family(rng), 80))) for _ in range(NEW_KIN)]
    found.new += [("stranger", print_of(jpeg(stranger(rng), 80))) for _ in range(NEW_STRANGERS)]
    return found


def pictures_of(families: list[tuple[str, Family]], rng: Generator) -> Iterator[tuple[str, Image.Image]]:
    """Draw the archive: strangers first, blank sheets last."""
    for _ in range(MEMBERS - IN_A_FAMILY * len(families)):
        yield "stranger", stranger(rng)
    for kind, family in sorted(families, key=lambda one: one[0] == blank.__name__):
        for _ in range(IN_A_FAMILY):
            yield kind, family(rng)


@pytest.fixture(scope="module")
def seen() -> Evening:
    return evening(SEED)


def test_copies_are_found_among_ten_thousand(seen: Evening) -> None:
    missed = [
        kind for key, kind, copy in seen.copies if key not in {one.key for one in seen.archive.find(copy)}
    ]
    recall = 1 - len(missed) / len(seen.copies)
    assert recall >= LEAST_RECALL, f"recall {recall:.1%} of {len(seen.copies)}: missed {Counter(missed)}"


def test_new_pictures_are_hardly_ever_taken_for_copies(seen: Evening) -> None:
    alarms = [kind for kind, new in seen.new if seen.archive.find(new)]
    share = len(alarms) / len(seen.new)
    assert len(seen.new) >= 1000
    assert share <= MOST_FALSE, f"false alarms {share:.1%} of {len(seen.new)}: {Counter(alarms)}"


def test_a_picture_is_looked_up_in_fifty_milliseconds(seen: Evening) -> None:
    looked_up = [new for _, new in seen.new[::20]]
    began = time.process_time()
    for one in looked_up:
        seen.archive.find(one)
    took = (time.process_time() - began) / len(looked_up)
    assert took < MOST_SECONDS, f"{took * 1000:.1f} ms a look-up"
