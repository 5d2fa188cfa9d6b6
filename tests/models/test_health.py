"""D6 and D7: a flipped byte, a log taken away. What SQLite can see is refused, the rest still works."""

import random
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

import models
from models.database import Database
from models.health import contents_of, copy_whole, damage_of, log_of, missing_wal, settle, sqlite_file
from models.letters import Letter, LetterKind, LetterState
from models.schema import migrate
from tests.models.filled import NOW, fill

HEADER = 100  # bytes of the file's header, each as likely to matter as a whole page
REPORTS = 180


def url_of(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
async def filled(sqlite_template: Path, tmp_path: Path) -> Path:
    """Give a database at rest with about a megabyte of rows."""
    path = tmp_path / "roadmap.sqlite3"
    shutil.copy(sqlite_template, path)
    await fill(url_of(path), reports=REPORTS)
    assert 900_000 < path.stat().st_size < 1_500_000
    return path


async def lives(path: Path) -> None:
    """Start on a database, read every row of every table as the program does, write one and take it back."""
    await migrate(url_of(path))
    database = Database(url_of(path))
    try:
        async with database.reading() as session:
            for table in models.Base.metadata.sorted_tables:
                (await session.execute(select(table))).all()
        letter = Letter(
            key="lives",
            kind=LetterKind.NOTE,
            state=LetterState.WAITING,
            chat_id=5,
            priority=0,
            not_before=NOW,
            facts={},
            created_at=NOW,
        )
        async with database.writing() as session:
            session.add(letter)
        async with database.writing() as session:
            await session.delete(await session.get_one(Letter, letter.id))
    finally:
        await database.close()


async def test_a_flipped_byte_is_seen_or_changes_nothing_but_what_a_cell_says(
    filled: Path, tmp_path: Path
) -> None:
    whole = filled.read_bytes()
    rows = contents_of(filled).rows
    seed = random.Random(20261124)
    places = [*seed.sample(range(HEADER), 40), *seed.sample(range(HEADER, len(whole)), 160)]
    found: Counter[tuple[str, bool]] = Counter()
    for number, place in enumerate(places):
        flipped = tmp_path / f"flipped-{number}.sqlite3"
        data = bytearray(whole)
        data[place] ^= seed.randrange(1, 256)
        flipped.write_bytes(data)
        seen = damage_of(flipped)
        found["header" if place < HEADER else "page", seen is not None] += 1
        if seen is None:
            assert contents_of(flipped).rows == rows
            await lives(flipped)
    print(f"flipped: {found['page', True]} of 160 seen in pages, {found['header', True]} of 40 in the header")
    assert found["page", True] >= 70  # nothing lies in the pages of empty tables
    assert found["header", True] >= 10


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE letters SET kind = 'answez' WHERE id = 7", "a state of letters"),
        ("UPDATE evidence SET report_id = 9999 WHERE id = 7", "a row of evidence"),
        ("UPDATE letters SET facts = '{\"report_id\": 7' WHERE id = 7", "letters.facts"),
        ("UPDATE reports SET sent_at = '2026-11-2x 06:30:00' WHERE id = 7", "reports.sent_at"),
        ("UPDATE reports SET text = CAST(x'd0ff' AS TEXT) WHERE id = 7", "UTF-8"),
        ("UPDATE reports SET text = x'd0bf' WHERE id = 7", "reports.text"),
    ],
    ids=["no such state", "nothing referred to", "half a JSON", "no such day", "no such letter", "no words"],
)
async def test_what_the_program_could_not_read_is_damage(filled: Path, sql: str, words: str) -> None:
    assert damage_of(filled) is None
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = 1")
        connection.execute(sql)
        connection.commit()
    assert words in (damage_of(filled) or "")


def test_what_is_no_database_at_all_is_damage_and_nothing_yet_is_not(tmp_path: Path) -> None:
    path = tmp_path / "roadmap.sqlite3"
    assert damage_of(path) is None
    path.write_bytes(b"")
    assert damage_of(path) is None
    path.write_bytes(b"a letter from another drawer" * 100)
    assert damage_of(path) == "the header of the file is damaged"
    path.write_bytes(b"another drawer but" + bytes([2, 2]) + bytes(4000))
    assert damage_of(path) == "file is not a database"


