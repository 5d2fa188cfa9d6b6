"""The summary on request, and everything that opens out of it."""

from datetime import datetime

from aiogram.filters import Command
from aiogram.types import Message

from handlers.press import Press, Routes
from models import Session
from services import access, deciding, figures, reviews, seats, summary
from services.access import Actor
from services.refusals import NotFound
from services.summary import Scope, Standing
from views import reviews as review_views
from views import status as views
from views.actions import Action
from views.screen import Answer, Edit, Screen

STATUS = Command("status")


async def status(message: Message, session: Session, now: datetime, actor: Actor) -> Answer:  # noqa: ARG001
    """Answer /status."""
    return await _summary(session, actor, now)


async def again(press: Press) -> Answer:
    """Show the summary anew."""
    return Edit(await _summary(press.session, press.known, press.now))


async def _summary(session: Session, actor: Actor, now: datetime) -> Screen:
    place = await access.municipality(session, actor)
    counted = await summary.figures(session, Scope(place.path), now=now)
    appeals = await deciding.waiting(session, actor, now=now) if actor.has(*access.REVIEWERS) else []
    return views.summary(place.name, counted, now=now, zone=place.time_zone, appeals=len(appeals))


async def _scope(press: Press, organisation_id: int = 0, section_id: int = 0) -> Scope:
    """Give what the actor may count: the municipality, narrowed to an organisation or a section."""
    place = await access.municipality(press.session, press.known)
    if organisation_id:
        await access.organisation(press.session, press.known, organisation_id)
    return Scope(place.path, organisation_id or None, section_id or None)


async def rows(press: Press) -> Answer:
    """Open a figure into its rows; what is on review opens into the queue."""
    standing = _standing(press.id())
    scope = await _scope(press, press.id(1), press.id(2))
    if standing is Standing.ON_REVIEW and press.known.has(*access.REVIEWERS):
        waiting = await reviews.waiting(press.session, press.known)
        return Edit(views.queue(waiting, press.id(3)))
    found = await summary.rows(press.session, scope, [standing], now=press.now)
    sums = await figures.summed(press.session, [row.assignment_id for row in found])
    ids = {"organisation_id": press.id(1), "section_id": press.id(2)}
    return Edit(views.rows(standing, found, press.id(3), sums=sums, **ids))


def _standing(value: int) -> Standing:
    try:
        return Standing(value)
    except ValueError:
        raise NotFound from None


async def places(press: Press) -> Answer:
    """List the organisations with their figures."""
    groups = await summary.by_organisation(press.session, await _scope(press), now=press.now)
    held = await seats.held_organisations(press.session)
    return Edit(views.places(groups, held, press.id()))


async def place(press: Press) -> Answer:
    """Show the card of one organisation."""
    scope = await _scope(press, press.id())
    found = await access.organisation(press.session, press.known, press.id())
    figures = await summary.figures(press.session, scope, now=press.now)
    return Edit(
        views.summary(
            found.short_name, figures, now=press.now, zone=found.time_zone, organisation_id=found.id
        )
    )


async def sections(press: Press) -> Answer:
    """List the sections with their figures."""
    groups = await summary.by_section(press.session, await _scope(press), now=press.now)
    return Edit(views.sections(groups, press.ids[0] if press.ids else 0))


async def report(press: Press) -> Answer:
    """Open the card of a report out of the queue."""
    return review_views.card(await reviews.card(press.session, press.known, press.id()))


PRESSES: Routes = {
    Action.STATUS: again,
    Action.STATUS_ROWS: rows,
    Action.STATUS_PLACES: places,
    Action.STATUS_PLACE: place,
    Action.STATUS_SECTIONS: sections,
    Action.STATUS_REVIEW: report,
}
