"""kill -9 during the main job, and the same final state as without."""

import asyncio
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.assignments import Assignment, AssignmentState, Evidence, Report, ReportState, Review
from models.database import Database
from models.files import StoredFile
from models.letters import Letter, LetterState
from models.machinery import StoredUpdate, UpdateState, Work, WorkState
from models.people import Role
from services import organisations, seats, summary
from services.summary import Scope
from simulator import Person, Simulator
from simulator.world import Message
from tests.faults.killing import Victim, victim
from tests.stories.town import ORDER, TOKEN, ZONE, picture

pytestmark = pytest.mark.faults

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
KILLS = 1000 if os.environ.get("FAULTS") == "long" else 50
PATIENT = 60.0
MOST_COPIES = 3
STEPS = 25  # of the story, over which the kills are spread


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


async def keeps_killing(bot: Victim, playing: asyncio.Task[None]) -> None:
    """Kill while the story is told, until there were enough kills."""
    while bot.kills < KILLS and not playing.done():
        await bot.kill()


async def left_to_do(database: Database) -> int:
    """Count updates not handled, works not done and letters on their way."""
    open_works = Work.state.in_((WorkState.WAITING, WorkState.CLAIMED))
    async with database.reading() as session:
        counts = (
            await session.scalar(
                select(func.count(StoredUpdate.id)).where(StoredUpdate.state == UpdateState.NEW)
            ),
            await session.scalar(select(func.count(Work.id)).where(open_works)),
            await session.scalar(select(func.count(Letter.id)).where(Letter.state == LetterState.CLAIMED)),
        )
    return sum(count or 0 for count in counts)


async def nothing_is_left_to_do(database: Database) -> None:
    async with asyncio.timeout(PATIENT):
        while await left_to_do(database):  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.1)


async def test_fifty_kills_leave_the_same_final_state_and_nothing_twice(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    sim = Simulator(token=TOKEN)
    sim.faults.latency(0.005, 0.03)
    async with sim.running(), victim(sim, database_url, tmp_path / "bot", START) as bot:
        async with asyncio.TaskGroup() as group:
            playing = group.create_task(the_main_job(sim, bot, database))
            group.create_task(keeps_killing(bot, playing))
        await nothing_is_left_to_do(database)
        copies = most_copies(sim)
    async with database.reading() as session:
        figures = await summary.figures(session, Scope("/1/"), now=sim.clock.now())
        reports = (await session.scalars(select(Report).order_by(Report.id))).all()
        held = await session.execute(select(Evidence.report_id, func.count()).group_by(Evidence.report_id))
        pictures = dict(held.all())
        reviews = await session.scalar(select(func.count(Review.id)))
        files = await session.scalar(select(func.count(StoredFile.id)))
        parked = await session.scalar(
            select(func.count(StoredUpdate.id)).where(StoredUpdate.state == UpdateState.PARKED)
        )
        lost = await session.scalar(select(func.count(Letter.id)).where(Letter.state == LetterState.DROPPED))
        accepted = await session.scalar(
            select(func.count(Assignment.id)).where(Assignment.state == AssignmentState.ACCEPTED)
        )
    print(f"kills {bot.kills}, in hand {bot.in_hand}, lost {lost}, copies max {copies}")
    assert bot.kills >= KILLS
    assert bot.in_hand >= 0.8 * bot.kills
    assert [report.state for report in reports] == [ReportState.RETURNED, ReportState.ACCEPTED]
    assert pictures == {reports[0].id: 10, reports[1].id: 1}
    assert (reviews, files, parked, lost, accepted) == (2, 12, 0, 0, 1)
    assert (figures.done, figures.overdue, figures.total) == (1, 1, 6)
    assert copies <= MOST_COPIES


def most_copies(sim: Simulator) -> int:
    """Count how often the same words were said to one person as a new message, at most.

    Screens that people asked for twice are not copies, so only letters of the bot's own accord count.
    """
    said: Counter[tuple[int, str]] = Counter()
    for person in sim.people.values():
        for message in person.inbox:
            text = message.get("text") or message.get("caption") or ""
            if text.startswith(("Сводка на", "Напоминание", "↩️ Возвращено:", "✅ Принято:")):
                said[person.id, text] += 1
    return max(said.values(), default=0)
