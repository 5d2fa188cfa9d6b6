"""The bot in service: one copy, a migrated database, long polling or a webhook, and a clean stop."""

import asyncio
import shutil
import signal
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from aiogram import Bot
from aiogram.utils.deep_linking import create_deep_link

from bot.clock import SystemClock, plainly_wrong
from bot.data import make_data_dir, migrate_database, only_copy, opened, stopped_by
from bot.intake import DatabaseLost, SecondCopy, TokenRefused
from bot.life import LOW_DISK, MEBIBYTE, alert_once
from bot.logs import set_up_logs
from bot.sender import Sender
from bot.settings import Settings
from bot.sound import leave, take_over, visit
from bot.stopped import EX_CONFIG, EX_TEMPFAIL, Stopped
from bot.stores import open_store
from bot.telegram import server_time, telegram, username_of
from bot.webhook import end_webhook, serve_webhook
from bot.wiring import Assembly, running
from models.database import Database
from models.leases import HeldLease
from models.people import Role
from models.trouble import trouble_of
from plans.calendar import WorkingCalendar
from services import invitations, organisations, runs, seats
from views import outages

log = structlog.get_logger()

POLLER = "poller"  # the lease of the one that polls
LEASE_PAUSES = (0, 1, 1)  # seconds for a former poller's connection to be gone


@dataclass(frozen=True)
class Finding:
    """What `check` found."""

    good: bool
    words: str


async def run(settings: Settings) -> None:
    """Run until a signal asks to stop. Raises Stopped."""
    set_up_logs()
    with only_copy(settings):
        take_over(settings)
        async with telegram(settings) as bot, opened(settings) as database, AsyncExitStack() as held:
            held.callback(leave, settings)
            username = await username_of(bot)
            await _look_at_the_clock(bot, database, settings.data_dir)
            if settings.webhook_url is None:
                await _only_poller(database, held)
            assembly = Assembly(
                bot, database, SystemClock(), settings.data_dir, username, store=open_store(settings)
            )
            for failure in await _begun(_until_stopped(assembly, settings)):
                raise await _sentence(failure, bot, database, settings.data_dir)


async def _begun(life: Awaitable[list[Exception]]) -> list[Exception]:
    """Live; where the database fails at the very beginning it is said in a sentence. Raises Stopped."""
    try:
        return await life
    except Exception as error:
        trouble = trouble_of(error)
        if trouble is None:
            raise
        raise stopped_by(trouble) from None


async def _look_at_the_clock(bot: Bot, database: Database, data_dir: Path) -> None:
    """Send nothing by a clock that is plainly wrong; administrators hear of it once a day by Telegram's.

    Raises Stopped with code 75.
    """
    now = SystemClock().now()
    async with database.reading() as session:
        last_alive = await runs.last_alive(session)
    server = server_time(bot)
    if plainly_wrong(now, last_alive=last_alive, server=server):
        log.error("the clock is wrong", shown=now.isoformat())
        mark, when = data_dir / "told-of-the-clock", f"{server or last_alive or now:%Y-%m-%d}"
        await alert_once(database, Sender(bot), outages.wrong_clock(now), mark=mark, when=when)
        raise Stopped(
            f"Часы сервера показывают {now:%d.%m.%Y %H:%M} UTC — это неверно, и бот ничего не отправил. "
            "Исправьте время (например, timedatectl set-ntp true) и запустите снова.",
            EX_TEMPFAIL,
        )


async def _only_poller(database: Database, held: AsyncExitStack) -> None:
    """Be the only one that polls by this database. Raises Stopped with code 75."""
    lease = HeldLease(database, POLLER)
    held.push_async_callback(lease.release)
    for pause in LEASE_PAUSES:
        await asyncio.sleep(pause)
        if await lease.take():
            return
    raise Stopped(
        "С этой базой уже работает бот, который опрашивает Telegram. Остановите его или перейдите на "
        "вебхук (WEBHOOK_URL): с ним процессов может быть несколько.",
        EX_TEMPFAIL,
    )


async def _sentence(failure: Exception, bot: Bot, database: Database, data_dir: Path) -> Stopped:
    """Say why the bot has stopped by itself; of another copy administrators hear as well, once an hour."""
    match failure:
        case TokenRefused():
            return Stopped("Telegram отозвал BOT_TOKEN: выпустите новый у @BotFather.", EX_CONFIG)
        case SecondCopy():
            mark, when = data_dir / "told-of-another-copy", f"{SystemClock().now():%Y-%m-%dT%H}"
            await alert_once(database, Sender(bot), outages.second_copy(), mark=mark, when=when)
            return Stopped(
                "С этим токеном работает другая копия бота. Остановите её: двум копиям сообщения "
                "достаются вперемешку.",
                EX_TEMPFAIL,
            )
        case DatabaseLost(trouble=trouble):
            return stopped_by(trouble)
        case _:
            return Stopped("Бот остановился сам: причина в журнале.", 1)


