"""Meeting people: the invitation, consent, who they are here, help."""

from models.people import Role
from services.access import Actor
from services.items import ItemView
from services.seats import Offer
from views.actions import Action, button, column
from views.items import summary_lines
from views.privacy import CONSENT
from views.screen import Screen
from views.words import said

ROLE_LINES = {
    Role.ADMINISTRATOR: "Вы загружаете приказы, приглашаете людей и следите за настройками.",
    Role.COORDINATOR: "Вы проверяете отчёты и видите сводку: /status.",
    Role.STAFF: "Каждый понедельник в 9:00 вы получаете сводку за неделю; в любой день — /status.",
    Role.EXECUTOR: "Бот напомнит о сроках. Чтобы отчитаться, ответьте на напоминание текстом и фото.",
}


ANY_ANSWER = (
    "Отчёт — любой ответ: текст, фото, альбом, документ, голосовое, ссылка. Исправите сообщение — "
    "проверяющий увидит обе версии. Удалённое в чате сообщение отчёт не отменяет: попросите координатора "
    "вернуть отчёт."
)


def stranger() -> Screen:
    """Say to a stranger, politely, that this is a work bot, and nothing else."""
    return Screen(
        "Здравствуйте! Это рабочий бот муниципалитета. Чтобы войти, откройте личную ссылку-приглашение: "
        "её выдаёт координатор дорожной карты в отделе образования."
    )


def offer(offered: Offer) -> Screen:
    """Ask whether the newcomer is who the invitation was made for."""
    return Screen(
        f"Здравствуйте! Это бот «Дорожная карта».\n\nВы — <b>{said(offered.title)}</b>, "
        f"{said(offered.organisation, 200)}?",
        column(
            button("Да, это я", Action.JOIN, offered.invitation_id),
            button("Нет, это не я", Action.DECLINE, offered.invitation_id),
        ),
    )


def consent(offered: Offer) -> Screen:
    """Show the text of the consent."""
    return Screen(
        CONSENT,
        column(
            button("Согласен, продолжить", Action.CONSENT, offered.invitation_id),
            button("Не согласен", Action.DECLINE, offered.invitation_id),
        ),
    )


def declined() -> Screen:
    """Say that nothing was stored."""
    return Screen(
        "Хорошо. Мы ничего о вас не сохранили. Если передумаете, откройте ссылку-приглашение ещё раз."
    )


def joined(offered: Offer, items: list[ItemView]) -> Screen:
    """Say who the newcomer is here, and give one summary instead of a backlog."""
    text = (
        f"Готово! Вы — <b>{said(offered.title)}</b>, {said(offered.organisation, 200)}.\n\n"
        f"{ROLE_LINES[offered.role]}"
    )
    if offered.role is Role.EXECUTOR:
        text += "\n\n" + summary_lines(items)
        return Screen(text, column(button("Мои пункты", Action.ITEMS, 0)))
    if offered.role is Role.ADMINISTRATOR:
        text += (
            "\n\nС чего начать:\n1. Пришлите список школ — файл Excel или Word, или названия, "
            "по одному в строке: кнопка ниже.\n2. Пришлите приказ с дорожной картой: файл Word, Excel "
            "или PDF с текстом; можно просто вставить его текст.\n"
            "3. Пригласите директоров и координатора: /invite."
        )
        return Screen(text, column(button("Добавить школы", Action.SCHOOLS)))
    return Screen(text, column(button("Сводка", Action.STATUS)))


def help_for(actor: Actor) -> Screen:
    """Say in a few lines what this person can do here."""
    lines = [
        f"Вы здесь: {', '.join(f'{said(seat.title)} — {said(seat.organisation)}' for seat in actor.seats)}.",
        "",
    ]
    lines += list(dict.fromkeys(ROLE_LINES[seat.role] for seat in actor.seats))
    lines += ["", "Команды:"]
    if actor.has(Role.EXECUTOR):
        lines.append("/plan — мои пункты по месяцам: что сделано, что дальше")
        lines.append("/today — что сдать сейчас")
    if actor.has(Role.COORDINATOR, Role.STAFF, Role.ADMINISTRATOR):
        lines.append("/status — сводка: просрочено, на проверке, по организациям")
        lines.append("/call — кому позвонить: не доставлено, не отвечают, место свободно")
        lines.append("/asked — сколько мы спросили за месяц")
    if actor.has(Role.COORDINATOR, Role.ADMINISTRATOR):
        lines.append("/ask — разовый запрос школе помимо плана")
        lines.append("/invite — пригласить людей")
        lines.append("/orders — приказы и планы: подготовка, изменения, что и кому уйдёт")
    lines.append("/privacy — мои данные: что хранится, согласие и его отзыв")
    lines.append("/leave — оставить должность")
    lines.append("/cancel — забыть, о чём бот спросил")
    if actor.has(Role.EXECUTOR):
        lines += ["", ANY_ANSWER]
    return Screen("\n".join(lines))


def cancelled(*, there_was: bool) -> Screen:
    """Answer /cancel."""
    return Screen("Хорошо, забыли." if there_was else "Отменять нечего. Что я умею: /help")


def not_understood(actor: Actor) -> Screen:
    """Hint at what to do with a message the bot cannot use."""
    if actor.has(Role.EXECUTOR):
        return Screen(
            "Этого я не умею принять. Чтобы отчитаться, пришлите текст, фото или документ; "
            "лучше всего — ответом на напоминание.",
            column(button("Мои пункты", Action.ITEMS, 0)),
        )
    return Screen("Не понял. Вот что я умею: /help", column(button("Сводка", Action.STATUS)))


def private_only() -> Screen:
    """Say in a group that talk goes on in private."""
    return Screen("Я отвечаю в личных сообщениях: откройте чат со мной и напишите туда.")
