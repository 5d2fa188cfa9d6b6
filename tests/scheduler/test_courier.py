"""The courier: every letter once, answers first, and nothing lost whatever happens on the way."""

import asyncio
import os
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.in_hand import OnTheWire
from models.database import Database
from models.letters import Letter, LetterMessage, LetterState
from models.people import Person
from scheduler.courier import AT_ONCE, FLOOD, OUT_OF_REACH
from scheduler.ledger import MOST_COPIES
from scheduler.outcomes import Delivered, Dropped, Later, Moved, Rewrite
from services.letters import Priority
from tests.scheduler.delivery import START, Office, call


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


async def claimed(office: Office, letter_id: int, *, unsure: int = 0, epoch: int = 0) -> None:
    """Leave a letter as a killed process leaves it."""
    async with office.database.writing() as session:
        letter = await session.get_one(Letter, letter_id)
        letter.state, letter.tries, letter.claimed_at = LetterState.CLAIMED, 1, office.clock.now()
        letter.unsure, letter.epoch = unsure, epoch


async def test_a_letter_is_worded_when_it_is_claimed_and_kept_as_sent(office: Office) -> None:
    letter_id = await office.writes("Срок сегодня", worded=False)
    async with office.open():
        await office.still()
    letter = await office.letter(letter_id)
    assert office.wire.sent == [call("Срок сегодня")]
    assert (letter.state, letter.payload, letter.tries) == (LetterState.DELIVERED, call("Срок сегодня"), 1)
    assert (letter.claimed_at, letter.delivered_at) == (START, START)


async def test_every_message_a_letter_became_leads_back_to_it(office: Office) -> None:
    office.wire.replies = [Delivered((31, 32))]
    letter_id = await office.writes("Два фото")
    async with office.open():
        await office.still()
    async with office.database.reading() as session:
        kept = (await session.scalars(select(LetterMessage).order_by(LetterMessage.message_id))).all()
    assert [(one.chat_id, one.message_id, one.letter_id) for one in kept] == [
        (7, 31, letter_id),
        (7, 32, letter_id),
    ]


async def test_an_edited_message_stays_with_the_letter_it_was_first(office: Office) -> None:
    office.wire.replies = [Delivered((31,)), Delivered((31,))]
    first = await office.writes("Черновик")
    second = await office.writes("Отправлено")
    async with office.open():
        await office.still()
    async with office.database.reading() as session:
        assert (await session.get_one(LetterMessage, (7, 31))).letter_id == first
    assert (await office.letter(second)).state is LetterState.DELIVERED


async def test_a_letter_with_nothing_left_to_say_is_cancelled(office: Office) -> None:
    letter_id = await office.writes("Уже отчитались", facts={"withdrawn": True}, worded=False)
    async with office.open():
        await office.becomes(letter_id, LetterState.CANCELLED)
    assert office.wire.sent == []


async def test_words_that_only_the_reader_may_know_are_forgotten_once_delivered(office: Office) -> None:
    letter_id = await office.writes("Ссылка", facts={"forget": True})
    async with office.open():
        await office.still()
    assert (await office.letter(letter_id)).payload is None


async def test_a_letter_waits_for_its_moment(office: Office) -> None:
    letter_id = await office.writes("Завтра", not_before=START + timedelta(days=1))
    async with office.open():
        await office.still()
        assert office.wire.sent == []
        async with office.database.reading() as session:
            assert await office.courier.next_moment(session) == START + timedelta(days=1)
        await office.passes(days=1)
    assert (await office.letter(letter_id)).state is LetterState.DELIVERED


async def test_a_chat_gets_its_letters_one_at_a_time_answers_first(office: Office) -> None:
    for text in ("первое", "второе"):
        await office.writes(text)
    await office.writes("сводка", priority=Priority.DIGEST)
    await office.writes("ответ", priority=Priority.ANSWER)

    async def slow(_call: dict[str, Any]) -> None:
        await asyncio.sleep(0.02)

    office.wire.before = slow
    async with office.open():
        await office.still()
    assert office.wire.texts() == ["ответ", "первое", "второе", "сводка"]
    assert office.wire.most == 1


async def test_chats_are_served_side_by_side_and_not_too_many_at_once(office: Office) -> None:
    for chat in range(1, AT_ONCE + 11):
        await office.writes(f"чату {chat}", chat_id=chat)

    full = asyncio.Event()

    async def holds_on_until_nobody_else_may_begin(_call: dict[str, Any]) -> None:
        if len(office.wire.sent) >= AT_ONCE:
            full.set()
        await full.wait()
        await asyncio.sleep(0.05)

    office.wire.before = holds_on_until_nobody_else_may_begin
    async with office.open():
        await office.still()
    assert len(office.wire.sent) == AT_ONCE + 10
    assert office.wire.most == AT_ONCE


