"""The webhook: 200 only after the commit, and nothing at all before the secret is checked."""

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramRetryAfter
from aiohttp import web

from bot.clock import Clock
from bot.intake import KINDS, store_updates
from bot.settings import Settings
from bot.stopped import EX_CONFIG, Stopped
from models.database import Database

log = structlog.get_logger()

MOST_TRIES = 10
PAUSE = 2.0  # seconds
HEADER = "X-Telegram-Bot-Api-Secret-Token"


def receiver(bot: Bot, database: Database, clock: Clock, secret: str) -> web.Application:
    """Build the application that receives updates."""

    async def receive(request: web.Request) -> web.Response:
        given = request.headers.get(HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, secret.encode()):
            return web.Response(status=401)
        try:
            raw = await request.json()
            update_id = int(raw["update_id"])
        except (ValueError, KeyError, TypeError):
            return web.Response(status=400)
        now = clock.now()
        try:
            await database.write(lambda session: store_updates(session, bot_id=bot.id, raws=[raw], now=now))
        except Exception as error:  # noqa: BLE001 - whatever the database says, Telegram must keep the update
            log.error("an update could not be stored", update=update_id, error=type(error).__name__)
            return web.Response(status=503)
        return web.Response()

    app = web.Application()
    app.router.add_post("/{path:.*}", receive)
    return app


@asynccontextmanager
async def serve_webhook(
    bot: Bot, database: Database, clock: Clock, settings: Settings
) -> AsyncIterator[None]:
    """Receive updates at HTTP_HOST:HTTP_PORT and tell Telegram where to send them."""
    assert settings.webhook_url is not None  # asked before
    assert settings.webhook_secret is not None  # load_settings sees to it
    secret = settings.webhook_secret.get_secret_value()
    runner = web.AppRunner(receiver(bot, database, clock, secret))
    await runner.setup()
    try:
        await _listen(runner, settings)
        await _set_webhook(bot, settings.webhook_url, secret)
        yield
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, settings: Settings) -> None:
    try:
        await web.TCPSite(runner, settings.http_host, settings.http_port).start()
    except OSError:
        raise Stopped(
            f"Порт {settings.http_port} занят. Укажите другой в HTTP_PORT, например 8081.", 1
        ) from None


async def _set_webhook(bot: Bot, url: str, secret: str) -> None:
    """Tell Telegram where to send updates; of several processes each does in its turn. Raises Stopped."""
    for _ in range(MOST_TRIES):
        try:
            await bot.set_webhook(url, secret_token=secret, allowed_updates=KINDS)
        except TelegramRetryAfter as error:
            await asyncio.sleep(error.retry_after)
        except TelegramBadRequest as error:
            raise Stopped(f"Telegram не принимает WEBHOOK_URL: {error.message}", EX_CONFIG) from None
        except (TelegramAPIError, OSError):
            await asyncio.sleep(PAUSE)
        else:
            return
    raise Stopped("Telegram не отвечает на установку вебхука. Проверьте сеть и запустите снова.", 1)


async def end_webhook(bot: Bot) -> None:
    """Go back to polling. Raises Stopped."""
    try:
        await bot.delete_webhook()
    except (TelegramAPIError, OSError):
        raise Stopped("Telegram не отвечает. Проверьте сеть и запустите снова.", 1) from None
