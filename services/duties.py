"""Duties: points of the order's own text that carry a date; the approver takes them into the plan."""

from dataclasses import replace

from sqlalchemy import func, select

from models import Session
from models.organisations import Organisation
from models.roadmaps import Activity, Edition
from plans.plan_json import row_from_json
from services import drafts, parties
from services.refusals import NotFound


async def add(session: Session, edition: Edition, place: int) -> Activity:
    """Add a duty as the last row of a draft; added again, it is the same row. Raises NotADraft, NotFound."""
    drafts.still_draft(edition)
    offered = edition.duties or []
    if not 0 <= place < len(offered):
        raise NotFound
    if "added" in offered[place]:
        return await session.get_one(Activity, offered[place]["added"])
    row = row_from_json(offered[place])
    last = await session.scalar(select(func.max(Activity.ordinal)).where(Activity.edition_id == edition.id))
    made = await drafts.write_rows(session, edition, [replace(row, section=None)], after=last or 0)
    edition.duties = [
        {**one, "added": made[0].id} if number == place else one for number, one in enumerate(offered)
    ]
    await session.flush()
    roadmap = await drafts.roadmap_of(session, edition)
    await parties.suggest(session, edition, await session.get_one(Organisation, roadmap.owner_id))
    return made[0]
