"""Faults that can be asked for, by method and chat: errors, lost and broken answers, slowness, outages.

A fault waits for the next call that fits it (``method`` None: any; ``chat_id`` None: any) and happens
``times`` times. One of getUpdates also ends the poll that is waiting at the moment.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

ALWAYS = 10**9  # times: until clear()
FOR_EVER = 3600.0  # seconds: until the client gives up
CUT_JSON = '{"ok": true, "result": ['
OTHER_COPY = "terminated by other getUpdates request; make sure that only one bot instance is running"

Latency = Callable[[str, Any], float]


class Kind(StrEnum):
    """What goes wrong with a call."""

    ERROR = "error"
    HTML_502 = "html_502"
    MALFORMED = "malformed"
    DROP = "drop"
    RESET = "reset"
    DELIVERED_THEN_DROPPED = "delivered_then_dropped"
    TRUNCATED = "truncated"
    HALF = "half"
    HANG = "hang"
    ACCEPT_THEN_HANG = "accept_then_hang"


EXECUTED = frozenset(
    {Kind.DELIVERED_THEN_DROPPED, Kind.TRUNCATED, Kind.HALF, Kind.HANG, Kind.ACCEPT_THEN_HANG}
)


@dataclass
class Fault:
    """One fault: of which method and chat, how many times, and what a kind of it needs to know."""

    kind: Kind
    method: str | None = None
    chat_id: int | None = None
    times: int = 1
    code: int = 500
    description: str = "Internal Server Error"
    retry_after: int | None = None
    seconds: float = FOR_EVER
    body: str = ""
    executed: bool = False

    def __post_init__(self) -> None:
        self.executed = self.executed or self.kind in EXECUTED

    def fits(self, method: str, chat_id: Any) -> bool:
        """Tell whether a call is one of those meant."""
        meant = self.method is None or self.method.lower() == method.lower()
        return meant and self.chat_id in (None, chat_id)


class Faults:
    """The faults waiting to happen, the state of the network, and the latency of every answer."""

    def __init__(self, seed: int = 1) -> None:
        self.waiting: list[Fault] = []
        self.changed: Callable[[], None] = lambda: None  # told of every new fault
        self._down: Kind | None = None
        self._latency: Latency | None = None
        self._slow: dict[int, float] = {}
        self._lost_webhook_answers = 0
        self._random = random.Random(seed)

    # --- one call -----------------------------------------------------------------------------

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
        self.add(Fault(Kind.ERROR, method, chat_id, times, code, description, retry_after))

    def html_502(self, method: str | None, *, times: int = 1, chat_id: int | None = None) -> None:
        """Answer like a proxy in trouble: HTML, the call not executed."""
        self.add(Fault(Kind.HTML_502, method, chat_id, times))

    def malformed(
        self,
        method: str | None,
        body: str = CUT_JSON,
        *,
        executed: bool = False,
        times: int = 1,
        chat_id: int | None = None,
    ) -> None:
        """Answer 200 with a body that means nothing."""
        self.add(Fault(Kind.MALFORMED, method, chat_id, times, body=body, executed=executed))

    def empty(
        self, method: str | None, *, executed: bool = False, times: int = 1, chat_id: int | None = None
    ) -> None:
        """Answer 200 with an empty body."""
        self.malformed(method, "", executed=executed, times=times, chat_id=chat_id)

    def drop(self, method: str | None, *, times: int = 1, chat_id: int | None = None) -> None:
        """Close the connection, the call not executed."""
        self.add(Fault(Kind.DROP, method, chat_id, times))

    def delivered_then_dropped(
        self, method: str | None, *, times: int = 1, chat_id: int | None = None
    ) -> None:
        """Execute the call, then close the connection without an answer."""
        self.add(Fault(Kind.DELIVERED_THEN_DROPPED, method, chat_id, times))

    def truncated(self, method: str | None, *, times: int = 1, chat_id: int | None = None) -> None:
        """Execute the call, send half of the promised answer, then close the connection."""
        self.add(Fault(Kind.TRUNCATED, method, chat_id, times))

    def half(
        self,
        method: str | None,
        seconds: float = FOR_EVER,
        *,
        times: int = 1,
        chat_id: int | None = None,
    ) -> None:
        """Execute the call, send the headers of the answer, then silence on an open socket."""
        self.add(Fault(Kind.HALF, method, chat_id, times, seconds=seconds))

    def hang(self, method: str | None, seconds: float, *, times: int = 1, chat_id: int | None = None) -> None:
        """Execute the call and answer ``seconds`` late."""
        self.add(Fault(Kind.HANG, method, chat_id, times, seconds=seconds))

    def accept_then_hang(
        self,
        method: str | None,
        seconds: float = FOR_EVER,
        *,
        times: int = 1,
        chat_id: int | None = None,
    ) -> None:
        """Execute the call and never answer; the socket stays open for ``seconds``."""
        self.add(Fault(Kind.ACCEPT_THEN_HANG, method, chat_id, times, seconds=seconds))

    # --- what lasts ---------------------------------------------------------------------------

    def token_revoked(self) -> None:
        """Answer every call with 401 from now on."""
        for method in ("getUpdates", None):  # the first ends the waiting poll
            self.error(method, 401, "Unauthorized", times=ALWAYS)

    def second_copy(self) -> None:
        """Answer every getUpdates with 409 from now on, as if another copy kept asking."""
        self.error("getUpdates", 409, f"Conflict: {OTHER_COPY}", times=ALWAYS)

    def outage(self, *, html: bool = False) -> None:
        """Reset every call, the waiting poll too, until ``back()``; with ``html`` answer 502 instead."""
        self._down = Kind.HTML_502 if html else Kind.RESET
        self.changed()

    def back(self) -> None:
        """End the outage."""
        self._down = None
        self.changed()

    @property
    def down(self) -> Fault | None:
        """The outage as the fault of every call, while there is one."""
        return Fault(self._down) if self._down is not None else None

    def latency(self, low: float | Latency, high: float | None = None) -> None:
        """Let calls take from ``low`` to ``high`` seconds, or what a function of method and chat says."""
        if callable(low):
            self._latency = low
            return
        least, most = low, low if high is None else high
        self._latency = (lambda _method, _chat: self._random.uniform(least, most)) if most else None

    def slow_chat(self, chat_id: int, seconds: float) -> None:
        """Let calls about one chat take so much longer; 0: no longer."""
        self._slow[chat_id] = seconds

    def drop_webhook_answers(self, times: int) -> None:
        """Lose the next answers of the webhook: the update was taken and comes again."""
        self._lost_webhook_answers = times

    def clear(self, method: str | None = None) -> None:
        """Forget the faults that still wait, of one method or all."""
        self.waiting = [fault for fault in self.waiting if method is not None and fault.method != method]

    # --- the server's side --------------------------------------------------------------------

    def add(self, fault: Fault) -> None:
        """Let a fault wait for its call."""
        self.waiting.append(fault)
        self.changed()

    def take(self, method: str, chat_id: Any) -> Fault | None:
        """Use up the first fault that fits a call; an outage fits every call."""
        found = next((fault for fault in self.waiting if fault.fits(method, chat_id)), None)
        return self.down or self._used(found)

    def take_for_waiting_poll(self) -> Fault | None:
        """Use up what ends a poll in the middle: an outage, or a fault meant for getUpdates."""
        meant = (fault for fault in self.waiting if fault.method and not fault.executed)
        found = next((fault for fault in meant if fault.fits("getUpdates", None)), None)
        return self.down or self._used(found)

    def _used(self, fault: Fault | None) -> Fault | None:
        if fault is not None:
            fault.times -= 1
            if fault.times <= 0:
                self.waiting.remove(fault)
        return fault

    def take_webhook_answer(self) -> bool:
        """Tell whether an answer of the webhook arrives."""
        lost = self._lost_webhook_answers > 0
        self._lost_webhook_answers -= lost
        return not lost

    async def wait(self, method: str, chat_id: Any) -> None:
        """Take the time a call takes."""
        seconds = self._latency(method, chat_id) if self._latency is not None else 0.0
        seconds += self._slow.get(chat_id, 0.0) if isinstance(chat_id, int) else 0.0
        if seconds > 0:
            await asyncio.sleep(seconds)
