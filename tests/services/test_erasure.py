"""Erasure: a person becomes a number in every table, and what others wrote loses the name."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models import Base, Session
from models.assignments import (
    Appeal,
    AppealKind,
    AppealState,
    Assignment,
    AssignmentState,
    Evidence,
    EvidenceKind,
    Figure,
    Passage,
    PicturePrint,
    Report,
    ReportState,
    Review,
    Verdict,
)
from models.database import Database
from models.files import StoredFile
from models.letters import (
    AuditEntry,
    Demand,
    Letter,
    LetterItem,
    LetterKind,
    LetterMessage,
    LetterState,
    QuestionKind,
)
from models.machinery import StoredUpdate, UpdateState, Work, WorkKind, WorkState
from models.people import Consent, Erasure, ErasureReason, Invitation, Person, Role, Tenure
from plans.traces import Eraser, Known, Words, emails_in, phones_in, same_name
from scheduler import janitor
from scheduler.wording import wording
from services import access, consents, erasure, letters, questions, reviews, seats, striking
from services.letters import Priority
from tests.services.plan import NOW, Made, actor, approved, found, seated

LATER = NOW + timedelta(days=40)
NAME, USERNAME, PHONE, EMAIL = "Марфа Зверобоева", "marfa_zv", "+7 (916) 123-45-67", "marfa@example.org"
MARFA, COORDINATOR, NEIGHBOUR = 7_654_321_098, 3, 4
WORDS = Words("участник № 9", "[удалено]")
MARKS = ("Зверобоев", "ЗВЕРОБОЕВ", USERNAME, "123-45-67", "9161234567", EMAIL, str(MARFA))


def eraser(name: str = NAME, **known: Any) -> Eraser:
    return Eraser(Known(frozenset({name}), **known), WORDS, -9)


# --- words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("Прислала Марфа Зверобоева.", "Прислала участник № 9."),
        ("передать Зверобоевой Марфе", "передать участник № 9"),
        ("ЗВЕРОБОЕВА М. И., директор", "участник № 9, директор"),
        ("М.И. Зверобоева", "участник № 9"),
        ("Марфа Петрова и Зверобоев лес", "Марфа Петрова и Зверобоев лес"),
    ],
)
def test_a_whole_name_is_found_in_any_case_and_order_and_by_initials(written: str, left: str) -> None:
    assert eraser().text(written) == left


def test_in_own_records_a_word_of_the_name_is_found_alone_and_ordinary_words_stay() -> None:
    own = eraser("Вера Королёва").text("Вера, вера и верим; королевой, КОРОЛЕВА; версия", lone=True)
    assert own == "участник № 9, вера и верим; участник № 9, участник № 9; версия"


def test_phones_are_found_by_their_digits_and_numbers_of_orders_are_no_phones() -> None:
    struck = eraser(phones=frozenset(phones_in(PHONE)))
    assert struck.text("89161234567, 8 916 123 45 67, +7-916-123-45-67") == "[удалено], [удалено], [удалено]"
    assert struck.text("приказ 8-91612, 15 из 24, 9161234568") == "приказ 8-91612, 15 из 24, 9161234568"
    assert phones_in("№ 812-345 от 12.03.2026, ИНН 5260123456, 8 900 рублей") == set()
    assert emails_in(f"пишите: {EMAIL}.") == {EMAIL}


def test_numbers_go_where_they_are_somebodys_and_a_short_one_elsewhere_stays() -> None:
    struck = eraser(numbers=frozenset({11, MARFA}))
    value = {"chat_id": 11, "report_id": 11, "ids": [MARFA, f"tg://user?id={MARFA}"], "sure": True}
    assert struck.value(value) == {
        "chat_id": -9,
        "report_id": 11,
        "ids": [-9, "tg://user?id=-9"],
        "sure": True,
    }


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Анна", "Анна Ильина", True),
        ("Королев Пётр", "Пётр Королёв", True),
        ("Анна Ильина", "Анна Петрова", False),
        ("🌸", "🌸", False),
    ],
)
def test_people_who_could_be_meant_by_each_others_name_share_it(one: str, other: str, *, same: bool) -> None:
    assert same_name(one, other) is same


def test_every_exempt_column_exists_and_every_searched_table_can_be_walked() -> None:
    columns = {
        f"{table}.{column.key}" for table, one in Base.metadata.tables.items() for column in one.columns
    }
    assert set(striking.CODES) - columns == set()
    assert striking.OFFICIAL - Base.metadata.tables.keys() == set()
    walked = {name: table for name, table in Base.metadata.tables.items() if striking.searched(table)}
    assert [name for name, table in walked.items() if len(table.primary_key.columns) != 1] == []
    assert {"letters", "passages", "reports", "reviews", "appeals", "demands", "works"} <= walked.keys()


# --- tables ---------------------------------------------------------------------------------


@dataclass
class Place:
    """Marfa with a draft, a report on review and a returned one; a coordinator and a neighbour."""

    made: Made
    marfa: Person
    draft: Report
    sent: Report
    returned: Report
    foreign: Report


def report(author: Person, assignment_id: int, state: ReportState, words: str) -> Report:
    return Report(
        assignment_id=assignment_id,
        author_id=author.id,
        state=state,
        text=words,
        sent_at=NOW,
        received_at=NOW,
        submitted_at=None if state is ReportState.DRAFT else NOW,
    )


def stored(data: bytes) -> StoredFile:
    return StoredFile(sha256=hashlib.sha256(data).hexdigest(), size=len(data), stored_at=NOW)


def piece(
    report: Report, chat_id: int, number: int, kept: StoredFile | None, name: str = "a.jpg"
) -> Evidence:
    return Evidence(
        report_id=report.id,
        kind=EvidenceKind.DOCUMENT,
        chat_id=chat_id,
        message_id=number,
        file_id=f"file{number}",
        file_unique_id=f"unique{number}",
        file_name=name,
        stored_file_id=kept.id if kept is not None else None,
    )


async def marfa_joins(session: Session, made: Made) -> Person:
    seat = await seats.seat(session, organisation_id=made.schools[0].id, role=Role.EXECUTOR, title="директор")
    token = await seats.invite(session, seat_id=seat.id, now=NOW)
    offer = await seats.open_invitation(session, token=token, chat_id=MARFA, now=NOW)
    person, _ = await seats.join(
        session,
        invitation_id=offer.invitation_id,
        telegram_id=MARFA,
        chat_id=MARFA,
        name=NAME,
        now=NOW,
    )
    return person


async def owed(session: Session, organisation_id: int) -> list[int]:
    found_ = await session.scalars(
        select(Assignment.id).where(Assignment.organisation_id == organisation_id).order_by(Assignment.id)
    )
    return list(found_)


async def place(session: Session) -> Place:
    """Fill every table in which Marfa can be named."""
    made = await found(session)
    marfa = await marfa_joins(session, made)
    coordinator = await seated(session, made.office, Role.COORDINATOR, COORDINATOR)
    neighbour = await seated(session, made.schools[1], Role.EXECUTOR, NEIGHBOUR)
    await approved(session, made)
    mine, other = [await owed(session, school.id) for school in made.schools[:2]]
    draft = report(marfa, mine[0], ReportState.DRAFT, f"Черновик, {PHONE}")
    sent = report(marfa, mine[1], ReportState.SUBMITTED, f"Провели. Зверобоева М., {EMAIL}")
    returned = report(marfa, mine[0], ReportState.RETURNED, "Марфа провела")
    foreign = report(neighbour, other[0], ReportState.ACCEPTED, f"Вместе с Марфой Зверобоевой, {PHONE}")
    session.add_all([draft, sent, returned, foreign])
    (await session.get_one(Assignment, mine[1])).state = AssignmentState.ON_REVIEW
    secret, shared = stored(b"secret"), stored(b"shared")
    session.add_all([secret, shared])
    await session.flush()
    session.add_all(
        [
            piece(draft, MARFA, 1, secret),
            piece(draft, MARFA, 2, shared),
            piece(sent, MARFA, 3, None, f"{NAME}.docx"),
            piece(foreign, NEIGHBOUR, 1, shared),
            PicturePrint(stored_file_id=secret.id, width=4, height=3, hashes=b"h", thumbnail=b"t"),
            Figure(report_id=draft.id, target=0, numerator=1, denominator=2, said_at=NOW),
            *(
                Passage(
                    report_id=one.id,
                    chat_id=MARFA,
                    message_id=10 + one.id,
                    version=1,
                    text=one.text,
                    written_at=NOW,
                )
                for one in (draft, sent)
            ),
            Passage(  # a colleague's report that she has added to
                report_id=foreign.id, chat_id=MARFA, message_id=99, version=1, text="Марфа", written_at=NOW
            ),
            Review(
                report_id=returned.id,
                reviewer_id=coordinator.id,
                verdict=Verdict.RETURNED,
                remark="Зверобоева, переделайте: 8 916 123-45-67",
                decided_at=NOW,
            ),
            Appeal(
                assignment_id=mine[0],
                author_id=marfa.id,
                kind=AppealKind.HELP,
                state=AppealState.ANSWERED,
                text=f"Помогите, {USERNAME}",
                made_at=NOW,
                answered_by_id=coordinator.id,
                answer="Марфа, поможем",
            ),
            Demand(
                author_id=coordinator.id,
                organisation_id=made.schools[0].id,
                text=f"Пусть {NAME} позвонит",
                made_at=NOW,
            ),
            AuditEntry(
                at=NOW,
                person_id=coordinator.id,
                action="noted",
                subject="report",
                subject_id=sent.id,
                facts={},
                note=f"Говорил с @{USERNAME}",
            ),
            Work(
                key=f"pasted:{MARFA}:5",
                kind=WorkKind.READ_ORDER,
                state=WorkState.DONE,
                chat_id=MARFA,
                facts={"file_name": "Зверобоева.docx", "pieces": {"5": f"{NAME}, {MARFA}"}},
                not_before=NOW,
                created_at=NOW,
            ),
            Work(
                key="evidence:1:unique1",
                kind=WorkKind.FETCH_EVIDENCE,
                state=WorkState.CLAIMED,
                facts={"evidence_id": 1, "file_id": "file1"},
                not_before=NOW,
                created_at=NOW,
            ),
            Invitation(
                seat_id=1,
                token_hash="0" * 64,
                created_at=NOW,
                expires_at=LATER,
                opened_by=MARFA,
            ),
        ]
    )
    marfa.unreachable_why = f"blocked by {USERNAME}"
    await questions.ask(session, chat_id=MARFA, kind=QuestionKind.HELP, subject_id=mine[0], now=NOW)
    await updates_of(session)
    await letters_of(session, marfa, coordinator, sent)
    await session.flush()
    return Place(made, marfa, draft, sent, returned, foreign)


async def updates_of(session: Session) -> None:
    """Keep what has come: a parked message of hers, one in hand, and a group's where she speaks."""
    sender = {"id": MARFA, "first_name": "Марфа", "last_name": "Зверобоева", "username": USERNAME}
    for number, (lane, state, words) in enumerate(
        [
            (MARFA, UpdateState.PARKED, "Мой телефон +79161234567"),
            (MARFA, UpdateState.NEW, "/privacy"),
            (-100, UpdateState.PARKED, "Я в группе"),
            (MARFA, UpdateState.HANDLED, None),
        ]
    ):
        session.add(
            StoredUpdate(
                bot_id=42,
                update_id=number,
                fingerprint=str(number),
                lane=lane,
                state=state,
                payload=words and {"message": {"from": sender, "chat": {"id": lane}, "text": words}},
                not_before=NOW,
                received_at=NOW,
                trouble="KeyError",
            )
        )


