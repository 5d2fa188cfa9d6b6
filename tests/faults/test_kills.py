"""kill -9 during the main job and while reports arrive, and the same final state as without."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from models.assignments import Assignment, AssignmentState, Evidence, Report, ReportState, Review
from models.database import Database
from models.files import StoredFile
from models.letters import Letter, LetterState
from models.machinery import StoredUpdate, UpdateState, Work, WorkState
from models.people import Role
from plans.calendar import moment
from plans.ladder import OPENS
from services import organisations, seats, summary
from services.summary import Scope
from services.updates import MOST_TRIES
from simulator import Person, Simulator
from simulator.people import button_of
from simulator.world import Message
from tests.faults.figures import figures
from tests.faults.killing import LONG, Victim, victim
from tests.services.plan import approved, found, row, seated, until
from tests.stories.town import ORDER, TOKEN, ZONE, picture

pytestmark = pytest.mark.faults

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
KILLS = 75 if LONG else 10  # of each database: of five deaths with it in hand an update is put aside
PATIENT = 60.0
MOST_COPIES = 3
STEPS = 25  # of the story, over which the kills are spread
ROUNDS = 7 if LONG else 1  # before the days off at New Year
DUE = [date(2026, 10, 1) + timedelta(days=14 * number) for number in range(ROUNDS)]  # Thursdays
PRINCIPALS = range(1001, 1011)
OWN_ACCORD = ("Сводка на", "Напоминание", "↩️ Возвращено:", "✅ Принято:")


async def invitation(database: Database, role: Role, title: str, place: int) -> str:
    async with database.writing() as session:
        seat = await seats.seat(session, organisation_id=place, role=role, title=title)
        return await seats.invite(session, seat_id=seat.id, now=START)


async def hears(bot: Victim, person: Person, text: str = "", *, button: str | None = None) -> Message:
    """Wait for an answer, and before the next step for the kills that belong to this one."""
    heard = await person.receives(text, button=button, timeout=PATIENT)
    bot.steps += 1
    async with asyncio.timeout(PATIENT):
        while bot.kills < min(KILLS, bot.steps * KILLS / STEPS):  # noqa: ASYNC110 - the killer does it
            await asyncio.sleep(0.01)
    return heard


async def comes_in(bot: Victim, person: Person, token: str) -> None:
    person.sends(f"/start {token}")
    person.presses(await hears(bot, person, button="Да, это я"), "Да, это я")
    person.presses(await hears(bot, person, button="Согласен"), "Согласен")
    await hears(bot, person, "Готово!")


async def the_main_job(sim: Simulator, bot: Victim, database: Database) -> None:
    """Play every part of the main job, as patient people do."""
    async with database.writing() as session:
        place, office = await organisations.found_municipality(
            session, name="Заозёрный район", office="Отдел образования", time_zone=ZONE
        )
        await organisations.add_schools(
            session, place, [("МБОУ СОШ № 1", "СОШ № 1"), ("МБОУ СОШ № 2", "СОШ № 2")]
        )
        first = (await organisations.schools(session, place))[0].id
        office_id = office.id
    admin = sim.person("Админ", user_id=900)
    await comes_in(bot, admin, await invitation(database, Role.ADMINISTRATOR, "администратор", office_id))
    admin.sends_document(ORDER.encode(), "приказ.txt", "text/plain")
    preview = await hears(bot, admin, button="Исполнители")
    admin.presses(preview, "Исполнители")
    admin.presses(await hears(bot, admin, button="Методический центр"), "Методический центр")
    admin.presses(await hears(bot, admin, button="учреждение"), "учреждение")
    admin.presses(await hears(bot, admin, "«Методический центр» — Методический"), "К плану")
    admin.presses(await hears(bot, admin, button="Утвердить"), "Утвердить")
    admin.presses(await hears(bot, admin, button="Да, утвердить"), "Да, утвердить")
    await hears(bot, admin, "утверждён")

    principal, coordinator, clerk = (
        sim.person(name, user_id=user_id)
        for name, user_id in (("Анна", 1001), ("Мария", 1002), ("Пётр", 1003))
    )
    await comes_in(bot, principal, await invitation(database, Role.EXECUTOR, "директор", first))
    await comes_in(bot, coordinator, await invitation(database, Role.COORDINATOR, "координатор", office_id))
    await comes_in(bot, clerk, await invitation(database, Role.STAFF, "сотрудник", office_id))

    bot.set_clock(datetime(2026, 10, 15, 8, 0, tzinfo=UTC))
    reminder = await hears(bot, principal, "Срок сегодня")
    principal.sends_album(
        [picture(n) for n in range(10)],
        "Провели, приказ № 5",
        caption_on=3,
        reply_to=reminder,
        shuffle_seed=7,
        duplicate=True,
    )
    card = await hears(bot, principal, "10 фото")
    principal.presses(card, "Отправить на проверку")
    await hears(bot, principal, "Отправлено на проверку")
    review = await hears(bot, coordinator, "В отчёте: 10 фото, текст")
    coordinator.presses(review, "Вернуть")
    await hears(bot, coordinator, "Почему возвращаем")
    coordinator.sends("Нет подписи на приказе")
    await hears(bot, coordinator, "Возвращено")
    returned = await hears(bot, principal, "Нет подписи на приказе")
    principal.sends_photo(picture(99), "Приказ с подписью", reply_to=returned)
    principal.presses(await hears(bot, principal, "1 фото, текст"), "Отправить на проверку")
    review = await hears(bot, coordinator, "Приказ с подписью")
    coordinator.presses(review, "Принять")
    await hears(bot, coordinator, "Принято")
    await hears(bot, principal, "Принято:")
    bot.set_clock(datetime(2026, 10, 19, 6, 30, tzinfo=UTC))
    await hears(bot, clerk, "Сводка на понедельник, 19 октября")
    coordinator.sends("/status")
    assert "Выполнено 1 из 6" in (await hears(bot, coordinator, "Выполнено"))["text"]


async def keeps_killing(bot: Victim, database: Database, playing: asyncio.Task[None]) -> None:
    """Kill while the story is told, until there were enough kills."""
    while bot.kills < KILLS and not playing.done():
        await out_of_danger(database)
        await bot.kill()


async def out_of_danger(database: Database) -> None:
    """Wait until every update that was in hand at several deaths has been handled.

    Five of them put an update aside (row B5): who kills at random would do so to an innocent one, too.
    """
    near_its_last = select(func.count(StoredUpdate.id)).where(
        StoredUpdate.state == UpdateState.NEW, StoredUpdate.tries >= MOST_TRIES - 2
    )
    async with asyncio.timeout(PATIENT):
        while True:
            async with database.reading() as session:
                if not await session.scalar(near_its_last):
                    return
            await asyncio.sleep(0.05)


async def left_to_do(database: Database) -> int:
    """Count updates not handled, works not done and letters not gone."""
    open_works = Work.state.in_((WorkState.WAITING, WorkState.CLAIMED))
    async with database.reading() as session:
        counts = (
            await session.scalar(
                select(func.count(StoredUpdate.id)).where(StoredUpdate.state == UpdateState.NEW)
            ),
            await session.scalar(select(func.count(Work.id)).where(open_works)),
            await session.scalar(
                select(func.count(Letter.id)).where(
                    Letter.state.in_((LetterState.WAITING, LetterState.CLAIMED))
                )
            ),
        )
    return sum(count or 0 for count in counts)


async def nothing_is_left_to_do(database: Database) -> None:
    async with asyncio.timeout(PATIENT):
        while await left_to_do(database):  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.1)


async def lost_letters(database: Database, sim: Simulator) -> list[str]:
    """List the keys of the letters that were given up and that nobody ever got."""
    said = {words(call.params) for call in sim.journal if call.executed}
    async with database.reading() as session:
        given_up = await session.scalars(select(Letter).where(Letter.state == LetterState.DROPPED))
        return [f"{one.key}: {one.trouble}" for one in given_up if words(one.payload or {}) not in said]


def words(call: Mapping[str, Any]) -> str:
    """Give the words of a call and its chat."""
    return f"{call.get('chat_id')} {call.get('text') or call.get('caption') or call.get('media')}"


async def test_kills_leave_the_same_final_state_and_nothing_twice(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    sim = Simulator(token=TOKEN)
    sim.faults.latency(0.005, 0.03)
    async with sim.running(), victim(sim, database_url, tmp_path / "bot", START) as bot:
        async with bot.hurried():
            async with asyncio.TaskGroup() as group:
                playing = group.create_task(the_main_job(sim, bot, database))
                group.create_task(keeps_killing(bot, database, playing))
            await nothing_is_left_to_do(database)
        said = own_accord(sim)
    async with database.reading() as session:
        standing = await summary.figures(session, Scope("/1/"), now=sim.clock.now())
        reports = (await session.scalars(select(Report).order_by(Report.id))).all()
        held = await session.execute(select(Evidence.report_id, func.count()).group_by(Evidence.report_id))
        pictures = dict(held.all())
        reviews = await session.scalar(select(func.count(Review.id)))
        files = await session.scalar(select(func.count(StoredFile.id)))
        parked = await session.scalar(
            select(func.count(StoredUpdate.id)).where(StoredUpdate.state == UpdateState.PARKED)
        )
        accepted = await session.scalar(
            select(func.count(Assignment.id)).where(Assignment.state == AssignmentState.ACCEPTED)
        )
    lost = len(await lost_letters(database, sim))
    extra, copies = said.total() - len(said), max(said.values())
    print(f"kills {bot.kills}, in hand {bot.in_hand}, lost {lost}, extra {extra}, copies max {copies}")
    figures(
        "kills during the main job",
        kills=bot.kills,
        in_hand=bot.in_hand,
        lost=lost,
        duplicated=extra,
        copies=copies,
    )
    assert bot.kills >= KILLS
    assert bot.in_hand >= 0.8 * bot.kills
    assert [report.state for report in reports] == [ReportState.RETURNED, ReportState.ACCEPTED]
    assert pictures == {reports[0].id: 10, reports[1].id: 1}
    assert (reviews, files, parked, lost, accepted) == (2, 12, 0, 0, 1)
    assert (standing.done, standing.overdue, standing.total) == (1, 1, 6)
    assert copies <= MOST_COPIES
    assert extra <= len(bot.doubtful)


def own_accord(sim: Simulator) -> Counter[tuple[int, str]]:
    """Count how often the same words were said to one person as a new message.

    Screens that people asked for twice are not copies, so only letters of the bot's own accord count.
    """
    return Counter(one for one in sim.sent_texts() if one[1].startswith(OWN_ACCORD))


async def ten_people_report(bot: Victim, people: list[Person], database: Database) -> None:
    """Let ten people report at once, round after round; no late copy of a card reaches the next one."""
    for number, day in enumerate(DUE, 1):
        bot.set_clock(moment(day, OPENS, ZONE))
        async with asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(reports(person, number))
        await nothing_is_left_to_do(database)


async def reports(principal: Person, number: int) -> None:
    """Answer the reminder of a round, and send what was answered to the reviewers."""
    reminder = await principal.receives(f"Отчёт {number}", timeout=PATIENT)
    principal.sends(f"Сделано: {number}", reply_to=reminder)
    principal.presses(await the_card(principal, number), "Отправить")
    await principal.receives("Отправлено на проверку", timeout=PATIENT)


async def the_card(principal: Person, number: int) -> Message:
    """Wait for the card of what was sent; say which item it is about, where the bot asks.

    It asks where the reminder that was answered had arrived, and the bot died before it was written down.
    """
    asked = False
    while True:
        heard = await principal.receives(timeout=PATIENT)
        if button_of(heard, "Отправить на проверку") is not None:
            return heard
        if not asked and "К какому пункту" in heard["text"]:
            principal.presses(heard, f"п. {number} ")
            asked = True


async def test_kills_while_ten_people_report_store_every_report_once_and_answer_everybody(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    async with database.writing() as session:
        made = await found(session, schools=len(PRINCIPALS))
        rows = [
            row(f"{n}.", f"Отчёт {n}", until(day.year, day.month, day.day), "ОО")
            for n, day in enumerate(DUE, 1)
        ]
        await approved(session, made, tuple(rows))
        for school, user_id in zip(made.schools, PRINCIPALS, strict=True):
            await seated(session, school, Role.EXECUTOR, user_id)
    sim = Simulator(token=TOKEN)
    sim.faults.latency(0.005, 0.03)
    people = [sim.person(f"Директор {user_id}", user_id=user_id) for user_id in PRINCIPALS]
    for person in (*people, sim.person("Админ", user_id=made.administrator.telegram_id)):
        person.starts()
    async with sim.running(), victim(sim, database_url, tmp_path / "bot", START) as bot, bot.hurried():
        async with asyncio.TaskGroup() as group:
            playing = group.create_task(ten_people_report(bot, people, database))
            while not playing.done():
                await out_of_danger(database)
                await bot.kill(life=0.7, least=0.1)
        await nothing_is_left_to_do(database)
    async with database.reading() as session:
        reports_ = await session.execute(select(Report.author_id, Report.text, Report.state))
        stored = Counter((author, text) for author, text, _ in reports_)
        states = set(await session.scalars(select(Report.state)))
        parked = await session.scalar(
            select(func.count(StoredUpdate.id)).where(StoredUpdate.state != UpdateState.HANDLED)
        )
    lost, twice = len(PRINCIPALS) * ROUNDS - len(stored), stored.total() - len(stored)
    print(f"kills {bot.kills}, in hand {bot.in_hand}, reports {stored.total()}, lost {lost}, twice {twice}")
    figures("kills while reports arrive", kills=bot.kills, in_hand=bot.in_hand, lost=lost, duplicated=twice)
    assert (lost, twice, parked) == (0, 0, 0)
    assert states == {ReportState.SUBMITTED}
    assert await lost_letters(database, sim) == []
    assert bot.kills >= 2 * ROUNDS
    assert bot.in_hand >= 0.8 * bot.kills - 1  # the last strikes when everybody is served
