"""Schools are added, people are invited."""

from datetime import datetime

from aiogram.filters import Command
from aiogram.types import Message

from handlers.press import Press, Routes
from models import Session
from models.letters import QuestionKind
from models.machinery import WorkKind
from plans.schools import read_school_lines
from services import access, invitations, organisations, questions, works
from services.access import Actor
from services.refusals import NotFound
from views import invitations as views
from views import orders
from views.actions import Action
from views.screen import Answer, Screen

INVITE = Command("invite")


async def invite(message: Message, session: Session, actor: Actor) -> Answer:  # noqa: ARG001
    """Answer /invite."""
    return await _overview(session, actor)


async def overview(press: Press) -> Answer:
    """Show whose seats are taken."""
    return await _overview(press.session, press.known)


async def _overview(session: Session, actor: Actor) -> Screen:
    place = await access.municipality(session, actor)
    return views.overview(await invitations.seats_to_fill(session, place))


async def links(press: Press) -> Answer:
    """Ask for the links of one group of people; they are made when the letter is worded."""
    if not 0 <= press.id() < len(views.GROUPS):
        raise NotFound
    place = await access.municipality(press.session, press.known)
    await invitations.write_links(
        press.session, press.known, place, views.GROUPS[press.id()][0], now=press.now
    )
    return None


async def ask_schools(press: Press) -> Answer:
    """Ask for the list of schools."""
    await access.municipality(press.session, press.known)
    await questions.ask(
        press.session,
        chat_id=press.chat_id,
        kind=QuestionKind.SCHOOLS,
        subject_id=None,
        now=press.now,
    )
    return views.ask_schools()


async def school_lines(message: Message, session: Session, actor: Actor) -> Answer:
    """Add the schools that were typed."""
    place = await access.municipality(session, actor)
    lines = [(line.name, line.short_name) for line in read_school_lines(message.text or "")]
    added = await organisations.add_schools(session, place, lines)
    await questions.forget(session, message.chat.id)
    return views.schools_added(added.added, added.known, added.total)


async def schools_file(message: Message, session: Session, now: datetime, actor: Actor) -> Answer:
    """Ask for a list of schools to be read."""
    assert message.document is not None  # the route's filter
    place = await access.municipality(session, actor)
    name = message.document.file_name or "schools"
    await questions.forget(session, message.chat.id)
    await works.add(
        session,
        kind=WorkKind.READ_SCHOOLS,
        key=f"schools:{message.chat.id}:{message.message_id}",
        chat_id=message.chat.id,
        facts={"file_id": message.document.file_id, "file_name": name, "owner_id": place.id},
        now=now,
    )
    return orders.reading(name)


PRESSES: Routes = {
    Action.SCHOOLS: ask_schools,
    Action.INVITES: overview,
    Action.INVITE: links,
}
