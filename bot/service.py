"""The bot in service: one copy, a migrated database, long polling or a webhook, and a clean stop."""

import asyncio
import fcntl
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError, TelegramNetworkError, TelegramUnauthorizedError
from aiogram.utils.deep_linking import create_deep_link
from aiogram.utils.token import TokenValidationError

from bot.clock import SystemClock
from bot.intake import SecondCopy, TokenRefused
from bot.logs import set_up_logs
from bot.settings import Settings
from bot.stopped import EX_CONFIG, EX_TEMPFAIL, TOO_NEW, Stopped
from bot.webhook import serve_webhook
from bot.wiring import Assembly, running
from models.database import Database
from models.people import Role
from models.schema import SchemaTooNew, migrate
from plans.calendar import WorkingCalendar
from services import invitations, organisations, seats

log = structlog.get_logger()

LOW_DISK = 0.1  # the share of free space below which `check` complains
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Finding:
    """What `check` found."""

    good: bool
    words: str


@asynccontextmanager
async def telegram(settings: Settings) -> AsyncIterator[Bot]:
    """Open the way to the Bot API. Raises Stopped for a token that cannot be one."""
    assert settings.bot_token is not None  # asked before
    session = AiohttpSession(
        api=TelegramAPIServer.from_base(settings.telegram_api_base), proxy=settings.telegram_proxy
    )
    try:
        bot = Bot(settings.bot_token.get_secret_value(), session=session)
    except TokenValidationError:
        raise Stopped(
            "BOT_TOKEN не похож на токен: скопируйте его у @BotFather целиком, вида 123456:AbC…", EX_CONFIG
        ) from None
    try:
        yield bot
    finally:
        await bot.session.close()


async def username_of(bot: Bot) -> str:
    """Ask Telegram who we are. Raises Stopped."""
    try:
        me = await bot.get_me()
    except TelegramUnauthorizedError:
        raise Stopped(
            "Telegram не принимает BOT_TOKEN: проверьте его у @BotFather или выпустите новый.", EX_CONFIG
        ) from None
    except (TelegramNetworkError, TelegramAPIError, OSError):
        raise Stopped(
            "Нет связи с Telegram. Проверьте сеть; если нужен прокси, укажите TELEGRAM_PROXY.", 1
        ) from None
    return me.username or ""


@contextmanager
def only_copy(settings: Settings) -> Iterator[None]:
    """Hold the lock that a second copy on the same data cannot get. Raises Stopped with code 75."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (settings.data_dir / "lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Stopped(
                f"Бот уже запущен с данными из {settings.data_dir}. Остановите первую копию "
                "или укажите другую папку в DATA_DIR.",
                EX_TEMPFAIL,
            ) from None
        yield


async def migrate_database(settings: Settings) -> None:
    """Bring the database up to this code. Raises Stopped."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        await migrate(settings.database_url)
    except SchemaTooNew:
        raise Stopped(TOO_NEW, EX_CONFIG) from None


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """Open the migrated database."""
    await migrate_database(settings)
    database = Database(settings.database_url)
    try:
        yield database
    finally:
        await database.close()


async def run(settings: Settings) -> None:
    """Run until a signal asks to stop. Raises Stopped."""
    set_up_logs()
    with only_copy(settings):
        async with telegram(settings) as bot, opened(settings) as database:
            assembly = Assembly(bot, database, SystemClock(), settings.data_dir, await username_of(bot))
            try:
                await _until_stopped(assembly, settings)
            except* TokenRefused:
                raise Stopped(
                    "Telegram отозвал BOT_TOKEN: выпустите новый у @BotFather.", EX_CONFIG
                ) from None
            except* SecondCopy:
                raise Stopped(
                    "С этим токеном работает другая копия бота. Остановите её: двум копиям сообщения "
                    "достаются вперемешку.",
                    EX_TEMPFAIL,
                ) from None


async def _until_stopped(assembly: Assembly, settings: Settings) -> None:
    stop = stop_event()
    webhook = settings.webhook_url is not None
    if not webhook:
        await assembly.bot.delete_webhook()
    async with running(assembly, poll=not webhook):
        log.info("running", way="webhook" if webhook else "polling")
        if webhook:
            async with serve_webhook(assembly.bot, assembly.database, assembly.clock, settings):
                await stop.wait()
        else:
            await stop.wait()
    log.info("stopped")


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
    data_dir.mkdir(parents=True, exist_ok=True)
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
        await migrate_database(settings)
    except Stopped as stopped:
        return Finding(False, stopped.words)  # noqa: FBT003
    except Exception as error:  # noqa: BLE001 - whatever the driver raises, the answer is one sentence
        return Finding(False, f"База данных не открывается ({type(error).__name__}): проверьте DATABASE_URL.")  # noqa: FBT003
    return Finding(True, "База данных открывается, таблицы на месте.")  # noqa: FBT003
