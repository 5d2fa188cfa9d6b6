"""The municipality's own calendar, school terms and control rules, over the defaults."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime

from sqlalchemy import select

from models import Session
from models.machinery import CalendarDay, Rule
from models.people import Person
from plans.calendar import WorkingCalendar
from plans.control import ControlRules
from plans.deadline import SchoolTerm
from plans.school_terms import (
    Terms,
    TermsNotRead,
    WrittenTerms,
    read_written_terms,
    terms_from_json,
    terms_to_json,
)
from services import audit
from services.refusals import Refusal

SCHOOL_TERMS = "school_terms"


class TermsRefused(Refusal):
    """The words do not say the terms of a school year; ``facts`` say what is wrong with them."""

    def __init__(self, facts: TermsNotRead) -> None:
        super().__init__(facts.wrong)
        self.facts = facts


async def calendar(session: Session) -> WorkingCalendar:
    """Give the production calendar with the overrides of this municipality."""
    days = await session.scalars(select(CalendarDay))
    return WorkingCalendar(overrides={day.day: day.working for day in days})


async def control_rules(session: Session) -> ControlRules:
    """Give the control rules; a row of ``rules`` named like a field overrides its default."""
    names = {field.name for field in fields(ControlRules)}
    rows = await session.scalars(select(Rule).where(Rule.name.in_(names)))
    return replace(ControlRules(), **{row.name: row.value["value"] for row in rows})


async def school_terms(session: Session) -> Terms:
    """Give the school terms this municipality has set itself, by the first calendar year."""
    kept = await session.get(Rule, SCHOOL_TERMS)
    return terms_from_json(kept.value) if kept is not None else {}


def written_terms(text: str) -> WrittenTerms:
    """Read the terms of one school year as a person typed them. Raises TermsRefused."""
    try:
        return read_written_terms(text)
    except TermsNotRead as facts:
        raise TermsRefused(facts) from facts


async def set_school_terms(
    session: Session,
    year: int,
    terms: Sequence[SchoolTerm],
    *,
    source: str,
    now: datetime,
    person: Person | None = None,
) -> None:
    """Keep the terms of the school year that begins in ``year``; ``source`` is where they come from."""
    value = terms_to_json({year: tuple(terms)})
    kept = await session.get(Rule, SCHOOL_TERMS, with_for_update=True, populate_existing=True)
    if kept is None:
        session.add(Rule(name=SCHOOL_TERMS, value=value, source=source))
    else:
        kept.value, kept.source = {**kept.value, **value}, source
    audit.record(
        session,
        now=now,
        action="set",
        subject=SCHOOL_TERMS,
        subject_id=year,
        person_id=person.id if person is not None else None,
        terms=", ".join(f"{term.start.isoformat()}/{term.end.isoformat()}" for term in terms),
    )
    await session.flush()
