"""The webhook: 200 only for what is stored, and nothing for whoever does not know the secret."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer, unused_port
from sqlalchemy import func, select

from bot.settings import Settings
from bot.webhook import HEADER, receiver, serve_webhook
from models.database import Database
from models.machinery import StoredUpdate
from tests.bot.test_intake import said
from tests.bot.wire import bot_on, ok
from tests.scheduler.delivery import Hands

SECRET = "long-and-secret_42"


@pytest.fixture
async def door(database: Database) -> AsyncIterator[TestClient[Any, Any]]:
    bot, _ = bot_on(lambda _name, _call: ok(result=True))
    async with TestClient(TestServer(receiver(bot, database, Hands(), SECRET))) as client:
        yield client


async def count(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count(StoredUpdate.id))) or 0


async def test_what_is_answered_with_200_is_stored_and_twice_is_once(
    door: TestClient[Any, Any], database: Database
) -> None:
    for _ in range(2):
        answer = await door.post("/telegram", json=said(5), headers={HEADER: SECRET})
        assert answer.status == 200
    assert await count(database) == 1


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET.upper(), "секрет"])
async def test_whoever_does_not_know_the_secret_gets_401(
    door: TestClient[Any, Any], database: Database, secret: str | None
) -> None:
    headers = {} if secret is None else {HEADER: secret}
    answer = await door.post("/telegram", json=said(5), headers=headers)
    assert answer.status == 401
    assert await count(database) == 0


async def test_the_secret_is_asked_before_anything_is_read(door: TestClient[Any, Any]) -> None:
    assert (await door.post("/telegram", data=b"{not json")).status == 401
    assert (await door.post("/telegram", data=b"{not json", headers={HEADER: SECRET})).status == 400
    assert (await door.post("/telegram", data=b"[1]", headers={HEADER: SECRET})).status == 400


async def test_what_cannot_be_stored_is_left_to_telegram(
    door: TestClient[Any, Any], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> Any:
        raise OSError("disk full")

    monkeypatch.setattr(database, "writing", full)
    answer = await door.post("/telegram", json=said(5), headers={HEADER: SECRET})
    assert answer.status == 503


async def test_telegram_is_told_the_address_and_the_secret_once_the_door_is_open(database: Database) -> None:
    bot, wire = bot_on(lambda _name, _call: ok(result=True))
    settings = Settings(
        http_port=unused_port(),
        webhook_url="https://bot.example.ru/telegram",
        webhook_secret=SECRET,
    )
    async with serve_webhook(bot, database, Hands(), settings):
        name, call = wire.calls[0]
        assert (name, call["url"], call["secret_token"]) == ("setWebhook", settings.webhook_url, SECRET)
        assert "callback_query" in call["allowed_updates"]
