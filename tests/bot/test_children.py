"""Children: a process that answers, or is over within its time, whatever it is fed."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from bot import children
from bot.children import ChildFailed, run_child

CHILDREN = {
    "upper": "sys.stdout.buffer.write(' '.join(sys.argv[1:]).encode() + sys.stdin.buffer.read().upper())",
    "deaf": "print('done')",
    "loud": "sys.stdin.buffer.read()\nwhile True: sys.stdout.buffer.write(bytes(65536))",
    "asleep": "open(sys.argv[1], 'w').write(str(os.getpid()))\ntime.sleep(60)",
    "crashing": "sys.stderr.write('Анна' * 100000)\nsys.exit(3)",
    "environment": "print(sorted(os.environ))\nprint(os.getcwd())",
}


@pytest.fixture
def _nursery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, body in CHILDREN.items():
        (tmp_path / f"{name}.py").write_text(f"import os, sys, time\n{body}\n", encoding="utf-8")
    monkeypatch.setattr(children, "ROOT", tmp_path)


pytestmark = pytest.mark.usefixtures("_nursery")


async def test_a_child_answers_what_it_is_asked() -> None:
    assert await run_child("upper", ["по", "школам"], b"plan") == "по школамPLAN".encode()


async def test_a_child_takes_more_than_a_pipe_holds() -> None:
    data = b"x" * 3_000_000
    assert await run_child("upper", [], data) == data.upper()


async def test_a_child_need_not_hear_everything_out() -> None:
    assert await run_child("deaf", [], b"x" * 3_000_000) == b"done\n"


async def test_a_child_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(ChildFailed) as failed:
        await run_child("asleep", [str(tmp_path / "pid")], b"", seconds=0.5)
    assert failed.value.reason == "timeout"
    assert time.monotonic() - began < 5
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


async def test_a_child_that_is_not_waited_for_any_more_is_killed(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    async with asyncio.TaskGroup() as group:
        task = group.create_task(run_child("asleep", [str(pid)], b""))
        while not (pid.exists() and pid.read_text()):
            await asyncio.wait([task], timeout=0.02)
        task.cancel()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


async def test_a_child_that_says_too_much_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "MOST_OUTPUT", 1_000_000)
    with pytest.raises(ChildFailed) as failed:
        await run_child("loud", [], b"", seconds=10)
    assert failed.value.reason == "crash"


@pytest.mark.parametrize("module", ["crashing", "no_such_module"])
async def test_a_child_that_dies_has_crashed(module: str) -> None:
    with pytest.raises(ChildFailed) as failed:
        await run_child(module, [], b"")
    assert failed.value.reason == "crash"


async def test_a_child_knows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "secret")
    said = (await run_child("environment", [], b"")).decode()
    assert "BOT_TOKEN" not in said
    assert "HOME" not in said
    assert str(tmp_path) in said
