"""Any answer is a report: words, pictures, albums, recordings, files; to any reminder, or to none."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from models.assignments import Evidence, EvidenceKind, Figure, Passage, Report, ReportState
from models.database import Database
from models.people import Role
from simulator.people import buttons_of
from tests.stories.test_conversations import approved
from tests.stories.town import Town, picture, town

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
DUE = datetime(2026, 10, 15, 7, 0, tzinfo=UTC)  # of «п. 1.1», 10:00 in Moscow


async def principal_of(place: Town, name: str = "Анна", user_id: int = 11, title: str = "директор") -> Any:
    return await place.joins(name, user_id, Role.EXECUTOR, title, await place.organisation("СОШ № 1"))


async def coordinator_of(place: Town) -> Any:
    office = await place.organisation("Отдел образования")
    return await place.joins("Мария", 12, Role.COORDINATOR, "координатор", office)


async def reports_of(database: Database) -> list[Report]:
    async with database.reading() as session:
        return list(await session.scalars(select(Report).order_by(Report.id)))


async def kinds_in(database: Database, report_id: int) -> list[EvidenceKind]:
    async with database.reading() as session:
        found = await session.scalars(
            select(Evidence.kind).where(Evidence.report_id == report_id).order_by(Evidence.message_id)
        )
        return list(found)


async def test_an_album_in_pieces_over_a_minute_and_a_restart_is_one_report(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal = await principal_of(place)
        await place.walk_to(DUE)
        reminder = await principal.receives("Срок сегодня")
        album = principal.album([picture(n) for n in range(10)], "Провели", caption_on=3, reply_to=reminder)
        for update in (album[7], album[2], album[9], album[0], album[5]):
            place.sim.deliver(update)
            await place.walk(seconds=6)
        await place.restarts()
        for update in (album[3], album[8], album[1], album[6], album[4]):
            place.sim.deliver(update)
            await place.walk(seconds=6)
        card = await principal.receives("10 фото, текст", timeout=20)
        assert "Принял: <b>п. 1.1</b>" in card["text"] or "Принял: п. 1.1" in card["text"]
        second = principal.album([picture(n) for n in range(20, 23)])
        for update in second:
            place.sim.deliver(update)
        await principal.receives("13 фото, текст", timeout=20)
        await place.still()
        cards = [one for one in principal.inbox if "фото, текст" in one["text"] and buttons_of(one)]
        assert ["13 фото" in one["text"] for one in cards] == [True]  # the buttons are at the last card only
        assert sum("в сообщении ниже" in one["text"] for one in principal.inbox) >= 1
    (report,) = await reports_of(database)
    assert report.text == "Провели"
    assert len(await kinds_in(database, report.id)) == 13


async def test_an_answer_to_the_reminder_of_last_month_finds_its_item_and_moves_with_one_tap(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal = await principal_of(place)
        coordinator = await coordinator_of(place)
        await place.walk_to(DUE)
        old = await principal.receives("Срок сегодня")
        await place.walk_to(datetime(2026, 11, 17, 8, 0, tzinfo=UTC))
        principal.sends_album([picture(1), picture(2)], reply_to=old)
        card = await principal.receives("Принял: п. 1.1", timeout=20)
        principal.presses(card, "Это другой пункт")
        asked = await principal.receives("К какому пункту")
        principal.presses(asked, "п. 2.1")
        card = await principal.receives("Принял: п. 2.1")
        principal.presses(card, "Это другой пункт")
        principal.presses(await principal.receives("К какому пункту"), "п. 1.1")
        principal.presses(await principal.receives("Принял: п. 1.1"), "Отправить на проверку")
        await principal.receives("Отправлено на проверку")
        review = await coordinator.receives("В отчёте: 2 фото")
        assert "Прислано после срока" in review["text"]


async def test_what_answers_nothing_is_kept_and_one_question_is_asked(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal = await principal_of(place)
        await place.walk_to(datetime(2026, 10, 16, 7, 0, tzinfo=UTC))
        await place.walk_to(datetime(2026, 11, 17, 8, 0, tzinfo=UTC))  # both items are open and spoken of
        principal.sends_photo(picture(5))
        asked = await principal.receives("Сохранил: 1 фото. К какому пункту", timeout=20)
        await place.restarts()
        principal.sends("Провели совещание")
        asked = await principal.receives("Сохранил: 1 фото, текст. К какому пункту", timeout=20)
        principal.presses(asked, "п. 2.1")
        card = await principal.receives("Принял: п. 2.1")
        principal.presses(card, "Отправить на проверку")
        sent = await principal.receives("Отправлено на проверку")
        principal.presses(sent, "Есть, согласий нет")
        await principal.receives("Записал: согласий нет")
    (report,) = await reports_of(database)
    assert report.state is ReportState.SUBMITTED
    assert report.children is not None


async def test_recordings_files_forwards_and_links_are_kept_and_other_things_get_a_sentence(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal = await principal_of(place)
        coordinator = await coordinator_of(place)
        await place.walk_to(DUE)
        reminder = await principal.receives("Срок сегодня")
        for nothing in (principal.sends_sticker, principal.sends_location, principal.sends_contact):
            nothing()
            await principal.receives("Этого я не умею принять")
        principal.sends_voice(reply_to=reminder)
        card = await principal.receives("одну строку текста", timeout=20)
        assert "1 голосовое сообщение" in card["text"].lower()
        principal.sends_video_note()
        await principal.receives("1 видеосообщение, 1 голосовое сообщение", timeout=20)
        principal.sends_document(b"PK docx", "Приказ.docx")
        principal.sends_document(b"%PDF-1.7", "Справка.pdf")
        principal.sends_document(b"heic", "IMG_1.HEIC", "image/heic")
        await principal.receives("3 файла", timeout=20)
        principal.forwards("Открыли кружок: https://example.org/news/1")
        card = await principal.receives("3 файла, текст", timeout=20)
        assert "https://example.org/news/1" in card["text"]
        principal.presses(card, "Отправить на проверку")
        await principal.receives("Отправлено на проверку")
        await coordinator.receives("3 файла, текст", timeout=20)
    (report,) = await reports_of(database)
    assert await kinds_in(database, report.id) == [
        EvidenceKind.VOICE,
        EvidenceKind.VIDEO_NOTE,
        *[EvidenceKind.DOCUMENT] * 3,
    ]
    async with database.reading() as session:
        assert await session.scalar(select(Passage.forwarded).where(Passage.report_id == report.id))


async def test_ready_and_plus_to_a_bundle_ask_which_and_all_is_sent_after_a_question(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal = await principal_of(place)
        await place.walk_to(datetime(2026, 11, 30, 7, 0, tzinfo=UTC))
        bundle = await principal.receives("Напоминание: 2 пункта")
        assert bundle["text"].count("Подтвердит: ") == 2
        principal.sends("+", reply_to=bundle)
        asked = await principal.receives("К какому пункту")
        principal.presses(asked, "Удалить черновик")
        await principal.receives("Черновик удалён")
        principal.sends("все", reply_to=bundle)
        asked = await principal.receives("К какому пункту")
        principal.presses(asked, "По всем этим пунктам")
        sure = await principal.receives("Отправить на проверку по 2 пунктам?")
        again = buttons_of(sure)[0]["callback_data"]
        principal.presses(sure, "Да, отправить по всем")
        await principal.receives("Отправлено на проверку: 2 отчёта (п. 1.1, п. 2.1)")
        principal.presses(sure, data=again)
        await principal.receives("уже отправлен или удалён")
    reports = await reports_of(database)
    assert [report.state for report in reports] == [
        ReportState.DROPPED,
        ReportState.SUBMITTED,
        ReportState.SUBMITTED,
    ]
    assert [report.text for report in reports] == ["+", "все", "все"]


async def test_an_edit_makes_a_second_version_and_an_accepted_one_stands(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal = await principal_of(place)
        coordinator = await coordinator_of(place)
        await place.walk_to(DUE)
        reminder = await principal.receives("Срок сегодня")
        sent = principal.sends("Создали командыы", reply_to=reminder)
        await principal.receives("Принял: п. 1.1")
        principal.edits(sent, "Создали команды")
        card = await principal.receives("Создали команды\n")
        principal.presses(card, "Отправить на проверку")
        confirmed = await principal.receives("Отправлено на проверку")
        assert "Удаление сообщений в чате отчёт не отменяет" in confirmed["text"]
        await coordinator.receives("Создали команды")
        principal.edits(sent, "Создали 3 команды")
        await principal.receives("это версия 2")
        review = await coordinator.receives("Версия 2")
        assert "Создали 3 команды" in review["text"]
        assert "Было отправлено:\nСоздали команды" in review["text"]
        coordinator.presses(review, "Принять")
        await principal.receives("Принято:")
        principal.edits(sent, "Создали 33 команды")
        await principal.receives("принятая версия остаётся")
        note = await coordinator.receives("автор исправил сообщение уже после того")
        assert "Создали 33 команды" in note["text"]
        principal.edits(sent, "Создали 33 команды")
        await place.still()
    (report,) = await reports_of(database)
    assert (report.text, report.version) == ("Создали 3 команды", 2)
    async with database.reading() as session:
        said = (await session.scalars(select(Passage.text).order_by(Passage.version))).all()
    assert said == ["Создали командыы", "Создали команды", "Создали 3 команды", "Создали 33 команды"]


async def test_of_two_deputies_the_first_wins_and_the_second_is_offered_to_add(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        anna = await principal_of(place)
        boris = await principal_of(place, "Борис", 13, "заместитель директора")
        coordinator = await coordinator_of(place)
        await place.walk_to(DUE)
        to_anna, to_boris = await anna.receives("Срок сегодня"), await boris.receives("Срок сегодня")
        anna.sends("Создали", reply_to=to_anna)
        boris.sends("Приказ издан", reply_to=to_boris)
        his = await boris.receives("Принял: п. 1.1")
        anna.presses(await anna.receives("Принял: п. 1.1"), "Отправить на проверку")
        await anna.receives("Отправлено на проверку")
        await place.restarts()
        boris.presses(his, "Отправить на проверку")
        offered = await boris.receives("уже отправлен: Анна")
        boris.presses(offered, "Дополнить отчёт")
        await boris.receives("Дополнил отчёт")
        review = await coordinator.receives("Приказ издан")
        assert "Создали" in review["text"]
        boris.sends_photo(picture(7), reply_to=to_boris)
        offered = await boris.receives("Сохранил от вас: 1 фото", timeout=20)
        again = buttons_of(offered)[0]["callback_data"]
        boris.presses(offered, "Дополнить отчёт")
        await boris.receives("Теперь в нём: 1 фото, текст")
        boris.presses(offered, data=again)
        await boris.receives("уже отправлен или удалён")
        await coordinator.receives("В отчёте: 1 фото, текст", timeout=20)
    async with database.reading() as session:
        sent = (await session.scalars(select(Report).where(Report.state == ReportState.SUBMITTED))).one()
        assert sent.text == "Создали\nПриказ издан"
        assert await session.scalar(select(func.count(Evidence.id)).where(Evidence.report_id == sent.id)) == 1


async def test_a_person_with_two_schools_chooses_once(database: Database, tmp_path: Path) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal = await principal_of(place)
        second = await place.token(Role.EXECUTOR, "директор", await place.organisation("СОШ № 2"))
        principal.sends(f"/start {second}")
        principal.presses(await principal.receives(button="Да, это я"), "Да, это я")
        principal.presses(await principal.receives("Согласие"), "Согласен")
        await principal.receives("Готово!")
        await place.walk_to(DUE)
        bundle = await principal.receives("Напоминание: 2 пункта")
        assert "СОШ № 1: п. 1.1" in bundle["text"]
        assert "СОШ № 2: п. 1.1" in bundle["text"]
        principal.sends("1.1 провели", reply_to=bundle)
        asked = await principal.receives("К какому пункту")
        principal.presses(asked, "СОШ № 2: п. 1.1")
        card = await principal.receives("Принял: СОШ № 2, п. 1.1")
        principal.sends_photo(picture(3))
        card = await principal.receives("1 фото, текст", timeout=20)
        assert "Принял: СОШ № 2, п. 1.1" in card["text"]


async def test_a_figure_is_asked_for_once_and_read_from_any_wording(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        centre = await place.organisation("Методический центр")
        expert = await place.joins("Вера", 14, Role.EXECUTOR, "методист", centre)
        coordinator = await coordinator_of(place)
        await place.walk_to(datetime(2026, 10, 30, 7, 0, tzinfo=UTC))
        reminder = await expert.receives("Цель: не менее 60 % педагогов")
        expert.sends("Семинар провели", reply_to=reminder)
        await expert.receives("Сколько из скольких?")
        expert.sends("45 из 40")
        await expert.receives("Часть не может быть больше целого")
        expert.sends("0 из 0")
        await expert.receives("Всего не может быть ноль")
        expert.sends("62 %")
        await expert.receives("62 % — от скольких?")
        expert.sends("50")
        card = await expert.receives("31 из 50 — это 62 %")
        assert "достигнута" in card["text"]
        expert.sends("точнее, пятнадцать из 24")
        card = await expert.receives("15 из 24 — это 62,5 %")
        expert.presses(card, "Отправить на проверку")
        await expert.receives("Отправлено на проверку")
        assert "15 из 24" in (await coordinator.receives("В отчёте: текст"))["text"]
    async with database.reading() as session:
        figure = (await session.scalars(select(Figure))).one()
    assert (figure.numerator, figure.denominator) == (15, 24)


async def test_the_plan_is_shown_by_month_and_today_says_what_is_due(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal = await principal_of(place)
        principal.sends("/plan")
        month = await principal.receives("Мои пункты: октябрь 2026")
        assert "Сделано 0 из 1" in month["text"]
        assert "Дальше: 30 ноября 2026" in month["text"]
        principal.presses(month, "ноябрь 2026 ›")
        november = await principal.receives("Мои пункты: ноябрь 2026")
        assert november["message_id"] == month["message_id"]
        principal.sends("/today")
        await principal.receives("В ближайшие 7 дней сроков нет")
        await place.walk_to(DUE)
        principal.sends("/today")
        today = await principal.receives("На сегодня")
        principal.presses(today, "Отчитаться: п. 1.1")
        await principal.receives("Пришлите текст, фото или документы")
        principal.sends("/cancel")
        await principal.receives("Отменять нечего")
