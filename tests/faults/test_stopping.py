"""The bot cannot go on, or is not let in: it ends with a sentence and a code, or refuses and lives on."""

import asyncio
import os
import shutil
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import unused_port
from sqlalchemy import func, select

from bot.stopped import EX_CONFIG, EX_TEMPFAIL
from bot.webhook import HEADER
from models.database import Database
from models.machinery import StoredUpdate, UpdateState
from scheduler.ledger import MOST_COPIES
from simulator import Simulator
from tests.faults.figures import figures
from tests.faults.preloading import SteppedClock, compiled
from tests.faults.running import LONG, ROOT, SLOW, TOKEN, Bot, a_town, installed, opened, until, until_so

pytestmark = pytest.mark.faults

MINUTE = 60.0  # seconds in which the administrator must know
SECRET = "long-and-secret_42"
KILLS = 200 if LONG else 3


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with Simulator(token=TOKEN).running() as running:
        yield running


@pytest.fixture
async def bot(sim: Simulator, tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Bot]:
    """Give a bot on a fresh database, not started yet."""
    async with installed(sim, tmp_path / "bot") as made:
        shutil.copy(sqlite_template, made.data / "roadmap.sqlite3")
        yield made


@pytest.fixture
async def database(bot: Bot) -> AsyncIterator[Database]:
    async with opened(bot.url) as database:
        yield database


def texts(sim: Simulator, chat: int) -> list[str]:
    return [text for to, text in sim.sent_texts() if to == chat]


def log_lines(bot: Bot) -> list[str]:
    """List the lines of the log that are not the program's usual course."""
    return [line for line in bot.log.splitlines() if "level='info'" not in line]


# --- B16, B17, B18: Telegram says no ---------------------------------------------------------


async def test_a_second_copy_of_the_token_ends_this_one_within_a_minute_and_administrators_hear_of_it(
    bot: Bot, sim: Simulator, database: Database
) -> None:
    """B16: 409 again and again; a single one is an accident of a restart."""
    administrator, _ = await a_town(database, sim)
    bot.set_clock(sim.clock.now().replace(minute=10))  # it is told once an hour
    if not LONG:
        bot.put["bot.intake.CONFLICT_PATIENCE"] = 2.0
    bot.start()
    await bot.at_work()
    sim.faults.second_copy()
    assert await bot.ends(within=MINUTE) == EX_TEMPFAIL
    assert "С этим токеном работает другая копия бота" in log_lines(bot)[-1]
    assert "Traceback" not in bot.log
    assert len(sim.calls("getUpdates")) < 45  # it asks once a second at most
    bot.start()  # as a supervisor does
    assert await bot.ends(within=MINUTE) == EX_TEMPFAIL
    assert sum("ещё одна копия" in text for text in texts(sim, administrator.id)) == 1


async def test_one_conflict_of_a_restart_is_forgiven(bot: Bot, sim: Simulator) -> None:
    """B16: systemd started the new process while the last poll of the old one was open."""
    sim.faults.error("getUpdates", 409, "Conflict: terminated by other getUpdates request", times=2)
    stranger = sim.person("Прохожий", user_id=77)
    stranger.sends("Здравствуйте")
    bot.start()
    await stranger.receives("личную ссылку")
    assert await bot.stop() == 0


async def test_a_revoked_token_ends_the_bot_within_a_minute(bot: Bot, sim: Simulator) -> None:
    """B17: nobody can be told by Telegram any more, so the log and the exit code must."""
    bot.start()
    await bot.at_work()
    sim.faults.token_revoked()
    assert await bot.ends(within=MINUTE) == EX_CONFIG
    assert log_lines(bot)[-1:] == ["Telegram отозвал BOT_TOKEN: выпустите новый у @BotFather."]
    assert TOKEN not in bot.log
    bot.start()
    assert await bot.ends(within=MINUTE) == EX_CONFIG
    assert [line for line in log_lines(bot) if "не принимает BOT_TOKEN" in line] == log_lines(bot)


async def test_polling_waits_for_as_long_as_telegram_asks(bot: Bot, sim: Simulator) -> None:
    """B18."""
    seconds = 30 if LONG else 3
    stranger = sim.person("Прохожий", user_id=77)
    sim.faults.error("getUpdates", 429, "Too Many Requests", retry_after=seconds)
    bot.start()
    await bot.at_work()
    stranger.sends("Здравствуйте")
    await stranger.receives("личную ссылку", timeout=seconds + 10)
    refused, next_one, *_ = sim.calls("getUpdates")
    assert refused.fault is not None
    assert next_one.at - refused.at >= timedelta(seconds=seconds)


