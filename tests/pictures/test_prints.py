"""The print of a picture, and the row it becomes."""

import json

import numpy as np
import pytest
from PIL import Image

from pictures.prints import (
    SIDE,
    TURNS,
    WINDOWS,
    hashes_from,
    hashes_of,
    pixels_of,
    print_from_json,
    print_of,
    print_of_image,
    print_to_json,
    turned,
)
from tests.pictures.copies import cropped, jpeg
from tests.pictures.photos import photo, saved


def bits_apart(one: bytes, other: bytes) -> int:
    """Give in how many bits the hashes of two whole pictures differ."""
    apart = np.bitwise_count(hashes_from(one) ^ hashes_from(other))
    return int(apart[0, 0])


def test_a_print_survives_its_way_through_json() -> None:
    taken = print_of(jpeg(photo()))
    assert print_from_json(json.loads(json.dumps(print_to_json(taken)))) == taken


def test_a_print_is_small() -> None:
    taken = print_of(jpeg(photo(2000, 1500)))
    assert (taken.width, taken.height) == (2000, 1500)
    assert (len(taken.digest), len(taken.hashes), len(taken.thumbnail)) == (16, 8 * len(WINDOWS), SIDE * SIDE)
    assert len(taken.digest) + len(taken.hashes) + len(taken.thumbnail) < 5000


def test_only_the_same_file_has_the_same_digest() -> None:
    assert print_of(jpeg(photo())).digest == print_of(jpeg(photo())).digest
    assert print_of(jpeg(photo())).digest != print_of(jpeg(photo(), 86)).digest
    assert print_of_image(photo()).digest == print_of_image(photo()).digest


def test_a_photo_that_is_decoded_in_part_gives_the_print_of_the_whole() -> None:
    whole, file = photo(4000, 3000), jpeg(photo(4000, 3000), 95)
    taken, other = print_of(file), print_of_image(whole)
    apart = np.abs(pixels_of(taken.thumbnail) - pixels_of(other.thumbnail))
    assert apart.max() <= 3
    assert bits_apart(taken.hashes, other.hashes) <= 1


def test_a_print_is_of_the_picture_on_white_paper() -> None:
    hidden = Image.new("RGBA", (40, 30), (0, 0, 0, 0))
    assert pixels_of(print_of(saved(hidden, "PNG")).thumbnail).min() == 255
    palette = Image.new("P", (40, 30), 0)
    palette.putpalette([0, 0, 0, 9, 9, 9])
    assert pixels_of(print_of(saved(palette, "PNG", transparency=0)).thumbnail).min() == 255


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_pictures_of_every_mode_have_prints(mode: str) -> None:
    grey = photo().convert("L")
    taken = print_of(saved(grey.convert(mode), "PNG"))
    assert bits_apart(taken.hashes, print_of_image(grey).hashes) <= 6


def test_hashes_are_made_of_the_thumbnail_alone() -> None:
    taken = print_of_image(photo())
    assert hashes_of(pixels_of(taken.thumbnail)).tobytes() == taken.hashes


def test_hashes_of_many_prints_are_one_table() -> None:
    prints = [print_of_image(photo(seed=seed)) for seed in range(5)]
    table = hashes_from(b"".join(one.hashes for one in prints))
    assert table.shape == (5, len(WINDOWS))
    assert table[3].tobytes() == prints[3].hashes
    assert hashes_from(b"").shape == (0, len(WINDOWS))


def test_a_window_is_hashed_like_a_picture_cut_to_it() -> None:
    picture = photo(400, 400)
    table = hashes_from(print_of_image(picture).hashes)[0]
    for place, (top, bottom, left, right) in enumerate(WINDOWS):
        left_over = cropped(picture, left, top, 1 - right, 1 - bottom)
        alone = hashes_from(print_of_image(left_over).hashes)[0, 0]
        assert int(np.bitwise_count(table[place] ^ alone)) <= 3, WINDOWS[place]


def test_a_thumbnail_is_turned_as_pillow_turns_a_picture() -> None:
    picture = photo(200, 200)
    for turn, pixels in enumerate(turned(pixels_of(print_of_image(picture).thumbnail))):
        other = pixels_of(print_of_image(picture.rotate(90 * turn)).thumbnail)
        assert np.abs(pixels - other).max() <= 1
    assert turn == TURNS - 1
