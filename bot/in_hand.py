"""In hand: what a process was in the middle of when it died.

An update that kills its process leaves no trace in the database, for nothing of it was committed; and of a
letter that was claimed the database does not know whether its sending had begun. Their numbers stand in a
small file instead: what is written there outlives the process, though not the machine, and costs
microseconds, not a commit.
"""

import fcntl
import os
import struct
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from tempfile import mkstemp

NUMBER = struct.Struct("<q")
SLOTS = 256  # more than anybody has in hand
BOOT = Path("/proc/sys/kernel/random/boot_id")  # another one after each start of the machine
BOOT_SIZE = 36
UPDATES, LETTERS = "in-hand", "on-the-wire"


class InHand:
    """The numbers this process has in hand, in a file of its own that it holds locked."""

    def __init__(self, folder: Path, name: str = UPDATES) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._name = folder, name
        self._file, path = mkstemp(prefix=f"{name}-", dir=folder)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        os.pwrite(self._file, boot(), 0)
        self._path = Path(path)
        self._slots: dict[int, int] = {}
        self._read: list[Path] = []

    def take(self, number: int) -> None:
        """Note that a number is in hand now."""
        slot = next(slot for slot in range(SLOTS) if slot not in self._slots.values())
        self._slots[number] = slot
        os.pwrite(self._file, NUMBER.pack(number), _place(slot))

    def put_down(self, number: int) -> None:
        """Note that a number is in hand no longer."""
        os.pwrite(self._file, NUMBER.pack(0), _place(self._slots.pop(number)))

    def numbers(self) -> set[int]:
        """Give what is in hand now."""
        return set(self._slots)

    def left_behind(self) -> list[int]:
        """Give what dead processes had in hand; a living one holds its file locked."""
        found = list(_dead(self._folder, self._name, but=self._path))
        self._read += [path for path, _, _ in found]
        return [number for _, _, numbers in found for number in numbers]

    def forget(self) -> None:
        """Forget what was left behind: it is written down elsewhere by now."""
        for path in self._read:
            path.unlink(missing_ok=True)
        self._read.clear()

    def close(self) -> None:
        """Leave nothing behind."""
        self._path.unlink(missing_ok=True)
        os.close(self._file)


class OnTheWire:
    """The letters whose sending has begun, a file for each epoch of a courier."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hands: dict[int, InHand] = {}  # by epoch; a lease may be lost and held again
        self._read: list[Path] = []

    def begin(self, epoch: int) -> None:
        """Begin to note as the courier of an epoch."""
        self._hands[epoch] = InHand(self._folder, f"{LETTERS}-{epoch}")

    def take(self, number: int) -> None:
        """Note that the sending of a letter begins."""
        self._hands[max(self._hands)].take(number)

    def put_down(self, number: int) -> None:
        """Note that what became of a letter is written down."""
        for hand in self._hands.values():
            if number in hand.numbers():
                hand.put_down(number)

    def begun(self) -> Mapping[int, Collection[int]]:
        """Map the epoch of each former courier of this machine to the letters whose sending it had begun.

        A courier of whom nothing is known for sure is not in it: one of another machine, or one from before
        this machine's last start, whose file may not have reached the disk.
        """
        found: dict[int, Collection[int]] = {epoch: hand.numbers() for epoch, hand in self._hands.items()}
        for path, booted, numbers in _dead(self._folder, LETTERS):
            self._read.append(path)
            if booted and booted == boot():
                found[int(path.name.removeprefix(f"{LETTERS}-").partition("-")[0])] = numbers
        return found

    def forget(self) -> None:
        """Forget the dead: what they had claimed is given back by now."""
        for path in self._read:
            path.unlink(missing_ok=True)
        self._read.clear()

    def close(self) -> None:
        """Leave nothing behind."""
        for hand in self._hands.values():
            hand.close()
        self._hands.clear()


def boot() -> bytes:
    """Name this run of the machine; empty where it has no name."""
    try:
        return BOOT.read_bytes()[:BOOT_SIZE]
    except OSError:
        return b""


def _place(slot: int) -> int:
    return BOOT_SIZE + slot * NUMBER.size


def _dead(folder: Path, name: str, *, but: Path | None = None) -> Iterator[tuple[Path, bytes, list[int]]]:
    """Yield the files of dead processes: (path, the machine's run, numbers)."""
    for path in sorted(folder.glob(f"{name}-*")):
        data = _unlocked(path) if path != but else None
        if data is not None:
            yield path, data[:BOOT_SIZE].rstrip(b"\0"), _numbers(data[BOOT_SIZE:])


def _unlocked(path: Path) -> bytes | None:
    """Read the file of a process; None while it lives."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.read(file, _place(SLOTS))
    except BlockingIOError:
        return None
    finally:
        os.close(file)


def _numbers(data: bytes) -> list[int]:
    whole = len(data) - len(data) % NUMBER.size
    return [number for (number,) in NUMBER.iter_unpack(data[:whole]) if number]
