"""Demands: what a coordinator asks beside the plan, how much of it a week may bring, and the answers.

A demand is no row of a roadmap: it has no control date and no ladder, and what answers it is no report.
«To all schools» is one demand a school; one author began them at one moment, and that keeps them together.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import func, select

from models import Session
from models.letters import Demand, Letter, LetterItem, LetterKind
from models.organisations import Organisation, OrganisationKind
from models.people import Person, Role, Seat, Tenure
from plans.calendar import local_date, moment
from plans.ladder import speaking_time
from services import access, audit, letters, rules, seats
from services.access import Actor
from services.letters import Priority
from services.refusals import NotFound, Refusal

MOST_A_WEEK = 10  # to one organisation, of all authors together; any more say their grounds
MOST_TEXT = 3000  # characters: the request and what is said round it are one message
FEWEST_WORDS = 3  # of grounds
WEEK = timedelta(days=7)
APART = timedelta(microseconds=1)

Batch = Sequence[tuple[Demand, Organisation]]


class Says(StrEnum):
    """What a letter about the answers to a demand says, and to whom: to who asked, or to who answered."""

    WORDS = "words"
    PIECES = "pieces"
    UNHEARD = "unheard"
    PASSED = "passed"


@dataclass(frozen=True)
class Crowded:
    """An organisation that has been asked as often this week as a week allows."""

    name: str
    is_school: bool
    sent: int


class NobodyToAsk(Refusal):
    """Nobody holds an executor's seat there; ``name`` is None for «all schools»."""

    def __init__(self, name: str | None) -> None:
        super().__init__(name)
        self.name = name


class DemandGone(Refusal):
    """The demand has been sent or given up before."""


class DemandTooLong(Refusal):
    """The text is longer than one message holds; ``length`` in characters."""

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length


class GroundsNeeded(Refusal):
    """The week's budget of these organisations is used up, so the demand must say why it cannot wait."""

    def __init__(self, crowded: tuple[Crowded, ...]) -> None:
        super().__init__(crowded)
        self.crowded = crowded


class GroundsTooShort(Refusal):
    """A word or two are no grounds."""


@dataclass(frozen=True)
class Draft:
    """A demand before it is sent.

    ``crowded`` are the organisations for which grounds are still missing. ``speak_at`` is when it would be
    said (UTC), which is not at once where ``waits``.
    """

    demand_id: int
    places: tuple[str, ...]
    text: str
    grounds: str | None
    crowded: tuple[Crowded, ...]
    speak_at: datetime
    time_zone: str
    waits: bool


@dataclass(frozen=True)
class Sent:
    """A demand that was sent: to how many people of which organisations; ``silent``: where nobody is."""

    places: tuple[str, ...]
    silent: tuple[str, ...]
    people: int
    speak_at: datetime
    time_zone: str
    waits: bool


@dataclass(frozen=True)
class Asked:
    """A demand as who is asked reads it."""

    organisation: str
    author: str
    text: str


async def askable(session: Session, actor: Actor) -> list[Organisation]:
    """List the organisations the actor may ask: those where somebody holds an executor's seat now.

    Raises NotFound for whoever may not ask.
    """
    if not actor.has(*access.REVIEWERS):
        raise NotFound
    seated = (
        select(Seat.organisation_id)
        .join(Tenure, Tenure.seat_id == Seat.id)
        .where(Seat.role == Role.EXECUTOR, Tenure.until.is_(None))
    )
    found = await session.scalars(
        select(Organisation)
        .where(
            access.within(actor.domains(access.REVIEWERS)),
            Organisation.id.in_(seated),
            Organisation.closed_on.is_(None),
        )
        .order_by(Organisation.id)
    )
    return list(found)


async def begin(session: Session, actor: Actor, organisation_id: int | None, *, now: datetime) -> Draft:
    """Begin a demand to one organisation, or to every school (None). Raises NotFound, NobodyToAsk."""
    found = await askable(session, actor)
    if organisation_id is None:
        places = [place for place in found if place.kind is OrganisationKind.SCHOOL]
    else:
        places = [place for place in found if place.id == organisation_id]
    if not places:
        named = organisation_id and await access.organisation(session, actor, organisation_id)
        raise NobodyToAsk(named.short_name if named else None)
    made_at = await _own_moment(session, actor, now)
    batch = [
        (Demand(author_id=actor.person.id, organisation_id=place.id, text="", made_at=made_at), place)
        for place in places
    ]
    session.add_all(demand for demand, _ in batch)
    await session.flush()
    return await _draft(session, batch, now)


