"""The approver says whom the order's words mean."""

from handlers.drafts import changed, draft
from handlers.press import Press, Routes
from models.organisations import OrganisationKind
from models.roadmaps import Edition
from services import access, organisations, parties
from services.editing import What
from services.refusals import NotFound
from views import parties as views
from views.actions import Action
from views.screen import Answer, Edit, Screen


async def listed(press: Press) -> Answer:
    """List the parties of a draft."""
    edition = await draft(press)
    return Edit(views.parties(edition.id, await parties.listed(press.session, edition)))


async def _of_party(press: Press) -> Edition:
    return await draft(press, await parties.edition_of(press.session, press.id()))


async def one(press: Press) -> Answer:
    """Ask whom a party means."""
    return Edit(await _screen(press, await _of_party(press), press.id(1)))


async def _screen(press: Press, edition: Edition, page: int) -> Screen:
    """Show a party with what it can mean: offices first, then the schools one by one."""
    place = await access.municipality(press.session, press.known)
    others = await organisations.of_kinds(press.session, place, *views.FOUNDED)
    schools = await organisations.schools(press.session, place)
    view = await parties.one(press.session, edition, press.id())
    return views.party(edition.id, view, [*others, *schools], len(schools), page)


async def all_schools(press: Press) -> Answer:
    """Let a party mean every school."""
    edition = await _of_party(press)
    await parties.mean_all_schools(press.session, press.id())
    await changed(press, edition, What.PARTY)
    return Edit(views.parties(edition.id, await parties.listed(press.session, edition)))


async def member(press: Press) -> Answer:
    """Let a party mean an organisation, or no longer."""
    edition = await _of_party(press)
    place = await access.organisation(press.session, press.known, press.id(1))
    await parties.toggle_member(press.session, press.id(), place.id)
    await changed(press, edition, What.PARTY)
    return Edit(await _screen(press, edition, 0))


async def found(press: Press) -> Answer:
    """Add an organisation named as the party."""
    edition = await _of_party(press)
    if not 0 <= press.id(1) < len(views.FOUNDED):
        raise NotFound
    kind: OrganisationKind = views.FOUNDED[press.id(1)]
    await parties.found_member(press.session, edition, press.id(), kind)
    await changed(press, edition, What.PARTY)
    return Edit(views.parties(edition.id, await parties.listed(press.session, edition)))


PRESSES: Routes = {
    Action.PARTIES: listed,
    Action.PARTY: one,
    Action.PARTY_ALL: all_schools,
    Action.PARTY_MEMBER: member,
    Action.PARTY_FOUND: found,
}
