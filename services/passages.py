"""Passages: the words of a report, message by message; an edit makes a version and keeps the old one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from models import Session
from models.assignments import Evidence, Passage, Report
from services.incoming import Incoming


async def add(session: Session, report: Report, message: Incoming, *, now: datetime) -> None:
    """Keep the words of a message as the first version of a passage; a message without words has none."""
    if not message.text.strip():
        return
    session.add(
        Passage(
            report_id=report.id,
            chat_id=message.chat_id,
            message_id=message.message_id,
            version=1,
            text=message.text.strip(),
            forwarded=message.forwarded,
            written_at=now,
        )
    )
    await compose(session, report)


async def rewrite(session: Session, report: Report, message: Incoming, *, now: datetime) -> bool:
    """Keep an edit as the next version; tell whether it says anything else than the version before."""
    known = await versions(session, chat_id=message.chat_id, message_id=message.message_id)
    if message.text.strip() == (known[-1].text if known else ""):
        return False
    session.add(
        Passage(
            report_id=report.id,
            chat_id=message.chat_id,
            message_id=message.message_id,
            version=len(known) + 1,
            text=message.text.strip(),
            forwarded=message.forwarded,
            written_at=now,
        )
    )
    await session.flush()
    return True


async def versions(session: Session, *, chat_id: int, message_id: int) -> Sequence[Passage]:
    """List what a message has said, the oldest wording first."""
    found = await session.scalars(
        select(Passage)
        .where(Passage.chat_id == chat_id, Passage.message_id == message_id)
        .order_by(Passage.version)
    )
    return found.all()


async def report_of(session: Session, *, chat_id: int, message_id: int) -> Report | None:
    """Find the report a message went into, by its words or by its piece."""
    said = select(Passage.report_id).where(Passage.chat_id == chat_id, Passage.message_id == message_id)
    shown = select(Evidence.report_id).where(Evidence.chat_id == chat_id, Evidence.message_id == message_id)
    return await session.scalar(
        select(Report).where(Report.id.in_(said.union(shown))).order_by(Report.id.desc()).limit(1)
    )


async def texts(session: Session, report_id: int, *, until: datetime | None = None) -> list[str]:
    """List the present words of a report in the order of their messages; ``until``: as they were then."""
    known = select(Passage.chat_id, Passage.message_id, func.max(Passage.version).label("version")).where(
        Passage.report_id == report_id
    )
    if until is not None:
        known = known.where(Passage.written_at <= until)
    latest = known.group_by(Passage.chat_id, Passage.message_id).subquery()
    found = await session.scalars(
        select(Passage.text)
        .join(
            latest,
            (Passage.chat_id == latest.c.chat_id)
            & (Passage.message_id == latest.c.message_id)
            & (Passage.version == latest.c.version),
        )
        .where(Passage.report_id == report_id)
        .order_by(Passage.message_id, Passage.id)
    )
    return [text for text in found if text]


async def count(session: Session, report_id: int) -> int:
    """Count the wordings a report holds, old ones included."""
    return (await session.scalar(select(func.count(Passage.id)).where(Passage.report_id == report_id))) or 0


async def compose(session: Session, report: Report) -> None:
    """Put the present words of all messages together as the text of the report."""
    await session.flush()
    report.text = "\n".join(await texts(session, report.id))
    await session.flush()


async def move_last(session: Session, report: Report, message: Incoming) -> None:
    """Let the last wording of a message belong to another report: the earlier ones stay where they were."""
    last = (await versions(session, chat_id=message.chat_id, message_id=message.message_id))[-1]
    last.report_id = report.id
    await compose(session, report)
