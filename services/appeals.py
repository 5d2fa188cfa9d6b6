"""Appeals: what an executor answers instead of a report, and what became of it.

«In progress» is noted and asks for no decision: interim information does not close an item, and what is
not reported counts as not executed (consultant.ru LAW_504388 пп. 185–187). An extension, a question and
«not ours» are open until the issuer's side decides (``services.deciding``). Until then nothing about the
assignment changes: the date stands and the ladder goes on.
"""

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from models import Session
from models.assignments import OWED, Appeal, AppealKind, AppealState, Assignment, AssignmentState
from models.letters import Letter, LetterItem, LetterKind, LetterState
from models.organisations import Organisation
from plans.answers.wanted_date import wanted_date
from plans.calendar import local_date
from services import access, audit, items, letters, questions, reports, rules, seats
from services.access import Actor
from services.appeal_views import AppealView, view
from services.items import ItemView
from services.letters import Priority
from services.refusals import NotFound, Refusal

REMARKS = re.compile(r"[,;()\n]|\.\s|\s[-–—]\s")  # what parts one remark of a message from the next


@dataclass(frozen=True)
class Choices:
    """An item that may be answered otherwise, and what waits for a decision about it already."""

    item: ItemView
    asked: tuple[AppealView, ...]


@dataclass(frozen=True)
class Made:
    """An appeal that was made, and how many people decide of it.

    ``unfit`` is the day that was named, where it is over or no later than the control date there is.
    """

    view: AppealView
    deciders: int
    unfit: date | None = None


class Moot(Refusal):
    """There is nothing left to ask or to decide, whatever else is said."""


class AlreadyAsked(Moot):
    """Somebody of the organisation asks the same and waits; ``own`` if it was the actor."""

    def __init__(self, found: AppealView, *, own: bool) -> None:
        super().__init__(found.appeal_id)
        self.view = found
        self.own = own


class AlreadyDecided(Moot):
    """Somebody decided before, or the author took it back."""

    def __init__(self, found: AppealView) -> None:
        super().__init__(found.appeal_id)
        self.view = found


class NoLongerOwed(Moot):
    """The assignment waits for no other answer: a report is on review, or it is closed."""

    def __init__(self, state: AssignmentState) -> None:
        super().__init__(state)
        self.state = state


class WordNeeded(Refusal):
    """It is not asked, answered or refused without a word."""


async def choices(session: Session, actor: Actor, assignment_id: int, *, now: datetime) -> Choices:
    """Give an item the actor may answer otherwise, and what is open of it. Raises NotFound, NoLongerOwed."""
    assignment = await _owed(session, actor, assignment_id)
    found = await session.scalars(
        select(Appeal.id)
        .where(Appeal.assignment_id == assignment.id, Appeal.state == AppealState.OPEN)
        .order_by(Appeal.id)
    )
    asked = [await view(session, appeal_id, now=now) for appeal_id in list(found)]
    return Choices(await items.item(session, assignment.id, now=now), tuple(asked))


async def answerable(
    session: Session, actor: Actor, assignment_id: int, kind: AppealKind, *, now: datetime
) -> ItemView:
    """Give an item of which this may be asked now. Raises NotFound, NoLongerOwed, AlreadyAsked."""
    assignment = await _owed(session, actor, assignment_id)
    await _unfinished(session, actor, assignment, kind, now)
    return await items.item(session, assignment.id, now=now)


async def make(
    session: Session,
    actor: Actor,
    assignment_id: int,
    kind: AppealKind,
    text: str,
    *,
    now: datetime,
    thread: int | None = None,
) -> Made:
    """Keep what an executor says of an assignment, as it was typed, and tell those who decide.

    ``thread`` is the message of the executor that a decision replies to. An extension without a fit day
    is kept and waits for one; those who decide see it when the time to answer that question is over.

    Raises NotFound, NoLongerOwed, AlreadyAsked, WordNeeded.
    """
    assignment = await _owed(session, actor, assignment_id)
    if kind is AppealKind.IN_PROGRESS:
        noted = await _note(session, actor, assignment, text.strip(), now)
        return Made(await view(session, noted.id, now=now), 0)
    if kind is AppealKind.HELP and not text.strip():
        raise WordNeeded
    appeal = await _unfinished(session, actor, assignment, kind, now)
    if appeal is None:
        appeal = _appeal(actor, assignment, kind, AppealState.OPEN, "", now)
        session.add(appeal)
    appeal.text = f"{appeal.text}\n{text.strip()}".strip()
    appeal.author_id = actor.person.id  # whoever completes what a colleague began hears what comes of it
    unfit = await _find_day(session, assignment, appeal, text, now) if kind is AppealKind.EXTENSION else None
    await session.flush()
    deciders = await _tell_deciders(session, appeal, thread, now)
    record(session, appeal, actor, "asked", now=now)
    return Made(await view(session, appeal.id, now=now), deciders, unfit)