def test_an_index_that_lost_a_row_is_seen_by_a_thorough_look_only(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "roadmap.sqlite3"
    shutil.copy(sqlite_template, path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO rules (name, value, source) VALUES ('report_day', '{}', 'x')")
        connection.commit()
        page = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_rules_1'"
        ).fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    data = bytearray(path.read_bytes())
    at = data.index(b"report_day", (page - 1) * size)
    data[at : at + 6] = b"REPORT"
    path.write_bytes(data)
    assert "sqlite_autoindex_rules_1" in (damage_of(path) or "")
    assert damage_of(path, quick_above=0) is None


SERVICE = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("PRAGMA synchronous = FULL")
moment = "2026-11-24 06:30:00.000000"
connection.execute("INSERT INTO runs (started_at, alive_at) VALUES (?, ?)", (moment, moment))
connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
for number in range(int(sys.argv[2])):
    connection.execute("INSERT INTO rules (name, value, source) VALUES (?, '{}', 'x')", (f"rule {number}",))
os._exit(137)
"""


def killed(path: Path, *, after: int) -> None:
    """Let a process begin its service as the bot does, commit rows, and be killed."""
    done = subprocess.run([sys.executable, "-c", SERVICE, str(path), str(after)], check=False)
    assert done.returncode == 137


def rules(path: Path) -> int:
    return contents_of(path).rows["rules"]


@pytest.fixture
def served(sqlite_template: Path, tmp_path: Path) -> Path:
    """Give a database whose process was killed after 20 commits that lie in its log."""
    path = tmp_path / "roadmap.sqlite3"
    shutil.copy(sqlite_template, path)
    killed(path, after=20)
    assert log_of(path).stat().st_size > 0
    return path


def test_a_log_that_was_taken_away_is_missed(served: Path) -> None:
    assert not missing_wal(served)
    log_of(served).unlink()
    assert missing_wal(served)
    assert missing_wal(served), "a look has hidden it"
    assert damage_of(served) is None
    assert missing_wal(served), "a look at the damage has hidden it"


def test_a_database_copied_without_its_log_while_it_was_in_service_is_missed_too(
    served: Path, tmp_path: Path
) -> None:
    alone = tmp_path / "elsewhere.sqlite3"
    shutil.copy(served, alone)
    assert missing_wal(alone)
    assert rules(alone) == 0  # what would have been lost silently


def test_an_index_of_the_log_that_was_taken_away_is_made_anew(served: Path) -> None:
    served.with_name(served.name + "-shm").unlink()
    assert not missing_wal(served)
    assert (damage_of(served), rules(served)) == (None, 20)


def test_looks_leave_the_log_of_a_killed_bot_where_it_is(served: Path, tmp_path: Path) -> None:
    before = served.read_bytes(), log_of(served).read_bytes()
    assert damage_of(served) is None
    contents_of(served)
    copy_whole(served, tmp_path / "copy.sqlite3")
    assert (served.read_bytes(), log_of(served).read_bytes()) == before


def test_a_flipped_byte_of_the_log_takes_nothing_away_unseen_but_the_last_commit(
    served: Path, tmp_path: Path
) -> None:
    whole = log_of(served).read_bytes()
    seed = random.Random(20261124)
    frames = (len(whole) - 32) // 4120
    places = [*range(32), *(32 + 4120 * seed.randrange(frames) + seed.randrange(24) for _ in range(60))]
    places += [seed.randrange(32, len(whole)) for _ in range(60)]
    found: Counter[bool] = Counter()
    for number, place in enumerate(places):
        flipped = tmp_path / f"flipped-{number}.sqlite3"
        shutil.copy(served, flipped)
        data = bytearray(whole)
        data[place] ^= seed.randrange(1, 256)
        log_of(flipped).write_bytes(data)
        seen = damage_of(flipped) is not None
        found[seen] += 1
        assert seen or rules(flipped) >= 19
    print(f"flipped in the log: {found[True]} of {len(places)} seen, the others cost at most the last commit")
    assert found[True] > 120


def test_a_log_torn_at_any_byte_is_what_a_kill_leaves_and_no_damage(served: Path, tmp_path: Path) -> None:
    whole = log_of(served).read_bytes()
    for number, kept in enumerate(range(0, len(whole), 1999)):
        torn = tmp_path / f"torn-{number}.sqlite3"
        shutil.copy(served, torn)
        log_of(torn).write_bytes(whole[:kept])
        assert damage_of(torn) is None


def test_a_log_begun_anew_over_an_older_one_is_sound(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "roadmap.sqlite3"
    shutil.copy(sqlite_template, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        for number in range(60):
            connection.execute(
                "INSERT INTO rules (name, value, source) VALUES (?, '{}', 'x')", (f"rule {number}",)
            )
            if number % 25 == 20:
                connection.execute("PRAGMA wal_checkpoint(RESTART)")
            assert damage_of(path) is None


def test_a_log_of_no_bytes_is_what_a_kill_right_after_a_checkpoint_leaves(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "roadmap.sqlite3"
    shutil.copy(sqlite_template, path)
    killed(path, after=0)
    assert log_of(path).stat().st_size == 0
    assert not missing_wal(path)


def test_a_settled_database_is_one_whole_file_and_the_killed_run_keeps_its_open_end(served: Path) -> None:
    settle(served)
    settle(served)
    assert not log_of(served).exists()
    assert not missing_wal(served)
    assert rules(served) == 20
    with closing(sqlite3.connect(served)) as connection:
        runs = connection.execute("SELECT alive_at, stopped_at FROM runs ORDER BY id").fetchall()
    moment = "2026-11-24 06:30:00.000000"
    assert runs == [(moment, None), (moment, moment)]


def test_a_database_older_than_runs_misses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "roadmap.sqlite3"
    assert not missing_wal(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE letters (id INTEGER PRIMARY KEY)")
    assert not missing_wal(path)
    settle(path)
    assert contents_of(path).rows == {"letters": 0}


def test_only_sqlite_has_a_file() -> None:
    assert sqlite_file("sqlite+aiosqlite:////srv/roadmap.sqlite3") == Path("/srv/roadmap.sqlite3")
    assert sqlite_file("postgresql+psycopg://user:secret@host/roadmap") is None
