"""The webhook: 200 only for what is stored, and nothing for whoever does not know the secret."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer, unused_port
from sqlalchemy import func, select

from bot.intake import TokenRefused
from bot.sender import Sender
from bot.settings import Settings
from bot.soothing import Soothing
from bot.webhook import HEADER, receiver, serve_webhook
from bot.wiring import Assembly
from models.database import Database
from models.machinery import StoredUpdate
from tests.bot.test_intake import said
from tests.bot.wire import Reply, bot_on, ok, refused
from tests.scheduler.delivery import Hands
from views.outages import patience

SECRET = "long-and-secret_42"


@pytest.fixture
async def door(database: Database) -> AsyncIterator[TestClient[Any, Any]]:
    bot, _ = bot_on(lambda _name, _call: ok(result=True))
    lost = list[Exception]()
    async with TestClient(
        TestServer(receiver(bot, database, Hands(), SECRET, Soothing(Sender(bot), patience), lost.append))
    ) as client:
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
    def full(**_how: bool) -> Any:
        raise OSError("disk full")

    monkeypatch.setattr(database, "writing", full)
    answer = await door.post("/telegram", json=said(5), headers={HEADER: SECRET})
    assert answer.status == 503


async def test_a_token_that_telegram_has_revoked_is_noticed_although_nobody_calls(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.webhook.WATCH", 0.02)
    asked = list[str]()

    def revoked(name: str, _call: dict[str, Any]) -> Reply:
        asked.append(name)
        return ok(result=True) if name == "setWebhook" else refused(401, "Unauthorized")

    bot, _ = bot_on(revoked)
    settings = Settings(
        http_port=unused_port(), webhook_url="https://bot.example.ru/x", webhook_secret=SECRET
    )
    assembly = Assembly(bot, database, Hands(), tmp_path, "roadmap_bot")
    parts = assembly.build()
    async with serve_webhook(assembly, parts, settings), asyncio.timeout(5):
        await parts.failed.wait()
    assert [type(failure) for failure in parts.failures[:1]] == [TokenRefused]
    assert asked[:2] == ["setWebhook", "getWebhookInfo"]


async def test_telegram_is_told_the_address_and_the_secret_once_the_door_is_open(
    database: Database, tmp_path: Path
) -> None:
    bot, wire = bot_on(lambda _name, _call: ok(result=True))
    settings = Settings(
        http_port=unused_port(),
        webhook_url="https://bot.example.ru/telegram",
        webhook_secret=SECRET,
    )
    assembly = Assembly(bot, database, Hands(), tmp_path, "roadmap_bot")
    async with serve_webhook(assembly, assembly.build(), settings):
        name, call = wire.calls[0]
        assert (name, call["url"], call["secret_token"]) == ("setWebhook", settings.webhook_url, SECRET)
        assert "callback_query" in call["allowed_updates"]
