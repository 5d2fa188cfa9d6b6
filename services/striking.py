"""Striking out: somebody's own words, and the whole database searched for their traces.

Every text and every JSON column of every table is searched, a new one as well, but for the order's own words,
the names of places and seats, and codes that no person typed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Table, Text, cast, or_, select, true, update
from sqlalchemy.types import JSON, Enum, String

from models import Base, Session
from models.assignments import Appeal, Evidence, Passage, Report, Review
from models.letters import AuditEntry, Demand, Letter, LetterItem
from models.machinery import StoredUpdate, UpdateState, Work
from models.people import Person
from plans.traces import Eraser, Known, Words, emails_in, phones_in, same_name, single

BATCH = 1000  # rows looked through at once
OFFICIAL = frozenset({"organisations", "seats", "roadmaps", "sections", "activities", "parties"})
CODES = frozenset(
    {
        *("audit_entries.action", "audit_entries.subject", "consents.version", "erasures.facts"),
        *("digests.figures", "digests.week", "invitations.token_hash", "leases.name", "letter_items.step"),
        *("editions.amends", "editions.controller", "editions.duties", "editions.issuer"),
        *("editions.number", "editions.remarks", "editions.source_file_id"),
        *("evidence.file_id", "evidence.file_unique_id", "evidence.media_group_id", "evidence.media_type"),
        *("persons.name", "persons.unreachable_why", "rules.name", "stored_files.sha256"),
        *("stored_updates.fingerprint", "zone_rules.fingerprint", "zone_rules.zone"),
    }
)
COPIES = frozenset({"letters", "works"})  # of what is kept elsewhere: they are no records
RAW = StoredUpdate.__tablename__  # where the parts of a name stand apart


@dataclass(frozen=True)
class Own:
    """What is somebody's own, said in SQL: ``reports`` are those they wrote or added to."""

    person_id: int
    chat_id: int

    @property
    def reports(self) -> ColumnElement[bool]:
        """Say in SQL: this report is by them, or holds words or pieces of theirs."""
        return or_(
            Report.author_id == self.person_id,
            Report.id.in_(select(Passage.report_id).where(Passage.chat_id == self.chat_id)),
            Report.id.in_(select(Evidence.report_id).where(Evidence.chat_id == self.chat_id)),
        )

    @property
    def letters(self) -> ColumnElement[bool]:
        """Say in SQL: this letter is to them."""
        return or_(Letter.person_id == self.person_id, Letter.chat_id == self.chat_id)

    @property
    def letters_about(self) -> ColumnElement[bool]:
        """Say in SQL: this letter shows what they reported, asked for, demanded or answered."""
        reports = select(LetterItem.letter_id).join(Report, Report.id == LetterItem.report_id)
        appeals = select(Appeal.id).where(Appeal.author_id == self.person_id)
        demands = select(Demand.id).where(Demand.author_id == self.person_id)
        return or_(
            Letter.id.in_(reports.where(self.reports)),
            Letter.facts["appeal_id"].as_integer().in_(appeals),
            Letter.facts["demand_id"].as_integer().in_(demands),
            Letter.facts["person_id"].as_integer() == self.person_id,
        )

    def columns(self) -> list[tuple[Table, str, ColumnElement[bool]]]:
        """List (table, column, rows) of the words that are by them or about what they sent."""
        reports = select(Report.id).where(self.reports)
        appealed = or_(Appeal.author_id == self.person_id, Appeal.answered_by_id == self.person_id)
        reviewed = or_(Review.report_id.in_(reports), Review.reviewer_id == self.person_id)
        found: list[tuple[type[Base], str, ColumnElement[bool]]] = [
            (Report, "text", self.reports),
            (Passage, "text", Passage.report_id.in_(reports)),
            (Evidence, "file_name", Evidence.report_id.in_(reports)),
            (Review, "remark", reviewed),
            (Appeal, "text", appealed),
            (Appeal, "answer", appealed),
            (Demand, "text", Demand.author_id == self.person_id),
            (Demand, "grounds", Demand.author_id == self.person_id),
            (AuditEntry, "note", AuditEntry.person_id == self.person_id),
            (Work, "facts", Work.chat_id == self.chat_id),
            (Letter, "payload", self.letters_about),
            (Letter, "facts", self.letters_about),
        ]
        return [(Base.metadata.tables[table.__tablename__], name, rows) for table, name, rows in found]


