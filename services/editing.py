"""Several people prepare one draft: each change is remembered, and the others hear of it.

Who opened or changed a draft stands in the audit journal; whoever did so lately is at work on it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select

from models import Session
from models.letters import AuditEntry, LetterKind
from models.people import Person
from models.roadmaps import Activity, Edition, EditionState
from services import audit, letters
from services.letters import Priority

OPENED = "opened"
CHANGED = "changed"
AT_WORK = timedelta(hours=12)  # who has been here within it hears of changes
LATELY = timedelta(minutes=30)  # who has been here within it is shown to be here
TOGETHER = timedelta(minutes=2)  # changes within it are told in one letter


class What(StrEnum):
    """What of a draft was changed."""

    DEADLINE = "deadline"
    EXECUTORS = "executors"
    TITLE = "title"
    RESULT = "result"
    NUMBER = "number"
    SECTION = "section"
    ANCHOR = "anchor"
    DUTY = "duty"
    PARTY = "party"
    PAST = "past"
    ROW = "row"
    BASE = "base"
    APPROVED = "approved"
    DISCARDED = "discarded"


@dataclass(frozen=True)
class Touch:
    """A change of a draft: by whom, when, of what; ``number`` names the row, if it was one."""

    by: str
    at: datetime
    what: What
    number: str | None


@dataclass(frozen=True)
class Colleague:
    """Somebody else at work on a draft, and the last change they made (None: only looking)."""

    name: str
    seen_at: datetime
    last: Touch | None


async def opened(session: Session, edition: Edition, person: Person, *, now: datetime) -> list[Colleague]:
    """Note that a person looks at a draft; give who else has been there lately."""
    seen = await _last_seen(session, edition.id, since=now - LATELY)
    if person.id not in seen or now - seen[person.id] > LATELY / 10:
        audit.record(
            session,
            now=now,
            action=OPENED,
            subject="edition",
            subject_id=edition.id,
            person_id=person.id,
        )
    found: list[Colleague] = []
    for other, at in seen.items():
        if other == person.id:
            continue
        known = await session.get_one(Person, other)
        made = await touches(session, edition.id, by=other, since=now - AT_WORK)
        found.append(Colleague(known.name, at, made[-1] if made else None))
    return found


async def changed(
    session: Session, edition: Edition, person: Person, what: What, *, now: datetime, row: int | None = None
) -> None:
    """Note a change, and write to whoever else is at work on the draft: one letter an hour from each."""
    audit.record(
        session,
        now=now,
        action=CHANGED,
        subject="edition",
        subject_id=edition.id,
        person_id=person.id,
        what=what.value,
        row=row,
    )
    for other in await _last_seen(session, edition.id, since=now - AT_WORK):
        if other != person.id:
            await _tell(session, edition, await session.get_one(Person, other), person, now)


async def _tell(session: Session, edition: Edition, reader: Person, editor: Person, now: datetime) -> None:
    ended = edition.state is not EditionState.DRAFT
    await letters.write(
        session,
        key=f"shared:{edition.id}:{reader.id}:{editor.id}:{edition.state.value}:{now:%Y%m%d%H}",
        kind=LetterKind.SHARED,
        chat_id=reader.chat_id,
        person_id=reader.id,
        now=now,
        not_before=now if ended else now + TOGETHER,
        priority=Priority.CARD,
        facts={"edition_id": edition.id, "editor_id": editor.id, "since": now.isoformat()},
    )


async def _last_seen(session: Session, edition_id: int, *, since: datetime) -> dict[int, datetime]:
    rows = await session.execute(
        select(AuditEntry.person_id, func.max(AuditEntry.at))
        .where(
            AuditEntry.subject == "edition",
            AuditEntry.subject_id == edition_id,
            AuditEntry.action.in_((OPENED, CHANGED)),
            AuditEntry.person_id.is_not(None),
            AuditEntry.at >= since,
        )
        .group_by(AuditEntry.person_id)
        .order_by(func.max(AuditEntry.at).desc())
    )
    return {person_id: at for person_id, at in rows if person_id is not None}


async def touches(session: Session, edition_id: int, *, by: int, since: datetime) -> list[Touch]:
    """List the changes a person made to a draft since a moment, the first one first."""
    rows = await session.execute(
        select(AuditEntry, Person)
        .join(Person, Person.id == AuditEntry.person_id)
        .where(
            AuditEntry.subject == "edition",
            AuditEntry.subject_id == edition_id,
            AuditEntry.action == CHANGED,
            AuditEntry.person_id == by,
            AuditEntry.at >= since,
        )
        .order_by(AuditEntry.at, AuditEntry.id)
    )
    return [
        Touch(person.name, entry.at, What(entry.facts["what"]), await _number(session, entry.facts["row"]))
        for entry, person in rows.all()
    ]


async def _number(session: Session, activity_id: int | None) -> str | None:
    if activity_id is None:
        return None
    return await session.scalar(select(Activity.number).where(Activity.id == activity_id))