async def letters_of(session: Session, marfa: Person, coordinator: Person, sent: Report) -> None:
    """Write letters to her in every state, and letters to the coordinator that speak of her."""
    for state in LetterState:
        one = await written(session, marfa, f"to:{state}", "Здравствуйте, Марфа!", state)
        session.add(LetterMessage(chat_id=MARFA, message_id=500 + one.id, letter_id=one.id))
    card = await written(
        session, coordinator, "card", "Прислала Зверобоева, <b>Марфа</b>", LetterState.DELIVERED
    )
    session.add(LetterItem(letter_id=card.id, report_id=sent.id))
    await written(session, coordinator, "digest", f"Звоните: {NAME}, {PHONE}", LetterState.CLAIMED)
    reply = await written(session, coordinator, f"reply:{MARFA}:7", "Ответ", LetterState.DELIVERED)
    reply.kind = LetterKind.REPLY
    reply.facts = {"person_id": marfa.id, "text": "Это Зверобоева, 89161234567", "chat_id": MARFA}


async def written(session: Session, reader: Person, key: str, words: str, state: LetterState) -> Letter:
    letter = await letters.write(
        session,
        key=key,
        kind=LetterKind.NOTE,
        chat_id=reader.chat_id,
        person_id=reader.id,
        now=NOW,
        priority=Priority.CARD,
        payload={"method": "sendMessage", "chat_id": reader.chat_id, "text": words},
    )
    assert letter is not None
    letter.state = state
    letter.trouble = f"about {USERNAME}"
    return letter


