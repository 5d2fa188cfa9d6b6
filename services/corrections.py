"""The approver corrects a row: any field in words, the event a date counts from, or that there is no date.

What the order prints stays in ``printed`` beside the corrected text.
"""

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select

from models import Session
from models.organisations import Organisation
from models.people import Person
from models.roadmaps import Activity, ActivityParty, Edition, Party, Section
from plans.correction import Correction, Field
from plans.deadline import Reading, Undated, Unknown, Window
from plans.deadline_json import deadline_to_json
from plans.deadlines import read_deadlines
from plans.parties import split_parties
from plans.plan import Document
from plans.read import reading_of
from plans.targets import read_targets
from services import drafts, editing, parties, rules
from services.editing import What
from services.refusals import NotFound, Refusal

UNKNOWN, UNDATED = "unknown", "undated"  # kinds of a deadline in JSON


class DeadlineNotUnderstood(Refusal):
    """The words do not say a deadline the grammar knows."""


class DateNotUnderstood(Refusal):
    """The words do not say one day."""


class NoSuchRow(Refusal):
    """The draft has no row of this number, or several."""

    def __init__(self, number: str, edition_id: int) -> None:
        super().__init__(number)
        self.number = number
        self.edition_id = edition_id


async def activity(session: Session, activity_id: int) -> Activity:
    """Give a row of an edition. Raises NotFound."""
    found = await session.get(Activity, activity_id)
    if found is None:
        raise NotFound
    return found


async def numbered(session: Session, edition: Edition, number: str) -> Activity:
    """Give the row of a printed number, dots and brackets at its end aside. Raises NoSuchRow."""
    found = [row for row in await drafts.activities(session, edition) if _plain(row.number) == _plain(number)]
    if len(found) != 1:
        raise NoSuchRow(number, edition.id)
    return found[0]


def _plain(number: str | None) -> str:
    return (number or "").strip(" .)")


async def reading(session: Session, edition: Edition) -> Reading:
    """Give what the dates of an edition are read against."""
    roadmap = await drafts.roadmap_of(session, edition)
    return reading_of(
        Document(
            date=edition.dated or roadmap.dated,
            period_start=edition.period_start or roadmap.period_start,
            period_end=edition.period_end or roadmap.period_end,
        ),
        await rules.school_terms(session),
    )


async def correct(session: Session, edition: Edition, row: Activity, correction: Correction) -> None:
    """Set one field of a row as the approver says. Raises NotADraft, DeadlineNotUnderstood."""
    drafts.still_draft(edition)
    match correction.field:
        case Field.DEADLINE:
            await _deadline(session, edition, row, correction.text)
        case Field.EXECUTORS:
            await _executors(session, edition, row, correction.text)
        case Field.TITLE:
            _rewrite(row, "title", correction.text)
        case Field.RESULT:
            _rewrite(row, "expected_result", correction.text)
            row.targets = [asdict(target) for target in read_targets(correction.text)]
        case Field.NUMBER:
            _rewrite(row, "number", correction.text[:40])
        case Field.SECTION:
            row.section_id = await _section(session, edition, correction.text)
    await session.flush()


def _rewrite(row: Activity, field: str, text: str) -> None:
    """Give a field a new text; the printed one is kept once, and forgotten when it is written again."""
    printed = dict(row.printed or {})
    printed.setdefault(field, getattr(row, field))
    if printed[field] == text:
        del printed[field]
    setattr(row, field, text)
    row.printed = printed or None


async def _deadline(session: Session, edition: Edition, row: Activity, text: str) -> None:
    found = read_deadlines(text, await reading(session, edition))
    if not found or any(isinstance(one, Unknown) for one in found):
        raise DeadlineNotUnderstood
    _rewrite(row, "deadline_text", text)
    row.deadlines = [deadline_to_json(one) for one in found]
    row.anchor_on = None