async def test_a_flood_is_waited_out_and_is_no_try(office: Office) -> None:
    office.wire.replies = [Later(7.0, FLOOD, counted=False)]
    letter_id = await office.writes("Срок сегодня")
    async with office.open():
        await office.still()
        letter = await office.letter(letter_id)
        assert (letter.state, letter.tries) == (LetterState.WAITING, 0)
        assert letter.not_before == START + timedelta(seconds=7)


async def test_while_there_is_no_way_to_telegram_letters_keep_their_tries_and_their_places(
    office: Office,
) -> None:
    office.wire.replies = [Later(0.0, OUT_OF_REACH, counted=False)] * 2
    first, second = await office.writes("первое"), await office.writes("второе", chat_id=8)
    async with office.open():
        await office.still()
    for letter_id in (first, second):
        letter = await office.letter(letter_id)
        assert (letter.state, letter.tries, letter.unsure) == (LetterState.DELIVERED, 1, 0)
    assert sorted(office.wire.texts()[:2]) == sorted(office.wire.texts()[2:]) == ["второе", "первое"]


@pytest.mark.parametrize("unknown", [False, True])
async def test_trouble_of_the_network_puts_a_letter_off(office: Office, *, unknown: bool) -> None:
    office.wire.replies = [Later(2.0, "network", unknown=unknown)]
    letter_id = await office.writes("Срок сегодня")
    async with office.open():
        await office.still()
        letter = await office.letter(letter_id)
        assert (letter.state, letter.trouble) == (LetterState.WAITING, "network")
        assert letter.not_before > START
        await office.passes(minutes=1)
    letter = await office.letter(letter_id)
    assert (letter.state, letter.trouble) == (LetterState.DELIVERED, None)


async def test_a_letter_that_may_have_arrived_is_never_said_more_than_three_times(office: Office) -> None:
    office.wire.replies = [Later(2.0, "5xx", unknown=True)] * 10
    letter_id = await office.writes("Срок сегодня")
    async with office.open():
        await office.still()
        for _ in range(6):
            await office.passes(hours=1)
    letter = await office.letter(letter_id)
    assert len(office.wire.sent) == MOST_COPIES == 3
    assert (letter.state, letter.trouble) == (LetterState.DROPPED, "ambiguous")


async def test_a_wire_that_raises_is_a_letter_that_may_have_arrived(office: Office) -> None:
    office.wire.replies = [RuntimeError("Session is closed")]
    letter_id = await office.writes("Срок сегодня")
    async with office.open():
        await office.still()
        assert (await office.letter(letter_id)).trouble == "RuntimeError"
        await office.passes(minutes=1)
    assert (await office.letter(letter_id)).state is LetterState.DELIVERED


async def test_a_letter_is_said_in_other_words_where_these_are_refused(office: Office) -> None:
    office.wire.replies = [Rewrite(call("просто"), "the markup was refused")]
    letter_id = await office.writes("<b>жирно")
    async with office.open():
        await office.still()
    assert office.wire.texts() == ["<b>жирно", "просто"]
    assert (await office.letter(letter_id)).payload == call("просто")


async def test_a_reader_who_blocked_the_bot_is_marked_as_unreachable(office: Office) -> None:
    async with office.database.writing() as session:
        person = Person(telegram_id=7, chat_id=7, name="Анна", created_at=START)
        session.add(person)
    office.wire.replies = [Dropped("bot was blocked by the user", unreachable=True)]
    letter_id = await office.writes("Срок сегодня")
    async with office.open():
        await office.still()
    assert (await office.letter(letter_id)).state is LetterState.DROPPED
    async with office.database.reading() as session:
        found = await session.get_one(Person, person.id)
    assert (found.unreachable_since, found.unreachable_why) == (START, "bot was blocked by the user")


async def test_a_letter_of_ours_that_is_wrong_blames_nobody(office: Office) -> None:
    async with office.database.writing() as session:
        person = Person(telegram_id=7, chat_id=7, name="Анна", created_at=START)
        session.add(person)
    office.wire.replies = [Dropped("message text is empty")]
    letter_id = await office.writes("Срок сегодня")
    async with office.open():
        await office.still()
    letter = await office.letter(letter_id)
    assert (letter.state, letter.trouble) == (LetterState.DROPPED, "message text is empty")
    async with office.database.reading() as session:
        assert (await session.get_one(Person, person.id)).unreachable_since is None


async def test_letters_follow_a_group_to_its_new_id(office: Office) -> None:
    office.wire.replies = [Moved(-1007)]
    first = await office.writes("первое", chat_id=-7)
    second = await office.writes("второе", chat_id=-7, worded=False)
    async with office.open():
        await office.still()
    assert [one["chat_id"] for one in office.wire.sent] == [-7, -1007, -1007]
    for letter_id in (first, second):
        letter = await office.letter(letter_id)
        assert (letter.state, letter.chat_id) == (LetterState.DELIVERED, -1007)


