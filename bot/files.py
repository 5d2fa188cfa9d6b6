"""Files: fetched from Telegram within a cap."""

from collections.abc import Awaitable, Callable

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
