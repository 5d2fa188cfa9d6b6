"""Files: fetched within a cap and without telling the token, kept in a folder whole or not at all."""

import errno
import hashlib
import os
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import GetFile

from bot.files import fetcher
from bot.stores import FolderStore, StoreUnavailable, _alone_in
from scheduler.worker import FetchFailed, FetchLater
from tests.bot.wire import TOKEN, Reply, bot_on, ok, refused

FOUND = ok({"file_id": "f", "file_unique_id": "u", "file_path": "photos/a.jpg"})
PHOTO = b"\xff\xd8 photo"
SHA256 = hashlib.sha256(PHOTO).hexdigest()
OLD = datetime(2020, 6, 1, tzinfo=UTC)


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


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def age(path: Path, moment: datetime = OLD) -> None:
    os.utime(path, (moment.timestamp(), moment.timestamp()))


def test_a_file_is_for_the_bot_alone_and_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    assert store.put(PHOTO) == store.put(PHOTO)
    assert files(tmp_path) == [store.path(SHA256)]
    assert store.path(SHA256).stat().st_mode & 0o077 == 0


def test_bytes_and_every_folder_above_them_are_on_the_disk_before_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced, fsync = list[Path](), os.fsync

    def noted(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())
        fsync(handle)

    monkeypatch.setattr("bot.stores.os.fsync", noted)
    store = FolderStore(tmp_path / "files")
    path = store.path(store.put(PHOTO)[0])
    assert synced[0].parent == path.parent
    folders = [path.parent, tmp_path / "files", tmp_path]
    assert synced[1:] == folders
    synced.clear()
    store.put(PHOTO)  # the first may have been cut off before its folders were synced
    assert synced == folders


def test_damage_of_the_same_size_is_healed_as_well(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put(PHOTO)
    store.path(SHA256).write_bytes(bytes(len(PHOTO)))
    store.put(PHOTO)
    assert store.get(SHA256) == PHOTO


@pytest.mark.parametrize("step", ["mkstemp", "os.fsync", "Path.replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
def test_a_disk_that_refuses_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, code: int
) -> None:
    store = FolderStore(tmp_path)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code), str(tmp_path))

    with monkeypatch.context() as patched:
        patched.setattr(f"bot.stores.{step}", refuse)
        with pytest.raises(StoreUnavailable) as unavailable:
            store.put(PHOTO)
    assert str(unavailable.value) == errno.errorcode[code]
    assert isinstance(unavailable.value.__cause__, OSError)
    assert files(tmp_path) == []
    store.put(PHOTO)
    assert store.get(SHA256) == PHOTO


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or not mounted(disk, "size=256k"):
        pytest.skip("only root of a machine that allows mounting can make a full disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


def mounted(disk: Path, options: str) -> bool:
    return subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], check=False).returncode == 0


def test_a_disk_that_is_really_full_or_read_only_is_waited_for(small_disk: Path) -> None:
    store = FolderStore(small_disk / "files")
    store.put(PHOTO)
    video = os.urandom(1_000_000)
    with pytest.raises(StoreUnavailable, match="ENOSPC"):
        store.put(video)
    assert files(small_disk) == [store.path(SHA256)]
    assert mounted(small_disk, "remount,ro,size=4m")
    with pytest.raises(StoreUnavailable, match="EROFS"):
        store.put(video)
    assert store.get(SHA256) == PHOTO
    assert mounted(small_disk, "remount,rw,size=4m")
    assert store.get(store.put(video)[0]) == video


def test_a_file_that_cannot_be_read_is_not_taken_for_a_missing_one(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.path(SHA256).mkdir(parents=True)
    with pytest.raises(StoreUnavailable, match="EISDIR"):
        store.get(SHA256)
    (tmp_path / "ab").write_bytes(b"")
    with pytest.raises(StoreUnavailable, match="ENOTDIR"):
        store.has("ab" * 32)


def test_a_sweep_takes_old_half_written_files_and_leaves_fresh_and_foreign_ones(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put(PHOTO)
    shelf = store.path(SHA256).parent
    old, fresh, foreign = shelf / ".abcdefg1", shelf / ".abcdefg2", shelf / "notes.txt"
    for path in (old, fresh, foreign):
        path.write_bytes(b"half")
    age(old)
    age(foreign)
    age(store.path(SHA256))
    (tmp_path / "README").write_bytes(b"")
    assert store.sweep([SHA256], older_than=OLD + timedelta(days=1)) == 1
    assert set(files(tmp_path)) == {store.path(SHA256), fresh, foreign, tmp_path / "README"}


def test_bytes_put_again_are_fresh_again(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put(PHOTO)
    age(store.path(SHA256))
    store.put(PHOTO)
    assert store.sweep([], older_than=OLD + timedelta(days=1)) == 0
    assert store.has(SHA256)


def test_a_sweep_never_takes_what_is_being_put_again(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put(PHOTO)
    age(store.path(SHA256))
    sweep = threading.Thread(target=store.sweep, args=([],), kwargs={"older_than": OLD + timedelta(days=1)})
    with _alone_in(store.path(SHA256).parent):
        sweep.start()
        sweep.join(0.2)
        assert sweep.is_alive()
        store.path(SHA256).touch()
    sweep.join()
    assert store.has(SHA256)
