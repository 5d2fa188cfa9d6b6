"""The only source of now."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


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
