"""From rows to assignments: doubts, past dates, and the approval itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from models import Session
from models.assignments import Assignment, AssignmentState
from models.organisations import Organisation
from models.people import Person
from models.roadmaps import (
    Activity,
    ActivityParty,
    Duty,
    Edition,
    EditionState,
    PastChoice,
    PastDate,
    Roadmap,
)
from plans.calendar import WorkingCalendar, local_date
from plans.control import (
    AnchorNeeded,
    ControlDate,
    ControlKind,
    ControlRules,
    DeadlineUnknown,
    PeriodNeeded,
    control_dates,
)
from plans.deadline_json import deadline_from_json
from services import audit, drafts, parties, rules, seats
from services.refusals import NotFound, Refusal

REPORT_WITHIN = 10  # working days offered for a report about a date that has passed


class DoubtKind(StrEnum):
    """What keeps an edition from being approved."""

    UNKNOWN_DEADLINE = "unknown_deadline"
    ANCHOR = "anchor"
    PERIOD = "period"
    PARTY = "party"
    PAST = "past"


@dataclass(frozen=True)
class Doubt:
    """A question to the approver: about a row, a party, or the past dates together."""

    kind: DoubtKind
    subject_id: int
    number: str | None
    text: str


class NotReady(Refusal):
    """The edition has unanswered doubts."""

    def __init__(self, edition_id: int, doubts: tuple[Doubt, ...]) -> None:
        super().__init__(edition_id)
        self.edition_id = edition_id
        self.doubts = doubts


@dataclass(frozen=True)
class Approved:
    """What an approval made."""

    rows: int
    assignments: int
    organisations: int
    nobody_to_remind: tuple[str, ...]


@dataclass(frozen=True)
class Control:
    """What control dates are counted by: the plan, the calendar, the rules."""

    roadmap: Roadmap
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
                period_start=self.roadmap.period_start,
                period_end=self.roadmap.period_end,
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


async def control(session: Session, edition: Edition) -> Control:
    """Give what the control dates of an edition are counted by."""
    return Control(
        await drafts.roadmap_of(session, edition),
        await rules.calendar(session),
        await rules.control_rules(session),
    )


async def doubts(session: Session, edition: Edition, *, now: datetime) -> tuple[Doubt, ...]:
    """List what the approver still has to answer, in the order of the rows."""
    counting = await control(session, edition)
    found = [
        doubt
        for activity in await drafts.activities(session, edition)
        if (doubt := _deadline_doubt(counting, activity)) is not None
    ]
    found += [
        Doubt(DoubtKind.PARTY, party.party_id, None, party.name)
        for party in await parties.listed(session, edition)
        if not party.named
    ]
    await refresh_past(session, edition, now=now)
    undecided = await session.scalar(
        select(func.count(PastDate.id))
        .join(Activity, Activity.id == PastDate.activity_id)
        .where(Activity.edition_id == edition.id, PastDate.choice.is_(None))
    )
    if undecided:
        found.append(Doubt(DoubtKind.PAST, edition.id, None, str(undecided)))
    return tuple(found)


def _deadline_doubt(counting: Control, activity: Activity) -> Doubt | None:
    try:
        counting.dates(activity)
    except DeadlineUnknown:
        return Doubt(DoubtKind.UNKNOWN_DEADLINE, activity.id, activity.number, activity.deadline_text)
    except AnchorNeeded as needed:
        return Doubt(DoubtKind.ANCHOR, activity.id, activity.number, needed.anchor)
    except PeriodNeeded:
        return Doubt(DoubtKind.PERIOD, activity.id, activity.number, activity.deadline_text)
    return None


async def refresh_past(session: Session, edition: Edition, *, now: datetime) -> None:
    """Keep a row for each control date before today; choices made for them stay."""
    counting = await control(session, edition)
    today = local_date(now, counting.roadmap.time_zone)
    kept = {(past.activity_id, past.due): past for past in await past_dates(session, edition)}
    for activity in await drafts.activities(session, edition):
        if _deadline_doubt(counting, activity) is not None:
            continue
        for day in {found.due for found in counting.dates(activity) if found.due < today}:
            if kept.pop((activity.id, day), None) is None:
                session.add(PastDate(activity_id=activity.id, due=day))
    for stale in kept.values():
        await session.delete(stale)
    await session.flush()


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


async def past_date(session: Session, past_id: int) -> PastDate:
    """Give one passed control date with its row. Raises NotFound."""
    found = await session.scalar(
        select(PastDate).where(PastDate.id == past_id).options(joinedload(PastDate.activity))
    )
    if found is None:
        raise NotFound
    return found


async def report_day(session: Session, edition: Edition, *, now: datetime) -> date:
    """Give the day by which a report about a passed date is asked: ten working days from today."""
    counting = await control(session, edition)
    return counting.calendar.shift(local_date(now, counting.roadmap.time_zone), REPORT_WITHIN)


async def choose_past(
    session: Session,
    edition: Edition,
    choice: PastChoice,
    *,
    now: datetime,
    past_id: int | None = None,
) -> None:
    """Say what becomes of one passed date, or of all of them. Raises NotADraft."""
    drafts.still_draft(edition)
    report_by = await report_day(session, edition, now=now) if choice is PastChoice.REPORT else None
    mine = select(Activity.id).where(Activity.edition_id == edition.id)
    change = update(PastDate).where(PastDate.activity_id.in_(mine))
    if past_id is not None:
        change = change.where(PastDate.id == past_id)
    await session.execute(change.values(choice=choice, report_by=report_by))


async def approve(session: Session, edition: Edition, *, person: Person, now: datetime) -> Approved:
    """Approve a draft: every row becomes assignments, and the ladder looks from now on.

    Raises NotADraft, NotReady.
    """
    drafts.still_draft(edition)
    open_doubts = await doubts(session, edition, now=now)
    if open_doubts:
        raise NotReady(edition.id, open_doubts)
    counting = await control(session, edition)
    owner = await session.get_one(Organisation, counting.roadmap.owner_id)
    await _adopt_zone(session, owner, counting.roadmap)
    made = await _assign(session, edition, counting, owner, now)
    edition.state = EditionState.APPROVED
    edition.approved_at = now
    edition.approved_by = person.id
    audit.record(
        session, now=now, action="approved", subject="edition", subject_id=edition.id, person_id=person.id
    )
    await session.flush()
    return made


async def _adopt_zone(session: Session, owner: Organisation, roadmap: Roadmap) -> None:
    """Let the first approved order say the municipality's time zone."""
    earlier = await session.scalar(
        select(func.count(Edition.id))
        .join(Roadmap, Roadmap.id == Edition.roadmap_id)
        .where(Roadmap.owner_id == owner.id, Edition.state == EditionState.APPROVED)
    )
    if not earlier and roadmap.time_zone != owner.time_zone:
        await session.execute(
            update(Organisation)
            .where(Organisation.path.startswith(owner.path, autoescape=True))
            .values(time_zone=roadmap.time_zone)
        )