async def _own_moment(session: Session, actor: Actor, now: datetime) -> datetime:
    """Give a moment at which the author has begun nothing else: it tells their demands apart."""
    last = await session.scalar(select(func.max(Demand.made_at)).where(Demand.author_id == actor.person.id))
    return now if last is None or last < now else last + APART


async def draft(session: Session, actor: Actor, demand_id: int, *, now: datetime) -> Draft:
    """Give a demand of the actor that has not been sent. Raises NotFound, DemandGone."""
    return await _draft(session, await _unsent(session, actor, demand_id), now)


async def write_text(session: Session, actor: Actor, demand_id: int, text: str, *, now: datetime) -> Draft:
    """Keep what is asked. Raises NotFound, DemandGone, DemandTooLong."""
    batch = await _unsent(session, actor, demand_id)
    asked = text.strip()
    if len(asked) > MOST_TEXT:
        raise DemandTooLong(len(asked))
    for demand, _ in batch:
        demand.text = asked
    await session.flush()
    return await _draft(session, batch, now)


async def give_grounds(
    session: Session, actor: Actor, demand_id: int, grounds: str, *, now: datetime
) -> Draft:
    """Keep why a demand cannot wait, for the organisations whose week is full.

    Raises NotFound, DemandGone, GroundsTooShort.
    """
    batch = await _unsent(session, actor, demand_id)
    words = [word for word in grounds.split() if any(sign.isalpha() for sign in word)]
    if len(words) < FEWEST_WORDS:
        raise GroundsTooShort
    for demand, _, _ in await _full_weeks(session, batch, now):
        demand.grounds = grounds.strip()
    await session.flush()
    return await _draft(session, batch, now)


async def give_up(session: Session, actor: Actor, demand_id: int) -> None:
    """Take back a demand that has not been sent: its text is forgotten. Raises NotFound, DemandGone."""
    for demand, _ in await _unsent(session, actor, demand_id):
        demand.text, demand.grounds = "", None
    await session.flush()


async def send(session: Session, actor: Actor, demand_id: int, *, now: datetime) -> Sent:
    """Write a demand to each executor of its organisations, to be said when people are spoken to.

    Raises NotFound, DemandGone, GroundsNeeded, NobodyToAsk.
    """
    batch = await _unsent(session, actor, demand_id)
    view = await _draft(session, batch, now)
    if not view.text:
        raise DemandGone
    if view.crowded:
        raise GroundsNeeded(view.crowded)
    told = [(demand, place, await _tell(session, demand, place, now)) for demand, place in batch]
    if not any(people for _, _, people in told):
        raise NobodyToAsk(view.places[0] if len(view.places) == 1 else None)
    for demand, _, people in told:
        if people:
            demand.sent_at = now
            _note(session, actor, demand, now)
    await session.flush()
    return Sent(
        places=tuple(place.short_name for _, place, people in told if people),
        silent=tuple(place.short_name for _, place, people in told if not people),
        people=sum(people for _, _, people in told),
        speak_at=view.speak_at,
        time_zone=view.time_zone,
        waits=view.waits,
    )


def _note(session: Session, actor: Actor, demand: Demand, now: datetime) -> None:
    audit.record(
        session,
        now=now,
        action="demanded",
        subject="demand",
        subject_id=demand.id,
        person_id=actor.person.id,
        organisation_id=demand.organisation_id,
    )


async def _unsent(session: Session, actor: Actor, demand_id: int) -> Batch:
    """Give the actor's demand and those begun with it, locked. Raises NotFound, DemandGone."""
    made_at = await session.scalar(
        select(Demand.made_at).where(Demand.id == demand_id, Demand.author_id == actor.person.id)
    )
    rows = await session.execute(
        select(Demand, Organisation)
        .join(Organisation, Organisation.id == Demand.organisation_id)
        .where(
            Demand.author_id == actor.person.id,
            Demand.made_at == made_at,
            access.within(actor.domains(access.REVIEWERS)),
        )
        .order_by(Demand.id)
        .with_for_update(of=Demand)
    )
    batch = [(demand, place) for demand, place in rows]
    if not batch:
        raise NotFound
    if any(demand.sent_at is not None for demand, _ in batch):
        raise DemandGone
    return batch


async def _draft(session: Session, batch: Batch, now: datetime) -> Draft:
    first, place = batch[0]
    speak_at = speaking_time(now, place.time_zone, await rules.calendar(session))
    return Draft(
        demand_id=first.id,
        places=tuple(place.short_name for _, place in batch),
        text=first.text,
        grounds=next((demand.grounds for demand, _ in batch if demand.grounds), None),
        crowded=tuple(
            Crowded(place.short_name, place.kind is OrganisationKind.SCHOOL, sent)
            for demand, place, sent in await _full_weeks(session, batch, now)
            if not demand.grounds
        ),
        speak_at=speak_at,
        time_zone=place.time_zone,
        waits=speak_at > now,
    )


