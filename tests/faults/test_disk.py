"""The database is held by another, the disk is full or read-only: nothing is confirmed that is not kept."""

import asyncio
import hashlib
import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.stopped import EX_CONFIG, EX_TEMPFAIL
from models.assignments import Evidence, Report, ReportState
from models.database import Database
from models.files import StoredFile
from models.machinery import StoredUpdate
from simulator import Person, Simulator
from tests.faults.running import LONG, TOKEN, Bot, a_town, installed, opened, until, until_so
from tests.stories.town import picture

pytestmark = pytest.mark.faults

BUTTON = "Отправить на проверку"
HASTE = {
    "bot.soothing.PATIENCE": 1.0,
    "bot.soothing.LOOK": 0.2,
    "bot.intake.STORE_PAUSE": 0.5,
    "bot.wiring.DISK": 1.0,
    "scheduler.worker.STORE_PAUSE": 1,
}


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with Simulator(token=TOKEN).running() as running:
        yield running


@contextmanager
def mounted(folder: Path, *how: str) -> Iterator[None]:
    """Mount something at a folder until the block ends; skips the test where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mount", *how, str(folder)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"mounting is not allowed here, it needs root: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody write into a folder until the block ends."""
    with mounted(folder, "--bind", str(folder)):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        yield


def small(size: str) -> tuple[str, ...]:
    return "-t", "tmpfs", "-o", f"size={size}", "tmpfs"


