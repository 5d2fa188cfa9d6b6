"""The child process itself, as the bot starts it."""

import json
import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.children import run_child
from pictures.child import answer
from pictures.cleaning import clean
from pictures.prints import print_from_json, print_of
from tests.pictures.photos import MARK, photo, png_bomb, saved, with_notes

ROOT = Path(__file__).parents[2]
WIDE, HIGH = 7300, 5470  # 39.9 megapixels
QUICK = {"preset": "ultrafast"}  # of the encoder


async def child(data: bytes) -> tuple[dict[str, Any], bytes]:
    head, _, rest = (await run_child("pictures.child", [], data)).partition(b"\n")
    found: dict[str, Any] = json.loads(head)
    return found, rest


async def test_a_child_gives_a_line_and_the_clean_bytes() -> None:
    data = with_notes(photo(), "JPEG", 6)
    known, picture = await child(data)
    assert picture == clean(data).data
    assert (known["media_type"], known["width"], known["height"]) == ("image/jpeg", 240, 320)
    assert known["size"] == len(picture)
    assert print_from_json(known["print"]) == print_of(picture)
    assert MARK.encode() not in picture


async def test_a_refusal_is_an_answer_with_its_facts() -> None:
    facts = {"width": 13_000, "height": 13_000, "most": 40_000_000}
    assert await child(png_bomb()) == ({"error": {"kind": "TooManyPixels", "facts": facts}}, b"")
    assert await child(b"<svg/>") == ({"error": {"kind": "NotAPicture", "facts": {}}}, b"")
    assert await child(saved(photo(), "JPEG")[:3000]) == ({"error": {"kind": "Broken", "facts": {}}}, b"")


@pytest.mark.parametrize(
    ("kind", "mode", "how"),
    [
        ("JPEG", "RGB", {}),
        ("JPEG", "RGB", {"progressive": True, "subsampling": 0}),
        ("JPEG", "CMYK", {}),
        ("PNG", "RGBA", {"compress_level": 1}),
        ("PNG", "P", {"compress_level": 1}),
        ("TIFF", "L", {"compression": "tiff_lzw"}),
        ("GIF", "P", {}),
    ],
)
async def test_forty_megapixels_fit_into_a_child(kind: str, mode: str, how: dict[str, Any]) -> None:
    picture = photo(730, 547).resize((WIDE, HIGH), Image.Resampling.NEAREST).convert(mode)
    if mode == "RGBA":
        picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    known, _ = await child(saved(picture, kind, **how))
    assert (known["width"], known["height"]) == (4096, 3069)


@pytest.mark.parametrize(("kind", "size"), [("WEBP", (5100, 3900)), ("HEIF", (5712, 4284))])
async def test_what_a_telephone_takes_in_other_formats_fits_too(kind: str, size: tuple[int, int]) -> None:
    picture = photo(510, 390).resize(size, Image.Resampling.NEAREST)
    webp, heif = {"method": 0, "lossless": False}, {"quality": 30, "enc_params": QUICK}
    known, _ = await child(saved(picture, kind, **(webp if kind == "WEBP" else heif)))
    assert known["width"] == 4096


async def test_a_header_that_lies_ends_as_a_broken_picture() -> None:
    large = saved(Image.new("RGB", (1200, 1000), "grey"), "HEIF", enc_params=QUICK)
    told, lie = struct.pack(">II", 1200, 1000), struct.pack(">II", 80, 70)
    assert told in large
    assert await child(large.replace(told, lie)) == ({"error": {"kind": "Broken", "facts": {}}}, b"")


def test_a_child_that_runs_out_of_memory_says_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_much(_data: bytes) -> None:
        raise MemoryError

    monkeypatch.setattr("pictures.cleaning.clean", too_much)
    assert answer(b"") == ({"error": {"kind": "Broken", "facts": {}}}, b"")


async def test_a_clean_picture_is_read_by_whoever_gets_it() -> None:
    known, picture = await child(saved(photo(), "HEIF"))
    image = Image.open(BytesIO(picture))
    image.load()
    assert image.size == (known["width"], known["height"])
