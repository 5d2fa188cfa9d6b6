"""Personal data: what is kept about me, the consent, and its revocation, which erases."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram.filters import Command
from aiogram.types import Message, TelegramObject

from handlers.press import Press, Routes
from models import Session
from models.people import Person
from services import consents, erasure, retention, seats
from services.refusals import NotFound
from views import privacy as views
from views import welcome
from views.actions import Action
from views.screen import Answer, Edit, Screen

PRIVACY = Command("privacy")


async def my_data(message: Message, session: Session) -> Answer:
    """Answer /privacy; whoever has left their seat is answered as well."""
    known = message.from_user and await consents.person_of(session, message.from_user.id)
    return await _overview(session, known) if known else views.nothing_kept()


async def _overview(session: Session, person: Person) -> Screen:
    return views.overview(await consents.holdings(session, person), await retention.policy(session))


async def _person(press: Press) -> Person:
    """Give whoever pressed, seated or not. Raises NotFound where nothing is kept about them."""
    known = await consents.person_of(press.session, press.telegram_id)
    if known is None:
        raise NotFound
    return known


async def shown(press: Press) -> Answer:
    """Show what is kept again."""
    return Edit(await _overview(press.session, await _person(press)))


async def text(press: Press) -> Answer:
    """Show the text that was agreed to."""
    given = await consents.holdings(press.session, await _person(press))
    return Edit(views.consent_text(given.version))


async def new_text(press: Press) -> Answer:
    """Show the text as it is now, to be agreed to unless it has been."""
    given = await consents.holdings(press.session, await _person(press))
    return Edit(views.consent_text(given.version) if given.fresh else views.consent_anew())


async def agree(press: Press) -> Answer:
    """Keep the consent to the text as it is now."""
    await consents.give(press.session, (await _person(press)).id, now=press.now)
    return Edit(views.agreed())


async def revoke(press: Press) -> Answer:
    """Ask once whether the consent is revoked, with all that follows."""
    return Edit(views.confirm(await erasure.consequences(press.session, await _person(press))))


async def erase(press: Press) -> Answer:
    """Erase whoever revokes the consent; pressed again, there is nothing left to erase."""
    known = await consents.person_of(press.session, press.telegram_id)
    if known is None:
        return Edit(views.nothing_kept())
    if known.id != press.id():  # a button from before they came in anew
        raise NotFound
    words = views.words(known.id)
    return Edit(views.erased(await erasure.on_request(press.session, known, words=words, now=press.now)))


async def decline(press: Press) -> Answer:
    """Forget even the chat of whoever declines an invitation."""
    await seats.decline(press.session, invitation_id=press.id(), chat_id=press.chat_id)
    return Edit(welcome.declined())


async def ask_anew(
    handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Answer]],
    event: TelegramObject,
    data: dict[str, Any],
) -> Answer:
    """Let a conversation answer, and show the consent beside it where its text has changed."""
    answer = await handler(event, data)
    if data["actor"] is not None:
        await consents.ask_anew(data["session"], data["actor"].person, now=data["now"])
    return answer


PRESSES: Routes = {
    Action.DECLINE: decline,
    Action.PRIVACY: shown,
    Action.PRIVACY_TEXT: text,
    Action.PRIVACY_NEW: new_text,
    Action.PRIVACY_AGREE: agree,
    Action.PRIVACY_REVOKE: revoke,
    Action.PRIVACY_ERASE: erase,
}
