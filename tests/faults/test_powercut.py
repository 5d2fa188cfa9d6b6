"""The model of a disk after a power cut, and the proof that the rig sees a loss."""

import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from copy import deepcopy
from pathlib import Path

import pytest

from tests.faults.killing import ROOT
from tests.faults.powercut import Disk, Op, Record, cuts, marks, places_to_cut, read_log
from tests.faults.preloading import compiled, recording

pytestmark = pytest.mark.faults

WHOLE = b"whole" * 500


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("preload"))


class Written:
    """A record written by hand, of files in one root."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.disk = Disk(root)
        self.records: list[Record] = []

    def does(self, op: Op, name: str = "", inode: int = 0, data: bytes = b"", size: int = 0) -> "Written":
        path = str(self.root / name) if name else str(self.root)
        given = bytes(self.root / data.decode()) if op is Op.RENAME else data
        self.records.append(Record(op, path, inode, size, given))
        return self

    def file(self, name: str, inode: int, data: bytes = WHOLE) -> "Written":
        return self.does(Op.CREATE, name, inode).does(Op.WRITE, name, inode, data)

    def left(self, cuts_: int = 200) -> list[dict[str, bytes]]:
        """Cut at the end, with many kinds of luck."""
        disk = deepcopy(self.disk)
        for record in self.records:
            disk.play(record)
        return [disk.after_cut(seed) for seed in range(cuts_)]


def test_a_file_that_was_not_synced_may_be_lost_or_torn_at_a_sector(tmp_path: Path) -> None:
    left = Written(tmp_path).file("a", 1).does(Op.SYNC_FOLDER).left()
    found = {len(files["a"]) for files in left}
    assert {0, len(WHOLE)} < found
    assert all(size % 512 == 0 for size in found - {len(WHOLE)})


def test_a_file_that_was_synced_with_its_folder_is_there_whole(tmp_path: Path) -> None:
    left = Written(tmp_path).file("a", 1).does(Op.SYNC, "a", 1).does(Op.SYNC_FOLDER).left()
    assert all(files == {"a": WHOLE} for files in left)


def test_a_file_that_was_synced_without_its_folder_may_have_no_name(tmp_path: Path) -> None:
    left = Written(tmp_path).file("a", 1).does(Op.SYNC, "a", 1).left()
    assert {frozenset(files.items()) for files in left} == {frozenset(), frozenset({("a", WHOLE)})}


def test_what_is_written_after_the_sync_may_be_lost_and_what_was_before_may_not(tmp_path: Path) -> None:
    disk = Written(tmp_path).file("a", 1).does(Op.SYNC, "a", 1).does(Op.SYNC_FOLDER)
    left = disk.does(Op.WRITE, "a", 1, b"later", len(WHOLE)).left()
    assert {files["a"] for files in left} == {WHOLE, WHOLE + b"later"}


def test_a_rename_before_the_sync_of_the_folder_may_be_lost_but_is_never_half(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    disk = Written(tmp_path).file(".new", 1).does(Op.SYNC, ".new", 1)
    left = disk.does(Op.RENAME, ".new", data=b"a").left()
    assert {files["a"] for files in left} == {b"old", WHOLE}
    assert any(".new" in files for files in left)
    after = disk.does(Op.SYNC_FOLDER).left()
    assert all(files == {"a": WHOLE} for files in after)


def test_an_unlink_before_the_sync_of_the_folder_may_not_have_happened(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    disk = Written(tmp_path).does(Op.UNLINK, "a")
    assert {"a" in files for files in disk.left()} == {True, False}
    assert disk.does(Op.SYNC_FOLDER).left() == [{}] * 200


def test_a_file_is_lost_with_a_folder_whose_own_name_was_not_synced(tmp_path: Path) -> None:
    disk = Written(tmp_path).does(Op.FOLDER, "in").file("in/a", 1).does(Op.SYNC, "in/a", 1)
    disk.does(Op.SYNC_FOLDER, "in")
    assert {"in/a" in files for files in disk.left()} == {True, False}
    assert all(files == {"in/a": WHOLE} for files in disk.does(Op.SYNC_FOLDER).left())


def test_a_truncation_before_the_sync_may_not_have_happened(tmp_path: Path) -> None:
    disk = Written(tmp_path).file("a", 1).does(Op.SYNC, "a", 1).does(Op.SYNC_FOLDER)
    assert {len(files["a"]) for files in disk.does(Op.TRUNCATE, "a", 1, size=5).left()} == {5, len(WHOLE)}


FILES = """
import os, shutil, sys
from pathlib import Path
root, outside = Path(sys.argv[1]), Path(sys.argv[2])
(root / "in").mkdir()
with (root / "in" / "a").open("wb") as file:
    file.write(b"first ")
    file.flush()
    os.fsync(file.fileno())
with (root / "in" / "a").open("ab") as file:
    file.write(b"second")
shutil.copyfile(outside, root / "copy")
(root / "in" / "a").rename(root / "in" / "b")
(root / "copy").replace(root / "in" / "copy")
(root / "gone").write_bytes(b"x")
(root / "gone").unlink()
os.truncate(root / "in" / "b", 8)
handle = os.open(root / "in", os.O_RDONLY)
os.fsync(handle)
"""


def test_a_record_that_is_played_to_its_end_gives_the_files_that_are_there(
    library: Path, tmp_path: Path
) -> None:
    root, log, outside = tmp_path / "root", tmp_path / "log", tmp_path / "outside"
    root.mkdir()
    outside.write_bytes(random.Random(1).randbytes(100_000))
    disk = Disk(root)
    run(FILES, recording(library, root, log), str(root), str(outside))
    records = read_log(log)
    for record in records:
        disk.play(record)
    there = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert there["in/b"] == b"first se"
    assert any(disk.after_cut(seed) == there for seed in range(50))
    assert {one.op for one in records} == set(Op) - {Op.MARK}


def run(program: str, asked: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "-c", program, *arguments]
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, **asked})


ROWS = """
import sqlite3, sys
from pathlib import Path
from tests.faults.powercut import mark
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("PRAGMA synchronous=FULL")
connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, words TEXT)")
connection.execute(f"PRAGMA synchronous={sys.argv[3]}")
for number in range(100):
    connection.execute("INSERT INTO rows VALUES (?, ?)", (number, "words " * 100))
    mark(Path(sys.argv[2]), "committed", row=number)
"""


def rows_lost(library: Path, folder: Path, synchronous: str) -> int:
    """Count the cuts that lose a committed row of a bare sqlite3 loop."""
    data, log = folder / "data", folder / "log"
    data.mkdir()
    before = Disk(data)
    run(ROWS, recording(library, data, log), str(data / "rows.sqlite3"), str(log), synchronous)
    records = read_log(log)
    losses = 0
    for number, cut in enumerate(cuts(before, records, places_to_cut(records, 40, seed=7))):
        image = folder / str(number)
        cut.write(image)
        with closing(sqlite3.connect(image / "rows.sqlite3")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            kept = {row_id for (row_id,) in connection.execute("SELECT id FROM rows")}
        losses += any(one["row"] not in kept for one in marks(records, "committed", cut.at))
    return losses


def test_the_rig_sees_the_loss_of_rows_that_were_committed_without_a_sync(
    library: Path, tmp_path: Path
) -> None:
    assert rows_lost(library, tmp_path, "NORMAL") > 0


def test_the_rig_sees_no_loss_where_each_commit_is_synced(library: Path, tmp_path: Path) -> None:
    assert rows_lost(library, tmp_path, "FULL") == 0
