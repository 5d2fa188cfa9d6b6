"""Rushes and tricks: two phones at once, double taps, a flood, words that look like markup."""

import asyncio
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.assignments import Evidence, Report, ReportState
from models.database import Database
from models.letters import Letter, LetterKind
from models.people import Role
from services import quotas
from simulator.people import buttons_of
from tests.stories.test_answers import coordinator_of, principal_of, reports_of
from tests.stories.test_conversations import approved
from tests.stories.town import picture, town

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)
DUE = datetime(2026, 10, 15, 7, 0, tzinfo=UTC)
BOTH = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)  # both items of the school are in the bundle
FLOOD = 1000 if os.environ.get("FAULTS") == "long" else 260
MOST = 12  # pieces of a report, here
SOON = 5.0  # seconds


async def test_two_reports_at_once_from_two_phones_of_one_person_are_never_merged(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal = await principal_of(place)
        await place.walk_to(DUE)
        first = await principal.receives("Срок сегодня")
        await place.walk_to(BOTH)
        second = await principal.receives("Напоминание: 2 пункта")
        one = principal.album([picture(n) for n in range(3)], "Команды созданы", reply_to=first)
        other = principal.album([picture(n) for n in range(10, 14)], "2.1 анализ готов", reply_to=second)
        for pair in zip(one, other, strict=False):
            for update in pair:
                place.sim.deliver(update)
        place.sim.deliver(other[3])
        await principal.receives("3 фото, текст", timeout=20)
        await principal.receives("4 фото, текст", timeout=20)
        await place.still()
    found = {report.text: report for report in await reports_of(database)}
    assert set(found) == {"Команды созданы", "2.1 анализ готов"}
    assert len({report.assignment_id for report in found.values()}) == 2
    async with database.reading() as session:
        held = await session.execute(select(Evidence.report_id, func.count()).group_by(Evidence.report_id))
        assert dict(held.all()) == {found["Команды созданы"].id: 3, found["2.1 анализ готов"].id: 4}


async def test_a_double_tap_on_send_sends_once(database: Database, tmp_path: Path) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal = await principal_of(place)
        await coordinator_of(place)
        await place.walk_to(DUE)
        principal.sends("Создали", reply_to=await principal.receives("Срок сегодня"))
        card = await principal.receives("Принял: п. 1.1")
        send = buttons_of(card)[0]["callback_data"]
        principal.presses(card, data=send)
        principal.presses(card, data=send)
        await place.still()
    (report,) = await reports_of(database)
    assert report.state is ReportState.SUBMITTED
    async with database.reading() as session:
        cards = await session.scalar(select(func.count(Letter.id)).where(Letter.kind == LetterKind.REVIEW))
    assert cards == 1


async def test_what_looks_like_markup_in_a_name_and_a_report_is_shown_as_it_is(
    database: Database, tmp_path: Path
) -> None:
    trick = '<a href="http://evil.example">Школа 5</a> & <b>жирно'
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal = await principal_of(place, name=trick)
        coordinator = await coordinator_of(place)
        await place.walk_to(DUE)
        principal.sends(trick, reply_to=await principal.receives("Срок сегодня"))
        card = await principal.receives("Принял: п. 1.1")
        assert trick in card["text"]
        principal.presses(card, "Отправить на проверку")
        review = await coordinator.receives("В отчёте: текст")
        assert review["text"].count(trick) == 2
        assert all(one["type"] in {"bold", "blockquote"} for one in review.get("entities", ()))


async def test_a_flood_of_one_person_is_bounded_told_once_and_delays_nobody_else(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        noisy = await principal_of(place)
        quiet = await place.joins("Борис", 13, Role.EXECUTOR, "директор", await place.organisation("СОШ № 2"))
        await place.walk_to(DUE)
        await noisy.receives("Срок сегодня")
        for number in range(FLOOD):
            noisy.sends(f"сообщение {number}")
        waited = []
        for _ in range(5):
            started = time.monotonic()
            quiet.sends("/today")
            await quiet.receives("На сегодня", timeout=30)
            waited.append(time.monotonic() - started)
            await asyncio.sleep(0.2)
        assert max(waited) < SOON, waited
        await noisy.receives(f"уже {quotas.MOST_PASSAGES} сообщений", timeout=120)
        await place.still()
        warnings = [one for one in noisy.inbox if "сообщений. Отправьте его" in one["text"]]
        assert len(warnings) == 1
    (report,) = await reports_of(database)
    assert report.text.count("\n") == quotas.MOST_PASSAGES - 1


async def test_photos_over_the_quota_are_refused_in_words_once_and_what_came_before_is_kept(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "MOST_IN_REPORT", MOST)
    async with town(database, tmp_path / "data", START) as place:
        await approved(place)
        principal = await principal_of(place)
        await place.walk_to(DUE)
        reminder = await principal.receives("Срок сегодня")
        shown = picture(1)
        for _ in range(2):
            principal.sends_album([shown] * 10, reply_to=reminder)
        await principal.receives(f"уже {MOST} фото и файлов", timeout=60)
        await place.still()
        assert sum("больше в один отчёт не войдёт" in one["text"] for one in principal.inbox) == 1
    async with database.reading() as session:
        (report,) = await session.scalars(select(Report))
        assert (
            await session.scalar(select(func.count(Evidence.id)).where(Evidence.report_id == report.id))
            == MOST
        )
