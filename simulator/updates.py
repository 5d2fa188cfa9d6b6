"""The queue of updates: numbered, kept for a while, forgotten when an offset confirms them."""

import itertools
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

MESSAGE_LIFE = timedelta(hours=24)
CALLBACK_LIFE = timedelta(seconds=150)
DEFAULT_UPDATES = frozenset(
    {"message", "edited_message", "callback_query", "my_chat_member", "inline_query", "channel_post"}
)
FUTURE = 10  # an offset so far above the tail is believed, one beyond is not

Update = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Queued:
    """An update in the queue and the moment after which it is never sent."""

    update: Update
    expires: datetime


class Updates:
    """The one queue of the bot."""

    def __init__(self, now: Callable[[], datetime], first: int) -> None:
        self._now = now
        self._numbers = itertools.count(first)
        self._tail = 0  # the number after the last one queued; 0: there is no queue yet
        self.queue: list[Queued] = []
        self.confirmed: list[int] = []
        self.allowed: frozenset[str] = DEFAULT_UPDATES

    def make(self, kind: str, payload: dict[str, Any]) -> Update:
        """Make an update with the next number, not queued yet."""
        return {"update_id": next(self._numbers), kind: deepcopy(payload)}

    def push(self, update: Update) -> bool:
        """Queue an update, unless its kind is not allowed; presses live 150 s, the rest a day."""
        kind = kind_of(update)
        if kind in DEFAULT_UPDATES and kind not in self.allowed:
            return False
        life = CALLBACK_LIFE if kind == "callback_query" else MESSAGE_LIFE
        self.queue.append(Queued(update, self._now() + life))
        self._tail = max(self._tail, update["update_id"] + 1)
        return True

    def restart(self, number: int) -> None:
        """Begin again at a number, as after a silent week: the old queue is gone with its tail."""
        self.queue.clear()
        self._numbers = itertools.count(number)
        self._tail = 0

    def live(self) -> list[Queued]:
        """Drop what has expired and give the rest."""
        now = self._now()
        self.queue = [entry for entry in self.queue if entry.expires > now]
        return self.queue

    def head(self, limit: int) -> list[Update]:
        """Give the oldest updates, ``limit`` at most."""
        return [entry.update for entry in self.live()[:limit]]

    def forget_below(self, offset: int) -> None:
        """Forget what lies below an offset; a negative one keeps only the last ones.

        As tdlib does it: an offset more than ten above the tail is «in the future» and refused by
        TQueueImpl::get (td, TQueue.cpp), whereupon Client::do_get_updates (telegram-bot-api) answers from the
        head and forgets nothing. Up to ten above the tail it is believed, and everything goes.
        """
        if offset > self._tail + FUTURE:
            return
        if offset < 0:
            gone, kept = self.queue[:offset], self.queue[offset:]
        else:
            gone = [entry for entry in self.queue if entry.update["update_id"] < offset]
            kept = [entry for entry in self.queue if entry.update["update_id"] >= offset]
        self.queue = kept
        self.confirmed.extend(entry.update["update_id"] for entry in gone)

    def delivered(self, entry: Queued) -> None:
        """Forget one update that a webhook has taken."""
        self.queue = [one for one in self.queue if one is not entry]
        self.confirmed.append(entry.update["update_id"])


def kind_of(update: Update) -> str:
    """Give the kind of an update: its one key beside the number."""
    return next((key for key in update if key != "update_id"), "")
