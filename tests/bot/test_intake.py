"""Intake: what Telegram gives is stored before it may be forgotten, each once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from bot import intake
from bot.intake import KINDS, Poller, SecondCopy, TokenRefused, fingerprint, lane_of, store_updates
from bot.sender import Sender
from bot.soothing import Soothing
from models.database import Database
from models.machinery import StoredUpdate, UpdateState
from tests.bot.wire import Call, Reply, Wire, bot_on, ok, refused
from tests.scheduler.delivery import START, Hands
from views.outages import patience


def said(update_id: int, text: str = "Провели", chat_id: int = 7) -> dict[str, Any]:
    chat = {"id": chat_id, "type": "private"}
    message = {"message_id": 1, "date": int(START.timestamp()), "chat": chat, "text": text}
    return {"update_id": update_id, "message": message}


async def stored(database: Database) -> list[StoredUpdate]:
    async with database.reading() as session:
        return list(await session.scalars(select(StoredUpdate).order_by(StoredUpdate.id)))


@asynccontextmanager
async def polling(database: Database, answering: Callable[[str, Call], Reply]) -> AsyncIterator[Wire]:
    """Poll until the block ends."""
    bot, wire = bot_on(answering)
    poller = Poller(bot, database, Hands(), Soothing(Sender(bot), patience))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(poller.run())
        try:
            yield wire
        finally:
            task.cancel()


class Telegram:
    """Answers getUpdates from a script, and then with silence; tells when it is silent."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.silent = asyncio.Event()

    def __call__(self, _name: str, _call: Call) -> Reply:
        if self.replies:
            return self.replies.pop(0)
        self.silent.set()
        return refused(429, "Too Many Requests", retry_after=3600)


@pytest.fixture
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(intake, "LAST_PAUSE", 0.02)


async def test_updates_are_stored_raw_and_confirmed_by_the_next_request(database: Database) -> None:
    strange = {"update_id": 6, "message": {"chat": "what?"}}
    telegram = Telegram(ok([said(5), strange]))
    async with polling(database, telegram) as wire:
        await telegram.silent.wait()
    rows = await stored(database)
    assert [(row.update_id, row.lane, row.state) for row in rows] == [
        (5, 7, UpdateState.NEW),
        (6, 0, UpdateState.NEW),
    ]
    assert [row.payload for row in rows] == [said(5), strange]
    assert [call.get("offset") for _, call in wire.calls] == [None, 7]
    assert wire.calls[0][1]["allowed_updates"] == KINDS


@pytest.mark.usefixtures("_in_a_hurry")
async def test_nothing_is_confirmed_that_is_not_stored(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    telegram = Telegram(ok([said(5)]), ok([said(5)]))
    failures, writing = [OSError("disk full")], database.writing

    def sometimes(**how: bool) -> Any:
        if failures:
            raise failures.pop()
        return writing(**how)

    monkeypatch.setattr(database, "writing", sometimes)
    async with polling(database, telegram) as wire:
        await telegram.silent.wait()
    assert [call.get("offset") for _, call in wire.calls] == [None, None, 6]
    assert len(await stored(database)) == 1


async def test_the_same_update_is_stored_once_and_the_same_id_with_other_words_is_new(
    database: Database,
) -> None:
    async with database.writing() as session:
        first = await store_updates(session, bot_id=42, raws=[said(5), said(5)], now=START)
        again = await store_updates(session, bot_id=42, raws=[said(5)], now=START)
        other = await store_updates(session, bot_id=42, raws=[said(5, "Снова")], now=START)
        stranger = await store_updates(session, bot_id=43, raws=[said(5)], now=START)
    assert (first, again, other, stranger) == (1, 0, 1, 1)


def test_the_fingerprint_does_not_depend_on_the_order_of_keys() -> None:
    assert fingerprint({"a": 1, "b": {"c": 2, "d": 3}}) == fingerprint({"b": {"d": 3, "c": 2}, "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})


def test_the_lane_is_the_chat_whatever_happened_in_it() -> None:
    chat = {"id": -100, "type": "group"}
    assert lane_of({"update_id": 1, "edited_message": {"chat": chat}}) == -100
    assert lane_of({"update_id": 1, "callback_query": {"id": "1", "message": {"chat": chat}}}) == -100
    assert lane_of({"update_id": 1, "my_chat_member": {"chat": chat}}) == -100
    assert lane_of({"update_id": 1, "callback_query": {"id": "1", "message": None}}) == 0
    assert lane_of({"update_id": 1}) == 0


async def test_a_refused_token_ends_the_polling(database: Database) -> None:
    with pytest.raises(ExceptionGroup) as ended:
        async with polling(database, Telegram(refused(401, "Unauthorized"))):
            await asyncio.sleep(10)
    assert ended.group_contains(TokenRefused)


@pytest.mark.usefixtures("_in_a_hurry")
async def test_another_copy_is_forgiven_for_a_while(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    conflict = refused(409, "Conflict: terminated by other getUpdates request")
    telegram = Telegram(conflict, conflict, ok([said(5)]))
    async with polling(database, telegram):
        await telegram.silent.wait()
    assert len(await stored(database)) == 1

    monkeypatch.setattr(intake, "CONFLICT_PATIENCE", 0.05)
    with pytest.raises(ExceptionGroup) as ended:
        async with polling(database, Telegram(*[conflict] * 1000)):
            await asyncio.sleep(10)
    assert ended.group_contains(SecondCopy)


@pytest.mark.usefixtures("_in_a_hurry")
@pytest.mark.parametrize(
    "trouble",
    [
        refused(500, "Internal Server Error"),
        (502, "<html>502 Bad Gateway</html>"),
        aiohttp.ServerDisconnectedError(),
        OSError("unreachable"),
        TimeoutError(),
    ],
)
async def test_trouble_of_the_network_costs_a_pause(database: Database, trouble: Reply) -> None:
    telegram = Telegram(trouble, ok([said(5)]))
    async with polling(database, telegram):
        await telegram.silent.wait()
    assert len(await stored(database)) == 1


async def test_pauses_grow_to_half_a_minute_and_shrink_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses, slept = list[float](), asyncio.sleep

    async def noted(seconds: float) -> None:
        pauses.append(seconds)
        await slept(0 if seconds < 1000 else seconds)

    monkeypatch.setattr("bot.intake.asyncio.sleep", noted)
    telegram = Telegram(*[OSError("unreachable")] * 7, ok([]), OSError("unreachable"))
    async with polling(database, telegram):
        await telegram.silent.wait()
    assert pauses[:8] == [1, 2, 4, 8, 16, 30, 30, 1]
