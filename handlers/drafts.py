"""A draft on the screen: what the conversations about rows, parties and amendments have in common."""

from datetime import datetime
from typing import TypeVar

from handlers.press import Press
from models import Session
from models.letters import QuestionKind
from models.people import Person
from models.roadmaps import Activity, Edition
from services import access, approval, assigning, corrections, drafts, editing, preview, questions
from services.editing import What
from services.refusals import NotFound
from views import orders as views
from views import rows as row_views
from views.screen import Screen

T = TypeVar("T")


async def draft(press: Press, edition_id: int | None = None) -> Edition:
    """Give the draft a press is about. Raises NotFound, NotADraft."""
    found = await access.edition(press.session, press.known, press.id() if edition_id is None else edition_id)
    drafts.still_draft(found)
    return found


async def row(press: Press) -> tuple[Activity, Edition]:
    """Give the row of a draft a press is about. Raises NotFound, NotADraft."""
    found = await corrections.activity(press.session, press.id())
    return found, await draft(press, found.edition_id)


async def preview_screen(session: Session, edition: Edition, person: Person, now: datetime) -> Screen:
    """Show a draft, and who else is at work on it. Raises NotADraft."""
    found = await preview.of(session, edition, now=now)
    colleagues = await editing.opened(session, edition, person, now=now)
    await questions.ask(
        session, chat_id=person.chat_id, kind=QuestionKind.PLAN, subject_id=edition.id, now=now
    )
    return views.preview(found, colleagues)


async def row_screen(session: Session, found: Activity, edition: Edition) -> Screen:
    """Show one row of a draft, beside what it was before an amending order."""
    shared = found.id in await drafts.shared_activities(session, edition)
    before = await session.get(Activity, found.previous_id) if found.previous_id is not None else None
    return row_views.row(
        found, await approval.due_dates(session, edition, found), shared=shared, before=before
    )


async def past_screen(press: Press, edition: Edition, page: int) -> Screen:
    """List the control dates of a draft that have passed."""
    await approval.refresh_past(press.session, edition, now=press.now)
    return views.past(
        edition.id,
        await assigning.past_dates(press.session, edition),
        await approval.report_day(press.session, edition, now=press.now),
        page,
    )


async def changed(press: Press, edition: Edition, what: What, *, row_id: int | None = None) -> None:
    """Note what the person who pressed has changed of a draft."""
    await editing.changed(press.session, edition, press.known.person, what, now=press.now, row=row_id)


def chosen(choices: tuple[T, ...], place: int) -> T:
    """Give the choice a button carries by its place. Raises NotFound."""
    if not 0 <= place < len(choices):
        raise NotFound
    return choices[place]
