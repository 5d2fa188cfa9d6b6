"""Copies are the same picture, look-alikes are not: one pair after another."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from pictures.likeness import SAME, Archive, candidates, likenesses, same
from pictures.prints import PicturePrint, hashes_from, print_of, print_of_image
from tests.pictures.copies import (
    MOST_CUT,
    TURNS,
    cropped,
    jpeg,
    recompressed,
    resized,
    sent_by_telegram,
)
from tests.pictures.photos import photo
from tests.pictures.school_life import FAMILIES, blank, hall, letter, stage, stranger

SHOWING = tuple(family for family in FAMILIES if family is not blank)


def member(kind: int = 0, seed: int = 3) -> Image.Image:
    """Draw a member of a family; the family is always the same one."""
    return SHOWING[kind](np.random.default_rng(1))(np.random.default_rng(seed))


def found(copy: Image.Image, original: Image.Image) -> bool:
    """Tell whether a copy is found and known, from its file as it would come in."""
    kept = print_of_image(original)
    wanted = print_of(jpeg(copy))
    return candidates(wanted, hashes_from(kept.hashes)) == [0] and same(wanted, kept) is not None


@pytest.mark.parametrize("kind", range(len(SHOWING)))
def test_a_picture_saved_anew_is_the_same(kind: int) -> None:
    assert found(recompressed(member(kind), 40), member(kind))


@pytest.mark.parametrize("kind", range(len(SHOWING)))
def test_a_picture_made_smaller_is_the_same(kind: int) -> None:
    assert found(resized(member(kind), 0.25), member(kind))


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("kind", range(len(SHOWING)))
def test_a_picture_turned_is_the_same(kind: int, turn: Image.Transpose) -> None:
    assert found(member(kind).transpose(turn), member(kind))


@pytest.mark.parametrize(
    "cuts",
    [(MOST_CUT, 0, 0, 0), (0, MOST_CUT, 0, 0), (0, 0, MOST_CUT, 0), (0, 0, 0, MOST_CUT), (MOST_CUT,) * 4],
    ids=["left", "top", "right", "bottom", "all"],
)
def test_a_picture_cut_at_its_sides_is_the_same_whichever_came_first(
    cuts: tuple[float, float, float, float],
) -> None:
    assert found(cropped(member(), *cuts), member())
    assert found(member(), cropped(member(), *cuts))


def test_a_picture_cut_and_turned_and_made_smaller_is_the_same() -> None:
    copy = resized(cropped(member(), 0.03, 0.07, 0.1, 0).transpose(TURNS[0]), 0.5)
    assert found(recompressed(copy, 60), member())


def test_a_brighter_picture_is_the_same() -> None:
    assert found(ImageEnhance.Contrast(ImageEnhance.Brightness(member()).enhance(1.1)).enhance(0.9), member())


def test_a_photo_sent_again_by_telegram_is_the_same() -> None:
    original = photo(4000, 3000)
    once = sent_by_telegram(original)
    assert once.size == (1280, 960)
    kept = print_of(jpeg(original, 95))
    assert same(print_of(jpeg(once, 87)), kept) == pytest.approx(1, abs=0.02)
    assert found(sent_by_telegram(once.convert("RGB")), original)
    assert found(sent_by_telegram(cropped(original, 0.05, 0, 0.02, 0.1)), original)


@pytest.mark.parametrize("kind", [SHOWING.index(family) for family in (hall, stage, letter)])
def test_the_same_place_with_others_in_it_is_another_picture(kind: int) -> None:
    prints = [print_of(jpeg(member(kind, seed))) for seed in range(12)]
    alarms = [
        (one, other)
        for one in range(12)
        for other in range(one)
        if same(prints[one], prints[other]) is not None
    ]
    assert alarms == []


def test_strangers_are_not_even_candidates() -> None:
    rng = np.random.default_rng(4)
    hashes = hashes_from(b"".join(print_of_image(stranger(rng)).hashes for _ in range(200)))
    assert sum(len(candidates(print_of_image(stranger(rng)), hashes)) for _ in range(50)) < 50


def test_blank_sheets_are_the_same_only_as_files() -> None:
    scanned = blank(np.random.default_rng(1))
    one, other = (print_of(jpeg(scanned(np.random.default_rng(seed)))) for seed in (5, 6))
    assert same(one, other) is None
    assert same(one, one) == 1.0
    assert likenesses(one, [other]) == [None]
    assert Archive([(7, one)]).find(one)[0].exact


def test_flat_pictures_of_one_colour_raise_no_alarm() -> None:
    prints = [print_of_image(Image.new("RGB", (300, 200), colour)) for colour in ("white", "black", "grey")]
    assert all(same(one, other) is None for one in prints for other in prints if one is not other)


def archive_of(pictures: list[Image.Image]) -> Archive:
    return Archive((100 + place, print_of_image(picture)) for place, picture in enumerate(pictures))


def test_an_archive_gives_the_likest_first() -> None:
    pictures = [*(member(0, seed) for seed in range(8)), resized(member(0, 3), 0.5)]
    archive = archive_of(pictures)
    found = archive.find(print_of_image(member(0, 3)))
    assert [one.key for one in found] == [103, 108]
    assert [one.exact for one in found] == [True, False]
    assert 1 == found[0].score >= found[1].score >= SAME


def test_a_file_that_came_twice_is_found_twice() -> None:
    archive = archive_of([member(), stage(np.random.default_rng(9))(np.random.default_rng(9)), member()])
    assert [(one.key, one.exact) for one in archive.find(print_of_image(member()))] == [
        (100, True),
        (102, True),
    ]


def test_an_empty_archive_finds_nothing() -> None:
    wanted = print_of_image(member())
    assert archive_of([]).find(wanted) == []
    assert candidates(wanted, hashes_from(b"")) == []
    assert likenesses(wanted, []) == []


def test_a_database_needs_thumbnails_of_the_candidates_alone() -> None:
    rows: dict[int, PicturePrint] = {key: print_of_image(member(0, key)) for key in range(20)}
    hashes = hashes_from(b"".join(one.hashes for one in rows.values()))
    wanted = print_of_image(recompressed(cropped(member(0, 11), 0.05, 0.05, 0, 0), 70))
    near = candidates(wanted, hashes)
    scores = likenesses(wanted, [rows[key] for key in near])
    assert near[0] == 11
    assert [key for key, score in zip(near, scores, strict=True) if score is not None and score >= SAME] == [
        11
    ]
