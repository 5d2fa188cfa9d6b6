"""getUpdates and the webhook: how updates leave the server."""

import asyncio
import re
from contextlib import suppress
from typing import Any

import aiohttp

from simulator.errors import bad_request, conflict, too_many
from simulator.sending import Params
from simulator.world import World

MOST_TIMEOUT = 50.0
MOST_UPDATES = 100
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
FIRST_PAUSE, LAST_PAUSE = 0.2, 60.0  # seconds; the real server begins slower


class Polling:
    """The one poll that may wait, and the webhook that replaces it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._waiting: asyncio.Event | None = None
        self._sender: asyncio.Task[None] | None = None
        self._set_at = 0.0

    async def get_updates(self, params: Params) -> list[dict[str, Any]]:
        """Answer getUpdates: confirm below the offset, then wait for something to say.

        The older waiting poll is ended when a newer one must wait too.
        """
        if self.world.webhook is not None:
            raise conflict(
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        if isinstance(params.get("allowed_updates"), list):
            self.world.allowed = frozenset(params["allowed_updates"])
        if offset := int(params.get("offset") or 0):
            self.world.confirm(offset)
        limit = min(max(int(params.get("limit") or MOST_UPDATES), 1), MOST_UPDATES)
        found = self.world.due_updates(limit)
        timeout = min(float(params.get("timeout") or 0), MOST_TIMEOUT)
        return found if found or not timeout else await self._wait(limit, timeout)

    async def _wait(self, limit: int, timeout: float) -> list[dict[str, Any]]:  # noqa: ASYNC109 - it is the API's
        self.end_polls()
        ended = self._waiting = asyncio.Event()
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        try:
            while (left := until - loop.time()) > 0:
                await self.world.change(left)
                if ended.is_set():
                    raise conflict(
                        "terminated by other getUpdates request; make sure that only one bot "
                        "instance is running"
                    )
                if found := self.world.due_updates(limit):
                    return found
            return []
        finally:
            if self._waiting is ended:
                self._waiting = None

    def end_polls(self) -> None:
        """End the waiting poll, as a new instance or a webhook would."""
        if self._waiting is not None:
            self._waiting.set()
            self.world.beat()

    def set_webhook(self, params: Params) -> bool:
        """Send updates to an address from now on."""
        loop = asyncio.get_running_loop()
        secret = params.get("secret_token")
        if secret is not None and not SECRET.fullmatch(str(secret)):
            raise bad_request("secret token contains unallowed characters")
        if loop.time() - self._set_at < 1.0:
            raise too_many(1)
        self._set_at = loop.time()
        if isinstance(params.get("allowed_updates"), list):
            self.world.allowed = frozenset(params["allowed_updates"])
        self.world.webhook = {"url": params.get("url") or "", "secret": secret}
        self.end_polls()
        self._restart()
        return True

    def _restart(self) -> None:
        if self._sender is not None:
            self._sender.cancel()
        loop = asyncio.get_running_loop()
        self._sender = loop.create_task(self._send())  # cancelled in close()

    async def _send(self) -> None:
        """Post updates one by one; what is not answered with 2xx is sent again, ever later."""
        pause = FIRST_PAUSE
        async with aiohttp.ClientSession() as session:
            while self.world.webhook is not None:
                due = self.world.due_updates(1)
                if not due:
                    await self.world.change(1.0)
                elif await self._post(session, due[0]):
                    self.world.confirm(due[0]["update_id"] + 1)
                    pause = FIRST_PAUSE
                else:
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LAST_PAUSE)

    async def _post(self, session: aiohttp.ClientSession, update: dict[str, Any]) -> bool:
        target = self.world.webhook
        if target is None:
            return False
        headers = {"X-Telegram-Bot-Api-Secret-Token": target["secret"]} if target["secret"] else {}
        try:
            async with session.post(target["url"], json=update, headers=headers) as answer:
                return answer.ok
        except (aiohttp.ClientError, OSError):
            return False

    async def close(self) -> None:
        """Stop sending."""
        self.end_polls()
        if self._sender is not None:
            self._sender.cancel()
            with suppress(asyncio.CancelledError):
                await self._sender
