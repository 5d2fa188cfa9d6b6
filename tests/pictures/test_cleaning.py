"""What a clean picture is, whatever came in."""

import random
import struct
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFile

from pictures.cleaning import (
    LONGEST_SIDE,
    MOST_BYTES,
    Broken,
    Clean,
    NotAPicture,
    PictureError,
    TooManyPixels,
    clean,
)
from tests.pictures.photos import (
    FORMATS,
    GPS,
    MARK,
    NOTED,
    corners,
    crossed_profile,
    gif_bomb,
    notes,
    photo,
    png_bomb,
    saved,
    webp_bomb,
    with_notes,
)

ROOT = Path(__file__).parents[2]
PNG_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
APP0, APP1, APP15, COMMENT = 0xE0, 0xE1, 0xEF, 0xFE
START_OF_SCAN = 0xDA


def opened(picture: Clean) -> Image.Image:
    return Image.open(BytesIO(picture.data))


def segments(data: bytes) -> list[int]:
    """List the markers of a JPEG up to its pixels."""
    found, place = [], 2
    while data[place + 1] != START_OF_SCAN:
        found.append(data[place + 1])
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return found


def chunks(data: bytes) -> list[bytes]:
    found, place = [], 8
    while place < len(data):
        found.append(data[place + 4 : place + 8])
        place += 12 + struct.unpack(">I", data[place : place + 4])[0]
    return found


def difference(one: Image.Image, other: Image.Image) -> float:
    """Give by how much two pictures differ on average, in greys."""
    return float(
        np.abs(np.asarray(one.convert("RGB"), float) - np.asarray(other.convert("RGB"), float)).mean()
    )


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_is_read_and_gives_the_same_picture(kind: str) -> None:
    found = clean(saved(photo(), kind))
    assert (found.width, found.height) == opened(found).size == (320, 240)
    assert difference(opened(found), photo()) < (12 if kind == "GIF" else 4)
    assert found.media_type == ("image/png" if kind == "GIF" else "image/jpeg")


