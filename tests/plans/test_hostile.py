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

from confinement.limits import MEMORY
from tests.plans.hostile import docs, odts, others, pages, pdfs, rtfs, sheets, texts, words, zips
from tests.plans.hostile.case import KILLED, READ, Hostile

ROOT = Path(__file__).parents[2]
KINDS: dict[str, tuple[Hostile, ...]] = {
    "zips": zips.CASES,
    "docx": words.CASES,
    "doc": docs.CASES,
    "odt": odts.CASES,
    "rtf": rtfs.CASES,
    "xlsx, xls, ods": sheets.CASES,
    "pdf": pdfs.CASES,
    "html, mht": pages.CASES,
    "txt": texts.CASES,
    "others": others.CASES,
}
CORES = 2
MOST_SECONDS = 10.0  # of computing: how long it waits for a processor is not the file's doing
PATIENCE = 20.0  # of the bot
MOST_ANSWER = 1024 * 1024  # bytes: what is read is said as printed, part by part and cleaned
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
    return READ if titles == [TITLE] else f"read {len(titles)} rows"


def _faults(case: Hostile, found: Run) -> list[str]:
    faults = [] if found.outcome in case.outcomes else [f"{found.outcome}, not {case.outcomes}"]
    faults += [f"{found.processor:.1f} s"] if found.processor > MOST_SECONDS else []
    faults += [f"{found.seconds:.1f} s in all"] if found.seconds > PATIENCE else []
    faults += [f"{found.memory:.0f} MB"] if found.memory * 1024 * 1024 > MEMORY else []
    faults += [f"{len(found.answer)} bytes said"] if len(found.answer) > MOST_ANSWER else []
    return faults + (["tells a file"] if b"root:" in found.answer else [])


def test_the_files_cover_the_rows_of_faults_and_many_more() -> None:
    abouts = [case.about for cases in KINDS.values() for case in cases]
    rows = {about.partition(":")[0] for about in abouts if about.startswith("F")}
    assert rows == {"F1", "F2", "F3", "F7", "F9"}
    assert len(set(abouts)) == len(abouts) >= FEWEST


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_files_are_refused_or_neutralised_within_the_limits(kind: str) -> None:
    cases = KINDS[kind]
    with ThreadPoolExecutor(CORES) as pool:
        runs = list(pool.map(run, cases))
    sys.stdout.write(f"\n{kind}: {len(cases)} files; size, seconds, of them computing, memory, outcome\n")
    sys.stdout.writelines(found.line(case) for case, found in zip(cases, runs, strict=True))
    found = {case.about: _faults(case, one) for case, one in zip(cases, runs, strict=True)}
    assert {about: faults for about, faults in found.items() if faults} == {}
