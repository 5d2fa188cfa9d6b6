"""The health of an SQLite file: damage, a log that was taken away, whole copies. PostgreSQL sees to itself.

A look changes nothing: SQLite's log (``-wal``) is neither folded into the main file nor removed by it.
"""

import json
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from models.database import BUSY_SECONDS, open_engine
from models.files import StoredFile
from models.trouble import Trouble, trouble_of

LARGE = 64 * 1024 * 1024  # bytes above which a start takes a quick look: a thorough one takes 25 ms per MiB
MANNERS = (b"\1\1", b"\2\2")  # bytes 18 and 19 of a header: written and read alike, with or without -wal
NO_LENGTH = """
INSERT INTO runs (started_at, alive_at, stopped_at)
SELECT alive_at, alive_at, alive_at FROM runs WHERE id = (SELECT max(id) FROM runs) AND stopped_at IS NULL
"""
ONE_OF = re.compile(r"CHECK \((\w+ IN \([^)]*\))\)")  # how the schema says which states there are
LOG_HEADER, FRAME_HEADER = 32, 24  # bytes, https://www.sqlite.org/fileformat2.html#walformat
NO_SALTS = bytes(8)  # the index of a log whose header SQLite does not believe
FOR_A_WHILE = (Trouble.AWAY, Trouble.FULL)  # such trouble says nothing about the bytes


class OutOfReach(Exception):
    """The database cannot be asked."""


@dataclass(frozen=True)
class Contents:
    """What lies in a database: its schema's revision, rows by table, sizes of stored files by SHA-256."""

    revision: str | None
    rows: dict[str, int]
    files: dict[str, int]


def sqlite_file(url: str) -> Path | None:
    """Give the file of an SQLite address; None for PostgreSQL."""
    found = make_url(url)
    if found.get_backend_name() != "sqlite" or not found.database:
        return None
    return Path(found.database)


def log_of(path: Path) -> Path:
    """Give the place of a database's log (``-wal``)."""
    return path.with_name(path.name + "-wal")


