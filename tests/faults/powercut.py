"""What a disk may hold after a power cut, rebuilt from the record that ``preload.c`` makes.

The model promises no more than POSIX does. Of a file, what was written before its last fsync is there; each
later write is kept, dropped or torn at a sector of 512 bytes, each later truncation kept or dropped. A name
(created, renamed, unlinked; a folder made) lasts from the fsync of its folder on; until then it is kept or
dropped by luck, and a rename within a folder is never half done. Marks are what the test saw meanwhile.
"""

import json
import os
import random
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

HEAD = struct.Struct("=c3xIQQQ")
SECTOR = 512
TORN = 0.15
LUCK = (0.0, 0.3, 0.5, 0.8, 1.0)  # the chance of what was not synced, drawn anew for each cut


class Op(StrEnum):
    """What happened."""

    CREATE = "C"
    WRITE = "W"
    TRUNCATE = "T"
    SYNC = "S"
    SYNC_FOLDER = "F"
    UNLINK = "U"
    RENAME = "R"
    FOLDER = "D"
    MARK = "M"


@dataclass(frozen=True)
class Record:
    """One change; ``offset`` is a new size for a truncation, ``data`` the new name for a rename."""

    op: Op
    path: str
    inode: int = 0
    offset: int = 0
    data: bytes = b""


def read_log(log: Path) -> list[Record]:
    """Read a record in its order."""
    return list(_records(log.read_bytes()))


def _records(log: bytes) -> Iterator[Record]:
    at = 0
    while at < len(log):
        op, path_size, inode, offset, size = HEAD.unpack_from(log, at)
        at += HEAD.size
        path = os.fsdecode(log[at : at + path_size])
        at += path_size
        yield Record(Op(op.decode()), path, inode, offset, log[at : at + size])
        at += size


