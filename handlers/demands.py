"""A coordinator's requests beside the plan, and the answers to them."""

from datetime import datetime
from typing import Any

from aiogram.filters import Command, Filter
from aiogram.types import Message

from handlers.items import incoming
from handlers.press import Press, Routes
from models import Session
from models.letters import LetterKind, QuestionKind
from services import demands, letters, questions, replies
from services.access import Actor
from services.demands import Draft
from views import demands as views
from views.actions import Action
from views.screen import Answer, Edit, Screen

ASK = Command("ask")


class AnswersDemand(Filter):
    """A reply to a request of a coordinator, or a further picture of one."""

    async def __call__(self, message: Message, session: Session) -> bool | dict[str, Any]:
        """Give the demand that is answered."""
        demand_id = await replies.answered(session, incoming(message))
        return {"demand_id": demand_id} if demand_id is not None else False


class AnswersNothingElse(Filter):
    """A message that is no reply to what the bot said of its own accord, such as a reminder."""

    async def __call__(self, message: Message, session: Session) -> bool:
        """Tell whether the message stands alone or replies to an answer of the bot."""
        replied = message.reply_to_message
        if replied is None:
            return True
        letter = await letters.answered_by(session, chat_id=message.chat.id, message_id=replied.message_id)
        return letter is None or letter.kind is LetterKind.ANSWER


async def ask(message: Message, session: Session, actor: Actor) -> Answer:  # noqa: ARG001
    """Answer /ask: whom it is for."""
    return views.choice(await demands.askable(session, actor), 0)


async def places(press: Press) -> Answer:
    """Turn the pages of whom to ask."""
    return Edit(views.choice(await demands.askable(press.session, press.known), press.id()))


async def place(press: Press) -> Answer:
    """Ask for the text of a demand to one organisation."""
    return await _begin(press, press.id())


async def every_school(press: Press) -> Answer:
    """Ask for the text of a demand to all schools."""
    return await _begin(press, None)


async def _begin(press: Press, organisation_id: int | None) -> Screen:
    draft = await demands.begin(press.session, press.known, organisation_id, now=press.now)
    await questions.ask(
        press.session,
        chat_id=press.chat_id,
        kind=QuestionKind.DEMAND,
        subject_id=draft.demand_id,
        now=press.now,
    )
    return views.ask_text(draft)


async def text(message: Message, subject_id: int, session: Session, now: datetime, actor: Actor) -> Answer:
    """Keep what is asked, and show it."""
    draft = await demands.write_text(session, actor, subject_id, message.text or "", now=now)
    await questions.forget(session, message.chat.id)
    return await _next(session, message.chat.id, draft, now)


async def grounds(message: Message, subject_id: int, session: Session, now: datetime, actor: Actor) -> Answer:
    """Keep why the request cannot wait, and show it."""
    draft = await demands.give_grounds(session, actor, subject_id, message.text or "", now=now)
    await questions.forget(session, message.chat.id)
    return await _next(session, message.chat.id, draft, now)


async def _next(session: Session, chat_id: int, draft: Draft, now: datetime) -> Screen:
    """Ask for the grounds while they are missing; else show what would be sent."""
    if not draft.crowded:
        return views.preview(draft)
    await questions.ask(
        session, chat_id=chat_id, kind=QuestionKind.GROUNDS, subject_id=draft.demand_id, now=now
    )
    return views.ask_grounds(draft.crowded)


async def send(press: Press) -> Answer:
    """Send a demand; if the week has filled up meanwhile, its grounds are asked first."""
    draft = await demands.draft(press.session, press.known, press.id(), now=press.now)
    if draft.crowded:
        return await _next(press.session, press.chat_id, draft, press.now)
    sent = await demands.send(press.session, press.known, press.id(), now=press.now)
    await _ask_no_more(press)
    return Edit(views.sent(sent))


async def give_up(press: Press) -> Answer:
    """Take back a demand that was not sent."""
    await demands.give_up(press.session, press.known, press.id())
    await _ask_no_more(press)
    return Edit(views.given_up())


async def _ask_no_more(press: Press) -> None:
    """Forget what was asked about a demand: it is settled, and the next text is about something else."""
    asked = await questions.asked(press.session, press.chat_id, now=press.now)
    if asked is not None and asked.kind in (QuestionKind.DEMAND, QuestionKind.GROUNDS):
        await questions.forget(press.session, press.chat_id)


async def answer(message: Message, demand_id: int, session: Session, now: datetime, actor: Actor) -> Answer:
    """Pass an answer on to who asked."""
    await replies.receive(session, actor, demand_id, incoming(message), now=now)
    return None  # one acknowledgement follows as a letter, when an album has settled


PRESSES: Routes = {
    Action.ASK: places,
    Action.ASK_PLACE: place,
    Action.ASK_ALL: every_school,
    Action.DEMAND_SEND: send,
    Action.DEMAND_DROP: give_up,
}
