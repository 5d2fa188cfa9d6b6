"""The janitor: what is kept longer than it is needed is forgotten."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, select, update

from models import Session
from models.database import Database
from models.files import StoredFile
from models.machinery import StoredUpdate, UpdateState
from models.people import Erasure
from models.trouble import trouble_of
from services import erasure, retention, runs

log = structlog.get_logger()

KEEP = timedelta(days=30)  # parked payloads hold what people wrote; ids are needed while Telegram may repeat
OVERWRITTEN = "overwritten"  # the fact that the file holds nothing of it any more


async def clean(database: Database, *, now: datetime) -> None:
    """Go round: forget what is over, destroy what was kept for its term, overwrite what is destroyed."""
    while await database.write(lambda session: tidy(session, now=now)):
        log.info("a batch of what was kept for its term is destroyed")
    await _overwrite(database, now)


async def tidy(session: Session, *, now: datetime) -> bool:
    """Forget what is over, and one batch of what has been kept for its term; tell whether more may be left.

    Payloads of updates parked a month ago are emptied, the ids of those handled then forgotten.
    """
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
    await erasure.forget_strangers(session, now=now)
    return await retention.purge(session, now=now)


async def _overwrite(database: Database, now: datetime) -> None:
    """Write SQLite's file anew where something was destroyed; what does not work now works later.

    Of somebody erased the last answer must have been forgotten before.
    """
    async with database.reading() as session:
        found = await session.scalars(
            select(Erasure).where(Erasure.done_at < now - erasure.AFTERWARDS).order_by(Erasure.id)
        )
        destroyed = [one.id for one in found if OVERWRITTEN not in one.facts]
    if not destroyed:
        return
    try:
        done = await database.overwrite()
    except Exception as error:
        if trouble_of(error) is None:
            raise
        log.warning("what was destroyed is not overwritten yet", trouble=trouble_of(error))
        return
    if done:
        await database.write(lambda session: _note(session, destroyed))


async def _note(session: Session, destroyed: list[int]) -> None:
    for one in await session.scalars(select(Erasure).where(Erasure.id.in_(destroyed))):
        one.facts = {**one.facts, OVERWRITTEN: True}


async def known_files(session: Session) -> set[str]:
    """Give the SHA-256 of every file a row names."""
    return set(await session.scalars(select(StoredFile.sha256)))
