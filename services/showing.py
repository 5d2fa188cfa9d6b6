"""Showing: a report that is on review comes to its reviewers, its pieces first, then the card to decide on.

What still waits to go takes in what comes meanwhile; a card that is there already is written anew in place.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from models import Session
from models.assignments import Assignment, Evidence, EvidenceKind, Report, ReportState
from models.letters import Letter, LetterItem, LetterKind, LetterMessage, LetterState
from models.organisations import Organisation
from models.people import Person
from services import access, evidence, letters, recycled, seats
from services.access import Actor
from services.letters import Priority

AMENDS = "amends"  # the fact of a letter that writes the card anew where it is
ALBUM = 10  # pictures one sendMediaGroup may hold
ALBUMS = (
    (EvidenceKind.PHOTO, EvidenceKind.VIDEO),
    (EvidenceKind.DOCUMENT,),
    (EvidenceKind.AUDIO,),
)  # what sendMediaGroup takes together
TOGETHER = (*ALBUMS, (EvidenceKind.VOICE,), (EvidenceKind.VIDEO_NOTE,), (EvidenceKind.ANIMATION,))


async def tell_reviewers(
    session: Session, report: Report, *, now: datetime, again: str = "", settles: timedelta | None = None
) -> None:
    """Write to each reviewer: the pieces they have not been shown, then the card to decide on.

    ``again`` tells a card that is shown anew, for another reason than fresh pieces. ``settles`` is how
    long an album may still grow: what waits meanwhile takes the further pieces in.
    """
    not_before = now + settles if settles is not None else now
    held = await held_pieces(session, report.id)
    for person in await _reviewers(session, report):
        await _show_pieces(session, report, held, person, now, not_before)
        if await _still_waiting(session, report, person, LetterKind.REVIEW, not_before):
            continue
        key = f"review:{report.id}:{person.id}:{len(held)}:{len(report.text)}{again}"
        await _write_card(session, report, person, key, now, not_before=not_before)
    await session.flush()


async def amend_cards(session: Session, report: Report, *, why: str, now: datetime) -> None:
    """Write the cards that reviewers have of a report anew, in place.

    ``why`` tells one reason from another: for each a card is amended once. One that still waits may be
    worded at this very moment, without knowing: it is amended as well.
    """
    if report.state is not ReportState.SUBMITTED:
        return
    gone = await session.scalars(
        select(Letter.person_id)
        .join(LetterItem, LetterItem.letter_id == Letter.id)
        .where(
            Letter.kind == LetterKind.REVIEW,
            Letter.state.in_((LetterState.WAITING, LetterState.CLAIMED, LetterState.DELIVERED)),
            LetterItem.report_id == report.id,
        )
    )
    shown = set(gone)
    for person in await _reviewers(session, report):
        if person.id in shown:
            await _write_card(
                session, report, person, f"amend:{report.id}:{person.id}:{why}", now, amends=True
            )
    await session.flush()


async def card_shown(session: Session, letter: Letter) -> int | None:
    """Give the message that is the latest card about a report in the chat of the letter that amends it."""
    return await session.scalar(
        select(func.max(LetterMessage.message_id))
        .join(Letter, Letter.id == LetterMessage.letter_id)
        .join(LetterItem, LetterItem.letter_id == Letter.id)
        .where(
            Letter.kind == LetterKind.REVIEW,
            LetterMessage.chat_id == letter.chat_id,
            LetterItem.report_id == letter.facts["report_id"],
        )
    )


async def _write_card(
    session: Session,
    report: Report,
    person: Person,
    key: str,
    now: datetime,
    *,
    not_before: datetime | None = None,
    amends: bool = False,
) -> None:
    letter = await letters.write(
        session,
        key=key,
        kind=LetterKind.REVIEW,
        chat_id=person.chat_id,
        person_id=person.id,
        now=now,
        not_before=not_before,
        priority=Priority.CARD,
        facts={"report_id": report.id} | ({AMENDS: True} if amends else {}),
    )
    if letter is not None:
        session.add(LetterItem(letter_id=letter.id, report_id=report.id))


async def _reviewers(session: Session, report: Report) -> list[Person]:
    path = await session.scalar(
        select(Organisation.path)
        .join(Assignment, Assignment.organisation_id == Organisation.id)
        .where(Assignment.id == report.assignment_id)
    )
    assert path is not None  # a submitted report knows its assignment
    return await seats.reviewers(session, path=path, author_id=report.author_id)


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
            Letter.facts[AMENDS].as_boolean().is_(None),
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
    repeated = any(one.evidence_id == piece.id for one in await recycled.repeats(session, report.id))
    if repeated or evidence.named_as_picture(piece):
        again = f":like{piece.id}" if repeated else ""
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
