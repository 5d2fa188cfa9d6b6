"""A measure: ours, a floor, and the ratio that can be trusted on a noisy machine."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """Seconds of ours and of the floor for the same amount of work."""

    what: str
    ours: float
    floor: float

    def __str__(self) -> str:
        """Print in milliseconds."""
        ratio = self.ours / self.floor
        return f"{self.what:<40} {self.ours * 1000:>8.1f} ms {self.floor * 1000:>8.1f} ms  × {ratio:.2f}"


def best(run: Callable[[], object], times: int = 5) -> float:
    """Give the best of several runs, in seconds: the least disturbed one."""
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - started)
    return min(seconds)
