"""A kill at every step of a story: the end is the one of the story that nobody disturbed.

A step is a statement, a commit, or a side of an HTTP call (tests.faults.process). The long form dies at
each of them, the short form at some, the first and the last among them.
"""

import asyncio
import random
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models import Session
from models.assignments import Assignment, Evidence, Report
from models.database import Database
from models.files import StoredFile
from models.letters import AuditEntry, Digest, Letter, LetterItem, LetterKind, LetterState
from models.machinery import StoredUpdate, UpdateState, Work, WorkState
from models.people import Consent, Person, Role, Tenure
from scheduler import digests
from services import seats
from simulator import Simulator
from tests.faults.figures import figures
from tests.faults.killing import LONG, Victim, Zygote, zygote
from tests.services.plan import approved, found, row, seated, until
from tests.stories.town import TOKEN, picture

pytestmark = pytest.mark.faults

POINTS = 5  # of the short form
AT_ONCE = 3  # stories told side by side: most of each is waiting
PATIENT = 20.0
QUICK = {"BOT_NAP": "0.1", "BOT_TICK": "0.2"}
EVENING = datetime(2026, 10, 14, 15, 0, tzinfo=UTC)
DUE = datetime(2026, 10, 15, 6, 0, tzinfo=UTC)  # nine in the morning there
MONDAY = datetime(2026, 10, 19, 6, 0, tzinfo=UTC)
COORDINATOR, PRINCIPAL, CLERK = 1002, 1001, 1003
CARD = "Принял"
PAGES = [picture(n) for n in range(3)]
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.+]+")  # in the key of a menu


@dataclass(frozen=True)
class Story:
    """What is there before it, when it begins, and what the people do in it."""

    begins: datetime
    prepare: Callable[[Session], Awaitable[str]]
    play: Callable[[Victim, str], Awaitable[None]]


@dataclass(frozen=True)
class End:
    """The end of a story: what is left, what was said how often, and what the kill met."""

    left: dict[str, list[str]]
    said: Counter[tuple[int, str]]
    steps: int
    killed: bool
    doubtful: int


# --- the stories --------------------------------------------------------------------------------


async def a_school_owes_a_report(session: Session) -> str:
    """Found a town whose school owes one report tomorrow; give the principal's invitation."""
    made = await found(session, schools=1)
    await approved(session, made, (row("1.", "Команды", until(2026, 10, 15), "ОО"),))
    await seated(session, made.office, Role.COORDINATOR, COORDINATOR)
    seat = await seats.seat(session, organisation_id=made.schools[0].id, role=Role.EXECUTOR, title="директор")
    return await seats.invite(session, seat_id=seat.id, now=EVENING)


async def the_principal_comes_in_and_reports(bot: Victim, token: str) -> None:
    """/start, consent, the reminder of the day, an answer with text, an album, and the press."""
    coordinator = bot.sim.person("Мария", user_id=COORDINATOR)
    coordinator.starts()
    principal = bot.sim.person("Анна", user_id=PRINCIPAL)
    principal.sends(f"/start {token}")
    principal.presses(await principal.receives(button="Да, это я", timeout=PATIENT), "Да, это я")
    principal.presses(await principal.receives(button="Согласен", timeout=PATIENT), "Согласен")
    await principal.receives("Готово!", timeout=PATIENT)
    bot.set_clock(DUE)
    reminder = await principal.receives("Срок сегодня", timeout=PATIENT)
    principal.sends("Команды созданы", reply_to=reminder)
    await principal.receives("Принял: п. 1", timeout=PATIENT)
    principal.sends_album(PAGES, reply_to=reminder)
    card = await principal.receives("3 фото", timeout=PATIENT)
    principal.presses(card, "Отправить на проверку")
    await principal.receives("Отправлено на проверку", timeout=PATIENT)
    await coordinator.receives("В отчёте: 3 фото, текст", timeout=PATIENT)


async def a_monday_is_near(session: Session) -> str:
    """Found a town whose school owes two reports on Monday, when the digest is due as well."""
    made = await found(session, schools=1)
    rows = [row(f"{n}.", title, until(2026, 10, 19), "ОО") for n, title in ((1, "Команды"), (2, "Анализ"))]
    await approved(session, made, tuple(rows))
    await seated(session, made.schools[0], Role.EXECUTOR, PRINCIPAL)
    await seated(session, made.office, Role.STAFF, CLERK)
    await digests.write_due(session, now=datetime(2026, 10, 16, 15, 0, tzinfo=UTC))
    return ""


