"""The janitor: what is kept longer than it is needed is forgotten."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from models import Session
from models.files import StoredFile
from models.machinery import StoredUpdate, UpdateState
from services import runs

KEEP = timedelta(days=30)  # parked payloads hold what people wrote; ids are needed while Telegram may repeat


async def tidy(session: Session, *, now: datetime) -> None:
    """Empty the payloads of updates parked a month ago, and forget the ids of those handled then."""
    before = now - KEEP
    await session.execute(
        update(StoredUpdate)
        .where(
            StoredUpdate.state == UpdateState.PARKED,
            StoredUpdate.received_at < before,
            StoredUpdate.payload.is_not(None),
        )
        .values(payload=None)
    )
    await session.execute(
        delete(StoredUpdate).where(
            StoredUpdate.state == UpdateState.HANDLED, StoredUpdate.received_at < before
        )
    )
    await runs.forget(session, now=now)


async def known_files(session: Session) -> set[str]:
    """Give the SHA-256 of every file a row names."""
    return set(await session.scalars(select(StoredFile.sha256)))
