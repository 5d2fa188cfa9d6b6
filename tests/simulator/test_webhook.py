"""Updates are posted in the order of their chat, many chats at once, until they are taken."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramConflictError
from aiohttp import web

from simulator import Person, Simulator

Answering = Callable[["Worker", dict[str, Any]], Awaitable[web.Response]]


@dataclass
class Worker:
    """A bot that receives; ``answering`` says how."""

    answering: Answering
    host: str = ""
    got: list[dict[str, Any]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    moments: list[float] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        update = await request.json()
        self.got.append(update)
        self.moments.append(asyncio.get_running_loop().time())
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self.answering(self, update)
        finally:
            self.at_once -= 1

    def texts(self, chat_id: int | None = None) -> list[str]:
        messages = [update["message"] for update in self.got if "message" in update]
        return [one["text"] for one in messages if chat_id in (None, one["chat"]["id"])]


async def taken(_worker: Worker, _update: dict[str, Any]) -> web.Response:
    return web.Response()


async def slowly(_worker: Worker, _update: dict[str, Any]) -> web.Response:
    await asyncio.sleep(0.05)
    return web.Response()


@asynccontextmanager
async def worker(answering: Answering = taken) -> AsyncIterator[Worker]:
    made = Worker(answering)
    app = web.Application()
    app.router.add_post("/hook", made.receive)
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.host = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()


async def all_taken(sim: Simulator) -> None:
    async with asyncio.timeout(5):
        while sim.world.queue:
            await sim.world.change(1)


def people(sim: Simulator, count: int) -> list[Person]:
    return [sim.person(f"Человек {number}", user_id=number) for number in range(1, count + 1)]


async def test_a_chat_keeps_its_order_and_chats_go_in_parallel_up_to_the_limit(
    sim: Simulator, bot: Bot
) -> None:
    async with worker(slowly) as one:
        await bot.set_webhook(f"{one.host}/hook", max_connections=4)
        for text in ("1", "2", "3"):
            for person in people(sim, 6):
                person.sends(text)
        await all_taken(sim)
        assert [one.texts(number) for number in range(1, 7)] == [["1", "2", "3"]] * 6
        assert one.most_at_once == 4
        assert (await bot.get_webhook_info()).max_connections == 4


async def test_a_failing_chat_waits_ever_longer_and_holds_nobody_else(sim: Simulator, bot: Bot) -> None:
    async def answering(one: Worker, update: dict[str, Any]) -> web.Response:
        again = one.texts(1).count("не сейчас") < 3
        return web.Response(status=503 if update["message"]["chat"]["id"] == 1 and again else 200)

    async with worker(answering) as one:
        await bot.set_webhook(f"{one.host}/hook")
        anna, boris = people(sim, 2)
        anna.sends("не сейчас")
        anna.sends("потом")
        boris.sends("сразу")
        await all_taken(sim)
        assert one.texts(1) == ["не сейчас", "не сейчас", "не сейчас", "потом"]
        moments = dict.fromkeys(one.texts())
        assert list(moments) == ["не сейчас", "сразу", "потом"]
        first, second, third = (
            moment for moment, text in zip(one.moments, one.texts(), strict=True) if text == "не сейчас"
        )
        assert 0.2 <= second - first < third - second


async def test_the_answers_retry_after_is_honoured(sim: Simulator, bot: Bot) -> None:
    async def answering(one: Worker, _update: dict[str, Any]) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "1"}) if len(one.got) == 1 else web.Response()

    async with worker(answering) as one:
        await bot.set_webhook(f"{one.host}/hook")
        people(sim, 1)[0].sends("раз")
        await all_taken(sim)
        assert one.moments[1] - one.moments[0] >= 1.0


async def test_workers_behind_a_balancer_take_turns_and_a_dead_one_is_skipped(
    sim: Simulator, bot: Bot
) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound, never listening: refuses
        dead = f"http://127.0.0.1:{held.getsockname()[1]}"
        async with worker() as one, worker() as two:
            sim.world.webhook_targets = [one.host, dead, two.host]
            await bot.set_webhook("https://bot.example/hook")
            for person in people(sim, 9):
                person.sends("привет")
            await all_taken(sim)
            assert len(one.got) + len(two.got) == 9
            assert min(len(one.got), len(two.got)) >= 3


async def test_a_lost_200_brings_the_same_update_again(sim: Simulator, bot: Bot) -> None:
    async with worker() as one:
        sim.faults.drop_webhook_answers(1)
        await bot.set_webhook(f"{one.host}/hook")
        people(sim, 1)[0].sends("раз")
        await all_taken(sim)
        assert one.texts() == ["раз", "раз"]
        assert len({update["update_id"] for update in one.got}) == 1


async def test_nothing_is_posted_during_an_outage(sim: Simulator, bot: Bot) -> None:
    async with worker() as one:
        await bot.set_webhook(f"{one.host}/hook")
        sim.faults.outage()
        people(sim, 1)[0].sends("раз")
        await asyncio.sleep(0.1)
        assert one.got == []
        sim.faults.back()
        await all_taken(sim)
        assert one.texts() == ["раз"]


async def test_the_webhook_ends_the_waiting_poll_and_deleting_it_brings_polling_back(
    sim: Simulator, bot: Bot
) -> None:
    async with worker() as one:
        waiting = asyncio.ensure_future(bot.get_updates(timeout=20))
        while not sim.calls("getUpdates"):
            await sim.world.change(0.02)
        await bot.set_webhook(f"{one.host}/hook")
        with pytest.raises(TelegramConflictError, match="terminated by setWebhook"):
            await waiting
        await bot.delete_webhook()
        people(sim, 1)[0].sends("раз")
        assert len(await bot.get_updates()) == 1
        assert one.got == []
