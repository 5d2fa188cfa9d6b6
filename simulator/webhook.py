"""The webhook: updates posted in order within their lane, many lanes at once."""

import asyncio
import math
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from simulator.errors import bad_request, too_many
from simulator.polling import BY_WEBHOOK
from simulator.sending import Params
from simulator.updates import Queued, Update, kind_of
from simulator.world import World

SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
CONNECTIONS, MOST_CONNECTIONS = 40, 100
FIRST_PAUSE, LAST_PAUSE = 0.2, 60.0  # seconds; the real server begins slower
MOST_RETRY_AFTER = 3600.0
PATIENCE = aiohttp.ClientTimeout(total=60)

Lane = tuple[str, int]


@dataclass
class Turn:
    """What a lane waits for: its update in hand, or the end of a pause after a failure."""

    busy: bool = False
    until: float = 0.0
    pause: float = FIRST_PAUSE


class Webhook:
    """The queue's way out by posts to the bot."""

    def __init__(self, world: World, end_polls: Callable[[str], None]) -> None:
        self.world = world
        self._end_polls = end_polls
        self._sender: asyncio.Task[None] | None = None
        self._set_at = -math.inf
        self._next_target = 0
        self._turns: dict[Lane, Turn] = {}

    def set(self, params: Params) -> bool:
        """Send updates to an address from now on; the same one again changes nothing. Raises ApiError."""
        now = asyncio.get_running_loop().time()
        secret = params.get("secret_token")
        if secret is not None and not SECRET.fullmatch(str(secret)):
            raise bad_request("secret token contains unallowed characters")
        if now - self._set_at < 1.0:
            raise too_many(1)
        self._set_at = now
        if isinstance(params.get("allowed_updates"), list):
            self.world.updates.allowed = frozenset(params["allowed_updates"])
        if params.get("drop_pending_updates"):
            self.world.queue.clear()
        connections = min(max(int(params.get("max_connections") or CONNECTIONS), 1), MOST_CONNECTIONS)
        wanted = {"url": params.get("url"), "secret": secret, "max_connections": connections}
        if not params.get("url"):
            self.world.webhook = None
        elif wanted != self.world.webhook:
            self.world.webhook = wanted
            self._end_polls(BY_WEBHOOK)
            self.resume()
        return True

    def resume(self) -> None:
        """Send, if an address is set."""
        if self._sender is not None:
            self._sender.cancel()
        self._turns = {}
        loop = asyncio.get_running_loop()
        self._sender = loop.create_task(self._send())  # ends by itself without an address, or in close()

    async def _send(self) -> None:
        """Post what may go, as it comes; what is not answered with 2xx is sent again, ever later."""
        connector = aiohttp.TCPConnector(limit=0)
        async with (
            aiohttp.ClientSession(connector=connector, timeout=PATIENCE) as session,
            asyncio.TaskGroup() as posts,
        ):
            while (webhook := self.world.webhook) is not None:
                free = webhook["max_connections"] - sum(turn.busy for turn in self._turns.values())
                ready, wait = self._ready(free)
                for turn, entry in ready:
                    turn.busy = True
                    posts.create_task(self._post(session, turn, entry))
                await self.world.change(wait)

    def _ready(self, free: int) -> tuple[list[tuple[Turn, Queued]], float]:
        """List the heads of the lanes that may go now, and the seconds until another may."""
        now, wait = asyncio.get_running_loop().time(), 1.0
        ready: list[tuple[Turn, Queued]] = []
        seen: set[Lane] = set()
        for entry in self.world.updates.live():
            if len(ready) >= free:
                break  # whoever comes back from a post wakes the sender
            lane = lane_of(entry.update)
            if lane in seen:
                continue
            seen.add(lane)
            turn = self._turns.setdefault(lane, Turn())
            if not turn.busy and turn.until <= now:
                ready.append((turn, entry))
            elif not turn.busy:
                wait = min(wait, turn.until - now)
        return ready, wait

    async def _post(self, session: aiohttp.ClientSession, turn: Turn, entry: Queued) -> None:
        retry_after = await self._try(session, entry.update)
        turn.busy = False
        if retry_after is None:
            self.world.updates.delivered(entry)
            turn.pause = FIRST_PAUSE
        else:
            turn.until = asyncio.get_running_loop().time() + (retry_after or turn.pause)
            turn.pause = min(turn.pause * 2, LAST_PAUSE)
        self.world.beat()

    async def _try(self, session: aiohttp.ClientSession, update: Update) -> float | None:
        """Post an update: None when it was taken, else the Retry-After of the answer (0: none)."""
        for url in self._addresses():
            try:
                async with session.post(url, json=update, headers=self._headers()) as answer:
                    taken = answer.ok and self.world.faults.take_webhook_answer()
                    return None if taken else _retry_after(answer)
            except aiohttp.ClientConnectorError:
                continue
            except (aiohttp.ClientError, OSError):
                return 0.0
        return 0.0

    def _addresses(self) -> list[str]:
        """List where to post, the next target first; nowhere during an outage."""
        if self.world.webhook is None or self.world.faults.down is not None:
            return []
        url, targets = self.world.webhook["url"], self.world.webhook_targets
        if not targets:
            return [url]
        first = self._next_target % len(targets)
        self._next_target = first + 1
        return [_moved(url, target) for target in targets[first:] + targets[:first]]

    def _headers(self) -> dict[str, str]:
        secret = (self.world.webhook or {}).get("secret")
        return {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}

    async def close(self) -> None:
        """Stop sending."""
        if self._sender is not None:
            self._sender.cancel()
            with suppress(asyncio.CancelledError):
                await self._sender


def lane_of(update: Update) -> Lane:
    """Give the lane of an update: messages and edits by chat; presses, as with the real server, by person."""
    kind = kind_of(update)
    payload = update.get(kind) or {}
    if kind in {"message", "edited_message"}:
        return "chat", payload.get("chat", {}).get("id", 0)
    return kind, payload.get("from", {}).get("id", 0)


def _moved(url: str, target: str) -> str:
    """Put another host, «127.0.0.1:8081» or «http://127.0.0.1:8081», into an address."""
    scheme, _, host = target.rpartition("://")
    old = urlsplit(url)
    return old._replace(scheme=scheme or old.scheme, netloc=host.rstrip("/")).geturl()


def _retry_after(answer: aiohttp.ClientResponse) -> float:
    given = answer.headers.get("Retry-After", "")
    return min(float(given), MOST_RETRY_AFTER) if given.isdigit() else 0.0
