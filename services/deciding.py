"""Deciding: what the issuer's side answers to an appeal, once, and how the executors hear of it.

Only the issuer changes a date, and the old one stays on record (LAW_305378 п. 5.3.6).
"""

from datetime import date, datetime

from sqlalchemy import ColumnElement, select

from models import Session
from models.assignments import OWED, Appeal, AppealKind, AppealState, Assignment, AssignmentState
from models.letters import LetterItem, LetterKind
from models.organisations import Organisation
from services import access, appeals, letters, rules, seats
from services.access import Actor
from services.appeal_views import AppealView, of_same_row, view
from services.appeals import AlreadyDecided, Moot, NoLongerOwed, WordNeeded
from services.letters import Priority
from services.refusals import NotFound, Refusal


class OwnAppeal(Moot):
    """Whoever asks does not decide, as long as somebody else can."""


class UnfitDay(Refusal):
    """The day is over, or its working day is not later than the control date there is."""

    def __init__(self, day: date, due: date) -> None:
        super().__init__(day)
        self.day = day
        self.due = due


class DayNotUnderstood(Refusal):
    """The words name no day, or more than one."""


async def undecided(session: Session, actor: Actor, appeal_id: int, *, now: datetime) -> AppealView:
    """Give an appeal that waits for the actor's decision. Raises NotFound, AlreadyDecided, OwnAppeal."""
    appeal = await _to_decide(session, actor, appeal_id, now, *AppealKind)
    return await view(session, appeal.id, now=now)


async def grant(
    session: Session, actor: Actor, appeal_id: int, *, now: datetime, day: date | None = None
) -> AppealView:
    """Move the control date to the working day of ``day`` (None: of the day that was asked for).

    The date there was is kept with the decision, the printed day stays, and the ladder begins anew.

    Raises NotFound, AlreadyDecided, OwnAppeal, NoLongerOwed, UnfitDay.
    """
    appeal = await _to_decide(session, actor, appeal_id, now, AppealKind.EXTENSION)
    assignment = await _held(session, appeal, *OWED, AssignmentState.ON_REVIEW)
    wanted = day or appeal.wanted_due
    if wanted is None:
        raise NotFound  # no card offers it
    if not await appeals.fits(session, assignment, wanted, now):
        raise UnfitDay(wanted, assignment.due)
    appeal.due_before = assignment.due
    assignment.due = (await rules.calendar(session)).working_or_before(wanted)
    await letters.withdraw_reminders(session, assignment_id=assignment.id)
    await letters.begin_ladder_anew(session, assignment_id=assignment.id)  # a report may yet be returned
    if assignment.state in OWED:
        assignment.next_step_at = now
    dates = {"due_before": str(appeal.due_before), "due": str(assignment.due)}
    return await _decide(session, actor, appeal, AppealState.GRANTED, "", now, **dates)


async def take_off(session: Session, actor: Actor, appeal_id: int, *, now: datetime) -> AppealView:
    """Agree that a row is not the organisation's: nothing open of it is asked of it any more.

    Raises NotFound, AlreadyDecided, OwnAppeal, NoLongerOwed.
    """
    appeal = await _to_decide(session, actor, appeal_id, now, AppealKind.NOT_OURS)
    assignment = await _held(session, appeal, *OWED)
    of_row = select(Assignment).where(of_same_row(assignment), Assignment.state.in_(OWED)).with_for_update()
    for owed in list(await session.scalars(of_row)):
        owed.state, owed.next_step_at = AssignmentState.NOT_ASKED, None
        await letters.withdraw_reminders(session, assignment_id=owed.id)
    return await _decide(session, actor, appeal, AppealState.GRANTED, "", now)


async def refuse(session: Session, actor: Actor, appeal_id: int, words: str, *, now: datetime) -> AppealView:
    """Leave a date or a row as it is, and say why.

    Raises NotFound, AlreadyDecided, OwnAppeal, WordNeeded.
    """
    kinds = (AppealKind.EXTENSION, AppealKind.NOT_OURS)
    appeal = await _to_decide(session, actor, appeal_id, now, *kinds)
    return await _decide(session, actor, appeal, AppealState.REFUSED, _word(words), now)


async def answer(session: Session, actor: Actor, appeal_id: int, words: str, *, now: datetime) -> AppealView:
    """Answer a question. Raises NotFound, AlreadyDecided, OwnAppeal, WordNeeded."""
    appeal = await _to_decide(session, actor, appeal_id, now, AppealKind.HELP)
    return await _decide(session, actor, appeal, AppealState.ANSWERED, _word(words), now)


def about_day(appeal_id: int) -> int:
    """Give the subject of the question about another day; the appeal's plain id asks for a word."""
    return -appeal_id


