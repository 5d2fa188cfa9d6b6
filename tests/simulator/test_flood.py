"""The honest limits, on a clock that the test moves."""

from dataclasses import dataclass

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramRetryAfter

from simulator import Person, Simulator
from simulator.errors import ApiError
from simulator.flood import Flood


@dataclass
class Watch:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def refused(flood: Flood, chat_id: int, messages: int = 1) -> int:
    """Give the retry_after of a refusal."""
    with pytest.raises(ApiError) as error:
        flood.check(chat_id, messages)
    assert error.value.code == 429
    return error.value.parameters["retry_after"]


def test_thirty_a_second_go_and_the_next_one_waits_for_the_first_to_leave_the_window() -> None:
    watch = Watch()
    flood = Flood(watch)
    for chat in range(1, 31):
        flood.check(chat)
    assert refused(flood, 31) == 1
    watch.now += 0.99
    assert refused(flood, 31) == 1
    watch.now += 0.01
    flood.check(31)
    assert flood.refusals == 2


def test_a_chat_takes_a_short_burst_unless_the_limit_is_strict() -> None:
    watch = Watch()
    flood = Flood(watch)
    for _ in range(3):
        flood.check(7)
    assert refused(flood, 7) == 3
    flood.strict = True
    flood.check(8)
    assert refused(flood, 8) == 1
    watch.now += 1.0
    flood.check(8)


def test_a_group_takes_twenty_a_minute_and_an_album_counts_its_pictures() -> None:
    watch = Watch()
    flood = Flood(watch)
    flood.check(-1, 10)
    watch.now += 30
    flood.check(-1, 9)
    assert refused(flood, -1, 2) == 30
    flood.check(-1)
    watch.now += 30
    flood.check(-1, 10)


def test_an_album_goes_whole_into_a_chat_and_the_chat_is_full_then() -> None:
    watch = Watch()
    flood = Flood(watch, strict=True)
    flood.check(7, 10)
    assert refused(flood, 7) == 1
    watch.now += 1.0
    flood.check(7)


def test_after_a_refusal_a_blocked_bot_is_refused_everywhere_until_the_block_is_over() -> None:
    watch = Watch()
    flood = Flood(watch, block=5.0, strict=True)
    flood.check(7)
    assert refused(flood, 7) == 5
    watch.now += 3.5
    assert refused(flood, 8) == 2
    watch.now += 1.5
    flood.check(8)
    assert flood.refusals == 2


async def test_a_refusal_blocks_every_method_but_polling_and_is_counted(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    watch = Watch()
    sim.world.flood.clock = watch
    sim.world.flood_limits, sim.world.flood_block, sim.world.flood_strict = True, 5.0, True
    await bot.send_message(7, "раз")
    for call in (bot.send_message(7, "два"), bot.send_chat_action(7, "typing")):
        with pytest.raises(TelegramRetryAfter) as error:
            await call
        assert error.value.retry_after == 5
    assert await bot.get_updates() == []
    watch.now += 5.0
    await bot.send_message(7, "два")
    assert sim.world.refusals == 2
    assert sim.sent_texts() == [(7, "раз"), (7, "два")]


async def test_a_scripted_429_blocks_as_well(sim: Simulator, bot: Bot, anna: Person) -> None:
    watch = Watch()
    sim.world.flood.clock, sim.world.flood_block = watch, 5.0
    sim.faults.error("sendMessage", 429, "Too Many Requests: retry after 5", retry_after=5)
    for text in ("раз", "два"):
        with pytest.raises(TelegramRetryAfter):
            await bot.send_message(7, text)
    watch.now += 5.0
    await bot.send_message(7, "раз")
