"""Presses of inline buttons: read once, dispatched by their key."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aiogram.types import CallbackQuery

from models import Session
from services.access import Actor
from services.refusals import NotFound
from views.actions import Action, parse
from views.screen import Answer


@dataclass(frozen=True)
class Press:
    """One press: who, where, and the integer ids the button carries."""

    chat_id: int
    telegram_id: int
    name: str
    ids: tuple[int, ...]
    session: Session
    now: datetime
    actor: Actor | None
    link: Callable[[str], str]

    @property
    def known(self) -> Actor:
        """The person who pressed. Raises NotFound for a stranger: foreign buttons do nothing."""
        if self.actor is None:
            raise NotFound
        return self.actor

    def id(self, place: int = 0) -> int:
        """Give one of the ids. Raises NotFound where a forged button carries fewer."""
        try:
            return self.ids[place]
        except IndexError:
            raise NotFound from None


Handler = Callable[[Press], Awaitable[Answer]]
Routes = Mapping[Action, Handler]


def dispatcher(routes: Routes) -> Callable[..., Awaitable[Answer]]:
    """Give the one handler of all presses: the key chooses, nothing is tried in turn."""

    async def pressed(
        query: CallbackQuery,
        session: Session,
        now: datetime,
        actor: Actor | None,
        link: Callable[[str], str],
    ) -> Answer:
        read = parse(query.data or "")
        if read is None or query.message is None or read[0] not in routes:
            raise NotFound
        action, ids = read
        press = Press(
            query.message.chat.id,
            query.from_user.id,
            query.from_user.full_name,
            ids,
            session,
            now,
            actor,
            link,
        )
        return await routes[action](press)

    return pressed
