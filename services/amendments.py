"""Amendments: an order's draft becomes the next edition of the roadmap it changes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import delete, func, select

from models import Session
from models.organisations import Organisation
from models.roadmaps import Activity, Edition, Party, PartyMember, Roadmap
from plans.amending import NextEdition, next_edition
from plans.deadlines import read_deadlines
from plans.plan import Change
from plans.plan_json import amendment_from_json, row_from_json
from services import corrections, drafts, editions, parties
from services.refusals import NotFound

ALIKE = 85  # per cent of likeness of two titles at which a plan may be another edition of one in force
CARRIED = ("title", "deadline_text", "responsible_text", "expected_result", "number")


class Asking(StrEnum):
    """Codes of remarks that wait for the approver's answer."""

    AMENDS_UNKNOWN = "amends_unknown"
    NEW_EDITION = "new_edition"
    UNPLACED_CHANGE = "unplaced_change"
    UNWORDED_CHANGE = "unworded_change"


class DifferenceKind(StrEnum):
    """What a draft of an amending order does to a row."""

    ADDED = "added"
    CHANGED = "changed"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Difference:
    """A row before and after; ``fields`` names what of it differs."""

    kind: DifferenceKind
    before: Activity | None
    after: Activity | None
    fields: tuple[str, ...] = ()


async def settle(session: Session, edition: Edition, owner: Organisation) -> None:
    """Let a fresh draft find the roadmap it amends; where it cannot, a remark asks the approver."""
    known = await editions.roadmaps(session, owner)
    if edition.amends is not None:
        found = await _named(session, owner, edition.amends["document"])
        if found is not None:
            await rebase(session, edition, found)
        else:
            _ask(edition, Asking.AMENDS_UNKNOWN, **_facts(edition.amends["document"]))
        return
    own = await drafts.roadmap_of(session, edition)
    alike = [one for one in known if fuzz.ratio(_plain(one.title), _plain(own.title)) >= ALIKE]
    if alike:
        _ask(edition, Asking.NEW_EDITION, title=alike[0].title)


def _facts(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: document[key] for key in ("number", "date") if document.get(key)}


def _ask(edition: Edition, code: Asking, **facts: Any) -> None:
    edition.remarks = [*edition.remarks, {"row": facts.pop("row", None), "code": code.value, "facts": facts}]


async def _named(session: Session, owner: Organisation, document: Mapping[str, Any]) -> Roadmap | None:
    """Find the one roadmap of which an approved edition has the number and date an order names."""
    dated = date.fromisoformat(document["date"]) if document.get("date") else None
    found: dict[int, Roadmap] = {}
    for roadmap in await editions.roadmaps(session, owner):
        for approved in await editions.approved(session, roadmap.id):
            same_number = _plain(approved.number or "") == _plain(document.get("number") or "")
            if approved.number and same_number and approved.dated == dated:
                found[roadmap.id] = roadmap
    return next(iter(found.values())) if len(found) == 1 else None


def _plain(words: str) -> str:
    return re.sub(r"[\W_]+", " ", words.casefold()).strip()


async def candidates(session: Session, edition: Edition) -> list[Roadmap]:
    """List the roadmaps in force that a draft may amend."""
    own = await drafts.roadmap_of(session, edition)
    owner = await session.get_one(Organisation, own.owner_id)
    return [one for one in await editions.roadmaps(session, owner) if one.id != own.id]


async def accept_remark(session: Session, edition: Edition, place: int) -> None:
    """Accept a remark that waits for an answer, as it is. Raises NotADraft, NotFound."""
    drafts.still_draft(edition)
    if not 0 <= place < len(edition.remarks):
        raise NotFound
    edition.remarks = [
        {**remark, "accepted": True} if number == place else remark
        for number, remark in enumerate(edition.remarks)
    ]
    await session.flush()


async def rebase(session: Session, edition: Edition, roadmap: Roadmap) -> None:
    """Put a draft under a roadmap, as the edition after the one in force. Raises NotADraft, NotFound.

    What the approver has said of unchanged rows and of parties in the edition before is taken over.
    """
    drafts.still_draft(edition)
    base = await editions.in_force(session, roadmap.id)
    if base is None:
        raise NotFound
    before = await drafts.activities(session, base)
    own = [] if _changes(edition) else await drafts.activities(session, edition)
    made = await _next(session, edition, base)
    provisional = await drafts.roadmap_of(session, edition)
    await drafts.forget_rows(session, edition)
    edition.ordinal = await editions.next_ordinal(session, roadmap.id)
    edition.roadmap_id, edition.base_id = roadmap.id, base.id
    edition.period_start = base.period_start if edition.period_start is None else edition.period_start
    edition.period_end = base.period_end if edition.period_end is None else edition.period_end
    edition.remarks = _without_questions(edition)
    for change in made.unplaced:
        _ask(edition, Asking.UNPLACED_CHANGE, row=change.number, op=change.op.value)
    for change in made.unworded:
        _ask(edition, Asking.UNWORDED_CHANGE, row=change.number)
    await session.flush()
    await _forget_provisional(session, provisional, roadmap)
    rows = await drafts.write_rows(session, edition, [one.row for one in made.rows])
    for activity, placed in zip(rows, made.rows, strict=True):
        if placed.before is not None:
            activity.previous_id = before[placed.before].id
            _carry(before[placed.before], activity)
    _keep_corrections(edition, own, rows)
    await _carry_parties(session, base, edition)
    await session.flush()
    await parties.suggest(session, edition, await session.get_one(Organisation, roadmap.owner_id))


