"""One answer for several items: «все сделано» becomes a report about each of the nearest."""

from collections.abc import Sequence
from datetime import datetime

from models import Session
from models.assignments import OWED, Passage, Report, ReportState
from models.people import Person
from services import binding, figures, items, reports
from services.access import Actor
from services.items import ItemView


async def submit_to_all(
    session: Session, actor: Actor, report_id: int, *, most: int, now: datetime
) -> list[reports.DraftView]:
    """Send the words of a draft to review for each of the nearest open items, ``most`` of them at most.

    Raises NotFound, NotADraftAnyMore, NothingToSend, AlreadyClosed where none is near.
    """
    report = await reports.own_draft(session, actor, report_id)
    meant = near(await items.open_items(session, actor, now=now))[:most]
    if not meant:
        raise reports.AlreadyClosed
    drafts_ = [report, *(await _same_words(session, report, len(meant) - 1, now))]
    sent = []
    for found, one in zip(meant, drafts_, strict=True):
        one.assignment_id = found.assignment_id
        await figures.read_anew(session, one, now=now)
        sent.append(await reports.submit(session, actor, one.id, now=now))
    return sent


def near(open_items: Sequence[ItemView]) -> list[ItemView]:
    """Give the owed items whose date is near or over: what «все» can mean."""
    return [found for found in open_items if found.state in OWED and found.days_left <= binding.NEAR.days]


async def _same_words(session: Session, report: Report, copies: int, now: datetime) -> list[Report]:
    """Make further drafts of the same words; their passages have no message of their own."""
    author = await session.get_one(Person, report.author_id)
    made = [
        Report(
            author_id=report.author_id,
            state=ReportState.DRAFT,
            text=report.text,
            sent_at=report.sent_at,
            received_at=report.received_at,
            thread_message_id=report.thread_message_id,
        )
        for _ in range(copies)
    ]
    session.add_all(made)
    await session.flush()
    for one in made:
        words = Passage(report_id=one.id, chat_id=author.chat_id, message_id=-one.id, version=1)
        words.text, words.forwarded, words.written_at = report.text, False, now
        session.add(words)
    await session.flush()
    return made
