"""The worker: claims long work, does it with no transaction open, and answers with a letter."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import func, select, update

from models import Session
from models.assignments import Evidence, EvidenceKind
from models.database import Database
from models.files import StoredFile
from models.letters import LetterKind
from models.machinery import Work, WorkKind, WorkState
from models.organisations import Organisation
from pictures.prints import PicturePrint as Print
from plans.plan import Plan
from plans.plan_json import plan_from_json
from plans.school_terms import Terms
from scheduler.courier import NAP, enduring, rung
from services import (
    amendments,
    corrections,
    drafts,
    evidence,
    letters,
    organisations,
    preview,
    questions,
    recycled,
    rules,
    showing,
)
from services.letters import Priority
from services.recycled import Alike
from views import invitations as invitation_views
from views import orders as order_views
from views import works as work_views
from views.screen import Screen, message

log = structlog.get_logger()

BACKOFF = (5, 30, 120, 600, 3600)  # seconds before the next try
MOST_TRIES = 8
STORE_PAUSE = 60  # seconds before a store that takes nothing is tried again
RENEW = 10.0  # seconds after which a piece in hand is claimed anew
ORPHANED = timedelta(seconds=30)  # after which a piece nobody has renewed is anybody's
NOT_AN_ORDER = "NotAnOrder"
NOT_A_PICTURE = "NotAPicture"


class Clock(Protocol):
    """Where now comes from."""

    def now(self) -> datetime:
        """Give the present moment in UTC."""


class FetchLater(Exception):
    """The file cannot be fetched now; a later try may succeed."""


class KeepLater(Exception):
    """The store takes nothing now (full, or out of reach): no try of this piece, but of the store."""


class FetchFailed(Exception):
    """The file will never be fetched; ``reason`` is a code («too_big», «gone»)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ChildRefused(Exception):
    """The child process did not read the file: ``kind`` is the name of its error."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class CleanPicture:
    """A picture encoded anew, with nothing in it but the picture, and how it is recognised again."""

    data: bytes
    media_type: str
    print: Print


@dataclass(frozen=True)
class Recognised:
    """What the bytes of a stored picture are, and the earlier pictures it repeats."""

    media_type: str
    print: Print
    alike: list[Alike]


@dataclass(frozen=True)
class Hands:
    """What the worker works with, handed down by the plug.

    ``fetch`` gives the bytes of a Telegram file (raises FetchLater, FetchFailed); ``keep`` stores bytes
    whole and gives (SHA-256, size), or raises KeepLater; ``read_plan`` (with the municipality's school
    terms), ``read_schools`` and ``clean`` (a picture) run in a limited child process (raise ChildRefused).
    """

    fetch: Callable[[str], Awaitable[bytes]]
    keep: Callable[[bytes], Awaitable[tuple[str, int]]]
    read_plan: Callable[[bytes, str, Terms], Awaitable[dict[str, Any]]]
    read_schools: Callable[[bytes, str], Awaitable[list[list[str]]]]
    clean: Callable[[bytes], Awaitable[CleanPicture]]


@dataclass(frozen=True)
class Done:
    """What a piece of work gave: bytes kept, and what was read from them, or why they were not."""

    sha256: str
    size: int
    result: Any = None
    refused: str | None = None


Finish = Callable[[Session, Work, Done, datetime], Awaitable[Screen | None]]


class Worker:
    """Does the works of the database one after another; several processes share them on PostgreSQL."""

    def __init__(self, database: Database, hands: Hands, clock: Clock) -> None:
        self.database = database
        self.hands = hands
        self.clock = clock
        self._bell = database.bell.listener()

    async def recover(self) -> None:
        """Give back what a former process had claimed; runs once, before any task.

        Where others may be at work (PostgreSQL) their claims are known by their age instead.
        """
        if self.database.is_sqlite:
            async with self.database.writing() as session:
                await session.execute(
                    update(Work).where(Work.state == WorkState.CLAIMED).values(state=WorkState.WAITING)
                )

    async def run(self) -> None:
        """Work for ever."""
        while True:
            self._bell.clear()
            if not await enduring("worker", self.work_one):
                await rung(self._bell, NAP)

    async def work_one(self) -> bool:
        """Claim and do one piece of work; False where none is due."""
        claimed = await self.database.write(self._claim)
        if claimed is None:
            return False
        try:
            done = await self._renewing(claimed)
        except KeepLater:
            await self._conclude(claimed, self._put_back)
        except FetchLater as trouble:
            await self._later(claimed, type(trouble).__name__)
        except FetchFailed as trouble:
            reason = trouble.reason
            await self._conclude(claimed, lambda session, work: self._give_up(session, work, reason))
        except Exception as trouble:  # noqa: BLE001 - a full disk, or a bug: this piece is tried again later
            log.error("a piece of work failed", work=claimed.id, error=type(trouble).__name__)
            await self._later(claimed, type(trouble).__name__)
        else:
            await self._conclude(claimed, lambda session, work: self._finish(session, work, done))
        return True

    async def _claim(self, session: Session) -> Work | None:
        """Claim what is due, or what a process claimed and then said nothing of for long."""
        now = self.clock.now()
        due = (Work.state == WorkState.WAITING) & (Work.not_before <= now)
        orphan = (Work.state == WorkState.CLAIMED) & (Work.claimed_at < now - ORPHANED)
        work = await session.scalar(
            select(Work)
            .where(due | orphan)
            .order_by(Work.not_before, Work.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if work is not None:
            work.state = WorkState.CLAIMED
            work.claimed_at = now
            work.tries += 1
        return work

    async def _renewing(self, claimed: Work) -> Done:
        """Do a piece of work, saying now and then that it is being done."""
        doing = asyncio.ensure_future(self._do(claimed))
        try:
            while not (await asyncio.wait([doing], timeout=RENEW))[0]:
                await self._conclude(claimed, self._still_mine)
            return await doing
        finally:
            doing.cancel()
            await asyncio.wait([doing])  # a child process is not left behind

    async def _still_mine(self, _session: Session, work: Work) -> None:
        work.claimed_at = self.clock.now()

    async def _conclude(self, claimed: Work, end: Callable[[Session, Work], Awaitable[None]]) -> None:
        """Write down what became of a claimed piece, unless another process has claimed it since."""

        async def step(session: Session) -> None:
            work = await session.get_one(Work, claimed.id, with_for_update=True)
            if work.state is WorkState.CLAIMED and work.tries == claimed.tries:
                await end(session, work)
            else:
                log.warning("a piece of work was another process's by then", work=claimed.id)

        await self.database.write(step)

    async def _do(self, work: Work) -> Done:
        data = await self._data(work.facts)
        if work.kind is WorkKind.FETCH_EVIDENCE:
            return await self._evidence(work, data)
        sha256, size = await self.hands.keep(data)
        try:
            return Done(sha256, size, await self._read(work, data))
        except ChildRefused as trouble:
            return Done(sha256, size, refused=trouble.kind)

    async def _read(self, work: Work, data: bytes) -> Any:
        match work.kind:
            case WorkKind.READ_ORDER:
                return await self._plan(data, work.facts["file_name"])
            case WorkKind.READ_SCHOOLS:
                return await self.hands.read_schools(data, work.facts["file_name"])
            case WorkKind.READ_TABLE:
                return await self._table(data, work.facts["file_name"])
            case WorkKind.FETCH_EVIDENCE:
                raise AssertionError("evidence is kept, not read")

    async def _evidence(self, work: Work, data: bytes) -> Done:
        """Keep the bytes of a piece; of a picture, only what is left of it when it is encoded anew."""
        picture = await self._picture(work, data)
        if picture is None:
            return Done(*(await self.hands.keep(data)))
        sha256, size = await self.hands.keep(picture.data)
        async with self.database.reading() as session:
            alike = await recycled.look_up(session, work.facts["evidence_id"], sha256, picture.print)
        return Done(sha256, size, Recognised(picture.media_type, picture.print, alike))

    async def _picture(self, work: Work, data: bytes) -> CleanPicture | None:
        """Clean what is sent as a picture; None for another file. Raises FetchFailed for a bad picture."""
        async with self.database.reading() as session:
            piece = await session.get_one(Evidence, work.facts["evidence_id"])
        if piece.kind not in (EvidenceKind.PHOTO, EvidenceKind.DOCUMENT):
            return None
        try:
            return await self.hands.clean(data)
        except ChildRefused as refused:
            if refused.kind == NOT_A_PICTURE and not evidence.named_as_picture(piece):
                return None
            raise FetchFailed(refused.kind) from None

    async def _plan(self, data: bytes, name: str) -> dict[str, Any]:
        """Read an order with the school terms known here; no transaction is open while the child reads."""
        async with self.database.reading() as session:
            terms = await rules.school_terms(session)
        return await self.hands.read_plan(data, name, terms)

    async def _data(self, facts: dict[str, Any]) -> bytes:
        """Give the bytes of a file, or of a text that was pasted in pieces."""
        if "pieces" in facts:
            pieces = sorted(facts["pieces"].items(), key=lambda piece: int(piece[0]))
            return "\n".join(text for _, text in pieces).encode()
        return await self.hands.fetch(facts["file_id"])

    async def _table(self, data: bytes, name: str) -> dict[str, Any] | list[list[str]]:
        """Read a spreadsheet: the plan of an order, or else a list of schools."""
        try:
            return await self._plan(data, name)
        except ChildRefused as refused:
            if refused.kind != NOT_AN_ORDER:
                raise
            return await self.hands.read_schools(data, name)

    async def _finish(self, session: Session, work: Work, done: Done) -> None:
        """Commit the result, its letter and «done» together; a file nobody could read is kept as well."""
        now = self.clock.now()
        if done.refused is not None:
            work.facts = {**work.facts, "stored_file_id": (await _stored(session, done, now)).id}
            await self._give_up(session, work, done.refused)
            return
        screen = await FINISH[work.kind](session, work, done, now)
        work.state = WorkState.DONE
        work.done_at = now
        await _answer(session, work, screen, now)

    async def _put_back(self, _session: Session, work: Work) -> None:
        work.state = WorkState.WAITING
        work.tries -= 1
        work.trouble = KeepLater.__name__
        work.not_before = self.clock.now() + timedelta(seconds=STORE_PAUSE)

    async def _later(self, claimed: Work, why: str) -> None:
        async def later(session: Session, work: Work) -> None:
            work.trouble = why
            if work.tries >= MOST_TRIES:
                await self._give_up(session, work, "unreachable")
                return
            pause = BACKOFF[min(work.tries, len(BACKOFF)) - 1]
            work.state = WorkState.WAITING
            work.not_before = self.clock.now() + timedelta(seconds=pause)

        await self._conclude(claimed, later)

    async def _give_up(self, session: Session, work: Work, kind: str) -> None:
        log.warning("work failed", work=work.id, kind=work.kind, why=kind)
        now = self.clock.now()
        work.state = WorkState.FAILED
        work.trouble = kind
        work.done_at = now
        if work.kind is WorkKind.FETCH_EVIDENCE:
            await _ask_again(session, work, kind, now)
        elif work.chat_id is not None:
            name = work.facts.get("file_name", "")
            kept = work.id if "stored_file_id" in work.facts else None
            await _answer(session, work, work_views.failed(name, kind, kept), now)


async def _ask_again(session: Session, work: Work, kind: str, now: datetime) -> None:
    """Ask the author for a photo or a file that could not be kept; the report itself stays as it is."""
    piece = await session.get_one(Evidence, work.facts["evidence_id"])
    await letters.write(
        session,
        key=f"work:{work.id}",
        kind=LetterKind.NOTE,
        chat_id=piece.chat_id,
        now=now,
        priority=Priority.CARD,
        payload=message(work_views.not_kept(kind), piece.chat_id, reply_to=piece.message_id),
    )


async def _answer(session: Session, work: Work, screen: Screen | None, now: datetime) -> None:
    if screen is None or work.chat_id is None:
        return
    await letters.write(
        session,
        key=f"work:{work.id}",
        kind=LetterKind.NOTE,
        chat_id=work.chat_id,
        now=now,
        priority=Priority.ANSWER,
        payload=message(screen, work.chat_id),
    )


async def _stored(session: Session, done: Done, now: datetime) -> StoredFile:
    known = await session.scalar(select(StoredFile).where(StoredFile.sha256 == done.sha256))
    if known is None:
        known = StoredFile(sha256=done.sha256, size=done.size, stored_at=now)
        session.add(known)
        await session.flush()
    return known


async def _order(session: Session, work: Work, done: Done, now: datetime) -> Screen:
    plan: Plan = plan_from_json(done.result)
    owner = await session.get_one(Organisation, work.facts["owner_id"])
    edition = await drafts.store(
        session,
        plan,
        owner=owner,
        source=drafts.Source(
            work.facts["file_name"], work.facts.get("file_id"), (await _stored(session, done, now)).id
        ),
        now=now,
    )
    await amendments.settle(session, edition, owner)
    if work.chat_id is not None:
        await questions.put_on_screen(session, chat_id=work.chat_id, edition_id=edition.id, now=now)
    await corrections.read_draft_anew(session, edition)  # school terms may have come while the child read
    return order_views.preview(await preview.of(session, edition, now=now))


async def _table(session: Session, work: Work, done: Done, now: datetime) -> Screen:
    read = _order if isinstance(done.result, dict) else _schools
    return await read(session, work, done, now)


async def _schools(session: Session, work: Work, done: Done, _now: datetime) -> Screen:
    owner = await session.get_one(Organisation, work.facts["owner_id"])
    added = await organisations.add_schools(
        session, owner, [(name, short_name) for name, short_name in done.result]
    )
    return invitation_views.schools_added(added.added, added.known, added.total)


async def _piece(session: Session, work: Work, done: Done, now: datetime) -> None:
    piece = await session.get_one(Evidence, work.facts["evidence_id"])
    if piece.file_id != work.facts["file_id"]:  # its message was edited meanwhile: another file is fetched
        return
    stored = await _stored(session, done, now)
    piece.stored_file_id = stored.id
    if isinstance(done.result, Recognised):
        piece.media_type = done.result.media_type
        await recycled.keep_print(session, stored.id, done.result.print)
        await recycled.keep_likenesses(session, piece.id, done.result.alike, now=now)
    await showing.show_stored(session, piece, now=now)


FINISH: dict[WorkKind, Finish] = {
    WorkKind.READ_ORDER: _order,
    WorkKind.READ_SCHOOLS: _schools,
    WorkKind.READ_TABLE: _table,
    WorkKind.FETCH_EVIDENCE: _piece,
}


async def pending(session: Session, *, now: datetime) -> int:
    """Count the works that are due or being done."""
    return (
        await session.scalar(
            select(func.count(Work.id)).where(
                (Work.state == WorkState.CLAIMED)
                | ((Work.state == WorkState.WAITING) & (Work.not_before <= now))
            )
        )
        or 0
    )


def parse_child(output: bytes) -> dict[str, Any]:
    """Read the one JSON line of a child. Raises ChildRefused with the child's own error."""
    answer: dict[str, Any] = json.loads(output)
    if "error" in answer:
        raise ChildRefused(answer["error"]["kind"])
    return answer