@contextmanager
def looking(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database for reading only.

    Where there is a log it is read and kept. Where there is none nobody has the file open, and ``immutable``
    keeps SQLite from laying an empty log beside it, which would hide that the true one was taken away.
    """
    how = "mode=ro" if log_of(path).exists() else "mode=ro&immutable=1"
    address = f"{path.absolute().as_uri()}?{how}"
    with closing(sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS)) as connection:
        yield connection


def missing_wal(path: Path) -> bool:
    """Ask whether the last commits have been taken away with the log; before anything opens the file.

    True: the main file says that a bot is in service (its newest run has not ended), but no log lies beside
    it, although only a clean stop removes it. A log of no bytes is a log: it is so after each checkpoint.
    """
    if not path.exists() or log_of(path).exists():
        return False
    try:
        with looking(path) as connection:
            newest = connection.execute("SELECT stopped_at FROM runs ORDER BY id DESC LIMIT 1").fetchone()
    except sqlite3.DatabaseError as error:
        if trouble_of(error) in FOR_A_WHILE:
            raise
        return False  # a database older than runs, or a damaged one: ``damage_of`` says so
    return newest is not None and newest[0] is None


def settle(path: Path) -> None:
    """Say that no bot is in service, and fold the log in; only for who knows that none is.

    The run that was killed keeps its open end, as whoever counts such runs expects: a run of no length that
    ended when the other was last seen alive comes after it.
    """
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone():
            connection.execute(NO_LENGTH)
            connection.commit()


def damage_of(path: Path, *, quick_above: int = LARGE) -> str | None:
    """Say what is damaged in an SQLite file, in SQLite's words; None where nothing can be seen.

    SQLite keeps no checksums: a letter changed within a word, or a digit within a number that no index
    holds, is seen by nobody. Raises sqlite3.Error where the file cannot be looked at just now.
    """
    if not path.exists() or path.stat().st_size == 0:
        return None
    thorough = path.stat().st_size <= quick_above
    try:
        with looking(path) as connection:
            return (
                _header(path)
                or _structure(connection, thorough)
                or _states(connection)
                or _log(path)
                or (thorough and _cells(connection))
                or None
            )
    except UnicodeDecodeError as error:  # SQLite quotes a name that is damaged itself
        return error.reason
    except sqlite3.DatabaseError as error:
        if trouble_of(error) in FOR_A_WHILE:
            raise
        return str(error)


def _header(path: Path) -> str | None:
    with path.open("rb") as file:
        manners = file.read(20)[18:]
    return None if manners in MANNERS else "the header of the file is damaged"


def _log(path: Path) -> str | None:
    """Look for commits that SQLite no longer reaches: it reads its log up to a broken frame, silently.

    A commit is on the disk before the next one begins. So a broken last commit is one that a power cut has
    torn, and nobody was told of it; but where another follows, it was whole once. The index of the log
    (``-shm``, made anew by the look before this one) says how far SQLite reads, and of which log.
    """
    log, index = log_of(path), path.with_name(path.name + "-shm")
    if not log.exists() or not index.exists():
        return None
    salts, commits = _frames(log, _page_size(path))
    known = index.read_bytes()[:40]
    reached = int.from_bytes(known[16:20], sys.byteorder)
    if known[32:] not in {salts, NO_SALTS}:  # begun anew meanwhile
        return None
    first_lost = next((at for at, commit in commits if at > reached and commit), None)
    if first_lost is not None and commits[-1][0] > first_lost:
        return "the log is damaged: commits behind the damage are out of reach"
    return None


def _frames(log: Path, page_size: int) -> tuple[bytes, list[tuple[int, bool]]]:
    """Give the salts of a log, and (number, ends a commit) of each frame that was written with them."""
    found: list[tuple[int, bool]] = []
    with log.open("rb") as file:
        salts = file.read(LOG_HEADER)[16:24]
        for number in count(1):
            frame = file.read(FRAME_HEADER)
            if len(frame) < FRAME_HEADER:
                return salts, found
            if frame[8:12] == salts[:4] or frame[12:16] == salts[4:]:  # one is enough: a byte may be wrong
                found.append((number, frame[4:8] != bytes(4)))
            file.seek(page_size, 1)
    raise AssertionError


def _page_size(path: Path) -> int:
    with path.open("rb") as file:
        size = int.from_bytes(file.read(18)[16:], "big")
    return 65536 if size == 1 else size


def _structure(connection: sqlite3.Connection, thorough: bool) -> str | None:
    """Check pages, rows, NOT NULL, references, and, thoroughly, indexes."""
    found = connection.execute(f"PRAGMA {'integrity_check' if thorough else 'quick_check'}(1)").fetchone()
    if found != ("ok",):
        return str(found[0]) if found else "the check of integrity says nothing"
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    return None if broken is None else f"a row of {broken[0]} refers to nothing"


def _states(connection: sqlite3.Connection) -> str | None:
    """Look at each CHECK of states: where SQLite opens a file only for reading, it forgets them."""
    for table, words in connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
    ).fetchall():
        for check in ONE_OF.findall(words or ""):
            wrong = f'SELECT 1 FROM "{table}" WHERE NOT ({check}) LIMIT 1'  # noqa: S608 - its own words
            if connection.execute(wrong).fetchone():
                return f"a state of {table} is none"
    return None


def _whole(value: object) -> None:
    if not isinstance(value, int):
        raise TypeError


def _words(value: object) -> None:
    if not isinstance(value, str):
        raise TypeError


def _number(value: object) -> None:
    if not isinstance(value, int | float):
        raise TypeError


READ: dict[str, Callable[[Any], object]] = {
    "JSON": json.loads,
    "DATETIME": datetime.fromisoformat,
    "DATE": date.fromisoformat,
    "INTEGER": _whole,
    "BIGINT": _whole,
    "BOOLEAN": _whole,
    "VARCHAR": _words,
    "TEXT": _words,
    "FLOAT": _number,
    "NUMERIC": _number,
}


def _cells(connection: sqlite3.Connection) -> str | None:
    """Read every cell as the program will; a wrong byte in UTF-8 raises sqlite3.OperationalError."""
    for table in _tables(connection):
        columns = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
        readers = [(at, name, READ.get(kind.partition("(")[0])) for at, name, kind, *_ in columns]
        known = [(at, name, reader) for at, name, reader in readers if reader is not None]
        for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - its own name
            for at, name, reader in known:
                try:
                    if row[at] is not None:
                        reader(row[at])
                except (ValueError, TypeError):
                    return f"a cell of {table}.{name} cannot be read"
    return None


def _tables(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in found if not name.startswith("sqlite_")]


def copy_whole(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, while others write; ``target`` is one file and needs no log.

    ``VACUUM INTO`` instead of the backup API: what was erased does not travel along in free pages.
    Raises sqlite3.Error.
    """
    with looking(source) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    settle(target)


def contents_of(path: Path) -> Contents:
    """Look into a database at rest. Raises sqlite3.Error."""
    with looking(path) as connection:
        tables = _tables(connection)
        rows = {table: _count(connection, table) for table in tables}
        revision = files = None
        if "alembic_version" in tables:
            revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        if "stored_files" in tables:
            files = connection.execute("SELECT sha256, size FROM stored_files").fetchall()
    return Contents(revision[0] if revision else None, rows, dict(files or ()))


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])  # noqa: S608 - its own name


async def stored_files(url: str) -> dict[str, int]:
    """Give the sizes of the files that a database in service names, by SHA-256. Raises OutOfReach."""
    engine = open_engine(make_url(url), immediate=False)
    try:
        async with engine.connect() as connection:
            found = await connection.execute(select(StoredFile.sha256, StoredFile.size))
            return {row.sha256: row.size for row in found}
    except (DBAPIError, OSError):
        raise OutOfReach from None
    finally:
        await engine.dispose()
