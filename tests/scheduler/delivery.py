"""A post office: a courier, a wire that answers as the test wants, a clock that moves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from bot.in_hand import OnTheWire
from bot.pace import Pace
from models import Session
from models.database import Database
from models.letters import Letter, LetterKind, LetterState
from scheduler.courier import Courier, rung
from scheduler.outcomes import Delivered, Outcome
from services import letters
from services.letters import Priority

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
PATIENCE = 10.0

Call = dict[str, Any]


@dataclass
class Hands:
    """A clock to be moved by hand."""

    moment: datetime = START

    def now(self) -> datetime:
        return self.moment

    def passes(self, **delta: float) -> None:
        self.moment += timedelta(**delta)


@dataclass
class Wire:
    """Notes what it is given and answers what it is told; by default everything is delivered."""

    sent: list[Call] = field(default_factory=list)
    replies: list[Outcome | Exception] = field(default_factory=list)
    before: Callable[[Call], Awaitable[None]] | None = None
    most: int = 0
    _now: int = 0

    async def send(self, call: Call) -> Outcome:
        self.sent.append(call)
        number = len(self.sent)
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            if self.before is not None:
                await self.before(call)
        finally:
            self._now -= 1
        reply = self.replies.pop(0) if self.replies else Delivered((number,))
        if isinstance(reply, Exception):
            raise reply
        return reply

    def texts(self) -> list[str]:
        return [call["text"] for call in self.sent]


async def word(_session: Session, letter: Letter, _now: datetime) -> Call | None:
    """Word a letter by its facts: nothing to say, a bug, or a text."""
    if letter.facts.get("withdrawn"):
        return None
    if letter.facts.get("bug"):
        raise LookupError("Анна Директорова")
    return call(letter.facts["text"], letter.chat_id)


def call(text: str, chat_id: int = 7) -> Call:
    return {"method": "sendMessage", "chat_id": chat_id, "text": text}


@dataclass
class Office:
    """A courier and what it works with."""

    database: Database
    wire: Wire = field(default_factory=Wire)
    clock: Hands = field(default_factory=Hands)
    pace: Pace = field(default_factory=lambda: Pace(per_second=10_000, per_chat=0, per_minute=10_000))

    folder: Path = field(default_factory=lambda: Path(mkdtemp()))

    def __post_init__(self) -> None:
        self.courier = Courier(self.database, self.wire, self.pace, self.clock, word, OnTheWire(self.folder))

    async def writes(
        self,
        text: str,
        *,
        chat_id: int = 7,
        priority: Priority = Priority.REMINDER,
        not_before: datetime | None = None,
        facts: dict[str, Any] | None = None,
        worded: bool = True,
    ) -> int:
        """Write a letter; ``worded`` says whether its words are known already."""
        async with self.database.writing() as session:
            letter = await letters.write(
                session,
                key=f"test:{text}",
                kind=LetterKind.NOTE,
                chat_id=chat_id,
                now=self.clock.now(),
                priority=priority,
                not_before=not_before,
                facts={"text": text} | (facts or {}),
                payload=call(text, chat_id) if worded else None,
            )
        assert letter is not None
        return letter.id

    async def letter(self, letter_id: int) -> Letter:
        """Read a letter through a session of its own."""
        async with self.database.reading() as session:
            return await session.get_one(Letter, letter_id)

    async def pending(self) -> int:
        async with self.database.reading() as session:
            return await self.courier.pending(session, self.clock.now())

    async def still(self) -> None:
        """Wait until nothing is due and nothing on its way."""
        async with asyncio.timeout(PATIENCE):
            while await self.pending():
                await rung(asyncio.Event(), 0.01)

    async def passes(self, **delta: float) -> None:
        """Let time pass, and everything that is due then be sent."""
        self.clock.passes(**delta)
        self.database.bell.ring()
        await self.still()

    async def becomes(self, letter_id: int, state: LetterState) -> None:
        """Wait until a letter is in a state."""
        async with asyncio.timeout(PATIENCE):
            while (await self.letter(letter_id)).state is not state:
                await rung(asyncio.Event(), 0.01)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Office"]:
        """Deliver until the block ends, and then stop cleanly."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.courier.run())
            try:
                yield self
            finally:
                self.courier.stop()
