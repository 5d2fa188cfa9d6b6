"""The municipality's own school terms: kept by year, and drafts read anew with them."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from models import Session
from models.database import Database
from models.letters import AuditEntry
from models.machinery import Rule
from models.roadmaps import Activity, Edition
from plans.deadline import Deadline, SchoolTerm, Undated, Unknown, Window
from plans.deadlines import read_deadlines
from plans.plan import Document, Plan, Row
from plans.school_terms import Wrong, recommended_terms
from services import corrections, drafts, duties, rules
from services.rules import TermsRefused
from tests.services.plan import NOW, Made, found

TERMS = (
    SchoolTerm(date(2026, 9, 1), date(2026, 10, 25)),
    SchoolTerm(date(2026, 11, 2), date(2026, 12, 28)),
    SchoolTerm(date(2027, 1, 11), date(2027, 3, 26)),
    SchoolTerm(date(2027, 4, 5), date(2027, 5, 26)),
)
LATER = (SchoolTerm(date(2026, 9, 1), date(2026, 10, 30)), *TERMS[1:])


def row(number: str, text: str, *deadlines: Deadline) -> Row:
    return Row(number, None, f"Дело {number}", text, deadlines or (Unknown(text),), ("ОО",), "ОО", None, ())


async def draft(session: Session, made: Made, *rows: Row, offered: tuple[Row, ...] = ()) -> Edition:
    """Store a plan for 2026/2027 as a draft."""
    head = Document(
        "План", date=date(2026, 9, 1), period_start=date(2026, 9, 1), period_end=date(2027, 5, 31)
    )
    plan = Plan(head, rows, offered)
    return await drafts.store(session, plan, owner=made.place, source=drafts.Source("plan.txt"), now=NOW)


async def ends(session: Session) -> dict[str, Any]:
    """Give the end of each row's first deadline by its number."""
    activities = await session.scalars(select(Activity).order_by(Activity.ordinal))
    return {one.number or "": one.deadlines[0].get("end") or one.deadlines[0]["kind"] for one in activities}


async def set_terms(session: Session, terms: tuple[SchoolTerm, ...] = TERMS, year: int = 2026) -> None:
    await rules.set_school_terms(session, year, terms, source="приказ № 5", now=NOW)


async def test_terms_are_kept_by_year_with_their_source_and_an_entry_in_the_journal(
    database: Database,
) -> None:
    async with database.writing() as session:
        made = await found(session)
        assert await rules.school_terms(session) == {}
        await set_terms(session)
        await rules.set_school_terms(
            session, 2025, recommended_terms(2025), source="письмо", now=NOW, person=made.administrator
        )
        await set_terms(session, LATER)
        administrator = made.administrator.id
    async with database.reading() as session:
        assert await rules.school_terms(session) == {2026: LATER, 2025: recommended_terms(2025)}
        assert (await session.get_one(Rule, "school_terms")).source == "приказ № 5"
        entries = await session.scalars(select(AuditEntry).where(AuditEntry.subject == "school_terms"))
        assert [(one.action, one.subject_id, one.person_id) for one in entries] == [
            ("set", 2026, None),
            ("set", 2025, administrator),
            ("set", 2026, None),
        ]
        assert (await rules.control_rules(session)) == (type(await rules.control_rules(session))())


def test_terms_nobody_can_read_are_refused_with_the_facts() -> None:
    with pytest.raises(TermsRefused) as refused:
        rules.written_terms("2026/2027: 1.09–25.10")
    assert (refused.value.facts.wrong, refused.value.facts.found) == (Wrong.NUMBER, 1)


async def test_rows_that_were_not_understood_are_read_anew_and_no_others(database: Database) -> None:
    dated = Window(date(2026, 9, 1), date(2026, 9, 15))
    async with database.writing() as session:
        made = await found(session)
        await draft(
            session,
            made,
            row("1.", "1 четверть 2026/2027 учебного года"),
            row("2.", "осенние каникулы"),
            row("3.", "когда рак на горе свистнет"),
            row("4.", "до 15 сентября", dated),
            row("5.", "2 четверть", Undated("2 четверть")),  # the approver said so
        )
        assert await corrections.read_anew(session, made.place, now=NOW) == 0
        await set_terms(session)
        assert await corrections.read_anew(session, made.place, now=NOW) == 2
        assert await corrections.read_anew(session, made.place, now=NOW) == 0
    async with database.reading() as session:
        assert await ends(session) == {
            "1.": "2026-10-25",
            "2.": "2026-11-01",
            "3.": "unknown",
            "4.": "2026-09-15",
            "5.": "undated",
        }


async def test_terms_set_again_move_the_rows_that_were_read_with_the_former_ones(database: Database) -> None:
    async with database.writing() as session:
        made = await found(session)
        await draft(session, made, row("1.", "1 четверть"), row("2.", "2 четверть"))
        await set_terms(session)
        assert await corrections.read_anew(session, made.place, now=NOW) == 2
        await set_terms(session, LATER)
        assert await corrections.read_anew(session, made.place, now=NOW) == 1
    async with database.reading() as session:
        assert await ends(session) == {"1.": "2026-10-30", "2.": "2026-12-28"}


async def test_only_open_drafts_of_the_municipality_are_read_anew(database: Database) -> None:
    async with database.writing() as session:
        made = await found(session)
        other = await found(session, "Соседний район", first_id=50)
        put_aside = await draft(session, made, row("1.", "1 четверть"))
        await drafts.discard(session, put_aside, person=made.administrator, now=NOW)
        await draft(session, other, row("2.", "1 четверть"))
        await set_terms(session)
        assert await corrections.read_anew(session, made.place, now=NOW) == 0
        assert await corrections.read_anew(session, other.place, now=NOW) == 1
    async with database.reading() as session:
        assert await ends(session) == {"1.": "unknown", "2.": "2026-10-25"}


async def test_a_point_of_the_orders_text_is_read_anew_before_it_is_taken_into_the_plan(
    database: Database,
) -> None:
    async with database.writing() as session:
        made = await found(session)
        edition = await draft(session, made, offered=(row("2.", "до конца 1 четверти"),))
        await set_terms(session)
        assert await corrections.read_anew(session, made.place, now=NOW) == 0  # no row of the plan
        await duties.add(session, edition, 0)
    async with database.reading() as session:
        assert await ends(session) == {"2.": "2026-10-25"}


async def test_a_correction_is_read_with_the_terms(database: Database) -> None:
    async with database.writing() as session:
        made = await found(session)
        edition = await draft(session, made, row("1.", "осенью"))
        await set_terms(session)
        assert read_deadlines("весенние каникулы", await corrections.reading(session, edition)) == (
            Window(date(2027, 3, 27), date(2027, 4, 4)),
        )
