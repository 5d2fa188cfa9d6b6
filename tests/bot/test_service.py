"""The bot in service: started as an administrator starts it, against the simulator's Bot API."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from simulator import Simulator

ROOT = Path(__file__).parents[2]
TOKEN = "42:" + "T" * 35


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with Simulator(token=TOKEN).running() as running:
        yield running


def environment(sim: Simulator, data: Path, **more: str) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API_BASE": sim.base_url,
        "DATA_DIR": str(data),
        **more,
    }


async def command(env: dict[str, str], *words: str) -> tuple[int, str, str]:
    """Run ``python -m bot`` to its end; give its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *words,
        cwd=ROOT,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


@asynccontextmanager
async def served(env: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the bot beside the test, and stop it as systemd does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", cwd=ROOT, env=env, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(15):
            await process.communicate()


async def test_the_first_administrator_comes_in_by_the_link_of_the_command_line(
    sim: Simulator, tmp_path: Path
) -> None:
    env = environment(sim, tmp_path / "data")
    async with served(env) as process:
        stranger = sim.person("Прохожий", user_id=5)
        stranger.sends("/start")
        await stranger.receives("личную ссылку", timeout=20)
        code, out, _ = await command(env, "invite", "--admin", "--municipality", "Заозёрный район")
        assert code == 0
        assert out.startswith("https://t.me/roadmap_bot?start=")
        admin = sim.person("Админ", user_id=6)
        admin.sends(f"/start {out.split('start=')[1].split()[0]}")
        offer = await admin.receives(button="Да, это я")
        assert "администратор" in offer["text"]
    assert process.returncode == 0


async def test_a_second_copy_on_the_same_data_leaves_at_once_with_75(sim: Simulator, tmp_path: Path) -> None:
    env = environment(sim, tmp_path / "data")
    async with served(env):
        stranger = sim.person("Прохожий", user_id=5)
        stranger.sends("/start")
        await stranger.receives("личную ссылку", timeout=20)
        code, _, err = await command(env, "run")
        assert code == 75
        assert "Бот уже запущен" in err
        assert "Traceback" not in err
        stranger.sends("ещё раз")
        await stranger.receives("личную ссылку")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"BOT_TOKEN": "не токен"}, "BOT_TOKEN не похож на токен"),
        ({"BOT_TOKEN": "43:" + "X" * 35}, "Telegram не принимает BOT_TOKEN"),
        ({"HTTP_PORT": "порт"}, "HTTP_PORT"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"WEBHOOK_URL": "https://bot.example.ru/x"}, "WEBHOOK_SECRET"),
    ],
    ids=["no token at all", "a foreign token", "no port", "another database", "no secret"],
)
async def test_a_wrong_setting_is_one_sentence_and_78(
    sim: Simulator, tmp_path: Path, wrong: dict[str, str], words: str
) -> None:
    code, _, err = await command(environment(sim, tmp_path / "data", **wrong), "run")
    assert code == 78
    assert words in err
    assert "Traceback" not in err
    assert "X" * 30 not in err


async def test_check_says_what_is_well_and_what_is_not(sim: Simulator, tmp_path: Path) -> None:
    code, out, err = await command(environment(sim, tmp_path / "data"), "check")
    assert (code, err) == (0, "")
    assert "✓ Telegram отвечает, бот @roadmap_bot." in out
    assert "✓ База данных открывается" in out
    code, out, _ = await command(
        environment(sim, tmp_path / "data", TELEGRAM_API_BASE="http://127.0.0.1:9"), "check"
    )
    assert code == 1
    assert "✗ Нет связи с Telegram" in out


async def test_migrate_and_plan_need_no_token(tmp_path: Path) -> None:
    env = {"PATH": "/usr/bin:/bin", "DATA_DIR": str(tmp_path / "data")}
    code, out, _ = await command(env, "migrate")
    assert (code, "приведена" in out) == (0, True)
    order = tmp_path / "приказ.txt"
    order.write_text("просто письмо")
    code, _, err = await command(env, "plan", "read", str(order))
    assert code == 1
    assert "нет таблицы" in err
    phrases = tmp_path / "phrases.jsonl"
    phrases.write_text('{"text": "октябрь 2026 года", "context": {}}\n')
    code, out, _ = await command(env, "plan", "deadlines", str(phrases))
    assert code == 0
    assert '"end": "2026-10-31"' in out
    phrases.write_text("не JSON\n")
    code, _, err = await command(env, "plan", "deadlines", str(phrases))
    assert (code, "Строка 1" in err) == (1, True)
