"""The burden: «сколько мы спросили», month by month."""

from datetime import date, timedelta

from services.burden import Burden, Count, PlaceBurden
from views.actions import Action, button, column, page_of, pager
from views.screen import Button, Keyboard, Screen
from views.words import count, month_name, said

COUNTED = (
    "Считаем то, что дошло: напоминание о нескольких пунктах — одно, разовый запрос — один. "
    "Ответы, решения по отчётам и переписка о них не в счёт."
)


def burden(found: Burden, page: int) -> Screen:
    """Show how often each organisation was asked in a month; the months beside it open."""
    lines = [f"<b>Сколько мы спросили: {month_name(found.month)}</b>", said(found.name, 120), ""]
    if found.places:
        lines += [f"Всего: {_count(found.total)}.", ""]
        lines += [_line(place) for place in page_of(found.places, page)]
        lines += ["", *_together(found), COUNTED]
    else:
        lines.append("В этом месяце никого ни о чём не спрашивали.")
    return Screen(
        "\n".join(lines),
        pager(Action.BURDEN, (_number(found.month),), page, len(found.places))
        + _beside(found)
        + column(button("« Сводка", Action.STATUS)),
    )


def _line(place: PlaceBurden) -> str:
    beyond = f", сверх недельной нормы {place.grounded}" if place.grounded else ""
    return f"{said(place.name, 50)}: {_count(place.asked)}{beyond}"


def _count(asked: Count) -> str:
    return f"<b>{asked.total}</b> (напоминаний {asked.reminders}, запросов {asked.demands})"


def _together(found: Burden) -> list[str]:
    """Explain a total that is less than its parts."""
    if sum(place.asked.total for place in found.places) == found.total.total:
        return []
    return ["Сообщение сразу о нескольких организациях в строке «Всего» считается один раз."]


def _beside(found: Burden) -> Keyboard:
    row: list[Button] = []
    if found.earlier:
        before = (found.month - timedelta(days=1)).replace(day=1)
        row.append(_month("‹ ", before, ""))
    if found.later:
        row.append(_month("", (found.month + timedelta(days=31)).replace(day=1), " ›"))
    return (tuple(row),) if row else ()


def _month(left: str, month: date, right: str) -> Button:
    return button(f"{left}{month_name(month)}{right}", Action.BURDEN, _number(month), 0)


def _number(month: date) -> int:
    """Give the month as buttons carry it: 202610."""
    return month.year * 100 + month.month


def own_line(asked: Count) -> str:
    """Say to an executor how often they have been asked this month."""
    if not asked.total:
        return "В этом месяце бот вас ни о чём не спрашивал."
    return (
        f"В этом месяце бот обращался к вам {count(asked.total, 'time')}: напоминаний — {asked.reminders}, "
        f"запросов координатора — {asked.demands}."
    )
