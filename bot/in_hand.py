"""In hand: which updates a process was handling when it died.

An update that kills its process leaves no trace in the database, for nothing of it was committed. Its
number stands in a small file instead: what is written there outlives the process, though not the machine,
and costs microseconds, not a commit.
"""

import fcntl
import os
import struct
from pathlib import Path
from tempfile import mkstemp

NUMBER = struct.Struct("<q")
SLOTS = 64
PREFIX = "in-hand-"


class InHand:
    """The numbers this process has in hand, in a file of its own that it holds locked."""

    def __init__(self, data_dir: Path) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self._folder = data_dir
        self._file, path = mkstemp(prefix=PREFIX, dir=data_dir)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._path = Path(path)
        self._slots: dict[int, int] = {}
        self._read: list[Path] = []

    def take(self, number: int) -> None:
        """Note that a number is in hand now."""
        slot = next(slot for slot in range(SLOTS) if slot not in self._slots.values())
        self._slots[number] = slot
        os.pwrite(self._file, NUMBER.pack(number), slot * NUMBER.size)

    def put_down(self, number: int) -> None:
        """Note that a number is in hand no longer."""
        os.pwrite(self._file, NUMBER.pack(0), self._slots.pop(number) * NUMBER.size)

    def numbers(self) -> set[int]:
        """Give what is in hand now."""
        return set(self._slots)

    def left_behind(self) -> list[int]:
        """Give what dead processes had in hand; a living one holds its file locked."""
        found: list[int] = []
        for path in sorted(self._folder.glob(f"{PREFIX}*")):
            if path != self._path and (numbers := _of_the_dead(path)) is not None:
                found += numbers
                self._read.append(path)
        return found

    def forget(self) -> None:
        """Forget what was left behind: it is written down elsewhere by now."""
        for path in self._read:
            path.unlink(missing_ok=True)
        self._read.clear()

    def close(self) -> None:
        """Leave nothing behind."""
        self._path.unlink(missing_ok=True)
        os.close(self._file)


def _of_the_dead(path: Path) -> list[int] | None:
    """Read the file of a process; None while it lives."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        data = os.read(file, SLOTS * NUMBER.size)
    except BlockingIOError:
        return None
    finally:
        os.close(file)
    whole = len(data) - len(data) % NUMBER.size
    return [number for (number,) in NUMBER.iter_unpack(data[:whole]) if number]
