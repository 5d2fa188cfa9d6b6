"""The reviewer's card and the author's answer."""

from typing import Any

from models.assignments import Evidence, EvidenceKind, Verdict
from services.reviews import ReviewCard, WordingBefore
from views.actions import Action, button, column
from views.changes import order
from views.screen import Payload, Screen
from views.words import day, item, moment, pieces, said, whole

TEMPLATES = (
    "Нет фото или документа, которые это подтверждают",
    "Нет листа регистрации участников",
    "Не указано, сколько человек участвовало",
    "Отчёт не по этому пункту",
)


def card(found: ReviewCard) -> Screen:
    """Show a report to its reviewer, with what can be decided."""
    lines = [
        f"<b>{said(found.organisation, 60)} · {item(found.number)}</b>",
        said(found.title, 300),
        (
            f"Срок: {day(found.due)}. Прислано: {moment(found.submitted_at, found.time_zone)}, "
            f"{said(found.author, 80)}."
        ),
        f"В отчёте: {pieces(found.photos, found.files, found.text)}.",
    ]
    if found.expected_result:
        lines.append(f"Ожидаемый результат: {said(found.expected_result, 200)}")
    if found.text:
        lines.append(f"<blockquote>{whole(found.text)}</blockquote>")
    if found.before is not None:
        lines += _wording_before(found.before)
    if found.verdict is not None:
        lines.append(decision(found))
        return Screen("\n".join(lines))
    return Screen(
        "\n".join(lines),
        (
            (
                button("✅ Принять", Action.ACCEPT, found.report_id),
                button("↩️ Вернуть", Action.RETURN, found.report_id),
            ),
        ),
    )


def _wording_before(before: WordingBefore) -> list[str]:
    """Say what the row asked when the report was sent, where an order has changed it since."""
    changed = "исключён" if before.withdrawn else "изменён"
    return [
        "",
        (
            f"⚠️ После отправки отчёта пункт {changed}: {order(before.order_number, before.order_date)}. "
            f"Отчёт писали к такому пункту: «{said(before.title, 300)}», срок {day(before.due)}. "
            "Решайте, подходит ли он."
        ),
    ]


def decision(found: ReviewCard) -> str:
    """Say what was decided and by whom."""
    if found.verdict is Verdict.ACCEPTED:
        return f"✅ Принято: {said(found.reviewer or '', 80)}"
    return f"↩️ Возвращено: {said(found.reviewer or '', 80)}. Замечание: {said(found.remark or '', 300)}"


def ask_remark(found: ReviewCard) -> Screen:
    """Ask why a report is returned."""
    return Screen(
        f"Почему возвращаем отчёт: {said(found.organisation, 60)}, {item(found.number)}?\n"
        "Выберите замечание или напишите своё одним сообщением.",
        column(
            *(button(text, Action.RETURN_AS, found.report_id, index) for index, text in enumerate(TEMPLATES))
        ),
    )


def returned(found: ReviewCard) -> Screen:
    """Confirm to the reviewer that the report went back."""
    return Screen(
        f"↩️ Возвращено: {said(found.organisation, 60)}, {item(found.number)}.\n"
        f"Замечание: {said(found.remark or '', 300)}"
    )


def verdict(found: ReviewCard) -> Screen:
    """Tell the author what became of the report."""
    where = f"{item(found.number)} {said(found.title)}"
    if found.verdict is Verdict.ACCEPTED:
        return Screen(f"✅ <b>Принято:</b> {where}\nСпасибо!")
    if found.before is not None and found.before.withdrawn:
        return Screen(
            f"↩️ <b>Возвращено:</b> {where}\nЗамечание: {whole(found.remark or '', 1000)}\n\n"
            f"Пункт исключён из плана ({order(found.before.order_number, found.before.order_date)}): "
            "исправлять ничего не нужно."
        )
    return Screen(
        f"↩️ <b>Возвращено:</b> {where}\nЗамечание: {whole(found.remark or '', 1000)}\n\n"
        "Ответьте на это сообщение исправленным отчётом — текстом, фото или файлом."
    )


def album(chat_id: int, caption: str, found: list[Evidence]) -> Payload:
    """Word pieces of one kind as one call: a picture, a document, or an album of up to ten."""
    kind = "photo" if found[0].kind is EvidenceKind.PHOTO else "document"
    if len(found) == 1:
        return {
            "method": "sendPhoto" if kind == "photo" else "sendDocument",
            "chat_id": chat_id,
            kind: found[0].file_id,
            "caption": caption,
            "parse_mode": "HTML",
        }
    media: list[dict[str, Any]] = [{"type": kind, "media": piece.file_id} for piece in found]
    media[0] |= {"caption": caption, "parse_mode": "HTML"}
    return {"method": "sendMediaGroup", "chat_id": chat_id, "media": media}


def album_caption(found: ReviewCard) -> str:
    """Say of which report the pictures are."""
    return f"{said(found.organisation, 60)} · {item(found.number)} {said(found.title, 120)}"
