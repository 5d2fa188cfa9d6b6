"""Succession: what an edition's rows owe is taken over by the rows of the next edition, as one step.

An assignment lives on under its row: with the same control date it is kept, with another it is moved,
reports and letters stay with it. A date that is not asked for any more is withdrawn unless it is done;
a row that the order drops is withdrawn with everything it had, and its reports stay in its history.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from models import Session
from models.assignments import (
    CLOSED,
    OWED,
    Assignment,
    AssignmentChange,
    AssignmentState,
    ChangeKind,
    Report,
    ReportState,
)
from models.letters import LetterKind
from models.organisations import Organisation
from models.people import Person
from models.roadmaps import Activity, Edition
from plans.control import ControlKind
from plans.ladder import speaking_time
from services import assigning, history, letters, reviews, rules, seats, showing
from services.assigning import Owed
from services.letters import Priority


@dataclass(frozen=True)
class Pair:
    """An assignment of the edition before and what is owed now; one of them may be missing."""

    before: Assignment | None
    wanted: Owed | None


async def known_dates(session: Session, activity: Activity) -> frozenset[tuple[date, ControlKind]]:
    """Give the control dates that the same row of the edition before has asked about already."""
    if activity.previous_id is None:
        return frozenset()
    rows = await session.execute(
        select(Assignment.nominal, Assignment.checkpoint).where(
            Assignment.activity_id == activity.previous_id,
            Assignment.state != AssignmentState.WITHDRAWN,
        )
    )
    return frozenset((nominal, kind) for nominal, kind in rows)


async def take_over(
    session: Session, edition: Edition, wanted: list[Owed], *, now: datetime
) -> Mapping[ChangeKind, int]:
    """Let an amending edition take over what was owed; give how many were added, moved and withdrawn.

    Each person whose organisation is affected gets one letter.
    """
    successors = await _successors(session, edition)
    changes = [
        await _apply(session, edition, pair, successors, now)
        for pair in _pairs(await _standing(session, edition), wanted)
    ]
    await session.flush()
    await _tell(session, edition, now)
    await _show_reports_again(session, edition, now)
    return Counter(change.kind for change in changes)


async def _standing(session: Session, edition: Edition) -> list[Assignment]:
    """List the assignments of the edition before that have not been withdrawn."""
    found = await session.scalars(
        select(Assignment)
        .join(Activity, Activity.id == Assignment.activity_id)
        .where(Activity.edition_id == edition.base_id, Assignment.state != AssignmentState.WITHDRAWN)
        .order_by(Assignment.nominal, Assignment.id)
    )
    return list(found)


async def _successors(session: Session, edition: Edition) -> dict[int, int]:
    """Map each row of the edition before to the same row of this one."""
    rows = await session.execute(
        select(Activity.previous_id, Activity.id).where(
            Activity.edition_id == edition.id, Activity.previous_id.is_not(None)
        )
    )
    return {previous: successor for previous, successor in rows if previous is not None}


def _pairs(standing: Iterable[Assignment], wanted: Iterable[Owed]) -> list[Pair]:
    """Match what was owed with what is: by row, organisation and kind; the same date first, then in order."""
    before: dict[tuple[int | None, int, ControlKind], list[Assignment]] = defaultdict(list)
    for assignment in standing:
        key = (assignment.activity_id, assignment.organisation_id, assignment.checkpoint)
        before[key].append(assignment)
    pairs: list[Pair] = []
    later: list[Owed] = []
    for one in wanted:
        same = next((old for old in before[_key(one)] if old.nominal == one.control.nominal), None)
        if same is None:
            later.append(one)
        else:
            before[_key(one)].remove(same)
            pairs.append(Pair(same, one))
    for one in later:
        left = before[_key(one)]
        pairs.append(Pair(left.pop(0) if left else None, one))
    pairs += [Pair(old, None) for left in before.values() for old in left]
    return pairs


def _key(one: Owed) -> tuple[int | None, int, ControlKind]:
    return one.activity.previous_id, one.organisation_id, one.control.kind


async def _apply(
    session: Session, edition: Edition, pair: Pair, successors: Mapping[int, int], now: datetime
) -> AssignmentChange:
    if pair.before is None:
        assert pair.wanted is not None  # a pair has at least one side
        return await _add(session, edition, pair.wanted, now)
    change = AssignmentChange(
        edition_id=edition.id,
        assignment_id=pair.before.id,
        kind=ChangeKind.KEPT,
        activity_before=pair.before.activity_id,
        due_before=pair.before.due,
        nominal_before=pair.before.nominal,
        state_before=pair.before.state,
    )
    session.add(change)
    if pair.wanted is not None:
        change.kind = await _follow(session, pair.before, pair.wanted, now)
    elif pair.before.state in CLOSED and pair.before.activity_id in successors:
        pair.before.activity_id = successors[pair.before.activity_id]
    else:
        change.kind = await _withdraw(session, pair.before)
    return change


async def _add(session: Session, edition: Edition, wanted: Owed, now: datetime) -> AssignmentChange:
    made = assigning.assignment(wanted, now=now)
    session.add(made)
    await session.flush()
    change = AssignmentChange(edition_id=edition.id, assignment_id=made.id, kind=ChangeKind.ADDED)
    session.add(change)
    return change


async def _follow(session: Session, before: Assignment, wanted: Owed, now: datetime) -> ChangeKind:
    """Put an assignment under its row of the new edition; a new control date begins a new ladder."""
    same = before.nominal == wanted.control.nominal
    before.activity_id = wanted.activity.id
    if same:
        return ChangeKind.KEPT
    made = assigning.assignment(wanted, now=now)
    before.nominal, before.due = made.nominal, made.due
    await letters.withdraw_reminders(session, assignment_id=before.id)
    await letters.begin_ladder_anew(session, assignment_id=before.id)  # a report on review may be returned
    if before.state in OWED:
        before.next_step_at = now
        if made.state is not AssignmentState.AWAITED:
            before.state, before.next_step_at = made.state, None
    return ChangeKind.MOVED


async def _withdraw(session: Session, before: Assignment) -> ChangeKind:
    before.state = AssignmentState.WITHDRAWN
    before.next_step_at = None
    await letters.withdraw_reminders(session, assignment_id=before.id)
    return ChangeKind.WITHDRAWN


async def _show_reports_again(session: Session, edition: Edition, now: datetime) -> None:
    """Show the reports on review to their reviewers anew, with the words they were written to."""
    reports = await session.scalars(
        select(Report)
        .join(AssignmentChange, AssignmentChange.assignment_id == Report.assignment_id)
        .where(AssignmentChange.edition_id == edition.id, Report.state == ReportState.SUBMITTED)
        .order_by(Report.id)
    )
    for report in list(reports):
        if await reviews.wording_before(session, report) is not None:
            await showing.tell_reviewers(session, report, now=now, again=f"e{edition.ordinal}")


async def _tell(session: Session, edition: Edition, now: datetime) -> None:
    """Write one letter to each person who answers for an affected organisation, at an hour to speak."""
    calendar = await rules.calendar(session)
    told: dict[int, tuple[Person, list[int]]] = {}
    for place in sorted({change.organisation_id for change in await history.changes(session, edition.id)}):
        for _, person in await seats.executors(session, place):
            told.setdefault(person.id, (person, []))[1].append(place)
    for person, places in told.values():
        home = await session.get_one(Organisation, places[0])
        await letters.write(
            session,
            key=f"changes:{edition.id}:{person.id}",
            kind=LetterKind.CHANGES,
            chat_id=person.chat_id,
            person_id=person.id,
            now=now,
            not_before=speaking_time(now, home.time_zone, calendar),
            priority=Priority.REMINDER,
            facts={"edition_id": edition.id, "organisation_ids": places},
        )
