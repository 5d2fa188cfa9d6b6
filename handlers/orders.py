"""The approver: an order arrives, is previewed, corrected, and approved."""

from datetime import datetime
from typing import TypeVar

from aiogram.filters import Command
from aiogram.types import Message

from handlers.press import Press, Routes
from models import Session
from models.letters import QuestionKind
from models.machinery import WorkKind
from models.roadmaps import Activity, Edition
from services import access, approval, assigning, corrections, drafts, parties, questions, works
from services.access import Actor
from services.refusals import NotFound
from views import orders as views
from views.actions import Action
from views.screen import Answer, Edit, Screen

ORDERS = Command("orders")
T = TypeVar("T")


async def order_file(message: Message, session: Session, now: datetime, actor: Actor) -> Answer:
    """Ask for an order to be read."""
    assert message.document is not None  # the route's filter
    place = await access.municipality(session, actor)
    name = message.document.file_name or "order"
    await works.add(
        session,
        kind=WorkKind.READ_ORDER,
        key=f"order:{message.chat.id}:{message.message_id}",
        chat_id=message.chat.id,
        facts={"file_id": message.document.file_id, "file_name": name, "owner_id": place.id},
        now=now,
    )
    return views.reading(name)


async def listed(message: Message, session: Session, actor: Actor) -> Answer:  # noqa: ARG001
    """List the plans in preparation."""
    place = await access.municipality(session, actor)
    heads = [await drafts.head(session, found) for found in await drafts.open_drafts(session, place.path)]
    return views.drafts(heads)


async def preview_of(session: Session, edition: Edition, now: datetime) -> Screen:
    """Give the preview of a draft."""
    drafts.still_draft(edition)
    return views.preview(
        await drafts.head(session, edition),
        await approval.doubts(session, edition, now=now),
        await parties.listed(session, edition),
    )


async def _draft(press: Press, edition_id: int | None = None) -> Edition:
    """Give the draft a press is about. Raises NotFound, NotADraft."""
    found = await access.edition(press.session, press.known, press.id() if edition_id is None else edition_id)
    drafts.still_draft(found)
    return found


async def _row(press: Press) -> tuple[Activity, Edition]:
    found = await corrections.activity(press.session, press.id())
    return found, await _draft(press, found.edition_id)


async def preview(press: Press) -> Answer:
    """Show the preview."""
    return Edit(await preview_of(press.session, await _draft(press), press.now))


async def remarks(press: Press) -> Answer:
    """List the remarks of the linter."""
    edition = await _draft(press)
    return Edit(views.remarks(edition.id, tuple(edition.remarks), press.id(1)))


async def rows(press: Press) -> Answer:
    """List the rows."""
    edition = await _draft(press)
    return Edit(views.rows(edition.id, await drafts.activities(press.session, edition), press.id(1)))


async def row(press: Press) -> Answer:
    """Show one row."""
    return Edit(await _row_screen(press.session, *await _row(press)))


async def _row_screen(session: Session, found: Activity, edition: Edition) -> Screen:
    shared = found.id in await drafts.shared_activities(session, edition)
    return views.row(found, await approval.due_dates(session, edition, found), shared=shared)


async def duties(press: Press) -> Answer:
    """Ask how several executors share a row."""
    return Edit(views.duties(await drafts.head(press.session, await _draft(press))))


async def duty_for_all(press: Press) -> Answer:
    """Set the duty of every row with several executors."""
    edition = await _draft(press)
    await drafts.set_duty(press.session, edition, _chosen(views.DUTIES, press.id(1)))
    return Edit(await preview_of(press.session, edition, press.now))


async def duty_for_row(press: Press) -> Answer:
    """Set the duty of one row."""
    found, edition = await _row(press)
    await drafts.set_duty(press.session, edition, _chosen(views.DUTIES, press.id(1)), activity_id=found.id)
    await press.session.refresh(found)
    return Edit(await _row_screen(press.session, found, edition))


def _chosen(choices: tuple[T, ...], place: int) -> T:
    if not 0 <= place < len(choices):
        raise NotFound
    return choices[place]


