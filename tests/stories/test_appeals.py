"""«Другой ответ»: in progress, an extension, help, «not ours»; decided once, and heard of by the school."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from models.assignments import Appeal, AppealKind, AppealState, Assignment, AssignmentState, Report
from models.database import Database
from models.people import Role
from models.roadmaps import Activity
from services import appeals, summary
from services.summary import Scope
from simulator.people import buttons_of
from tests.stories.test_conversations import approved
from tests.stories.town import Town, picture, town

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
DUE = datetime(2026, 10, 15, 7, 0, tzinfo=UTC)  # of «п. 1.1», ten in Moscow


async def executor(place: Town, name: str = "Анна", user_id: int = 11, title: str = "директор") -> Any:
    return await place.joins(name, user_id, Role.EXECUTOR, title, await place.organisation("СОШ № 1"))


async def coordinator(place: Town, name: str = "Мария", user_id: int = 12) -> Any:
    office = await place.organisation("Отдел образования")
    return await place.joins(name, user_id, Role.COORDINATOR, f"координатор {name}", office)


async def opens(person: Any, reminder: Any, label: str) -> Any:
    """Press «Другой ответ» of a reminder and one of the answers; give what is asked."""
    person.presses(reminder, "Другой ответ")
    person.presses(await person.receives(button=label), label)
    return await person.receives("п. 1.1")


async def kept(database: Database) -> list[Appeal]:
    async with database.reading() as session:
        return list(await session.scalars(select(Appeal).order_by(Appeal.id)))


async def owed(database: Database, place: Town, number: str = "1.1.") -> Assignment:
    school = await place.organisation("СОШ № 1")
    async with database.reading() as session:
        found = await session.scalar(
            select(Assignment)
            .join(Activity, Activity.id == Assignment.activity_id)
            .where(Assignment.organisation_id == school, Activity.number == number)
        )
    assert found is not None
    return found


def heard(person: Any, words: str) -> int:
    return sum(words in (one.get("text") or "") for one in person.inbox)


async def test_a_date_is_moved_once_the_school_hears_and_the_ladder_begins_anew(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal = await executor(place)
        deputy = await executor(place, "Борис", 13, "заместитель")
        first, second = await coordinator(place), await coordinator(place, "Ольга", 14)
        await place.walk_to(DUE)
        reminder = await principal.receives("Срок сегодня")
        question = await opens(principal, reminder, "Нужен перенос")
        assert "До какого дня перенести и почему?" in question["text"]
        begun = principal.sends("Нужно ещё время")
        again = await principal.receives("Не понял, до какого дня")
        assert "Нужно ещё время" in again["text"]
        principal.sends("до 1 ноября, карантин")
        told = await principal.receives("Просьба о переносе на 1 ноября")
        assert "Пока решения нет, срок прежний — 15 октября, и напоминания приходят." in told["text"]
        card = await first.receives("Просят перенести срок: СОШ № 1 · п. 1.1")
        assert "Нужно ещё время\nдо 1 ноября, карантин" in card["text"]
        assert "срок станет предшествующим рабочим — 30 октября" in card["text"]
        other = await second.receives("Просят перенести срок")
        deputy.presses(await deputy.receives("Срок сегодня"), "Другой ответ")
        choices = await deputy.receives("Перенос срока: ждём решения")
        deputy.presses(choices, "Нужен перенос")
        assert "Анна" in (await deputy.receives("Уже спросили: перенос срока"))["text"]

        await place.walk_to(datetime(2026, 10, 16, 7, 0, tzinfo=UTC))  # nobody has decided
        await principal.receives("Срок прошёл")
        first.presses(card, "Перенести до 30 октября")
        decided = await first.receives("Срок перенесён. Был 15 октября, теперь 30 октября. Решение: Мария")
        assert buttons_of(decided) == []
        moved = await principal.receives("Срок перенесён: п. 1.1")
        assert "Был 15 октября, теперь 30 октября. Решение: Мария." in moved["text"]
        assert moved["reply_to_message"]["message_id"] == begun["message_id"]
        assert heard(deputy, "Срок перенесён") == 0
        for label in ("Перенести", "Другая дата", "Отказать"):
            second.presses(other, label)
            assert "Мария" in (await second.receives("Уже решено: СОШ № 1, п. 1.1"))["text"]

        silent = heard(principal, "п. 1.1")
        await place.walk_to(datetime(2026, 10, 26, 7, 0, tzinfo=UTC))
        assert heard(principal, "п. 1.1") == silent  # the steps of the old date are not spoken
        await place.walk_to(datetime(2026, 10, 27, 7, 0, tzinfo=UTC))
        assert "осталось 3 дня" in (await principal.receives("Напоминание: п. 1.1"))["text"]
        school = await place.organisation("СОШ № 1")
        async with database.reading() as session:
            figures = await summary.figures(session, Scope("/1/", school), now=place.now())
            told_of = await appeals.moved(session, [(await owed(database, place)).id])
        assert (figures.overdue, figures.ahead, figures.total) == (0, 2, 2)
        assert [one.due_before for (one,) in told_of.values()] == [date(2026, 10, 15)]
    (appeal,) = await kept(database)
    assert appeal.text == "Нужно ещё время\nдо 1 ноября, карантин"
    assert (appeal.state, appeal.wanted_due) == (AppealState.GRANTED, date(2026, 11, 1))
    assert (await owed(database, place)).nominal == date(2026, 10, 15)


async def test_a_refusal_comes_with_its_word_and_a_question_swallows_nothing_that_is_not_its_answer(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal, decider = await executor(place), await coordinator(place)
        await place.walk_to(DUE)
        reminder = await principal.receives("Срок сегодня")
        await opens(principal, reminder, "Нужен перенос")
        principal.sends_photo(picture(1), caption="до 20 ноября")  # a photo is a report
        draft = await principal.receives("1 фото, текст", timeout=20)
        principal.presses(draft, "Удалить черновик")
        await principal.receives("Черновик удалён")
        principal.sends("Приказ о команде подписан", reply_to=reminder)  # and so is a reply to the reminder
        draft = await principal.receives("Приказ о команде подписан")
        principal.presses(draft, "Удалить черновик")
        await principal.receives("Черновик удалён")
        principal.sends("/cancel")
        await principal.receives("")
        assert await kept(database) == []

        question = await opens(principal, reminder, "Нужен перенос")
        principal.sends("когда снимут карантин", reply_to=question)
        await principal.receives("Не понял, до какого дня")
        principal.sends("до 15 октября этого года")
        unfit = await principal.receives("На 15 октября перенести нельзя")
        principal.presses(unfit, "Пусть день назначит координатор")
        await principal.receives("день назначит координатор")
        card = await decider.receives("день назначаете вы", button="Назначить день")
        decider.presses(card, "Назначить день")
        await decider.receives("До какого дня перенести срок: СОШ № 1, п. 1.1?")
        decider.sends("как получится")
        await decider.receives("Не понял, до какого дня")
        decider.presses(card, "Отказать")
        await decider.receives("Почему срок не переносим")
        decider.sends("Отчёт в регион 20 октября", reply_to=card)
        await decider.receives("В переносе отказано: Мария. «Отчёт в регион 20 октября»")
        refused = await principal.receives("Срок не перенесён: п. 1.1")
        assert "когда снимут карантин" in refused["text"]
        assert "Почему: Отчёт в регион 20 октября" in refused["text"]
        assert "Срок прежний: 15 октября." in refused["text"]
        principal.sends("Тогда вот: приказ № 7", reply_to=refused)
        draft = await principal.receives("Принял: п. 1.1")
        principal.presses(draft, "Удалить черновик")
        await principal.receives("Черновик удалён")

        principal.sends("Прошу перенести на 23 октября, карантин", reply_to=refused)
        draft = await principal.receives("Принял: п. 1.1", button="Попросить перенос срока")
        principal.presses(draft, "Попросить перенос срока")
        await principal.receives("Просьба о переносе на 23 октября")
        card = await decider.receives(button="Перенести до 23 октября")
        decider.presses(card, "Другая дата")
        await decider.receives("Сейчас срок — 15 октября")
        decider.sends("до 20 октября")
        await decider.receives("теперь 20 октября. Решение: Мария")
        await principal.receives("Был 15 октября, теперь 20 октября")
        decider.sends("до 25 октября")  # the question is over
        await decider.receives("")
    found = await owed(database, place)
    assert found.due == date(2026, 10, 20)
    assert [one.state for one in await kept(database)] == [AppealState.REFUSED, AppealState.GRANTED]


async def test_help_is_answered_and_a_row_that_is_not_theirs_is_taken_off_or_stays(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal, decider = await executor(place), await coordinator(place)
        await place.walk_to(DUE)
        reminder = await principal.receives("Срок сегодня")
        await opens(principal, reminder, "Нужна помощь")
        principal.sends("Где взять форму приказа?")
        await principal.receives("Вопрос записан")
        card = await decider.receives("Где взять форму приказа?", button="Ответить")
        decider.presses(card, "Ответить")
        await decider.receives("Напишите ответ одним сообщением")
        decider.sends("На сайте отдела, раздел «Документы»")
        await decider.receives("Ответ дан: Мария")
        answered = await principal.receives("Ответ на ваш вопрос: п. 1.1")
        assert "На сайте отдела, раздел «Документы»" in answered["text"]
        decider.presses(card, "Ответить")
        await decider.receives("Уже решено")

        question = await opens(principal, reminder, "В работе")
        wordless = buttons_of(question)[0]["callback_data"]
        principal.presses(question, "Без слов")
        principal.presses(question, data=wordless)  # a double press
        noted = await principal.receives("Записал: пункт в работе")
        assert "Срок прежний: 15 октября. Отчёт всё равно нужен." in noted["text"]
        await opens(principal, reminder, "В работе")
        principal.sends("Собрали команду, пишем приказ")
        await principal.receives("Собрали команду, пишем приказ")

        question = await opens(principal, reminder, "Не наш пункт")
        principal.presses(question, "Без объяснений")
        await principal.receives("Записал: не ваш пункт")
        card = await decider.receives("«Не наш пункт»", button="Пункт ваш")
        decider.presses(card, "Пункт ваш")
        await decider.receives("Почему пункт остаётся за организацией")
        decider.sends("В приказе названы все школы")
        await decider.receives("Пункт остаётся за организацией: Мария")
        assert "названы все школы" in (await principal.receives("Пункт остаётся за вами: п. 1.1"))["text"]
        await place.walk_to(datetime(2026, 10, 16, 7, 0, tzinfo=UTC))
        late = await principal.receives("Срок прошёл: п. 1.1")
        await opens(principal, late, "Не наш пункт")
        principal.sends("Мы начальная школа")
        card = await decider.receives("Мы начальная школа", button="Снять с организации")
        take_off = buttons_of(card)[0]["callback_data"]
        decider.presses(card, "Снять с организации")
        await decider.receives("Пункт снят с организации. Решение: Мария")
        await principal.receives("Пункт снят с вашей организации: п. 1.1")
        decider.presses(card, data=take_off)
        await decider.receives("Уже решено")
        principal.presses(late, "Другой ответ")
        await principal.receives("отчёт больше не нужен")
        before = heard(principal, "п. 1.1")
        await place.walk_to(datetime(2026, 10, 27, 7, 0, tzinfo=UTC))
        assert heard(principal, "п. 1.1") == before
        school = await place.organisation("СОШ № 1")
        async with database.reading() as session:
            figures = await summary.figures(session, Scope("/1/", school), now=place.now())
        assert (figures.overdue, figures.total) == (0, 1)
    assert (await owed(database, place)).state is AssignmentState.NOT_ASKED
    assert [(one.kind, one.state, one.text) for one in await kept(database)] == [
        (AppealKind.HELP, AppealState.ANSWERED, "Где взять форму приказа?"),
        (AppealKind.IN_PROGRESS, AppealState.NOTED, ""),
        (AppealKind.IN_PROGRESS, AppealState.NOTED, "Собрали команду, пишем приказ"),
        (AppealKind.NOT_OURS, AppealState.REFUSED, ""),
        (AppealKind.NOT_OURS, AppealState.GRANTED, "Мы начальная школа"),
    ]
    async with database.reading() as session:
        assert await session.scalar(select(Report.id)) is None
