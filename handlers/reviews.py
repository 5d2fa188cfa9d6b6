"""The reviewer: accept, return, and the remark."""

from datetime import datetime

from aiogram.types import Message

from handlers.press import Press, Routes
from models import Session
from models.letters import QuestionKind
from services import questions, reviews, showing
from services.access import Actor
from services.refusals import NotFound
from views import reviews as views
from views.actions import Action
from views.screen import Answer, Edit


async def accept(press: Press) -> Answer:
    """Accept a report."""
    return Edit(views.card(await reviews.accept(press.session, press.known, press.id(), now=press.now)))


async def send_back(press: Press) -> Answer:
    """Ask for the remark a report is returned with."""
    await reviews.undecided(press.session, press.known, press.id())
    await questions.ask(
        press.session,
        chat_id=press.chat_id,
        kind=QuestionKind.REMARK,
        subject_id=press.id(),
        now=press.now,
    )
    return views.ask_remark(await reviews.card(press.session, press.known, press.id()))


async def send_back_as(press: Press) -> Answer:
    """Return a report with one of the ready remarks."""
    if not 0 <= press.id(1) < len(views.TEMPLATES):
        raise NotFound
    card = await reviews.send_back(
        press.session, press.known, press.id(), views.TEMPLATES[press.id(1)], now=press.now
    )
    await questions.forget(press.session, press.chat_id)
    return Edit(views.returned(card))


async def remark(message: Message, subject_id: int, session: Session, now: datetime, actor: Actor) -> Answer:
    """Return a report with the remark that was typed."""
    await questions.forget(session, message.chat.id)
    card = await reviews.send_back(session, actor, subject_id, message.text or "", now=now)
    return views.returned(card)


async def earlier(press: Press) -> Answer:
    """Show the earlier pictures that those of a report repeat."""
    await showing.show_earlier(press.session, press.known, press.id(), now=press.now)
    return None  # they follow as letters of their own


PRESSES: Routes = {
    Action.EARLIER: earlier,
    Action.ACCEPT: accept,
    Action.RETURN: send_back,
    Action.RETURN_AS: send_back_as,
}
