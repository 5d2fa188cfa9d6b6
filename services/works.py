"""Long work: asked for within a transaction, done outside of any."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from models import Session
from models.machinery import Work, WorkKind, WorkState

# A text of over 4096 characters comes in pieces: after a long one the next is waited for.
LONG_PIECE = 2500
NEXT_PIECE = timedelta(seconds=20)
LAST_PIECE = timedelta(seconds=2)


async def pasting(session: Session, chat_id: int, *, now: datetime) -> Work | None:
    """Give the pasted order of a chat that still waits for its next piece."""
    return await session.scalar(
        select(Work)
        .where(
            Work.chat_id == chat_id,
            Work.kind == WorkKind.READ_ORDER,
            Work.state == WorkState.WAITING,
            Work.key.startswith("pasted:"),
            Work.not_before > now,
        )
        .with_for_update()
    )


async def add_pasted(
    session: Session, *, chat_id: int, message_id: int, text: str, facts: dict[str, Any], now: datetime
) -> bool:
    """Keep a pasted piece of an order; tell whether it was the first one. It is read after a pause."""
    pause = NEXT_PIECE if len(text) >= LONG_PIECE else LAST_PIECE
    waiting = await pasting(session, chat_id, now=now)
    if waiting is not None:
        waiting.facts = {**waiting.facts, "pieces": {**waiting.facts["pieces"], str(message_id): text}}
        waiting.not_before = now + pause
        await session.flush()
        return False
    await add(
        session,
        kind=WorkKind.READ_ORDER,
        key=f"pasted:{chat_id}:{message_id}",
        chat_id=chat_id,
        facts={**facts, "pieces": {str(message_id): text}},
        now=now + pause,
    )
    return True


async def add(
    session: Session,
    *,
    kind: WorkKind,
    key: str,
    facts: dict[str, Any],
    now: datetime,
    chat_id: int | None = None,
) -> None:
    """Ask for a piece of work, once by its key; ``chat_id`` is answered with a letter when it is done."""
    if await session.scalar(select(Work.id).where(Work.key == key)) is not None:
        return
    session.add(
        Work(
            key=key,
            kind=kind,
            state=WorkState.WAITING,
            chat_id=chat_id,
            facts=facts,
            not_before=now,
            created_at=now,
        )
    )
    await session.flush()
