"""A coordinator asks something beside the plan, the schools answer, and everybody sees how much was asked."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from models.assignments import Report
from models.database import Database
from models.letters import Demand, Letter, LetterKind, LetterState
from models.machinery import StoredUpdate, UpdateState
from models.people import Role
from simulator.people import buttons_of
from tests.stories.test_conversations import approved, spreadsheet
from tests.stories.town import Town, picture, town

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)  # Monday, ten in the morning in Moscow
EVENING = datetime(2026, 9, 11, 17, 0, tzinfo=UTC)  # Friday, eight in the evening
MONDAY = datetime(2026, 9, 14, 6, 0, tzinfo=UTC)  # nine in the morning


async def principal_of(place: Town, name: str, user_id: int, school: str) -> Any:
    return await place.joins(name, user_id, Role.EXECUTOR, "директор", await place.organisation(school))


async def coordinator_of(place: Town) -> Any:
    office = await place.organisation("Отдел образования")
    return await place.joins("Мария", 12, Role.COORDINATOR, "координатор", office)


def after(person: Any, message: Any) -> list[dict[str, Any]]:
    """List what the bot has said to somebody since a message."""
    return [one for one in person.inbox if one["message_id"] > message["message_id"]]


async def demands_of(database: Database) -> list[Demand]:
    async with database.reading() as session:
        return list(await session.scalars(select(Demand).order_by(Demand.id)))


async def count_of(database: Database, model: Any) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count(model.id))) or 0


async def test_a_request_is_answered_by_a_reply_which_is_no_report(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal = await principal_of(place, "Анна", 11, "СОШ № 1")
        await principal_of(place, "Борис", 22, "СОШ № 2")
        coordinator = await coordinator_of(place)
        coordinator.sends("/ask")
        whom = await coordinator.receives("Кого спросить?")
        assert [one["text"] for one in buttons_of(whom)] == ["Всем школам: 2 школы", "СОШ № 1", "СОШ № 2"]
        coordinator.presses(whom, "СОШ № 1")
        await coordinator.receives("Кому: СОШ № 1.")
        coordinator.sends("/status")  # a command is not the text of the request
        await coordinator.receives("Выполнено 0 из 6")
        coordinator.sends("Сколько у вас <классов>? Пришлите фото списков.")
        preview = await coordinator.receives("Проверьте запрос")
        assert "Придёт сразу" in preview["text"]
        assert (await demands_of(database))[0].sent_at is None
        coordinator.presses(preview, "Отправить")
        assert "✅ Запрос отправлен 1 человеку: СОШ № 1." in (await coordinator.receives("✅"))["text"]
        coordinator.presses(preview, data="dm_send:1")  # the same button once more
        await coordinator.receives("уже отправлен или отменён")
        asked = await principal.receives("Запрос координатора")
        assert "Мария спрашивает:\nСколько у вас <классов>? Пришлите фото списков.\n" in asked["text"]
        assert not any("Запрос координатора" in one["text"] for one in place.sim.person("", user_id=22).inbox)

        answer = principal.sends("У нас 24 класса", reply_to=asked)
        passed = await principal.receives("Передал координатору: текст.")
        words = await coordinator.receives("У нас 24 класса")
        assert words["text"].startswith("💬 СОШ № 1, Анна: ответ на запрос «Сколько у вас <классов>?")
        principal.edits(answer, "У нас 25 классов")
        again = await coordinator.receives("У нас 25 классов")
        assert again["text"].startswith("✏️ СОШ № 1, Анна: исправленный ответ на запрос «Сколько у вас")
        await principal.receives("Исправление передал координатору")
        album = principal.album(
            [picture(n) for n in range(4)], "Списки по классам", caption_on=2, reply_to=asked
        )
        for update in (album[3], album[0]):
            place.sim.deliver(update)
        await place.restarts()
        for update in (album[2], album[1], album[1]):
            place.sim.deliver(update)
        await principal.receives("Передал координатору: 4 фото, текст.", timeout=20)
        await coordinator.receives("Списки по классам", timeout=20)
        await coordinator.receives("💬 СОШ № 1, Анна", timeout=20)
        await place.still()
        photos = [one for one in coordinator.inbox if "photo" in one]
        assert [one["photo"][-1]["file_unique_id"] for one in photos] == [
            update["message"]["photo"][-1]["file_unique_id"] for update in album
        ]
        # what is replied to our word about an answer belongs to it; what replies to nothing does not
        principal.sends_document(b"1;2", "классы.csv", caption="И таблица", reply_to=passed)
        await principal.receives("Передал координатору: 1 файл, текст.")
        await coordinator.receives("И таблица")
        await place.still()
        assert [one["document"]["file_name"] for one in coordinator.inbox if "document" in one] == [
            "классы.csv"
        ]
        said = [one["text"] for one in after(principal, asked)]
        assert sum("Передал" in text for text in said) == len(said) - 1 == 3
        assert await count_of(database, Report) == 0
        principal.sends("Провели совещание, команды созданы")
        await principal.receives("К какому пункту")
        assert await count_of(database, Report) == 1
    async with database.reading() as session:
        assert set(await session.scalars(select(StoredUpdate.state))) == {UpdateState.HANDLED}


async def test_a_full_week_asks_why_and_nobody_is_asked_on_a_friday_evening(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin = await place.administrator()
        admin.sends_document(spreadsheet("МБОУ «СОШ № 1»", "МБОУ «СОШ № 2»", "МБОУ «СОШ № 3»"), "школы.xlsx")
        await admin.receives("Добавлено: 3 школы", timeout=30)
        first = await principal_of(place, "Анна", 11, "СОШ № 1")
        second = await principal_of(place, "Борис", 22, "СОШ № 2")
        asks = await coordinator_of(place)
        school = await place.organisation("СОШ № 1")
        async with database.writing() as session:
            for number in range(10):
                at = START.replace(minute=number)
                session.add(
                    Demand(author_id=1, organisation_id=school, text="Вопрос", made_at=at, sent_at=at)
                )
        await place.walk_to(EVENING)
        asks.sends("/ask")
        asks.presses(await asks.receives("Кого спросить?"), "Всем школам: 2 школы")
        await asks.receives("Кому: СОШ № 1, СОШ № 2.")
        asks.sends("Подтвердите явку на совещание")
        why = await asks.receives("На этой неделе школе уже отправлено 10 запросов (СОШ № 1).")
        assert why["text"].endswith("Напишите, почему нельзя подождать.")
        asks.sends("срочно")
        await asks.receives("Слишком коротко")
        asks.sends("Совещание назначено на утро понедельника")
        preview = await asks.receives("Почему нельзя подождать: Совещание назначено")
        assert "Придёт 14 сентября, 09:00" in preview["text"]
        asks.presses(preview, "Отправить")
        await asks.receives("✅ Запрос отправлен 2 людям: СОШ № 1, СОШ № 2.")
        await place.still()
        asked = await demands_of(database)
        assert [demand.grounds for demand in asked[10:]] == ["Совещание назначено на утро понедельника", None]
        assert not any("Запрос" in one["text"] for one in (*first.inbox, *second.inbox))
        asks.sends("/ask")
        asks.presses(await asks.receives("Кого спросить?"), "СОШ № 2")
        await asks.receives("Кому: СОШ № 2.")
        asks.sends("Не нужно")
        asks.presses(await asks.receives("Проверьте запрос"), "Отменить")
        await asks.receives("никому ничего не отправлено")
        asks.presses(preview, data="dm_send:13")
        await asks.receives("уже отправлен или отменён")

        await place.walk_to(MONDAY)
        await first.receives("Подтвердите явку")
        reply_to = await second.receives("Подтвердите явку")
        second.blocks()
        admin.sends("/asked")
        shown = await admin.receives("Сколько мы спросили: сентябрь 2026")
        assert "Всего: 2 (напоминаний 0, запросов 2)." in shown["text"]
        assert "СОШ № 1: 1 (напоминаний 0, запросов 1), сверх недельной нормы 1" in shown["text"]
        assert "СОШ № 2: 1 (напоминаний 0, запросов 1)\n" in shown["text"]
        assert not any("август" in one["text"] for one in buttons_of(shown))
        await place.walk_to(datetime(2026, 10, 1, 8, 0, tzinfo=UTC))
        admin.presses(shown, data="burden")
        october = await admin.receives("Сколько мы спросили: октябрь 2026")
        assert "никого ни о чём не спрашивали" in october["text"]
        admin.presses(october, "сентябрь 2026")
        assert "Всего: 2" in (await admin.receives("сентябрь 2026"))["text"]
        # the author leaves: a late answer goes to who is there
        asks.sends("/leave")
        asks.presses(await asks.receives("Какую должность"), "координатор")
        asks.presses(await asks.receives("Точно?"), "Да, оставить")
        await asks.receives("Готово, вы оставили должность")
        await place.still()
        before = len(asks.inbox)
        second.unblocks()
        second.sends("Буду", reply_to=reply_to)
        await admin.receives("Буду")
        await second.receives("Передал координатору: текст.")
        assert len(asks.inbox) == before
    async with database.reading() as session:
        letters = list(await session.scalars(select(Letter).where(Letter.kind == LetterKind.DEMAND)))
    assert sorted((letter.chat_id, letter.state) for letter in letters) == [
        (11, LetterState.DELIVERED),
        (22, LetterState.DELIVERED),
    ]
    assert all(letter.delivered_at >= MONDAY for letter in letters if letter.delivered_at)