async def reply(session: Session, actor: Actor, subject_id: int, text: str, *, now: datetime) -> AppealView:
    """Decide by what was typed: another day, the answer to a question, or a refusal with its word.

    Raises NotFound, AlreadyDecided, OwnAppeal, NoLongerOwed, UnfitDay, DayNotUnderstood, WordNeeded.
    """
    if subject_id < 0:
        return await grant(
            session, actor, -subject_id, now=now, day=await _day(session, actor, -subject_id, text, now)
        )
    appeal = await _to_decide(session, actor, subject_id, now, *AppealKind)
    decide = answer if appeal.kind is AppealKind.HELP else refuse
    return await decide(session, actor, appeal.id, text, now=now)


async def waiting(session: Session, actor: Actor, *, now: datetime) -> list[AppealView]:
    """List the appeals about what is still open that wait for the actor's decision, the oldest first."""
    ids = await session.scalars(
        select(Appeal.id)
        .join(Assignment, Assignment.id == Appeal.assignment_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(
            Appeal.state == AppealState.OPEN,
            Assignment.state.in_((*OWED, AssignmentState.ON_REVIEW)),
            _decided_by(actor),
        )
        .order_by(Appeal.made_at, Appeal.id)
    )
    return [await view(session, appeal_id, now=now) for appeal_id in list(ids)]


def _decided_by(actor: Actor) -> ColumnElement[bool]:
    """Say in SQL: this organisation's appeals are decided by the actor, as the issuer's side."""
    return access.within(actor.domains(access.REVIEWERS))


async def _to_decide(
    session: Session, actor: Actor, appeal_id: int, now: datetime, *kinds: AppealKind
) -> Appeal:
    """Give an open appeal of the actor's municipality, held until the decision is committed.

    Raises NotFound, AlreadyDecided, OwnAppeal.
    """
    row = await session.execute(
        select(Appeal, Organisation.path)
        .join(Assignment, Assignment.id == Appeal.assignment_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(Appeal.id == appeal_id, Appeal.kind.in_(kinds), _decided_by(actor))
        .with_for_update(of=Appeal)
        .execution_options(populate_existing=True)
    )
    found = row.one_or_none()
    if found is None:
        raise NotFound
    appeal, path = found
    if appeal.state is not AppealState.OPEN:
        raise AlreadyDecided(await view(session, appeal.id, now=now))
    if appeal.author_id == actor.person.id:
        deciders = await seats.reviewers(session, path=path, author_id=appeal.author_id)
        if actor.person.id not in {person.id for person in deciders}:
            raise OwnAppeal
    return appeal


async def _held(session: Session, appeal: Appeal, *states: AssignmentState) -> Assignment:
    """Give the assignment of an appeal in one of these states, held. Raises NoLongerOwed."""
    assignment = await session.get_one(
        Assignment, appeal.assignment_id, with_for_update=True, populate_existing=True
    )
    if assignment.state not in states:
        raise NoLongerOwed(assignment.state)
    return assignment


async def _day(session: Session, actor: Actor, appeal_id: int, text: str, now: datetime) -> date:
    """Read the day a decider names. Raises NotFound, AlreadyDecided, OwnAppeal, DayNotUnderstood."""
    appeal = await _to_decide(session, actor, appeal_id, now, AppealKind.EXTENSION)
    assignment = await session.get_one(Assignment, appeal.assignment_id)
    day = appeals.day_asked(text, await appeals.today(session, assignment, now))
    if day is None:
        raise DayNotUnderstood
    return day


def _word(words: str) -> str:
    if not words.strip():
        raise WordNeeded
    return words.strip()


async def _decide(
    session: Session,
    actor: Actor,
    appeal: Appeal,
    state: AppealState,
    words: str,
    now: datetime,
    **dates: str,
) -> AppealView:
    appeal.state, appeal.answer = state, words
    appeal.answered_by_id, appeal.answered_at = actor.person.id, now
    await session.flush()
    appeals.record(session, appeal, actor, state.value, now=now, **dates)
    await _tell_executors(session, appeal, now)
    return await view(session, appeal.id, now=now)


async def _tell_executors(session: Session, appeal: Appeal, now: datetime) -> None:
    """Tell the author what was decided; for one who has left, whoever answers for the organisation now."""
    assignment = await session.get_one(Assignment, appeal.assignment_id)
    present = {person.id: person for _, person in await seats.executors(session, assignment.organisation_id)}
    author = present.get(appeal.author_id)
    thread = await appeals.begun_in(session, appeal.id) if author is not None else None
    for person in present.values() if author is None else (author,):
        letter = await letters.write(
            session,
            key=f"decision:{appeal.id}:{person.id}",
            kind=LetterKind.DECISION,
            chat_id=person.chat_id,
            person_id=person.id,
            now=now,
            priority=Priority.CARD,
            facts={"appeal_id": appeal.id, "reply_to": thread},
        )
        if letter is not None:
            session.add(LetterItem(letter_id=letter.id, assignment_id=appeal.assignment_id))
    await session.flush()
