"""Other answers than a report, for both sides: what is asked, the card of whoever decides, the decision."""

from collections.abc import Sequence
from datetime import date, timedelta

from models.assignments import Appeal, AppealKind, AppealState, AssignmentState
from plans.answers.short import Short
from plans.calendar import local_date
from services.appeal_views import AppealView
from services.appeals import AlreadyAsked, AlreadyDecided, Choices, Made, NoLongerOwed
from services.deciding import UnfitDay
from services.items import ItemView
from services.reports import DraftView
from views.actions import Action, button, column, page_of, pager
from views.screen import Button, Keyboard, Screen
from views.words import count, day, form, item, moment, said, whole

FORTNIGHT = timedelta(days=14)
KINDS = tuple(AppealKind)  # a button carries the place of a kind
TITLES = {
    AppealKind.IN_PROGRESS: "🔧 В работе",
    AppealKind.EXTENSION: "📅 Просят перенести срок",
    AppealKind.HELP: "🆘 Нужна помощь",
    AppealKind.NOT_OURS: "↪️ «Не наш пункт»",
}
NO_LONGER_OWED = {
    AssignmentState.ON_REVIEW: "Отчёт по этому пункту уже на проверке: сначала нужно решение по нему.",
}
CLOSED = "По этому пункту отчёт больше не нужен, решать по нему нечего."
SHORT = {
    Short.IN_PROGRESS: (AppealKind.IN_PROGRESS, "Это «в работе», не отчёт"),
    Short.EXTENSION: (AppealKind.EXTENSION, "Попросить перенос срока"),
    Short.HELP: (AppealKind.HELP, "Спросить координатора"),
    Short.NOT_OURS: (AppealKind.NOT_OURS, "Сообщить: не наш пункт"),
}
NEXT = "Назовите день, например: «до {example}»."


def other_button(found: ItemView) -> Button:
    """Give the button that opens the other answers about an item."""
    return button("Другой ответ", Action.OTHER, found.assignment_id)


def appeal_buttons(draft: DraftView) -> tuple[Button, ...]:
    """Offer to turn a draft whose words are no report into the other answer they mean."""
    if draft.short not in SHORT:
        return ()
    kind, label = SHORT[draft.short]
    return (button(label, Action.AS_APPEAL, draft.report_id, KINDS.index(kind)),)


# --- what an executor sees -------------------------------------------------------------------


def choices(found: Choices) -> Screen:
    """Quote an item and offer the other answers about it, and what may be taken back."""
    lines = [*_about(found.item), ""]
    lines += [f"⏳ {_asked(one)}: ждём решения координатора." for one in found.asked]
    lines.append("Если отчитаться пока не получается, выберите, как обстоит дело:")
    place = found.item.assignment_id
    return Screen(
        "\n".join(lines),
        (
            (
                button("🔧 В работе", Action.PROGRESS, place),
                button("📅 Нужен перенос", Action.EXTENSION, place),
            ),
            (
                button("🆘 Нужна помощь", Action.HELP_ME, place),
                button("↪️ Не наш пункт", Action.NOT_OURS, place),
            ),
            *column(
                *(
                    button(f"Отозвать: {_asked(one).lower()}", Action.TAKE_BACK, one.appeal_id)
                    for one in found.asked
                )
            ),
        ),
    )


def ask(found: ItemView, kind: AppealKind) -> Screen:
    """Ask the one thing that an answer of this kind needs."""
    head = "\n".join(_about(found))
    place = found.assignment_id
    if kind is AppealKind.IN_PROGRESS:
        return Screen(
            f"{head}\n\nКоротко: что уже сделано?",
            column(button("Без слов", Action.NO_WORDS, place)),
        )
    if kind is AppealKind.EXTENSION:
        example = f"до {_example(found)}, карантин"
        return Screen(
            f"{head}\n\nДо какого дня перенести и почему? Напишите одним сообщением, например: «{example}».",
            placeholder=example,
        )
    if kind is AppealKind.HELP:
        return Screen(
            f"{head}\n\nЧто нужно? Напишите вопрос одним сообщением: его получит координатор.",
            placeholder="Ваш вопрос",
        )
    return Screen(
        f"{head}\n\nПочему это не ваш пункт? Напишите в двух словах: решает координатор.",
        column(button("Без объяснений", Action.NO_REASON, place)),
    )


