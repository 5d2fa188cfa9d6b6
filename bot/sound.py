"""Is the database sound: looked at before anything opens it, and said in a sentence where it is not."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog

from bot.data import only_copy
from bot.settings import Settings
from bot.stopped import EX_CONFIG, Stopped
from bot.stores import StoreUnavailable
from models.health import LARGE, OutOfReach, damage_of, log_of, missing_wal, settle, sqlite_file
from models.trouble import Trouble, trouble_of

log = structlog.get_logger()

NO_LOG = (
    "Рядом с базой нет файла {log}, хотя бот не был остановлен: в нём лежали последние записи. Верните "
    "файл на место. Если его больше нет, восстановите копию: python -m bot restore ПАПКА; или продолжите без "
    "последних записей: python -m bot check --accept-loss. Если после сбоя базу открывала другая программа "
    "(например, sqlite3), записи уже в базе, и вторая команда ничего не теряет."
)
BROKEN = (
    "База данных {path} повреждена ({damage}). Бот её не тронул. Восстановите последнюю копию: "
    "python -m bot restore ПАПКА; повреждённая база будет отложена рядом, а не удалена."
)


def refuse_unsound(settings: Settings, *, quick_above: int = LARGE) -> None:
    """Refuse a damaged database, and one whose last commits were taken away; before anything opens it.

    Raises Stopped. A file of more bytes than ``quick_above`` gets a quick look.
    """
    database = sqlite_file(settings.database_url)
    if database is None:
        return
    with in_words():
        if missing_wal(database):
            raise Stopped(NO_LOG.format(log=log_of(database).name), EX_CONFIG)
        damage = damage_of(database, quick_above=quick_above)
    if damage is not None:
        raise Stopped(BROKEN.format(path=database, damage=damage), EX_CONFIG)


def take_over(settings: Settings) -> None:
    """Begin with a sound database that no kill has left «in service»; under the lock of the only copy.

    From here on a log may vanish by our own hand (whoever closes a database last folds it in), so it is said
    first that nobody is in service. Raises Stopped.
    """
    refuse_unsound(settings)
    hand_back(settings)


def visit(settings: Settings) -> None:
    """Do the same for a command that may stand beside a running bot. Raises Stopped for an unsound one."""
    refuse_unsound(settings)
    with suppress(Stopped), only_copy(settings):
        hand_back(settings)


def hand_back(settings: Settings) -> None:
    """Say that nobody is in service, whatever the last run says; under the lock of the only copy.

    After a log was lost this is the way on with what the main file holds. Raises Stopped.
    """
    database = sqlite_file(settings.database_url)
    if database is not None and database.exists():
        with in_words():
            settle(database)


def leave(settings: Settings) -> None:
    """Hand back before a database is closed, however the bot ends: the close folds all that is there in.

    A database that cannot be written any more keeps its log, and does not hide why the bot stops.
    """
    try:
        hand_back(settings)
    except Stopped as stopped:
        log.error("the end could not be written down", why=stopped.code)


@contextmanager
def in_words() -> Iterator[None]:
    """Say in a sentence what the disk, the store or SQLite says in a code."""
    try:
        yield
    except StoreUnavailable as error:
        raise Stopped(f"Хранилище файлов не отвечает ({error}). Повторите позже.", 1) from None
    except sqlite3.Error as error:
        if trouble_of(error) is Trouble.FULL:
            raise Stopped("На диске нет места.", 1) from None
        raise Stopped(f"База данных не читается ({error}).", 1) from None
    except OutOfReach:
        raise Stopped("База данных недоступна: проверьте DATABASE_URL.", 1) from None
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        raise Stopped("На диске нет места." if full else f"{error.filename}: {error.strerror}.", 1) from None
