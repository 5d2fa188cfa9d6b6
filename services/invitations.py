"""Whom to invite, and the letters that carry the links."""

from datetime import datetime

from models import Session
from models.letters import LetterKind
from models.organisations import Organisation, OrganisationKind
from models.people import Role
from services import letters, organisations, seats
from services.access import Actor
from services.letters import Priority
from services.seats import SeatView

LINKS_EACH = 15  # links in one message: Telegram takes 4096 characters


async def seats_to_fill(session: Session, place: Organisation) -> list[SeatView]:
    """List the seats of a municipality; every organisation that owes something has one."""
    await seats.prepare_executors(session, path=place.path)
    return await seats.seats_of(session, path=place.path)


async def write_links(
    session: Session, actor: Actor, place: Organisation, role: Role, *, now: datetime
) -> None:
    """Write the letters with the links into the empty seats of a role (a new seat for an overseer).

    A letter holds ids only: tokens are made when it is worded and forgotten when it is delivered.
    """
    if role is Role.EXECUTOR:
        empty = [seat for seat in await seats_to_fill(session, place) if not seat.taken]
        seat_ids = [seat.seat_id for seat in empty if seat.role is Role.EXECUTOR]
    else:
        seat_ids = [await overseer_seat(session, place, role)]
    for start in range(0, len(seat_ids) or 1, LINKS_EACH):
        await letters.write(
            session,
            key=f"links:{actor.person.id}:{role}:{now.isoformat()}:{start}",
            kind=LetterKind.LINKS,
            chat_id=actor.person.chat_id,
            person_id=actor.person.id,
            now=now,
            priority=Priority.ANSWER,
            facts={"seat_ids": seat_ids[start : start + LINKS_EACH], "path": place.path, "forget": True},
        )


async def overseer_seat(session: Session, place: Organisation, role: Role) -> int:
    """Give an empty seat of a coordinator (in the department) or of a clerk, making one if all are taken."""
    offices = await organisations.of_kinds(session, place, OrganisationKind.OFFICE)
    home = offices[0] if offices and role is Role.COORDINATOR else place
    title = seats.COORDINATOR if role is Role.COORDINATOR else seats.CLERK
    mine = [
        seat
        for seat in await seats.seats_of(session, path=home.path)
        if seat.role is role and seat.organisation_id == home.id
    ]
    empty = next((seat.seat_id for seat in mine if not seat.taken), None)
    if empty is not None:
        return empty
    numbered = title if not mine else f"{title} {len(mine) + 1}"
    return (await seats.seat(session, organisation_id=home.id, role=role, title=numbered)).id


async def make_links(
    session: Session, *, seat_ids: list[int], path: str, now: datetime
) -> list[tuple[SeatView, str]]:
    """Make a fresh token for each of these seats that is still empty: (seat, token)."""
    views = {seat.seat_id: seat for seat in await seats.seats_of(session, path=path)}
    return [
        (views[seat_id], await seats.invite(session, seat_id=seat_id, now=now))
        for seat_id in seat_ids
        if seat_id in views and not views[seat_id].taken
    ]
