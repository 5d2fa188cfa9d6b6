"""The audit journal: who did what to what, and when."""

from datetime import datetime

from models import Session
from models.letters import AuditEntry


def record(
    session: Session,
    *,
    now: datetime,
    action: str,
    subject: str,
    subject_id: int | None,
    person_id: int | None = None,
    note: str | None = None,
    **facts: int | str | None,
) -> None:
    """Add an entry to the journal; facts hold ids and codes, never personal data."""
    session.add(
        AuditEntry(
            at=now,
            person_id=person_id,
            action=action,
            subject=subject,
            subject_id=subject_id,
            facts=facts,
            note=note,
        )
    )
