"""Acts: what an erasure is proved by, written to those who keep the papers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from models import Session
from models.letters import LetterKind
from models.organisations import Organisation
from models.people import Erasure, Seat, Tenure
from services import letters, seats
from services.letters import Priority


@dataclass(frozen=True)
class Act:
    """What the act of an erasure says; ``operator`` is the municipality, ``facts`` are counts."""

    number: int
    person_id: int | None
    operator: str
    asked_at: datetime
    done_at: datetime
    zone: str
    facts: dict[str, int]


async def write(session: Session, done: Erasure, *, now: datetime) -> None:
    """Write the act to those who keep the papers of the municipalities whose seats somebody has held."""
    for path in await _paths(session, done.person_id):
        for reader in await seats.keepers(session, path=path):
            await letters.write(
                session,
                key=f"act:{done.id}:{reader.id}",
                kind=LetterKind.NOTE,
                chat_id=reader.chat_id,
                person_id=reader.id,
                now=now,
                priority=Priority.CARD,
                facts={"act": done.id},
            )


async def _paths(session: Session, person_id: int | None) -> Sequence[str]:
    """List the paths of the organisations whose seats somebody has held, the last one first."""
    found = await session.scalars(
        select(Organisation.path)
        .join(Seat, Seat.organisation_id == Organisation.id)
        .join(Tenure, Tenure.seat_id == Seat.id)
        .where(Tenure.person_id == person_id)
        .order_by(Tenure.id.desc())
    )
    return found.all()


async def act(session: Session, erasure_id: int) -> Act:
    """Give what the act of an erasure on request says."""
    done = await session.get_one(Erasure, erasure_id)
    last = (await _paths(session, done.person_id))[0]  # whoever is kept has held a seat
    place = await session.scalar(select(Organisation).where(Organisation.path == last))
    assert place is not None
    operator = await seats.municipality(session, last) or place
    return Act(
        done.id, done.person_id, operator.name, done.asked_at, done.done_at, place.time_zone, done.facts
    )
