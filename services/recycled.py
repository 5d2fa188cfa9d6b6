"""Recycled pictures: a copy of an earlier one is shown to the reviewer beside it, and never refused.

Looked for across rows, schools and years of one municipality; the same picture for the same assignment
is an answer to a remark and no copy.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, union_all
from sqlalchemy.orm import aliased

from models import Session
from models.assignments import (
    Assignment,
    Evidence,
    Likeness,
    PicturePrint,
    Report,
    ReportState,
)
from models.files import StoredFile
from models.organisations import Organisation, OrganisationKind
from models.roadmaps import Activity
from pictures.likeness import SAME, candidates, likenesses
from pictures.prints import PicturePrint as Print
from pictures.prints import hashes_from

_FOUND = (Likeness.exact.label("exact"), Likeness.score.label("score"))
SENT = (ReportState.SUBMITTED, ReportState.ACCEPTED, ReportState.RETURNED)


@dataclass(frozen=True)
class Known:
    """A picture that was sent before: whose evidence it is, and the print of its bytes."""

    evidence_id: int
    stored_file_id: int
    hashes: bytes


@dataclass(frozen=True)
class Alike:
    """An earlier picture that one repeats; ``score`` from 0.8 to 1, 1 for the same bytes."""

    earlier_id: int
    exact: bool
    score: float


@dataclass(frozen=True)
class Repeat:
    """A picture of a report that repeats an earlier one: of which organisation and row, sent when."""

    evidence_id: int
    earlier_id: int
    exact: bool
    organisation: str
    number: str | None
    sent_at: datetime
    time_zone: str


async def keep_print(session: Session, stored_file_id: int, found: Print) -> None:
    """Keep how a stored picture is recognised again; kept twice, it is the same."""
    if await session.get(PicturePrint, stored_file_id) is None:
        session.add(
            PicturePrint(
                stored_file_id=stored_file_id,
                width=found.width,
                height=found.height,
                hashes=found.hashes,
                thumbnail=found.thumbnail,
            )
        )
        await session.flush()


async def known_before(session: Session, evidence_id: int) -> list[Known]:
    """List the pictures of the same municipality that a piece of evidence may repeat, of drafts as well.

    Of two drafts with one picture, the one that is sent later shows it: ``repeats`` looks both ways.
    """
    piece = await session.get_one(Evidence, evidence_id)
    report = await session.get_one(Report, piece.report_id)
    query = (
        select(Evidence.id, Evidence.stored_file_id, PicturePrint.hashes)
        .join(PicturePrint, PicturePrint.stored_file_id == Evidence.stored_file_id)
        .join(Report, Report.id == Evidence.report_id)
        .where(Evidence.id != evidence_id, Report.id != report.id, Report.state != ReportState.DROPPED)
        .order_by(Evidence.id)
    )
    if report.assignment_id is not None:
        query = query.where(Report.assignment_id.is_distinct_from(report.assignment_id))
    domain = await _domain(session, report)
    if domain is not None:
        query = (
            query.outerjoin(Assignment, Assignment.id == Report.assignment_id)
            .outerjoin(Organisation, Organisation.id == Assignment.organisation_id)
            .where(
                Report.assignment_id.is_(None) | Organisation.path.startswith(domain, autoescape=True),
            )
        )
    rows = await session.execute(query)
    return [Known(one, stored, hashes) for one, stored, hashes in rows if stored is not None]


async def _domain(session: Session, report: Report) -> str | None:
    """Give the path of the municipality a report belongs to; None while it knows no assignment."""
    path = await session.scalar(
        select(Organisation.path)
        .join(Assignment, Assignment.organisation_id == Organisation.id)
        .where(Assignment.id == report.assignment_id)
    )
    if path is None:
        return None
    places = await session.scalars(
        select(Organisation.path).where(Organisation.kind == OrganisationKind.MUNICIPALITY)
    )
    return next((place for place in places if path.startswith(place)), None)


async def look_up(session: Session, evidence_id: int, sha256: str, wanted: Print) -> list[Alike]:
    """Give the earlier pictures that one repeats: the same bytes, and what a closer look confirms."""
    known = await known_before(session, evidence_id)
    same = await session.scalar(select(StoredFile.id).where(StoredFile.sha256 == sha256))
    exact = [Alike(one.evidence_id, exact=True, score=1.0) for one in known if one.stored_file_id == same]
    others = [one for one in known if one.stored_file_id != same]
    if not others:
        return exact
    hashes = b"".join(one.hashes for one in others)
    near = [others[row] for row in await asyncio.to_thread(lambda: candidates(wanted, hashes_from(hashes)))]
    kept = {
        print_.stored_file_id: print_
        for print_ in await session.scalars(
            select(PicturePrint).where(PicturePrint.stored_file_id.in_({one.stored_file_id for one in near}))
        )
    }
    prints = [_print(kept[one.stored_file_id]) for one in near]
    scores = await asyncio.to_thread(lambda: likenesses(wanted, prints))
    return exact + [
        Alike(one.evidence_id, exact=False, score=score)
        for one, score in zip(near, scores, strict=True)
        if score is not None and score >= SAME
    ]


def _print(kept: PicturePrint) -> Print:
    return Print(
        width=kept.width, height=kept.height, digest=b"", hashes=kept.hashes, thumbnail=kept.thumbnail
    )


async def keep_likenesses(
    session: Session, evidence_id: int, found: Sequence[Alike], *, now: datetime
) -> None:
    """Keep what a piece of evidence repeats; kept twice, it is the same."""
    known = set(await session.scalars(select(Likeness.earlier_id).where(Likeness.evidence_id == evidence_id)))
    for one in found:
        if one.earlier_id not in known:
            session.add(
                Likeness(
                    evidence_id=evidence_id,
                    earlier_id=one.earlier_id,
                    exact=one.exact,
                    score=one.score,
                    found_at=now,
                )
            )
    await session.flush()


async def repeats(session: Session, report_id: int) -> list[Repeat]:
    """List what the pictures of a report repeat, the likest first; each picture once.

    What another municipality was sent is not shown: a draft without a row was compared with everything.
    """
    report = await session.get_one(Report, report_id)
    domain = await _domain(session, report)
    if domain is None:
        return []
    sent_at = report.submitted_at or report.received_at
    pairs = union_all(
        select(Likeness.evidence_id.label("mine"), Likeness.earlier_id.label("other"), *_FOUND),
        # of two drafts that were compared the first was sent after the second
        select(Likeness.earlier_id, Likeness.evidence_id, *_FOUND)
        .join(Evidence, Evidence.id == Likeness.evidence_id)
        .join(Report, Report.id == Evidence.report_id)
        .where(Report.submitted_at <= sent_at),
    ).subquery()
    mine, other = aliased(Evidence), aliased(Evidence)
    rows = await session.execute(
        select(mine.id, other.id, pairs.c.exact, Organisation, Activity.number, Report)
        .join(pairs, pairs.c.mine == mine.id)
        .join(other, other.id == pairs.c.other)
        .join(Report, Report.id == other.report_id)
        .join(Assignment, Assignment.id == Report.assignment_id)
        .join(Activity, Activity.id == Assignment.activity_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(
            mine.report_id == report_id,
            Report.state.in_(SENT),
            Report.assignment_id != report.assignment_id,
            Organisation.path.startswith(domain, autoescape=True),
        )
        .order_by(pairs.c.exact.desc(), pairs.c.score.desc(), other.id)
    )
    found: dict[int, Repeat] = {}
    for evidence_id, earlier_id, exact, place, number, earlier in rows:
        at = earlier.submitted_at or earlier.received_at
        repeat = Repeat(evidence_id, earlier_id, exact, place.short_name, number, at, place.time_zone)
        found.setdefault(evidence_id, repeat)
    return list(found.values())
