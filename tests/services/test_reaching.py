"""Whom to call: nobody there, nothing delivered, no answer; and who is told in whose place."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from models import Session
from models.assignments import Appeal, AppealKind, AppealState, Assignment
from models.database import Database
from models.letters import Letter, LetterKind, LetterState
from models.people import Person, Role
from services import quiet, reaching, reports, seats, summary
from services.items import ItemView
from services.reaching import Barrier, CallEntry, CallWhy, Unreached, barrier
from services.refusals import NotFound
from services.summary import Scope
from tests.services.plan import Made, actor, approved, found, row, seated, until
from tests.services.walking import begins, look, reports_on, said, speak, walk
from views import calling as views
from views.screen import Screen, message, visible

ROWS = (
    row("1.", "Команды", until(2026, 10, 15), "ОО"),
    row("2.", "Анализ", until(2026, 12, 25), "Отдел образования", "ОО"),
)
BLOCKED = "Forbidden: bot was blocked by the user"
GONE = "Forbidden: user is deactivated"
SECOND = datetime(2026, 10, 20, 7, 0, tzinfo=UTC)  # after the reminders of the first and third day overdue
THIRD = datetime(2026, 10, 26, 7, 0, tzinfo=UTC)  # and after that of the Monday


async def town(database: Database) -> Made:
    """Approve a plan of three schools: 2 and 4 in the first, 5 in the second, nobody in the third.

    3 coordinates; 6 answers for the office.
    """
    async with database.writing() as session:
        made = await found(session)
        await seated(session, made.schools[0], Role.EXECUTOR, 2)
        await seated(session, made.office, Role.COORDINATOR, 3)
        await seated(session, made.schools[0], Role.EXECUTOR, 4)
        await seated(session, made.schools[1], Role.EXECUTOR, 5)
        await seated(session, made.office, Role.EXECUTOR, 6)
        await seats.prepare_executors(session, path=made.place.path)
        await approved(session, made, rows=ROWS)
    return made


async def to_call(database: Database, now: datetime, user_id: int = 3) -> dict[str, CallEntry]:
    async with database.reading() as session:
        listed = await reaching.to_call(session, await actor(session, user_id), now)
    return {entry.organisation: entry for entry in listed}


async def unreachable(session: Session, user_id: int, why: str | None, now: datetime) -> None:
    await seats.set_reachable(session, chat_id=user_id, why_not=why, now=now)


@pytest.mark.parametrize(
    ("why", "read"),
    [
        ("blocked", Barrier.BLOCKED),
        (BLOCKED, Barrier.BLOCKED),
        (GONE, Barrier.DEACTIVATED),
        ("chat not found", Barrier.LOST),
        (None, Barrier.BLOCKED),
    ],
)
def test_what_the_server_said_tells_why_nothing_arrives(why: str | None, read: Barrier) -> None:
    assert barrier(why) is read


async def test_nobody_undelivered_and_silent_are_told_apart_and_counted_as_the_status_does(
    database: Database,
) -> None:
    made = await town(database)
    await walk(database, datetime(2026, 10, 12, 5, 0, tzinfo=UTC))
    assert set(await to_call(database, datetime(2026, 10, 12, 5, 0, tzinfo=UTC))) == {"СОШ № 3"}
    nine = datetime(2026, 10, 12, 6, 0, tzinfo=UTC)
    await speak(database, nine, refused=[5], why=GONE)
    at_once = await to_call(database, nine)
    assert at_once["СОШ № 2"].why is CallWhy.UNDELIVERED  # within the cycle that tried
    await walk(database, THIRD, refused=[5], why=GONE)
    listed = await to_call(database, THIRD)
    assert [(one.organisation, one.why) for one in listed.values()] == [
        ("СОШ № 1", CallWhy.SILENT),
        ("СОШ № 2", CallWhy.UNDELIVERED),  # however often it was tried, it is not «no answer»
        ("СОШ № 3", CallWhy.NOBODY),
    ]
    silent, undelivered, nobody = listed.values()
    assert (silent.reminded, silent.since) == (3, datetime(2026, 10, 16, 6, 0, tzinfo=UTC))
    assert silent.titles == ("executor 2", "executor 4")
    assert (undelivered.since, undelivered.barriers) == (nine, (Barrier.DEACTIVATED,))
    assert undelivered.titles == ("executor 5",)
    assert nobody.titles == ("директор",)
    async with database.reading() as session:
        groups = await summary.by_organisation(session, Scope(made.place.path), now=THIRD)
        held = await seats.held_organisations(session)
    figures = {group.name: group.figures for group in groups}
    for entry in listed.values():
        theirs = figures[entry.organisation]
        assert (entry.owed, entry.overdue) == (theirs.overdue + theirs.ahead, theirs.overdue) == (2, 1)
        assert (entry.organisation_id in held) is (entry.why is CallWhy.SILENT)


async def answers_with_words(session: Session, now: datetime) -> None:
    await begins(session, 4, "1.", "Делаем", now=now)


async def answers_with_something_unplaced(session: Session, now: datetime) -> None:
    report = await begins(session, 2, "1.", "Вот", now=now)
    await reports.unbind(session, await actor(session, 2), report.id, now=now)


async def answers_with_an_appeal(session: Session, now: datetime) -> None:
    first = await session.scalar(select(Assignment).join(Assignment.activity).order_by(Assignment.id))
    assert first is not None
    session.add(
        Appeal(
            assignment_id=first.id,
            author_id=2,
            kind=AppealKind.IN_PROGRESS,
            state=AppealState.NOTED,
            text="В работе",
            made_at=now,
        )
    )


async def answers_not_now(session: Session, now: datetime) -> None:
    pressed = await session.scalar(
        select(Letter.id)
        .where(Letter.person_id == 2, Letter.state == LetterState.DELIVERED)
        .where(Letter.kind == LetterKind.REMINDER)
        .order_by(Letter.id.desc())
        .limit(1)
    )
    assert pressed is not None
    who = await actor(session, 2)
    offered = await quiet.choices(session, who, pressed, now=now)
    await quiet.put_off(session, who, pressed, offered.next_day, now=now)


@pytest.mark.parametrize(
    "answers",
    [answers_with_words, answers_with_something_unplaced, answers_with_an_appeal, answers_not_now],
)
async def test_any_answer_ends_the_silence_until_three_more_reminders_go_unanswered(
    database: Database,
    answers: Callable[[Session, datetime], Awaitable[None]],
) -> None:
    await town(database)
    await walk(database, SECOND)
    assert "СОШ № 1" not in await to_call(database, SECOND)  # twice is not three times
    async with database.writing() as session:
        await answers(session, SECOND)
    await walk(database, THIRD)
    listed = await to_call(database, THIRD)
    assert "СОШ № 1" not in listed
    assert listed["СОШ № 2"].why is CallWhy.SILENT
    later = THIRD + timedelta(days=21)
    await walk(database, later)
    again = (await to_call(database, later))["СОШ № 1"]
    assert again.since is not None
    assert again.since > SECOND
    assert (again.why, again.reminded >= 3) == (CallWhy.SILENT, True)


async def test_a_report_takes_the_overdue_item_and_the_organisation_off_the_list(database: Database) -> None:
    await town(database)
    await walk(database, THIRD)
    async with database.writing() as session:
        await reports_on(session, 5, "1.", now=THIRD)
    listed = await to_call(database, THIRD)
    assert "СОШ № 2" not in listed
    assert "СОШ № 1" in listed


async def takes_seat(session: Session, seat_id: int, user_id: int, now: datetime) -> None:
    token = await seats.invite(session, seat_id=seat_id, now=now)
    offer = await seats.open_invitation(session, token=token, chat_id=user_id, now=now)
    await seats.join(
        session,
        invitation_id=offer.invitation_id,
        telegram_id=user_id,
        chat_id=user_id,
        name="Новый",
        now=now,
    )


async def test_whoever_takes_a_seat_is_not_silent_for_what_was_said_before_that(database: Database) -> None:
    await town(database)
    await walk(database, THIRD)
    assert (await to_call(database, THIRD))["СОШ № 2"].why is CallWhy.SILENT
    async with database.writing() as session:
        former = await actor(session, 5)
        seat_id = former.seats[0].seat_id
        await takes_seat(session, seat_id, 8, THIRD)
    assert "СОШ № 2" not in await to_call(database, THIRD)
    async with database.writing() as session:
        await takes_seat(session, seat_id, 5, THIRD + timedelta(hours=1))
    assert "СОШ № 2" not in await to_call(database, THIRD + timedelta(hours=1))


async def test_who_was_never_told_is_not_silent_when_they_can_be_told_again(database: Database) -> None:
    await town(database)
    await walk(database, THIRD, refused=[5], why=BLOCKED)
    assert (await to_call(database, THIRD))["СОШ № 2"].why is CallWhy.UNDELIVERED
    async with database.writing() as session:
        await unreachable(session, 5, None, THIRD)
    assert "СОШ № 2" not in await to_call(database, THIRD)


async def test_only_who_oversees_sees_the_list_and_only_of_their_own(database: Database) -> None:
    await town(database)
    async with database.writing() as session:
        other = await found(session, "Соседний", schools=1, first_id=20)
        await seated(session, other.office, Role.STAFF, 21)
        await approved(session, other, rows=ROWS[:1])
    assert set(await to_call(database, THIRD, user_id=21)) == {"СОШ № 1"}
    assert {entry.organisation for entry in (await to_call(database, THIRD)).values()} == {"СОШ № 3"}
    with pytest.raises(NotFound):
        await to_call(database, THIRD, user_id=2)


# --- who is told instead ------------------------------------------------------------------------


async def test_a_deputy_is_told_once_that_the_head_cannot_be_and_again_when_it_begins_anew(
    database: Database,
) -> None:
    await town(database)
    await walk(database, datetime(2026, 10, 12, 5, 0, tzinfo=UTC))
    async with database.writing() as session:
        await unreachable(session, 2, "blocked", datetime(2026, 10, 11, 12, 0, tzinfo=UTC))
    await walk(database, datetime(2026, 10, 17, tzinfo=UTC), refused=[2])
    heard = [one for one in await said(database, to=4) if one.day.day >= 12 and one.day.month == 10]
    assert [one.day.day for one in heard] == [12, 14, 15, 16]
    told = ["executor 2 не получает сообщения бота, поэтому напоминаем вам" in one.text for one in heard]
    assert told == [True, False, False, False]
    assert "СОШ № 1: executor 2 не получает" in heard[0].text
    assert "Человек" not in heard[0].text  # the seat, and nothing of the person
    assert not any("не получает" in one.text for one in await said(database, to=5))
    async with database.writing() as session:
        await unreachable(session, 2, None, datetime(2026, 10, 17, tzinfo=UTC))
        await unreachable(session, 2, "blocked", datetime(2026, 10, 18, tzinfo=UTC))
    await walk(database, datetime(2026, 10, 21, tzinfo=UTC), refused=[2])
    assert "не получает" in (await said(database, to=4))[-1].text


async def test_what_is_over_when_the_bundle_goes_is_not_said(database: Database) -> None:
    await town(database)
    evening = datetime(2026, 10, 12, 17, 0, tzinfo=UTC)  # planned for tomorrow
    await walk(database, datetime(2026, 10, 12, 5, 0, tzinfo=UTC))
    async with database.writing() as session:
        await unreachable(session, 2, "blocked", evening)
    await look(database, evening)
    async with database.writing() as session:
        await unreachable(session, 2, None, evening + timedelta(hours=1))
    await speak(database, datetime(2026, 10, 13, 6, 0, tzinfo=UTC))
    heard = (await said(database, to=4))[-1]
    assert heard.day.day == 13
    assert "не получает" not in heard.text


async def test_a_note_that_did_not_arrive_is_said_with_the_next_bundle(database: Database) -> None:
    await town(database)
    await walk(database, datetime(2026, 10, 12, 5, 0, tzinfo=UTC))
    async with database.writing() as session:
        await unreachable(session, 2, "blocked", datetime(2026, 10, 11, 12, 0, tzinfo=UTC))
    await speak(database, datetime(2026, 10, 12, 6, 0, tzinfo=UTC), refused=[2, 4], why=BLOCKED)
    async with database.writing() as session:
        await unreachable(session, 4, None, datetime(2026, 10, 13, tzinfo=UTC))
    await walk(database, datetime(2026, 10, 15, tzinfo=UTC), refused=[2])
    assert "не получает" in (await said(database, to=4))[-1].text


# --- whoever comes back -------------------------------------------------------------------------


async def lets_in(database: Database, user_id: int, now: datetime) -> None:
    async with database.writing() as session:
        await reaching.reunite(session, chat_id=user_id, now=now)
        await unreachable(session, user_id, None, now)


async def letters_of(database: Database, person_id: int, kind: LetterKind) -> list[Letter]:
    async with database.reading() as session:
        found_ = await session.scalars(
            select(Letter).where(Letter.person_id == person_id, Letter.kind == kind).order_by(Letter.id)
        )
        return list(found_)


async def test_who_lets_the_bot_in_again_hears_one_summary_and_no_backlog(database: Database) -> None:
    await town(database)
    await walk(database, datetime(2026, 10, 12, 5, 0, tzinfo=UTC))
    async with database.writing() as session:
        await unreachable(session, 2, "blocked", datetime(2026, 10, 12, 5, 0, tzinfo=UTC))
    await walk(database, SECOND, refused=[2])
    dropped = [one.state for one in await letters_of(database, 2, LetterKind.REMINDER)].count(
        LetterState.DROPPED
    )
    assert dropped == 5  # of the 12th, 14th, 15th, 16th and 20th
    evening = datetime(2026, 10, 26, 17, 0, tzinfo=UTC)
    await look(database, evening)  # the bot was away over nine o'clock: it waits for tomorrow
    before = await said(database, to=2)
    await lets_in(database, 2, evening)
    await lets_in(database, 2, evening + timedelta(seconds=1))  # told again by Telegram
    await walk(database, datetime(2026, 11, 1, tzinfo=UTC))
    (reunion,) = await letters_of(database, 2, LetterKind.REUNION)
    assert reunion.state is LetterState.DELIVERED
    assert reunion.payload is not None
    assert "Просрочено: 1 пункт" in reunion.payload["text"]
    assert "Всего впереди: 2 срока" in reunion.payload["text"]
    assert reunion.payload["reply_markup"]["inline_keyboard"][0][0]["text"] == "Мои пункты"
    assert await said(database, to=2) == before  # nothing old, and nothing was due since
    await walk(database, datetime(2026, 11, 3, tzinfo=UTC))
    assert [one.day.day for one in await said(database, to=2)][-1] == 2  # the next step comes as always


async def test_an_overseer_who_comes_back_is_shown_the_summary_and_a_stranger_nothing(
    database: Database,
) -> None:
    await town(database)
    async with database.writing() as session:
        await unreachable(session, 3, "blocked", SECOND)
        await session.execute(update(Person).where(Person.id == 5).values(unreachable_since=SECOND))
        left = await actor(session, 5)
        await takes_seat(session, left.seats[0].seat_id, 8, SECOND)
    for user_id in (3, 5, 4, 99):
        await lets_in(database, user_id, SECOND)
    await speak(database, SECOND)
    assert await letters_of(database, 5, LetterKind.REUNION) == []  # holds no seat any more
    assert await letters_of(database, 4, LetterKind.REUNION) == []  # could be told all along
    (reunion,) = await letters_of(database, 3, LetterKind.REUNION)
    assert reunion.payload is not None
    assert reunion.payload["reply_markup"]["inline_keyboard"][0][0]["text"] == "Сводка"


# --- in words -----------------------------------------------------------------------------------

LONG = "Муниципальное бюджетное общеобразовательное учреждение " * 4


def entry(why: CallWhy, number: int = 1, **facts: Any) -> CallEntry:
    values: dict[str, Any] = {
        "organisation_id": number,
        "organisation": LONG,
        "zone": "Europe/Moscow",
        "why": why,
        "titles": (LONG,) * 5,
        "owed": 21,
        "overdue": 3,
        "since": THIRD,
        "barriers": (Barrier.BLOCKED, Barrier.DEACTIVATED),
        "reminded": 4,
    }
    return CallEntry(**(values | facts))


def test_each_reason_is_said_in_its_own_words() -> None:
    short: dict[str, Any] = {"titles": ("директор",), "organisation": "СОШ № 7"}
    said_ = {
        why: views.to_call([entry(why, **short, **facts)], 0).text.partition("</b>\n\n")[2]
        for why, facts in (
            (CallWhy.NOBODY, {"since": None}),
            (CallWhy.UNDELIVERED, {"barriers": (Barrier.BLOCKED,)}),
            (CallWhy.SILENT, {"overdue": 21}),
        )
    }
    assert said_ == {
        CallWhy.NOBODY: "<b>СОШ № 7</b> — некому напомнить: место свободно (директор)\n"
        "Открыто: 21 пункт, из них просрочено: 3.",
        CallWhy.UNDELIVERED: "<b>СОШ № 7</b> — не доставлено с 26 октября: бот заблокирован "
        "(директор)\nОткрыто: 21 пункт, из них просрочено: 3.",
        CallWhy.SILENT: "<b>СОШ № 7</b> — ответа нет, напоминали 4 раза с 26 октября (директор)\n"
        "Открыто: 21 пункт, из них просрочено: 21.",
    }
    assert "Никому" in views.to_call([], 0).text


def test_a_long_list_has_pages_and_fits_a_message() -> None:
    listed = [entry(why, number) for number in range(1, 20) for why in CallWhy]
    screen = views.to_call(listed, 2)
    assert "57 организациям" in screen.text
    call = message(screen, 7)
    assert call["text"] == screen.text
    assert len(visible(screen.text)) < 4096
    labels = [button.text for line in screen.keyboard for button in line]
    assert labels[-4:] == ["‹", "3/8", "›", "« Сводка"]
    assert all(len(label) <= 60 for label in labels)


def test_what_is_added_to_a_reminder_names_the_seat_alone() -> None:
    one = Unreached(1, "директор", 2, "СОШ № 7", 3, THIRD, Barrier.BLOCKED)
    assert views.instead(Screen("Напоминание"), [one]).text == (
        "Напоминание\n\n<i>СОШ № 7: директор не получает сообщения бота, поэтому напоминаем вам.</i>"
    )
    nothing: list[ItemView] = []
    assert "Открытых пунктов сейчас нет" in views.reunion(nothing).text
