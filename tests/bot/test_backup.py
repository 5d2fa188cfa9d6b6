"""Copies made while rows are written, and put back: D6, D8, and what a damaged or foreign copy leads to."""

import asyncio
import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from itertools import count, pairwise
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

from bot.backup import DATABASE, MANIFEST, backup, copies, see_to_room
from bot.restore import restore
from bot.settings import Settings
from bot.sound import hand_back, refuse_unsound, take_over, visit
from bot.stopped import Stopped
from bot.stores import FolderStore
from models.database import open_engine
from models.health import contents_of, damage_of, log_of, missing_wal
from models.schema import MIGRATIONS, downgrade, migrate
from tests.models.filled import NOW, fill, photo
from tests.models.test_health import killed, lives

REPORTS = 12
HEAD = ScriptDirectory(str(MIGRATIONS)).get_current_head()


def settings_of(data: Path, url: str = "") -> Settings:
    return Settings(_env_file=None, data_dir=data, database_url=url)


def filled(data: Path, template: Path, *, photos: int = REPORTS) -> Settings:
    """Give the settings of a data folder with reports and the bytes of ``photos`` of them."""
    data.mkdir()
    settings = settings_of(data)
    shutil.copy(template, data / DATABASE)
    asyncio.run(fill(settings.database_url, reports=REPORTS))
    for number in range(photos):
        FolderStore(data / "files").put(photo(number))
    return settings


@pytest.fixture
def town(sqlite_template: Path, tmp_path: Path) -> Settings:
    return filled(tmp_path / "data", sqlite_template)


def reports(path: Path) -> int:
    return contents_of(path).rows["reports"]


def flip(path: Path) -> None:
    """Break the root page of the schema, which no look can miss."""
    data = bytearray(path.read_bytes())
    data[100] ^= 0xFF
    path.write_bytes(data)


@contextmanager
def at_work(settings: Settings) -> Iterator[None]:
    """Hold the lock that a running bot holds."""
    with (settings.data_dir / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


WRITER = """
import asyncio, sys
from datetime import timedelta
from models.database import Database
from models.files import StoredFile
from bot.stores import FolderStore
from pathlib import Path
from tests.models.filled import NOW, photo

async def write(data):
    database, store = Database(f"sqlite+aiosqlite:///{data}/roadmap.sqlite3"), FolderStore(data / "files")
    number = 100
    while True:
        sha256, size = store.put(photo(number))
        async with database.writing() as session:
            session.add(StoredFile(sha256=sha256, size=size, stored_at=NOW + timedelta(seconds=number)))
        print(number, flush=True)
        number += 1

asyncio.run(write(Path(sys.argv[1])))
"""


@contextmanager
def writing(data: Path) -> Iterator[None]:
    """Let another process commit rows one after another as fast as it can; then kill it."""
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(data)], cwd=root, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "100\n"
        try:
            yield
            assert writer.poll() is None
        finally:
            writer.kill()
            writer.stdout.read()


def committed(data: Path) -> set[str]:
    """Give what has been committed to a database in service, as any reader sees it."""
    with closing(sqlite3.connect(f"file:{data / DATABASE}?mode=ro", uri=True)) as connection:
        return {sha256 for (sha256,) in connection.execute("SELECT sha256 FROM stored_files")}


def test_twelve_copies_made_under_writes_are_whole_and_hold_what_was_committed_before(
    town: Settings, tmp_path: Path
) -> None:
    grown = []
    with writing(town.data_dir):
        for number in range(12):
            before = committed(town.data_dir)
            began = time.monotonic()
            made = backup(town, tmp_path / "copies", now=NOW + timedelta(seconds=number))
            assert made.copy is not None
            assert made.missing == 0
            held = contents_of(made.copy / DATABASE).files
            assert before <= set(held)
            assert damage_of(made.copy / DATABASE) is None
            grown.append(len(held))
            time.sleep(max(0.0, 0.3 - (time.monotonic() - began)))
    assert len(copies(tmp_path / "copies")) == 12
    assert all(later > sooner for sooner, later in pairwise(grown))
    print(f"copies under writes: 12 of 12 whole, from {grown[0]} to {grown[-1]} files")


