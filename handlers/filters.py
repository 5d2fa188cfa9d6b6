"""Filters: they route, and decide nothing."""

from datetime import datetime
from typing import Any

from aiogram.enums import ChatType, ContentType
from aiogram.filters import Filter
from aiogram.types import Message

from models import Session
from models.letters import LetterKind, QuestionKind
from models.people import Role
from plans.correction import read_correction
from plans.pasting import looks_like_order
from services import letters, questions, works
from services.access import Actor

EVIDENCE = frozenset(
    (
        *(ContentType.TEXT, ContentType.PHOTO, ContentType.DOCUMENT, ContentType.VIDEO),
        *(ContentType.VIDEO_NOTE, ContentType.VOICE, ContentType.AUDIO, ContentType.ANIMATION),
    )
)


class InGroup(Filter):
    """A message in a group."""

    async def __call__(self, message: Message) -> bool:
        """Tell whether the chat is not private."""
        return message.chat.type != ChatType.PRIVATE


class FromStranger(Filter):
    """A message of somebody without a seat."""

    async def __call__(self, message: Message, actor: Actor | None) -> bool:  # noqa: ARG002
        """Tell whether nobody is known behind the message."""
        return actor is None


class Holds(Filter):
    """A message of somebody who holds one of these roles."""

    def __init__(self, *roles: Role) -> None:
        self.roles = roles

    async def __call__(self, message: Message, actor: Actor | None) -> bool:  # noqa: ARG002
        """Tell whether one of the actor's seats is of these roles."""
        return actor is not None and actor.has(*self.roles)


class Answers(Filter):
    """A text that answers the chat's open question of one of these kinds."""

    def __init__(self, *kinds: QuestionKind) -> None:
        self.kinds = kinds

    async def __call__(self, message: Message, session: Session, now: datetime) -> bool | dict[str, Any]:
        """Give the subject of the question and its kind, if it is asked for and the message has text."""
        if not message.text or message.text.startswith("/"):
            return False
        asked = await questions.asked(session, message.chat.id, now=now)
        if asked is None or asked.kind not in self.kinds:
            return False
        return {"subject_id": asked.subject_id, "kind": asked.kind}


class Expects(Filter):
    """Any message in a chat where a question of this kind is open."""

    def __init__(self, kind: QuestionKind) -> None:
        self.kind = kind

    async def __call__(self, message: Message, session: Session, now: datetime) -> bool:
        """Tell whether the question is open."""
        asked = await questions.asked(session, message.chat.id, now=now)
        return asked is not None and asked.kind is self.kind


class Corrects(Filter):
    """A text that corrects a draft on the screen in words: «п. 5 срок: …». A reply to a reminder does not."""

    kinds = (
        *(QuestionKind.PLAN, QuestionKind.ROW, QuestionKind.DEADLINE, QuestionKind.ANCHOR),
        *(QuestionKind.EXECUTORS, QuestionKind.TITLE, QuestionKind.RESULT),
    )

    async def __call__(self, message: Message, session: Session, now: datetime) -> bool | dict[str, Any]:
        """Give what is corrected, and what is on the screen."""
        found = read_correction(message.text or "")
        if found is None:
            return False
        asked = await questions.asked(session, message.chat.id, now=now)
        if asked is None or asked.kind not in self.kinds or asked.subject_id is None:
            return False
        if message.reply_to_message is not None:
            letter = await letters.answered_by(
                session, chat_id=message.chat.id, message_id=message.reply_to_message.message_id
            )
            if letter is not None and letter.kind is LetterKind.REMINDER:
                return False
        return {"correction": found, "subject": (asked.kind, asked.subject_id)}


class PastesOrder(Filter):
    """A pasted order, or the next piece of one."""

    async def __call__(self, message: Message, session: Session, now: datetime) -> bool:
        """Tell whether a text reads as an order, or one is being pasted in this chat."""
        if not message.text or message.text.startswith("/") or message.reply_to_message is not None:
            return False
        if looks_like_order(message.text):
            return True
        return await works.pasting(session, message.chat.id, now=now) is not None


class SendsFile(Filter):
    """A document that is no answer to anything: an order or a list of schools."""

    def __init__(self, *suffixes: str) -> None:
        self.suffixes = suffixes

    async def __call__(self, message: Message) -> bool:
        """Tell whether a document of such a suffix (or of any) stands alone."""
        if message.document is None or message.reply_to_message is not None:
            return False
        name = (message.document.file_name or "").casefold()
        return not self.suffixes or name.endswith(self.suffixes)


class SendsPhoto(Filter):
    """A photo."""

    async def __call__(self, message: Message) -> bool:
        """Tell whether the message is a photo."""
        return bool(message.photo)


class Reportable(Filter):
    """A message that can be evidence: words, a picture, a recording or a file."""

    async def __call__(self, message: Message) -> bool:
        """Tell whether the message holds anything of the kind."""
        is_command = bool(message.text and message.text.startswith("/"))
        return message.content_type in EVIDENCE and not is_command
