"""What will go out to whom in a month: the rehearsal of a draft, and of the plans in force."""

from datetime import date
from itertools import groupby

from babel.dates import format_date

from services.rehearsal import Message, Part, Rehearsal, RehearsedItem, months_after
from views.actions import PAGE, Action, button, pager
from views.screen import Keyboard, Screen
from views.words import RUSSIAN, count, item, said

FULL = 2800  # characters of the days on one page: a Telegram message holds 4096
MOST_ITEMS = 60  # of one organisation in one line
MOST_UNHEARD = 12  # names of those who hear nothing, and of those who get the digest


def rehearsal(found: Rehearsal, edition_id: int, page: int) -> Screen:
    """Show what will go out, day by day; ``edition_id`` is the draft's, or 0 for the plans in force."""
    pages = _pages(found)
    shown = min(max(page, 0), len(pages) - 1)
    title = "Репетиция" if found.before_approval else "Что и кому уйдёт"
    lines = [f"<b>{title}: {month_words(found.month)}</b>", _condition(found), *pages[shown]]
    if shown == len(pages) - 1:
        lines += _afterwards(found)
    return Screen("\n".join(lines), _buttons(found, edition_id, shown, len(pages)))


def month_words(month: date) -> str:
    """Say a month: «ноябрь 2026»."""
    return format_date(month, "LLLL y", locale=RUSSIAN)


def day_words(day: date) -> str:
    """Say a day: «5 ноября, четверг»."""
    return format_date(day, "d MMMM, EEEE", locale=RUSSIAN)


def _condition(found: Rehearsal) -> str:
    """Say how much goes out, and on what condition."""
    when = " с сегодняшнего дня" if found.today > found.month else ""
    approved = "план утвердить сейчас и " if found.before_approval else ""
    if not found.messages:
        return f"Если {approved}ничего не изменится, в этом месяце{when} никому ничего не уйдёт."
    people = len({one.person_id for one in found.messages})
    return (
        f"Если {approved}никто не отчитается раньше,{when} уйдёт {count(len(found.messages), 'message')} "
        f"{count(people, 'to_person')}."
    )


def _pages(found: Rehearsal) -> list[list[str]]:
    """Lay the messages out on pages of whole lines, each day under its heading; at least one page."""
    pages: list[list[str]] = [[]]
    for day, messages in groupby(found.messages, key=lambda one: one.day):
        heading = ["", f"<b>{day_words(day)}</b>"]
        for number, one in enumerate(messages):
            line = _line(one, several_plans=found.plans > 1)
            if pages[-1] and sum(map(len, pages[-1])) + len(line) > FULL:
                pages.append(list(heading))
            elif number == 0:
                pages[-1] += heading
            pages[-1].append(line)
    return pages


def _line(found: Message, *, several_plans: bool) -> str:
    parts: list[str] = []
    for part in found.parts:
        parts.append(_part(part, several_plans=several_plans))
        if sum(map(len, parts)) > FULL and len(parts) > 1:
            parts[-1:] = [f"и ещё {count(len(found.parts) - len(parts) + 1, 'organisation')}"]
            break
    unreachable = "" if found.reachable else " 🔕 не доставляется: бот заблокирован"
    return f"• {said(found.name, 60)} {'; '.join(parts)}{unreachable}"


def _part(part: Part, *, several_plans: bool) -> str:
    titles = ", ".join(said(title, 60) for title in part.titles)
    return f"({said(part.organisation, 60)}, {titles}): {_items(part.items, several_plans=several_plans)}"


def _items(items: tuple[RehearsedItem, ...], *, several_plans: bool) -> str:
    shown = items[:MOST_ITEMS]
    more = f" и ещё {len(items) - len(shown)}" if len(items) > len(shown) else ""
    if not several_plans:
        return ", ".join(map(_name, shown)) + more
    plans = groupby(shown, key=lambda one: one.roadmap_id)
    return ", ".join(_of_plan(list(found)) for _, found in plans) + more


def _of_plan(items: list[RehearsedItem]) -> str:
    order = items[0].order
    plan = f"№ {said(order, 40)}" if order else f"«{said(items[0].plan, 40)}»"
    return f"{', '.join(map(_name, items))} (приказ {plan})"


def _name(found: RehearsedItem) -> str:
    return item(found.number) if found.number else f"«{said(found.title, 40)}»"


def _afterwards(found: Rehearsal) -> list[str]:
    """Say what stands below the days: the weekly digest, and who hears nothing."""
    lines: list[str] = []
    if found.digests.days and found.digests.names:
        days = ", ".join(str(day.day) for day in found.digests.days)
        names = ", ".join(said(name, 60) for name in found.digests.names[:MOST_UNHEARD])
        more = len(found.digests.names) - MOST_UNHEARD
        names += f" и ещё {more}" if more > 0 else ""
        lines += ["", f"📊 Еженедельная сводка ({days} числа): {names}."]
    if found.unheard:
        lines += ["", _unheard(found)]
    return lines


def _unheard(found: Rehearsal) -> str:
    """Name the organisations that have nobody to get their messages."""
    names = [f"{said(one.organisation, 60)} ({count(one.messages, 'message')})" for one in found.unheard]
    more = len(names) - MOST_UNHEARD
    rest = f" и ещё {count(more, 'organisation')}" if more > 0 else ""
    return f"🔕 Некому напомнить: {', '.join(names[:MOST_UNHEARD])}{rest}. Пригласите людей: /invite."


def _buttons(found: Rehearsal, edition_id: int, page: int, pages: int) -> Keyboard:
    month = number_of(found.month)
    back = (
        button("« К плану", Action.ORDER, edition_id)
        if found.before_approval
        else button("« К планам", Action.ORDERS)
    )
    return (
        (
            button("‹", Action.REHEARSAL, edition_id, number_of(months_after(found.month, -1)), 0),
            button(month_words(found.month), Action.REHEARSAL, edition_id, month, page),
            button("›", Action.REHEARSAL, edition_id, number_of(months_after(found.month, 1)), 0),
        ),
        *pager(Action.REHEARSAL, (edition_id, month), page, pages * PAGE),
        (back,),
    )


def number_of(month: date) -> int:
    """Give the number by which a button names a month: 202611."""
    return month.year * 100 + month.month