def test_a_copy_put_back_into_an_empty_folder_has_every_row_and_every_file(
    town: Settings, tmp_path: Path
) -> None:
    made = backup(town, tmp_path / "copies", now=NOW)
    assert (made.added, made.missing) == (REPORTS, 0)
    assert "Копия готова" in made.words(tmp_path / "copies")
    elsewhere = settings_of(tmp_path / "new" / "data")
    put_back = restore(elsewhere, tmp_path / "copies", now=NOW)
    assert (put_back.added, put_back.missing, put_back.aside) == (REPORTS, 0, None)
    assert contents_of(elsewhere.data_dir / DATABASE) == contents_of(town.data_dir / DATABASE)
    assert not missing_wal(elsewhere.data_dir / DATABASE)
    store = FolderStore(elsewhere.data_dir / "files")
    assert all(store.get(hashlib.sha256(photo(number)).hexdigest()) for number in range(REPORTS))
    take_over(elsewhere)
    asyncio.run(lives(elsewhere.data_dir / DATABASE))


def test_copies_share_their_files_and_say_what_they_hold(town: Settings, tmp_path: Path) -> None:
    first = backup(town, tmp_path / "copies", now=NOW)
    second = backup(town, tmp_path / "copies", now=NOW + timedelta(days=1))
    assert (first.added, second.added) == (REPORTS, 0)
    assert second.copy == copies(tmp_path / "copies")[-1]
    assert second.copy.name == "roadmap-20261125-063000-000Z"
    manifest = json.loads((second.copy / MANIFEST).read_text())
    assert (manifest["revision"], manifest["rows"]["reports"], manifest["files"]) == (HEAD, REPORTS, REPORTS)
    assert manifest["sha256"] == hashlib.sha256((second.copy / DATABASE).read_bytes()).hexdigest()
    assert {path.name for path in second.copy.iterdir()} == {DATABASE, MANIFEST}
    assert (tmp_path / "copies").stat().st_mode & 0o077 == 0


def test_files_that_are_nowhere_whole_are_counted_and_said(sqlite_template: Path, tmp_path: Path) -> None:
    town = filled(tmp_path / "data", sqlite_template, photos=REPORTS - 2)
    broken = FolderStore(town.data_dir / "files").path(hashlib.sha256(photo(0)).hexdigest())
    broken.write_bytes(bytes(2_000))
    made = backup(town, tmp_path / "copies", now=NOW)
    assert (made.added, made.missing) == (REPORTS - 3, 3)
    assert "нет целыми в хранилище: 3" in made.words(tmp_path / "copies")
    put_back = restore(settings_of(tmp_path / "new"), tmp_path / "copies", now=NOW)
    assert (put_back.added, put_back.missing) == (REPORTS - 3, 3)
    assert "нет целыми в хранилище: 3" in put_back.words()


