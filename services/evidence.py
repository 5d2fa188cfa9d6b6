"""Evidence: the pieces of a report as Telegram named them; their bytes are fetched as work."""

from datetime import datetime

from models import Session
from models.assignments import Evidence, EvidenceKind, Report
from models.machinery import WorkKind
from services import works
from services.incoming import Incoming, Piece

PICTURES = (*(".jpg", ".jpeg", ".jpe", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif"),)
MOST_NAME = 300  # characters of a file's name that are kept
MOST_KEY = 120


def named_as_picture(piece: Evidence) -> bool:
    """Tell whether a piece was sent as a picture: as a photo, or as a file with the name of one."""
    name = (piece.file_name or "").casefold()
    return piece.kind is EvidenceKind.PHOTO or name.endswith(PICTURES)


async def add(session: Session, report: Report, message: Incoming, piece: Piece, *, now: datetime) -> None:
    """Keep a piece of a report and ask for its bytes: a file's id alone is no copy."""
    kept = Evidence(
        report_id=report.id,
        kind=piece.kind,
        chat_id=message.chat_id,
        message_id=message.message_id,
        media_group_id=message.media_group_id,
        file_id=piece.file_id,
        file_unique_id=piece.file_unique_id,
        file_name=_name(piece),
        size=piece.size,
    )
    session.add(kept)
    await session.flush()
    await _fetch(session, kept, now)


async def replace(session: Session, kept: Evidence, piece: Piece, *, now: datetime) -> None:
    """Put another photo or file in the place of a piece whose message was edited."""
    kept.kind, kept.file_id, kept.file_unique_id = piece.kind, piece.file_id, piece.file_unique_id
    kept.file_name, kept.size = _name(piece), piece.size
    kept.stored_file_id = kept.media_type = None
    await _fetch(session, kept, now)


def _name(piece: Piece) -> str | None:
    return piece.file_name[:MOST_NAME] if piece.file_name else None


async def _fetch(session: Session, piece: Evidence, now: datetime) -> None:
    await works.add(
        session,
        kind=WorkKind.FETCH_EVIDENCE,
        key=f"evidence:{piece.id}:{piece.file_unique_id}"[:MOST_KEY],
        facts={"evidence_id": piece.id, "file_id": piece.file_id},
        now=now,
    )
