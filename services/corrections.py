"""The approver corrects a date: in words, by the event it counts from, or by saying there is none."""

from datetime import date

from models import Session
from models.roadmaps import Activity, Edition
from plans.deadline import Reading, Undated, Unknown, Window
from plans.deadline_json import deadline_to_json
from plans.deadlines import read_deadlines
from plans.school_terms import recommended_terms
from services import drafts
from services.refusals import NotFound, Refusal


class DeadlineNotUnderstood(Refusal):
    """The words do not say a deadline the grammar knows."""


class DateNotUnderstood(Refusal):
    """The words do not say one day."""


async def activity(session: Session, activity_id: int) -> Activity:
    """Give a row of an edition. Raises NotFound."""
    found = await session.get(Activity, activity_id)
    if found is None:
        raise NotFound
    return found


async def reading(session: Session, edition: Edition) -> Reading:
    """Give what the dates of an edition are read against."""
    roadmap = await drafts.roadmap_of(session, edition)
    start = roadmap.period_start or roadmap.dated
    year = None
    if start and roadmap.period_end and roadmap.period_end.year == start.year + 1:
        year = start.year
    return Reading(
        period_start=roadmap.period_start,
        period_end=roadmap.period_end,
        document_date=roadmap.dated,
        terms=recommended_terms(year) if year else (),
    )


async def correct(session: Session, edition: Edition, row: Activity, text: str) -> None:
    """Read a corrected deadline; the printed words stay beside it.

    Raises NotADraft, DeadlineNotUnderstood.
    """
    drafts.still_draft(edition)
    found = read_deadlines(text, await reading(session, edition))
    if not found or any(isinstance(one, Unknown) for one in found):
        raise DeadlineNotUnderstood
    row.deadlines = [deadline_to_json(one) for one in found]
    row.anchor_on = None
    await session.flush()


async def anchor(session: Session, edition: Edition, row: Activity, text: str) -> None:
    """Set the day of the event a relative deadline counts from. Raises NotADraft, DateNotUnderstood."""
    drafts.still_draft(edition)
    row.anchor_on = await _one_day(session, edition, text)
    await session.flush()


async def _one_day(session: Session, edition: Edition, text: str) -> date:
    match read_deadlines(text, await reading(session, edition)):
        case (Window(start=start, end=end),) if start == end:
            return end
    raise DateNotUnderstood


async def undate(session: Session, edition: Edition, row: Activity) -> None:
    """Say that a row has no date of its own: it is asked about once a quarter. Raises NotADraft."""
    drafts.still_draft(edition)
    row.deadlines = [deadline_to_json(Undated(row.deadline_text))]
    await session.flush()
