"""Stored updates: kept, handled once in the order of their chat, or parked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from models import Session
from models.machinery import StoredUpdate, UpdateState

BACKOFF = (1, 5, 30, 120)  # seconds before another try
MOST_TRIES = 5
DIED = "the process died"
INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True)
class Incoming:
    """A raw update as it came: ``lane`` is its chat (0: none), ``fingerprint`` the SHA-256 of its payload."""

    update_id: int
    fingerprint: str
    lane: int
    payload: dict[str, Any]


async def store(session: Session, *, bot_id: int, found: Sequence[Incoming], now: datetime) -> int:
    """Keep raw updates in their order, each once; count those that are new."""
    if not found:
        return 0
    insert = INSERTS[session.get_bind().dialect.name]
    rows = [
        {
            "bot_id": bot_id,
            "update_id": one.update_id,
            "fingerprint": one.fingerprint,
            "lane": one.lane,
            "state": UpdateState.NEW,
            "payload": one.payload,
            "tries": 0,
            "not_before": now,
            "received_at": now,
        }
        for one in found
    ]
    stored = await session.scalars(
        insert(StoredUpdate).on_conflict_do_nothing().returning(StoredUpdate.id), rows
    )
    return len(stored.all())


async def heads(
    session: Session, *, busy: Collection[int], now: datetime, most: int
) -> list[tuple[int, int]]:
    """List (id, lane) of the first unhandled update of each free lane, if its time has come.

    A later update of a lane never passes an earlier one that waits for another try. Where there are too
    many lanes, it is the turn of those written in last: who writes now does not wait for all that came
    while the bot was away.
    """
    first = (
        select(func.min(StoredUpdate.id).label("id"), func.max(StoredUpdate.id).label("last"))
        .where(StoredUpdate.state == UpdateState.NEW, StoredUpdate.lane.not_in(busy))
        .group_by(StoredUpdate.lane)
        .subquery()
    )
    rows = await session.execute(
        select(StoredUpdate.id, StoredUpdate.lane)
        .join(first, first.c.id == StoredUpdate.id)
        .where(StoredUpdate.not_before <= now)
        .order_by(first.c.last.desc())
        .limit(most)
    )
    return sorted((id_, lane) for id_, lane in rows)


async def take(session: Session, stored_id: int) -> StoredUpdate | None:
    """Give an unhandled update, locked; None where another process has it or it is done."""
    return await session.scalar(
        select(StoredUpdate)
        .where(StoredUpdate.id == stored_id, StoredUpdate.state == UpdateState.NEW)
        .with_for_update(skip_locked=True)
    )


def handled(stored: StoredUpdate, *, now: datetime) -> None:
    """Mark an update as handled; its payload is forgotten."""
    stored.state = UpdateState.HANDLED
    stored.payload = None
    stored.handled_at = now


async def died(session: Session, stored_ids: Collection[int], *, now: datetime) -> list[StoredUpdate]:
    """Note a try of the updates a dead process had in hand; give those that are parked by now."""
    found = await session.scalars(
        select(StoredUpdate)
        .where(StoredUpdate.id.in_(stored_ids), StoredUpdate.state == UpdateState.NEW)
        .order_by(StoredUpdate.id)
        .with_for_update()
    )
    return [stored for stored in found if failed(stored, trouble=DIED, now=now)]


async def suspects(session: Session) -> set[int]:
    """Give the unhandled updates that were in hand at some death, also of a life before the last one."""
    found = await session.scalars(
        select(StoredUpdate.id).where(StoredUpdate.state == UpdateState.NEW, StoredUpdate.trouble == DIED)
    )
    return set(found)


def failed(stored: StoredUpdate, *, trouble: str, now: datetime) -> bool:
    """Note a failed try; True where it was the last one and the update is parked with its payload."""
    stored.tries += 1
    stored.trouble = trouble[:300]
    if stored.tries >= MOST_TRIES:
        park(stored, trouble=trouble, now=now)
        return True
    stored.not_before = now + timedelta(seconds=BACKOFF[stored.tries - 1])
    return False


def park(stored: StoredUpdate, *, trouble: str, now: datetime) -> None:
    """Put an update aside for a person to look at."""
    stored.state = UpdateState.PARKED
    stored.trouble = trouble[:300]
    stored.handled_at = now


async def pending(session: Session) -> int:
    """Count the updates not handled yet."""
    found = await session.scalar(
        select(func.count(StoredUpdate.id)).where(StoredUpdate.state == UpdateState.NEW)
    )
    return found or 0
