"""«Not now»: the button of a reminder, the days to choose from, and what waits for the chosen one."""

from dataclasses import replace
from datetime import date, timedelta

from services.quiet import Choices, PutOff
from views.actions import Action, button, column
from views.screen import Button, Screen
from views.words import day as day_words

TOMORROW = timedelta(days=1)
UNTIL_DAY = ("понедельника", "вторника", "среды", "четверга", "пятницы", "субботы", "воскресенья")


def not_now_button() -> Button:
    """Give the button of a reminder; ``addressed`` lets it name its letter."""
    return button("Не сейчас", Action.NOT_NOW)


def addressed(screen: Screen, letter_id: int) -> Screen:
    """Let the «not now» of a reminder name the letter it stands on."""
    here = not_now_button()
    named = replace(here, data=f"{here.data}:{letter_id}")
    rows = tuple(tuple(named if one == here else one for one in row) for row in screen.keyboard)
    return replace(screen, keyboard=rows)


def ask(found: Choices) -> Screen:
    """Ask to which day a reminder is put off."""
    return Screen(
        "Хорошо, не сейчас. Когда напомнить снова, в 9:00? До этого дня напоминаний не будет, "
        "а отчёт можно прислать в любое время.",
        column(
            *(
                button(f"До {until(day, found.today)}", Action.QUIET_UNTIL, found.letter_id, number_of(day))
                for day in found.days
            )
        ),
    )


def put_off(found: PutOff) -> Screen:
    """Say until when nothing is said, and what is said then."""
    then = (
        "В этот день в 9:00 напомню о том же снова. Если успеете раньше, ответьте на напоминание — "
        "и повторять не придётся."
        if found.items
        else "По этому напоминанию ничего больше не ждём."
    )
    return Screen(f"Хорошо, до {until(found.day, found.today)}, напоминаний не будет. {then}")


def until(day: date, today: date) -> str:
    """Say a day as the end of a pause: «завтра, 13 ноября», «понедельника, 16 ноября»."""
    name = "завтра" if day - today == TOMORROW else UNTIL_DAY[day.weekday()]
    return f"{name}, {day_words(day, today=today)}"


def number_of(day: date) -> int:
    """Give the number by which a button names a day: 20261116."""
    return day.year * 10_000 + day.month * 100 + day.day
