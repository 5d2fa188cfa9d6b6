"""The approver: an order arrives, is previewed, decided on, and approved."""

from datetime import datetime

from aiogram.filters import Command
from aiogram.types import Message

from handlers.drafts import changed, chosen, draft, past_screen, preview_screen
from handlers.press import Press, Routes
from models import Session
from models.letters import LetterKind
from models.machinery import WorkKind
from models.organisations import Organisation
from services import access, approval, drafts, duties, editions, letters, works
from services.access import Actor
from services.editing import What
from services.letters import Priority
from views import orders as views
from views import plans as plan_views
from views.actions import Action
from views.screen import Answer, Edit, Popup, Screen

ORDERS = Command("orders")


async def order_file(message: Message, session: Session, now: datetime, actor: Actor) -> Answer:
    """Ask for an order to be read."""
    return await _read_file(message, session, now, actor, WorkKind.READ_ORDER)


async def table_file(message: Message, session: Session, now: datetime, actor: Actor) -> Answer:
    """Ask for a spreadsheet to be read: an order, or a list of schools."""
    return await _read_file(message, session, now, actor, WorkKind.READ_TABLE)


async def _read_file(
    message: Message, session: Session, now: datetime, actor: Actor, kind: WorkKind
) -> Answer:
    assert message.document is not None  # the route's filter
    place = await access.municipality(session, actor)
    name = (message.document.file_name or "order").replace("\0", "")
    await works.add(
        session,
        kind=kind,
        key=f"order:{message.chat.id}:{message.message_id}",
        chat_id=message.chat.id,
        facts={"file_id": message.document.file_id, "file_name": name, "owner_id": place.id},
        now=now,
    )
    return views.reading(name)


async def pasted(message: Message, session: Session, now: datetime, actor: Actor) -> Answer:
    """Ask for an order that was pasted into the chat to be read; a long one comes in several messages."""
    place = await access.municipality(session, actor)
    first = await works.add_pasted(
        session,
        chat_id=message.chat.id,
        message_id=message.message_id,
        text=message.text or "",
        facts={"file_name": views.PASTED, "owner_id": place.id},
        now=now,
    )
    return views.reading(views.PASTED) if first else None


async def picture(message: Message) -> Answer:  # noqa: ARG001
    """Say that a picture of an order is not read."""
    return views.not_a_picture()


async def listed(message: Message, session: Session, actor: Actor) -> Answer:  # noqa: ARG001
    """List the plans in preparation and those in force."""
    return await _listed(session, await access.municipality(session, actor))


async def plans(press: Press) -> Answer:
    """List them in place."""
    return Edit(await _listed(press.session, await access.municipality(press.session, press.known)))


async def _listed(session: Session, place: Organisation) -> Screen:
    heads = [await drafts.head(session, found) for found in await drafts.open_drafts(session, place.path)]
    return plan_views.listed(heads, await editions.roadmaps(session, place))


async def plan(press: Press) -> Answer:
    """Show a plan in force."""
    roadmap = await access.roadmap(press.session, press.known, press.id())
    return Edit(plan_views.plan(roadmap, await editions.approved(press.session, roadmap.id)))


async def source(press: Press) -> Answer:
    """Send the original file of an order again."""
    edition = await access.edition(press.session, press.known, press.id())
    if edition.source_file_id is None:
        return plan_views.no_source()
    await letters.write(
        press.session,
        key=f"source:{edition.id}:{press.chat_id}:{press.now.isoformat()}",
        kind=LetterKind.NOTE,
        chat_id=press.chat_id,
        person_id=press.known.person.id,
        now=press.now,
        priority=Priority.ANSWER,
        payload=plan_views.source(press.chat_id, edition, await editions.fingerprint(press.session, edition)),
    )
    return Popup("")


async def preview(press: Press) -> Answer:
    """Show the preview."""
    return Edit(await preview_screen(press.session, await draft(press), press.known.person, press.now))


async def remarks(press: Press) -> Answer:
    """List the remarks of the linter."""
    edition = await draft(press)
    return Edit(views.remarks(edition.id, tuple(edition.remarks), press.id(1)))


async def order_duties(press: Press) -> Answer:
    """Offer the points of the order's own text that carry a date."""
    edition = await draft(press)
    return Edit(plan_views.order_duties(edition.id, edition.duties or []))


async def add_duty(press: Press) -> Answer:
    """Add such a point to the plan as a row."""
    edition = await draft(press)
    row = await duties.add(press.session, edition, press.id(1))
    await changed(press, edition, What.ROW, row_id=row.id)
    return Edit(plan_views.order_duties(edition.id, edition.duties or []))


async def past(press: Press) -> Answer:
    """List the control dates that have passed."""
    return Edit(await past_screen(press, await draft(press), press.id(1)))


async def past_all(press: Press) -> Answer:
    """Decide about all passed dates at once."""
    edition = await draft(press)
    await approval.choose_past(press.session, edition, chosen(views.CHOICES, press.id(1)), now=press.now)
    await changed(press, edition, What.PAST)
    return Edit(await preview_screen(press.session, edition, press.known.person, press.now))


async def past_one(press: Press) -> Answer:
    """Decide about one passed date."""
    found = await approval.past_date(press.session, press.id())
    edition = await draft(press, found.activity.edition_id)
    choice = chosen(views.CHOICES, press.id(1))
    await approval.choose_past(press.session, edition, choice, now=press.now, past_id=found.id)
    await changed(press, edition, What.PAST)
    return Edit(await past_screen(press, edition, press.id(2)))


async def approve(press: Press) -> Answer:
    """Ask once more, or show what is left to answer."""
    edition = await draft(press)
    if left := await approval.doubts(press.session, edition, now=press.now):
        raise approval.NotReady(edition.id, left)
    return Edit(views.confirm(await drafts.head(press.session, edition)))


async def approve_sure(press: Press) -> Answer:
    """Approve the plan."""
    edition = await draft(press)
    head = await drafts.head(press.session, edition)
    made = await approval.approve(press.session, edition, person=press.known.person, now=press.now)
    await changed(press, edition, What.APPROVED)
    return Edit(views.approved(head, made))


async def discard(press: Press) -> Answer:
    """Put a draft aside."""
    edition = await draft(press)
    await drafts.discard(press.session, edition, person=press.known.person, now=press.now)
    await changed(press, edition, What.DISCARDED)
    return Edit(views.discarded())


PRESSES: Routes = {
    Action.ORDER: preview,
    Action.ORDERS: plans,
    Action.PLAN: plan,
    Action.SOURCE: source,
    Action.REMARKS: remarks,
    Action.ORDER_DUTIES: order_duties,
    Action.ADD_DUTY: add_duty,
    Action.PAST: past,
    Action.PAST_ALL: past_all,
    Action.PAST_ONE: past_one,
    Action.APPROVE: approve,
    Action.APPROVE_SURE: approve_sure,
    Action.DISCARD: discard,
}
