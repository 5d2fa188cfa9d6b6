"""Demands: choosing whom to ask, the preview, the grounds; what is asked, and what came back."""

from collections.abc import Callable, Sequence

from models.assignments import EvidenceKind
from models.organisations import Organisation, OrganisationKind
from services.demands import MOST_A_WEEK, MOST_TEXT, Asked, Crowded, Draft, Says, Sent
from services.replies import Reply
from views.actions import Action, button, column, page_of, pager
from views.reviews import METHODS
from views.screen import Keyboard, Payload, Screen, message
from views.words import count, moment, pieces, said, whole

MOST_NAMES = 12
INVITE: Keyboard = column(button("Пригласить", Action.INVITES))
NO_CAPTION = (EvidenceKind.VIDEO_NOTE,)


def choice(places: Sequence[Organisation], page: int) -> Screen:
    """Ask whom the demand is for."""
    if not places:
        return Screen("Спросить пока некого: никто из исполнителей ещё не вошёл.", INVITE)
    schools = sum(place.kind is OrganisationKind.SCHOOL for place in places)
    everyone = (
        column(button(f"Всем школам: {count(schools, 'school')}", Action.ASK_ALL))
        if schools > 1 and page == 0
        else ()
    )
    return Screen(
        "<b>Разовый запрос</b>\nЭто вопрос помимо дорожной карты: он придёт исполнителям один раз, "
        "без срока и напоминаний. Кого спросить?",
        everyone
        + column(
            *(button(place.short_name[:60], Action.ASK_PLACE, place.id) for place in page_of(places, page))
        )
        + pager(Action.ASK, (), page, len(places)),
    )


def names(found: Sequence[str]) -> str:
    """Name organisations in one line, not more than a dozen of them."""
    line = ", ".join(said(name, 40) for name in found[:MOST_NAMES])
    return f"{line} и ещё {len(found) - MOST_NAMES}" if len(found) > MOST_NAMES else line


def ask_text(draft: Draft) -> Screen:
    """Ask for the text of a demand."""
    return Screen(
        f"Напишите запрос одним сообщением: что прислать и к какому дню.\nКому: {names(draft.places)}.",
        placeholder="Текст запроса",
    )


def preview(draft: Draft) -> Screen:
    """Show a demand before it is sent."""
    lines = [
        "<b>Проверьте запрос</b>",
        f"Кому: {names(draft.places)}.",
        f"<blockquote>{whole(draft.text, MOST_TEXT)}</blockquote>",
    ]
    if draft.grounds:
        lines.append(f"Почему нельзя подождать: {said(draft.grounds, 300)}")
    lines.append(_when(draft) if draft.waits else "Придёт сразу после отправки.")
    return Screen(
        "\n".join(lines),
        (
            (
                button("Отправить", Action.DEMAND_SEND, draft.demand_id),
                button("Отменить", Action.DEMAND_DROP, draft.demand_id),
            ),
        ),
    )


def _when(found: Draft | Sent) -> str:
    return (
        f"Придёт {moment(found.speak_at, found.time_zone)}: вечером, ночью и в выходные бот школам не пишет."
    )


def ask_grounds(crowded: Sequence[Crowded]) -> Screen:
    """Ask why a demand cannot wait: the organisation has been asked often enough this week."""
    return Screen(
        f"{_often(crowded)} Напишите, почему нельзя подождать.", placeholder="Почему нельзя подождать"
    )


def _often(crowded: Sequence[Crowded]) -> str:
    if len(crowded) > 1:
        places = names([one.name for one in crowded])
        return f"На этой неделе уже отправлено по {MOST_A_WEEK} запросов и больше: {places}."
    one = crowded[0]
    whom = "школе" if one.is_school else "организации"
    more = "" if one.sent == MOST_A_WEEK else "больше "
    return f"На этой неделе {whom} уже отправлено {more}{MOST_A_WEEK} запросов ({said(one.name, 60)})."


def grounds_needed(crowded: Sequence[Crowded]) -> Screen:
    """Say that a demand beyond the week's number does not go without its grounds."""
    return Screen(f"{_often(crowded)} Без обоснования запрос не уйдёт. Начните ещё раз: /ask")


def grounds_too_short() -> Screen:
    """Say that a word or two are no grounds."""
    return Screen(
        "Слишком коротко. Напишите хотя бы несколько слов: почему этот запрос нельзя отложить "
        "до следующей недели."
    )


