"""The weekly digest: one screen."""

from services.digests import DigestView
from services.summary import Standing
from views.actions import Action, button
from views.screen import Screen
from views.status import VIEWS, of
from views.words import count, day, item, said, weekday

MOST_OFFICES = 10
SHOWN = (Standing.DONE, Standing.OVERDUE, Standing.ON_REVIEW)


def digest(view: DigestView) -> Screen:
    """Say the week in one screen: three numbers against last week, debts, risks, what is due."""
    figures = view.figures
    lines = [
        f"<b>Сводка на {weekday(view.day)}</b>",
        said(view.name, 120),
        "",
        f"Выполнено <b>{figures.done} из {figures.total}</b>"
        + (f", ещё {figures.undated} без срока" if figures.undated else ""),
    ]
    lines += [
        f"{sign} {name}: <b>{of(figures, standing)}</b>{_change(view, standing)}"
        for standing, sign, name in VIEWS
        if standing in SHOWN
    ]
    if view.before is not None and view.before == figures:
        lines.append("\nЗа неделю ничего не изменилось.")
    lines += _debts(view)
    lines += _soon(view)
    if view.silent:
        names = ", ".join(said(name, 40) for name in view.silent[:8])
        lines += ["", f"🔕 Некому напомнить: {names}"]
    return Screen(
        "\n".join(lines),
        (
            (
                button(
                    f"🔴 Просрочено: {figures.overdue}",
                    Action.STATUS_ROWS,
                    int(Standing.OVERDUE),
                    0,
                    0,
                    0,
                ),
                button("Сводка", Action.STATUS),
            ),
        ),
    )


def _change(view: DigestView, standing: Standing) -> str:
    if view.before is None:
        return ""
    change = of(view.figures, standing) - of(view.before, standing)
    return f" ({change:+d} за неделю)" if change else " (без изменений)"


def _debts(view: DigestView) -> list[str]:
    lines: list[str] = []
    if view.offices:
        lines += ["", "<b>Долги отдела и учреждений</b>"]
        lines += [f"• {said(one.name, 60)}: {one.figures.overdue}" for one in view.offices[:MOST_OFFICES]]
        if len(view.offices) > MOST_OFFICES:
            lines.append(f"…и ещё {count(len(view.offices) - MOST_OFFICES, 'organisation')}")
    if view.risks:
        lines += ["", "<b>Кому позвонить</b>"]
        lines += [
            f"• {said(one.name, 60)}: просрочено {one.figures.overdue}, "
            f"выполнено {one.figures.done} из {one.figures.total}"
            for one in view.risks
        ]
    return lines


def _soon(view: DigestView) -> list[str]:
    if not view.due_soon:
        return ["", "В ближайшие 14 дней сроков нет."]
    lines = ["", f"<b>В ближайшие 14 дней: {count(len(view.due_soon), 'date')}</b>"]
    grouped: dict[tuple[str | None, str, str], int] = {}
    for row in view.due_soon:
        key = (row.number, row.title, day(row.due, today=view.day))
        grouped[key] = grouped.get(key, 0) + 1
    for (number, title, due), times in list(grouped.items())[:5]:
        several = f" ({count(times, 'organisation')})" if times > 1 else ""
        lines.append(f"• {due}: {item(number)} {said(title, 60)}{several}")
    if len(grouped) > 5:  # noqa: PLR2004
        lines.append(f"…и ещё {count(len(grouped) - 5, 'row')}")
    return lines
