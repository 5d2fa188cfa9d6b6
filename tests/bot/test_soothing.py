"""Soothing: who waits for a database in trouble hears a word, once, and groups are left alone."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot import soothing
from bot.sender import Sender
from bot.soothing import Soothing
from models.trouble import Trouble
from tests.bot.wire import Wire, bot_on, message, ok
from views.outages import patience

ANNA, BORIS, GROUP = 7, 8, -1001
BUSY, FULL = "Минуту", "кончилось место"


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soothing, "PATIENCE", 0.05)
    monkeypatch.setattr(soothing, "LOOK", 0.01)


@asynccontextmanager
async def soothed(wire_reply: object = None) -> AsyncIterator[tuple[Soothing, Wire]]:
    """Look after those who wait until the block ends."""
    bot, wire = bot_on(
        lambda _name, _call: wire_reply if isinstance(wire_reply, Exception) else ok(message(1))
    )
    made = Soothing(Sender(bot), patience)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(made.run())
        try:
            yield made, wire
        finally:
            task.cancel()


def trouble(name: str) -> sqlite3.OperationalError:
    """Make an error as SQLite raises it."""
    error = sqlite3.OperationalError("no")
    error.sqlite_errorname = name
    return error


async def fails(found: Soothing, error: Exception, *chats: int) -> None:
    with pytest.raises(type(error)), found.of(chats):
        raise error


async def told(wire: Wire, count: int) -> list[tuple[int, str]]:
    """Wait until so many were told, and a little longer for those who must not be."""
    async with asyncio.timeout(5):
        while len(wire.calls) < count:  # noqa: ASYNC110 - another task does it
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    return [(call["chat_id"], call["text"]) for name, call in wire.calls if name == "sendMessage"]


async def test_who_waits_for_long_in_one_step_hears_one_word_however_long_it_takes() -> None:
    async with soothed() as (found, wire):
        with found.of([ANNA]):
            ((chat, words),) = await told(wire, 1)
        assert (chat, BUSY in words) == (ANNA, True)
        assert "Повторять сообщение не нужно" in words


async def test_what_is_soon_done_needs_no_word() -> None:
    async with soothed() as (found, wire):
        with found.of([ANNA, BORIS]):
            await asyncio.sleep(0)
        assert await told(wire, 0) == []


async def test_who_waits_over_many_tries_hears_one_word_for_all_of_them() -> None:
    async with soothed() as (found, wire):
        for _ in range(10):
            await fails(found, trouble("SQLITE_BUSY"), ANNA)
            await asyncio.sleep(0.02)
        assert [chat for chat, _ in await told(wire, 1)] == [ANNA]


async def test_the_word_says_whether_the_database_is_busy_or_the_disk_is_full() -> None:
    async with soothed() as (found, wire):
        await fails(found, trouble("SQLITE_FULL"), ANNA)
        await fails(found, trouble("SQLITE_BUSY"), BORIS)
        words = dict(await told(wire, 2))
        assert FULL in words[ANNA]
        assert BUSY in words[BORIS]


async def test_after_a_success_the_next_trouble_is_told_anew() -> None:
    async with soothed() as (found, wire):
        for count in (1, 2):
            await fails(found, trouble("SQLITE_FULL"), ANNA)
            assert len(await told(wire, count)) == count
            with found.of([ANNA]):
                pass


async def test_a_bug_is_nothing_to_wait_for() -> None:
    async with soothed() as (found, wire):
        await fails(found, LookupError(), ANNA)
        assert await told(wire, 0) == []


async def test_groups_and_updates_of_nobody_are_not_disturbed() -> None:
    async with soothed() as (found, wire):
        await fails(found, trouble("SQLITE_FULL"), GROUP, 0, ANNA)
        assert [chat for chat, _ in await told(wire, 1)] == [ANNA]


@pytest.mark.parametrize("error", [OSError("unreachable"), TimeoutError()])
async def test_a_word_that_does_not_arrive_is_not_said_again_and_others_hear_theirs(error: Exception) -> None:
    async with soothed() as (found, wire):
        answering, failures = wire.answering, [error]
        wire.answering = lambda name, call: failures.pop() if failures else answering(name, call)
        await fails(found, trouble("SQLITE_FULL"), ANNA, BORIS)
        assert sorted(chat for chat, _ in await told(wire, 3)) == [ANNA, BORIS]  # a knock lies between


async def test_a_telegram_that_hangs_does_not_hold_the_next_word_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(soothing, "SEND_WITHIN", 0.05)
    heard = list[int]()

    class Hangs(Sender):
        async def send(self, call: dict[str, object]) -> None:  # type: ignore[override]
            assert isinstance(call["chat_id"], int)
            heard.append(call["chat_id"])
            await asyncio.sleep(60)

    found = Soothing(Hangs(bot_on(lambda _name, _call: ok(result=True))[0]), patience)
    await fails(found, trouble("SQLITE_FULL"), ANNA, BORIS)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await found.run()
    assert sorted(heard) == [ANNA, BORIS]


def test_every_trouble_has_its_words() -> None:
    assert {FULL in patience(one).text for one in Trouble} == {True, False}