async def from_draft(
    session: Session, actor: Actor, report_id: int, kind: AppealKind, *, now: datetime
) -> Made:
    """Turn the words of an unsent draft into an appeal; the draft and its pieces are put aside.

    Raises NotFound, NotADraftAnyMore and NoAssignment of ``services.reports``, and what ``make`` raises.
    """
    draft = await reports.own_draft(session, actor, report_id)
    if draft.assignment_id is None:
        raise reports.NoAssignment
    words, thread = draft.text, draft.thread_message_id
    made = await make(session, actor, draft.assignment_id, kind, words, now=now, thread=thread)
    await reports.drop(session, actor, report_id, now=now)
    return made


async def leave_day(session: Session, actor: Actor, appeal_id: int, *, now: datetime) -> Made:
    """Let those who decide name the day of an own extension: they are told at once.

    Raises NotFound, AlreadyAsked, AlreadyDecided.
    """
    appeal = await _own_open(session, actor, appeal_id, now)
    found = await view(session, appeal.id, now=now)
    if not found.lacks_day:
        raise AlreadyAsked(found, own=True)
    cards = list(await session.scalars(_cards(appeal.id)))
    for letter in cards:
        letter.not_before = min(letter.not_before, now)
    await session.flush()
    return Made(found, len(cards))


async def take_back(session: Session, actor: Actor, appeal_id: int, *, now: datetime) -> AppealView:
    """Ask for nothing any more: an own open appeal is kept as a note. Raises NotFound, AlreadyDecided."""
    appeal = await _own_open(session, actor, appeal_id, now)
    appeal.state = AppealState.NOTED
    for letter in await _waiting_cards(session, appeal.id):
        letter.state = LetterState.CANCELLED
    await session.flush()
    record(session, appeal, actor, "taken_back", now=now)
    return await view(session, appeal.id, now=now)


async def notes(session: Session, assignment_id: int) -> list[Appeal]:
    """List what was said of the work in progress, each with its author, the latest last."""
    noted = _notes(assignment_id).order_by(Appeal.id).options(joinedload(Appeal.author))
    return list(await session.scalars(noted))


async def moved(session: Session, assignment_ids: Collection[int]) -> dict[int, list[Appeal]]:
    """Map assignments whose date was moved to the granted extensions, the earliest first.

    ``due_before`` of each is the date there was until ``answered_at``; what was never moved is left out.
    """
    found = await session.scalars(
        select(Appeal)
        .where(
            Appeal.assignment_id.in_(assignment_ids),
            Appeal.kind == AppealKind.EXTENSION,
            Appeal.state == AppealState.GRANTED,
        )
        .order_by(Appeal.answered_at, Appeal.id)
    )
    by_assignment: dict[int, list[Appeal]] = defaultdict(list)
    for appeal in found:
        by_assignment[appeal.assignment_id].append(appeal)
    return dict(by_assignment)


def day_asked(text: str, today: date) -> date | None:
    """Return the day that an answer to «until when?» names; None if it names none, or several.

    In a free message «до 15 мая, карантин» may tell of a quarantine; after the question each remark is
    read for itself, and the only day that is named is the answer.
    """
    day = wanted_date(text, today)
    if day is not None:
        return day
    named = {wanted_date(remark, today) for remark in REMARKS.split(text)} - {None}
    return named.pop() if len(named) == 1 else None


async def today(session: Session, assignment: Assignment, now: datetime) -> date:
    """Give the present day where an assignment is owed."""
    place = await session.get_one(Organisation, assignment.organisation_id)
    return local_date(now, place.time_zone)


async def fits(session: Session, assignment: Assignment, day: date, now: datetime) -> bool:
    """Tell whether the working day of a wanted day is not over, and later than the control date there is."""
    control = (await rules.calendar(session)).working_or_before(day)
    return control >= await today(session, assignment, now) and control > assignment.due


def record(
    session: Session, appeal: Appeal, actor: Actor, action: str, *, now: datetime, **dates: str
) -> None:
    """Add to the journal what was done to an appeal; ids, codes and dates only."""
    audit.record(
        session,
        now=now,
        action=action,
        subject="appeal",
        subject_id=appeal.id,
        person_id=actor.person.id,
        kind=appeal.kind.value,
        assignment_id=appeal.assignment_id,
        **dates,
    )


async def _owed(session: Session, actor: Actor, assignment_id: int) -> Assignment:
    """Give an assignment that may be answered otherwise. Raises NotFound, NoLongerOwed."""
    assignment = await access.owed_assignment(session, actor, assignment_id)
    if assignment.state not in OWED:
        raise NoLongerOwed(assignment.state)
    return assignment