def _changes(edition: Edition) -> tuple[Change, ...]:
    """Give the changes of an order that speaks of single rows; () where it is a whole new edition."""
    return amendment_from_json(edition.amends).changes if edition.amends is not None else ()


def _keep_corrections(edition: Edition, own: Sequence[Activity], rows: Sequence[Activity]) -> None:
    """Let the rows of a whole new edition keep what was corrected before it was known what it amends."""
    for old, new in zip(own, rows, strict=False):
        new.printed = old.printed or new.printed
        new.anchor_on = old.anchor_on or new.anchor_on
    renamed = {old.id: new.id for old, new in zip(own, rows, strict=False)}
    edition.duties = [
        {**duty, "added": renamed[duty["added"]]} if duty.get("added") in renamed else duty
        for duty in edition.duties or ()
    ] or None


def _without_questions(edition: Edition) -> list[dict[str, Any]]:
    """Leave the linter's remarks about rows; what an amending order does not say it need not say."""
    whole = not _changes(edition)
    codes = set(Asking)
    return [one for one in edition.remarks if one["code"] not in codes and (whole or one["row"] is not None)]


async def _next(session: Session, edition: Edition, base: Edition) -> NextEdition:
    """Apply what the order says to the rows in force; its dates are read against the plan's period."""
    before = await drafts.rows_of(session, base)
    changes = _changes(edition)
    order = await drafts.rows_of(session, edition)
    if changes and edition.amends is not None:
        edition.period_start, edition.period_end = base.period_start, base.period_end
        reading = await corrections.reading(session, base)
        order = [
            replace(row, deadlines=read_deadlines(row.deadline_text, reading)) if row.deadline_text else row
            for row in map(row_from_json, edition.amends["rows"])
        ]
    return next_edition(before, order, changes)


async def _forget_provisional(session: Session, provisional: Roadmap, roadmap: Roadmap) -> None:
    """Forget the roadmap a draft was stored under before it was known what it amends."""
    if provisional.id == roadmap.id:
        return
    left = await session.scalar(select(func.count(Edition.id)).where(Edition.roadmap_id == provisional.id))
    if not left:
        await session.execute(delete(Roadmap).where(Roadmap.id == provisional.id))


def printed(activity: Activity, field: str) -> str | None:
    """Give a text of a row as its order prints it, corrected or not."""
    value: str | None = (activity.printed or {}).get(field, getattr(activity, field))
    return value


def _carry(old: Activity, new: Activity) -> None:
    """Take over what the approver said of a row whose words the order leaves as they were."""
    new.duty = old.duty
    if all(printed(new, field) in (printed(old, field), getattr(old, field)) for field in CARRIED):
        for field in CARRIED:
            setattr(new, field, getattr(old, field))
        new.printed, new.deadlines, new.targets = old.printed, old.deadlines, old.targets
    if new.deadlines == old.deadlines:
        new.anchor_on = old.anchor_on


async def _carry_parties(session: Session, base: Edition, edition: Edition) -> None:
    """Let parties of the same words mean what they meant."""
    meant = {
        party.name.casefold(): party
        for party in await session.scalars(select(Party).where(Party.edition_id == base.id))
    }
    for party in await session.scalars(select(Party).where(Party.edition_id == edition.id)):
        known = meant.get(party.name.casefold())
        if known is None:
            continue
        party.all_schools = known.all_schools
        members = await session.scalars(
            select(PartyMember.organisation_id).where(PartyMember.party_id == known.id)
        )
        session.add_all([PartyMember(party_id=party.id, organisation_id=place) for place in list(members)])
    await session.flush()


async def separate(session: Session, edition: Edition) -> None:
    """Say that a draft is a plan of its own after all. Raises NotADraft."""
    drafts.still_draft(edition)
    for place, remark in enumerate(edition.remarks):
        if remark["code"] in (Asking.NEW_EDITION, Asking.AMENDS_UNKNOWN):
            await accept_remark(session, edition, place)


async def differences(session: Session, edition: Edition) -> list[Difference]:
    """List row by row what a draft of an amending order (or an approved one) changes."""
    if edition.base_id is None:
        return []
    base = await session.get_one(Edition, edition.base_id)
    old = {activity.id: activity for activity in await drafts.activities(session, base)}
    new = await drafts.activities(session, edition)
    found = [_difference(old.get(one.previous_id or 0), one) for one in new]
    kept = {one.previous_id for one in new}
    dropped = [Difference(DifferenceKind.DROPPED, one, None) for one in old.values() if one.id not in kept]
    return [*(one for one in found if one is not None), *dropped]


def _difference(before: Activity | None, after: Activity) -> Difference | None:
    if before is None:
        return Difference(DifferenceKind.ADDED, None, after)
    fields = tuple(field for field in CARRIED if getattr(before, field) != getattr(after, field))
    return Difference(DifferenceKind.CHANGED, before, after, fields) if fields else None


async def link(session: Session, edition: Edition, row: Activity, previous: int | None) -> None:
    """Say which row of the edition before a row is (None: it is new). Raises NotADraft, NotFound."""
    drafts.still_draft(edition)
    if previous is not None:
        old = await session.get(Activity, previous)
        taken = await session.scalar(
            select(Activity.id).where(
                Activity.edition_id == edition.id, Activity.previous_id == previous, Activity.id != row.id
            )
        )
        if old is None or old.edition_id != edition.base_id or taken is not None:
            raise NotFound
    row.previous_id = previous
    await session.flush()
