"""The usual ways to send a list of messages, on the same servers: a loop with a sleep, a token bucket."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence

from aiogram import Bot
from aiogram.exceptions import TelegramRetryAfter

from benchmarks.telegram import BLOCK, LIMIT, TOKEN, FarServer, Limits, Way, even, heavy
from benchmarks.virtual import run_virtually
from benchmarks.wave import Wave

Sending = Callable[[Bot, Sequence[int]], Awaitable[None]]


async def said(bot: Bot, chat_id: int, turn: Callable[[], Awaitable[None]]) -> None:
    """Send a message when it is its turn, and again after each refusal when its time is over."""
    while True:
        await turn()
        try:
            await bot.send_message(chat_id, "Напоминание")
        except TelegramRetryAfter as refusal:
            await asyncio.sleep(refusal.retry_after)
        else:
            return


async def sleeping(bot: Bot, chats: Sequence[int]) -> None:
    """Send one after another with a pause between them."""
    for chat_id in chats:
        await said(bot, chat_id, lambda: asyncio.sleep(1 / LIMIT))


async def bucket(bot: Bot, chats: Sequence[int]) -> None:
    """Send side by side whatever a bucket of thirty tokens, refilled at thirty a second, lets through."""
    loop = asyncio.get_running_loop()
    full = loop.time()  # when the bucket is full again

    async def turn() -> None:
        nonlocal full
        full = max(full, loop.time()) + 1 / LIMIT
        await asyncio.sleep(max(0.0, full - 1 - loop.time()))

    async with asyncio.TaskGroup() as group:
        for chat_id in chats:
            group.create_task(said(bot, chat_id, turn))


def peers(messages: int) -> Iterator[Wave]:
    """Let each peer send a message to so many chats; refusals block the bot, as in our waves."""
    chats = range(1, messages + 1)
    for name, sending in (("a loop with a sleep", sleeping), ("a token bucket", bucket)):
        for network, way in (("30–120 ms", even(0.030, 0.120, 5)), ("heavy tail", heavy(7))):
            yield run_virtually(_sent(f"peer: {name}, {network}", sending, way, chats))


async def _sent(what: str, sending: Sending, way: Way, chats: Sequence[int]) -> Wave:
    server = FarServer(Limits(BLOCK), way)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await sending(Bot(TOKEN, session=server), chats)
    return Wave(what, len(chats), server.arrived_at - began, server.limits.refusals)
