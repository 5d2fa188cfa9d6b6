"""Replies: what an executor answers to a demand is passed on to who asked, words and pieces alike.

Nothing of it is a report. Each photo of an album is a message of its own; what has not gone yet takes the
further ones in, and the album is acknowledged once.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import select

from models import Session
from models.assignments import EvidenceKind
from models.letters import Demand, Letter, LetterKind, LetterState
from models.organisations import Organisation
from models.people import Person
from services import demands, letters
from services.access import Actor
from services.cards import ALBUM_SETTLES
from services.demands import Says
from services.incoming import Incoming
from services.letters import Priority

PART = 3000  # characters of an answer in one message, beside what is said round them


@dataclass(frozen=True)
class Reply:
    """What a letter says of the answer to a demand; ``pieces`` as Telegram names them.

    ``part`` of ``parts``: a long answer is several messages. ``held`` counts what was passed on.
    ``edition``: how often its author has edited the message until then.
    """

    says: Says
    organisation: str
    asked: str
    person: str
    text: str
    part: int
    parts: int
    pieces: tuple[tuple[EvidenceKind, str], ...]
    held: Mapping[EvidenceKind, int]
    reply_to: int | None
    edition: int = 0


async def answered(session: Session, message: Incoming) -> int | None:
    """Give the demand a message answers: by its letter, by our word about an answer, or by its album."""
    if message.reply_to is not None:
        found = await letters.answered_by(session, chat_id=message.chat_id, message_id=message.reply_to)
    else:
        found = await _letter(session, _passed_key(message)) if message.media_group_id else None
    if found is None or not _speaks_to_executor(found):
        return None
    demand_id: int | None = found.facts.get("demand_id")  # nothing is left of one that was destroyed
    return demand_id


def _speaks_to_executor(letter: Letter) -> bool:
    """Tell a demand, and the word that an answer was passed on, from what coordinators read."""
    passed = letter.kind is LetterKind.REPLY and letter.facts.get("says") == Says.PASSED
    return letter.kind is LetterKind.DEMAND or passed


async def receive(
    session: Session, actor: Actor, demand_id: int, message: Incoming, *, now: datetime
) -> None:
    """Pass an answer on to who asked, or to the present coordinators, and plan the one acknowledgement."""
    demand = await session.get_one(Demand, demand_id)
    place = await session.get_one(Organisation, demand.organisation_id)
    facts = {"demand_id": demand.id, "person_id": actor.person.id}
    for person in await demands.listeners(session, demand, place, besides=actor.person.id):
        await _pass_words(session, person, message, facts, now)
        if message.piece is not None:
            await _pass_piece(session, person, message, facts, now)
    await _acknowledge(session, actor, message, facts, now)


async def revise(session: Session, actor: Actor, message: Incoming, *, now: datetime) -> bool:
    """Pass the words of an answer on again if they were edited; tell whether they were."""
    demand_id = await answered(session, message)
    known = await _words_passed(session, message) if demand_id is not None else []
    if not known or message.text.strip() in ("", _last_words(known)):
        return False
    demand = await session.get_one(Demand, demand_id)
    place = await session.get_one(Organisation, demand.organisation_id)
    edition = known[-1].facts.get("edition", 0) + 1
    facts = {"demand_id": demand.id, "person_id": actor.person.id, "edition": edition}
    for person in await demands.listeners(session, demand, place, besides=actor.person.id):
        await _pass_words(session, person, message, facts, now)
    return True


async def _words_passed(session: Session, message: Incoming) -> list[Letter]:
    """List the letters that passed the words of a message on, one reader's, the oldest first."""
    passed = await session.scalars(
        select(Letter)
        .where(Letter.key.startswith(f"reply:{message.chat_id}:{message.message_id}:", autoescape=True))
        .order_by(Letter.id)
    )
    found = list(passed)
    return [letter for letter in found if letter.person_id == found[-1].person_id]


def _last_words(known: Sequence[Letter]) -> str:
    last = known[-1].facts.get("edition", 0)
    return "".join(letter.facts["text"] for letter in known if letter.facts.get("edition", 0) == last)


