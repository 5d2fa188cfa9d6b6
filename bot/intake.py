"""Intake: raw updates are stored before Telegram may forget them.

The next getUpdates *is* the confirmation, so it is asked only after the commit. The offset is never
kept: what comes twice is recognised by its id and its payload.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
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
from bot.soothing import Soothing
from models import Session
from models.database import Database
from models.trouble import HOPELESS, Trouble, trouble_of
from services import updates
from services.updates import Incoming

log = structlog.get_logger()

KINDS = ["message", "edited_message", "callback_query", "my_chat_member"]
LONG_POLL = 30  # seconds
AT_ONCE = 100
CONFLICT_PATIENCE = 30.0  # seconds after which another copy is no accident of a restart
CONFLICT_OVER = 15.0  # seconds without another copy after which it is forgotten
FIRST_PAUSE, LAST_PAUSE = 1.0, 30.0
STORE_PAUSE = 3.0  # seconds at most before a database in trouble is tried again
BIGGEST = 2**63
NOT_AN_UPDATE = "not_an_update"


class TokenRefused(Exception):
    """Telegram does not know the token (any more)."""


class SecondCopy(Exception):
    """Another copy polls with the same token."""


class DatabaseLost(Exception):
    """The database can be written no more, and only a person can help."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


class RawGetUpdates(TelegramMethod[list[Any]]):
    """getUpdates whose answer stays as it came: what cannot be understood can still be stored."""

    __returning__ = list[Any]
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
        if isinstance(chat, dict) and _is_number(chat.get("id")):
            return int(chat["id"])
    return 0


def fingerprint(raw: dict[str, Any]) -> str:
    """Give the SHA-256 of an update's canonical JSON."""
    canonical = json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def incoming(raw: Any) -> Incoming:
    """Take what came as an update, whatever it is: one without a number gets 0 and is kept all the same."""
    if not isinstance(raw, dict):
        raw = {NOT_AN_UPDATE: raw}
    number = raw.get("update_id")
    return Incoming(number if _is_number(number) else 0, fingerprint(raw), lane_of(raw), raw)


def _is_number(found: Any) -> bool:
    return isinstance(found, int) and not isinstance(found, bool) and abs(found) < BIGGEST


async def store_updates(session: Session, *, bot_id: int, raws: Sequence[Any], now: datetime) -> int:
    """Store raw updates in the order of their numbers, each once; count the new ones."""
    found = sorted((incoming(raw) for raw in raws), key=lambda one: one.update_id)
    return await updates.store(session, bot_id=bot_id, found=found, now=now)


class Poller:
    """Long polling, one request at a time."""

    def __init__(self, bot: Bot, database: Database, clock: Clock, soothing: Soothing) -> None:
        self.bot = bot
        self.database = database
        self.clock = clock
        self.soothing = soothing
        self._offset: int | None = None
        self._pause = FIRST_PAUSE
        self._conflict_since = self._last_conflict = float("-inf")

    async def run(self) -> None:
        """Poll for ever. Raises TokenRefused, SecondCopy, DatabaseLost."""
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
                await self._later(error)

    async def poll(self) -> int:
        """Ask once, store what came, and let the next request confirm it; count what came."""
        request = RawGetUpdates(offset=self._offset)
        raws = await self.bot(request, request_timeout=LONG_POLL + 15)
        if raws:
            await self._store(raws)
            self._offset = max(incoming(raw).update_id for raw in raws) + 1
        else:
            self._offset = None  # all is confirmed, and after a silent week numbers begin anywhere
        self._pause = FIRST_PAUSE
        return len(raws)

    async def _store(self, raws: list[Any]) -> None:
        """Store what came; whoever waits for long is told so."""
        now, chats = self.clock.now(), [incoming(raw).lane for raw in raws]
        with self.soothing.of(chats):
            await self.database.write(
                lambda session: store_updates(session, bot_id=self.bot.id, raws=raws, now=now)
            )

    async def _later(self, error: Exception) -> None:
        trouble = trouble_of(error)
        if trouble is not None and trouble in HOPELESS:
            raise DatabaseLost(trouble) from None
        pause = self._pause if trouble is None else min(self._pause, STORE_PAUSE)
        log.warning("polling failed", error=type(error).__name__, trouble=trouble, pause=pause)
        await asyncio.sleep(pause)
        self._pause = min(self._pause * 2, LAST_PAUSE)

    def _conflict(self) -> None:
        """Note that another copy polls; one that goes on polling is no accident of a restart."""
        now = asyncio.get_running_loop().time()
        if now - self._last_conflict > CONFLICT_OVER:
            self._conflict_since = now
        self._last_conflict = now
        log.warning("another copy polls with this token")
        if now - self._conflict_since > CONFLICT_PATIENCE:
            raise SecondCopy