async def _assign(
    session: Session, edition: Edition, counting: Control, owner: Organisation, now: datetime
) -> Approved:
    past = {(item.activity_id, item.due): item for item in await past_dates(session, edition)}
    named = await _parties_of_rows(session, edition)
    meaning = await parties.meant_by(session, sorted({p for ids in named.values() for p in ids}), owner)
    activities = await drafts.activities(session, edition)
    assigned: list[Assignment] = []
    for activity in activities:
        executors = _executors(activity.duty, [meaning[party] for party in named[activity.id]])
        for found in _one_per_day(counting.dates(activity)):
            assigned += [
                _assignment(activity, place, found, past.get((activity.id, found.due)), now)
                for place in executors
            ]
    session.add_all(assigned)
    await session.flush()
    places = {assignment.organisation_id for assignment in assigned}
    silent = await _without_people(session, places)
    return Approved(len(activities), len(assigned), len(places), silent)


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


def _assignment(
    activity: Activity, place: int, found: ControlDate, past: PastDate | None, now: datetime
) -> Assignment:
    state, due = AssignmentState.AWAITED, found.due
    if past is not None and past.choice is PastChoice.DONE:
        state = AssignmentState.DONE_BEFORE
    elif past is not None and past.choice is PastChoice.SILENT:
        state = AssignmentState.NOT_ASKED
    elif past is not None and past.report_by is not None:
        due = past.report_by
    return Assignment(
        activity_id=activity.id,
        organisation_id=place,
        due=due,
        nominal=found.nominal,
        checkpoint=found.kind,
        state=state,
        next_step_at=now if state is AssignmentState.AWAITED else None,
    )


async def _without_people(session: Session, places: set[int]) -> tuple[str, ...]:
    held = await seats.held_organisations(session)
    names = await session.scalars(
        select(Organisation.short_name).where(Organisation.id.in_(places - held)).order_by(Organisation.id)
    )
    return tuple(names)


async def due_dates(session: Session, edition: Edition, activity: Activity) -> list[date]:
    """List the control dates of a row as far as they can be counted yet."""
    counting = await control(session, edition)
    if _deadline_doubt(counting, activity) is not None:
        return []
    return sorted({found.due for found in counting.dates(activity)})
