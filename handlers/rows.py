"""The approver corrects rows: by a button and a reply, or in words at once."""

from datetime import datetime

from aiogram.types import Message

from handlers.drafts import changed, chosen, draft, preview_screen, row, row_screen
from handlers.press import Press, Routes
from models import Session
from models.letters import QuestionKind
from models.roadmaps import Activity, Edition
from plans.correction import Correction, Field
from services import access, approval, corrections, drafts, editing, questions
from services.access import Actor
from services.approval import DoubtKind
from services.editing import What
from views import orders as order_views
from views import rows as views
from views.actions import Action
from views.screen import Answer, Edit

ASKED = {
    Field.DEADLINE: QuestionKind.DEADLINE,
    Field.EXECUTORS: QuestionKind.EXECUTORS,
    Field.TITLE: QuestionKind.TITLE,
    Field.RESULT: QuestionKind.RESULT,
}
FIELD_OF = {kind: field for field, kind in ASKED.items()}
OF_ROWS = (DoubtKind.UNKNOWN_DEADLINE, DoubtKind.ANCHOR, DoubtKind.PERIOD)


async def listed(press: Press) -> Answer:
    """List the rows, doubts first."""
    edition = await draft(press)
    found = await drafts.activities(press.session, edition)
    doubts = await approval.doubts(press.session, edition, now=press.now)
    doubtful = {one.subject_id: order_views.DOUBT_WORDS[one.kind] for one in doubts if one.kind in OF_ROWS}
    return Edit(views.rows(edition.id, found, doubtful, press.id(1)))


async def one(press: Press) -> Answer:
    """Show one row; what is written next may correct it."""
    found, edition = await row(press)
    await _ask(press, QuestionKind.ROW, found.id)
    return Edit(await row_screen(press.session, found, edition))


async def _ask(press: Press, kind: QuestionKind, subject_id: int) -> None:
    await questions.ask(press.session, chat_id=press.chat_id, kind=kind, subject_id=subject_id, now=press.now)


async def duties(press: Press) -> Answer:
    """Ask how several executors share a row."""
    return Edit(order_views.duties(await drafts.head(press.session, await draft(press))))


async def duty_for_all(press: Press) -> Answer:
    """Set the duty of every row with several executors."""
    edition = await draft(press)
    await drafts.set_duty(press.session, edition, chosen(views.DUTIES, press.id(1)))
    await changed(press, edition, What.DUTY)
    return Edit(await preview_screen(press.session, edition, press.known.person, press.now))


async def duty_for_row(press: Press) -> Answer:
    """Set the duty of one row."""
    found, edition = await row(press)
    await drafts.set_duty(press.session, edition, chosen(views.DUTIES, press.id(1)), activity_id=found.id)
    await changed(press, edition, What.DUTY, row_id=found.id)
    await press.session.refresh(found)
    return Edit(await row_screen(press.session, found, edition))


async def ask_field(press: Press) -> Answer:
    """Ask for the new text of a field."""
    found, _ = await row(press)
    field = chosen(views.FIELDS, press.id(1))
    await _ask(press, ASKED[field], found.id)
    return views.ask(found, field)


async def ask_anchor(press: Press) -> Answer:
    """Ask for the day of the event a date counts from."""
    found, _ = await row(press)
    await _ask(press, QuestionKind.ANCHOR, found.id)
    return views.ask_anchor(found)


async def undate(press: Press) -> Answer:
    """Say that a row has no date."""
    found, edition = await row(press)
    await corrections.undate(press.session, edition, found)
    await changed(press, edition, What.DEADLINE, row_id=found.id)
    return Edit(await row_screen(press.session, found, edition))


async def answer(
    message: Message, subject_id: int, kind: QuestionKind, session: Session, now: datetime, actor: Actor
) -> Answer:
    """Take the text that was asked for as the new text of a field."""
    found = await corrections.activity(session, subject_id)
    edition = await access.edition(session, actor, found.edition_id)
    written = " ".join((message.text or "").split())
    return await _correct(session, edition, found, Correction(FIELD_OF[kind], written), now, actor)


async def correction(
    message: Message,  # noqa: ARG001 - the filter has read it
    correction: Correction,
    subject: tuple[QuestionKind, int],
    session: Session,
    now: datetime,
    actor: Actor,
) -> Answer:
    """Correct a field in words: «срок: …» of the row on the screen, «п. 5 срок: …» of any."""
    edition, found = await _meant(session, actor, correction, subject)
    return await _correct(session, edition, found, correction, now, actor)


async def _meant(
    session: Session, actor: Actor, said: Correction, subject: tuple[QuestionKind, int]
) -> tuple[Edition, Activity]:
    """Give the row a correction speaks of: the one of its number, else the one on the screen."""
    kind, subject_id = subject
    shown = await corrections.activity(session, subject_id) if kind is not QuestionKind.PLAN else None
    edition = await access.edition(session, actor, shown.edition_id if shown else subject_id)
    drafts.still_draft(edition)
    if said.number is not None or shown is None:
        return edition, await corrections.numbered(session, edition, said.number or "")
    return edition, shown


async def _correct(
    session: Session, edition: Edition, found: Activity, said: Correction, now: datetime, actor: Actor
) -> Answer:
    await corrections.correct(session, edition, found, said)
    await editing.changed(session, edition, actor.person, What(said.field.value), now=now, row=found.id)
    await questions.ask(
        session, chat_id=actor.person.chat_id, kind=QuestionKind.ROW, subject_id=found.id, now=now
    )
    return await row_screen(session, found, edition)


async def anchor(message: Message, subject_id: int, session: Session, now: datetime, actor: Actor) -> Answer:
    """Read the day of the event a date counts from."""
    found = await corrections.activity(session, subject_id)
    edition = await access.edition(session, actor, found.edition_id)
    await corrections.anchor(session, edition, found, message.text or "")
    await editing.changed(session, edition, actor.person, What.ANCHOR, now=now, row=found.id)
    await questions.forget(session, message.chat.id)
    return await row_screen(session, found, edition)


PRESSES: Routes = {
    Action.ROWS: listed,
    Action.ROW: one,
    Action.DUTIES: duties,
    Action.DUTY_ALL: duty_for_all,
    Action.DUTY_ROW: duty_for_row,
    Action.FIX: ask_field,
    Action.FIX_ANCHOR: ask_anchor,
    Action.NO_DEADLINE: undate,
}
