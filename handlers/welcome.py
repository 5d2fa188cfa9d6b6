"""Meeting people: /start, consent, /help, /cancel, strangers and groups."""

from datetime import datetime

from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import ChatMemberUpdated, Message

from handlers.press import Press, Routes
from models import Session
from models.people import Role
from services import access, items, menus, questions, reaching, seats
from services.access import Actor
from views import welcome
from views.actions import Action
from views.screen import Answer, Edit

START = CommandStart()
HELP = Command("help")
CANCEL = Command("cancel")


async def start(
    message: Message, command: CommandObject, session: Session, now: datetime, actor: Actor | None
) -> Answer:
    """Open an invitation, or greet whoever is known."""
    if command.args:
        offer = await seats.open_invitation(
            session, token=command.args.strip(), chat_id=message.chat.id, now=now
        )
        return welcome.offer(offer)
    return welcome.help_for(actor) if actor else welcome.stranger()


async def stranger(message: Message) -> Answer:  # noqa: ARG001 - whatever was said
    """Answer somebody without a seat."""
    return welcome.stranger()


async def in_group(message: Message) -> Answer:
    """Answer commands in a group by pointing to the private chat; nothing personal is said there."""
    return welcome.private_only() if (message.text or "").startswith("/") else None


async def ask_for_help(message: Message, actor: Actor) -> Answer:  # noqa: ARG001
    """Answer /help."""
    return welcome.help_for(actor)


async def cancel(message: Message, session: Session) -> Answer:
    """Forget the open question."""
    return welcome.cancelled(there_was=await questions.forget(session, message.chat.id))


async def not_understood(message: Message, actor: Actor) -> Answer:  # noqa: ARG001
    """Answer what no other route took."""
    return welcome.not_understood(actor)


async def join(press: Press) -> Answer:
    """Show the consent to whoever says the seat is theirs."""
    offer = await seats.opened_invitation(
        press.session, invitation_id=press.id(), chat_id=press.chat_id, now=press.now
    )
    return Edit(welcome.consent(offer))


async def consent(press: Press) -> Answer:
    """Take the seat with consent given."""
    person, offer = await seats.join(
        press.session,
        invitation_id=press.id(),
        telegram_id=press.telegram_id,
        chat_id=press.chat_id,
        name=press.name,
        now=press.now,
    )
    actor = await access.actor_of(press.session, person.telegram_id)
    assert actor is not None  # a seat has just been taken
    await menus.write(press.session, actor, now=press.now)
    owed = await items.open_items(press.session, actor, now=press.now) if actor.has(Role.EXECUTOR) else []
    return Edit(welcome.joined(offer, owed))


async def membership(event: ChatMemberUpdated, session: Session, now: datetime) -> Answer:
    """Remember who blocked the bot and who let it in again."""
    blocked = event.new_chat_member.status == "kicked"
    if not blocked:
        await reaching.reunite(session, chat_id=event.chat.id, now=now)
    await seats.set_reachable(session, chat_id=event.chat.id, why_not="blocked" if blocked else None, now=now)
    return None


PRESSES: Routes = {Action.JOIN: join, Action.CONSENT: consent}
