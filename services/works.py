"""Long work: asked for within a transaction, done outside of any."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from models import Session
from models.machinery import Work, WorkKind, WorkState


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
