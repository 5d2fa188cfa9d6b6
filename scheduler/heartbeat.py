"""The heartbeat: APScheduler holds a few interval jobs and no knowledge.

What is due lies in the database; a job only looks. After a step of the wall clock an interval job can
stay silent for as long as the step was, so a watch compares the wall with a monotonic clock.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = structlog.get_logger()

Job = Callable[[], Awaitable[None]]
WATCH = 5.0  # seconds between comparisons
STEP = 2.0  # seconds of difference that count as a step of the clock


class Heartbeat:
    """Runs each job every so many seconds; a job that fails is logged and runs again."""

    def __init__(self, jobs: Mapping[str, tuple[float, Job]]) -> None:
        self.jobs = jobs

    async def run(self) -> None:
        """Beat until cancelled."""
        scheduler = AsyncIOScheduler(timezone=UTC)
        now = wall()
        for name, (seconds, job) in self.jobs.items():
            scheduler.add_job(
                _guarded(name, job),
                "interval",
                seconds=seconds,
                id=name,
                next_run_time=now,
                misfire_grace_time=None,
                coalesce=True,
                max_instances=1,
            )
        scheduler.start()
        try:
            await self._watch(scheduler)
        finally:
            scheduler.shutdown(wait=False)

    async def _watch(self, scheduler: AsyncIOScheduler) -> None:
        behind = wall().timestamp() - time.monotonic()
        while True:
            await asyncio.sleep(WATCH)
            difference = wall().timestamp() - time.monotonic()
            if abs(difference - behind) > STEP:
                log.warning("the clock was moved", seconds=round(difference - behind))
                for name in self.jobs:
                    scheduler.modify_job(name, next_run_time=wall())
            behind = difference


def wall() -> datetime:
    """Give the machine's own moment: APScheduler compares with nothing else."""
    return datetime.now(UTC)  # noqa: TID251 - not a now of the bot's, only of its heartbeat


def _guarded(name: str, job: Job) -> Job:
    async def run() -> None:
        try:
            await job()
        except Exception as error:  # noqa: BLE001 - the next beat tries again
            log.error("a job failed", job=name, error=type(error).__name__)

    return run
