"""Other answers than a report: in progress, an extension, help, «not ours»; and what is decided of them."""

from datetime import datetime

from aiogram.filters import Filter
from aiogram.types import Message

from handlers.press import Press, Routes
from models import Session
from models.assignments import AppealKind
from models.letters import QuestionKind
from services import appeals, deciding, letters, questions
from services.access import Actor
from services.appeals import Made, Moot
from services.refusals import NotFound
from views import appeals as views
from views.actions import Action
from views.refusals import refuse
from views.screen import Answer, Edit, Screen

KIND_OF = {
    QuestionKind.PROGRESS: AppealKind.IN_PROGRESS,
    QuestionKind.EXTENSION: AppealKind.EXTENSION,
    QuestionKind.HELP: AppealKind.HELP,
    QuestionKind.NOT_OURS: AppealKind.NOT_OURS,
}
QUESTION_OF = {kind: question for question, kind in KIND_OF.items()}


class ToTheQuestion(Filter):
    """A text that is said to what was asked: no reply, or one to the question or to the card it is about.

    A reply to anything else (a reminder, an own photo) is about that, and is left to other routes.
    """

    async def __call__(self, message: Message, session: Session, now: datetime) -> bool:
        """Tell whether a message answers the open question of its chat."""
        if message.reply_to_message is None:
            return True
        asked = await questions.asked(session, message.chat.id, now=now)
        letter = await letters.answered_by(
            session, chat_id=message.chat.id, message_id=message.reply_to_message.message_id
        )
        if asked is None or letter is None:
            return False
        of_card = letter.facts.get("appeal_id")
        return letter.created_at >= asked.asked_at or of_card == abs(asked.subject_id or 0)


# --- an executor -----------------------------------------------------------------------------


async def other(press: Press) -> Answer:
    """Open the other answers about an item; the pressed message stays as it is."""
    return views.choices(await appeals.choices(press.session, press.known, press.id(), now=press.now))


async def _ask(press: Press, kind: AppealKind) -> Screen:
    item = await appeals.answerable(press.session, press.known, press.id(), kind, now=press.now)
    await questions.ask(
        press.session,
        chat_id=press.chat_id,
        kind=QUESTION_OF[kind],
        subject_id=item.assignment_id,
        now=press.now,
    )
    return views.ask(item, kind)


async def progress(press: Press) -> Answer:
    """Ask what has been done so far."""
    return await _ask(press, AppealKind.IN_PROGRESS)


async def extension(press: Press) -> Answer:
    """Ask until when, and why."""
    return await _ask(press, AppealKind.EXTENSION)


async def help_me(press: Press) -> Answer:
    """Ask for the question."""
    return await _ask(press, AppealKind.HELP)


async def not_ours(press: Press) -> Answer:
    """Ask why the row is not the organisation's."""
    return await _ask(press, AppealKind.NOT_OURS)


async def words(
    message: Message, subject_id: int, kind: QuestionKind, session: Session, now: datetime, actor: Actor
) -> Answer:
    """Keep what was typed as the other answer that was asked for."""
    await questions.forget(session, message.chat.id)
    kind_, thread = KIND_OF[kind], message.message_id
    try:
        made = await appeals.make(
            session, actor, subject_id, kind_, message.text or "", now=now, thread=thread
        )
    except (Moot, NotFound) as refusal:  # what was asked is over, so the next text is no answer to it
        return refuse(refusal)
    return await _said(session, message.chat.id, made, now)


async def as_appeal(press: Press) -> Answer:
    """Turn an unsent draft into the other answer that its words are."""
    if not 0 <= press.id(1) < len(views.KINDS):
        raise NotFound
    kind = views.KINDS[press.id(1)]
    made = await appeals.from_draft(press.session, press.known, press.id(), kind, now=press.now)
    return Edit(await _said(press.session, press.chat_id, made, press.now))


async def _said(session: Session, chat_id: int, made: Made, now: datetime) -> Screen:
    """Answer an appeal; one that lacks its day keeps its question open."""
    if made.view.lacks_day:
        subject, kind = made.view.item.assignment_id, QuestionKind.EXTENSION
        await questions.ask(session, chat_id=chat_id, kind=kind, subject_id=subject, now=now)
    return views.made(made)


