"""What became of a call: the outcomes a sender can report."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Delivered:
    """Telegram took it; ``message_ids`` are what it became (none for calls that say nothing)."""

    message_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Later:
    """Not now: try again after ``seconds``; ``unknown`` where it may have been delivered all the same.

    Not ``counted`` is what surely never reached the server, or what the server put off itself.
    """

    seconds: float
    why: str
    unknown: bool = False
    counted: bool = True


@dataclass(frozen=True)
class Dropped:
    """Never: ``unreachable`` where the reader is the reason."""

    why: str
    unreachable: bool = False


@dataclass(frozen=True)
class Rewrite:
    """Not like this: the same thing said by another call."""

    call: dict[str, Any]
    why: str


@dataclass(frozen=True)
class Moved:
    """The group became a supergroup with another id."""

    chat_id: int


Outcome = Delivered | Later | Dropped | Rewrite | Moved
