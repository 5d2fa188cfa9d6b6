"""The reviewer's card and the author's answer."""

import re
from typing import Any

from models.assignments import Children, Evidence, EvidenceKind, Verdict
from plans.calendar import local_date
from services.recycled import Repeat
from services.reviews import ReviewCard, WordingBefore
from views.actions import Action, button, column
from views.changes import order
from views.figures import figure
from views.screen import Button, Payload, Screen
from views.words import day, item, moment, pieces, said, short, whole

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
    lines += repeated(found)
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
            *column(*_earlier_button(found)),
        ),
    )


def _earlier_button(found: ReviewCard) -> tuple[Button, ...]:
    return (button("♻️ Показать прежние снимки", Action.EARLIER, found.report_id),) if found.repeats else ()


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
        call: Payload = {"method": method, "chat_id": chat_id, field: content(found[0])}
        if found[0].kind is not EvidenceKind.VIDEO_NOTE:  # it takes no caption
            call |= {"caption": caption, "parse_mode": "HTML"}
        return call
    media: list[dict[str, Any]] = [
        {"type": METHODS[piece.kind][1], "media": content(piece)} for piece in found
    ]
    media[0] |= {"caption": caption, "parse_mode": "HTML"}
    return {"method": "sendMediaGroup", "chat_id": chat_id, "media": media}


def content(piece: Evidence) -> str | dict[str, str]:
    """Give what is sent of a piece: what Telegram holds, but of a picture sent as a file our clean copy.

    The file as it came says where it was taken, and by whose camera.
    """
    stored = piece.stored_file if piece.kind is EvidenceKind.DOCUMENT and piece.media_type else None
    if stored is None or piece.media_type is None:
        return piece.file_id
    return {"stored": stored.sha256, "name": f"{_stem(piece)}.{piece.media_type.rpartition('/')[2]}"}


def _stem(piece: Evidence) -> str:
    """Give the name a file came under without its folders and its ending, as any machine takes it."""
    last = re.split(r"[\\/]", piece.file_name or "")[-1].rpartition(".")[0]
    return short("".join(one for one in last if one.isprintable() and one not in ':*?"<>|'), 60) or PICTURE


PICTURE = "Снимок"


def repeated(found: ReviewCard) -> list[str]:
    """Say which pictures of a report were sent before: it is for the reviewer to judge."""
    return [
        f"♻️ {'Тот же снимок' if one.exact else 'Похоже, тот же снимок'} уже присылали: "
        f"{said(one.organisation, 60)}, {item(one.number)}, {day(local_date(one.sent_at, one.time_zone))}."
        for one in found.repeats[:MOST_REPEATS]
    ]


def earlier_caption(one: Repeat) -> str:
    """Say whose the earlier picture is."""
    return (
        f"♻️ Прежний снимок: {said(one.organisation, 60)} · {item(one.number)}, "
        f"{moment(one.sent_at, one.time_zone)}"
    )


MOST_REPEATS = 3  # said on a card; all are shown by its button


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
