"""Figures: what a report says of its row's target, read from its words; nothing is averaged.

A percentage over organisations is the sum of numerators over the sum of denominators.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import delete, func, select
from sqlalchemy.orm import aliased

from models import Session
from models.assignments import Assignment, Figure, Report, ReportState
from models.roadmaps import Activity
from plans.answers.figures import FigureTrouble, SaidFigure, bare_number, check, read_figure, settled
from plans.plan import Comparison, Target
from services import passages

PERCENT = "%"


@dataclass(frozen=True)
class FigureView:
    """A target and what has been said of it.

    ``trouble`` says why the last words (``said``) cannot be; ``exact`` is False where the numerator was
    rounded from a percentage.
    """

    target: Target
    numerator: int | None = None
    denominator: int | None = None
    percent: Decimal | None = None
    exact: bool = True
    said: SaidFigure | None = None
    trouble: FigureTrouble | None = None

    @property
    def known(self) -> bool:
        """Tell whether both numbers are there."""
        return self.denominator is not None

    @property
    def waits_for_base(self) -> bool:
        """Tell whether a percentage was said without «от скольких»."""
        return self.percent is not None and self.denominator is None


@dataclass(frozen=True)
class Sum:
    """What the accepted reports of a row say together; ``organisations`` that gave a figure."""

    numerator: int
    denominator: int
    organisations: int

    @property
    def percent(self) -> Decimal:
        """The sum of numerators over the sum of denominators, in per cent."""
        return Decimal(100) * self.numerator / self.denominator


def asked(activity: Activity) -> tuple[int, Target] | None:
    """Give the target a report is asked a figure for, and its place: the first that is a percentage."""
    for place, one in enumerate(activity.targets):
        if one["unit"] == PERCENT:
            return place, Target(Comparison(one["op"]), one["value"], one["unit"], one["of"])
    return None


def read(texts: Sequence[str], target: Target) -> FigureView:
    """Read the figure from the words of a report in their order: the latest that can be is the one."""
    found = FigureView(target)
    for text in texts:
        said = _said(found, text)
        if said is None:
            continue
        trouble = check(said)
        found = replace(found, said=said, trouble=trouble) if trouble else _figure(target, said)
    return found


def _said(so_far: FigureView, text: str) -> SaidFigure | None:
    """Read a figure, or the answer to «от скольких?» where a percentage waits for it."""
    base = bare_number(text) if so_far.waits_for_base else None
    return SaidFigure(percent=so_far.percent, denominator=base) if base is not None else read_figure(text)


def _figure(target: Target, said: SaidFigure) -> FigureView:
    if said.percent is None or said.denominator is None:
        return FigureView(target, said.numerator, said.denominator, said.percent, said=said)
    counted = settled(said.percent, said.denominator)
    return FigureView(
        target, counted.numerator, said.denominator, said.percent, exact=counted.exact, said=said
    )


async def of(session: Session, report: Report) -> FigureView | None:
    """Give the figure of a report as its words say it; None where nothing is asked."""
    activity = await _activity(session, report)
    wanted = asked(activity) if activity is not None else None
    if wanted is None:
        return None
    return read(await passages.texts(session, report.id), wanted[1])


async def read_anew(session: Session, report: Report, *, now: datetime) -> None:
    """Keep the figure that the present words of a report say, and forget the one before."""
    await session.execute(delete(Figure).where(Figure.report_id == report.id))
    activity = await _activity(session, report)
    wanted = asked(activity) if activity is not None else None
    if wanted is None:
        return
    found = read(await passages.texts(session, report.id), wanted[1])
    if found.numerator is None and found.percent is None:
        return
    session.add(
        Figure(
            report_id=report.id,
            target=wanted[0],
            numerator=found.numerator,
            denominator=found.denominator,
            percent=found.percent,
            said_at=now,
        )
    )
    await session.flush()


async def summed(session: Session, assignment_ids: Sequence[int]) -> dict[int, Sum]:
    """Sum the figures of everybody's accepted reports of a row, by an assignment of it.

    Of several reports about one assignment the latest counts.
    """
    asked_about = aliased(Assignment)
    latest = (
        select(func.max(Report.id))
        .join(Figure, Figure.report_id == Report.id)
        .where(Report.state == ReportState.ACCEPTED, Figure.denominator > 0)
        .group_by(Report.assignment_id)
    )
    rows = await session.execute(
        select(
            asked_about.id,
            func.sum(Figure.numerator),
            func.sum(Figure.denominator),
            func.count(func.distinct(Assignment.organisation_id)),
        )
        .join(Assignment, Assignment.activity_id == asked_about.activity_id)
        .join(Report, Report.assignment_id == Assignment.id)
        .join(Figure, Figure.report_id == Report.id)
        .where(Report.id.in_(latest), asked_about.id.in_(assignment_ids))
        .group_by(asked_about.id)
    )
    return {one: Sum(int(done or 0), int(of_all or 0), places) for one, done, of_all, places in rows}


async def _activity(session: Session, report: Report) -> Activity | None:
    if report.assignment_id is None:
        return None
    return await session.scalar(
        select(Activity)
        .join(Assignment, Assignment.activity_id == Activity.id)
        .where(Assignment.id == report.assignment_id)
    )
