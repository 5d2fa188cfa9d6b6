"""«Сколько из скольких?»: the figure in an answer, which may hold other words.

A figure is read only where the whole text leaves one reading. A negation, a doubt («около»), a plan
(«будет»), a question, a second figure: None, and a person is asked again.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from plans.answers.marks import marks_of
from plans.answers.shapes import counts_in, is_bare_number, is_certain, shares_in

WHOLE = Decimal(100)  # percent
SAME_SHARE = Decimal(1)  # percentage points by which a rounded «62 %» may differ from its «15 из 24»


@dataclass(frozen=True)
class SaidFigure:
    """What was said, in exactly one of these forms.

    - ``numerator`` and ``denominator``: «15 из 24»;
    - ``percent`` alone: «62 %», the base is still to be asked;
    - ``percent`` and ``denominator``: «62 % из 24», see ``settled``.

    Nothing is checked yet: counts may be negative and percents over 100 (``check``). Where ``whole`` is
    False a count was said with a fraction («15 из 24,5»); its whole part stands here and may not be kept.
    """

    numerator: int | None = None
    denominator: int | None = None
    percent: Decimal | None = None
    whole: bool = True


class FigureTrouble(StrEnum):
    """Why a figure that was understood cannot be true."""

    NOT_WHOLE = "not_whole"
    NEGATIVE = "negative"
    ZERO_BASE = "zero_base"
    MORE_THAN_ALL = "more_than_all"
    OVER_HUNDRED = "over_hundred"


@dataclass(frozen=True)
class Settled:
    """How many of a base a percent is; ``exact`` is False where it had to be rounded."""

    numerator: int
    exact: bool


def read_figure(text: str) -> SaidFigure | None:
    """Return the one figure in ``text``, None if there is none, more than one, or any doubt.

    Where a count and its percent are both said and agree within a point («15 из 24 (62 %)»), the count
    is the figure. Never raises.
    """
    marks = marks_of(text)
    if marks is None or not is_certain(marks):
        return None
    counts, shares = counts_in(marks), shares_in(marks)
    if None in counts or None in shares or len(counts) > 1 or len(shares) > 1:
        return None
    said = {_of_count(*count) for count in counts if count is not None}
    percents = {SaidFigure(percent=share[0], denominator=share[1]) for share in shares if share is not None}
    if not said:
        return percents.pop() if percents else None
    figure = said.pop()
    return figure if all(_agree(figure, percent) for percent in percents) else None


def bare_number(text: str) -> int | None:
    """Return the number that is the whole answer to «от скольких?»: «24», «двадцать четыре», «всего 24».

    0 and up; None where the text holds another figure, a doubt, or more words than an answer has.
    """
    marks = marks_of(text)
    number = None if marks is None else is_bare_number(marks)
    return int(number.value) if number is not None and number.value >= 0 else None


def check(figure: SaidFigure) -> FigureTrouble | None:
    """Tell why ``figure`` cannot be true, None where it can: the first trouble in the order of the enum."""
    part, base, percent = figure.numerator, figure.denominator, figure.percent
    troubles = {
        FigureTrouble.NOT_WHOLE: not figure.whole,
        FigureTrouble.NEGATIVE: any(number is not None and number < 0 for number in (part, base, percent)),
        FigureTrouble.ZERO_BASE: base == 0,
        FigureTrouble.MORE_THAN_ALL: part is not None and base is not None and part > base,
        FigureTrouble.OVER_HUNDRED: percent is not None and percent > WHOLE,
    }
    return next((trouble for trouble in FigureTrouble if troubles[trouble]), None)


def settled(percent: Decimal, base: int) -> Settled:
    """Return how many of ``base`` are ``percent`` of it, to the nearest whole number, halves up.

    62 % of 24 is 14.88: 15, not exact. Rounding may give all of them (99 % of 24 → 24) or none, so what
    is not exact is shown before it is kept. ValueError for a percent outside 0..100 or a base below 1.
    """
    if not (0 <= percent <= WHOLE and base > 0):
        raise ValueError(percent, base)
    share = percent * base / WHOLE
    nearest = share.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return Settled(int(nearest), exact=nearest == share)


def _of_count(part: Decimal, base: Decimal) -> SaidFigure:
    return SaidFigure(int(part), int(base), whole=part == int(part) and base == int(base))


def _agree(count: SaidFigure, share: SaidFigure) -> bool:
    """Whether the percent is that of the count, as people round."""
    if share.denominator not in {None, count.denominator} or not count.denominator or share.percent is None:
        return False
    return abs(Decimal(count.numerator or 0) * WHOLE / count.denominator - share.percent) <= SAME_SHARE
