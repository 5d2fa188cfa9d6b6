"""The approver looks at the school terms and types the municipality's own."""

from datetime import datetime

from aiogram.types import Message

from handlers.press import Press, Routes
from models import Session
from models.letters import QuestionKind
from plans.calendar import local_date
from plans.school_terms import coming_school_year
from services import access, corrections, questions, rules
from services.access import Actor
from views import terms as views
from views.actions import Action
from views.screen import Answer, Edit


async def shown(press: Press) -> Answer:
    """Show the school years that are known."""
    await access.prepared_municipality(press.session, press.known)
    return Edit(views.shown(await rules.school_terms(press.session)))


async def ask(press: Press) -> Answer:
    """Ask for the terms of a school year."""
    place = await access.prepared_municipality(press.session, press.known)
    await questions.ask(
        press.session, chat_id=press.chat_id, kind=QuestionKind.TERMS, subject_id=None, now=press.now
    )
    return views.ask(coming_school_year(local_date(press.now, place.time_zone)))


async def answer(message: Message, session: Session, now: datetime, actor: Actor) -> Answer:
    """Keep the terms that were typed, and read the drafts with them."""
    place = await access.prepared_municipality(session, actor)
    text = message.text or ""
    found = rules.written_terms(text)
    await rules.set_school_terms(session, found.year, found.terms, source=text, now=now, person=actor.person)
    rows = await corrections.read_anew(session, place, now=now, person=actor.person)
    await questions.forget(session, message.chat.id)
    return views.stored(found.year, found.terms, rows)


PRESSES: Routes = {
    Action.TERMS: shown,
    Action.TERMS_ASK: ask,
}
