"""Command menus: each person's list of commands follows their roles."""

from datetime import datetime

from models import Session
from models.letters import LetterKind
from services import letters
from services.access import Actor
from services.letters import Priority


async def write(session: Session, actor: Actor, *, now: datetime) -> None:
    """Write the letter that sets the command menu of a person's chat, by the roles held now."""
    await letters.write(
        session,
        key=f"menu:{actor.person.id}:{now.isoformat()}",
        kind=LetterKind.MENU,
        chat_id=actor.person.chat_id,
        person_id=actor.person.id,
        now=now,
        priority=Priority.REMINDER,
        facts={"roles": sorted({seat.role.value for seat in actor.seats})},
    )