async def monday_speaks(bot: Victim, _token: str) -> None:
    """One bundle of both reports, and the digest."""
    principal, clerk = (bot.sim.person(name, user_id=number) for name, number in WHO_HEARS)
    principal.starts()
    clerk.starts()
    bundle = await principal.receives("срок сегодня", timeout=PATIENT)
    assert "Команды" in bundle["text"]
    assert "Анализ" in bundle["text"]
    await clerk.receives("Сводка на понедельник, 19 октября", timeout=PATIENT)


WHO_HEARS = (("Анна", PRINCIPAL), ("Пётр", CLERK))
STORIES = {
    "report": Story(EVENING, a_school_owes_a_report, the_principal_comes_in_and_reports),
    "reminder": Story(MONDAY, a_monday_is_near, monday_speaks),
}


# --- the end ------------------------------------------------------------------------------------

# Cards stand apart: a kill between the pieces of an album may show one before the album is whole.
CARDS = select(Letter.id).where(Letter.kind == LetterKind.DRAFT)
LEFT = {
    "reports": select(Report.id, Report.state, Report.assignment_id, Report.author_id, Report.text),
    "evidence": select(Evidence.report_id, Evidence.kind, StoredFile.sha256).outerjoin(
        StoredFile, StoredFile.id == Evidence.stored_file_id
    ),
    "files": select(StoredFile.sha256, StoredFile.size),
    "assignments": select(Assignment.id, Assignment.state, Assignment.next_step_at),
    "letters": select(Letter.key, Letter.kind, Letter.state, Letter.chat_id).where(Letter.id.not_in(CARDS)),
    "cards": select(Letter.state)
    .where(Letter.id.in_(CARDS), Letter.state != LetterState.CANCELLED)  # answered before it was said again
    .distinct(),
    "spoken": select(LetterItem.assignment_id, LetterItem.step, LetterItem.withdrawn).where(
        LetterItem.letter_id.not_in(CARDS)
    ),
    "digests": select(Digest.week, Digest.state, Digest.figures),
    "updates": select(StoredUpdate.lane, StoredUpdate.state),
    "works": select(Work.kind, Work.key, Work.state),
    "people": select(Person.id, Consent.id, Tenure.seat_id)
    .outerjoin(Consent, Consent.person_id == Person.id)
    .outerjoin(Tenure, Tenure.person_id == Person.id),
    "audit": select(AuditEntry.action, AuditEntry.subject, AuditEntry.subject_id),
}


async def left(database: Database, files: Path) -> dict[str, list[str]]:
    """Read what a story has left, moments and numbers of messages aside; every file lies whole."""
    async with database.reading() as session:
        for name in await session.scalars(select(StoredFile.sha256)):
            assert sha256((files / name[:2] / name).read_bytes()).hexdigest() == name
        return {
            what: sorted(MOMENT.sub("…", str(tuple(one))) for one in await session.execute(query))
            for what, query in LEFT.items()
        }


async def all_is_said_and_done(database: Database) -> None:
    """Wait until no update, no work and no letter is left to do."""
    todo = (
        select(func.count(StoredUpdate.id)).where(StoredUpdate.state == UpdateState.NEW),
        select(func.count(Work.id)).where(Work.state.in_((WorkState.WAITING, WorkState.CLAIMED))),
        select(func.count(Letter.id)).where(Letter.state.in_((LetterState.WAITING, LetterState.CLAIMED))),
    )
    async with asyncio.timeout(PATIENT):
        while True:
            async with database.reading() as session:
                if not any([await session.scalar(query) for query in todo]):
                    return
            await asyncio.sleep(0.01)


# --- telling ------------------------------------------------------------------------------------


