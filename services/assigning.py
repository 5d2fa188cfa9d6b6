"""From rows to what is owed: control dates, executors, and the assignment each pair of them makes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import Session
from models.assignments import Assignment, AssignmentState
from models.organisations import Organisation
from models.roadmaps import Activity, ActivityParty, Duty, Edition, PastChoice, PastDate, Roadmap
from plans.calendar import WorkingCalendar
from plans.control import ControlDate, ControlKind, ControlRules, DeadlineUnknown, control_dates
from plans.deadline_json import deadline_from_json
from services import drafts, parties, rules


@dataclass(frozen=True)
class Control:
    """What control dates are counted by: the plan and its period, the calendar, the rules."""

    roadmap: Roadmap
    period_start: date | None
    period_end: date | None
    calendar: WorkingCalendar
    rules: ControlRules

    def dates(self, activity: Activity) -> tuple[ControlDate, ...]:
        """Give the control dates of a row, sorted, each once.

        Raises AnchorNeeded, DeadlineUnknown, PeriodNeeded.
        """
        if not activity.deadlines:
            raise DeadlineUnknown(activity.deadline_text)
        found = {
            control
            for deadline in activity.deadlines
            for control in control_dates(
                deadline_from_json(deadline),
                period_start=self.period_start,
                period_end=self.period_end,
                calendar=self.calendar,
                rules=self.rules,
                anchor=activity.anchor_on,
            )
        }
        kept = [control for control in found if not self._before_order(control)]
        return tuple(sorted(kept, key=lambda control: (control.due, control.nominal, control.kind)))

    def _before_order(self, control: ControlDate) -> bool:
        """Tell a checkpoint about a quarter that was over before the order was signed: nobody owed it."""
        signed, end = self.roadmap.dated, control.covers_end
        checkpoint = control.kind is not ControlKind.FINAL
        return checkpoint and signed is not None and end is not None and end < signed


@dataclass(frozen=True)
class Owed:
    """What a row asks of one organisation on one control date; ``past`` is said of one that has passed."""

    activity: Activity
    organisation_id: int
    control: ControlDate
    past: PastDate | None


async def control(session: Session, edition: Edition) -> Control:
    """Give what the control dates of an edition are counted by."""
    return Control(
        await drafts.roadmap_of(session, edition),
        edition.period_start,
        edition.period_end,
        await rules.calendar(session),
        await rules.control_rules(session),
    )


async def owed(session: Session, edition: Edition, counting: Control) -> list[Owed]:
    """List what an edition asks, of whom and when, in the order of its rows."""
    past = {(item.activity_id, item.due): item for item in await past_dates(session, edition)}
    named = await _parties_of_rows(session, edition)
    owner = await session.get_one(Organisation, counting.roadmap.owner_id)
    meaning = await parties.meant_by(session, sorted({p for ids in named.values() for p in ids}), owner)
    return [
        Owed(activity, place, found, past.get((activity.id, found.due)))
        for activity in await drafts.activities(session, edition)
        for found in _one_per_day(counting.dates(activity))
        for place in _executors(activity.duty, [meaning[party] for party in named[activity.id]])
    ]


async def past_dates(session: Session, edition: Edition) -> list[PastDate]:
    """List the control dates of a draft that have passed, with their rows."""
    found = await session.scalars(
        select(PastDate)
        .join(Activity, Activity.id == PastDate.activity_id)
        .where(Activity.edition_id == edition.id)
        .order_by(PastDate.due, Activity.ordinal)
        .options(joinedload(PastDate.activity))
    )
    return list(found)


async def _parties_of_rows(session: Session, edition: Edition) -> dict[int, list[int]]:
    rows = await session.execute(
        select(ActivityParty.activity_id, ActivityParty.party_id)
        .join(Activity, Activity.id == ActivityParty.activity_id)
        .where(Activity.edition_id == edition.id)
        .order_by(ActivityParty.activity_id, ActivityParty.ordinal)
    )
    named: dict[int, list[int]] = {}
    for activity_id, party_id in rows:
        named.setdefault(activity_id, []).append(party_id)
    return named


def _executors(duty: Duty, meant: list[list[int]]) -> list[int]:
    """Give the organisations that owe a row; where the first named leads, only that party's."""
    chosen = meant[:1] if duty is Duty.LEAD else meant
    return list(dict.fromkeys(place for party in chosen for place in party))


def _one_per_day(controls: Iterable[ControlDate]) -> list[ControlDate]:
    """Keep one control date per printed day and kind: two windows may end on the same day."""
    return list({(found.nominal, found.kind): found for found in controls}.values())


def assignment(wanted: Owed, *, now: datetime) -> Assignment:
    """Make the assignment of what is owed; the ladder looks at it from now on."""
    state, due, past = AssignmentState.AWAITED, wanted.control.due, wanted.past
    if past is not None and past.choice is PastChoice.DONE:
        state = AssignmentState.DONE_BEFORE
    elif past is not None and past.choice is PastChoice.SILENT:
        state = AssignmentState.NOT_ASKED
    elif past is not None and past.report_by is not None:
        due = past.report_by
    return Assignment(
        activity_id=wanted.activity.id,
        organisation_id=wanted.organisation_id,
        due=due,
        nominal=wanted.control.nominal,
        checkpoint=wanted.control.kind,
        state=state,
        next_step_at=now if state is AssignmentState.AWAITED else None,
    )
