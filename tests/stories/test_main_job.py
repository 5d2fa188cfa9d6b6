"""The main job, end to end: an order comes in, and every figure at the end is right."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from models.assignments import Assignment, AssignmentState, Evidence, Report, ReportState
from models.database import Database
from models.files import StoredFile
from models.letters import Digest
from models.people import Role
from services import summary
from services.summary import Scope
from tests.stories.town import ORDER, Town, picture, town

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)  # Monday, 10:00 in Moscow
SCHOOLS = "МБОУ СОШ № 1\nМБОУ СОШ № 2\nМБОУ «Озёрская СОШ»"


async def approved_plan(place: Town) -> object:
    """Play the administrator's part: schools, the order, the parties, the approval."""
    admin = await place.administrator()
    admin.presses(admin.last_with("Добавить школы"), "Добавить школы")
    await admin.receives("Пришлите список школ")
    admin.sends(SCHOOLS)
    await admin.receives("Добавлено: 3 школы")
    admin.sends_document(ORDER.encode(), "приказ.txt", "text/plain")
    await admin.receives("читаю")
    preview = await admin.receives("Прочитано: 4 пункта", timeout=30)
    admin.presses(preview, "Исполнители")
    listed = await admin.receives("Исполнители в приказе")
    admin.presses(listed, "Методический центр")
    party = await admin.receives("Кого имеет в виду приказ")
    admin.presses(party, "учреждение")
    listed = await admin.receives("«Методический центр» — Методический центр")
    admin.presses(listed, "К плану")
    preview = await admin.receives("Вопросов не осталось")
    admin.presses(preview, "Утвердить")
    sure = await admin.receives("Утвердить план")
    admin.presses(sure, "Да, утвердить")
    await admin.receives("утверждён")
    return admin


async def test_an_order_becomes_reminders_reports_reviews_status_and_a_digest(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved_plan(place)
        first = await place.organisation("СОШ № 1")
        office = await place.organisation("Отдел образования")
        principal = await place.joins("Анна Директорова", 1001, Role.EXECUTOR, "директор", first)
        coordinator = await place.joins("Мария Координатор", 1002, Role.COORDINATOR, "координатор", office)
        clerk = await place.joins("Пётр Сводкин", 1003, Role.STAFF, "сотрудник", office)

        await place.walk_to(datetime(2026, 10, 15, 8, 0, tzinfo=UTC))  # over the nearest date
        reminder = await principal.receives("Срок сегодня")
        assert "п. 1.1" in reminder["text"]

        principal.sends_album(
            [picture(n) for n in range(10)],
            caption="Провели, приказ № 5",
            caption_on=3,
            reply_to=reminder,
            shuffle_seed=7,
            duplicate=True,
        )
        card = await principal.receives("10 фото", timeout=20)
        assert "Принял: п. 1.1" in card["text"]
        principal.presses(card, "Отправить на проверку")
        await principal.receives("Отправлено на проверку")

        review = await coordinator.receives("СОШ № 1 · п. 1.1", timeout=20)
        review = await coordinator.receives("В отчёте: 10 фото, текст")
        coordinator.presses(review, "Вернуть")
        await coordinator.receives("Почему возвращаем")
        coordinator.sends("Нет подписи на приказе")
        await coordinator.receives("Возвращено")
        returned = await principal.receives("Нет подписи на приказе")

        principal.sends_photo(picture(99), caption="Приказ с подписью", reply_to=returned)
        card = await principal.receives("1 фото, текст")
        principal.presses(card, "Отправить на проверку")
        review = await coordinator.receives("Приказ с подписью")
        coordinator.presses(review, "Принять")
        await coordinator.receives("Принято")
        await principal.receives("Принято:")

        coordinator.sends("/status")
        status = await coordinator.receives("Выполнено")
        # 3 schools owe 1.1 and 2.1, the office 2.1, the centre 1.2: 8 dated, of them one is done
        assert "Выполнено 1 из 8" in status["text"]
        assert "Просрочено: 0" in status["text"]

        await place.walk_to(datetime(2026, 10, 19, 6, 30, tzinfo=UTC))  # Monday, 9:30
        digest = await clerk.receives("Сводка на понедельник, 19 октября")
        assert "Выполнено 1 из 8" in digest["text"]
        assert "🔴 Просрочено: 2" in digest["text"]

    async with database.reading() as session:
        figures = await summary.figures(session, Scope("/1/"), now=place.now())
        assert (figures.done, figures.overdue, figures.total) == (1, 2, 8)
        accepted = await session.scalar(
            select(Assignment).where(Assignment.state == AssignmentState.ACCEPTED)
        )
        assert accepted is not None
        reports = (await session.scalars(select(Report).order_by(Report.id))).all()
        assert [report.state for report in reports] == [ReportState.RETURNED, ReportState.ACCEPTED]
        held = await session.execute(select(Evidence.report_id, func.count()).group_by(Evidence.report_id))
        assert dict(held.all()) == {reports[0].id: 10, reports[1].id: 1}
        assert await session.scalar(select(func.count()).select_from(StoredFile)) == 12
        kept = (await session.scalars(select(Digest.figures).where(Digest.figures.is_not(None)))).all()
        assert kept[-1] == {"done": 1, "on_review": 0, "returned": 0, "ahead": 5, "overdue": 2, "undated": 2}
