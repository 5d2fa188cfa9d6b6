"""Verdicts: who hears what was decided of a report: its author, or who answers now if the author has left."""

from datetime import datetime

from models import Session
from models.assignments import Assignment, Report
from models.letters import Letter, LetterItem, LetterKind
from models.people import Person
from services import letters, seats
from services.letters import Priority


async def tell(session: Session, report: Report, *, now: datetime) -> None:
    """Write the verdict on a report to those who hear it, to each once."""
    for reader, reply_to in await _readers(session, report):
        letter = await letters.write(
            session,
            key=f"verdict:{report.id}" + ("" if reader.id == report.author_id else f":{reader.id}"),
            kind=LetterKind.VERDICT,
            chat_id=reader.chat_id,
            person_id=reader.id,
            now=now,
            priority=Priority.CARD,
            facts={"report_id": report.id, "reply_to": reply_to},
        )
        if letter is not None:
            session.add(
                LetterItem(letter_id=letter.id, report_id=report.id, assignment_id=report.assignment_id)
            )
    await session.flush()


async def is_theirs(session: Session, letter: Letter, *, now: datetime) -> bool:
    """Tell whether the reader of a verdict still answers for its organisation; if not, who does hears it."""
    report = await session.get_one(Report, letter.facts["report_id"])
    if letter.person_id in {reader.id for reader, _ in await _readers(session, report)}:
        return True
    await tell(session, report, now=now)
    return False


async def _readers(session: Session, report: Report) -> list[tuple[Person, int | None]]:
    """List who hears of a report, each with the message of theirs that the verdict answers, if any."""
    assignment = await session.get_one(Assignment, report.assignment_id)
    present = {person.id: person for _, person in await seats.executors(session, assignment.organisation_id)}
    author = present.get(report.author_id)
    if author is not None:
        return [(author, report.thread_message_id)]
    return [(person, None) for person in present.values()]
