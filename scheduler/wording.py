"""Wording: a letter is put into words when it is claimed, so nothing stale goes out."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import Session
from models.assignments import OWED, AppealState, Evidence, ReportState
from models.letters import Letter, LetterItem, LetterKind
from models.people import Person, Role
from models.roadmaps import Edition, Roadmap
from services import (
    access,
    acts,
    appeal_views,
    cards,
    consents,
    demands,
    editing,
    erasure,
    history,
    invitations,
    items,
    leaving,
    letters,
    passages,
    quiet,
    reaching,
    replies,
    reports,
    reviews,
    showing,
    verdicts,
)
from services.cards import FOLDS_BEFORE
from services.items import ItemView
from services.showing import AMENDS
from views import appeals as appeal_screens
from views import calling as calling_views
from views import changes as change_views
from views import demands as demand_views
from views import invitations as invitation_views
from views import items as item_views
from views import leaving as leaving_views
from views import menus
from views import orders as order_views
from views import privacy as privacy_views
from views import quiet as quiet_views
from views import reviews as review_views
from views.screen import Payload, edit, message

LATE = timedelta(hours=1)  # after which a reminder says that it should have come before

Link = Callable[[str], str]


async def _draft(session: Session, letter: Letter, now: datetime, _link: Link) -> Payload | None:
    if FOLDS_BEFORE in letter.facts:
        shown = await cards.folded(session, letter)
        return edit(item_views.folded(), letter.chat_id, shown) if shown is not None else None
    actor = await _reader(session, letter)
    if actor is None:
        return None
    card = await reports.draft(session, actor, letter.facts["report_id"], now=now)
    if card.state not in (ReportState.DRAFT, ReportState.SUBMITTED):
        return None
    return message(item_views.draft(card), letter.chat_id, reply_to=letter.facts.get("reply_to"))


async def _reminder(session: Session, letter: Letter, now: datetime, _link: Link) -> Payload | None:
    """Say what the reader still owes for the seats held now, and which drafts were left alone."""
    actor = await _reader(session, letter)
    if actor is None:
        return None
    spoken = await letters.items(session, letter.id)
    owed = await _owed(session, actor, spoken, now)
    left = {item.report_id for item in spoken if item.report_id is not None}
    drafts = [
        await reports.draft(session, actor, report_id, now=now)
        for report_id in await quiet.unfinished(session, left)
    ]
    if not owed and not drafts:
        return None
    at = letter.facts.get("at")
    late = at is not None and now - datetime.fromisoformat(at) > LATE
    screen = item_views.reminder(owed, drafts=drafts, late=late)
    screen = calling_views.instead(screen, await reaching.unreached_of(session, spoken))
    return message(quiet_views.addressed(screen, letter.id), letter.chat_id)


async def _owed(
    session: Session, actor: access.Actor, spoken: Sequence[LetterItem], now: datetime
) -> list[ItemView]:
    held = {seat.seat_id for seat in actor.seats}
    named = dict.fromkeys(item.assignment_id for item in spoken if item.seat_id in held)
    found = [await items.item(session, number, now=now) for number in named if number is not None]
    return sorted((one for one in found if one.state in OWED), key=lambda one: one.due)


async def _reunion(session: Session, letter: Letter, now: datetime, _link: Link) -> Payload | None:
    """Sum up what is open to whoever lets the bot in again."""
    actor = await _reader(session, letter)
    if actor is None:
        return None
    owed = await items.open_items(session, actor, now=now) if actor.has(Role.EXECUTOR) else None
    return message(calling_views.reunion(owed), letter.chat_id)


async def _evidence(session: Session, letter: Letter, _now: datetime, _link: Link) -> Payload | None:
    pieces = await session.scalars(
        select(Evidence)
        .where(Evidence.id.in_(letter.facts["evidence_ids"]), Evidence.purged_at.is_(None))
        .options(joinedload(Evidence.stored_file))
        .order_by(Evidence.message_id)
    )
    held = list(pieces)
    if not held:
        return None
    card = await reviews.card_of(session, letter.facts["report_id"])
    earlier = next((one for one in card.repeats if [one.earlier_id] == letter.facts["evidence_ids"]), None)
    caption = review_views.earlier_caption(earlier) if earlier else review_views.album_caption(card)
    return review_views.album(letter.chat_id, caption, held)


async def _review(session: Session, letter: Letter, _now: datetime, _link: Link) -> Payload | None:
    card = await reviews.card_of(session, letter.facts["report_id"])
    if card.state is not ReportState.SUBMITTED:
        return None
    screen = review_views.card(card)
    if AMENDS not in letter.facts:
        return message(screen, letter.chat_id)
    shown = await showing.card_shown(session, letter)
    return edit(screen, letter.chat_id, shown) if shown is not None else None


async def _verdict(session: Session, letter: Letter, now: datetime, _link: Link) -> Payload | None:
    if not await verdicts.is_theirs(session, letter, now=now):
        return None
    card = await reviews.card_of(session, letter.facts["report_id"])
    return message(review_views.verdict(card), letter.chat_id, reply_to=letter.facts.get("reply_to"))


async def _edited(session: Session, letter: Letter, _now: datetime, _link: Link) -> Payload | None:
    """Show both wordings of a message edited after its report was accepted."""
    said = await passages.versions(
        session, chat_id=letter.facts["chat_id"], message_id=letter.facts["message_id"]
    )
    if not said:
        return None
    card = await reviews.card_of(session, letter.facts["report_id"])
    was = said[-2].text if len(said) > 1 else ""
    return message(review_views.edited(card, was, said[-1].text), letter.chat_id)


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


async def _appeal(session: Session, letter: Letter, now: datetime, _link: Link) -> Payload | None:
    """Show an appeal to one who may decide, unless somebody has decided by now."""
    found = await appeal_views.view(session, letter.facts["appeal_id"], now=now)
    if found.state is not AppealState.OPEN:
        return None
    return message(appeal_screens.card(found), letter.chat_id)


async def _decision(session: Session, letter: Letter, now: datetime, _link: Link) -> Payload | None:
    found = await appeal_views.view(session, letter.facts["appeal_id"], now=now)
    return message(appeal_screens.decision(found), letter.chat_id, reply_to=letter.facts.get("reply_to"))


async def _demand(session: Session, letter: Letter, now: datetime, _link: Link) -> Payload | None:
    """Ask whoever answers for the organisation now, in the hours in which people are spoken to."""
    if not await demands.may_be_said(session, letter, now=now):
        return None
    return message(demand_views.asked(await demands.asked(session, letter)), letter.chat_id)


async def _reply(session: Session, letter: Letter, _now: datetime, _link: Link) -> Payload | None:
    return demand_views.reply(await replies.view(session, letter), letter.chat_id)


async def _note(session: Session, letter: Letter, _now: datetime, _link: Link) -> Payload | None:
    """Tell of a free seat or of an erasure; every other note is written in words."""
    if "act" in letter.facts:
        return message(privacy_views.act(await acts.act(session, letter.facts["act"])), letter.chat_id)
    found = await leaving.vacancy(session, letter)
    return message(leaving_views.vacant(found), letter.chat_id) if found is not None else None


async def _welcome(session: Session, letter: Letter, _now: datetime, _link: Link) -> Payload | None:
    """Show the changed text of the consent to whoever has not agreed to it yet."""
    if letter.person_id is None or await consents.is_fresh(session, letter.person_id):
        return None
    return message(privacy_views.consent_anew(), letter.chat_id)


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
    LetterKind.EDITED: _edited,
    LetterKind.REUNION: _reunion,
    LetterKind.MENU: _menu,
    LetterKind.LINKS: _links,
    LetterKind.CHANGES: _changes,
    LetterKind.SHARED: _shared,
    LetterKind.APPEAL: _appeal,
    LetterKind.DECISION: _decision,
    LetterKind.DEMAND: _demand,
    LetterKind.REPLY: _reply,
    LetterKind.NOTE: _note,
    LetterKind.WELCOME: _welcome,
}


async def _reader(session: Session, letter: Letter) -> access.Actor | None:
    person = await session.get_one(Person, letter.person_id)
    return await access.actor_of(session, person.telegram_id)


def wording(link: Link) -> Callable[[Session, Letter, datetime], Awaitable[Payload | None]]:
    """Give the function that words any letter; None means there is nothing left to say.

    ``link`` turns a token into the address that opens the bot with it.
    """

    async def word(session: Session, letter: Letter, now: datetime) -> Payload | None:
        if erasure.is_stand_in(letter.chat_id):
            return None
        return await WORDS[letter.kind](session, letter, now, link)

    return word
