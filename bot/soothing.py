"""Soothing: while the database cannot be written, whoever waits is told that they are heard.

Best effort and past the queue of letters, for that queue is what cannot be written. What is not stored
is not confirmed, so Telegram keeps it, and nobody need write again.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from bot.sender import Sender
from models.trouble import Trouble, trouble_of
from views.screen import Screen, message

PATIENCE = 5.0  # seconds of silence before a word
LOOK = 1.0
SEND_WITHIN = 5.0


@dataclass
class Waiting:
    """A chat that waits: since which second of the loop's clock, why, and whether it has been told."""

    since: float
    trouble: Trouble = Trouble.AWAY
    told: bool = False


class Soothing:
    """Says a word to each chat that has waited for long, once in a time of trouble."""

    def __init__(self, sender: Sender, words: Callable[[Trouble], Screen]) -> None:
        self.sender = sender
        self.words = words
        self._chats: dict[int, Waiting] = {}

    @contextmanager
    def of(self, chats: Iterable[int]) -> Iterator[None]:
        """Let these chats count as waiting until what the block does succeeds; groups are not disturbed."""
        people = {chat for chat in chats if chat > 0}
        for chat in people:
            self._chats.setdefault(chat, Waiting(asyncio.get_running_loop().time()))
        try:
            yield
        except Exception as error:
            trouble = trouble_of(error)
            if trouble is None:
                self._over(people)
            for chat in people & self._chats.keys():
                self._chats[chat].trouble = trouble or Trouble.AWAY
            raise
        self._over(people)

    def _over(self, people: set[int]) -> None:
        for chat in people:
            self._chats.pop(chat, None)

    async def run(self) -> None:
        """Look after those who wait, until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            now = asyncio.get_running_loop().time()
            for chat, waiting in list(self._chats.items()):
                if not waiting.told and now - waiting.since >= PATIENCE:
                    waiting.told = True
                    await self._tell(chat, waiting.trouble)

    async def _tell(self, chat_id: int, trouble: Trouble) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(SEND_WITHIN):
                await self.sender.send(message(self.words(trouble), chat_id))