async def dump(session: Session) -> str:
    """Give everything a database holds, as text, JSON decoded."""
    found_ = []
    for table in Base.metadata.sorted_tables:
        rows = await session.execute(select(table))
        found_ += [f"{table.name}: {dict(row)}" for row in rows.mappings()]
    return "\n".join(found_)


async def test_of_an_erased_person_no_table_holds_a_trace(database: Database) -> None:
    async with database.writing() as session:
        made = await place(session)
        before = await dump(session)
        assert [mark for mark in MARKS if mark not in before] == ["ЗВЕРОБОЕВ"]
    async with database.writing() as session:
        marfa = await session.get_one(Person, made.marfa.id)
        done = await erasure.on_request(session, marfa, words=WORDS, now=LATER)
        number = erasure.stand_in(marfa.id)
    async with database.reading() as session:
        in_hand = await session.scalar(select(StoredUpdate).where(StoredUpdate.state == UpdateState.NEW))
        assert in_hand is not None
        assert in_hand.lane == MARFA  # handled within moments, and answered there
    async with database.writing() as session:
        for one in await session.scalars(select(StoredUpdate).where(StoredUpdate.state == UpdateState.NEW)):
            one.state, one.payload = UpdateState.HANDLED, None
        for letter in await session.scalars(select(Letter).where(Letter.chat_id == MARFA)):
            letter.state = LetterState.DELIVERED
        session.add(LetterMessage(chat_id=MARFA, message_id=900, letter_id=letter.id))
    async with database.writing() as session:
        await erasure.forget_strangers(session, now=LATER + timedelta(hours=2))
    async with database.reading() as session:
        after = await dump(session)
        assert [line for line in after.splitlines() if any(mark in line for mark in MARKS)] == []
        assert "Марф" not in after
        person = await session.get_one(Person, made.marfa.id)
        assert (person.name, person.telegram_id, person.chat_id) == (WORDS.name, number, number)
        assert (person.erased_at, person.unreachable_why) == (LATER, None)
        kept = await session.get_one(Erasure, done.id)
        assert (kept.person_id, kept.reason, kept.asked_at) == (person.id, ErasureReason.REQUEST, LATER)
        assert kept.facts == {
            "drafts": 1,
            "pieces": 2,
            "files": 1,
            "reports": 2,
            "letters": 6,
            "updates": 2,
            "seats": 1,
        }