async def _full_weeks(
    session: Session, batch: Batch, now: datetime
) -> list[tuple[Demand, Organisation, int]]:
    """List the demands whose organisation has had its week's number, with how many were sent to it.

    A week is that of the organisation's zone, from Monday to Sunday; all authors count together.
    """
    mondays = {place.id: _monday(now, place.time_zone) for _, place in batch}
    rows = await session.execute(
        select(Demand.organisation_id, Demand.sent_at).where(
            Demand.organisation_id.in_(mondays), Demand.sent_at >= min(mondays.values())
        )
    )
    sent = Counter(place_id for place_id, sent_at in rows if sent_at and sent_at >= mondays[place_id])
    return [(demand, place, sent[place.id]) for demand, place in batch if sent[place.id] >= MOST_A_WEEK]


def _monday(now: datetime, zone: str) -> datetime:
    """Give the moment this week began in a zone, in UTC."""
    today = local_date(now, zone)
    return moment(today - timedelta(days=today.weekday()), time.min, zone)


async def _tell(session: Session, demand: Demand, place: Organisation, now: datetime) -> int:
    """Write a demand to each executor of its organisation; count the people."""
    told = set()
    for seat, person in await seats.executors(session, place.id):
        if person.id not in told:
            told.add(person.id)
            await _write(session, demand, place, seat, person, now)
    return len(told)


async def _write(
    session: Session,
    demand: Demand,
    place: Organisation,
    seat: Seat,
    person: Person,
    now: datetime,
) -> None:
    """Write the letter of a demand to a person, once, for the next time at which people are spoken to."""
    speak_at = speaking_time(now, place.time_zone, await rules.calendar(session))
    letter = await letters.write(
        session,
        key=f"demand:{demand.id}:{person.id}",
        kind=LetterKind.DEMAND,
        chat_id=person.chat_id,
        person_id=person.id,
        now=now,
        not_before=speak_at,
        priority=Priority.CARD,
        facts={"demand_id": demand.id, "organisation_ids": [place.id], "at": speak_at.isoformat()},
    )
    if letter is not None:
        session.add(LetterItem(letter_id=letter.id, seat_id=seat.id))
        await session.flush()


async def may_be_said(session: Session, letter: Letter, *, now: datetime) -> bool:
    """Tell whether the reader of a demand's letter still answers for its organisation; if not, pass it on."""
    _, place = await _of(session, letter)
    present = await seats.executors(session, place.id)
    if any(person.id == letter.person_id for _, person in present):
        return True
    await pass_on(session, letter, now=now)
    return False


async def pass_on(session: Session, letter: Letter, *, now: datetime) -> None:
    """Let a demand be heard by who holds the seats now, its reader having left; else say that nobody does."""
    demand, place = await _of(session, letter)
    present = await seats.executors(session, place.id)
    for seat, person in present:
        await _write(session, demand, place, seat, person, now)
    for person in [] if present else await listeners(session, demand, place):
        await letters.write(
            session,
            key=f"unheard:{demand.id}:{person.id}",
            kind=LetterKind.REPLY,
            chat_id=person.chat_id,
            person_id=person.id,
            now=now,
            priority=Priority.CARD,
            facts={"says": Says.UNHEARD, "demand_id": demand.id},
        )


async def _of(session: Session, letter: Letter) -> tuple[Demand, Organisation]:
    demand = await session.get_one(Demand, letter.facts["demand_id"])
    return demand, await session.get_one(Organisation, demand.organisation_id)


async def listeners(
    session: Session, demand: Demand, place: Organisation, *, besides: int = 0
) -> list[Person]:
    """List who hears of a demand: its author, or the present coordinators if the author has left.

    ``besides`` is the id of the person who speaks: others come before them.
    """
    author = await session.get_one(Person, demand.author_id)
    who = await access.actor_of(session, author.telegram_id)
    domains = who.domains(access.REVIEWERS) if who is not None else ()
    if author.unreachable_since is None and place.path.startswith(domains):
        return [author]
    return await seats.reviewers(session, path=place.path, author_id=besides)


async def asked(session: Session, letter: Letter) -> Asked:
    """Give a demand as the reader of its letter sees it."""
    demand, place = await _of(session, letter)
    author = await session.get_one(Person, demand.author_id)
    return Asked(place.short_name, author.name, demand.text)
