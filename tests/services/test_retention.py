"""Retention: what has been kept for its term is destroyed, and what is a record stays."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from models import Session
from models.assignments import (
    Assignment,
    Evidence,
    EvidenceKind,
    Figure,
    Likeness,
    Passage,
    PicturePrint,
    Report,
    ReportState,
)
from models.database import Database
from models.files import StoredFile
from models.letters import AuditEntry, Letter, LetterItem, LetterKind, LetterState
from models.machinery import Rule, Work, WorkKind, WorkState
from models.people import Erasure, ErasureReason, Person, Role
from models.roadmaps import Edition
from scheduler import janitor
from services import audit, letters, retention
from services.letters import Priority
from services.retention import Policy
from tests.services.plan import NOW, approved, found, seated

DAY = timedelta(days=1)
YEARS = datetime(2029, 9, 7, 7, 0, tzinfo=UTC)  # three years after NOW, to the minute


async def author_of(session: Session) -> tuple[Person, int]:
    """Found a town with one principal; give them and what they owe."""
    made = await found(session, schools=1)
    person = await seated(session, made.schools[0], Role.EXECUTOR, 2)
    await approved(session, made)
    assignment_id = await session.scalar(
        select(Assignment.id).where(Assignment.organisation_id == made.schools[0].id).order_by(Assignment.id)
    )
    assert assignment_id is not None
    return person, assignment_id


async def report(
    session: Session, author: Person, assignment_id: int, state: ReportState, at: datetime = NOW
) -> Report:
    made = Report(
        assignment_id=assignment_id,
        author_id=author.id,
        state=state,
        text="Провели",
        sent_at=at,
        received_at=at,
        submitted_at=None if state in retention.UNSENT else at,
    )
    session.add(made)
    await session.flush()
    session.add(
        Passage(
            report_id=made.id,
            chat_id=author.chat_id,
            message_id=made.id,
            version=1,
            text="Провели",
            written_at=at,
        )
    )
    return made


async def stored(session: Session, data: bytes) -> StoredFile:
    made = StoredFile(sha256=hashlib.sha256(data).hexdigest(), size=len(data), stored_at=NOW)
    session.add(made)
    await session.flush()
    return made


async def piece(session: Session, of: Report, number: int, kept: StoredFile | None) -> Evidence:
    made = Evidence(
        report_id=of.id,
        kind=EvidenceKind.PHOTO,
        chat_id=2,
        message_id=number,
        file_id=f"file{number}",
        file_unique_id=f"unique{number}",
        file_name="Справка.pdf",
        stored_file_id=kept.id if kept is not None else None,
        media_type="image/jpeg",
    )
    session.add(made)
    await session.flush()
    session.add(
        Work(
            key=f"evidence:{made.id}:unique{number}",
            kind=WorkKind.FETCH_EVIDENCE,
            state=WorkState.DONE,
            facts={"evidence_id": made.id, "file_id": f"file{number}"},
            not_before=NOW,
            created_at=NOW,
        )
    )
    return made


async def test_pictures_go_after_three_years_and_what_the_report_says_stays(database: Database) -> None:
    async with database.writing() as session:
        author, owed = await author_of(session)
        old = await report(session, author, owed, ReportState.ACCEPTED)
        young = await report(session, author, owed, ReportState.RETURNED, NOW + 30 * DAY)
        alone, shared = await stored(session, b"alone"), await stored(session, b"shared")
        first = await piece(session, old, 1, alone)
        await piece(session, old, 2, shared)
        late = await piece(session, young, 3, shared)
        session.add_all(
            [
                PicturePrint(stored_file_id=alone.id, width=4, height=3, hashes=b"h", thumbnail=b"t"),
                PicturePrint(stored_file_id=shared.id, width=4, height=3, hashes=b"h", thumbnail=b"t"),
                Likeness(evidence_id=late.id, earlier_id=first.id, exact=True, score=1.0, found_at=NOW),
                Figure(report_id=old.id, target=0, numerator=15, denominator=24, said_at=NOW),
            ]
        )
    before = await entries(database)
    await janitor.clean(database, now=YEARS)
    async with database.reading() as session:
        assert await session.scalar(select(func.count(Evidence.id)).where(Evidence.purged_at.is_(None))) == 3
    await janitor.clean(database, now=YEARS + DAY)
    async with database.reading() as session:
        pieces = (await session.scalars(select(Evidence).order_by(Evidence.id))).all()
        assert [(one.purged_at, one.file_id, one.file_name, one.stored_file_id) for one in pieces] == [
            (YEARS + DAY, "", None, None),
            (YEARS + DAY, "", None, None),
            (None, "file3", "Справка.pdf", shared.id),
        ]
        assert list(await session.scalars(select(StoredFile.id))) == [shared.id]
        assert await janitor.known_files(session) == {hashlib.sha256(b"shared").hexdigest()}
        assert list(await session.scalars(select(PicturePrint.stored_file_id))) == [shared.id]
        assert (await session.scalars(select(Likeness))).all() == []
        assert list(await session.scalars(select(Work.facts["file_id"].as_string()))) == ["file3"]
        kept = await session.get_one(Report, old.id)
        assert (kept.state, kept.text) == (ReportState.ACCEPTED, "Провели")
        assert await session.scalar(select(func.count(Passage.id))) == 2
        figure = await session.scalar(select(Figure))
        assert figure is not None
        assert (figure.numerator, figure.denominator) == (15, 24)
    (done,) = await erasures(database)
    assert (done.reason, done.person_id, done.asked_at) == (ErasureReason.TERM, None, YEARS + DAY)
    assert done.facts == {"drafts": 0, "pieces": 2, "files": 1}
    assert [
        (one.action, one.subject_id, one.person_id) for one in (await entries(database))[len(before) :]
    ] == [("destroyed", done.id, None)]


async def entries(database: Database) -> list[AuditEntry]:
    async with database.reading() as session:
        return list(await session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


async def erasures(database: Database) -> list[Erasure]:
    async with database.reading() as session:
        return list(await session.scalars(select(Erasure).order_by(Erasure.id)))


async def test_a_draft_goes_half_a_year_after_its_last_words_and_one_put_aside_after_a_month(
    database: Database,
) -> None:
    async with database.writing() as session:
        author, owed = await author_of(session)
        silent = await report(session, author, owed, ReportState.DRAFT)
        spoken = await report(session, author, owed, ReportState.DRAFT)
        aside = await report(session, author, owed, ReportState.DROPPED)
        await piece(session, silent, 1, await stored(session, b"draft"))
        session.add(
            Passage(
                report_id=spoken.id,
                chat_id=2,
                message_id=77,
                version=1,
                text="Ещё",
                written_at=NOW + 100 * DAY,
            )
        )
        audit.record(
            session,
            now=NOW + 20 * DAY,
            action="dropped",
            subject="report",
            subject_id=aside.id,
            person_id=author.id,
        )
        card = await letters.write(
            session,
            key="card",
            kind=LetterKind.DRAFT,
            chat_id=2,
            person_id=author.id,
            now=NOW,
            priority=Priority.ANSWER,
            payload={"text": "Провели"},
        )
        assert card is not None
        session.add(LetterItem(letter_id=card.id, report_id=silent.id))
    held = []
    for days in (49, 51, 179, 181, 279, 281):
        await janitor.clean(database, now=NOW + days * DAY)
        async with database.reading() as session:
            texts = await session.scalars(select(Report.id).where(Report.text != ""))
            held.append(set(texts))
    assert held == [
        {silent.id, spoken.id, aside.id},
        {silent.id, spoken.id},
        {silent.id, spoken.id},
        {spoken.id},
        {spoken.id},
        set(),
    ]
    async with database.reading() as session:
        assert set(await session.scalars(select(Report.state))) == {ReportState.DROPPED}
        for table in (Passage, Evidence, StoredFile):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
        silenced = await session.get_one(Letter, card.id)
        assert (silenced.state, silenced.payload) == (LetterState.CANCELLED, None)
    assert [one.facts["drafts"] for one in await erasures(database)] == [1, 1, 1]


async def test_the_municipality_may_set_other_terms(database: Database) -> None:
    async with database.writing() as session:
        author, owed = await author_of(session)
        of_report = await report(session, author, owed, ReportState.ACCEPTED)
        await piece(session, of_report, 1, None)
        assert await retention.policy(session) == Policy(3, 180, 30)
        session.add(Rule(name="evidence_years", value={"value": 5}, source="номенклатура дел, п. 7"))
    for years, purged in ((4, 0), (6, 1)):
        await janitor.clean(database, now=NOW.replace(year=NOW.year + years))
        async with database.reading() as session:
            gone = select(func.count(Evidence.id)).where(Evidence.purged_at.is_not(None))
            assert await session.scalar(gone) == purged


async def test_a_large_backlog_goes_in_batches_and_is_one_row_of_the_journal(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 3)
    async with database.writing() as session:
        author, owed = await author_of(session)
        of_report = await report(session, author, owed, ReportState.ACCEPTED)
        for number in range(8):
            await piece(session, of_report, number, await stored(session, bytes([number])))
    async with database.writing() as session:
        assert await janitor.tidy(session, now=YEARS + DAY)  # more is left
    await janitor.clean(database, now=YEARS + DAY)
    (done,) = await erasures(database)
    assert done.facts == {"drafts": 0, "pieces": 8, "files": 8}
    await janitor.clean(database, now=YEARS + 2 * DAY)
    assert len(await erasures(database)) == 1


async def test_an_order_keeps_the_file_it_was_read_from(database: Database) -> None:
    async with database.writing() as session:
        author, owed = await author_of(session)
        kept = await stored(session, b"order")
        of_report = await report(session, author, owed, ReportState.ACCEPTED)
        await piece(session, of_report, 1, kept)
        edition = await session.scalar(select(Edition))
        assert edition is not None
        edition.source_id = kept.id
        asked = await stored(session, b"helped")
        await piece(session, of_report, 2, asked)
        session.add(
            Work(
                key="read",
                kind=WorkKind.READ_ORDER,
                state=WorkState.FAILED,
                facts={"stored_file_id": asked.id},
                not_before=NOW,
                created_at=NOW,
            )
        )
    await janitor.clean(database, now=YEARS + DAY)
    async with database.reading() as session:
        assert set(await session.scalars(select(StoredFile.id))) == {kept.id, asked.id}


@pytest.mark.parametrize(
    ("now", "years", "before"),
    [
        (datetime(2028, 2, 29, 5, tzinfo=UTC), 3, datetime(2025, 2, 28, 5, tzinfo=UTC)),
        (datetime(2028, 2, 29, 5, tzinfo=UTC), 4, datetime(2024, 2, 28, 5, tzinfo=UTC)),
        (datetime(2029, 3, 1, 5, tzinfo=UTC), 3, datetime(2026, 3, 1, 5, tzinfo=UTC)),
    ],
)
def test_years_are_counted_by_the_calendar(now: datetime, years: int, before: datetime) -> None:
    assert retention.years_before(now, years) == before