async def test_drafts_are_destroyed_with_their_files_and_what_was_sent_stays_without_the_name(
    database: Database,
) -> None:
    async with database.writing() as session:
        made = await place(session)
    async with database.writing() as session:
        marfa = await session.get_one(Person, made.marfa.id)
        await erasure.on_request(session, marfa, words=WORDS, now=LATER)
    async with database.reading() as session:
        texts = {
            one.id: (one.state, one.text) for one in await session.scalars(select(Report).order_by(Report.id))
        }
        assert texts == {
            made.draft.id: (ReportState.DROPPED, ""),
            made.sent.id: (ReportState.SUBMITTED, "Провели. участник № 9, [удалено]"),
            made.returned.id: (ReportState.RETURNED, "участник № 9 провела"),
            made.foreign.id: (ReportState.ACCEPTED, "Вместе с участник № 9, [удалено]"),
        }
        review = await session.scalar(select(Review))
        assert review is not None
        assert review.remark == "участник № 9, переделайте: [удалено]"
        pieces = (await session.scalars(select(Evidence).order_by(Evidence.id))).all()
        number = erasure.stand_in(made.marfa.id)
        assert [(one.chat_id, one.message_id, one.file_name) for one in pieces] == [
            (number, 3, "участник № 9.docx"),
            (NEIGHBOUR, 1, "a.jpg"),
        ]
        assert {one.text for one in await session.scalars(select(Passage))} == {
            "Провели. участник № 9, [удалено]",
            "участник № 9",
        }
        assert (await session.scalars(select(Figure))).all() == []
        assert (await session.scalars(select(PicturePrint))).all() == []
        left = (await session.scalars(select(StoredFile.sha256))).all()
        assert list(left) == [hashlib.sha256(b"shared").hexdigest()]  # a neighbour's report holds it as well
        works = (await session.scalars(select(Work))).all()
        assert [(one.kind, one.chat_id, one.facts["file_name"]) for one in works] == [
            (WorkKind.READ_ORDER, None, "участник № 9.docx")
        ]