# --- G1, H8: not by mistake, not by a wrong clock ----------------------------------------------


async def test_a_second_run_on_the_same_data_leaves_at_once_and_an_invitation_is_made_beside_the_first(
    bot: Bot, sim: Simulator, database: Database
) -> None:
    """G1: SQLite."""
    bot.start()
    await bot.at_work()
    first, code, log = bot.pid, bot._code, bot._log
    loop = asyncio.get_running_loop()
    began = loop.time()
    bot.start()
    assert await bot.ends(within=10.0) == EX_TEMPFAIL
    assert loop.time() - began < 3.0
    assert [line for line in log_lines(bot) if "Бот уже запущен" in line] == log_lines(bot)
    bot.start("invite", "--admin", "--municipality", "Заозёрный район")
    assert await bot.ends(within=10.0) == 0
    admin = sim.person("Админ", user_id=6)
    admin.sends(f"/start {bot.log.split('start=')[1].split()[0]}")
    await admin.receives(button="Да, это я")
    os.kill(first, signal.SIGTERM)
    await until(code.exists, 12.0, log.read_text)
    assert code.read_text() == "0"
    bot.pid = 0
    assert [call.error for call in sim.calls("getUpdates") if call.error] == []


@pytest.mark.parametrize("year", [1970, 2036] if LONG else [1970])
async def test_by_a_clock_that_is_plainly_wrong_nothing_is_sent_but_one_alarm(
    bot: Bot, sim: Simulator, database: Database, tmp_path: Path, year: int
) -> None:
    """H8: the machine's clock itself is shifted; the process is a fresh `python -m bot run`."""
    administrator, (director,) = await a_town(database, sim)
    director.sends("Здравствуйте")
    clock = SteppedClock(tmp_path / "clock")
    env = clock.env(compiled(tmp_path))
    clock.set(datetime(year, 1, 1, 12, 0, tzinfo=UTC))
    for _ in range(2 if LONG else 1):  # a supervisor starts it again
        code, said = await fresh(bot, env)
        assert code == EX_TEMPFAIL
        assert f"Часы сервера показывают 01.01.{year} 12:0" in said
        assert "Traceback" not in said
    assert [chat for chat, _ in sim.sent_texts()] == [administrator.id]
    assert "Часы сервера показывают" in texts(sim, administrator.id)[0]
    assert not sim.calls("getUpdates")
    bot.start()  # the clock is right again
    await director.receives()


async def fresh(bot: Bot, env: dict[str, str]) -> tuple[int | None, str]:
    """Run `python -m bot run` with this in its environment; give its code and what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "run",
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "BOT_TOKEN": TOKEN,
            "TELEGRAM_API_BASE": bot.sim.base_url,
            "DATA_DIR": str(bot.data),
            **env,
        },
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(MINUTE):
        _, said = await process.communicate()
    return process.returncode, said.decode()


# --- B19, G6, G7, G8: the webhook --------------------------------------------------------------


class Door:
    """The bot's webhook, as whoever finds it on the network sees it."""

    def __init__(self, bot: Bot, client: aiohttp.ClientSession, port: int) -> None:
        self.bot = bot
        self.client = client
        self.address = f"http://127.0.0.1:{port}"

    async def post(self, update: Any, path: str = "/hook", **headers: str) -> int:
        """Post an update, by default with the right secret; give the status."""
        headers = headers or {HEADER: SECRET}
        async with self.client.post(self.address + path, json=update, headers=headers) as answer:
            return answer.status

    async def opens(self) -> None:
        """Start the bot and wait until the door is open."""
        self.bot.start()
        await until(self._told, 20.0, lambda: self.bot.log)

    def _told(self) -> bool:
        return sum(call.executed for call in self.bot.sim.calls("setWebhook")) >= self.bot.lives


@pytest.fixture
async def door(bot: Bot) -> AsyncIterator[Door]:
    port = unused_port()
    bot.env |= {
        "WEBHOOK_URL": f"http://127.0.0.1:{port}/hook",
        "WEBHOOK_SECRET": SECRET,
        "HTTP_PORT": str(port),
    }
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector) as client:
        yield Door(bot, client, port)


def message(sim: Simulator, chat: int, text: str) -> dict[str, Any]:
    """Make an update of somebody, posted by the test itself."""
    person = sim.person("Прохожий", user_id=chat)
    person.starts()
    return sim.world.make_update("message", sim.world.put(person.room, person.account.user, {"text": text}))


async def count(database: Database, *conditions: Any) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count(StoredUpdate.id)).where(*conditions)) or 0


