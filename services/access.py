"""Who may do what: answered here alone, from the organisation tree."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, or_, select

from models import Session
from models.assignments import Assignment, Report
from models.organisations import Organisation, OrganisationKind
from models.people import Person, Role, Seat, Tenure
from models.roadmaps import Edition, Roadmap
from services.refusals import NotFound

OVERSEERS = frozenset({Role.COORDINATOR, Role.STAFF, Role.ADMINISTRATOR})
REVIEWERS = frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})


@dataclass(frozen=True)
class SeatHeld:
    """A seat of the actor: ``path`` of its organisation, ``domain`` the path of its municipality."""

    seat_id: int
    role: Role
    title: str
    organisation_id: int
    organisation: str
    path: str
    domain: str


@dataclass(frozen=True)
class Actor:
    """Who is speaking: a person and the seats they hold now."""

    person: Person
    seats: tuple[SeatHeld, ...]

    def has(self, *roles: Role) -> bool:
        """Tell whether any seat is of these roles."""
        return any(seat.role in roles for seat in self.seats)

    @property
    def executes_for(self) -> frozenset[int]:
        """Ids of the organisations the actor answers for."""
        return frozenset(seat.organisation_id for seat in self.seats if seat.role is Role.EXECUTOR)

    def domains(self, roles: frozenset[Role]) -> tuple[str, ...]:
        """Give the paths of the municipalities in which the actor holds one of these roles."""
        return tuple(sorted({seat.domain for seat in self.seats if seat.role in roles}))

    @property
    def home(self) -> SeatHeld | None:
        """The seat a coordinator, a clerk or an administrator speaks from."""
        return next((seat for seat in self.seats if seat.role in OVERSEERS), None)


async def actor_of(session: Session, telegram_id: int) -> Actor | None:
    """Give the person behind a Telegram account with their present seats; None for a stranger."""
    person = await session.scalar(select(Person).where(Person.telegram_id == telegram_id))
    if person is None:
        return None
    rows = await session.execute(
        select(Seat, Organisation)
        .join(Tenure, Tenure.seat_id == Seat.id)
        .join(Organisation, Organisation.id == Seat.organisation_id)
        .where(Tenure.person_id == person.id, Tenure.until.is_(None))
        .order_by(Seat.id)
    )
    held = rows.all()
    municipalities = await _municipality_paths(session) if held else ()
    seats = tuple(_seat_held(seat, place, municipalities) for seat, place in held)
    return Actor(person, seats) if seats else None


async def _municipality_paths(session: Session) -> tuple[str, ...]:
    found = await session.scalars(
        select(Organisation.path).where(Organisation.kind == OrganisationKind.MUNICIPALITY)
    )
    return tuple(found)


def _seat_held(seat: Seat, place: Organisation, municipalities: tuple[str, ...]) -> SeatHeld:
    domain = next((path for path in municipalities if place.path.startswith(path)), place.path)
    return SeatHeld(seat.id, seat.role, seat.title, place.id, place.short_name, place.path, domain)


def within(paths: tuple[str, ...]) -> ColumnElement[bool]:
    """Say in SQL: this organisation lies in one of these subtrees."""
    if not paths:
        return false()
    return or_(*(Organisation.path.startswith(path, autoescape=True) for path in paths))


def overseen(actor: Actor) -> ColumnElement[bool]:
    """Say in SQL: this organisation is seen by the actor as coordinator, clerk or administrator."""
    return within(actor.domains(OVERSEERS))


async def organisation(session: Session, actor: Actor, organisation_id: int) -> Organisation:
    """Give an organisation the actor oversees or answers for. Raises NotFound."""
    mine = Organisation.id.in_(actor.executes_for)
    found = await session.scalar(
        select(Organisation).where(Organisation.id == organisation_id, or_(overseen(actor), mine))
    )
    if found is None:
        raise NotFound
    return found


async def owed_assignment(session: Session, actor: Actor, assignment_id: int) -> Assignment:
    """Give an assignment of an organisation the actor answers for. Raises NotFound."""
    found = await session.scalar(
        select(Assignment).where(
            Assignment.id == assignment_id, Assignment.organisation_id.in_(actor.executes_for)
        )
    )
    if found is None:
        raise NotFound
    return found


async def own_report(session: Session, actor: Actor, report_id: int) -> Report:
    """Give a report the actor wrote. Raises NotFound."""
    found = await session.scalar(
        select(Report).where(Report.id == report_id, Report.author_id == actor.person.id)
    )
    if found is None:
        raise NotFound
    return found


async def report_to_review(session: Session, actor: Actor, report_id: int) -> Report:
    """Give a report of the actor's municipality, for a reviewer. Raises NotFound."""
    found = await session.scalar(
        select(Report)
        .join(Assignment, Assignment.id == Report.assignment_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(Report.id == report_id, within(actor.domains(REVIEWERS)))
    )
    if found is None:
        raise NotFound
    return found


async def edition(session: Session, actor: Actor, edition_id: int) -> Edition:
    """Give an edition of a roadmap the actor may prepare (administrator or coordinator). Raises NotFound."""
    found = await session.scalar(
        select(Edition)
        .join(Roadmap, Roadmap.id == Edition.roadmap_id)
        .join(Organisation, Organisation.id == Roadmap.owner_id)
        .where(Edition.id == edition_id, within(actor.domains(REVIEWERS)))
    )
    if found is None:
        raise NotFound
    return found


async def roadmap(session: Session, actor: Actor, roadmap_id: int) -> Roadmap:
    """Give a roadmap the actor may prepare (administrator or coordinator). Raises NotFound."""
    found = await session.scalar(
        select(Roadmap)
        .join(Organisation, Organisation.id == Roadmap.owner_id)
        .where(Roadmap.id == roadmap_id, within(actor.domains(REVIEWERS)))
    )
    if found is None:
        raise NotFound
    return found


async def municipality(session: Session, actor: Actor) -> Organisation:
    """Give the municipality the actor prepares plans for. Raises NotFound."""
    home = actor.home
    if home is None:
        raise NotFound
    found = await session.scalar(select(Organisation).where(Organisation.path == home.domain))
    if found is None:
        raise NotFound
    return found


async def prepared_municipality(session: Session, actor: Actor) -> Organisation:
    """Give the municipality whose plans the actor approves, as its reviewer. Raises NotFound."""
    found = await session.scalar(
        select(Organisation)
        .where(
            Organisation.kind == OrganisationKind.MUNICIPALITY,
            Organisation.path.in_(actor.domains(REVIEWERS)),
        )
        .order_by(Organisation.id)
    )
    if found is None:
        raise NotFound
    return found
