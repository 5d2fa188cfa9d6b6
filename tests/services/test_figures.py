"""One calculation for one figure, and lists with as many rows as their figure says."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import update

from models.assignments import Report
from models.database import Database
from models.people import Role
from models.roadmaps import Activity, Duty
from services import binding, figures, items, reports, reviews, summary
from services.figures import Sum
from services.incoming import Incoming
from services.summary import Figures, Scope, Standing
from tests.services.plan import NOW, ROWS, actor, approved, found, seated

LATER = datetime(2026, 12, 1, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("duty", "ahead"),
    [(Duty.EACH, 7), (Duty.ANY, 4), (Duty.LEAD, 4)],
    ids=["each must", "any may", "the first answers"],
)
async def test_several_executors_count_by_their_duty(database: Database, duty: Duty, ahead: int) -> None:
    async with database.writing() as session:
        made = await found(session)
        await approved(session, made, duty=duty)
        counted = await summary.figures(session, Scope(made.place.path), now=NOW)
    # row 1 for three schools; row 2 for the office and three schools, or once; row 3 has no date
    assert counted == Figures(ahead=ahead, undated=2)


async def test_of_executors_of_whom_any_may_one_accepted_report_covers_the_others(database: Database) -> None:
    async with database.writing() as session:
        made = await found(session)
        await seated(session, made.schools[0], Role.EXECUTOR, 2)
        await seated(session, made.office, Role.COORDINATOR, 3)
        await approved(session, made, duty=Duty.ANY)
        principal, coordinator = await actor(session, 2), await actor(session, 3)
        shared = next(
            one for one in await items.open_items(session, principal, now=NOW) if one.number == "2."
        )
        await reports.begin(session, principal, shared.assignment_id, now=NOW)
        draft = await binding.latest_draft(session, principal)
        assert draft is not None
        draft.text = "Провели"
        await reports.submit(session, principal, draft.id, now=NOW)
        await reviews.accept(session, coordinator, draft.id, now=NOW)
        scope = Scope(made.place.path)
        assert await summary.figures(session, scope, now=NOW) == Figures(done=1, ahead=3, undated=2)
        groups = {
            group.name: group.figures for group in await summary.by_organisation(session, scope, now=NOW)
        }
    assert groups["Отдел образования"].done == 1
    assert groups["СОШ № 2"] == Figures(done=1, ahead=1)


async def test_every_figure_opens_into_as_many_rows_as_it_says(database: Database) -> None:
    async with database.writing() as session:
        made = await found(session)
        await approved(session, made, duty=Duty.ANY)
        scope = Scope(made.place.path)
        for now in (NOW, LATER):
            figures = await summary.figures(session, scope, now=now)
            for standing, figure in (
                (Standing.DONE, figures.done),
                (Standing.ON_REVIEW, figures.on_review),
                (Standing.RETURNED, figures.returned),
                (Standing.AHEAD, figures.ahead),
                (Standing.OVERDUE, figures.overdue),
            ):
                assert len(await summary.rows(session, scope, [standing], now=now)) == figure
        sections = await summary.by_section(session, scope, now=LATER)
        assert sum(group.figures.total for group in sections) == figures.total
        assert figures == Figures(overdue=4, undated=2)


async def test_a_date_is_late_when_its_day_is_over_in_the_zone_of_its_organisation(
    database: Database,
) -> None:
    async with database.writing() as session:
        made = await found(session, schools=1)
        made.schools[0].time_zone = "Asia/Vladivostok"  # ten hours ahead of UTC
        await approved(session, made, rows=ROWS[:1])
        scope = Scope(made.place.path)
        last_evening = datetime(2026, 10, 15, 13, 59, tzinfo=UTC)
        after_midnight = datetime(2026, 10, 15, 14, 1, tzinfo=UTC)
        assert (await summary.figures(session, scope, now=last_evening)).overdue == 0
        assert (await summary.figures(session, scope, now=after_midnight)).overdue == 1


async def test_percentages_of_schools_are_summed_and_never_averaged(database: Database) -> None:
    said = ["15 из 24", "30 из 46", "100 %"]  # the third gives no base, so it says nothing
    async with database.writing() as session:
        made = await found(session)
        await seated(session, made.office, Role.COORDINATOR, 9)
        await approved(session, made)
        await session.execute(
            update(Activity).values(targets=[{"op": ">=", "value": 60.0, "unit": "%", "of": "педагогов"}])
        )
        coordinator = await actor(session, 9)
        asked = []
        for number, (school, words) in enumerate(zip(made.schools, said, strict=True), start=2):
            await seated(session, school, Role.EXECUTOR, number)
            principal = await actor(session, number)
            owed = (await items.open_items(session, principal, now=NOW))[0]
            message = Incoming(number, 1, None, None, words, None, NOW)
            await reports.begin(session, principal, owed.assignment_id, now=NOW)
            kept = await reports.receive(session, principal, message, now=NOW)
            assert isinstance(kept, Report)
            await reports.submit(session, principal, kept.id, now=NOW)
            await reviews.accept(session, coordinator, kept.id, now=NOW)
            asked.append(owed.assignment_id)
        sums = await figures.summed(session, asked)
    assert list(sums.values()) == [Sum(45, 70, 2)] * 3
    assert round(sums[asked[0]].percent, 1) == Decimal("64.3")
