"""Intake: raw updates are stored before Telegram may forget them.

The next getUpdates *is* the confirmation, so it is asked only after the commit. The offset is never
kept: what comes twice is recognised by its id and its payload.
"""

import asyncio
import hashlib
import json
from datetime import datetime
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    TelegramConflictError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod

from bot.clock import Clock
from models import Session
from models.database import Database
from services import updates

log = structlog.get_logger()

KINDS = ["message", "edited_message", "callback_query", "my_chat_member"]
LONG_POLL = 30  # seconds
AT_ONCE = 100
CONFLICT_PATIENCE = 30.0  # seconds after which another copy is no accident of a restart
FIRST_PAUSE, LAST_PAUSE = 1.0, 30.0


class TokenRefused(Exception):
    """Telegram does not know the token (any more)."""


class SecondCopy(Exception):
    """Another copy polls with the same token."""


class RawGetUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates whose answer stays as it came: what cannot be understood can still be stored."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    limit: int = AT_ONCE
    timeout: int = LONG_POLL
    allowed_updates: list[str] = KINDS


def lane_of(raw: dict[str, Any]) -> int:
    """Give the chat an update belongs to; 0 where it belongs to none."""
    for payload in raw.values():
        if not isinstance(payload, dict):
            continue
        holder = payload.get("message", payload)
        chat = holder.get("chat") if isinstance(holder, dict) else None
        if isinstance(chat, dict) and isinstance(chat.get("id"), int):
            return int(chat["id"])
    return 0


def fingerprint(raw: dict[str, Any]) -> str:
    """Give the SHA-256 of an update's canonical JSON."""
    canonical = json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


async def store_updates(session: Session, *, bot_id: int, raws: list[dict[str, Any]], now: datetime) -> int:
    """Store raw updates, each once; count the new ones."""
    stored = 0
    for raw in raws:
        stored += await updates.store(
            session,
            bot_id=bot_id,
            update_id=int(raw["update_id"]),
            fingerprint=fingerprint(raw),
            lane=lane_of(raw),
            payload=raw,
            now=now,
        )
    return stored


class Poller:
    """Long polling, one request at a time."""

    def __init__(self, bot: Bot, database: Database, clock: Clock) -> None:
        self.bot = bot
        self.database = database
        self.clock = clock
        self._offset: int | None = None
        self._pause = FIRST_PAUSE
        self._conflict_since: float | None = None

    async def run(self) -> None:
        """Poll for ever. Raises TokenRefused, SecondCopy."""
        while True:
            try:
                await self.poll()
            except TelegramUnauthorizedError:
                raise TokenRefused from None
            except TelegramRetryAfter as error:
                await asyncio.sleep(error.retry_after)
            except TelegramConflictError:
                self._conflict()
                await asyncio.sleep(FIRST_PAUSE)
            except Exception as error:  # noqa: BLE001 - the wire or the database: nothing is confirmed yet
                log.warning("polling failed", error=type(error).__name__, pause=self._pause)
                await asyncio.sleep(self._pause)
                self._pause = min(self._pause * 2, LAST_PAUSE)

    async def poll(self) -> int:
        """Ask once, store what came, and let the next request confirm it; count what came."""
        request = RawGetUpdates(offset=self._offset)
        raws = await self.bot(request, request_timeout=LONG_POLL + 15)
        self._pause, self._conflict_since = FIRST_PAUSE, None
        if raws:
            async with self.database.writing() as session:
                await store_updates(session, bot_id=self.bot.id, raws=raws, now=self.clock.now())
            self._offset = int(raws[-1]["update_id"]) + 1
        return len(raws)

    def _conflict(self) -> None:
        now = asyncio.get_running_loop().time()
        self._conflict_since = self._conflict_since or now
        log.warning("another copy polls with this token")
        if now - self._conflict_since > CONFLICT_PATIENCE:
            raise SecondCopy
