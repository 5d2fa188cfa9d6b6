"""School quarters that a department may start from; its own calendar comes first.

Schools set their terms themselves within the recommendations of the ministry and the region, so these
are a default to be edited, never a reason to read «1 четверть» in a year that is not listed. The grammar
knows only what a ``Reading`` brings: four terms of a school year are quarters, three are trimesters.
"""

import datetime as dt

from plans.deadline import SchoolTerm

# By the first calendar year. 2023: the terms most regions took, e.g. Lipetsk
# (sh48-lipeck-r42.gosweb.gosuslugi.ru/roditelyam-i-uchenikam/kanikuly).
_TERMS: dict[int, tuple[tuple[dt.date, dt.date], ...]] = {
    2023: (
        (dt.date(2023, 9, 1), dt.date(2023, 10, 27)),
        (dt.date(2023, 11, 6), dt.date(2023, 12, 29)),
        (dt.date(2024, 1, 8), dt.date(2024, 3, 22)),
        (dt.date(2024, 4, 1), dt.date(2024, 5, 24)),
    ),
    # 2025: recommended by the ministry of education of Russia (tass.ru/obschestvo/24811955).
    2025: (
        (dt.date(2025, 9, 1), dt.date(2025, 10, 24)),
        (dt.date(2025, 11, 3), dt.date(2025, 12, 30)),
        (dt.date(2026, 1, 12), dt.date(2026, 3, 27)),
        (dt.date(2026, 4, 6), dt.date(2026, 5, 26)),
    ),
}


def recommended_terms(school_year: int) -> tuple[SchoolTerm, ...]:
    """Return the four quarters of the school year that begins in ``school_year``; () if not known."""
    return tuple(SchoolTerm(start, end) for start, end in _TERMS.get(school_year, ()))
