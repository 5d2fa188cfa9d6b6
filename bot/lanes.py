"""Lanes: updates of one chat are handled one after another, chats side by side.

One update is one writing transaction: its effects (in a savepoint), its answer and the mark «handled»
commit together, so a crash at any line means it is handled again, once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from aiogram import Bot
from aiogram.types import CallbackQuery, Update
from pydantic import ValidationError

from bot.clock import Clock
from bot.in_hand import InHand
from bot.intake import KINDS
from bot.sender import Sender
from bot.soothing import Soothing
from models import Session
from models.database import Database
from models.letters import LetterKind
from models.machinery import StoredUpdate
from models.people import Person
from models.trouble import Trouble, trouble_of
from scheduler.courier import enduring, rung
from services import letters, updates
from services.letters import Priority
from services.refusals import Refusal
from views.screen import Answer, Edit, Payload, Popup, Screen, edit, message

log = structlog.get_logger()

AT_ONCE = 8
NAP = 1.0
UNKNOWN = "unknown kind"
ELSEWHERE = 0.05  # seconds before the lane of an update that another process has is looked at again
FRESH = timedelta(minutes=1)  # a message older than this is not waited for with the phone in hand


class Elsewhere(Exception):
    """Another process has the update in hand, or has handled it by now."""


class Unreadable(Exception):
    """An update that cannot be an update; ``kind`` is the name of the error."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


Hear = Callable[[Update, Session, datetime], Awaitable[Answer]]


