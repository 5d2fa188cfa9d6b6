"""A simulator, aiogram's own client on it, and a person."""

from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from simulator import Person, Simulator

TOKEN = "42:" + "T" * 35


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with Simulator(token=TOKEN).running() as running:
        yield running


@pytest.fixture
async def bot(sim: Simulator) -> AsyncIterator[Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(sim.base_url))
    yield Bot(TOKEN, session=session)
    await (await session.create_session()).close()  # session.close() adds a quarter of a second


@pytest.fixture
def anna(sim: Simulator) -> Person:
    person = sim.person("Анна", user_id=7)
    person.starts()
    return person
