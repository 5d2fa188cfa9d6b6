"""Two bots started as an administrator starts them, with one PostgreSQL database."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from simulator import Simulator
from tests.bot.test_service import command, environment, served
from tests.faults.swarm import BUSY_MACHINE, telegram, until

pytestmark = [pytest.mark.faults, pytest.mark.postgres]

ON_SERVER = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
TAKEN = "С этой базой уже работает бот, который опрашивает Telegram"


async def answers(sim: Simulator, user_id: int) -> None:
    """Let a stranger write, and wait for the answer."""
    stranger = sim.person("Прохожий", user_id=user_id)
    stranger.sends("/start")
    await stranger.receives("личную ссылку", timeout=30)


def seconds_between(sim: Simulator, first: str, then: str, after: int) -> float:
    """Give the seconds from one call to another, both of the journal's calls after so many."""
    calls = sim.journal[after:]
    began = next(call.at for call in calls if call.method == first)
    return (
        next(call.at for call in calls if call.method == then and call.at >= began) - began
    ).total_seconds()


@ON_SERVER
async def test_of_two_that_poll_with_one_database_the_second_leaves_with_75_and_the_first_goes_on(
    database_url: str, tmp_path: Path
) -> None:
    async with telegram() as sim:
        env = {name: environment(sim, tmp_path / name, DATABASE_URL=database_url) for name in ("a", "b", "c")}
        async with served(env["a"]) as first:
            await answers(sim, 5)
            before, began = len(sim.calls("getMe")), time.monotonic()
            second = asyncio.ensure_future(command(env["b"], "run"))

            async def begun() -> bool:
                return len(sim.calls("getMe")) > before

            started = await until(begun)
            code, _, err = await second
            left_after = time.monotonic() - began
            assert (code, TAKEN in err, "Traceback" in err) == (75, True, False)
            await answers(sim, 5)
            first.kill()
            await first.wait()
        known = len(sim.journal)
        async with served(env["c"]) as third:
            await answers(sim, 5)
            polling_after = seconds_between(sim, "getMe", "getUpdates", known)
        assert third.returncode == 0
    print(f"a second poller: left after {left_after:.1f} s, {started:.1f} of them for its imports")
    assert left_after - started <= 5.0
    assert polling_after <= 1.0 + BUSY_MACHINE  # the lease of the dead one was free at once


@ON_SERVER
@pytest.mark.long
async def test_two_with_a_webhook_run_side_by_side_and_one_goes_on_alone(
    database_url: str, tmp_path: Path
) -> None:
    first_port = 20_000 + os.getpid() % 1000 * 10 + 5
    async with telegram() as sim:
        sim.world.webhook_targets = [f"http://127.0.0.1:{first_port + number}" for number in range(2)]
        sim.faults.error("setWebhook", 429, "Too Many Requests: retry after 1", retry_after=1)
        env = [
            environment(
                sim,
                tmp_path / str(number),
                DATABASE_URL=database_url,
                WEBHOOK_URL="https://bot.example.ru/telegram",
                WEBHOOK_SECRET="long-and-secret_42",
                HTTP_PORT=str(first_port + number),
            )
            for number in range(2)
        ]
        async with served(env[0]) as first, served(env[1]) as second:

            async def both_set() -> bool:
                return len(sim.executed("setWebhook")) == 2

            await until(both_set, 30)
            for number in range(6):
                await answers(sim, 50 + number)
            assert (first.returncode, second.returncode) == (None, None)
            assert len(sim.calls("setWebhook")) > 2  # somebody was told to wait, and did
            first.kill()
            await first.wait()
            for number in range(3):
                await answers(sim, 60 + number)
        assert second.returncode == 0
