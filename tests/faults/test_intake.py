"""The inbound rows of the table of faults, each against the real process."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.assignments import Report, ReportState
from models.database import Database
from models.letters import Letter, LetterState
from models.machinery import StoredUpdate, UpdateState
from models.people import Person as Known
from services.updates import MOST_TRIES
from simulator import Person, Simulator
from simulator.world import Chat
from tests.faults.running import LONG, POISON, TOKEN, Bot, a_town, installed, opened, until, until_so

pytestmark = pytest.mark.faults

FAR = 3000  # characters of a long message
MARK = "МАРКЕР"  # of what must not get into a log
SOON = 5.0  # seconds a poisoned update may cost others
BUTTON = "Отправить на проверку"


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


async def unhandled(database: Database) -> int:
    async with database.reading() as session:
        new = StoredUpdate.state == UpdateState.NEW
        return await session.scalar(select(func.count(StoredUpdate.id)).where(new)) or 0


def said(sim: Simulator, chat: int | Person, words: str = "") -> list[str]:
    """List what was said to somebody with these words in it."""
    whom = chat if isinstance(chat, int) else chat.id
    return [text for to, text in sim.sent_texts() if to == whom and words in text]


async def parked(database: Database) -> list[StoredUpdate]:
    async with database.reading() as session:
        found = await session.scalars(select(StoredUpdate).where(StoredUpdate.state == UpdateState.PARKED))
        return list(found)


async def all_handled(bot: Bot, database: Database) -> None:
    async def empty() -> bool:
        return not bot.sim.world.queue and not await unhandled(database)

    bot.sim.world.beat()
    await until_so(empty, 20.0, lambda: f"updates are left\n{bot.log}")


async def all_stored(database: Database, count: int) -> None:
    async def stored() -> bool:
        async with database.reading() as session:
            return await session.scalar(select(func.count(StoredUpdate.id))) == count

    await until_so(stored, 20.0, lambda: "not everything is stored")


async def reports(database: Database) -> list[Report]:
    async with database.reading() as session:
        return list(await session.scalars(select(Report).order_by(Report.id)))


# --- A9, A10: away for long ------------------------------------------------------------------


async def test_after_26_hours_only_who_was_writing_a_report_is_asked_once_to_send_it_again(
    bot: Bot, sim: Simulator, database: Database
) -> None:
    """A9."""
    bot.set_clock(datetime.now(UTC) - timedelta(hours=13))  # noqa: TID251 - both within a day of the server's Date
    administrator, (writing, idle) = await a_town(database, sim, schools=2)
    bot.start()
    writing.sends("Команды созданы")
    await writing.receives(button=BUTTON)
    left = sim.clock.now()
    await bot.kill()
    writing.sends("И приказ подписан")
    idle.sends("Здравствуйте")
    bot.set_clock(left + timedelta(hours=26))
    assert not sim.world.updates.live()  # it has expired, and nobody will ever know
    bot.start()
    asked = await writing.receives("Бот был недоступен с")
    assert "пришлите, пожалуйста, ещё раз" in asked["text"]
    writing.sends("И приказ подписан")
    writing.presses(await writing.receives("И приказ подписан", button=BUTTON), BUTTON)
    await writing.receives("Отправлено на проверку")
    await bot.stop()
    bot.start()
    writing.sends("/plan")
    await writing.receives()
    assert len(said(sim, writing, "Бот был недоступен")) == 1
    assert not said(sim, idle)
    assert not said(sim, administrator, "Бот был недоступен")


async def test_a_press_that_telegram_forgot_is_pressed_again_or_typed(
    bot: Bot, sim: Simulator, database: Database
) -> None:
    """A10: presses live for 150 seconds, and the bot was down for four minutes."""
    _, people = await a_town(database, sim, schools=2)
    bot.start()
    for person in people:
        person.sends("Команды созданы")
    cards = [await person.receives(button=BUTTON) for person in people]
    await bot.kill()
    for person, card in zip(people, cards, strict=True):
        person.presses(card, BUTTON)
    bot.set_clock(sim.clock.now() + timedelta(minutes=4))
    assert not sim.world.updates.live()
    bot.start()
    await bot.at_work()
    assert {report.state for report in await reports(database)} == {ReportState.DRAFT}
    people[0].presses(cards[0], BUTTON)
    people[1].sends("отправить")
    for person in people:
        await person.receives("Отправлено на проверку")
    assert [report.state for report in await reports(database)] == [ReportState.SUBMITTED] * 2


async def test_a_card_that_could_not_go_says_in_the_end_what_has_come_since(
    bot: Bot, sim: Simulator, database: Database
) -> None:
    """A1, C2: it was worded before, and was to be the one acknowledgement of both."""
    _, (director,) = await a_town(database, sim)
    sim.faults.error("sendMessage", 500, "Internal Server Error", chat_id=director.id)
    bot.start()
    director.sends("Команды созданы")
    await until(lambda: bool(sim.calls("sendMessage")), 10.0, lambda: bot.log)
    director.sends("И приказ подписан")
    card = await director.receives("И приказ подписан", button=BUTTON)
    assert "Команды созданы" in card["text"]
    assert len(said(sim, director)) == 1


# --- B1, B2: twice, and out of order -----------------------------------------------------------


async def test_an_update_that_comes_twice_has_one_effect_and_one_answer(
    bot: Bot, sim: Simulator, database: Database
) -> None:
    """B1: side by side, after it was handled, and after a restart."""
    _, (director,) = await a_town(database, sim)
    bot.start()
    director.sends("Команды созданы")
    update = sim.world.queue[0].update
    sim.deliver(update)
    await director.receives(button=BUTTON)
    sim.deliver(update)
    await all_handled(bot, database)
    await bot.kill()
    sim.deliver(update)
    bot.start()
    director.sends("Второе")
    await director.receives("Второе", button=BUTTON)
    assert [report.text for report in await reports(database)] == ["Команды созданы\nВторое"]
    assert len(said(sim, director)) == 2


async def test_ten_updates_of_one_chat_out_of_order_are_heard_in_the_order_of_their_numbers(
    bot: Bot, sim: Simulator, database: Database
) -> None:
    """B2."""
    _, (director,) = await a_town(database, sim)
    for number in range(10):
        director.sends(f"часть {number}")
    queue = sim.world.queue
    queue[:] = [queue[place] for place in (3, 9, 0, 7, 1, 8, 2, 6, 4, 5)]
    bot.start()
    await director.receives("часть 9", button=BUTTON)
    (report,) = await reports(database)
    assert report.text.splitlines() == [f"часть {number}" for number in range(10)]


# --- B3, B4, B6: what cannot be read, or handled, or is not known yet --------------------------


async def test_an_update_that_cannot_be_read_is_parked_and_holds_nobody_up(
    bot: Bot, sim: Simulator, database: Database
) -> None:
    """B3: a forward of a hidden user without a name, which aiogram cannot parse."""
    administrator, (director,) = await a_town(database, sim)
    marked = sim.person(f"{MARK} имя", user_id=77)
    marked.forwards(f"{MARK} текст", named=False)
    bot.start()
    await bot.at_work()
    director.sends("Команды созданы")
    await director.receives(button=BUTTON, timeout=SOON)
    marked.sends("/start")
    await marked.receives("личную ссылку", timeout=SOON)
    note = await administrator.receives("Оно отложено")
    (stored,) = await parked(database)
    assert stored.payload is not None
    assert stored.payload["message"]["text"] == f"{MARK} текст"
    assert MARK not in bot.log + note["text"]


async def test_an_update_that_always_fails_is_parked_after_five_tries_and_two_people_hear_of_it(
    bot: Bot, sim: Simulator, database: Database
) -> None:
    """B4: others wait for nothing, and its own chat only until it is parked."""
    administrator, (director,) = await a_town(database, sim)
    if not LONG:
        bot.put["services.updates.BACKOFF"] = [0.1] * 4
    unlucky = sim.person("Прохожий", user_id=77)
    bot.start()
    await bot.at_work()
    unlucky.sends(POISON)
    unlucky.sends("Здравствуйте")
    director.sends("Команды созданы")
    await director.receives(button=BUTTON, timeout=SOON)
    await unlucky.receives("Не получилось обработать", timeout=200 if LONG else 20)
    await unlucky.receives("личную ссылку")
    await administrator.receives("Оно отложено")
    (stored,) = await parked(database)
    assert (stored.tries, stored.trouble) == (MOST_TRIES, "ValueError")
    assert stored.payload is not None
    assert POISON not in bot.log


async def test_kinds_and_fields_that_nobody_knows_yet_are_kept_and_disturb_nobody(
    bot: Bot, sim: Simulator, database: Database
) -> None:
    """B6: tomorrow's Bot API."""
    stranger = sim.person("Прохожий", user_id=77)
    sim.deliver(sim.world.make_update("future", {"words": MARK, "from": {"id": 77}}))
    stranger.sends("Здравствуйте")
    sim.world.queue[-1].update["message"] |= {"future_field": {"words": MARK}}
    bot.start()
    await stranger.receives("личную ссылку")
    (stored,) = await parked(database)
    assert stored.payload is not None
    assert stored.payload["future"]["words"] == MARK
    assert "unknown kind" in bot.log
    assert MARK not in bot.log
    assert len(sim.sent_texts()) == 1


