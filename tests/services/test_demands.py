"""Requests beside the plan: whom they reach and when, how many a week may bring, and the way of an answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models import Session
from models.assignments import EvidenceKind, Report
from models.database import Database
from models.leases import HeldLease
from models.letters import AuditEntry, Demand, Letter, LetterKind, LetterMessage, LetterState
from models.people import Role, Tenure
from scheduler import ledger
from services import demands, replies, seats
from services.access import Actor
from services.incoming import Incoming, Piece
from services.refusals import NotFound
from tests.services.plan import NOW, Made, actor, found, seated
from tests.services.walking import SAYS

SUNDAY = datetime(2026, 9, 13, 7, 0, tzinfo=UTC)
MOSCOW_MONDAY = datetime(2026, 9, 13, 21, 0, tzinfo=UTC)


async def town(session: Session) -> tuple[Made, Actor]:
    """Found a municipality of three schools, executors (11, 12) in two of them, and a coordinator (3)."""
    made = await found(session)
    for number, school in enumerate(made.schools[:2], start=11):
        await seated(session, school, Role.EXECUTOR, number)
    await seated(session, made.office, Role.COORDINATOR, 3)
    return made, await actor(session, 3)


async def sent(
    session: Session,
    who: Actor,
    organisation_id: int | None,
    *,
    text: str = "Сколько у вас классов?",
    **at: Any,
) -> int:
    """Send a demand and give its number."""
    now = at.get("now", NOW)
    draft = await demands.begin(session, who, organisation_id, now=now)
    await demands.write_text(session, who, draft.demand_id, text, now=now)
    await demands.send(session, who, draft.demand_id, now=now)
    return draft.demand_id


async def letters_of(session: Session, kind: LetterKind) -> list[Letter]:
    return list(await session.scalars(select(Letter).where(Letter.kind == kind).order_by(Letter.id)))


async def leaves(session: Session, person_id: int) -> None:
    for tenure in await session.scalars(
        select(Tenure).where(Tenure.person_id == person_id, Tenure.until.is_(None))
    ):
        tenure.until = NOW
    await session.flush()


def says(text: str = "", *, number: int = 1, album: str | None = None, **piece: Any) -> Incoming:
    """Give a message of the principal 11, as it replies to something or not."""
    media = Piece(piece["kind"], f"file {number}", f"unique {number}", None, 10) if "kind" in piece else None
    return Incoming(11, number, album, piece.get("reply_to"), text, media, NOW)


async def test_the_eleventh_of_a_week_says_its_grounds_whoever_asked_the_ten(database: Database) -> None:
    async with database.writing() as session:
        made, coordinator = await town(session)
        admin, school = await actor(session, 1), made.schools[0]
        for number in range(demands.MOST_A_WEEK):
            await sent(session, coordinator if number % 2 else admin, school.id)
        await sent(session, coordinator, made.schools[1].id)
        eleventh = await demands.begin(session, coordinator, school.id, now=NOW)
        number = eleventh.demand_id
        draft = await demands.write_text(session, coordinator, number, "И ещё", now=NOW)
        assert [(one.name, one.sent) for one in draft.crowded] == [("СОШ № 1", 10)]
        with pytest.raises(demands.GroundsNeeded):
            await demands.send(session, coordinator, number, now=NOW)
        for few in ("надо", "очень надо", "1 2 3 - !"):
            with pytest.raises(demands.GroundsTooShort):
                await demands.give_grounds(session, coordinator, number, few, now=NOW)
        ready = await demands.give_grounds(
            session, coordinator, number, "Проверка прокуратуры завтра", now=NOW
        )
        assert ready.crowded == ()
        await demands.send(session, coordinator, number, now=NOW)
    async with database.reading() as session:
        kept = list(await session.scalars(select(Demand).order_by(Demand.id)))
    assert [demand.grounds for demand in kept] == [None] * 11 + ["Проверка прокуратуры завтра"]
    assert all(demand.sent_at == NOW for demand in kept)


async def test_a_week_begins_on_monday_in_the_zone_of_the_organisation(database: Database) -> None:
    async with database.writing() as session:
        made, coordinator = await town(session)
        made.schools[1].time_zone = "Asia/Vladivostok"
        for school in made.schools[:2]:
            for _ in range(demands.MOST_A_WEEK):
                await sent(session, coordinator, school.id)
        full = {
            now: [one.name for one in (await demands.begin(session, coordinator, None, now=now)).crowded]
            for now in (
                datetime(2026, 9, 13, 13, 59, tzinfo=UTC),
                datetime(2026, 9, 13, 14, 0, tzinfo=UTC),  # midnight in Vladivostok
                MOSCOW_MONDAY - timedelta(seconds=1),
                MOSCOW_MONDAY,
            )
        }
    assert list(full.values()) == [["СОШ № 1", "СОШ № 2"], ["СОШ № 1"], ["СОШ № 1"], []]


async def test_all_schools_are_one_request_each_and_a_full_week_asks_only_where_it_is_full(
    database: Database,
) -> None:
    async with database.writing() as session:
        made, coordinator = await town(session)
        for _ in range(demands.MOST_A_WEEK):
            await sent(session, coordinator, made.schools[1].id)
        draft = await demands.begin(session, coordinator, None, now=NOW)
        beside = await demands.begin(session, coordinator, made.schools[0].id, now=NOW)
        assert draft.places == ("СОШ № 1", "СОШ № 2")  # nobody is in the third school
        assert beside.places == ("СОШ № 1",)
        number = draft.demand_id
        await demands.write_text(session, coordinator, number, "Пришлите списки", now=NOW)
        await demands.give_grounds(session, coordinator, number, "Списки нужны сегодня", now=NOW)
        await leaves(session, (await actor(session, 11)).person.id)
        told = await demands.send(session, coordinator, number, now=NOW)
        assert (told.places, told.silent, told.people) == (("СОШ № 2",), ("СОШ № 1",), 1)
        assert (await demands.draft(session, coordinator, beside.demand_id, now=NOW)).text == ""
    async with database.reading() as session:
        rows = await session.execute(
            select(Demand.organisation_id, Demand.grounds, Demand.sent_at).where(
                Demand.text == "Пришлите списки"
            )
        )
        kept = {place: (grounds, at) for place, grounds, at in rows}
        noted = list(await session.scalars(select(AuditEntry).where(AuditEntry.action == "demanded")))
    assert kept == {
        made.schools[0].id: (None, None),
        made.schools[1].id: ("Списки нужны сегодня", NOW),
    }
    assert len(noted) == 11


async def test_nobody_is_asked_at_night_or_on_a_day_off_and_each_person_once(database: Database) -> None:
    evening = datetime(2026, 9, 11, 16, 0, tzinfo=UTC)  # Friday, seven in the evening in Moscow
    monday = datetime(2026, 9, 14, 6, 0, tzinfo=UTC)
    async with database.writing() as session:
        made, coordinator = await town(session)
        second = await seats.seat(
            session, organisation_id=made.schools[0].id, role=Role.EXECUTOR, title="завуч"
        )
        principal = (await actor(session, 11)).person
        session.add(Tenure(seat_id=second.id, person_id=principal.id, since=NOW))
        await seated(session, made.schools[0], Role.EXECUTOR, 13)
        at_once = await sent(session, coordinator, made.schools[0].id)
        later = await sent(session, coordinator, made.schools[0].id, now=evening)
        found_ = await letters_of(session, LetterKind.DEMAND)
    assert [(one.facts["demand_id"], one.chat_id, one.not_before) for one in found_] == [
        (at_once, 11, NOW),
        (at_once, 13, NOW),
        (later, 11, monday),
        (later, 13, monday),
    ]


async def test_a_request_that_was_held_up_or_failed_until_the_night_waits_for_the_morning(
    database: Database,
) -> None:
    night, morning = NOW.replace(hour=20), NOW.replace(day=8, hour=6)
    lease = HeldLease(database, ledger.COURIER)
    assert await lease.take()
    epoch = lease.epoch
    assert epoch is not None
    async with database.writing() as session:
        made, coordinator = await town(session)
        await sent(session, coordinator, made.schools[0].id)
        (held_up,) = await letters_of(session, LetterKind.DEMAND)
        held_up.payload = {"method": "sendMessage"}  # as worded for the try that failed
        await session.flush()
        for now, goes in ((night, {}), (morning, {held_up.id: held_up.payload})):
            calls = await ledger.claim(session, [held_up.id], epoch=epoch, word=SAYS, now=now)
            assert calls == goes
    await lease.release()


async def test_a_request_to_who_has_left_goes_to_who_answers_now_or_its_author_hears(
    database: Database,
) -> None:
    async with database.writing() as session:
        made, coordinator = await town(session)
        await sent(session, coordinator, made.schools[0].id)
        (letter,) = await letters_of(session, LetterKind.DEMAND)
        await leaves(session, letter.person_id or 0)
        assert not await demands.may_be_said(session, letter, now=NOW)
        (unheard,) = await letters_of(session, LetterKind.REPLY)
        assert (unheard.chat_id, unheard.facts["says"]) == (3, demands.Says.UNHEARD)
        await seated(session, made.schools[0], Role.EXECUTOR, 21)
        assert not await demands.may_be_said(session, letter, now=NOW)
        _, passed_on = await letters_of(session, LetterKind.DEMAND)
        assert passed_on.chat_id == 21
        assert (await demands.asked(session, passed_on)).text == "Сколько у вас классов?"
        assert len(await letters_of(session, LetterKind.REPLY)) == 1


async def test_a_request_is_sent_once_by_its_author_and_not_after_it_was_given_up(database: Database) -> None:
    async with database.writing() as session:
        made, coordinator = await town(session)
        school, admin, principal = made.schools[0], await actor(session, 1), await actor(session, 11)
        number = await sent(session, coordinator, school.id)
        for late in (demands.send, demands.draft):
            with pytest.raises(demands.DemandGone):
                await late(session, coordinator, number, now=NOW)
        with pytest.raises(demands.DemandGone):
            await demands.give_up(session, coordinator, number)
        draft = await demands.begin(session, coordinator, school.id, now=NOW)
        with pytest.raises(demands.DemandTooLong):
            await demands.write_text(session, coordinator, draft.demand_id, "я" * 3001, now=NOW)
        await demands.write_text(session, coordinator, draft.demand_id, "я" * 3000, now=NOW)
        with pytest.raises(NotFound):
            await demands.send(session, admin, draft.demand_id, now=NOW)
        await demands.give_up(session, coordinator, draft.demand_id)
        with pytest.raises(demands.DemandGone):
            await demands.send(session, coordinator, draft.demand_id, now=NOW)
        with pytest.raises(NotFound):
            await demands.begin(session, principal, school.id, now=NOW)
        with pytest.raises(demands.NobodyToAsk) as refused:
            await demands.begin(session, coordinator, made.schools[2].id, now=NOW)
        assert refused.value.name == "СОШ № 3"
        theirs = await found(session, "Чужой район", first_id=50)
        with pytest.raises(NotFound):
            await demands.begin(session, coordinator, theirs.schools[0].id, now=NOW)
        assert [letter.chat_id for letter in await letters_of(session, LetterKind.DEMAND)] == [11]


async def test_an_answer_reaches_its_author_whole_and_is_acknowledged_once(database: Database) -> None:
    async with database.writing() as session:
        made, coordinator = await town(session)
        number = await sent(session, coordinator, made.schools[0].id)
        principal = await actor(session, 11)
        await replies.receive(session, principal, number, says("я" * 7000, number=5), now=NOW)
        album = [(9, ""), (7, ""), (8, "Классы")]
        for place, (message, text) in enumerate(album):
            piece = says(text, number=message, album="77", kind=EvidenceKind.PHOTO)
            await replies.receive(session, principal, number, piece, now=NOW + timedelta(seconds=place))
        written = [await replies.view(session, one) for one in await letters_of(session, LetterKind.REPLY)]
        by_kind = {kind: [one for one in written if one.says is kind] for kind in demands.Says}
        assert [len(one.text) for one in by_kind[demands.Says.WORDS]] == [3000, 3000, 1000, 6]
        assert [(one.part, one.parts) for one in by_kind[demands.Says.WORDS]][:3] == [(1, 3), (2, 3), (3, 3)]
        (pieces,) = by_kind[demands.Says.PIECES]
        assert [file_id for _, file_id in pieces.pieces] == ["file 7", "file 8", "file 9"]
        assert [(dict(one.held), one.reply_to) for one in by_kind[demands.Says.PASSED]] == [
            ({}, 5),
            ({EvidenceKind.PHOTO: 3}, 9),
        ]
        assert {one.organisation for one in written} == {"СОШ № 1"}
        assert await session.scalar(select(Report.id)) is None
        for letter in await letters_of(session, LetterKind.REPLY):
            letter.state = LetterState.DELIVERED
        late = says(number=10, album="77", kind=EvidenceKind.PHOTO)
        assert await replies.answered(session, late) == number  # the album says which demand it answers
        await replies.receive(session, principal, number, late, now=NOW + timedelta(hours=1))
        fresh = [
            one for one in await letters_of(session, LetterKind.REPLY) if one.state is LetterState.WAITING
        ]
        assert [(one.chat_id, one.facts["pieces"]) for one in fresh] == [(3, [[10, "photo", "file 10"]])]


async def test_an_edited_answer_is_passed_on_again_if_its_words_are_others(database: Database) -> None:
    async with database.writing() as session:
        made, coordinator = await town(session)
        number = await sent(session, coordinator, made.schools[0].id)
        (demand,) = await letters_of(session, LetterKind.DEMAND)
        demand.state = LetterState.DELIVERED
        session.add(LetterMessage(chat_id=11, message_id=2, letter_id=demand.id))
        principal = await actor(session, 11)
        await replies.receive(session, principal, number, says("а" * 3001, number=5), now=NOW)
        edits = ["а" * 3001, "б" * 3001, "б" * 3001, "", "в"]
        told = [
            await replies.revise(session, principal, replace(says(text, number=5), reply_to=2), now=NOW)
            for text in edits
        ]
        written = [await replies.view(session, one) for one in await letters_of(session, LetterKind.REPLY)]
    assert told == [False, True, False, False, True]
    assert [(one.edition, one.text[:1], len(one.text)) for one in written] == [
        (0, "а", 3000),
        (0, "а", 1),
        (0, "а", 1),  # of the acknowledgement
        (1, "б", 3000),
        (1, "б", 1),
        (2, "в", 1),
    ]


async def test_an_answer_to_who_has_left_goes_to_the_present_coordinators(database: Database) -> None:
    async with database.writing() as session:
        made, coordinator = await town(session)
        for user_id in (4, 5):
            await seated(session, made.office, Role.COORDINATOR, user_id)
        number = await sent(session, coordinator, made.schools[0].id)
        await leaves(session, coordinator.person.id)
        principal = await actor(session, 11)
        note = says(number=6, kind=EvidenceKind.VIDEO_NOTE)
        await replies.receive(session, principal, number, note, now=NOW)
        found_ = [(one.chat_id, one.facts["says"]) for one in await letters_of(session, LetterKind.REPLY)]
    # a video message takes no caption, so a message before it says whose it is
    assert found_ == [(4, "words"), (4, "pieces"), (5, "words"), (5, "pieces"), (11, "passed")]
