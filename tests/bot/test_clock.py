"""The clock: aware, in UTC, and movable where somebody asks for it."""

from datetime import UTC, timedelta

from bot.clock import ShiftedClock, SystemClock


def test_the_moment_is_aware_and_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_the_shifted_clock_follows_its_offset_as_it_moves() -> None:
    offset = [timedelta()]
    clock = ShiftedClock(lambda: offset[0])
    before = clock.now()
    offset[0] = timedelta(weeks=1)
    assert timedelta(weeks=1) <= clock.now() - before < timedelta(weeks=1, minutes=1)
