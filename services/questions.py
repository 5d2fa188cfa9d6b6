"""The one open question of a chat: what its next free text answers."""

from datetime import datetime, timedelta

from models import Session
from models.letters import Question, QuestionKind

PATIENCE = timedelta(hours=2)


async def ask(
    session: Session, *, chat_id: int, kind: QuestionKind, subject_id: int | None, now: datetime
) -> None:
    """Remember what was asked; an earlier unanswered question of the chat is forgotten."""
    await forget(session, chat_id)
    session.add(Question(chat_id=chat_id, kind=kind, subject_id=subject_id, asked_at=now))
    await session.flush()


async def put_on_screen(session: Session, *, chat_id: int, edition_id: int, now: datetime) -> None:
    """Let the next correction in words be about a plan, unless the chat is asked about something else."""
    present = await asked(session, chat_id, now=now)
    if present is None or present.kind in (QuestionKind.PLAN, QuestionKind.ROW):
        await ask(session, chat_id=chat_id, kind=QuestionKind.PLAN, subject_id=edition_id, now=now)


async def asked(session: Session, chat_id: int, *, now: datetime) -> Question | None:
    """Give the open question of a chat; one asked long ago is not what a text answers any more."""
    question = await session.get(Question, chat_id)
    if question is None or question.asked_at < now - PATIENCE:
        return None
    return question


async def forget(session: Session, chat_id: int) -> bool:
    """Close the open question of a chat; tell whether there was one."""
    present = await session.get(Question, chat_id)
    if present is None:
        return False
    await session.delete(present)
    await session.flush()
    return True
