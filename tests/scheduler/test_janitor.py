"""The janitor forgets after thirty days, and not before."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from models.database import Database
from models.machinery import StoredUpdate, UpdateState
from scheduler.janitor import tidy

NOW = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)


def stored(number: int, state: UpdateState, age: int) -> StoredUpdate:
    moment = NOW - timedelta(days=age)
    return StoredUpdate(
        bot_id=42,
        update_id=number,
        fingerprint=str(number),
        lane=7,
        state=state,
        payload={"update_id": number} if state is not UpdateState.HANDLED else None,
        not_before=moment,
        received_at=moment,
    )


async def test_old_payloads_are_emptied_old_ids_forgotten_and_unhandled_updates_kept(
    database: Database,
) -> None:
    async with database.writing() as session:
        session.add_all(
            stored(number, state, age)
            for number, (state, age) in enumerate((state, age) for state in UpdateState for age in (29, 31))
        )
    async with database.writing() as session:
        await tidy(session, now=NOW)
    async with database.reading() as session:
        left = (await session.scalars(select(StoredUpdate).order_by(StoredUpdate.update_id))).all()
    assert [(one.state, one.payload is not None) for one in left] == [
        (UpdateState.NEW, True),
        (UpdateState.NEW, True),
        (UpdateState.HANDLED, False),
        (UpdateState.PARKED, True),
        (UpdateState.PARKED, False),
    ]
