"""D10 and D11: a migration killed before each of its statements, from each revision, on both databases.

A child is forked for each kill (``python -m tests.faults.test_migrations``: everything is imported once).
After each kill the whole database, schema and rows, must be what it was; so the next run is a re-run of a
killed one. The short form kills at every third statement. Statements that only look are not counted: to the
disk, before a look and before what follows it are one moment.
"""

import asyncio
import gc
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import Pool

from bot.cli import main as bot_command
from models.database import open_engine
from models.health import contents_of
from models.schema import MIGRATIONS, downgrade, migrate
from tests.conftest import address
from tests.faults.killing import LONG
from tests.models.filled import fill

ROOT = Path(__file__).parents[2]
KILLED, DONE = 137, 0
REPORTS = 3
STARTS = ["base", *sorted(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())][
    :-1
]
STRIDE = 1 if LONG else 3  # statements from kill to kill
HEAD = ScriptDirectory(str(MIGRATIONS)).get_current_head()


def strike_at(step: int) -> None:
    """Let this process die before its statement number ``step``; the commit and the time after it count."""
    steps = count(1)

    def strike(*_: object) -> None:
        if next(steps) == step:
            os._exit(KILLED)

    def strike_before(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA")):
            strike()

    event.listen(Engine, "before_cursor_execute", strike_before)
    event.listen(Engine, "commit", strike)
    event.listen(Pool, "checkin", strike)


def main() -> None:
    """Migrate in a child for each line «STEP URL», and print how the child ended."""
    asyncio.run(migrate("sqlite+aiosqlite:///:memory:"))  # what is imported late is imported now
    gc.freeze()
    gc.disable()
    for line in sys.stdin:
        step, _, url = line.strip().partition(" ")
        child = os.fork()
        if child == 0:
            strike_at(int(step))
            asyncio.run(migrate(url))
            os._exit(DONE)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


Killer = Callable[[int, str], int]


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    """Give the function that migrates in a child until a step, and gives its exit code."""
    with subprocess.Popen(
        [sys.executable, "-m", __name__],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:

        def kill(step: int, url: str) -> int:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{step} {url}\n")
            process.stdin.flush()
            return int(process.stdout.readline())

        yield kill
        process.kill()


async def begun(url: str, start: str) -> None:
    """Make a database of revision ``start`` with rows in it; «base» is an empty one."""
    if start == "base":
        return
    await migrate(url)
    await fill(url, reports=REPORTS)
    engine = open_engine(make_url(url), immediate=True, foreign_keys=False)
    async with engine.begin() as connection:
        await connection.run_sync(downgrade, start)
    await engine.dispose()


def killed_at_every_step(kill: Killer, url: str, look: Callable[[], Any]) -> int:
    """Kill a migration at each step; give how many kills there were until one run came through."""
    before = look()
    for kills, step in enumerate(count(1, STRIDE)):
        code = kill(step, url)
        if code == DONE:
            return kills
        assert code == KILLED
        if look() != before:
            assert kill(10_000, url) == DONE, "killed after its commit, it has nothing left to do"
            assert kill(step + 1, url) in {KILLED, DONE}
            return kills + 1
    raise AssertionError


def dumped(path: Path) -> list[str]:
    """Give everything that lies in an SQLite database: each table, index and row as a statement."""
    with closing(sqlite3.connect(path if path.exists() else ":memory:")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return list(connection.iterdump())


def unordered(dump: list[str]) -> list[list[str]]:
    """Give a dump without the order of constraints and indexes, which alembic takes from sets."""
    return sorted(sorted(line.strip(" ,\t") for line in statement.splitlines()) for statement in dump)


@pytest.mark.faults
@pytest.mark.parametrize("start", STARTS if LONG else (STARTS[0], STARTS[-1]))
def test_sqlite_survives_a_kill_before_each_statement_of_a_migration(
    killer: Killer, start: str, tmp_path: Path
) -> None:
    path, calm = tmp_path / "roadmap.sqlite3", tmp_path / "calm.sqlite3"
    url = f"sqlite+aiosqlite:///{path}"
    asyncio.run(begun(url, start))
    if path.exists():
        shutil.copy(path, calm)
    asyncio.run(migrate(f"sqlite+aiosqlite:///{calm}"))
    kills = killed_at_every_step(killer, url, lambda: dumped(path))
    print(f"SQLite, from {start}: {kills} kills")
    assert kills > 5
    assert unordered(dumped(path)) == unordered(dumped(calm))
    contents = contents_of(path)
    assert contents.revision == HEAD
    assert not [table for table in contents.rows if "tmp" in table]
    assert contents.rows["reports"] == (0 if start == "base" else REPORTS)


LOOKS = (
    """SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
    WHERE table_schema = 'public' ORDER BY table_name, ordinal_position""",
    """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2""",
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
)


def looked_through(server: str, name: str) -> list[Any]:
    """Give everything that lies in a PostgreSQL database: columns, constraints, indexes, rows."""
    with psycopg.connect(address(server, name).replace("+psycopg", ""), autocommit=True) as connection:
        found: list[Any] = [connection.execute(look).fetchall() for look in LOOKS]
        tables = sorted({row[0] for row in found[0]})
        rows = {
            table: sorted(map(repr, connection.execute(f'SELECT * FROM "{table}"').fetchall()))
            for table in tables
        }
    return [*found, rows]


@contextmanager
def postgres_databases(server: str, *names: str) -> Iterator[None]:
    """Make empty databases, and drop them at the end."""
    with psycopg.connect(server, autocommit=True) as connection:
        for name in names:
            connection.execute(f'CREATE DATABASE "{name}"')
        yield
        for name in names:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.faults
@pytest.mark.long
@pytest.mark.postgres
@pytest.mark.parametrize("start", STARTS)
def test_postgresql_survives_a_kill_before_each_statement_of_a_migration(
    killer: Killer, postgres: str, start: str
) -> None:
    struck, calm = f"struck_{os.getpid()}_{start}", f"calm_{os.getpid()}_{start}"
    with postgres_databases(postgres, struck, calm):
        for name in (struck, calm):
            asyncio.run(begun(address(postgres, name), start))
        asyncio.run(migrate(address(postgres, calm)))
        kills = killed_at_every_step(
            killer, address(postgres, struck), lambda: looked_through(postgres, struck)
        )
        print(f"PostgreSQL, from {start}: {kills} kills")
        assert kills > 5
        found = looked_through(postgres, struck)
        assert found == looked_through(postgres, calm)
        assert found[-1]["alembic_version"] == [repr((HEAD,))]
        assert len(found[-1]["reports"]) == (0 if start == "base" else REPORTS)


def test_an_old_database_is_brought_up_and_a_newer_one_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "roadmap.sqlite3"
    asyncio.run(begun(f"sqlite+aiosqlite:///{path}", "0001"))
    assert contents_of(path).revision == "0001"
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert bot_command(["migrate"]) == 0
    assert "приведена" in capsys.readouterr().out
    assert (contents_of(path).revision, contents_of(path).rows["reports"]) == (HEAD, REPORTS)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = dumped(path)
    assert bot_command(["migrate"]) == 78
    assert "создана более новой версией" in capsys.readouterr().err
    code, err = run(tmp_path)
    assert code == 78
    assert "создана более новой версией" in err
    assert "Traceback" not in err
    assert dumped(path) == before


def run(data: Path) -> tuple[int, str]:
    """Start the bot; give its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "DATA_DIR": str(data), "BOT_TOKEN": "42:" + "T" * 35},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stderr


if __name__ == "__main__":
    main()
