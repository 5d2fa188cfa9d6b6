"""Invitations: whom to invite, and the links."""

from models.people import Role
from services.seats import SeatView
from views.actions import Action, button, column
from views.screen import Screen
from views.words import count, said

GROUPS = (
    (Role.EXECUTOR, "Всем, кого ещё нет: исполнители"),
    (Role.COORDINATOR, "Координатор"),
    (Role.STAFF, "Сотрудник муниципалитета (сводка по понедельникам)"),
)


def overview(seats: list[SeatView]) -> Screen:
    """Say whose seats are taken, and offer links for the others."""
    lines = ["<b>Приглашения</b>", ""]
    for seat in seats:
        if seat.role is Role.EXECUTOR:
            sign = "✅" if seat.taken else "🔕"
            lines.append(f"{sign} {said(seat.organisation, 50)} — {said(seat.title, 40)}")
    lines += ["", "🔕 — ещё никто не вошёл. Ссылка одноразовая и действует 7 дней; новая отменяет прежнюю."]
    return Screen(
        "\n".join(lines),
        column(*(button(text, Action.INVITE, index) for index, (_, text) in enumerate(GROUPS))),
    )


def links(found: list[tuple[SeatView, str]]) -> Screen:
    """Give the links, one a line, to be handed out."""
    if not found:
        return Screen("Все места заняты: приглашать некого.")
    lines = [
        f"<b>{count(len(found), 'link').capitalize()}</b>",
        "Передайте каждому его ссылку лично: по ней входят один раз.",
        "",
    ]
    lines += [
        f"{said(seat.organisation, 50)}, {said(seat.title, 40)}:\n{said(url, 200)}" for seat, url in found
    ]
    return Screen("\n".join(lines))


def ask_schools() -> Screen:
    """Ask for the list of schools."""
    return Screen(
        "Пришлите список школ: файл Excel или Word (подойдёт и PDF с текстом) либо текстом, "
        "по одной школе в строке.",
        placeholder="МБОУ СОШ № 1",
    )


def schools_added(added: tuple[str, ...], known: int, total: int) -> Screen:
    """Say which schools were added."""
    if not added and not known:
        return Screen(
            "Школ в списке не нашлось. Пришлите файл Excel или Word, где названия школ — в одном столбце, "
            "либо названия текстом, по одному в строке. Если это приказ с планом, пришлите его ещё раз.",
            column(button("Добавить школы", Action.SCHOOLS)),
        )
    lines = [f"Добавлено: {count(len(added), 'school')}."]
    if added:
        lines.append(", ".join(said(name, 60) for name in added[:30]))
    if known:
        lines.append(f"Уже были в списке: {known}.")
    lines.append(f"Теперь в муниципалитете {count(total, 'school')}.")
    return Screen("\n".join(lines), column(button("Пригласить директоров", Action.INVITES)))
