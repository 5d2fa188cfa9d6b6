"""The executor's phone: any answer is a report; drafts, and the list of items."""

from datetime import datetime

from aiogram.filters import Command
from aiogram.types import Message

from handlers.press import Press, Routes
from models import Session
from models.assignments import EvidenceKind
from services import items, reports
from services.access import Actor
from services.reports import Incoming, Piece
from views import items as views
from views.actions import Action
from views.screen import Answer, Edit

PLAN = Command("plan", "today")


async def plan(message: Message, session: Session, now: datetime, actor: Actor) -> Answer:  # noqa: ARG001
    """List what the executor owes."""
    return views.listed(await items.open_items(session, actor, now=now), 0)


async def any_answer(message: Message, session: Session, now: datetime, actor: Actor) -> Answer:
    """Keep whatever was sent; a bare «да» or «готово» sends the draft it follows."""
    ready = await reports.draft_to_send(session, actor, message.text or "")
    if ready is not None:
        return views.submitted(await reports.submit(session, actor, ready.id, now=now))
    await reports.receive(session, actor, incoming(message), now=now)
    return None  # one acknowledgement follows as a letter, when an album has settled


def incoming(message: Message) -> Incoming:
    """Read a Telegram message as the answer it is."""
    return Incoming(
        chat_id=message.chat.id,
        message_id=message.message_id,
        media_group_id=message.media_group_id,
        reply_to=message.reply_to_message.message_id if message.reply_to_message else None,
        text=message.text or message.caption or "",
        piece=piece(message),
        sent_at=message.date,
    )


def piece(message: Message) -> Piece | None:
    """Give the photo (its largest size) or the document of a message."""
    if message.photo:
        largest = message.photo[-1]
        return Piece(EvidenceKind.PHOTO, largest.file_id, largest.file_unique_id, None, largest.file_size)
    if message.document:
        sent = message.document
        return Piece(EvidenceKind.DOCUMENT, sent.file_id, sent.file_unique_id, sent.file_name, sent.file_size)
    return None


async def listed(press: Press) -> Answer:
    """Turn the pages of the list."""
    owed = await items.open_items(press.session, press.known, now=press.now)
    return Edit(views.listed(owed, press.id()))


async def answer(press: Press) -> Answer:
    """Begin a report on one item."""
    return views.begun(await reports.begin(press.session, press.known, press.id(), now=press.now))


async def submit(press: Press) -> Answer:
    """Send the draft to review."""
    return Edit(views.submitted(await reports.submit(press.session, press.known, press.id(), now=press.now)))


async def rebind(press: Press) -> Answer:
    """Ask which item a draft is about."""
    return Edit(views.draft(await reports.unbind(press.session, press.known, press.id(), now=press.now)))


async def bind(press: Press) -> Answer:
    """Put a draft to the item that was chosen."""
    return Edit(
        views.draft(await reports.bind(press.session, press.known, press.id(), press.id(1), now=press.now))
    )


async def drop(press: Press) -> Answer:
    """Put a draft aside."""
    await reports.drop(press.session, press.known, press.id(), now=press.now)
    return Edit(views.dropped())


PRESSES: Routes = {
    Action.ITEMS: listed,
    Action.ANSWER: answer,
    Action.SUBMIT: submit,
    Action.REBIND: rebind,
    Action.BIND: bind,
    Action.DROP: drop,
}
