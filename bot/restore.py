"""A copy put back, after a look at every byte of it; the former database is laid aside, never deleted."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.backup import (
    DATABASE,
    EVERYTHING,
    FILES,
    MANIFEST,
    MISSING,
    Manifest,
    copies,
    copy_files,
    digest,
    see_to_room,
    size,
    sync,
)
from bot.settings import Settings
from bot.sound import in_words
from bot.stopped import EX_CONFIG, TOO_NEW, Stopped
from bot.stores import FolderStore, open_store
from models.health import (
    contents_of,
    copy_whole,
    damage_of,
    log_of,
    missing_wal,
    sqlite_file,
    stored_files,
)
from models.schema import SchemaTooNew, migrate

BESIDE = ("-wal", "-shm", "-journal")

BY_PG_RESTORE = (
    "База данных — PostgreSQL: её возвращает pg_restore --clean --if-exists --dbname=АДРЕС_БАЗЫ "
    "roadmap.dump. Сначала её, потом файлы этой командой."
)


@dataclass(frozen=True)
class Restored:
    """What was put back; ``rows`` is None on PostgreSQL, ``aside`` is where the former database lies now."""

    rows: dict[str, int] | None
    added: int
    missing: int
    aside: Path | None

    def words(self) -> str:
        """Say it to the administrator."""
        if self.rows is None:
            base = BY_PG_RESTORE
        else:
            base = f"База восстановлена, записей: {sum(self.rows.values())}."
        aside = f" Прежняя отложена: {self.aside}." if self.aside else ""
        missing = MISSING.format(self.missing) if self.missing else ""
        return f"{base}{aside}\nВозвращено файлов: {self.added}.{missing}"


def restore(settings: Settings, source: Path, *, now: datetime, replace: bool = False) -> Restored:
    """Put a copy back: a folder of copies (the newest), one copy, or a database file.

    A sound database is in the way unless ``replace``. Refused while a bot is at work. Blocks. Raises Stopped.
    """
    from bot.data import only_copy  # it looks at the database by bot.sound, as this does

    database = sqlite_file(settings.database_url)
    with only_copy(settings), in_words():
        if database is None:
            named = asyncio.run(stored_files(settings.database_url))
            return Restored(None, *_files_back(settings, named, source), None)
        if not replace:
            _refuse_sound(database)
        copied = _looked_at(source)
        database.parent.mkdir(parents=True, exist_ok=True)
        see_to_room(database.parent, size(copied) + size(log_of(copied)))
        with _made_fresh(copied, database) as fresh:
            contents = contents_of(fresh)
            added, missing = _files_back(settings, contents.files, copied.parent)
            aside = _lay_aside(database, now)
            fresh.replace(database)
            sync(database.parent)
    return Restored(contents.rows, added, missing, aside)


def _refuse_sound(database: Path) -> None:
    """Keep a database that needs no copy in its place. Raises Stopped."""
    if database.exists() and not missing_wal(database) and damage_of(database) is None:
        raise Stopped(
            f"База {database} уже есть, и она цела. Чтобы поставить копию на её место, добавьте --replace: "
            "нынешняя база будет отложена рядом.",
            1,
        )


def _files_back(settings: Settings, named: dict[str, int], source: Path) -> tuple[int, int]:
    """Bring the files back that rows name and the store has not; give (brought back, nowhere whole)."""
    kept = FolderStore((source.parent if _is_copy(source) else source) / FILES)
    if settings.files_url is None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    return copy_files(
        named, kept, open_store(settings), settings.data_dir if settings.files_url is None else None
    )


def _is_copy(folder: Path) -> bool:
    return (folder / MANIFEST).exists()


def _looked_at(source: Path) -> Path:
    """Give the database of a copy after a look at its bytes. Raises Stopped for one that is not whole."""
    if source.is_dir() and not _is_copy(source):
        found = copies(source)
        if not found:
            raise Stopped(f"В папке {source} нет ни одной целой копии.", 1)
        source = found[-1]
    copied = source / DATABASE if source.is_dir() else source
    if not copied.exists():
        raise Stopped(f"Нет файла {copied}.", 1)
    if missing_wal(copied):
        raise Stopped(
            f"Файл {copied} скопирован с работающей базы без соседнего {log_of(copied).name}: последних "
            "записей в нём нет. Положите этот файл рядом или возьмите другую копию.",
            EX_CONFIG,
        )
    if (damage := _damage_of_copy(copied)) is not None:
        raise Stopped(f"Копия {copied} повреждена ({damage}). Возьмите другую.", EX_CONFIG)
    return copied


def _damage_of_copy(copied: Path) -> str | None:
    if _is_copy(copied.parent):
        try:
            manifest = Manifest(**json.loads((copied.parent / MANIFEST).read_text(encoding="utf-8")))
        except (ValueError, TypeError):
            return "опись не читается"
        if digest(copied) != manifest.sha256:
            return "содержимое не то, что при записи"
    return damage_of(copied, quick_above=EVERYTHING) or (None if size(copied) else "файл пуст")


@contextmanager
def _made_fresh(copied: Path, database: Path) -> Iterator[Path]:
    """Give a copy beside its future place, brought up to this code. Raises Stopped."""
    fresh = database.with_name(f".restoring-{database.name}")
    _remove(fresh, "", *BESIDE)
    try:
        copy_whole(copied, fresh)
        asyncio.run(migrate(f"sqlite+aiosqlite:///{fresh}"))
        sync(fresh)
        yield fresh
    except SchemaTooNew:
        raise Stopped(TOO_NEW, EX_CONFIG) from None
    finally:
        _remove(fresh, "", *BESIDE)


def _remove(database: Path, *suffixes: str) -> None:
    for suffix in suffixes:
        database.with_name(database.name + suffix).unlink(missing_ok=True)


def _lay_aside(database: Path, now: datetime) -> Path | None:
    """Give the former database a second name, and take its neighbours away: a log belongs to one file.

    Killed in between, nothing is lost: the second name has everything, and the first is refused at start
    where its log was needed.
    """
    aside = database.with_name(f"{database.name}.before-restore-{now.astimezone(UTC):%Y%m%d-%H%M%S}Z")
    for suffix in ("", *BESIDE):
        former = database.with_name(database.name + suffix)
        if former.exists():
            _named_twice(former, aside.with_name(aside.name + suffix))
    sync(database.parent)
    _remove(database, *BESIDE)
    return aside if aside.exists() else None


def _named_twice(path: Path, other: Path) -> None:
    try:
        other.hardlink_to(path)
    except OSError:  # a disk that knows no second names
        shutil.copyfile(path, other)
        sync(other)
