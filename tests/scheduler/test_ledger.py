"""The ledger of letters: who goes next, what is superseded, given back, and fenced off."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from models import Session
from models.database import Database
from models.leases import Fenced, HeldLease
from models.letters import Letter, LetterItem, LetterKind, LetterState
from models.people import Person
from scheduler import ledger
from scheduler.ledger import BACKOFF, COURIER, MOST_COPIES, MOST_TRIES, Call
from scheduler.outcomes import Delivered, Dropped, Later, Moved, Outcome, Rewrite
from services import letters
from services.letters import Priority
from tests.scheduler.delivery import START, call, word

DAY = timedelta(days=1)


@pytest.fixture
async def epoch(database: Database) -> int:
    """Become the courier."""
    lease = HeldLease(database, COURIER)
    assert await lease.take()
    held = lease.epoch
    assert held is not None
    await lease.release()
    return held


async def write(session: Session, text: str, **changed: object) -> Letter:
    """Write a letter with any of its columns as a test wants them."""
    letter = await letters.write(
        session, key=text, kind=LetterKind.NOTE, chat_id=7, now=START, priority=Priority.REMINDER
    )
    assert letter is not None
    letter.facts = {"text": text}
    for name, value in changed.items():
        setattr(letter, name, value)
    await session.flush()
    return letter


async def person(session: Session, number: int = 7) -> int:
    one = Person(telegram_id=number, chat_id=number, name=f"Человек {number}", created_at=START)
    session.add(one)
    await session.flush()
    return one.id


async def reminder(session: Session, text: str, reader: int, *, at: datetime = START, says: int = 1) -> int:
    """Write a reminder that speaks of so many things."""
    letter = await write(session, text, kind=LetterKind.REMINDER, person_id=reader, not_before=at)
    session.add_all(LetterItem(letter_id=letter.id, step=text) for _ in range(says))
    await session.flush()
    return letter.id


async def claim(database: Database, letter_id: int, epoch: int, now: datetime = START) -> Call | None:
    claimed = await database.write(
        lambda session: ledger.claim(session, [letter_id], epoch=epoch, word=word, now=now)
    )
    return claimed.get(letter_id)


async def record(
    database: Database, letter_id: int, outcome: Outcome, epoch: int, now: datetime = START
) -> None:
    await database.write(lambda session: ledger.record(session, {letter_id: (outcome, epoch)}, now=now))


async def recover(
    database: Database, epoch: int, now: datetime = START, begun: Mapping[int, Collection[int]] | None = None
) -> None:
    await database.write(lambda session: ledger.recover(session, epoch=epoch, begun=begun or {}, now=now))


async def read(database: Database, letter_id: int) -> Letter:
    async with database.reading() as session:
        return await session.get_one(Letter, letter_id)


async def spoken(database: Database, letter_id: int) -> list[str | None]:
    async with database.reading() as session:
        return [item.step for item in await letters.items(session, letter_id)]


# --- superseding ------------------------------------------------------------------------------


async def test_a_reminder_held_up_until_the_next_gives_it_everything_it_spoke_of(
    database: Database, epoch: int
) -> None:
    async with database.writing() as session:
        reader = await person(session)
        first = await reminder(session, "понедельник", reader, says=2)
        second = await reminder(session, "вторник", reader, at=START + DAY)
        third = await reminder(session, "среда", reader, at=START + 2 * DAY)
    now = START + 2 * DAY
    assert [await claim(database, one, epoch, now) for one in (first, second)] == [None, None]
    assert await claim(database, third, epoch, now) == call("среда")
    for letter_id in (first, second):
        letter = await read(database, letter_id)
        assert (letter.state, letter.trouble, letter.tries) == (LetterState.CANCELLED, "superseded", 0)
        assert await spoken(database, letter_id) == []
    assert sorted(map(str, await spoken(database, third))) == [
        "вторник",
        "понедельник",
        "понедельник",
        "среда",
    ]


async def test_a_reminder_is_not_superseded_by_one_whose_time_has_not_come(
    database: Database, epoch: int
) -> None:
    async with database.writing() as session:
        reader = await person(session)
        first = await reminder(session, "сегодня", reader)
        await reminder(session, "завтра", reader, at=START + DAY)
    assert await claim(database, first, epoch) == call("сегодня")


async def test_neither_another_reader_nor_another_kind_supersedes(database: Database, epoch: int) -> None:
    async with database.writing() as session:
        reader, other = await person(session), await person(session, 8)
        first = await reminder(session, "мне", reader)
        await reminder(session, "другому", other)
        await write(session, "сводка", kind=LetterKind.DIGEST, person_id=reader)
    assert await claim(database, first, epoch) == call("мне")


async def test_a_reminder_that_may_have_arrived_goes_with_the_next_one_if_that_is_due_by_then(
    database: Database, epoch: int
) -> None:
    async with database.writing() as session:
        reader = await person(session)
        first = await reminder(session, "вчера", reader)
    assert await claim(database, first, epoch) == call("вчера")
    await record(database, first, Later(2.0, "network", unknown=True), epoch)
    async with database.writing() as session:
        second = await reminder(session, "сегодня", reader, at=START + DAY)
    assert await claim(database, first, epoch, START + DAY) is None
    assert (await read(database, first)).trouble == "superseded"
    assert await claim(database, second, epoch, START + DAY) == call("сегодня")
    assert sorted(map(str, await spoken(database, second))) == ["вчера", "сегодня"]


async def test_a_reminder_that_could_not_go_is_worded_anew_one_that_may_have_arrived_is_not(
    database: Database, epoch: int
) -> None:
    outcomes: list[tuple[Outcome, bool]] = [
        (Later(0.0, "out of reach", counted=False), True),
        (Later(2.0, "5xx"), True),
        (Later(2.0, "network", unknown=True), False),
        (Rewrite(call("без разметки"), "markup"), False),
    ]
    for number, (outcome, anew) in enumerate(outcomes):
        async with database.writing() as session:
            letter_id = await reminder(session, f"так {number}", await person(session, 70 + number))
        said = await claim(database, letter_id, epoch)
        await record(database, letter_id, outcome, epoch)
        async with database.writing() as session:
            letter = await session.get_one(Letter, letter_id)
            letter.facts = letter.facts | {"text": "иначе"}
        again = await claim(database, letter_id, epoch, START + timedelta(hours=1))
        assert said is not None
        assert again is not None
        assert (again["text"] == "иначе") is anew, outcome


# --- after a crash ----------------------------------------------------------------------------


async def test_what_a_crash_left_is_given_back_each_with_one_more_doubt(database: Database) -> None:
    left: dict[int, int] = {}
    async with database.writing() as session:
        for unsure in range(MOST_COPIES + 1):
            letter = await write(
                session, f"{unsure}", state=LetterState.CLAIMED, epoch=4, unsure=unsure, tries=unsure + 1
            )
            left[unsure] = letter.id
        mine = await write(session, "моё", state=LetterState.CLAIMED, epoch=5)
        waiting = await write(session, "ждёт")
    await recover(database, 5)
    for unsure, letter_id in left.items():
        letter = await read(database, letter_id)
        assert (letter.unsure, letter.tries) == (unsure + 1, unsure + 1)
        if unsure + 1 < MOST_COPIES:
            assert (letter.state, letter.trouble) == (LetterState.WAITING, "crashed")
            assert letter.not_before == START + timedelta(seconds=BACKOFF[unsure])
        else:
            assert (letter.state, letter.trouble) == (LetterState.DROPPED, "ambiguous")
    assert (await read(database, mine.id)).state is LetterState.CLAIMED
    untouched = await read(database, waiting.id)
    assert (untouched.state, untouched.unsure, untouched.not_before) == (LetterState.WAITING, 0, START)


async def test_what_a_dead_courier_had_surely_not_begun_to_send_keeps_its_place(database: Database) -> None:
    async with database.writing() as session:
        claimed = {"state": LetterState.CLAIMED, "tries": 1}
        begun = await write(session, "начато", epoch=4, **claimed)
        untouched = await write(session, "не начато", epoch=4, **claimed)
        of_another = await write(session, "чьё неизвестно", epoch=3, **claimed)
    await recover(database, 5, begun={4: [begun.id]})
    letter = await read(database, untouched.id)
    assert (letter.state, letter.tries, letter.unsure) == (LetterState.WAITING, 0, 0)
    assert letter.not_before == START
    for doubtful in (begun, of_another):
        assert (await read(database, doubtful.id)).unsure == 1


async def test_crash_after_crash_the_same_letter_goes_three_times_at_most(database: Database) -> None:
    async with database.writing() as session:
        letter_id = (await write(session, "первое")).id
    claims, now = 0, START
    for _ in range(10):
        lease = HeldLease(database, COURIER)
        assert await lease.take()
        epoch = lease.epoch or 0
        await recover(database, epoch, now)
        now += timedelta(hours=1)
        claims += await claim(database, letter_id, epoch, now) is not None
        await lease.release()
    assert claims == MOST_COPIES
    assert (await read(database, letter_id)).trouble == "ambiguous"


# --- whose turn it is -------------------------------------------------------------------------


async def test_answers_go_first_and_within_a_priority_the_doubtful_last(database: Database) -> None:
    letters_ = [
        ("сводка", Priority.DIGEST, 0),
        ("дважды", Priority.REMINDER, 2),
        ("однажды", Priority.REMINDER, 1),
        ("новое", Priority.REMINDER, 0),
        ("карточка", Priority.CARD, 2),
        ("ответ", Priority.ANSWER, 2),
    ]
    async with database.writing() as session:
        for chat, (text, priority, unsure) in enumerate(letters_, start=1):
            await write(session, text, chat_id=chat, priority=priority, unsure=unsure)
    async with database.reading() as session:
        found = await ledger.heads(session, busy=(), now=START)
        texts = [
            await session.scalar(select(Letter.key).where(Letter.id == letter_id)) for letter_id, _ in found
        ]
    assert texts == ["ответ", "карточка", "новое", "однажды", "дважды", "сводка"]


async def test_a_chat_has_one_head_and_a_busy_one_has_none(database: Database) -> None:
    async with database.writing() as session:
        first = await write(session, "первое")
        await write(session, "второе")
        await write(session, "занятому", chat_id=8)
        await write(session, "завтра", chat_id=9, not_before=START + DAY)
    async with database.reading() as session:
        assert await ledger.heads(session, busy={8}, now=START) == [(first.id, 7)]


async def test_chats_behind_a_very_long_queue_of_one_chat_are_seen(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "CANDIDATES", 10)
    async with database.writing() as session:
        for number in range(25):
            await write(session, f"одному {number}")
        await write(session, "другому", chat_id=8)
    async with database.reading() as session:
        found = await ledger.heads(session, busy=(), now=START)
    assert {chat for _, chat in found} == {7, 8}


# --- fenced off -------------------------------------------------------------------------------


async def test_a_courier_whose_lease_has_passed_on_claims_nothing(database: Database, epoch: int) -> None:
    async with database.writing() as session:
        letter_id = (await write(session, "чужое")).id
    with pytest.raises(Fenced):
        await claim(database, letter_id, epoch - 1)
    letter = await read(database, letter_id)
    assert (letter.state, letter.tries, letter.trouble) == (LetterState.WAITING, 0, None)


@pytest.mark.parametrize(
    "outcome",
    [Delivered((31,)), Later(2.0, "network", unknown=True), Dropped("gone", unreachable=True), Moved(9)],
)
async def test_what_a_former_courier_reports_of_a_letter_that_is_anothers_changes_nothing(
    database: Database, epoch: int, outcome: Outcome
) -> None:
    async with database.writing() as session:
        reader = await person(session)
        letter_id = (await write(session, "чужое")).id
    assert await claim(database, letter_id, epoch) is not None
    for former in (epoch - 1, epoch + 1):
        await record(database, letter_id, outcome, former)
    letter = await read(database, letter_id)
    assert (letter.state, letter.epoch, letter.unsure, letter.chat_id) == (LetterState.CLAIMED, epoch, 0, 7)
    async with database.reading() as session:
        assert (await session.get_one(Person, reader)).unreachable_since is None


async def test_a_letter_is_recorded_once(database: Database, epoch: int) -> None:
    async with database.writing() as session:
        letter_id = (await write(session, "моё")).id
    await claim(database, letter_id, epoch)
    await record(database, letter_id, Delivered((31,)), epoch)
    await record(database, letter_id, Later(2.0, "network", unknown=True), epoch)
    letter = await read(database, letter_id)
    assert (letter.state, letter.unsure) == (LetterState.DELIVERED, 0)


async def test_of_letters_claimed_together_one_that_cannot_be_worded_is_put_off_alone(
    database: Database, epoch: int
) -> None:
    async with database.writing() as session:
        whole = await write(session, "цело")
        broken = await write(session, "сломано", chat_id=8)
        broken.facts = {"bug": True}
        silent = await write(session, "нечего", chat_id=9)
        silent.facts = {"withdrawn": True}
    ids = [broken.id, whole.id, silent.id]
    claimed = await database.write(
        lambda session: ledger.claim(session, ids, epoch=epoch, word=word, now=START)
    )
    assert claimed == {whole.id: call("цело")}
    letter = await read(database, broken.id)
    assert (letter.state, letter.trouble, letter.tries) == (LetterState.WAITING, "LookupError", 1)
    assert letter.not_before == START + timedelta(seconds=BACKOFF[0])
    assert (await read(database, silent.id)).state is LetterState.CANCELLED


# --- how long it is tried ---------------------------------------------------------------------


async def test_a_server_that_refuses_for_a_day_costs_no_letter_and_is_asked_every_few_minutes(
    database: Database, epoch: int
) -> None:
    async with database.writing() as session:
        letter_id = (await write(session, "срок")).id
    now, refused = START, Later(2.0, "5xx")
    while now < START + DAY:
        assert await claim(database, letter_id, epoch, now) is not None
        await record(database, letter_id, refused, epoch, now)
        letter = await read(database, letter_id)
        assert (letter.state, letter.unsure) == (LetterState.WAITING, 0)
        assert letter.not_before <= now + timedelta(minutes=5)
        now = letter.not_before
    async with database.writing() as session:
        await session.execute(update(Letter).values(tries=MOST_TRIES))
    await claim(database, letter_id, epoch, now)
    await record(database, letter_id, refused, epoch, now)
    letter = await read(database, letter_id)
    assert (letter.state, letter.trouble) == (LetterState.DROPPED, "5xx")


@pytest.mark.parametrize(("lost", "back"), [(-DAY, True), (DAY, False)])
async def test_whoever_a_letter_reaches_is_reachable_unless_it_went_before_they_were_lost(
    database: Database, epoch: int, lost: timedelta, back: bool
) -> None:
    async with database.writing() as session:
        reader = await session.get_one(Person, await person(session))
        letter_id = (await write(session, "пишем", person_id=reader.id)).id
        reader.unreachable_since, reader.unreachable_why = START + lost, "Forbidden: user is deactivated"
    assert await claim(database, letter_id, epoch)
    await record(database, letter_id, Delivered((70,)), epoch)
    async with database.reading() as session:
        reader = await session.get_one(Person, reader.id)
        assert (reader.unreachable_since is None, reader.unreachable_why is None) == (back, back)
