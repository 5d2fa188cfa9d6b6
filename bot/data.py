"""The data of a bot: its folder, its lock, its database brought up to this code."""

import errno
import fcntl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from tempfile import TemporaryFile

from bot.settings import Settings
from bot.stopped import AWAY, DAMAGED, EX_CONFIG, EX_TEMPFAIL, FULL, READ_ONLY, TOO_NEW, Stopped
from models.database import Database
from models.health import sqlite_file
from models.schema import SchemaTooNew, migrate
from models.trouble import Trouble, trouble_of


@contextmanager
def only_copy(settings: Settings) -> Iterator[None]:
    """Hold the lock that a second copy on the same SQLite file cannot get. Raises Stopped with code 75.

    On PostgreSQL there may be several processes.
    """
    make_data_dir(settings)
    if not settings.database_url.startswith("sqlite"):
        yield
        return
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
    make_data_dir(settings)
    try:
        await migrate(settings.database_url)
    except SchemaTooNew:
        raise Stopped(TOO_NEW, EX_CONFIG) from None
    except Exception as error:
        trouble = trouble_of(error)
        if trouble is None:
            raise
        raise stopped_by(trouble) from None


def stopped_by(trouble: Trouble) -> Stopped:
    """Say why a bot cannot work with its database."""
    match trouble:
        case Trouble.READ_ONLY:
            return Stopped(READ_ONLY, EX_CONFIG)
        case Trouble.DAMAGED:
            return Stopped(DAMAGED, EX_CONFIG)
        case Trouble.FULL:
            return Stopped(FULL, EX_TEMPFAIL)
        case Trouble.AWAY | Trouble.RACE:
            return Stopped(AWAY, EX_TEMPFAIL)


def make_data_dir(settings: Settings) -> None:
    """Make the folder of data where it is missing. Raises Stopped where it or SQLite's cannot be written."""
    database = sqlite_file(settings.database_url)
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        for folder in {settings.data_dir, database.parent if database else settings.data_dir}:
            if folder.exists():
                with TemporaryFile(dir=folder):
                    pass
    except OSError as error:
        closed = error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}
        raise stopped_by(Trouble.READ_ONLY if closed else Trouble.FULL) from None


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """Open the migrated database."""
    await migrate_database(settings)
    database = Database(settings.database_url)
    try:
        yield database
    finally:
        await database.close()