@dataclass
class Lanes:
    """Handles the stored updates of a database; what it says and to whom is handed in."""

    database: Database
    bot: Bot
    clock: Clock
    hear: Hear
    refuse: Callable[[Refusal], Screen]
    apology: Callable[[], Screen]
    trouble_note: Callable[[int, str], Screen]
    administrators: Callable[[Session], Awaitable[list[Person]]]
    soothing: Soothing
    in_hand: InHand
    _busy: set[int] = field(default_factory=set)
    _suspects: set[int] = field(default_factory=set)
    _stopping: bool = False

    def __post_init__(self) -> None:
        """Listen for commits."""
        self._bell = self.database.bell.listener()

    async def run(self) -> None:
        """Handle until stopped; updates in hand then are finished."""
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                self._bell.clear()
                for stored_id, lane in await enduring("lanes", self._heads) or []:
                    if not self._may_begin(stored_id):
                        break
                    self._busy.add(lane)
                    self.in_hand.take(stored_id)
                    group.create_task(self._lane(stored_id, lane))
                await rung(self._bell, NAP)

    def stop(self) -> None:
        """Begin nothing new."""
        self._stopping = True
        self._bell.set()

    async def recover(self) -> None:
        """Look at what dead processes had in hand: one of those updates may have killed them."""
        left = self.in_hand.left_behind()
        if left:
            await self.database.write(lambda session: self._note_deaths(session, left, self.clock.now()))
        async with self.database.reading() as session:
            self._suspects = await updates.suspects(session)
        self.in_hand.forget()

    async def _note_deaths(self, session: Session, stored_ids: list[int], now: datetime) -> None:
        for parked in await updates.died(session, stored_ids, now=now):
            await self._tell_of(session, parked, updates.DIED, now)

    def _may_begin(self, stored_id: int) -> bool:
        """Let a suspect go alone, so that no other is blamed if the process dies of it."""
        alone = stored_id in self._suspects or bool(self._suspects & self.in_hand.numbers())
        return not (alone and self._busy)

    async def _heads(self) -> list[tuple[int, int]]:
        """List (update, lane) of what may begin now."""
        free = AT_ONCE - len(self._busy)
        if free <= 0:
            return []
        async with self.database.reading() as session:
            return await updates.heads(session, busy=self._busy, now=self.clock.now(), most=free)

    async def _lane(self, stored_id: int, lane: int) -> None:
        try:
            if not await enduring("lane", lambda: self._soothed(stored_id, lane)):
                await rung(asyncio.Event(), NAP)  # a database in trouble is not asked without a pause
        finally:
            self.in_hand.put_down(stored_id)
            self._busy.discard(lane)
            self._bell.set()

    async def _soothed(self, stored_id: int, lane: int) -> bool:
        with self.soothing.of([lane]):
            return await self.handle(stored_id)

    async def handle(self, stored_id: int) -> bool:
        """Handle one update; a failing one is tried again later and parked after a few tries.

        True where what became of it is written down; raises whatever the database raises.
        """
        try:
            pressed = await self.database.write(lambda session: self._in_one_transaction(session, stored_id))
        except Elsewhere:
            await rung(asyncio.Event(), ELSEWHERE)
        except Unreadable as error:
            await self._park(stored_id, error.kind)
        except Exception as error:
            if trouble_of(error) not in {None, Trouble.RACE}:
                raise  # the update is not at fault, and costs it no try
            log.error("an update failed", update=stored_id, error=type(error).__name__)
            await self._failed(stored_id, type(error).__name__)
        else:
            self._suspects.discard(stored_id)
            if pressed is not None:
                await Sender(self.bot).answer_press(*pressed)
        return True

    async def _in_one_transaction(self, session: Session, stored_id: int) -> tuple[str, str | None] | None:
        """Handle an update; give the press to be answered and the words to be shown over it."""
        now = self.clock.now()
        stored = await updates.take(session, stored_id)
        if stored is None:
            raise Elsewhere
        if not _has_hearer(stored.payload):
            updates.park(stored, trouble=UNKNOWN, now=now)
            log.warning("an update of an unknown kind", update=stored_id)
            return None
        update = _read(stored.payload, self.bot)
        answer = await self._answer(update, session, now)
        await self._say(session, stored, update, answer, now)
        updates.handled(stored, now=now)
        if update.callback_query is None:
            return None
        popup = answer.text if isinstance(answer, Popup) else None
        return update.callback_query.id, answer.popup if isinstance(answer, Edit) else popup

    async def _answer(self, update: Update, session: Session, now: datetime) -> Answer:
        """Let the conversations hear it; a refusal rolls their effects back and becomes the answer."""
        try:
            async with session.begin_nested():
                return await self.hear(update, session, now)
        except Refusal as refusal:
            return self.refuse(refusal)

    async def _say(
        self, session: Session, stored: StoredUpdate, update: Update, answer: Answer, now: datetime
    ) -> None:
        call = _call(answer, stored.lane, update.callback_query)
        if call is None:
            return
        await letters.write(
            session,
            key=f"update:{stored.id}",
            kind=LetterKind.ANSWER,
            chat_id=stored.lane,
            now=now,
            priority=_priority(update, now),
            payload=call,
        )

    async def _failed(self, stored_id: int, trouble: str) -> None:
        now = self.clock.now()

        async def note(session: Session) -> None:
            stored = await updates.take(session, stored_id)
            if stored is not None and updates.failed(stored, trouble=trouble, now=now):
                await self._tell_of(session, stored, trouble, now)

        await self.database.write(note)

    async def _tell_of(self, session: Session, stored: StoredUpdate, trouble: str, now: datetime) -> None:
        """Tell the sender and the administrators of an update that was parked after its tries."""
        if stored.lane:
            await self._note(session, f"sorry:{stored.id}", stored.lane, self.apology(), now)
        await self._tell_administrators(session, stored, trouble, now)

    async def _park(self, stored_id: int, trouble: str) -> None:
        """Park what cannot even be read; its sender may not have said anything to us at all."""
        now = self.clock.now()
        log.error("an update could not be read", update=stored_id, error=trouble)

        async def park(session: Session) -> None:
            stored = await updates.take(session, stored_id)
            if stored is not None:
                updates.park(stored, trouble=trouble, now=now)
                await self._tell_administrators(session, stored, trouble, now)

        await self.database.write(park)

    async def _tell_administrators(
        self, session: Session, stored: StoredUpdate, trouble: str, now: datetime
    ) -> None:
        for person in await self.administrators(session):
            screen = self.trouble_note(stored.id, trouble)
            await self._note(session, f"parked:{stored.id}:{person.id}", person.chat_id, screen, now)

    async def _note(self, session: Session, key: str, chat_id: int, screen: Screen, now: datetime) -> None:
        await letters.write(
            session,
            key=key,
            kind=LetterKind.NOTE,
            chat_id=chat_id,
            now=now,
            priority=Priority.ANSWER,
            payload=message(screen, chat_id),
        )

    async def pending(self, session: Session, _now: datetime) -> int:
        """Count the updates not handled yet."""
        return await updates.pending(session)


def _priority(update: Update, now: datetime) -> Priority:
    """Let answers to those who have just written pass the answers to what waited while the bot was away."""
    belated = update.message is not None and now - update.message.date > FRESH
    return Priority.CARD if belated else Priority.ANSWER


def _has_hearer(payload: Payload | None) -> bool:
    return payload is not None and any(kind in payload for kind in KINDS)


def _read(payload: Payload | None, bot: Bot) -> Update:
    """Read a raw update. Raises Unreadable, which unlike pydantic's own error quotes nothing."""
    try:
        return Update.model_validate(payload, context={"bot": bot})
    except ValidationError as error:
        raise Unreadable(type(error).__name__) from None


def _call(answer: Answer, chat_id: int, pressed: CallbackQuery | None) -> Payload | None:
    if isinstance(answer, Screen):
        return message(answer, chat_id)
    if isinstance(answer, Edit):
        if pressed is None or pressed.message is None:
            return message(answer.screen, chat_id)
        return edit(answer.screen, chat_id, pressed.message.message_id)
    return None