async def test_seats_become_free_who_looks_after_them_is_told_and_the_act_names_a_number(
    database: Database,
) -> None:
    async with database.writing() as session:
        made = await place(session)
    async with database.writing() as session:
        marfa = await session.get_one(Person, made.marfa.id)
        done = await erasure.on_request(session, marfa, words=WORDS, now=LATER)
    async with database.writing() as session:
        assert await access.actor_of(session, MARFA) is None
        assert await seats.executors(session, made.made.schools[0].id) == []
        revoked = await session.scalar(select(Consent).where(Consent.person_id == made.marfa.id))
        assert revoked is not None
        assert revoked.revoked_at == LATER
        words = wording(lambda token: token)
        told = await session.scalars(
            select(Letter).where(Letter.created_at == LATER, Letter.state == LetterState.WAITING)
        )
        said = {letter.key.split(":")[0]: await words(session, letter, LATER) for letter in told}
    assert said.keys() == {"vacant", "act", "unmenu"}
    assert said["unmenu"] == {"method": "deleteMyCommands", "scope": {"type": "chat", "chat_id": MARFA}}
    vacant, act = said["vacant"], said["act"]
    assert vacant is not None
    assert act is not None
    assert vacant["chat_id"] == COORDINATOR
    assert "Должность свободна: <b>директор — СОШ № 1</b>" in vacant["text"]
    assert act["chat_id"] == 1  # the administrator
    assert act["text"].startswith(f"<b>Акт об уничтожении персональных данных № {done.id}</b>")
    for part in ("Оператор: Район", f"участник № {made.marfa.id}", "черновики (1) с файлами (2)", "№ 179"):
        assert part in act["text"]
    assert not any(mark in act["text"] for mark in MARKS)


async def test_a_report_of_an_erased_author_is_still_decided_and_nothing_is_said_to_a_number(
    database: Database,
) -> None:
    async with database.writing() as session:
        made = await place(session)
    async with database.writing() as session:
        marfa = await session.get_one(Person, made.marfa.id)
        await erasure.on_request(session, marfa, words=WORDS, now=LATER)
    async with database.writing() as session:
        reviewer = await actor(session, COORDINATOR)
        card = await reviews.card(session, reviewer, made.sent.id)
        assert card.author == WORDS.name
        await reviews.accept(session, reviewer, made.sent.id, now=LATER + timedelta(days=1))
        late = await letters.write(
            session,
            key="late",
            kind=LetterKind.VERDICT,
            chat_id=erasure.stand_in(made.marfa.id),
            person_id=made.marfa.id,
            now=LATER,
            priority=Priority.CARD,
            facts={"report_id": made.sent.id},
        )
        assert late is not None
        assert await wording(lambda token: token)(session, late, LATER) is None


