"""School terms: which are known, how to type others, and what is wrong with them as typed."""

from collections.abc import Sequence

from plans.deadline import SchoolTerm
from plans.school_terms import QUARTERS, Terms, TermsNotRead, Wrong, holidays_between, known_terms
from views.actions import Action, button, column
from views.screen import Screen
from views.words import count, said

MOST_YEARS = 6  # on one screen, the latest ones
SEASONS = ("осенние", "зимние", "весенние")
EXAMPLE = "{first}/{second}: 01.09–25.10, 02.11–28.12, 11.01–26.03, 05.04–26.05"
HOW = (
    "Напишите учебный год и четверти (или три триместра) так:\n<code>{example}</code>\n\n"
    "Можно и словами, по одной в строке: «1 четверть: с 1 сентября по 25 октября»."
)
WRONG = {
    Wrong.NO_YEAR: "Не понял, какой это учебный год.",
    Wrong.WRONG_YEAR: "Учебный год длится с одного года по следующий, а написано «{said}».",
    Wrong.NOT_READ: "Не понял «{said}»: у каждой четверти нужны первый и последний день.",
    Wrong.BACKWARDS: "В «{said}» конец раньше начала.",
    Wrong.OUTSIDE: "{said} — не {year} учебный год.",
    Wrong.OVERLAP: "Четверти должны идти по порядку и не пересекаться: {said}.",
    Wrong.NO_HOLIDAYS: "Между четвертями не остаётся каникул.",
    Wrong.NOT_WHOLE: "Четверти занимают весь учебный год, с сентября по май, а получилось {said}.",
    Wrong.NUMBER: "Нужны четыре четверти или три триместра, а прочитано: {found}.",
}


def shown(own: Terms) -> Screen:
    """Show the school years that are known, with the holidays between their terms."""
    lines = ["<b>Учебные четверти и каникулы</b>", ""]
    for year, terms in sorted(known_terms(own).items())[-MOST_YEARS:]:
        lines += [*_year(year, terms, own=year in own), ""]
    lines.append(
        "По ним бот понимает «1 четверть», «осенние каникулы». Если ваши сроки другие или года здесь нет, "
        "укажите свои: для этого года они заменят рекомендованные."
    )
    return Screen(
        "\n".join(lines),
        column(button("Указать четверти", Action.TERMS_ASK), button("« К планам", Action.ORDERS)),
    )


def _year(year: int, terms: Sequence[SchoolTerm], *, own: bool) -> list[str]:
    noun = "четверть" if len(terms) == QUARTERS else "триместр"
    lines = [f"<b>{year}/{year + 1}</b> — {'ваши' if own else 'рекомендованные'}"]
    holidays = (*holidays_between(terms), None)
    for place, (term, between) in enumerate(zip(terms, holidays, strict=True)):
        lines.append(f"{place + 1} {noun}: {_days(term)}")
        if between is not None:
            season = f"{SEASONS[place]} " if len(terms) == QUARTERS else ""
            lines.append(f"    {season}каникулы: {_days(between)}")
    return lines


def _days(found: SchoolTerm) -> str:
    return f"{found.start:%d.%m}–{found.end:%d.%m}"


def ask(year: int) -> Screen:
    """Ask for the terms of a school year, with an example of it."""
    example = _example(year)
    return Screen(HOW.format(example=example), placeholder=example)


def _example(year: int) -> str:
    return EXAMPLE.format(first=year, second=year + 1)


def stored(year: int, terms: Sequence[SchoolTerm], rows: int) -> Screen:
    """Confirm the terms, and say how many rows of drafts are understood by them."""
    lines = ["Записал.", "", *_year(year, terms, own=True), ""]
    if rows:
        lines.append(f"Сроки в планах, которые готовятся, прочитаны заново: {count(rows, 'row')}.")
    else:
        lines.append("В планах, которые готовятся, от этого ничего не изменилось.")
    lines.append("Уже утверждённые планы остаются как есть.")
    return Screen(
        "\n".join(lines), column(button("К планам", Action.ORDERS), button("Учебные четверти", Action.TERMS))
    )


def refused(facts: TermsNotRead) -> Screen:
    """Say what is wrong with terms as they were typed, and ask again."""
    school_year = f"{facts.year}/{facts.year + 1}" if facts.year is not None else ""
    words = WRONG[facts.wrong].format(said=said(facts.said, 80), year=school_year, found=facts.found)
    example = _example(facts.year) if facts.year is not None else EXAMPLE_OF_ANY
    return Screen(f"{words}\n\n{HOW.format(example=example)}", placeholder=example)


EXAMPLE_OF_ANY = _example(2026)