def too_long(length: int) -> Screen:
    """Say that a text does not fit."""
    return Screen(
        f"Получилось {length} знаков, а в одно сообщение помещается {MOST_TEXT}. "
        "Сократите, пожалуйста, и пришлите ещё раз."
    )


def nobody_to_ask(name: str | None) -> Screen:
    """Say that nobody would read the demand."""
    where = said(name, 60) if name else "Школы"
    return Screen(f"{where}: спросить некого, место исполнителя никто не занял.", INVITE)


def gone() -> Screen:
    """Say that a demand cannot be changed or sent any more."""
    return Screen("Этот запрос уже отправлен или отменён. Новый запрос: /ask")


def given_up() -> Screen:
    """Confirm that a demand was not sent."""
    return Screen("Запрос отменён: никому ничего не отправлено. Новый запрос: /ask")


def sent(found: Sent) -> Screen:
    """Confirm that a demand is on its way, and say who will not read it."""
    lines = [f"✅ Запрос отправлен {count(found.people, 'to_person')}: {names(found.places)}."]
    if found.waits:
        lines.append(_when(found))
    if found.silent:
        lines.append(f"Не получат, там некому: {names(found.silent)}. Пригласить людей: /invite")
    lines.append("Ответы придут сюда.")
    return Screen("\n".join(lines))


def asked(found: Asked) -> Screen:
    """Ask an executor what their coordinator wants to know."""
    return Screen(
        f"<b>Запрос координатора</b> · {said(found.organisation, 60)}\n"
        f"{said(found.author, 80)} спрашивает:\n"
        f"<blockquote>{whole(found.text, MOST_TEXT)}</blockquote>\n"
        "Это разовый запрос, не пункт дорожной карты. Ответьте на это сообщение текстом, фото или файлом: "
        "ответ получит тот, кто спросил."
    )


def words(found: Reply) -> Screen:
    """Give the words of an answer to who asked."""
    part = f" ({found.part} из {found.parts})" if found.parts > 1 else ""
    text = (
        f"<blockquote>{whole(found.text, 4000)}</blockquote>"
        if found.text
        else "Видеосообщение — следующим сообщением."
    )
    return Screen(f"{_head(found)}{part}\n{text}")


def _head(found: Reply) -> str:
    answer = "исправленный ответ" if found.edition else "ответ"
    return (
        f"{'✏️' if found.edition else '💬'} <b>{said(found.organisation, 60)}</b>, {said(found.person, 80)}: "
        f"{answer} на запрос «{said(found.asked, 120)}»"
    )


def passed(found: Reply) -> Screen:
    """Confirm to who answered that it was passed on."""
    return Screen(f"Передал координатору: {pieces(found.held, found.text)}.")


def passed_again() -> Screen:
    """Confirm to who edited an answer that the new words were passed on."""
    return Screen("✏️ Исправление передал координатору.")


def unheard(found: Reply) -> Screen:
    """Tell who asked that nobody was there to be asked."""
    return Screen(
        f"Запрос не дошёл: {said(found.organisation, 60)}, место исполнителя свободно.\n"
        f"<blockquote>{said(found.asked, 300)}</blockquote>",
        INVITE,
    )


SCREENS: dict[Says, Callable[[Reply], Screen]] = {
    Says.WORDS: words,
    Says.PASSED: passed,
    Says.UNHEARD: unheard,
}


def reply(found: Reply, chat_id: int) -> Payload:
    """Word a letter about the answer to a demand as one call."""
    if found.says is Says.PIECES:
        return _album(found, chat_id)
    return message(SCREENS[found.says](found), chat_id, reply_to=found.reply_to)


def _album(found: Reply, chat_id: int) -> Payload:
    """Word the pieces of an answer, as they came together: one of them, or an album."""
    caption: Payload = {"caption": _head(found), "parse_mode": "HTML"}
    (kind, file_id), *others = found.pieces
    method, field = METHODS[kind]
    if not others:
        call: Payload = {"method": method, "chat_id": chat_id, field: file_id}
        return call if kind in NO_CAPTION else call | caption
    media: list[Payload] = [{"type": METHODS[one][1], "media": file_id} for one, file_id in found.pieces]
    media[0] |= caption
    return {"method": "sendMediaGroup", "chat_id": chat_id, "media": media}
