"""The burden: how much people were asked in a month, counted from what has reached them.

A bundle of reminders is one message, however many items it names; a demand is one, to however many people
of an organisation it went. Verdicts, answers and appeals are talk about what was asked, and are not counted.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, distinct, func, select

from models import Session
from models.letters import Demand, Letter, LetterItem, LetterKind, LetterState
from models.organisations import Organisation
from models.people import Seat
from plans.calendar import local_date, moment
from services import access
from services.access import Actor
from services.refusals import NotFound

DEMAND_ID = Letter.facts["demand_id"].as_integer()
FIRST = date(2015, 1, 1)  # Telegram knew no bots before


@dataclass(frozen=True)
class Count:
    """How often somebody was asked: by bundles of reminders, and by demands beside the plan."""

    reminders: int = 0
    demands: int = 0

    @property
    def total(self) -> int:
        """Both together."""
        return self.reminders + self.demands


@dataclass(frozen=True)
class PlaceBurden:
    """How often one organisation was asked; ``grounded`` demands went beyond the number of their week."""

    organisation_id: int
    name: str
    asked: Count
    grounded: int


@dataclass(frozen=True)
class Burden:
    """How much the organisations of a municipality were asked in a month, the most asked first.

    ``total`` counts a message about several organisations once. ``earlier`` and ``later``: there may be
    something to see in the month before, or after.
    """

    name: str
    month: date
    places: tuple[PlaceBurden, ...]
    total: Count
    earlier: bool
    later: bool


async def monthly(session: Session, actor: Actor, month: date | None, *, now: datetime) -> Burden:
    """Count what was asked in a month (any day of it; None: this one), by the municipality's calendar.

    Raises NotFound for whoever oversees nothing, and for a month that has not begun.
    """
    home = await access.municipality(session, actor)
    this_month = local_date(now, home.time_zone).replace(day=1)
    shown = (month or this_month).replace(day=1)
    if not FIRST <= shown <= this_month:
        raise NotFound
    there = access.within((home.path,))
    then = _delivered_in(shown, home.time_zone)
    counted = await _by_place(session, there, then)
    grounded = await _grounded(session, there, then)
    places = [
        PlaceBurden(place_id, name, asked, grounded[place_id]) for (place_id, name), asked in counted.items()
    ]
    return Burden(
        home.short_name,
        shown,
        tuple(sorted(places, key=lambda place: (-place.asked.total, place.organisation_id))),
        await _total(session, there, then),
        earlier=await _anything_before(session, there, shown, home.time_zone),
        later=shown < this_month,
    )


async def own(session: Session, actor: Actor, *, now: datetime) -> Count:
    """Count the messages by which the actor has been asked this month, in the zone of their first seat."""
    place = await session.get_one(Organisation, actor.seats[0].organisation_id)
    month = local_date(now, place.time_zone).replace(day=1)
    then = _delivered_in(month, place.time_zone)
    return await _total(session, Letter.person_id == actor.person.id, then)


def _delivered_in(month: date, zone: str) -> ColumnElement[bool]:
    """Say in SQL: the letter reached its reader in this month of the zone."""
    start, end = moment(month, time.min, zone), moment(_next(month), time.min, zone)
    return and_(
        Letter.state == LetterState.DELIVERED, Letter.delivered_at >= start, Letter.delivered_at < end
    )


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _spoken(kind: LetterKind, *columns: Any) -> Select[Any]:
    """Select from what letters have said, with the organisations of the seats they spoke to."""
    return (
        select(*columns)
        .select_from(Letter)
        .join(LetterItem, LetterItem.letter_id == Letter.id)
        .join(Seat, Seat.id == LetterItem.seat_id)
        .join(Organisation, Organisation.id == Seat.organisation_id)
        .where(Letter.kind == kind, LetterItem.withdrawn.is_(False))
    )


BUNDLES = func.count(distinct(Letter.id))
# Of a letter whose reader is erased only the number is left: then it stands for its demand.
DEMANDS = func.count(distinct(func.coalesce(DEMAND_ID, -Letter.id)))


async def _by_place(
    session: Session, there: ColumnElement[bool], then: ColumnElement[bool]
) -> dict[tuple[int, str], Count]:
    """Map (id, short name) of each organisation that was asked to how often it was."""
    place = (Organisation.id, Organisation.short_name)
    reminders = await session.execute(
        _spoken(LetterKind.REMINDER, *place, BUNDLES).where(there, then).group_by(*place)
    )
    demands = await session.execute(
        _spoken(LetterKind.DEMAND, *place, DEMANDS).where(there, then).group_by(*place)
    )
    bundled = {(place_id, name): number for place_id, name, number in reminders}
    demanded = {(place_id, name): number for place_id, name, number in demands}
    return {
        found: Count(bundled.get(found, 0), demanded.get(found, 0))
        for found in bundled.keys() | demanded.keys()
    }


async def _total(session: Session, whose: ColumnElement[bool], then: ColumnElement[bool]) -> Count:
    reminders = await session.scalar(_spoken(LetterKind.REMINDER, BUNDLES).where(whose, then))
    demands = await session.scalar(_spoken(LetterKind.DEMAND, DEMANDS).where(whose, then))
    return Count(reminders or 0, demands or 0)


async def _grounded(
    session: Session, there: ColumnElement[bool], then: ColumnElement[bool]
) -> Mapping[int, int]:
    """Map organisations to the number of demands that had to say why they could not wait."""
    rows = await session.execute(
        _spoken(LetterKind.DEMAND, Organisation.id, DEMANDS)
        .join(Demand, Demand.id == DEMAND_ID)
        .where(there, then, Demand.grounds.is_not(None))
        .group_by(Organisation.id)
    )
    return defaultdict(int, rows.all())


async def _anything_before(session: Session, there: ColumnElement[bool], month: date, zone: str) -> bool:
    before = Letter.delivered_at < moment(month, time.min, zone)
    asked = [
        await session.scalar(_spoken(kind, Letter.id).where(there, before).limit(1))
        for kind in (LetterKind.REMINDER, LetterKind.DEMAND)
    ]
    return any(found is not None for found in asked)
