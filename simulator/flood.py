"""The honest limits of sending: what they count, whom they refuse, and for how long."""

import math
import time
from collections import deque
from collections.abc import Callable

from simulator.errors import ApiError, too_many

OVERALL, PER_CHAT, PER_GROUP = 30, 3, 20  # a second, a second in short bursts, a minute
SECOND, MINUTE = 1.0, 60.0


class Flood:
    """30 messages a second overall, 1 a second a chat in short bursts, 20 a minute a group.

    ``clock`` gives seconds and may be simulated. With ``block`` any 429 makes the server refuse everything
    for so many seconds; ``strict`` allows no bursts: one a second a chat, groups as well.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, *, block: float = 0.0, strict: bool = False
    ) -> None:
        self.clock = clock
        self.block = block
        self.strict = strict
        self.refusals = 0
        self._all: deque[float] = deque()
        self._chats: dict[int, deque[float]] = {}
        self._blocked_until = -math.inf

    def check(self, chat_id: int, messages: int = 1) -> None:
        """Count messages to a chat, an album at once, or refuse them all. Raises ApiError 429."""
        self.check_block()
        now = self.clock()
        chat = self._chats.setdefault(chat_id, deque())
        wait = max(self._overall(now, messages), self._in_chat(chat, chat_id, now, messages))
        if wait > 0:
            raise self.refuse(wait)
        self._all.extend([now] * messages)
        chat.extend([now] * messages)

    def check_block(self) -> None:
        """Refuse whatever comes while the bot is blocked. Raises ApiError 429 with the rest of the time."""
        rest = self._blocked_until - self.clock()
        if rest > 0:
            self.refusals += 1
            raise too_many(math.ceil(rest))

    def refuse(self, seconds: float) -> ApiError:
        """Count a refusal, begin the block if there is one, and give the 429 to raise."""
        self.refusals += 1
        self.begin_block()
        return too_many(max(1, math.ceil(max(seconds, self.block))))

    def begin_block(self) -> None:
        """Refuse everything from now on, for as long as ``block`` says."""
        if self.block:
            self._blocked_until = max(self._blocked_until, self.clock() + self.block)

    def _overall(self, now: float, messages: int) -> float:
        return _wait(self._all, SECOND, OVERALL, now, messages)

    def _in_chat(self, chat: deque[float], chat_id: int, now: float, messages: int) -> float:
        if chat_id < 0:
            pause = SECOND - (now - chat[-1]) if self.strict and chat else 0.0
            return max(pause, _wait(chat, MINUTE, PER_GROUP, now, messages))
        most = 1 if self.strict else PER_CHAT
        return _wait(chat, most * SECOND, most, now, 1)  # an album is let through whole and fills the window


def _wait(stamps: deque[float], window: float, most: int, now: float, messages: int) -> float:
    """Give the seconds until ``messages`` more fit into a window; 0 where they do."""
    while stamps and stamps[0] <= now - window:
        stamps.popleft()
    over = len(stamps) + messages - most
    if over <= 0:
        return 0.0
    return stamps[min(over, len(stamps)) - 1] + window - now if stamps else 0.0
