"""A town to tell stories about: the whole bot over HTTP against the simulator, with a clock that walks."""

import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from PIL import Image

from bot.clock import ShiftedClock
from bot.pace import Pace
from bot.walk import still, walk
from bot.wiring import Assembly, Parts, running
from models.database import Database
from models.people import Role
from services import organisations, seats
from simulator import Simulator

TOKEN = "42:" + "T" * 35
ZONE = "Europe/Moscow"

# An invented order: one row of each kind of date, so that every road is walked.
ORDER = """Отдел образования администрации Заозёрного района

ПРИКАЗ

01.09.2026 г.

№ 77-о

Об утверждении плана мероприятий («дорожной карты») по повышению качества образования на 2026 год

ПРИКАЗЫВАЮ:

1. Утвердить прилагаемый план мероприятий («дорожную карту»).

План мероприятий («дорожная карта») по повышению качества образования на 2026 год

№ п/п	Мероприятие	Срок исполнения	Ответственные	Ожидаемый результат
1. Организация
1.1.	Создание школьных команд по работе с рисками	до 15 октября 2026 года	ОО	Приказы о командах
1.2.	Семинар для заместителей директоров	октябрь 2026 года	Методический центр	Не менее 60 % педагогов
2. Качество
2.1.	Анализ проверочных работ	ноябрь 2026 года	Отдел образования, ОО	Аналитические справки
2.2.	Консультации для учителей	по отдельному плану	Методический центр	Записи консультаций
"""


def picture(shade: int = 0) -> bytes:
    """Make a small JPEG, different for each shade."""
    made = io.BytesIO()
    Image.new("RGB", (320, 240), (shade % 256, (shade * 7) % 256, (shade * 13) % 256)).save(made, "JPEG")
    return made.getvalue()


@dataclass
class Town:
    """The simulator, the running bot and its people."""

    sim: Simulator
    parts: Parts
    database: Database
    assembly: Assembly
    life: AsyncExitStack

    def now(self) -> datetime:
        """Give the moment it is in the town."""
        return self.parts.clock.now()

    async def restarts(self) -> None:
        """Stop the bot and start it anew; the phones and the database stay."""
        await self.life.aclose()
        self.parts = await self.life.enter_async_context(running(self.assembly))

    async def still(self) -> None:
        """Wait until everything has been said and done."""
        await still(self.parts)

    async def walk(self, **delta: float) -> None:
        """Let time pass, from due moment to due moment."""
        await walk(self.parts, self.sim.clock.set, timedelta(**delta))

    async def walk_to(self, moment: datetime) -> None:
        """Let time pass until a moment."""
        await walk(self.parts, self.sim.clock.set, moment - self.now())

    async def token(self, role: Role, title: str, organisation_id: int) -> str:
        """Make an invitation into a seat."""
        async with self.database.writing() as session:
            seat = await seats.seat(session, organisation_id=organisation_id, role=role, title=title)
            return await seats.invite(session, seat_id=seat.id, now=self.now())

    async def administrator(self, name: str = "Админ", user_id: int = 900) -> Any:
        """Found the municipality and let its administrator in."""
        async with self.database.writing() as session:
            _, office = await organisations.found_municipality(
                session, name="Заозёрный район", office="Отдел образования", time_zone=ZONE
            )
            office_id = office.id
        return await self.joins(name, user_id, Role.ADMINISTRATOR, "администратор", office_id)

    async def joins(self, name: str, user_id: int, role: Role, title: str, organisation_id: int) -> Any:
        """Invite a person and let them come in: link, «да», consent."""
        person = self.sim.person(name, user_id=user_id)
        person.sends(f"/start {await self.token(role, title, organisation_id)}")
        offer = await person.receives(button="Да, это я")
        person.presses(offer, "Да, это я")
        consent = await person.receives("Согласие")
        person.presses(consent, "Согласен")
        await person.receives("Готово!")
        await self.still()
        return person

    async def organisation(self, short_name: str) -> int:
        """Give the id of an organisation by its short name."""
        from sqlalchemy import select

        from models.organisations import Organisation

        async with self.database.reading() as session:
            found = await session.scalar(select(Organisation.id).where(Organisation.short_name == short_name))
        assert found is not None, short_name
        return found


@asynccontextmanager
async def town(database: Database, data_dir: Path, start: datetime) -> AsyncIterator[Town]:
    """Run the simulator and the bot until the block ends; the clock starts at ``start``."""
    sim = Simulator(token=TOKEN)
    async with sim.running():
        sim.clock.set(start)
        session = AiohttpSession(api=TelegramAPIServer.from_base(sim.base_url))
        bot = Bot(TOKEN, session=session)
        clock = ShiftedClock(lambda: sim.clock.offset)
        assembly = Assembly(
            bot, database, clock, data_dir, "roadmap_bot", Pace(per_second=10_000, per_chat=0), tick=3600
        )
        try:
            async with AsyncExitStack() as life:
                parts = await life.enter_async_context(running(assembly))
                yield Town(sim, parts, database, assembly, life)
        finally:
            await bot.session.close()
