"""Stamps above a plan: «УТВЕРЖДАЮ», beside «СОГЛАСОВАНО», «ПРИНЯТО», «РАССМОТРЕНО»."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

STAMP = re.compile(r"^\W*утвержда(ю|ем)\b", re.IGNORECASE)
AGREED = re.compile(r"^\W*(согласован[оаы]?|принят[оаы]?|рассмотрен[оаы]?|одобрен[оаы]?)\b", re.IGNORECASE)
# Two stamps in one line, with nothing but spaces between them.
BESIDE = re.compile(
    r"^(?P<left>\s*\W?(?:согласован|принят|рассмотрен|одобрен|утвержд)\w*\W{0,2})\s{3,}"
    r"(?=\W?(?:согласован|принят|рассмотрен|одобрен|утвержд)\w*)",
    re.IGNORECASE | re.MULTILINE,
)
GAP = re.compile(r"\s{3,}")
One = TypeVar("One")
LONGEST_STAMP = 12  # lines


def without_agreements(lines: Sequence[One], text_of: Callable[[One], str]) -> list[One]:
    """Leave out the stamps that agree to a plan and stand before the one that approves it."""
    said = [text_of(line) for line in lines]
    stamp = next((place for place, text in enumerate(said) if STAMP.match(text)), None)
    if stamp is None:
        return list(lines)
    earliest = max(0, stamp - 2 * LONGEST_STAMP)
    agreed = next((place for place in range(earliest, stamp) if AGREED.match(said[place])), stamp)
    return [*lines[:agreed], *lines[stamp:]]


def one_under_another(text: str) -> Iterator[str]:
    """Yield the lines of a paragraph; two stamps side by side one after the other."""
    lines = text.splitlines()
    first = next((place for place, line in enumerate(lines) if BESIDE.match(line)), None)
    if first is None:
        yield from lines
        return
    yield from lines[:first]
    found = BESIDE.match(lines[first])
    middle = found.end() if found is not None else 0
    parted = [_parted(line, middle) for line in lines[first:]]
    yield from (left for left, _ in parted)
    yield from (right for _, right in parted)


def _parted(line: str, middle: int) -> tuple[str, str]:
    """Part a line into what stands on its left and on its right."""
    bare = line.rstrip()
    gap = min(GAP.finditer(bare, 1), key=lambda one: abs(one.end() - middle), default=None)
    if gap is not None and bare[: gap.start()].strip():
        return bare[: gap.start()], bare[gap.end() :]
    begins = len(bare) - len(bare.lstrip())
    return ("", bare) if begins > middle // 2 else (bare, "")
