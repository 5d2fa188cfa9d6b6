"""Copies of everything, made while the bot runs.

``FOLDER/roadmap-20261124-001500-000Z/`` holds a database and its manifest, ``FOLDER/files`` the bytes that
the rows of any copy name. A copy that can be seen is whole: its folder is named last.
"""

import asyncio
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.settings import Settings
from bot.sound import in_words, refuse_unsound
from bot.stopped import EX_TEMPFAIL, Stopped
from bot.stores import Damaged, FolderStore, Store, open_store
from models.health import contents_of, copy_whole, log_of, sqlite_file, stored_files

DATABASE, MANIFEST, FILES = "roadmap.sqlite3", "manifest.json", "files"
UNFINISHED = ".unfinished-"
SPARE = 16 * 1024 * 1024  # bytes that must stay free after a copy
CHUNK = 1024 * 1024
EVERYTHING = 2**63  # no file is too large for a thorough look

MISSING = " Файлов, которых нет целыми в хранилище: {}."
BY_PG_DUMP = (
    "База данных — PostgreSQL: её копирует pg_dump, например "
    "pg_dump --format=custom --file={folder}/roadmap.dump АДРЕС_БАЗЫ. Сначала её, потом файлы этой командой."
)


@dataclass(frozen=True)
class Manifest:
    """What a copy is said to hold; ``missing`` files were named by rows and had no bytes already then."""

    made_at: str
    revision: str | None
    sha256: str
    size: int
    rows: dict[str, int]
    files: int
    missing: int


@dataclass(frozen=True)
class Made:
    """What was copied; ``copy`` is None on PostgreSQL. ``added`` files were not in the folder before."""

    copy: Path | None
    added: int
    missing: int

    def words(self, folder: Path) -> str:
        """Say it to the administrator."""
        copied = BY_PG_DUMP.format(folder=folder) if self.copy is None else f"Копия готова: {self.copy}."
        return f"{copied}\nНовых файлов: {self.added}.{MISSING.format(self.missing) if self.missing else ''}"


def backup(settings: Settings, folder: Path, *, now: datetime, keep: int | None = None) -> Made:
    """Copy the database, whether or not a bot is at work, and the files that its rows name.

    ``keep`` newest copies stay, older ones go with the files that only they name. Blocks. Raises Stopped.
    """
    refuse_unsound(settings, quick_above=EVERYTHING)
    with in_words(), _alone_in(folder):
        database = sqlite_file(settings.database_url)
        if database is None:
            named = asyncio.run(stored_files(settings.database_url))
            return Made(None, *copy_files(named, open_store(settings), FolderStore(folder / FILES), folder))
        if not database.exists():
            raise Stopped(f"Базы данных {database} нет: копировать нечего.", 1)
        made = _copy_database(database, open_store(settings), folder, now)
        if keep is not None:
            _forget(folder, keep, now)
        return made


def _copy_database(database: Path, store: Store, folder: Path, now: datetime) -> Made:
    name = f"roadmap-{now.astimezone(UTC):%Y%m%d-%H%M%S}-{now.microsecond // 1000:03}Z"
    unfinished = folder / f"{UNFINISHED}{name}"
    unfinished.mkdir(mode=0o700)
    see_to_room(folder, size(database) + size(log_of(database)))
    copied = unfinished / DATABASE
    copy_whole(database, copied)
    found = contents_of(copied)
    added, missing = copy_files(found.files, store, FolderStore(folder / FILES), folder)
    manifest = Manifest(
        now.isoformat(), found.revision, digest(copied), size(copied), found.rows, len(found.files), missing
    )
    (unfinished / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    for path in (copied, unfinished / MANIFEST, unfinished):
        sync(path)
    unfinished.rename(folder / name)
    sync(folder)
    return Made(folder / name, added, missing)


def copy_files(named: dict[str, int], store: Store, target: Store, room: Path | None) -> tuple[int, int]:
    """Put what ``target`` has not; give how many were put, and how many are nowhere whole."""
    wanted = {sha256: size for sha256, size in named.items() if not target.has(sha256, size)}
    if room is not None:
        see_to_room(room, sum(wanted.values()))
    missing = 0
    for sha256 in wanted:
        try:
            target.put(store.get(sha256))
        except (FileNotFoundError, Damaged):
            missing += 1
    return len(wanted) - missing, missing


def _forget(folder: Path, keep: int, now: datetime) -> None:
    """Let the older copies go, and the files that no other copy names."""
    kept = copies(folder)[-max(keep, 1) :]
    for old in copies(folder)[: -max(keep, 1)]:
        gone = old.rename(folder / f"{UNFINISHED}{old.name}")  # seen no more before it is half
        shutil.rmtree(gone)
    known = {sha256 for copy in kept for sha256 in contents_of(copy / DATABASE).files}
    FolderStore(folder / FILES).sweep(known, older_than=now)


def copies(folder: Path) -> list[Path]:
    """Give the whole copies of a folder, the newest last."""
    return sorted(path.parent for path in folder.glob(f"roadmap-*/{MANIFEST}"))


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold a folder of copies, and clear away what a killed backup left there. Raises Stopped."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Stopped(f"В папку {folder} уже пишется копия.", EX_TEMPFAIL) from None
        _clear(folder)
        try:
            yield
        finally:
            _clear(folder)


def _clear(folder: Path) -> None:
    for left in folder.glob(f"{UNFINISHED}*"):
        shutil.rmtree(left)


def see_to_room(folder: Path, needed: int) -> None:
    """Look whether the disk has room for a copy. Raises Stopped."""
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE:
        raise Stopped(
            f"На диске папки {folder} мало места: свободно {free // CHUNK} МБ, нужно "
            f"{(needed + SPARE) // CHUNK} МБ.",
            1,
        )


def size(path: Path) -> int:
    """Give the bytes of a file; 0 where there is none."""
    return path.stat().st_size if path.exists() else 0


def digest(path: Path) -> str:
    """Give the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Bring a file or a folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
