"""The wave of the benchmark, in short: the production courier on a virtual clock keeps the bars."""

import asyncio
import time

import pytest

from benchmarks.peers import peers
from benchmarks.sending import in_real_time, wave
from benchmarks.telegram import Limits, even, heavy
from benchmarks.virtual import run_virtually
from benchmarks.wave import Wave


def test_a_virtual_loop_skips_what_nobody_waits_for() -> None:
    async def a_day() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.gather(asyncio.sleep(86_400), asyncio.sleep(3600))
        return loop.time() - began

    began = time.monotonic()
    assert run_virtually(a_day()) == pytest.approx(86_400, abs=1)
    assert time.monotonic() - began < 5


def test_a_virtual_loop_waits_for_a_thread_as_long_as_it_works() -> None:
    async def a_nap() -> float:
        from benchmarks.virtual import impatient

        loop = asyncio.get_running_loop()
        began = loop.time()
        with impatient().working():
            await asyncio.wait(
                [loop.run_in_executor(None, time.sleep, 0.05), asyncio.ensure_future(asyncio.sleep(3600))],
                return_when=asyncio.FIRST_COMPLETED,
            )
        return loop.time() - began

    assert run_virtually(a_nap()) < 60


def test_the_server_refuses_the_thirty_first_in_a_second_and_is_deaf_then() -> None:
    limits = Limits(block=5.0)
    assert [limits.arrives(chat, chat / 100) for chat in range(30)] == [0] * 30
    assert limits.arrives(99, 0.5) == 5
    assert limits.arrives(98, 5.4) == 1
    assert limits.refusals == 2
    assert limits.arrives(98, 11.0) == 0


def test_the_server_hears_a_chat_once_a_second_and_a_group_twenty_times_a_minute() -> None:
    limits = Limits()
    assert limits.arrives(5, 0.0) == 0
    assert limits.arrives(5, 0.9) == 1
    assert limits.arrives(5, 1.0) == 0
    assert [limits.arrives(-5, 2 + second) for second in range(21)] == [0] * 20 + [40]


@pytest.mark.parametrize(("what", "way"), [("even", even(0.030, 0.120, 1)), ("heavy", heavy(1))])
def test_a_short_wave_is_fast_never_refused_and_lets_answers_pass(what: str, way: object) -> None:
    found = wave(what, way, range(1, 301), answers=20)  # type: ignore[arg-type]
    assert found.refusals == 0
    assert found.share >= 0.7  # other work on the machine counts as ours
    assert found.waited(0.5) <= 1.0
    assert f"{what} " in str(found)


def test_the_usual_loops_are_slow_or_refused() -> None:
    shares = {sent.what: (sent.share, sent.refusals) for sent in peers(600)}
    assert shares["peer: a loop with a sleep, 30–120 ms"][0] < 0.5
    assert shares["peer: a token bucket, heavy tail"][1] > 0


async def test_sixty_letters_go_over_real_sockets_without_a_refusal() -> None:
    found: Wave = await in_real_time(60)
    assert found.refusals == 0
    assert found.messages == 60
