"""Plans in preparation and in force: their orders, their files, the points of an order's own text."""

from collections.abc import Sequence
from typing import Any

from models.roadmaps import Edition, Roadmap
from plans.calendar import local_date
from services.drafts import DraftHead
from views.actions import Action, button, column
from views.changes import order
from views.screen import Payload, Popup, Screen
from views.words import day, item, said


def listed(heads: list[DraftHead], roadmaps: list[Roadmap]) -> Screen:
    """List the plans in preparation and those in force."""
    lines = ["<b>Приказы и планы</b>", ""]
    lines.append(f"В подготовке: {len(heads)}. Утверждено: {len(roadmaps)}.")
    lines.append(
        "\nЧтобы начать новый, пришлите приказ файлом (Word, Excel, PDF с текстом) или вставьте его текст."
    )
    return Screen(
        "\n".join(lines),
        column(
            *(button(f"✏️ {head.title}"[:60], Action.ORDER, head.edition_id) for head in heads[:20]),
            *(button(f"✅ {roadmap.title}"[:60], Action.PLAN, roadmap.id) for roadmap in roadmaps[:20]),
            *(button("Что и кому уйдёт", Action.REHEARSAL, 0, 0, 0) for _ in roadmaps[:1]),
            button("Учебные четверти", Action.TERMS),
        ),
    )


def plan(roadmap: Roadmap, approved: Sequence[Edition]) -> Screen:
    """Show a plan in force: the orders that made it what it is, and what can be asked of it."""
    lines = [f"<b>{said(roadmap.title, 300)}</b>", ""]
    for edition in approved:
        on = day(local_date(edition.approved_at, roadmap.time_zone)) if edition.approved_at else ""
        lines.append(f"• редакция {edition.ordinal}: {order(edition.number, edition.dated)}, утверждена {on}")
    buttons = [button("Как было на дату", Action.AS_OF, roadmap.id)]
    for edition in approved:
        if edition.base_id is not None:
            label = f"Что изменил {order_label(edition)}"
            buttons.append(button(label[:60], Action.CHANGES, edition.id, 0))
        if edition.source_file_id is not None:
            buttons.append(button(f"Файл: {order_label(edition)}"[:60], Action.SOURCE, edition.id))
    return Screen("\n".join(lines), column(*buttons, button("« К планам", Action.ORDERS)))


def order_label(edition: Edition) -> str:
    """Name an order on a button, where nothing is HTML."""
    return f"приказ № {edition.number}" if edition.number else f"приказ, редакция {edition.ordinal}"


def source(chat_id: int, edition: Edition, sha256: str | None) -> Payload:
    """Word the original file of an order, as it was sent, with its hash."""
    caption = "Исходный файл приказа, как его прислали."
    if sha256 is not None:
        caption += f"\nSHA-256: <code>{sha256}</code>"
    return {
        "method": "sendDocument",
        "chat_id": chat_id,
        "document": edition.source_file_id,
        "caption": caption,
        "parse_mode": "HTML",
    }


def no_source() -> Popup:
    """Say that there is no file to send."""
    return Popup("Файла нет: приказ пришёл текстом.")


def order_duties(edition_id: int, found: Sequence[dict[str, Any]]) -> Screen:
    """Offer the points of the order's own text that carry a date."""
    lines = [
        "<b>Поручения в тексте самого приказа</b>",
        "В план они не входят. Добавьте те, о которых нужно напоминать.",
        "",
    ]
    buttons = []
    for place, one in enumerate(found):
        mark = "✓ " if one.get("added") else ""
        lines.append(f"{mark}{item(one['number'])} {said(one['title'], 200)}")
        lines.append(f"    срок: «{said(one['deadline_text'], 80)}», кто: {_who(one)}")
        if not one.get("added"):
            number = (one["number"] or "?").rstrip(".")
            buttons.append(button(f"Добавить п. {number} приказа", Action.ADD_DUTY, edition_id, place))
    return Screen("\n".join(lines), column(*buttons[:20], button("« К плану", Action.ORDER, edition_id)))


def _who(duty: dict[str, Any]) -> str:
    return f"«{said(duty['responsible_text'], 80)}»" if duty["responsible_text"] else "❓ не указан"