def made(found: Made) -> Screen:
    """Say what has been kept, who hears of it, and that the date stands until somebody decides."""
    view = found.view
    if view.lacks_day:
        return _ask_day(found)
    head = f"{_where(view)}{_quoted(view.text)}"
    if view.kind is AppealKind.IN_PROGRESS:
        return Screen(f"🔧 Записал: пункт в работе.\n{head}\n\n{_stands(view)} Отчёт всё равно нужен.")
    if view.kind is AppealKind.EXTENSION:
        assert view.wanted is not None  # otherwise it lacks its day
        asked = f"📅 Просьба о переносе на {_day(view.wanted, view)}.\n{head}"
        return Screen(f"{asked}\n\n{_passed_on(found)} {_until_decided(view)}")
    if view.kind is AppealKind.HELP:
        return Screen(f"🆘 Вопрос записан.\n{head}\n\n{_passed_on(found)} {_stands(view)}")
    return Screen(f"↪️ Записал: не ваш пункт.\n{head}\n\n{_passed_on(found)} {_until_decided(view)}")


def _ask_day(found: Made) -> Screen:
    """Ask kindly for the day an extension lacks; the words are kept."""
    view = found.view
    if found.unfit is not None:
        why = (
            f"На {_day(found.unfit, view)} перенести нельзя: нужен рабочий день впереди, "
            f"позже нынешнего срока — {_day(view.item.due, view)}."
        )
    else:
        why = "Не понял, до какого дня перенести."
    return Screen(
        f"Записал ваши слова.\n{_where(view)}{_quoted(view.text)}\n\n{why} "
        f"{NEXT.format(example=_example(view.item))}\n\n"
        "Если назвать день трудно, его назначит координатор: через два часа передам ему просьбу как есть.",
        column(
            button("Пусть день назначит координатор", Action.LEAVE_DAY, view.appeal_id),
            button("Отозвать просьбу", Action.TAKE_BACK, view.appeal_id),
        ),
    )


def day_left(found: Made) -> Screen:
    """Say that whoever decides names the day."""
    return Screen(
        f"📅 Просьба о переносе, день назначит координатор.\n{_where(found.view)}"
        f"{_quoted(found.view.text)}\n\n{_passed_on(found)} {_until_decided(found.view)}"
    )


def taken_back(view: AppealView) -> Screen:
    """Say that nothing is asked any more."""
    return Screen(f"Отозвано: {_asked(view).lower()}.\n{_where(view)}\n\n{_stands(view)}")


def decision(view: AppealView) -> Screen:
    """Tell the executors what the issuer's side decided, and what to do next."""
    who = f"Решение: {said(view.decided_by or '', 80)}."
    if view.kind is AppealKind.EXTENSION and view.state is AppealState.GRANTED:
        return Screen(
            f"✅ <b>Срок перенесён:</b> {_where(view)}\n{_moved(view)} {who}{_quoted(view.text)}\n\n"
            "Напоминания придут к новому сроку."
        )
    if view.kind is AppealKind.EXTENSION:
        return Screen(
            f"<b>Срок не перенесён:</b> {_where(view)}{_quoted(view.text)}\n"
            f"Почему: {whole(view.answer, 1000)}\n{who}\n\n{_stands(view)} {REPORT}"
        )
    if view.kind is AppealKind.HELP:
        return Screen(
            f"💬 <b>Ответ на ваш вопрос:</b> {_where(view)}{_quoted(view.text)}\n"
            f"{whole(view.answer, 2000)}\n{said(view.decided_by or '', 80)}\n\n{_stands(view)} {REPORT}"
        )
    if view.state is AppealState.GRANTED:
        return Screen(
            f"✅ <b>Пункт снят с вашей организации:</b> {_where(view)}{_quoted(view.text)}\n{who} "
            "Отчитываться по нему не нужно, напоминаний больше не будет."
        )
    return Screen(
        f"<b>Пункт остаётся за вами:</b> {_where(view)}{_quoted(view.text)}\n"
        f"Почему: {whole(view.answer, 1000)}\n{who}\n\n{_stands(view)} {REPORT}"
    )


REPORT = "Чтобы отчитаться, ответьте на это сообщение текстом, фото или файлом."


# --- what those who decide see ---------------------------------------------------------------


def card(view: AppealView) -> Screen:
    """Show an appeal to whoever decides, with the decisions there are; a decided one says which it was."""
    lines = [
        f"<b>{TITLES[view.kind]}: {said(view.item.organisation, 60)} · {item(view.item.number)}</b>",
        said(view.item.title, 300),
        f"Срок: {_day(view.item.due, view)}{_late(view.item)}",
        f"Написано: {moment(view.made_at, view.time_zone)}, {said(view.author, 80)}",
    ]
    if view.text:
        lines.append(f"<blockquote>{whole(view.text)}</blockquote>")
    if view.state is not AppealState.OPEN:
        return Screen("\n".join([*lines, "", outcome(view)]))
    return Screen("\n".join([*lines, *_warnings(view)]), _decisions(view))


