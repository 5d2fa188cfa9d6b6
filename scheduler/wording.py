"""Wording: a letter is put into words when it is claimed, so nothing stale goes out."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from models import Session
from models.assignments import OWED, Evidence, ReportState
from models.letters import Letter, LetterKind
from models.people import Person
from models.roadmaps import Edition, Roadmap
from services import access, editing, history, invitations, items, letters, reports, reviews
from views import changes as change_views
from views import invitations as invitation_views
from views import items as item_views
from views import menus
from views import orders as order_views
from views import reviews as review_views
from views.screen import Payload, message

LATE = timedelta(hours=1)  # after which a reminder says that it should have come before

Link = Callable[[str], str]


async def _draft(session: Session, letter: Letter, now: datetime, _link: Link) -> Payload | None:
    actor = await _reader(session, letter)
    if actor is None:
        return None
    card = await reports.draft(session, actor, letter.facts["report_id"], now=now)
    if card.state not in (ReportState.DRAFT, ReportState.SUBMITTED):
        return None
    return message(item_views.draft(card), letter.chat_id, reply_to=letter.facts.get("reply_to"))


async def _reminder(session: Session, letter: Letter, now: datetime, _link: Link) -> Payload | None:
    spoken = [item.assignment_id for item in await letters.items(session, letter.id)]
    found = [
        await items.item(session, assignment_id, now=now)
        for assignment_id in dict.fromkeys(spoken)
        if assignment_id is not None
    ]
    owed = sorted((one for one in found if one.state in OWED), key=lambda one: one.due)
    at = letter.facts.get("at")
    late = at is not None and now - datetime.fromisoformat(at) > LATE
    return message(item_views.reminder(owed, late=late), letter.chat_id) if owed else None


async def _evidence(session: Session, letter: Letter, _now: datetime, _link: Link) -> Payload | None:
    pieces = await session.scalars(
        select(Evidence).where(Evidence.id.in_(letter.facts["evidence_ids"])).order_by(Evidence.message_id)
    )
    card = await reviews.card_of(session, letter.facts["report_id"])
    return review_views.album(letter.chat_id, review_views.album_caption(card), list(pieces))


async def _review(session: Session, letter: Letter, _now: datetime, _link: Link) -> Payload | None:
    card = await reviews.card_of(session, letter.facts["report_id"])
    if card.state is not ReportState.SUBMITTED:
        return None
    return message(review_views.card(card), letter.chat_id)


async def _verdict(session: Session, letter: Letter, _now: datetime, _link: Link) -> Payload | None:
    card = await reviews.card_of(session, letter.facts["report_id"])
    return message(review_views.verdict(card), letter.chat_id, reply_to=letter.facts.get("reply_to"))


async def _changes(session: Session, letter: Letter, _now: datetime, _link: Link) -> Payload | None:
    """Tell what an order has changed for the organisations the reader answers for now."""
    actor = await _reader(session, letter)
    edition = await session.get_one(Edition, letter.facts["edition_id"])
    mine = actor.executes_for if actor is not None else frozenset()
    found = [view for view in await history.changes(session, edition.id) if view.organisation_id in mine]
    if not found:
        return None
    roadmap = await session.get_one(Roadmap, edition.roadmap_id)
    return message(change_views.changes(roadmap.title, edition, found), letter.chat_id)


async def _shared(session: Session, letter: Letter, _now: datetime, _link: Link) -> Payload | None:
    """Tell whoever prepares the same draft what a colleague has changed since."""
    edition = await session.get_one(Edition, letter.facts["edition_id"])
    made = await editing.touches(
        session,
        edition.id,
        by=letter.facts["editor_id"],
        since=datetime.fromisoformat(letter.facts["since"]),
    )
    if not made:
        return None
    roadmap = await session.get_one(Roadmap, edition.roadmap_id)
    return message(order_views.shared(roadmap.title, edition.id, made), letter.chat_id)


async def _menu(_session: Session, letter: Letter, _now: datetime, _link: Link) -> Payload | None:
    return menus.commands(letter.chat_id, letter.facts["roles"])


async def _links(session: Session, letter: Letter, now: datetime, link: Link) -> Payload | None:
    made = await invitations.make_links(
        session, seat_ids=letter.facts["seat_ids"], path=letter.facts["path"], now=now
    )
    return message(invitation_views.links([(seat, link(token)) for seat, token in made]), letter.chat_id)


Words = Callable[[Session, Letter, datetime, Link], Awaitable[Payload | None]]
WORDS: dict[LetterKind, Words] = {
    LetterKind.DRAFT: _draft,
    LetterKind.REMINDER: _reminder,
    LetterKind.EVIDENCE: _evidence,
    LetterKind.REVIEW: _review,
    LetterKind.VERDICT: _verdict,
    LetterKind.MENU: _menu,
    LetterKind.LINKS: _links,
    LetterKind.CHANGES: _changes,
    LetterKind.SHARED: _shared,
}


async def _reader(session: Session, letter: Letter) -> access.Actor | None:
    person = await session.get_one(Person, letter.person_id)
    return await access.actor_of(session, person.telegram_id)


def wording(link: Link) -> Callable[[Session, Letter, datetime], Awaitable[Payload | None]]:
    """Give the function that words any letter; None means there is nothing left to say.

    ``link`` turns a token into the address that opens the bot with it.
    """

    async def word(session: Session, letter: Letter, now: datetime) -> Payload | None:
        return await WORDS[letter.kind](session, letter, now, link)

    return word
