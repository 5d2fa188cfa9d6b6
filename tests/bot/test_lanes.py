"""Lanes: one update is one transaction; a chat is heard in order, and a poisoned update stops nobody."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from aiogram.types import ForceReply, Update
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from bot.in_hand import InHand
from bot.intake import store_updates
from bot.lanes import AT_ONCE, Lanes
from bot.sender import Sender
from bot.soothing import Soothing
from models import Session
from models.database import Database
from models.letters import AuditEntry, Letter
from models.machinery import StoredUpdate, UpdateState
from models.people import Person
from scheduler.courier import rung
from services.letters import Priority
from services.refusals import NotFound, Refusal
from tests.bot.test_intake import said
from tests.bot.wire import bot_on, ok
from tests.scheduler.delivery import PATIENCE, START, Hands
from views.outages import patience
from views.screen import Answer, Button, Edit, Popup, Screen

NAME = "Анна Директорова"
ADMINISTRATOR = 900

Hear = Callable[[Update, Session, datetime], Awaitable[Answer]]


def pressed(update_id: int, chat_id: int = 7) -> dict[str, Any]:
    message = said(0, chat_id=chat_id)["message"] | {"message_id": 55}
    sender = {"id": chat_id, "is_bot": False, "first_name": NAME}
    query = {"id": f"q{update_id}", "from": sender, "chat_instance": "1", "data": "x", "message": message}
    return {"update_id": update_id, "callback_query": query}


@dataclass
class Room:
    """Lanes that hear by a function of the test."""

    database: Database
    hear: Hear
    clock: Hands = field(default_factory=Hands)
    folder: Path = field(default_factory=lambda: Path(mkdtemp()))

    def __post_init__(self) -> None:
        bot, self.wire = bot_on(lambda _name, _call: ok(result=True))
        self.lanes = Lanes(
            database=self.database,
            bot=bot,
            clock=self.clock,
            hear=self._heard,
            refuse=lambda refusal: Screen(f"Отказ: {type(refusal).__name__}"),
            apology=lambda: Screen("Это наша ошибка"),
            trouble_note=lambda number, kind: Screen(f"Отложено {number}: {kind}"),
            administrators=_administrators,
            soothing=Soothing(Sender(bot), patience),
            in_hand=InHand(self.folder),
        )
        self.heard: list[tuple[int, str]] = []

    async def _heard(self, update: Update, session: Session, now: datetime) -> Answer:
        if update.message is not None:
            self.heard.append((update.message.chat.id, update.message.text or ""))
        return await self.hear(update, session, now)

    async def gets(self, *raws: dict[str, Any]) -> None:
        async with self.database.writing() as session:
            await store_updates(session, bot_id=42, raws=list(raws), now=self.clock.now())

    async def handles(self) -> None:
        """Handle what is due, until nothing is."""
        async with asyncio.timeout(PATIENCE):
            while heads := await self.lanes._heads():
                for stored_id, _ in heads:
                    await self.lanes.handle(stored_id)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.lanes.run())
            try:
                yield
            finally:
                self.lanes.stop()

    async def pending(self) -> int:
        async with self.database.reading() as session:
            return await self.lanes.pending(session, self.clock.now())

    async def still(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while await self.pending():
                await rung(asyncio.Event(), 0.01)

    async def letters(self) -> list[Letter]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(Letter).order_by(Letter.id)))

    async def said(self) -> list[tuple[int, str]]:
        return [(letter.chat_id, (letter.payload or {})["text"]) for letter in await self.letters()]

    async def rows(self) -> list[StoredUpdate]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(StoredUpdate).order_by(StoredUpdate.id)))

    async def effects(self) -> list[str]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


async def _administrators(session: Session) -> list[Person]:
    return list(await session.scalars(select(Person).where(Person.telegram_id == ADMINISTRATOR)))


async def leaves_a_trace(session: Session, now: datetime, action: str = "heard") -> None:
    session.add(AuditEntry(at=now, action=action, subject="test", facts={}))
    await session.flush()


async def echo(update: Update, session: Session, now: datetime) -> Answer:
    await leaves_a_trace(session, now)
    assert update.message is not None
    return Screen(f"Принял: {update.message.text}")


async def breaks(_update: Update, session: Session, now: datetime) -> Answer:
    await leaves_a_trace(session, now)
    raise LookupError(NAME)


async def test_the_effects_the_answer_and_the_mark_are_one(database: Database) -> None:
    room = Room(database, echo)
    await room.gets(said(1))
    await room.handles()
    letter = (await room.letters())[0]
    row = (await room.rows())[0]
    assert await room.effects() == ["heard"]
    assert (letter.key, letter.priority) == (f"update:{row.id}", Priority.ANSWER)
    assert letter.payload is not None
    assert (letter.payload["method"], letter.payload["chat_id"]) == ("sendMessage", 7)
    assert (row.state, row.payload, row.handled_at) == (UpdateState.HANDLED, None, START)


async def test_a_crash_before_the_commit_means_it_is_handled_again_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Room(database, echo)
    await room.gets(said(1))
    monkeypatch.setattr("bot.lanes.updates.handled", lambda *_a, **_k: (_ for _ in ()).throw(SystemExit))
    stored_id = (await room.rows())[0].id
    with pytest.raises(SystemExit):
        await room.lanes.handle(stored_id)
    assert (await room.effects(), await room.letters()) == ([], [])
    monkeypatch.undo()
    await room.handles()
    await room.lanes.handle(stored_id)
    assert (await room.effects(), await room.said()) == (["heard"], [(7, "Принял: Провели")])


async def test_who_has_just_written_is_answered_before_what_waited_while_the_bot_was_away(
    database: Database,
) -> None:
    room = Room(database, echo)
    old, fresh = said(1, "вчера"), said(2, "сейчас", chat_id=8)
    old["message"]["date"] -= 3600
    await room.gets(old, fresh)
    await room.handles()
    assert [(one.chat_id, one.priority) for one in await room.letters()] == [
        (7, Priority.CARD),
        (8, Priority.ANSWER),
    ]


async def test_a_refusal_takes_its_effects_back_and_is_the_answer(database: Database) -> None:
    async def refuses(_update: Update, session: Session, now: datetime) -> Answer:
        await leaves_a_trace(session, now)
        raise NotFound

    room = Room(database, refuses)
    await room.gets(said(1))
    await room.handles()
    assert (await room.effects(), await room.said()) == ([], [(7, "Отказ: NotFound")])
    assert (await room.rows())[0].state is UpdateState.HANDLED
    assert issubclass(NotFound, Refusal)


async def test_an_edit_is_a_letter_that_edits_the_pressed_message(database: Database) -> None:
    async def edits(_update: Update, _session: Session, _now: datetime) -> Answer:
        return Edit(Screen("Отправлено", ((Button("Мои пункты", "items:0"),),)), popup="Готово")

    room = Room(database, edits)
    await room.gets(pressed(1))
    await room.handles()
    call = (await room.letters())[0].payload
    assert call is not None
    assert (call["method"], call["message_id"], call["text"]) == ("editMessageText", 55, "Отправлено")
    assert room.wire.calls == [("answerCallbackQuery", {"callback_query_id": "q1", "text": "Готово"})]


async def test_a_press_is_answered_after_the_commit_and_its_failure_is_no_matter(database: Database) -> None:
    async def pops_up(_update: Update, session: Session, now: datetime) -> Answer:
        await leaves_a_trace(session, now)
        return Popup("Уже принято")

    room = Room(database, pops_up)
    room.wire.answering = lambda _name, _call: OSError("unreachable")
    await room.gets(pressed(1))
    await room.handles()
    assert (await room.effects(), await room.letters()) == (["heard"], [])
    assert room.wire.calls[0][1]["text"] == "Уже принято"


async def test_an_update_of_an_unknown_kind_is_put_aside_in_silence(database: Database) -> None:
    room = Room(database, breaks)
    await room.gets({"update_id": 1, "poll": {"id": "1"}}, {"update_id": 2, "of_the_future": {}})
    await room.handles()
    assert [(row.state, row.trouble) for row in await room.rows()] == [
        (UpdateState.PARKED, "unknown kind")
    ] * 2
    assert (await room.letters(), room.heard) == ([], [])


async def test_a_failing_update_is_tried_five_times_and_parked_with_its_payload(database: Database) -> None:
    async with database.writing() as session:
        session.add(Person(telegram_id=ADMINISTRATOR, chat_id=ADMINISTRATOR, name="Админ", created_at=START))
    room = Room(database, breaks)
    await room.gets(said(1))
    pauses = []
    with capture_logs() as lines:
        for _ in range(5):
            before = room.clock.now()
            await room.handles()
            pauses.append(((await room.rows())[0].not_before - before).total_seconds())
            room.clock.passes(minutes=3)
    row = (await room.rows())[0]
    assert pauses[:4] == [1, 5, 30, 120]
    assert (len(room.heard), row.state, row.payload) == (5, UpdateState.PARKED, said(1))
    assert row.trouble == "LookupError"
    assert await room.effects() == []
    assert await room.said() == [
        (7, "Это наша ошибка"),
        (ADMINISTRATOR, f"Отложено {row.id}: LookupError"),
    ]
    assert [line["error"] for line in lines] == ["LookupError"] * 5
    assert NAME not in str(lines)


async def test_later_updates_of_a_chat_wait_for_the_one_that_failed_others_do_not(database: Database) -> None:
    async def stumbles(update: Update, _session: Session, _now: datetime) -> Answer:
        if len(room.heard) == 1:
            raise LookupError
        assert update.message is not None
        return Screen(update.message.text or "")

    room = Room(database, stumbles)
    await room.gets(said(1, "первое"), said(2, "второе"), said(3, "чужое", chat_id=8))
    await room.handles()
    assert await room.said() == [(8, "чужое")]
    room.clock.passes(seconds=2)
    await room.handles()
    assert await room.said() == [(8, "чужое"), (7, "первое"), (7, "второе")]


async def test_what_cannot_be_read_is_parked_at_once_and_only_the_administrator_hears_of_it(
    database: Database,
) -> None:
    async with database.writing() as session:
        session.add(Person(telegram_id=ADMINISTRATOR, chat_id=ADMINISTRATOR, name="Админ", created_at=START))
    room = Room(database, echo)
    await room.gets({"update_id": 1, "message": {"chat": {"id": 7}, "text": NAME}})
    await room.handles()
    row = (await room.rows())[0]
    assert (row.state, row.trouble) == (UpdateState.PARKED, "ValidationError")
    assert await room.said() == [(ADMINISTRATOR, f"Отложено {row.id}: ValidationError")]


async def test_a_bug_in_our_own_words_is_not_the_fault_of_the_update(database: Database) -> None:
    async def wrong(_update: Update, _session: Session, _now: datetime) -> Answer:
        ForceReply(force_reply="да")  # type: ignore[arg-type] # pydantic refuses it
        return None

    room = Room(database, wrong)
    await room.gets(said(1))
    await room.handles()
    row = (await room.rows())[0]
    assert (row.state, row.tries) == (UpdateState.NEW, 1)


async def test_a_chat_is_heard_in_order_and_chats_side_by_side(database: Database) -> None:
    now, most = set[int](), list[int]()

    async def waits(update: Update, _session: Session, _now: datetime) -> Answer:
        assert update.message is not None
        chat = update.message.chat.id
        assert chat not in now
        now.add(chat)
        most.append(len(now))
        await rung(asyncio.Event(), 0.01)
        now.discard(chat)
        return None

    room = Room(database, waits)
    chats = range(1, AT_ONCE + 4)
    await room.gets(*(said(n * 100 + chat, f"{n}", chat_id=chat) for n in range(3) for chat in chats))
    async with room.open():
        await room.still()
    for chat in chats:
        assert [text for number, text in room.heard if number == chat] == ["0", "1", "2"]
    assert max(most) == 1 if database.is_sqlite else 1 < max(most) <= AT_ONCE


async def test_a_clean_stop_finishes_the_update_in_hand_and_begins_no_other(database: Database) -> None:
    begun = asyncio.Event()

    async def slow(update: Update, session: Session, now: datetime) -> Answer:
        begun.set()
        await rung(asyncio.Event(), 0.1)
        return await echo(update, session, now)

    room = Room(database, slow)
    await room.gets(said(1, "первое"), said(2, "второе"))
    async with room.open():
        await begun.wait()
    assert await room.said() == [(7, "Принял: первое")]
    assert await room.pending() == 1


async def test_a_database_in_trouble_costs_a_pause_and_no_update(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Room(database, echo)
    await room.gets(said(1))
    writing, failures = database.writing, [OSError("disk full")] * 4

    def sometimes(**how: bool) -> Any:
        if failures:
            raise failures.pop()
        return writing(**how)

    monkeypatch.setattr(database, "writing", sometimes)
    monkeypatch.setattr("bot.lanes.NAP", 0.02)
    async with room.open():
        await room.still()
    assert await room.said() == [(7, "Принял: Провели")]
    assert (len(room.heard), (await room.rows())[0].tries) == (1, 0)


async def dies(room: Room, *numbers: int) -> Room:
    """Leave what a process that dies with these updates in hand leaves, and start another one."""
    for number in numbers:
        room.lanes.in_hand.take(number)
    os.close(room.lanes.in_hand._file)  # the system does that, and frees the lock
    born = Room(room.database, room.hear, clock=room.clock, folder=room.folder)
    await born.lanes.recover()
    return born


async def test_an_update_that_kills_its_process_is_parked_after_five_starts_and_others_are_handled(
    database: Database,
) -> None:
    async with database.writing() as session:
        session.add(Person(telegram_id=ADMINISTRATOR, chat_id=ADMINISTRATOR, name="Админ", created_at=START))
    room = Room(database, echo)
    await room.gets(said(1, "смертельное"), said(2, "чужое", chat_id=8))
    deadly = (await room.rows())[0].id
    for _ in range(5):
        room = await dies(room, deadly)
        await room.handles()
        room.clock.passes(minutes=3)
        assert ("смертельное" in str(room.heard)) is False
    row = (await room.rows())[0]
    assert (row.state, row.trouble, row.tries) == (UpdateState.PARKED, "the process died", 5)
    assert await room.said() == [
        (8, "Принял: чужое"),
        (7, "Это наша ошибка"),
        (ADMINISTRATOR, f"Отложено {deadly}: the process died"),
    ]


async def test_what_was_in_hand_when_the_process_died_goes_alone_the_next_time(database: Database) -> None:
    together = list[set[int]]()

    async def notes_who_else(update: Update, _session: Session, _now: datetime) -> Answer:
        together.append(room.lanes.in_hand.numbers())
        await rung(asyncio.Event(), 0.02)
        return None

    room = Room(database, notes_who_else)
    await room.gets(*(said(number, chat_id=number) for number in (1, 2, 3, 4)))
    suspect = (await room.rows())[1].id
    room = await dies(room, suspect)
    room.clock.passes(seconds=2)
    async with room.open():
        await room.still()
    assert {suspect} in together
    assert all(hand == {suspect} for hand in together if suspect in hand)
    assert len(room.heard) == 4


async def test_a_living_process_keeps_what_it_has_in_hand(database: Database) -> None:
    room = Room(database, echo)
    room.lanes.in_hand.take(1)
    other = Room(database, echo, folder=room.folder)
    assert other.lanes.in_hand.left_behind() == []


async def test_a_busy_database_costs_an_update_no_try_and_its_sender_is_asked_to_wait(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.lanes.NAP", 0.02)
    monkeypatch.setattr("bot.soothing.PATIENCE", 0.05)
    monkeypatch.setattr("bot.soothing.LOOK", 0.02)
    room = Room(database, echo)
    await room.gets(said(1))
    writing, busy = database.writing, True

    def sometimes(**how: bool) -> Any:
        if busy:
            raise DBAPIError("BEGIN IMMEDIATE", None, _busy())
        return writing(**how)

    monkeypatch.setattr(database, "writing", sometimes)
    async with asyncio.TaskGroup() as group:
        soothing = group.create_task(room.lanes.soothing.run())
        async with room.open():
            await asyncio.sleep(0.5)
            assert [call["chat_id"] for _, call in room.wire.calls] == [7]  # once, however long it lasts
            assert "Повторять сообщение не нужно" in room.wire.calls[0][1]["text"]
            busy = False
            await room.still()
        soothing.cancel()
    assert await room.said() == [(7, "Принял: Провели")]
    assert (await room.rows())[0].tries == 0


def _busy() -> Exception:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorname = "SQLITE_BUSY"
    return error
