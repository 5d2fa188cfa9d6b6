"""Reviews: a submitted report is accepted or returned once, and its author hears of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import joinedload

from models import Session
from models.assignments import (
    OWED,
    Assignment,
    AssignmentChange,
    AssignmentState,
    Children,
    Evidence,
    EvidenceKind,
    Likeness,
    Report,
    ReportState,
    Review,
    Verdict,
)
from models.letters import Letter, LetterItem, LetterKind, LetterState
from models.organisations import Organisation
from models.people import Person
from models.roadmaps import Activity, Duty, Edition
from plans.calendar import local_date
from services import access, audit, evidence, figures, letters, passages, recycled, seats, verdicts
from services.access import Actor
from services.figures import FigureView
from services.letters import Priority
from services.recycled import Repeat
from services.refusals import Refusal

ALBUM = 10  # pictures one sendMediaGroup may hold
ALBUMS = (
    (EvidenceKind.PHOTO, EvidenceKind.VIDEO),
    (EvidenceKind.DOCUMENT,),
    (EvidenceKind.AUDIO,),
)  # what sendMediaGroup takes together
TOGETHER = (*ALBUMS, (EvidenceKind.VOICE,), (EvidenceKind.VIDEO_NOTE,), (EvidenceKind.ANIMATION,))


class AlreadyReviewed(Refusal):
    """Somebody decided before."""

    def __init__(self, by: str, verdict: Verdict) -> None:
        super().__init__(verdict)
        self.by = by
        self.verdict = verdict


class RemarkNeeded(Refusal):
    """A report is not returned without a word why."""


@dataclass(frozen=True)
class WordingBefore:
    """What a row asked when the report was sent, and the order that changed it since."""

    title: str
    due: date
    withdrawn: bool
    order_number: str | None
    order_date: date | None


@dataclass(frozen=True)
class ReviewCard:
    """A report as its reviewer sees it; ``earlier``: what it said when it was sent, if it says more now."""

    report_id: int
    state: ReportState
    number: str | None
    title: str
    expected_result: str | None
    organisation: str
    author: str
    text: str
    held: Mapping[EvidenceKind, int]
    due: date
    submitted_at: datetime
    time_zone: str
    verdict: Verdict | None
    reviewer: str | None
    remark: str | None
    before: WordingBefore | None
    late: bool = False
    version: int = 1
    earlier: str | None = None
    figure: FigureView | None = None
    children: Children | None = None
    repeats: tuple[Repeat, ...] = ()


async def wording_before(session: Session, report: Report) -> WordingBefore | None:
    """Give what was asked when a report was sent, if an order has changed or withdrawn it since."""
    row = await session.execute(
        select(AssignmentChange, Edition, Assignment)
        .join(Edition, Edition.id == AssignmentChange.edition_id)
        .join(Assignment, Assignment.id == AssignmentChange.assignment_id)
        .where(
            AssignmentChange.assignment_id == report.assignment_id,
            Edition.approved_at > (report.submitted_at or report.received_at),
        )
        .order_by(Edition.ordinal)
        .limit(1)
    )
    found = row.first()
    if found is None:
        return None
    change, edition, assignment = found
    old = await session.get_one(Activity, change.activity_before)
    new = await session.get_one(Activity, assignment.activity_id)
    withdrawn = assignment.state is AssignmentState.WITHDRAWN
    due = change.due_before or assignment.due
    reworded = (old.title, old.expected_result) != (new.title, new.expected_result)
    if not (withdrawn or reworded or due != assignment.due):
        return None
    return WordingBefore(old.title, due, withdrawn, edition.number, edition.dated)


async def tell_reviewers(
    session: Session, report: Report, *, now: datetime, again: str = "", settles: timedelta | None = None
) -> None:
    """Write to each reviewer: the pieces they have not been shown, then the card to decide on.

    ``again`` tells a card that is shown anew, for another reason than fresh pieces. ``settles`` is how
    long an album may still grow: what waits meanwhile takes the further pieces in.
    """
    not_before = now + settles if settles is not None else now
    place = await session.scalar(
        select(Organisation)
        .join(Assignment, Assignment.organisation_id == Organisation.id)
        .where(Assignment.id == report.assignment_id)
    )
    assert place is not None
    held = await held_pieces(session, report.id)
    for person in await seats.reviewers(session, path=place.path, author_id=report.author_id):
        await _show_pieces(session, report, held, person, now, not_before)
        if await _still_waiting(session, report, person, LetterKind.REVIEW, not_before):
            continue
        letter = await letters.write(
            session,
            key=f"review:{report.id}:{person.id}:{len(held)}:{len(report.text)}{again}",
            kind=LetterKind.REVIEW,
            chat_id=person.chat_id,
            person_id=person.id,
            now=now,
            not_before=not_before,
            priority=Priority.CARD,
            facts={"report_id": report.id},
        )
        if letter is not None:
            session.add(LetterItem(letter_id=letter.id, report_id=report.id))
    await session.flush()


async def show_earlier(session: Session, actor: Actor, report_id: int, *, now: datetime) -> None:
    """Write to a reviewer the earlier pictures that those of a report repeat. Raises NotFound."""
    report = await access.report_to_review(session, actor, report_id)
    for one in await recycled.repeats(session, report.id):
        letter = await letters.write(
            session,
            key=f"earlier:{one.evidence_id}:{actor.person.id}:{now.isoformat()}",
            kind=LetterKind.EVIDENCE,
            chat_id=actor.person.chat_id,
            person_id=actor.person.id,
            now=now,
            priority=Priority.ANSWER,
            facts={"report_id": report.id, "evidence_ids": [one.earlier_id]},
        )
        if letter is not None:
            session.add(LetterItem(letter_id=letter.id, report_id=report.id))
    await session.flush()


def _may_be_shown(piece: Evidence) -> bool:
    """Tell whether a piece can be sent on: a picture sent as a file holds its place until it is clean."""
    waits = piece.kind is EvidenceKind.DOCUMENT and evidence.named_as_picture(piece)
    return piece.purged_at is None and (not waits or piece.stored_file_id is not None)


async def _still_waiting(
    session: Session, report: Report, person: Person, kind: LetterKind, not_before: datetime
) -> Letter | None:
    """Give the letter about a report that has not gone to a reviewer yet, and let it wait for what comes."""
    waiting = await session.scalar(
        select(Letter)
        .join(LetterItem, LetterItem.letter_id == Letter.id)
        .where(
            Letter.kind == kind,
            Letter.state == LetterState.WAITING,
            Letter.person_id == person.id,
            LetterItem.report_id == report.id,
        )
        .order_by(Letter.id.desc())
        .limit(1)
    )
    if waiting is not None:
        waiting.not_before = max(not_before, waiting.not_before)
        waiting.payload = None  # worded on a way that led nowhere, before this came
    return waiting


async def _show_pieces(
    session: Session,
    report: Report,
    held: list[Evidence],
    person: Person,
    now: datetime,
    not_before: datetime,
) -> None:
    """Write the albums: what Telegram shows together goes together, at most ten a message."""
    shown = set(await _shown(session, report, person))
    fresh = [piece for piece in held if piece.id not in shown and _may_be_shown(piece)]
    for kinds in TOGETHER:
        of_kind = [piece.id for piece in fresh if piece.kind in kinds]
        album_of = ALBUM if kinds in ALBUMS else 1
        if of_kind and kinds in ALBUMS:
            of_kind = await _into_waiting(session, report, person, of_kind, kinds, not_before)
        for start in range(0, len(of_kind), album_of):
            album = of_kind[start : start + album_of]
            letter = await letters.write(
                session,
                key=f"evidence:{report.id}:{person.id}:{album[0]}",
                kind=LetterKind.EVIDENCE,
                chat_id=person.chat_id,
                person_id=person.id,
                now=now,
                not_before=not_before,
                priority=Priority.CARD,
                facts={"report_id": report.id, "evidence_ids": album},
            )
            if letter is not None:
                session.add(LetterItem(letter_id=letter.id, report_id=report.id))
    await session.flush()


async def _into_waiting(
    session: Session,
    report: Report,
    person: Person,
    fresh: list[int],
    kinds: tuple[EvidenceKind, ...],
    not_before: datetime,
) -> list[int]:
    """Put fresh pieces into the album that has not gone yet, as many as it takes; give those left over."""
    waiting = await _still_waiting(session, report, person, LetterKind.EVIDENCE, not_before)
    if waiting is None:
        return fresh
    there: list[int] = waiting.facts["evidence_ids"]
    first = await session.get_one(Evidence, there[0])
    if first.kind not in kinds:
        return fresh
    room = ALBUM - len(there)
    waiting.facts = {**waiting.facts, "evidence_ids": [*there, *fresh[:room]]}
    await session.flush()
    return fresh[room:]


async def show_stored(session: Session, piece: Evidence, *, now: datetime) -> None:
    """Show reviewers a picture sent as a file, once it is clean, and what it or another one repeats."""
    report = await session.get_one(Report, piece.report_id)
    if report.state is not ReportState.SUBMITTED:
        return
    repeated = await session.scalar(
        select(Likeness.earlier_id).where(Likeness.evidence_id == piece.id).limit(1)
    )
    if repeated is not None or evidence.named_as_picture(piece):
        again = f":like{piece.id}" if repeated is not None else ""
        await tell_reviewers(session, report, now=now, again=again)


async def _shown(session: Session, report: Report, person: Person) -> list[int]:
    rows = await session.scalars(
        select(Letter.facts)
        .join(LetterItem, LetterItem.letter_id == Letter.id)
        .where(
            Letter.kind == LetterKind.EVIDENCE,
            Letter.person_id == person.id,
            LetterItem.report_id == report.id,
        )
    )
    return [piece for facts in rows for piece in facts["evidence_ids"]]


async def held_pieces(session: Session, report_id: int) -> list[Evidence]:
    """List the pieces of a report in the order of their messages."""
    found = await session.scalars(
        select(Evidence).where(Evidence.report_id == report_id).order_by(Evidence.message_id)
    )
    return list(found)


async def pieces(session: Session, report_id: int) -> dict[EvidenceKind, int]:
    """Count the pieces of a report by their kind."""
    counts = await session.execute(
        select(Evidence.kind, func.count(Evidence.id))
        .where(Evidence.report_id == report_id)
        .group_by(Evidence.kind)
    )
    return dict(counts.all())


async def accept(session: Session, actor: Actor, report_id: int, *, now: datetime) -> ReviewCard:
    """Accept a report; of a row that any executor may do, the others are covered by it.

    What an order has withdrawn meanwhile is not owed again by a decision either way.

    Raises NotFound, AlreadyReviewed.
    """
    report = await _decide(session, actor, report_id, Verdict.ACCEPTED, "", now)
    assignment = await _assignment(session, report)
    if assignment.state is AssignmentState.WITHDRAWN:
        return await card(session, actor, report_id)
    assignment.state = AssignmentState.ACCEPTED
    activity = await session.get_one(Activity, assignment.activity_id)
    if activity.duty is Duty.ANY:
        await _cover_others(session, assignment)
    await session.flush()
    return await card(session, actor, report_id)


async def _cover_others(session: Session, assignment: Assignment) -> None:
    others = select(Assignment.id).where(
        Assignment.activity_id == assignment.activity_id,
        Assignment.nominal == assignment.nominal,
        Assignment.checkpoint == assignment.checkpoint,
        Assignment.id != assignment.id,
        Assignment.state.in_(OWED),
    )
    covered = list(await session.scalars(others))
    await session.execute(
        update(Assignment)
        .where(Assignment.id.in_(covered))
        .values(state=AssignmentState.COVERED, next_step_at=None)
    )
    for assignment_id in covered:
        await letters.withdraw_reminders(session, assignment_id=assignment_id)


async def send_back(
    session: Session, actor: Actor, report_id: int, remark: str, *, now: datetime
) -> ReviewCard:
    """Return a report with a remark; the ladder speaks again from now on.

    Raises NotFound, AlreadyReviewed, RemarkNeeded.
    """
    if not remark.strip():
        raise RemarkNeeded
    report = await _decide(session, actor, report_id, Verdict.RETURNED, remark.strip(), now)
    assignment = await _assignment(session, report)
    if assignment.state is not AssignmentState.WITHDRAWN:
        assignment.state = AssignmentState.RETURNED
        assignment.next_step_at = now
    await session.flush()
    return await card(session, actor, report_id)


async def undecided(session: Session, actor: Actor, report_id: int) -> Report:
    """Give a report that still waits for a decision. Raises NotFound, AlreadyReviewed."""
    report = await access.report_to_review(session, actor, report_id)
    review = await session.scalar(
        select(Review).where(Review.report_id == report.id).options(joinedload(Review.reviewer))
    )
    if review is not None:
        raise AlreadyReviewed(review.reviewer.name, review.verdict)
    return report


async def _decide(
    session: Session, actor: Actor, report_id: int, verdict: Verdict, remark: str, now: datetime
) -> Report:
    await session.execute(select(Report.id).where(Report.id == report_id).with_for_update())
    report = await undecided(session, actor, report_id)
    session.add(
        Review(
            report_id=report.id,
            reviewer_id=actor.person.id,
            verdict=verdict,
            remark=remark,
            decided_at=now,
        )
    )
    report.state = ReportState(verdict.value)
    await session.flush()
    await verdicts.tell(session, report, now=now)
    audit.record(
        session,
        now=now,
        action=verdict.value,
        subject="report",
        subject_id=report.id,
        person_id=actor.person.id,
    )
    return report


async def _assignment(session: Session, report: Report) -> Assignment:
    assert report.assignment_id is not None  # a submitted report knows its assignment
    return await session.get_one(Assignment, report.assignment_id)


async def card(session: Session, actor: Actor, report_id: int) -> ReviewCard:
    """Give the card of a report for one of its reviewers. Raises NotFound."""
    await access.report_to_review(session, actor, report_id)
    return await card_of(session, report_id)


async def card_of(session: Session, report_id: int) -> ReviewCard:
    """Give the card of a report, whoever asks (for letters, whose reader was chosen before)."""
    row = await session.execute(_card_rows().where(Report.id == report_id))
    report, assignment, activity, place, author = row.one()
    submitted_at = report.submitted_at or report.received_at
    review = await session.scalar(
        select(Review).where(Review.report_id == report.id).options(joinedload(Review.reviewer))
    )
    return ReviewCard(
        report_id=report.id,
        state=report.state,
        number=activity.number,
        title=activity.title,
        expected_result=activity.expected_result,
        organisation=place.short_name,
        author=author.name,
        text=report.text,
        held=await pieces(session, report.id),
        due=assignment.due,
        submitted_at=submitted_at,
        time_zone=place.time_zone,
        late=local_date(submitted_at, place.time_zone) > assignment.due,
        version=report.version,
        earlier=await _earlier(session, report) if report.version > 1 else None,
        figure=await figures.of(session, report),
        children=report.children,
        repeats=tuple(await recycled.repeats(session, report.id)),
        verdict=review.verdict if review else None,
        reviewer=review.reviewer.name if review else None,
        remark=review.remark if review else None,
        before=await wording_before(session, report),
    )


async def _earlier(session: Session, report: Report) -> str:
    """Give the words a report was sent with."""
    return "\n".join(await passages.texts(session, report.id, until=report.submitted_at))


def _card_rows() -> Select[Report, Assignment, Activity, Organisation, Person]:
    return (
        select(Report, Assignment, Activity, Organisation, Person)
        .join(Assignment, Assignment.id == Report.assignment_id)
        .join(Activity, Activity.id == Assignment.activity_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .join(Person, Person.id == Report.author_id)
    )


async def waiting(session: Session, actor: Actor) -> list[ReviewCard]:
    """List the reports that wait for the actor's decision, the oldest first."""
    ids = await session.scalars(
        select(Report.id)
        .join(Assignment, Assignment.id == Report.assignment_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(Report.state == ReportState.SUBMITTED, access.within(actor.domains(access.OVERSEERS)))
        .order_by(Report.submitted_at, Report.id)
    )
    return [await card_of(session, report_id) for report_id in ids]