# --- B7, B8: numbers begin anywhere ------------------------------------------------------------


async def asks(bot: Bot, sim: Simulator, stranger: Person) -> None:
    """Let somebody ask, and wait for the answer."""
    before = len(said(sim, stranger))
    stranger.sends("Здравствуйте")
    await until(
        lambda: len(said(sim, stranger)) > before,
        20.0,
        lambda: f"no answer\n{stranger.transcript()}{bot.log}",
    )


async def test_numbers_that_fall_after_a_silent_week_lose_nothing(
    bot: Bot, sim: Simulator, database: Database
) -> None:
    """B7: the same low numbers as before come again, with other words, to a running and a new process."""
    stranger = sim.person("Прохожий", user_id=77)
    sim.world.set_next_update_id(5)
    bot.start()
    for beginning in (10**8, 5, 5):
        await asks(bot, sim, stranger)
        await asks(bot, sim, stranger)
        sim.world.set_next_update_id(beginning)
    await bot.stop()
    await asks_again(bot, sim, stranger)
    await all_stored(database, 8)
    assert await unhandled(database) == 0
    assert len(said(sim, stranger)) == 8


async def asks_again(bot: Bot, sim: Simulator, stranger: Person) -> None:
    bot.start()
    await asks(bot, sim, stranger)
    await asks(bot, sim, stranger)


