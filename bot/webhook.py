"""The webhook: 200 only after the commit, and nothing at all before the secret is checked."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiohttp import web

from bot.clock import Clock
from bot.intake import KINDS, DatabaseLost, TokenRefused, lane_of, store_updates
from bot.settings import Settings
from bot.soothing import Soothing
from bot.stopped import EX_CONFIG, Stopped
from bot.wiring import Assembly, Parts
from models.database import Database
from models.trouble import HOPELESS, trouble_of

log = structlog.get_logger()

MOST_TRIES = 10
PAUSE = 2.0  # seconds
WATCH = 30.0  # seconds between looks whether Telegram still knows us
HEADER = "X-Telegram-Bot-Api-Secret-Token"


def receiver(
    bot: Bot,
    database: Database,
    clock: Clock,
    secret: str,
    soothing: Soothing,
    lost: Callable[[Exception], None],
) -> web.Application:
    """Build the application that receives updates; ``lost`` hears of a database that takes no more."""

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
            with soothing.of([lane_of(raw)]):
                await database.write(
                    lambda session: store_updates(session, bot_id=bot.id, raws=[raw], now=now)
                )
        except Exception as error:  # noqa: BLE001 - whatever the database says, Telegram must keep the update
            log.error("an update could not be stored", update=update_id, error=type(error).__name__)
            if (trouble := trouble_of(error)) in HOPELESS and trouble is not None:
                lost(DatabaseLost(trouble))
            return web.Response(status=503)
        return web.Response()

    app = web.Application()
    app.router.add_post("/{path:.*}", receive)
    return app


@asynccontextmanager
async def serve_webhook(assembly: Assembly, parts: Parts, settings: Settings) -> AsyncIterator[None]:
    """Receive updates at HTTP_HOST:HTTP_PORT and tell Telegram where to send them."""
    assert settings.webhook_url is not None  # asked before
    assert settings.webhook_secret is not None  # load_settings sees to it
    secret = settings.webhook_secret.get_secret_value()
    bot = assembly.bot
    app = receiver(bot, assembly.database, assembly.clock, secret, parts.soothing, parts.fail)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await _listen(runner, settings)
        await _set_webhook(bot, settings.webhook_url, secret)
        async with asyncio.TaskGroup() as group:
            watch = group.create_task(_watch(bot, parts))
            yield
            watch.cancel()
    finally:
        await runner.cleanup()


async def _watch(bot: Bot, parts: Parts) -> None:
    """Ask now and then whether the token is still good: nobody calls any more when it is not."""
    while True:
        await asyncio.sleep(WATCH)
        try:
            await bot.get_webhook_info()
        except TelegramUnauthorizedError:
            parts.fail(TokenRefused())
        except (TelegramAPIError, ClientDecodeError, OSError) as error:
            log.warning("the webhook could not be asked about", error=type(error).__name__)


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