@pytest.mark.parametrize("kind", NOTED)
def test_where_a_picture_was_taken_is_told_by_no_format(kind: str) -> None:
    data = with_notes(photo(), kind)
    assert MARK.encode() in data
    found = clean(data)
    assert MARK.encode() not in found.data
    assert not opened(found).getexif()
    assert not opened(found).getexif().get_ifd(GPS)
    assert set(opened(found).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("kind", NOTED)
def test_a_clean_jpeg_has_no_segment_for_notes(kind: str) -> None:
    markers = segments(clean(with_notes(photo(), kind)).data)
    assert APP0 in markers
    assert not [one for one in markers if APP1 <= one <= APP15 or one == COMMENT]


@pytest.mark.parametrize("mode", ["RGBA", "P", "1"])
def test_a_clean_png_has_nothing_but_pixels(mode: str) -> None:
    picture = photo().convert(mode)
    if mode == "RGBA":
        picture.putalpha(100)
    found = clean(with_notes(picture, "PNG"))
    assert found.media_type == "image/png"
    assert set(chunks(found.data)) <= PNG_CHUNKS


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", NOTED)
def test_a_picture_is_turned_as_its_note_says(kind: str, orientation: int) -> None:
    found = opened(clean(with_notes(corners(), kind, orientation))).convert("L")
    turned = orientation >= 5
    assert found.size == ((48, 64) if turned else (64, 48))
    # Where the first row and the first column of the stored pixels belong, by the book of EXIF.
    white = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}
    grey = {1: (1, 0), 2: (0, 0), 3: (0, 1), 4: (1, 1), 5: (0, 1), 6: (1, 1), 7: (1, 0), 8: (0, 0)}
    width, height = found.size
    seen = {
        (right, low): found.getpixel((width // 4 + right * width // 2, height // 4 + low * height // 2))
        for right in (0, 1)
        for low in (0, 1)
    }
    assert max(seen, key=lambda place: float(str(seen[place]))) == white[orientation]
    assert 100 < float(str(seen[grey[orientation]])) < 160


def test_a_note_that_makes_no_sense_turns_nothing() -> None:
    data = saved(photo(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01\x03\0\x01")
    assert clean(data).width == 320
    assert clean(saved(photo(), "JPEG", exif=notes(77))).width == 320


@pytest.mark.parametrize("kind", FORMATS)
def test_a_second_file_behind_the_end_is_gone(kind: str) -> None:
    tail = BytesIO()
    with zipfile.ZipFile(tail, "w") as archive:
        archive.writestr("word/document.xml", MARK)
    data = saved(photo(), kind) + tail.getvalue()
    assert zipfile.is_zipfile(BytesIO(data))
    found = clean(data)
    assert not zipfile.is_zipfile(BytesIO(found.data))
    assert b"word/document.xml" not in found.data


@pytest.mark.parametrize(
    "data",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'<?xml version="1.0"?><svg/>',
        b"<!DOCTYPE html><html><body>photo.jpg</body></html>",
        b"%PDF-1.7\n1 0 obj",
        b"PK\x03\x04 a document",
        b"\0\0\0\x18ftypmp42\0\0\0\0",
        b"plain words",
        b"",
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPicture):
        clean(data)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
@pytest.mark.parametrize("kind", FORMATS)
def test_half_a_picture_is_broken(kind: str, share: float) -> None:
    data = saved(photo(), kind)
    if kind == "MPO":
        data = data[: len(data) // 2]  # the first of its two pictures
    with pytest.raises(Broken):
        clean(data[: int(len(data) * share)])


def test_half_a_progressive_jpeg_is_broken() -> None:
    data = saved(photo(), "JPEG", progressive=True)
    with pytest.raises(Broken):
        clean(data[: len(data) * 2 // 3])


@pytest.mark.parametrize("kind", FORMATS)
def test_whatever_bytes_are_wrong_the_answer_is_a_picture_or_a_refusal(kind: str) -> None:
    chance, whole = (
        random.Random(8),
        with_notes(photo(64, 48), kind) if kind in NOTED else saved(photo(), kind),
    )
    answers = []
    for _ in range(40):
        data = bytearray(whole)
        for _ in range(4):
            data[chance.randrange(4, min(len(data), 600))] = chance.randrange(256)
        try:
            answers.append(clean(bytes(data)).media_type)
        except PictureError as refused:
            answers.append(type(refused).__name__)
    assert set(answers) <= {"image/jpeg", "image/png", "Broken", "TooManyPixels", "NotAPicture"}


@pytest.mark.parametrize(
    ("bomb", "size"),
    [(png_bomb(), (13_000, 13_000)), (webp_bomb(), (16_383, 16_383)), (gif_bomb(), (65_535, 65_535))],
    ids=["png", "webp", "gif"],
)
def test_a_bomb_is_refused_by_its_header(
    bomb: bytes, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def decoded(_image: ImageFile.ImageFile) -> Any:
        raise AssertionError("decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", decoded)
    with pytest.raises(TooManyPixels) as refused:
        clean(bomb)
    assert (refused.value.width, refused.value.height) == size
    assert refused.value.most < size[0] * size[1]
    assert Image.MAX_IMAGE_PIXELS is not None  # of others in this process


MEASURED = """
import resource, sys, time
from pictures.cleaning import PictureError, clean
data = sys.stdin.buffer.read()
before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
try:
    clean(data)
except PictureError as refused:
    took = time.process_time() - began
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, took, type(refused).__name__)
"""


def test_a_bomb_takes_neither_memory_nor_time() -> None:
    bomb = png_bomb()
    assert len(bomb) < 25_000  # bytes
    done = subprocess.run(
        [sys.executable, "-c", MEASURED], input=bomb, capture_output=True, check=True, cwd=ROOT
    )
    kilobytes, seconds, kind = done.stdout.decode().split()
    assert kind == "TooManyPixels"
    assert int(kilobytes) < 10_000, f"{kilobytes} KB"
    assert float(seconds) < 0.5, f"{seconds} s"


def test_of_many_frames_the_first_is_taken() -> None:
    frames = [Image.new("P", (40, 30), shade) for shade in range(200)]
    for frame in frames:
        frame.putpalette([value for grey in range(256) for value in (grey, grey, grey)])
    for kind, how in (("GIF", {"disposal": 2}), ("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {})):
        shades = [frame.convert("RGB") for frame in frames[7:]] if kind == "WEBP" else frames[7:]
        data = saved(shades[0], kind, save_all=True, append_images=shades[1:], **how)
        found = opened(clean(data))
        assert getattr(found, "n_frames", 1) == 1
        assert found.convert("L").getpixel((5, 5)) == pytest.approx(7, abs=2), kind


def test_a_telephones_photo_keeps_its_size_and_detail() -> None:
    found = clean(saved(photo(4032, 3024), "JPEG", quality=95))
    assert (found.width, found.height) == (4032, 3024)
    assert difference(opened(found), photo(4032, 3024)) < 3


def test_a_larger_picture_is_made_smaller_before_it_is_turned() -> None:
    found = clean(saved(photo(5000, 2500), "JPEG", exif=notes(6)))
    assert (found.width, found.height) == (LONGEST_SIDE // 2, LONGEST_SIDE)


@pytest.mark.parametrize("mode", ["1", "P", "L", "LA", "RGBA", "I;16", "CMYK"])
def test_a_larger_picture_of_any_mode_is_made_smaller(mode: str) -> None:
    grey = Image.linear_gradient("L").resize((4600, 300))
    picture = grey.convert("I;16").point(lambda shade: shade * 257) if mode == "I;16" else grey.convert(mode)
    found = clean(saved(picture, "TIFF" if mode in {"CMYK", "I;16"} else "PNG"))
    assert (found.width, found.height) == (LONGEST_SIDE, 267)
    assert difference(opened(found), grey.resize((LONGEST_SIDE, 267))) < (130 if mode == "1" else 6)


def test_what_shows_through_stays_png() -> None:
    picture = photo().convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    for kind in ("PNG", "WEBP", "TIFF", "HEIF"):
        found = clean(saved(picture, kind))
        assert (found.media_type, opened(found).mode) == ("image/png", "RGBA"), kind
    assert opened(clean(saved(picture.convert("LA"), "PNG"))).mode == "RGBA"


def test_transparency_that_hides_nothing_is_no_reason_for_png() -> None:
    assert clean(saved(photo().convert("RGBA"), "PNG")).media_type == "image/jpeg"


def test_few_colours_stay_as_they_are() -> None:
    drawing = corners().quantize(4)
    found = clean(saved(drawing, "PNG"))
    assert found.media_type == "image/png"
    assert difference(opened(found), drawing) == 0
    hidden = clean(saved(drawing, "PNG", transparency=0))
    assert opened(hidden).convert("RGBA").getchannel("A").getextrema() == (0, 255)


def test_deep_greys_are_spread() -> None:
    deep = Image.linear_gradient("L").convert("I;16").point(lambda shade: shade * 257)
    for kind in ("PNG", "TIFF"):
        assert difference(opened(clean(saved(deep, kind))), Image.linear_gradient("L")) < 2, kind
    floats = Image.linear_gradient("L").convert("F").point(lambda shade: shade * 0.01 - 1)
    assert difference(opened(clean(saved(floats, "TIFF"))), Image.linear_gradient("L")) < 2


@pytest.mark.parametrize(("mode", "kind"), [("RGB", "JPEG"), ("RGB", "PNG"), ("RGBA", "PNG")])
def test_colours_come_into_srgb_and_the_profile_goes(mode: str, kind: str) -> None:
    red = Image.new("RGB", (40, 30), (230, 20, 20)).convert(mode)
    if mode == "RGBA":
        red.putalpha(128)
    found = opened(clean(saved(red, kind, icc_profile=crossed_profile())))
    assert "icc_profile" not in found.info
    assert difference(found, Image.new("RGB", (40, 30), (20, 230, 20))) < 12


def test_a_broken_profile_is_left_out() -> None:
    found = opened(clean(saved(photo(), "JPEG", icc_profile=b"no profile at all")))
    assert difference(found, photo()) < 4


def test_printers_colours_become_a_screens() -> None:
    assert difference(opened(clean(saved(photo().convert("CMYK"), "JPEG"))), photo()) < 4


def test_no_clean_picture_is_too_large_to_be_sent() -> None:
    rng = np.random.default_rng(2)
    noise = Image.fromarray(rng.integers(0, 255, (2200, 2200, 4), np.uint8), "RGBA")
    data = saved(noise, "PNG", compress_level=1)
    assert len(data) > MOST_BYTES
    found = clean(data)
    assert len(found.data) <= MOST_BYTES
    assert found.media_type == "image/jpeg"