async def _until_stopped(assembly: Assembly, settings: Settings) -> list[Exception]:
    """Run until a signal, or until the bot cannot go on by itself; give the reasons then."""
    stop = stop_event()
    webhook = settings.webhook_url is not None
    if not webhook:
        await end_webhook(assembly.bot)
    async with running(assembly, poll=not webhook) as parts:
        log.info("running", way="webhook" if webhook else "polling")
        if webhook:
            async with serve_webhook(assembly, parts, settings):
                await _either(stop, parts.failed)
        else:
            await _either(stop, parts.failed)
    log.info("stopped")
    return parts.failures


async def _either(first: asyncio.Event, second: asyncio.Event) -> None:
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(event.wait()) for event in (first, second)]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()


def stop_event() -> asyncio.Event:
    """Give an event that SIGTERM and SIGINT set from now on."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


ROLES = {"admin": Role.ADMINISTRATOR, "coordinator": Role.COORDINATOR, "staff": Role.STAFF}


async def invite(settings: Settings, role: str, *, municipality: str, office: str, zone: str) -> str:
    """Make a one-time link for a role; founds the municipality on the first call. Raises Stopped."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Stopped(f"Нет такого часового пояса: {zone}. Пример: Asia/Yekaterinburg.", EX_CONFIG) from None
    visit(settings)
    async with opened(settings) as database, database.writing() as session:
        place, home = await organisations.found_municipality(
            session, name=municipality, office=office, time_zone=zone
        )
        now = SystemClock().now()
        if ROLES[role] is Role.ADMINISTRATOR:
            seat = await seats.seat(
                session, organisation_id=home.id, role=Role.ADMINISTRATOR, title=seats.ADMINISTRATOR
            )
            seat_id = seat.id
        else:
            seat_id = await invitations.overseer_seat(session, place, ROLES[role])
        token = await seats.invite(session, seat_id=seat_id, now=now)
    return f"{await _address(settings, token)}\nСсылка одноразовая, действует 7 дней."


async def _address(settings: Settings, token: str) -> str:
    if settings.bot_token is None:
        return f"Код приглашения: {token}. Отправьте боту: /start {token}"
    async with telegram(settings) as bot:
        return create_deep_link(await username_of(bot), "start", token)


async def check(settings: Settings) -> list[Finding]:
    """Look at everything an administrator would be asked about, one sentence each."""
    try:
        make_data_dir(settings)
    except Stopped as stopped:
        return [Finding(False, stopped.words)]  # noqa: FBT003
    found = [_disk(settings.data_dir), _calendar(), await _database(settings)]
    if settings.bot_token is None:
        found.append(Finding(False, "BOT_TOKEN не задан: запустится демонстрация."))  # noqa: FBT003
        return found
    try:
        async with telegram(settings) as bot:
            found.append(Finding(True, f"Telegram отвечает, бот @{await username_of(bot)}."))  # noqa: FBT003
    except Stopped as stopped:
        found.append(Finding(False, stopped.words))  # noqa: FBT003
    return found


def _disk(data_dir: Path) -> Finding:
    usage = shutil.disk_usage(data_dir)
    words = f"Папка данных {data_dir}: свободно {usage.free // MEBIBYTE} МиБ."
    return Finding(usage.free > usage.total * LOW_DISK, words)


def _calendar() -> Finding:
    year = SystemClock().now().year
    missing = [str(one) for one in (year, year + 1) if not WorkingCalendar({}).covers(one)]
    if not missing:
        return Finding(True, f"Производственный календарь есть на {year} и {year + 1} годы.")  # noqa: FBT003
    return Finding(
        str(year) not in missing,
        f"Производственного календаря на {', '.join(missing)} ещё нет: выходными считаются "
        "суббота, воскресенье и праздники по закону.",
    )


async def _database(settings: Settings) -> Finding:
    try:
        visit(settings)
        await migrate_database(settings)
    except Stopped as stopped:
        return Finding(False, stopped.words)  # noqa: FBT003
    except Exception as error:  # noqa: BLE001 - whatever the driver raises, the answer is one sentence
        return Finding(False, f"База данных не открывается ({type(error).__name__}): проверьте DATABASE_URL.")  # noqa: FBT003
    return Finding(True, "База данных открывается, таблицы на месте.")  # noqa: FBT003
