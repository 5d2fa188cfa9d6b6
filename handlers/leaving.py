"""Somebody leaves a seat."""

from aiogram.filters import Command
from aiogram.types import Message

from handlers.press import Press, Routes
from services import leaving
from services.access import Actor
from views import leaving as views
from views.actions import Action
from views.screen import Answer, Edit

LEAVE = Command("leave")


async def leave(message: Message, actor: Actor) -> Answer:  # noqa: ARG001
    """Answer /leave: which seat it is."""
    return views.which(actor.seats)


async def choose(press: Press) -> Answer:
    """Ask whether they are sure."""
    return Edit(views.sure(await leaving.about_to_leave(press.session, press.known, press.id())))


async def sure(press: Press) -> Answer:
    """Leave the seat."""
    return Edit(views.left(await leaving.leave(press.session, press.known, press.id(), now=press.now)))


async def stay(press: Press) -> Answer:  # noqa: ARG001 - nothing changes
    """Leave nothing."""
    return Edit(views.stays())


PRESSES: Routes = {
    Action.LEAVE: choose,
    Action.LEAVE_SURE: sure,
    Action.STAY: stay,
}
