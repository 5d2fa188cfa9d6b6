"""The reviewer's card and the author's answer."""

from typing import Any

from models.assignments import Children, Evidence, EvidenceKind, Verdict
from services.reviews import ReviewCard, WordingBefore
from views.actions import Action, button, column
from views.changes import order
from views.figures import figure
from views.screen import Payload, Screen
from views.words import day, item, moment, pieces, said, whole

TEMPLATES = (
    "Нет фото или документа, которые это подтверждают",
    "Нет листа регистрации участников",
    "Не указано, сколько человек участвовало",
    "Отчёт не по этому пункту",
)

CHILDREN = {
    Children.NONE: "👶 Детей на снимках нет.",
    Children.CONSENTED: "👶 На снимках есть дети, согласия собраны.",
    Children.WITHHELD: "👶 На снимках есть дети, согласий нет: в выгрузки снимки не попадут.",
}


def card(found: ReviewCard) -> Screen:
    """Show a report to its reviewer, with what can be decided."""
    lines = [
        f"<b>{said(found.organisation, 60)} · {item(found.number)}</b>",
        said(found.title, 300),
        (
            f"Срок: {day(found.due)}. Прислано: {moment(found.submitted_at, found.time_zone)}, "
            f"{said(found.author, 80)}."
        ),
        f"В отчёте: {pieces(found.held, found.text)}.",
    ]
    if found.late:
        lines.append("⏰ Прислано после срока.")
    if found.figure is not None and found.figure.known:
        lines.append(f"📊 {figure(found.figure)}.")
    if found.children is not None:
        lines.append(CHILDREN[found.children])
    if found.expected_result:
        lines.append(f"Ожидаемый результат: {said(found.expected_result, 200)}")
    if found.text:
        lines.append(f"<blockquote>{whole(found.text)}</blockquote>")
    if found.earlier is not None and found.earlier != found.text:
        lines += [
            f"✏️ Версия {found.version}: автор исправил сообщение. Было отправлено:",
            f"<blockquote>{whole(found.earlier) or 'без текста'}</blockquote>",
        ]
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


METHODS = {
    EvidenceKind.PHOTO: ("sendPhoto", "photo"),
    EvidenceKind.DOCUMENT: ("sendDocument", "document"),
    EvidenceKind.VIDEO: ("sendVideo", "video"),
    EvidenceKind.VIDEO_NOTE: ("sendVideoNote", "video_note"),
    EvidenceKind.VOICE: ("sendVoice", "voice"),
    EvidenceKind.AUDIO: ("sendAudio", "audio"),
    EvidenceKind.ANIMATION: ("sendAnimation", "animation"),
}


def album(chat_id: int, caption: str, found: list[Evidence]) -> Payload:
    """Word pieces that Telegram shows together as one call: one piece, or an album of up to ten."""
    if len(found) == 1:
        method, field = METHODS[found[0].kind]
        call: Payload = {"method": method, "chat_id": chat_id, field: found[0].file_id}
        if found[0].kind is not EvidenceKind.VIDEO_NOTE:  # it takes no caption
            call |= {"caption": caption, "parse_mode": "HTML"}
        return call
    media: list[dict[str, Any]] = [
        {"type": METHODS[piece.kind][1], "media": piece.file_id} for piece in found
    ]
    media[0] |= {"caption": caption, "parse_mode": "HTML"}
    return {"method": "sendMediaGroup", "chat_id": chat_id, "media": media}


def edited(found: ReviewCard, was: str, now: str) -> Screen:
    """Tell whoever accepted a report that its author has edited a message of it since."""
    return Screen(
        f"✏️ {said(found.organisation, 60)}, {item(found.number)}: автор исправил сообщение уже после того, "
        "как отчёт принят. Принятая версия остаётся.\n"
        f"Было:\n<blockquote>{whole(was, 700) or 'без текста'}</blockquote>\n"
        f"Стало:\n<blockquote>{whole(now, 700) or 'без текста'}</blockquote>"
    )


def album_caption(found: ReviewCard) -> str:
    """Say of which report the pictures are."""
    return f"{said(found.organisation, 60)} · {item(found.number)} {said(found.title, 120)}"
