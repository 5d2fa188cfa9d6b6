"""The figures of the fault suite: one line for each test, and the sum that everybody reads."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.figures import figures
from tests.faults.killing import ROOT


def test_the_last_line_of_the_table_sums_up_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULT_FIGURES", str(tmp_path / "made" / "figures.jsonl"))
    figures("kills while reports arrive", kills=50, in_hand=44, lost=0, duplicated=1, copies=2)
    figures("kills in a wave", kills=20, lost=1, duplicated=0, copies=3)
    figures("power cuts", cuts=300, lost=0)
    command = [sys.executable, "-m", "tests.faults.figures"]
    lines = subprocess.check_output(command, text=True, cwd=ROOT).splitlines()
    assert len(lines) == 5
    assert lines[1].split()[-7:] == ["50", "·", "·", "44", "0", "1", "2"]
    assert lines[-1] == "kills 70, lost 1, duplicated 1, copies max 3"


def test_the_table_of_no_run_says_so_in_its_sum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULT_FIGURES", str(tmp_path / "none.jsonl"))
    output = subprocess.check_output([sys.executable, "-m", "tests.faults.figures"], text=True, cwd=ROOT)
    assert output.splitlines()[-1] == "kills 0, lost 0, duplicated 0, copies max 0"
