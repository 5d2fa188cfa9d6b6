"""A database with a municipality in it: reports with words and photos, letters, raw updates."""

import hashlib
import random
from datetime import UTC, datetime, timedelta

from models import Session
from models.assignments import Evidence, EvidenceKind, Report, ReportState
from models.database import Database
from models.files import StoredFile
from models.letters import Letter, LetterKind, LetterState
from models.machinery import StoredUpdate, UpdateState
from models.organisations import Organisation, OrganisationKind
from models.people import Person

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
WORDS = ["провели", "семинар", "для", "педагогов", "журнал", "родителей", "собрание", "протокол", "итоги"]


def photo(number: int) -> bytes:
    """Give the bytes of the photo of a report."""
    return random.Random(number).randbytes(2_000 + number)


def _said(number: int, words: int) -> str:
    seed = random.Random(number)
    return " ".join(seed.choice(WORDS) for _ in range(words))


async def fill(url: str, *, reports: int) -> None:
    """Write ``reports`` reports, with all that comes with them, into a migrated database."""
    database = Database(url)
    async with database.writing() as session:
        author = await _town(session)
        for number in range(reports):
            await _reported(session, author, number)
    await database.close()


async def _town(session: Session) -> Person:
    place = OrganisationKind.MUNICIPALITY
    session.add(
        Organisation(kind=place, path="/1/", name="Заозёрный район", short_name="Заозёрный", time_zone="UTC")
    )
    author = Person(telegram_id=1003, chat_id=1003, name="Вера Павловна", created_at=NOW)
    session.add(author)
    await session.flush()
    return author


async def _reported(session: Session, author: Person, number: int) -> None:
    at = NOW + timedelta(minutes=number)
    report = Report(
        author_id=author.id, state=ReportState.SUBMITTED, text=_said(number, 30), sent_at=at, received_at=at
    )
    data = photo(number)
    stored = StoredFile(sha256=hashlib.sha256(data).hexdigest(), size=len(data), stored_at=at)
    session.add_all([report, stored])
    await session.flush()
    session.add_all(
        [
            Evidence(
                report_id=report.id,
                kind=EvidenceKind.PHOTO,
                chat_id=author.chat_id,
                message_id=number,
                file_id=f"AgAC{number:060}",
                file_unique_id=f"AQAD{number:012}",
                size=len(data),
                stored_file_id=stored.id,
            ),
            Letter(
                key=f"answer:{number}",
                kind=LetterKind.ANSWER,
                state=LetterState.DELIVERED,
                chat_id=author.chat_id,
                person_id=author.id,
                priority=0,
                not_before=at,
                facts={"report_id": report.id},
                payload={"method": "sendMessage", "text": _said(-number, 20)},
                created_at=at,
            ),
            StoredUpdate(
                bot_id=42,
                update_id=number,
                fingerprint=hashlib.sha256(str(number).encode()).hexdigest(),
                lane=author.chat_id,
                state=UpdateState.HANDLED,
                payload={"update_id": number, "message": {"text": _said(number, 30)}},
                not_before=at,
                received_at=at,
                handled_at=at,
            ),
        ]
    )
