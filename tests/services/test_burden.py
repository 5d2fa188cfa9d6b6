"""«Сколько мы спросили»: what has reached people in a month, each message and each request once."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import select

from models import Session
from models.database import Database
from models.letters import Demand, Letter, LetterItem, LetterKind, LetterState
from models.people import Person, Role, Seat, Tenure
from services import burden
from services.burden import Count
from services.letters import Priority
from services.refusals import NotFound
from tests.services.plan import NOW, Made, actor, found, seated

OCTOBER = datetime(2026, 9, 30, 21, 0, tzinfo=UTC)  # midnight of the first in Moscow
LATER = datetime(2026, 10, 20, 7, 0, tzinfo=UTC)
_numbers = count()


async def seats_of(session: Session, person: Person) -> list[int]:
    held = select(Seat.id).join(Tenure, Tenure.seat_id == Seat.id).where(Tenure.person_id == person.id)
    return list(await session.scalars(held.order_by(Seat.id)))


async def reached(
    session: Session,
    person: Person,
    seat_ids: list[int],
    at: datetime,
    *,
    kind: LetterKind = LetterKind.REMINDER,
    state: LetterState = LetterState.DELIVERED,
    withdrawn: bool = False,
    facts: dict[str, int] | None = None,
) -> None:
    """Keep a letter to a person, with two items for each of these seats."""
    letter = Letter(
        key=f"test:{next(_numbers)}",
        kind=kind,
        state=state,
        chat_id=person.chat_id,
        person_id=person.id,
        priority=Priority.REMINDER,
        not_before=at,
        facts=facts or {},
        created_at=at,
        delivered_at=at if state is LetterState.DELIVERED else None,
    )
    session.add(letter)
    await session.flush()
    session.add_all(
        LetterItem(letter_id=letter.id, seat_id=seat_id, withdrawn=withdrawn) for seat_id in seat_ids * 2
    )
    await session.flush()


async def demanded(session: Session, made: Made, people: list[Person], at: datetime, **said: str) -> None:
    """Keep a demand to the first school, as it reached these people."""
    demand = Demand(
        author_id=made.administrator.id,
        organisation_id=made.schools[0].id,
        text="Сколько классов?",
        made_at=at,
        sent_at=at,
        grounds=said.get("grounds"),
    )
    session.add(demand)
    await session.flush()
    for person in people:
        first, *_ = await seats_of(session, person)
        facts = {} if said.get("erased") else {"demand_id": demand.id}
        await reached(session, person, [first], at, kind=LetterKind.DEMAND, facts=facts)


async def test_a_message_counts_at_each_organisation_it_names_and_once_in_the_total(
    database: Database,
) -> None:
    async with database.writing() as session:
        made = await found(session)
        head = await seated(session, made.schools[0], Role.EXECUTOR, 11)
        deputy = await seated(session, made.schools[0], Role.EXECUTOR, 12)
        (own_seat,) = await seats_of(session, deputy)
        (first,) = await seats_of(session, head)
        second = Seat(organisation_id=made.schools[1].id, role=Role.EXECUTOR, title="директор")
        session.add(second)
        await session.flush()
        session.add(Tenure(seat_id=second.id, person_id=head.id, since=NOW))
        await reached(session, head, [first, second.id], OCTOBER)
        await reached(session, head, [first], LATER - timedelta(days=1))
        await reached(session, deputy, [own_seat], LATER - timedelta(days=1))
        await demanded(session, made, [head, deputy], OCTOBER)
        await demanded(session, made, [head], LATER - timedelta(hours=1), grounds="Проверка завтра утром")
        await demanded(session, made, [deputy], LATER - timedelta(hours=2), erased="yes")
        # none of these was asked of anybody in October
        await reached(session, head, [first], OCTOBER - timedelta(seconds=1))
        await reached(session, head, [first], OCTOBER, state=LetterState.CANCELLED)
        await reached(session, head, [first], OCTOBER, withdrawn=True)
        await reached(session, head, [first], OCTOBER, kind=LetterKind.VERDICT)
        theirs = await found(session, "Чужой район", first_id=50)
        stranger = await seated(session, theirs.schools[0], Role.EXECUTOR, 51)
        await reached(session, stranger, await seats_of(session, stranger), OCTOBER)
        shown = await burden.monthly(session, await actor(session, 1), None, now=LATER)
        september = await burden.monthly(session, await actor(session, 1), date(2026, 9, 9), now=LATER)
        august = await burden.monthly(session, await actor(session, 1), date(2026, 8, 1), now=LATER)
        own = await burden.own(session, await actor(session, 11), now=LATER)
        fresh = await burden.own(session, await actor(session, 1), now=LATER)
    assert [(place.name, place.asked, place.grounded) for place in shown.places] == [
        ("СОШ № 1", Count(reminders=3, demands=3), 1),
        ("СОШ № 2", Count(reminders=1, demands=0), 0),
    ]
    assert (shown.name, shown.month, shown.total) == ("Район", date(2026, 10, 1), Count(3, 3))
    assert (shown.earlier, shown.later) == (True, False)
    assert [(place.name, place.asked.total) for place in september.places] == [("СОШ № 1", 1)]
    assert (september.earlier, september.later) == (False, True)
    assert (august.places, august.total) == ((), Count())
    assert (own, own.total, fresh.total) == (Count(reminders=2, demands=2), 4, 0)


async def test_the_count_is_for_overseers_and_for_months_that_have_begun(database: Database) -> None:
    async with database.writing() as session:
        made = await found(session)
        await seated(session, made.schools[0], Role.EXECUTOR, 11)
        await seated(session, made.place, Role.STAFF, 12)
        clerk, principal = await actor(session, 12), await actor(session, 11)
        assert (await burden.monthly(session, clerk, None, now=NOW)).places == ()
        with pytest.raises(NotFound):
            await burden.monthly(session, principal, None, now=NOW)
        for month in (date(2026, 10, 1), date(2014, 12, 1), date(1, 1, 1), date(9999, 12, 1)):
            with pytest.raises(NotFound):
                await burden.monthly(session, clerk, month, now=NOW)
        # the month is October in the municipality while it is still September in UTC
        assert (await burden.monthly(session, clerk, None, now=OCTOBER)).month == date(2026, 10, 1)
