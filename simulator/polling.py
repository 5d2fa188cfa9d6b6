"""getUpdates: the one poll that may wait, and what ends it."""

import asyncio
from collections.abc import Callable
from typing import Any

from simulator.errors import ApiError, conflict
from simulator.faults import OTHER_COPY, Fault
from simulator.sending import Params
from simulator.updates import Update
from simulator.world import World

MOST_TIMEOUT = 50.0
MOST_UPDATES = 100
CONFLICT_PAUSE = 3.0  # seconds: one conflict at once, others so late
REPEATED, REPEATED_SOON = 3.0, 0.5  # seconds: the same offset again is made to wait, or given one update
BY_WEBHOOK = "terminated by setWebhook request"
WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


class Cut(Exception):
    """A call ended in the middle by a fault, not executed."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.kind)
        self.fault = fault


class Polling:
    """The queue's way out by getUpdates."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._waiting: asyncio.Event | None = None
        self._ended_by = OTHER_COPY
        self._next_conflict = 0.0
        self._offset, self._began, self._finished = 0, 0.0, 0.0

    async def get_updates(self, params: Params, gone: Callable[[], bool] = lambda: False) -> list[Update]:
        """Answer getUpdates: confirm below the offset, then wait for something to say.

        The older waiting poll is ended when a newer one must wait too; one whose client has ``gone``
        uses up no fault. Raises ApiError 409, Cut.
        """
        if self.world.webhook is not None:
            raise await self._conflict(WEBHOOK_ACTIVE)
        if isinstance(params.get("allowed_updates"), list):
            self.world.updates.allowed = frozenset(params["allowed_updates"])
        offset = int(params.get("offset") or 0)
        limit, timeout = self._slowed(offset, *_asked(params))
        if offset:
            self.world.updates.forget_below(offset)
        found = self.world.updates.head(limit)
        if not found and timeout:
            found = await self._wait(limit, timeout, gone)
        self._finished = asyncio.get_running_loop().time()
        return found

    def _slowed(self, offset: int, limit: int, timeout: float) -> tuple[int, float]:
        """Slow down who repeats an offset, as Client::process_get_updates_query does.

        The real server does so for offset 0 as well; here that one is left to tests that only look.
        """
        now = asyncio.get_running_loop().time()
        if offset and offset == self._offset:
            timeout = max(timeout, REPEATED) if now < self._began + REPEATED else timeout
            limit = 1 if now < self._finished + REPEATED_SOON else limit
        self._offset, self._began = offset, now
        return limit, timeout

    async def _wait(
        self,
        limit: int,
        timeout: float,  # noqa: ASYNC109 - it is the API's
        gone: Callable[[], bool],
    ) -> list[Update]:
        self.end_polls()
        ended = self._waiting = asyncio.Event()
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        try:
            while (left := until - loop.time()) > 0:
                await self.world.change(left)
                if gone():
                    return []
                if ended.is_set():
                    raise await self._conflict(self._ended_by)
                if (fault := self.world.faults.take_for_waiting_poll()) is not None:
                    raise Cut(fault)
                if found := self.world.updates.head(limit):
                    return found
            return []
        finally:
            if self._waiting is ended:
                self._waiting = None

    async def _conflict(self, words: str) -> ApiError:
        """Give a 409: at once, or late when another was given a moment ago."""
        now = asyncio.get_running_loop().time()
        if now < self._next_conflict:
            await self.world.pause(CONFLICT_PAUSE)
        else:
            self._next_conflict = now + CONFLICT_PAUSE
        return conflict(words)

    def end_polls(self, by: str = OTHER_COPY) -> None:
        """End the waiting poll, as a new instance or a webhook would."""
        if self._waiting is not None:
            self._ended_by = by
            self._waiting.set()
            self.world.beat()


def _asked(params: dict[str, Any]) -> tuple[int, float]:
    limit = min(max(int(params.get("limit") or MOST_UPDATES), 1), MOST_UPDATES)
    return limit, min(float(params.get("timeout") or 0), MOST_TIMEOUT)
