"""What an executor sends, before it is anything: one message with its words and at most one piece."""

from dataclasses import dataclass
from datetime import datetime

from models.assignments import EvidenceKind


@dataclass(frozen=True)
class Piece:
    """A photo or file as Telegram named it; ``size`` in bytes."""

    kind: EvidenceKind
    file_id: str
    file_unique_id: str
    file_name: str | None
    size: int | None


@dataclass(frozen=True)
class Incoming:
    """One message of an executor; an edited one comes again with the same ``message_id``."""

    chat_id: int
    message_id: int
    media_group_id: str | None
    reply_to: int | None
    text: str
    piece: Piece | None
    sent_at: datetime
    forwarded: bool = False
