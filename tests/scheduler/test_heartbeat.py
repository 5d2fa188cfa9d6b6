"""The heartbeat: looks at once and again, survives what fails, and notices a step of the clock."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from scheduler import heartbeat
from scheduler.heartbeat import Heartbeat


@asynccontextmanager
async def beating(beat: Heartbeat) -> AsyncIterator[None]:
    """Beat until the block ends."""
    async with asyncio.TaskGroup() as group, asyncio.timeout(10):
        task = group.create_task(beat.run())
        try:
            yield
        finally:
            task.cancel()


async def test_each_job_runs_at_once_however_seldom_it_runs() -> None:
    first, second = asyncio.Event(), asyncio.Event()

    async def look() -> None:
        first.set()

    async def sweep() -> None:
        second.set()

    async with beating(Heartbeat({"look": (3600, look), "sweep": (86400, sweep)})):
        await first.wait()
        await second.wait()


async def test_a_job_that_fails_is_named_and_runs_again() -> None:
    runs, again = list[int](), asyncio.Event()

    async def fails() -> None:
        runs.append(1)
        if len(runs) > 1:
            again.set()
        raise LookupError("Анна Директорова")

    with capture_logs() as lines:
        async with beating(Heartbeat({"look": (0.05, fails)})):
            await again.wait()
    assert lines[0] == {"event": "a job failed", "job": "look", "error": "LookupError", "log_level": "error"}


async def test_a_job_never_runs_beside_itself() -> None:
    at_once, runs, enough = [0], list[int](), asyncio.Event()

    async def slow() -> None:
        at_once[0] += 1
        runs.append(at_once[0])
        await asyncio.sleep(0.1)
        at_once[0] -= 1
        if len(runs) > 2:
            enough.set()

    async with beating(Heartbeat({"look": (0.02, slow)})):
        await enough.wait()
    assert max(runs) == 1


async def test_a_job_in_hand_is_over_when_the_heartbeat_is() -> None:
    begun, over = asyncio.Event(), asyncio.Event()

    async def endless() -> None:
        begun.set()
        try:
            await asyncio.sleep(3600)
        finally:
            over.set()

    async with beating(Heartbeat({"look": (1, endless)})):
        await begun.wait()
    async with asyncio.timeout(1):
        await over.wait()


@pytest.mark.parametrize("hours", [-3, 3])
async def test_a_step_of_the_clock_moves_the_next_run_to_now(
    monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    real, offset, moved = heartbeat.wall, [timedelta()], asyncio.Event()
    asked: list[Any] = []

    class Scheduler:
        def modify_job(self, name: str, *, next_run_time: object) -> None:
            asked.append((name, next_run_time))
            moved.set()

    monkeypatch.setattr(heartbeat, "WATCH", 0.02)
    monkeypatch.setattr(heartbeat, "wall", lambda: real() + offset[0])

    async def look() -> None:
        """Look at nothing."""

    async with asyncio.TaskGroup() as group, asyncio.timeout(10):
        task = group.create_task(Heartbeat({"look": (20, look)})._watch(Scheduler()))
        await asyncio.sleep(0.1)
        assert asked == []
        offset[0] = timedelta(hours=hours)
        await moved.wait()
        await asyncio.sleep(0.1)
        task.cancel()
    assert len(asked) == 1
    assert abs(asked[0][1] - real() - offset[0]) < timedelta(seconds=5)
