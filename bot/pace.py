"""The window rule: as fast as Telegram allows, and never a message more.

A message may go while fewer than ``per_second`` are in flight or were answered less than
(1 s − 0.9 × the smallest round trip) ago: the server counts arrivals, we see answers, and an arrival
lies at least the way back before its answer. A chat takes one at a time and the next ``per_chat``
seconds after its answer; a group at most ``per_minute`` in sixty seconds.
"""

from collections import deque

WINDOW = 1.0
MINUTE = 60.0
SHARE = 0.9


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
        self._blocked_until = 0.0
        self._round_trip = 0.0

    def wait(self, chat_id: int, now: float) -> float:
        """Give the seconds until a message to this chat may go (0: now)."""
        return max(self._overall(now), self._chat(chat_id, now), 0.0)

    def _overall(self, now: float) -> float:
        window = WINDOW - SHARE * self._round_trip
        while self._answers and self._answers[0] <= now - window:
            self._answers.popleft()
        blocked = self._blocked_until - now
        if len(self._in_flight) + len(self._answers) < self.per_second:
            return blocked
        if not self._answers:
            return float("inf")
        return max(blocked, self._answers[0] + window - now)

    def _chat(self, chat_id: int, now: float) -> float:
        if chat_id in self._in_flight:
            return float("inf")
        wait = self._chat_free.get(chat_id, now) - now
        group = self._groups.get(chat_id)
        if group is not None:
            while group and group[0] <= now - MINUTE:
                group.popleft()
            if len(group) >= self.per_minute:
                wait = max(wait, group[0] + MINUTE - now)
        return wait

    def sent(self, chat_id: int) -> None:
        """Note that a message is on its way."""
        self._in_flight.add(chat_id)

    def released(self, chat_id: int) -> None:
        """Note that nothing was sent after all."""
        self._in_flight.discard(chat_id)

    def answered(self, chat_id: int, now: float, round_trip: float) -> None:
        """Note the answer to a message and the seconds it took."""
        self._in_flight.discard(chat_id)
        self._answers.append(now)
        self._round_trip = min(self._round_trip or round_trip, round_trip)
        self._chat_free[chat_id] = now + self.per_chat
        if chat_id < 0:
            self._groups.setdefault(chat_id, deque()).append(now)
        if len(self._chat_free) > 10 * self.per_second:
            self._chat_free = {chat: free for chat, free in self._chat_free.items() if free > now}

    def refused(self, chat_id: int, now: float, seconds: float) -> None:
        """Note a 429: nothing goes before its time is over."""
        self._blocked_until = max(self._blocked_until, now + seconds)
        self._chat_free[chat_id] = max(self._chat_free.get(chat_id, now), now + seconds)
