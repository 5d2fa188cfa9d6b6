"""Files: fetched within a cap and without telling the token, kept whole or not at all."""

import hashlib
import os
from pathlib import Path

import aiohttp
import pytest
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import GetFile

from bot.files import Store, fetcher
from scheduler.worker import FetchFailed, FetchLater
from tests.bot.wire import TOKEN, Reply, bot_on, ok, refused

FOUND = ok({"file_id": "f", "file_unique_id": "u", "file_path": "photos/a.jpg"})
PHOTO = b"\xff\xd8 photo"


async def test_a_file_is_fetched_piece_by_piece() -> None:
    bot, wire = bot_on(lambda _name, _call: FOUND)
    wire.content = [b"one ", b"two"]
    assert await fetcher(bot)("f") == b"one two"
    assert wire.calls == [("getFile", {"file_id": "f"})]


async def test_a_file_that_streams_more_than_it_may_is_left_at_the_cap() -> None:
    bot, wire = bot_on(lambda _name, _call: FOUND)
    wire.content = [b"x" * 600] * 1000
    with pytest.raises(FetchFailed) as failed:
        await fetcher(bot, most=1000)("f")
    assert failed.value.reason == "too_big"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (refused(400, "Bad Request: file is too big"), "too_big"),
        (refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable"), "gone"),
        (ok({"file_id": "f", "file_unique_id": "u"}), "gone"),
    ],
)
async def test_a_file_that_will_never_come_says_why(reply: Reply, reason: str) -> None:
    bot, _ = bot_on(lambda _name, _call: reply)
    with pytest.raises(FetchFailed) as failed:
        await fetcher(bot)("f")
    assert failed.value.reason == reason


@pytest.mark.parametrize(
    "reply",
    [
        refused(500, "Internal Server Error"),
        refused(429, "Too Many Requests", retry_after=5),
        (502, "<html>502</html>"),
        TelegramNetworkError(GetFile(file_id="f"), "no connection"),
        OSError("unreachable"),
        TimeoutError(),
    ],
)
async def test_trouble_before_the_file_means_later(reply: Reply) -> None:
    bot, _ = bot_on(lambda _name, _call: reply)
    with pytest.raises(FetchLater):
        await fetcher(bot)("f")


async def test_trouble_within_the_file_means_later_and_does_not_tell_the_token() -> None:
    bot, wire = bot_on(lambda _name, _call: FOUND)
    wire.content = [b"one"]
    wire.broken = aiohttp.ClientPayloadError(f"https://api.telegram.org/file/bot{TOKEN}/photos/a.jpg")
    with pytest.raises(FetchLater) as later:
        await fetcher(bot)("f")
    assert TOKEN not in str(later.value)
    assert later.value.__cause__ is None


def test_bytes_lie_under_their_own_name(tmp_path: Path) -> None:
    store = Store(tmp_path)
    sha256, size = store.put(PHOTO)
    assert (sha256, size) == (hashlib.sha256(PHOTO).hexdigest(), len(PHOTO))
    assert store.get(sha256) == store.path(sha256).read_bytes() == PHOTO
    assert store.path(sha256).stat().st_mode & 0o077 == 0


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.put(PHOTO) == store.put(PHOTO)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_bytes_and_every_folder_above_them_are_on_the_disk_before_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced, fsync = list[Path](), os.fsync

    def noted(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())
        fsync(handle)

    monkeypatch.setattr("bot.files.os.fsync", noted)
    store = Store(tmp_path)
    path = store.path(store.put(PHOTO)[0])
    assert synced[0].parent == path.parent
    assert synced[1:] == [path.parent, path.parent.parent]


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("bot.files.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        Store(tmp_path).put(PHOTO)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
