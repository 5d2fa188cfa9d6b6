"""Retention: what is kept for a term and then destroyed, by a policy the municipality may change.

Texts and figures of reports are the school's records and stay; so does the audit journal. Pictures and
files of reports go after years, drafts that were never sent after months, those put aside after weeks.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, delete, exists, func, or_, select, update

from models import Base, Session
from models.assignments import Evidence, Figure, Likeness, Passage, PicturePrint, Report, ReportState
from models.files import StoredFile
from models.letters import AuditEntry, Letter, LetterItem, LetterState
from models.machinery import Rule, Work, WorkKind
from models.people import Erasure, ErasureReason
from services import audit

AT_ONCE = 200  # pieces, and drafts, destroyed in one transaction
FEBRUARY, LEAP_DAY = 2, 29
UNSENT = (ReportState.DRAFT, ReportState.DROPPED)


@dataclass(frozen=True)
class Policy:
    """How long what is kept; a row of ``rules`` named like a field overrides its default.

    ``evidence_years``: pictures and files, from the day their report came. ``draft_days``: a draft, from
    its last words. ``dropped_days``: a draft put aside, from that day.
    """

    evidence_years: int = 3
    draft_days: int = 180
    dropped_days: int = 30


@dataclass(frozen=True)
class Destroyed:
    """How much was destroyed: drafts, pieces of evidence with their Telegram ids, stored files."""

    drafts: int = 0
    pieces: int = 0
    files: int = 0

    @property
    def anything(self) -> bool:
        """Tell whether there was anything."""
        return bool(self.drafts or self.pieces or self.files)

    def plus(self, other: "Destroyed") -> "Destroyed":
        """Add up."""
        return Destroyed(self.drafts + other.drafts, self.pieces + other.pieces, self.files + other.files)


async def policy(session: Session) -> Policy:
    """Give the terms of this municipality over the defaults."""
    names = {field.name for field in fields(Policy)}
    rows = await session.scalars(select(Rule).where(Rule.name.in_(names)))
    return replace(Policy(), **{row.name: row.value["value"] for row in rows})


async def purge(session: Session, *, now: datetime) -> bool:
    """Destroy one batch of what has been kept for its term; tell whether there may be more of it.

    A run is known by its moment: further batches of the same ``now`` add to its one row of ``erasures``.
    """
    kept = await policy(session)
    drafts = await _old_drafts(session, kept, now)
    destroyed = Destroyed()
    for report in drafts:
        destroyed = destroyed.plus(await empty_draft(session, report))
    pieces = await _old_pieces(session, kept, now)
    destroyed = destroyed.plus(await _purge_pieces(session, pieces, now))
    if destroyed.anything:
        await _write_down(session, destroyed, now)
    return AT_ONCE in (len(drafts), len(pieces))


async def _old_drafts(session: Session, kept: Policy, now: datetime) -> Sequence[Report]:
    """List drafts whose term is over and that still hold anything."""
    since = now - timedelta(days=kept.draft_days)
    forgotten = (
        (Report.state == ReportState.DRAFT)
        & (Report.received_at < since)
        & ~exists().where(Passage.report_id == Report.id, Passage.written_at >= since)
    )
    before = now - timedelta(days=kept.dropped_days)
    set_aside = (Report.state == ReportState.DROPPED) & (
        func.coalesce(_dropped_at(), Report.received_at) < before
    )
    found = await session.scalars(
        select(Report)
        .where(forgotten | (set_aside & _holds_anything()))
        .order_by(Report.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return found.all()


def _dropped_at() -> ScalarSelect[datetime]:
    return (
        select(func.max(AuditEntry.at))
        .where(
            AuditEntry.action == "dropped",
            AuditEntry.subject == "report",
            AuditEntry.subject_id == Report.id,
        )
        .scalar_subquery()
    )


def _holds_anything() -> ColumnElement[bool]:
    return or_(
        Report.text != "",
        exists().where(Passage.report_id == Report.id),
        exists().where(Evidence.report_id == Report.id),
    )


async def _old_pieces(session: Session, kept: Policy, now: datetime) -> Sequence[Evidence]:
    """List pieces of sent reports that came so many years ago."""
    found = await session.scalars(
        select(Evidence)
        .join(Report, Report.id == Evidence.report_id)
        .where(
            Evidence.purged_at.is_(None),
            Report.state.not_in(UNSENT),
            func.coalesce(Report.submitted_at, Report.received_at) < years_before(now, kept.evidence_years),
        )
        .order_by(Evidence.id)
        .limit(AT_ONCE)
        .with_for_update(of=Evidence, skip_locked=True)
    )
    return found.all()


def years_before(now: datetime, years: int) -> datetime:
    """Give the same moment so many years ago; of 29 February, that of the 28th."""
    if (now.month, now.day) == (FEBRUARY, LEAP_DAY):
        now -= timedelta(days=1)
    return now.replace(year=now.year - years)


async def empty_draft(session: Session, report: Report) -> Destroyed:
    """Put a draft aside for ever: its words, pieces and figures are destroyed, its number stays."""
    pieces = list(await session.scalars(select(Evidence).where(Evidence.report_id == report.id)))
    stored = {piece.stored_file_id for piece in pieces if piece.stored_file_id is not None}
    await _forget_likenesses(session, [piece.id for piece in pieces])
    for table in (Evidence, Passage, Figure):
        await session.execute(delete(table).where(table.report_id == report.id))
    report.state = ReportState.DROPPED
    report.text = ""
    report.children = report.ask_at = None
    await _silence(session, report.id)
    await session.flush()
    return Destroyed(1, len(pieces), await forget_files(session, stored))


async def _silence(session: Session, report_id: int) -> None:
    """Let nothing be said of a draft any more, and keep nothing of what was said of it."""
    about = select(LetterItem.letter_id).where(LetterItem.report_id == report_id)
    await session.execute(
        update(Letter)
        .where(Letter.id.in_(about), Letter.state.in_((LetterState.WAITING, LetterState.CLAIMED)))
        .values(state=LetterState.CANCELLED)
    )
    await session.execute(update(Letter).where(Letter.id.in_(about)).values(payload=None))


async def _purge_pieces(session: Session, pieces: Sequence[Evidence], now: datetime) -> Destroyed:
    """Destroy pictures and files; that there were so many of them stays with the report."""
    stored = {piece.stored_file_id for piece in pieces if piece.stored_file_id is not None}
    await _forget_likenesses(session, [piece.id for piece in pieces])
    for piece in pieces:
        piece.purged_at = now
        piece.stored_file_id = piece.file_name = piece.media_type = None
        piece.file_id = piece.file_unique_id = ""
    await session.flush()
    return Destroyed(pieces=len(pieces), files=await forget_files(session, stored))


async def _forget_likenesses(session: Session, piece_ids: Collection[int]) -> None:
    """Forget what pieces resemble, and the work of fetching them."""
    await session.execute(
        delete(Likeness).where(Likeness.evidence_id.in_(piece_ids) | Likeness.earlier_id.in_(piece_ids))
    )
    fetched = Work.facts["evidence_id"].as_integer()
    await session.execute(delete(Work).where(Work.kind == WorkKind.FETCH_EVIDENCE, fetched.in_(piece_ids)))


async def forget_files(session: Session, stored_ids: Collection[int]) -> int:
    """Delete the rows of files that nothing names any more, so that the store is swept of their bytes."""
    named = [
        exists().where(key.parent == StoredFile.id)
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table is StoredFile.__table__ and table is not PicturePrint.__table__
    ]
    kept_for_help = exists().where(Work.facts["stored_file_id"].as_integer() == StoredFile.id)
    found = await session.scalars(
        select(StoredFile.id).where(StoredFile.id.in_(stored_ids), ~or_(*named, kept_for_help))
    )
    gone = list(found)
    await session.execute(delete(PicturePrint).where(PicturePrint.stored_file_id.in_(gone)))
    await session.execute(delete(StoredFile).where(StoredFile.id.in_(gone)))
    return len(gone)


async def _write_down(session: Session, destroyed: Destroyed, now: datetime) -> None:
    """Keep the counts of a run in the journals; nothing of whom it was about."""
    counts = {field.name: getattr(destroyed, field.name) for field in fields(Destroyed)}
    run = await session.scalar(
        select(Erasure).where(Erasure.reason == ErasureReason.TERM, Erasure.asked_at == now)
    )
    if run is None:
        run = Erasure(reason=ErasureReason.TERM, asked_at=now, done_at=now, facts=counts)
        session.add(run)
    else:
        run.facts = {name: run.facts[name] + number for name, number in counts.items()}
    await session.flush()
    audit.record(session, now=now, action="destroyed", subject="erasure", subject_id=run.id, **counts)
