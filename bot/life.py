"""The life of a process: its beginning, its pulse, what it tells the administrators of itself, its end."""

import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import structlog

from bot.clock import Clock
from bot.in_hand import InHand
from bot.sender import Sender
from models import Session
from models.database import Database
from models.letters import LetterKind
from models.trouble import trouble_of
from services import letters, runs, seats, zones
from services.letters import Priority
from services.runs import Began
from views import outages
from views.screen import Screen, message

log = structlog.get_logger()

LOW_DISK = 0.1  # the share of free space below which an administrator hears of it
MEBIBYTE = 1024 * 1024


class Life:
    """One life of the process, written down as a run."""

    def __init__(
        self, database: Database, clock: Clock, data_dir: Path, sender: Sender, in_hand: InHand
    ) -> None:
        self.database = database
        self.clock = clock
        self.data_dir = data_dir
        self.sender = sender
        self.in_hand = in_hand
        self._run_id = 0
        self._alarmed_on: date | None = None

    async def begin(self) -> None:
        """Write down the beginning, and tell whom it concerns where the bot was away or keeps dying."""
        began = await self.database.write(lambda session: self._begin(session, self.clock.now()))
        self._run_id = began.run_id
        await self.database.checkpoint()  # so that the main file itself says that it is in service

    async def _begin(self, session: Session, now: datetime) -> Began:
        await zones.follow(session, now=now)
        began = await runs.begin(session, now=now)
        if began.away is not None:
            await self._ask_to_send_again(session, began.run_id, began.away, now)
        if began.starts >= runs.MOST_STARTS:
            minutes = int(runs.LOOP.total_seconds() // 60)
            screen = outages.crash_loop(began.starts, minutes)
            await self._tell_administrators(session, f"crash-loop:{now:%Y-%m-%dT%H}", screen, now)
        return began

    async def _ask_to_send_again(
        self, session: Session, run_id: int, away: tuple[datetime, datetime], now: datetime
    ) -> None:
        for person, zone in await runs.were_writing(session):
            await letters.write(
                session,
                key=f"away:{run_id}:{person.id}",
                kind=LetterKind.NOTE,
                chat_id=person.chat_id,
                person_id=person.id,
                now=now,
                priority=Priority.CARD,
                payload=message(outages.away(*away, zone), person.chat_id),
            )

    async def _tell_administrators(self, session: Session, key: str, screen: Screen, now: datetime) -> None:
        for person in await seats.administrators(session):
            await letters.write(
                session,
                key=f"{key}:{person.id}",
                kind=LetterKind.NOTE,
                chat_id=person.chat_id,
                person_id=person.id,
                now=now,
                priority=Priority.CARD,
                payload=message(screen, person.chat_id),
            )

    async def pulse(self) -> None:
        """Write down that the process is at work."""
        await self.database.write(lambda session: runs.alive(session, self._run_id, now=self.clock.now()))

    async def look_at_the_disk(self) -> None:
        """Tell the administrators once a day that the disk is almost full, past the letters if need be."""
        usage = shutil.disk_usage(self.data_dir)
        share = usage.free / usage.total
        if share >= LOW_DISK:
            return
        log.error("the disk is almost full", free=usage.free)
        now, screen = self.clock.now(), outages.low_disk(usage.free // MEBIBYTE, share)
        try:
            await self.database.write(
                lambda session: self._tell_administrators(session, f"disk:{now:%Y-%m-%d}", screen, now)
            )
        except Exception as error:
            if trouble_of(error) is None:
                raise
            if self._alarmed_on != now.date():
                await alert(self.database, self.sender, screen)
                self._alarmed_on = now.date()

    async def end(self, *, clean: bool) -> None:
        """Write down the end; unless it was clean, the next beginning looks for what was in hand."""
        if not clean:
            return
        self.in_hand.close()
        await self._at_the_end(
            lambda: self.database.write(
                lambda session: runs.stopped(session, self._run_id, now=self.clock.now())
            )
        )
        await self._at_the_end(self.database.checkpoint)

    async def _at_the_end(self, step: Callable[[], Awaitable[None]]) -> None:
        """Take a last step; a database that cannot be written any more does not keep a process alive."""
        try:
            await step()
        except Exception as error:
            if trouble_of(error) is None:
                raise
            log.error("the end could not be written down", error=type(error).__name__)


async def alert(database: Database, sender: Sender, screen: Screen) -> None:
    """Tell the administrators at once, best effort, past the letters: these cannot go, or not any more."""
    with suppress(OSError):
        async with database.reading() as session:
            people = await seats.administrators(session)
        for person in people:
            await sender.send(message(screen, person.chat_id))


async def alert_once(database: Database, sender: Sender, screen: Screen, *, mark: Path, when: str) -> None:
    """Do the same, once in a while of that name: a supervisor starts again and again what has stopped."""
    if not _marked(mark, when):
        await alert(database, sender, screen)


def _marked(mark: Path, when: str) -> bool:
    """Tell whether the file says so already, and let it say so; one that cannot be written says nothing."""
    try:
        if mark.exists() and mark.read_text() == when:
            return True
        mark.write_text(when)
    except OSError as error:
        log.warning("an alarm could not be noted", error=type(error).__name__)
    return False
