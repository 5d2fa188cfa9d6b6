"""Whether some words are a date at all, whatever the plan says about itself."""

import datetime as dt
from functools import lru_cache

from plans.deadline import Reading, SchoolTerm, Unknown
from plans.deadlines import is_inverted, read_deadlines

SOME_TERMS = (
    SchoolTerm(dt.date(2026, 9, 1), dt.date(2026, 10, 25)),
    SchoolTerm(dt.date(2026, 11, 2), dt.date(2026, 12, 28)),
    SchoolTerm(dt.date(2027, 1, 11), dt.date(2027, 3, 26)),
    SchoolTerm(dt.date(2027, 4, 5), dt.date(2027, 5, 26)),
)
SOME_TRIMESTERS = (
    SchoolTerm(dt.date(2026, 9, 1), dt.date(2026, 11, 20)),
    SchoolTerm(dt.date(2026, 12, 1), dt.date(2027, 2, 20)),
    SchoolTerm(dt.date(2027, 3, 1), dt.date(2027, 5, 26)),
)
# A plan that knows everything about itself: nothing is unknown for want of a period or a year.
ANY_PLANS = (
    Reading(dt.date(2026, 1, 1), dt.date(2026, 12, 31), None, dt.date(2026, 1, 1), SOME_TERMS),
    Reading(dt.date(2026, 9, 1), dt.date(2027, 5, 31), 2026, dt.date(2026, 8, 1), SOME_TERMS),
    Reading(dt.date(2026, 9, 1), dt.date(2027, 5, 31), 2026, dt.date(2026, 8, 1), SOME_TRIMESTERS),
)


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
