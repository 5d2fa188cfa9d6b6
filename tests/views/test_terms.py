"""School terms on the screen, and what is said of terms nobody can read."""

from datetime import date

import pytest

from plans.deadline import SchoolTerm
from plans.school_terms import TermsNotRead, Wrong
from views import terms as views

TRIMESTERS = (
    SchoolTerm(date(2026, 9, 1), date(2026, 11, 30)),
    SchoolTerm(date(2026, 12, 7), date(2027, 2, 28)),
    SchoolTerm(date(2027, 3, 1), date(2027, 5, 26)),
)


@pytest.mark.parametrize("wrong", Wrong)
def test_every_refusal_says_what_is_wrong_and_how_to_write(wrong: Wrong) -> None:
    screen = views.refused(TermsNotRead(wrong, said="<1.09–31.09>", year=2027, found=2))
    assert "2027/2028: 01.09–25.10, 02.11–28.12" in screen.text
    assert "<1.09" not in screen.text
    assert screen.placeholder is not None
    assert len(screen.placeholder) <= 64
    assert {character for character in screen.text.split("\n", 1)[0] if character in "{}"} == set()


def test_an_own_year_takes_the_place_of_the_recommended_one() -> None:
    text = views.shown({2025: TRIMESTERS, 2026: TRIMESTERS}).text
    assert "<b>2025/2026</b> — ваши" in text
    assert "<b>2023/2024</b> — рекомендованные" in text
    assert "1 триместр: 01.09–30.11\n    каникулы: 01.12–06.12\n2 триместр: 07.12–28.02\n3 триместр" in text


def test_only_the_latest_years_are_shown() -> None:
    text = views.shown(dict.fromkeys(range(2026, 2040), TRIMESTERS)).text
    assert "2039/2040" in text
    assert "2033/2034" not in text
    assert len(text) < 4000
