"""The child process itself, as the bot starts it."""

import json
import socket
import struct
import subprocess
import sys
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


def inside(code: str) -> str:
    """Run code as if a file had taken a limited child over; give what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", f"from pictures.child import limit\nlimit()\n{code}"],
        capture_output=True,
        check=True,
        cwd=ROOT,
        timeout=60,
    )
    return done.stdout.decode().strip()


ATTEMPT = """
import os, pty, socket, subprocess
try:
    {attempt}
    print("done")
except PermissionError as refused:
    print("refused", refused)
"""


@pytest.mark.parametrize(
    ("attempt", "event"),
    [
        ("socket.socket()", "socket.__new__"),
        ("socket.getaddrinfo('localhost', 80)", "socket.getaddrinfo"),
        ("subprocess.run(['true'])", "subprocess.Popen"),
        ("os.system('true')", "os.system"),
        ("os.execv('/bin/true', ['true'])", "os.exec"),
        ("os.posix_spawn('/bin/true', ['true'], {})", "os.posix_spawn"),
        ("os.fork()", "os.fork"),
        ("pty.spawn('true')", "pty.spawn"),
    ],
)
def test_code_in_a_child_neither_connects_nor_starts_processes(attempt: str, event: str) -> None:
    assert inside(ATTEMPT.format(attempt=attempt)) == f"refused {event}"


# A connection that Python knows nothing of, as a library of C would make it.
BELOW_PYTHON = """
import ctypes, os, struct
libc = ctypes.CDLL(None)
address = struct.pack("=H", 2) + struct.pack("!H4B8x", {port}, 127, 0, 0, 1)
connected = libc.connect(libc.socket(2, 1, 0), address, len(address)) == 0
print(int(connected), os.readlink("/proc/self/ns/net"))
"""


def test_a_library_in_a_child_finds_no_network_where_the_kernel_lets_it_leave() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        connected, namespace = inside(BELOW_PYTHON.format(port=listening.getsockname()[1])).split()
    stayed = namespace == str(Path("/proc/self/ns/net").readlink())
    assert connected == ("1" if stayed else "0")


def test_a_child_writes_no_file(tmp_path: Path) -> None:
    code = f"""
try:
    with open({str(tmp_path / "left")!r}, "w") as left:
        left.write("x")
except OSError as refused:
    print(type(refused).__name__, refused.errno)
"""
    assert inside(code) == "OSError 27"  # EFBIG


def test_a_child_that_asks_for_more_memory_gets_none() -> None:
    code = "try:\n    bytes(600_000_000)\nexcept MemoryError:\n    print('none')"
    assert inside(code) == "none"


async def test_a_clean_picture_is_read_by_whoever_gets_it() -> None:
    known, picture = await child(saved(photo(), "HEIF"))
    image = Image.open(BytesIO(picture))
    image.load()
    assert image.size == (known["width"], known["height"])