async def eraser_of(session: Session, person: Person, own: Own, *, words: Words, number: int) -> Eraser:
    """Collect by what somebody can be recognised: their account, and what they wrote of themselves."""
    known = Known(frozenset({person.name}), numbers=frozenset({person.telegram_id, person.chat_id}))
    sent = (StoredUpdate.lane == own.chat_id, StoredUpdate.payload.is_not(None))
    for raw in await session.scalars(select(StoredUpdate.payload).where(*sent)):
        known = _seen_in(raw, person.telegram_id, known)
    for table, name, rows in own.columns():
        for value in await session.scalars(select(table.columns[name]).where(rows)):
            known = _written_in("\n".join(_strings(value)), known)
    others = await session.scalars(
        select(Person.name).where(Person.id != person.id, Person.erased_at.is_(None))
    )
    shared = any(same_name(person.name, other) for other in others)
    return Eraser(known, words, number, shared=shared)


def _seen_in(raw: Any, telegram_id: int, known: Known) -> Known:
    """Add what a raw update shows of its sender: the present name, the username, a shared phone, words."""
    if isinstance(raw, list):
        for one in raw:
            known = _seen_in(one, telegram_id, known)
    if not isinstance(raw, dict):
        return known
    if raw.get("id") == telegram_id and "first_name" in raw:
        name = " ".join(filter(None, (raw["first_name"], raw.get("last_name"))))
        known = replace(known, names=known.names | {name})
        if raw.get("username"):
            known = replace(known, usernames=known.usernames | {raw["username"]})
    said = " ".join(str(raw[key]) for key in ("text", "caption", "phone_number") if key in raw)
    known = _written_in(said, known)
    for one in raw.values():
        known = _seen_in(one, telegram_id, known)
    return known


def _strings(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value."""
    match value:
        case str():
            yield value
        case dict():
            for one in value.values():
                yield from _strings(one)
        case list():
            for one in value:
                yield from _strings(one)


def _written_in(text: str, known: Known) -> Known:
    return replace(known, phones=known.phones | phones_in(text), emails=known.emails | emails_in(text))


async def strike_own(session: Session, eraser: Eraser, own: Own) -> None:
    """Strike somebody out of their own records: single words of the name as well, and all phones."""
    for table, name, rows in own.columns():
        await _strike(session, eraser, table, [name], where=rows, own=True)


async def strike_everywhere(session: Session, eraser: Eraser) -> None:
    """Search the whole database for somebody's traces and strike them out."""
    one_word = any(map(single, eraser.known.names))
    for table in Base.metadata.sorted_tables:
        if names := searched(table):
            lone = table.name == RAW or (one_word and table.name in COPIES)
            await _strike(session, eraser, table, names, where=_searched_rows(table), lone=lone)


def searched(table: Table) -> list[str]:
    """List the columns of a table in which somebody may be named."""
    if table.name in OFFICIAL:
        return []
    return [
        column.key
        for column in table.columns
        if isinstance(column.type, String | JSON)
        and not isinstance(column.type, Enum)
        and f"{table.name}.{column.key}" not in CODES
    ]


def _searched_rows(table: Table) -> ColumnElement[bool]:
    """Leave out what is being handled right now: it is emptied within moments, and must be read till then."""
    return StoredUpdate.state != UpdateState.NEW if table.name == RAW else true()


async def _strike(
    session: Session,
    eraser: Eraser,
    table: Table,
    names: Sequence[str],
    *,
    where: ColumnElement[bool],
    lone: bool = False,
    own: bool = False,
) -> None:
    """Strike somebody out of columns of a table.

    Of what is not their ``own`` most rows hold no trace: they are asked as they are kept, and only those
    with one are read as values.
    """
    (key,) = table.primary_key.columns
    kept = [cast(table.columns[name], Text) for name in names]
    last: Any = None
    while True:
        rows = await session.execute(
            select(key, *kept).where(where, true() if last is None else key > last).order_by(key).limit(BATCH)
        )
        batch = rows.all()
        for number, *raws in batch:
            last = number
            if any(raw and (own or eraser.may_be_in(raw)) for raw in raws):
                await _strike_row(session, eraser, table, names, number, lone=lone or own, own=own)
        if len(batch) < BATCH:
            return


async def _strike_row(
    session: Session,
    eraser: Eraser,
    table: Table,
    names: Sequence[str],
    number: Any,
    *,
    lone: bool,
    own: bool,
) -> None:
    (key,) = table.primary_key.columns
    columns = [table.columns[name] for name in names]
    held = (await session.execute(select(*columns).where(key == number))).one()
    struck = {
        name: eraser.value(value, lone=lone, alike=own)
        for name, value in zip(names, held, strict=True)
        if value is not None
    }
    changed = {name: value for name, value in struck.items() if value != getattr(held, name)}
    if changed:
        await session.execute(update(table).where(key == number).values(changed))
