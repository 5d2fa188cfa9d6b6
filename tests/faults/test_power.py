"""Power cuts under the real bot: what was confirmed or said is on every disk that may be left; slow disks."""

import asyncio
import hashlib
import os
import random
import shutil
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, closing
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import func, select, text
from sqlalchemy.orm import joinedload

from bot.stores import FolderStore
from models.assignments import Evidence, Report, ReportState
from models.database import Database
from models.files import StoredFile
from models.machinery import StoredUpdate
from models.people import Role
from models.schema import migrate
from simulator import Person, Simulator
from simulator.world import Message
from tests.faults.figures import figures
from tests.faults.killing import victim
from tests.faults.powercut import Cut, Disk, Op, Record, cuts, mark, marks, places_to_cut, read_log
from tests.faults.preloading import compiled, machine_now, recording, slow_disk
from tests.services.plan import approved, found, row, seated, until
from tests.stories.town import TOKEN, picture

pytestmark = pytest.mark.faults

LONG = os.environ.get("FAULTS") == "long"
CUTS = 300 if LONG else 20
PHOTO_CUTS = 300 if LONG else 10
THE_DAY = datetime(2026, 10, 15, 8, 0, tzinfo=UTC)  # on which every school's report is due
LONG_BEFORE = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)  # no reminder goes yet
PEOPLE = range(1001, 1006)
PHOTOS = 3
LOOKS = 30 if LONG else 1  # of each at the plan; so many that SQLite empties its log in between
PATIENT = 60.0


class Confirmations(list[int]):
    """The update ids the server may forget, each written down the moment it may."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self._log = log

    def extend(self, ids: Iterable[int]) -> None:
        for update_id in ids:
            self.append(update_id)
            mark(self._log, "confirmed", update_id=update_id)


async def five_schools_that_owe_a_report(url: str) -> None:
    await migrate(url)
    database = Database(url)
    async with database.writing() as session:
        made = await found(session, schools=len(PEOPLE))
        for school, user_id in zip(made.schools, PEOPLE, strict=True):
            await seated(session, school, Role.EXECUTOR, user_id)
        await approved(session, made, (row("1.", "Команды", until(2026, 10, 15), "ОО"),))
    await database.close()


@asynccontextmanager
async def town(
    folder: Path, start: datetime, env: Mapping[str, str]
) -> AsyncIterator[tuple[Simulator, list[Person]]]:
    """Run the simulator and the bot over its data folder, everything in it made before."""
    sim = Simulator(token=TOKEN)
    people = [sim.person("Директор", user_id=user_id) for user_id in PEOPLE]
    for person in (*people, sim.person("Админ", user_id=1)):
        person.starts()
    async with sim.running(), victim(sim, url_in(folder / "data"), folder, start, env):
        yield sim, people


def url_in(data: Path) -> str:
    return f"sqlite+aiosqlite:///{data / 'roadmap.sqlite3'}"


# --- a recording of people who report ---------------------------------------------------------------------


async def reports(person: Person, log: Path) -> None:
    """Report as a principal does, and write down each promise of the bot when it is seen."""
    reminder = await hears(person, "Срок сегодня")
    person.sends(f"Провели, приказ № {person.id}", reply_to=reminder)
    await hears(person, button="Отправить на проверку")
    mark(log, "kept", author=person.id, text=f"приказ № {person.id}", pieces=0)
    person.sends_album([picture(person.id * 10 + n) for n in range(PHOTOS)], reply_to=reminder)
    card = await hears(person, f"{PHOTOS} фото", button="Отправить на проверку")
    mark(log, "kept", author=person.id, text=f"приказ № {person.id}", pieces=PHOTOS)
    for _ in range(LOOKS):
        person.sends("/plan")
        await hears(person, "Мои пункты")
    person.presses(card, "Отправить на проверку")
    await hears(person, "Отправлено на проверку")
    mark(log, "submitted", author=person.id)
    person.sends_photo(picture(person.id * 10 + PHOTOS), "Вдогонку", reply_to=reminder)
    await hears(person, f"{PHOTOS + 1} фото")
    mark(log, "kept", author=person.id, text="Вдогонку", pieces=PHOTOS + 1)


async def hears(person: Person, words: str = "", *, button: str | None = None) -> Message:
    return await person.receives(words, button=button, timeout=PATIENT)


async def until_there_are(count: int, question: str, data: Path) -> None:
    """Wait, reading only: nothing but the bot may write while it is recorded."""
    async with asyncio.timeout(PATIENT):
        while counted(question, data) != count:  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.1)


def counted(question: str, data: Path) -> int:
    with closing(sqlite3.connect(f"file:{data / 'roadmap.sqlite3'}?mode=ro", uri=True)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {question}").fetchone()[0])


STORED = "evidence WHERE stored_file_id IS NOT NULL"


@dataclass(frozen=True)
class Recording:
    """What happened on the disk, and the disk as it was before."""

    before: Disk
    records: list[Record]

    def cut(self, places: list[int]) -> Iterable[Cut]:
        return cuts(deepcopy(self.before), self.records, places)

    def places(self, op: Op, part: str) -> list[int]:
        """List the numbers of records of a kind whose path holds this."""
        return [number for number, one in enumerate(self.records) if one.op is op and part in one.path]

    def emptied_the_log(self) -> bool:
        """Say whether the main file of the database was synced between two things that were seen."""
        seen = self.places(Op.MARK, "")
        synced = [number for number in self.places(Op.SYNC, ".sqlite3") if self.is_main(number)]
        return any(seen[0] < number < seen[-1] for number in synced)

    def is_main(self, number: int) -> bool:
        return self.records[number].path.endswith(".sqlite3")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("preload"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recorded(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Record the real bot while five people report."""
    folder = tmp_path_factory.mktemp("recorded")
    data, log = folder / "data", folder / "log"
    data.mkdir()
    await five_schools_that_owe_a_report(url_in(data))
    before = Disk(data)
    async with town(folder, THE_DAY, recording(library, data, log)) as (sim, people):
        sim.world.updates.confirmed = Confirmations(log)
        async with asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(reports(person, log))
        await until_there_are(len(PEOPLE) * (PHOTOS + 1), STORED, data)
    return Recording(before, read_log(log))


