"""What a deadline phrase is cut into, and the cursor that rules read it with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from plans.deadlines.words import Kind


@dataclass(frozen=True)
class Token:
    """One piece: its kind, its meaning, and where it stands in the cleaned text."""

    kind: Kind
    text: str
    start: int
    end: int
    value: int | str = 0
    day: tuple[int | None, int, int | None] = (None, 0, None)  # day, month, year of a date in figures
    capital: bool = False  # begins with a capital letter, where not all letters are
    doubtful: bool = False  # nearly a month, and not near enough to be read as one

    @property
    def number(self) -> int:
        """The value of a token that counts."""
        return self.value if isinstance(self.value, int) else 0


T = TypeVar("T")


class Cursor:
    """A place in a row of tokens; a rule takes what it knows and leaves the rest."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def is_over(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self.tokens)

    @property
    def rest(self) -> Sequence[Token]:
        """What is left."""
        return self.tokens[self.at :]

    def sees(self, *kinds: Kind) -> bool:
        """Whether the next tokens are of these kinds."""
        at = self.at  # the first strange token tells: this is asked more often than anything else
        for kind in kinds:
            if at >= len(self.tokens) or self.tokens[at].kind is not kind:
                return False
            at += 1
        return True

    def take(self, *kinds: Kind) -> Sequence[Token] | None:
        """Take the next tokens if they are of these kinds, all or none."""
        if not self.sees(*kinds):
            return None
        self.at += len(kinds)
        return self.tokens[self.at - len(kinds) : self.at]

    def one(self, *kinds: Kind) -> Token | None:
        """Take the next token if it is of one of these kinds."""
        if self.at >= len(self.tokens) or self.tokens[self.at].kind not in kinds:
            return None
        self.at += 1
        return self.tokens[self.at - 1]

    def attempt(self, rule: Callable[["Cursor"], T]) -> T:
        """Follow ``rule``; if it does not apply, everything it took is put back."""
        before = self.at
        found = rule(self)
        if found is None:
            self.at = before
        return found
