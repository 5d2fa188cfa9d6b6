"""Other answers than a report: what is kept, who decides, and what a decision changes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from models import Session
from models.assignments import (
    AppealKind,
    AppealState,
    Assignment,
    AssignmentState,
    Report,
    ReportState,
)
from models.database import Database
from models.letters import AuditEntry, Letter, LetterItem, LetterKind, LetterState
from models.people import Role, Tenure
from plans.control import ControlKind
from plans.deadline import Window
from scheduler import planner
from services import appeals, deciding, items, reports, summary
from services.access import Actor
from services.appeal_views import AppealView, view
from services.appeals import AlreadyAsked, AlreadyDecided, Made, NoLongerOwed, WordNeeded
from services.deciding import DayNotUnderstood, OwnAppeal, UnfitDay
from services.refusals import NotFound, Refusal
from services.summary import Figures, Scope
from tests.services.plan import NOW, ROWS, actor, approved, found, row, seated, until
from tests.services.plan import Made as Town
from views import appeals as views
from views.refusals import refuse
from views.screen import Screen, message, visible

PRINCIPAL, COORDINATOR, DEPUTY, SECOND = 2, 3, 4, 5
DUE = date(2026, 10, 15)
OCTOBER = datetime(2026, 10, 13, 8, 0, tzinfo=UTC)


@dataclass
class Place:
    """A school that owes row 1 by 15 October and row 2 by 30 November, and its coordinator."""

    session: Session
    town: Town
    principal: Actor
    coordinator: Actor
    first: int
    second: int

    async def asks(self, text: str, kind: AppealKind = AppealKind.EXTENSION, now: datetime = NOW) -> Made:
        return await appeals.make(self.session, self.principal, self.first, kind, text, now=now, thread=77)

    async def assignment(self, assignment_id: int | None = None) -> Assignment:
        return await self.session.get_one(Assignment, assignment_id or self.first, populate_existing=True)

    async def letters(self, kind: LetterKind) -> list[Letter]:
        return list(await self.session.scalars(select(Letter).where(Letter.kind == kind).order_by(Letter.id)))

    async def figures(self, now: datetime) -> Figures:
        return await summary.figures(self.session, Scope(self.town.place.path), now=now)


async def place(session: Session) -> Place:
    made = await found(session)
    await seated(session, made.schools[0], Role.EXECUTOR, PRINCIPAL)
    await seated(session, made.office, Role.COORDINATOR, COORDINATOR)
    await approved(session, made)
    principal = await actor(session, PRINCIPAL)
    owed = await items.open_items(session, principal, now=NOW)
    return Place(
        session,
        made,
        principal,
        await actor(session, COORDINATOR),
        *(one.assignment_id for one in owed[:2]),
    )


def text_of(screen: Screen) -> str:
    return visible(screen.text)


async def test_a_granted_extension_moves_the_date_and_keeps_the_old_one_and_the_printed_day(
    database: Database,
) -> None:
    async with database.writing() as session:
        here = await place(session)
        asked = await here.asks("до 14 ноября, карантин", now=OCTOBER)
        assert (asked.view.wanted, asked.view.new_due) == (date(2026, 11, 14), date(2026, 11, 13))
        assert asked.deciders == 1
        assert (await here.assignment()).due == DUE
        done = await deciding.grant(session, here.coordinator, asked.view.appeal_id, now=OCTOBER)
        assert (done.state, done.due_before, done.decided_by) == (AppealState.GRANTED, DUE, "Человек 3")
        assert done.text == "до 14 ноября, карантин"
        moved = await here.assignment()
        assert (moved.due, moved.nominal) == (date(2026, 11, 13), DUE)
        assert (moved.state, moved.next_step_at) == (AssignmentState.AWAITED, OCTOBER)
        (told,) = await here.letters(LetterKind.DECISION)
        assert (told.chat_id, told.facts["reply_to"]) == (PRINCIPAL, 77)
        assert (
            await session.scalar(select(LetterItem.assignment_id).where(LetterItem.letter_id == told.id))
            == here.first
        )
        entry = await session.scalar(select(AuditEntry).where(AuditEntry.action == "granted"))
        assert entry is not None
        assert (entry.facts["due_before"], entry.facts["due"]) == ("2026-10-15", "2026-11-13")


async def test_a_moved_date_is_overdue_no_more_and_its_ladder_begins_anew(database: Database) -> None:
    late = datetime(2026, 10, 19, 7, 0, tzinfo=UTC)
    async with database.writing() as session:
        here = await place(session)
        for day in (datetime(2026, 9, 25, 6, 0, tzinfo=UTC), datetime(2026, 10, 12, 6, 0, tzinfo=UTC), late):
            await planner.plan(session, now=day)
        (spoken,) = set(
            await session.scalars(
                select(LetterItem.step).where(
                    LetterItem.assignment_id == here.first, LetterItem.step == "d-3"
                )
            )
        )
        assert spoken == "d-3"
        assert (await here.figures(late)).overdue == 3
        asked = await here.asks("до 30 октября, карантин", now=late)
        await deciding.grant(session, here.coordinator, asked.view.appeal_id, now=late)
        assert (await here.figures(late)).overdue == 2
        assert (await here.figures(late)).total == 7
        waiting = await session.scalars(
            select(LetterItem.withdrawn)
            .join(Letter, Letter.id == LetterItem.letter_id)
            .where(LetterItem.assignment_id == here.first, Letter.state == LetterState.CANCELLED)
        )
        assert set(waiting) == {True}
        await planner.plan(session, now=late)
        again = datetime(2026, 10, 27, 6, 0, tzinfo=UTC)  # three working days before the new date
        assert (await here.assignment()).next_step_at == again
        await planner.plan(session, now=again)
        steps = await session.scalars(
            select(LetterItem.step).where(LetterItem.assignment_id == here.first).order_by(LetterItem.id)
        )
        assert list(steps)[-1] == "d-3"


async def test_words_without_a_day_are_kept_and_the_day_comes_after_them_from_anybody(
    database: Database,
) -> None:
    async with database.writing() as session:
        here = await place(session)
        await seated(session, here.town.schools[0], Role.EXECUTOR, DEPUTY)
        first = await here.asks("нужно больше времени, карантин")
        assert first.view.lacks_day
        (card,) = await here.letters(LetterKind.APPEAL)
        assert card.not_before == NOW + timedelta(hours=2)
        assert "Записал ваши слова" in text_of(views.made(first))
        later = NOW + timedelta(hours=1)
        still = await here.asks("как только откроют школу", now=later)
        assert still.view.lacks_day
        assert card.not_before == later + timedelta(hours=2)
        deputy = await actor(session, DEPUTY)
        done = await appeals.make(
            session, deputy, here.first, AppealKind.EXTENSION, "до 20 ноября", now=later
        )
        assert done.view.text == "нужно больше времени, карантин\nкак только откроют школу\nдо 20 ноября"
        assert (done.view.wanted, done.view.author) == (date(2026, 11, 20), "Человек 4")
        assert [one.state for one in await here.letters(LetterKind.APPEAL)] == [
            LetterState.CANCELLED,
            LetterState.WAITING,
        ]


async def test_the_coordinator_names_the_day_that_was_left_to_them(database: Database) -> None:
    async with database.writing() as session:
        here = await place(session)
        asked = await here.asks("не знаю, на сколько, карантин")
        appeal_id = asked.view.appeal_id
        await appeals.leave_day(session, here.principal, appeal_id, now=NOW)
        (card,) = await here.letters(LetterKind.APPEAL)
        assert card.not_before == NOW
        shown = await deciding.undecided(session, here.coordinator, appeal_id, now=NOW)
        labels = [one.text for line in views.card(shown).keyboard for one in line]
        assert labels == ["Назначить день", "Отказать"]
        about = deciding.about_day(appeal_id)
        with pytest.raises(NotFound):
            await deciding.grant(session, here.coordinator, appeal_id, now=NOW)
        with pytest.raises(DayNotUnderstood):
            await deciding.reply(session, here.coordinator, about, "когда смогут", now=NOW)
        with pytest.raises(UnfitDay):
            await deciding.reply(session, here.coordinator, about, "до 10 октября", now=NOW)
        done = await deciding.reply(session, here.coordinator, about, "до 25 декабря", now=NOW)
        assert done.item.due == date(2026, 12, 25)


@pytest.mark.parametrize("words", ["до 15 октября, карантин", "до 18 сентября, карантин"])
async def test_a_day_not_later_than_the_date_is_asked_for_again_and_the_words_stay(
    database: Database, words: str
) -> None:
    async with database.writing() as session:
        here = await place(session)
        asked = await here.asks(words)
        assert asked.view.lacks_day
        assert asked.unfit is not None
        assert "перенести нельзя" in text_of(views.made(asked))
        assert asked.view.text == words


async def test_a_day_off_whose_working_day_is_the_date_itself_moves_nothing(database: Database) -> None:
    async with database.writing() as session:
        here = await place(session)
        owed = await here.assignment()
        owed.due = date(2026, 10, 16)  # a Friday
        asked = await here.asks("до 18 октября", now=OCTOBER)  # the Sunday after it
        assert asked.unfit == date(2026, 10, 18)


async def test_a_deputy_who_asks_the_same_hears_that_it_is_asked_and_other_kinds_are_free(
    database: Database,
) -> None:
    async with database.writing() as session:
        here = await place(session)
        await seated(session, here.town.schools[0], Role.EXECUTOR, DEPUTY)
        deputy = await actor(session, DEPUTY)
        await here.asks("до 20 ноября")
        with pytest.raises(AlreadyAsked) as refused:
            await appeals.answerable(session, deputy, here.first, AppealKind.EXTENSION, now=NOW)
        said = text_of(refuse(refused.value))
        assert "Уже спросили: перенос срока — 7 сентября, 10:00, Человек 2" in said
        assert "Ждём решения" in said
        with pytest.raises(AlreadyAsked) as own:
            await here.asks("до 25 ноября")
        assert "вы" in text_of(refuse(own.value))
        asked = await appeals.make(session, deputy, here.first, AppealKind.HELP, "Где форма?", now=NOW)
        assert asked.view.state is AppealState.OPEN


async def test_two_coordinators_decide_once_and_the_second_sees_what_and_who(database: Database) -> None:
    async with database.writing() as session:
        here = await place(session)
        await seated(session, here.town.office, Role.COORDINATOR, SECOND)
        second = await actor(session, SECOND)
        asked = await here.asks("до 20 ноября, карантин")
        assert asked.deciders == 2
        await deciding.refuse(session, here.coordinator, asked.view.appeal_id, "Не успеем свести", now=NOW)
        for press in (deciding.grant, deciding.undecided):
            with pytest.raises(AlreadyDecided) as refused:
                await press(session, second, asked.view.appeal_id, now=NOW)
            said = text_of(refuse(refused.value))
            assert "Уже решено: СОШ № 1, п. 1" in said
            assert "В переносе отказано: Человек 3. «Не успеем свести»" in said
        assert (await here.assignment()).due == DUE
        (told,) = await here.letters(LetterKind.DECISION)
        shown = await view(session, told.facts["appeal_id"], now=NOW)
        assert "Почему: Не успеем свести" in text_of(views.decision(shown))


async def test_a_row_that_is_not_theirs_leaves_the_figures_with_all_its_open_dates(
    database: Database,
) -> None:
    async with database.writing() as session:
        made = await found(session)
        await seated(session, made.schools[0], Role.EXECUTOR, PRINCIPAL)
        await seated(session, made.office, Role.COORDINATOR, COORDINATOR)
        once = row("1.", "Команды", until(2026, 10, 15), "ОО")
        twice = replace(once, deadlines=(*once.deadlines, Window(None, date(2026, 12, 1))))
        await approved(session, made, (twice, *ROWS[1:]))
        principal, coordinator = await actor(session, PRINCIPAL), await actor(session, COORDINATOR)
        owed = await items.open_items(session, principal, now=NOW)
        before = await summary.figures(session, Scope(made.place.path), now=NOW)
        asked = await appeals.make(
            session, principal, owed[0].assignment_id, AppealKind.NOT_OURS, "", now=NOW
        )
        assert (asked.view.others, asked.view.further) == (2, 1)
        assert "Вместе с этим снимутся и другие сроки пункта: 1." in text_of(views.card(asked.view))
        done = await deciding.take_off(session, coordinator, asked.view.appeal_id, now=NOW)
        assert done.state is AppealState.GRANTED
        after = await summary.figures(session, Scope(made.place.path), now=NOW)
        assert before.total - after.total == 2
        left = await items.open_items(session, principal, now=NOW)
        assert [one.number for one in left] == ["2."]
        states = await session.scalars(
            select(Assignment.state).where(
                Assignment.id.in_([one.assignment_id for one in owed if one.number == "1."])
            )
        )
        assert set(states) == {AssignmentState.NOT_ASKED}
        with pytest.raises(NoLongerOwed):
            await appeals.choices(session, principal, owed[0].assignment_id, now=NOW)


async def test_whoever_would_be_the_last_executor_is_said_on_the_card(database: Database) -> None:
    async with database.writing() as session:
        made = await found(session, schools=1)
        await seated(session, made.schools[0], Role.EXECUTOR, PRINCIPAL)
        await seated(session, made.office, Role.COORDINATOR, COORDINATOR)
        await approved(session, made)
        principal = await actor(session, PRINCIPAL)
        alone, shared = await items.open_items(session, principal, now=NOW)
        kind = AppealKind.NOT_OURS
        asked = await appeals.make(session, principal, alone.assignment_id, kind, "", now=NOW)
        assert "выполнять его будет некому" in text_of(views.card(asked.view))
        other = await appeals.make(session, principal, shared.assignment_id, kind, "это отдел", now=NOW)
        assert "некому" not in text_of(views.card(other.view))


async def test_work_in_progress_is_noted_closes_nothing_and_is_kept_once_a_day(database: Database) -> None:
    async with database.writing() as session:
        here = await place(session)
        before = (await here.assignment()).next_step_at
        for now in (NOW, NOW + timedelta(minutes=1), NOW + timedelta(days=1)):
            noted = await here.asks("", AppealKind.IN_PROGRESS, now)
        await here.asks("собрали команду", AppealKind.IN_PROGRESS)
        kept = await appeals.notes(session, here.first)
        assert [one.text for one in kept] == ["", "", "собрали команду"]
        assert {one.state for one in kept} == {AppealState.NOTED}
        said = text_of(views.made(noted))
        assert "Срок прежний: 15 октября. Отчёт всё равно нужен." in said
        assert await here.letters(LetterKind.APPEAL) == []
        owed = await here.assignment()
        assert (owed.state, owed.next_step_at) == (AssignmentState.AWAITED, before)
        lines = views.notes(kept, "Europe/Moscow")
        assert lines[-1] == "🔧 В работе, 7 сентября, 10:00, Человек 2: «собрали команду»"


async def test_a_draft_becomes_an_appeal_with_its_words_and_is_put_aside(database: Database) -> None:
    async with database.writing() as session:
        here = await place(session)
        await reports.begin(session, here.principal, here.first, now=NOW)
        draft = await session.scalar(select(Report))
        assert draft is not None
        draft.text, draft.thread_message_id = "перенесите до 20 ноября, карантин", 41
        made = await appeals.from_draft(session, here.principal, draft.id, AppealKind.EXTENSION, now=NOW)
        assert (made.view.text, made.view.wanted) == (
            "перенесите до 20 ноября, карантин",
            date(2026, 11, 20),
        )
        assert draft.state is ReportState.DROPPED
        assert await appeals.begun_in(session, made.view.appeal_id) == 41
        with pytest.raises(reports.NotADraftAnyMore):
            await appeals.from_draft(session, here.principal, draft.id, AppealKind.HELP, now=NOW)
        stray = Report(
            author_id=here.principal.person.id,
            state=ReportState.DRAFT,
            text="не наш пункт",
            sent_at=NOW,
            received_at=NOW,
        )
        session.add(stray)
        await session.flush()
        with pytest.raises(reports.NoAssignment):
            await appeals.from_draft(session, here.principal, stray.id, AppealKind.NOT_OURS, now=NOW)


async def test_a_decision_goes_to_whoever_answers_for_the_school_once_the_author_has_left(
    database: Database,
) -> None:
    async with database.writing() as session:
        here = await place(session)
        await seated(session, here.town.schools[0], Role.EXECUTOR, DEPUTY)
        asked = await here.asks("Где взять форму?", AppealKind.HELP)
        tenure = await session.scalar(select(Tenure).where(Tenure.person_id == here.principal.person.id))
        assert tenure is not None
        tenure.until = NOW
        await deciding.answer(session, here.coordinator, asked.view.appeal_id, "На сайте отдела", now=NOW)
        (told,) = await here.letters(LetterKind.DECISION)
        assert (told.chat_id, told.facts["reply_to"]) == (DEPUTY, None)


async def test_what_is_taken_back_waits_for_no_decision_and_can_be_asked_anew(database: Database) -> None:
    async with database.writing() as session:
        here = await place(session)
        asked = await here.asks("до 20 ноября")
        found_ = await appeals.choices(session, here.principal, here.first, now=NOW)
        assert [one.appeal_id for one in found_.asked] == [asked.view.appeal_id]
        await appeals.take_back(session, here.principal, asked.view.appeal_id, now=NOW)
        assert [one.state for one in await here.letters(LetterKind.APPEAL)] == [LetterState.CANCELLED]
        with pytest.raises(AlreadyDecided) as refused:
            await deciding.grant(session, here.coordinator, asked.view.appeal_id, now=NOW)
        assert "Просьбу отозвали" in text_of(refuse(refused.value))
        again = await here.asks("до 25 ноября")
        waiting = await deciding.waiting(session, here.coordinator, now=NOW)
        assert [one.appeal_id for one in waiting] == [again.view.appeal_id]


async def test_nobody_decides_for_themselves_while_another_can(database: Database) -> None:
    async with database.writing() as session:
        made = await found(session, schools=1)
        both = await seated(session, made.office, Role.COORDINATOR, COORDINATOR)
        await approved(session, made)
        seat = await seated(session, made.office, Role.EXECUTOR, COORDINATOR)
        assert seat.id == both.id
        head = await actor(session, COORDINATOR)
        owed = await items.open_items(session, head, now=NOW)
        asked = await appeals.make(
            session, head, owed[0].assignment_id, AppealKind.EXTENSION, "до 20 декабря", now=NOW
        )
        with pytest.raises(OwnAppeal):
            await deciding.grant(session, head, asked.view.appeal_id, now=NOW)
        administrator = await actor(session, 1)
        done = await deciding.grant(session, administrator, asked.view.appeal_id, now=NOW)
        assert done.decided_by == "Человек 1"


async def test_foreigners_and_executors_decide_nothing_and_nothing_is_decided_of_what_is_closed(
    database: Database,
) -> None:
    async with database.writing() as session:
        here = await place(session)
        theirs = await found(session, "Чужой район", first_id=10)
        await seated(session, theirs.schools[0], Role.EXECUTOR, 11)
        asked = await here.asks("до 20 ноября")
        for stranger in (here.principal, await actor(session, 10), await actor(session, 11)):
            with pytest.raises(NotFound):
                await deciding.grant(session, stranger, asked.view.appeal_id, now=NOW)
            assert await deciding.waiting(session, stranger, now=NOW) == []
        with pytest.raises(NotFound):
            await deciding.take_off(session, here.coordinator, asked.view.appeal_id, now=NOW)
        with pytest.raises(WordNeeded):
            await deciding.refuse(session, here.coordinator, asked.view.appeal_id, "  ", now=NOW)
        with pytest.raises(NotFound):
            await appeals.take_back(session, await actor(session, 11), asked.view.appeal_id, now=NOW)
        (await here.assignment()).state = AssignmentState.ACCEPTED
        await session.flush()
        with pytest.raises(NoLongerOwed):
            await deciding.grant(session, here.coordinator, asked.view.appeal_id, now=NOW)
        assert await deciding.waiting(session, here.coordinator, now=NOW) == []


async def test_at_the_same_moment_one_asks_and_one_decides(database: Database) -> None:
    async with database.writing() as session:
        here = await place(session)
        await seated(session, here.town.schools[0], Role.EXECUTOR, DEPUTY)
        await seated(session, here.town.office, Role.COORDINATOR, SECOND)
        first = here.first

    async def asks(user_id: int) -> int | type[Refusal]:
        async def ask(session: Session) -> int:
            who = await actor(session, user_id)
            made = await appeals.make(session, who, first, AppealKind.EXTENSION, "до 20 ноября", now=NOW)
            return made.view.appeal_id

        return await outcome(ask)

    async def outcome(act: Callable[[Session], Awaitable[int]]) -> int | type[Refusal]:
        try:
            return await database.write(act)
        except Refusal as refusal:
            return type(refusal)

    asked = await asyncio.gather(asks(PRINCIPAL), asks(DEPUTY))
    (appeal_id,) = (one for one in asked if isinstance(one, int))
    assert AlreadyAsked in asked

    async def decides(user_id: int) -> int | type[Refusal]:
        async def decide(session: Session) -> int:
            who = await actor(session, user_id)
            return (await deciding.grant(session, who, appeal_id, now=NOW)).appeal_id

        return await outcome(decide)

    decided = await asyncio.gather(decides(COORDINATOR), decides(SECOND))
    assert set(decided) == {appeal_id, AlreadyDecided}
    async with database.reading() as session:
        told = await session.scalars(select(Letter.id).where(Letter.kind == LetterKind.DECISION))
        assert len(list(told)) == 1


async def test_lists_say_from_which_date_an_item_was_moved_each_time(database: Database) -> None:
    async with database.writing() as session:
        here = await place(session)
        for words in ("до 30 октября", "до 20 ноября"):
            asked = await here.asks(words, now=OCTOBER)
            await deciding.grant(session, here.coordinator, asked.view.appeal_id, now=OCTOBER)
        told = await appeals.moved(session, [here.first, here.second])
        assert list(told) == [here.first]
        assert views.moved(told[here.first], zone="Europe/Moscow", today=OCTOBER.date()) == (
            "срок перенесён с 15 октября (решение координатора от 13 октября), "
            "затем с 30 октября (решение координатора от 13 октября)"
        )


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("до 15 мая, карантин", date(2027, 5, 15)),
        ("карантин. до 15 мая", date(2027, 5, 15)),
        ("до 20 ноября — болеет завуч", date(2026, 11, 20)),
        ("до 20.11, теперь с приказом", date(2026, 11, 20)),
        ("просим перенести на апрель в связи с карантином", date(2027, 4, 30)),
        ("до 20 ноября, а лучше до 25 ноября", None),
        ("карантин до 20 ноября", None),
        ("нужно больше времени", None),
        ("", None),
    ],
)
def test_the_one_day_that_is_named_is_the_answer_to_until_when(words: str, day: date | None) -> None:
    assert appeals.day_asked(words, OCTOBER.date()) == day


@pytest.mark.parametrize("kind", AppealKind)
@pytest.mark.parametrize("state", AppealState)
def test_every_screen_is_taken_however_long_the_words_are(kind: AppealKind, state: AppealState) -> None:
    long = "Очень <b>длинные & «слова» " * 200
    item = items.ItemView(
        10**9, "12.34.56.", long, long, DUE, -3, AssignmentState.AWAITED, ControlKind.FINAL, long
    )
    shown = AppealView(
        *(10**9, kind, state, item, "Europe/Moscow", long, long, NOW, date(2026, 11, 14), date(2026, 11, 13)),
        *(DUE, date(2026, 9, 1), 0, 3, long, NOW, long),
    )
    asked = appeals.Choices(item, (shown,) * 3)
    screens = [
        *(views.choices(asked), views.ask(item, kind), views.made(Made(shown, 1)), views.taken_back(shown)),
        *(views.decision(shown), views.card(shown), views.ask_other_day(shown), views.ask_word(shown)),
        *(views.already_asked(AlreadyAsked(shown, own=False)), views.already_decided(AlreadyDecided(shown))),
    ]
    for screen in screens:
        sent = message(screen, 7)
        assert len(visible(sent["text"])) <= 4096
        assert "\n…" not in sent["text"]
        buttons = [one for line in screen.keyboard for one in line]
        assert all(len(one.data.encode()) <= 64 and 0 < len(one.text) <= 64 for one in buttons)
        assert "&lt;b&gt;" in sent["text"] or "<b>длинные" not in sent["text"]
