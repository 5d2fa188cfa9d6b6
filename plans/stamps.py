"""Stamps above a plan: «УТВЕРЖДАЮ», beside «СОГЛАСОВАНО», «ПРИНЯТО», «РАССМОТРЕНО»."""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

STAMP = re.compile(r"^\W*утвержда(ю|ем)\b", re.IGNORECASE)
AGREED = re.compile(r"^\W*(согласован[оаы]?|принят[оаы]?|рассмотрен[оаы]?|одобрен[оаы]?)\b", re.IGNORECASE)
# Two stamps in one line, with nothing but spaces between them.
BESIDE = re.compile(
    r"^(?:\s*\W?(?:согласован|принят|рассмотрен|одобрен|утвержд)\w*\W{0,2}?)\s{2,}"
    r"(?=\W?(?:согласован|принят|рассмотрен|одобрен|утвержд)\w*)",
    re.IGNORECASE,
)
GAP = re.compile(r"\s{2,}")
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


def one_under_another(texts: Sequence[str]) -> list[tuple[str, int]]:
    """Give the lines of paragraphs, and of which one each is; two stamps side by side one after the other.

    In Word each of their lines is a paragraph of its own.
    """
    lines = [(line, block) for block, text in enumerate(texts) for line in text.splitlines()]
    first = next((place for place, (line, _) in enumerate(lines) if BESIDE.match(line)), None)
    if first is None:
        return lines
    middle = len(lines[first][0].rstrip()) - len(GAP.split(lines[first][0].strip())[-1])
    end = _end(lines, first, middle)
    parted = [(*_parted(line, middle), block) for line, block in lines[first:end]]
    left, right = [(one, block) for one, _, block in parted], [(other, block) for _, other, block in parted]
    return [*lines[:first], *left, *right, *lines[end:]]


def _end(lines: Sequence[tuple[str, int]], first: int, middle: int) -> int:
    """Tell where two stamps end: under the last line that has a right half."""
    within = range(first, min(len(lines), first + LONGEST_STAMP))
    return max(place for place in within if _parted(lines[place][0], middle)[1]) + 1


def _parted(line: str, middle: int) -> tuple[str, str]:
    """Part a line into what stands on its left and on its right."""
    bare = line.rstrip()
    gap = min(GAP.finditer(bare, 1), key=lambda one: abs(one.end() - middle), default=None)
    if gap is not None and bare[: gap.start()].strip():
        return bare[: gap.start()], bare[gap.end() :]
    begins = len(bare) - len(bare.lstrip())
    return ("", bare) if begins > middle // 2 else (bare, "")
