"""Walking the clock: from due moment to due moment, waiting at each until the letters are still.

For the demo and the stories, whose clock can be moved; a bot in service never walks.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.wiring import Parts
from scheduler import digests, planner, worker

MOMENT = 0.1  # seconds after which the queues are looked at even without a commit
PATIENCE = 60.0  # seconds after which stillness is given up


class NotStill(Exception):
    """Something is still being said or done after the patience ran out."""


async def busy(parts: Parts) -> int:
    """Count what is due and not done yet: updates, letters and works."""
    now = parts.clock.now()
    async with parts.database.reading() as session:
        return (
            await parts.lanes.pending(session, now)
            + await parts.courier.pending(session, now)
            + await worker.pending(session, now=now)
        )


async def still(parts: Parts) -> None:
    """Wait until nothing is due any more. Raises NotStill."""
    bell = parts.database.bell.listener()
    try:
        async with asyncio.timeout(PATIENCE):
            while await busy(parts):
                await _rung(bell)
    except TimeoutError:
        raise NotStill(await busy(parts)) from None


async def _rung(bell: asyncio.Event) -> None:
    """Wait for the next commit, or for a moment: some things become due without one."""
    bell.clear()
    try:
        async with asyncio.timeout(MOMENT):
            await bell.wait()
    except TimeoutError:
        return


async def next_moment(parts: Parts) -> datetime | None:
    """Give the earliest moment, of now or later, at which something becomes due."""
    async with parts.database.reading() as session:
        moments = (
            await planner.next_moment(session),
            await digests.next_moment(session),
            await parts.courier.next_moment(session),
        )
    return min((moment for moment in moments if moment is not None), default=None)


async def walk(parts: Parts, set_clock: Callable[[datetime], None], delta: timedelta) -> None:
    """Move the clock by ``delta``, stopping at each due moment until everything has been said."""
    target = parts.clock.now() + delta
    await still(parts)
    while (moment := await next_moment(parts)) is not None and moment <= target:
        if moment > parts.clock.now():
            set_clock(moment)
        await parts.look()
        await still(parts)
    set_clock(target)
    await parts.look()
    await still(parts)