async def test_a_letter_that_cannot_be_worded_waits_and_stops_no_other(office: Office) -> None:
    broken = await office.writes("сломано", facts={"bug": True}, worded=False)
    whole = await office.writes("цело", worded=False)
    async with office.open():
        await office.still()
    letter = await office.letter(broken)
    assert (letter.state, letter.trouble, letter.tries) == (LetterState.WAITING, "LookupError", 1)
    assert letter.not_before > START
    assert (await office.letter(whole)).state is LetterState.DELIVERED


async def test_what_a_killed_process_had_in_hand_is_said_again_later(office: Office) -> None:
    letter_id = await office.writes("Срок сегодня")
    await claimed(office, letter_id)
    async with office.open():
        await office.becomes(letter_id, LetterState.WAITING)
        assert (await office.letter(letter_id)).not_before > START
        await office.passes(minutes=1)
    letter = await office.letter(letter_id)
    assert (letter.state, letter.tries, letter.unsure) == (LetterState.DELIVERED, 2, 1)


async def test_what_was_claimed_but_not_begun_when_the_process_died_goes_at_once_and_is_not_doubtful(
    office: Office,
) -> None:
    begun, waiting = await office.writes("начато"), await office.writes("не начато", chat_id=8)
    async with office.open():
        await office.still()
    wire = OnTheWire(office.folder)
    wire.begin(1)
    wire.take(begun)
    for letter_id in (begun, waiting):
        await claimed(office, letter_id, epoch=1)
    os.close(next(iter(wire._hands.values()))._file)  # the system does that when a process dies
    again = Office(office.database, folder=office.folder)
    async with again.open():
        await again.becomes(waiting, LetterState.DELIVERED)
        doubtful = await again.letter(begun)
        assert (doubtful.state, doubtful.unsure) == (LetterState.WAITING, 1)
        assert doubtful.not_before > START
    assert again.wire.texts() == ["не начато"]
    assert ((await again.letter(waiting)).unsure, (await again.letter(waiting)).tries) == (0, 1)


async def test_notes_from_before_the_machine_was_started_say_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter_id = await office.writes("Срок сегодня")
    wire = OnTheWire(office.folder)
    wire.begin(0)
    await claimed(office, letter_id, epoch=0)
    os.close(next(iter(wire._hands.values()))._file)
    monkeypatch.setattr("bot.in_hand.boot", lambda: b"another run of the machine")
    async with office.open():
        await office.becomes(letter_id, LetterState.WAITING)
    assert (await office.letter(letter_id)).unsure == 1


async def test_letters_are_claimed_together_and_written_down_together(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        await office.writes(f"письмо {number}", chat_id=100 + number)
    commits, write = list[int](), office.database.write

    async def counted(step: Any, **how: bool) -> Any:
        commits.append(1)
        return await write(step, **how)

    monkeypatch.setattr(office.database, "write", counted)
    async with office.open():
        await office.still()
    assert len(office.wire.sent) == 20
    assert len(commits) < 20  # one by one it would be forty and two


async def test_a_letter_that_was_in_hand_at_crash_after_crash_is_given_up(office: Office) -> None:
    letter_id = await office.writes("Срок сегодня")
    await claimed(office, letter_id, unsure=MOST_COPIES - 1)
    async with office.open():
        await office.becomes(letter_id, LetterState.DROPPED)
    assert (await office.letter(letter_id)).trouble == "ambiguous"
    assert office.wire.sent == []


async def test_a_clean_stop_finishes_what_is_on_its_way_and_begins_nothing(office: Office) -> None:
    on_its_way = asyncio.Event()

    async def slow(_call: dict[str, Any]) -> None:
        on_its_way.set()
        await asyncio.sleep(0.1)

    office.wire.before = slow
    first = await office.writes("первое")
    second = await office.writes("второе")
    async with office.open():
        await on_its_way.wait()
    assert (await office.letter(first)).state is LetterState.DELIVERED
    assert (await office.letter(second)).state is LetterState.WAITING
    assert office.wire.texts() == ["первое"]


async def test_a_database_in_trouble_costs_a_pause_and_no_letter(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter_id = await office.writes("Срок сегодня")
    writing, failures = office.database.writing, [OSError("disk full")] * 4

    def sometimes(**how: bool) -> Any:
        if failures:
            raise failures.pop()
        return writing(**how)

    monkeypatch.setattr(office.database, "writing", sometimes)
    monkeypatch.setattr("scheduler.courier.NAP", 0.02)
    async with office.open():
        await office.still()
    assert (await office.letter(letter_id)).state is LetterState.DELIVERED
    assert office.wire.texts() == ["Срок сегодня"]


async def test_a_letter_written_while_the_courier_sleeps_goes_at_once(office: Office) -> None:
    async with office.open():
        await asyncio.sleep(0.05)
        began = asyncio.get_running_loop().time()
        letter_id = await office.writes("Ответ", priority=Priority.ANSWER)
        await office.becomes(letter_id, LetterState.DELIVERED)
        assert asyncio.get_running_loop().time() - began < 0.8  # not the second of a look without a bell
