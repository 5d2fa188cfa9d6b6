"""Personal data in words: the consent by its versions, what is kept, the revocation, the act."""

from models.people import Erasure
from plans.calendar import local_date
from plans.traces import Words
from services.acts import Act
from services.consents import CONSENT_VERSION, Holdings
from services.erasure import Consequences
from services.retention import Policy
from views.actions import Action, button, column
from views.screen import Screen
from views.words import RUSSIAN, count, day, said

# Each text stays here for as long as somebody may have agreed to it; a changed text is a new version.
CONSENTS = {
    "2026-11": (
        "<b>Согласие на обработку персональных данных</b>\n\n"
        "Бот хранит ваше имя и номер учётной записи в Telegram, а также сообщения и файлы, которые вы "
        "присылаете как отчёты. Они нужны, чтобы напоминать о сроках и вести учёт выполнения дорожной "
        "карты. Их видят сотрудники вашего муниципалитета, которые ведут дорожную карту. Никому другому "
        "данные не передаются.\n\n"
        "Согласие даётся на время работы в этой должности; отозвать его можно в любой день, написав "
        "своему координатору (152-ФЗ, ст. 9)."
    ),
    "2026-12": (
        "<b>Согласие на обработку персональных данных</b>\n\n"
        "Я соглашаюсь, чтобы орган управления образованием, который ведёт дорожную карту, обрабатывал "
        "мои данные с помощью этого бота.\n\n"
        "<b>Какие:</b> имя и номер учётной записи в Telegram; сообщения и файлы, которые я присылаю боту.\n"
        "<b>Зачем:</b> напоминать о сроках дорожной карты и вести учёт её выполнения.\n"
        "<b>Как:</b> записывать, хранить, показывать тем, кто ведёт дорожную карту в муниципалитете, "
        "уничтожать. Никому другому данные не передаются; сообщения доставляет Telegram.\n"
        "<b>До каких пор:</b> пока выполняется дорожная карта или пока я не отзову согласие. Сроки "
        "хранения файлов и черновиков показывает команда /privacy.\n\n"
        "Отозвать согласие можно в любой день командой /privacy. После этого мои данные будут уничтожены, "
        "а отправленные отчёты останутся документами школы без моего имени (152-ФЗ, ст. 9 и 21)."
    ),
}
CONSENT = CONSENTS[CONSENT_VERSION]
_YEARS = {"one": "год", "few": "года", "many": "лет", "other": "года"}


def words(person_id: int) -> Words:
    """Give what stands in the place of somebody's name and of what else told who they are."""
    return Words(name=f"участник № {person_id}", gone="[удалено]")


def nothing_kept() -> Screen:
    """Say to a stranger that there is nothing about them."""
    return Screen(
        "О вас здесь ничего не хранится. Чтобы войти, откройте ссылку-приглашение от своего координатора."
    )


def overview(held: Holdings, policy: Policy) -> Screen:
    """Say what is kept about somebody, since when, for how long, and what can be done."""
    lines = [
        "<b>Мои данные</b>",
        "",
        f"Имя в Telegram: {said(held.name)}. Номер учётной записи: {held.telegram_id}.",
    ]
    lines += [f"Должность: {said(title, 60)}, {said(place, 60)}." for title, place in held.seats]
    lines += [
        (
            f"Отчётов: {held.reports}, неотправленных черновиков: {held.drafts}, фото и файлов: "
            f"{held.pieces}, обращений: {held.appeals}, сообщений бота вам: {held.letters}."
        ),
        "",
        f"Согласие дано {day(local_date(held.since, held.zone))} (текст {said(held.version, 20)}).",
        _terms(policy),
    ]
    buttons = [button("Показать текст согласия", Action.PRIVACY_TEXT)]
    if not held.fresh:
        lines.append("С тех пор текст согласия изменился: прочитайте его, пожалуйста.")
        buttons = [button("Прочитать новый текст", Action.PRIVACY_NEW), *buttons]
    buttons.append(button("Отозвать согласие и удалить мои данные", Action.PRIVACY_REVOKE))
    return Screen("\n".join(lines), column(*buttons))


def _terms(policy: Policy) -> str:
    """Say how long what is kept."""
    years = f"{policy.evidence_years} {_YEARS[RUSSIAN.plural_form(policy.evidence_years)]}"
    return (
        f"Фото и файлы отчётов уничтожаются через {years}, неотправленные черновики — через "
        f"{count(policy.draft_days, 'day')}, удалённые — через {count(policy.dropped_days, 'day')}. "
        "Тексты и показатели отчётов остаются документами школы."
    )


