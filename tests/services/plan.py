"""A small approved plan, made by the services alone, for tests that need one."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from models import Session
from models.organisations import Organisation, OrganisationKind
from models.people import Person, Role
from models.roadmaps import Duty, Edition
from plans.deadline import Deadline, Undated, Window
from plans.plan import Document, Plan, Row
from services import access, approval, drafts, organisations, parties, seats
from services.access import Actor

NOW = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)


def row(number: str, title: str, deadline: Deadline, *parties_: str, section: str = "Раздел") -> Row:
    return Row(number, section, title, "срок", (deadline,), parties_, ", ".join(parties_), None, ())


def until(year: int, month: int, day: int) -> Window:
    return Window(date(year, 9, 1), date(year, month, day))


ROWS = (
    row("1.", "Команды", until(2026, 10, 15), "ОО"),
    row("2.", "Анализ", until(2026, 11, 30), "Отдел образования", "ОО"),
    row("3.", "Консультации", Undated("по плану"), "Отдел образования", section="Другой раздел"),
)


@dataclass
class Made:
    """The municipality of a test."""

    place: Organisation
    office: Organisation
    schools: list[Organisation]
    administrator: Person


async def found(session: Session, name: str = "Район", schools: int = 3, first_id: int = 1) -> Made:
    """Found a municipality with an administrator and some schools; ``first_id`` numbers its people."""
    place = await organisations.add(session, kind=OrganisationKind.MUNICIPALITY, name=name)
    office = await organisations.add(
        session, kind=OrganisationKind.OFFICE, name="Отдел образования", parent=place
    )
    lines = [(f"{name}: школа № {n}", f"СОШ № {n}") for n in range(1, schools + 1)]
    await organisations.add_schools(session, place, lines)
    made = await organisations.schools(session, place)
    administrator = await seated(session, office, Role.ADMINISTRATOR, first_id)
    return Made(place, office, made, administrator)


async def seated(session: Session, place: Organisation, role: Role, user_id: int) -> Person:
    """Let a person into a seat of an organisation."""
    seat = await seats.seat(session, organisation_id=place.id, role=role, title=f"{role} {user_id}")
    token = await seats.invite(session, seat_id=seat.id, now=NOW)
    offer = await seats.open_invitation(session, token=token, chat_id=user_id, now=NOW)
    person, _ = await seats.join(
        session,
        invitation_id=offer.invitation_id,
        telegram_id=user_id,
        chat_id=user_id,
        name=f"Человек {user_id}",
        now=NOW,
    )
    return person


async def actor(session: Session, user_id: int) -> Actor:
    found_ = await access.actor_of(session, user_id)
    assert found_ is not None
    return found_


async def draft(session: Session, made: Made, rows: tuple[Row, ...] = ROWS) -> Edition:
    """Store a plan as a draft."""
    head = Document(
        "План", period_start=date(2026, 1, 1), period_end=date(2026, 12, 31), date=date(2026, 9, 1)
    )
    return await drafts.store(
        session, Plan(head, rows), owner=made.place, source=drafts.Source("plan.txt"), now=NOW
    )


async def approved(
    session: Session, made: Made, rows: tuple[Row, ...] = ROWS, duty: Duty = Duty.EACH
) -> Edition:
    """Store a plan and approve it, several executors sharing by ``duty``."""
    edition = await draft(session, made, rows)
    await drafts.set_duty(session, edition, duty)
    assert all(party.named for party in await parties.listed(session, edition))
    await approval.approve(session, edition, person=made.administrator, now=NOW)
    return edition