def fill(folder: Path, *, leave: float = 0.0) -> Path:
    """Fill a disk with one file, but for a share of it."""
    filler = folder / "filler"
    usage = shutil.disk_usage(folder)
    with filler.open("wb", buffering=0) as file:
        file.write(bytes(max(0, int(usage.free - usage.total * leave) // 4096 * 4096)))
    return filler


@asynccontextmanager
async def at(sim: Simulator, folder: Path, template: Path, put: dict[str, float]) -> AsyncIterator[Bot]:
    """Give a bot on a fresh database in a folder."""
    async with installed(sim, folder, put) as bot:
        shutil.copy(template, bot.data / "roadmap.sqlite3")
        yield bot


def said(sim: Simulator, person: Person, words: str) -> int:
    return sum(words in text for chat, text in sim.sent_texts() if chat == person.id)


def last_update(sim: Simulator) -> int:
    number: int = sim.world.queue[-1].update["update_id"]
    return number


async def reports(database: Database) -> list[Report]:
    async with database.reading() as session:
        return list(await session.scalars(select(Report).order_by(Report.id)))


# --- D1: another writes ---------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [8.0, 60.0] if LONG else [6.5])
async def test_while_another_holds_the_database_nothing_is_confirmed_and_people_are_asked_to_wait(
    sim: Simulator, tmp_path: Path, sqlite_template: Path, seconds: float
) -> None:
    """D1: somebody opened the file with sqlite3 and wrote BEGIN EXCLUSIVE."""
    async with at(sim, tmp_path / "bot", sqlite_template, {}) as bot, opened(bot.url) as database:
        _, (director,) = await a_town(database, sim)
        bot.start()
        await bot.at_work()
        loop = asyncio.get_running_loop()
        with closing(sqlite3.connect(bot.data / "roadmap.sqlite3", isolation_level=None)) as foreign:
            foreign.execute("BEGIN EXCLUSIVE")
            began = loop.time()
            director.sends("Команды созданы")
            number = last_update(sim)
            await director.receives("Минуту")
            assert loop.time() - began > 4.0
            await asyncio.sleep(began + seconds - loop.time())
            assert number not in sim.world.confirmed
            foreign.execute("ROLLBACK")
        await director.receives("Команды созданы", button=BUTTON, timeout=15.0)
        assert [report.text for report in await reports(database)] == ["Команды созданы"]
        assert said(sim, director, "Минуту") == 1


# --- D3: the disk is full --------------------------------------------------------------------------


async def test_a_disk_that_fills_up_costs_nobody_a_word_and_needs_no_restart(
    sim: Simulator, tmp_path: Path, sqlite_template: Path
) -> None:
    """D3: at rest, while people write, while a report is under way."""
    folder = tmp_path / "bot"
    with mounted(folder / "data", *small("6m")):
        async with at(sim, folder, sqlite_template, HASTE) as bot, opened(bot.url) as database:
            administrator, (director, other) = await a_town(database, sim, schools=2)
            bot.start()
            director.sends("Команды созданы")
            card = await director.receives(button=BUTTON)
            life = bot.pid

            filler = fill(bot.data, leave=0.05)
            await administrator.receives("На диске бота осталось")
            filler.unlink()
            filler = fill(bot.data)
            await asyncio.sleep(1.5)  # at rest: pulses and looks of the planner fail, and nobody minds

            director.sends_photo(picture(1), "Приказ")
            sent = {last_update(sim)}
            director.presses(card, BUTTON)
            sent.add(last_update(sim))
            other.sends("И у нас")
            sent.add(last_update(sim))
            for person in (director, other):
                await person.receives("На сервере кончилось место", timeout=10.0)
            assert await kept(database) >= sent & set(sim.world.confirmed)

            filler.unlink()
            await other.receives("И у нас", button=BUTTON, timeout=20.0)
            await director.receives("Отправлено на проверку", timeout=20.0)
            first, second = await reports(database)
            assert (first.state, first.text) == (ReportState.SUBMITTED, "Команды созданы\nПриказ")
            assert second.text == "И у нас"
            await photo_is_whole(bot, database)
            assert said(sim, director, "кончилось место") == said(sim, other, "кончилось место") == 1
            assert said(sim, administrator, "На диске бота осталось") == 1
            assert bot.pid == life
            assert bot.lives_on()


async def kept(database: Database) -> set[int]:
    """List the numbers of what is committed."""
    async with database.reading() as session:
        return set(await session.scalars(select(StoredUpdate.update_id)))


async def photo_is_whole(bot: Bot, database: Database) -> None:
    """Wait until the one photo lies in the store, and see that it is what its name says."""

    async def stored() -> bool:
        async with database.reading() as session:
            piece = await session.scalar(select(Evidence))
            return piece is not None and piece.stored_file_id is not None

    await until_so(stored, 20.0, lambda: f"the photo was not kept\n{bot.log}")
    async with database.reading() as session:
        (row,) = await session.scalars(select(StoredFile))
    (path,) = (one for one in (bot.data / "files").rglob("*") if one.is_file())
    assert path.name == row.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


async def test_administrators_hear_of_a_disk_that_is_full_at_once_even_if_no_letter_can_be_written(
    sim: Simulator, tmp_path: Path, sqlite_template: Path
) -> None:
    """D3: and they hear of it once."""
    folder = tmp_path / "bot"
    with mounted(folder / "data", *small("6m")):
        async with at(sim, folder, sqlite_template, HASTE) as bot, opened(bot.url) as database:
            administrator, _ = await a_town(database, sim)
            bot.start()
            await bot.at_work()
            filler = fill(bot.data)
            await administrator.receives("На диске бота осталось 0 МиБ", timeout=10.0)
            await asyncio.sleep(3)
            filler.unlink()
            stranger = sim.person("Прохожий", user_id=77)
            stranger.sends("Здравствуйте")
            await stranger.receives("личную ссылку")
            await asyncio.sleep(1.5)
            assert said(sim, administrator, "На диске бота осталось") == 1


async def test_on_a_disk_that_is_full_already_the_bot_does_not_start_and_after_room_is_made_it_does(
    sim: Simulator, tmp_path: Path, sqlite_template: Path
) -> None:
    """D3: killed on a full disk, and started again by systemd."""
    folder = tmp_path / "bot"
    with mounted(folder / "data", *small("6m")):
        async with at(sim, folder, sqlite_template, HASTE) as bot, opened(bot.url) as database:
            _, (director,) = await a_town(database, sim)
            bot.start()
            director.sends("Команды созданы")
            await director.receives(button=BUTTON)
            filler = fill(bot.data)
            director.sends("Приказ подписан")
            number = last_update(sim)
            await director.receives("На сервере кончилось место", timeout=10.0)
            await bot.kill()
            bot.start()
            assert await bot.ends(within=20.0) in {1, EX_TEMPFAIL}  # which a supervisor starts again
            assert "Traceback" not in bot.log
            assert "нет места" in bot.log.splitlines()[-1]
            assert number not in sim.world.confirmed
            filler.unlink()
            bot.start()
            await director.receives("Приказ подписан", button=BUTTON)
            assert [report.text for report in await reports(database)] == ["Команды созданы\nПриказ подписан"]


# --- D4: only the store is full ------------------------------------------------------------------


async def test_a_full_store_costs_no_report_and_the_photo_comes_when_there_is_room(
    sim: Simulator, tmp_path: Path, sqlite_template: Path
) -> None:
    """D4."""
    folder = tmp_path / "bot"
    with mounted(folder / "data" / "files", *small("128k")):
        async with at(sim, folder, sqlite_template, HASTE) as bot, opened(bot.url) as database:
            _, (director,) = await a_town(database, sim)
            filler = fill(bot.data / "files")
            bot.start()
            director.sends_photo(picture(1), "Приказ подписан")
            card = await director.receives("1 фото", button=BUTTON)
            await bot.logs("the store of files takes nothing")
            director.presses(card, BUTTON)
            await director.receives("Отправлено на проверку")
            await until(lambda: bot.log.count("takes nothing") > 1, 10.0, lambda: bot.log)
            assert [path for path in (bot.data / "files").rglob("*") if path.is_file()] == [filler]
            filler.unlink()
            await photo_is_whole(bot, database)
            (report,) = await reports(database)
            assert (report.state, report.text) == (ReportState.SUBMITTED, "Приказ подписан")
            assert said(sim, director, "ещё раз") == 0


# --- D5: read-only ---------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["the folder of data", "the database alone"])
async def test_from_a_read_only_disk_the_bot_does_not_start_and_confirms_nothing(
    sim: Simulator, tmp_path: Path, sqlite_template: Path, what: str
) -> None:
    """D5: and what was written meanwhile is answered when the disk can be written again."""
    stranger = sim.person("Прохожий", user_id=77)
    stranger.sends("Здравствуйте")
    folder = tmp_path / "bot"
    async with at(sim, folder, sqlite_template, {}) as bot:
        place = bot.data
        if what == "the database alone":
            place = folder / "database"
            place.mkdir()
            shutil.copy(sqlite_template, place / "roadmap.sqlite3")
            bot.env["DATABASE_URL"] = f"sqlite+aiosqlite:///{place / 'roadmap.sqlite3'}"
        with read_only(place):
            bot.start()
            assert await bot.ends() == EX_CONFIG
        assert "доступна только для чтения" in bot.log.splitlines()[-1]
        assert "Traceback" not in bot.log
        assert len(sim.world.queue) == 1
        assert not sim.world.confirmed
        bot.start()
        await stranger.receives("личную ссылку")
