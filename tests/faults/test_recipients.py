"""To whom letters go: a reader who has answered meanwhile, the blocked, the slow, a group that moves."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import event, select

from bot.pace import Pace
from models import Session
from models.assignments import Evidence, EvidenceKind
from models.database import Database
from models.letters import LetterState
from models.people import Person, Role
from scheduler import ledger
from services import binding, invitations, items, reports
from simulator.people import picture
from tests.faults.postoffice import DAY_BEFORE, Post, persons, planned, post_office, principal
from tests.services.plan import actor, found

LONG = os.environ.get("FAULTS") == "long"


@pytest.fixture
async def post(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Post]:
    async with post_office(database, monkeypatch) as opened:
        yield opened


# --- C8: a reminder that is not needed any more -----------------------------------------------------------


async def reports_everything(session: Session, now: datetime, photos: Sequence[str] = ()) -> None:
    """Let the principal answer what is due first, in words and photos."""
    anna = await actor(session, 2)
    owed = await items.open_items(session, anna, now=now)
    await reports.begin(session, anna, owed[0].assignment_id, now=now)
    draft = await binding.latest_draft(session, anna)
    assert draft is not None
    draft.text = "Сделано"
    session.add_all(
        Evidence(
            report_id=draft.id,
            kind=EvidenceKind.PHOTO,
            chat_id=2,
            message_id=number,
            file_id=photo,
            file_unique_id=str(number),
        )
        for number, photo in enumerate(photos, start=1)
    )
    await reports.submit(session, anna, draft.id, now=now)


async def test_a_report_between_planning_and_sending_takes_the_reminder_back(post: Post) -> None:
    await principal(post)
    (reminder,) = await planned(post, DAY_BEFORE)
    await post.database.write(lambda session: reports_everything(session, DAY_BEFORE))
    async with post.open():
        await post.still()
    assert (await post.letter(reminder.id)).state is LetterState.CANCELLED
    assert post.seen(2) == []


def before_going_on(
    monkeypatch: pytest.MonkeyPatch, name: str, happens: Callable[[], Awaitable[None]]
) -> list[str]:
    """Let something happen once, after a step of the ledger was taken for the first time since now."""
    step, happened = getattr(ledger, name), list[str]()

    async def then(*given: Any, **named: Any) -> Any:
        result = await step(*given, **named)
        if not happened and (result or name == "passes"):
            happened.append(name)
            await happens()
        return result

    monkeypatch.setattr(ledger, name, then)
    return happened


async def _reported_in_the_middle(post: Post, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    await principal(post)
    (reminder,) = await planned(post, DAY_BEFORE)

    async def report() -> None:
        await post.database.write(lambda session: reports_everything(session, DAY_BEFORE))

    happened = before_going_on(monkeypatch, step, report)
    async with post.open():
        await post.until(lambda: bool(happened))
        await post.still()
    assert (await post.letter(reminder.id)).state is LetterState.CANCELLED
    assert post.seen(2) == []


async def test_a_report_between_choosing_a_reminder_and_claiming_it_takes_it_back(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _reported_in_the_middle(post, monkeypatch, "heads")


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
async def test_a_report_within_the_claiming_transaction_takes_the_reminder_back(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _reported_in_the_middle(post, monkeypatch, "passes")


# --- C7: what is more than one message -----------------------------------------------------------------


async def test_a_report_of_41_photos_is_shown_in_albums_of_ten_and_then_its_card(post: Post) -> None:
    await principal(post)
    coordinator = post.sim.person("Мария Координатор", user_id=3)
    coordinator.account.started = True
    photo = post.sim.world.files.keep_photo(picture(1))[-1]["file_id"]
    await post.database.write(lambda session: reports_everything(session, post.now, [photo] * 41))
    async with post.open():
        await post.still()
    albums = [one for one in post.sim.executed("sendMediaGroup") if one.params["chat_id"] == 3]
    assert [len(one.answer) for one in albums] == [10] * 4
    assert len(post.sim.executed("sendPhoto")) == 1
    assert "В отчёте: 41 фото, текст" in coordinator.last["text"]
    assert {one.state for one in await post.letters()} == {LetterState.DELIVERED}


async def test_links_into_fifty_seats_come_in_several_messages_each_link_once(post: Post) -> None:
    admin = post.sim.person("Админ", user_id=1)
    admin.account.started = True
    async with post.database.writing() as session:
        made = await found(session, name="Район с очень длинным именем " * 3, schools=50)
        inviting = await actor(session, 1)
        await invitations.write_links(session, inviting, made.place, Role.EXECUTOR, now=post.now)
        seats = len(await invitations.seats_to_fill(session, made.place))
    async with post.open():
        await post.still()
    links = [word for text in post.seen(1) for word in text.split() if word.startswith("https://")]
    assert len(links) == len(set(links)) >= 50
    assert len(links) == seats - 1  # the administrator has a seat as well
    assert {(one.state, one.payload) for one in await post.letters()} == {(LetterState.DELIVERED, None)}


# --- C9: a wave with the blocked and the slow ---------------------------------------------------------------

WAVE, WITHIN = (500, 30.0) if LONG else (120, 8.0)
SLOW, BLOCKED, SLOWNESS = range(1, 6), range(20, 23), 3.0


async def test_a_wave_ends_in_time_whoever_is_slow_or_has_blocked_the_bot(post: Post) -> None:
    post.pace = Pace()
    post.sim.world.flood_limits = True
    post.sim.faults.latency(0.02, 0.06)
    await persons(post, range(1, WAVE + 1))
    for chat in range(1, WAVE + 1):
        await post.writes("Срок сегодня", chat)
    for chat in SLOW:
        post.sim.faults.slow_chat(chat, SLOWNESS)
    for chat in BLOCKED:
        post.sim.person("", user_id=chat).account.blocked = True
    began = asyncio.get_running_loop().time()
    async with post.open():
        await post.still()
    took = asyncio.get_running_loop().time() - began
    assert took <= WITHIN
    assert post.sim.world.refusals == 0
    assert Counter(post.sim.sent_texts()) == {
        (chat, "Срок сегодня"): 1 for chat in range(1, WAVE + 1) if chat not in BLOCKED
    }
    quick = [one.at for one in post.sim.calls("sendMessage") if one.params["chat_id"] not in SLOW]
    quiet = max(later - sooner for sooner, later in pairwise(sorted(quick)))
    assert quiet < timedelta(seconds=1.5)  # nobody waits for the slow
    async with post.database.reading() as session:
        gone = list(
            await session.scalars(
                select(Person).where(Person.unreachable_since.is_not(None)).order_by(Person.id)
            )
        )
    assert [one.chat_id for one in gone] == [*BLOCKED]
    assert {(one.unreachable_why or "").rpartition(": ")[2] for one in gone} == {
        "bot was blocked by the user"
    }


# --- B15: people who are gone, groups that move ------------------------------------------------------


@pytest.mark.parametrize(("state", "why"), [("blocked", "bot was blocked"), ("deactivated", "deactivated")])
async def test_who_is_gone_is_marked_with_the_reason_and_since_when(post: Post, state: str, why: str) -> None:
    await persons(post, range(1, 3))
    gone, there = await post.writes("Срок", 1), await post.writes("Срок", 2)
    setattr(post.sim.person("", user_id=1).account, state, True)
    async with post.open():
        await post.still()
    letter = await post.letter(gone)
    assert letter.state is LetterState.DROPPED
    assert why in (letter.trouble or "")
    assert (await post.letter(there)).state is LetterState.DELIVERED
    async with post.database.reading() as session:
        first, second = await session.scalars(select(Person).order_by(Person.id))
    assert first.unreachable_since is not None
    assert timedelta() <= post.now - first.unreachable_since < timedelta(minutes=1)
    assert why in (first.unreachable_why or "")
    assert (second.unreachable_since, second.unreachable_why) == (None, None)


async def places(post: Post) -> set[int]:
    """Give every chat that a letter, its call, or a person names."""
    async with post.database.reading() as session:
        persons_ = set(await session.scalars(select(Person.chat_id)))
    found_ = await post.letters()
    return persons_ | {one.chat_id for one in found_} | {(one.payload or {})["chat_id"] for one in found_}


async def test_a_group_that_became_a_supergroup_moves_whole_or_not_at_all(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, new = post.sim.group("Рабочая группа", chat_id=-7), -1007
    post.sim.group("Рабочая группа", chat_id=new)
    post.sim.world.chats[group.room.info["id"]].migrated_to = new
    await persons(post, range(-7, -6))
    for number in range(5):
        await post.writes(f"№ {number}", -7)
    failures, seen_after_failure = ["disk full"], list[set[int]]()
    moved = list[int]()
    move = ledger._move

    async def moving(*given: Any) -> None:
        await move(*given)
        moved.append(1)

    def commits(_connection: object) -> None:
        if moved and failures:
            raise OSError(failures.pop())

    monkeypatch.setattr(ledger, "_move", moving)
    monkeypatch.setattr("scheduler.courier.NAP", 0.2)
    engine = post.database._write_engine.sync_engine
    event.listen(engine, "commit", commits)
    try:
        async with post.open():
            await post.until(lambda: not failures)
            seen_after_failure.append(await places(post))
            await post.still()
    finally:
        event.remove(engine, "commit", commits)
    assert seen_after_failure == [{-7}]  # nothing of it, though everything had been written
    assert await places(post) == {new}
    assert len(moved) == 2
    assert post.seen(new) == [f"№ {number}" for number in range(5)]
    assert post.seen(-7) == []
    assert {one.state for one in await post.letters()} == {LetterState.DELIVERED}
