"""Cards: the one acknowledgement of what was sent to a report, with its buttons; the one before folds."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from models import Session
from models.assignments import Report, ReportState
from models.letters import Letter, LetterItem, LetterKind, LetterMessage, LetterState
from services import letters
from services.letters import Priority

FOLDS_BEFORE = "folds_before"  # the fact of a letter that folds the card before that one
ALBUM_SETTLES = timedelta(seconds=2)  # quiet time after which an album counts as whole


async def acknowledge(session: Session, report: Report, *, now: datetime, settling: bool = False) -> None:
    """Plan the one card that says what has been received; each further piece of an album moves it."""
    not_before = now + ALBUM_SETTLES if settling else now
    waiting = await session.scalar(
        select(Letter)
        .join(LetterItem, LetterItem.letter_id == Letter.id)
        .where(
            Letter.kind == LetterKind.DRAFT,
            Letter.state == LetterState.WAITING,
            LetterItem.report_id == report.id,
        )
    )
    if waiting is not None:
        waiting.not_before = not_before
        waiting.payload = None  # one that could not go was worded before this came
        return
    cards = await session.scalar(
        select(func.count(Letter.id))
        .join(LetterItem, LetterItem.letter_id == Letter.id)
        .where(Letter.kind == LetterKind.DRAFT, LetterItem.report_id == report.id)
    )
    report = await session.get_one(
        Report, report.id, options=[joinedload(Report.author)], populate_existing=True
    )
    letter = await letters.write(
        session,
        key=f"draft:{report.id}:{cards}",
        kind=LetterKind.DRAFT,
        chat_id=report.author.chat_id,
        person_id=report.author_id,
        now=now,
        not_before=not_before,
        priority=Priority.ANSWER,
        facts={"report_id": report.id, "reply_to": report.thread_message_id},
    )
    if letter is not None:
        session.add(LetterItem(letter_id=letter.id, report_id=report.id))
        await session.flush()
        if cards and report.state is ReportState.DRAFT:
            await _fold_card_before(session, report, letter, now)


async def _fold_card_before(session: Session, report: Report, card: Letter, now: datetime) -> None:
    """Let the card before this one say no more than that it goes on below: its buttons are there."""
    await letters.write(
        session,
        key=f"fold:{report.id}:{card.id}",
        kind=LetterKind.DRAFT,
        chat_id=card.chat_id,
        person_id=card.person_id,
        now=now,
        not_before=card.not_before,
        priority=Priority.CARD,
        facts={"report_id": report.id, FOLDS_BEFORE: card.id},
    )


async def folded(session: Session, letter: Letter) -> int | None:
    """Give the message a letter folds, if the report it is about is still a draft."""
    report = await session.get_one(Report, letter.facts["report_id"])
    if report.state is not ReportState.DRAFT:
        return None  # the card before says by now that it was sent
    return await session.scalar(
        select(func.max(LetterMessage.message_id))
        .join(Letter, Letter.id == LetterMessage.letter_id)
        .join(LetterItem, LetterItem.letter_id == Letter.id)
        .where(
            Letter.kind == LetterKind.DRAFT,
            Letter.id < letter.facts[FOLDS_BEFORE],
            LetterItem.report_id == report.id,
            LetterMessage.chat_id == letter.chat_id,
        )
    )