def _warnings(view: AppealView) -> list[str]:
    """Say what hangs on the decision."""
    if view.kind is AppealKind.NOT_OURS:
        further = f"Вместе с этим снимутся и другие сроки пункта: {view.further}." if view.further else ""
        alone = (
            "⚠️ Других исполнителей у пункта на этот срок нет: если снять, выполнять его будет некому, "
            "и в сводке его не станет."
        )
        return [line for line in (further, "" if view.others else alone) if line]
    if view.kind is not AppealKind.EXTENSION:
        return []
    if view.wanted is None or view.new_due is None:
        return ["До какого дня перенести, не сказано: день назначаете вы."]
    lines = [f"Просят: до {_day(view.wanted, view)}"]
    if view.new_due != view.wanted:
        lines.append(f"Это нерабочий день: срок станет предшествующим рабочим — {_day(view.new_due, view)}.")
    if view.plan_ends is not None and view.wanted > view.plan_ends:
        lines.append(f"⚠️ Это позже конца плана — {_day(view.plan_ends, view)}.")
    return lines


def _decisions(view: AppealView) -> Keyboard:
    """Give the buttons of the decisions there are."""
    if view.kind is AppealKind.HELP:
        return column(button("Ответить", Action.REPLY, view.appeal_id))
    if view.kind is AppealKind.NOT_OURS:
        return column(
            button("Снять с организации", Action.TAKE_OFF, view.appeal_id),
            button("Пункт ваш", Action.REPLY, view.appeal_id),
        )
    refuse = button("Отказать", Action.REPLY, view.appeal_id)
    if view.new_due is None:
        return column(button("Назначить день", Action.OTHER_DAY, view.appeal_id), refuse)
    grant = button(f"Перенести до {_day(view.new_due, view)}", Action.GRANT, view.appeal_id)
    return ((grant,), (button("Другая дата", Action.OTHER_DAY, view.appeal_id), refuse))


def ask_other_day(view: AppealView) -> Screen:
    """Ask until when to move a date."""
    return Screen(
        f"До какого дня перенести срок: {_whose(view)}? Сейчас срок — {_day(view.item.due, view)}.",
        placeholder=f"до {_example(view.item)}",
    )


def ask_word(view: AppealView) -> Screen:
    """Ask for the words that a decision needs: an answer, or why not."""
    if view.kind is AppealKind.HELP:
        return Screen(
            f"Напишите ответ одним сообщением: {_whose(view)}.{_quoted(view.text)}", placeholder="Ваш ответ"
        )
    if view.kind is AppealKind.NOT_OURS:
        return Screen(
            f"Почему пункт остаётся за организацией: {_whose(view)}? Напишите в двух словах.",
            placeholder="Почему пункт их",
        )
    return Screen(
        f"Почему срок не переносим: {_whose(view)}? Напишите в двух словах.", placeholder="Почему нет"
    )


def outcome(view: AppealView) -> str:
    """Say what was decided, and by whom."""
    who = said(view.decided_by or "", 80)
    if view.state is AppealState.NOTED:
        return "Просьбу отозвали: решать ничего не нужно."
    if view.state is AppealState.OPEN:
        return "Решения ещё нет."
    if view.state is AppealState.ANSWERED:
        return f"💬 Ответ дан: {who}. «{said(view.answer, 300)}»"
    if view.state is AppealState.GRANTED:
        done = (
            f"срок перенесён. {_moved(view)}"
            if view.kind is AppealKind.EXTENSION
            else "пункт снят с организации."
        )
        return f"✅ {done[0].upper()}{done[1:]} Решение: {who}."
    done = "в переносе отказано" if view.kind is AppealKind.EXTENSION else "пункт остаётся за организацией"
    return f"✖️ {done[0].upper()}{done[1:]}: {who}. «{said(view.answer, 300)}»"


def listed(found: Sequence[AppealView], page: int) -> Screen:
    """List the appeals that wait for a decision; each opens as its card."""
    if not found:
        return Screen("Обращений, которые ждут решения, нет.", column(button("« Сводка", Action.STATUS)))
    shown = page_of(found, page)
    lines = [
        f"{TITLES[view.kind]}: {said(view.item.organisation, 40)}, {item(view.item.number)} "
        f"{said(view.item.title, 60)} — с {moment(view.made_at, view.time_zone)}"
        for view in shown
    ]
    opened = [
        button(
            f"{view.item.organisation}: п. {(view.item.number or '?').rstrip('.')}"[:60],
            Action.APPEAL,
            view.appeal_id,
        )
        for view in shown
    ]
    return Screen(
        "\n".join(["<b>✋ Ждут вашего решения</b>", "", *lines]),
        column(*opened)
        + pager(Action.APPEALS, (), page, len(found))
        + column(button("« Сводка", Action.STATUS)),
    )