@dataclass
class Teller:
    """Tells a story from its beginning, with a death at some step of it."""

    zygote: Zygote
    story: Story
    prepared: Path
    token: str
    folder: Path

    async def tell(self, dies_at: int) -> End:
        """Tell the story; the bot dies once at a step (0: never) and is started again at once."""
        folder = self.folder / str(dies_at)
        folder.mkdir()
        path = folder / "roadmap.sqlite3"
        shutil.copy(self.prepared, path)
        url = f"sqlite+aiosqlite:///{path}"
        if dies_at:
            (folder / "kill_at").write_text(str(dies_at))
        sim, database = Simulator(token=TOKEN), Database(url)
        async with sim.running():
            bot = Victim(self.zygote, folder, sim, (str(folder), url, sim.base_url))
            bot.set_clock(self.story.begins)
            await bot.start()
            async with bot.brought_back():
                async with bot.hurried():
                    await self.story.play(bot, self.token)
                    while bot.kills < bool(dies_at):  # noqa: ASYNC110 - it may die of a step at rest
                        await asyncio.sleep(0.01)
                    await all_is_said_and_done(database)
                steps = bot.journal.steps
            end = await left(database, folder / "data" / "files")
        await database.close()
        shutil.rmtree(folder)
        return End(end, said(sim), steps, bot.kills > 0, len(bot.doubtful))


@asynccontextmanager
async def teller(story: Story, template: Path, folder: Path) -> AsyncIterator[Teller]:
    """Prepare what a story begins with, and a process to fork its bots from."""
    prepared = folder / "prepared.sqlite3"
    shutil.copy(template, prepared)
    database = Database(f"sqlite+aiosqlite:///{prepared}")
    async with database.writing() as session:
        token = await story.prepare(session)
    await database.close()
    async with zygote(folder / "zygote", env=QUICK) as made:
        yield Teller(made, story, prepared, token, folder)


def points(steps: int) -> Iterator[int]:
    """List the steps at which to die: in the long form all."""
    if LONG:
        yield from range(1, steps + 1)
        return
    chosen = random.Random(20261124).sample(range(2, steps), POINTS - 2)
    yield from sorted({1, *chosen, steps})


def said(sim: Simulator) -> Counter[tuple[int, str]]:
    """Count the executed sends by chat and words; an album is one, and goes by its method."""
    sends = [call for call in sim.journal if call.executed and call.method.startswith("send")]
    words = ("text", "caption")
    return Counter(
        (call.params["chat_id"], next((call.params[one] for one in words if one in call.params), call.method))
        for call in sends
    )


def extra(end: End, undisturbed: End) -> Counter[tuple[int, str]]:
    """Count what was said more often than in the undisturbed story; cards of a part of an album aside."""
    more = end.said - undisturbed.said
    return Counter({said: count for said, count in more.items() if not said[1].startswith(CARD)})


def difference(one: dict[str, list[str]], other: dict[str, list[str]]) -> list[str]:
    """List what is only in one of two ends."""
    return [
        f"{sign} {what}: {row}"
        for sign, some, rest in (("+", one, other), ("-", other, one))
        for what in some
        for row in Counter(some[what]) - Counter(rest[what])
    ]


@pytest.mark.parametrize("name", STORIES)
async def test_a_kill_at_any_step_of_a_story_leaves_the_same_end(
    name: str, sqlite_template: Path, tmp_path: Path
) -> None:
    async with teller(STORIES[name], sqlite_template, tmp_path) as made:
        undisturbed = await made.tell(0)
        waiting = list(points(undisturbed.steps))
        waiting.reverse()
        ends: dict[int, End] = {}

        async def tell_some() -> None:
            while waiting:
                step = waiting.pop()
                ends[step] = await made.tell(step)

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(tell_some())
    kills = sum(end.killed for end in ends.values())
    copies = {step: extra(end, undisturbed) for step, end in ends.items()}
    most = max((count for end in ends.values() for count in end.said.values()), default=0)
    print(
        f"{name}: {undisturbed.steps} steps, {kills} kills, {sum(map(Counter.total, copies.values()))} extra"
    )
    figures(
        f"a kill at every step: {name}" if LONG else f"a kill at some steps: {name}",
        kills=kills,
        lost=0,
        duplicated=sum(map(Counter.total, copies.values())),
        copies=most,
    )
    for step, end in ends.items():
        assert not difference(end.left, undisturbed.left), f"killed at step {step}"
        assert copies[step].total() <= end.doubtful, f"killed at step {step}"
        assert not undisturbed.said - end.said, f"killed at step {step}"
        assert max(end.said.values()) <= 1 + max(undisturbed.said.values()), f"killed at step {step}"
    assert kills == len(ends)