async def test_another_token_and_another_server_begin_with_their_own_numbers(
    bot: Bot, sim: Simulator, database: Database
) -> None:
    """B8: no offset is kept, so there is none that could be foreign."""
    sim.world.set_next_update_id(10**6)
    bot.start()
    await asks(bot, sim, sim.person("Прохожий", user_id=77))
    await bot.stop()
    for token, first in ((TOKEN, 3), ("43:" + "X" * 35, 10**6)):
        async with Simulator(token=token).running() as other:
            bot.sim = other
            other.world.set_next_update_id(first)
            await asks_again(bot, other, other.person("Прохожий", user_id=77))
            assert await bot.stop() == 0
            assert other.calls("getUpdates")[0].params.get("offset") is None
            assert len(other.calls("getUpdates")) < 20
    async with database.reading() as session:
        bots = (await session.scalars(select(StoredUpdate.bot_id).order_by(StoredUpdate.id))).all()
    assert list(bots) == [42, 42, 42, 43, 43]


# --- B15: people and groups that go away -------------------------------------------------------


async def unreachable(database: Database) -> dict[int, str | None]:
    async with database.reading() as session:
        found = await session.execute(
            select(Known.telegram_id, Known.unreachable_why).where(Known.unreachable_since.is_not(None))
        )
        return dict(found.all())


async def test_who_blocks_the_bot_or_is_gone_is_marked_and_who_comes_back_is_not(
    bot: Bot, sim: Simulator, database: Database
) -> None:
    """B15: by Telegram's own word, and by its refusal of a letter."""
    _, (blocks, gone, stays) = await a_town(database, sim, schools=3)
    bot.start()
    await bot.at_work()
    blocks.blocks()
    gone.sends("Команды созданы")
    gone.deactivates()
    stays.sends("Команды созданы")
    await stays.receives(button=BUTTON)

    async def both() -> bool:
        return set(await unreachable(database)) == {blocks.id, gone.id}

    await until_so(both, 10.0, lambda: bot.log)
    assert "deactivated" in str((await unreachable(database))[gone.id])
    assert [report.text for report in await reports(database)] == ["Команды созданы"] * 2
    blocks.unblocks()
    blocks.sends("Команды созданы")
    await blocks.receives(button=BUTTON)
    assert set(await unreachable(database)) == {gone.id}


async def test_a_group_that_becomes_a_supergroup_is_answered_there(
    bot: Bot, sim: Simulator, database: Database
) -> None:
    """B15: the answer was on its way to the old group, and the service messages disturb nobody."""
    group, member = sim.group("Совещание", chat_id=-1001), sim.person("Прохожий", user_id=77)
    new = sim.world.chats[-100500] = Chat({"id": -100500, "type": "supergroup", "title": "Совещание"})
    group.says(member, "/start")
    for chat, words in (
        (group.room, {"migrate_to_chat_id": -100500}),
        (new, {"migrate_from_chat_id": -1001}),
    ):
        sim.deliver(sim.world.make_update("message", sim.world.put(chat, member.account.user, words)))
    group.room.migrated_to = -100500
    bot.start()
    await until(lambda: bool(said(sim, -100500)), 10.0, lambda: bot.log)
    await all_handled(bot, database)
    assert [chat for chat, _ in sim.sent_texts()] == [-100500]
    assert not await parked(database)