def mark(log: Path, kind: str, **facts: Any) -> None:
    """Write down, between the changes of the disk, that something was seen."""
    data = json.dumps({"kind": kind, **facts}, ensure_ascii=False).encode()
    handle = os.open(log, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(handle, HEAD.pack(Op.MARK.encode(), 0, 0, 0, len(data)) + data)
    finally:
        os.close(handle)


def marks(records: list[Record], kind: str, before: int) -> list[dict[str, Any]]:
    """List what was seen of a kind before a cut."""
    found = [json.loads(one.data) for one in records[:before] if one.op is Op.MARK]
    return [one for one in found if one["kind"] == kind]


@dataclass(frozen=True)
class Change:
    """A write (or, without data, a truncation) that no fsync has covered yet."""

    offset: int
    data: bytes | None


@dataclass
class File:
    """The bytes of one file: those on the disk, and the changes that may still be lost."""

    safe: bytearray = field(default_factory=bytearray)
    loose: list[Change] = field(default_factory=list)

    def sync(self) -> None:
        """Let every change so far last."""
        for change in self.loose:
            _apply(self.safe, change)
        self.loose.clear()

    def after_cut(self, luck: random.Random, chance: float) -> bytes:
        """Give what may be left."""
        left = bytearray(self.safe)
        for change in self.loose:
            draw = luck.random()
            if draw < chance:
                _apply(left, change)
            elif draw < chance + TORN and change.data is not None and chance > 0:
                whole = luck.randrange(len(change.data) // SECTOR + 1) * SECTOR
                _apply(left, Change(change.offset, change.data[:whole]))
        return bytes(left)


def _apply(content: bytearray, change: Change) -> None:
    end = change.offset
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    if change.data is None:
        del content[end:]
    else:
        content[end : end + len(change.data)] = change.data


Names = dict[str, File | None]  # None: a folder


@dataclass(frozen=True)
class Naming:
    """A name given (``what``), or taken away, or moved from ``source``, within one folder."""

    path: str
    what: File | None = None
    gone: bool = False
    source: str | None = None


class Disk:
    """A disk on which a record is played, and cut."""

    def __init__(self, root: Path) -> None:
        self.root = str(root.resolve())
        self.names: Names = {self.root: None}
        self._by_inode: dict[int, File] = {}
        for path in sorted(Path(self.root).rglob("*")):
            if path.is_dir():
                self.names[str(path)] = None
            elif not path.name.endswith("-shm"):
                self._by_inode[path.stat().st_ino] = file = File(bytearray(path.read_bytes()))
                self.names[str(path)] = file
        self._safe = dict(self.names)
        self._loose: list[Naming] = []

    def play(self, record: Record) -> None:
        """Let one change happen."""
        match record.op:
            case Op.CREATE:
                self._by_inode[record.inode] = made = File()
                self._name(Naming(record.path, made))
            case Op.WRITE:
                self._by_inode[record.inode].loose.append(Change(record.offset, record.data))
            case Op.TRUNCATE:
                self._by_inode[record.inode].loose.append(Change(record.offset, None))
            case Op.SYNC:
                self._by_inode[record.inode].sync()
            case Op.SYNC_FOLDER:
                self._sync_folder(record.path)
            case Op.UNLINK:
                self._name(Naming(record.path, gone=True))
            case Op.FOLDER:
                self._name(Naming(record.path))
            case Op.RENAME:
                self._rename(record.path, os.fsdecode(record.data))
            case Op.MARK:
                pass

    def _name(self, naming: Naming) -> None:
        _rename(self.names, naming)
        self._loose.append(naming)

    def _rename(self, old: str, new: str) -> None:
        what = self.names[old]
        assert what is not None, f"a folder is renamed: {old}"
        if os.path.dirname(old) == os.path.dirname(new):  # noqa: PTH120 - names of a disk that is not there
            self._name(Naming(new, what, source=old))
        else:
            self._name(Naming(new, what))
            self._name(Naming(old, gone=True))

    def _sync_folder(self, folder: str) -> None:
        """Let the names of a folder last; those of other folders wait for theirs."""
        waiting = []
        for naming in self._loose:
            if os.path.dirname(naming.path) == folder:  # noqa: PTH120 - the same
                _rename(self._safe, naming)
            else:
                waiting.append(naming)
        self._loose = waiting

    def after_cut(self, seed: int) -> dict[str, bytes]:
        """Give the files that may be left, by their path below the root."""
        luck = random.Random(seed)
        chance = luck.choice(LUCK)
        names = dict(self._safe)
        for naming in self._loose:
            if luck.random() < chance:
                _rename(names, naming)
        contents: dict[int, bytes] = {}  # one file under two names has one content
        for file in names.values():
            if file is not None and id(file) not in contents:
                contents[id(file)] = file.after_cut(luck, chance)
        return {
            path.removeprefix(f"{self.root}/"): contents[id(file)]
            for path, file in names.items()
            if file is not None and self._reachable(path, names)
        }

    def _reachable(self, path: str, names: Mapping[str, File | None]) -> bool:
        """Say whether every folder on the way to a file is there."""
        while path != self.root:
            path = os.path.dirname(path)  # noqa: PTH120 - the same
            if path not in names or names[path] is not None:
                return False
        return True


def _rename(names: Names, naming: Naming) -> None:
    if naming.source is not None:
        names.pop(naming.source, None)
    if naming.gone:
        names.pop(naming.path, None)
    else:
        names[naming.path] = naming.what


@dataclass(frozen=True)
class Cut:
    """A power cut after the first ``at`` records, and the files it left."""

    at: int
    files: Mapping[str, bytes]

    def write(self, folder: Path) -> None:
        """Put the files into a folder."""
        for path, content in self.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def cuts(disk: Disk, records: list[Record], places: list[int]) -> Iterator[Cut]:
    """Play a record and cut it after each of these numbers of records, each cut with a luck of its own."""
    played = 0
    for number, at in enumerate(sorted(places)):
        for record in records[played:at]:
            disk.play(record)
        played = at
        yield Cut(at, disk.after_cut(seed=number * 7919 + at))


def places_to_cut(records: list[Record], count: int, seed: int) -> list[int]:
    """Choose where to cut: half just after something was seen, where a loss would show, half anywhere."""
    luck = random.Random(seed)
    seen = [number + 1 for number, one in enumerate(records) if one.op is Op.MARK]
    after_marks = luck.choices(seen, k=count // 2)
    anywhere = range(seen[0], len(records) + 1)
    return after_marks + luck.choices(anywhere, k=count - count // 2)