async def test_what_the_webhook_has_answered_with_200_outlives_a_kill_right_after_it(
    bot: Bot, door: Door, sim: Simulator, database: Database
) -> None:
    """B19: and everybody is answered in the end, once but for what was on its way."""
    for number in range(KILLS):
        await door.opens()
        assert await door.post(message(sim, 100 + number, "Здравствуйте")) == 200
        await bot.kill()
        assert await count(database) == number + 1
    await door.opens()
    chats = {100 + number for number in range(KILLS)}
    await until(lambda: {chat for chat, _ in sim.sent_texts()} >= chats, 30.0, lambda: bot.log)
    copies = Counter(chat for chat, _ in sim.sent_texts())
    figures(
        "webhook: killed right after the 200",
        kills=KILLS,
        lost=len(chats - copies.keys()),
        duplicated=copies.total() - len(copies),
        copies=max(copies.values()),
    )
    assert max(copies.values()) <= MOST_COPIES


async def test_what_telegram_posts_is_answered_and_what_got_no_200_comes_again(
    bot: Bot, door: Door, sim: Simulator, database: Database
) -> None:
    """B19: killed while people write; Telegram tries what it got no answer for once more."""
    people = [sim.person("Прохожий", user_id=200 + number) for number in range(20)]
    await door.opens()
    for number, person in enumerate(people):
        person.sends("Здравствуйте")
        if number % 10 == 5:
            await asyncio.sleep(0.05)
            await bot.kill()
            bot.start()
    for person in people:
        await person.receives("личную ссылку", timeout=30.0)
    assert await count(database) == len(people)
    await bot.stop()
    people[0].sends("Ещё раз")  # while nobody listens
    bot.start()
    await people[0].receives("личную ссылку", timeout=30.0)


async def test_a_locked_database_is_answered_with_503_and_nothing_of_it_is_lost(
    bot: Bot, door: Door, sim: Simulator, database: Database
) -> None:
    """B19."""
    bot.put["models.database.BUSY_SECONDS"] = 1
    await door.opens()
    foreign = sqlite3.connect(bot.data / "roadmap.sqlite3", isolation_level=None)
    foreign.execute("BEGIN EXCLUSIVE")
    update = message(sim, 300, "Здравствуйте")
    assert await door.post(update) == 503
    foreign.execute("ROLLBACK")
    foreign.close()
    assert await count(database) == 0
    assert await door.post(update) == 200
    assert await count(database) == 1


async def test_a_slow_conversation_does_not_hold_the_200(
    bot: Bot, door: Door, sim: Simulator, database: Database
) -> None:
    """B19: what it does comes after the 200, and a message that fails comes to nobody a second time."""
    await door.opens()
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await door.post(message(sim, 300, SLOW)) == 200
    assert loop.time() - began < 1.0
    assert await count(database, StoredUpdate.state == UpdateState.NEW) == 1
    person = sim.person("Прохожий", user_id=300)
    await until(lambda: bool(texts(sim, person.id)), 10.0, lambda: bot.log)


async def test_whoever_does_not_know_the_secret_gets_401_and_no_work_is_done_for_them(
    bot: Bot, door: Door, sim: Simulator, database: Database
) -> None:
    """G6, G7, G8: no, a wrong and a non-ASCII secret, a spoofed address, a forged path."""
    await door.opens()
    update = message(sim, 300, "Здравствуйте")
    telegrams = "149.154.167.220"
    attempts: list[tuple[str, dict[str, str]]] = [
        ("/hook", {"X-Nothing": "1"}),
        ("/hook", {HEADER: ""}),
        ("/hook", {HEADER: "wrong"}),
        ("/hook", {HEADER: SECRET.upper()}),
        ("/hook", {HEADER: "секрет"}),
        ("/hook", {HEADER: SECRET + "ё"}),
        ("/hook", {"X-Forwarded-For": telegrams}),
        ("/hook", {"X-Forwarded-For": telegrams, "X-Real-IP": telegrams, HEADER: "wrong"}),
        ("/hook/1:forged", {"X-Nothing": "1"}),
        ("/hook/1:forged", {HEADER: "1:forged"}),
        (f"/bot{TOKEN}", {"X-Nothing": "1"}),
    ]
    calls = len(sim.journal)
    for path, headers in attempts:
        assert await door.post(update, path, **headers) == 401, (path, headers)
    assert await door.post("{not even an update", **{HEADER: "wrong"}) == 401
    assert await count(database) == 0
    assert len(sim.journal) == calls
    assert SECRET not in bot.log
    assert await door.post(update) == 200

    async def answered() -> bool:
        return await count(database, StoredUpdate.state == UpdateState.HANDLED) == 1

    await until_so(answered, 10.0, lambda: bot.log)
