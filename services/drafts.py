"""Drafts of editions: what was read from an order, kept until it is approved or discarded."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, func, select, update

from models import Session
from models.organisations import Organisation
from models.people import Person
from models.roadmaps import (
    Activity,
    ActivityParty,
    Duty,
    Edition,
    EditionState,
    Party,
    PartyMember,
    PastDate,
    Roadmap,
    Section,
)
from plans.deadline_json import deadline_from_json, deadline_to_json
from plans.plan import Comparison, Plan, Row, Target
from plans.plan_json import amendment_to_json, row_to_json
from services import audit
from services.parties import suggest
from services.refusals import Refusal

NOBODY = ""  # the party of a row whose executor the order does not name


class NotADraft(Refusal):
    """The edition was approved or discarded meanwhile."""


@dataclass(frozen=True)
class DraftHead:
    """The head of a draft and how much it holds."""

    edition_id: int
    title: str
    issuer: str | None
    number: str | None
    dated: str | None
    period: tuple[str, str] | None
    time_zone: str
    rows: int
    shared_rows: int
    remarks: tuple[dict[str, Any], ...]
    source_name: str
    ordinal: int
    controller: str | None
    duties: int
    amended: str | None
    has_source: bool


@dataclass(frozen=True)
class Source:
    """Where a plan was read from: the file's name, Telegram's id of it, its bytes in our store."""

    name: str
    file_id: str | None = None
    stored_file_id: int | None = None


async def store(
    session: Session,
    plan: Plan,
    *,
    owner: Organisation,
    source: Source,
    now: datetime,
) -> Edition:
    """Keep a plan as the first edition of a new roadmap, to be approved by a person."""
    head = plan.document
    roadmap = Roadmap(
        owner_id=owner.id,
        title=head.title or source.name,
        issuer=head.issuer,
        number=head.number,
        dated=head.date,
        period_start=head.period_start,
        period_end=head.period_end,
        time_zone=head.region_timezone or owner.time_zone,
        created_at=now,
    )
    session.add(roadmap)
    await session.flush()
    edition = Edition(
        roadmap_id=roadmap.id,
        ordinal=1,
        issuer=head.issuer,
        number=head.number,
        dated=head.date,
        period_start=head.period_start,
        period_end=head.period_end,
        state=EditionState.DRAFT,
        source_id=source.stored_file_id,
        source_name=source.name[:300],
        source_file_id=source.file_id,
        controller=head.controller,
        amends=_amends(plan),
        duties=[row_to_json(row) for row in plan.duties] or None,
        remarks=remarks_of(plan),
        created_at=now,
    )
    session.add(edition)
    await session.flush()
    await write_rows(session, edition, plan.rows)
    await suggest(session, edition, owner)
    return edition


def _amends(plan: Plan) -> dict[str, Any] | None:
    """Keep what an amending order says with its own rows: the draft will hold those of the whole plan."""
    if plan.amends is None:
        return None
    return amendment_to_json(plan.amends) | {"rows": [row_to_json(row) for row in plan.rows]}


def remarks_of(plan: Plan) -> list[dict[str, Any]]:
    """Give the linter's remarks as they are kept."""
    return [{"row": remark.row, "code": remark.code, "facts": dict(remark.facts)} for remark in plan.remarks]


async def write_rows(
    session: Session, edition: Edition, rows: Sequence[Row], *, after: int = 0
) -> list[Activity]:
    """Write rows of an edition with their sections and parties, in their order, below ``after`` others."""
    sections = await _sections(session, edition, rows)
    parties = await _parties(session, edition, rows)
    made: list[Activity] = []
    for ordinal, row in enumerate(rows, start=after + 1):
        activity = _activity(edition, ordinal, row)
        activity.section_id = sections.get(row.section)
        session.add(activity)
        await session.flush()
        for place, party in enumerate(dict.fromkeys(parties[name] for name in _named(row))):
            session.add(ActivityParty(activity_id=activity.id, ordinal=place, party_id=party))
        made.append(activity)
    await session.flush()
    return made


def _named(row: Row) -> tuple[str, ...]:
    return row.responsible or (NOBODY,)


async def _sections(session: Session, edition: Edition, rows: Sequence[Row]) -> dict[str | None, int]:
    ids: dict[str | None, int] = {}
    for row in rows:
        if row.section is not None and row.section not in ids:
            section = Section(edition_id=edition.id, ordinal=len(ids) + 1, title=row.section)
            session.add(section)
            await session.flush()
            ids[row.section] = section.id
    return ids


async def _parties(session: Session, edition: Edition, rows: Sequence[Row]) -> dict[str, int]:
    """Store each distinct party once; case does not make another party."""
    ids: dict[str, int] = {}
    known = await session.scalars(select(Party).where(Party.edition_id == edition.id))
    by_word = {party.name.casefold(): party.id for party in known}
    for name in dict.fromkeys(name for row in rows for name in _named(row)):
        word = name.casefold()
        if word not in by_word:
            party = Party(edition_id=edition.id, name=name[:500], all_schools=False)
            session.add(party)
            await session.flush()
            by_word[word] = party.id
        ids[name] = by_word[word]
    return ids


def _activity(edition: Edition, ordinal: int, row: Row) -> Activity:
    return Activity(
        edition_id=edition.id,
        ordinal=ordinal,
        number=row.number,
        title=row.title,
        deadline_text=row.deadline_text,
        deadlines=[deadline_to_json(deadline) for deadline in row.deadlines],
        responsible_text=row.responsible_text,
        expected_result=row.expected_result,
        targets=[asdict(target) for target in row.targets],
        notes=dict(row.notes),
        duty=Duty.EACH,
    )