async def _unfinished(
    session: Session, actor: Actor, assignment: Assignment, kind: AppealKind, now: datetime
) -> Appeal | None:
    """Give the open extension that lacks its day, which anybody of the organisation may complete.

    None where nothing of the kind is open. Raises AlreadyAsked.
    """
    asked = await session.scalar(
        select(Appeal).where(
            Appeal.assignment_id == assignment.id, Appeal.kind == kind, Appeal.state == AppealState.OPEN
        )
    )
    if asked is None or (kind is AppealKind.EXTENSION and asked.wanted_due is None):
        return asked
    raise AlreadyAsked(await view(session, asked.id, now=now), own=asked.author_id == actor.person.id)


async def _own_open(session: Session, actor: Actor, appeal_id: int, now: datetime) -> Appeal:
    """Give an open appeal the actor made. Raises NotFound, AlreadyDecided."""
    appeal = await session.scalar(
        select(Appeal)
        .where(Appeal.id == appeal_id, Appeal.author_id == actor.person.id)
        .with_for_update(of=Appeal)
        .execution_options(populate_existing=True)
    )
    if appeal is None:
        raise NotFound
    await access.owed_assignment(session, actor, appeal.assignment_id)
    if appeal.state is not AppealState.OPEN:
        raise AlreadyDecided(await view(session, appeal.id, now=now))
    return appeal


def _appeal(
    actor: Actor, assignment: Assignment, kind: AppealKind, state: AppealState, text: str, now: datetime
) -> Appeal:
    return Appeal(
        assignment_id=assignment.id,
        author_id=actor.person.id,
        kind=kind,
        state=state,
        text=text,
        made_at=now,
        answer="",
    )


async def _note(session: Session, actor: Actor, assignment: Assignment, text: str, now: datetime) -> Appeal:
    """Keep that work goes on; the same words of the same person on the same day are kept once."""
    own = _notes(assignment.id).where(Appeal.author_id == actor.person.id, Appeal.text == text)
    before = await session.scalar(own.order_by(Appeal.id.desc()).limit(1))
    if before is not None:
        day = await today(session, assignment, before.made_at)
        if day == await today(session, assignment, now):
            return before
    made = _appeal(actor, assignment, AppealKind.IN_PROGRESS, AppealState.NOTED, text, now)
    session.add(made)
    await session.flush()
    record(session, made, actor, "noted", now=now)
    return made


def _notes(assignment_id: int) -> Select[Appeal]:
    return select(Appeal).where(Appeal.assignment_id == assignment_id, Appeal.kind == AppealKind.IN_PROGRESS)


async def _find_day(
    session: Session, assignment: Assignment, appeal: Appeal, text: str, now: datetime
) -> date | None:
    """Keep the day that words ask for; give it back instead where it does not fit."""
    day = day_asked(text, await today(session, assignment, now))
    if day is not None and not await fits(session, assignment, day, now):
        return day
    appeal.wanted_due = day
    return None


# --- the cards of those who decide -----------------------------------------------------------


async def _tell_deciders(session: Session, appeal: Appeal, thread: int | None, now: datetime) -> int:
    """Write one card to each who may decide, and count them; one without its day waits for it."""
    lacks_day = appeal.kind is AppealKind.EXTENSION and appeal.wanted_due is None
    not_before = now + questions.PATIENCE if lacks_day else now
    for card in await _waiting_cards(session, appeal.id):
        card.state = LetterState.WAITING if lacks_day else LetterState.CANCELLED
        card.not_before, card.payload = not_before, None
    assignment = await session.get_one(Assignment, appeal.assignment_id)
    place = await session.get_one(Organisation, assignment.organisation_id)
    deciders = await seats.reviewers(session, path=place.path, author_id=appeal.author_id)
    for person in deciders:
        letter = await letters.write(
            session,
            key=f"{_key(appeal.id)}{person.id}:{appeal.wanted_due or ''}",
            kind=LetterKind.APPEAL,
            chat_id=person.chat_id,
            person_id=person.id,
            now=now,
            not_before=not_before,
            priority=Priority.CARD,
            facts={"appeal_id": appeal.id, "thread": thread},
        )
        if letter is not None:
            session.add(LetterItem(letter_id=letter.id, assignment_id=appeal.assignment_id))
    await session.flush()
    return len(deciders)


def _key(appeal_id: int) -> str:
    return f"appeal:{appeal_id}:"


def _cards(appeal_id: int) -> Select[Letter]:
    of_appeal = Letter.key.startswith(_key(appeal_id), autoescape=True)
    return select(Letter).where(Letter.kind == LetterKind.APPEAL, of_appeal).order_by(Letter.id)


async def _waiting_cards(session: Session, appeal_id: int) -> list[Letter]:
    return list(await session.scalars(_cards(appeal_id).where(Letter.state == LetterState.WAITING)))


async def begun_in(session: Session, appeal_id: int) -> int | None:
    """Give the author's message that the appeal was made in, from the first card about it."""
    facts = await session.scalars(_cards(appeal_id).with_only_columns(Letter.facts))
    return next((found["thread"] for found in facts if found["thread"] is not None), None)
