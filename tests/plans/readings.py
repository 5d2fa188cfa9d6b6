"""Plans that deadline phrases are read against in tests."""

import datetime as dt

from plans.deadline import Reading, SchoolTerm
from plans.school_terms import recommended_terms

YEAR = Reading(dt.date(2021, 1, 1), dt.date(2021, 12, 31))
LONG = Reading(dt.date(2021, 1, 1), dt.date(2024, 12, 31))
SCHOOL = Reading(dt.date(2023, 9, 1), dt.date(2024, 5, 31), 2023, None, recommended_terms(2023))
TRIMESTERS = Reading(
    SCHOOL.period_start,
    SCHOOL.period_end,
    2023,
    None,
    (
        SchoolTerm(dt.date(2023, 9, 1), dt.date(2023, 11, 30)),
        SchoolTerm(dt.date(2023, 12, 1), dt.date(2024, 2, 29)),
        SchoolTerm(dt.date(2024, 3, 1), dt.date(2024, 5, 24)),
    ),
)
NOTHING = Reading()
