"""An honest server at the other end of aiogram: it counts arrivals, and refuses what breaks a limit."""

import asyncio
import json
import math
import random
from collections import deque
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType

TOKEN = "42:" + "T" * 35
LIMIT, PER_CHAT, PER_GROUP = 30, 1, 20  # in a second, in a second, in a minute
BLOCK = 5.0  # seconds for which a bot that broke a limit is not heard

Way = Callable[[], float]


def even(low: float, high: float, seed: int) -> Way:
    """Give round trips spread evenly between two figures, half of each a way."""
    dice = random.Random(seed)
    return lambda: dice.uniform(low / 2, high / 2)


def heavy(seed: int) -> Way:
    """Give ways of 25 ms and more with a heavy tail that ends at 3 s."""
    dice = random.Random(seed)
    return lambda: min(0.015 + dice.paretovariate(1.5) * 0.01, 3.0)


@dataclass
class Limits:
    """What has arrived, and what may arrive; a refused message is not counted among the arrived."""

    block: float = 0.0
    refusals: int = 0
    arrivals: int = 0
    _all: deque[float] = field(default_factory=deque)
    _chats: dict[int, deque[float]] = field(default_factory=dict)
    _deaf_until: float = -math.inf

    def arrives(self, chat_id: int, now: float) -> int:
        """Count a message that arrives; 0, or the seconds of its refusal."""
        chat = self._chats.setdefault(chat_id, deque())
        window, most = (60.0, PER_GROUP) if chat_id < 0 else (1.0, PER_CHAT)
        ends = [self._deaf_until, _over(self._all, now, 1.0, LIMIT), _over(chat, now, window, most)]
        wait = max(ends) - now
        if wait > 0:
            self.refusals += 1
            if self.block and now >= self._deaf_until:
                self._deaf_until = now + self.block
            return max(1, math.ceil(max(wait, self._deaf_until - now)))
        self.arrivals += 1
        self._all.append(now)
        chat.append(now)
        return 0


def _over(stamps: deque[float], now: float, window: float, most: int) -> float:
    """Give the moment from which another arrival is within a limit."""
    while stamps and stamps[0] <= now - window:
        stamps.popleft()
    return stamps[0] + window if len(stamps) >= most else -math.inf


class FarServer(BaseSession):
    """Takes a call one way, decides at its arrival, and brings the answer the way back."""

    def __init__(self, limits: Limits, way: Way) -> None:
        super().__init__()
        self.limits = limits
        self.way = way
        self.arrived_at = 0.0  # when the last message came

    async def close(self) -> None:
        """Nothing is open."""

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ARG002, ASYNC109 - aiogram's own signature
    ) -> TelegramType:
        """Answer as Telegram does, after the time it takes."""
        call = method.model_dump(exclude_none=True, warnings=False)
        await asyncio.sleep(self.way())
        code, answer = self._decide(call["chat_id"])
        await asyncio.sleep(self.way())
        response = self.check_response(
            bot=bot, method=method, status_code=code, content=json.dumps(answer, ensure_ascii=False)
        )
        result: Any = response.result
        return result  # type: ignore[no-any-return]

    def _decide(self, chat_id: int) -> tuple[int, dict[str, Any]]:
        self.arrived_at = asyncio.get_running_loop().time()
        seconds = self.limits.arrives(chat_id, self.arrived_at)
        if seconds:
            said = f"Too Many Requests: retry after {seconds}"
            parameters = {"retry_after": seconds}
            return 429, {"ok": False, "error_code": 429, "description": said, "parameters": parameters}
        chat = {"id": chat_id, "type": "group" if chat_id < 0 else "private", "title": "Школы"}
        message = {"message_id": self.limits.arrivals, "date": 1_790_000_000, "chat": chat}
        return 200, {"ok": True, "result": message}

    async def stream_content(
        self,
        url: str,  # noqa: ARG002 - aiogram's own signature
        headers: dict[str, Any] | None = None,  # noqa: ARG002
        timeout: int = 30,  # noqa: ARG002, ASYNC109
        chunk_size: int = 65536,  # noqa: ARG002
        raise_for_status: bool = True,  # noqa: ARG002
    ) -> AsyncGenerator[bytes, None]:
        """Give no bytes: nobody asks a wave for a file."""
        yield b""
