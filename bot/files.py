"""Files: fetched from Telegram within a cap, and kept whole under the name of their bytes."""

import hashlib
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import NamedTemporaryFile

import aiohttp
from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramBadRequest

from scheduler.worker import FetchFailed, FetchLater

MOST_BYTES = 20 * 1024 * 1024  # what the Bot API lets a bot download


def fetcher(bot: Bot, *, most: int = MOST_BYTES) -> Callable[[str], Awaitable[bytes]]:
    """Give the function that fetches a Telegram file: bytes, or FetchLater, or FetchFailed."""

    async def fetch(file_id: str) -> bytes:
        try:
            found = await bot.get_file(file_id)
        except TelegramBadRequest as error:
            raise FetchFailed("too_big" if "too big" in error.message else "gone") from None
        except (TelegramAPIError, ClientDecodeError, OSError, TimeoutError):
            raise FetchLater from None
        if not found.file_path:
            raise FetchFailed("gone")
        return await _download(bot, found.file_path, most)

    return fetch


async def _download(bot: Bot, path: str, most: int) -> bytes:
    url = bot.session.api.file_url(bot.token, path)
    data = bytearray()
    try:
        async for chunk in bot.session.stream_content(url, timeout=60, chunk_size=65536):
            data += chunk
            if len(data) > most:
                raise FetchFailed("too_big")
    except (aiohttp.ClientError, OSError, TimeoutError):
        raise FetchLater from None  # the address holds the token, so the error is not kept
    return bytes(data)


class Store:
    """The folder of files: each lies whole under its SHA-256, or not at all."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / "files"

    def path(self, sha256: str) -> Path:
        """Give the place of a file."""
        return self.folder / sha256[:2] / sha256

    def put(self, data: bytes) -> tuple[str, int]:
        """Keep bytes and give (SHA-256, size); when this returns, a power cut cannot take them."""
        sha256 = hashlib.sha256(data).hexdigest()
        target = self.path(sha256)
        if target.exists():
            return sha256, len(data)
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_whole(target, data)
        _sync_folder(target.parent)
        _sync_folder(self.folder)  # the folder of the file may be new as well
        return sha256, len(data)

    def get(self, sha256: str) -> bytes:
        """Give the bytes of a file. Raises FileNotFoundError."""
        return self.path(sha256).read_bytes()


def _write_whole(target: Path, data: bytes) -> None:
    """Let a file appear with all its bytes on the disk; what fails half-way leaves nothing."""
    with NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as written:
        try:
            written.write(data)
            written.flush()
            os.fsync(written.fileno())
        except OSError:
            Path(written.name).unlink()
            raise
    Path(written.name).replace(target)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
