"""Whom to call: the organisations that cannot be reached or give no answer."""

from datetime import datetime

from aiogram.filters import Command
from aiogram.types import Message

from handlers.press import Press, Routes
from models import Session
from services import reaching
from services.access import Actor
from views import calling as views
from views.actions import Action
from views.screen import Answer, Edit

CALL = Command("call")


async def call(message: Message, session: Session, now: datetime, actor: Actor) -> Answer:  # noqa: ARG001
    """Answer /call."""
    return views.to_call(await reaching.to_call(session, actor, now), 0)


async def listed(press: Press) -> Answer:
    """Turn the pages of the list; without a page its first one is shown."""
    found = await reaching.to_call(press.session, press.known, press.now)
    return Edit(views.to_call(found, press.ids[0] if press.ids else 0))


PRESSES: Routes = {Action.CALL: listed}