def test_old_copies_go_with_the_files_that_only_they_name(town: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    backup(town, folder, now=NOW)
    with closing(sqlite3.connect(town.data_dir / DATABASE)) as connection:
        connection.execute("DELETE FROM evidence WHERE stored_file_id = 1")
        connection.execute("DELETE FROM stored_files WHERE id = 1")
        connection.commit()
    backup(town, folder, now=NOW + timedelta(days=1), keep=2)
    assert len(copies(folder)) == 2
    gone = FolderStore(folder / "files").path(hashlib.sha256(photo(0)).hexdigest())
    assert gone.exists()
    os.utime(gone, (0, 0))
    backup(town, folder, now=NOW + timedelta(days=2), keep=2)
    assert len(copies(folder)) == 2
    assert not gone.exists()
    put_back = restore(settings_of(tmp_path / "new"), folder, now=NOW)
    assert (put_back.added, put_back.missing) == (REPORTS - 1, 0)


def test_what_a_killed_backup_left_is_no_copy_and_goes_with_the_next(town: Settings, tmp_path: Path) -> None:
    left = tmp_path / "copies" / ".unfinished-roadmap-20261123-063000-000Z"
    left.mkdir(parents=True)
    (left / DATABASE).write_bytes(b"half")
    with pytest.raises(Stopped, match="нет ни одной целой копии"):
        restore(settings_of(tmp_path / "new"), tmp_path / "copies", now=NOW)
    backup(town, tmp_path / "copies", now=NOW)
    assert not left.exists()


def test_a_damaged_database_is_refused_and_a_copy_takes_its_place(town: Settings, tmp_path: Path) -> None:
    backup(town, tmp_path / "copies", now=NOW)
    database = town.data_dir / DATABASE
    flip(database)
    broken = database.read_bytes()
    with pytest.raises(Stopped, match="повреждена") as stopped:
        take_over(town)
    assert stopped.value.code == 78
    with pytest.raises(Stopped, match="повреждена"):
        backup(town, tmp_path / "copies", now=NOW + timedelta(days=1))
    assert len(copies(tmp_path / "copies")) == 1
    put_back = restore(town, tmp_path / "copies", now=NOW)
    assert put_back.aside is not None
    assert put_back.aside.read_bytes() == broken
    assert put_back.aside.name == "roadmap.sqlite3.before-restore-20261124-063000Z"
    take_over(town)
    assert reports(database) == REPORTS


def test_a_sound_database_stays_unless_it_is_asked_to_go(town: Settings, tmp_path: Path) -> None:
    backup(town, tmp_path / "copies", now=NOW)
    with pytest.raises(Stopped, match="--replace"):
        restore(town, tmp_path / "copies", now=NOW)
    database = town.data_dir / DATABASE
    killed(database, after=20)
    put_back = restore(town, tmp_path / "copies", now=NOW, replace=True)
    assert contents_of(database).rows["rules"] == 0
    assert not log_of(database).exists()
    assert put_back.aside is not None
    assert contents_of(put_back.aside).rows["rules"] == 20, "the former log went aside with it"


def test_a_restore_is_refused_while_a_bot_is_at_work(town: Settings, tmp_path: Path) -> None:
    backup(town, tmp_path / "copies", now=NOW)
    with at_work(town), pytest.raises(Stopped, match="Бот уже запущен") as stopped:
        restore(town, tmp_path / "copies", now=NOW, replace=True)
    assert stopped.value.code == 75


def test_a_copy_that_is_not_what_was_written_is_refused(town: Settings, tmp_path: Path) -> None:
    made = backup(town, tmp_path / "copies", now=NOW)
    assert made.copy is not None
    data = bytearray((made.copy / DATABASE).read_bytes())
    data[data.index("провели".encode())] ^= 1  # within a word: only the checksum of the manifest tells
    (made.copy / DATABASE).write_bytes(data)
    new = settings_of(tmp_path / "new")
    with pytest.raises(Stopped, match="содержимое не то"):
        restore(new, made.copy, now=NOW)
    (made.copy / MANIFEST).write_text("{")
    with pytest.raises(Stopped, match="опись не читается"):
        restore(new, made.copy / DATABASE, now=NOW)
    assert not (new.data_dir / DATABASE).exists()


def revised(path: Path, revision: str) -> None:
    """Take a database down to an older revision."""

    async def down() -> None:
        engine = open_engine(make_url(f"sqlite+aiosqlite:///{path}"), immediate=True, foreign_keys=False)
        async with engine.begin() as connection:
            await connection.run_sync(downgrade, revision)
        await engine.dispose()

    asyncio.run(down())


def test_an_older_copy_is_brought_up_and_a_newer_one_refused(town: Settings, tmp_path: Path) -> None:
    revised(town.data_dir / DATABASE, "0001")
    made = backup(town, tmp_path / "old", now=NOW)
    assert made.copy is not None
    assert contents_of(made.copy / DATABASE).revision == "0001"
    new = settings_of(tmp_path / "new")
    restore(new, made.copy, now=NOW)
    assert contents_of(new.data_dir / DATABASE).revision == HEAD
    assert reports(new.data_dir / DATABASE) == REPORTS
    with closing(sqlite3.connect(town.data_dir / DATABASE)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    backup(town, tmp_path / "newer", now=NOW)
    with pytest.raises(Stopped, match="более новой версией") as stopped:
        restore(new, tmp_path / "newer", now=NOW, replace=True)
    assert stopped.value.code == 78
    assert {path.name for path in new.data_dir.iterdir()} == {DATABASE, "files", "lock"}
    assert reports(new.data_dir / DATABASE) == REPORTS


def test_a_database_file_alone_is_put_back_only_with_its_log(town: Settings, tmp_path: Path) -> None:
    database = town.data_dir / DATABASE
    killed(database, after=20)
    by_hand = tmp_path / "by hand"
    by_hand.mkdir()
    shutil.copy(database, by_hand / DATABASE)
    new = settings_of(tmp_path / "new")
    with pytest.raises(Stopped, match="последних записей в нём нет"):
        restore(new, by_hand / DATABASE, now=NOW)
    shutil.copy(log_of(database), log_of(by_hand / DATABASE))
    shutil.copytree(town.data_dir / "files", by_hand / "files")
    put_back = restore(new, by_hand / DATABASE, now=NOW)
    assert put_back.rows is not None
    assert (put_back.rows["rules"], put_back.added) == (20, REPORTS)


def test_a_database_whose_log_was_taken_away_is_refused_until_the_loss_is_accepted(town: Settings) -> None:
    database = town.data_dir / DATABASE
    killed(database, after=20)
    log_of(database).unlink()
    for begins in (take_over, visit, refuse_unsound):
        with pytest.raises(Stopped, match=r"нет файла roadmap\.sqlite3-wal") as stopped:
            begins(town)
        assert stopped.value.code == 78
    hand_back(town)
    take_over(town)
    assert reports(database) == REPORTS


def test_a_copy_takes_the_place_of_a_database_whose_log_was_taken_away(
    town: Settings, tmp_path: Path
) -> None:
    database = town.data_dir / DATABASE
    killed(database, after=20)
    backup(town, tmp_path / "copies", now=NOW)
    log_of(database).unlink()
    restore(town, tmp_path / "copies", now=NOW)
    take_over(town)
    assert contents_of(database).rows["rules"] == 20


def test_a_bot_killed_again_right_after_its_start_is_not_taken_for_a_robbed_one(town: Settings) -> None:
    database = town.data_dir / DATABASE
    killed(database, after=20)
    take_over(town)  # and killed here, before it has written its own run
    assert not missing_wal(database)
    asyncio.run(migrate(town.database_url))  # or here: closing has folded the log in
    assert not missing_wal(database)
    take_over(town)
    assert contents_of(database).rows["rules"] == 20


def test_a_bot_that_stops_with_something_in_hand_is_not_taken_for_a_robbed_one(town: Settings) -> None:
    database = town.data_dir / DATABASE
    killed(database, after=20)
    with closing(sqlite3.connect(database)) as still_open:
        assert still_open.execute("SELECT count(*) FROM rules").fetchone() == (20,)
        hand_back(town)
    assert not log_of(database).exists()
    take_over(town)
    assert contents_of(database).rows["rules"] == 20


def test_a_copy_of_a_database_in_service_says_that_nobody_is(town: Settings, tmp_path: Path) -> None:
    killed(town.data_dir / DATABASE, after=20)
    made = backup(town, tmp_path / "copies", now=NOW)
    assert made.copy is not None
    assert not missing_wal(made.copy / DATABASE)
    assert log_of(town.data_dir / DATABASE).exists()


def test_a_command_beside_a_running_bot_does_not_end_its_run(town: Settings) -> None:
    database = town.data_dir / DATABASE
    killed(database, after=1)
    with at_work(town):
        visit(town)
        assert log_of(database).exists()
    visit(town)
    assert not log_of(database).exists()


MOVES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "sqlite3.connect"}


def killed_at(step: int, act: Callable[[], object]) -> bool:
    """Let a child act and die right before its move number ``step``; tell whether it died."""
    child = os.fork()
    if child == 0:
        moves = count(1)

        def strike(name: str, _facts: object) -> None:
            if name in MOVES and next(moves) == step:
                os._exit(137)

        sys.addaudithook(strike)
        try:
            act()
            os._exit(0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, 137}
    return code == 137


def test_a_restore_killed_at_any_move_leaves_the_former_database_or_the_new_one(
    town: Settings, tmp_path: Path
) -> None:
    backup(town, tmp_path / "copies", now=NOW)
    killed(town.data_dir / DATABASE, after=20)
    found = set()
    for step in count(1):
        struck = settings_of(tmp_path / f"struck-{step}")
        shutil.copytree(town.data_dir, struck.data_dir)
        database = struck.data_dir / DATABASE
        died = killed_at(step, partial(restore, struck, tmp_path / "copies", now=NOW, replace=True))
        try:
            take_over(struck)
            rows = contents_of(database).rows
            found.add((rows["reports"], rows["rules"]))
        except Stopped:  # its log is away already: everything lies aside
            aside = next(struck.data_dir.glob(f"{DATABASE}.before-restore-*Z"))
            assert contents_of(aside).rows["rules"] == 20
        if not died:
            break
        restore(struck, tmp_path / "copies", now=NOW + timedelta(minutes=1), replace=True)
        take_over(struck)
        assert (reports(database), contents_of(database).rows["rules"]) == (REPORTS, 0)
        assert not list(struck.data_dir.glob(".restoring*"))
    print(f"a restore: killed at each of {step - 1} moves")
    assert found == {(REPORTS, 20), (REPORTS, 0)}
    assert step > 10


def test_a_backup_killed_at_any_move_leaves_only_whole_copies(town: Settings, tmp_path: Path) -> None:
    for step in count(1):
        folder = tmp_path / f"copies-{step}"
        died = killed_at(step, partial(backup, town, folder, now=NOW))
        for copy in copies(folder):
            restore(settings_of(tmp_path / f"new-{step}"), copy, now=NOW)
        if not died:
            break
        backup(town, folder, now=NOW + timedelta(minutes=1))
        assert {path.name for path in folder.iterdir()} >= {"files", ".lock"}
        assert not list(folder.glob(".unfinished-*"))
    print(f"a backup: killed at each of {step - 1} moves")
    assert len(copies(folder)) == 1
    assert step > 10


def test_a_copy_that_would_fill_the_disk_is_not_begun(tmp_path: Path) -> None:
    with pytest.raises(Stopped, match="мало места"):
        see_to_room(tmp_path, 2**60)
    see_to_room(tmp_path, 1)


def test_two_backups_into_one_folder_do_not_meet(town: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    with (folder / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Stopped, match="уже пишется") as stopped:
            backup(town, folder, now=NOW)
    assert stopped.value.code == 75


def test_nothing_to_copy_is_said(tmp_path: Path) -> None:
    with pytest.raises(Stopped, match="копировать нечего"):
        backup(settings_of(tmp_path / "data"), tmp_path / "copies", now=NOW)
    with pytest.raises(Stopped, match="Нет файла"):
        restore(settings_of(tmp_path / "data"), tmp_path / "no such copy", now=NOW)


def test_postgresql_is_copied_by_its_own_tools_and_the_files_by_ours(
    database_url: str, tmp_path: Path
) -> None:
    if database_url.startswith("sqlite"):
        return  # told by the other stories
    data = tmp_path / "data"
    settings = settings_of(data, database_url)
    asyncio.run(fill(database_url, reports=REPORTS))
    for number in range(REPORTS - 1):
        FolderStore(data / "files").put(photo(number))
    made = backup(settings, tmp_path / "copies", now=NOW)
    assert (made.copy, made.added, made.missing) == (None, REPORTS - 1, 1)
    assert "pg_dump" in made.words(tmp_path / "copies")
    shutil.rmtree(data / "files")
    put_back = restore(settings, tmp_path / "copies", now=NOW)
    assert (put_back.rows, put_back.added, put_back.missing) == (None, REPORTS - 1, 1)
    assert "pg_restore" in put_back.words()
    with pytest.raises(Stopped, match="DATABASE_URL"):
        backup(settings_of(data, f"{database_url.partition('?')[0]}_none"), tmp_path / "copies", now=NOW)
