"""Faults that can be asked for, by method: errors, lost answers, hangs, slowness."""

import asyncio
import random
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What goes wrong with a call."""

    ERROR = "error"
    HTML_502 = "html_502"
    DROP = "drop"
    DELIVERED_THEN_DROPPED = "delivered_then_dropped"
    HANG = "hang"


@dataclass
class Fault:
    """One fault: of which method (None: any) and chat (None: any), how many times."""

    kind: Kind
    method: str | None
    chat_id: int | None
    times: int
    code: int = 500
    description: str = "Internal Server Error"
    retry_after: int | None = None
    seconds: float = 0.0


class Faults:
    """The faults waiting to happen, and the latency of every answer."""

    def __init__(self, seed: int = 1) -> None:
        self.waiting: list[Fault] = []
        self.low = self.high = 0.0
        self._random = random.Random(seed)

    def error(
        self,
        method: str | None,
        code: int,
        description: str,
        *,
        retry_after: int | None = None,
        times: int = 1,
        chat_id: int | None = None,
    ) -> None:
        """Answer with an error of the API, the call not executed."""
        self.waiting.append(Fault(Kind.ERROR, method, chat_id, times, code, description, retry_after))

    def html_502(self, method: str | None, *, times: int = 1) -> None:
        """Answer like a proxy in trouble: HTML."""
        self.waiting.append(Fault(Kind.HTML_502, method, None, times))

    def drop(self, method: str | None, *, times: int = 1, chat_id: int | None = None) -> None:
        """Close the connection, the call not executed."""
        self.waiting.append(Fault(Kind.DROP, method, chat_id, times))

    def delivered_then_dropped(
        self, method: str | None, *, times: int = 1, chat_id: int | None = None
    ) -> None:
        """Execute the call, then close the connection without an answer."""
        self.waiting.append(Fault(Kind.DELIVERED_THEN_DROPPED, method, chat_id, times))

    def hang(self, method: str | None, seconds: float, *, times: int = 1) -> None:
        """Execute the call and answer late."""
        self.waiting.append(Fault(Kind.HANG, method, None, times, seconds=seconds))

    def latency(self, low: float, high: float) -> None:
        """Let every answer take from ``low`` to ``high`` seconds."""
        self.low, self.high = low, high

    def take(self, method: str, chat_id: Any) -> Fault | None:
        """Use up the first fault that fits a call."""
        for fault in self.waiting:
            if fault.method in (None, method) and fault.chat_id in (None, chat_id):
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
                return fault
        return None

    async def wait(self) -> None:
        """Take the time an answer takes."""
        if self.high:
            await asyncio.sleep(self._random.uniform(self.low, self.high))
