"""Whether some words are a date at all, whatever the plan says about itself."""

import datetime as dt
from functools import lru_cache

from plans.deadline import Reading, Unknown
from plans.deadlines import is_inverted, read_deadlines
from plans.school_terms import recommended_terms

SOME_YEAR = 2026
# A plan that knows everything about itself: nothing is unknown for want of a period or a year.
ANY_PLANS = (
    Reading(
        dt.date(SOME_YEAR, 1, 1), dt.date(SOME_YEAR, 12, 31), None, dt.date(SOME_YEAR, 1, 1),
        recommended_terms(SOME_YEAR),
    ),
    Reading(
        dt.date(SOME_YEAR, 9, 1), dt.date(SOME_YEAR + 1, 5, 31), SOME_YEAR, dt.date(SOME_YEAR, 8, 1),
        recommended_terms(SOME_YEAR),
    ),
)  # fmt: skip


@lru_cache(maxsize=20_000)
def is_date(text: str) -> bool:
    """Tell whether the words, all of them, say when something is due: «до 1 мая», «в течение года»."""
    if not any(char.isalnum() for char in text):
        return False
    return any(
        not any(isinstance(deadline, Unknown) for deadline in read_deadlines(text, plan))
        or is_inverted(text, plan)
        for plan in ANY_PLANS
    )
