"""The rehearsal: what will go out to whom, before an approval and any time after."""

from handlers.press import Press, Routes
from models.organisations import Organisation
from models.roadmaps import EditionState
from services import access, rehearsal
from services.rehearsal import Rehearsal
from views import rehearsal as views
from views.actions import Action
from views.screen import Answer, Edit


async def rehearse(press: Press) -> Answer:
    """Show what will go out in a month: of a draft as if it were approved, else of the plans in force."""
    edition_id, month, page = press.id(), press.id(1), press.id(2)
    if edition_id:
        found = await _of_edition(press, edition_id, month)
    else:
        place = await access.prepared_municipality(press.session, press.known)
        found = await _in_force(press, month, place)
    return Edit(views.rehearsal(found, edition_id, page))


async def _of_edition(press: Press, edition_id: int, month: int) -> Rehearsal:
    edition = await access.edition(press.session, press.known, edition_id)
    if edition.state is EditionState.APPROVED:
        return await _in_force(press, month, await rehearsal.owner(press.session, edition))
    return await rehearsal.rehearse_draft(
        press.session,
        edition,
        month=rehearsal.month_of(month),
        person=press.known.person,
        now=press.now,
    )


async def _in_force(press: Press, month: int, place: Organisation) -> Rehearsal:
    return await rehearsal.rehearse(press.session, place, month=rehearsal.month_of(month), now=press.now)


PRESSES: Routes = {Action.REHEARSAL: rehearse}