async def _executors(session: Session, edition: Edition, row: Activity, text: str) -> None:
    """Name the executors anew; parties of the edition are found by their words, new ones are added."""
    known = {
        party.name.casefold(): party.id
        for party in await session.scalars(select(Party).where(Party.edition_id == edition.id))
    }
    named: list[int] = []
    for name in split_parties(text) or (text,):
        if name.casefold() not in known:
            party = Party(edition_id=edition.id, name=name[:500], all_schools=False)
            session.add(party)
            await session.flush()
            known[name.casefold()] = party.id
        named.append(known[name.casefold()])
    await session.execute(delete(ActivityParty).where(ActivityParty.activity_id == row.id))
    for place, party_id in enumerate(dict.fromkeys(named)):
        session.add(ActivityParty(activity_id=row.id, ordinal=place, party_id=party_id))
    _rewrite(row, "responsible_text", text)
    await session.flush()
    roadmap = await drafts.roadmap_of(session, edition)
    await parties.suggest(session, edition, await session.get_one(Organisation, roadmap.owner_id))


async def _section(session: Session, edition: Edition, title: str) -> int:
    known = await session.scalar(
        select(Section.id).where(Section.edition_id == edition.id, Section.title == title)
    )
    if known is not None:
        return known
    last = await session.scalar(select(func.max(Section.ordinal)).where(Section.edition_id == edition.id))
    made = Section(edition_id=edition.id, ordinal=(last or 0) + 1, title=title)
    session.add(made)
    await session.flush()
    return made.id


async def anchor(session: Session, edition: Edition, row: Activity, text: str) -> None:
    """Set the day of the event a relative deadline counts from. Raises NotADraft, DateNotUnderstood."""
    drafts.still_draft(edition)
    row.anchor_on = await one_day(session, edition, text)
    await session.flush()


async def one_day(session: Session, edition: Edition, text: str) -> date:
    """Read one day in words. Raises DateNotUnderstood."""
    match read_deadlines(text, await reading(session, edition)):
        case (Window(start=start, end=end),) if start == end:
            return end
    raise DateNotUnderstood


async def undate(session: Session, edition: Edition, row: Activity) -> None:
    """Say that a row has no date of its own: it is asked about once a quarter. Raises NotADraft."""
    drafts.still_draft(edition)
    row.deadlines = [deadline_to_json(Undated(row.deadline_text))]
    await session.flush()


async def read_anew(
    session: Session, place: Organisation, *, now: datetime, person: Person | None = None
) -> int:
    """Read what depends on school terms anew in every open draft of a municipality.

    Gives how many rows have other dates now; ``person`` is who has set the terms, for their colleagues.
    """
    found = 0
    for edition in await drafts.open_drafts(session, place.path):
        rows = await read_draft_anew(session, edition)
        found += len(rows)
        if person is not None:
            for row in rows:
                await editing.changed(session, edition, person, What.DEADLINE, now=now, row=row.id)
    return found


async def read_draft_anew(session: Session, edition: Edition) -> list[Activity]:
    """Read the rows of one draft anew that depend on school terms; give those that have other dates now.

    They are those not understood, and new ones that were read with other terms. Raises NotADraft.
    """
    drafts.still_draft(edition)
    known = await reading(session, edition)
    if not known.terms:
        return []
    changed: list[Activity] = []
    for row in await drafts.activities(session, edition):
        found = _by_terms(row.deadline_text, row.deadlines, known)
        # What an order leaves as it was keeps the dates it was approved with.
        if found is not None and (row.previous_id is None or _lacks(row.deadlines)):
            row.deadlines = found
            changed.append(row)
    if edition.duties:
        edition.duties = [
            {**one, "deadline": _by_terms(one["deadline_text"], one["deadline"], known) or one["deadline"]}
            for one in edition.duties
        ]
    await session.flush()
    return changed


def _by_terms(text: str, kept: list[dict[str, Any]], known: Reading) -> list[dict[str, Any]] | None:
    """Give what a phrase means by the terms known now; None where they change nothing of what is kept."""
    if all(one["kind"] == UNDATED for one in kept):
        return None  # no deadline, or the approver said that there is none
    found = [deadline_to_json(one) for one in read_deadlines(text, known)]
    if found == kept or _lacks(found):
        return None
    without = [deadline_to_json(one) for one in read_deadlines(text, replace(known, terms=()))]
    return found if found != without else None


def _lacks(deadlines: Iterable[dict[str, Any]]) -> bool:
    return any(one["kind"] == UNKNOWN for one in deadlines)
