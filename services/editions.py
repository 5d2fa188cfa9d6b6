"""Editions of a roadmap: which one is in force, which one was, and which a draft was prepared from."""

from datetime import datetime

from sqlalchemy import func, select

from models import Session
from models.files import StoredFile
from models.organisations import Organisation
from models.roadmaps import Edition, EditionState, Roadmap
from services.refusals import Refusal


class BaseChanged(Refusal):
    """The roadmap was amended after this draft was prepared: it must be prepared anew."""


async def in_force(session: Session, roadmap_id: int, *, at: datetime | None = None) -> Edition | None:
    """Give the edition in force, at a moment or now; None before the first approval."""
    query = select(Edition).where(Edition.roadmap_id == roadmap_id, Edition.state == EditionState.APPROVED)
    if at is not None:
        query = query.where(Edition.approved_at <= at)
    return await session.scalar(query.order_by(Edition.ordinal.desc()).limit(1))


async def still_based(session: Session, edition: Edition) -> None:
    """Refuse a draft whose base is not in force any more. Raises BaseChanged."""
    current = await in_force(session, edition.roadmap_id)
    if (current.id if current else None) != edition.base_id:
        raise BaseChanged


async def next_ordinal(session: Session, roadmap_id: int) -> int:
    """Give the ordinal of the next edition of a roadmap, counted from 1."""
    last = await session.scalar(select(func.max(Edition.ordinal)).where(Edition.roadmap_id == roadmap_id))
    return (last or 0) + 1


async def approved(session: Session, roadmap_id: int) -> list[Edition]:
    """List the approved editions of a roadmap, the first one first."""
    found = await session.scalars(
        select(Edition)
        .where(Edition.roadmap_id == roadmap_id, Edition.state == EditionState.APPROVED)
        .order_by(Edition.ordinal)
    )
    return list(found)


async def fingerprint(session: Session, edition: Edition) -> str | None:
    """Give the SHA-256 of the file an edition was read from, if its bytes are kept."""
    if edition.source_id is None:
        return None
    return await session.scalar(select(StoredFile.sha256).where(StoredFile.id == edition.source_id))


async def roadmaps(session: Session, owner: Organisation) -> list[Roadmap]:
    """List the roadmaps of a municipality that have an approved edition, the newest first."""
    found = await session.scalars(
        select(Roadmap)
        .join(Edition, Edition.roadmap_id == Roadmap.id)
        .where(Roadmap.owner_id == owner.id, Edition.state == EditionState.APPROVED)
        .distinct()
        .order_by(Roadmap.id.desc())
    )
    return list(found)