async def _wordless(press: Press, kind: AppealKind) -> Answer:
    made = await appeals.make(press.session, press.known, press.id(), kind, "", now=press.now)
    await _over(press, QUESTION_OF[kind], made.view.item.assignment_id)
    return Edit(views.made(made))


async def _over(press: Press, kind: QuestionKind, subject_id: int) -> None:
    """Close the question that a press has answered; another one stays open."""
    asked = await questions.asked(press.session, press.chat_id, now=press.now)
    if asked is not None and (asked.kind, asked.subject_id) == (kind, subject_id):
        await questions.forget(press.session, press.chat_id)


async def no_words(press: Press) -> Answer:
    """Note that the work goes on, without a word."""
    return await _wordless(press, AppealKind.IN_PROGRESS)


async def no_reason(press: Press) -> Answer:
    """Say that a row is not the organisation's, without a word."""
    return await _wordless(press, AppealKind.NOT_OURS)


async def leave_day(press: Press) -> Answer:
    """Let whoever decides name the day."""
    made = await appeals.leave_day(press.session, press.known, press.id(), now=press.now)
    await _over(press, QuestionKind.EXTENSION, made.view.item.assignment_id)
    return Edit(views.day_left(made))


async def take_back(press: Press) -> Answer:
    """Ask for nothing any more."""
    found = await appeals.take_back(press.session, press.known, press.id(), now=press.now)
    await _over(press, QuestionKind.EXTENSION, found.item.assignment_id)
    return Edit(views.taken_back(found))


# --- whoever decides -------------------------------------------------------------------------


async def listed(press: Press) -> Answer:
    """List what waits for the actor's decision."""
    return Edit(views.listed(await deciding.waiting(press.session, press.known, now=press.now), press.id()))


async def opened(press: Press) -> Answer:
    """Open one of them as its card."""
    return views.card(await deciding.undecided(press.session, press.known, press.id(), now=press.now))


async def grant(press: Press) -> Answer:
    """Move the date to the day that was asked for."""
    return Edit(views.card(await deciding.grant(press.session, press.known, press.id(), now=press.now)))


async def take_off(press: Press) -> Answer:
    """Take the row off the organisation."""
    return Edit(views.card(await deciding.take_off(press.session, press.known, press.id(), now=press.now)))


async def other_day(press: Press) -> Answer:
    """Ask until when to move the date."""
    found = await deciding.undecided(press.session, press.known, press.id(), now=press.now)
    await _ask_decider(press, deciding.about_day(found.appeal_id))
    return views.ask_other_day(found)


async def ask_reply(press: Press) -> Answer:
    """Ask for the answer, or for why not."""
    found = await deciding.undecided(press.session, press.known, press.id(), now=press.now)
    await _ask_decider(press, found.appeal_id)
    return views.ask_word(found)


async def _ask_decider(press: Press, subject_id: int) -> None:
    await questions.ask(
        press.session, chat_id=press.chat_id, kind=QuestionKind.REPLY, subject_id=subject_id, now=press.now
    )


async def reply(message: Message, subject_id: int, session: Session, now: datetime, actor: Actor) -> Answer:
    """Decide by the day or the words that were typed."""
    try:
        found = await deciding.reply(session, actor, subject_id, message.text or "", now=now)
    except (Moot, NotFound) as refusal:  # what was asked is over, so the next text is no answer to it
        await questions.forget(session, message.chat.id)
        return refuse(refusal)
    await questions.forget(session, message.chat.id)
    return views.card(found)


PRESSES: Routes = {
    Action.OTHER: other,
    Action.AS_APPEAL: as_appeal,
    Action.PROGRESS: progress,
    Action.EXTENSION: extension,
    Action.HELP_ME: help_me,
    Action.NOT_OURS: not_ours,
    Action.NO_WORDS: no_words,
    Action.NO_REASON: no_reason,
    Action.LEAVE_DAY: leave_day,
    Action.TAKE_BACK: take_back,
    Action.GRANT: grant,
    Action.OTHER_DAY: other_day,
    Action.REPLY: ask_reply,
    Action.TAKE_OFF: take_off,
    Action.APPEALS: listed,
    Action.APPEAL: opened,
}
