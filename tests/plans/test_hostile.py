"""Hostile files in the real limited child: refused or neutralised, and what each of them costs."""

import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from plans.child import MEMORY
from tests.plans.hostile import zips
from tests.plans.hostile.case import KILLED, READ, Hostile

ROOT = Path(__file__).parents[2]
KINDS: dict[str, tuple[Hostile, ...]] = {
    "zips": zips.CASES,
}
CORES = 2
MOST_SECONDS = 10.0
MOST_ANSWER = 64 * 1024  # bytes
FEWEST = 46  # files
TITLE = "Семинар"  # of the one row in every file that is read
# Starts the child and tells what it used: what a large process starts itself seems as large as its parent.
MEASURED = """
import os, sys
null = [(os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
child = [sys.executable, "-m", "plans.child", sys.argv[1]]
_, status, used = os.wait4(os.posix_spawn(sys.executable, child, os.environ, file_actions=null), 0)
code = os.waitstatus_to_exitcode(status)
print(code, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, file=sys.stderr)
"""


@dataclass(frozen=True)
class Run:
    """What became of a file: the size of the file, wall and processor seconds, megabytes, the answer."""

    size: int
    seconds: float
    processor: float
    memory: float
    outcome: str
    answer: bytes

    def line(self, case: Hostile) -> str:
        """The figures of a file, as a line of the table."""
        figures = f"{self.size / 1024:9.1f} KB  {self.seconds:5.2f} s  {self.processor:5.2f} s"
        return f"{case.about:48}  {figures}  {self.memory:4.0f} MB  {self.outcome}\n"


def run(case: Hostile) -> Run:
    data = case.make()
    with tempfile.TemporaryFile() as sent:
        sent.write(data)
        sent.seek(0)
        begun = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", MEASURED, case.name],
            stdin=sent,
            capture_output=True,
            check=True,
            cwd=ROOT,
            timeout=60,
        )
    code, processor, memory = done.stderr.split()
    seconds = time.monotonic() - begun
    outcome = _outcome(done.stdout) if int(code) == 0 else KILLED
    return Run(len(data), seconds, float(processor), float(memory), outcome, done.stdout)


def _outcome(answer: bytes) -> str:
    (line,) = answer.decode().splitlines()
    found = json.loads(line)
    if "error" in found:
        return str(found["error"]["kind"])
    titles = [row["title"] for row in found["plan"]["rows"]]
    return READ if titles == [TITLE] else f"read {titles[:3]}"


def _faults(case: Hostile, found: Run) -> list[str]:
    faults = [] if found.outcome in case.outcomes else [f"{found.outcome}, not {case.outcomes}"]
    faults += [f"{found.seconds:.1f} s"] if found.seconds > MOST_SECONDS else []
    faults += [f"{found.memory:.0f} MB"] if found.memory * 1024 * 1024 > MEMORY else []
    faults += [f"{len(found.answer)} bytes said"] if len(found.answer) > MOST_ANSWER else []
    return faults + (["tells a file"] if b"root:" in found.answer else [])


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_files_are_refused_or_neutralised_within_the_limits(kind: str) -> None:
    cases = KINDS[kind]
    with ThreadPoolExecutor(CORES) as pool:
        runs = list(pool.map(run, cases))
    sys.stdout.write(f"\n{kind}: {len(cases)} files; size, seconds, of them computing, memory, outcome\n")
    sys.stdout.writelines(found.line(case) for case, found in zip(cases, runs, strict=True))
    found = {case.about: _faults(case, one) for case, one in zip(cases, runs, strict=True)}
    assert {about: faults for about, faults in found.items() if faults} == {}