async def ask_deadline(press: Press) -> Answer:
    """Ask for the date of a row in words."""
    found, _ = await _row(press)
    await _ask(press, QuestionKind.DEADLINE, found.id)
    return views.ask_deadline(found)


async def ask_anchor(press: Press) -> Answer:
    """Ask for the day of the event a date counts from."""
    found, _ = await _row(press)
    await _ask(press, QuestionKind.ANCHOR, found.id)
    return views.ask_anchor(found)


async def _ask(press: Press, kind: QuestionKind, subject_id: int) -> None:
    await questions.ask(press.session, chat_id=press.chat_id, kind=kind, subject_id=subject_id, now=press.now)


async def undate(press: Press) -> Answer:
    """Say that a row has no date."""
    found, edition = await _row(press)
    await corrections.undate(press.session, edition, found)
    return Edit(await _row_screen(press.session, found, edition))


async def deadline(message: Message, subject_id: int, session: Session, actor: Actor) -> Answer:
    """Read the corrected date of a row."""
    found = await corrections.activity(session, subject_id)
    edition = await access.edition(session, actor, found.edition_id)
    await corrections.correct(session, edition, found, message.text or "")
    await questions.forget(session, message.chat.id)
    return await _row_screen(session, found, edition)


async def anchor(message: Message, subject_id: int, session: Session, actor: Actor) -> Answer:
    """Read the day of the event a date counts from."""
    found = await corrections.activity(session, subject_id)
    edition = await access.edition(session, actor, found.edition_id)
    await corrections.anchor(session, edition, found, message.text or "")
    await questions.forget(session, message.chat.id)
    return await _row_screen(session, found, edition)


async def past(press: Press) -> Answer:
    """List the control dates that have passed."""
    return Edit(await _past_screen(press, await _draft(press), press.id(1)))


async def _past_screen(press: Press, edition: Edition, page: int) -> Screen:
    await approval.refresh_past(press.session, edition, now=press.now)
    return views.past(
        edition.id,
        await assigning.past_dates(press.session, edition),
        await approval.report_day(press.session, edition, now=press.now),
        page,
    )


async def past_all(press: Press) -> Answer:
    """Decide about all passed dates at once."""
    edition = await _draft(press)
    await approval.choose_past(press.session, edition, _chosen(views.CHOICES, press.id(1)), now=press.now)
    return Edit(await preview_of(press.session, edition, press.now))


async def past_one(press: Press) -> Answer:
    """Decide about one passed date."""
    found = await approval.past_date(press.session, press.id())
    edition = await _draft(press, found.activity.edition_id)
    await approval.choose_past(
        press.session, edition, _chosen(views.CHOICES, press.id(1)), now=press.now, past_id=found.id
    )
    return Edit(await _past_screen(press, edition, press.id(2)))


async def approve(press: Press) -> Answer:
    """Ask once more, or show what is left to answer."""
    edition = await _draft(press)
    if left := await approval.doubts(press.session, edition, now=press.now):
        raise approval.NotReady(edition.id, left)
    return Edit(views.confirm(await drafts.head(press.session, edition)))


async def approve_sure(press: Press) -> Answer:
    """Approve the plan."""
    edition = await _draft(press)
    head = await drafts.head(press.session, edition)
    made = await approval.approve(press.session, edition, person=press.known.person, now=press.now)
    return Edit(views.approved(head, made))


async def discard(press: Press) -> Answer:
    """Put a draft aside."""
    await drafts.discard(press.session, await _draft(press), person=press.known.person, now=press.now)
    return Edit(views.discarded())


PRESSES: Routes = {
    Action.ORDER: preview,
    Action.REMARKS: remarks,
    Action.ROWS: rows,
    Action.ROW: row,
    Action.DUTIES: duties,
    Action.DUTY_ALL: duty_for_all,
    Action.DUTY_ROW: duty_for_row,
    Action.FIX_DEADLINE: ask_deadline,
    Action.FIX_ANCHOR: ask_anchor,
    Action.NO_DEADLINE: undate,
    Action.PAST: past,
    Action.PAST_ALL: past_all,
    Action.PAST_ONE: past_one,
    Action.APPROVE: approve,
    Action.APPROVE_SURE: approve_sure,
    Action.DISCARD: discard,
}
