"""Refusals in words: what cannot be done, and what to do instead."""

from collections.abc import Callable
from typing import Any

from models.assignments import Verdict
from services import approval, drafts, reports, reviews, seats
from services.appeals import AlreadyAsked, AlreadyDecided, NoLongerOwed, WordNeeded
from services.corrections import DateNotUnderstood, DeadlineNotUnderstood, NoSuchRow
from services.deciding import DayNotUnderstood, OwnAppeal, UnfitDay
from services.demands import DemandGone, DemandTooLong, GroundsNeeded, GroundsTooShort, NobodyToAsk
from services.editions import BaseChanged
from services.leaving import LastAdministrator
from services.quiet import DayGone
from services.refusals import NotFound, Refusal
from services.rules import TermsRefused
from views import appeals, demands, leaving, terms
from views.actions import Action, button, column
from views.items import rival_buttons
from views.screen import Keyboard, Screen
from views.words import count, moment, said

MY_ITEMS: Keyboard = column(button("Мои пункты", Action.ITEMS, 0))


def already_reviewed(refusal: reviews.AlreadyReviewed) -> Screen:
    """Say who decided before."""
    word = "принято" if refusal.verdict is Verdict.ACCEPTED else "возвращено"
    return Screen(f"Уже {word}: {said(refusal.by, 80)}.")


def already_on_review(refusal: reports.AlreadyOnReview) -> Screen:
    """Say whose report is on review; what was written beside it may be added to it."""
    found = refusal.found
    if found is None or found.own:
        return Screen(
            "Ваш отчёт по этому пункту уже на проверке. Чтобы что-то добавить, ответьте на своё сообщение.",
            MY_ITEMS,
        )
    sent = f"{said(found.author, 80)}, {moment(found.submitted_at, found.time_zone)}"
    if refusal.draft_id is None:
        return Screen(f"Отчёт по этому пункту уже на проверке: {sent}.", MY_ITEMS)
    return Screen(
        f"Пока вы писали, отчёт по этому пункту уже отправлен: {sent}. Ваш черновик сохранён. "
        "Дополнить тот отчёт?",
        rival_buttons(refusal.draft_id),
    )


def not_ready(refusal: approval.NotReady) -> Screen:
    """Say that doubts are left."""
    return Screen(
        f"Утвердить пока нельзя: осталось ответить на {count(len(refusal.doubts), 'to_question')}.",
        column(button("Показать", Action.ORDER, refusal.edition_id)),
    )


def no_such_row(refusal: NoSuchRow) -> Screen:
    """Say that the draft has no row of this number, or several."""
    name = f"Пункта «{said(refusal.number, 20)}»" if refusal.number else "Пункта без номера"
    return Screen(
        f"{name} в плане нет, или таких несколько. Откройте нужный пункт кнопкой и напишите ещё раз "
        "без номера, например: «срок: до 15 октября».",
        column(button("Пункты плана", Action.ROWS, refusal.edition_id, 0)),
    )


def day_gone(refusal: DayGone) -> Screen:
    """Say that a day to put a reminder off to has come, and ask anew."""
    return Screen(
        "Этот день уже наступил. Если напоминание всё ещё некстати, выберите другой день.",
        column(button("Выбрать день", Action.NOT_NOW, refusal.letter_id)),
    )


WORDS: dict[type[Refusal], Screen | Callable[[Any], Screen]] = {
    NotFound: Screen("Этого здесь больше нет, или оно не относится к вашей организации. Начните с /help."),
    seats.InvitationUnknown: Screen(
        "Такого приглашения нет. Проверьте, что ссылка скопирована целиком, "
        "или попросите координатора прислать новую."
    ),
    seats.InvitationUsed: Screen(
        "По этой ссылке уже вошли: она одноразовая. Если это были не вы, скажите об этом координатору. "
        "Если вы сменили телефон, попросите новую ссылку."
    ),
    seats.InvitationExpired: Screen(
        "Приглашение больше не действует: ссылка живёт 7 дней. Попросите координатора прислать новую."
    ),
    drafts.NotADraft: Screen("Этот план уже утверждён или отложен: менять его нельзя."),
    approval.NotReady: not_ready,
    BaseChanged: Screen(
        "Пока готовили эти изменения, план изменил другой приказ. Отложите этот черновик и пришлите "
        "файл ещё раз: бот сравнит его с тем, что действует теперь."
    ),
    NoSuchRow: no_such_row,
    DeadlineNotUnderstood: Screen(
        "Не понял срок. Напишите проще, например: «до 15 сентября 2026 года» или «октябрь 2026»."
    ),
    TermsRefused: lambda refusal: terms.refused(refusal.facts),
    DateNotUnderstood: Screen("Не понял дату. Напишите одной датой, например: 25.09.2026."),
    DayGone: day_gone,
    reports.NothingToSend: Screen("В черновике пока ничего нет. Пришлите текст, фото или документ."),
    reports.NoAssignment: Screen("Сначала выберите, к какому пункту относится отчёт."),
    reports.NotADraftAnyMore: Screen("Этот отчёт уже отправлен или удалён.", MY_ITEMS),
    reports.NothingOwed: Screen(
        "Открытых пунктов у вас сейчас нет, поэтому сообщение не к чему приложить. "
        "Когда подойдёт срок, бот напомнит.",
    ),
    reports.AlreadyOnReview: already_on_review,
    reports.AlreadyClosed: Screen("По этому пункту отчёт больше не нужен.", MY_ITEMS),
    reviews.AlreadyReviewed: already_reviewed,
    AlreadyAsked: appeals.already_asked,
    AlreadyDecided: appeals.already_decided,
    NoLongerOwed: appeals.no_longer_owed,
    WordNeeded: Screen("Напишите хотя бы пару слов одним сообщением."),
    OwnAppeal: Screen("Это ваша просьба: решение по ней принимает другой координатор или администратор."),
    UnfitDay: appeals.unfit_day,
    DayNotUnderstood: appeals.day_not_understood(),
    NobodyToAsk: lambda refusal: demands.nobody_to_ask(refusal.name),
    DemandGone: demands.gone(),
    DemandTooLong: lambda refusal: demands.too_long(refusal.length),
    GroundsNeeded: lambda refusal: demands.grounds_needed(refusal.crowded),
    GroundsTooShort: demands.grounds_too_short(),
    LastAdministrator: leaving.last_administrator(),
    reviews.RemarkNeeded: Screen("Напишите в двух словах, что исправить: без замечания отчёт не возвращаем."),
}


def refuse(refusal: Refusal) -> Screen:
    """Turn a refusal's facts into words."""
    words = WORDS[type(refusal)]
    return words if isinstance(words, Screen) else words(refusal)


def apology() -> Screen:
    """Apologise for a message that could not be handled."""
    return Screen(
        "Не получилось обработать ваше сообщение — это наша ошибка, администратор уже знает. "
        "Сообщение сохранено. Попробуйте, пожалуйста, отправить его ещё раз чуть позже."
    )


def trouble_note(update_id: int, kind: str) -> Screen:
    """Tell the administrator of a parked update; ids and the kind of error only."""
    return Screen(
        f"⚠️ Сообщение № {update_id} не удалось обработать ({said(kind, 60)}). Оно отложено, "
        "отправителю сказано. Подробности — в журнале бота."
    )
