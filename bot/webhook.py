"""The webhook: 200 only after the commit, and nothing at all before the secret is checked."""

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiogram import Bot
from aiohttp import web

from bot.clock import Clock
from bot.intake import KINDS, store_updates
from bot.settings import Settings
from models.database import Database

log = structlog.get_logger()

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
        try:
            async with database.writing() as session:
                await store_updates(session, bot_id=bot.id, raws=[raw], now=clock.now())
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
        await web.TCPSite(runner, settings.http_host, settings.http_port).start()
        await bot.set_webhook(settings.webhook_url, secret_token=secret, allowed_updates=KINDS)
        yield
    finally:
        await runner.cleanup()
