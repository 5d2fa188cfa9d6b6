"""The simulator's clock: real time and an offset that the demo and the tests move."""

from datetime import UTC, datetime, timedelta


class SimulatedClock:
    """Runs like the real one, ``offset`` away from it."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        """Give the simulated moment in UTC."""
        return datetime.now(UTC) + self.offset  # noqa: TID251 - the one place that asks the machine

    def set(self, moment: datetime) -> None:
        """Make it ``moment`` now."""
        self.offset += moment - self.now()

    def advance(self, delta: timedelta) -> None:
        """Move by ``delta``."""
        self.offset += delta
