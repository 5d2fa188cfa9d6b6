"""Order in, plan out: the one way from a file's bytes to a plan."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache, partial

from plans.abbreviations import printed_abbreviations
from plans.amendment import read_amendment, says_change
from plans.controller import read_controller
from plans.deadline import Deadline, Reading
from plans.deadlines import latest_dated_end, read_deadlines
from plans.duties import read_duties
from plans.flat import with_flat_table
from plans.formats import read_grid
from plans.grid import Grid
from plans.head import read_head
from plans.headings import Role
from plans.linter import lint
from plans.months_across import with_dates_in_words
from plans.new_wording import rows_in_words
from plans.parties import part_missing_commas, split_parties
from plans.plan import Amendment, Document, NotAnOrder, Plan, Row
from plans.school_terms import NONE_OWN, Terms, known_terms, terms_of_period
from plans.table import read_rows, texts_before_table
from plans.table_reader import Draft
from plans.targets import read_targets

SUMMER = 8  # a school year begins after the months before this one


def read_plan(data: bytes, name: str, terms: Terms = NONE_OWN) -> Plan:
    """Read an order. Raises the PlanErrors: what the file is not, and nothing is guessed.

    ``terms`` are the municipality's own school terms; they come before the recommended ones.
    """
    grid = with_dates_in_words(read_grid(data, name))
    amends = read_amendment(grid)
    grid = with_flat_table(grid, lists=amends is None)
    drafts = read_rows(grid) if amends is None else _amended_rows(grid, amends)
    parties = part_missing_commas(split_parties(draft.cells.get(Role.RESPONSIBLE, "")) for draft in drafts)
    head = read_head(grid, [party for row in parties for party in row])
    head = replace(head, controller=read_controller(grid))
    head = _with_period(head, [draft.cells.get(Role.DEADLINE, "") for draft in drafts], terms)
    reading = reading_of(head, terms)
    dated = cache(partial(read_deadlines, reading=reading))  # many rows share a phrase
    rows = tuple(_row(draft, named, dated) for draft, named in zip(drafts, parties, strict=True))
    plan = Plan(head, rows, _duties(grid, reading, amends), amends)
    return replace(plan, remarks=lint(plan, grid.everything, printed_abbreviations(grid)))


def _amended_rows(grid: Grid, amends: Amendment) -> list[Draft]:
    """Read the rows an amending order words anew; it may only drop points or change words of them."""
    try:
        drafts = read_rows(grid)
    except NotAnOrder:
        if not amends.changes:
            raise
        drafts = []
    known = {draft.cells.get(Role.NUMBER, "").rstrip(".)") for draft in drafts}
    worded = rows_in_words(grid, amends)
    return drafts + [draft for draft in worded if draft.cells[Role.NUMBER].rstrip(".)") not in known]


def _with_period(head: Document, texts: Sequence[str], terms: Terms) -> Document:
    """Let a plan that prints no period run from its order's date to its latest dated deadline."""
    if head.period_end is not None or head.date is None:
        return head
    known = tuple(term for year, found in sorted(known_terms(terms).items()) for term in found)
    end = latest_dated_end(texts, Reading(document_date=head.date, terms=known))
    return replace(head, period_start=head.date, period_end=end) if end and end >= head.date else head


def reading_of(head: Document, terms: Terms = NONE_OWN) -> Reading:
    """Give what the dates of a plan are read against; ``terms`` are the municipality's own."""
    start, end = head.period_start, head.period_end
    return Reading(start, end, _school_year(start, end), head.date, terms_of_period(start, end, terms))


def _school_year(start: date | None, end: date | None) -> int | None:
    if start is None or end is None or end.year != start.year + 1:
        return None
    return start.year if start.month >= SUMMER and end.month <= SUMMER else None


def _row(draft: Draft, named: tuple[str, ...], dated: Callable[[str], tuple[Deadline, ...]]) -> Row:
    text = draft.cells.get(Role.DEADLINE, "")
    result = draft.cells.get(Role.RESULT)
    return Row(
        number=draft.cells.get(Role.NUMBER),
        section=draft.section,
        title=draft.cells.get(Role.TITLE, ""),
        deadline_text=text,
        deadlines=dated(text) if text else (),
        responsible=named,
        responsible_text=draft.cells.get(Role.RESPONSIBLE, ""),
        expected_result=result,
        targets=read_targets(result),
        notes=draft.notes,
    )


def _duties(grid: Grid, reading: Reading, amends: Amendment | None) -> tuple[Row, ...]:
    """Read the dated points of an order; a new wording inside an amending one is none of them."""
    return tuple(
        Row(
            number=duty.number,
            section=None,
            title=duty.text,
            deadline_text=duty.date,
            deadlines=read_deadlines(duty.date, reading),
            responsible=split_parties(duty.responsible),
            responsible_text=duty.responsible,
            expected_result=None,
            targets=(),
        )
        for duty in read_duties(texts_before_table(grid))
        if amends is None or not says_change(duty.text)
    )
