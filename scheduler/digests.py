"""Digests: a Monday is a due row; what is sent is kept as it was said."""

from datetime import datetime

from sqlalchemy import func, select

from models import Session
from models.letters import Digest, DigestState, LetterKind
from services import digests, letters
from services.letters import Priority
from views.digest import digest as words
from views.screen import message


async def write_due(session: Session, *, now: datetime) -> int:
    """Write the letters of the digests whose Monday has come, and plan the next ones; count the letters."""
    written = 0
    for digest in await digests.due(session, now=now):
        view = await digests.view_of(session, digest, now=now)
        screen = words(view)
        speak_at = await digests.speaking_time(session, digest, now=now)
        for person in await digests.close(session, digest, view):
            await letters.write(
                session,
                key=f"digest:{digest.id}:{person.id}",
                kind=LetterKind.DIGEST,
                chat_id=person.chat_id,
                person_id=person.id,
                now=now,
                not_before=speak_at,
                priority=Priority.DIGEST,
                payload=message(screen, person.chat_id),
            )
            written += 1
    await digests.plan_next(session, now=now)
    return written


async def next_moment(session: Session) -> datetime | None:
    """Give the earliest Monday that is planned."""
    return await session.scalar(select(func.min(Digest.due_at)).where(Digest.state == DigestState.PLANNED))
