"""The rehearsal on the administrator's phone, and what the principal's phone then really rings with."""

import re
from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from models.database import Database
from models.people import Role
from simulator.people import buttons_of
from tests.stories.town import ORDER, ZONE, Town, town

START = datetime(2026, 9, 7, 7, 0, tzinfo=UTC)  # Monday, 10:00 in Moscow
MONTHS = {"сентября": 9, "октября": 10, "ноября": 11}
DAY = re.compile(r"(\d+) (\w+), \w+")
NUMBER = re.compile(r"п\. (\d+\.\d+)")

Days = dict[date, list[str]]


async def preview(place: Town) -> tuple[Any, Any, Any]:
    """Bring a draft to where it may be approved; give the administrator, a principal and the preview."""
    admin = await place.administrator()
    admin.presses(admin.last_with("Добавить школы"), "Добавить школы")
    await admin.receives("Пришлите список школ")
    admin.sends("МБОУ СОШ № 1\nМБОУ СОШ № 2")
    await admin.receives("Добавлено: 2 школы")
    first = await place.organisation("СОШ № 1")
    principal = await place.joins("Анна Директорова", 1001, Role.EXECUTOR, "директор", first)
    admin.sends_document(ORDER.encode(), "приказ.txt", "text/plain")
    found = await admin.receives("Прочитано: 4 пункта", timeout=30)
    assert not any("Репетиция" in button["text"] for button in buttons_of(found))  # there are questions left
    admin.presses(found, "Исполнители")
    admin.presses(await admin.receives("Исполнители в приказе"), "Методический центр")
    admin.presses(await admin.receives("Кого имеет в виду приказ"), "учреждение")
    admin.presses(await admin.receives("«Методический центр» — Методический центр"), "К плану")
    return admin, principal, await admin.receives("Вопросов не осталось")


def listed(screen: str, name: str) -> Days:
    """Read from a screen on which day a person hears of which rows."""
    found: Days = {}
    day: date | None = None
    for line in screen.splitlines():
        if heading := DAY.fullmatch(line):
            day = date(2026, MONTHS[heading[2]], int(heading[1]))
        elif line.startswith(f"• {name} "):
            assert day is not None
            found[day] = sorted(NUMBER.findall(line))
    return found


def heard(person: Any) -> Days:
    """Read from a phone on which day it rang with reminders of which rows."""
    found: Days = defaultdict(list)
    for message in person.inbox:
        if message["text"].startswith(("Напоминание", "Срок прошёл")):
            day = datetime.fromtimestamp(message["date"], ZoneInfo(ZONE)).date()
            assert day not in found  # one message a day
            found[day] = sorted(set(NUMBER.findall(message["text"])))
    return found


def in_month(days: Days, month: int) -> Days:
    return {day: numbers for day, numbers in days.items() if day.month == month}


async def test_what_the_rehearsal_showed_for_a_month_is_what_the_phone_rang_with(
    database: Database, tmp_path: Path
) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin, principal, draft = await preview(place)
        admin.presses(draft, "Репетиция: что и кому уйдёт")
        september = await admin.receives("Репетиция: сентябрь 2026")  # the first month with anything due
        assert "Если план утвердить сейчас и никто не отчитается раньше" in september["text"]
        shown = [listed(september["text"], "Анна Директорова")]
        admin.presses(september, "›")
        october = await admin.receives("Репетиция: октябрь 2026")
        shown.append(listed(october["text"], "Анна Директорова"))
        admin.presses(october, "›")
        november = await admin.receives("Репетиция: ноябрь 2026")
        assert november["message_id"] == draft["message_id"]  # the same message, turned over
        assert "• Анна Директорова (СОШ № 1, директор): п. 1.1" in november["text"]
        unheard = november["text"].split("🔕 Некому напомнить: ")[1]
        assert "Отдел образования (" in unheard
        assert "СОШ № 2 (" in unheard
        assert "СОШ № 1" not in unheard
        shown.append(listed(november["text"], "Анна Директорова"))
        assert date(2026, 11, 4) not in shown[2]
        assert ["1.1", "2.1"] in shown[2].values()

        admin.presses(november, "К плану")
        admin.presses(await admin.receives("Вопросов не осталось"), "Утвердить")
        admin.presses(await admin.receives("Утвердить план"), "Да, утвердить")
        await admin.receives("утверждён")
        await place.walk_to(datetime(2026, 10, 20, 12, 0, tzinfo=UTC))

        admin.sends("/orders")
        admin.presses(await admin.receives(button="Что и кому уйдёт"), "Что и кому уйдёт")
        rest = await admin.receives("Что и кому уйдёт: октябрь 2026")
        assert "Если никто не отчитается раньше, с сегодняшнего дня уйдёт" in rest["text"]
        coming = listed(rest["text"], "Анна Директорова")
        assert coming == {day: rows for day, rows in shown[1].items() if day > date(2026, 10, 20)}
        admin.presses(rest, "›")
        again = await admin.receives("Что и кому уйдёт: ноябрь 2026")
        assert listed(again["text"], "Анна Директорова") == shown[2]

        await place.walk_to(datetime(2026, 12, 1, 0, 0, tzinfo=UTC))
        rang = heard(principal)
        assert [in_month(rang, month) for month in (9, 10, 11)] == shown
        assert sum(map(len, shown)) == len(rang)


async def test_only_who_may_approve_sees_what_will_go_out(database: Database, tmp_path: Path) -> None:
    async with town(database, tmp_path / "data", START) as place:
        admin, principal, draft = await preview(place)
        office = await place.organisation("Отдел образования")
        clerk = await place.joins("Пётр Сводкин", 1003, Role.STAFF, "сотрудник", office)
        edition = next(
            button["callback_data"] for button in buttons_of(draft) if "Репетиция" in button["text"]
        ).split(":")[1]
        for stranger in (principal, clerk):
            for data in (f"rehearsal:{edition}:0:0", "rehearsal:0:0:0"):
                stranger.presses(stranger.last, data=data)
                await stranger.receives("Этого здесь больше нет")
        for forged in ("rehearsal:0:202613:0", "rehearsal:0", "rehearsal:0:-5:0", "rehearsal:999:0:0"):
            admin.presses(draft, data=forged)
            await admin.receives("Этого здесь больше нет")
        admin.presses(draft, data=f"rehearsal:{edition}:202611:999999")
        assert "ноябрь 2026" in (await admin.receives("Репетиция"))["text"]
