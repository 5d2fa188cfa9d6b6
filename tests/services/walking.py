"""Days that pass without a messenger: the planner looks, and what is due is worded and delivered."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from models import Session
from models.assignments import Report
from models.database import Database
from models.letters import Letter, LetterItem, LetterKind, LetterState
from scheduler import ledger, planner
from scheduler.wording import wording
from services import binding, bundles, items, reports
from tests.services.plan import actor

OURS = (LetterKind.REMINDER, LetterKind.REUNION)
SAYS = wording(lambda token: token)


async def look(database: Database, now: datetime) -> None:
    """Let the planner find everything that is due."""
    looked = 1
    while looked:
        async with database.writing() as session:
            looked = (await planner.plan(session, now=now)).looked_at


async def speak(database: Database, now: datetime, *, refused: Collection[int] = (), why: str = "") -> None:
    """Look, and deliver what may go; what goes to the ``refused`` comes back as the server says ``why``."""
    await look(database, now)
    async with database.writing() as session:
        due = await session.scalars(
            select(Letter)
            .where(Letter.kind.in_(OURS), Letter.state == LetterState.WAITING, Letter.not_before <= now)
            .order_by(Letter.id)
        )
        for letter in list(due):
            letter.payload = await SAYS(session, letter, now)
            if letter.payload is None:
                letter.state = LetterState.CANCELLED
            elif letter.person_id in refused:
                await ledger._drop(session, letter, why, now, unreachable=True)
            else:
                await ledger._delivered(session, letter, (letter.id,), now)


async def next_moment(database: Database) -> datetime | None:
    async with database.reading() as session:
        waiting = select(func.min(Letter.not_before)).where(
            Letter.state == LetterState.WAITING, Letter.kind.in_(OURS)
        )
        moments = (await planner.next_moment(session), await session.scalar(waiting))
    return min((moment for moment in moments if moment is not None), default=None)


async def walk(
    database: Database, end: datetime, *, refused: Collection[int] = (), why: str = "Forbidden: blocked"
) -> None:
    """Let time pass from due moment to due moment, up to but without ``end``."""
    while (at := await next_moment(database)) is not None and at < end:
        await speak(database, at, refused=refused, why=why)


@dataclass(frozen=True)
class Said:
    """A reminder that arrived: to whom, on which day's morning, when, and its words."""

    letter_id: int
    person_id: int
    day: date
    at: datetime
    text: str


async def said(database: Database, *, to: int | None = None, since: datetime | None = None) -> list[Said]:
    """List the reminders that arrived, in their order."""
    async with database.reading() as session:
        rows = await session.scalars(
            select(Letter)
            .where(Letter.kind == LetterKind.REMINDER, Letter.state == LetterState.DELIVERED)
            .order_by(Letter.delivered_at, Letter.id)
        )
        found = [
            Said(one.id, one.person_id, bundles.day_of(one.key), one.delivered_at, one.payload["text"])
            for one in rows
            if one.person_id is not None and one.delivered_at is not None and one.payload is not None
        ]
    return [one for one in found if (to is None or one.person_id == to) and (since is None or one.at > since)]


async def steps_of(database: Database, letter_id: int) -> list[str | None]:
    """List the steps a letter still speaks of."""
    async with database.reading() as session:
        rows = await session.scalars(
            select(LetterItem.step)
            .where(LetterItem.letter_id == letter_id, LetterItem.withdrawn.is_(False))
            .order_by(LetterItem.id)
        )
        return list(rows)


async def begins(session: Session, user_id: int, number: str, text: str, *, now: datetime) -> Report:
    """Let an executor begin a report about a row, and leave it."""
    who = await actor(session, user_id)
    found = next(one for one in await items.open_items(session, who, now=now) if one.number == number)
    await reports.begin(session, who, found.assignment_id, now=now)
    report = await binding.latest_draft(session, who)
    assert report is not None
    report.text = text
    await reports.follow(session, who, report, now=now)
    return report


async def reports_on(session: Session, user_id: int, number: str, *, now: datetime) -> None:
    """Let an executor report about a row."""
    report = await begins(session, user_id, number, "Сделано", now=now)
    await reports.submit(session, await actor(session, user_id), report.id, now=now)
