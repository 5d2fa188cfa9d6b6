"""An order that changes a plan: which plan, row by row what, and the plan as it was on any day."""

from datetime import date, datetime

from aiogram.types import Message

from handlers.drafts import changed, draft, preview_screen, row
from handlers.press import Press, Routes
from models import Session
from models.letters import QuestionKind
from models.roadmaps import Activity, Roadmap
from plans.calendar import end_of_day
from services import access, amendments, corrections, editions, history, questions
from services.access import Actor
from services.amendments import DifferenceKind
from services.editing import What
from services.refusals import NotFound
from views import changes as views
from views.actions import Action
from views.screen import Answer, Edit, Screen


async def bases(press: Press) -> Answer:
    """Ask which plan the order changes."""
    edition = await draft(press)
    return Edit(views.bases(edition.id, await amendments.candidates(press.session, edition)))


async def rebase(press: Press) -> Answer:
    """Put the draft under the plan it changes."""
    edition = await draft(press)
    roadmap = await access.roadmap(press.session, press.known, press.id(1))
    await amendments.rebase(press.session, edition, roadmap)
    await changed(press, edition, What.BASE)
    return Edit(await preview_screen(press.session, edition, press.known.person, press.now))


async def separate(press: Press) -> Answer:
    """Say that the order is a plan of its own."""
    edition = await draft(press)
    await amendments.separate(press.session, edition)
    await changed(press, edition, What.BASE)
    return Edit(await preview_screen(press.session, edition, press.known.person, press.now))


async def accept_remark(press: Press) -> Answer:
    """Leave a change that found no row."""
    edition = await draft(press)
    await amendments.accept_remark(press.session, edition, press.id(1))
    await changed(press, edition, What.BASE)
    return Edit(await preview_screen(press.session, edition, press.known.person, press.now))


async def differences(press: Press) -> Answer:
    """List row by row what the order changes, or has changed."""
    edition = await access.edition(press.session, press.known, press.id())
    found = await amendments.differences(press.session, edition)
    return Edit(views.differences(edition, found, press.id(1)))


async def match(press: Press) -> Answer:
    """Ask which row of the edition before a row is."""
    found, edition = await row(press)
    before = await press.session.get(Activity, found.previous_id) if found.previous_id else None
    dropped = [
        one.before
        for one in await amendments.differences(press.session, edition)
        if one.kind is DifferenceKind.DROPPED and one.before is not None
    ]
    return Edit(views.match(found, before, dropped))


async def link(press: Press) -> Answer:
    """Say which row of the edition before a row is, or that it is new."""
    found, edition = await row(press)
    await amendments.link(press.session, edition, found, press.id(1) or None)
    await changed(press, edition, What.ROW, row_id=found.id)
    return Edit(views.differences(edition, await amendments.differences(press.session, edition), 0))


async def ask_day(press: Press) -> Answer:
    """Ask as of which day a plan is to be shown."""
    roadmap = await access.roadmap(press.session, press.known, press.id())
    await questions.ask(
        press.session,
        chat_id=press.chat_id,
        kind=QuestionKind.AS_OF,
        subject_id=roadmap.id,
        now=press.now,
    )
    return views.ask_day(roadmap)


async def as_of(message: Message, subject_id: int, session: Session, now: datetime, actor: Actor) -> Answer:
    """Show a plan as it was at the end of the day that was written."""
    roadmap = await access.roadmap(session, actor, subject_id)
    edition = await editions.in_force(session, roadmap.id)
    if edition is None:
        raise NotFound
    day = await corrections.one_day(session, edition, message.text or "")
    await questions.forget(session, message.chat.id)
    return await _as_of_screen(session, roadmap, day, 0, now)


async def as_of_page(press: Press) -> Answer:
    """Turn the pages of a plan as it was."""
    roadmap = await access.roadmap(press.session, press.known, press.id())
    if not date.min.toordinal() <= press.id(1) <= date.max.toordinal() - 1:
        raise NotFound
    day = date.fromordinal(press.id(1))
    return Edit(await _as_of_screen(press.session, roadmap, day, press.id(2), press.now))


async def _as_of_screen(session: Session, roadmap: Roadmap, day: date, page: int, now: datetime) -> Screen:
    at = min(end_of_day(day, roadmap.time_zone), now)
    return views.as_of(roadmap, day, await history.as_of(session, roadmap.id, at), page)


PRESSES: Routes = {
    Action.BASES: bases,
    Action.REBASE: rebase,
    Action.SEPARATE: separate,
    Action.REMARK_OK: accept_remark,
    Action.CHANGES: differences,
    Action.MATCH: match,
    Action.LINK: link,
    Action.AS_OF: ask_day,
    Action.AS_OF_PAGE: as_of_page,
}
