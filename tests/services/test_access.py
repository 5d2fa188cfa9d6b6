"""Who may do what: from the organisation tree, and for every id that comes from outside."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers.press import Press
from handlers.routes import PRESSES
from models.assignments import Assignment, AssignmentState, Report, ReportState
from models.database import Database
from models.people import Role
from services import access, binding, items, reports, reviews, seats
from services.refusals import NotFound, Refusal
from tests.services.plan import NOW, actor, approved, draft, found, seated
from views.screen import Edit, Screen


async def test_two_reviewers_decide_once_and_the_second_is_told_who_did(database: Database) -> None:
    async with database.writing() as session:
        made = await found(session)
        await seated(session, made.schools[0], Role.EXECUTOR, 2)
        await seated(session, made.office, Role.COORDINATOR, 3)
        await seated(session, made.office, Role.COORDINATOR, 4)
        await approved(session, made)
        principal = await actor(session, 2)
        owed = await items.open_items(session, principal, now=NOW)
        await reports.begin(session, principal, owed[0].assignment_id, now=NOW)
        report = await binding.latest_draft(session, principal)
        assert report is not None
        report.text = "Провели"
        await reports.submit(session, principal, report.id, now=NOW)
        await reviews.accept(session, await actor(session, 3), report.id, now=NOW)
        with pytest.raises(reviews.AlreadyReviewed) as refused:
            await reviews.send_back(session, await actor(session, 4), report.id, "нет", now=NOW)
        assert refused.value.by == "Человек 3"
        assert (await session.get_one(Assignment, owed[0].assignment_id)).state is AssignmentState.ACCEPTED


async def test_a_new_holder_of_a_seat_sees_all_that_is_open_and_the_old_one_nothing(
    database: Database,
) -> None:
    async with database.writing() as session:
        made = await found(session)
        seat = await seats.seat(
            session, organisation_id=made.schools[0].id, role=Role.EXECUTOR, title="директор"
        )
        for user_id in (2, 3):
            token = await seats.invite(session, seat_id=seat.id, now=NOW)
            offer = await seats.open_invitation(session, token=token, chat_id=user_id, now=NOW)
            await seats.join(
                session,
                invitation_id=offer.invitation_id,
                telegram_id=user_id,
                chat_id=user_id,
                name="Имя",
                now=NOW,
            )
        await approved(session, made)
        assert await access.actor_of(session, 2) is None
        assert len(await items.open_items(session, await actor(session, 3), now=NOW)) == 2


async def test_no_button_of_another_municipality_or_role_changes_or_shows_anything(
    database: Database,
) -> None:
    """Press every action with every small id as a principal and an administrator of another town."""
    async with database.writing() as session:
        ours = await found(session, "Наш район", first_id=1)
        await seated(session, ours.schools[0], Role.EXECUTOR, 2)
        await seated(session, ours.office, Role.COORDINATOR, 3)
        await approved(session, ours)
        pending = await draft(session, ours)
        principal = await actor(session, 2)
        owed = await items.open_items(session, principal, now=NOW)
        await reports.begin(session, principal, owed[0].assignment_id, now=NOW)
        theirs = await found(session, "Чужой район", first_id=10)
        await seated(session, theirs.schools[0], Role.EXECUTOR, 11)
    for user_id in (10, 11, 99):
        async with database.writing() as session:
            await press_everything(session, user_id)
    async with database.reading() as session:
        assert await session.scalar(select(Report.state)) is ReportState.DRAFT
        await session.refresh(await session.merge(pending))
        states = set(await session.scalars(select(Assignment.state)))
    assert states == {AssignmentState.AWAITED}


async def press_everything(session, user_id: int) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Press every button there is, in savepoints as the lanes do; nothing foreign may be said."""
    who = await access.actor_of(session, user_id)
    for action, handler in PRESSES.items():
        for ids in itertools.product(range(1, 8), repeat=2):
            press = Press(
                user_id, user_id, "Имя", ids, session, NOW + timedelta(hours=1), who, lambda token: token
            )
            try:
                async with session.begin_nested():
                    answer = await handler(press)
            except Refusal:
                continue
            screen = answer.screen if isinstance(answer, Edit) else answer
            if isinstance(screen, Screen):
                assert "Наш район" not in screen.text
                assert "Команды" not in screen.text, (action, ids)


async def test_an_organisation_is_found_by_its_own_people_and_overseers_only(database: Database) -> None:
    async with database.writing() as session:
        made = await found(session)
        await seated(session, made.schools[0], Role.EXECUTOR, 2)
        principal, admin = await actor(session, 2), await actor(session, 1)
        assert (await access.organisation(session, principal, made.schools[0].id)).id == made.schools[0].id
        assert (await access.organisation(session, admin, made.schools[1].id)).id == made.schools[1].id
        with pytest.raises(NotFound):
            await access.organisation(session, principal, made.schools[1].id)
