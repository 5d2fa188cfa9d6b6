"""The executor's phone: any answer is a report; drafts, and the list of items."""

from datetime import date, datetime

from aiogram.filters import Command
from aiogram.types import Message

from handlers.press import Press, Routes
from models import Session
from models.assignments import Children, EvidenceKind
from models.people import Role
from services import items, replies, reports, revising, several
from services.access import Actor
from services.incoming import Incoming, Piece
from services.quotas import UsedUp
from services.refusals import NotFound
from views import demands
from views import items as views
from views.actions import PAGE, Action
from views.screen import Answer, Edit

FILES = (
    EvidenceKind.ANIMATION,
    EvidenceKind.DOCUMENT,
    EvidenceKind.VIDEO,
    EvidenceKind.VIDEO_NOTE,
    EvidenceKind.VOICE,
    EvidenceKind.AUDIO,
)
PLAN = Command("plan")
TODAY = Command("today")


async def plan(message: Message, session: Session, now: datetime, actor: Actor) -> Answer:  # noqa: ARG001
    """Show the executor's plan, opened at the month of what is next."""
    found = await items.planned_items(session, actor, now=now)
    return views.monthly(found, items.next_month(found, now.date()), 0)


async def today(message: Message, session: Session, now: datetime, actor: Actor) -> Answer:  # noqa: ARG001
    """Say what is due now."""
    return views.today(await items.open_items(session, actor, now=now))


async def any_answer(message: Message, session: Session, now: datetime, actor: Actor) -> Answer:
    """Keep whatever was sent; a bare «да» or «готово» sends the draft it follows."""
    ready = await reports.draft_to_send(session, actor, message.text or "")
    if ready is not None:
        return views.submitted(await reports.submit(session, actor, ready.id, now=now))
    kept = await reports.receive(session, actor, incoming(message), now=now)
    if isinstance(kept, UsedUp):
        return views.used_up(kept) if kept.first else None
    return None  # one acknowledgement follows as a letter, when an album has settled


async def edited(message: Message, session: Session, now: datetime, actor: Actor | None) -> Answer:
    """Let a report, or the answer to a request, follow a message that was edited."""
    if actor is None or not actor.has(Role.EXECUTOR):
        return None
    if await replies.revise(session, actor, incoming(message), now=now):
        return demands.passed_again()
    return views.revised(await revising.revise(session, actor, incoming(message), now=now))


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
        forwarded=message.forward_origin is not None,
    )


def piece(message: Message) -> Piece | None:
    """Give the photo (its largest size) or the file of a message."""
    if message.photo:
        largest = message.photo[-1]
        return Piece(EvidenceKind.PHOTO, largest.file_id, largest.file_unique_id, None, largest.file_size)
    for kind in FILES:  # an animation comes as a document too, so it is asked for before
        sent = getattr(message, kind.value)
        if sent is not None:
            name = getattr(sent, "file_name", None)
            return Piece(kind, sent.file_id, sent.file_unique_id, name, sent.file_size)
    return None


async def listed(press: Press) -> Answer:
    """Turn the pages of the list."""
    owed = await items.open_items(press.session, press.known, now=press.now)
    return Edit(views.listed(owed, press.id()))


async def answer(press: Press) -> Answer:
    """Begin a report on one item."""
    return views.begun(await reports.begin(press.session, press.known, press.id(), now=press.now))


async def month(press: Press) -> Answer:
    """Turn to another month of the plan, or to another page of it."""
    found = await items.planned_items(press.session, press.known, now=press.now)
    return Edit(views.monthly(found, month_of(press.id()), press.id(1)))


def month_of(number: int) -> date:
    """Read the month a button carries: 202610. Raises NotFound."""
    try:
        return date(number // 100, number % 100, 1)
    except ValueError:
        raise NotFound from None


async def open_draft(press: Press) -> Answer:
    """Show a draft that was left alone."""
    await reports.own_draft(press.session, press.known, press.id())
    return views.draft(await reports.draft(press.session, press.known, press.id(), now=press.now))


async def supplement(press: Press) -> Answer:
    """Add a draft to the report that a colleague has sent."""
    return Edit(
        views.supplemented(await reports.supplement(press.session, press.known, press.id(), now=press.now))
    )


async def bind_all(press: Press) -> Answer:
    """Ask whether a draft is meant for all the nearest items."""
    await reports.own_draft(press.session, press.known, press.id())
    return Edit(views.all_of_them(await reports.draft(press.session, press.known, press.id(), now=press.now)))


async def all_sure(press: Press) -> Answer:
    """Send a draft for all the nearest items."""
    sent = await several.submit_to_all(press.session, press.known, press.id(), most=PAGE, now=press.now)
    return Edit(views.all_sent(sent))


async def children(press: Press) -> Answer:
    """Keep what was said of children in the pictures."""
    if not 0 <= press.id(1) < len(Children):
        raise NotFound
    said = list(Children)[press.id(1)]
    return Edit(
        views.submitted(
            await reports.say_children(press.session, press.known, press.id(), said, now=press.now)
        )
    )


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
    Action.MONTH: month,
    Action.DRAFT: open_draft,
    Action.SUPPLEMENT: supplement,
    Action.BIND_ALL: bind_all,
    Action.ALL_SURE: all_sure,
    Action.CHILDREN: children,
    Action.ANSWER: answer,
    Action.SUBMIT: submit,
    Action.REBIND: rebind,
    Action.BIND: bind,
    Action.DROP: drop,
}
