"""The window rule: as fast as Telegram allows, and never a message more.

A message may go while fewer than ``per_second`` are in flight or were answered less than (1 s − the
smallest round trip) ago: the server counts arrivals, we see answers, and an arrival lies at least the
way back before its answer. How far the smallest round trip seen lies above the smallest possible one is
guessed from how many were seen, and left as a margin. A chat takes one at a time and the next
``per_chat`` seconds after its answer; a group at most ``per_minute`` in sixty seconds.

A 429 may be about one chat or about the whole bot, and does not say which. It stops its chat, and casts
doubt: one message at a time goes to others until one is taken. If another chat is refused as well, it is
the bot, and everybody waits.

A burst of thirty would come back as a burst every second, and an answer to a person would wait for the
next one: beyond ``AT_ONCE`` a wave begins evenly, and its places then come free one after another.
"""

from collections import deque
from math import inf, sqrt

WINDOW = 1.0
MINUTE = 60.0
AT_ONCE = 15  # messages that may go side by side out of rest
EVENLY = 1 / 40  # seconds between those after them
CAUTION = 2.0  # times the excess that the smallest of so many round trips is expected to have


class Pace:
    """Pure bookkeeping: moments are seconds of a monotonic clock, handed in."""

    def __init__(self, per_second: int = 30, per_chat: float = 1.0, per_minute: int = 20) -> None:
        self.per_second = per_second
        self.per_chat = per_chat
        self.per_minute = per_minute
        self._in_flight: set[int] = set()
        self._answers: deque[float] = deque()
        self._chat_free: dict[int, float] = {}
        self._groups: dict[int, deque[float]] = {}
        self._blocked_until = -inf
        self._doubter: int | None = None  # the chat whose refusal casts doubt
        self._evenly_from = -inf
        self._round_trip = RoundTrip()

    def wait(self, chat_id: int, now: float) -> float:
        """Give the seconds until a message to this chat may go (0: now)."""
        return max(self.room(now), self._chat(chat_id, now), 0.0)

    def room(self, now: float) -> float:
        """Give the seconds until a message may go to a chat that has no limit of its own just now."""
        if self._doubter is not None and self._in_flight:
            return inf
        return max(self._window(now), self.blocked(now))

    def blocked(self, now: float) -> float:
        """Give the seconds for which the whole bot is refused."""
        return max(self._blocked_until - now, 0.0)

    def _window(self, now: float) -> float:
        window = WINDOW - self._round_trip.surely
        while self._answers and self._answers[0] <= now - window:
            self._answers.popleft()
        taken = len(self._in_flight) + len(self._answers)
        over = taken - self.per_second
        if over >= len(self._answers):
            return inf
        if over >= 0:
            return self._answers[over] + window - now
        if AT_ONCE <= taken < self.per_second - 1:
            return self._evenly_from - now
        return 0.0

    def _chat(self, chat_id: int, now: float) -> float:
        if chat_id in self._in_flight:
            return inf
        wait = self._chat_free.get(chat_id, now) - now
        group = self._groups.get(chat_id)
        if group is not None:
            while group and group[0] <= now - MINUTE:
                group.popleft()
            if len(group) >= self.per_minute:
                wait = max(wait, group[0] + MINUTE - now)
        return wait

    def sent(self, chat_id: int, now: float = -inf) -> None:
        """Note that a message is on its way, or will be at ``now``."""
        self._in_flight.add(chat_id)
        self._evenly_from = now + EVENLY

    def released(self, chat_id: int) -> None:
        """Note that nothing was sent after all."""
        self._in_flight.discard(chat_id)

    def answered(self, chat_id: int, now: float, round_trip: float) -> None:
        """Note the answer to a message and the seconds it took."""
        self._doubter = None
        self._round_trip.seen(round_trip)
        self._over(chat_id, now, self.per_chat)

    def refused(self, chat_id: int, now: float, seconds: float) -> None:
        """Note a 429 in the place of an answer: nothing goes to this chat before its time is over."""
        if self._doubter not in {None, chat_id}:
            self._blocked_until = max(self._blocked_until, now + seconds)
        self._doubter = chat_id
        self._over(chat_id, now, max(seconds, self.per_chat))

    def _over(self, chat_id: int, now: float, pause: float) -> None:
        self._in_flight.discard(chat_id)
        self._answers.append(now)
        self._chat_free[chat_id] = now + pause
        if chat_id < 0:
            self._groups.setdefault(chat_id, deque()).append(now)
        if len(self._chat_free) > 10 * self.per_second:
            self._chat_free = {chat: free for chat, free in self._chat_free.items() if free > now}


class RoundTrip:
    """What is known of the smallest round trip."""

    def __init__(self) -> None:
        self._smallest = inf
        self._usual = 0.0
        self._count = 0

    def seen(self, seconds: float) -> None:
        """Note another round trip."""
        self._count += 1
        self._smallest = min(self._smallest, seconds)
        self._usual += (seconds - self._usual) / min(self._count, 1000)

    @property
    def surely(self) -> float:
        """Give the seconds that no round trip falls short of, as far as can be guessed."""
        if not self._count:
            return 0.0
        spread = self._usual - self._smallest
        return max(0.0, self._smallest - CAUTION * spread * sqrt(2 / self._count))
