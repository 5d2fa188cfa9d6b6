"""The demo: an invented municipality, three phones on a page, and a clock that walks."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from bot.clock import ShiftedClock
from bot.logs import set_up_logs
from bot.pace import Pace
from bot.service import stop_event
from bot.settings import Settings
from bot.stopped import Stopped
from bot.walk import still, walk
from bot.wiring import Assembly, Parts, running
from models import Session
from models.database import Database
from models.organisations import Organisation, OrganisationKind
from models.people import Person, Role
from models.roadmaps import Edition, PastChoice
from models.schema import migrate
from plans.calendar import local_date
from plans.read import read_plan
from plans.sample import sample_order
from services import access, approval, binding, drafts, items, organisations, parties, reports, seats
from simulator import Simulator

TOKEN = "42:" + "DEMO" * 9  # the simulator's own; no secret
ZONE = "Europe/Moscow"
MUNICIPALITY = "Заречный муниципальный округ"
OFFICE = "Отдел образования"
INSTITUTE = "МКУ «Центр методического обеспечения»"
SCHOOLS = (
    *tuple(f"МБОУ «Средняя общеобразовательная школа № {number}»" for number in range(1, 11)),
    "МБОУ «Лесновская основная общеобразовательная школа»",
    "МБОУ «Береговская средняя общеобразовательная школа»",
)
NAMES = (
    "Анна Сергеевна",
    "Борис Ильич",
    "Вера Павловна",
    "Галина Олеговна",
    "Денис Юрьевич",
    "Елена Романовна",
    "Жанна Марковна",
    "Зоя Андреевна",
    "Игорь Львович",
    "Кира Антоновна",
)
PHONES = (
    ("Вера Павловна", 1003, "директор СОШ № 3"),
    ("Мария Николаевна", 2001, "координатор"),
    ("Пётр Алексеевич", 3001, "сотрудник муниципалитета"),
)


@dataclass(frozen=True)
class Phone:
    """A phone of the page: whose it is, and the invitation that lets them in."""

    name: str
    user_id: int
    token: str


async def demo(settings: Settings, say: Callable[[str], None]) -> None:
    """Run the demo until a signal; everything it makes lives in a temporary folder. Raises Stopped."""
    set_up_logs()
    sim = Simulator(token=TOKEN)
    try:
        await sim.start(host=settings.http_host, port=settings.http_port)
    except OSError:
        raise Stopped(
            f"Порт {settings.http_port} занят. Укажите другой в HTTP_PORT, например 8081.", 1
        ) from None
    try:
        with TemporaryDirectory(prefix="roadmap-demo-") as folder:
            await _serve(sim, Path(folder), say)
    finally:
        await sim.stop()


async def _serve(sim: Simulator, folder: Path, say: Callable[[str], None]) -> None:
    url = f"sqlite+aiosqlite:///{folder / 'demo.sqlite3'}"
    await migrate(url)
    database = Database(url)
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(sim.base_url)))
    clock = ShiftedClock(lambda: sim.clock.offset)
    phones = await found_town(database, sim, clock.now())
    sim.phones = [phone.user_id for phone in phones]
    assembly = Assembly(bot, database, clock, folder, "roadmap_demo_bot", Pace(per_chat=0.05))
    try:
        async with running(assembly) as parts:
            sim.on_clock = _walker(sim, parts)
            for phone in phones:
                await come_in(sim, parts, phone)
            await report_something(database, clock.now())
            await still(parts)
            say(f"Демонстрация: {sim.base_url} — откройте в браузере. Остановить: Ctrl+C.")
            await stop_event().wait()
    finally:
        await bot.session.close()
        await database.close()


def _walker(sim: Simulator, parts: Parts) -> Callable[[timedelta], Awaitable[None]]:
    async def walked(delta: timedelta) -> None:
        await walk(parts, sim.clock.set, delta)

    return walked


async def found_town(database: Database, sim: Simulator, now: datetime) -> list[Phone]:
    """Found the municipality with its approved plan and its people; give the phones to let in."""
    async with database.writing() as session:
        place, office = await organisations.found_municipality(
            session, name=MUNICIPALITY, office=OFFICE, time_zone=ZONE
        )
        institute = await organisations.add(
            session, kind=OrganisationKind.INSTITUTE, name=INSTITUTE, parent=place
        )
        schools = [await _school(session, place, name) for name in SCHOOLS]
        for number, name in enumerate(NAMES, start=1):
            if number != 3:  # the phone on the page comes in by itself  # noqa: PLR2004
                await _seated(session, sim, schools[number - 1], name, 1000 + number, now)
        specialist = await _seated(session, sim, office, "Ольга Викторовна", 2100, now)
        await _seated(session, sim, institute, "Инна Петровна", 2200, now)
        edition = await _read(session, place, now)
        await _approve(session, edition, specialist, now)
        return [
            Phone(*PHONES[0][:2], await _invited(session, schools[2], Role.EXECUTOR, seats.DIRECTOR, now)),
            Phone(*PHONES[1][:2], await _invited(session, office, Role.COORDINATOR, seats.COORDINATOR, now)),
            Phone(*PHONES[2][:2], await _invited(session, place, Role.STAFF, seats.CLERK, now)),
        ]


async def _school(session: Session, place: Organisation, name: str) -> Organisation:
    short = name.removeprefix("МБОУ ").strip("«»")
    short = short.replace("Средняя общеобразовательная школа", "СОШ").replace(
        "средняя общеобразовательная школа", "СОШ"
    )
    short = short.replace("основная общеобразовательная школа", "ООШ")
    return await organisations.add(
        session, kind=OrganisationKind.SCHOOL, name=name, short_name=short, parent=place
    )


async def _invited(session: Session, place: Organisation, role: Role, title: str, now: datetime) -> str:
    seat = await seats.seat(session, organisation_id=place.id, role=role, title=title)
    return await seats.invite(session, seat_id=seat.id, now=now)


async def _seated(
    session: Session, sim: Simulator, place: Organisation, name: str, user_id: int, now: datetime
) -> Person:
    """Let a person in whose phone is not on the page."""
    title = seats.DIRECTOR if place.kind is OrganisationKind.SCHOOL else seats.EXECUTOR
    token = await _invited(session, place, Role.EXECUTOR, title, now)
    sim.person(name, user_id=user_id).starts()
    offer = await seats.open_invitation(session, token=token, chat_id=user_id, now=now)
    person, _ = await seats.join(
        session,
        invitation_id=offer.invitation_id,
        telegram_id=user_id,
        chat_id=user_id,
        name=name,
        now=now,
    )
    return person


async def _read(session: Session, place: Organisation, now: datetime) -> Edition:
    order = sample_order(local_date(now, ZONE))
    return await drafts.store(
        session,
        read_plan(order.encode(), "приказ.txt"),
        owner=place,
        source=drafts.Source("приказ.txt"),
        now=now,
    )


async def _approve(session: Session, edition: Edition, person: Person, now: datetime) -> None:
    """Answer what the order leaves open, as an administrator would, and approve it."""
    today = local_date(now, ZONE)
    for activity in await drafts.activities(session, edition):
        if any(deadline["kind"] == "relative" for deadline in activity.deadlines):
            activity.anchor_on = today - timedelta(days=5)
    await session.flush()
    schools = [party for party in await parties.listed(session, edition) if not party.named]
    for party in schools:
        await parties.mean_all_schools(session, party.party_id)
    await approval.refresh_past(session, edition, now=now)
    await approval.choose_past(session, edition, PastChoice.DONE, now=now)
    await approval.approve(session, edition, person=person, now=now)


async def come_in(sim: Simulator, parts: Parts, phone: Phone) -> None:
    """Let a phone's owner in the way everybody comes in: the link, «да», consent."""
    person = sim.person(phone.name, user_id=phone.user_id)
    person.sends(f"/start {phone.token}")
    for word in ("Да, это я", "Согласен"):
        message = await person.receives(button=word, timeout=30)
        person.presses(message, word)
    await person.receives("Готово!", timeout=30)
    await still(parts)


async def report_something(database: Database, now: datetime) -> None:
    """Let two schools have sent reports, so that the coordinator finds something to review."""
    for user_id, words in (
        (1001, "Провели педсовет, приказ № 14. Присутствовали 22 из 24."),
        (1002, "Сделано, протокол прилагаю к следующему сообщению."),
    ):
        async with database.writing() as session:
            actor = await access.actor_of(session, user_id)
            assert actor is not None  # seated above
            owed = await items.open_items(session, actor, now=now)
            if owed:
                await _report(session, actor, owed[0].assignment_id, words, now)


async def _report(
    session: Session, actor: access.Actor, assignment_id: int, words: str, now: datetime
) -> None:
    await reports.begin(session, actor, assignment_id, now=now)
    draft = await binding.latest_draft(session, actor)
    assert draft is not None  # begun a line above
    draft.text = words
    await session.flush()
    await reports.submit(session, actor, draft.id, now=now)
