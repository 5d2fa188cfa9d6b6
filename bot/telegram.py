"""The way to Telegram: a bot on a session that also notes what time the server says it is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError, TelegramNetworkError, TelegramUnauthorizedError
from aiogram.utils.token import TokenValidationError

from bot.settings import Settings
from bot.stopped import EX_CONFIG, Stopped


class DatedSession(AiohttpSession):
    """A session whose ``server_time`` is the Date of the last answer."""

    server_time: datetime | None = None

    async def create_session(self) -> aiohttp.ClientSession:
        """Open the session on the first call."""
        session = await super().create_session()
        if not session.trace_configs:
            trace = aiohttp.TraceConfig()
            trace.on_request_end.append(self._note_time)
            trace.freeze()
            session.trace_configs.append(trace)
        return session

    async def _note_time(
        self, _session: aiohttp.ClientSession, _context: Any, answered: aiohttp.TraceRequestEndParams
    ) -> None:
        said = answered.response.headers.get("Date")
        if said is not None:
            self.server_time = _moment(said)


def _moment(said: str) -> datetime | None:
    try:
        return parsedate_to_datetime(said).astimezone(UTC)
    except ValueError:
        return None


@asynccontextmanager
async def telegram(settings: Settings) -> AsyncIterator[Bot]:
    """Open the way to the Bot API. Raises Stopped for a token that cannot be one."""
    assert settings.bot_token is not None  # asked before
    session = DatedSession(
        api=TelegramAPIServer.from_base(settings.telegram_api_base), proxy=settings.telegram_proxy
    )
    try:
        bot = Bot(settings.bot_token.get_secret_value(), session=session)
    except TokenValidationError:
        raise Stopped(
            "BOT_TOKEN не похож на токен: скопируйте его у @BotFather целиком, вида 123456:AbC…", EX_CONFIG
        ) from None
    try:
        yield bot
    finally:
        await bot.session.close()


def server_time(bot: Bot) -> datetime | None:
    """Give the moment the server named last."""
    return bot.session.server_time if isinstance(bot.session, DatedSession) else None


async def username_of(bot: Bot) -> str:
    """Ask Telegram who we are. Raises Stopped."""
    try:
        me = await bot.get_me()
    except TelegramUnauthorizedError:
        raise Stopped(
            "Telegram не принимает BOT_TOKEN: проверьте его у @BotFather или выпустите новый.", EX_CONFIG
        ) from None
    except (TelegramNetworkError, TelegramAPIError, OSError):
        raise Stopped(
            "Нет связи с Telegram. Проверьте сеть; если нужен прокси, укажите TELEGRAM_PROXY.", 1
        ) from None
    return me.username or ""
