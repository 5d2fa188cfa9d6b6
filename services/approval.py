"""From rows to assignments: doubts, past dates, and the approval itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from models import Session
from models.assignments import ChangeKind
from models.organisations import Organisation
from models.people import Person
from models.roadmaps import Activity, Edition, EditionState, PastChoice, PastDate, Roadmap
from plans.calendar import local_date
from plans.control import AnchorNeeded, DeadlineUnknown, PeriodNeeded
from services import assigning, audit, drafts, editions, parties, seats, succession
from services.amendments import Asking
from services.refusals import NotFound, Refusal

REPORT_WITHIN = 10  # working days offered for a report about a date that has passed


class DoubtKind(StrEnum):
    """What keeps an edition from being approved."""

    UNKNOWN_DEADLINE = "unknown_deadline"
    ANCHOR = "anchor"
    PERIOD = "period"
    PARTY = "party"
    PAST = "past"
    BASE = "base"
    CHANGE = "change"
    WORDING = "wording"


@dataclass(frozen=True)
class Doubt:
    """A question to the approver: about a row, a party, the past dates together, or the order itself.

    ``subject_id`` is the id of what it is about; of an order's change the place of its remark.
    """

    kind: DoubtKind
    subject_id: int
    number: str | None
    text: str


ASKED = {
    Asking.AMENDS_UNKNOWN.value: DoubtKind.BASE,
    Asking.NEW_EDITION.value: DoubtKind.BASE,
    Asking.UNPLACED_CHANGE.value: DoubtKind.CHANGE,
    Asking.UNWORDED_CHANGE.value: DoubtKind.WORDING,
}


class NotReady(Refusal):
    """The edition has unanswered doubts."""

    def __init__(self, edition_id: int, doubts: tuple[Doubt, ...]) -> None:
        super().__init__(edition_id)
        self.edition_id = edition_id
        self.doubts = doubts


@dataclass(frozen=True)
class Approved:
    """What an approval made; ``changes`` counts what an amending order did to what was owed before."""

    rows: int
    assignments: int
    organisations: int
    nobody_to_remind: tuple[str, ...]
    changes: Mapping[ChangeKind, int] | None = None


async def doubts(session: Session, edition: Edition, *, now: datetime) -> tuple[Doubt, ...]:
    """List what the approver still has to answer: of the order first, then in the order of the rows."""
    counting = await assigning.control(session, edition)
    found = _asked(edition)
    found += [
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


def _asked(edition: Edition) -> list[Doubt]:
    """List the remarks that wait for an answer: which plan an order changes, and changes without a row."""
    return [
        Doubt(ASKED[remark["code"]], place, remark["row"], str(remark["facts"].get("title", "")))
        for place, remark in enumerate(edition.remarks)
        if remark["code"] in ASKED and not remark.get("accepted")
    ]


def _deadline_doubt(counting: assigning.Control, activity: Activity) -> Doubt | None:
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
    counting = await assigning.control(session, edition)
    today = local_date(now, counting.roadmap.time_zone)
    kept = {(past.activity_id, past.due): past for past in await assigning.past_dates(session, edition)}
    for activity in await drafts.activities(session, edition):
        if _deadline_doubt(counting, activity) is not None:
            continue
        known = await succession.known_dates(session, activity)
        dates = (found for found in counting.dates(activity) if (found.nominal, found.kind) not in known)
        for day in {found.due for found in dates if found.due < today}:
            if kept.pop((activity.id, day), None) is None:
                session.add(PastDate(activity_id=activity.id, due=day))
    for stale in kept.values():
        await session.delete(stale)
    await session.flush()


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
    counting = await assigning.control(session, edition)
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

    An amending order takes over what was owed by the edition before, as one step.
    Raises NotADraft, NotReady, BaseChanged.
    """
    drafts.still_draft(edition)
    await editions.still_based(session, edition)
    open_doubts = await doubts(session, edition, now=now)
    if open_doubts:
        raise NotReady(edition.id, open_doubts)
    counting = await assigning.control(session, edition)
    owner = await session.get_one(Organisation, counting.roadmap.owner_id)
    await _adopt_zone(session, owner, counting.roadmap)
    wanted = await assigning.owed(session, edition, counting)
    edition.state = EditionState.APPROVED
    edition.approved_at = now
    edition.approved_by = person.id
    made = await _give_out(session, edition, wanted, now)
    audit.record(
        session, now=now, action="approved", subject="edition", subject_id=edition.id, person_id=person.id
    )
    await session.flush()
    return made


async def _give_out(
    session: Session, edition: Edition, wanted: list[assigning.Owed], now: datetime
) -> Approved:
    changes: Mapping[ChangeKind, int] | None = None
    if edition.base_id is None:
        session.add_all([assigning.assignment(one, now=now) for one in wanted])
    else:
        changes = await succession.take_over(session, edition, wanted, now=now)
    await session.flush()
    places = {one.organisation_id for one in wanted}
    rows = len(await drafts.activities(session, edition))
    return Approved(rows, len(wanted), len(places), await _without_people(session, places), changes)


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


async def _without_people(session: Session, places: set[int]) -> tuple[str, ...]:
    held = await seats.held_organisations(session)
    names = await session.scalars(
        select(Organisation.short_name).where(Organisation.id.in_(places - held)).order_by(Organisation.id)
    )
    return tuple(names)


async def due_dates(session: Session, edition: Edition, activity: Activity) -> list[date]:
    """List the control dates of a row as far as they can be counted yet."""
    counting = await assigning.control(session, edition)
    if _deadline_doubt(counting, activity) is not None:
        return []
    return sorted({found.due for found in counting.dates(activity)})
