"""Quotas: how much one report, person or school may send, so that nobody's flood is everybody's trouble."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select

from models import Session
from models.assignments import Assignment, Evidence, Report
from models.letters import AuditEntry
from services import audit, passages
from services.access import Actor

MOST_PASSAGES = 200  # wordings of one report, old versions included
MOST_IN_REPORT = 100  # photos and files of one report
MOST_BY_PERSON = 200  # photos and files a day
MOST_BY_ORGANISATION = 400  # photos and files a day, of everybody who answers for it
DAY = timedelta(hours=24)


class Quota(StrEnum):
    """What is used up."""

    WORDS = "words"
    REPORT = "report"
    PERSON = "person"
    ORGANISATION = "organisation"


@dataclass(frozen=True)
class UsedUp:
    """A quota that is used up; ``first``: the sender has not been told yet (in a day, or of a report)."""

    quota: Quota
    most: int
    first: bool


async def used_up(
    session: Session, actor: Actor, report: Report, *, piece: bool, now: datetime
) -> UsedUp | None:
    """Tell which quota a further message to a report would break, if any."""
    found = await _of_pieces(session, actor, report, now) if piece else await _of_words(session, report)
    if found is None:
        return None
    quota, most = found
    return UsedUp(quota, most, await _first(session, actor, report, quota, now))


async def _of_words(session: Session, report: Report) -> tuple[Quota, int] | None:
    said = await passages.count(session, report.id)
    return (Quota.WORDS, MOST_PASSAGES) if said >= MOST_PASSAGES else None


async def _of_pieces(
    session: Session, actor: Actor, report: Report, now: datetime
) -> tuple[Quota, int] | None:
    today = select(func.count(Evidence.id)).join(Report, Report.id == Evidence.report_id)
    of_report = select(func.count(Evidence.id)).where(Evidence.report_id == report.id)
    if (await session.scalar(of_report) or 0) >= MOST_IN_REPORT:
        return Quota.REPORT, MOST_IN_REPORT
    since = Report.received_at > now - DAY
    by_person = today.where(since, Report.author_id == actor.person.id)
    if (await session.scalar(by_person) or 0) >= MOST_BY_PERSON:
        return Quota.PERSON, MOST_BY_PERSON
    if report.assignment_id is None:
        return None
    place = select(Assignment.organisation_id).where(Assignment.id == report.assignment_id).scalar_subquery()
    of_place = today.join(Assignment, Assignment.id == Report.assignment_id).where(
        since, Assignment.organisation_id == place
    )
    if (await session.scalar(of_place) or 0) >= MOST_BY_ORGANISATION:
        return Quota.ORGANISATION, MOST_BY_ORGANISATION
    return None


async def _first(session: Session, actor: Actor, report: Report, quota: Quota, now: datetime) -> bool:
    """Say once that a quota is used up: a flood of warnings is a flood as well."""
    told = await session.scalar(
        select(AuditEntry.id).where(
            AuditEntry.action == "used up",
            AuditEntry.subject == quota.value,
            AuditEntry.subject_id == report.id,
            AuditEntry.person_id == actor.person.id,
            AuditEntry.at > now - DAY,
        )
    )
    if told is None:
        audit.record(
            session,
            now=now,
            action="used up",
            subject=quota.value,
            subject_id=report.id,
            person_id=actor.person.id,
        )
    return told is None
