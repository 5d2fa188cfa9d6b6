"""One hostile file: what it is sent as, how it is made, and what must become of it."""

from collections.abc import Callable
from dataclasses import dataclass

READ = "read"  # neutralised: the plan in it is read, and nothing else of it
KILLED = "killed"  # by the limits of its process
ORDER = "План на 2023 год\n\n№\tМероприятие\tСрок\tОтветственные\n1\tСеминар\tмай 2023\tШколы\n"


@dataclass(frozen=True)
class Hostile:
    """A file called ``name``; ``outcomes`` are kinds of refusal, READ or KILLED."""

    about: str
    name: str
    make: Callable[[], bytes]
    outcomes: tuple[str, ...]


def hostile(about: str, name: str, make: Callable[[], bytes], *outcomes: str) -> Hostile:
    """Name a case; what takes more than one outcome is damaged, and may be read or refused so."""
    return Hostile(about, name, make, outcomes)