async def test_whoever_comes_in_again_is_somebody_new(database: Database) -> None:
    async with database.writing() as session:
        made = await place(session)
    async with database.writing() as session:
        marfa = await session.get_one(Person, made.marfa.id)
        await erasure.on_request(session, marfa, words=WORDS, now=LATER)
    async with database.writing() as session:
        again = await marfa_joins(session, made.made)
        assert again.id != made.marfa.id
        assert (await consents.holdings(session, again)).reports == 0
        assert await session.scalar(
            select(Tenure.person_id).where(Tenure.until.is_(None), Tenure.seat_id == 2)
        )


async def test_the_only_administrator_is_erased_as_well_and_told_of_it_before(database: Database) -> None:
    async with database.writing() as session:
        made = await found(session)
        would = await erasure.consequences(session, made.administrator)
        assert would.sole_administrator
        await erasure.on_request(session, made.administrator, words=WORDS, now=LATER)
        assert await seats.administrators(session) == []
    async with database.reading() as session:
        assert (await session.get_one(Person, made.administrator.id)).erased_at == LATER


async def test_a_first_name_alone_is_not_struck_out_of_other_peoples_records(database: Database) -> None:
    async with database.writing() as session:
        made = await place(session)
        marfa = await session.get_one(Person, made.marfa.id)
        marfa.name = "Марфа"
        foreign = await session.get_one(Report, made.foreign.id)
        foreign.text = "Марфа Петрова из другой школы"
        told = await session.scalar(select(Letter).where(Letter.key == "digest"))
        assert told is not None
        told.payload = {"chat_id": COORDINATOR, "text": "Позвоните: Марфа"}
        for one in await session.scalars(select(Passage).where(Passage.report_id == foreign.id)):
            await session.delete(one)
        for update in await session.scalars(select(StoredUpdate)):
            await session.delete(update)
    async with database.writing() as session:
        await erasure.on_request(
            session, await session.get_one(Person, made.marfa.id), words=WORDS, now=LATER
        )
    async with database.reading() as session:
        assert (await session.get_one(Report, made.foreign.id)).text == "Марфа Петрова из другой школы"
        assert (await session.get_one(Report, made.returned.id)).text == "участник № 9 провела"
        told = await session.scalar(select(Letter).where(Letter.key == "digest"))
        assert told is not None
        assert told.payload == {"chat_id": COORDINATOR, "text": "Позвоните: участник № 9"}


async def test_a_namesake_keeps_the_name_in_other_records(database: Database) -> None:
    async with database.writing() as session:
        made = await place(session)
        namesake = await session.scalar(select(Person).where(Person.telegram_id == NEIGHBOUR))
        assert namesake is not None
        namesake.name = "Зверобоева Марфа Ильинична"
        await session.flush()
        marfa = await session.get_one(Person, made.marfa.id)
        for one in await session.scalars(select(Passage).where(Passage.report_id == made.foreign.id)):
            await session.delete(one)
        await erasure.on_request(session, marfa, words=WORDS, now=LATER)
    async with database.reading() as session:
        foreign = await session.get_one(Report, made.foreign.id)
        assert foreign.text == "Вместе с Марфой Зверобоевой, [удалено]"
        assert (await session.get_one(Report, made.sent.id)).text == "Провели. участник № 9, [удалено]"
        assert (await session.get_one(Person, namesake.id)).name == "Зверобоева Марфа Ильинична"


async def test_a_restored_copy_is_made_to_forget_with_nobody_told(database: Database) -> None:
    async with database.writing() as session:
        made = await place(session)
        count = len((await session.scalars(select(Letter.id))).all())
        marfa = await session.get_one(Person, made.marfa.id)
        done = await erasure.erase(session, marfa, words=WORDS, asked_at=NOW, now=LATER)
        assert (done.asked_at, done.done_at) == (NOW, LATER)
        assert len((await session.scalars(select(Letter.id))).all()) == count
        assert await access.actor_of(session, MARFA) is None