# --- what is left after a cut -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Left:
    """What the real code finds in what a cut left."""

    broken: str
    update_ids: set[int]
    reports: dict[int, list[Report]]
    pieces: dict[int, int]
    rows: list[StoredFile]
    store: FolderStore

    def torn(self) -> list[int]:
        """List the rows whose file is not whole."""
        return [row.id for row in self.rows if not whole(self.store.path(row.sha256), row)]

    def sweep(self) -> tuple[int, list[Path]]:
        """Count the files no row speaks of and collect them; list those that were left."""
        known = {row.sha256 for row in self.rows}
        found_orphans = len(self._orphans(known))
        swept = self.store.sweep(known, older_than=machine_now() + timedelta(minutes=1))
        assert swept == found_orphans
        return swept, self._orphans(known)

    def _orphans(self, known: set[str]) -> list[Path]:
        return [path for path in self.store.folder.rglob("*") if path.is_file() and path.name not in known]


def whole(path: Path, stored: StoredFile) -> bool:
    if not path.exists():
        return False
    data = path.read_bytes()
    return len(data) == stored.size and hashlib.sha256(data).hexdigest() == stored.sha256


async def look(data: Path) -> Left:
    await migrate(url_in(data))
    database = Database(url_in(data))
    try:
        async with database.reading() as session:
            broken = str(await session.scalar(text("PRAGMA integrity_check")))
            updates = set(await session.scalars(select(StoredUpdate.update_id)))
            found_reports: dict[int, list[Report]] = defaultdict(list)
            for report in await session.scalars(select(Report).options(joinedload(Report.author))):
                found_reports[report.author.telegram_id].append(report)
            held = await session.execute(
                select(Evidence.report_id, func.count()).group_by(Evidence.report_id)
            )
            rows = list(await session.scalars(select(StoredFile)))
            pieces = dict(held.all())
            return Left(broken, updates, found_reports, pieces, rows, FolderStore(data / "files"))
    finally:
        await database.close()


