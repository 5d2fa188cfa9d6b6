"""The stage of a rehearsal: what the planner would find now, with the facts that are said of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from models import Session
from models.assignments import OWED, Assignment
from models.letters import Letter, LetterItem, LetterKind, LetterState
from models.organisations import Organisation
from models.roadmaps import Activity, Edition, Roadmap
from plans.bundles import Debt, Desk, Put, Reader
from plans.calendar import local_date
from services import bundles


@dataclass(frozen=True)
class Open:
    """An assignment that is owed, with the facts that a rehearsal says of it; the columns of one query."""

    assignment_id: int
    due: date
    look_at: datetime | None
    place_id: int
    place: str
    path: str
    zone: str
    roadmap_id: int
    order: str | None
    plan: str
    ordinal: int
    number: str | None
    title: str


@dataclass(frozen=True)
class Stage:
    """Where a rehearsal begins: who owes what, who is reminded, and what lies in waiting letters already."""

    place: Organisation
    open: Mapping[int, Open]
    debts: Mapping[Debt, datetime]
    desk: Desk
    written: tuple[Put, ...]
    today: date

    def shows(self, assignment_id: int) -> bool:
        """Tell whether an assignment is of this municipality: what others owe matters, but is not said."""
        return self.open[assignment_id].path.startswith(self.place.path)


async def stage(session: Session, place: Organisation, now: datetime) -> Stage:
    """Collect what the planner would find; people who read for others as well bring theirs along."""
    inside = await session.scalars(
        select(Organisation.id).where(Organisation.path.startswith(place.path, autoescape=True))
    )
    places = await bundles.sharing_readers(session, list(inside))
    readers = await bundles.readers(session, places)
    open_ = await _open(session, places)
    everyone = [reader for found in readers.values() for reader in found]
    about = Assignment.organisation_id.in_(places)
    return Stage(
        place=place,
        open=open_,
        debts=_debts(open_.values(), readers),
        desk=await bundles.desk(session, about, everyone, now=now),
        written=await _written(session, everyone, open_),
        today=local_date(now, place.time_zone),
    )


async def _open(session: Session, places: Iterable[int]) -> dict[int, Open]:
    rows = await session.execute(
        select(
            Assignment.id,
            Assignment.due,
            Assignment.next_step_at,
            Organisation.id,
            Organisation.short_name,
            Organisation.path,
            Organisation.time_zone,
            Roadmap.id,
            Roadmap.number,
            Roadmap.title,
            Activity.ordinal,
            Activity.number,
            Activity.title,
        )
        .join(Activity, Activity.id == Assignment.activity_id)
        .join(Edition, Edition.id == Activity.edition_id)
        .join(Roadmap, Roadmap.id == Edition.roadmap_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(Assignment.organisation_id.in_(places), Assignment.state.in_(OWED))
    )
    found = (Open(*cells) for cells in map(tuple, rows))
    return {one.assignment_id: one for one in found}


def _debts(open_: Iterable[Open], readers: Mapping[int, tuple[Reader, ...]]) -> dict[Debt, datetime]:
    return {
        Debt(one.assignment_id, one.due, one.zone, readers[one.place_id]): one.look_at
        for one in open_
        if one.look_at is not None
    }


async def _written(session: Session, readers: Iterable[Reader], open_: Mapping[int, Open]) -> tuple[Put, ...]:
    """List what lies in waiting letters already."""
    rows = await session.execute(
        select(
            LetterItem.assignment_id,
            LetterItem.seat_id,
            LetterItem.step,
            Letter.person_id,
            Letter.key,
            Letter.not_before,
        )
        .join(Letter, Letter.id == LetterItem.letter_id)
        .where(
            Letter.kind == LetterKind.REMINDER,
            Letter.state == LetterState.WAITING,
            Letter.person_id.in_({reader.person_id for reader in readers}),
            LetterItem.withdrawn.is_(False),
        )
        .order_by(LetterItem.id)
    )
    return tuple(
        Put(number, Reader(seat_id, person_id), step, bundles.day_of(key), speak_at)
        for number, seat_id, step, person_id, key, speak_at in rows
        if number in open_ and number and seat_id and step and person_id
    )
