"""Whom to call and why; who is told in whose place; what is said to whoever comes back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from plans.calendar import local_date
from services.items import ItemView
from services.reaching import Barrier, CallEntry, CallWhy, Unreached
from views.actions import Action, button, column, page_of, pager
from views.items import summary_lines
from views.screen import Screen
from views.words import count, day, said

MOST_TITLES = 3  # of one organisation
BARRIERS = {
    Barrier.BLOCKED: "бот заблокирован",
    Barrier.DEACTIVATED: "учётная запись Telegram удалена",
    Barrier.LOST: "чат не найден",
}


def to_call(found: Sequence[CallEntry], page: int) -> Screen:
    """List the organisations to call, page by page; each opens into its card with the rows."""
    back = column(button("« Сводка", Action.STATUS))
    if not found:
        return Screen(
            "<b>📞 Кому позвонить</b>\n\nНикому: все, от кого ждём отчётов, получают напоминания и отвечают.",
            back,
        )
    shown = page_of(found, page)
    lines = [f"<b>📞 Кому позвонить: {count(len(found), 'to_organisations')}</b>"]
    lines += [f"\n<b>{said(one.organisation, 60)}</b> — {why(one)}\n{counts(one)}" for one in shown]
    return Screen(
        "\n".join(lines),
        column(*(button(one.organisation[:60], Action.STATUS_PLACE, one.organisation_id) for one in shown))
        + pager(Action.CALL, (), page, len(found))
        + back,
    )


def why(found: CallEntry) -> str:
    """Say why an organisation has to be called."""
    who = ", ".join(said(title, 60) for title in found.titles[:MOST_TITLES])
    who += f" и ещё {len(found.titles) - MOST_TITLES}" if len(found.titles) > MOST_TITLES else ""
    if found.why is CallWhy.NOBODY:
        return f"некому напомнить: место свободно ({who})" if who else "некому напомнить"
    since = f" с {_day(found.since, found.zone)}" if found.since is not None else ""
    if found.why is CallWhy.UNDELIVERED:
        barriers = ", ".join(BARRIERS[one] for one in found.barriers)
        return f"не доставлено{since}: {barriers} ({who})"
    return f"ответа нет, напоминали {count(found.reminded, 'time')}{since} ({who})"


def _day(at: datetime, zone: str) -> str:
    on = local_date(at, zone)
    return day(on, today=on)


def counts(found: CallEntry) -> str:
    """Say how much an organisation owes, and how much of it is overdue."""
    owed = f"Открыто: {count(found.owed, 'row')}"
    return f"{owed}, из них просрочено: {found.overdue}." if found.overdue else f"{owed}."


def instead(screen: Screen, unreached: Sequence[Unreached]) -> Screen:
    """Let a reminder say which colleague is not told, by the seat and nothing of the person."""
    if not unreached:
        return screen
    lines = [
        f"<i>{said(one.organisation, 60)}: {said(one.title, 60)} не получает сообщения бота, "
        "поэтому напоминаем вам.</i>"
        for one in unreached
    ]
    return replace(screen, text="\n\n".join([screen.text, "\n".join(lines)]))


def reunion(items: Sequence[ItemView] | None) -> Screen:
    """Sum up what is open to whoever lets the bot in again; None: they answer for nothing themselves."""
    if items is None:
        return Screen(
            "Бот снова может вам писать. Что пришло за это время, видно в сводке.",
            column(button("Сводка", Action.STATUS)),
        )
    return Screen(
        "Бот снова может вам писать. Пропущенные напоминания повторять не будем, вот что открыто сейчас.\n\n"
        f"{summary_lines(list(items))}",
        column(button("Мои пункты", Action.ITEMS, 0)),
    )
