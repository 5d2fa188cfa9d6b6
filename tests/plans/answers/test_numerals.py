import pytest

from plans.answers.numerals import read_numeral
from plans.answers.plain import plain
from tests.plans.answers.spoken import spoken


@pytest.mark.parametrize("genitive", [False, True])
def test_every_number_up_to_9999_is_read_from_its_words(genitive: bool) -> None:
    misread = [
        number
        for number in range(10_000)
        for words in [plain(spoken(number, genitive=genitive)).split()]
        if read_numeral(words) != (number, len(words))
    ]
    assert misread == []


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("двадцатью четырьмя", (24, 2)),
        ("двадцать четырех", (24, 2)),  # cases that do not agree
        ("двадцатью семью", (27, 2)),
        ("трое", (3, 1)),
        ("пятьнадцать", (15, 1)),  # as it is misspelled
        ("тысяча двести", (1200, 2)),
        ("двадцать пятнадцать", (20, 1)),  # two numbers, the first is taken
        ("пять шесть", (5, 1)),
        ("семью", None),  # a family
        ("тысячи людей", None),  # many
        ("педагогов двадцать", None),
        ("", None),
    ],
)
def test_the_longest_number_at_the_beginning_is_taken(words: str, read: tuple[int, int] | None) -> None:
    assert read_numeral(words.split()) == read