async def test_what_was_said_to_strangers_is_forgotten_an_hour_after_and_participants_are_not(
    database: Database,
) -> None:
    stranger = 8_000_000_001
    async with database.writing() as session:
        made = await found(session)
        for chat_id in (stranger, made.administrator.chat_id):
            letter = await letters.write(
                session,
                key=f"hello:{chat_id}",
                kind=LetterKind.ANSWER,
                chat_id=chat_id,
                now=NOW,
                priority=Priority.ANSWER,
                payload={"chat_id": chat_id, "text": "Здравствуйте"},
            )
            assert letter is not None
            letter.state = LetterState.DELIVERED
            session.add(LetterMessage(chat_id=chat_id, message_id=1, letter_id=letter.id))
            session.add(
                StoredUpdate(
                    bot_id=42,
                    update_id=chat_id,
                    fingerprint=str(chat_id),
                    lane=chat_id,
                    state=UpdateState.HANDLED,
                    not_before=NOW,
                    received_at=NOW,
                )
            )
        token = await seats.invite(session, seat_id=1, now=NOW)
        await seats.open_invitation(session, token=token, chat_id=stranger, now=NOW)
    for moment, known in ((NOW + timedelta(minutes=59), True), (NOW + timedelta(minutes=61), False)):
        async with database.writing() as session:
            await erasure.forget_strangers(session, now=moment)
            letters_ = {one.chat_id: one.payload for one in await session.scalars(select(Letter))}
            lanes = set(await session.scalars(select(StoredUpdate.lane)))
            assert (stranger in letters_, stranger in lanes) == (known, known)
            assert letters_[made.administrator.chat_id] is not None
            assert set(await session.scalars(select(Invitation.opened_by))) >= {stranger}
    async with database.writing() as session:
        await erasure.forget_strangers(session, now=NOW + timedelta(days=8))
        assert str(stranger) not in (await dump(session)).replace(f"hello:{stranger}", "").replace(
            f"'update_id': {stranger}", ""
        ).replace(f"'fingerprint': '{stranger}'", "")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_file_and_the_log_of_sqlite_hold_nothing_of_the_destroyed(
    database: Database, database_url: str
) -> None:
    from models.health import log_of, sqlite_file

    path = sqlite_file(database_url)
    assert path is not None
    async with database.writing() as session:
        made = await place(session)
        reviewer = await session.scalar(select(Person).where(Person.telegram_id == COORDINATOR))
        assert reviewer is not None
        for number in range(300):  # so that pages are split and merged
            for reader in (made.marfa, reviewer):
                words = f"{NAME}, {PHONE} " * (1 + number % 40)
                await written(session, reader, f"{number}:{reader.id}:{MARFA}", words, LetterState.DELIVERED)
    async with database.writing() as session:
        marfa = await session.get_one(Person, made.marfa.id)
        await erasure.on_request(session, marfa, words=WORDS, now=LATER)
        for update in await session.scalars(select(StoredUpdate).where(StoredUpdate.lane == MARFA)):
            update.state, update.payload = UpdateState.HANDLED, None
        for letter in await session.scalars(select(Letter).where(Letter.chat_id == MARFA)):
            letter.state = LetterState.DELIVERED
    await janitor.clean(database, now=LATER + timedelta(hours=2))
    held = path.read_bytes() + log_of(path).read_bytes()
    marks = [form for mark in MARKS for form in forms(mark)]
    assert [mark for mark in marks if mark in held] == []
    async with database.reading() as session:
        assert [one.facts[janitor.OVERWRITTEN] for one in await session.scalars(select(Erasure))] == [True]


def forms(mark: str) -> list[bytes]:
    """Give how a mark may lie in a file: as it is, as JSON keeps it, and a number as SQLite does."""
    import json

    written_ = [mark.encode(), json.dumps(mark)[1:-1].encode()]
    return [*written_, int(mark).to_bytes(6, "big")] if mark.isdecimal() and len(mark) > 5 else written_
