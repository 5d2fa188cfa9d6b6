"""The preloaded library: compiled once, and the environment that says what it is to do."""

import shutil
import struct
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("preload.c")
SECOND = 1_000_000_000  # nanoseconds
FLAGS = ("-O2", "-U_FORTIFY_SOURCE", "-Wall", "-Wextra", "-shared", "-fPIC")


def compiled(folder: Path) -> Path:
    """Give the library, compiled into a folder; skips the test where there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler is installed: `make compiler` installs it")
    library = folder / "preload.so"
    subprocess.run([compiler, *FLAGS, "-o", str(library), str(SOURCE), "-ldl"], check=True)
    return library


def recording(library: Path, root: Path, log: Path) -> dict[str, str]:
    """Ask for a record of every change under a folder."""
    log.touch()
    return {"LD_PRELOAD": str(library), "POWER_ROOT": str(root.resolve()), "POWER_LOG": str(log)}


def slow_disk(library: Path, milliseconds: int) -> dict[str, str]:
    """Ask for a disk whose fsync takes so much longer."""
    return {"LD_PRELOAD": str(library), "FSYNC_DELAY_MS": str(milliseconds)}


@dataclass(frozen=True)
class SteppedClock:
    """The wall clock of a process, to be moved while it runs."""

    path: Path

    def env(self, library: Path) -> dict[str, str]:
        """Ask for this clock."""
        self.step_to(timedelta())
        return {"LD_PRELOAD": str(library), "CLOCK_FILE": str(self.path)}

    def step_to(self, shift: timedelta) -> None:
        """Let the clock be this far from the machine's."""
        nanoseconds = shift // timedelta(microseconds=1) * 1000
        with self.path.open("r+b" if self.path.exists() else "wb") as file:
            file.write(struct.pack("=q", nanoseconds))

    def shift(self) -> timedelta:
        """Give how far the clock is from the machine's."""
        (nanoseconds,) = struct.unpack("=q", self.path.read_bytes())
        return timedelta(seconds=nanoseconds / SECOND)

    def step(self, by: timedelta) -> None:
        """Move the clock, as an administrator does."""
        self.step_to(self.shift() + by)

    def set(self, moment: datetime) -> None:
        """Make it ``moment`` now."""
        self.step_to(moment - machine_now())

    def now(self) -> datetime:
        """Give what the clock shows."""
        return machine_now() + self.shift()


def machine_now() -> datetime:
    """Give the machine's own moment."""
    return datetime.now(UTC)  # noqa: TID251 - a clock is stepped against the machine's
