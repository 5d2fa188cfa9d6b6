"""Zones: what the database has computed by a clock is computed anew when that clock is another one.

A region changes its offset and the machine learns of it, or an organisation's time zone is corrected:
then every nine o'clock in the database is the wrong moment. Each is nine o'clock of its day again.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from sqlalchemy import Select, delete, func, select, update

from models import Session
from models.assignments import Assignment, Report
from models.letters import Digest, DigestState, Letter, LetterItem, LetterKind, LetterState
from models.machinery import ZoneRules
from models.organisations import Organisation
from models.people import Seat, Tenure
from plans.calendar import local_date, moment
from plans.ladder import OPENS

log = structlog.get_logger()

YEARS = 3  # this one and those a plan may still run
CLOCKS = 128  # zones whose mornings are kept in memory
NOON = timedelta(hours=12)
QUARTER = 15  # minutes: the clocks of all zones differ by whole quarters of an hour
IN_THE_MORNING = (LetterKind.REMINDER, LetterKind.DEMAND, LetterKind.CHANGES)


async def follow(session: Session, *, now: datetime) -> bool:
    """Let every planned moment follow the clock of its zone; tell whether any clock was another one.

    Whoever changes no zone and no rules pays for one query. To do it once too often changes nothing.
    """
    homes = await _homes(session)
    changed = await _changed(session, homes, now)
    if not changed:
        return False
    log.info("the clocks of time zones have changed", zones=sorted(changed))
    for zone in sorted(changed):
        await _move_assignments(session, zone)
        await _move_digests(session, zone)
        await _move_drafts(session, zone)
    await _move_letters(session, homes, changed)
    await session.flush()
    return True


def again(at: datetime, zone: str) -> datetime:
    """Give the nine o'clock in ``zone`` that ``at`` was by another clock; any other moment as it is.

    A moment of the ladder was nine o'clock of a day; the nearest nine o'clock now is that day's, as no
    two clocks of the country are half a day apart. What was set to a «now» is at no quarter of an hour.
    """
    if at.minute % QUARTER or at.second or at.microsecond:
        return at
    nine_to_noon = NOON - timedelta(hours=OPENS.hour)
    return moment(local_date(at + nine_to_noon, zone), OPENS, zone)


async def _homes(session: Session) -> dict[int, str]:
    """Map each organisation to its time zone."""
    rows = await session.execute(select(Organisation.id, Organisation.time_zone).order_by(Organisation.id))
    return dict(rows.all())


async def _changed(session: Session, homes: Mapping[int, str], now: datetime) -> set[str]:
    """Give the zones that are new, have other rules or other organisations, and write them down."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, zone in homes.items():
        places[zone].append(place)
    prints = {zone: _fingerprint(zone, ids, now) for zone, ids in places.items()}
    known = {rules.zone: rules for rules in await session.scalars(select(ZoneRules))}
    changed: set[str] = set()
    for zone, found in prints.items():
        if found is None or (zone in known and known[zone].fingerprint == found):
            continue
        changed.add(zone)
        await session.merge(ZoneRules(zone=zone, fingerprint=found))
    gone = known.keys() - prints.keys()
    if gone:
        await session.execute(delete(ZoneRules).where(ZoneRules.zone.in_(gone)))
    return changed


def _fingerprint(zone: str, places: Collection[int], now: datetime) -> str | None:
    """Give the SHA-256 of a zone's mornings and of who lives by them; None for a zone nobody knows."""
    try:
        mornings = _mornings(ZoneInfo(zone), now.astimezone(UTC).year)
    except (ZoneInfoNotFoundError, ValueError):
        log.error("an organisation has an unknown time zone", organisations=list(places)[:3])
        return None
    return sha256(mornings + repr(sorted(places)).encode()).hexdigest()


@lru_cache(maxsize=CLOCKS)
def _mornings(zone: ZoneInfo, year: int) -> bytes:
    """Give the offset of every nine o'clock of some years, in a few bytes: no other moment is planned.

    A new version of the rules is another ``ZoneInfo``, so this is never an old one's.
    """
    local = (datetime.combine(day, OPENS, tzinfo=zone) for day in _days(year))
    return sha256(repr([nine.utcoffset() for nine in local]).encode()).digest()


def _days(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year < year + YEARS:
        yield day
        day += timedelta(days=1)


async def _move_assignments(session: Session, zone: str) -> None:
    """Let the ladders speak at nine again: the same day's step, neither said twice nor passed over."""
    living = select(Organisation.id).where(Organisation.time_zone == zone)
    theirs = Assignment.organisation_id.in_(living)
    moments = await session.scalars(
        select(Assignment.next_step_at).where(theirs, Assignment.next_step_at.is_not(None)).distinct()
    )
    for at in list(moments):
        if at is not None and again(at, zone) != at:
            await session.execute(
                update(Assignment)
                .where(theirs, Assignment.next_step_at == at)
                .values(next_step_at=again(at, zone))
                .execution_options(synchronize_session=False)
            )


async def _move_digests(session: Session, zone: str) -> None:
    planned = await session.scalars(
        select(Digest)
        .join(Organisation, Organisation.id == Digest.organisation_id)
        .where(Digest.state == DigestState.PLANNED, Organisation.time_zone == zone)
    )
    for digest in planned:
        digest.due_at = again(digest.due_at, zone)


async def _move_drafts(session: Session, zone: str) -> None:
    """Let drafts be asked about at nine of the same day: where they are about, else where their author is."""
    living = select(Organisation.id).where(Organisation.time_zone == zone)
    about = select(Assignment.id).where(Assignment.organisation_id.in_(living))
    authors = (
        select(Tenure.person_id)
        .join(Seat, Seat.id == Tenure.seat_id)
        .where(Tenure.until.is_(None), Seat.organisation_id.in_(living))
    )
    left_alone = await session.scalars(
        select(Report).where(
            Report.ask_at.is_not(None),
            Report.assignment_id.in_(about)
            | (Report.assignment_id.is_(None) & Report.author_id.in_(authors)),
        )
    )
    for report in left_alone:
        report.ask_at = again(report.ask_at, zone) if report.ask_at is not None else None


async def _move_letters(session: Session, homes: Mapping[int, str], changed: Collection[str]) -> None:
    """Let the letters that wait for a morning wait for nine o'clock of the same day."""
    waiting = (
        Letter.state == LetterState.WAITING,
        Letter.kind.in_(IN_THE_MORNING),
        Letter.payload.is_(None),
        Letter.tries == 0,
    )
    places = await _first_places(session, select(Letter.id).where(*waiting))
    for letter in await session.scalars(select(Letter).where(*waiting)):
        place = places.get(letter.id) or next(iter(letter.facts.get("organisation_ids", ())), 0)
        zone = homes.get(place)
        if zone is not None and zone in changed:
            _move_letter(letter, again(letter.not_before, zone))


def _move_letter(letter: Letter, to: datetime) -> None:
    """Move a letter, and with it the moment it is late from."""
    if letter.facts.get("at") == letter.not_before.isoformat():
        letter.facts = letter.facts | {"at": to.isoformat()}
    letter.not_before = to


async def _first_places(session: Session, waiting: Select[int]) -> dict[int, int]:
    """Map reminders to the organisation whose step began them."""
    first = select(func.min(LetterItem.id)).where(LetterItem.letter_id.in_(waiting))
    rows = await session.execute(
        select(LetterItem.letter_id, Assignment.organisation_id)
        .join(Assignment, Assignment.id == LetterItem.assignment_id)
        .where(LetterItem.id.in_(first.group_by(LetterItem.letter_id)))
    )
    return dict(rows.all())
