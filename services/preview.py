"""What the approver looks at before approving: the head, the doubts, the parties, what an order changes."""

from dataclasses import dataclass
from datetime import datetime

from models import Session
from models.roadmaps import Edition
from services import amendments, approval, drafts, parties
from services.amendments import Difference
from services.approval import Doubt
from services.drafts import DraftHead
from services.parties import PartyView


@dataclass(frozen=True)
class Preview:
    """A draft as it stands; ``differences`` are those of an amending order."""

    head: DraftHead
    doubts: tuple[Doubt, ...]
    parties: tuple[PartyView, ...]
    differences: tuple[Difference, ...]


async def of(session: Session, edition: Edition, *, now: datetime) -> Preview:
    """Give a draft for its preview. Raises NotADraft."""
    drafts.still_draft(edition)
    return Preview(
        await drafts.head(session, edition),
        await approval.doubts(session, edition, now=now),
        tuple(await parties.listed(session, edition)),
        tuple(await amendments.differences(session, edition)),
    )
