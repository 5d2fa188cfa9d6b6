"""getUpdates answers as the real server's queue does, at its edges as well."""

import asyncio
import time

import pytest
from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramConflictError
from aiogram.types import Update

from simulator import Person, Simulator


async def asked(bot: Bot, offset: int | None = None, timeout: int = 0) -> list[str]:  # noqa: ASYNC109 - the API's
    updates = await bot.get_updates(offset=offset, timeout=timeout)
    return [one.message.text or "" for one in updates if one.message]


async def started(sim: Simulator, polls: int) -> None:
    while len(sim.calls("getUpdates")) < polls:
        await sim.world.change(0.02)


async def test_after_a_silent_week_the_numbers_jump_down_and_an_old_offset_forgets_nothing(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    anna.sends("июнь")
    last = (await bot.get_updates())[-1].update_id
    assert await bot.get_updates(offset=last + 1) == []
    sim.world.set_next_update_id(5)
    anna.sends("июль")
    assert await asked(bot, offset=last + 1) == ["июль"]
    assert await asked(bot, offset=last + 2) == ["июль"]  # whoever keeps the greatest offset is never done
    assert await asked(bot, offset=6) == []
    assert sim.world.confirmed == [last, 5]


async def test_an_offset_a_little_above_the_tail_is_believed_and_forgets_everything(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    anna.sends("раз")
    last = (await bot.get_updates())[-1].update_id
    assert await asked(bot, offset=last + 12) == ["раз"]
    assert await bot.get_updates(offset=last + 11) == []
    assert await bot.get_updates() == []


async def test_a_poll_that_waits_through_the_jump_gets_the_first_of_the_new_numbers(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    anna.sends("июнь")
    last = (await bot.get_updates())[-1].update_id
    waiting = asyncio.ensure_future(asked(bot, offset=last + 1, timeout=5))
    await started(sim, 2)
    sim.world.set_next_update_id(5)
    anna.sends("июль")
    assert await waiting == ["июль"]


async def test_what_cannot_be_parsed_and_what_is_not_known_yet_come_raw(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    anna.forwards("переслано", named=False)
    with pytest.raises(ClientDecodeError):
        await bot.get_updates()
    assert [len(one.update) for one in sim.world.queue] == [2]
    sim.world.queue.clear()
    sim.deliver(sim.world.make_update("future", {}))
    assert [type(one) for one in await bot.get_updates()] == [Update]


async def test_the_same_offset_again_within_half_a_second_gets_one_update(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    for text in ("раз", "два", "три"):
        anna.sends(text)
    first = (await bot.get_updates(limit=1))[0].update_id
    assert await asked(bot, offset=first + 1) == ["два", "три"]
    assert await asked(bot, offset=first + 1) == ["два"]
    assert await asked(bot, offset=first + 2) == ["три"]


async def test_the_same_offset_again_within_three_seconds_is_made_to_wait(
    sim: Simulator, bot: Bot, anna: Person
) -> None:
    assert await bot.get_updates(offset=1) == []
    waiting = asyncio.ensure_future(asked(bot, offset=1))
    await started(sim, 2)
    assert not waiting.done()
    anna.sends("раз")
    assert await waiting == ["раз"]


async def test_the_second_conflict_in_three_seconds_comes_late(
    sim: Simulator, bot: Bot, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.polling.CONFLICT_PAUSE", 0.5)
    polls = []
    for number in range(1, 4):
        polls.append(asyncio.ensure_future(bot.get_updates(timeout=20)))
        await started(sim, number)
    with pytest.raises(TelegramConflictError):
        await polls[0]
    began = time.monotonic()
    anna.sends("раз")
    assert len(await polls[2]) == 1
    with pytest.raises(TelegramConflictError):
        await polls[1]
    assert time.monotonic() - began > 0.4


async def test_a_poll_that_need_not_wait_ends_nobody(sim: Simulator, bot: Bot, anna: Person) -> None:
    older = asyncio.ensure_future(asked(bot, timeout=5))
    await started(sim, 1)
    assert await bot.get_updates() == []
    anna.sends("раз")
    assert await older == ["раз"]