def consent_text(version: str) -> Screen:
    """Show the text somebody has agreed to."""
    return Screen(CONSENTS.get(version, CONSENT), column(button("Мои данные", Action.PRIVACY)))


def consent_anew() -> Screen:
    """Show a changed text to whoever agreed to the one before."""
    return Screen(
        f"{CONSENT}\n\n<i>Текст изменился с тех пор, как вы согласились. Всё, что вы пишете, принимается как "
        "обычно: пока вы не ответите, действует прежнее согласие.</i>",
        column(
            button("Согласен", Action.PRIVACY_AGREE),
            button("Не согласен", Action.PRIVACY_REVOKE),
        ),
    )


def agreed() -> Screen:
    """Thank for the consent to the changed text."""
    return Screen("Спасибо, согласие записано. Посмотреть его и отозвать можно в любой день: /privacy.")


def confirm(would: Consequences) -> Screen:
    """Say what a revocation does, and ask once."""
    lines = ["<b>Отозвать согласие и удалить мои данные?</b>", "", "Это нельзя отменить. Сразу после этого:"]
    lines += [
        f"• должность «{said(title, 60)}», {said(place, 60)}, освободится, координатору об этом сообщат;"
        for title, place in would.seats
    ]
    lines += [
        f"• неотправленные черновики ({would.drafts}) и файлы в них ({would.pieces}) будут уничтожены;",
        f"• отправленные отчёты ({would.reports}) останутся документами школы без вашего имени;",
        "• имя, номер учётной записи и переписка с ботом будут стёрты, напоминаний больше не будет.",
        "",
        "То, что уже видно на экранах Telegram у вас и у тех, кто проверял отчёты, бот удалить не может.",
    ]
    if would.sole_administrator:
        lines.append(
            "Вы единственный администратор: новую ссылку сможет дать только тот, кто обслуживает бота."
        )
    return Screen(
        "\n".join(lines),
        column(
            button("Да, отозвать и удалить", Action.PRIVACY_ERASE, would.person_id),
            button("Нет, оставить как есть", Action.PRIVACY),
        ),
    )


def erased(done: Erasure) -> Screen:
    """Say the last word: what was destroyed, and by which act."""
    return Screen(
        f"Согласие отозвано, ваши данные уничтожены: акт № {done.id}. Отправленные отчёты "
        f"({done.facts['reports']}) остались документами школы, уже без вашего имени.\n\nЭтот чат можно "
        "удалить в Telegram. Если понадобится войти снова, попросите у координатора ссылку-приглашение."
    )


def act(found: Act) -> Screen:
    """Word the act of destruction as the order asks for it; of the person a number is named."""
    facts = found.facts
    return Screen(
        f"<b>Акт об уничтожении персональных данных № {found.number}</b>\n\n"
        f"Оператор: {said(found.operator, 200)}. Адрес: ____________\n"
        f"Чьи данные уничтожены: участник № {found.person_id}.\n"
        "Информационная система: бот «Дорожная карта».\n"
        "Уничтожено: имя и номер учётной записи Telegram, номер чата; "
        f"переписка с ботом (сообщений: {facts['letters']}, полученных: {facts['updates']}); "
        f"неотправленные черновики ({facts['drafts']}) с файлами ({facts['pieces']}); имя, телефоны и адреса "
        f"в отчётах ({facts['reports']}), которые остаются документами организации.\n"
        "Способ: удаление и замена записей в базе данных; файлы и освободившееся место очищаются при "
        "ближайших уборках, в течение двух суток.\n"
        "Причина: отзыв согласия субъектом персональных данных "
        f"{day(local_date(found.asked_at, found.zone))} (152-ФЗ, ст. 9 и ст. 21, ч. 5).\n"
        f"Дата уничтожения: {day(local_date(found.done_at, found.zone))}.\n"
        "Уничтожил: программа, по нажатию самого субъекта. Ответственный (Ф. И. О., должность, подпись): "
        "____________\n\n"
        "<i>Приказ Роскомнадзора от 28.10.2022 № 179. Впишите адрес и ответственного, подпишите и храните "
        "3 года; запись журнала с теми же сведениями хранит бот.</i>"
    )