def missing(left: Left, records: list[Record], cut: Cut) -> list[str]:
    """List the promises made before a cut that what it left does not keep."""
    lost = [
        f"update {one['update_id']}"
        for one in marks(records, "confirmed", cut.at)
        if one["update_id"] not in left.update_ids
    ]
    for said in marks(records, "kept", cut.at):
        theirs = left.reports.get(said["author"], [])
        if not any(one.text.find(said["text"]) >= 0 for one in theirs):
            lost.append(f"text of {said['author']}")
        if sum(left.pieces.get(one.id, 0) for one in theirs) < said["pieces"]:
            lost.append(f"pieces of {said['author']}")
    lost += [
        f"report of {said['author']}"
        for said in marks(records, "submitted", cut.at)
        if all(one.state is ReportState.DRAFT for one in left.reports.get(said["author"], []))
    ]
    return lost


async def test_what_was_confirmed_or_said_is_on_the_disk_after_every_power_cut(
    recorded: Recording, tmp_path: Path
) -> None:
    promises = len(marks(recorded.records, "confirmed", len(recorded.records)))
    assert promises >= len(PEOPLE) * (PHOTOS + 4)  # the recording is no empty one
    if LONG:
        assert recorded.emptied_the_log()
    lost: dict[str, list[str]] = {}
    number = 0
    for number, cut in enumerate(recorded.cut(places_to_cut(recorded.records, CUTS, seed=5)), 1):
        image = tmp_path / str(number)
        cut.write(image)
        left = await look(image)
        gone = missing(left, recorded.records, cut) + [f"file of row {row}" for row in left.torn()]
        if gone or left.broken != "ok":
            lost[f"cut {number} after {cut.at}"] = [left.broken, *gone]
        shutil.rmtree(image)
    figures("power cuts while reports arrive", cuts=number, lost=sum(map(len, lost.values())))
    assert number == CUTS
    assert lost == {}


async def test_no_row_speaks_of_a_file_that_is_not_whole_after_a_cut_over_photos(
    recorded: Recording, tmp_path: Path
) -> None:
    luck = random.Random(6)
    renamed = recorded.places(Op.RENAME, "/files/")
    assert len(renamed) == len(PEOPLE) * (PHOTOS + 1)
    places = [luck.choice(renamed) + luck.randrange(-4, 12) for _ in range(PHOTO_CUTS)]
    torn, orphans = 0, 0
    for number, cut in enumerate(recorded.cut(places)):
        image = tmp_path / str(number)
        cut.write(image)
        left = await look(image)
        torn += len(left.torn())
        swept, still_there = left.sweep()
        orphans += swept
        assert still_there == []
        shutil.rmtree(image)
    figures("power cuts while photos are stored", cuts=len(places), lost=torn)
    assert torn == 0
    assert orphans > 0  # else no cut fell between the bytes and their row


# --- a slow disk ------------------------------------------------------------------------------------------

SLOW = 300  # milliseconds of one fsync
MESSAGES = 20 if LONG else 6
APART = 1.5  # seconds between the messages, which five people write in turn


@pytest.mark.long
async def test_on_a_disk_that_takes_a_third_of_a_second_to_sync_people_are_answered_within_three(
    library: Path, tmp_path: Path
) -> None:
    data, log = tmp_path / "data", tmp_path / "log"
    data.mkdir()
    await five_schools_that_owe_a_report(url_in(data))
    took: list[float] = []
    asked = {**slow_disk(library, SLOW), "BOT_LOG": str(log)}
    async with town(tmp_path, LONG_BEFORE, asked) as (_, people):
        await asks(people[0], "/plan", 0.0, [])  # the bot is up
        async with asyncio.TaskGroup() as group:
            for number in range(MESSAGES):
                person, words = people[number % len(people)], ("/plan", "Провели")[number % 2]
                group.create_task(asks(person, words, number * APART, took))
    took.sort()
    print(f"answers on a disk of {SLOW} ms: median {took[len(took) // 2]:.2f} s, longest {took[-1]:.2f} s")
    assert len(took) == MESSAGES
    assert "locked" not in log.read_text()
    assert took[-1] < 3.0  # the 99th of a hundred is the longest of twenty


async def asks(person: Person, words: str, at: float, took: list[float]) -> None:
    """Write something after a while, and measure the wait for its answer."""
    await asyncio.sleep(at)
    loop = asyncio.get_running_loop()
    asked = loop.time()
    person.sends(words)
    await hears(person)
    took.append(loop.time() - asked)
