"""«Not now»: a reminder is put off to a day the reader chooses."""

from datetime import date

from handlers.press import Press, Routes
from services import quiet
from services.refusals import NotFound
from views import quiet as views
from views.actions import Action
from views.screen import Answer, Edit


async def not_now(press: Press) -> Answer:
    """Ask to which day a reminder is put off; the reminder itself stays as it is."""
    return views.ask(await quiet.choices(press.session, press.known, press.id(), now=press.now))


async def until(press: Press) -> Answer:
    """Put a reminder off to the chosen day."""
    day = day_of(press.id(1))
    return Edit(
        views.put_off(await quiet.put_off(press.session, press.known, press.id(), day, now=press.now))
    )


def day_of(number: int) -> date:
    """Read the day a button names: 20261116. Raises NotFound."""
    try:
        return date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        raise NotFound from None


PRESSES: Routes = {Action.NOT_NOW: not_now, Action.QUIET_UNTIL: until}