async def rows_of(session: Session, edition: Edition) -> list[Row]:
    """Give the rows of an edition as values, as corrected."""
    titles = await session.scalars(select(Section).where(Section.edition_id == edition.id))
    sections = {section.id: section.title for section in titles}
    named = await named_parties(session, edition)
    return [
        Row(
            number=activity.number,
            section=sections.get(activity.section_id) if activity.section_id else None,
            title=activity.title,
            deadline_text=activity.deadline_text,
            deadlines=tuple(deadline_from_json(one) for one in activity.deadlines),
            responsible=tuple(party.name for party in named.get(activity.id, ()) if party.name != NOBODY),
            responsible_text=activity.responsible_text,
            expected_result=activity.expected_result,
            targets=tuple(
                Target(Comparison(one["op"]), one["value"], one["unit"], one["of"])
                for one in activity.targets
            ),
            notes=MappingProxyType(dict(activity.notes)),
        )
        for activity in await activities(session, edition)
    ]


async def named_parties(session: Session, edition: Edition) -> dict[int, list[Party]]:
    """Give the parties of each row by its id, in the printed order."""
    rows = await session.execute(
        select(ActivityParty.activity_id, Party)
        .join(Party, Party.id == ActivityParty.party_id)
        .where(Party.edition_id == edition.id)
        .order_by(ActivityParty.activity_id, ActivityParty.ordinal)
    )
    named: dict[int, list[Party]] = {}
    for activity_id, party in rows:
        named.setdefault(activity_id, []).append(party)
    return named


async def forget_rows(session: Session, edition: Edition) -> None:
    """Take every row of a draft away, with its parties and sections. Raises NotADraft."""
    still_draft(edition)
    rows = select(Activity.id).where(Activity.edition_id == edition.id)
    parties = select(Party.id).where(Party.edition_id == edition.id)
    for forgotten in (
        delete(ActivityParty).where(ActivityParty.activity_id.in_(rows)),
        delete(PastDate).where(PastDate.activity_id.in_(rows)),
        delete(PartyMember).where(PartyMember.party_id.in_(parties)),
        delete(Activity).where(Activity.edition_id == edition.id),
        delete(Party).where(Party.edition_id == edition.id),
        delete(Section).where(Section.edition_id == edition.id),
    ):
        await session.execute(forgotten)


async def roadmap_of(session: Session, edition: Edition) -> Roadmap:
    """Give the roadmap of an edition."""
    return await session.get_one(Roadmap, edition.roadmap_id)


async def head(session: Session, edition: Edition) -> DraftHead:
    """Give the head of a draft for its preview."""
    roadmap = await roadmap_of(session, edition)
    rows = await session.scalar(select(func.count(Activity.id)).where(Activity.edition_id == edition.id))
    period = None
    if edition.period_start and edition.period_end:
        period = (edition.period_start.isoformat(), edition.period_end.isoformat())
    return DraftHead(
        edition_id=edition.id,
        title=roadmap.title,
        issuer=edition.issuer,
        number=edition.number,
        dated=edition.dated.isoformat() if edition.dated else None,
        period=period,
        time_zone=roadmap.time_zone,
        rows=rows or 0,
        shared_rows=len(await shared_activities(session, edition)),
        remarks=tuple(edition.remarks),
        source_name=edition.source_name,
        ordinal=edition.ordinal,
        controller=edition.controller,
        duties=len(edition.duties or ()),
        amended=roadmap.title if edition.base_id is not None else None,
        has_source=edition.source_file_id is not None,
    )


async def shared_activities(session: Session, edition: Edition) -> list[int]:
    """List the ids of the rows that name several parties."""
    found = await session.scalars(
        select(Activity.id)
        .join(ActivityParty, ActivityParty.activity_id == Activity.id)
        .where(Activity.edition_id == edition.id)
        .group_by(Activity.id)
        .having(func.count(ActivityParty.party_id) > 1)
    )
    return list(found)


async def activities(session: Session, edition: Edition) -> list[Activity]:
    """List the rows of an edition in the printed order."""
    found = await session.scalars(
        select(Activity).where(Activity.edition_id == edition.id).order_by(Activity.ordinal)
    )
    return list(found)


async def set_duty(session: Session, edition: Edition, duty: Duty, *, activity_id: int | None = None) -> None:
    """Say how several executors of a row (or of every such row) share it. Raises NotADraft."""
    still_draft(edition)
    ids = [activity_id] if activity_id is not None else await shared_activities(session, edition)
    await session.execute(
        update(Activity).where(Activity.edition_id == edition.id, Activity.id.in_(ids)).values(duty=duty)
    )


async def discard(session: Session, edition: Edition, *, person: Person, now: datetime) -> None:
    """Put a draft aside. Raises NotADraft."""
    still_draft(edition)
    edition.state = EditionState.DISCARDED
    audit.record(
        session,
        now=now,
        action="discarded",
        subject="edition",
        subject_id=edition.id,
        person_id=person.id,
    )


def still_draft(edition: Edition) -> None:
    """Refuse to change an edition that is no draft any more. Raises NotADraft."""
    if edition.state is not EditionState.DRAFT:
        raise NotADraft


async def open_drafts(session: Session, owner_path: str) -> list[Edition]:
    """List the drafts of a municipality, the newest first."""
    found = await session.scalars(
        select(Edition)
        .join(Roadmap, Roadmap.id == Edition.roadmap_id)
        .join(Organisation, Organisation.id == Roadmap.owner_id)
        .where(
            Edition.state == EditionState.DRAFT,
            Organisation.path.startswith(owner_path, autoescape=True),
        )
        .order_by(Edition.id.desc())
    )
    return list(found)