# --- what lists and cards say of what there was ----------------------------------------------


def moved(found: Sequence[Appeal], *, zone: str, today: date) -> str:
    """Say of a moved date what it was, and when that was decided; each move in its turn."""
    moves = []
    for appeal in found:
        assert appeal.due_before is not None  # a granted extension keeps it
        assert appeal.answered_at is not None  # and when it was granted
        on = day(local_date(appeal.answered_at, zone), today=today)
        moves.append(f"с {day(appeal.due_before, today=today)} (решение координатора от {on})")
    return f"срок перенесён {', затем '.join(moves)}" if moves else ""


def notes(found: Sequence[Appeal], zone: str) -> list[str]:
    """Say what was told of the work in progress, a line each; the authors are loaded."""
    return [
        f"🔧 В работе, {moment(appeal.made_at, zone)}, {said(appeal.author.name, 60)}"
        + (f": «{said(appeal.text, 300)}»" if appeal.text else "")
        for appeal in found
    ]


# --- refusals --------------------------------------------------------------------------------


def already_asked(refusal: AlreadyAsked) -> Screen:
    """Say who asks the same, since when, and that a decision is waited for."""
    view = refusal.view
    who = "вы" if refusal.own else said(view.author, 80)
    return Screen(
        f"Уже спросили: {_asked(view).lower()} — {moment(view.made_at, view.time_zone)}, {who}. "
        f"Ждём решения, ответ придёт сюда.\n{_where(view)}"
    )


def already_decided(refusal: AlreadyDecided) -> Screen:
    """Say who decided before, and what."""
    view = refusal.view
    if view.state is AppealState.NOTED:
        return Screen(f"{outcome(view)}\n{_whose(view)}")
    return Screen(f"Уже решено: {_whose(view)}.\n{outcome(view)}")


def no_longer_owed(refusal: NoLongerOwed) -> Screen:
    """Say why nothing is to be asked or decided of an item."""
    return Screen(NO_LONGER_OWED.get(refusal.state, CLOSED))


def unfit_day(refusal: UnfitDay) -> Screen:
    """Say which days a date may be moved to."""
    return Screen(
        f"На {day(refusal.day)} перенести нельзя: нужен рабочий день впереди, позже нынешнего срока — "
        f"{day(refusal.due)}. Нажмите «Другая дата» и назовите другой день."
    )


def day_not_understood() -> Screen:
    """Ask for one day."""
    return Screen("Не понял, до какого дня перенести. Напишите один день, например: «до 20 мая».")


# --- words of this page ----------------------------------------------------------------------


def _about(found: ItemView) -> list[str]:
    """Quote an item with its date."""
    today = found.due - timedelta(days=found.days_left)
    return [
        f"<b>{item(found.number)}</b> {said(found.title, 300)}",
        f"🗓 Срок: {day(found.due, today=today)}{_late(found)}",
    ]


def _where(view: AppealView) -> str:
    return f"<b>{item(view.item.number)}</b> {said(view.item.title, 200)}"


def _whose(view: AppealView) -> str:
    return f"{said(view.item.organisation, 60)}, {item(view.item.number)}"


def _asked(view: AppealView) -> str:
    return {
        AppealKind.IN_PROGRESS: "В работе",
        AppealKind.EXTENSION: "Перенос срока",
        AppealKind.HELP: "Вопрос координатору",
        AppealKind.NOT_OURS: "Не наш пункт",
    }[view.kind]


def _quoted(text: str) -> str:
    return f"\n<blockquote>{whole(text, 1000)}</blockquote>" if text else ""


def _late(found: ItemView) -> str:
    late = -found.days_left
    return f", {form(late, 'gone')} {count(late, 'day')}" if late > 0 else ""


def _day(value: date, view: AppealView) -> str:
    return day(value, today=view.item.due - timedelta(days=view.item.days_left))


def _example(found: ItemView) -> str:
    """Give a day an extension could ask for."""
    today = found.due - timedelta(days=found.days_left)
    return day(max(found.due, today) + FORTNIGHT, today=today)


def _moved(view: AppealView) -> str:
    """Say the date there was and the date there is."""
    assert view.due_before is not None  # a granted extension keeps it
    return f"Был {_day(view.due_before, view)}, теперь {_day(view.item.due, view)}."


def _stands(view: AppealView) -> str:
    return f"Срок прежний: {_day(view.item.due, view)}."


def _until_decided(view: AppealView) -> str:
    return f"Пока решения нет, срок прежний — {_day(view.item.due, view)}, и напоминания приходят."


def _passed_on(found: Made) -> str:
    if found.deciders:
        return "Передал координатору, ответ придёт сюда."
    return "Координатора в боте пока нет: просьба сохранена и дождётся его. Если срочно, позвоните в отдел."
