"""D7 and D8 on the real process: killed, robbed of its log, copied while it works, put back elsewhere."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.cli import main
from models.health import contents_of, log_of
from simulator import Simulator
from tests.faults.killing import LONG

ROOT = Path(__file__).parents[2]
TOKEN = "42:" + "T" * 35
DATABASE = "roadmap.sqlite3"
REFUSED = "Рядом с базой нет файла roadmap.sqlite3-wal"

pytestmark = pytest.mark.faults

Command = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with Simulator(token=TOKEN).running() as running:
        yield running


def environment(sim: Simulator, data: Path) -> dict[str, str]:
    return {"BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE": sim.base_url, "DATA_DIR": str(data)}


@pytest.fixture
def command(sim: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Give the command line without its process: a command's exit code, and all that it printed."""

    async def ran(data: Path, *words: str) -> tuple[int, str]:
        for name, value in environment(sim, data).items():
            monkeypatch.setenv(name, value)
        code = await asyncio.to_thread(main, words)
        return code, "".join(capsys.readouterr())

    return ran


async def begun(sim: Simulator, data: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "run",
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environment(sim, data)},
        stderr=asyncio.subprocess.PIPE,
    )


async def refused(sim: Simulator, data: Path) -> str:
    """Let a bot begin that may not; give its sentence."""
    process = await begun(sim, data)
    async with asyncio.timeout(60):
        _, err = await process.communicate()
    assert process.returncode == 78
    assert b"Traceback" not in err
    return err.decode()


@asynccontextmanager
async def served(sim: Simulator, data: Path, how: signal.Signals) -> AsyncIterator[None]:
    """Let a bot answer somebody, and end it by a signal."""
    process = await begun(sim, data)
    try:
        stranger = sim.person("Прохожий", user_id=5)
        stranger.sends("/start")
        await stranger.receives("личную ссылку", timeout=40)
        yield
    finally:
        process.send_signal(how)
        async with asyncio.timeout(20):
            await process.communicate()
    assert process.returncode == (0 if how is signal.SIGTERM else -how)


def updates(data: Path) -> int:
    return contents_of(data / DATABASE).rows["stored_updates"]


async def test_a_bot_robbed_of_its_log_refuses_until_the_loss_is_accepted(
    sim: Simulator, tmp_path: Path, command: Command
) -> None:
    data, alone = tmp_path / "data", tmp_path / "alone"
    alone.mkdir()
    async with served(sim, data, signal.SIGKILL):
        shutil.copy(data / DATABASE, alone / DATABASE)
    assert log_of(data / DATABASE).stat().st_size > 0
    log_of(data / DATABASE).unlink()
    (data / f"{DATABASE}-shm").unlink()
    assert REFUSED in await refused(sim, data)
    for robbed in (data, alone) if LONG else (alone,):
        for words, code in (
            (("migrate",), 78),
            (("invite", "--admin"), 78),
            (("backup", str(tmp_path / "copies")), 78),
            (("check",), 1),
        ):
            found, said = await command(robbed, *words)
            assert (found, REFUSED in said) == (code, True)
    code, said = await command(data, "check", "--accept-loss")
    assert (code, REFUSED in said) == (0, False)
    async with served(sim, data, signal.SIGTERM):
        pass
    assert updates(data) > 0


@pytest.mark.long
async def test_a_killed_bot_without_its_index_of_the_log_has_lost_nothing_and_looks_harm_nothing(
    sim: Simulator, tmp_path: Path, command: Command
) -> None:
    async with served(sim, tmp_path, signal.SIGKILL):
        code, _ = await command(tmp_path, "check")
        assert code == 0
        assert log_of(tmp_path / DATABASE).exists()
    (tmp_path / f"{DATABASE}-shm").unlink()
    before = updates(tmp_path)
    assert before > 0
    code, _ = await command(tmp_path, "check")
    assert (code, log_of(tmp_path / DATABASE).exists()) == (0, False)
    code, said = await command(tmp_path, "invite", "--admin")
    assert (code, "https://t.me/" in said) == (0, True)
    async with served(sim, tmp_path, signal.SIGTERM):
        pass
    assert updates(tmp_path) == before + 1
    assert not log_of(tmp_path / DATABASE).exists()
    code, _ = await command(tmp_path, "check")
    assert code == 0


@pytest.mark.long
async def test_a_copy_made_beside_a_running_bot_runs_elsewhere_and_in_place_of_a_damaged_database(
    sim: Simulator, tmp_path: Path, command: Command
) -> None:
    data, copies, new = tmp_path / "data", tmp_path / "copies", tmp_path / "new"
    async with served(sim, data, signal.SIGTERM):
        code, said = await command(data, "backup", str(copies), "--keep", "14")
        assert (code, "Копия готова" in said) == (0, True)
        code, said = await command(data, "restore", str(copies), "--replace")
        assert (code, "Бот уже запущен" in said) == (75, True)
    code, said = await command(new, "restore", str(copies))
    assert (code, "База восстановлена" in said) == (0, True)
    before = updates(new)
    assert before > 0
    async with served(sim, new, signal.SIGTERM):
        pass
    assert updates(new) == before + 1
    with (data / DATABASE).open("r+b") as file:
        os.pwrite(file.fileno(), b"\xff", 100)
    assert "повреждена" in await refused(sim, data)
    code, said = await command(data, "check")
    assert (code, "повреждена" in said) == (1, True)
    code, said = await command(data, "restore", str(copies))
    assert (code, "Прежняя отложена" in said) == (0, True)
    code, _ = await command(data, "check")
    assert (code, updates(data)) == (0, before)
