"""Leaving a seat: which one, are you sure, and what the coordinators hear."""

from collections.abc import Sequence

from models.people import Role
from services.access import SeatHeld
from services.leaving import Leaving, Left, Vacancy
from views.actions import Action, button, column
from views.screen import Screen
from views.words import said

HELP = "/leave — оставить должность, если вы с неё уходите"


def which(seats: Sequence[SeatHeld]) -> Screen:
    """Ask which seat is left."""
    return Screen(
        "Какую должность вы оставляете? Отчёты сохранятся: их увидит тот, кто придёт на ваше место.",
        column(
            *(button(_name(seat)[:60], Action.LEAVE, seat.seat_id) for seat in seats),
            button("Никакую, я остаюсь", Action.STAY),
        ),
    )


def _name(seat: SeatHeld) -> str:
    return f"{seat.title} — {seat.organisation}"


def _quoted(seat: SeatHeld) -> str:
    return f"<b>{said(seat.title, 60)} — {said(seat.organisation, 60)}</b>"


def sure(found: Leaving) -> Screen:
    """Ask whether somebody is sure, and say what they lose and what stays."""
    seat = found.seat
    lines = [f"{_quoted(seat)}\nТочно? {LOST[seat.role]}"]
    if found.drafts:
        lines.append(
            f"⚠️ Неотправленных черновиков: {found.drafts}. Отправьте их до ухода: потом их никто не увидит."
        )
    return Screen(
        "\n\n".join(lines),
        column(
            button("Да, оставить должность", Action.LEAVE_SURE, seat.seat_id),
            button("Нет, я остаюсь", Action.STAY),
        ),
    )


LOST = {
    Role.EXECUTOR: "Напоминания перестанут приходить, отчёты останутся.",
    Role.COORDINATOR: "Отчёты на проверку перестанут приходить; то, что вы приняли или вернули, останется.",
    Role.STAFF: "Сводка по понедельникам перестанет приходить.",
    Role.ADMINISTRATOR: "Загружать приказы и приглашать людей вы больше не сможете.",
}


def left(found: Left) -> Screen:
    """Confirm that a seat is free, and say what is left to whoever has left it."""
    lines = [f"Готово, вы оставили должность: {_quoted(found.seat)}. Координатор об этом узнает."]
    if found.kept:
        lines.append(f"За вами остаётся: {', '.join(map(_quoted, found.kept))}.")
    else:
        lines.append("Если вернётесь, попросите у координатора новую ссылку. Спасибо за работу!")
    return Screen("\n\n".join(lines))


def stays() -> Screen:
    """Say that nothing has changed."""
    return Screen("Хорошо, всё остаётся как было.")


def last_administrator() -> Screen:
    """Say why the last administrator cannot leave, and how they can."""
    return Screen(
        "Вы единственный администратор: без вас некому загружать приказы и приглашать людей. "
        "Передайте место: на сервере сделайте ссылку командой <code>python -m bot invite --admin</code>. "
        "Кто войдёт по ней, сменит вас, и уходить отдельно не понадобится."
    )


def vacant(found: Vacancy) -> Screen:
    """Tell the coordinators that a seat is free."""
    lines = [
        f"Должность свободна: <b>{said(found.title, 60)} — {said(found.organisation, 60)}</b>.",
        f"{said(found.person, 80)} больше её не занимает.",
    ]
    if found.role is Role.EXECUTOR:
        lines.append("Отчёты сохранены. Пока никто не войдёт, напоминать некому.")
    if found.on_review:
        lines.append(f"Отчётов на проверке: {found.on_review}. Они ждут вас: /status")
    return Screen("\n".join(lines), column(button("Пригласить", Action.INVITES)))