# --- B13: a backlog -----------------------------------------------------------------------------

BACKLOG = 5000 if LONG else 200
CHATS = BACKLOG // 10
SCHOOLS = CHATS // 2  # the other half are strangers
STRANGERS, NEWCOMERS = 10_000, 20_000
MOST_MEBIBYTES = 300
DRAINED_WITHIN = 600.0
ANSWERED_WITHIN = 30.0
EVERY = 3.0  # seconds between people who write during the drain


def backlog(sim: Simulator, directors: list[Person]) -> None:
    """Let half an hour of long messages wait, ten of each chat."""
    date = int((sim.clock.now() - timedelta(minutes=30)).timestamp())
    strangers = [sim.person("Прохожий", user_id=STRANGERS + number) for number in range(CHATS - SCHOOLS)]
    people = [*directors, *strangers]
    for person in strangers:
        person.starts()
    for number in range(BACKLOG):
        person = people[number % CHATS]
        message = {
            "message_id": 10**6 + number,
            "date": date,
            "chat": person.room.info,
            "from": person.account.user,
            "text": f"{number // CHATS} " + "щ" * (FAR // 2),
        }
        sim.deliver(sim.world.make_update("message", message))


async def keeps_writing(sim: Simulator, director: Person, done: asyncio.Event) -> list[float]:
    """Let somebody else write every few seconds until all is done; give the seconds each waited."""
    loop, waited = asyncio.get_running_loop(), list[float]()
    while not done.is_set():
        number = len(waited)
        person = director if number % 2 else sim.person("Новый", user_id=NEWCOMERS + number)
        words = f"Свежее {number}" if person is director else "личную ссылку"
        began = loop.time()
        person.sends(f"Свежее {number}")
        await person.receives(words, timeout=DRAINED_WITHIN)
        waited.append(loop.time() - began)
        await asyncio.sleep(max(0.0, EVERY - waited[-1]))
    return waited


async def watches(bot: Bot, done: asyncio.Event) -> float:
    """Give the most memory it had, in MiB."""
    most = 0.0
    while not done.is_set():
        most = max(most, bot.rss())
        await asyncio.sleep(0.2)
    return most


async def drains(sim: Simulator, database: Database, done: asyncio.Event) -> tuple[float, float]:
    """Wait until all is said; give the seconds until all was handled, and until all was answered."""
    loop = asyncio.get_running_loop()
    began, handled = loop.time(), 0.0
    while loop.time() < began + DRAINED_WITHIN:
        if not handled and not sim.world.queue and not await unhandled(database):
            handled = loop.time() - began
        if handled and not await unsaid(database):
            break
        await asyncio.sleep(0.5)
    done.set()
    return handled, loop.time() - began


async def unsaid(database: Database) -> int:
    async with database.reading() as session:
        waiting = Letter.state.in_((LetterState.WAITING, LetterState.CLAIMED))
        return await session.scalar(select(func.count(Letter.id)).where(waiting)) or 0


async def test_a_backlog_is_drained_in_little_memory_and_who_writes_now_is_answered_before_it(
    bot: Bot, sim: Simulator, database: Database
) -> None:
    """B13: the pace is the real one, and so are the server's limits."""
    _, (fresh, *directors) = await a_town(database, sim, schools=SCHOOLS + 1)
    backlog(sim, directors)
    sim.world.flood_limits = True
    sim.faults.latency(0.02, 0.06)
    done = asyncio.Event()
    bot.start(BOT_PACE="real")
    async with asyncio.TaskGroup() as group:
        memory = group.create_task(watches(bot, done))
        waited = group.create_task(keeps_writing(sim, fresh, done))
        drained = group.create_task(drains(sim, database, done))
    handled, all_answered = drained.result()
    print(
        f"{BACKLOG} updates handled in {handled:.0f} s ({BACKLOG / max(handled, 0.1):.0f}/s), "
        f"answered in {all_answered:.0f} s; memory {memory.result():.0f} MiB; "
        f"waited {[round(one, 1) for one in waited.result()]}; refusals {sim.world.flood.refusals}"
    )
    assert await unhandled(database) == await unsaid(database) == 0
    assert not await parked(database)
    assert sum(to >= STRANGERS and to < NEWCOMERS for to, _ in sim.sent_texts()) == BACKLOG // 2
    by_author = {report.author_id: report.text.split() for report in await reports(database)}
    assert sum(len(words) == 20 for words in by_author.values()) == SCHOOLS  # ten messages of two words
    assert memory.result() < MOST_MEBIBYTES
    assert max(waited.result()) < ANSWERED_WITHIN