async def _pass_words(
    session: Session, person: Person, message: Incoming, facts: dict[str, Any], now: datetime
) -> None:
    """Write the words, in as many messages as they need; a piece without a caption is announced by one."""
    edition = f":e{facts['edition']}" if "edition" in facts else ""
    text = message.text.strip()
    nameless = message.piece is not None and message.piece.kind is EvidenceKind.VIDEO_NOTE
    parts = [text[start : start + PART] for start in range(0, len(text), PART)] or ([""] if nameless else [])
    for number, part in enumerate(parts, start=1):
        await letters.write(
            session,
            key=f"reply:{message.chat_id}:{message.message_id}:{person.id}:{number}{edition}",
            kind=LetterKind.REPLY,
            chat_id=person.chat_id,
            person_id=person.id,
            now=now,
            priority=Priority.CARD,
            facts={**facts, "says": Says.WORDS, "text": part, "part": number, "parts": len(parts)},
        )


async def _pass_piece(
    session: Session, person: Person, message: Incoming, facts: dict[str, Any], now: datetime
) -> None:
    """Put a piece into the letter of its album that has not gone yet, or into a new one."""
    assert message.piece is not None  # asked for by the caller
    piece = [message.message_id, message.piece.kind.value, message.piece.file_id]
    for number in count():
        key = f"pieces:{_bunch(message)}:{person.id}:{number}"
        known = await _letter(session, key)
        if known is None:
            await letters.write(
                session,
                key=key,
                kind=LetterKind.REPLY,
                chat_id=person.chat_id,
                person_id=person.id,
                now=now,
                not_before=_settled(message, now),
                priority=Priority.CARD,
                facts={**facts, "says": Says.PIECES, "pieces": [piece]},
            )
            return
        if known.state is LetterState.WAITING:
            known.facts = {**known.facts, "pieces": sorted([*known.facts["pieces"], piece])}
            known.not_before = _settled(message, now)
            known.payload = None  # one that could not go was worded before this came
            return


async def _acknowledge(
    session: Session, actor: Actor, message: Incoming, facts: dict[str, Any], now: datetime
) -> None:
    """Say once to who answered that it was passed on; a further piece of an album is counted in."""
    said = await _letter(session, _passed_key(message))
    kinds = [message.piece.kind.value] if message.piece is not None else []
    if said is None:
        await letters.write(
            session,
            key=_passed_key(message),
            kind=LetterKind.REPLY,
            chat_id=message.chat_id,
            person_id=actor.person.id,
            now=now,
            not_before=_settled(message, now),
            priority=Priority.ANSWER,
            facts={
                **facts,
                "says": Says.PASSED,
                "text": message.text.strip()[:1],
                "held": kinds,
                "reply_to": message.message_id,
            },
        )
    elif said.state is LetterState.WAITING:
        said.facts = {
            **said.facts,
            "text": said.facts["text"] or message.text.strip()[:1],
            "held": said.facts["held"] + kinds,
        }
        said.not_before = _settled(message, now)
        said.payload = None


async def _letter(session: Session, key: str) -> Letter | None:
    return await session.scalar(select(Letter).where(Letter.key == key))


def _bunch(message: Incoming) -> str:
    """Name what is passed on together: an album, or a message alone."""
    album = f"album:{message.media_group_id}" if message.media_group_id else str(message.message_id)
    return f"{message.chat_id}:{album}"


def _passed_key(message: Incoming) -> str:
    return f"passed:{_bunch(message)}"


def _settled(message: Incoming, now: datetime) -> datetime:
    """Give the moment at which an album counts as whole; a message alone is whole at once."""
    return now + ALBUM_SETTLES if message.media_group_id else now


async def view(session: Session, letter: Letter) -> Reply:
    """Give what a letter about the answer to a demand says."""
    facts = letter.facts
    demand = await session.get_one(Demand, facts["demand_id"])
    place = await session.get_one(Organisation, demand.organisation_id)
    person = await session.get(Person, facts.get("person_id", 0))
    return Reply(
        says=Says(facts["says"]),
        organisation=place.short_name,
        asked=demand.text,
        person=person.name if person is not None else "",
        text=facts.get("text", ""),
        part=facts.get("part", 1),
        parts=facts.get("parts", 1),
        pieces=tuple((EvidenceKind(kind), file_id) for _, kind, file_id in facts.get("pieces", ())),
        held=Counter(EvidenceKind(kind) for kind in facts.get("held", ())),
        reply_to=facts.get("reply_to"),
        edition=facts.get("edition", 0),
    )
