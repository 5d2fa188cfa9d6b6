"""How much people were asked: the count behind a button of the summary, and by command."""

from datetime import datetime

from aiogram.filters import Command
from aiogram.types import Message

from handlers.items import month_of
from handlers.press import Press, Routes
from models import Session
from services import burden
from services.access import Actor
from views import burden as views
from views.actions import Action
from views.screen import Answer, Edit

ASKED = Command("asked")


async def asked(message: Message, session: Session, now: datetime, actor: Actor) -> Answer:  # noqa: ARG001
    """Answer /asked with the present month."""
    return views.burden(await burden.monthly(session, actor, None, now=now), 0)


async def month(press: Press) -> Answer:
    """Show a month, or another page of it; a button without one means the present month."""
    shown = month_of(press.id()) if press.ids else None
    page = press.id(1) if len(press.ids) > 1 else 0
    return Edit(views.burden(await burden.monthly(press.session, press.known, shown, now=press.now), page))


PRESSES: Routes = {Action.BURDEN: month}
