"""The only source of now."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

RELEASED = datetime(2026, 9, 1, tzinfo=UTC)  # this program did not exist before
PLAINLY = timedelta(days=1)  # less may be a clock set by hand, or an hour of summer time


def plainly_wrong(now: datetime, *, last_alive: datetime | None, server: datetime | None) -> bool:
    """Tell whether a clock cannot be right.

    It is compared with what Telegram's server says, else with the last moment the bot was at work.
    """
    if server is not None:
        return abs(now - server) > PLAINLY
    return now < RELEASED or (last_alive is not None and now < last_alive - PLAINLY)


class Clock(Protocol):
    """Where now comes from."""

    def now(self) -> datetime:
        """Give the present moment, aware, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Give the present moment, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one place in the bot


class ShiftedClock:
    """The machine's clock and an offset that somebody else moves: for the demo and the tests."""

    def __init__(self, offset: Callable[[], timedelta]) -> None:
        self._offset = offset

    def now(self) -> datetime:
        """Give the shifted moment, aware, in UTC."""
        return datetime.now(UTC) + self._offset()  # noqa: TID251 - the same
