"""The summary and what opens out of it."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from services.figures import Sum
from services.reviews import ReviewCard
from services.summary import Figures, Group, RowView, Standing
from views.actions import Action, button, column, page_of, pager
from views.figures import total
from views.screen import Keyboard, Screen
from views.words import count, day, item, moment, said

VIEWS: tuple[tuple[Standing, str, str], ...] = (
    (Standing.OVERDUE, "🔴", "Просрочено"),
    (Standing.ON_REVIEW, "👀", "На проверке"),
    (Standing.RETURNED, "↩️", "Возвращено"),
    (Standing.AHEAD, "⚪️", "Впереди"),
    (Standing.DONE, "✅", "Выполнено"),
)


def of(figures: Figures, standing: Standing) -> int:
    """Give one figure by the standing it counts."""
    return {
        Standing.DONE: figures.done,
        Standing.ON_REVIEW: figures.on_review,
        Standing.RETURNED: figures.returned,
        Standing.AHEAD: figures.ahead,
        Standing.OVERDUE: figures.overdue,
    }[standing]


def figure_lines(figures: Figures) -> list[str]:
    """Say the figures, the denominator stated."""
    head = f"Выполнено <b>{figures.done} из {figures.total}</b>"
    head += f", ещё {figures.undated} без срока" if figures.undated else ""
    return [head] + [
        f"{sign} {name}: <b>{of(figures, standing)}</b>"
        for standing, sign, name in VIEWS
        if standing is not Standing.DONE
    ]


def summary(
    name: str, figures: Figures, *, now: datetime, zone: str, organisation_id: int = 0, appeals: int = 0
) -> Screen:
    """Show the figures of a municipality or an organisation; each opens into its rows."""
    if not figures.total and not figures.undated:
        return Screen(
            f"<b>{said(name, 120)}</b>\n\nУтверждённых планов ещё нет. Чтобы начать, пришлите приказ файлом.",
        )
    text = [f"<b>{said(name, 120)}</b>", f"на {moment(now, zone)}", "", *figure_lines(figures)]
    opened = [
        button(
            f"{sign} {title}: {of(figures, standing)}",
            Action.STATUS_ROWS,
            int(standing),
            organisation_id,
            0,
            0,
        )
        for standing, sign, title in VIEWS
        if of(figures, standing)
    ]
    rows: Keyboard = tuple(tuple(opened[at : at + 2]) for at in range(0, len(opened), 2))
    if organisation_id:
        return Screen("\n".join(text), (*rows, (button("« Организации", Action.STATUS_PLACES, 0),)))
    asked = ((button(f"✋ Ждут решения: {appeals}", Action.APPEALS, 0),),) if appeals else ()
    return Screen(
        "\n".join(text),
        (
            *rows,
            *asked,
            (
                button("По организациям", Action.STATUS_PLACES, 0),
                button("По разделам", Action.STATUS_SECTIONS, 0),
            ),
            (button("Кому позвонить", Action.CALL, 0), button("Сколько мы спросили", Action.BURDEN)),
            (button("Обновить", Action.STATUS),),
        ),
    )


def rows(
    standing: Standing,
    found: list[RowView],
    page: int,
    *,
    organisation_id: int = 0,
    section_id: int = 0,
    sums: Mapping[int, Sum] = MappingProxyType({}),
) -> Screen:
    """List the rows behind a figure; ``sums`` say what the accepted reports of a row say together."""
    sign, title = next((sign, title) for one, sign, title in VIEWS if one is standing)
    lines = [f"<b>{sign} {title}: {len(found)}</b>", ""]
    for row in page_of(found, page):
        places = ", ".join(said(name, 40) for name in row.organisations[:3])
        places += f" и ещё {len(row.organisations) - 3}" if len(row.organisations) > 3 else ""  # noqa: PLR2004
        silent = " 🔕" if row.nobody else ""
        lines.append(f"<b>{places}</b>{silent}: {item(row.number)} {said(row.title, 70)} — {day(row.due)}")
        if row.assignment_id in sums:
            lines.append(f"📊 По принятым отчётам вместе: {total(sums[row.assignment_id])}")
    if any(row.nobody for row in page_of(found, page)):
        lines += ["", "🔕 — некому напомнить: место никто не занял."]
    back = (
        button("« Организация", Action.STATUS_PLACE, organisation_id)
        if organisation_id
        else button("« Сводка", Action.STATUS)
    )
    ids = (int(standing), organisation_id, section_id)
    return Screen("\n".join(lines), pager(Action.STATUS_ROWS, ids, page, len(found)) + column(back))


def places(groups: list[Group], held: set[int], page: int) -> Screen:
    """List the organisations with their figures; each opens."""
    shown = page_of(groups, page)
    lines = ["<b>По организациям</b>", "выполнено из всех · просрочено · на проверке", ""]
    for group in shown:
        silent = "" if group.id in held else " 🔕"
        lines.append(
            f"{said(group.name, 50)}{silent}: {group.figures.done}/{group.figures.total} · "
            f"🔴 {group.figures.overdue} · 👀 {group.figures.on_review}"
        )
    buttons = [button(group.name[:40], Action.STATUS_PLACE, group.id) for group in shown]
    pairs: Keyboard = tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))
    return Screen(
        "\n".join(lines),
        (*pairs, *pager(Action.STATUS_PLACES, (), page, len(groups)), (button("« Сводка", Action.STATUS),)),
    )


def sections(groups: list[Group], page: int) -> Screen:
    """List the sections with their figures; the overdue of each opens."""
    if not groups:
        return Screen("В плане нет разделов.", column(button("« Сводка", Action.STATUS)))
    shown = page_of(groups, page)
    lines = ["<b>По разделам</b>", ""]
    lines += [
        f"{said(group.name, 100)}: {group.figures.done}/{group.figures.total}, "
        f"просрочено {group.figures.overdue}"
        for group in shown
    ]
    buttons = [
        button(
            f"🔴 {group.figures.overdue}: {group.name}"[:60],
            Action.STATUS_ROWS,
            int(Standing.OVERDUE),
            0,
            group.id,
            0,
        )
        for group in shown
        if group.figures.overdue
    ]
    return Screen(
        "\n".join(lines),
        column(*buttons)
        + pager(Action.STATUS_SECTIONS, (), page, len(groups))
        + column(button("« Сводка", Action.STATUS)),
    )


def queue(found: list[ReviewCard], page: int) -> Screen:
    """List the reports that wait for a decision; each opens as its card."""
    if not found:
        return Screen("На проверке ничего нет.", column(button("« Сводка", Action.STATUS)))
    lines = [f"<b>👀 На проверке: {count(len(found), 'report')}</b>", ""]
    shown = page_of(found, page)
    lines += [
        f"{said(card.organisation, 40)}: {item(card.number)} {said(card.title, 60)} — "
        f"с {moment(card.submitted_at, card.time_zone)}"
        for card in shown
    ]
    buttons = [
        button(
            f"{card.organisation}: п. {(card.number or '?').rstrip('.')}"[:60],
            Action.STATUS_REVIEW,
            card.report_id,
        )
        for card in shown
    ]
    return Screen("\n".join(lines), column(*buttons, button("« Сводка", Action.STATUS)))
