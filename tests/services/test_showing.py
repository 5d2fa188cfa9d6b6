"""What reviewers are shown of a report: what is said later joins the card, what is withheld stays away."""

from datetime import timedelta

from sqlalchemy import select

from models import Session
from models.assignments import (
    Assignment,
    Children,
    Evidence,
    EvidenceKind,
    Likeness,
    PicturePrint,
    Report,
    ReportState,
)
from models.database import Database
from models.files import StoredFile
from models.letters import Letter, LetterItem, LetterKind, LetterMessage, LetterState
from models.organisations import Organisation
from models.people import Role
from services import recycled, showing
from tests.services.plan import NOW, actor, approved, found, seated


async def sent(session: Session, place: Organisation, author: int, children: Children | None) -> Evidence:
    """Let an executor have sent a picture about the first row."""
    owed = select(Assignment.id).where(Assignment.organisation_id == place.id).order_by(Assignment.id)
    report = Report(
        assignment_id=await session.scalar(owed.limit(1)),
        author_id=(await actor(session, author)).person.id,
        state=ReportState.SUBMITTED,
        text="",
        sent_at=NOW,
        received_at=NOW,
        submitted_at=NOW,
        children=children,
    )
    session.add(report)
    await session.flush()
    piece = Evidence(
        report_id=report.id,
        kind=EvidenceKind.PHOTO,
        chat_id=author,
        message_id=author,
        file_id="file",
        file_unique_id="unique",
    )
    session.add(piece)
    await session.flush()
    return piece


async def shown_to(session: Session, chat_id: int) -> list[int]:
    """List the pieces that letters to a chat show."""
    facts = await session.scalars(
        select(Letter.facts).where(Letter.kind == LetterKind.EVIDENCE, Letter.chat_id == chat_id)
    )
    return [piece for one in facts for piece in one["evidence_ids"]]


async def test_a_picture_of_another_municipality_is_never_shown_beside_one(database: Database) -> None:
    async with database.writing() as session:
        made, theirs = await found(session), await found(session, "Чужой район", first_id=50)
        for place, number in ((made.schools[0], 11), (made.schools[1], 12), (theirs.schools[0], 51)):
            await seated(session, place, Role.EXECUTOR, number)
        for town in (made, theirs):
            await approved(session, town)
        earlier = [
            await sent(session, made.schools[0], 11, None),
            await sent(session, theirs.schools[0], 51, None),
        ]
        later = await sent(session, made.schools[1], 12, None)
        for one in earlier:  # as a draft that knew no row yet was compared with all there is
            session.add(
                Likeness(evidence_id=later.id, earlier_id=one.id, exact=False, score=0.9, found_at=NOW)
            )
        await session.flush()
        await showing.show_earlier(session, await actor(session, 1), later.report_id, now=NOW)
        assert await shown_to(session, 1) == [earlier[0].id]


async def test_of_two_drafts_with_one_picture_the_one_sent_later_shows_it(database: Database) -> None:
    async with database.writing() as session:
        made = await found(session)
        for number, school in enumerate(made.schools[:2], start=11):
            await seated(session, school, Role.EXECUTOR, number)
        await approved(session, made)
        pieces = [
            await sent(session, made.schools[0], 11, None),
            await sent(session, made.schools[1], 12, None),
        ]
        first, second = [await session.get_one(Report, piece.report_id) for piece in pieces]
        for report, piece in zip((first, second), pieces, strict=True):
            stored = StoredFile(sha256=f"{piece.id:064}", size=1, stored_at=NOW)
            session.add(stored)
            await session.flush()
            session.add(PicturePrint(stored_file_id=stored.id, width=1, height=1, hashes=b"", thumbnail=b""))
            piece.stored_file_id = stored.id
            report.state, report.submitted_at = ReportState.DRAFT, None
        second.assignment_id, row = None, second.assignment_id  # it knows no row yet
        await session.flush()
        for mine, other in (pieces, reversed(pieces)):
            assert [one.evidence_id for one in await recycled.known_before(session, mine.id)] == [other.id]
        alike = [recycled.Alike(pieces[0].id, exact=True, score=1.0)]
        await recycled.keep_likenesses(session, pieces[1].id, alike, now=NOW)
        second.assignment_id, second.state, second.submitted_at = row, ReportState.SUBMITTED, NOW
        await session.flush()
        assert await recycled.repeats(session, second.id) == []
        first.state, first.submitted_at = ReportState.SUBMITTED, NOW + timedelta(days=1)
        await session.flush()
        (one,) = await recycled.repeats(session, first.id)
        assert (one.evidence_id, one.earlier_id, one.sent_at) == (pieces[0].id, pieces[1].id, NOW)


async def test_a_card_is_amended_where_it_is_and_only_for_who_reviews_now(database: Database) -> None:
    async with database.writing() as session:
        made = await found(session)
        await seated(session, made.schools[0], Role.EXECUTOR, 11)
        await approved(session, made)
        readers = {
            chat: (await seated(session, made.place, Role.COORDINATOR, chat)).id for chat in (21, 22, 23)
        }
        stranger = (
            await seated(session, (await found(session, "Чужой", first_id=50)).place, Role.COORDINATOR, 24)
        ).id
        piece = await sent(session, made.schools[0], 11, Children.NONE)
        report = await session.get_one(Report, piece.report_id)
        for chat, person in (*((one, readers[one]) for one in (21, 22)), (24, stranger)):
            card = Letter(
                key=f"card {chat}",
                kind=LetterKind.REVIEW,
                state=LetterState.DELIVERED,
                chat_id=chat,
                person_id=person,
                priority=1,
                not_before=NOW,
                facts={"report_id": report.id},
                created_at=NOW,
            )
            session.add(card)
            await session.flush()
            session.add(LetterItem(letter_id=card.id, report_id=report.id))
            session.add(LetterMessage(chat_id=chat, message_id=100 + chat, letter_id=card.id))
        for _ in range(2):
            await showing.amend_cards(session, report, why="children:none", now=NOW)
        waiting = await session.scalars(
            select(Letter).where(Letter.kind == LetterKind.REVIEW, Letter.state == LetterState.WAITING)
        )
        assert [(one.chat_id, await showing.card_shown(session, one)) for one in waiting] == [
            (21, 121),
            (22, 122),
        ]
        report.state = ReportState.ACCEPTED
        await showing.amend_cards(session, report, why="children:withheld", now=NOW)
        of_all = await session.scalars(select(Letter.id).where(Letter.state == LetterState.WAITING))
        assert len(of_all.all()) == 2


async def test_fresh_pieces_come_with_a_card_of_their_own_while_another_waits_to_be_amended(
    database: Database,
) -> None:
    async with database.writing() as session:
        made = await found(session)
        await seated(session, made.schools[0], Role.EXECUTOR, 11)
        await approved(session, made)
        piece = await sent(session, made.schools[0], 11, None)
        report = await session.get_one(Report, piece.report_id)
        await showing.tell_reviewers(session, report, now=NOW)
        first = (await session.scalars(select(Letter).where(Letter.kind == LetterKind.REVIEW))).one()
        first.state = LetterState.DELIVERED
        session.add(LetterMessage(chat_id=first.chat_id, message_id=100, letter_id=first.id))
        await session.flush()
        await showing.amend_cards(session, report, why="children:none", now=NOW)
        report.text = "И ещё"
        await showing.tell_reviewers(session, report, now=NOW)
        cards = await session.scalars(
            select(Letter.facts).where(Letter.kind == LetterKind.REVIEW).order_by(Letter.id)
        )
        assert [facts.get(showing.AMENDS) for facts in cards] == [None, True, None]
